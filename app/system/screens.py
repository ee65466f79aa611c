"""How the generated screens of this domain differ from the default."""

from app.screens.spec import Screen
from app.system.models import Ms365PkceStore, SystemMs365Connection

SCREENS = (
    Screen(
        Ms365PkceStore,
        name=("user_id", "created_at"),
        columns=("user_id", "created_at", "expires_at"),
    ),
    Screen(
        SystemMs365Connection,
        name=("country_code", "email"),
        columns=(
            "country_code",
            "email",
            "display_name",
            "is_connected",
            "last_sync_at",
            "token_expires_at",
            "updated_at",
        ),
        sections=(
            ("Account", ("country_code", "account_id", "email", "display_name")),
            ("Access", ("access_token", "refresh_token", "token_expires_at")),
            ("Status", ("is_connected", "last_sync_at")),
        ),
    ),
)
