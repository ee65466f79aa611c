"""Background work: RQ workers with JSON arguments, and one clock for periodic jobs.

Jobs carry keys only and are safe to run twice. PostgreSQL stays the place of
record: what Redis loses is found again by the next periodic run.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis
from croniter import croniter
from rq import Queue, Retry, Worker
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

QUEUE = "default"
_TIMEOUT = 300  # seconds a job may run
_RETRIES = Retry(max=3, interval=[10, 60, 300])  # seconds
_SLOT_SECONDS = 3600  # how long a started slot is remembered
_TICK = 5.0  # seconds
_INSTANT = timedelta(microseconds=1)  # croniter looks strictly before; what is due right now is due


@dataclass(frozen=True)
class Periodic:
    """A job that starts by the clock: `cron` in UTC."""

    cron: str
    job: Callable[[], None]


def work(url: str, queue: str) -> None:
    """Run jobs of one queue until stopped. One queue per worker: a job is moved, never only popped."""
    connection = redis.Redis.from_url(url)
    worker = Worker(
        [Queue(queue, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=30,
        maintenance_interval=10,
    )
    worker.work(logging_level="WARNING")


def keep_time(
    url: str, schedule: Sequence[Periodic], *, since: datetime, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Enqueue what is due after `since`, forever. Several clocks may run: each slot is started by the first."""
    connection = redis.Redis.from_url(url)
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    while True:
        now = datetime.now(UTC)
        try:
            start_due(connection, queue, schedule, since, now)
            since = now
        except redis.RedisError as lost:
            log.warning("Redis does not answer, periodic jobs wait: %s", type(lost).__name__)
        sleep(_TICK)


def start_due(
    connection: redis.Redis, queue: Queue, schedule: Sequence[Periodic], since: datetime, now: datetime
) -> list[str]:
    """Enqueue the jobs whose time came after `since`, up to `now`; gives their names."""
    started = []
    for periodic in schedule:
        slot = croniter(periodic.cron, now + _INSTANT).get_prev(datetime)
        name = f"{periodic.job.__module__}.{periodic.job.__name__}"
        if slot <= since or not connection.set(f"slot:{name}:{slot.isoformat()}", "1", nx=True, ex=_SLOT_SECONDS):
            continue
        queue.enqueue(name, job_timeout=_TIMEOUT, retry=_RETRIES, result_ttl=_SLOT_SECONDS)
        started.append(name)
    return started
