"""The page of those who run the system, as it is drawn: numbers, times and names as texts.

No name of a person and no value of a record is on it: events carry keys, and
reasons are written without values (`outbox.reason_of`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import format_decimal, format_time, format_timedelta
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.events import ATTEMPTS, listener_called
from app.core.jobs import QUEUE, TICK, Periodic, Ticked, scheduled
from app.core.viewer import Viewer
from app.screens.address import show_href
from app.screens.cells import moment_text
from app.screens.page import Link
from app.screens.query import Screens
from app.system import queries
from app.system.queries import Figures, QueueState, Reference, Run, Work
from app.system.rules import in_words

_LATE = timedelta(minutes=2)  # a delivery that could start and does not
_SILENT = timedelta(seconds=6 * TICK)  # a clock that does not look


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    hint: str = ""
    tone: str = ""
    href: str = ""


@dataclass(frozen=True)
class Time:
    """A moment as people read it, with the exact one behind it."""

    text: str = ""
    title: str = ""


@dataclass(frozen=True)
class Line:
    """A delivery: the function, the event, the record that is about (None where the viewer may not open it)."""

    id: str
    name: str
    place: str
    event: str
    record: Link | None
    tries: str
    reason: str
    when: Time


@dataclass(frozen=True)
class Job:
    """A periodic job; `state` is done, failed, running, waiting or "" when it never ran."""

    id: str
    name: str
    place: str
    cron: str
    words: str
    last: Time
    took: str
    state: str
    outcome: str
    tone: str
    reason: str
    next: Time


@dataclass(frozen=True)
class Chip:
    """How many of a listener were given up, as a filter."""

    listener: str
    name: str
    count: str
    on: bool


@dataclass(frozen=True)
class Board:
    tiles: tuple[Tile, ...]
    queues: tuple[QueueState, ...] | None
    failed: tuple[Line, ...]
    failed_after: str
    chips: tuple[Chip, ...]
    listener: str
    running: tuple[Line, ...]
    waiting: tuple[Line, ...]
    waiting_after: str
    jobs: tuple[Job, ...]
    at: str
    paged: bool = False


def board(
    session: Session, screens: Screens, viewer: Viewer, *, redis_url: str, now: datetime, listener: str = "",
    failed_after: str = "", waiting_after: str = "",
) -> Board:  # fmt: skip
    """Everything on the page; the same number of statements however much there is. Raises BadQuery."""
    figures = queries.figures(session, now=now)
    failed = queries.failed(session, listener=listener, after=failed_after)
    running = queries.running(session, now=now)
    waiting = queries.waiting(session, now=now, after=waiting_after)
    runs = queries.periodic(session)
    by_listener = queries.failed_by_listener(session)
    every = [*failed.rows, *running, *waiting.rows]
    about = {work.id: found for work in every if (found := queries.reference_of(work.payload))}
    seen = queries.seen_of(session, screens, viewer, about.values())
    in_redis = queries.queues(redis_url, (QUEUE,))

    def lines(works: Sequence[Work], when: str) -> tuple[Line, ...]:
        return tuple(_line(work, about.get(work.id), seen, screens, getattr(work, when), now) for work in works)

    return Board(
        tiles=_tiles(figures, now),
        queues=None if in_redis is None else tuple(in_redis),
        failed=lines(failed.rows, "failed_at"),
        failed_after=failed.after,
        chips=tuple(_chip(name, number, listener) for name, number in by_listener),
        listener=listener,
        running=lines(running, "started_at"),
        waiting=lines(waiting.rows, "next_at"),
        waiting_after=waiting.after,
        jobs=tuple(_job(periodic, runs.get(periodic.name), now) for periodic in scheduled()),
        at=str(format_time(now, "medium")),
        paged=bool(failed_after or waiting_after),
    )


# Figures -----------------------------------------------------------------------


def _tiles(figures: Figures, now: datetime) -> tuple[Tile, ...]:
    lag = max(now - figures.oldest, timedelta()) if figures.oldest else timedelta()
    done_hint = ""
    if figures.median_ms is not None and figures.slowest_ms is not None:
        times = {"median": span(figures.median_ms), "slowest": span(figures.slowest_ms)}
        done_hint = _("Median %(median)s, slowest %(slowest)s", **times)
        if figures.slowest:
            done_hint += f" ({named(figures.slowest)[0]})"
    decide = (_("given up, to be decided"), "red") if figures.failed else (_("nothing given up"), "")
    return (
        Tile(_("Waiting"), count(figures.waiting), _("to be done"), href="#waiting"),
        Tile(_("Running"), count(figures.running), _("in the hands of a worker"), href="#running"),
        Tile(_("Failed"), count(figures.failed), *decide, href="#failed"),
        Tile(_("Done in the last hour"), count(figures.done), done_hint),
        Tile(_("Delay"), span(lag.total_seconds() * 1000) if figures.oldest else "–",
             _("since the longest waiting could start") if figures.oldest else _("nothing waits for a worker"),
             "amber" if lag > _LATE else ""),
        _clock(figures.clock, now),
    )  # fmt: skip


def _clock(looked: datetime | None, now: datetime) -> Tile:
    if looked is None:
        return Tile(_("Scheduler"), "–", _("has never run"), "amber")
    if now - looked > _SILENT:
        return Tile(_("Scheduler"), _("Silent"), _("last tick %(when)s", when=ago(looked, now).text), "red")
    return Tile(_("Scheduler"), _("On time"), _("last tick %(when)s", when=ago(looked, now).text), "green")


def count(number: int) -> str:
    """A count as lists write it: what is above the most is not counted."""
    if number > queries.MOST:
        return f"{format_decimal(queries.MOST)}+"
    return str(format_decimal(number))


# Lines -------------------------------------------------------------------------


def _line(
    work: Work, about: Reference | None, seen: set[Reference], screens: Screens, when: datetime | None, now: datetime
) -> Line:
    name, place = named(work.listener)
    listener = listener_called(work.listener)
    record = None
    if about is not None and about in seen:
        record = Link(_(screens[about.table].one), show_href(about.table, about.key), screens[about.table].icon)
    most = listener.attempts if listener else ATTEMPTS
    return Line(
        id=work.id, name=name, place=place, event=_event(work), record=record,
        tries=_("%(number)s of %(most)s", number=work.attempts, most=most), reason=work.error or "",
        when=ago(when, now),
    )  # fmt: skip


def _event(work: Work) -> str:
    if work.event == Ticked.__name__:
        return _("Scheduled")
    return work.event


def named(function: str) -> tuple[str, str]:
    """Name and place of a function: `app.work.jobs.remind` is `remind` of `work`."""
    place, _dot, name = function.rpartition(".")
    parts = [part for part in place.split(".") if part not in ("app", "jobs")]
    return name, ".".join(parts)


def _chip(listener: str, number: int, chosen: str) -> Chip:
    return Chip(listener, named(listener)[0], str(format_decimal(number)), listener == chosen)


# Periodic jobs -----------------------------------------------------------------


def _job(periodic: Periodic, run: Run | None, now: datetime) -> Job:
    name, place = named(periodic.name)
    state, outcome, tone = _outcome(run, now)
    ended = run is not None and run.took_ms is not None and state in ("done", "failed", "waiting")
    return Job(
        id=periodic.name, name=name, place=place, cron=periodic.cron, words=in_words(periodic.cron),
        last=ago(run.started_at if run else None, now), took=span(run.took_ms or 0) if run and ended else "",
        state=state, outcome=outcome, tone=tone, reason=(run.error or "") if run and state != "done" else "",
        next=ago(periodic.next(now), now),
    )  # fmt: skip


def _outcome(run: Run | None, now: datetime) -> tuple[str, str, str]:
    """State, in words, and its tone."""
    if run is None or (run.started_at is None and not run.pending):
        return "", _("Has not run yet"), ""
    if run.leased_until is not None and run.leased_until > now:
        return "running", _("Running"), "blue"
    if run.pending or (run.done_at is None and run.failed_at is None):
        return "waiting", _("Waiting"), "amber"
    return ("failed", _("Failed"), "red") if run.failed_at is not None else ("done", _("Done"), "green")


# Times -------------------------------------------------------------------------


def ago(when: datetime | None, now: datetime) -> Time:
    if when is None:
        return Time()
    distance = when - now
    if abs(distance) < timedelta(seconds=1):
        return Time(_("now"), moment_text(when))
    return Time(str(format_timedelta(distance, granularity="second", add_direction=True)), moment_text(when))


def span(milliseconds: float) -> str:
    """A time that something took: with the unit that fits it."""
    if milliseconds < 1000:
        return _("%(number)s ms", number=format_decimal(round(milliseconds)))
    seconds = milliseconds / 1000
    if seconds < 60:
        return _("%(number)s s", number=format_decimal(round(seconds, 1 if seconds < 10 else 0)))
    return str(format_timedelta(timedelta(seconds=seconds)))


def query_of(arguments: Mapping[str, str]) -> dict[str, Any]:
    """What an address asks of the board."""
    return {
        "listener": arguments.get("listener", "")[:200],
        "failed_after": arguments.get("failed", "")[:100],
        "waiting_after": arguments.get("waiting", "")[:100],
    }
