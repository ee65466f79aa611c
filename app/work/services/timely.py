"""What the clock tells about tasks: due, overdue, and what people asked to be reminded of. Each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import exists, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.events import publish
from app.work.events import TaskDue, TaskReminder
from app.work.models import OPEN, ReminderKind, Task
from app.work.models import TaskReminder as Reminder

OVERDUE_AFTER = timedelta(days=1)
FORGOTTEN_AFTER = timedelta(days=30)
"""What was overdue longer when the clock first saw it is not news any more."""
_AT_ONCE = 500


def tell_due(session: Session, *, now: datetime) -> int:
    """Publish what became due or overdue; gives how many. Safe to run twice."""
    told = _tell(session, ReminderKind.due, now - OVERDUE_AFTER, now, now)
    return told + _tell(session, ReminderKind.overdue, now - FORGOTTEN_AFTER, now - OVERDUE_AFTER, now)


def _tell(session: Session, kind: ReminderKind, after: datetime, until: datetime, now: datetime) -> int:
    """A row for each due time says that it was told; who inserts it tells."""
    known = exists().where(Reminder.task_id == Task.id, Reminder.kind == kind, Reminder.remind_at == Task.due_date)
    due = (
        select(Task.id, Task.assigned_user_id, literal(kind.value), Task.due_date, literal(now, Reminder.sent_at.type))
        .where(Task.status.in_(OPEN), Task.due_date > after, Task.due_date <= until, ~known)
        .order_by(Task.due_date, Task.id)
        .limit(_AT_ONCE)
    )
    columns = ["task_id", "user_id", "kind", "remind_at", "sent_at"]
    telling = (
        insert(Reminder)
        .from_select(columns, due, include_defaults=False)
        .on_conflict_do_nothing()
        .returning(Reminder.task_id, Reminder.user_id, Reminder.remind_at)
    )
    rows = session.execute(telling).all()
    for task_id, user_id, due_date in rows:
        when = due_date.astimezone(UTC).isoformat()
        event = TaskDue(task_id, user_id, when, overdue=kind is ReminderKind.overdue)
        publish(session, event, once=f"task-{kind.value}:{task_id}:{when}")
    return len(rows)


def tell_reminders(session: Session, *, now: datetime) -> int:
    """Publish the personal reminders whose time has come; those of closed tasks are let go. Safe to run twice."""
    waiting = (
        select(Reminder, Task.status)
        .join(Task, Task.id == Reminder.task_id)
        .where(Reminder.sent_at.is_(None), Reminder.remind_at <= now)
        .order_by(Reminder.remind_at, Reminder.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True, of=Reminder)
    )
    told = 0
    for reminder, status in session.execute(waiting).all():
        reminder.sent_at = now
        if status in OPEN:
            event = TaskReminder(reminder.task_id, reminder.user_id, reminder.id)
            publish(session, event, once=f"task-reminder:{reminder.id}")
            told += 1
    session.flush()
    return told
