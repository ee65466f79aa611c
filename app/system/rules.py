"""What follows from values of the system: when a periodic job runs, in words."""

from __future__ import annotations

from datetime import time

from babel.dates import format_time, get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _

_EVERY = "*"


def in_words(cron: str) -> str:
    """Times of a cron expression (UTC) as people say them; the expression itself where they have no short words."""
    minute, hour, day, month, weekday = cron.split()
    if month != _EVERY or (day != _EVERY and weekday != _EVERY):
        return cron
    if hour == _EVERY and (day, weekday) == (_EVERY, _EVERY):
        return _within_the_hour(minute) or cron
    if minute.isdecimal() and hour.startswith("*/") and (day, weekday) == (_EVERY, _EVERY):
        return _("Every %(count)s hours, at minute %(minute)s", count=hour[2:], minute=minute)
    if not (minute.isdecimal() and hour.isdecimal()):
        return cron
    at = f"{format_time(time(int(hour), int(minute)), 'short', locale=get_locale() or 'en')} UTC"
    if day != _EVERY:
        return _("On day %(day)s of each month at %(time)s", day=day, time=at) if day.isdecimal() else cron
    if weekday == _EVERY:
        return _("Every day at %(time)s", time=at)
    days = _days(weekday)
    return _("%(days)s at %(time)s", days=days, time=at) if days else cron


def _within_the_hour(minute: str) -> str:
    if minute in (_EVERY, "*/1"):
        return _("Every minute")
    if minute.startswith("*/"):
        return _("Every %(count)s minutes", count=minute[2:])
    return _("Every hour, at minute %(minute)s", minute=minute) if minute.isdecimal() else ""


def _days(weekday: str) -> str:
    """Days of the week, Sunday being 0 or 7; "" for what is neither one, a range nor a list."""
    names = get_day_names("abbreviated", locale=get_locale() or "en")  # Monday is 0 here
    first, dash, last = weekday.partition("-")
    parts = [first, last] if dash else weekday.split(",")
    if not all(part.isdecimal() and int(part) <= 7 for part in parts):
        return ""
    said = [names[(int(part) - 1) % 7] for part in parts]
    return " – ".join(said) if dash else ", ".join(said)
