"""What can be done with a task. State is looked at here, the colleague at every door (`work.guard_tasks`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.events import publish
from app.core.types import Country
from app.customers.models import Customer
from app.work import mentions, repeats
from app.work.errors import (
    AssignedAlready,
    Missing,
    TaskCancelledAlready,
    TaskClosed,
    TaskCompletedAlready,
    TaskInProgress,
    TaskIsOpen,
)
from app.work.events import TaskCancelled, TaskCompleted
from app.work.models import ReminderKind, Task, TaskComment, TaskPriority, TaskReminder, TaskStatus

Known = TypeVar("Known", User, Customer)

LONGEST_TITLE = 500
LONGEST_TEXT = 20_000
MOST_REMINDERS = 10  # of one person for one task


@dataclass(frozen=True)
class Draft:
    """A task to be made. `about` is the record it is about: (table, key). `country` without a customer only."""

    title: str
    assigned_user_id: str
    description: str | None = None
    due_date: datetime | None = None
    priority: TaskPriority = TaskPriority.medium
    customer_id: str | None = None
    country: Country | None = None
    about: tuple[str, str] | None = None


def create(session: Session, draft: Draft, *, by: str) -> Task:
    """A new task. The country is that of the customer; who is given it hears of it.

    Raises Missing, NotForThem, ForeignCountry.
    """
    table, key = draft.about or (None, None)
    customer = _known(session, Customer, draft.customer_id, "customer_id") if draft.customer_id else None
    _known(session, User, draft.assigned_user_id, "assigned_user_id")
    task = Task(
        title=_text(draft.title, "title", _("Say what has to be done."), LONGEST_TITLE),
        description=(draft.description or "").strip() or None,
        due_date=draft.due_date,
        priority=draft.priority,
        status=TaskStatus.pending,
        assigned_user_id=draft.assigned_user_id,
        created_by_user_id=by,
        customer_id=draft.customer_id,
        country=customer.country if customer is not None else draft.country,
        entity_type=table,
        entity_id=key,
    )
    session.add(task)
    session.flush()
    return task


def assign(session: Session, task: Task, to_user_id: str) -> User:
    """Hand an open task to a colleague, who is given. Raises TaskClosed, AssignedAlready, Missing, NotForThem."""
    demand_open(task)
    if task.assigned_user_id == to_user_id:
        raise AssignedAlready
    person = _known(session, User, to_user_id, "assigned_user_id")
    task.assigned_user_id = person.id
    session.flush()
    return person


def start(session: Session, task: Task) -> None:
    """Somebody works on it now. Raises TaskClosed, TaskInProgress."""
    demand_open(task)
    if task.status is TaskStatus.in_progress:
        raise TaskInProgress
    task.status = TaskStatus.in_progress
    session.flush()


def complete(session: Session, task: Task, resolution: str, *, by: str, now: datetime) -> None:
    """Done, with what came of it. Raises TaskClosed, Missing."""
    demand_open(task)
    task.resolution = _text(resolution, "resolution", _("Say what was done or agreed."), LONGEST_TEXT)
    task.status = TaskStatus.completed
    task.resolved_by_user_id, task.resolved_at = by, now
    session.flush()
    publish(session, TaskCompleted(task.id, by))


def cancel(session: Session, task: Task, reason: str, *, by: str, stop: bool = False) -> None:
    """Not to be done any more, for this reason; `stop` ends the repetition as well. Raises TaskClosed, Missing."""
    demand_open(task)
    task.resolution = _text(reason, "reason", _("Say why it is not to be done."), LONGEST_TEXT)
    task.status = TaskStatus.cancelled
    if stop:
        task.repeats = None
    session.flush()
    publish(session, TaskCancelled(task.id, by))


def reopen(session: Session, task: Task) -> None:
    """To be done after all: how it was resolved is forgotten here and kept in the history. Raises TaskIsOpen."""
    if task.is_open:
        raise TaskIsOpen
    task.status = TaskStatus.pending
    task.resolution = task.resolved_by_user_id = task.resolved_at = None
    session.flush()


def move(session: Session, task: Task, due: datetime | None) -> None:
    """Give an open task another due time, or none. Raises TaskClosed, Missing where it repeats and needs one."""
    demand_open(task)
    task.due_date = due
    session.flush()


def repeat(session: Session, task: Task, rule: repeats.Repeat | None, zone: str) -> None:
    """Let an open task come again by a rule, or no more; `zone` is that of its clock. Raises TaskClosed, Missing."""
    demand_open(task)
    if rule is None:
        task.repeats = task.occurs_on = None
    elif task.due_date is None:
        raise Missing("due_date", _("A task that repeats needs a due time."))
    else:
        day = repeats.local_day(task.due_date, zone)
        if rule.until is not None and rule.until < day:
            raise Missing("until", _("It cannot end before the task is due."))
        task.repeats, task.occurs_on = str(rule), day
    session.flush()


def comment(session: Session, task: Task, text: str, *, by: str) -> TaskComment:
    """A remark; whoever is named in it hears of it. Raises Missing, NotForThem for who may not see the task."""
    words = _text(text, "content", _("Write something first."), LONGEST_TEXT)
    if len(mentions.named(words)) > mentions.MOST:
        raise Missing("content", _("At most %(most)s people can be named in one comment.", most=mentions.MOST))
    remark = TaskComment(task_id=task.id, user_id=by, content=words)
    session.add(remark)
    session.flush()
    return remark


def remind(session: Session, task: Task, at: datetime, *, user_id: str, now: datetime) -> TaskReminder:
    """Remind this person of an open task at a time; asked twice for the same time it is one reminder.

    Raises TaskClosed, Missing.
    """
    demand_open(task)
    if at <= now:
        raise Missing("remind_at", _("Choose a time that is still to come."))
    mine = select(TaskReminder).where(
        TaskReminder.task_id == task.id, TaskReminder.user_id == user_id, TaskReminder.kind == ReminderKind.own
    )
    known = session.scalars(mine.where(TaskReminder.remind_at == at)).one_or_none()
    if known is not None:
        return known
    waiting = mine.where(TaskReminder.sent_at.is_(None)).subquery()
    if (session.scalar(select(func.count()).select_from(waiting)) or 0) >= MOST_REMINDERS:
        raise Missing("remind_at", _("At most %(most)s reminders for one task.", most=MOST_REMINDERS))
    reminder = TaskReminder(task_id=task.id, user_id=user_id, kind=ReminderKind.own, remind_at=at)
    session.add(reminder)
    session.flush()
    return reminder


def forget(session: Session, reminder: TaskReminder) -> None:
    """The person does not want to be reminded any more."""
    session.delete(reminder)
    session.flush()


def demand_open(task: Task) -> None:
    """Raises TaskClosed."""
    if task.status is TaskStatus.completed:
        raise TaskCompletedAlready
    if task.status is TaskStatus.cancelled:
        raise TaskCancelledAlready
    if not task.is_open:
        raise TaskClosed


def _known(session: Session, model: type[Known], key: str, field: str) -> Known:
    """A record that whoever acts may know of, asked of the database. Raises Missing."""
    found = session.scalars(select(model).where(model.id == key)).one_or_none()
    if found is None:
        raise Missing(field, _("This record does not exist, or you have no access to it."))
    return found


def _text(given: str, field: str, sentence: str, longest: int) -> str:
    text = given.replace("\r\n", "\n").strip()
    if not text:
        raise Missing(field, sentence)
    if len(text) > longest:
        raise Missing(field, _("At most %(most)s characters; this has %(has)s.", most=longest, has=len(text)))
    return text
