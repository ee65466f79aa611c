"""What an event means: facts about one record, with what rules ask about it, read with the system's eyes.

A record that is gone meanwhile, or a task that has moved on, gives no facts:
there is nothing to tell, or a newer event tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from app.communication.models import CommunicationMessageType
from app.core.db import Base
from app.core.records import RecordAdded, RecordChanged
from app.pipeline.events import ActivityReminder
from app.pipeline.models import DealActivity
from app.work.events import Mentioned, TaskAssigned, TaskCancelled, TaskCompleted, TaskDue, TaskReminder
from app.work.models import NotificationRule, TaskStatus
from app.work.notifying import rules
from app.work.notifying.rules import (
    COUNTRIES,
    CUSTOMER,
    CUSTOMERS,
    DEALS,
    EMAILS,
    LEVEL,
    LEVELS,
    MESSAGES,
    OWNER,
    TASKS,
    Fact,
    Trigger,
)

OVERDUE, REMINDER = "overdue", "reminder"
ACTIVITIES = "deal_activities"
_OPEN = (TaskStatus.pending, TaskStatus.in_progress)
_ASKED = (OWNER, CUSTOMER, *COUNTRIES, LEVEL, "type", "external_id", "message_id", "created_by_user_id", "status",
          "due_date")  # fmt: skip


_NEW = {CUSTOMERS: Trigger.new_customer, DEALS: Trigger.new_deal}


def narrow_added(session: Session) -> Callable[[RecordAdded], bool]:
    """Which new records somebody is told of: messages without having asked, others by an active rule of anybody."""
    awaited = {trigger for trigger, _table in _awaited(session)}
    return lambda event: event.table in (MESSAGES, EMAILS) or _NEW.get(event.table) in awaited


def narrow_changed(session: Session) -> Callable[[RecordChanged], bool]:
    """Which changes somebody is told of: alerts without having asked, others by an active rule of anybody."""
    awaited = _awaited(session)
    return lambda event: any(
        column == LEVEL or (_trigger_of(column), event.table) in awaited for column in event.columns
    )


def _awaited(session: Session) -> set[tuple[Trigger, str]]:
    """What active rules wait for, and of which table they name, whosever eyes the session has."""
    columns = NotificationRule.__table__.c
    asked = select(columns.trigger_type, columns.trigger_config).where(columns.is_active).distinct()
    read = [rules.read(kind, given) for kind, given in session.connection().execute(asked)]
    return {(one.trigger, one.conditions.table) for one in read if one.trigger is not None}


def _trigger_of(column: str) -> Trigger:
    return Trigger.owner_change if column == OWNER else Trigger.status_change


def of_added(session: Session, event: RecordAdded) -> list[Fact]:
    """A new record: what it is, and an alert it came with."""
    row = _row(session, event.table, event.id)
    if row is None:
        return []
    triggers: list[Trigger] = []
    if event.table == MESSAGES:
        is_email = row["type"] is CommunicationMessageType.email
        level = str(row[LEVEL] or "")
        triggers = [Trigger.sentiment_alert] if level in LEVELS else []
        triggers.append(Trigger.new_email if is_email else Trigger.new_sms)
    else:
        known = {**_NEW, EMAILS: Trigger.new_email}
        triggers = [known[event.table]] if event.table in known else []
    return [_fact(trigger, event.table, event.id, row, by=event.by_user_id, origin=_mail(row)) for trigger in triggers]


def of_changed(session: Session, event: RecordChanged) -> list[Fact]:
    """One fact for each column; an alert that has not risen is none."""
    row = _row(session, event.table, event.id)
    facts: list[Fact] = []
    if row is None:
        return facts
    for column, before, after in zip(event.columns, event.before, event.after, strict=True):
        if column == LEVEL:
            if _rank(after) > _rank(before):
                facts.append(
                    _fact(Trigger.sentiment_alert, event.table, event.id, row, by=event.by_user_id, level=after or "")
                )
            continue
        trigger = _trigger_of(column)
        more = {"owner": after or ""} if column == OWNER else {}
        facts.append(
            _fact(trigger, event.table, event.id, row, by=event.by_user_id, column=column, before=before, after=after,
                  **more)
        )  # fmt: skip
    return facts


def of_assigned(session: Session, event: TaskAssigned) -> list[Fact]:
    row = _row(session, TASKS, event.task_id)
    if row is None or row[OWNER] != event.to_user_id:
        return []
    return [_fact(Trigger.task_assigned, TASKS, event.task_id, row, by=event.by_user_id, to=event.to_user_id)]


def of_due(session: Session, event: TaskDue) -> list[Fact]:
    row = _row(session, TASKS, event.task_id)
    if row is None or row[OWNER] != event.user_id or row["status"] not in _OPEN or row["due_date"] is None:
        return []
    if row["due_date"].astimezone(UTC).isoformat() != event.due:
        return []
    after = OVERDUE if event.overdue else None
    return [_fact(Trigger.task_due, TASKS, event.task_id, row, to=event.user_id, after=after)]


def of_reminder(session: Session, event: TaskReminder) -> list[Fact]:
    row = _row(session, TASKS, event.task_id)
    if row is None or row["status"] not in _OPEN:
        return []
    return [_fact(Trigger.task_due, TASKS, event.task_id, row, to=event.user_id, after=REMINDER)]


def of_activity_reminder(session: Session, event: ActivityReminder) -> list[Fact]:
    """An open activity of a deal; what rules ask about it is asked of the deal, but for whose it is."""
    activity = session.get(DealActivity, event.activity_id)
    deal = _row(session, DEALS, activity.deal_id) if activity is not None and not activity.is_completed else None
    if deal is None:
        return []
    told = {"to": event.user_id, "owner": event.user_id, "after": REMINDER}
    return [_fact(Trigger.task_due, ACTIVITIES, event.activity_id, deal, **told)]


def of_completed(session: Session, event: TaskCompleted) -> list[Fact]:
    """A completed task is the matter of whoever asked for it."""
    row = _row(session, TASKS, event.task_id)
    if row is None or row["status"] is not TaskStatus.completed:
        return []
    owner = row["created_by_user_id"]
    return [_fact(Trigger.task_completed, TASKS, event.task_id, row, by=event.by_user_id, owner=owner)]


def of_cancelled(session: Session, event: TaskCancelled) -> list[Fact]:
    """A cancelled task is the matter of whoever asked for it, and of whoever was to do it."""
    row = _row(session, TASKS, event.task_id)
    if row is None or row["status"] is not TaskStatus.cancelled:
        return []
    asker, doer = row["created_by_user_id"], row[OWNER]
    return [_fact(Trigger.task_cancelled, TASKS, event.task_id, row, by=event.by_user_id, owner=asker, to=doer)]


def of_mention(session: Session, event: Mentioned) -> list[Fact]:
    """Leads to the task whose comment it is, else to the record itself."""
    table, key = (TASKS, event.task_id) if event.task_id else (event.kind, event.record_id)
    row = _row(session, table, key)
    if row is None:
        return []
    return [_fact(Trigger.mention, table, key, row, by=event.by_user_id, to=event.user_id)]


def _fact(trigger: Trigger, table: str, key: str, row: Mapping[str, Any], **more: Any) -> Fact:
    known = {
        "countries": _countries(row),
        "owner": row.get(OWNER) or "",
        "customer": key if table == CUSTOMERS else row.get(CUSTOMER) or "",
        "customer_owner": row.get(OWNER if table == CUSTOMERS else "customer_owner") or "",
        "level": str(row.get(LEVEL) or ""),
    }
    return Fact(trigger, table, key, **{**known, **more})


def _countries(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The own country of a record, else that of its customer."""
    for name in (*COUNTRIES, "customer_country"):
        value = row.get(name)
        if value:
            return tuple(str(code) for code in value) if isinstance(value, list) else (str(value),)
    return ()


def _mail(row: Mapping[str, Any]) -> str:
    """By what an e-mail is known when it stands in two tables: it is told once."""
    is_email = row.get("type") is CommunicationMessageType.email
    found = row.get("message_id") or (row.get("external_id") if is_email else "")
    return f"mail:{found}" if found else ""


def _rank(level: str | None) -> int:
    return LEVELS.index(level) if level in LEVELS else -1


def _row(session: Session, table: str, key: str) -> dict[str, Any] | None:
    """What is asked of a record, and its customer's country and owner; None when it is gone."""
    tables = Base.metadata.tables
    found = tables.get(table)
    if found is None:
        return None
    columns: list[ColumnElement[Any]] = [found.c[name] for name in _ASKED if name in found.c]
    asked = select(found.c.id, *columns)
    if CUSTOMER in found.c:
        customers: Table = tables[CUSTOMERS]
        asked = asked.add_columns(
            customers.c.country.label("customer_country"), customers.c[OWNER].label("customer_owner")
        ).select_from(found.outerjoin(customers, customers.c.id == found.c[CUSTOMER]))
    row = session.execute(asked.where(found.c.id == key)).one_or_none()
    return None if row is None else dict(cast(Mapping[str, Any], row._mapping))
