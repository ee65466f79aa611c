"""What is stored: people who log in, their roles and rights, their sessions."""

from app.access.models.roles import (
    Role,
    RoleDepartment,
    RoleFieldPermission,
    RoleFieldPermissionPermission,
    RoleModulePermission,
    RoleModulePermissionAccess,
    UserRole,
)
from app.access.models.sessions import (
    EndReason,
    LoginTries,
    SessionKind,
    UserRecoveryCode,
    UserSecondFactor,
    UserSession,
)
from app.access.models.users import LegacyRole, NotificationDigest, User, UserAuthMethod

__all__ = [
    "EndReason",
    "LegacyRole",
    "LoginTries",
    "NotificationDigest",
    "Role",
    "RoleDepartment",
    "RoleFieldPermission",
    "RoleFieldPermissionPermission",
    "RoleModulePermission",
    "RoleModulePermissionAccess",
    "SessionKind",
    "User",
    "UserAuthMethod",
    "UserRecoveryCode",
    "UserRole",
    "UserSecondFactor",
    "UserSession",
]
