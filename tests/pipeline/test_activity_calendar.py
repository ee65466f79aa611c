"""What one has to do for deals, by day: one's own and a colleague's, and as a file for another calendar."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.types import utc_now
from tests.conftest import logged_in
from tests.pipeline.selling import SALES, activity_of, at, deal_in, path_of_stages, seller
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")
HOME = "/pipeline/activities"


@pytest.fixture
def deal(session: Session) -> Any:
    return deal_in(session, path_of_stages(session)["offer"], title="Deal of Eva")


@pytest.fixture
def jana(session: Session) -> User:
    return seller(session, "jana", modules={**SALES, "users": "v"})


@pytest.fixture
def client_of_jana(app: Flask, jana: User) -> FlaskClient:
    return logged_in(app, jana)


def test_what_is_to_be_done_stands_in_order(
    session: Session, client_of_jana: FlaskClient, jana: User, deal: Any
) -> None:
    now = utc_now()
    for subject, days in (("Next week", 6), ("Long late", -9), ("Late", -1), ("Far away", 60)):
        activity_of(session, deal, subject=subject, user_id=jana.id, due_at=now + timedelta(days=days))
    activity_of(session, deal, subject="Without a day", user_id=jana.id)
    activity_of(session, deal, subject="Done", user_id=jana.id, due_at=now, is_completed=True)
    text = client_of_jana.get(HOME).text

    titles = re.findall(r'class="task-title"[^>]*>([^<]+)<', text)
    assert titles == ["Long late", "Late", "Next week", "Without a day"]
    assert text.count("Deal of Eva") == 4


@pytest.mark.parametrize("view", ["week", "month"])
def test_the_calendar_shows_a_day_with_what_falls_on_it(
    session: Session, client_of_jana: FlaskClient, jana: User, deal: Any, view: str
) -> None:
    activity_of(session, deal, user_id=jana.id, due_at=at("2026-03-01T23:30"))  # the 2nd in Bratislava
    text = client_of_jana.get(f"{HOME}?view={view}&on=2026-03-03").text

    day = re.search(r'data-day="2026-03-02".*?</section>', text, re.S)
    assert day is not None and "Call Eva" in day[0] and "data-movable" in day[0]


def test_a_colleague_has_a_calendar_as_far_as_one_may_know_it(
    app: Flask, session: Session, client_of_jana: FlaskClient, deal: Any
) -> None:
    peter = seller(session, "peter", "SK", "HU")
    abroad = deal_in(session, path_of_stages(session)["new"], country_code="HU")
    activity_of(session, deal, user_id=peter.id, subject="In Slovakia", due_at=utc_now())
    activity_of(session, abroad, user_id=peter.id, subject="In Hungary", due_at=utc_now())

    text = client_of_jana.get(f"{HOME}?who={peter.id}").text
    assert "In Slovakia" in text and "In Hungary" not in text
    assert "In Slovakia" not in client_of_jana.get(HOME).text


@pytest.mark.parametrize(
    ("asked", "status"),
    [("view=year", 400), ("on=yesterday&view=week", 400), ("on=0001-01-01&view=week", 400), ("who=nobody", 404),
     ("on=9999-12-31&view=month", 400)],
)  # fmt: skip
def test_a_calendar_that_makes_no_sense_is_refused(client_of_jana: FlaskClient, asked: str, status: int) -> None:
    assert client_of_jana.get(f"{HOME}?{asked}").status_code == status


@pytest.mark.parametrize("hidden", ["due_at", "user_id", "deal_id"])
def test_who_may_not_know_days_or_people_has_no_calendar(app: Flask, session: Session, hidden: str) -> None:
    client = logged_in(app, seller(session, "hana", fields={("deal_activities", hidden): "hidden"}))

    assert client.get(HOME).status_code == 403
    assert client.get(f"{HOME}.ics").status_code == 403


def test_a_file_holds_what_is_open_with_every_sign_as_it_must_be(
    session: Session, client_of_jana: FlaskClient, jana: User, deal: Any
) -> None:
    due = utc_now().replace(microsecond=0) + timedelta(days=1)
    row = activity_of(session, deal, user_id=jana.id, due_at=due, duration=45, subject="Call; ask, listen\\n",
                      description="Ž" * 60 + "\nEND:VCALENDAR")  # fmt: skip
    activity_of(session, deal, user_id=jana.id, due_at=due, subject="Over", is_completed=True)
    answer = client_of_jana.get(f"{HOME}.ics")

    lines = answer.text.split("\r\n")
    assert answer.content_type.startswith("text/calendar")
    assert (lines[0], lines[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert f"DTSTART:{due:%Y%m%dT%H%M%SZ}" in lines
    assert f"DTEND:{due + timedelta(minutes=45):%Y%m%dT%H%M%SZ}" in lines
    assert r"SUMMARY:Call: Call\; ask\, listen\\n" in answer.text
    assert lines.count("END:VCALENDAR") == 1 and "Over" not in answer.text
    assert f"/pipeline/activities/{row.id}" in answer.text.replace("\r\n ", "")


@pytest.mark.parametrize("view", ["agenda", "week", "month"])
def test_a_calendar_costs_the_same_however_much_is_in_it(
    session: Session, engine: Engine, client_of_jana: FlaskClient, jana: User, deal: Any, view: str
) -> None:
    def cost() -> int:
        client_of_jana.get(f"{HOME}?view={view}")
        with statements(engine) as seen:
            client_of_jana.get(f"{HOME}?view={view}")
        return len(seen)

    activity_of(session, deal, user_id=jana.id, due_at=utc_now())
    few = cost()
    for hours in range(20):
        activity_of(session, deal, user_id=jana.id, due_at=utc_now() + timedelta(hours=hours))

    assert cost() == few
