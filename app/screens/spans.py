"""Days that move with the calendar, such as "this week": kept by name, computed in the viewer's zone when asked."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.screens.page import Choice
from app.screens.readers import Invalid

LABELS = {
    "today": _l("today"), "yesterday": _l("yesterday"), "tomorrow": _l("tomorrow"),
    "this_week": _l("this week"), "last_week": _l("last week"), "next_week": _l("next week"),
    "this_month": _l("this month"), "last_month": _l("last month"), "next_month": _l("next month"),
    "this_quarter": _l("this quarter"), "this_year": _l("this year"), "last_year": _l("last year"),
    "last_7_days": _l("the last 7 days"), "last_30_days": _l("the last 30 days"),
    "last_90_days": _l("the last 90 days"), "next_7_days": _l("the next 7 days"),
    "next_30_days": _l("the next 30 days"), "past": _l("before today"), "future": _l("after today"),
}  # fmt: skip

Days = tuple[date | None, date | None]
_DAY = timedelta(days=1)


def choices() -> tuple[Choice, ...]:
    return tuple(Choice(name, str(label)) for name, label in LABELS.items())


def days_of(name: str, today: date) -> Days:
    """(first day, last day), both included; None for no end. A week begins on Monday. Raises Invalid."""
    if name == "past":
        return None, today - _DAY
    if name == "future":
        return today + _DAY, None
    word, _mark, rest = name.partition("_")
    if name not in LABELS:
        raise Invalid(_("“%(value)s” is no period of the calendar.", value=name[:40]))
    if rest.endswith("_days"):
        count = timedelta(days=int(rest.removesuffix("_days")) - 1)  # today is one of them
        return (today - count, today) if word == "last" else (today, today + count)
    if not rest:
        day = today + {"today": 0, "yesterday": -1, "tomorrow": 1}[name] * _DAY
        return day, day
    first, beyond = _around(rest, today)
    if word == "last":
        return _around(rest, first - _DAY)[0], first - _DAY
    if word == "next":
        return beyond, _around(rest, beyond)[1] - _DAY
    return first, beyond - _DAY


def _around(unit: str, day: date) -> tuple[date, date]:
    """The first day of the week, month, quarter or year that holds `day`, and of the one after it."""
    if unit == "week":
        monday = day - day.weekday() * _DAY
        return monday, monday + 7 * _DAY
    if unit == "year":
        return date(day.year, 1, 1), date(day.year + 1, 1, 1)
    months = 1 if unit == "month" else 3
    start = (day.month - 1) // months * months + 1
    years, month = divmod(start - 1 + months, 12)
    return date(day.year, start, 1), date(day.year + years, month + 1, 1)
