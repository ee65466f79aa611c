"""Activities as an iCalendar file (RFC 5545), for the calendar of a telephone or of an office program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from app.pipeline.deal.agenda import Line

TYPE = "text/calendar; charset=utf-8"
_WIDEST = 75  # bytes of a line
_MINUTES = 30  # of an activity that does not say how long it takes


def calendar_file(lines: Iterable[Line], *, host: str, link: str, now: datetime) -> str:
    """Each activity with a due time is an event that begins then. `link` is the address before its id."""
    rows = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//INDEXUS CRM//Activities//EN", "CALSCALE:GREGORIAN"]
    for line in lines:
        minutes = line.doing.minutes if line.doing.minutes and line.doing.minutes > 0 else _MINUTES
        title = f"{line.doing.what}: {line.doing.subject}"
        rows += [
            "BEGIN:VEVENT",
            f"UID:{line.doing.id}@{host}",
            f"DTSTAMP:{_moment(now)}",
            f"DTSTART:{_moment(line.at)}",
            f"DTEND:{_moment(line.at + timedelta(minutes=min(minutes, 24 * 60)))}",
            f"SUMMARY:{_text(title)}",
            f"DESCRIPTION:{_text(chr(10).join(part for part in (line.deal, line.doing.details) if part))}",
            f"URL:{link}{line.doing.id}",
            "END:VEVENT",
        ]
    return "".join(f"{part}\r\n" for row in [*rows, "END:VCALENDAR"] for part in _folded(row))


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    for sign, kept in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        value = value.replace(sign, kept)
    return "".join(sign for sign in value if sign.isprintable())


def _folded(row: str) -> Iterator[str]:
    """Lines of at most 75 bytes; what goes on begins with a space, and no letter is cut in two."""
    part, width = "", 0
    for sign in row:
        size = len(sign.encode())
        if width + size > _WIDEST:
            yield part
            part, width = " ", 1
        part, width = part + sign, width + size
    yield part
