"""The next task of a repetition: it comes about once, when the former is closed or its time comes.

By the system and not by who closes the former: it stays with its people,
whatever became of their rights since. Of a repetition exactly one task carries
the rule: the newest. With it goes the right to make the next one, so that
closing a task and the clock never make two; `tasks.former_task_id` is unique
below that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.core.types import new_key
from app.screens.locale import zone_of
from app.work.models import OPEN, ReminderKind, Task, TaskReminder, TaskStatus
from app.work.repeats import known, local_day
from app.work.services.able import colleague


def follow(session: Session, task: Task, *, now: datetime) -> Task | None:
    """The task by which this one is repeated; None when it is not, or no more. Occasions that are over are left out.

    The caller holds the lock of the row.
    """
    kept, task.repeats = task.repeats, None
    session.flush()
    rule = known(kept)
    if rule is None or task.due_date is None:
        return None
    zone = zone_of_task(session, task)
    day = rule.next_after(task.occurs_on or local_day(task.due_date, zone), zone, now=now)
    if day is None:
        return None
    following = Task(
        id=new_key(),
        title=task.title,
        description=task.description,
        due_date=rule.moment(day, zone),
        priority=task.priority,
        status=TaskStatus.pending,
        assigned_user_id=task.assigned_user_id,
        created_by_user_id=task.created_by_user_id,
        customer_id=task.customer_id,
        country=task.country,
        entity_type=task.entity_type,
        entity_id=task.entity_id,
        repeats=kept,
        occurs_on=day,
        former_task_id=task.id,
    )
    session.add(following)
    session.flush()
    _remind_alike(session, task, following, zone, now=now)
    return following


def _remind_alike(session: Session, former: Task, following: Task, zone: str, *, now: datetime) -> None:
    """What people asked to be reminded of comes again, as long before the due time on their clock as the last time."""
    here = ZoneInfo(zone)

    def clock(moment: datetime) -> datetime:
        return moment.astimezone(here).replace(tzinfo=None)

    if former.due_date is None or following.due_date is None:
        return
    asked = select(TaskReminder).where(TaskReminder.task_id == former.id, TaskReminder.kind == ReminderKind.own)
    for one in session.scalars(asked).all():
        before = clock(former.due_date) - clock(one.remind_at)
        at = (clock(following.due_date) - before).replace(tzinfo=here).astimezone(UTC)
        if at > now:
            session.add(
                TaskReminder(task_id=following.id, user_id=one.user_id, kind=ReminderKind.own, remind_at=at)
            )  # fmt: skip
    session.flush()


def zone_of_task(session: Session, task: Task) -> str:
    """The zone in which the task's times are meant: that of whoever has it."""
    person = colleague(session, task.assigned_user_id)
    return zone_of(person.assigned_countries if person is not None else ())


def follow_closed(session: Session, task_id: str, *, now: datetime) -> Task | None:
    """Repeat a task that was completed or cancelled, if that was not done yet. Safe to run twice."""
    found = _locked(
        session, select(Task).where(Task.id == task_id, Task.repeats.is_not(None), Task.status.not_in(OPEN))
    )
    return follow(session, found[0], now=now) if found else None


def follow_due(session: Session, *, now: datetime, most: int = 200) -> int:
    """Repeat the tasks whose time has come, and closed ones that still wait for it; gives how many.

    Safe to run twice, and at the same time.
    """
    waiting = select(Task).where(Task.repeats.is_not(None), or_(Task.due_date <= now, Task.status.not_in(OPEN)))
    found = _locked(session, waiting.order_by(Task.due_date, Task.id).limit(most))
    return sum(follow(session, task, now=now) is not None for task in found)


def _locked(session: Session, wanted: Select[Any]) -> Sequence[Task]:
    """Tasks as they are now, held; those that somebody else holds are left to him."""
    held = wanted.with_for_update(skip_locked=True, of=Task).execution_options(populate_existing=True)
    return session.scalars(held).all()
