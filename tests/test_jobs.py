"""Background work on the real Redis: each slot once, JSON only, safe to run twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis
from flask import Flask
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import db
from app.core.jobs import QUEUE, start_due
from app.core.servers import Servers
from app.schedule import SCHEDULE
from app.system import jobs, services
from app.system.models import Ms365PkceStore

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


def test_a_job_is_kept_as_json_and_runs(app: Flask, engine: object, connection: redis.Redis) -> None:
    with db.session_factory() as session:
        keep_login(session, "stale", datetime.now(UTC) - timedelta(hours=1))
        session.commit()
    queue = queue_of(connection)
    start_due(connection, queue, SCHEDULE, NOON - timedelta(seconds=5), NOON)

    worker = SimpleWorker([queue], connection=connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="ERROR")

    with db.session_factory() as session:
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
    with db.session_factory() as session:
        keep_login(session, "stale", datetime.now(UTC) - timedelta(hours=1))
        session.commit()

    for _time in (1, 2):
        jobs.forget_stale_logins()

    with db.session_factory() as session:
        assert session.scalars(select(Ms365PkceStore)).all() == []
        session.execute(delete(Ms365PkceStore))
        session.commit()
