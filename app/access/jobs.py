"""What runs later in this domain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.access import limits, sessions


def forget_old_sessions(session: Session, *, now: datetime) -> None:
    """Remove sessions that were over 90 days ago, and tries nobody counts any more. Safe to run twice."""
    sessions.forget_old(session, now=now)
    limits.forget_old(session, now=now)
