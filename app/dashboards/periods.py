"""Periods of a dashboard: which days it is about, the equal period before, and the steps of a time axis. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import BadQuery

PERIODS = {
    "month": _l("This month"),
    "30": _l("Last 30 days"),
    "90": _l("Last 90 days"),
    "quarter": _l("This quarter"),
    "year": _l("Last 12 months"),
    "custom": _l("Own dates"),
}
DEFAULT = "year"
LONGEST = 366 * 5
_DAYS, _WEEKS = 35, 120


@dataclass(frozen=True)
class Period:
    """Whole days from `first` to `last`, both of them within it."""

    name: str
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """As many days right before."""
        return Period("custom", self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    @property
    def step(self) -> str:
        """How fine a time axis over it is."""
        return "day" if self.days <= _DAYS else "week" if self.days <= _WEEKS else "month"


@dataclass(frozen=True)
class Step:
    """A part of a time axis: `key` is its first day as the database truncates it, the days are within the period."""

    key: str
    first: date
    last: date


def period_of(name: str, since: str, until: str, *, today: date) -> Period:
    """The period that an address names. Raises BadQuery."""
    match name or DEFAULT:
        case "month":
            return Period("month", today.replace(day=1), today)
        case "30" | "90":
            return Period(name, today - timedelta(days=int(name) - 1), today)
        case "quarter":
            return Period("quarter", today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), today)
        case "year":
            return Period("year", _months_before(today.replace(day=1), 11), today)
        case "custom":
            return _custom(since, until)
    raise BadQuery(_("There is no period “%(name)s”.", name=name[:40]))


def _custom(since: str, until: str) -> Period:
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError as wrong:
        raise BadQuery(_("Give both days of the period, such as 2026-01-31.")) from wrong
    if not date(1990, 1, 1) <= first <= last <= date(2200, 12, 31):
        raise BadQuery(_("The period has to end after it begins."))
    if (last - first).days >= LONGEST:
        raise BadQuery(_("A period has five years at most."))
    return Period("custom", first, last)


def steps_of(period: Period) -> list[Step]:
    """The days, weeks (from Monday) or months of a period, the first and last cut to it."""
    found, day = [], truncated(period.first, period.step)
    while day <= period.last:
        following = _next(day, period.step)
        last = min(following - timedelta(days=1), period.last)
        found.append(Step(day.isoformat(), max(day, period.first), last))
        day = following
    return found


def months_ahead(today: date, count: int) -> list[Step]:
    """This month and those that follow, whole."""
    found, day = [], today.replace(day=1)
    for _number in range(count):
        following = _next(day, "month")
        found.append(Step(day.isoformat(), day, following - timedelta(days=1)))
        day = following
    return found


def month_around(today: date) -> tuple[date, date]:
    return today.replace(day=1), today.replace(day=calendar.monthrange(today.year, today.month)[1])


def truncated(day: date, step: str) -> date:
    """The first day of the step a day is in, as `date_trunc` has it."""
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def _next(day: date, step: str) -> date:
    if step == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=7 if step == "week" else 1)


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
