"""What runs later in this domain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.system import services


def forget_stale_logins(session: Session, *, now: datetime) -> None:
    """Remove half-done Microsoft 365 logins whose time is over. Safe to run twice."""
    services.forget_stale_logins(session, now=now)
