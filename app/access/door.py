"""The door: who is logged in, and what their documented roles let them do.

Flask-AppBuilder's security manager, put onto `users`, `roles`, `user_roles`
and `role_module_permissions`. There are no `ab_*` tables and no second set of
rights: every question FAB asks ends in `CrmSecurityManager.has_access`, every
other one in the `Viewer` made here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import g, has_app_context, has_request_context, redirect, request
from flask import session as cookie
from flask_appbuilder.security.manager import BaseSecurityManager
from flask_jwt_extended import create_access_token, create_refresh_token
from flask_login import current_user, login_user
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from app.access import granted, limits, passwords, second_factor, services, sessions, viewing
from app.access.entrance import (
    CLAIM,
    WAITING,
    address,
    asks_by_itself,
    count,
    fresh_cookie,
    key_of,
    may_count,
    origin,
    settle_language,
)
from app.access.errors import PasswordDue
from app.access.models import (
    EndReason,
    Role,
    SessionKind,
    User,
    UserAuthMethod,
)
from app.access.views import PAGES, LoginView, ProfileView, SignInApi
from app.core import audit
from app.core.db import current_session, transaction
from app.core.faults import wants_json
from app.core.guard import UNSTORABLE
from app.core.types import utc_now
from app.core.vault import Veiled
from app.core.viewer import EXPORT, NOBODY, SYSTEM, Viewer, current_viewer

log = logging.getLogger(__name__)

_OPEN_TO_INITIAL_PASSWORDS = {
    "static", "healthz", "readyz", "PasswordView.own", "LoginView.login", "LoginView.logout", "LanguageView.index",
}  # fmt: skip
_READING = {"list", "show", "get", "info", "chart", "export", "menu_access", "index", "numbers"}
_ADDING = {"add", "post"}


def viewer_of(session: Session, user: User, rows: granted.Rows | None = None) -> Viewer:
    """The rights of a person: all active roles together, the most permissive wins.

    One statement; none where the `rows` of the roles are at hand.
    """
    names, rights = granted.merged_of(granted.of_person(session, user.id) if rows is None else rows)
    return Viewer(
        user_id=user.id,
        name=user.full_name,
        email=user.email,
        role=names,
        countries=tuple(user.assigned_countries),
        modules=rights.modules,
        fields=rights.fields,
        everything=rights.everything,
    )


def find_viewer() -> Viewer:
    """The viewer of this request, made once per person and request; nobody outside of one."""
    user = getattr(g, "user", None) if has_app_context() else None
    if user is None or not getattr(user, "is_authenticated", False):
        return NOBODY
    known: tuple[tuple[str, str], Viewer] | None = getattr(g, "viewer", None)
    # Not `user.id`: after a statement that failed nothing can be read before the transaction is undone.
    who = (str(inspect(user).identity[0]), viewing.chosen() if has_request_context() else "")
    if known is None or known[0] != who:
        own = viewer_of(current_session(), user, _come_along(who[0]))
        known = g.viewer = who, _eyes(own, who[1])
    return known[1]


def _come_along(person: str) -> granted.Rows | None:
    """What the roles give, as it was asked for together with the login of this request; once."""
    found: tuple[str, granted.Rows] | None = g.pop("granted", None)
    return found[1] if found is not None and found[0] == person else None


def _remembered(found: tuple[User, granted.Rows] | None) -> User | None:
    """The person of this request; the rows of the roles wait for who asks for the rights."""
    if found is None:
        return None
    g.granted = found[0].id, found[1]
    return found[0]


def _eyes(own: Viewer, chosen: str) -> Viewer:
    """An administrator's own rights, or those of the person through whose eyes he looks (`access.viewing`)."""
    other = viewing.watched(current_session(), own, chosen)
    g.pop("looking_as", None)
    if other is None:
        return own
    g.looking_as = other.full_name
    return replace(viewer_of(current_session(), other), behind=own.user_id)


def _must_change(user: User) -> bool:
    return user.must_change_password and user.auth_method is UserAuthMethod.local


