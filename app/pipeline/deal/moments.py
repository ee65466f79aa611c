"""Days and times as they are typed and shown in the viewer's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.core.errors import Unprocessable
from app.screens.locale import choose_zone
from app.screens.readers import Invalid, parse_day

MORNING = time(9)  # of a day that is given without a time


def at(day: date, clock: time) -> datetime:
    """That time of that day in the viewer's zone, in UTC."""
    return datetime.combine(day, clock, ZoneInfo(choose_zone())).astimezone(UTC)


def local(value: datetime | None) -> str:
    """A moment as a control for date and time takes it."""
    if value is None:
        return ""
    return value.astimezone(ZoneInfo(choose_zone())).replace(tzinfo=None).isoformat(timespec="minutes")


def day_of(text: str) -> date:
    """Raises Unprocessable."""
    try:
        return parse_day(text)
    except Invalid as wrong:
        raise Unprocessable({"day": [str(wrong)]}) from wrong
