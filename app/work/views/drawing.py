"""What all pages about tasks are drawn with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from babel.dates import get_day_names
from flask_babel import format_date, format_time, get_locale
from flask_babel import gettext as _

from app.screens.cells import moment_text
from app.screens.fields import choice_label
from app.screens.page import Choice
from app.screens.people import initials
from app.screens.tones import tone_of
from app.work import mentions
from app.work.models import TaskPriority, TaskStatus
from app.work.repeats import Repeat
from app.work.rights import May
from app.work.views import asked


def shared(may: May, now: datetime) -> dict[str, Any]:
    """Values and small functions of every template about tasks."""
    return {
        "may": may,
        "me": may.viewer.user_id,
        "now": now,
        "statuses": choices(TaskStatus),
        "priorities": choices(TaskPriority),
        "spans": spans(),
        "moment": moment_text,
        "clock": lambda value: format_time(value, "short"),
        "day_name": lambda value: format_date(value, "EEE"),
        "control": asked.local,
        "initials": initials,
        "tone": lambda value: tone_of(value.value),
        "label": lambda value: _(choice_label(type(value), value.value)),
        "weekdays": weekdays(),
    }


def choices(kind: type[TaskStatus] | type[TaskPriority]) -> tuple[Choice, ...]:
    return tuple(Choice(one.value, _(choice_label(kind, one.value)), tone_of(one.value)) for one in kind)


def spans() -> tuple[Choice, ...]:
    words = {"overdue": _("Overdue"), "today": _("Today"), "tomorrow": _("Tomorrow"), "week": _("Next 7 days"),
             "none": _("No due time")}  # fmt: skip
    return tuple(Choice(name, words[name]) for name in asked.SPANS)


def weekdays() -> tuple[Choice, ...]:
    """Monday first, as a rule counts them."""
    names = get_day_names("abbreviated", "stand-alone", get_locale() or "en")
    return tuple(Choice(str(number + 1), names[number]) for number in range(7))


def said_of(rule: Repeat) -> str:
    """A repetition in words."""
    names = {choice.value: choice.label for choice in weekdays()}
    at = f"{rule.at:%H:%M}"
    words = {
        "daily": _("Every day at %(at)s", at=at),
        "weekly": _(
            "Every week on %(days)s at %(at)s", at=at, days=", ".join(names[str(d)] for d in sorted(rule.days))
        ),
        "monthly": _("Every month on day %(day)s at %(at)s", at=at, day=rule.day),
        "yearly": _("Every year at %(at)s", at=at),
    }[rule.every]
    if not rule.until:
        return str(words)
    until = _("until %(day)s", day=format_date(rule.until, "medium"))
    return f"{words}, {until}"


def told(text: str, names: dict[str, str]) -> Iterator[tuple[str, bool]]:
    """A comment in pieces, user names as the names of people; a name that is not known stays as it was typed."""
    for piece, is_name in mentions.pieces(text):
        yield (f"@{names.get(piece, piece)}", piece in names) if is_name else (piece, False)
