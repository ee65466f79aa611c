"""Weeks and months as a calendar shows them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from app.core.errors import BadQuery
from app.screens.readers import Invalid, parse_day


def day_asked(text: str, otherwise: date) -> date:
    """The day that an address asks for. Raises BadQuery."""
    try:
        found = parse_day(text) if text else otherwise
    except Invalid as wrong:
        raise BadQuery(str(wrong)) from wrong
    if not 1900 <= found.year <= 2200:
        raise BadQuery(_("This year is out of range."))
    return found


def span_of(view: str, on: date) -> tuple[date, date]:
    """First and last day that a "week" or a month shows: whole weeks, as they begin where the reader lives."""
    begins = get_locale().first_week_day if get_locale() else 0

    def week_of(day: date) -> date:
        return day - timedelta(days=(day.weekday() - begins) % 7)

    if view == "week":
        return week_of(on), week_of(on) + timedelta(days=6)
    last = on.replace(day=monthrange(on.year, on.month)[1])
    return week_of(on.replace(day=1)), week_of(last) + timedelta(days=6)


def step(view: str, on: date, by: int) -> date:
    """A day of the week or month before (-1) or after (1)."""
    if view == "week":
        return on + timedelta(days=7 * by)
    return (on.replace(day=1) + timedelta(days=31 if by > 0 else -1)).replace(day=1)


def week_text(first: date, last: date) -> str:
    return f"{format_date(first, 'd MMM')} – {format_date(last, 'd MMM yyyy')}"
