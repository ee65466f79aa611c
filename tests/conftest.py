"""Real servers, a migrated database, and for each test a transaction that is undone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from app import create_app
from app.access import passwords, sessions
from app.access.entrance import CLAIM
from app.access.models import Role, SessionKind, User
from app.core import db, events, live, migrate
from app.core.servers import Servers, embedded, texts
from app.core.types import Country, utc_now
from app.core.viewer import system_scope
from config import ROOT, Settings, engine_options, sqlalchemy_url

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """PostgreSQL and a Redis-compatible server of this test process alone."""
    texts.compile_stale(ROOT / "translations")
    with embedded(tmp_path_factory.mktemp("servers")) as running:
        migrate.upgrade(running.database_url)
        yield running


@pytest.fixture(scope="session")
def settings(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings.from_env(
        {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "DEMO_PASSWORD": PASSWORD,
        }
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return app


@pytest.fixture(scope="session")
def engine(app: Flask) -> Engine:
    found: Engine = app.extensions["engine"]
    return found


@pytest.fixture
def session(app: Flask, engine: Engine) -> Iterator[Session]:
    """A session inside a transaction that is undone; what requests commit is a savepoint in it."""
    db.current_session.remove()
    with engine.connect() as connection:
        outer = connection.begin()
        db.session_factory.configure(bind=connection, join_transaction_mode="create_savepoint")
        with db.session_factory() as session, system_scope("tests"):
            session.info["unaudited"] = True  # rows that a test starts from
            session.info["begun"] = utc_now()  # other tests may have left events that they committed
            yield session
        db.current_session.remove()
        outer.rollback()
    db.session_factory.configure(bind=engine, join_transaction_mode="conditional_savepoint")


@pytest.fixture
def admin(session: Session) -> User:
    """An administrator of all countries."""
    role = Role(name="Administrator", legacy_role="admin", is_system=True)
    user = make_user(session, "admin", role=role)
    session.commit()
    return user


@pytest.fixture
def among_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every event is published as one of many."""
    monkeypatch.setattr(events, "_FEW", 0)


@pytest.fixture
def without_csrf(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms are sent without their CSRF token, which `test_csrf` looks after: what is tested must hold without it."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(app.config, "WTF_CSRF_CHECK_DEFAULT", False)


@pytest.fixture
def nobody(app: Flask, session: Session, without_csrf: None) -> FlaskClient:
    """A browser of nobody yet."""
    return app.test_client()


@pytest.fixture
def client(app: Flask, admin: User, without_csrf: None) -> FlaskClient:
    """A browser of the administrator."""
    return logged_in(app, admin)


@pytest.fixture
def pinged(servers: Servers, app: Flask) -> Iterator[Callable[[], list[str]]]:
    """What Redis was told for the pages of people since one last asked."""
    client = redis.Redis.from_url(servers.redis_url, decode_responses=True)
    line = client.pubsub(ignore_subscribe_messages=True)
    line.subscribe(live.CHANNEL)
    line.get_message(timeout=1)

    def heard() -> list[str]:
        found = []
        while message := line.get_message(timeout=0.2):
            found.append(message["data"])
        return found

    yield heard
    line.close()
    client.close()


def logged_in(app: Flask, user: User) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"], cookie["locale"] = user.id, True, "en"
        cookie[CLAIM] = begun(user, SessionKind.web)
    return client


def token_of(app: Flask, user: User, **more: Any) -> dict[str, str]:
    """The header of an access token with a session of its own."""
    claims = {CLAIM: begun(user, SessionKind.api)}
    with app.app_context():
        return {"Authorization": f"Bearer {create_access_token(user.id, additional_claims=claims, **more)}"}


def begun(user: User, kind: SessionKind) -> str:
    """The id of a new session, as a login makes it but for the password."""
    with db.session_factory() as session, session.begin(), system_scope("tests"):
        return sessions.begin(session, user, kind, sessions.Origin("127.0.0.1"), now=utc_now())


def make_user(session: Session, name: str, *, role: Role | None = None, **values: Any) -> User:
    user = User(
        username=name,
        email=f"{name}@example.com",
        full_name=name.title(),
        password_hash=values.pop("password_hash", None) or _hash(),
        primary_role=role,
        **{"assigned_countries": [c.value for c in Country], **values},
    )
    session.add(user)
    session.flush()
    return user


_hashes: list[str] = []


def _hash() -> str:
    """Hashing is slow on purpose: once for all tests."""
    if not _hashes:
        _hashes.append(passwords.hashed(PASSWORD))
    return _hashes[0]


@pytest.fixture
def empty_database(servers: Servers, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it."""
    name = f"empty_{os.getpid()}_{tmp_path.name[-8:]}".replace("-", "_").lower()
    keeper = create_engine(sqlalchemy_url(servers.database_url), isolation_level="AUTOCOMMIT", **_plain())
    with keeper.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    yield servers.database_url.rpartition("/")[0] + f"/{name}"
    with keeper.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    keeper.dispose()


def _plain() -> dict[str, Any]:
    return {"connect_args": engine_options()["connect_args"]}
