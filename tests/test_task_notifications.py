"""What happens to tasks, told to those concerned: from the page to the bell, through the real services and the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core import outbox
from app.core.outbox import OutboxDelivery
from app.core.types import utc_now
from app.work import jobs
from app.work.models import Notification, Task, TaskComment
from app.work.services import tasks as services
from app.work.services.tasks import Draft
from tests.conftest import logged_in
from tests.outbox import work_off
from tests.tasks import acting_as, make_role, person

pytestmark = pytest.mark.usefixtures("without_csrf")
MODULES = {"tasks": "vae", "notifications": "ve", "users": "v"}


@pytest.fixture
def jana(session: Session) -> User:
    return person(session, "jana", "SK", role=make_role(session, "Clerk", MODULES))


@pytest.fixture
def peter(session: Session) -> User:
    return person(session, "peter", "SK", role=make_role(session, "Lead", MODULES))


def told(session: Session, user: User) -> list[str]:
    session.expire_all()
    asked = select(Notification.type).where(Notification.user_id == user.id)
    return [kind.value for kind in session.scalars(asked.order_by(Notification.created_at, Notification.id))]


def deliver_again(session: Session) -> None:
    """As if every worker had died right before it said that it was done."""
    session.execute(OutboxDelivery.__table__.update().values(done_at=None))
    work_off(session, now=utc_now() + timedelta(seconds=1))


def given(app: Flask, jana: User, peter: User, **more: Any) -> str:
    """A task that Peter gave to Jana; its id."""
    with acting_as(app, peter) as own:
        return services.create(own, Draft("Call back", assigned_user_id=jana.id, **more), by=peter.id).id


def test_a_task_that_somebody_gave_is_told_once(app: Flask, session: Session, jana: User, peter: User) -> None:
    given(app, jana, peter)

    work_off(session)
    deliver_again(session)

    assert (told(session, jana), told(session, peter)) == (["task_assigned"], [])


def test_who_gave_a_task_hears_that_it_is_done(app: Flask, session: Session, jana: User, peter: User) -> None:
    task = given(app, jana, peter)
    with acting_as(app, jana) as own:
        services.complete(own, own.get_one(Task, task), "She will come.", by=jana.id, now=utc_now())

    work_off(session)
    deliver_again(session)

    assert (told(session, jana), told(session, peter)) == (["task_assigned"], ["task_completed"])


def test_who_was_to_do_a_task_hears_that_it_is_cancelled(app: Flask, session: Session, jana: User, peter: User) -> None:
    task = given(app, jana, peter)
    with acting_as(app, peter) as own:
        services.cancel(own, own.get_one(Task, task), "She has called herself.", by=peter.id)

    work_off(session)
    deliver_again(session)

    assert (told(session, jana), told(session, peter)) == (["task_assigned", "status_change"], [])


def test_a_task_is_told_when_it_is_due(app: Flask, session: Session, jana: User, peter: User) -> None:
    due = datetime.now(UTC) + timedelta(hours=1)
    given(app, jana, peter, due_date=due)

    for minutes in (1, 2, 3):
        jobs.mind_tasks(session, now=due + timedelta(minutes=minutes))
        session.commit()
    work_off(session)
    deliver_again(session)

    assert told(session, jana) == ["task_assigned", "task_due"]


def test_who_is_named_in_a_comment_hears_of_it(app: Flask, session: Session, jana: User, peter: User) -> None:
    task = given(app, jana, peter)

    answer = logged_in(app, jana).post(f"/work/tasks/{task}/comment", data={"content": "@[peter] look"})
    work_off(session)
    deliver_again(session)

    assert answer.status_code == 302
    assert told(session, peter) == ["mention"]


def test_a_form_that_is_sent_twice_makes_one_task_and_one_notification(
    app: Flask, session: Session, jana: User, peter: User
) -> None:
    browser = logged_in(app, peter)
    form = {"title": "Call back", "assigned_user_id": jana.id, "form_key": "0123456789abcdef0123456789abcdef"}

    answers = [browser.post("/work/tasks/add", data=form).status_code for _time in (1, 2)]
    work_off(session)

    assert answers == [302, 302]
    assert session.scalar(select(func.count()).select_from(Task).where(Task.title == "Call back")) == 1
    assert told(session, jana) == ["task_assigned"]


def test_a_comment_that_is_sent_twice_is_there_once(app: Flask, session: Session, jana: User, peter: User) -> None:
    task = given(app, jana, peter)
    browser = logged_in(app, jana)
    form = {"content": "Nobody answers.", "form_key": "0123456789abcdef0123456789abcdef"}

    answers = [browser.post(f"/work/tasks/{task}/comment", data=form).status_code for _time in (1, 2)]

    assert answers == [302, 302]
    assert session.scalar(select(func.count()).select_from(TaskComment).where(TaskComment.task_id == task)) == 1


def test_work_is_left_to_nobody(app: Flask, session: Session, jana: User, peter: User) -> None:
    given(app, jana, peter)
    work_off(session)

    assert outbox.due(session, now=utc_now() + timedelta(days=1)) == []
