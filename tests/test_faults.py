"""What breaks around us: a sentence and a number, nothing half done, and recovery without a restart."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app import create_app
from app.core import db, migrate
from app.core.viewer import system_scope
from config import Settings
from tests.conftest import PASSWORD, logged_in, make_user, token_of
from tests.relay import Relay
from tests.running import web
from tests.smallest import smallest


@pytest.fixture
def breakable(settings: Settings, engine: Engine) -> Iterator[Flask]:
    """A second application with a page that fails; the first one gets its database back afterwards."""
    app = create_app(settings)

    @app.get("/fails")
    def fails() -> str:
        raise ZeroDivisionError("the secret reason")

    yield app
    app.extensions["engine"].dispose()
    db.current_session.remove()
    db.session_factory.configure(bind=engine)


def test_a_failure_of_ours_tells_a_number_and_no_reason(breakable: Flask) -> None:
    page = breakable.test_client().get("/fails")
    program = breakable.test_client().get("/fails", headers={"Accept": "application/json"})

    assert page.status_code == program.status_code == 500
    assert page.headers["X-Request-Id"] in page.text
    assert program.json["request_id"] == program.headers["X-Request-Id"]
    for answer in (page, program):
        assert "secret reason" not in answer.text and "Traceback" not in answer.text


def test_a_statement_that_waits_too_long_is_given_up(client: FlaskClient, session: Session, engine: Engine) -> None:
    smallest(session, "email_tags")
    session.commit()
    session.connection().execute(text("SET lock_timeout = '200ms'"))

    with engine.connect() as other, other.begin():
        other.execute(text("LOCK TABLE laboratories IN ACCESS EXCLUSIVE MODE"))
        waiting = client.get("/laboratories/list/")
    after = client.get("/laboratories/list/")

    assert waiting.status_code == 503
    assert "took too long" in waiting.text
    assert waiting.headers["Retry-After"]
    assert after.status_code == 200


def test_without_its_database_it_says_so_and_recovers_by_itself(
    settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    migrate.upgrade(empty_database)
    parts = urlsplit(empty_database)
    assert parts.port is not None
    relay = Relay(parts.port)
    behind = replace(settings, database_url=empty_database.replace(f":{parts.port}/", f":{relay.port}/"))
    login = {"username": "nobody", "password": PASSWORD, "provider": "db"}
    try:
        with web(behind, tmp_path / "web.log") as address:
            assert ask(f"{address}/api/v1/security/login", login)[0] == 401

            relay.cut()
            status, headers, body = ask(f"{address}/api/v1/security/login", login)
            assert (status, headers["Retry-After"]) == (503, "5")
            assert "database does not answer" in json.loads(body)["message"]
            assert ask(f"{address}/healthz")[0] == 200
            status, _headers, body = ask(f"{address}/readyz")
            assert status == 503 and json.loads(body)["database"] == "no answer"

            relay.mend()
            assert ask(f"{address}/api/v1/security/login", login)[0] == 401
            assert ask(f"{address}/readyz")[0] == 200
    finally:
        relay.close()


@contextmanager
def second(settings: Settings, engine: Engine) -> Iterator[tuple[Flask, FlaskClient, dict[str, str]]]:
    """Another application, a browser that is logged in to it, and a token; the first one gets its database back."""
    app = create_app(settings)
    app.config.update(WTF_CSRF_ENABLED=False)
    name = f"second {settings.database_url}"[-30:]
    try:
        with db.session_factory.begin() as session, system_scope("tests"):
            user = make_user(session, name)
        yield app, logged_in(app, user), token_of(app, user)
    finally:
        with app.extensions["engine"].begin() as connection:
            connection.execute(text("DELETE FROM users WHERE username = :name"), {"name": name})
            connection.execute(text("DELETE FROM login_tries"))
        app.extensions["engine"].dispose()
        db.current_session.remove()
        db.session_factory.configure(bind=engine)


def test_who_is_logged_in_gets_a_page_without_the_database_too(
    settings: Settings, engine: Engine, empty_database: str
) -> None:
    migrate.upgrade(empty_database)
    port = urlsplit(empty_database).port
    assert port is not None
    relay = Relay(port)
    behind = replace(settings, database_url=empty_database.replace(f":{port}/", f":{relay.port}/"))
    try:
        with second(behind, engine) as (_app, browser, token):
            before = browser.get("/profile/")
            relay.cut()
            pages = [browser.get(page) for page in ("/", "/profile/", "/users/list/", "/users/show/x")]
            rest = browser.get("/api/v1/users/", headers=token)
            relay.mend()
            after = browser.get("/profile/")
    finally:
        relay.close()

    assert before.status_code == after.status_code == 200
    for page in pages:
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert "The database does not answer" in page.text
        assert "/static/css/" in page.text and page.headers["X-Request-Id"] in page.text
        assert "psycopg" not in page.text and "127.0.0.1" not in page.text
    assert rest.status_code == 503 and "database does not answer" in rest.json["message"]


def test_who_finds_no_free_connection_is_asked_to_come_back(settings: Settings, engine: Engine) -> None:
    with second(settings, engine) as (app, browser, _token):
        held = [app.extensions["engine"].connect() for _connection in range(10)]
        refused = browser.get("/profile/")
        for connection in held:
            connection.close()
        after = browser.get("/profile/")

    assert refused.status_code == 503 and "Very busy" in refused.text and refused.headers["Retry-After"]
    assert after.status_code == 200


def test_without_redis_people_still_log_in_and_tries_are_still_counted(settings: Settings, engine: Engine) -> None:
    nowhere = replace(settings, redis_url="redis://127.0.0.1:1/0")
    with second(nowhere, engine) as (app, _browser, _token):
        wrong = {"username": "nobody", "password": "wrong"}
        form = [app.test_client().post("/login/", data=wrong).status_code for _try in range(6)]
        api = app.test_client().post("/api/v1/security/login", json=wrong).status_code
        ready = app.test_client().get("/readyz")

    assert form == [401] * 5 + [429]
    assert api == 429
    assert ready.status_code == 503 and ready.json["redis"] == "no answer"


def ask(address: str, body: object = None) -> tuple[int, dict[str, str], str]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, dict(refused.headers), refused.read().decode()
