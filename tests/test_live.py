"""Pings and the event streams that carry them: over processes, without Redis, with a full house, at the end."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from app.access import sessions
from app.access.entrance import CLAIM
from app.access.models import EndReason, Role, SessionKind, User
from app.core import live, migrate, streams
from app.core.servers import Servers
from app.core.servers.supervise import STOP_SECONDS
from app.core.types import utc_now
from app.core.viewer import system_scope
from config import STREAM_PLACES, WEB_THREADS, Settings, sqlalchemy_url
from tests.conftest import logged_in, make_user
from tests.relay import Relay
from tests.running import web

PATIENCE = 10.0


def soon(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true answer; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    pytest.fail(f"not within {seconds} seconds")


class Ear:
    """One open stream, read by a thread of its own."""

    def __init__(self, address: str, cookie: dict[str, str]) -> None:
        parts = urlsplit(address)
        self.lines: list[str] = []
        self.ended, self.ended_at = threading.Event(), 0.0
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=40)
        self._connection.request("GET", "/live/", headers=cookie)
        self.answer = self._connection.getresponse()
        self.status = self.answer.status
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while line := self.answer.readline():
                self.lines.append(line.decode().rstrip("\n"))
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            self.lines.append("broken")
        self.ended_at = time.monotonic()
        self.ended.set()

    def topics(self) -> list[str]:
        return [line.removeprefix("data: ") for line in self.lines if line.startswith("data: ")]

    def hears(self, topic: str, seconds: float = PATIENCE) -> None:
        soon(lambda: topic in self.topics(), seconds)

    def close(self) -> None:
        self._connection.close()


class Place:
    """A database with people of its own, and the web servers in front of it."""

    def __init__(self, engine: Engine, settings: Settings, app: Flask, folder: Path) -> None:
        self.engine, self.settings, self.app, self.folder = engine, settings, app, folder
        self.role = ""
        with self.session() as session:
            role = Role(name=f"Staff {time.monotonic_ns()}")
            session.add(role)
            session.commit()
            self.role = role.id

    @contextmanager
    def session(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session, system_scope("tests"):
            session.info["unaudited"] = True
            yield session

    @contextmanager
    def web(self, **changes: Any) -> Iterator[str]:
        with web(replace(self.settings, **changes), self.folder / f"web{time.monotonic_ns()}.log") as address:
            yield address

    def person(self, name: str) -> tuple[User, dict[str, str]]:
        """Somebody, and the cookie of a session of his."""
        with self.session() as session:
            user = make_user(session, f"{name}{time.monotonic_ns()}", role_id=self.role)
            key = sessions.begin(session, user, SessionKind.web, sessions.Origin("127.0.0.1"), now=utc_now())
            session.commit()
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        assert signer is not None
        value = signer.dumps({"_user_id": user.id, "_fresh": True, CLAIM: key})
        return user, {"Cookie": f"{self.app.config['SESSION_COOKIE_NAME']}={value}"}

    def ping(self, user: User, topic: str) -> float:
        """Commit something and tell this person; gives the seconds it took."""
        with self.session() as session:
            session.execute(text("SELECT 1"))
            live.ping(session, user.id, topic)
            began = time.monotonic()
            session.commit()
            return time.monotonic() - began


@pytest.fixture(scope="module")
def own_database(servers: Servers) -> str:
    """A migrated database that only this module writes to, and to keep."""
    keeper = create_engine(sqlalchemy_url(servers.database_url), isolation_level="AUTOCOMMIT")
    with keeper.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE live")
    keeper.dispose()
    address = servers.database_url.rpartition("/")[0] + "/live"
    migrate.upgrade(address)
    return address


@pytest.fixture
def place(own_database: str, settings: Settings, app: Flask, tmp_path: Path) -> Iterator[Place]:
    engine = create_engine(sqlalchemy_url(own_database))
    with redis.Redis.from_url(str(settings.redis_url)) as client:
        client.delete(f"live:{live.EVERYBODY}")  # what earlier tests told everybody
    yield Place(engine, replace(settings, database_url=own_database), app, tmp_path)
    engine.dispose()
    live.connect(settings.redis_url)


def get(address: str, path: str, cookie: dict[str, str], seconds: float = 10) -> int:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", path, headers=cookie)
        return connection.getresponse().status
    finally:
        connection.close()


# What is told ---------------------------------------------------------------


def test_a_ping_is_told_after_the_commit_and_once(session: Session, pinged: Callable[[], list[str]]) -> None:
    live.ping(session, "petra", "chat")
    live.ping(session, "petra", "chat")
    live.ping(session, "hana", "tasks")
    before = pinged()

    session.commit()

    assert before == []
    assert pinged() == ['["petra", "chat"]', '["hana", "tasks"]']


def test_what_is_undone_is_not_told(session: Session, pinged: Callable[[], list[str]]) -> None:
    live.ping(session, "petra", "chat")
    session.rollback()
    session.execute(text("SELECT 1"))
    session.commit()

    assert pinged() == []


def test_of_a_part_that_is_undone_nothing_is_told_and_the_rest_is(
    session: Session, pinged: Callable[[], list[str]]
) -> None:
    live.ping(session, "petra", "before")
    with session.begin_nested():
        live.ping(session, "petra", "kept")
    undone = session.begin_nested()
    live.ping(session, "petra", "undone")
    undone.rollback()
    early = pinged()

    session.commit()

    assert early == []
    assert pinged() == ['["petra", "before"]', '["petra", "kept"]']


@pytest.mark.parametrize("topic", ["", "Chat", "a b", "chat\n", "x" * 50])
def test_a_topic_is_a_plain_word(session: Session, topic: str) -> None:
    with pytest.raises(ValueError, match="no topic"):
        live.ping(session, "petra", topic)


def test_a_redis_that_is_away_is_left_alone_for_a_while() -> None:
    now = [100.0]
    sender = live.Sender("redis://127.0.0.1:1/0", clock=lambda: now[0])
    tried: list[float] = []
    real = sender._redis.pipeline
    sender._redis.pipeline = lambda **how: (tried.append(now[0]), real(**how))[1]

    for at in (100.0, 100.1, 105.0, 109.9, 110.1, 110.2, 121.0):
        now[0] = at
        assert sender.send([("petra", "chat")]) is False

    assert tried == [100.0, 110.1, 121.0]


# Streams --------------------------------------------------------------------


def test_a_commit_is_heard_in_every_process_by_its_person_alone(place: Place) -> None:
    petra, cookie = place.person("petra")
    hana, other = place.person("hana")
    with place.web() as first, place.web() as second:
        ears = [Ear(first, cookie), Ear(second, cookie), Ear(first, other)]

        place.ping(petra, "chat")
        for ear in ears[:2]:
            ear.hears("chat")
        place.ping(hana, "tasks")
        ears[2].hears("tasks")

        assert [ear.topics() for ear in ears] == [["chat"], ["chat"], ["tasks"]]
        headers = ears[0].answer.headers
        assert headers["Content-Type"].startswith("text/event-stream")
        assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-store", "no")
        for ear in ears:
            ear.close()


def test_what_is_told_to_everybody_is_heard_by_everybody_and_by_who_comes_right_after(place: Place) -> None:
    cookies = [place.person(name)[1] for name in ("petra", "hana", "later")]
    with place.web() as address:
        ears = [Ear(address, cookie) for cookie in cookies[:2]]
        for ear in ears:
            soon(lambda ear=ear: ear.lines)

        with place.session() as session:
            session.execute(text("SELECT 1"))
            live.ping_all(session, "board")
            session.commit()
        ears.append(Ear(address, cookies[2]))

        for ear in ears:
            ear.hears("board")
            ear.close()


def test_a_stream_begins_with_what_happened_while_its_page_was_loading(place: Place) -> None:
    petra, cookie = place.person("petra")
    place.ping(petra, "notifications")
    with place.web() as address:
        ear = Ear(address, cookie)

        ear.hears("notifications")
        ear.close()


def test_without_redis_saving_goes_on_and_pages_are_sent_to_the_clock(place: Place, settings: Settings) -> None:
    petra, cookie = place.person("petra")
    port = urlsplit(settings.redis_url or "").port
    assert port is not None and settings.redis_url
    relay = Relay(port)
    behind = settings.redis_url.replace(f":{port}", f":{relay.port}")
    live.connect(behind)
    with place.web(redis_url=behind) as address:
        ear = Ear(address, cookie)
        place.ping(petra, "chat")
        ear.hears("chat")

        relay.cut()
        took = [place.ping(petra, "chat") for _save in range(20)]
        assert ear.ended.wait(20)
        assert ear.lines[-3:-1] == ["event: end", "data: away"]
        began = time.monotonic()
        refused = Ear(address, cookie)
        assert (refused.status, refused.answer.headers["Retry-After"]) == (503, "60")
        assert time.monotonic() - began < 2
        assert get(address, "/profile/", cookie) == 200

        relay.mend()
        live.connect(behind)
        again = soon(lambda: (found := Ear(address, cookie)).status == 200 and found, 20)
        soon(lambda: place.ping(petra, "tasks") and "tasks" in again.topics())
        again.close()
    relay.close()

    assert max(took) < 1 and sum(took) < 2


def test_a_short_break_makes_pages_ask_for_what_they_missed(place: Place, settings: Settings) -> None:
    _petra, cookie = place.person("petra")
    port = urlsplit(settings.redis_url or "").port
    assert port is not None and settings.redis_url
    relay = Relay(port)
    with place.web(redis_url=settings.redis_url.replace(f":{port}", f":{relay.port}")) as address:
        ear = Ear(address, cookie)
        relay.cut()
        relay.mend()

        ear.hears("poll")
        assert not ear.ended.is_set()
        ear.close()
    relay.close()


def test_nobody_hears_anything(app: Flask, session: Session) -> None:
    answer = app.test_client().get("/live/")

    assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/")


def test_through_other_eyes_one_hears_nothing(app: Flask, session: Session, admin: User, without_csrf: None) -> None:
    petra = make_user(session, "petra", role=Role(name="Staff"))
    session.commit()
    browser = logged_in(app, admin)
    browser.post(f"/rights/view-as/{petra.id}")

    answer, page = browser.get("/live/"), browser.get("/")

    assert (answer.status_code, answer.data) == (204, b"")
    assert "live.js" not in page.text


def test_logging_out_ends_the_stream_at_once(place: Place) -> None:
    petra, cookie = place.person("petra")
    with place.web() as address:
        ear = Ear(address, cookie)
        with place.session() as session:
            sessions.end_all(session, petra.id, EndReason.logout, now=utc_now())
            session.commit()

        assert ear.ended.wait(5)
        assert ear.lines[-3:-1] == ["event: end", "data: session"]
        assert Ear(address, cookie).status == 302


def test_deactivating_somebody_ends_the_stream_at_once(place: Place) -> None:
    petra, cookie = place.person("petra")
    with place.web() as address:
        ear = Ear(address, cookie)
        with place.session() as session:
            session.get_one(User, petra.id).is_active = False
            session.commit()

        assert ear.ended.wait(5)
        assert Ear(address, cookie).status == 302


def test_a_stream_keeps_no_session_from_growing_idle(place: Place) -> None:
    petra, cookie = place.person("petra")
    mine = f"WHERE user_id = '{petra.id}'"
    seen = text(f"SELECT last_seen_at FROM user_sessions {mine}")
    with place.engine.begin() as connection:
        connection.execute(text(f"UPDATE user_sessions SET last_seen_at = last_seen_at - interval '5 minutes' {mine}"))
        before = connection.scalar(seen)
    with place.web() as address:
        ear = Ear(address, cookie)
        get(address, "/profile/", cookie | {"X-Quiet": "1"})
        with place.engine.connect() as connection:
            quiet = connection.scalar(seen)
        get(address, "/profile/", cookie)
        with place.engine.connect() as connection:
            after = connection.scalar(seen)
        ear.close()

    assert ear.status == 200
    assert quiet == before < after


# A full house ---------------------------------------------------------------


def test_the_fifth_stream_of_a_person_ends_the_oldest(place: Place) -> None:
    _petra, cookie = place.person("petra")
    with place.web() as address:
        ears = [Ear(address, cookie) for _tab in range(streams.MOST_PER_PERSON + 1)]

        assert ears[0].ended.wait(5)
        assert ears[0].lines[-3:-1] == ["event: end", "data: crowded"]
        assert not any(ear.ended.is_set() for ear in ears[1:])
        for ear in ears:
            ear.close()


def test_a_full_house_of_streams_takes_nothing_from_ordinary_pages_and_keeps_no_stop_waiting(place: Place) -> None:
    people = [place.person(f"person{number}") for number in range(-(-STREAM_PLACES // streams.MOST_PER_PERSON) + 1)]
    with ExitStack() as stack:
        running = place.web()
        address = stack.enter_context(running)
        ears = [Ear(address, people[number // streams.MOST_PER_PERSON][1]) for number in range(STREAM_PLACES)]
        refused = Ear(address, people[-1][1])
        answers: list[tuple[int, float]] = []

        def ask() -> None:
            began = time.monotonic()
            answers.append((get(address, "/profile/", people[0][1]), time.monotonic() - began))

        askers = [threading.Thread(target=ask) for _page in range(3 * WEB_THREADS)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        time.sleep(0.2)
        with place.engine.connect() as connection:
            held = connection.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name = 'indexus' AND state <> 'idle'"
                )
            )
        live_ones = [ear for ear in ears if not ear.ended.is_set()]
        place.ping(people[0][0], "chat")
        ears[0].hears("chat")
        stopping = time.monotonic()

    stopped = time.monotonic() - stopping
    assert [ear.status for ear in ears] == [200] * STREAM_PLACES
    assert (refused.status, refused.answer.headers["Retry-After"]) == (503, "60")
    assert [status for status, _seconds in answers] == [200] * 3 * WEB_THREADS
    assert max(seconds for _status, seconds in answers) < 8
    assert held == 0
    assert len(live_ones) == STREAM_PLACES
    assert all(ear.ended.wait(5) and "broken" not in ear.lines for ear in ears)
    assert max(ear.ended_at for ear in ears) - stopping < 3  # before gunicorn's patience is over
    assert stopped < STOP_SECONDS


def test_a_place_is_free_again_when_its_browser_is_gone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, opened = streams.Hub(), []
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    for _tab in range(3):
        opened.append(hub.open("petra"))
    assert hub.count() == 3

    opened[0].close()  # what a server does when it cannot write to it
    opened[0].close()

    assert hub.count() == 2
    assert next(opened[1]).startswith(b"retry: ") and next(opened[1]) == b": \n\n"
    hub.close()
    assert list(opened[1]) == [b": \n\n"]
    with pytest.raises(streams.Away):
        hub.open("petra")


def test_a_stream_that_does_not_know_the_last_seconds_makes_its_page_ask(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = streams.Hub()
    hub.open("hana").close()  # pings are heard from now on
    monkeypatch.setattr(live, "_sender", live.Sender("redis://127.0.0.1:1/0"))
    monkeypatch.setattr(live, "address", lambda: settings.redis_url)

    stream = hub.open("petra")

    assert next(stream).startswith(b"retry: ") and next(stream) == b"data: poll\n\n"
    hub.close()


def test_a_stream_ends_after_its_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = streams.Hub()
    monkeypatch.setattr(streams, "LONGEST", 0.3)
    stream = hub.open("petra")
    began = time.monotonic()

    lines = list(stream)

    assert lines[0].startswith(b"retry: ") and time.monotonic() - began < 2
    assert hub.count() == 0


def test_of_many_pings_at_once_each_topic_is_told_once(app: Flask) -> None:
    stream = streams.Hub().open("petra")
    next(stream)
    for _ping in range(500):
        stream.tell("chat")
    stream.tell("tasks")

    told = next(stream)

    assert told in (b"data: chat\n\n", b"data: chat\n\ndata: tasks\n\n")


def test_streams_of_a_killed_server_hold_no_process(place: Place) -> None:
    _petra, cookie = place.person("petra")
    with place.web() as address:
        ear = Ear(address, cookie)
        port = str(urlsplit(address).port)
        named = [entry for entry in Path("/proc").glob("[0-9]*") if _names(entry, f"127.0.0.1:{port}")]
        parent = next(int(entry.name) for entry in named if _parent(entry) not in {int(e.name) for e in named})
        workers = [int(entry.name) for entry in named if int(entry.name) != parent]

        os.kill(parent, signal.SIGKILL)

        assert workers
        assert ear.ended.wait(15)
        soon(lambda: not any(_alive(number) for number in workers), 15)


def _names(entry: Path, words: str) -> bool:
    try:
        return words.encode() in (entry / "cmdline").read_bytes()
    except OSError:
        return False


def _parent(entry: Path) -> int:
    return int((entry / "stat").read_text().rpartition(")")[2].split()[1])


def _alive(number: int) -> bool:
    try:
        return (Path("/proc") / str(number) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
