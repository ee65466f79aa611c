"""The login: how often one may try, which passwords will do, initial passwords, hosts and cookies."""

from __future__ import annotations

import socket
import statistics
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.access import limits, passwords
from app.access.models import Role, RoleModulePermission, User, UserAuthMethod
from app.core import db, jobs, live, migrate, outbox
from app.core.types import utc_now
from app.core.viewer import system_scope
from config import Settings, SettingsError, flask_config
from tests.conftest import PASSWORD, logged_in, make_user, token_of

LOGIN = "/api/v1/security/login"
NEW = "another long sentence"


@pytest.fixture
def petra(session: Session) -> User:
    role = Role(name="Clerk")
    role.role_module_permissions = [RoleModulePermission(module_key="customers")]
    user = make_user(session, "petra", role=role)
    session.commit()
    return user


def attempt(
    app: Flask, door: str, name: str = "petra", password: str = "wrong", address: str = "198.51.100.7"
) -> TestResponse:
    """One try, by a browser that keeps nothing."""
    where: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": address}}
    sent = {"username": name, "password": password}
    if door == "form":
        return app.test_client().post("/login/", data=sent, **where)
    return app.test_client().post(LOGIN, json=sent, **where)


# How often ------------------------------------------------------------------


def test_of_forty_tries_through_both_doors_five_are_checked(app: Flask, nobody: FlaskClient, petra: User) -> None:
    answers = [attempt(app, "form" if place % 2 else "api") for place in range(40)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 35
    assert all(1 <= int(answer.headers["Retry-After"]) <= 61 for answer in answers[5:])


@pytest.mark.parametrize("door", ["form", "api"])
def test_after_the_limit_the_right_password_gets_the_same_answer(
    app: Flask, nobody: FlaskClient, petra: User, door: str
) -> None:
    for _try in range(5):
        attempt(app, door)

    wrong, right = attempt(app, door), attempt(app, door, password=PASSWORD)

    assert wrong.status_code == right.status_code == 429
    assert "Wait a little" in right.text
    assert not right.headers.getlist("Set-Cookie") or "sid" not in right.text


@pytest.mark.parametrize("door", ["form", "api"])
def test_an_account_is_counted_from_all_addresses_together(
    app: Flask, nobody: FlaskClient, petra: User, door: str
) -> None:
    codes = [attempt(app, door, address=f"198.51.100.{place}").status_code for place in range(8)]

    assert codes == [401] * 5 + [429] * 3


@pytest.mark.parametrize("door", ["form", "api"])
def test_an_address_is_counted_for_all_accounts_together(
    app: Flask, nobody: FlaskClient, petra: User, door: str
) -> None:
    codes = [attempt(app, door, name=f"somebody{place}").status_code for place in range(8)]
    elsewhere = attempt(app, door, password=PASSWORD, address="203.0.113.5").status_code

    assert codes == [401] * 5 + [429] * 3
    assert elsewhere in (200, 302)


def test_unknown_names_are_counted_like_known_ones(app: Flask, nobody: FlaskClient, petra: User) -> None:
    def tries(name: str, addresses: str) -> list[tuple[int, str]]:
        answers = [attempt(app, "api", name, address=f"{addresses}.{place}") for place in range(7)]
        return [(answer.status_code, answer.json["message"]) for answer in answers]

    assert tries("petra", "198.51.100") == tries("nobody", "203.0.113")


def test_writing_a_name_in_another_way_gives_no_more_tries(app: Flask, nobody: FlaskClient, petra: User) -> None:
    names = ["petra", "PETRA", " petra ", "ｐｅｔｒａ", "Petra", "pEtra"]

    codes = [attempt(app, "api", name, address=f"198.51.100.{place}").status_code for place, name in enumerate(names)]

    assert codes == [401] * 5 + [429]


def test_user_name_and_email_together_give_five_checks_and_do_not_say_that_they_are_one(
    app: Flask, nobody: FlaskClient, petra: User
) -> None:
    for place in range(5):
        attempt(app, "api", "petra", address=f"198.51.100.{place}")

    known = attempt(app, "api", "petra@example.com", PASSWORD, "198.51.100.90")
    unknown = attempt(app, "api", "nobody@example.com", PASSWORD, "198.51.100.91")

    assert known.status_code == unknown.status_code == 401
    assert known.json["message"] == unknown.json["message"]


def test_people_who_log_in_shut_out_nobody_at_their_address(app: Flask, nobody: FlaskClient, petra: User) -> None:
    codes = [attempt(app, "form", password=PASSWORD).status_code for _login in range(8)]

    assert codes == [302] * 8


def test_logging_in_oneself_gives_no_more_tries_at_others(app: Flask, nobody: FlaskClient, petra: User) -> None:
    codes = []
    for place in range(8):
        attempt(app, "form", password=PASSWORD)
        codes.append(attempt(app, "form", f"victim{place}").status_code)

    assert codes.count(401) == 5


def test_a_minute_later_one_may_try_again(app: Flask, nobody: FlaskClient, session: Session, petra: User) -> None:
    for _try in range(6):
        attempt(app, "form")
    session.execute(text("UPDATE login_tries SET tries = ARRAY(SELECT at - interval '61 s' FROM unnest(tries) AS at)"))
    session.commit()

    assert attempt(app, "form", password=PASSWORD).status_code == 302


def test_no_stretch_of_a_minute_holds_more_than_five(session: Session) -> None:
    start, limit = utc_now(), limits.PASSWORDS

    taken = [
        second
        for second in range(180)
        if limits.admit(session, "key", limit, now=start + timedelta(seconds=second)) == 0
    ]

    assert max(sum(second <= other < second + 60 for other in taken) for second in taken) == 5
    assert len(taken) == 15


def test_the_seconds_to_wait_are_the_ones_after_which_it_works(session: Session) -> None:
    now = utc_now()
    for place in range(5):
        limits.admit(session, "key", limits.PASSWORDS, now=now + timedelta(seconds=place))
    later = now + timedelta(seconds=20)

    wait = limits.admit(session, "key", limits.PASSWORDS, now=later)

    assert limits.admit(session, "key", limits.PASSWORDS, now=later + timedelta(seconds=wait - 2)) > 0
    assert limits.admit(session, "key", limits.PASSWORDS, now=later + timedelta(seconds=wait)) == 0


def test_of_forty_tries_at_the_same_moment_five_are_admitted(app: Flask, engine: Engine) -> None:
    """On forty connections of their own: what one transaction counts, the others see."""
    key, now, together = "at the same moment", utc_now(), threading.Barrier(10)

    def try_four() -> list[int]:
        together.wait(20)
        waits = []
        for _try in range(4):
            with Session(engine) as session, session.begin(), system_scope("tests"):
                waits.append(limits.admit(session, key, limits.PASSWORDS, now=now))
        return waits

    try:
        with ThreadPoolExecutor(10) as pool:
            waits = [wait for future in [pool.submit(try_four) for _ in range(10)] for wait in future.result()]
    finally:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM login_tries WHERE key = :key"), {"key": key})

    assert Counter(wait == 0 for wait in waits) == {True: 5, False: 35}


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_address_is_counted_by_who_has_it(address: str, counted: str) -> None:
    assert limits.network_of(address) == counted


def test_what_was_typed_is_not_in_the_table_of_tries(
    app: Flask, nobody: FlaskClient, session: Session, petra: User
) -> None:
    attempt(app, "form", "My-Password-In-The-Wrong-Field")

    kept = " ".join(session.scalars(text("SELECT key FROM login_tries")))

    assert kept
    plain = sha256(b"name:my-password-in-the-wrong-field").hexdigest()
    assert "password" not in kept.lower() and plain not in kept


@contextmanager
def silent() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_redis_that_hangs_holds_nobody_at_the_door(settings: Settings, engine: Engine, empty_database: str) -> None:
    migrate.upgrade(empty_database)
    with silent() as port:
        app = create_app(replace(settings, database_url=empty_database, redis_url=f"redis://127.0.0.1:{port}/0"))
        app.config.update(WTF_CSRF_ENABLED=False)
        try:
            with db.session_factory.begin() as session, system_scope("tests"):
                make_user(session, "petra")
            start = time.monotonic()
            codes = [attempt(app, "form", password=PASSWORD).status_code]
            codes += [attempt(app, "form").status_code for _try in range(6)]
            took = time.monotonic() - start
        finally:
            app.extensions["engine"].dispose()
            db.current_session.remove()
            db.session_factory.configure(bind=engine)
            live.connect(settings.redis_url)  # what an application says of Redis holds for the whole process
            outbox.woken_by(jobs.Waker(settings.redis_url or ""))

    assert codes == [302] + [401] * 5 + [429]
    assert took < 8


def test_an_unknown_name_takes_as_long_as_a_wrong_password(app: Flask, nobody: FlaskClient, petra: User) -> None:
    def seconds(name: str, address: str) -> float:
        start = time.perf_counter()
        assert attempt(app, "api", name, address=address).status_code == 401
        return time.perf_counter() - start

    for place in range(2):  # the decoy is made at its first use
        seconds(f"warm{place}", "192.0.2.1")
    pairs = [(seconds("petra", f"198.51.100.{n}"), seconds(f"nobody{n}", f"203.0.113.{n}")) for n in range(5)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))

    assert 0.6 < known / unknown < 1.6  # hashing alone is a factor of twenty


