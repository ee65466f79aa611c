"""When a repeated task comes again. Pure.

A rule is kept as words: "daily", "weekly 1,3" (Monday is 1), "monthly 31",
"yearly 02-29", then "at 09:00" and perhaps "until 2026-12-31". The time is
that of a clock on the wall of whoever has the task, so it stays nine in the
morning when summer time begins; 02:30 of the night that has no 02:30 is 03:30.
A day that a month does not have is its last one.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Every = Literal["daily", "weekly", "monthly", "yearly"]

_RULE = re.compile(
    r"(?P<every>daily|weekly (?P<days>[1-7](?:,[1-7])*)|monthly (?P<day>\d{1,2})|yearly (?P<month>\d\d)-(?P<of>\d\d))"
    r" at (?P<at>\d\d:\d\d)(?: until (?P<until>\d{4}-\d\d-\d\d))?"
)
_FAR = 400 * 366  # days: a rule that finds nothing until then finds nothing


@dataclass(frozen=True)
class Repeat:
    """A rule. `days` are weekdays (1 is Monday), `day` and `month` the ones of a month or year."""

    every: Every
    at: time
    days: frozenset[int] = frozenset()
    day: int = 0
    month: int = 0
    until: date | None = None

    def __post_init__(self) -> None:
        fits = {
            "daily": True,
            "weekly": bool(self.days) and self.days <= set(range(1, 8)),
            "monthly": 1 <= self.day <= 31,
            "yearly": 1 <= self.month <= 12 and 1 <= self.day <= calendar.monthrange(2000, self.month)[1],
        }
        if not fits[self.every]:
            raise ValueError(f"no such repetition: {self}")

    def __str__(self) -> str:
        what = {
            "daily": "daily",
            "weekly": f"weekly {','.join(str(day) for day in sorted(self.days))}",
            "monthly": f"monthly {self.day}",
            "yearly": f"yearly {self.month:02}-{self.day:02}",
        }[self.every]
        return f"{what} at {self.at:%H:%M}" + (f" until {self.until.isoformat()}" if self.until else "")

    def falls_on(self, day: date) -> bool:
        if self.every == "daily":
            return True
        if self.every == "weekly":
            return day.isoweekday() in self.days
        last = calendar.monthrange(day.year, day.month)[1]
        wanted = day.day == min(self.day, last)
        return wanted and (self.every == "monthly" or day.month == self.month)

    def moment(self, day: date, zone: str) -> datetime:
        """The due time on that day, in UTC."""
        return datetime.combine(day, self.at, ZoneInfo(zone)).astimezone(UTC)

    def next_after(self, day: date, zone: str, *, now: datetime) -> date | None:
        """The first day after `day` whose time is still to come; what was missed is not made up for. None at the end.

        Raises nothing: a rule whose `until` is over has no next day.
        """
        here = now.astimezone(ZoneInfo(zone)).date()
        found = max(day, here - timedelta(days=1))
        for _step in range(_FAR):
            if found >= date.max or (self.until is not None and found >= self.until):
                return None
            found += timedelta(days=1)
            if self.falls_on(found) and self.moment(found, zone) > now:
                return found
        return None


def parsed(rule: str) -> Repeat:
    """The rule behind its words. Raises ValueError."""
    found = _RULE.fullmatch(rule)
    if found is None:
        raise ValueError(f"no such repetition: {rule!r}")
    every: Every = found["every"].split(" ")[0]  # type: ignore[assignment]  # one of the four, says the pattern
    days = frozenset(int(day) for day in found["days"].split(",")) if found["days"] else frozenset()
    return Repeat(
        every,
        time.fromisoformat(found["at"]),
        days,
        int(found["day"] or found["of"] or 0),
        int(found["month"] or 0),
        date.fromisoformat(found["until"]) if found["until"] else None,
    )


def known(words: str | None) -> Repeat | None:
    """The rule, where it is one: what was written by hand must not hold up the tasks of others."""
    try:
        return parsed(words or "")
    except ValueError:
        return None


def starting(every: Every, due: datetime, zone: str, *, days: frozenset[int] = frozenset(),
             until: date | None = None) -> tuple[Repeat, date]:  # fmt: skip
    """The rule of a task that is due then, and the day it stands for: hour, day and month are those of the task.

    Raises ValueError for weekdays that are none.
    """
    local = due.astimezone(ZoneInfo(zone))
    days = days or frozenset({local.isoweekday()})
    rule = Repeat("daily", local.time().replace(second=0, microsecond=0), until=until)
    if every == "weekly":
        rule = replace(rule, every=every, days=days)
    elif every in ("monthly", "yearly"):
        rule = replace(rule, every=every, day=local.day, month=local.month if every == "yearly" else 0)
    elif every != "daily":
        raise ValueError(f"no such repetition: {every!r}")
    return rule, local.date()


def local_day(moment: datetime, zone: str) -> date:
    """The day on the wall of that zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
