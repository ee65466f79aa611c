"""What is said about a task, and who is named in it: told once, drawn as text, and nothing leaks."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.db import session_factory
from app.core.viewer import system_scope
from app.work import mentions
from app.work.events import Mentioned
from app.work.models import Task, TaskComment
from tests.conftest import logged_in, token_of
from tests.outbox import published
from tests.tasks import JSON, make_role, person, task_of

pytestmark = pytest.mark.usefixtures("without_csrf")


@pytest.fixture
def jana(session: Session) -> User:
    return person(session, "jana", "SK")


@pytest.fixture
def peter(session: Session) -> User:
    return person(session, "peter", "SK")


@pytest.fixture
def task(session: Session, jana: User) -> Task:
    return task_of(session, jana)


def say(app: Flask, by: User, task: Task, words: str) -> Any:
    return logged_in(app, by).post(f"/work/tasks/{task.id}/comment", data={"content": words}, headers=JSON)


def remarks(session: Session) -> list[str]:
    session.expire_all()
    return [remark.content for remark in session.scalars(select(TaskComment).order_by(TaskComment.created_at))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Hello", []),
        ("@[jana] and @[peter], then @[jana]", ["jana", "peter"]),
        ("mail jana@example.com", []),
        ("@jana @[] @[ x] @[a\nb] @[[x]]", []),
        ("(@[clerk.sk])", ["clerk.sk"]),
        ("@[jana.o'brien+1@x.com]", ["jana.o'brien+1@x.com"]),
    ],
)
def test_names_in_a_text(text: str, names: list[str]) -> None:
    assert mentions.named(text) == names
    assert "".join(f"@[{piece}]" if is_name else piece for piece, is_name in mentions.pieces(text)) == text


def test_whoever_is_named_is_told_once_for_a_comment(
    app: Flask, session: Session, jana: User, peter: User, task: Task
) -> None:
    answer = say(app, jana, task, "@[peter] please look, @[peter], with @[jana]")

    assert answer.status_code == 200
    remark = session.scalars(select(TaskComment)).one()
    told = published(session, Mentioned)
    assert {event.user_id for event in told} == {peter.id, jana.id} and len(told) == 2
    assert {(e.kind, e.record_id, e.task_id, e.by_user_id) for e in told} == {
        ("task_comments", remark.id, task.id, jana.id)
    }


def test_rewriting_a_comment_tells_only_who_was_not_named_before(
    app: Flask, session: Session, jana: User, peter: User, task: Task
) -> None:
    say(app, jana, task, "@[peter]")
    remark = session.scalars(select(TaskComment)).one()
    head = token_of(app, jana) | {"If-Match": "*"}

    answer = app.test_client().put(
        f"/api/v1/task_comments/{remark.id}", json={"content": "@[peter] and @[jana]"}, headers=head
    )

    assert answer.status_code == 200, answer.text
    assert [event.user_id for event in published(session, Mentioned)] == [peter.id, jana.id]


@pytest.mark.parametrize("door", ["page", "form", "REST"])
def test_naming_somebody_who_may_not_see_the_task_is_said_at_every_door(
    app: Flask, session: Session, admin: User, task: Task, door: str
) -> None:
    person(session, "abroad", "CZ")
    words = "Ask @[abroad]"

    if door == "page":
        answer = logged_in(app, admin).post(f"/work/tasks/{task.id}/comment", data={"content": words})
    elif door == "form":
        answer = logged_in(app, admin).post("/task_comments/add", data={"task_id": task.id, "content": words})
    else:
        answer = app.test_client().post(
            "/api/v1/task_comments/", json={"task_id": task.id, "content": words}, headers=token_of(app, admin)
        )

    assert answer.status_code == 422
    assert "Abroad may not see this task" in answer.text
    assert door == "REST" or words in answer.text  # what was typed is kept
    assert remarks(session) == [] and published(session, Mentioned) == []


def test_who_is_no_colleague_and_who_does_not_exist_look_the_same(
    app: Flask, session: Session, jana: User, task: Task
) -> None:
    person(session, "abroad", "CZ")
    person(session, "gone", "SK", is_active=False)

    answers = [say(app, jana, task, f"@[{name}]") for name in ("abroad", "nobody", "gone", "system")]

    said = [answer.text.replace(name, "X") for answer, name in zip(answers, ("abroad", "nobody", "gone", "system"),
                                                                   strict=True)]  # fmt: skip
    assert {answer.status_code for answer in answers} == {422}
    assert all("There is no colleague “X” whom you can name here." in text for text in said)
    assert remarks(session) == [] and published(session, Mentioned) == []


def test_a_colleague_without_the_module_is_not_told(app: Flask, session: Session, jana: User, task: Task) -> None:
    person(session, "other", "SK", role=make_role(session, "Customers only", {"customers": "v"}))

    answer = say(app, jana, task, "@[other]")

    assert answer.status_code == 422 and "Other may not see this task" in answer.text


def test_names_are_drawn_for_who_may_know_them_and_texts_are_text(
    app: Flask, session: Session, admin: User, jana: User, task: Task
) -> None:
    boss = person(session, "chief", "SK", "CZ")
    answer = say(app, jana, task, "<script>alert(1)</script> @[chief] <b>")
    assert answer.status_code == 200
    session.get_one(User, boss.id).assigned_countries = ["US"]  # now nobody of Slovakia knows of him
    session.commit()

    known, unknown = (logged_in(app, user).get(f"/work/tasks/{task.id}").text for user in (admin, jana))

    assert "&lt;script&gt;alert(1)&lt;/script&gt; " in known and "<script>alert(1)" not in known
    assert '<span class="mention">@Chief</span>' in known
    assert "Chief" not in unknown and "@chief" in unknown


def test_the_list_to_name_from_holds_who_may_see_the_task(
    app: Flask, session: Session, admin: User, jana: User, peter: User, task: Task
) -> None:
    person(session, "abroad", "CZ")
    person(session, "other", "SK", role=make_role(session, "Customers only", {"customers": "v"}))
    browser = logged_in(app, jana)
    address = f"/work/tasks/colleagues.json?task={task.id}"

    everybody = browser.get(address).json["results"]
    some = browser.get(f"{address}&q=PÉT").json["results"]
    foreign = logged_in(app, person(session, "cz", "CZ")).get(address)

    assert [one["username"] for one in everybody] == ["admin", "jana", "peter"]
    assert [one["text"] for one in some] == ["Peter"]
    assert foreign.status_code == 404


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 20_001, " ".join(f"@[p{n}]" for n in range(21))])
def test_a_comment_that_cannot_be_is_refused(app: Flask, session: Session, jana: User, task: Task, words: str) -> None:
    answer = say(app, jana, task, words)

    assert answer.status_code == 422
    assert remarks(session) == []


def test_a_comment_that_is_refused_leaves_no_trace(app: Flask, session: Session, jana: User, task: Task) -> None:
    """Also of the name before it that was fine."""
    answer = say(app, jana, task, "@[jana] and @[nobody]")

    assert answer.status_code == 422
    with session_factory() as fresh, system_scope("tests"):
        assert fresh.scalars(select(TaskComment)).all() == []
    assert published(session, Mentioned) == []