# Microsoft 365 --------------------------------------------------------------


@pytest.mark.parametrize("door", ["form", "api"])
def test_who_signs_in_with_microsoft_has_no_password_here(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, door: str
) -> None:
    session.execute(update(User).where(User.id == petra.id).values(auth_method=UserAuthMethod.ms365))
    session.commit()

    assert attempt(app, door, password=PASSWORD).status_code == 401


# Passwords ------------------------------------------------------------------


@pytest.mark.parametrize(
    "plain",
    ["password1234", "PASSWORD1234", "Qwerty123456", "passwordpassword", "PasswordPassword", "dragondragon",
     "aaaaaaaaaaaa", "abcabcabcabc", "motherfucker", "1q2w3e4r5t6y", "ｐａｓｓｗｏｒｄ１２３４"],
)  # fmt: skip
def test_a_password_that_is_tried_first_is_refused(app: Flask, plain: str) -> None:
    with app.test_request_context():
        assert "tried first" in passwords.problem(plain, "petra", "petra@example.com", "Petra Kráľová")


@pytest.mark.parametrize(
    "plain", ["petra.kralova", "Petra.Kralova", "petra.kralova@example.com", "Petra Kráľová", "petrakráľová"]
)
def test_the_own_name_is_no_password(app: Flask, plain: str) -> None:
    with app.test_request_context():
        said = passwords.problem(plain, "petra.kralova", "petra.kralova@example.com", "Petra Kráľová")

    assert "must not be the user name" in said


