"""The login form: who comes in, where it leads, and what ends a session."""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import bcrypt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access import sessions
from app.access.models import User, UserAuthMethod
from tests.access.doors import WRONG, ask_token, hash_of, is_in, log_in, set_hash
from tests.conftest import PASSWORD, logged_in


def bare(html: str) -> str:
    """A page without what differs from answer to answer."""
    return re.sub(r'(nonce|value)="[^"]*"', "", html)


@pytest.mark.parametrize("name", ["Petra", "petra", "PETRA", "petra@example.com", "Petra@EXAMPLE.com", "  petra "])
def test_a_person_logs_in_by_user_name_or_email_in_any_case(nobody: FlaskClient, petra: User, name: str) -> None:
    answer = log_in(nobody, name)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_in(nobody)


def test_a_wrong_password_is_refused_with_a_sentence_and_the_name_stays(nobody: FlaskClient, petra: User) -> None:
    answer = log_in(nobody, "petra", "not the password")

    assert answer.status_code == 401
    assert WRONG in answer.text
    assert 'value="petra"' in answer.text
    assert "not the password" not in answer.text
    assert not is_in(nobody)


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(nobody: FlaskClient, petra: User) -> None:
    known = log_in(nobody, "petra", "not the password")
    unknown = log_in(nobody, "nobody at all", "not the password")

    assert unknown.status_code == known.status_code
    assert bare(unknown.text) == bare(known.text)


@pytest.mark.parametrize("name", ["", " ", "\x00", "petra\x00", "x" * 5000, "' OR 1=1 --", "%", "petr_", "😀"])
def test_odd_names_are_refused_like_wrong_ones(nobody: FlaskClient, petra: User, name: str) -> None:
    answer = log_in(nobody, name)

    assert answer.status_code in (400, 401)
    assert not is_in(nobody)


@pytest.mark.parametrize(
    "values", [{"is_active": False}, {"auth_method": UserAuthMethod.ms365}], ids=["inactive", "microsoft"]
)
def test_accounts_that_may_not_log_in_here_are_refused_like_a_wrong_password(
    nobody: FlaskClient, session: Session, petra: User, values: dict[str, Any]
) -> None:
    session.execute(update(User).where(User.id == petra.id).values(**values))
    session.commit()

    answer = log_in(nobody, "petra")

    assert answer.status_code == 401
    assert WRONG in answer.text
    assert not is_in(nobody)


@pytest.mark.parametrize(
    "stored",
    ["", "!", "$2b$10$...", "$2b$10$", "$2b$99$" + "a" * 53, "$2", "$2b$10$ž" + "a" * 52, "scrypt:", "scrypt:$a$b",
     "scrypt:32768:8$salt$aa", "scrypt:x:y:z$salt$aa", "scrypt:3:8:1$salt$aa", "plain", PASSWORD, "pbkdf2:sha256$a$b",
     "v1:key:body"],
)  # fmt: skip
def test_a_broken_hash_is_nobodys_password(nobody: FlaskClient, session: Session, petra: User, stored: str) -> None:
    set_hash(session, petra, stored)

    answer = log_in(nobody, "petra", stored or PASSWORD)

    assert answer.status_code == 401
    assert not is_in(nobody)


@pytest.mark.parametrize("password", [PASSWORD, "krátke heslo s diakritikou", "a long one " * 10])
def test_a_hash_of_the_legacy_system_opens_once_more_and_is_replaced(
    nobody: FlaskClient, session: Session, petra: User, password: str
) -> None:
    set_hash(session, petra, bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode())

    wrong = log_in(nobody, "petra", password[:-1].upper())
    first = log_in(nobody, "petra", password)
    stored = hash_of(session, petra)
    again = log_in(nobody, "petra", password)

    assert (wrong.status_code, first.status_code, again.status_code) == (401, 302, 302)
    assert stored.startswith("scrypt:")


def test_a_current_hash_stays_as_it_is(nobody: FlaskClient, session: Session, petra: User) -> None:
    before = hash_of(session, petra)

    log_in(nobody, "petra")

    assert before.startswith("scrypt:")
    assert hash_of(session, petra) == before


