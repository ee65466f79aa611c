"""What is done in sales later, by the clock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.pipeline.services import reminding


def mind_activities(session: Session, *, now: datetime) -> None:
    """Remind of activities whose time has come. Safe to run twice."""
    reminding.tell_reminders(session, now=now)
