"""What runs later in this domain."""

from __future__ import annotations

from app.access import limits, sessions
from app.core.db import transaction
from app.core.types import utc_now
from app.core.viewer import SYSTEM


def forget_old_sessions() -> None:
    """Remove sessions that were over 90 days ago, and tries nobody counts any more. Safe to run twice."""
    with transaction(by=SYSTEM) as session:
        sessions.forget_old(session, now=utc_now())
        limits.forget_old(session, now=utc_now())
