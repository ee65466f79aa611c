"""What is stored: people who log in, their roles and rights."""

from app.access.models.roles import (
    Role,
    RoleDepartment,
    RoleFieldPermission,
    RoleFieldPermissionPermission,
    RoleModulePermission,
    RoleModulePermissionAccess,
    UserRole,
)
from app.access.models.users import LegacyRole, User, UserAuthMethod

__all__ = [
    "LegacyRole",
    "Role",
    "RoleDepartment",
    "RoleFieldPermission",
    "RoleFieldPermissionPermission",
    "RoleModulePermission",
    "RoleModulePermissionAccess",
    "User",
    "UserAuthMethod",
    "UserRole",
]
