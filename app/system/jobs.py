"""What runs later in this domain."""

from __future__ import annotations

from app.core.db import transaction
from app.core.types import utc_now
from app.core.viewer import SYSTEM
from app.system import services


def forget_stale_logins() -> None:
    """Remove half-done Microsoft 365 logins whose time is over. Safe to run twice."""
    with transaction(by=SYSTEM) as session:
        services.forget_stale_logins(session, now=utc_now())
