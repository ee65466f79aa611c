"""Background work: RQ workers that are told which deliveries wait, and one clock for periodic jobs.

Redis holds ids only and may lose them: PostgreSQL is the place of record,
and the clock's process tells again of what nobody began.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from croniter import croniter
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy import Text, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import outbox, resting
from app.core.db import Base, current_session, transaction
from app.core.errors import NotFound
from app.core.events import SECONDS, Event, Happened, Listener, listen, publish_to
from app.core.types import Timestamp, utc_now
from app.core.viewer import SYSTEM, system_scope

log = logging.getLogger(__name__)

QUEUE = "default"
TICK = 5.0  # seconds between two looks at the clock
PERIODIC_SECONDS, PERIODIC_ATTEMPTS = 300, 3
_DELIVER, _DELIVER_ALL = "app.core.outbox.deliver", "app.core.outbox.deliver_all"
_TOGETHER = 20  # deliveries of one job where many wait
_KEEP_FAILED = 3600  # seconds that RQ remembers a worker that died; the outbox knows the rest
_ANSWER_SECONDS = 0.5  # Redis may take when a page waits for it
_SILENCE = 5.0  # seconds that pages do not ask a Redis that did not answer
_INSTANT = timedelta(microseconds=1)  # croniter looks strictly before; what is due right now is due


@dataclass(frozen=True)
class Ticked(Event):
    """The time of a periodic job has come; `slot` is that time, UTC, ISO 8601."""

    job: str
    slot: str


class PeriodicJob(Base):
    """The clock of one periodic job. An extension: the document has no jobs.

    Slots are started by whoever moves `last_slot` on, so that each starts once however many clocks there are, and the
    last one that was missed while nothing ran still starts.
    """

    __tablename__ = "periodic_jobs"
    __table_args__ = (
        {
            "comment": "The clock of one periodic job.",
            "info": {"extension": "each slot starts once, however many machines keep the time"},
        },
    )

    name: Mapped[str] = mapped_column(Text, primary_key=True, comment="The function.")
    last_slot: Mapped[datetime] = mapped_column(
        Timestamp, comment="The last time that was started, or came first (UTC)."
    )
    looked_at: Mapped[datetime] = mapped_column(Timestamp, comment="When a clock last looked (UTC).")


@dataclass(frozen=True)
class Periodic:
    """A job that starts by the clock: `cron` in UTC. `run` takes a session and the time, and is safe to run twice."""

    cron: str
    run: Callable[..., Any]

    @property
    def name(self) -> str:
        return f"{self.run.__module__}.{self.run.__name__}"

    def listener(self) -> Listener:
        def run(session: Session, happened: Happened[Ticked]) -> None:
            self.run(session, now=utc_now())

        return Listener(self.name, Ticked, run, PERIODIC_SECONDS, PERIODIC_ATTEMPTS)

    def slot(self, now: datetime) -> datetime:
        """The last time it was due, `now` included."""
        found: datetime = croniter(self.cron, now + _INSTANT).get_prev(datetime)
        return found

    def next(self, now: datetime) -> datetime:
        found: datetime = croniter(self.cron, now).get_next(datetime)
        return found


_schedule: tuple[Periodic, ...] = ()


def register(listeners: Iterable[Listener], schedule: Sequence[Periodic]) -> None:
    """What this process knows of: `LISTENERS` and `SCHEDULE` of `app/schedule.py`."""
    global _schedule
    _schedule = tuple(schedule)
    listen([*listeners, *(periodic.listener() for periodic in schedule)])


def scheduled() -> tuple[Periodic, ...]:
    return _schedule


# Workers ----------------------------------------------------------------------


def work(url: str, queue: str = QUEUE) -> None:
    """Deliver until stopped. One queue per worker: a job is moved, never only popped."""
    connection = redis.Redis.from_url(url)
    worker = Worker(
        [Queue(queue, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=30,
        maintenance_interval=10,
    )
    worker.work(logging_level="WARNING")


def queue_of(connection: redis.Redis, name: str = QUEUE) -> Queue:
    return Queue(name, connection=connection, serializer=JSONSerializer)


def enqueue(queue: Queue, told: Sequence[tuple[str, int]]) -> None:
    """One job per delivery, killed after its time limit; of many, some together in one. Raises RedisError."""
    if len(told) <= _TOGETHER:
        return _put(queue, _DELIVER, [((key,), seconds or SECONDS) for key, seconds in told])
    parts = [told[at : at + _TOGETHER] for at in range(0, len(told), _TOGETHER)]
    _put(queue, _DELIVER_ALL, [((part,), sum(seconds or SECONDS for _key, seconds in part)) for part in parts])


def _put(queue: Queue, function: str, jobs: Iterable[tuple[tuple[Any, ...], int]]) -> None:
    queue.enqueue_many(
        [
            Queue.prepare_data(function, args=args, timeout=seconds, result_ttl=0, failure_ttl=_KEEP_FAILED)
            for args, seconds in jobs
        ]
    )


class Waker:
    """Tells the workers after a commit. A Redis that does not answer is left alone for a while: pages do not wait."""

    def __init__(self, url: str) -> None:
        self._queue = queue_of(resting.client(url, connect=_ANSWER_SECONDS, read=_ANSWER_SECONDS))
        self._rest = resting.Rest(_SILENCE)

    def __call__(self, told: Sequence[tuple[str, int]]) -> None:
        if not self._rest.may_try():
            return
        try:
            enqueue(self._queue, told)
        except redis.RedisError as lost:
            self._rest.begin()
            log.warning("Redis does not answer, work waits for the clock: %s", type(lost).__name__)
        else:
            self._rest.end()


# The clock --------------------------------------------------------------------


def keep_time(url: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Start periodic jobs and tell of waiting work, forever. Several clocks may run."""
    queue = queue_of(redis.Redis.from_url(url, socket_timeout=TICK, socket_connect_timeout=TICK))
    while True:
        for act in (lambda: tick(utc_now()), lambda: tell(queue)):
            try:
                act()
            except redis.RedisError as lost:
                log.warning("Redis does not answer, work waits: %s", type(lost).__name__)
            except DBAPIError as lost:
                log.warning("the database does not answer, work waits: %s", type(lost.orig).__name__)
            finally:
                current_session.remove()
        sleep(TICK)


