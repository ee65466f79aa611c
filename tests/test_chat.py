"""Chat: what its two people can do with it, and that nobody else knows of it, through whatever door."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User
from app.core import db, migrate
from app.core.scope import ForeignCountry
from app.core.types import new_key, utc_now
from app.core.viewer import AUDIT, EXPORT, SYSTEM, Viewer, acting, system_scope
from app.work.models import ActivityLog, ChatMessage
from app.work.queries import chat as queries
from app.work.rules.chat import LONGEST, MOST_PER_MINUTE, Part, linked, snippet, tidy
from app.work.services import chat as services
from config import sqlalchemy_url
from tests.conftest import logged_in, make_user, token_of
from tests.places import screens_of
from tests.test_startup import statements

pytestmark = pytest.mark.usefixtures("without_csrf")
CANARY, SECRET = "Zvonohra", "Gizela"  # the first is searched for, and so told back
JSON = {"Accept": "application/json"}
T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def person(session: Session, name: str, *countries: str, rights: str = "vae", **values: Any) -> User:
    """Somebody with a chat in these countries (Slovakia); `rights` as in "v", "va", "" for no chat."""
    role = Role(name=f"Role of {name}")
    if rights:
        role.role_module_permissions = [
            RoleModulePermission(module_key="chat_messages", can_add="a" in rights, can_edit="e" in rights)
        ]
    found = make_user(session, name, role=role, assigned_countries=list(countries or ("SK",)), **values)
    session.commit()
    return found


def say(session: Session, sender: User, receiver: User, words: str, at: datetime = T0, **values: Any) -> ChatMessage:
    message = ChatMessage(sender_id=sender.id, receiver_id=receiver.id, content=words, created_at=at, **values)
    session.add(message)
    session.commit()
    return message


@pytest.fixture
def petra(session: Session) -> User:
    return person(session, "petra")


@pytest.fixture
def hana(session: Session) -> User:
    return person(session, "hana")


def everything_for(session: Session, app: Flask, name: str) -> User:
    """Somebody who may do everything with every module in all countries, and is no administrator."""
    modules = {screen.module for screen in screens_of(app).values()} | {EXPORT, AUDIT}
    role = Role(name=f"Everything for {name}")
    role.role_module_permissions = [
        RoleModulePermission(module_key=module, can_add=True, can_edit=True) for module in sorted(modules)
    ]
    user = make_user(session, name, role=role)
    session.commit()
    return user


def form(words: str, key: str = "") -> dict[str, str]:
    return {"id": key or new_key(), "text": words}


def rows(session: Session) -> list[ChatMessage]:
    session.expire_all()
    return list(session.scalars(select(ChatMessage).order_by(ChatMessage.created_at, ChatMessage.id)))


# Nobody else ------------------------------------------------------------------

DOORS = [
    "/chat_messages/list/?all=1",
    "/chat_messages/list/?q=Zvonohra",
    "/chat_messages/list/?f=eq.receiver_id.{hana}",
    "/chat_messages/show/{id}",
    "/chat_messages/show/{id}/history",
    "/chat_messages/export.csv?all=1",
    "/chat_messages/chart/",
    "/chat_messages/chart/0.json",
    "/chat_messages/chart/1.json",
    "/users/show/{petra}",
    "/users/show/{petra}/tab/chat_messages-sender_id",
    "/users/show/{petra}/tab/chat_messages-receiver_id",
    "/users/show/{hana}/tab/chat_messages-receiver_id",
    "/users/show/{petra}/history",
    "/api/v1/chat_messages/",
    "/api/v1/chat_messages/?q=(search:Zvonohra)",
    "/api/v1/chat_messages/?q=(columns:!(content))",
    "/api/v1/chat_messages/?q=(filters:!((col:id,opr:eq,value:'{id}')))",
    "/api/v1/chat_messages/{id}",
    "/activity_logs/list/?all=1",
    "/activity_logs/list/?q=petra",
    "/api/v1/activity_logs/",
    "/rights/why?user={petra}&table=chat_messages&record={id}",
    "/chat/",
    "/chat/talks",
    "/chat/{petra}",
    "/chat/{hana}",
    "/chat/{petra}?at={id}",
    "/chat/{petra}/messages",
    "/chat/{hana}/messages?before={id}",
    "/chat/search?q=Zvonohra",
    "/chat/unread.json",
    "/",
]


@pytest.mark.parametrize("who", ["administrator", "everything", "looking as petra"])
@pytest.mark.parametrize("door", DOORS)
def test_nobody_else_finds_a_message_at_any_door(
    app: Flask, session: Session, admin: User, petra: User, hana: User, door: str, who: str
) -> None:
    message = say(session, petra, hana, f"{CANARY} about {SECRET}")
    for reader in (petra, hana):  # the two leave traces of their own
        logged_in(app, reader).get(f"/chat_messages/show/{message.id}")
    user = everything_for(session, app, "anybody") if who == "everything" else admin
    browser, token = logged_in(app, user), token_of(app, user)
    if who == "looking as petra":
        browser.post(f"/rights/view-as/{petra.id}")
    address = door.format(id=message.id, petra=petra.id, hana=hana.id)

    answer = browser.get(address, headers=token if address.startswith("/api/") else None)

    assert answer.status_code in (200, 400, 403, 404, 422), answer.status_code
    told = answer.get_data(as_text=True)
    assert SECRET not in told
    if address.count(message.id) == 0:
        assert message.id not in told
    if "chart/" in address and address.endswith(".json") and answer.status_code == 200:
        assert answer.json["rows"] == []


OWN_DOORS = [door for door in DOORS if "{petra}" not in door and "search" not in door and door.startswith(
    ("/chat_messages/list/?all", "/chat_messages/show", "/chat_messages/export", "/api/v1/chat", "/chat/{hana}"))]  # fmt: skip


@pytest.mark.parametrize("door", [*OWN_DOORS, "/chat/search?q=Zvonohra"])
def test_its_people_find_it_at_the_same_doors(app: Flask, session: Session, hana: User, door: str) -> None:
    user = everything_for(session, app, "anybody")
    message = say(session, user, hana, f"{CANARY} about {SECRET}")
    later = say(session, hana, user, "Thanks", T0 + timedelta(minutes=1))
    browser, token = logged_in(app, user), token_of(app, user)
    address = door.format(id=message.id, hana=hana.id).replace(f"before={message.id}", f"before={later.id}")

    answer = browser.get(address, headers=token if address.startswith("/api/") else None)

    assert answer.status_code == 200
    assert message.id in answer.text or SECRET in answer.text or door.endswith("history")


def test_an_administrator_who_looks_through_other_eyes_has_no_chat(
    app: Flask, session: Session, admin: User, petra: User, hana: User
) -> None:
    say(session, hana, petra, CANARY)
    browser = logged_in(app, admin)
    browser.post(f"/rights/view-as/{petra.id}")

    page, home, listed = browser.get("/chat/"), browser.get("/"), browser.get("/chat_messages/list/?all=1")
    sent = browser.post(f"/chat/{hana.id}", data=form("as petra"))

    assert page.status_code == sent.status_code == 403
    assert "data-badge" not in home.text
    assert listed.status_code == 200 and hana.full_name not in listed.text
    assert len(rows(session)) == 1


def test_a_statement_without_any_care_finds_own_messages_only(
    app: Flask, session: Session, petra: User, hana: User
) -> None:
    message = say(session, petra, hana, CANARY)
    mine = select(ChatMessage.id)
    everywhere = Viewer("somebody", "Somebody", countries=SYSTEM.countries, everything=True)

    def found(viewer: Viewer) -> list[str]:
        with acting(viewer):
            return list(session.scalars(mine)) + list(session.scalars(select(User).join(User.chat_messages_by_sender)))

    assert found(everywhere) == []
    assert found(Viewer("", "")) == []
    assert found(Viewer(petra.id, "Petra", countries=("SK",)))[0] == message.id
    assert found(Viewer(petra.id, "Petra", countries=("SK",), behind="admin")) == []
    with acting(everywhere):
        changed = session.execute(update(ChatMessage).values(is_read=True), execution_options={"viewer": everywhere})
    assert changed.rowcount == 0


def test_nothing_of_a_talk_stands_in_the_trail_and_who_looks_at_it_is_his_own(
    app: Flask, session: Session, admin: User, petra: User, hana: User
) -> None:
    user = everything_for(session, app, "anybody")
    session.info.pop("unaudited")
    browser = logged_in(app, user)
    browser.post(f"/chat/{hana.id}", data=form(CANARY))
    (message,) = rows(session)
    logged_in(app, hana).post(f"/chat/{user.id}/read", data={"upto": message.id})
    for page in (f"show/{message.id}", "export.csv?all=1", f"list/?q={CANARY}", f"show/{message.id}/history"):
        browser.get(f"/chat_messages/{page}")

    entries = session.scalars(select(ActivityLog).where(ActivityLog.entity_type == "chat_messages")).all()
    told = [f"{entry.entity_name} {entry.details}" for entry in entries]
    seen = [
        logged_in(app, reader).get("/activity_logs/list/?all=1&page_size=100").text.count("Chat message")
        for reader in (user, admin)
    ]

    assert rows(session)[0].is_read
    assert {entry.action.value for entry in entries} == {"view", "export"}
    assert {entry.user_id for entry in entries} == {user.id}
    assert not any(CANARY in text for text in told)
    assert seen[0] > seen[1]


# What was sent stays -------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("GET", "/chat_messages/add", None),
        ("POST", "/chat_messages/add", {"content": "forged"}),
        ("GET", "/chat_messages/edit/{id}", None),
        ("POST", "/chat_messages/edit/{id}", {"content": "forged"}),
        ("POST", "/chat_messages/delete/{id}", {}),
        ("POST", "/chat_messages/import", {}),
        ("POST", "/api/v1/chat_messages/", {"sender_id": "{hana}", "receiver_id": "{petra}", "content": "forged"}),
        ("PUT", "/api/v1/chat_messages/{id}", {"content": "forged"}),
        ("PUT", "/api/v1/chat_messages/{id}", {"is_read": True}),
        ("DELETE", "/api/v1/chat_messages/{id}", None),
    ],
)
def test_no_form_and_no_program_writes_changes_or_removes_a_message(
    app: Flask, session: Session, admin: User, hana: User, method: str, address: str, body: Any
) -> None:
    message = say(session, admin, hana, "as it was")
    names = {"id": message.id, "hana": hana.id, "petra": admin.id}
    address = address.format(**names)
    sent = {k: v.format(**names) if isinstance(v, str) else v for k, v in body.items()} if body is not None else None
    browser, token = logged_in(app, admin), {**token_of(app, admin), "If-Match": "*"}

    if address.startswith("/api/"):
        answer = app.test_client().open(address, method=method, json=sent, headers=token)
    else:
        answer = browser.open(address, method=method, data=sent)

    assert answer.status_code in (403, 404, 405)
    assert answer.status_code == 403 or "import" in address
    if answer.status_code == 403:
        assert "Messages are written in the chat" in answer.get_data(as_text=True)
    assert [(row.content, row.sender_id, row.is_read) for row in rows(session)] == [("as it was", admin.id, False)]


@pytest.mark.parametrize(
    "change",
    ["content = 'other'", "sender_id = receiver_id, receiver_id = sender_id", "is_read = false",
     "created_at = created_at - interval '1 day'", "id = id || 'x'"],
)  # fmt: skip
def test_the_database_keeps_a_message_as_it_was_sent(session: Session, petra: User, hana: User, change: str) -> None:
    message = say(session, petra, hana, "as it was", is_read=True)

    with pytest.raises(ProgrammingError, match="stays as it was sent"), session.begin_nested():
        session.execute(text(f"UPDATE chat_messages SET {change} WHERE id = :id"), {"id": message.id})


def test_nobody_writes_in_the_name_of_somebody_else(session: Session, admin: User, petra: User, hana: User) -> None:
    everywhere = Viewer(admin.id, "Admin", countries=SYSTEM.countries, everything=True)

    with pytest.raises(ForeignCountry), db.transaction(by=everywhere) as writing:
        writing.add(ChatMessage(sender_id=petra.id, receiver_id=hana.id, content="forged"))

    assert rows(session) == []


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
    app: Flask, session: Session, petra: User, hana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(services.live, "ping", lambda session, user_id, topic: told.append((user_id, topic)))
    browser = logged_in(app, petra)

    sent = form("once")
    browser.post(f"/chat/{hana.id}", data=sent)
    browser.post(f"/chat/{hana.id}", data=sent)
    writing = list(told)
    told.clear()
    for _time in range(2):
        logged_in(app, hana).post(f"/chat/{petra.id}/read", data={"upto": sent["id"]})

    assert sorted(writing) == sorted([(petra.id, "chat"), (hana.id, "chat")])
    assert sorted(told) == sorted([(petra.id, "chat"), (hana.id, "chat")])


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
