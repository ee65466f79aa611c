"""Activities of deals: planned, done, followed by the next one, opened again, put off; each by who may."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.types import utc_now
from app.pipeline.models import DealActivity, DealActivityType
from tests.conftest import logged_in
from tests.pipeline.selling import JSON, activity_of, at, deal_in, path_of_stages, seller
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")


@pytest.fixture
def deal(session: Session) -> Any:
    return deal_in(session, path_of_stages(session)["offer"])


def plan(client: FlaskClient, deal: Any, **sent: str) -> Any:
    values = {"type": "call", "subject": "Call Eva", **sent}
    return client.post(f"/pipeline/deals/{deal.id}/activities", data=values, headers=JSON)


def act(client: FlaskClient, activity: Any, what: str, **sent: str) -> Any:
    return client.post(f"/pipeline/activities/{activity.id}/{what}", data=sent, headers=JSON)


def only(session: Session) -> DealActivity:
    session.expire_all()
    return session.scalars(select(DealActivity)).one()


def count(session: Session) -> int | None:
    return session.scalar(select(func.count()).select_from(DealActivity))


def panel(client: FlaskClient, deal: Any) -> str:
    return client.get(f"/pipeline/deals/{deal.id}/panel").text


# Planned ------------------------------------------------------------------------------


def test_an_activity_is_planned_with_all_that_was_said(session: Session, jana: FlaskClient, deal: Any) -> None:
    answer = plan(
        jana, deal, type="meeting", description="At the clinic", due_at="2026-12-01T10:00", duration="45",
        priority="high", reminder_at="2026-12-01T09:00",
    )  # fmt: skip

    made = only(session)
    assert answer.status_code == 200 and answer.json["said"] == "Planned."
    assert (made.type, made.duration, made.is_completed) == (DealActivityType.meeting, 45, False)
    assert made.due_at == at("2026-12-01T09:00")  # 10:00 in Bratislava
    assert (made.reminder_at, made.reminder_sent) == (at("2026-12-01T08:00"), False)


def test_a_note_is_done_at_once(session: Session, jana: FlaskClient, deal: Any) -> None:
    assert plan(jana, deal, type="note", subject="She prefers e-mails").json["said"] == "Noted."

    made = only(session)
    assert made.is_completed and made.completed_at is not None


def test_a_note_is_done_through_every_door(session: Session, client: FlaskClient, deal: Any) -> None:
    sent = {"deal_id": deal.id, "type": "note", "subject": "By the form", "is_completed-shown": "1"}
    assert client.post("/deal_activities/add", data=sent).status_code == 302

    assert only(session).is_completed and only(session).completed_at is not None


def test_what_was_done_already_is_noted_as_done(session: Session, jana: FlaskClient, deal: Any) -> None:
    plan(jana, deal, done="1")

    assert only(session).is_completed


def test_an_activity_that_is_sent_twice_is_made_once(session: Session, jana: FlaskClient, deal: Any) -> None:
    key = re.search(r'data-composer.*?name="form_key" value="([0-9a-f]{32})"', panel(jana, deal), re.S)
    assert key is not None

    answers = [plan(jana, deal, form_key=key[1]) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert count(session) == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [({"subject": " "}, "subject"), ({"type": "dance"}, "type"), ({"type": ""}, "type"), ({"due_at": "soon"}, "due_at"),
     ({"duration": "long"}, "duration"), ({"user_id": "nobody"}, "user_id"), ({"subject": "x" * 501}, "subject"),
     ({"due_at": "2026-12-01T10:00", "reminder_at": "2026-12-01T11:00"}, "reminder_at")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(
    session: Session, jana: FlaskClient, deal: Any, sent: dict[str, str], field: str
) -> None:
    answer = plan(jana, deal, **sent)

    assert answer.status_code == 422 and answer.json["errors"][field][0]
    assert count(session) == 0


# Read ---------------------------------------------------------------------------------


def test_late_ones_come_first_and_are_told_to_be_late(session: Session, jana: FlaskClient, deal: Any) -> None:
    now = utc_now()
    activity_of(session, deal, subject="Without a day")
    activity_of(session, deal, subject="Tomorrow", due_at=now + timedelta(days=1))
    activity_of(session, deal, subject="Yesterday", due_at=now - timedelta(days=1))
    activity_of(session, deal, subject="Long ago", is_completed=True, outcome="Not at home")
    text = panel(jana, deal)

    places = [text.index(f"<strong>{name}</strong>") for name in ("Yesterday", "Tomorrow", "Without a day", "Long ago")]
    assert places == sorted(places)
    assert text.count("<strong>Late</strong>") == 1
    assert "Not at home" in text


def test_what_is_hidden_of_activities_stays_hidden(app: Flask, session: Session, deal: Any) -> None:
    activity_of(session, deal, subject="Secret", outcome="Hush", description="Whisper", due_at=utc_now())
    fields = {("deal_activities", name): "hidden" for name in ("subject", "description", "due_at")}
    text = panel(logged_in(app, seller(session, "hana", fields=fields)), deal)

    assert "deal-doing" in text
    for word in ("Secret", "Whisper", ">Late<"):
        assert word not in text


# Done ---------------------------------------------------------------------------------


def test_completing_keeps_what_came_of_it(session: Session, jana: FlaskClient, deal: Any) -> None:
    row = activity_of(session, deal)

    assert act(jana, row, "complete", outcome="Wants an offer").status_code == 200
    assert (only(session).is_completed, only(session).outcome) == (True, "Wants an offer")
    again = act(jana, row, "complete", outcome="Something else")
    assert again.status_code == 409 and again.json["message"] == "This activity is done already."
    assert only(session).outcome == "Wants an offer"


def test_the_next_one_is_planned_together_with_completing(session: Session, jana: FlaskClient, deal: Any) -> None:
    owner = seller(session, "peter")
    row = activity_of(session, deal, user_id=owner.id)
    form = jana.get(f"/pipeline/activities/{row.id}/complete").text
    answer = act(jana, row, "complete", outcome="Call again", next="1", next_type="meeting", next_subject="Meet Eva",
                 next_due_at="2026-12-05T10:00")  # fmt: skip

    assert 'name="next_subject"' in form
    assert answer.json["said"] == "Done, and the next one is planned."
    session.expire_all()
    following = session.scalars(select(DealActivity).where(DealActivity.id != row.id)).one()
    assert (following.subject, following.user_id, following.is_completed) == ("Meet Eva", owner.id, False)


def test_a_next_one_that_makes_no_sense_leaves_the_first_open(session: Session, jana: FlaskClient, deal: Any) -> None:
    row = activity_of(session, deal)

    answer = act(jana, row, "complete", next="1", next_type="call", next_subject="", next_due_at="soon")

    assert answer.status_code == 422 and set(answer.json["errors"]) == {"next_subject", "next_due_at"}
    assert only(session).is_completed is False


def test_completing_twice_with_one_form_plans_one_next(session: Session, jana: FlaskClient, deal: Any) -> None:
    row = activity_of(session, deal)
    sent = {"form_key": "a" * 32, "next": "1", "next_type": "call", "next_subject": "Again"}

    assert [act(jana, row, "complete", **sent).status_code for _time in range(2)] == [200, 200]
    assert count(session) == 2


def test_opening_again_forgets_when_it_was_done(session: Session, jana: FlaskClient, deal: Any) -> None:
    row = activity_of(session, deal, is_completed=True, outcome="Nobody there")

    assert act(jana, row, "reopen").status_code == 200
    assert (only(session).is_completed, only(session).completed_at) == (False, None)
    assert act(jana, row, "reopen").status_code == 409


def test_an_edited_activity_is_not_saved_over_what_somebody_else_did(
    session: Session, jana: FlaskClient, deal: Any
) -> None:
    row = activity_of(session, deal)
    old = row.row_version
    assert act(jana, row, "edit", subject="Call Mrs Nová", version=old).status_code == 200

    assert act(jana, row, "edit", subject="Call nobody", version=old).status_code == 409
    assert only(session).subject == "Call Mrs Nová"


def test_putting_off_keeps_the_time_and_takes_the_reminder_along(
    session: Session, jana: FlaskClient, deal: Any
) -> None:
    row = activity_of(session, deal, due_at=at("2026-12-01T09:00"), reminder_at=at("2026-12-01T08:00"))

    assert act(jana, row, "due", day="2026-12-03").json["due"] == "2026-12-03T10:00"
    assert only(session).due_at == at("2026-12-03T09:00")
    assert only(session).reminder_at == at("2026-12-03T08:00")
    assert act(jana, row, "due", day="someday").status_code == 422


def test_removing_takes_it_away(session: Session, jana: FlaskClient, deal: Any) -> None:
    assert act(jana, activity_of(session, deal), "remove").status_code == 200
    assert count(session) == 0


# Rights -------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["edit", "complete", "reopen", "remove", "due"])
def test_activities_of_other_countries_do_not_exist(app: Flask, session: Session, deal: Any, what: str) -> None:
    stranger = logged_in(app, seller(session, "attila", "HU"))

    assert act(stranger, activity_of(session, deal), what, day="2026-12-03").status_code == 404
    assert count(session) == 1


@pytest.mark.parametrize("what", ["edit", "complete", "reopen", "remove", "due"])
def test_who_may_not_edit_activities_changes_none(app: Flask, session: Session, deal: Any, what: str) -> None:
    looker = logged_in(app, seller(session, "lena", modules={"deals": "vae", "deal_activities": "v"}))
    row = activity_of(session, deal, is_completed=what == "reopen")

    assert act(looker, row, what, subject="Other", day="2026-12-03").status_code == 403
    assert plan(looker, deal).status_code == 403
    assert only(session).subject == "Call Eva"


@pytest.mark.parametrize("right", ["readonly", "hidden"])
def test_a_field_that_one_may_not_write_is_refused(app: Flask, session: Session, deal: Any, right: str) -> None:
    client = logged_in(app, seller(session, "lena", fields={("deal_activities", "priority"): right}))

    assert plan(client, deal, priority="urgent").status_code == 403
    assert plan(client, deal).status_code == 200


def test_an_activity_leads_to_its_deal(session: Session, jana: FlaskClient, deal: Any) -> None:
    row = activity_of(session, deal)

    assert jana.get(f"/pipeline/activities/{row.id}").location == f"/deals/show/{deal.id}#activity-{row.id}"
    assert jana.get("/pipeline/activities/none").status_code == 404


def test_forms_of_activities_open(session: Session, jana: FlaskClient, deal: Any) -> None:
    row = activity_of(session, deal, user_id=smallest(session, "users").id)

    for what in ("edit", "complete"):
        answer = jana.get(f"/pipeline/activities/{row.id}/{what}")
        assert answer.status_code == 200 and "data-deal-dialog" in answer.text
