"""Reading and finding what was said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.types import new_key
from app.core.viewer import Viewer, acting
from app.work.models import ChatMessage
from app.work.queries import chat as queries
from app.work.rules.chat import Part, linked, snippet, tidy
from tests.chat.talks import T0, person, say
from tests.conftest import logged_in
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")
CANARY, SECRET = "Zvonohra", "Gizela"  # the first is searched for, and so told back
JSON = {"Accept": "application/json"}


# Reading ------------------------------------------------------------------------


def talk_of(session: Session, a: User, b: User, number: int) -> list[str]:
    """Texts of a talk, a minute apart, some of them at the same instant."""
    texts = [f"line {one:03}" for one in range(number)]
    for place, words in enumerate(texts):
        pair = (a, b) if place % 2 else (b, a)
        at = T0 + timedelta(minutes=place // 3)
        session.add(ChatMessage(id=f"{place:08}-0000-4000-8000-000000000000", sender_id=pair[0].id,
                                receiver_id=pair[1].id, content=words, created_at=at))  # fmt: skip
    session.commit()
    return texts


def lines(html: str) -> list[str]:
    return re.findall(r"line \d{3}", html)


def ids(html: str) -> list[str]:
    return re.findall(r'data-id="([^"]+)"', html)


def test_a_talk_is_paged_backwards_without_gap_or_overlap(
    app: Flask, session: Session, petra: User, hana: User
) -> None:
    texts, browser = talk_of(session, petra, hana, 95), logged_in(app, petra)
    say(session, petra, person(session, "ivan"), "line 999")

    page = browser.get(f"/chat/{hana.id}").text.partition("data-messages")[2]
    found, more = lines(page), True
    first = ids(page)[0]
    sizes = [len(found)]
    while more:
        answer = browser.get(f"/chat/{hana.id}/messages?before={first}").json
        found, first, more = lines(answer["html"]) + found, ids(answer["html"])[0], answer["older"]
        sizes.append(len(lines(answer["html"])))

    assert found == texts
    assert sizes == [40, 40, 15]


def test_a_found_message_is_shown_in_the_midst_of_its_talk(
    app: Flask, session: Session, petra: User, hana: User
) -> None:
    talk_of(session, petra, hana, 95)
    browser = logged_in(app, petra)
    middle = "00000047-0000-4000-8000-000000000000"

    page = browser.get(f"/chat/{hana.id}?at={middle}").text
    after = browser.get(f"/chat/{hana.id}/messages?after={ids(page)[-1]}").json
    end = browser.get(f"/chat/{hana.id}/messages?after=00000094-0000-4000-8000-000000000000").json

    assert lines(page.partition("data-messages")[2]) == [f"line {one:03}" for one in range(28, 68)]
    assert "data-older hidden" not in page and "data-newer hidden" not in page
    assert lines(after["html"]) == [f"line {one:03}" for one in range(68, 95)] and not after["newer"]
    assert end["html"].strip() == "" and not end["newer"]


@pytest.mark.parametrize("address", ["?at={}", "/messages?before={}", "/messages?after={}"])
def test_a_place_in_a_talk_of_others_is_no_place(
    app: Flask, session: Session, petra: User, hana: User, address: str
) -> None:
    foreign = say(session, hana, person(session, "ivan"), CANARY)
    say(session, hana, petra, "hello")
    browser = logged_in(app, petra)

    answers = [browser.get(f"/chat/{hana.id}{address.format(key)}") for key in (foreign.id, new_key())]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_page_costs_the_same_for_two_messages_and_for_two_hundred(
    app: Flask, session: Session, engine: Engine, petra: User, hana: User
) -> None:
    browser = logged_in(app, petra)
    talk_of(session, petra, hana, 2)
    counts: list[list[int]] = []
    pages = ["/chat/", f"/chat/{hana.id}", f"/chat/{hana.id}/messages", "/chat/search?q=line", "/chat/unread.json"]

    for _time in range(2):
        counts.append([])
        for page in pages:
            with statements(engine) as seen:
                assert browser.get(page).status_code == 200
            counts[-1].append(len(seen))
        for place in range(200):
            say(session, hana, petra, f"line {place}", T0 + timedelta(hours=place))

    assert counts[0] == counts[1]
    assert max(counts[0]) <= 8


def test_the_number_of_every_page_is_one_statement_along_its_index(
    app: Flask, session: Session, petra: User, hana: User
) -> None:
    for place in range(300):
        session.add(ChatMessage(sender_id=hana.id, receiver_id=petra.id, content=str(place), is_read=True))
    session.commit()
    waiting = (
        "SELECT count(*) FROM (SELECT 1 FROM chat_messages WHERE receiver_id = :me AND NOT is_read LIMIT 100) AS w"
    )
    talk = (
        "SELECT id FROM chat_messages WHERE least(sender_id, receiver_id) = least(:me, :her)"
        " AND greatest(sender_id, receiver_id) = greatest(:me, :her) ORDER BY created_at DESC, id DESC LIMIT 41"
    )
    session.execute(text("SET LOCAL enable_seqscan = off"))

    plans = [
        "\n".join(session.scalars(text(f"EXPLAIN {asked}"), {"me": petra.id, "her": hana.id}))
        for asked in (waiting, talk)
    ]

    assert "ix_chat_messages_unread" in plans[0]
    assert "ix_chat_messages_talk" in plans[1] and "Sort" not in plans[1]


def test_the_list_of_talks_has_the_last_message_and_what_is_unread_the_newest_first(
    app: Flask, session: Session, petra: User, hana: User
) -> None:
    ivan, jana = person(session, "ivan"), person(session, "jana")
    say(session, hana, petra, "first", T0)
    say(session, petra, hana, "answer", T0 + timedelta(minutes=1))
    say(session, ivan, petra, "one", T0 + timedelta(minutes=2))
    say(session, ivan, petra, "two", T0 + timedelta(minutes=3))
    say(session, ivan, jana, CANARY, T0 + timedelta(minutes=9))

    with acting(viewer := Viewer(petra.id, "Petra", countries=("SK",))):
        found = queries.talks(session, viewer)
        waiting = queries.unread(session, viewer)

    assert [(talk.name, talk.last, talk.mine, talk.unread) for talk in found] == [
        ("Ivan", "two", False, 2), ("Hana", "answer", True, 1),
    ]  # fmt: skip
    assert waiting == 3
    page = logged_in(app, petra).get("/profile/").text
    assert re.search(r"data-badge-number>3<", page)


def test_only_the_receiver_says_what_was_read_and_only_so_far(
    app: Flask, session: Session, petra: User, hana: User
) -> None:
    sent = [say(session, petra, hana, str(place), T0 + timedelta(minutes=place)) for place in range(3)]
    back = say(session, hana, petra, "back", T0 + timedelta(minutes=1))
    ivan = logged_in(app, person(session, "ivan"))

    own = logged_in(app, petra).post(f"/chat/{hana.id}/read", data={"upto": sent[2].id})
    foreign = ivan.post(f"/chat/{petra.id}/read", data={"upto": sent[2].id})
    received = logged_in(app, hana).post(f"/chat/{petra.id}/read", data={"upto": sent[1].id})
    state = logged_in(app, petra).get(f"/chat/{hana.id}/messages").json

    session.expire_all()
    assert own.status_code == 200 and foreign.status_code == 404
    assert received.json == {"unread": 1}
    assert [session.get_one(ChatMessage, one.id).is_read for one in [*sent, back]] == [True, True, False, False]
    assert state["read"] == sent[1].id


def test_links_are_links_and_everything_else_is_text(app: Flask, session: Session, petra: User, hana: User) -> None:
    say(session, hana, petra, '<script>alert(1)</script> see https://a.example/x?a=1&b="2", javascript:alert(1)')

    page = logged_in(app, petra).get(f"/chat/{hana.id}").text

    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    assert (
        '<a href="https://a.example/x?a=1&amp;b=" rel="noopener noreferrer nofollow" target="_blank">'
        "https://a.example/x?a=1&amp;b=</a>" in page
    )
    assert 'href="javascript' not in page


def test_days_and_times_are_those_of_the_viewer(app: Flask, session: Session, petra: User, hana: User) -> None:
    frank = person(session, "frank", "US")
    late = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    say(session, hana, petra, "late", late)
    say(session, person(session, "grace", "US"), frank, "late", late)

    slovak = logged_in(app, petra).get(f"/chat/{hana.id}").text
    american = (
        logged_in(app, frank).get(f"/chat/{session.scalar(select(User.id).where(User.username == 'grace'))}").text
    )

    assert 'data-day="2026-03-01"' in slovak and ">00:30<" in slovak
    assert 'data-day="2026-02-28"' in american and "6:30" in american


@pytest.mark.parametrize("typed", ["FAKTURA", "faktúra pondelok", "odisla", "100%", "a_b"])
def test_own_messages_are_found_without_accents_and_case(
    app: Flask, session: Session, petra: User, hana: User, typed: str
) -> None:
    say(session, hana, petra, "Faktúra odišla v pondelok, 100% a_b")
    say(session, petra, hana, "Nič iné, 1000 axb")
    say(session, hana, person(session, "ivan"), "Faktúra odišla v pondelok, 100% a_b pre Ivana")

    page = logged_in(app, petra).get("/chat/search", query_string={"q": typed}).text

    assert page.count('class="talk-line') == 1
    assert "Ivan" not in page and "<mark>" in page


def test_found_messages_are_paged(app: Flask, session: Session, petra: User, hana: User) -> None:
    talk_of(session, petra, hana, 40)
    browser = logged_in(app, petra)

    page = browser.get("/chat/search?q=line").text
    further = browser.get(re.search(r'href="(/chat/search\?q=line&amp;before=[^"]+)"', page)[1].replace("&amp;", "&"))  # type: ignore[index]

    assert (page.count('class="talk-line'), further.text.count('class="talk-line')) == (30, 10)


# Rules --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "links"),
    [
        ("see https://a.example.", ["https://a.example"]),
        ("(https://a.example/x_(y))", ["https://a.example/x_(y)"]),
        ("HTTP://A.example/ž?q=1#x!", ["HTTP://A.example/ž?q=1#x"]),
        ("http://a http://b,", ["http://a", "http://b"]),
        ("https:// http://. ftp://a javascript:x data:text/html,x", []),
        ("xhttps://a.example", []),
        ('https://a.example"onclick=x', ["https://a.example"]),
        ("", []),
    ],
)
def test_a_text_with_links_stays_the_same_text(words: str, links: list[str]) -> None:
    parts = linked(words)

    assert [part.href for part in parts if part.href] == links
    assert all(part.text == part.href for part in parts if part.href)
    assert "".join(part.text for part in parts) == words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("  a\r\nb\r ", "a\nb"), ("a\x07\x9b\ud800b", "ab"), ("e\u0301", "é"), ("\t", ""), ("a\tb", "a\tb")],
)
def test_a_typed_text_is_tidied(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_a_snippet_marks_what_was_searched_for_and_is_short() -> None:
    text_of = "x " * 200 + "Faktúra ODIŠLA v pondelok " + "y " * 200

    parts = snippet(text_of, ["odisla", "faktura"])

    assert [part.text for part in parts if part.hit] == ["Faktúra", "ODIŠLA"]
    assert sum(len(part.text) for part in parts) < 170
    assert snippet("short", ["nothing"]) == [Part("short")]
