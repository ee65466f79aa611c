"""Of a talk nobody knows but its two people, through whatever door; what was sent stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.access.models import User
from app.core import db
from app.core.scope import ForeignCountry
from app.core.viewer import SYSTEM, Viewer, acting
from app.work.models import ActivityLog, ChatMessage
from tests.chat.talks import T0, everything_for, form, rows, say
from tests.conftest import logged_in, token_of

pytestmark = pytest.mark.usefixtures("without_csrf")
CANARY, SECRET = "Zvonohra", "Gizela"  # the first is searched for, and so told back
JSON = {"Accept": "application/json"}


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