class CrmSecurityManager(BaseSecurityManager):
    """Users and rights from the documented tables."""

    user_model = User
    role_model = Role
    authdbview = LoginView
    security_api = SignInApi

    @property
    def session(self) -> Session:
        return current_session()

    def register_views(self) -> None:
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        self.user_view = self.appbuilder.add_view_no_menu(ProfileView())
        for page in PAGES:
            self.appbuilder.add_view_no_menu(page())

    def create_login_manager(self, app: Any) -> Any:
        manager = super().create_login_manager(app)
        manager.login_view = "LoginView.login"
        manager.login_message = None  # the page says it
        app.before_request(self._hold_initial_passwords)
        return manager

    def create_jwt_manager(self, app: Any) -> Any:
        manager = super().create_jwt_manager(app)
        refuse = self._refuse_token
        manager.invalid_token_loader(lambda reason: refuse())
        manager.unauthorized_loader(lambda reason: refuse())
        manager.expired_token_loader(lambda header, data: refuse())
        manager.user_lookup_error_loader(lambda header, data: refuse())
        manager.revoked_token_loader(lambda header, data: refuse())
        return manager

    def _refuse_token(self) -> tuple[dict[str, str], int]:
        return {"message": "Sign in: send a valid token as Authorization: Bearer."}, 401

    # Who ------------------------------------------------------------------

    def get_user_by_id(self, pk: Any) -> User | None:
        return self.session.get(User, str(pk))

    def load_user(self, pk: Any) -> User | None:
        """The person behind a cookie, as long as its session lives and the account is active."""
        key = cookie.get(CLAIM)
        if not isinstance(key, str):
            return None
        now, quietly = utc_now(), asks_by_itself()
        return _remembered(sessions.person_of(self.session, key, str(pk), SessionKind.web, now=now, quietly=quietly))

    def load_user_jwt(self, _jwt_header: Any, jwt_data: Mapping[str, Any]) -> User | None:
        """The same for an access or refresh token. Raises PasswordDue."""
        key, pk = str(jwt_data.get(CLAIM)), str(jwt_data["sub"])
        user = _remembered(sessions.person_of(self.session, key, pk, SessionKind.api, now=utc_now()))
        if user is not None:
            if _must_change(user):
                raise PasswordDue
            g.user = user
        return user

    def _hold_initial_passwords(self) -> Any:
        """Whose password was chosen by somebody else gets no further than to the page that replaces it."""
        if request.endpoint in _OPEN_TO_INITIAL_PASSWORDS or request.path.startswith("/api/"):
            return None  # tokens are looked at when they are read
        if not current_user.is_authenticated or not _must_change(current_user):
            return None
        if wants_json() or request.method not in ("GET", "HEAD"):
            raise PasswordDue
        return redirect("/password/")

    def find_user(self, username: str | None = None, email: str | None = None) -> User | None:
        wanted = username or email
        column = User.username if username else User.email
        if not wanted:
            return None
        named = select(User).where(func.lower(column) == wanted.lower())
        return self.session.scalars(named, execution_options={"viewer": SYSTEM}).one_or_none()

    # Coming in and going out -------------------------------------------------

    def auth_user_db(self, username: str, password: str) -> User | None:
        """The person with this name (or e-mail) and password, else None; always about equally slow.

        Raises TooManyTries, for known and unknown names and for right and wrong passwords alike.
        """
        name, now = (username or "").strip(), utc_now()
        if UNSTORABLE.search(name + (password or "")):
            self._note_failure(name)
            return None
        counted = [key_of("address", address()), key_of("name", limits.folded_name(name))]
        count(counted, now)
        user = self.find_user(username=name) or self.find_user(email=name)
        if user is not None:
            # Counted by the account too, or a user name and an e-mail would double the tries. Not told: it would
            # say that both are one account.
            counted.append(key_of("person", user.id))
            user = user if may_count(counted[-1:], now) else None
        allowed = user is not None and user.is_active and user.auth_method is UserAuthMethod.local
        stored = user.password_hash.reveal() if user is not None else ""
        if user is None or not allowed or not stored.startswith(("scrypt:", "$2")):
            passwords.waste_time(password or "")
            self._note_failure(name)
            return None
        if not passwords.matches(password or "", stored):
            self._note_failure(name)
            return None
        with transaction(by=SYSTEM) as session:
            limits.take_back(session, counted, now=now)
            if passwords.outdated(stored):
                user.password_hash = Veiled(passwords.hashed(password))
        return user

    def await_code(self, user: User) -> None:
        """The password was right: hold the login on the server until the code of the second factor comes.

        Raises TooManyTries.
        """
        now = utc_now()
        count([key_of("waiting", user.id)], now)
        with transaction(by=SYSTEM) as session:
            key = sessions.begin(session, user, SessionKind.pending, origin(), now=now)
        fresh_cookie()
        cookie[WAITING] = key

    def check_code(self, user: User, code: str) -> bool:
        """Whether the code of the second factor is right; each opens once. Raises TooManyTries."""
        now = utc_now()
        counted = [key_of(f"code {limit.window}", user.id) for limit in limits.CODES]
        for key, limit in zip(counted, limits.CODES, strict=True):
            count([key], now, limit)
        with transaction(by=SYSTEM) as session:
            right = second_factor.verify(session, user, code, now=now)
            if right:
                limits.take_back(session, counted, now=now)
        if not right:
            self._note_failure(user.username)
        return right

    def confirm_password(self, user: User, typed: str) -> bool:
        """Whether a person who is logged in knows the own password. Raises TooManyTries."""
        now, counted = utc_now(), [key_of("confirm", user.id)]
        count(counted, now)
        right = passwords.matches(typed, user.password_hash.reveal())
        if right:
            with transaction(by=SYSTEM) as session:
                limits.take_back(session, counted, now=now)
        return right

    def enter(self, user: User) -> None:
        """Log the browser in."""
        self.begin_session(user)
        self._note_login(user)

    def begin_session(self, user: User) -> None:
        """A session with a new id for this browser; nothing of the visit before goes into it."""
        with transaction(by=SYSTEM) as session:
            waiting, now = cookie.get(WAITING), utc_now()
            if isinstance(waiting, str):
                sessions.end(session, waiting, EndReason.replaced, now=now)
            key = sessions.begin(session, user, SessionKind.web, origin(), now=now)
            settle_language(user)
        fresh_cookie()
        cookie[CLAIM] = key
        login_user(user)
        cookie.permanent = True

    def hand_out_tokens(self, user: User, *, refresh: bool) -> dict[str, str]:
        """Tokens of a new session."""
        with transaction(by=SYSTEM) as session:
            claims = {CLAIM: sessions.begin(session, user, SessionKind.api, origin(), now=utc_now())}
        tokens = {"access_token": create_access_token(user.id, fresh=True, additional_claims=claims)}
        if refresh:
            tokens["refresh_token"] = create_refresh_token(user.id, additional_claims=claims)
        self._note_login(user)
        return tokens

    def refreshed_token(self, claims: Mapping[str, Any]) -> str:
        """An access token of the same session as a refresh token's `claims`."""
        mine = {CLAIM: claims[CLAIM]}
        return create_access_token(claims["sub"], fresh=False, additional_claims=mine)

    def leave(self, user: User, key: str) -> None:
        """End the session of a cookie or token by its own person."""
        with transaction(by=SYSTEM) as session:
            ended = sessions.end(session, key, EndReason.logout, now=utc_now(), user_id=user.id)
        if ended:
            self._note_logout(user)

    def _note_login(self, user: User) -> None:
        log.info("login of %s", user.id)
        self._note("login", user)

    def _note_failure(self, name: str) -> None:
        # What was typed as a name may be a password: only its length is logged.
        log.warning("login failed for a name of %d characters", len(name))
        known = None if UNSTORABLE.search(name) else self.find_user(username=name) or self.find_user(email=name)
        audit.note_apart(
            "login_failed",
            entity_type="users",
            entity_id=known.id if known else None,
            details={"letters": len(name), "known": known is not None},
            by=SYSTEM,
        )

    def _note_logout(self, user: User) -> None:
        log.info("logout of %s", user.id)
        self._note("logout", user)

    def _note(self, action: str, user: User) -> None:
        """An entry of the audit trail about a person's coming and going."""
        who = Viewer(user.id, user.full_name)
        audit.note_apart(action, entity_type="users", entity_id=user.id, entity_name=user.full_name, by=who)

    def reset_password(self, userid: Any, password: str) -> None:
        user = self.get_user_by_id(userid)
        if user is not None:
            with transaction(by=current_viewer()) as session:
                services.set_password(session, user, password, initial=user.id != current_viewer().user_id)

    # May they -------------------------------------------------------------

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the viewer may use a view: `view_name` is a module key, every unknown verb counts as a change."""
        allowed = self._allowed(permission_name, view_name)
        g.refused = not allowed  # the audit trail notes it, however FAB answers
        return allowed

    def _allowed(self, permission_name: str, view_name: str) -> bool:
        viewer, verb = current_viewer(), permission_name.removeprefix("can_")
        if not viewer.user_id:
            return False
        if verb == "export":
            return viewer.sees(view_name) and viewer.sees(EXPORT)
        if verb in _READING:
            return viewer.sees(view_name)
        if verb in _ADDING:
            return viewer.may_add(view_name)
        return viewer.may_edit(view_name)

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        return {name for name in menu_names or () if current_viewer().sees(name)}

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        return False

    def get_public_role(self) -> None:
        return None

    def get_public_permissions(self) -> list[Any]:
        return []

    # FAB keeps its own list of permissions; ours are the documented tables. ---

    def create_db(self) -> None:
        """Migrations make the database."""

    def add_permissions_view(self, base_permissions: Any, view_menu: Any) -> None:
        """Rights are rows of `role_module_permissions`, not a copy of the views."""

    def add_permissions_menu(self, view_menu_name: str) -> None:
        """As above."""

    def security_cleanup(self, baseviews: Any, menus: Any) -> None:
        """Nothing is copied, so nothing is left over."""

    def security_converge(self, baseviews: Any, menus: Any, dry: bool = False) -> dict[str, Any]:
        return {}

    def get_first_user(self) -> None:
        return None

    def noop_user_update(self, user: Any) -> None:
        """The documented `users` has no login counter."""

    def update_user_auth_stat(self, user: Any, success: bool = True) -> None:
        """As above."""
