"""The activities of a deal as they are read: what is planned, late first, and what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select

from app.core.viewer import visible
from app.pipeline.deal.forms import fills, writes
from app.pipeline.models import Deal, DealActivity, DealActivityType
from app.screens import address, query
from app.screens.cells import moment_text
from app.screens.fields import choice_label
from app.screens.look import Look
from app.screens.tones import tone_of

ACTIVITIES = "deal_activities"
ICONS = {
    DealActivityType.call: "phone",
    DealActivityType.email: "mail",
    DealActivityType.meeting: "users",
    DealActivityType.task: "checkbox",
    DealActivityType.note: "note",
}
MOST_PLANNED, MOST_DONE = 30, 5


@dataclass(frozen=True)
class Doing:
    """One activity in words; what its reader may not know is empty."""

    id: str
    kind: str
    what: str
    icon: str
    subject: str
    details: str
    who: str
    due: str
    due_iso: str
    late: bool
    minutes: int | None
    priority: str
    tone: str
    reminder: str
    done: bool
    done_at: str
    outcome: str


@dataclass(frozen=True)
class Doings:
    """`more` and `all_href` lead to what is not shown."""

    planned: tuple[Doing, ...]
    done: tuple[Doing, ...]
    adds: bool
    writes: bool
    completes: bool
    all_href: str
    more_planned: bool
    more_done: bool


def seen(look: Look) -> bool:
    """Whether the viewer may know which activities deals have at all."""
    return look.viewer.sees(look.screen.module) and look.reads("deal_id") and look.reads("is_completed")


def doings_of(deals: Look, deal: Deal, *, may_change: bool, now: datetime) -> Doings | None:
    """None for who may not know of them. Two statements."""
    look = deals.at(ACTIVITIES)
    if not seen(look):
        return None
    base = named(look).where(DealActivity.deal_id == deal.id)
    by_due = look.reads("due_at")
    order: list[Any] = [DealActivity.due_at.asc().nulls_last()] if by_due else []
    planned = base.where(~DealActivity.is_completed).order_by(*order, DealActivity.created_at, DealActivity.id)
    done = base.where(DealActivity.is_completed).order_by(
        DealActivity.completed_at.desc().nulls_last(), DealActivity.id.desc()
    )
    waiting = look.session.execute(planned.limit(MOST_PLANNED + 1)).all()
    over = look.session.execute(done.limit(MOST_DONE + 1)).all()
    return Doings(
        planned=tuple(in_words(look, waiting[:MOST_PLANNED], now)),
        done=tuple(in_words(look, over[:MOST_DONE], now)),
        adds=may_change and fills(look, "deal_id", "type", "subject"),
        writes=may_change and look.may_edit(),
        completes=may_change and writes(look, "is_completed"),
        all_href=address.filtered_href(ACTIVITIES, [("eq", "deal_id", deal.id)]),
        more_planned=len(waiting) > MOST_PLANNED,
        more_done=len(over) > MOST_DONE,
    )


def named(look: Look) -> Select[Any]:
    """Activities this viewer may know of, each with the name of who is responsible."""
    name = query.name_of(look.screens, "users", DealActivity.user_id, look.viewer)
    return visible(DealActivity, look.viewer).add_columns(name.label("who"))


def in_words(look: Look, rows: Sequence[Any], now: datetime) -> list[Doing]:
    return [_told(look, row, who or "", now) for row, who in rows]


def _told(look: Look, row: DealActivity, who: str, now: datetime) -> Doing:
    def known(name: str) -> Any:
        return getattr(row, name) if look.reads(name) else None

    kind, priority, due, reminder = (known(name) for name in ("type", "priority", "due_at", "reminder_at"))
    urgent = priority is not None and priority.value in ("high", "urgent")
    done_at = known("completed_at")
    return Doing(
        id=row.id,
        kind=kind.value if kind else "",
        what=_(choice_label(DealActivityType, kind.value)) if kind else _("Activity"),
        icon=ICONS.get(kind, "activity"),
        subject=known("subject") or _("Activity"),
        details=known("description") or "",
        who=who if look.reads("user_id") else "",
        due=moment_text(due) if due else "",
        due_iso=due.isoformat() if due else "",
        late=bool(due) and not row.is_completed and due < now,
        minutes=known("duration"),
        priority=_(choice_label(type(priority), priority.value)) if urgent else "",
        tone=tone_of(priority.value) if urgent else "",
        reminder=moment_text(reminder) if reminder and not row.reminder_sent and not row.is_completed else "",
        done=bool(row.is_completed),
        done_at=moment_text(done_at) if done_at else "",
        outcome=known("outcome") or "",
    )
