"""What the clock does with tasks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.work.services import repeating, timely


def mind_tasks(session: Session, *, now: datetime) -> None:
    """Tell of what is due, overdue or asked for, and repeat what comes again. Safe to run twice."""
    timely.tell_due(session, now=now)
    timely.tell_reminders(session, now=now)
    repeating.follow_due(session, now=now)
