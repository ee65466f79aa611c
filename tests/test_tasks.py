"""What can be done with a task, by whom, and what is told of it, whichever door it comes through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import Role, User, UserRole
from app.core.errors import DomainError, Forbidden
from app.core.types import utc_now
from app.work.errors import NotForThem
from app.work.events import TaskAssigned, TaskCancelled, TaskCompleted
from app.work.models import Task, TaskComment, TaskReminder, TaskStatus
from app.work.queries import colleagues
from app.work.services import tasks as services
from app.work.services.tasks import Draft
from tests.conftest import logged_in, token_of
from tests.outbox import published
from tests.tasks import JSON, acting_as, customer_in, make_role, person, task_of

pytestmark = pytest.mark.usefixtures("without_csrf")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def jana(session: Session) -> User:
    return person(session, "jana", "SK")


@pytest.fixture
def peter(session: Session) -> User:
    return person(session, "peter", "SK", "CZ")


def again(session: Session, task: Task) -> Task:
    session.expire_all()
    found = session.get(Task, task.id)
    assert found is not None
    return found


# States ------------------------------------------------------------------------

VERBS: dict[str, Callable[[Session, Task, User], Any]] = {
    "start": lambda session, task, user: services.start(session, task),
    "complete": lambda session, task, user: services.complete(session, task, "Done.", by=user.id, now=NOW),
    "cancel": lambda session, task, user: services.cancel(session, task, "Not needed.", by=user.id),
    "reopen": lambda session, task, user: services.reopen(session, task),
    "assign": lambda session, task, user: services.assign(session, task, other_of(session).id),
    "move": lambda session, task, user: services.move(session, task, NOW),
    "remind": lambda session, task, user: services.remind(
        session, task, NOW + timedelta(hours=1), user_id=user.id, now=NOW
    ),
    "comment": lambda session, task, user: services.comment(session, task, "Hello.", by=user.id),
}
CLOSED = "already"
TRUTH = [
    # verb, from, to (None: refused), words of the refusal
    ("start", "pending", "in_progress", ""),
    ("start", "in_progress", None, "started this task already"),
    ("start", "completed", None, "completed already"),
    ("start", "cancelled", None, "cancelled already"),
    ("complete", "pending", "completed", ""),
    ("complete", "in_progress", "completed", ""),
    ("complete", "completed", None, "completed already"),
    ("complete", "cancelled", None, "cancelled already"),
    ("cancel", "pending", "cancelled", ""),
    ("cancel", "in_progress", "cancelled", ""),
    ("cancel", "completed", None, "completed already"),
    ("cancel", "cancelled", None, "cancelled already"),
    ("reopen", "pending", None, "nothing to reopen"),
    ("reopen", "in_progress", None, "nothing to reopen"),
    ("reopen", "completed", "pending", ""),
    ("reopen", "cancelled", "pending", ""),
    ("assign", "pending", "pending", ""),
    ("assign", "in_progress", "in_progress", ""),
    ("assign", "completed", None, "completed already"),
    ("assign", "cancelled", None, "cancelled already"),
    ("move", "pending", "pending", ""),
    ("move", "completed", None, "completed already"),
    ("move", "cancelled", None, "cancelled already"),
    ("remind", "in_progress", "in_progress", ""),
    ("remind", "completed", None, "completed already"),
    ("comment", "pending", "pending", ""),
    ("comment", "completed", "completed", ""),
    ("comment", "cancelled", "cancelled", ""),
]


def other_of(session: Session) -> User:
    return session.scalars(select(User).where(User.username == "peter")).one()


@pytest.mark.parametrize(("verb", "before", "after", "words"), TRUTH)
def test_each_verb_is_allowed_or_refused_by_the_state_of_the_task(
    app: Flask, session: Session, jana: User, peter: User, verb: str, before: str, after: str | None, words: str
) -> None:
    task = task_of(session, jana, status=TaskStatus(before))
    refusal = ""

    try:
        with acting_as(app, jana) as own:
            VERBS[verb](own, own.get(Task, task.id), jana)  # type: ignore[arg-type]
    except DomainError as refused:
        refusal = refused.sentence

    assert bool(refusal) is (after is None), refusal
    assert words in refusal
    assert again(session, task).status.value == (after or before)


def test_completing_says_who_when_and_what(app: Flask, session: Session, jana: User, peter: User) -> None:
    task = task_of(session, jana)

    with acting_as(app, peter) as own:
        services.complete(own, own.get_one(Task, task.id), "  Agreed by phone.\r\nTwo kits. ", by=peter.id, now=NOW)

    task = again(session, task)
    assert (task.resolution, task.resolved_by_user_id, task.resolved_at) == (
        "Agreed by phone.\nTwo kits.", peter.id, NOW
    )  # fmt: skip
    assert published(session, TaskCompleted) == [TaskCompleted(task.id, peter.id)]


@pytest.mark.parametrize("words", ["", "   ", "\n"])
@pytest.mark.parametrize("verb", ["complete", "cancel"])
def test_closing_without_a_word_is_refused(app: Flask, session: Session, jana: User, verb: str, words: str) -> None:
    task = task_of(session, jana)

    answer = logged_in(app, jana).post(
        f"/work/tasks/{task.id}/{verb}", data={"resolution": words, "reason": words}, headers=JSON
    )

    assert answer.status_code == 422
    assert answer.json["message"].startswith("Say w")
    assert again(session, task).status is TaskStatus.pending
    assert published(session, TaskCompleted) == published(session, TaskCancelled) == []


def test_reopening_takes_back_how_it_was_resolved(app: Flask, session: Session, jana: User) -> None:
    task = task_of(
        session, jana, status=TaskStatus.completed, resolution="Done", resolved_by_user_id=jana.id, resolved_at=NOW
    )

    answer = logged_in(app, jana).post(f"/work/tasks/{task.id}/reopen", headers=JSON)

    task = again(session, task)
    assert answer.status_code == 200
    assert (task.status, task.resolution, task.resolved_by_user_id, task.resolved_at) == (
        TaskStatus.pending, None, None, None
    )  # fmt: skip


# Who can have a task -----------------------------------------------------------


def people(session: Session) -> dict[str, tuple[User, str]]:
    """Colleagues, and words of why a task of Slovakia is not for them; "" for those who can have it."""
    hidden = make_role(session, "No tasks", {"customers": "v"})
    second = make_role(session, "Tasks beside", {"tasks": "v"})
    asleep = make_role(session, "Tasks once", {"tasks": "vae"})
    asleep.is_active = False
    beside = person(session, "beside", "SK", role=hidden)
    session.add(UserRole(user_id=beside.id, role_id=second.id))
    admins = Role(name="Administrators", legacy_role="admin")
    session.add(admins)
    session.flush()
    found = {
        "of the country": (person(session, "same", "SK"), ""),
        "of more countries": (person(session, "more", "CZ", "SK"), ""),
        "by a second role": (beside, ""),
        "who only sees tasks": (person(session, "reader", "SK", role=make_role(session, "Reads", {"tasks": "v"})), ""),
        "an administrator": (person(session, "boss", "SK", role=admins), ""),
        "of another country": (person(session, "abroad", "CZ"), "does not work in the country"),
        "of no country": (person(session, "nowhere"), "does not work in the country"),
        "an administrator elsewhere": (person(session, "far", "US", role=admins), "does not work in the country"),
        "without the module": (person(session, "closed", "SK", role=hidden), "no access to tasks"),
        "by a role that is off": (person(session, "off", "SK", role=asleep), "no access to tasks"),
        "deactivated": (person(session, "gone", "SK", is_active=False), "is deactivated"),
    }
    session.commit()
    return found


@pytest.mark.parametrize("country", ["SK", None])
def test_a_task_goes_only_to_a_colleague_who_can_work_on_it(
    app: Flask, session: Session, admin: User, country: str | None
) -> None:
    """And the list to choose from holds exactly those."""
    task = task_of(session, admin, country)
    chosen = {}
    for name, (user, _why) in people(session).items():
        with acting_as(app, admin) as own:
            found = own.get_one(Task, task.id)
            try:
                services.assign(own, found, user.id)
                chosen[name] = ""
            except NotForThem as refused:
                chosen[name] = refused.sentence
            own.rollback()

    with acting_as(app, admin) as own:
        listed = {user.id for user in colleagues.for_country(own, viewer(own, admin), country or "", most=100)}

    for name, (user, why) in people_known(session).items():
        expected = "" if country is None and "country" in why else why
        assert bool(chosen[name]) is bool(expected) and expected in chosen[name], (name, chosen[name])
        assert (user.id in listed) is (not expected), name


def viewer(session: Session, user: User) -> Any:
    from app.access.door import viewer_of

    return viewer_of(session, session.get_one(User, user.id))


def people_known(session: Session) -> dict[str, tuple[User, str]]:
    """The people of `people`, made already."""
    names = {
        "same": ("of the country", ""), "more": ("of more countries", ""), "beside": ("by a second role", ""),
        "reader": ("who only sees tasks", ""), "boss": ("an administrator", ""),
        "abroad": ("of another country", "does not work in the country"),
        "nowhere": ("of no country", "does not work in the country"),
        "far": ("an administrator elsewhere", "does not work in the country"),
        "closed": ("without the module", "no access to tasks"), "off": ("by a role that is off", "no access to tasks"),
        "gone": ("deactivated", "is deactivated"),
    }  # fmt: skip
    found = session.scalars(select(User).where(User.username.in_(names)))
    return {names[user.username][0]: (user, names[user.username][1]) for user in found}


@pytest.mark.parametrize("door", ["page", "form", "REST"])
def test_a_new_task_tells_its_owner_through_every_door(
    app: Flask, session: Session, jana: User, peter: User, door: str
) -> None:
    values = {"title": "Call Eva", "assigned_user_id": peter.id, "country": "SK"}

    if door == "page":
        answer = logged_in(app, jana).post("/work/tasks/add", data=values, headers=JSON)
    elif door == "form":
        answer = logged_in(app, jana).post("/tasks/add", data=values)
    else:
        answer = app.test_client().post("/api/v1/tasks/", json=values, headers=token_of(app, jana))

    assert answer.status_code in (200, 201, 302), answer.text
    task = session.scalars(select(Task)).one()
    assert (task.created_by_user_id, task.status) == (jana.id, TaskStatus.pending)
    assert published(session, TaskAssigned) == [TaskAssigned(task.id, peter.id, jana.id)]


@pytest.mark.parametrize("door", ["page", "form", "REST"])
def test_a_task_that_is_handed_over_tells_its_new_owner_through_every_door(
    app: Flask, session: Session, jana: User, peter: User, door: str
) -> None:
    task = task_of(session, jana)

    answer = handed_over(app, jana, task, peter, door)

    assert answer.status_code in (200, 302), answer.text
    assert again(session, task).assigned_user_id == peter.id
    assert published(session, TaskAssigned) == [TaskAssigned(task.id, peter.id, jana.id)]


@pytest.mark.parametrize("door", ["page", "form", "REST"])
def test_handing_over_to_somebody_who_cannot_have_it_is_refused_at_every_door(
    app: Flask, session: Session, admin: User, door: str
) -> None:
    task, abroad = task_of(session, admin), person(session, "abroad", "CZ")

    answer = handed_over(app, admin, task, abroad, door)

    assert answer.status_code == 422
    assert "Abroad does not work in the country of this task." in answer.text
    assert again(session, task).assigned_user_id == admin.id
    assert published(session, TaskAssigned) == []


def handed_over(app: Flask, by: User, task: Task, to: User, door: str) -> Any:
    browser = logged_in(app, by)
    if door == "page":
        return browser.post(f"/work/tasks/{task.id}/assign", data={"assigned_user_id": to.id}, headers=JSON)
    if door == "form":
        return browser.post(
            f"/tasks/edit/{task.id}", data={"title": task.title, "assigned_user_id": to.id, "version": task.row_version}
        )
    head = token_of(app, by) | {"If-Match": "*"}
    return app.test_client().put(f"/api/v1/tasks/{task.id}", json={"assigned_user_id": to.id}, headers=head)


@pytest.mark.parametrize("field", ["assigned_user_id", "due_date"])
@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_a_closed_task_stays_as_it_is_at_rest_too(
    app: Flask, session: Session, jana: User, peter: User, status: str, field: str
) -> None:
    task = task_of(session, jana, status=TaskStatus(status))
    value = peter.id if field == "assigned_user_id" else "2030-01-01T10:00:00Z"

    answer = app.test_client().put(
        f"/api/v1/tasks/{task.id}", json={field: value}, headers=token_of(app, jana) | {"If-Match": "*"}
    )

    assert answer.status_code == 422 and "Reopen it first" in answer.text
    assert again(session, task).assigned_user_id == jana.id


@pytest.mark.parametrize(
    "field", ["status", "resolution", "resolved_by_user_id", "resolved_at", "created_by_user_id", "entity_type"]
)
def test_what_has_consequences_is_written_by_verbs_alone(app: Flask, session: Session, jana: User, field: str) -> None:
    values = {"status": "completed", "resolved_at": "2026-01-01T00:00:00Z"}
    task = task_of(session, jana)
    before = again(session, task).row_version

    answer = app.test_client().put(
        f"/api/v1/tasks/{task.id}", json={field: values.get(field, jana.id)},
        headers=token_of(app, jana) | {"If-Match": "*"},
    )  # fmt: skip

    assert answer.status_code in (403, 422), answer.text
    assert again(session, task).row_version == before


def test_a_comment_is_by_its_writer_whatever_is_sent(app: Flask, session: Session, jana: User, peter: User) -> None:
    task = task_of(session, jana)

    forged = app.test_client().post(
        "/api/v1/task_comments/", headers=token_of(app, jana),
        json={"task_id": task.id, "content": "By me", "user_id": peter.id},
    )  # fmt: skip
    honest = app.test_client().post(
        "/api/v1/task_comments/", headers=token_of(app, jana), json={"task_id": task.id, "content": "By me"}
    )

    assert forged.status_code in (403, 422)
    assert honest.status_code == 201, honest.text
    assert [remark.user_id for remark in session.scalars(select(TaskComment))] == [jana.id]


def test_of_two_who_complete_at_once_the_second_is_told(app: Flask, session: Session, jana: User, peter: User) -> None:
    task = task_of(session, jana)
    first = logged_in(app, jana).post(f"/work/tasks/{task.id}/complete", data={"resolution": "Mine"}, headers=JSON)

    second = logged_in(app, peter).post(f"/work/tasks/{task.id}/complete", data={"resolution": "No"}, headers=JSON)

    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json["message"] == "This task is completed already."
    assert again(session, task).resolution == "Mine"
    assert len(published(session, TaskCompleted)) == 1


# About a record ----------------------------------------------------------------


def test_a_task_about_a_customer_takes_over_customer_and_country(app: Flask, session: Session, admin: User) -> None:
    customer = customer_in(session, "CZ")
    browser = logged_in(app, admin)
    data = {"table": "customers", "record": customer.id, "title": "Follow up"}

    form = browser.get(f"/work/tasks/new?table=customers&record={customer.id}")
    answer = browser.post("/work/tasks/new", data=data)

    assert 'value="Follow up: ' in form.text
    assert answer.headers["Location"] == f"/customers/show/{customer.id}"
    task = session.scalars(select(Task)).one()
    assert (task.customer_id, task.country) == (customer.id, "CZ")
    assert (task.entity_type, task.entity_id) == ("customers", customer.id)


def test_a_record_of_another_country_is_no_origin(app: Flask, session: Session, jana: User) -> None:
    customer = customer_in(session, "CZ")
    browser = logged_in(app, jana)

    for answer in (
        browser.get(f"/work/tasks/new?table=customers&record={customer.id}"),
        browser.post("/work/tasks/new", data={"table": "customers", "record": customer.id, "title": "x"}),
        browser.get("/work/tasks/new?table=customers&record=none"),
        browser.get("/work/tasks/new?table=nothing&record=none"),
        browser.get("/work/tasks/new?table=invoices&record=none"),  # a module that is closed to her
    ):
        assert answer.status_code == 404
    assert session.scalars(select(Task)).all() == []


def test_a_task_for_a_customer_abroad_is_refused_at_its_field(app: Flask, session: Session, jana: User) -> None:
    customer = customer_in(session, "CZ")

    answer = logged_in(app, jana).post("/work/tasks/add", data={"title": "x", "customer_id": customer.id}, headers=JSON)

    assert answer.status_code == 422
    assert "customer_id" in answer.json["errors"]
    assert session.scalars(select(Task)).all() == []


def test_a_reminder_asked_for_twice_is_one(app: Flask, session: Session, jana: User) -> None:
    task = task_of(session, jana)
    when = (utc_now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    browser = logged_in(app, jana)

    answers = [browser.post(f"/work/tasks/{task.id}/remind", data={"remind_at": when}, headers=JSON) for _ in "ab"]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(session.scalars(select(TaskReminder)).all()) == 1


def test_nobody_removes_the_reminder_of_another(app: Flask, session: Session, jana: User, peter: User) -> None:
    task = task_of(session, jana)
    with acting_as(app, jana) as own:
        mine = services.remind(own, own.get_one(Task, task.id), NOW + timedelta(days=1), user_id=jana.id, now=NOW).id
    address = f"/work/tasks/{task.id}/reminders/{mine}/forget"

    foreign = logged_in(app, peter).post(address, headers=JSON)
    own_one = logged_in(app, jana).post(address, headers=JSON)

    assert (foreign.status_code, own_one.status_code) == (404, 200)
    assert session.scalars(select(TaskReminder)).all() == []


def test_a_draft_needs_a_title_that_fits(app: Flask, session: Session, jana: User) -> None:
    for title in ("", "   ", "x" * 501):
        with pytest.raises(DomainError), acting_as(app, jana) as own:
            services.create(own, Draft(title, jana.id), by=jana.id)

    assert session.scalars(select(Task)).all() == []


def test_nobody_without_the_right_to_change_writes_even_below_the_pages(
    app: Flask, session: Session, jana: User
) -> None:
    task = task_of(session, person(session, "cz", "CZ"), "CZ")

    with pytest.raises(Forbidden), acting_as(app, jana) as own:
        found = own.get(Task, task.id, execution_options={"viewer": viewer_of_all()})
        assert found is not None
        services.start(own, found)

    assert again(session, task).status is TaskStatus.pending


def viewer_of_all() -> Any:
    from app.core.viewer import SYSTEM

    return SYSTEM
