"""What can be asked about notifications and their rules; always one's own (`visible` sees to it)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, and_, cast, column, func, or_, select, text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.core.viewer import Viewer, visible
from app.work.models import Notification, NotificationPriority, NotificationRule, NotificationType

MOST_COUNTED = 100
PAGE = 30


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this row, the newest first."""

    at: datetime
    key: str


@dataclass(frozen=True)
class Wanted:
    """Which notifications. `state` is "all", "unread" or "dismissed"; all but the last leave out the dismissed."""

    state: str = "all"
    kind: NotificationType | None = None
    priority: NotificationPriority | None = None


def unread(session: Session, viewer: Viewer) -> int:
    """How many are neither read nor dismissed; MOST_COUNTED stands for that many or more."""
    some = (
        visible(Notification, viewer)
        .with_only_columns(Notification.id)
        .where(*still_open())
        .limit(MOST_COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some), execution_options={"viewer": viewer}) or 0


def newest(session: Session, viewer: Viewer, most: int, *, only_unread: bool = False) -> Sequence[Notification]:
    asked = visible(Notification, viewer).where(*(still_open() if only_unread else (~Notification.dismissed,)))
    return session.scalars(_ordered(asked).limit(most)).all()


def page(
    session: Session, viewer: Viewer, wanted: Wanted, after: Place | None, size: int = PAGE
) -> tuple[Sequence[Notification], Place | None]:
    """One page, and where the next one begins; along an index whatever the page."""
    asked = visible(Notification, viewer)
    if wanted.state == "unread":
        asked = asked.where(*still_open())
    else:
        asked = asked.where(Notification.dismissed.is_(wanted.state == "dismissed"))
    if wanted.kind is not None:
        asked = asked.where(Notification.type == wanted.kind)
    if wanted.priority is not None:
        asked = asked.where(Notification.priority == wanted.priority)
    if after is not None:
        earlier = and_(Notification.created_at == after.at, Notification.id < after.key)
        asked = asked.where(Notification.created_at <= after.at, or_(Notification.created_at < after.at, earlier))
    rows = session.scalars(_ordered(asked).limit(size + 1)).all()
    last = rows[size - 1] if len(rows) > size else None
    return rows[:size], None if last is None else Place(last.created_at, last.id)


def still_open() -> tuple[Any, ...]:
    """As the partial index says it."""
    return (text("NOT notifications.is_read AND NOT notifications.dismissed"),)


def _ordered(asked: Select[Any]) -> Select[Any]:
    return asked.order_by(Notification.created_at.desc(), Notification.id.desc())


@dataclass(frozen=True)
class Fired:
    """How often a rule was the reason of a notification since then, and when last."""

    count: int
    last: datetime


def fired(session: Session, viewer: Viewer, *, since: datetime) -> dict[str, Fired]:
    """By rule: notifications since the given time, and the last one that is still kept. One statement."""
    told = cast(type_coerce(Notification.details, Text), JSONB)["rules"]
    each = func.jsonb_array_elements_text(told).table_valued(column("rule", Text)).render_derived(name="each_rule")
    recent = func.count().filter(Notification.created_at >= since)
    asked = (
        visible(Notification, viewer)
        .with_only_columns(each.c.rule, recent, func.max(Notification.created_at))
        .join(each, text("true"))
        .where(Notification.details.is_not(None), func.jsonb_typeof(told) == "array")
        .group_by(each.c.rule)
    )
    return {rule: Fired(count, last) for rule, count, last in session.execute(asked)}


def rules_of(session: Session, viewer: Viewer) -> Sequence[NotificationRule]:
    asked = visible(NotificationRule, viewer).order_by(NotificationRule.is_active.desc(), NotificationRule.name)
    return session.scalars(asked.order_by(NotificationRule.id)).all()
