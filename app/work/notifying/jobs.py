"""What happened, told to those concerned: every listener is one line, `delivery` does the work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.events import Happened, Later, on
from app.core.records import RecordAdded, RecordChanged
from app.pipeline.automation.events import AutomationDisabled
from app.pipeline.events import ActivityReminder
from app.work.events import Mentioned, TaskAssigned, TaskCancelled, TaskCompleted, TaskDue, TaskReminder
from app.work.notifying import automation, delivery, digest, facts, services
from app.work.notifying.events import DigestDue

_SECONDS = 60  # hundreds of people may have asked for the same


@on(RecordAdded, seconds=_SECONDS, narrow=facts.narrow_added)
def tell_added(session: Session, happened: Happened[RecordAdded]) -> Later | None:
    """A new customer, deal or message. Safe to run twice."""
    delivery.tell(session, happened, facts.of_added(session, happened.event))
    return None


@on(RecordChanged, seconds=_SECONDS, concerns=lambda event: bool(event.columns), narrow=facts.narrow_changed)
def tell_changed(session: Session, happened: Happened[RecordChanged]) -> Later | None:
    """Another status, owner or alert level. Safe to run twice."""
    delivery.tell(session, happened, facts.of_changed(session, happened.event))
    return None


@on(TaskAssigned, seconds=_SECONDS)
def tell_assigned(session: Session, happened: Happened[TaskAssigned]) -> Later | None:
    """A task is new with somebody. Safe to run twice."""
    delivery.tell(session, happened, facts.of_assigned(session, happened.event))
    return None


@on(TaskDue, seconds=_SECONDS)
def tell_due(session: Session, happened: Happened[TaskDue]) -> Later | None:
    """The due time of a task has come, or is a day past. Safe to run twice."""
    delivery.tell(session, happened, facts.of_due(session, happened.event))
    return None


@on(TaskReminder, seconds=_SECONDS)
def tell_reminder(session: Session, happened: Happened[TaskReminder]) -> Later | None:
    """Somebody asked to be reminded of a task. Safe to run twice."""
    delivery.tell(session, happened, facts.of_reminder(session, happened.event))
    return None


@on(ActivityReminder, seconds=_SECONDS)
def tell_activity_reminder(session: Session, happened: Happened[ActivityReminder]) -> Later | None:
    """The time to be reminded of an activity of a deal has come. Safe to run twice."""
    delivery.tell(session, happened, facts.of_activity_reminder(session, happened.event))
    return None


@on(TaskCompleted, seconds=_SECONDS)
def tell_completed(session: Session, happened: Happened[TaskCompleted]) -> Later | None:
    """A task is done. Safe to run twice."""
    delivery.tell(session, happened, facts.of_completed(session, happened.event))
    return None


@on(TaskCancelled, seconds=_SECONDS)
def tell_cancelled(session: Session, happened: Happened[TaskCancelled]) -> Later | None:
    """A task is not to be done any more. Safe to run twice."""
    delivery.tell(session, happened, facts.of_cancelled(session, happened.event))
    return None


@on(Mentioned, seconds=_SECONDS)
def tell_mentioned(session: Session, happened: Happened[Mentioned]) -> Later | None:
    """Somebody's name stands in a text. Safe to run twice."""
    delivery.tell(session, happened, facts.of_mention(session, happened.event))
    return None


@on(AutomationDisabled, seconds=_SECONDS)
def tell_disabled(session: Session, happened: Happened[AutomationDisabled]) -> Later | None:
    """A rule of automation failed again and again. Safe to run twice."""
    automation.tell(session, happened)
    return None


@on(DigestDue, seconds=_SECONDS)
def send_digest(session: Session, happened: Happened[DigestDue]) -> Later | None:
    """The letter about what is unread. Safe to run twice: the letter of a person and a day is written once."""
    digest.write(session, happened.event.user_id, happened.event.day, now=happened.at)
    return None


def begin_digests(session: Session, *, now: datetime) -> None:
    """Tell of everybody for whom the morning has come. Safe to run twice: each morning is told once."""
    digest.begin(session, now=now)


def forget_old(session: Session, *, now: datetime) -> None:
    """Remove old notifications that were read or put away. Safe to run twice."""
    services.forget_old(session, now=now)


LISTENERS = (
    tell_disabled,
    tell_added, tell_changed, tell_assigned, tell_due, tell_reminder, tell_completed, tell_cancelled, tell_mentioned,
    send_digest, tell_activity_reminder,
)  # fmt: skip