def tell(queue: Queue) -> int:
    """Put what waits into Redis; gives how much it was. Raises RedisError, and then nothing counts as told."""
    with system_scope("outbox"), transaction(by=SYSTEM) as session:
        return outbox.sweep(session, lambda told: enqueue(queue, told))


def tick(now: datetime) -> list[str]:
    """Publish what is due at `now`; gives the names. A job that was never seen starts at its next time."""
    started = []
    with system_scope("clock"), transaction(by=SYSTEM) as session:
        behind = {row.name: row.last_slot for row in session.execute(select(PeriodicJob.name, PeriodicJob.last_slot))}
        for periodic in _schedule:
            slot = periodic.slot(now)
            if periodic.name not in behind:
                new = postgresql.insert(PeriodicJob).values(name=periodic.name, last_slot=slot, looked_at=now)
                session.execute(new.on_conflict_do_nothing())
            elif behind[periodic.name] < slot and _move(session, periodic.name, slot):
                publish_to(session, Ticked(periodic.name, slot.isoformat()), [periodic.listener()])
                started.append(periodic.name)
        seen = update(PeriodicJob).where(PeriodicJob.looked_at < now).values(looked_at=now)
        session.execute(seen, execution_options={"synchronize_session": False})
    return started


def _move(session: Session, name: str, slot: datetime) -> bool:
    """Whether this clock is the one that starts the slot."""
    moved = update(PeriodicJob).where(PeriodicJob.name == name, PeriodicJob.last_slot < slot).values(last_slot=slot)
    done = session.execute(moved, execution_options={"synchronize_session": False})
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE has it


def publish_now(session: Session, name: str, *, now: datetime) -> bool:
    """Start a periodic job out of its time, at most once a minute. Raises NotFound for a job that there is not."""
    periodic = next((found for found in _schedule if found.name == name), None)
    if periodic is None:
        raise NotFound
    minute = now.replace(second=0, microsecond=0)
    return publish_to(
        session, Ticked(name, now.isoformat()), [periodic.listener()], once=f"now:{name}:{minute.isoformat()}"
    )
