"""The clock and the workers on the real Redis: each slot once, JSON only, safe to run twice."""

from __future__ import annotations

import dataclasses
import json
import signal
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from croniter import croniter
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import db, jobs, outbox
from app.core.errors import NotFound
from app.core.events import Event, Listener, publish_to
from app.core.jobs import Periodic, PeriodicJob, Ticked, Waker, enqueue, keep_time, publish_now, queue_of, tell, tick
from app.core.outbox import OutboxDelivery, OutboxEvent
from app.core.servers import Servers
from app.core.types import utc_now
from app.core.viewer import system_scope
from app.schedule import LISTENERS, SCHEDULE
from app.system import services
from app.system.models import Ms365PkceStore
from tests.outbox import published, work_off
from tests.relay import Relay

NOON = datetime(2030, 3, 1, 12, 0, tzinfo=UTC)
runs: list[datetime] = []


def hourly(session: Session, *, now: datetime) -> None:
    runs.append(now)


HOURLY = Periodic("0 * * * *", hourly)


@pytest.fixture
def connection(servers: Servers) -> Iterator[redis.Redis]:
    connection = redis.Redis.from_url(servers.redis_url)
    connection.flushdb()
    yield connection
    connection.flushdb()
    connection.close()


@pytest.fixture
def clock(session: Session) -> Iterator[Session]:
    """Only the hourly job is known, and was seen before noon."""
    runs.clear()
    jobs.register((), (HOURLY,))
    tick(NOON - timedelta(minutes=1))
    yield session
    jobs.register(LISTENERS, SCHEDULE)


def slots(session: Session) -> list[str]:
    session.expire_all()
    return [event.slot for event in published(session, Ticked) if event.job == HOURLY.name]


def test_a_slot_starts_once_however_many_clocks_there_are(clock: Session) -> None:
    started = [tick(NOON + timedelta(seconds=seconds)) for seconds in (-5, 0, 0, 3, 3599, 3600, 3601)]

    assert [len(names) for names in started] == [0, 1, 0, 0, 0, 1, 0]
    assert slots(clock) == [NOON.isoformat(), (NOON + timedelta(hours=1)).isoformat()]


def test_a_job_that_was_never_seen_waits_for_its_next_time(clock: Session) -> None:
    assert slots(clock) == []


def test_what_was_missed_while_nothing_ran_starts_once(clock: Session) -> None:
    started = [tick(NOON + timedelta(days=3, minutes=5)) for _time in (1, 2)]

    assert [len(names) for names in started] == [1, 0]
    assert slots(clock) == [(NOON + timedelta(days=3)).isoformat()]


def test_a_job_runs_with_the_time_and_its_failure_is_tried_again(clock: Session) -> None:
    tick(NOON)

    work_off(clock)

    assert len(runs) == 1
    assert runs[0].tzinfo is UTC


def test_run_now_starts_at_most_once_a_minute(clock: Session) -> None:
    written = [publish_now(clock, HOURLY.name, now=NOON + timedelta(seconds=second)) for second in (5, 6, 65)]

    work_off(clock)

    assert (written, len(runs)) == ([True, False, True], 2)


def test_nobody_starts_a_job_that_there_is_not(clock: Session) -> None:
    with pytest.raises(NotFound):
        publish_now(clock, "os.system", now=NOON)


@pytest.mark.parametrize("periodic", SCHEDULE, ids=lambda periodic: periodic.name)
def test_every_periodic_job_has_a_time_that_comes_and_runs_twice(session: Session, periodic: Periodic) -> None:
    assert croniter.is_valid(periodic.cron)
    assert periodic.next(NOON) > NOON

    for _time in (1, 2):
        periodic.run(session, now=utc_now())
        session.commit()


