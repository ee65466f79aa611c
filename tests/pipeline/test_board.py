"""The board of a pipeline: what it shows to whom, and what it adds up."""

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

from app.core.types import utc_now
from app.pipeline.models import Deal
from tests.pipeline.boarded import board, column, in_stage, move, seller, stage_now, titles
from tests.smallest import smallest
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")


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


def test_behind_the_wall_sums_stand_in_their_index_and_deals_without_a_country_are_added(
    app: Flask, session: Session, engine: Engine, pipeline: Any, stages: dict[str, Any]
) -> None:
    home, abroad = (smallest(session, "customers", country=code) for code in ("SK", "HU"))
    old = utc_now() - timedelta(days=10)
    for title, value, told in (
        ("ours", 100, {"country_code": "SK"}),
        ("hers", 20, {"country_code": None, "customer_id": home.id}),
        ("theirs", 3000, {"country_code": "HU"}),
        ("his", 40_000, {"country_code": None, "customer_id": abroad.id}),
    ):
        in_stage(session, stages["New"], title, value=Decimal(value), stage_entered_at=old, **told)
    clerk = seller(session, app, module="deal_activities")
    board(clerk, pipeline)

    with statements(engine) as asked:
        new = column(board(clerk, pipeline), stages["New"])

    assert titles(new) == ["hers", "ours"]
    assert re.search(r'class="lane-count"[^>]*>2<', new)
    assert "€120" in new
    assert re.search(r'title="Nothing has happened for more than 7 days">.*?<span>2</span>', new, re.S)
    of_deals = [told for told in asked if "sum(deals.value)" in told]
    (index,) = (index for index in Deal.__table__.indexes if index.name == "ix_deals_sums")  # type: ignore[attr-defined]  # a table
    held = {*index.columns.keys(), *index.dialect_options["postgresql"]["include"]}
    assert set(re.findall(r"\bdeals\.(\w+)", of_deals[0])) <= held
    assert "deals.country_code IS NULL" in of_deals[1]


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