@pytest.mark.parametrize(
    "plain",
    ["correct horse", "aaaaaaaaaaab", "twelve chars", "ŽLTÝ KÔŇ 42!", "🐴🐴🐴🐴 battery staple", " leading space"],
)
def test_length_counts_and_not_the_kind_of_characters(app: Flask, plain: str) -> None:
    with app.test_request_context():
        assert passwords.problem(plain, "petra", "petra@example.com", "Petra Kráľová") == ""


def test_the_list_of_common_passwords_is_the_one_it_says_it_is() -> None:
    note = tomllib.loads(Path(passwords.COMMON).with_name("common-passwords.toml").read_text(encoding="utf-8"))

    assert sha256(passwords.COMMON.read_bytes()).hexdigest() == note["sha256"]
    assert note["licence"] == "BSD-3-Clause" and "Redistribution" in note["licence_text"]


def test_the_password_one_has_is_no_new_one(app: Flask, nobody: FlaskClient, petra: User) -> None:
    answer = logged_in(app, petra).post(
        "/password/", data={"current": PASSWORD, "password": PASSWORD, "confirm": PASSWORD}
    )

    assert answer.status_code == 422
    assert "the password you have now" in answer.text


def test_the_current_password_is_not_guessed_from_a_session_somebody_left_open(
    app: Flask, nobody: FlaskClient, petra: User
) -> None:
    left_open = logged_in(app, petra)
    sent = {"password": NEW, "confirm": NEW}

    codes = [left_open.post("/password/", data={"current": f"guess {n}", **sent}).status_code for n in range(6)]
    right = left_open.post("/password/", data={"current": PASSWORD, **sent})

    assert codes == [422] * 5 + [429]
    assert right.status_code == 429 and int(right.headers["Retry-After"]) > 0


