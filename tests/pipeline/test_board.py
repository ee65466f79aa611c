"""The board of a pipeline: what it shows to whom, what it adds up, and which moves it takes and refuses."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User
from app.core.types import utc_now
from app.pipeline.board.moves import token_of
from app.pipeline.models import Deal, DealStatus
from tests.conftest import logged_in, make_user
from tests.smallest import smallest
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")


@pytest.fixture
def pipeline(session: Session) -> Any:
    return smallest(session, "pipelines", name="Families", is_default=True)


@pytest.fixture
def stages(session: Session, pipeline: Any) -> dict[str, Any]:
    """New, offer, won and lost of one pipeline."""
    kinds: dict[str, dict[str, Any]] = {
        "New": {"probability": 10, "rotting_days": 7},
        "Offer": {"probability": 50},
        "Won": {"probability": 100, "is_won_stage": True},
        "Lost": {"is_lost_stage": True},
    }
    made = {
        name: smallest(session, "pipeline_stages", pipeline_id=pipeline.id, name=name, order=order, **more)
        for order, (name, more) in enumerate(kinds.items())
    }
    session.commit()
    return made


def in_stage(session: Session, stage: Any, title: str, **given: Any) -> Any:
    deal = smallest(session, "deals", **{"stage_id": stage.id, "title": title, "country_code": "SK", **given})
    session.commit()
    session.refresh(deal)
    return deal


def board(client: FlaskClient, pipeline: Any, query: str = "") -> str:
    answer = client.get(f"/pipeline/{pipeline.id}{query}")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def column(html: str, stage: Any) -> str:
    """What the page says of one stage."""
    found = re.search(rf'<section class="lane[^>]*data-stage="{stage.id}".*?</section>', html, re.S)
    assert found
    return found[0]


def titles(html: str) -> list[str]:
    return re.findall(r"data-open[^>]*>([^<]+)</a>", html)


def move(client: FlaskClient, deal: Any, stage: Any, **more: Any) -> Any:
    body = {"deal": deal.id, "stage": stage.id, "seen": token(client, deal), **more}
    return client.post(f"/pipeline/{deal.pipeline_id}/move", json=body, headers={"Accept": "application/json"})


def token(client: FlaskClient, deal: Any) -> str:
    """What a page that was drawn now knows the deal's stay in its stage by."""
    with client.application.app_context():
        return token_of(deal.id, deal.stage_entered_at)


def stage_now(session: Session, deal: Any) -> str:
    session.expire_all()
    found = session.get(Deal, deal.id)
    assert found is not None
    return found.stage_id


def seller(
    session: Session, app: Flask, *, edits: bool = True, countries: tuple[str, ...] = ("SK",), **fields: str
) -> Any:
    """A browser of somebody who works with deals; `fields` are rights on single columns."""
    role = Role(name=f"Sales {len(fields)} {edits} {countries}")
    user = make_user(session, "clerk", role=role, assigned_countries=list(countries))
    for module in ("deals", "customers"):
        session.add(RoleModulePermission(role=role, module_key=module, access="visible", can_add=edits, can_edit=edits))
    for column, permission in fields.items():
        session.add(RoleFieldPermission(role=role, module_key="deals", field_key=column, permission=permission))
    session.commit()
    return logged_in(app, user)


# What it shows ---------------------------------------------------------------------


