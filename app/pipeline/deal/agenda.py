"""The activities of one person by day: for the calendar, for the list of today, and as a calendar file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.core.viewer import visible
from app.pipeline.deal.doings import Doing, in_words
from app.pipeline.deal.moments import local
from app.pipeline.models import DealActivity
from app.screens import query
from app.screens.look import Look

MOST = 1_000  # activities in the days that are shown
AHEAD = 14  # days that a list of what is to come looks ahead
MOST_LATE = 50


@dataclass(frozen=True)
class Line:
    """One activity in a calendar, with the deal it belongs to; `control` is its due time as a form has it."""

    doing: Doing
    at: datetime
    deal: str
    deal_id: str
    control: str
    movable: bool


@dataclass(frozen=True)
class Span:
    """A day, or a part of the list, with what falls on it; `total` counts what is not shown as well."""

    day: date
    lines: tuple[Line, ...]
    total: int


def days_of(
    look: Look, user_id: str, first: date, last: date, *, now: datetime, zone: str, most: int, moves: bool
) -> list[Span]:
    """Every day from `first` to `last`, done and open ones by their due time. One statement."""
    start, end = (_midnight(day, zone) for day in (first, last + timedelta(days=1)))
    rows = _due(look, user_id, DealActivity.due_at >= start, DealActivity.due_at < end, most=MOST)
    by_day: dict[date, list[Line]] = {}
    for line in _lines(look, rows, now, moves):
        by_day.setdefault(line.at.astimezone(ZoneInfo(zone)).date(), []).append(line)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [Span(day, tuple(by_day.get(day, ())[:most]), len(by_day.get(day, ()))) for day in days]


@dataclass(frozen=True)
class Agenda:
    """What is to be done: late, today, in the days that come, and without a day."""

    late: tuple[Line, ...]
    today: tuple[Line, ...]
    coming: tuple[Span, ...]
    sometime: tuple[Line, ...]

    @property
    def empty(self) -> bool:
        return not (self.late or self.today or self.coming or self.sometime)


def agenda_of(look: Look, user_id: str, *, now: datetime, zone: str, moves: bool) -> Agenda:
    """Open activities only. Two statements."""
    today = now.astimezone(ZoneInfo(zone)).date()
    tomorrow, end = (_midnight(today + timedelta(days=days), zone) for days in (1, 1 + AHEAD))
    open_one = ~DealActivity.is_completed
    rows = _due(look, user_id, open_one, DealActivity.due_at < end, most=MOST)
    lines = _lines(look, rows, now, moves)
    undated = _due(look, user_id, open_one, DealActivity.due_at.is_(None), most=MOST_LATE)
    days: dict[date, list[Line]] = {}
    for line in lines:
        if line.at >= tomorrow:
            days.setdefault(line.at.astimezone(ZoneInfo(zone)).date(), []).append(line)
    return Agenda(
        late=tuple(line for line in lines if line.doing.late),
        today=tuple(line for line in lines if not line.doing.late and line.at < tomorrow),
        coming=tuple(Span(day, tuple(found), len(found)) for day, found in days.items()),
        sometime=tuple(replace(line, movable=False) for line in _lines(look, undated, now, False)),
    )


def late_count(look: Look, user_id: str, *, now: datetime) -> int:
    """How many open activities are late, counted up to MOST."""
    asked = visible(DealActivity, look.viewer).where(
        DealActivity.user_id == user_id, ~DealActivity.is_completed, DealActivity.due_at < now
    )
    some = asked.with_only_columns(DealActivity.id).limit(MOST).subquery()
    counted = select(func.count()).select_from(some).execution_options(viewer=look.viewer)
    return look.session.scalar(counted) or 0


def _due(look: Look, user_id: str, *rules: Any, most: int) -> Sequence[Any]:
    who = query.name_of(look.screens, "users", DealActivity.user_id, look.viewer)
    deal = query.name_of(look.screens, "deals", DealActivity.deal_id, look.viewer)
    asked = visible(DealActivity, look.viewer).add_columns(who.label("who"), deal.label("deal"))
    asked = asked.where(DealActivity.user_id == user_id, *rules)
    order = (DealActivity.due_at, DealActivity.created_at, DealActivity.id)
    return look.session.execute(asked.order_by(*order).limit(most)).all()


def _lines(look: Look, rows: Iterable[Any], now: datetime, moves: bool) -> list[Line]:
    found = list(rows)
    doings = in_words(look, [(row, who) for row, who, _deal in found], now)
    return [
        Line(
            doing=doing, at=row.due_at or now, deal=deal or "", deal_id=row.deal_id, control=local(row.due_at),
            movable=moves and not row.is_completed,
        )
        for doing, (row, _who, deal) in zip(doings, found, strict=True)
    ]  # fmt: skip


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