# Initial passwords ----------------------------------------------------------


@pytest.fixture
def newcomer(client: FlaskClient, session: Session, petra: User) -> User:
    """Somebody whose password was set by an administrator."""
    assert client.post(f"/password/{petra.id}", data={"password": NEW, "confirm": NEW}).status_code == 302
    session.expire_all()
    assert petra.must_change_password
    return petra


def test_with_an_initial_password_one_gets_to_the_page_that_replaces_it_and_out(
    app: Flask, nobody: FlaskClient, newcomer: User
) -> None:
    nobody.post("/login/", data={"username": "petra", "password": NEW})

    pages = [
        "/",
        "/customers/list/",
        "/customers/add",
        "/profile/",
        "/profile/second-factor/",
        "/tables/",
        "/swagger/v1",
    ]
    led = {page: nobody.get(page).headers.get("Location") for page in pages}
    page = nobody.get("/password/")
    posted = nobody.post("/customers/add", data={"first_name": "A", "last_name": "B"})

    assert set(led.values()) == {"/password/"}
    assert page.status_code == 200 and "Somebody else chose your password" in page.text
    assert nobody.get("/static/mark.svg").status_code == 200
    assert posted.status_code == 403 and "Choose your own password" in posted.text
    assert nobody.post("/logout/").headers["Location"] == "/login/"


def test_with_an_initial_password_the_api_says_what_to_do(app: Flask, nobody: FlaskClient, newcomer: User) -> None:
    given = nobody.post(LOGIN, json={"username": "petra", "password": NEW, "refresh": True}).json

    read = nobody.get("/api/v1/customers/", headers={"Authorization": f"Bearer {given['access_token']}"})
    refreshed = nobody.post("/api/v1/security/refresh", headers={"Authorization": f"Bearer {given['refresh_token']}"})

    assert (read.status_code, refreshed.status_code) == (403, 403)
    assert "Choose your own password" in read.json["message"]


def test_after_the_replacement_everything_opens(
    app: Flask, nobody: FlaskClient, session: Session, newcomer: User
) -> None:
    nobody.post("/login/", data={"username": "petra", "password": NEW})
    same = nobody.post("/password/", data={"current": NEW, "password": NEW, "confirm": NEW})
    own = "yet another sentence"

    changed = nobody.post("/password/", data={"current": NEW, "password": own, "confirm": own})

    session.expire_all()
    assert (same.status_code, changed.status_code) == (422, 302)
    assert nobody.get("/customers/list/").status_code == 200
    assert not newcomer.must_change_password
    assert app.test_client().get("/api/v1/customers/", headers=token_of(app, newcomer)).status_code == 200


# Hosts and cookies ----------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080", "LOCALHOST:1"])
def test_this_machine_is_reached_by_its_own_names(app: Flask, session: Session, host: str) -> None:
    assert app.test_client().get("/login/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "127.0.0.1.evil.example", "evil.example@localhost",
             "10.0.0.7", "", "localhost/evil", "[::2]", "a b", "xn--80ak6aa92e.com", "locaIhost"],
)  # fmt: skip
def test_another_host_is_not_served(app: Flask, session: Session, admin: User, host: str) -> None:
    nobody = app.test_client()

    pages = [nobody.get(page, headers={"Host": host}) for page in ("/", "/login/?next=/x", "/static/mark.svg", "/none")]
    posted = nobody.post("/login/", data={"username": "admin", "password": PASSWORD}, headers={"Host": host})

    assert {answer.status_code for answer in (*pages, posted)} == {400}
    assert all("evil" not in answer.text and "evil" not in str(answer.headers) for answer in pages)


