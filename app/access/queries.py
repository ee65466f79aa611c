"""What can be asked about people who log in."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.access.merging import ADMIN
from app.access.models import Role, RoleModulePermission, RoleModulePermissionAccess, User, UserRole
from app.core.viewer import SYSTEM

DEMO_DOMAIN = "@indexus.example"


def demo_logins(session: Session) -> list[str]:
    """User names of active demo logins: their addresses are of a domain that can never receive mail."""
    demo = select(User.username).where(User.is_active, User.email.endswith(DEMO_DOMAIN)).order_by(User.username)
    return list(session.scalars(demo.limit(5), execution_options={"viewer": SYSTEM}))


def sees(module: str) -> ColumnElement[bool]:
    """Whether one of the active roles of a person (`User`) shows the module."""
    beside = select(UserRole.role_id).where(UserRole.user_id == User.id).correlate(User)
    given = (
        select(RoleModulePermission.id)
        .where(
            RoleModulePermission.role_id == Role.id,
            RoleModulePermission.module_key == module,
            RoleModulePermission.access == RoleModulePermissionAccess.visible,
        )
        .correlate(Role)
        .exists()
    )
    held = or_(Role.id == User.role_id, Role.id.in_(beside))
    shows = or_(given, Role.legacy_role == ADMIN)
    return select(Role.id).where(Role.is_active, held, shows).correlate(User).exists()
