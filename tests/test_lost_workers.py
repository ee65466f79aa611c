"""Workers, Redis and PostgreSQL die; nothing is lost, and nothing happens twice. With the real servers."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from sqlalchemy import create_engine, text

from app.core import db, jobs, migrate, outbox
from app.core.db import connect
from app.core.events import forget
from app.core.jobs import Waker
from app.core.servers import Servers
from app.core.servers.children import Child
from app.core.servers.postgres import Postgres
from app.core.viewer import system_scope
from app.schedule import LISTENERS, SCHEDULE
from config import ROOT, KeptSecrets, engine_options, sqlalchemy_url
from tests import nursery
from tests.relay import Relay

JOBS, KILLS = 200, 20
DONE_SECONDS = 120
AWAY_SECONDS = 60
SAVE_SECONDS = 2.0
DICE = random.Random(20)
NURSERY = (sys.executable, "-c", "from tests.nursery import main; main()")


@pytest.fixture
def garden(servers: Servers, engine: object, tmp_path: Path) -> Iterator[str]:
    """The address of a database of its own; this process plants into it."""
    with own_database(servers, engine, f"garden_{os.getpid()}_{tmp_path.name[-1]}", prepare) as address:
        jobs.register((nursery.grow,), ())
        yield address
        forget(nursery.grow)
        jobs.register(LISTENERS, SCHEDULE)


@contextmanager
def own_database(servers: Servers, engine: object, name: str, prepare: Callable[[str], object]) -> Iterator[str]:
    """The address of a prepared database that this process is connected to, with a Redis that is empty."""
    keeper = create_engine(sqlalchemy_url(servers.database_url), isolation_level="AUTOCOMMIT")
    with keeper.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    address = servers.database_url.rpartition("/")[0] + f"/{name}"
    prepare(address)
    own = connect(sqlalchemy_url(address), **engine_options())
    redis.Redis.from_url(servers.redis_url).flushall()
    former = outbox.woken_by(Waker(servers.redis_url))
    yield address
    outbox.woken_by(former)
    db.current_session.remove()
    own.dispose()
    db.session_factory.configure(bind=engine)
    redis.Redis.from_url(servers.redis_url).flushall()
    with keeper.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    keeper.dispose()


def prepare(address: str) -> None:
    migrate.upgrade(address)
    engine = create_engine(sqlalchemy_url(address))
    with engine.begin() as connection:
        connection.execute(text(nursery.MAKE))
        connection.execute(text("GRANT ALL ON effects, effects_id_seq TO indexus_app, indexus_everywhere"))
    engine.dispose()


class Staff:
    """A worker and a clock under the supervisor's own watch."""

    def __init__(self, database_url: str, redis_url: str, log: Path, command: Sequence[str] = NURSERY) -> None:
        self._environ = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
        self.log, self._command = log, command
        self.children = [Child(name, name, log, lambda name=name: self._start(name)) for name in ("worker", "clock")]

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            command = [*self._command, name]
            return subprocess.Popen(
                command, cwd=ROOT, env=self._environ, stdout=output, stderr=output, start_new_session=True
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """The whole group at once, a child with its work in hand included."""
        process = next(child.process for child in self.children if child.name == name)
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def tend(self) -> None:
        for child in self.children:
            child.tend(lambda _said: None)


@contextmanager
def staff(database_url: str, redis_url: str, log: Path, command: Sequence[str] = NURSERY) -> Iterator[Staff]:
    working = Staff(database_url, redis_url, log, command)
    for child in working.children:
        child.begin()
    try:
        yield working
    finally:
        for name in ("worker", "clock"):
            working.kill(name)


def plant(number: int) -> float:
    """Save once as a page would; gives the seconds it took."""
    begin = time.monotonic()
    with system_scope("tests"):
        nursery.plant(str(number))
    return time.monotonic() - begin


def count(address: str, what: str) -> int:
    engine = create_engine(sqlalchemy_url(address))
    with engine.connect() as connection:
        found: int = connection.scalar(text(what)) or 0
    engine.dispose()
    return found


def wait_until_done(address: str, working: Staff, seconds: float) -> float:
    """Until nothing is open; gives the seconds it took."""
    begin = time.monotonic()
    open_ones = "SELECT count(*) FROM outbox_deliveries WHERE done_at IS NULL"
    while left := count(address, open_ones):
        working.tend()
        if time.monotonic() - begin > seconds:
            pytest.fail(f"{left} deliveries are open after {seconds} s: {working.log.read_text()[-3000:]}")
        time.sleep(0.3)
    return time.monotonic() - begin


def assert_each_once(address: str, planted: int) -> None:
    """Every planted one has its two rows, and no more."""
    grown = "SELECT what, count(*) AS n FROM effects WHERE what NOT LIKE 'planted %' GROUP BY what"
    assert count(address, f"SELECT count(*) FROM ({grown}) AS g WHERE n <> 2") == 0
    assert count(address, f"SELECT count(*) FROM ({grown}) AS g") == planted
    assert count(address, "SELECT count(*) FROM outbox_deliveries WHERE failed_at IS NOT NULL") == 0


def test_workers_killed_at_any_point_lose_nothing_and_do_nothing_twice(
    servers: Servers, garden: str, tmp_path: Path
) -> None:
    with staff(garden, servers.redis_url, tmp_path / "log") as working:
        for number in range(JOBS):
            plant(number)
        for _kill in range(KILLS):
            time.sleep(DICE.uniform(0.1, 0.6))
            working.kill("worker")
            worker = working.children[0]
            worker.begin()
            time.sleep(1.5)  # it loads first
        seconds = wait_until_done(garden, working, DONE_SECONDS)

    assert_each_once(garden, JOBS)
    print(f"all done {seconds:.0f} s after the last kill")


def test_saving_goes_on_without_redis_and_everything_is_done_after_its_return(
    servers: Servers, garden: str, tmp_path: Path
) -> None:
    port = urlsplit(servers.redis_url).port
    relay = Relay(port or 0)
    address = servers.redis_url.replace(f":{port}/", f":{relay.port}/")
    outbox.woken_by(Waker(address))
    with staff(garden, address, tmp_path / "log") as working:
        took = [plant(number) for number in range(10)]
        redis.Redis.from_url(servers.redis_url).flushall()
        took += [plant(number) for number in range(10, 20)]
        relay.cut()
        back = time.monotonic() + AWAY_SECONDS
        number = 20
        while time.monotonic() < back:
            took.append(plant(number))
            number += 1
            working.tend()
            time.sleep(0.5)
        relay.mend()
        wait_until_done(garden, working, DONE_SECONDS)

    relay.close()
    assert max(took) < SAVE_SECONDS
    assert_each_once(garden, number)


def test_a_killed_postgresql_keeps_what_it_acknowledged_and_no_connection_stays_broken(
    servers: Servers, tmp_path: Path
) -> None:
    kept = KeptSecrets(tmp_path)
    postgres = Postgres(tmp_path, kept)  # as in production: what is acknowledged is on the disk
    postgres.start()
    try:
        prepare(postgres.url)
        environ = {**os.environ, "DATABASE_URL": postgres.url, "REDIS_URL": servers.redis_url}
        log = (tmp_path / "writers.log").open("wb")
        writers = subprocess.Popen(
            [*NURSERY, "writers"], cwd=ROOT, env=environ, stdin=subprocess.PIPE,
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        for signalled in (signal.SIGKILL, signal.SIGQUIT, signal.SIGINT):
            said = wait_for_writes(log.name, 50)
            assert postgres.process is not None
            postgres.process.send_signal(signalled)
            postgres.process.wait()
            postgres.restart()
            recovered = wait_for_writes(log.name, 50, after=said)
        writers.communicate(timeout=30)
        log.close()
        lines = Path(log.name).read_text().splitlines()
        kept_ones = {f"planted {line}" for line in lines if "refused" not in line}
        engine = create_engine(sqlalchemy_url(postgres.url))
        with engine.connect() as connection:
            found = list(connection.scalars(text("SELECT what FROM effects")))
            events = connection.scalar(text("SELECT count(*) FROM outbox_events"))
        engine.dispose()
    finally:
        postgres.stop()

    assert recovered > 0
    assert any("refused" in line for line in lines)
    assert kept_ones <= set(found)
    assert events == len(found)  # each with its event, also those whose answer was lost


def wait_for_writes(log: str, more: int, *, after: int = 0) -> int:
    """Until so many more writes were acknowledged; gives the number of lines then."""
    begin = time.monotonic()
    while True:
        lines = Path(log).read_text().splitlines()
        if len([line for line in lines[after:] if "refused" not in line]) >= more:
            return len(lines)
        if time.monotonic() - begin > 60:
            pytest.fail(f"the writers do not go on: {lines[-10:]}")
        time.sleep(0.1)
