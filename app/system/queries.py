"""What can be asked of the work behind the scenes: how much there is, what failed, what runs, what waits.

Every question is one statement whose price does not grow with the backlog:
counts stop at `MOST`, lists go by key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import redis
from flask_babel import gettext as _
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy import ColumnElement, Select, String, and_, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.core import resting
from app.core.db import Base
from app.core.errors import BadQuery
from app.core.jobs import PeriodicJob
from app.core.outbox import OutboxDelivery, OutboxEvent
from app.core.viewer import Viewer, visible
from app.screens.query import Screens

MOST = 10_000  # what is counted; more is "10,000+"
PAGE = 25  # rows of a list
RUNNING = 50
_ANSWER_SECONDS = 1.0  # Redis may take

D, E = OutboxDelivery, OutboxEvent


def _open() -> ColumnElement[bool]:
    return and_(D.done_at.is_(None), D.failed_at.is_(None))


def _running(now: datetime) -> ColumnElement[bool]:
    return and_(_open(), D.leased_until > now)


def _waiting(now: datetime) -> ColumnElement[bool]:
    return and_(_open(), or_(D.leased_until.is_(None), D.leased_until <= now))


# Figures -----------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """How much there is; counts end at MOST + 1. `oldest` is since when the longest waiting one could start.

    `median_ms` and `slowest_ms` (of the listener `slowest`) are about the last hour; `clock` is when a clock last
    looked what is due. Times are UTC.
    """

    waiting: int
    running: int
    failed: int
    done: int
    oldest: datetime | None
    median_ms: float | None
    slowest_ms: int | None
    slowest: str | None
    clock: datetime | None


def figures(session: Session, *, now: datetime) -> Figures:
    recent = (
        select(D.took_ms, D.listener).where(D.done_at > now - timedelta(hours=1))
        .order_by(D.done_at.desc()).limit(MOST + 1).subquery()
    )  # fmt: skip
    took = recent.c.took_ms
    last_hour = select(
        func.count().label("done"),
        func.percentile_cont(0.5).within_group(took).label("median_ms"),
        func.max(took).label("slowest_ms"),
        func.array_agg(aggregate_order_by(recent.c.listener, took.desc().nulls_last()))[1].label("slowest"),
    ).subquery()
    oldest = select(func.min(D.next_at)).where(_waiting(now), D.next_at <= now).scalar_subquery()
    clock = select(func.max(PeriodicJob.looked_at)).scalar_subquery()
    row = session.execute(
        select(
            _count(_waiting(now)).label("waiting"), _count(_running(now)).label("running"),
            _count(D.failed_at.is_not(None)).label("failed"), oldest.label("oldest"), clock.label("clock"), last_hour,
        )
    ).one()  # fmt: skip
    return Figures(**row._mapping)


def _count(condition: ColumnElement[bool]) -> Any:
    some = select(literal(1)).select_from(D).where(condition).limit(MOST + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


# Lists -------------------------------------------------------------------------


class Work(NamedTuple):
    """A delivery with its event."""

    id: str
    listener: str
    attempts: int
    next_at: datetime
    started_at: datetime | None
    failed_at: datetime | None
    error: str | None
    event: str
    payload: dict[str, Any]
    happened_at: datetime


@dataclass(frozen=True)
class Page:
    """Rows with the keys of the page after it, "" for the last one."""

    rows: Sequence[Work]
    after: str = ""


def _work() -> Select[Any]:
    return select(
        D.id, D.listener, D.attempts, D.next_at, D.started_at, D.failed_at, D.error, E.name.label("event"), E.payload,
        E.happened_at,
    ).join(E, E.id == D.event_id)  # fmt: skip


def failed(session: Session, *, listener: str = "", after: str = "") -> Page:
    """What was given up, the latest first. Raises BadQuery for a key that is none."""
    asked = _work().where(D.failed_at.is_not(None)).order_by(D.failed_at.desc(), D.id.desc()).limit(PAGE + 1)
    if listener:
        asked = asked.where(D.listener == listener)
    if after:
        at, key = _key(after)
        asked = asked.where(or_(D.failed_at < at, and_(D.failed_at == at, D.id < key)))
    return _page(session, asked, "failed_at")


def waiting(session: Session, *, now: datetime, after: str = "") -> Page:
    """What is to be done, the next first. Raises BadQuery for a key that is none."""
    asked = _work().where(_waiting(now)).order_by(D.next_at, D.id).limit(PAGE + 1)
    if after:
        at, key = _key(after)
        asked = asked.where(or_(D.next_at > at, and_(D.next_at == at, D.id > key)))
    return _page(session, asked, "next_at")


def running(session: Session, *, now: datetime) -> Sequence[Work]:
    """What workers have in hand, the longest first."""
    asked = _work().where(_running(now)).order_by(D.started_at, D.id).limit(RUNNING)
    return _works(session, asked)


def _page(session: Session, asked: Select[Any], order: str) -> Page:
    rows = _works(session, asked)
    if len(rows) <= PAGE:
        return Page(rows)
    last = rows[PAGE - 1]
    return Page(rows[:PAGE], f"{getattr(last, order).replace(tzinfo=None).isoformat()}~{last.id}")


def _works(session: Session, asked: Select[Any]) -> list[Work]:
    return [Work(*row) for row in session.execute(asked)]


def _key(text: str) -> tuple[datetime, str]:
    at, _tilde, key = text.partition("~")
    try:
        return datetime.fromisoformat(at).replace(tzinfo=None), key
    except ValueError:
        raise BadQuery(_("There is no such page of this list.")) from None


def failed_by_listener(session: Session) -> list[tuple[str, int]]:
    """How many of each listener were given up, among the latest MOST."""
    some = (
        select(D.listener).where(D.failed_at.is_not(None)).order_by(D.failed_at.desc(), D.id.desc()).limit(MOST)
    ).subquery()  # fmt: skip
    counted = select(some.c.listener, func.count().label("n")).group_by(some.c.listener)
    return [(name, n) for name, n in session.execute(counted.order_by(func.count().desc(), some.c.listener))]


class Run(NamedTuple):
    """The clock of a periodic job with its last run; `pending` says that one is asked for and has not begun."""

    name: str
    started_at: datetime | None
    took_ms: int | None
    done_at: datetime | None
    failed_at: datetime | None
    leased_until: datetime | None
    next_at: datetime | None
    error: str | None
    pending: bool


def periodic(session: Session) -> dict[str, Run]:
    """The last run of every periodic job that a clock has seen, by name."""
    last = (
        select(D).where(D.listener == PeriodicJob.name, D.started_at.is_not(None))
        .order_by(D.started_at.desc()).limit(1).lateral()
    )  # fmt: skip
    pending = select(D.id).where(D.listener == PeriodicJob.name, D.started_at.is_(None), _open()).exists()
    c = last.c
    rows = session.execute(
        select(
            PeriodicJob.name, c.started_at, c.took_ms, c.done_at, c.failed_at, c.leased_until, c.next_at, c.error,
            pending,
        ).outerjoin(last, true())
    )  # fmt: skip
    return {row.name: Run(*row) for row in rows}


# Records that events are about ---------------------------------------------------------------


class Reference(NamedTuple):
    table: str
    key: str


def reference_of(payload: Mapping[str, Any]) -> Reference | None:
    """The record that an event is about: the first of its keys which says of which table it is."""
    for name, value in payload.items():
        table = _table_of(name)
        if table and isinstance(value, str):
            return Reference(table, value)
    return None


@lru_cache(maxsize=512)
def _table_of(name: str) -> str:
    """The table that a key such as `task_id` is of: by its name, or as foreign keys of that name agree."""
    tables = Base.metadata.tables
    noun = name.removesuffix("_id")
    if noun == name:
        return ""
    for plural in (f"{noun}s", f"{noun[:-1]}ies", f"{noun}es"):
        if plural in tables:
            return plural
    targets = {
        key.column.table.name for table in tables.values() if name in table.c for key in table.c[name].foreign_keys
    }
    return targets.pop() if len(targets) == 1 else ""


def seen_of(session: Session, screens: Screens, viewer: Viewer, wanted: Iterable[Reference]) -> set[Reference]:
    """Those of these records that the viewer may open; one statement for all."""
    keys: dict[str, set[str]] = defaultdict(set)
    for reference in wanted:
        screen = screens.get(reference.table)
        if screen is not None and viewer.sees(screen.module) and isinstance(screen.model.id.type, String):
            keys[reference.table].add(reference.key)
    if not keys:
        return set()
    asked = [
        visible(model := screens[table].model, viewer)
        .where(model.id.in_(sorted(found)))
        .with_only_columns(func.array_agg(model.id))
        .scalar_subquery()
        for table, found in sorted(keys.items())
    ]
    there = session.execute(select(*asked)).one()
    return {Reference(table, key) for table, found in zip(sorted(keys), there, strict=True) for key in found or ()}


# Redis -------------------------------------------------------------------------


class QueueState(NamedTuple):
    name: str
    length: int
    workers: int
    busy: int


def queues(url: str, names: Sequence[str]) -> list[QueueState] | None:
    """The queues in Redis with how much is in them and who works on them; None when Redis does not answer."""
    if not url:
        return None
    connection = resting.client(url, connect=_ANSWER_SECONDS, read=_ANSWER_SECONDS)
    try:
        workers = Worker.all(connection=connection, serializer=JSONSerializer)
        known = {*names, *(queue.name for queue in Queue.all(connection=connection, serializer=JSONSerializer))}
        found = []
        for name in sorted(known):
            queue = Queue(name, connection=connection, serializer=JSONSerializer)
            mine = [worker for worker in workers if name in worker.queue_names()]
            found.append(QueueState(name, len(queue), len(mine), sum(w.get_state() == "busy" for w in mine)))
        return found
    except redis.RedisError:
        return None
    finally:
        connection.close()