def test_a_host_that_a_client_claims_to_be_forwarded_counts_only_behind_a_known_proxy(
    app: Flask, session: Session
) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "203.0.113.1", "X-Forwarded-Proto": "https"}

    answer = app.test_client().get("/customers/list/", headers=forged)

    assert "evil" not in answer.headers["Location"]
    assert "Strict-Transport-Security" not in answer.headers


def served(settings: Settings, engine: Engine, **headers: str) -> dict[str, int]:
    """What another application with these settings answers."""
    app = create_app(settings)
    try:
        nobody = app.test_client()
        return {page: nobody.get(page, headers=headers).status_code for page in ("/login/", "/healthz")}
    finally:
        app.extensions["engine"].dispose()
        db.current_session.remove()
        db.session_factory.configure(bind=engine)


@pytest.mark.parametrize(
    ("changes", "host", "status"),
    [
        ({"allowed_hosts": ("crm.example.com",)}, "crm.example.com", 200),
        ({"allowed_hosts": ("crm.example.com",)}, "CRM.example.com:443", 200),
        ({"allowed_hosts": ("crm.example.com",)}, "www.crm.example.com", 400),
        ({"allowed_hosts": (".example.com",)}, "sk.example.com", 200),
        ({"allowed_hosts": (".example.com",)}, "badexample.com", 400),
        ({"public_url": "https://crm.example.com/x"}, "crm.example.com", 200),
        ({"host": "0.0.0.0"}, "192.168.1.20:8080", 200),
        ({"host": "0.0.0.0"}, "[fe80::1]:8080", 200),
        ({"host": "0.0.0.0"}, "rebound.example", 400),
        ({"host": "192.168.1.20"}, "192.168.1.20:8080", 200),
    ],
)
def test_an_operator_says_by_which_names_it_is_reached(
    settings: Settings, engine: Engine, changes: dict[str, Any], host: str, status: int
) -> None:
    assert served(replace(settings, **changes), engine, Host=host) == {"/login/": status, "/healthz": 200}


def test_behind_a_proxy_the_forwarded_host_is_checked(settings: Settings, engine: Engine) -> None:
    behind = replace(settings, proxy_hops=1, allowed_hosts=("crm.example.com",))

    right = served(behind, engine, **{"Host": "10.1.1.1", "X-Forwarded-Host": "crm.example.com"})
    wrong = served(behind, engine, **{"Host": "crm.example.com", "X-Forwarded-Host": "evil.example"})

    assert (right["/login/"], wrong["/login/"]) == (200, 400)


GOOD = {
    "INDEXUS_MODE": "production",
    "DATABASE_URL": "postgresql://u:p@db.example/crm",
    "REDIS_URL": "redis://cache.example/0",
    "SECRET_KEY": "kT8-vJ2mQ0zLr5xNw7yBh4cGd9fSa3pE6uHiOq1R",
    "ENCRYPTION_KEYS": "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}


def test_cookies_of_production_are_for_this_host_over_tls_only() -> None:
    config = flask_config(Settings.from_env(GOOD))

    assert config["SESSION_COOKIE_NAME"] == "__Host-indexus"
    assert config["SESSION_COOKIE_SECURE"] and config["SESSION_COOKIE_HTTPONLY"]
    assert config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert config.get("SESSION_COOKIE_DOMAIN") is None and config.get("SESSION_COOKIE_PATH") in (None, "/")


def test_production_trusts_no_bare_address_and_no_unnamed_host() -> None:
    settings = Settings.from_env({**GOOD, "HOST": "0.0.0.0", "ALLOWED_HOSTS": "crm.example.com, .crm.sk"})

    assert not settings.trusts_addresses
    assert settings.trusted_hosts() == ["127.0.0.1", "localhost", "[::1]", "crm.example.com", ".crm.sk"]
    assert Settings.from_env(settings.environ()) == settings


@pytest.mark.parametrize(
    "hosts", ["*", "https://crm.example.com", "crm.example.com:443", "a b", "crm.example.com/x", "-x"]
)
def test_hosts_that_are_none_are_refused_at_the_start(hosts: str) -> None:
    with pytest.raises(SettingsError, match="ALLOWED_HOSTS"):
        Settings.from_env({**GOOD, "ALLOWED_HOSTS": hosts})