def test_what_is_typed_at_the_login_is_not_logged(
    nobody: FlaskClient, petra: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    log_in(nobody, "petra", "Mistyped-Secret-1")
    log_in(nobody, "Mistyped-Secret-2", "x")
    log_in(nobody, "petra")

    assert "login failed" in caplog.text
    assert "Mistyped-Secret" not in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize("wanted", ["/customers/list/?q=a&page=1", "/tables/", "http://localhost/tasks/list/"])
def test_after_the_login_one_is_where_one_wanted_to_go(nobody: FlaskClient, petra: User, wanted: str) -> None:
    page = nobody.get("/login/", query_string={"next": wanted})
    answer = log_in(nobody, "petra", next=wanted)

    assert wanted.replace("&", "&amp;") in page.text
    assert answer.headers["Location"] == wanted


FOREIGN = [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "\r\nX-Evil: 1",
    "/\r\nSet-Cookie: a=b", "///evil.example", "////evil.example", "\\\\evil.example", "\t//evil.example",
    " //evil.example", "javascript:alert(1)", "https:evil.example", "http:///evil.example", "http://[",
    "http://localhost@evil.example/", "http://localhost.evil.example", "data:text/html,x", "ftp://localhost/",
]  # fmt: skip


@pytest.mark.parametrize("wanted", FOREIGN)
def test_who_is_in_already_is_led_to_our_own_site_only(app: Flask, petra: User, wanted: str) -> None:
    answer = logged_in(app, petra).get("/login/", query_string={"next": wanted})

    assert_leads_home(answer)


@pytest.mark.parametrize("wanted", FOREIGN[:6])
@pytest.mark.parametrize("by", ["form", "address"])
def test_the_login_leads_to_our_own_site_only(nobody: FlaskClient, petra: User, wanted: str, by: str) -> None:
    sent = {"username": "petra", "password": PASSWORD}

    if by == "form":
        answer = nobody.post("/login/", data={**sent, "next": wanted})
    else:
        answer = nobody.post("/login/", query_string={"next": wanted}, data=sent)

    assert_leads_home(answer)


def assert_leads_home(answer: TestResponse) -> None:
    assert answer.status_code == 302
    # A browser takes a backslash for a slash, and drops tabs and line ends.
    seen = re.sub(r"[\t\r\n]", "", answer.headers["Location"].replace("\\", "/")).strip()
    target = urlsplit(urljoin("http://localhost/login/", seen))
    assert (target.scheme, target.netloc) == ("http", "localhost")
    assert "X-Evil" not in answer.headers


def test_the_session_before_the_login_is_left_behind_except_the_language(
    app: Flask, nobody: FlaskClient, petra: User
) -> None:
    with nobody.session_transaction() as cookie:
        cookie["planted"], cookie["locale"] = "by somebody else", "sk"

    log_in(nobody, "petra")

    with nobody.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["locale"] == "sk"
        assert cookie["_user_id"] == petra.id
        assert cookie.permanent


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites(nobody: FlaskClient, petra: User) -> None:
    answer = log_in(nobody, "petra")

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_cookie_is_sent_when_it_changes_and_lives_as_long_as_a_session_may(
    app: Flask, nobody: FlaskClient, petra: User
) -> None:
    assert "Set-Cookie" in log_in(nobody, "petra").headers
    nobody.get("/profile/")  # what its forms need is put into the cookie once

    assert "Set-Cookie" not in nobody.get("/profile/").headers
    assert app.permanent_session_lifetime == sessions.LONGEST


def test_only_post_logs_out(app: Flask, nobody: FlaskClient, petra: User) -> None:
    log_in(nobody, "petra")

    nobody.get("/logout/")
    still_in = is_in(nobody)
    answer = nobody.post("/logout/")

    assert still_in
    assert answer.headers["Location"] == "/login/"
    assert not is_in(nobody)


def test_a_deactivated_person_is_out_at_the_next_request(nobody: FlaskClient, session: Session, petra: User) -> None:
    log_in(nobody, "petra")
    before = nobody.get("/customers/list/").status_code
    session.execute(update(User).where(User.id == petra.id).values(is_active=False))
    session.commit()

    after = nobody.get("/customers/list/")

    assert before == 200
    assert after.status_code == 302
    assert urlsplit(after.headers["Location"]).path == "/login/"


@pytest.mark.parametrize("made_up", ["nobody", "1", "", "' OR 1=1", "x" * 3000])
def test_a_session_of_a_user_that_is_not_there_is_no_session(app: Flask, nobody: FlaskClient, made_up: str) -> None:
    with nobody.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = made_up, True

    assert not is_in(nobody)


# Limits -------------------------------------------------------------------


@pytest.mark.parametrize("door", ["form", "api"])
def test_five_tries_in_a_minute_are_enough(nobody: FlaskClient, petra: User, door: str) -> None:
    def attempt(password: str = "wrong") -> TestResponse:
        return log_in(nobody, "petra", password) if door == "form" else ask_token(nobody, password=password)

    tries = [attempt().status_code for _ in range(5)]
    limited = attempt(PASSWORD)

    assert set(tries) == {401}
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) > 0
    assert "Wait a little" in limited.text
    assert limited.is_json == (door == "api")
    assert not is_in(nobody)


def test_looking_at_the_login_page_is_not_a_try(nobody: FlaskClient, petra: User) -> None:
    pages = [nobody.get("/login/").status_code for _ in range(12)]

    assert set(pages) == {200}
    assert log_in(nobody, "petra").status_code == 302