def test_the_board_shows_deals_in_the_order_of_their_columns(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    for title in ("first", "second"):
        in_stage(session, stages["New"], title)
    in_stage(session, stages["Offer"], "third")

    html = board(client, pipeline)

    assert [titles(column(html, stage)) for stage in stages.values()] == [["second", "first"], ["third"], [], []]
    assert re.findall(r'id="lane-[^"]+" title="(\w+)', html) == ["New", "Offer", "Won", "Lost"]


def test_home_is_the_default_pipeline_then_the_one_looked_at_last(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    other = smallest(session, "pipelines", name="Returning")
    session.commit()
    first = client.get("/pipeline/").headers["Location"]

    client.get(f"/pipeline/{other.id}")
    second = client.get("/pipeline/?q=nova&_flt_eq_pipeline_id=gone").headers["Location"]

    assert (first, second) == (f"/pipeline/{pipeline.id}", f"/pipeline/{other.id}?q=nova")


def test_a_pipeline_of_other_countries_is_not_there_and_home_says_what_to_do(
    app: Flask, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    pipeline.country_codes = ["HU"]
    clerk = seller(session, app)

    assert clerk.get(f"/pipeline/{pipeline.id}").status_code == 404
    home = clerk.get("/pipeline/")
    assert home.status_code == 200
    assert "Ask an administrator" in home.text


def test_a_pipeline_without_stages_or_deals_says_what_to_do(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    bare = smallest(session, "pipelines", name="Bare", is_active=False)
    session.commit()

    assert "This pipeline has no stages" in board(client, bare)
    assert "Add the first one with the plus of its column." in board(client, pipeline)
    assert "No deal matches." in board(client, pipeline, "?q=nobody")
    assert client.get(f"/pipeline/{pipeline.id}/columns?q=nobody").status_code == 200


def test_deals_of_other_countries_are_neither_shown_nor_counted_nor_moved(
    app: Flask, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    in_stage(session, stages["New"], "ours", value=Decimal(100))
    foreign = in_stage(session, stages["New"], "theirs", value=Decimal(900), country_code="HU")
    clerk = seller(session, app)

    new = column(board(clerk, pipeline), stages["New"])

    assert titles(new) == ["ours"]
    assert 'class="lane-count" title="Deals">1<' in new
    assert "€100" in new
    assert "1,000" not in new
    assert move(clerk, foreign, stages["Offer"]).status_code == 404
    assert stage_now(session, foreign) == stages["New"].id


def test_what_a_role_does_not_see_is_neither_on_the_cards_nor_in_the_sums(
    app: Flask, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    in_stage(session, stages["New"], "secret value", value=Decimal(4321))
    clerk = seller(session, app, value="hidden")

    html = board(clerk, pipeline)

    assert titles(html) == ["secret value"]
    assert "4,321" not in html
    assert "lane-sums" not in html


def test_without_the_stage_there_is_no_board(
    app: Flask, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    clerk = seller(session, app, stage_id="hidden")

    answer = clerk.get(f"/pipeline/{pipeline.id}")

    assert answer.status_code == 403
    assert "so there is no board" in answer.text


def test_sums_are_in_one_currency_and_what_has_no_rate_is_told(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    smallest(session, "exchange_rates", currency_code="CZK", rate=Decimal(25), rate_date=date(2020, 1, 1))
    in_stage(session, stages["Offer"], "euros", value=Decimal(1000))
    in_stage(session, stages["Offer"], "crowns", value=Decimal(50_000), currency="CZK")
    in_stage(session, stages["Offer"], "shells", value=Decimal(7), currency="XXS")

    html = board(client, pipeline)

    offer = column(html, stages["Offer"])
    assert "€3,000" in offer
    assert "€1,500" in offer
    assert "CZK" in offer
    assert "Not in the sums: 1 deal without an exchange rate (XXS)." in html
    assert "Sums in EUR at today" in html


def test_a_deal_rots_until_something_is_done(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    old = utc_now() - timedelta(days=10)
    for title in ("rotten", "kept warm"):
        in_stage(session, stages["New"], title, stage_entered_at=old)
    in_stage(session, stages["New"], "young")
    cold = session.query(Deal).filter_by(title="rotten").one()
    smallest(session, "deal_activities", deal_id=cold.id, type="note", is_completed=True, completed_at=utc_now())
    warm = session.query(Deal).filter_by(title="kept warm").one()
    smallest(session, "deal_activities", deal_id=warm.id, is_completed=True, completed_at=utc_now() - timedelta(days=1))
    in_stage(session, stages["Won"], "won long ago", stage_entered_at=old)
    session.commit()

    html = board(client, pipeline)

    rotten = re.findall(r'<li class="deal is-rotting".*?data-title="([^"]+)"', html)
    assert rotten == ["rotten"]
    assert re.search(r'data-tone="red" title="Nothing has happened for more than 7 days">.*?<span>1</span>',
                     column(html, stages["New"]), re.S)  # fmt: skip


def test_a_card_says_what_is_next_and_that_a_birth_is_near(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    birth = utc_now().date() + timedelta(days=20)
    customer = smallest(session, "customers", first_name="Eva", last_name="Nova", country="SK")
    day = {"expected_date_day": birth.day, "expected_date_month": birth.month, "expected_date_year": birth.year}
    smallest(session, "customer_potential_cases", customer_id=customer.id, case_status="in_progress", **day)
    late = in_stage(session, stages["New"], "late", customer_id=customer.id)
    smallest(
        session,
        "deal_activities",
        deal_id=late.id,
        type="call",
        subject="Ring her",
        due_at=utc_now() - timedelta(days=3),
    )
    smallest(
        session, "deal_activities", deal_id=late.id, type="email", subject="Later", due_at=utc_now() + timedelta(days=3)
    )
    in_stage(session, stages["New"], "idle")

    html = column(board(client, pipeline), stages["New"])

    assert "Eva Nova" in html
    assert "3 days late" in html
    assert "Nothing planned" in html
    assert re.search(r'data-tone="red" title="Expected birth: ', html)
    assert re.search(r"<span>in (19|20) d</span>", html)


def test_a_board_is_a_fixed_number_of_statements(
    client: FlaskClient, session: Session, engine: Engine, pipeline: Any, stages: dict[str, Any]
) -> None:
    in_stage(session, stages["New"], "one")
    board(client, pipeline)
    with statements(engine) as few:
        board(client, pipeline)
    for number in range(30):
        smallest(
            session,
            "deals",
            stage_id=stages["Offer"].id,
            customer_id=smallest(session, "customers").id,
            title=f"{number}",
        )
    session.commit()

    with statements(engine) as many:
        board(client, pipeline)

    assert len(many) == len(few)
    assert len(few) <= 16


# Filters ----------------------------------------------------------------------------


def test_filters_of_the_list_narrow_cards_and_sums(
    client: FlaskClient, session: Session, admin: User, pipeline: Any, stages: dict[str, Any]
) -> None:
    in_stage(session, stages["New"], "mine and dear", value=Decimal(500), assigned_user_id=admin.id)
    in_stage(session, stages["New"], "mine and cheap", value=Decimal(5), assigned_user_id=admin.id)
    in_stage(session, stages["New"], "nobody's", value=Decimal(800))

    mine = column(board(client, pipeline, f"?_flt_eq_assigned_user_id={admin.id}"), stages["New"])
    dear = column(board(client, pipeline, f"?_flt_eq_assigned_user_id={admin.id}&_flt_ge_value=100"), stages["New"])
    found = column(board(client, pipeline, "?q=nobody"), stages["New"])

    assert titles(mine) == ["mine and cheap", "mine and dear"]
    assert "€505" in mine
    assert titles(dear) == ["mine and dear"]
    assert "€500" in dear
    assert titles(found) == ["nobody&#39;s"]
    assert "€800" in found


def test_the_product_of_a_deal_is_a_filter_of_board_and_list(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    product = smallest(session, "products")
    deal = in_stage(session, stages["New"], "with kit")
    in_stage(session, stages["New"], "no kit")
    smallest(session, "deal_products", deal_id=deal.id, product_id=product.id)
    session.commit()
    query = f"?_flt_product_id={product.id}"

    html = board(client, pipeline, query)

    assert titles(column(html, stages["New"])) == ["with kit"]
    assert 'class="chip"' in html
    listed = client.get(f"/deals/list/{query}").text
    assert ("with kit" in listed, ">no kit<" in listed) == (True, False)


@pytest.mark.parametrize("query", ["?_flt_eq_nothing=1", "?_flt_eq_value=abc", "?_flt_xx_value=1"])
def test_a_filter_that_makes_no_sense_is_refused_in_words(
    client: FlaskClient, pipeline: Any, stages: dict[str, Any], query: str
) -> None:
    assert client.get(f"/pipeline/{pipeline.id}{query}").status_code == 400


def test_the_list_and_the_board_share_their_filters(client: FlaskClient, pipeline: Any, stages: dict[str, Any]) -> None:
    html = board(client, pipeline, "?_flt_ge_value=100&q=nova")

    assert f"/deals/list/?_flt_ge_value=100&amp;q=nova&amp;_flt_eq_pipeline_id={pipeline.id}" in html


def test_a_saved_search_of_deals_is_a_tab_of_the_board(
    client: FlaskClient, pipeline: Any, stages: dict[str, Any]
) -> None:
    home = f"http://localhost/pipeline/{pipeline.id}?_flt_ge_value=100"
    saved = client.post(
        "/lists/deals/searches", data={"name": "Dear ones", "query": "_flt_ge_value=100"}, headers={"Referer": home}
    )

    assert saved.headers["Location"].startswith(f"/pipeline/{pipeline.id}?_flt_ge_value=100&view=")
    html = client.get(saved.headers["Location"]).text
    assert re.search(r'<a class="view-tab" href="/pipeline/[^"]+" aria-current="page"><span>Dear ones</span>', html)


def test_a_column_goes_on_where_it_was_cut(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    for number in range(55):
        smallest(session, "deals", stage_id=stages["New"].id, title=f"deal {number:02}", country_code="SK")
    session.commit()
    html = column(board(client, pipeline), stages["New"])
    after = re.search(r'data-following="([^"]+)"', html)
    assert after

    more = client.get(f"/pipeline/{pipeline.id}/more?stage={stages['New'].id}&after={after[1]}").text

    assert len(titles(html)) == 50
    assert titles(more) == [f"deal {number:02}" for number in (4, 3, 2, 1, 0)]
    assert "data-following" not in more
    whole = client.get(f"/pipeline/{pipeline.id}/columns?shown={stages['New'].id}:55").text
    assert len(titles(whole)) == 55


@pytest.mark.parametrize("after", ["", "x", "1e9", "NaN", "1;2", "9" * 400])
def test_a_place_that_makes_no_sense_is_refused(
    client: FlaskClient, pipeline: Any, stages: dict[str, Any], after: str
) -> None:
    answer = client.get(f"/pipeline/{pipeline.id}/more?stage={stages['New'].id}&after={after}")

    assert answer.status_code == 400
    assert "does not exist" in answer.text


def test_an_open_page_is_told_when_nothing_is_new(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "one")
    first = client.get(f"/pipeline/{pipeline.id}/columns")
    again = client.get(f"/pipeline/{pipeline.id}/columns", headers={"If-None-Match": first.headers["ETag"]})

    move(client, deal, stages["Offer"])
    after = client.get(f"/pipeline/{pipeline.id}/columns", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, after.status_code) == (200, 304, 200)


def test_the_country_chosen_in_the_top_bar_narrows_the_board(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    in_stage(session, stages["New"], "ours")
    in_stage(session, stages["New"], "theirs", country_code="HU")
    here = f"http://localhost/pipeline/{pipeline.id}"

    chosen = client.post("/country/", data={"country": "HU"}, headers={"Referer": here})
    opened = client.get(f"/pipeline/{pipeline.id}")

    narrowed = f"/pipeline/{pipeline.id}?_flt_eq_country_code=HU"
    assert (chosen.headers["Location"], opened.headers["Location"]) == (narrowed, narrowed)
    assert titles(column(client.get(narrowed).text, stages["New"])) == ["theirs"]
    assert titles(column(board(client, pipeline, "?everywhere=1"), stages["New"])) == ["theirs", "ours"]


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


@pytest.mark.parametrize("rights", [{"edits": False}, {"stage_id": "readonly"}])
def test_without_the_right_no_card_moves(
    app: Flask, session: Session, pipeline: Any, stages: dict[str, Any], rights: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "fixed")
    clerk = seller(session, app, **rights)

    html = board(clerk, pipeline)
    answer = move(clerk, deal, stages["Offer"])

    assert 'class="deal is-fixed"' in html
    assert "data-moves" not in html
    assert "data-move-to" not in html
    assert answer.status_code == 403
    assert stage_now(session, deal) == stages["New"].id


def test_a_deal_that_ones_countries_let_see_but_not_change_is_fixed(
    app: Flask, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "of all countries", country_code=None)
    clerk = seller(session, app)

    html = board(clerk, pipeline)
    answer = move(clerk, deal, stages["Offer"])

    assert 'class="deal is-fixed"' in html
    assert "data-move-to" not in html
    assert answer.status_code == 403
    assert stage_now(session, deal) == stages["New"].id


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
