"""Which language somebody reads in, and that it is remembered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, ngettext
from sqlalchemy.orm import Session

from app.access.models import User
from tests.conftest import PASSWORD, logged_in, make_user


@pytest.fixture
def petra(session: Session) -> User:
    user = make_user(session, "petra")
    session.commit()
    return user


@pytest.fixture
def stranger(app: Flask, without_csrf: None) -> Iterator[FlaskClient]:
    with app.test_client() as browser:
        yield browser


def enter(browser: FlaskClient) -> str:
    """The language of the first page after the login."""
    sent = {"username": "petra", "password": PASSWORD}
    assert browser.post("/login/", data=sent).headers["Location"] == "/"
    return spoken(browser)


def spoken(browser: FlaskClient) -> str:
    return browser.get("/profile/").text.partition('lang="')[2].partition('"')[0]


def test_the_language_of_a_person_waits_at_the_next_machine(
    app: Flask, petra: User, stranger: FlaskClient, without_csrf: None
) -> None:
    at_home = logged_in(app, petra)

    answer = at_home.post("/lang/cs", headers={"Referer": "http://localhost/profile/"})

    assert answer.headers["Location"] == "/profile/" and spoken(at_home) == "cs"
    assert enter(stranger) == "cs"


def test_the_language_of_the_colleague_before_does_not_stay(
    app: Flask, petra: User, session: Session, stranger: FlaskClient
) -> None:
    petra.language = "sk"
    session.commit()
    stranger.get("/lang/hu")

    assert enter(stranger) == "sk"


def test_a_language_chosen_at_the_door_is_the_wish_of_whoever_logs_in(
    petra: User, session: Session, stranger: FlaskClient
) -> None:
    petra.language = "sk"
    session.commit()
    stranger.post("/lang/de")

    assert enter(stranger) == "de"
    session.refresh(petra)
    assert petra.language == "de"


def test_a_link_changes_the_browser_alone(app: Flask, petra: User, session: Session) -> None:
    browser = logged_in(app, petra)

    browser.get("/lang/sk")

    assert spoken(browser) == "sk"
    session.refresh(petra)
    assert petra.language is None


def test_a_language_that_nobody_speaks_here_is_not_found(stranger: FlaskClient) -> None:
    answers = [stranger.post(f"/lang/{code}").status_code for code in ("xx", "en_GB", "sk'")]

    assert answers == [404, 404, 404]


@pytest.mark.parametrize(
    ("language", "told"), [("en_GB", "10,000 rows"), ("de", "10.000 Zeilen"), ("sk", "10\u00a0000 riadkov")]
)
def test_a_number_in_a_text_is_written_as_the_language_writes_numbers(app: Flask, language: str, told: str) -> None:
    drawn = app.jinja_env.from_string('{{ ngettext("%(num)s row", "%(num)s rows", count) }}')
    with app.test_request_context(), force_locale(language):
        assert ngettext("%(num)s row", "%(num)s rows", 10_000) == told
        assert drawn.render(count=10_000) == told
        assert drawn.render(count=999).startswith("999 ")
