"""Everybody arranges the own home page: order, width, what is on it, what it is about, and pinned charts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.models import RoleFieldPermission, RoleModulePermission, User
from app.core.viewer import SYSTEM
from app.dashboards.metrics import CATALOGUE, usual
from app.dashboards.models import Board, DashboardTile
from tests.conftest import logged_in
from tests.dashboards.seeded import asked, cells_of, rows_of, with_rights
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")
USUAL = [metric.key for metric in usual(Board.management)]


def keys_on(client: FlaskClient, board: str = "management") -> list[str]:
    page = client.get(f"/?board={board}").text
    return [part.partition('"')[0] for part in page.split('data-tile="')[1:]]


def arranged(
    client: FlaskClient, *tiles: tuple[str, int], removed: tuple[str, ...] = (), board: str = "management"
) -> Any:
    body = {"board": board, "tiles": [{"key": key, "width": width} for key, width in tiles], "removed": list(removed)}
    return client.post("/home/arrange", json=body)


def pinned(client: FlaskClient, table: str, number: int, query: str = "") -> TestResponse:
    return client.post("/home/pin", data={"table": table, "chart": str(number), "query": query})


def test_tiles_stand_in_the_order_and_width_that_were_chosen(client: FlaskClient) -> None:
    assert keys_on(client) == USUAL

    answer = arranged(client, ("forecast", 12), ("new_customers", 4), removed=tuple(USUAL))

    assert answer.status_code == 200
    assert keys_on(client) == ["forecast", "new_customers"]
    page = client.get("/").text
    assert 'data-tile="forecast" data-shape="bar" data-width="12"' in page


def test_a_board_may_be_empty_and_can_go_back_to_that_of_the_role(client: FlaskClient) -> None:
    arranged(client, ("forecast", 6))
    arranged(client, removed=("forecast",))
    empty = keys_on(client)

    client.post("/home/reset", data={"board": "management"})

    assert (empty, keys_on(client)) == ([], USUAL)


def test_what_another_page_added_meanwhile_stays(client: FlaskClient) -> None:
    arranged(client, ("forecast", 6), ("visits", 3))

    arranged(client, ("forecast", 12))

    assert keys_on(client) == ["forecast", "visits"]


def test_boards_are_arranged_apart(client: FlaskClient) -> None:
    arranged(client, ("visits", 3), board="work")

    assert keys_on(client, "work") == ["visits"]
    assert keys_on(client) == USUAL


@pytest.mark.parametrize(
    ("tiles", "code"),
    [
        ([{"key": "nothing", "width": 3}], 422),
        ([{"key": "forecast", "width": 5}], 422),
        ([{"key": "pin-00000000-0000-4000-8000-000000000000", "width": 6}], 409),
        ([{"key": "forecast"}], 422),
        ("forecast", 422),
        ([{"key": f"pin-{i}", "width": 6} for i in range(41)], 422),
    ],
)
def test_what_is_no_arrangement_is_refused_and_changes_nothing(client: FlaskClient, tiles: Any, code: int) -> None:
    answer = client.post("/home/arrange", json={"board": "management", "tiles": tiles, "removed": []})

    assert answer.status_code == code
    assert keys_on(client) == USUAL


def test_nobody_reaches_the_tiles_of_somebody_else(app: Flask, session: Session, admin: User) -> None:
    other = with_rights(app, session, "other", department="management")
    theirs = logged_in(app, other)
    pinned(theirs, "customers", 0)
    key = next(key for key in keys_on(theirs) if key.startswith("pin-"))
    mine = logged_in(app, admin)

    assert mine.get(f"/home/tile/{key}").status_code == 404
    assert arranged(mine, (key, 6)).status_code == 409
    assert arranged(mine, removed=(key,)).status_code == 200
    assert key in keys_on(theirs)
    assert keys_on(mine) == []


def test_a_tile_nobody_may_see_cannot_be_added(app: Flask, session: Session) -> None:
    client = logged_in(app, with_rights(app, session, "somebody", without=["deals"]))

    assert arranged(client, ("forecast", 6), board="work").status_code == 422
    assert arranged(client, ("new_customers", 6), board="management").status_code == 400


def test_a_lost_right_takes_the_tile_away_and_a_regained_one_brings_it_back(app: Flask, session: Session) -> None:
    user = with_rights(app, session, "somebody")
    client = logged_in(app, user)
    arranged(client, ("forecast", 6), ("visits", 3), board="work")
    permission = session.scalars(
        select(RoleModulePermission).where(
            RoleModulePermission.role_id == user.role_id, RoleModulePermission.module_key == "deals"
        )
    ).one()
    permission.access = "hidden"
    session.commit()
    without = keys_on(client, "work")
    arranged(client, ("visits", 12), board="work")
    permission.access = "visible"
    session.commit()

    assert without == ["visits"]
    assert keys_on(client, "work") == ["visits", "forecast"]


def test_period_and_countries_are_remembered_for_the_person(client: FlaskClient) -> None:
    answer = client.post("/home/choose", data={"board": "work", "period": "30", "in": ["SK", "CZ"]})

    page = client.get("/").text
    assert answer.location == "/?board=work&period=30&in=SK%2CCZ"
    assert 'data-board="work"' in page
    assert 'value="30" selected' in page
    assert "period=30&amp;in=SK%2CCZ" in page


def test_a_remembered_country_that_is_lost_is_forgotten(app: Flask, session: Session) -> None:
    user = with_rights(app, session, "somebody", countries=("SK", "CZ"))
    client = logged_in(app, user)
    client.post("/home/choose", data={"board": "work", "period": "30", "in": "CZ"})
    user.assigned_countries = ["SK"]
    session.commit()

    assert client.get("/").status_code == 200


def test_a_pinned_chart_keeps_its_filters_and_each_bar_leads_to_its_rows(client: FlaskClient, session: Session) -> None:
    for country, status in (("SK", "acquired"), ("SK", "potential"), ("CZ", "acquired")):
        smallest(session, "customers", country=country, client_status=status)
    session.commit()

    answer = pinned(client, "customers", 3, "_flt_eq_country=SK")

    assert answer.status_code == 302
    assert keys_on(client)[:-1] == USUAL
    figure = asked(client, keys_on(client)[-1])
    assert figure["title"] == "Customers by client status"
    assert "Country is SK" in figure["notes"][0]["text"]
    seen = {cell["href"]: cell["count"] for cell in cells_of(figure)}
    assert sorted(seen.values()) == [1, 1]
    assert {href: rows_of(client, href) for href in seen} == seen


def test_the_same_chart_is_pinned_once(client: FlaskClient) -> None:
    pinned(client, "customers", 3)
    pinned(client, "customers", 3)

    assert len(keys_on(client)) == len(USUAL) + 1


def test_every_chart_of_every_table_can_be_pinned(app: Flask, client: FlaskClient) -> None:
    screens = app.extensions["screens"]
    for table, screen in screens.items():
        if screen.charts:
            client.post("/home/reset", data={"board": "management"})
            assert pinned(client, table, 0).status_code == 302, table
            asked(client, keys_on(client)[-1])


@pytest.mark.parametrize(
    ("table", "number", "query", "code"),
    [
        ("nothing", "0", "", 404),
        ("customers", "99", "", 404),
        ("customers", "x", "", 404),
        ("customers", "0", "_flt_eq_nothing=1", 400),
        ("customers", "0", "_flt_eq_password_hash=1", 400),
    ],
)
def test_what_cannot_be_shown_cannot_be_pinned(
    client: FlaskClient, table: str, number: str, query: str, code: int
) -> None:
    answer = client.post("/home/pin", data={"table": table, "chart": number, "query": query})

    assert answer.status_code == code
    assert keys_on(client) == USUAL


def test_a_pinned_chart_of_a_hidden_column_says_so_and_can_be_removed(app: Flask, session: Session) -> None:
    user = with_rights(app, session, "somebody")
    client = logged_in(app, user)
    pinned(client, "customers", 3)
    pinned(client, "customers", 0, "_flt_eq_city=Nitra")
    hide = [
        RoleFieldPermission(module_key="customers", field_key=f, permission="hidden") for f in ("client_status", "city")
    ]
    user.primary_role.role_field_permissions = hide
    session.commit()

    keys = [key for key in keys_on(client, "work") if key.startswith("pin-")]
    answers = [client.get(f"/home/tile/{key}", headers={"Accept": "application/json"}) for key in keys]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert all(len(answer.json["message"]) > 20 for answer in answers)
    assert "client_status" not in "".join(answer.text for answer in answers)
    assert arranged(client, removed=tuple(keys), board="work").status_code == 200
    assert not [key for key in keys_on(client, "work") if key.startswith("pin-")]


def test_a_pinned_chart_of_a_closed_module_is_gone(app: Flask, session: Session) -> None:
    user = with_rights(app, session, "somebody")
    client = logged_in(app, user)
    pinned(client, "customers", 3)
    key = keys_on(client, "work")[-1]
    closed = next(p for p in user.primary_role.role_module_permissions if p.module_key == "customers")
    closed.access = "hidden"
    session.commit()

    assert client.get(f"/home/tile/{key}").status_code == 404
    assert key not in keys_on(client, "work")


@pytest.mark.parametrize("kept", ["", "[]", "{}", '{"table": "gone", "what": "count", "by": null, "of": null}'])
def test_what_was_pinned_and_cannot_be_read_any_more_is_left_out(
    client: FlaskClient, session: Session, kept: str
) -> None:
    pinned(client, "customers", 3)
    row = session.scalars(
        select(DashboardTile).where(DashboardTile.metric == "chart"), execution_options={"viewer": SYSTEM}
    ).one()
    row.pinned = kept or None
    session.commit()

    assert client.get(f"/home/tile/pin-{row.id}").status_code == 404
    assert keys_on(client) == USUAL


def test_a_chart_of_a_column_that_is_gone_says_so(client: FlaskClient, session: Session) -> None:
    pinned(client, "customers", 3)
    row = session.scalars(
        select(DashboardTile).where(DashboardTile.metric == "chart"), execution_options={"viewer": SYSTEM}
    ).one()
    row.pinned = json.dumps({"table": "customers", "what": "count", "by": "gone", "of": None, "query": ""})
    session.commit()

    answer = client.get(f"/home/tile/pin-{row.id}", headers={"Accept": "application/json"})

    assert answer.status_code == 400
    assert "Remove the tile" in answer.json["message"]
    assert f"pin-{row.id}" in keys_on(client)


def test_a_file_of_numbers_holds_no_formula(client: FlaskClient, session: Session) -> None:
    campaign = smallest(session, "campaigns", name="=1+1", status="active")
    customer = smallest(session, "customers")
    smallest(session, "campaign_contacts", campaign_id=campaign.id, customer_id=customer.id, status="pending")
    session.commit()

    lines = client.get("/home/tile/campaign_progress.csv").text.splitlines()

    assert lines[0] == "\ufeffProgress of running campaigns,Pending"
    assert lines[1] == "'=1+1,1"


def test_the_catalogue_names_every_metric_once_and_in_its_table(app: Flask) -> None:
    screens = app.extensions["screens"]
    for key, metric in CATALOGUE.items():
        assert key == metric.key
        assert all(name in screens[metric.table].fields for name in (*metric.reads(), *metric.columns)), key
        assert key.isidentifier()
