"""What is done about tasks later: by the clock, and in answer to their being closed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.events import Happened, Later, on
from app.work.events import TaskCancelled, TaskCompleted
from app.work.services import repeating, timely


def mind_tasks(session: Session, *, now: datetime) -> None:
    """Tell of what is due, overdue or asked for, and repeat what comes again. Safe to run twice."""
    timely.tell_due(session, now=now)
    timely.tell_reminders(session, now=now)
    repeating.follow_due(session, now=now)


@on(TaskCompleted)
def repeat_completed(session: Session, happened: Happened[TaskCompleted]) -> Later | None:
    """Give the next task of a repetition. Safe to run twice: the rule has gone on with the first."""
    repeating.follow_closed(session, happened.event.task_id, now=happened.at)
    return None


@on(TaskCancelled)
def repeat_cancelled(session: Session, happened: Happened[TaskCancelled]) -> Later | None:
    """As after completing; who stopped the repetition has taken the rule away. Safe to run twice."""
    repeating.follow_closed(session, happened.event.task_id, now=happened.at)
    return None
