"""The board of a pipeline: which moves and new deals it takes, and which it refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import User
from app.pipeline.models import Deal, DealStatus
from tests.conftest import logged_in
from tests.pipeline.boarded import board, column, in_stage, move, seller, stage_now, titles, token
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")


# Moving -----------------------------------------------------------------------------


def test_a_card_is_moved_between_two_others_and_the_answer_takes_it_back(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    low, high = in_stage(session, stages["Offer"], "low"), in_stage(session, stages["Offer"], "high")
    deal = in_stage(session, stages["New"], "moved", probability=33)

    done = move(client, deal, stages["Offer"], above=high.id, below=low.id)

    assert done.status_code == 200, done.text
    assert done.json["said"] == "“moved” is in “Offer”."
    assert titles(column(board(client, pipeline), stages["Offer"])) == ["high", "moved", "low"]
    session.refresh(deal)
    back = move(client, deal, stages["New"], seen=done.json["seen"], values=done.json["undo"])
    assert back.status_code == 200, back.text
    assert stage_now(session, deal) == stages["New"].id
    assert session.get(Deal, deal.id).probability == 33  # type: ignore[union-attr]  # it is there


def test_a_card_that_leaves_the_filters_is_not_drawn_and_it_is_said_why(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "closing")
    open_ones = "?_flt_eq_status=open"
    body = {"deal": deal.id, "stage": stages["Won"].id, "seen": token(client, deal)}

    won = client.post(f"/pipeline/{pipeline.id}/move{open_ones}", json=body)
    new = {"stage": stages["New"].id, "title": "Quick"}
    quick = client.post(f"/pipeline/{pipeline.id}/add?q=clos", data=new)

    assert (won.status_code, won.json["card"], won.json["moved"]) == (200, "", True)
    assert won.json["said"] == "“closing” is in “Won”. The filters of this board do not show it."
    assert (quick.status_code, quick.json["card"]) == (201, "")
    assert quick.json["said"] == "“Quick” is added. The filters of this board do not show it."
    back = {**body, "stage": stages["New"].id, "seen": won.json["seen"], "values": won.json["undo"]}
    taken = client.post(f"/pipeline/{pipeline.id}/move{open_ones}", json=back)
    assert titles(taken.json["card"]) == ["closing"]
    assert taken.json["said"] == "“closing” is in “New”."


def test_a_lost_deal_that_is_reopened_and_taken_back_is_lost_as_before(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    closed = date(2026, 1, 15)
    deal = in_stage(session, stages["Lost"], "gone", lost_reason="Too far", actual_close_date=closed)

    done = move(client, deal, stages["New"])
    session.refresh(deal)
    back = move(client, deal, stages["Lost"], seen=done.json["seen"], values=done.json["undo"])

    assert back.status_code == 200, back.text
    session.refresh(deal)
    assert (deal.lost_reason, deal.actual_close_date, deal.status) == ("Too far", closed, DealStatus.lost)


def test_a_stale_card_stays_where_it_is_and_says_who_was_faster(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "wanted by two")
    seen = token(client, deal)
    assert move(client, deal, stages["Offer"]).status_code == 200

    late = move(client, deal, stages["Won"], seen=seen)

    assert late.status_code == 409
    assert late.json["message"] == "Admin moved this deal to “Offer” meanwhile."
    assert stage_now(session, deal) == stages["Offer"].id


def test_a_lost_stage_asks_why_and_suggests_what_was_said_before(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    in_stage(session, stages["Lost"], "earlier", lost_reason="Chose another bank")
    deal = in_stage(session, stages["New"], "doubtful")

    asked = client.get(f"/pipeline/{pipeline.id}/ask?deal={deal.id}&stage={stages['Lost'].id}")
    refused = move(client, deal, stages["Lost"])
    blank = move(client, deal, stages["Lost"], values={"lost_reason": "  "})
    taken = move(client, deal, stages["Lost"], values={"lost_reason": "Too expensive"})

    assert 'name="lost_reason"' in asked.text
    assert "Chose another bank" in asked.text
    assert (refused.status_code, blank.status_code) == (422, 422)
    assert refused.json["errors"] == {"lost_reason": ["Say why the deal was lost."]}
    assert taken.status_code == 200, taken.text
    session.refresh(deal)
    assert (deal.lost_reason, deal.status) == ("Too expensive", DealStatus.lost)


def test_a_stage_asks_for_what_it_needs_with_the_inputs_of_the_form(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    stages["Offer"].required_fields = ["customer_id", "expected_close_date", "value"]
    customer = smallest(session, "customers", country="SK")
    deal = in_stage(session, stages["New"], "bare", value=Decimal(0))

    asked = client.get(f"/pipeline/{pipeline.id}/ask?deal={deal.id}&stage={stages['Offer'].id}").text
    wrong = move(
        client, deal, stages["Offer"], values={"customer_id": customer.id, "value": "much", "expected_close_date": ""}
    )
    taken = move(client, deal, stages["Offer"],
                 values={"customer_id": customer.id, "value": "900", "expected_close_date": "2027-01-31"})  # fmt: skip

    assert 'type="date"' in asked
    assert 'data-href="/deals/pick/customer_id"' in asked
    assert wrong.status_code == 422
    assert set(wrong.json["errors"]) == {"value"}
    assert taken.status_code == 200, taken.text
    session.refresh(deal)
    assert (deal.customer_id, deal.value, deal.expected_close_date) == (customer.id, 900, date(2027, 1, 31))
    assert client.get(f"/pipeline/{pipeline.id}/ask?deal={deal.id}&stage={stages['New'].id}").status_code == 204


def test_only_what_the_stage_asks_for_comes_along(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "guarded")

    answer = move(client, deal, stages["Offer"], values={"title": "taken over"})

    assert answer.status_code == 403
    assert stage_now(session, deal) == stages["New"].id


def test_a_customer_of_another_country_does_not_come_along(
    app: Flask, session: Session, stages: dict[str, Any]
) -> None:
    stages["Offer"].required_fields = ["customer_id"]
    foreign = smallest(session, "customers", country="HU")
    deal = in_stage(session, stages["New"], "bare")
    clerk = seller(session, app)

    answer = move(clerk, deal, stages["Offer"], values={"customer_id": foreign.id})

    assert answer.status_code == 422
    assert "no access" in answer.json["errors"]["customer_id"][0]
    assert stage_now(session, deal) == stages["New"].id


def fixed(session: Session, clerk: FlaskClient, pipeline: Any, deal: Any, stages: dict[str, Any]) -> str:
    """The new deal moves neither by hand nor past the page; gives the board."""
    html = board(clerk, pipeline)
    answer = move(clerk, deal, stages["Offer"])

    assert 'class="deal is-fixed"' in html
    assert "data-move-to" not in html
    assert answer.status_code == 403
    assert stage_now(session, deal) == stages["New"].id
    return html


@pytest.mark.parametrize("rights", [{"edits": False}, {"stage_id": "readonly"}])
def test_without_the_right_no_card_moves(
    app: Flask, session: Session, pipeline: Any, stages: dict[str, Any], rights: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "fixed")
    clerk = seller(session, app, **rights)

    assert "data-moves" not in fixed(session, clerk, pipeline, deal, stages)


def test_a_deal_that_ones_countries_let_see_but_not_change_is_fixed(
    app: Flask, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "of all countries", country_code=None)
    fixed(session, seller(session, app), pipeline, deal, stages)


def test_a_stage_of_another_pipeline_or_none_is_refused(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "stays")
    elsewhere = smallest(session, "pipeline_stages")
    gone = smallest(session, "pipeline_stages", pipeline_id=pipeline.id)
    session.commit()
    key = gone.id
    session.delete(gone)
    session.commit()

    other = move(client, deal, elsewhere)
    missing = client.post(
        f"/pipeline/{pipeline.id}/move", headers={"Accept": "application/json"},
        json={"deal": deal.id, "stage": key, "seen": token(client, deal)},
    )  # fmt: skip

    assert other.status_code == 422
    assert "Choose a stage of the pipeline “Families”." in other.json["errors"]["stage_id"]
    assert missing.status_code == 404
    assert missing.json["message"] == "This stage does not exist any more. Reload the board."
    assert stage_now(session, deal) == stages["New"].id


BODIES: dict[str, Any] = {
    "no JSON": "deal=1", "a list": [1, 2], "nothing": {}, "numbers": {"deal": 1, "stage": 2, "seen": "now"},
    "no token": {"seen": None}, "a bad token": {"seen": "yesterday"}, "another token": {"seen": "x" * 32},
    "values that are a list": {"values": ["x"]}, "values that are no texts": {"values": {"lost_reason": 3}},
    "a place that is no key": {"above": {"a": 1}}, "a long key": {"below": "x" * 101}, "a zero": {"above": "a\x00b"},
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
def test_a_move_that_makes_no_sense_is_refused_in_words(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any], kind: str
) -> None:
    deal, body = in_stage(session, stages["New"], "stays"), BODIES[kind]
    if isinstance(body, dict) and body:
        body = {"deal": deal.id, "stage": stages["Offer"].id, "seen": token(client, deal), **body}
    sent = {"data": body} if isinstance(body, str) else {"json": body}

    answer = client.post(f"/pipeline/{pipeline.id}/move", headers={"Accept": "application/json"}, **sent)  # type: ignore[arg-type]  # of Werkzeug

    assert answer.status_code == 400
    assert "board" in answer.json["message"]
    assert stage_now(session, deal) == stages["New"].id


def test_neighbours_in_the_wrong_order_are_refused(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    low, high = in_stage(session, stages["Offer"], "low"), in_stage(session, stages["Offer"], "high")
    deal = in_stage(session, stages["New"], "between")

    answer = move(client, deal, stages["Offer"], above=low.id, below=high.id)

    assert answer.status_code == 400
    assert stage_now(session, deal) == stages["New"].id


def test_nobody_moves_without_a_login_or_without_the_token_of_the_page(
    app: Flask, session: Session, admin: User, stages: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = in_stage(session, stages["New"], "stays")

    assert "/login" in move(app.test_client(), deal, stages["Offer"]).headers["Location"]
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    monkeypatch.setitem(app.config, "WTF_CSRF_CHECK_DEFAULT", True)
    assert move(logged_in(app, admin), deal, stages["Offer"]).status_code == 400
    assert stage_now(session, deal) == stages["New"].id


# Adding -----------------------------------------------------------------------------


def added(client: FlaskClient, stage: Any, **typed: str) -> Any:
    data = {"stage": stage.id, "title": "Quick", **typed}
    return client.post(f"/pipeline/{stage.pipeline_id}/add", data=data, headers={"Accept": "application/json"})


def test_a_deal_is_added_on_top_of_a_column(
    client: FlaskClient, session: Session, admin: User, pipeline: Any, stages: dict[str, Any]
) -> None:
    in_stage(session, stages["New"], "older")
    customer = smallest(session, "customers", country="CZ")
    session.commit()

    answer = added(client, stages["New"], customer_id=customer.id, value="12000", form_key="ab" * 16)
    again = added(client, stages["New"], customer_id=customer.id, value="12000", form_key="ab" * 16)

    assert (answer.status_code, again.json["id"]) == (201, answer.json["id"]), answer.text
    deal = session.get(Deal, answer.json["id"])
    assert deal is not None
    assert (deal.currency, deal.country_code, deal.assigned_user_id, deal.probability) == ("CZK", "CZ", admin.id, 10)
    assert titles(column(board(client, pipeline), stages["New"])) == ["Quick", "older"]


def test_what_cannot_be_added_is_said_at_its_field(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    stages["Offer"].required_fields = ["expected_close_date"]
    session.commit()

    assert set(added(client, stages["New"], title=" ").json["errors"]) == {"title"}
    assert set(added(client, stages["New"], value="much").json["errors"]) == {"value"}
    assert set(added(client, stages["New"], customer_id="gone").json["errors"]) == {"customer_id"}
    assert set(added(client, stages["Offer"]).json["errors"]) == {"expected_close_date"}
    assert session.query(Deal).count() == 0


def test_without_the_right_nothing_is_added(
    app: Flask, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    clerk = seller(session, app, edits=False)

    assert "data-quick-add" not in board(clerk, pipeline)
    assert added(clerk, stages["New"]).status_code == 403
