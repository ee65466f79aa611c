"""What breaks around us: a sentence and a number, nothing half done, and recovery without a restart."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
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
from config import Settings
from tests.conftest import PASSWORD
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


def ask(address: str, body: object = None) -> tuple[int, dict[str, str], str]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, dict(refused.headers), refused.read().decode()
