"""How the generated screens of this domain differ from the default."""

from app.access.logins import sees_access, sets_password
from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserRole
from app.screens.spec import Leading, Screen

SCREENS = (
    Screen(
        User,
        when=dict.fromkeys(("sip_extension", "sip_password", "sip_display_name"), ("sip_enabled", True)),
        name=("full_name",),
        columns=(
            "full_name",
            "username",
            "email",
            "role_id",
            "assigned_countries",
            "auth_method",
            "is_active",
            "created_at",
        ),
        readonly=("role",),
        links=(
            Leading("Access and roles", "/rights/user/{id}", "user-shield", asks=sees_access),
            Leading("Set password", "/password/{id}", "key", asks=sets_password),
        ),
        sections=(
            ("Identity", ("username", "email", "full_name", "avatar_url", "phone_prefix", "phone")),
            ("Sign-in", ("password_hash", "auth_method", "is_active")),
            ("Access", ("role", "role_id", "assigned_countries")),
            ("Desk phone", ("sip_enabled", "sip_extension", "sip_password", "sip_display_name")),
            ("Connected services", ("jira_account_id", "jira_display_name", "nexus_enabled")),
            ("Top bar", ("show_notification_bell", "show_email_queue", "show_sip_phone")),
        ),
    ),
    Screen(
        Role,
        name=("name",),
        columns=("name", "department", "description", "is_active", "is_system", "updated_at"),
        links=(Leading("Permissions", "/rights/{id}", "lock"),),
    ),
    Screen(
        RoleModulePermission,
        inside="roles",
        name=("role_id", "module_key"),
        columns=("role_id", "module_key", "access", "can_add", "can_edit"),
    ),
    Screen(
        RoleFieldPermission,
        inside="roles",
        name=("role_id", "module_key", "field_key"),
        columns=("role_id", "module_key", "field_key", "permission"),
    ),
    Screen(
        UserRole,
        inside="users",
        name=("user_id", "role_id"),
        columns=("user_id", "role_id", "assigned_at", "assigned_by"),
    ),
)
