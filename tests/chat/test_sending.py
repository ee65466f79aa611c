"""Sending a message: to whom, what, how fast, and once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from app.access.models import RoleFieldPermission, User
from app.core import migrate
from app.core.types import new_key, utc_now
from app.core.viewer import Viewer, acting, system_scope
from app.work.queries import chat as queries
from app.work.rules.chat import LONGEST, MOST_PER_MINUTE
from app.work.services import chat as services
from config import sqlalchemy_url
from tests.chat.talks import form, person, rows, say
from tests.conftest import logged_in, make_user

pytestmark = pytest.mark.usefixtures("without_csrf")
CANARY, SECRET = "Zvonohra", "Gizela"  # the first is searched for, and so told back
JSON = {"Accept": "application/json"}


# Sending ----------------------------------------------------------------------


def test_a_message_arrives_with_its_sender_and_its_time(app: Flask, session: Session, petra: User, hana: User) -> None:
    answer = logged_in(app, petra).post(
        f"/chat/{hana.id}", data={**form("  Ahoj,\r\nako sa máš?  "), "sender_id": hana.id}, headers=JSON
    )

    (row,) = rows(session)
    assert answer.status_code == 200 and answer.json["id"] == row.id and "ako sa máš?" in answer.json["html"]
    assert (row.sender_id, row.receiver_id, row.content) == (petra.id, hana.id, "Ahoj,\nako sa máš?")
    assert not row.is_read and abs(utc_now() - row.created_at) < timedelta(minutes=1)


def test_a_second_try_with_the_same_number_makes_one_message_and_two_equal_answers(
    app: Flask, session: Session, petra: User, hana: User
) -> None:
    browser, sent = logged_in(app, petra), form("once")

    first, second = (browser.post(f"/chat/{hana.id}", data=sent, headers=JSON) for _try in range(2))
    plain = browser.post(f"/chat/{hana.id}", data=sent)

    assert first.json == second.json
    assert plain.status_code == 302 and plain.headers["Location"] == f"/chat/{hana.id}"
    assert len(rows(session)) == 1


def test_the_number_of_another_message_is_refused(app: Flask, session: Session, petra: User, hana: User) -> None:
    ivan = person(session, "ivan")
    foreign, own = say(session, ivan, hana, CANARY), say(session, petra, hana, "first")
    browser = logged_in(app, petra)

    answers = [
        browser.post(f"/chat/{to}", data=form(words, key), headers=JSON)
        for to, words, key in [(hana.id, "x", foreign.id), (hana.id, "other", own.id), (ivan.id, "first", own.id)]
    ]

    assert [answer.status_code for answer in answers] == [409] * 3
    assert {answer.json["message"] for answer in answers} == {
        "This message was sent before with other words. Reload the page."
    }
    assert len(rows(session)) == 2


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"text": "   \n "}, "Write something first."),
        ({"text": "\u200b\x07".replace("\u200b", "")}, "Write something first."),
        ({"text": "á" * (LONGEST + 1)}, "A message has at most 4,000 characters; this one has 4,001."),
        ({"id": "1"}, "The message has no valid number. Reload the page."),
        ({"id": "x' OR '1'='1"}, "The message has no valid number. Reload the page."),
        ({"text": "a\x00b"}, "The request holds a character that cannot be stored."),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence(
    app: Flask, session: Session, petra: User, hana: User, sent: dict[str, str], sentence: str
) -> None:
    answer = logged_in(app, petra).post(f"/chat/{hana.id}", data={**form("words"), **sent}, headers=JSON)

    assert answer.status_code in (400, 422)
    assert answer.json["message"] == sentence
    assert rows(session) == []


def test_without_scripts_the_form_comes_back_with_its_text(
    app: Flask, session: Session, petra: User, hana: User
) -> None:
    words = "long " * 900

    page = logged_in(app, petra).post(f"/chat/{hana.id}", data=form(words))

    assert page.status_code == 422
    assert "A message has at most 4,000 characters" in page.text and words in page.text


def test_the_longest_message_is_taken_whole(app: Flask, session: Session, petra: User, hana: User) -> None:
    answer = logged_in(app, petra).post(f"/chat/{hana.id}", data=form("ž" * LONGEST), headers=JSON)

    assert answer.status_code == 200
    assert rows(session)[0].content == "ž" * LONGEST


def test_nobody_writes_faster_than_others_read(app: Flask, session: Session, petra: User, hana: User) -> None:
    now = utc_now()
    for number in range(MOST_PER_MINUTE - 1):
        say(session, petra, hana, str(number), now - timedelta(seconds=50))
    say(session, petra, hana, "before", now - timedelta(seconds=70))
    browser, last = logged_in(app, petra), form("last")

    allowed = browser.post(f"/chat/{hana.id}", data=last, headers=JSON)
    refused = browser.post(f"/chat/{hana.id}", data=form("too much"), headers=JSON)
    repeated = browser.post(f"/chat/{hana.id}", data=last, headers=JSON)
    other = logged_in(app, hana).post(f"/chat/{petra.id}", data=form("slowly"), headers=JSON)

    assert (allowed.status_code, refused.status_code, repeated.status_code, other.status_code) == (200, 429, 200, 200)
    assert refused.json["message"] == "You write faster than anybody reads: at most 30 messages a minute."
    assert refused.headers["Retry-After"] == "60"


@pytest.fixture
def own_engine(empty_database: str) -> Iterator[Engine]:
    migrate.upgrade(empty_database)
    engine = create_engine(sqlalchemy_url(empty_database))
    yield engine
    engine.dispose()


def test_eight_tries_at_once_make_one_message(app: Flask, own_engine: Engine) -> None:
    with Session(own_engine, expire_on_commit=False) as session, system_scope("tests"):
        session.info["unaudited"] = True
        petra, hana = person(session, "petra"), person(session, "hana")
    viewer = Viewer(petra.id, "Petra", countries=("SK",))
    key, made, failed, ready = new_key(), [], [], threading.Barrier(8)

    def send() -> None:
        with Session(own_engine, expire_on_commit=False) as session, app.app_context(), acting(viewer):
            to = queries.person(session, viewer, hana.id)
            session.commit()
            ready.wait()
            try:
                made.append(services.send(session, viewer, to, key=key, words="once", now=utc_now()).id)
                session.commit()
            except Exception as error:  # whatever it is, the test says so
                failed.append(repr(error))

    threads = [threading.Thread(target=send) for _try in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with own_engine.connect() as connection:
        count = connection.scalar(text("SELECT count(*) FROM chat_messages"))
    assert (failed, made, count) == ([], [key] * 8, 1)


def test_both_people_are_told_and_nobody_else(
    app: Flask, session: Session, petra: User, hana: User, pinged: Callable[[], list[str]]
) -> None:
    both = sorted(json.dumps([person.id, "chat"]) for person in (petra, hana))
    browser = logged_in(app, petra)
    pinged()

    sent = form("once")
    browser.post(f"/chat/{hana.id}", data=sent)
    browser.post(f"/chat/{hana.id}", data=sent)
    writing = pinged()
    for _time in range(2):
        logged_in(app, hana).post(f"/chat/{petra.id}/read", data={"upto": sent["id"]})

    assert sorted(writing) == both
    assert sorted(pinged()) == both


# With whom ----------------------------------------------------------------------


def test_one_writes_to_active_colleagues_of_the_own_countries_who_have_a_chat(
    app: Flask, session: Session, petra: User, hana: User
) -> None:
    both = person(session, "both", "CZ", "SK")
    closed = [
        person(session, "abroad", "CZ"),
        person(session, "gone", is_active=False),
        person(session, "chatless", rights=""),
        make_user(session, "roleless", assigned_countries=["SK"]),
        make_user(session, "landless", role=hana.primary_role, assigned_countries=[]),
        petra,
        session.get_one(User, "system"),
    ]
    session.commit()
    browser = logged_in(app, petra)

    picked = [one["id"] for one in browser.get("/chat/people?q=").json["results"]]
    found = browser.get("/chat/people?q=HÁNA example").json["results"]
    refused = [browser.post(f"/chat/{user.id}", data=form("x"), headers=JSON).status_code for user in closed]
    pages = [browser.get(f"/chat/{user.id}").status_code for user in closed]

    assert picked == [both.id, hana.id]
    assert [one["text"] for one in found] == ["Hana · hana@example.com"]
    assert refused == pages == [404] * len(closed)
    assert rows(session) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"is_active": False}, "Hana does not work here any more and reads no messages."),
        ({"assigned_countries": ["CZ"]}, "Hana cannot be reached by chat any more."),
        ({"role_id": None}, "Hana cannot be reached by chat any more."),
    ],
)
def test_an_old_talk_stays_readable_when_nothing_can_be_written_any_more(
    app: Flask, session: Session, petra: User, hana: User, change: dict[str, Any], sentence: str
) -> None:
    say(session, hana, petra, CANARY)
    for name, value in change.items():
        setattr(hana, name, value)
    session.commit()
    browser = logged_in(app, petra)

    page, listed = browser.get(f"/chat/{hana.id}"), browser.get("/chat/")
    refused = browser.post(f"/chat/{hana.id}", data=form("x"), headers=JSON)

    assert CANARY in page.text and sentence in page.text and "data-composer" not in page.text
    assert "Hana" in listed.text
    assert (refused.status_code, refused.json["message"]) == (409, sentence)
    assert len(rows(session)) == 1


@pytest.mark.parametrize("rights", ["", "content hidden", "created_at hidden"])
def test_without_the_module_or_its_fields_there_is_no_page_and_no_number(
    app: Flask, session: Session, hana: User, rights: str
) -> None:
    user = person(session, "user", rights="vae" if rights else "")
    if rights and user.primary_role:
        user.primary_role.role_field_permissions = [
            RoleFieldPermission(module_key="chat_messages", field_key=rights.split()[0], permission="hidden")
        ]
        session.commit()
    say(session, hana, user, CANARY)
    browser = logged_in(app, user)

    pages = ["/chat/", f"/chat/{hana.id}", "/chat/talks", "/chat/people", "/chat/unread.json", "/chat/search?q=z"]
    statuses = [browser.get(page).status_code for page in pages]
    sent = browser.post(f"/chat/{hana.id}", data=form("x")).status_code

    assert statuses == [403] * len(pages) and sent == 403
    assert "data-badge" not in browser.get("/profile/").text


def test_who_may_only_look_reads_and_does_not_write(app: Flask, session: Session, hana: User) -> None:
    reader = person(session, "reader", rights="v")
    say(session, hana, reader, CANARY)
    browser = logged_in(app, reader)

    page, sent = browser.get(f"/chat/{hana.id}"), browser.post(f"/chat/{hana.id}", data=form("x"), headers=JSON)

    assert CANARY in page.text and "You may read your messages, but not write any." in page.text
    assert sent.status_code == 403 and len(rows(session)) == 1
