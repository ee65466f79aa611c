"""The door: who is logged in, and what their documented roles let them do.

Flask-AppBuilder's security manager, put onto `users`, `roles`, `user_roles`
and `role_module_permissions`. There are no `ab_*` tables and no second set of
rights: every question FAB asks ends in `CrmSecurityManager.has_access`, every
other one in the `Viewer` made here.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import g, has_app_context
from flask_appbuilder.security.manager import BaseSecurityManager
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.access import passwords
from app.access.models import (
    Role,
    RoleModulePermission,
    RoleModulePermissionAccess,
    User,
    UserAuthMethod,
    UserRole,
)
from app.access.views import LoginView, PasswordView, ProfileView, SignInApi
from app.core.db import current_session, transaction
from app.core.guard import UNSTORABLE
from app.core.vault import Veiled
from app.core.viewer import NOBODY, SYSTEM, ModuleRight, Viewer, current_viewer

log = logging.getLogger(__name__)

ADMIN = "admin"
_READING = {"list", "show", "get", "info", "chart", "export", "menu_access", "index", "numbers"}
_ADDING = {"add", "post"}


def viewer_of(session: Session, user: User) -> Viewer:
    """The rights of a person: all active roles together, the most permissive wins. One statement."""
    mine, given = select(UserRole.role_id).where(UserRole.user_id == user.id), RoleModulePermission
    # Columns, not mapped rows: some hundred of them on every request.
    rows = session.execute(
        select(Role.name, Role.legacy_role, given.module_key, given.access, given.can_add, given.can_edit)
        .outerjoin(given, given.role_id == Role.id)
        .where(Role.is_active, or_(Role.id.in_(mine), Role.id == user.role_id))
        .order_by(Role.name)
    ).all()
    modules: dict[str, ModuleRight] = {}
    for row in rows:
        if row.access is RoleModulePermissionAccess.visible:
            right = ModuleRight(True, row.can_add, row.can_edit)
            modules[row.module_key] = modules.get(row.module_key, ModuleRight()).merged(right)
    return Viewer(
        user_id=user.id,
        name=user.full_name,
        email=user.email,
        role=", ".join(dict.fromkeys(row.name for row in rows)),
        countries=tuple(user.assigned_countries),
        modules=modules,
        everything=any(row.legacy_role == ADMIN for row in rows),
    )


def find_viewer() -> Viewer:
    """The viewer of this request, made once per person and request; nobody outside of one."""
    user = getattr(g, "user", None) if has_app_context() else None
    if user is None or not getattr(user, "is_authenticated", False):
        return NOBODY
    known: Viewer | None = getattr(g, "viewer", None)
    if known is None or known.user_id != user.id:
        known = g.viewer = viewer_of(current_session(), user)
    return known


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
        api = self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        # FAB limits the form only; the API is the same door.
        if self.is_auth_limited:
            for blueprint in (self.auth_view.blueprint, api.blueprint):
                self.limiter.limit(self.auth_rate_limit, methods=["POST"])(blueprint)
        self.user_view = self.appbuilder.add_view_no_menu(ProfileView())
        self.appbuilder.add_view_no_menu(PasswordView())

    def create_login_manager(self, app: Any) -> Any:
        manager = super().create_login_manager(app)
        manager.login_view = "LoginView.login"
        manager.login_message = None  # the page says it
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
        """The person behind a session or token, as long as the account is active."""
        user = self.get_user_by_id(pk)
        return user if user is not None and user.is_active else None

    def find_user(self, username: str | None = None, email: str | None = None) -> User | None:
        wanted = username or email
        column = User.username if username else User.email
        if not wanted:
            return None
        return self.session.scalars(select(User).where(func.lower(column) == wanted.lower())).one_or_none()

    def auth_user_db(self, username: str, password: str) -> User | None:
        """The person with this name (or e-mail) and password, else None; always about equally slow."""
        name = (username or "").strip()
        if UNSTORABLE.search(name + (password or "")):
            self._note_failure(name)
            return None
        user = self.find_user(username=name) or self.find_user(email=name)
        allowed = user is not None and user.is_active and user.auth_method is UserAuthMethod.local
        stored = user.password_hash.reveal() if user is not None else ""
        if user is None or not allowed or not stored.startswith(("scrypt:", "$2")):
            passwords.waste_time(password or "")
            self._note_failure(name)
            return None
        if not passwords.matches(password or "", stored):
            self._note_failure(name)
            return None
        if passwords.outdated(stored):
            with transaction(by=SYSTEM):
                user.password_hash = Veiled(passwords.hashed(password))
        log.info("login of %s", user.id)
        return user

    def _note_failure(self, name: str) -> None:
        # What was typed as a name may be a password: only its length is logged.
        log.warning("login failed for a name of %d characters", len(name))

    def reset_password(self, userid: Any, password: str) -> None:
        user = self.get_user_by_id(userid)
        if user is not None:
            with transaction(by=current_viewer()):
                user.password_hash = Veiled(passwords.hashed(password))

    # May they -------------------------------------------------------------

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the viewer may use a view: `view_name` is a module key, every unknown verb counts as a change."""
        viewer, verb = current_viewer(), permission_name.removeprefix("can_")
        if not viewer.user_id:
            return False
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