def event_about_nothing(kind: type[Event]) -> Event:
    """Keys of records that there are not."""
    values = {
        "int": 1,
        "bool": False,
        "str": "none",
        "str | None": None,
        "tuple[str, ...]": (),
        "tuple[str | None, ...]": (),
    }
    given = {field.name: values[str(field.type)] for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    times = {"due": NOON.isoformat(), "day": "2030-03-01"}
    return kind(**given | {name: text for name, text in times.items() if name in given})


@pytest.mark.parametrize("listener", LISTENERS, ids=lambda listener: listener.name)
def test_every_listener_bears_that_its_record_is_gone_meanwhile(session: Session, listener: Listener) -> None:
    for _time in (1, 2):
        publish_to(session, event_about_nothing(listener.event), [listener])

    tried = work_off(session)

    waiting = select(OutboxDelivery.listener, OutboxDelivery.error).where(
        OutboxDelivery.listener == listener.name, OutboxDelivery.done_at.is_(None)
    )
    assert tried == 2
    assert session.execute(waiting).all() == []


def test_only_logins_whose_time_is_over_are_forgotten_and_twice_is_harmless(session: Session) -> None:
    for state, seconds in (("over", -1), ("open", 1)):
        session.add(
            Ms365PkceStore(state=state, code_verifier="secret", expires_at=NOON + timedelta(seconds=seconds))
        )  # fmt: skip
    session.flush()

    gone = [services.forget_stale_logins(session, now=NOON) for _time in (1, 2)]

    assert gone == [1, 0]
    assert session.scalars(select(Ms365PkceStore.state)).all() == ["open"]


# Redis ------------------------------------------------------------------------


@pytest.fixture
def waiting(app: Flask, engine: object) -> Iterator[str]:
    """A delivery of the hourly job, committed; its id."""
    runs.clear()
    jobs.register((), (HOURLY,))
    former = outbox.woken_by(None)
    with system_scope("tests"), db.session_factory() as session:
        assert publish_now(session, HOURLY.name, now=NOON)
        session.commit()
        event = session.scalars(select(OutboxEvent).where(OutboxEvent.once.startswith(f"now:{HOURLY.name}"))).one()
        key = session.scalars(select(OutboxDelivery.id).where(OutboxDelivery.event_id == event.id)).one()
    yield key
    outbox.woken_by(former)
    jobs.register(LISTENERS, SCHEDULE)
    with system_scope("tests"), db.session_factory() as session:
        session.execute(delete(OutboxEvent).where(OutboxEvent.id == event.id))
        session.execute(delete(PeriodicJob))
        session.commit()


def make_late(key: str) -> None:
    """As if a worker had been told a minute ago, and nobody came."""
    with system_scope("tests"), db.session_factory() as session:
        session.get_one(OutboxDelivery, key).woken_at = utc_now() - timedelta(minutes=1)
        session.commit()


def work_burst(connection: redis.Redis) -> None:
    """A worker in this process; the signals are ours again afterwards."""
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    worker = SimpleWorker([queue_of(connection)], connection=connection, serializer=JSONSerializer)
    try:
        worker.work(burst=True, logging_level="ERROR")
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def test_a_worker_delivers_what_it_is_told_and_twice_is_harmless(waiting: str, connection: redis.Redis) -> None:
    enqueue(queue_of(connection), [(waiting, 30), (waiting, 30)])
    kept = connection.hget(f"rq:job:{queue_of(connection).job_ids[0]}", "data")

    work_burst(connection)

    assert len(runs) == 1
    assert json.loads(zlib.decompress(kept))[0] == "app.core.outbox.deliver"  # no pickle: reading one runs code
    assert queue_of(connection).failed_job_registry.count == 0


def test_many_deliveries_come_together_in_few_jobs(waiting: str, connection: redis.Redis) -> None:
    enqueue(queue_of(connection), [*[("gone", 30)] * 44, (waiting, 30)])

    told = [(job.func_name, len(job.args[0]), job.timeout) for job in queue_of(connection).get_jobs()]
    work_burst(connection)

    assert told == [("app.core.outbox.deliver_all", count, 30 * count) for count in (20, 20, 5)]
    assert (len(runs), queue_of(connection).failed_job_registry.count) == (1, 0)


def test_a_flushed_redis_is_told_again(waiting: str, connection: redis.Redis) -> None:
    enqueue(queue_of(connection), [(waiting, 30)])
    connection.flushall()
    make_late(waiting)

    told = [tell(queue_of(connection)) for _time in (1, 2)]
    work_burst(connection)

    assert (told, len(runs)) == ([1, 0], 1)


def test_a_redis_that_is_away_does_not_keep_a_page_waiting(servers: Servers, caplog: pytest.LogCaptureFixture) -> None:
    relay = Relay(urlsplit(servers.redis_url).port or 0)
    relay.cut()
    wake = Waker(servers.redis_url.replace(f":{urlsplit(servers.redis_url).port}/", f":{relay.port}/"))

    for _time in range(50):
        wake([("some-id", 30)])

    relay.close()
    assert [record.getMessage() for record in caplog.records if record.name == "app.core.jobs"] == [
        "Redis does not answer, work waits for the clock: ConnectionError"
    ]


def test_a_clock_goes_on_when_redis_was_away_and_tells_then(
    servers: Servers, waiting: str, connection: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    make_late(waiting)
    port = urlsplit(servers.redis_url).port
    relay = Relay(port or 0)
    relay.cut()
    queued: list[int] = []

    def between_ticks(_seconds: float) -> None:
        queued.append(len(queue_of(connection)))
        relay.mend()
        if len(queued) == 3:
            raise StopIteration

    with pytest.raises(StopIteration):
        keep_time(servers.redis_url.replace(f":{port}/", f":{relay.port}/"), sleep=between_ticks)

    relay.close()
    assert queued == [0, 1, 1]
    assert [record.getMessage() for record in caplog.records if record.name == "app.core.jobs"] == [
        "Redis does not answer, work waits: ConnectionError"
    ]


def test_arguments_in_redis_are_ids_only(waiting: str, connection: redis.Redis) -> None:
    enqueue(queue_of(connection), [(waiting, 30)])

    (job,) = queue_of(connection).get_jobs()

    arguments: list[Any] = [job.func_name, *job.args, job.kwargs, job.timeout]
    assert arguments == ["app.core.outbox.deliver", waiting, {}, 30]
