"""Background work on the real Redis: each slot once, JSON only, safe to run twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
import redis
from croniter import croniter
from flask import Flask
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from rq.utils import import_attribute
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import db
from app.core.jobs import QUEUE, Periodic, keep_time, start_due
from app.core.servers import Servers
from app.core.viewer import system_scope
from app.schedule import SCHEDULE
from app.system import jobs, services
from app.system.models import Ms365PkceStore
from tests.relay import Relay

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOGINS = "app.system.jobs.forget_stale_logins"


@pytest.fixture
def connection(servers: Servers) -> Iterator[redis.Redis]:
    connection = redis.Redis.from_url(servers.redis_url)
    connection.flushdb()
    yield connection
    connection.flushdb()
    connection.close()


def queue_of(connection: redis.Redis) -> Queue:
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer)


def keep_login(session: Session, state: str, expires_at: datetime) -> None:
    session.add(Ms365PkceStore(state=state, code_verifier="secret", expires_at=expires_at))


def test_a_slot_starts_once_however_many_clocks_there_are(connection: redis.Redis) -> None:
    queue = queue_of(connection)
    before = NOON - timedelta(seconds=5)

    assert start_due(connection, queue, SCHEDULE, before, NOON) == [LOGINS]
    assert start_due(connection, queue, SCHEDULE, before, NOON) == []
    assert start_due(connection, queue, SCHEDULE, NOON, NOON + timedelta(minutes=29)) == []
    assert start_due(connection, queue, SCHEDULE, NOON, NOON + timedelta(minutes=31)) == [LOGINS]
    assert len(queue) == 2


def test_what_is_due_this_very_moment_starts_now_or_never_twice(connection: redis.Redis) -> None:
    """A tick that falls on the slot to the microsecond, then the next one."""
    queue = queue_of(connection)
    ticks = [NOON + timedelta(seconds=5 * i) for i in range(-2, 4)]

    started = [start_due(connection, queue, SCHEDULE, *span) for span in pairwise(ticks)]

    assert started == [[], [LOGINS], [], [], []]


def test_two_clocks_that_tick_at_different_moments_start_a_slot_once(connection: redis.Redis) -> None:
    queue = queue_of(connection)
    ticks = [NOON + timedelta(seconds=3 * i) for i in range(-4, 6)]

    # One clock has the even ticks, the other one the odd ticks.
    started = [start_due(connection, queue, SCHEDULE, *span) for span in zip(ticks, ticks[2:], strict=False)]

    assert [names for names in started if names] == [[LOGINS]]
    assert len(queue) == 1


def test_a_slot_before_the_clock_was_started_is_left_out(connection: redis.Redis) -> None:
    assert start_due(connection, queue_of(connection), SCHEDULE, NOON, NOON + timedelta(seconds=5)) == []


def test_a_clock_goes_on_when_redis_was_away_and_starts_what_fell_due_meanwhile(
    servers: Servers, connection: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    parts = urlsplit(servers.redis_url)
    relay = Relay(parts.port or 0)
    relay.cut()
    queued = []

    def between_ticks(_seconds: float) -> None:
        queued.append(len(queue_of(connection)))
        relay.mend()
        if len(queued) == 3:
            raise StopIteration

    with pytest.raises(StopIteration):
        keep_time(
            servers.redis_url.replace(f":{parts.port}/", f":{relay.port}/"),
            [Periodic("0 0 1 1 *", jobs.forget_stale_logins)],  # the last slot is that of New Year
            since=datetime.now(UTC) - timedelta(days=400),
            sleep=between_ticks,
        )

    relay.close()
    assert queued == [0, 1, 1]
    assert [record.getMessage() for record in caplog.records if record.name == "app.core.jobs"] == [
        "Redis does not answer, periodic jobs wait: ConnectionError"
    ]


def test_every_periodic_job_has_a_name_a_worker_finds_and_a_time_that_comes() -> None:
    for periodic in SCHEDULE:
        name = f"{periodic.job.__module__}.{periodic.job.__name__}"

        assert import_attribute(name) is periodic.job
        assert croniter.is_valid(periodic.cron)


def test_a_job_is_kept_as_json_and_runs(app: Flask, engine: object, connection: redis.Redis) -> None:
    with db.session_factory() as session, system_scope("tests"):
        keep_login(session, "stale", datetime.now(UTC) - timedelta(hours=1))
        session.commit()
    queue = queue_of(connection)
    start_due(connection, queue, SCHEDULE, NOON - timedelta(seconds=5), NOON)

    worker = SimpleWorker([queue], connection=connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="ERROR")

    with db.session_factory() as session, system_scope("tests"):
        assert session.scalars(select(Ms365PkceStore)).all() == []
    assert queue.failed_job_registry.count == 0


def test_only_logins_whose_time_is_over_are_forgotten_and_twice_is_harmless(session: Session) -> None:
    keep_login(session, "over", NOON - timedelta(seconds=1))
    keep_login(session, "open", NOON + timedelta(seconds=1))
    session.flush()

    gone = [services.forget_stale_logins(session, now=NOON) for _time in (1, 2)]

    assert gone == [1, 0]
    assert session.scalars(select(Ms365PkceStore.state)).all() == ["open"]


def test_the_job_itself_commits(app: Flask, engine: object) -> None:
    with db.session_factory() as session, system_scope("tests"):
        keep_login(session, "stale", datetime.now(UTC) - timedelta(hours=1))
        session.commit()

    for _time in (1, 2):
        jobs.forget_stale_logins()

    with db.session_factory() as session, system_scope("tests"):
        assert session.scalars(select(Ms365PkceStore)).all() == []
        session.execute(delete(Ms365PkceStore))
        session.commit()
