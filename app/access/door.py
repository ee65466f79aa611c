"""The door: who is logged in, and what their documented roles let them do.

Flask-AppBuilder's security manager, put onto `users`, `roles`, `user_roles`
and `role_module_permissions`. There are no `ab_*` tables and no second set of
rights: every question FAB asks ends in `CrmSecurityManager.has_access`, every
other one in the `Viewer` made here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from flask import g, has_app_context
from flask_appbuilder.security.manager import BaseSecurityManager
from sqlalchemy import Select, Text, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.access import passwords
from app.access.models import (
    Role,
    RoleFieldPermission,
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
from app.core.viewer import NOBODY, SYSTEM, ModuleRight, Right, Viewer, current_viewer

log = logging.getLogger(__name__)

ADMIN = "admin"
_READING = {"list", "show", "get", "info", "chart", "export", "menu_access", "index", "numbers"}
_ADDING = {"add", "post"}


def viewer_of(session: Session, user: User) -> Viewer:
    """The rights of a person: all active roles together, the most permissive wins. One statement.

    A field that a role does not name is editable for it, as long as the role shows the module.
    """
    roles: dict[str, tuple[str, str | None]] = {}
    modules: dict[str, dict[str, ModuleRight]] = {}
    fields: dict[str, dict[tuple[str, str], Right]] = {}
    for row in session.execute(_granted(user), execution_options={"viewer": SYSTEM}).all():
        roles[row.id] = (row.name, row.legacy_role)
        if row.field_key is not None:
            fields.setdefault(row.id, {})[row.module_key, row.field_key] = Right[row.access]
        elif row.access == RoleModulePermissionAccess.visible:
            modules.setdefault(row.id, {})[row.module_key] = ModuleRight(True, row.can_add, row.can_edit)
    return Viewer(
        user_id=user.id,
        name=user.full_name,
        email=user.email,
        role=", ".join(sorted({name for name, _legacy in roles.values()})),
        countries=tuple(user.assigned_countries),
        modules=_merged_modules(modules.values()),
        fields=_merged_fields(modules, fields),
        everything=any(legacy == ADMIN for _name, legacy in roles.values()),
    )


def _granted(user: User) -> Select[Any]:
    """Active roles of a person with what each says of modules and of fields."""
    mine = select(UserRole.role_id).where(UserRole.user_id == user.id)
    held = Role.is_active & or_(Role.id.in_(mine), Role.id == user.role_id)
    module, field = RoleModulePermission, RoleFieldPermission
    plain = select(
        Role.id, Role.name, Role.legacy_role, module.module_key, literal(None, Text).label("field_key"),
        module.access.cast(Text).label("access"), module.can_add, module.can_edit,
    ).outerjoin(module, module.role_id == Role.id).where(held)  # fmt: skip
    narrowed = select(
        Role.id, Role.name, Role.legacy_role, field.module_key, field.field_key,
        field.permission.cast(Text), literal(False), literal(False),
    ).join(field, field.role_id == Role.id).where(held)  # fmt: skip
    both = union_all(plain, narrowed).subquery()
    return select(both)


def _merged_modules(roles: Iterable[Mapping[str, ModuleRight]]) -> dict[str, ModuleRight]:
    merged: dict[str, ModuleRight] = {}
    for given in roles:
        for key, right in given.items():
            merged[key] = merged.get(key, ModuleRight()).merged(right)
    return merged


def _merged_fields(
    modules: Mapping[str, Mapping[str, ModuleRight]], fields: Mapping[str, Mapping[tuple[str, str], Right]]
) -> dict[str, dict[str, Right]]:
    """What is taken away by every role that shows the module; a role that does not name the field takes nothing."""
    named = {key for given in fields.values() for key in given}
    merged: dict[str, dict[str, Right]] = {}
    for module, name in named:
        showing = [role for role, given in modules.items() if module in given]
        right = max((fields.get(r, {}).get((module, name), Right.editable) for r in showing), default=Right.hidden)
        if right is not Right.editable:
            merged.setdefault(module, {})[name] = right
    return merged


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
        return self.session.get(User, str(pk), execution_options={"viewer": SYSTEM})

    def load_user(self, pk: Any) -> User | None:
        """The person behind a session or token, as long as the account is active."""
        user = self.get_user_by_id(pk)
        return user if user is not None and user.is_active else None

    def find_user(self, username: str | None = None, email: str | None = None) -> User | None:
        wanted = username or email
        column = User.username if username else User.email
        if not wanted:
            return None
        named = select(User).where(func.lower(column) == wanted.lower())
        return self.session.scalars(named, execution_options={"viewer": SYSTEM}).one_or_none()

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
