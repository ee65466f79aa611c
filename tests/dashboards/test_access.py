"""Who sees which tile: a truth table of modules, fields and countries over the whole catalogue."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import User
from app.dashboards.metrics import CATALOGUE
from app.screens.resolve import Resolved
from tests.conftest import logged_in
from tests.dashboards.seeded import asked, cells_of, fill, with_rights

pytestmark = pytest.mark.usefixtures("without_csrf")
TABLES = sorted({metric.table for metric in CATALOGUE.values()})
FIELDS = sorted({(metric.table, name) for metric in CATALOGUE.values() for name in metric.reads()})


def open_to(client: FlaskClient) -> set[str]:
    """The metrics whose doors answer; the file has to say the same as the JSON."""
    found = set()
    for key in CATALOGUE:
        codes = {client.get(f"/home/tile/{key}{end}").status_code for end in ("", ".csv")}
        assert len(codes) == 1, key
        assert codes <= {200, 404}, key
        found |= {key} if codes == {200} else set()
    return found


def shown_on(client: FlaskClient) -> set[str]:
    """The metrics that the pages name: as tiles, and among those to add."""
    boards = [client.get(f"/?board={board}") for board in ("management", "work")]
    text = "".join(answer.text for answer in boards if answer.status_code == 200)
    return {key for key in CATALOGUE if f'data-tile="{key}"' in text or f'data-add="{key}"' in text}


@pytest.mark.parametrize("table", TABLES)
def test_without_the_module_there_is_no_tile_and_no_door(app: Flask, session: Session, table: str) -> None:
    module = app.extensions["screens"][table].module
    user = with_rights(app, session, "somebody", without=[module], department="management")
    client = logged_in(app, user)

    closed = {key for key, metric in CATALOGUE.items() if app.extensions["screens"][metric.table].module == module}

    assert not closed & open_to(client)
    assert not closed & shown_on(client)
    assert open_to(client) == shown_on(client) >= set(CATALOGUE) - closed - {"campaign_progress"}


@pytest.mark.parametrize(("table", "name"), FIELDS, ids=lambda value: str(value))
def test_a_hidden_field_hides_every_tile_that_tells_of_it(app: Flask, session: Session, table: str, name: str) -> None:
    screen: Resolved = app.extensions["screens"][table]
    field = name if not screen.inside else f"{table}.{name}"
    f = screen.fields[name]
    keys = [field] if len(f.columns) == 1 else [column.name for column in f.columns][:1]
    user = with_rights(app, session, "somebody", hidden=[(screen.module, key) for key in keys], department="finance")
    client = logged_in(app, user)

    telling = {key for key, metric in CATALOGUE.items() if metric.table == table and name in metric.reads()}

    assert not telling & open_to(client)
    assert shown_on(client) == open_to(client) == set(CATALOGUE) - telling


def test_somebody_of_one_country_counts_its_rows_alone(app: Flask, session: Session, admin: User) -> None:
    today = datetime.now(ZoneInfo("Europe/Bratislava")).date()
    fill(session, admin, today=today, rows=40)
    home = logged_in(app, with_rights(app, session, "home", countries=("CZ",)))
    everywhere = logged_in(app, admin)

    for key, metric in CATALOGUE.items():
        if metric.personal:
            continue
        own = [cell["count"] for cell in cells_of(asked(home, key))]
        chosen = [cell["count"] for cell in cells_of(asked(everywhere, key, "period=year&in=CZ"))]
        every = [cell["count"] for cell in cells_of(asked(everywhere, key))]
        # Deals that name no country, and those of colleagues, are in the country of the customer.
        assert sum(own) < sum(every), key
        assert metric.table == "deals" or sum(own) == sum(chosen), key


@pytest.mark.parametrize("query", ["in=SK", "in=SK,US", "in=XX"])
def test_another_country_cannot_be_asked_for(app: Flask, session: Session, query: str) -> None:
    client = logged_in(app, with_rights(app, session, "home", countries=("CZ",)))

    assert client.get(f"/home/tile/new_customers?{query}").status_code == 400
    assert client.get(f"/?{query}").status_code == 400
    assert client.get("/customers/list/?_flt_in_country=SK").status_code == 200


def test_whose_countries_may_not_be_read_narrows_nothing_by_country(app: Flask, session: Session) -> None:
    user = with_rights(app, session, "blind", hidden=[("customers", "country")])
    client = logged_in(app, user)

    narrowed = client.get("/home/tile/invoiced?in=SK", headers={"Accept": "application/json"})
    forged = client.get("/invoices/list/?_flt_in_customer_id__country=SK")

    assert narrowed.status_code == 422
    assert "all countries" in narrowed.json["message"]
    assert forged.status_code == 400
    assert client.get("/home/tile/invoiced").status_code == 200


@pytest.mark.parametrize("without", ["customers"])
def test_whose_customers_are_closed_learns_no_country_of_invoices(app: Flask, session: Session, without: str) -> None:
    client = logged_in(app, with_rights(app, session, "closed", without=[without]))

    assert client.get("/invoices/list/?_flt_in_customer_id__country=SK").status_code == 400
    assert client.get("/invoices/list/").status_code == 200


def test_without_the_module_of_the_home_page_it_is_empty_and_its_doors_are_closed(app: Flask, session: Session) -> None:
    client = logged_in(app, with_rights(app, session, "somebody", without=["dashboard"]))

    page = client.get("/")

    assert page.status_code == 200
    assert "data-tile" not in page.text
    assert open_to(client) == set()
    for door in ("choose", "arrange", "reset", "pin"):
        assert client.post(f"/home/{door}", data={"board": "work"}).status_code == 404


def test_files_are_for_those_who_may_export(app: Flask, session: Session) -> None:
    client = logged_in(app, with_rights(app, session, "somebody", without=["export"]))

    assert client.get("/home/tile/new_customers.csv").status_code == 403
    assert client.get("/home/tile/new_customers").status_code == 200
    assert ".csv" not in client.get("/").text


@pytest.mark.parametrize(
    ("department", "legacy", "boards"),
    [
        ("management", None, ["management", "work"]),
        ("finance", None, ["management", "work"]),
        (None, "manager", ["management", "work"]),
        ("customer_service", "user", ["work"]),
        (None, None, ["work"]),
    ],
)
def test_the_board_follows_from_the_role(
    app: Flask, session: Session, department: str | None, legacy: str | None, boards: list[str]
) -> None:
    user = with_rights(app, session, "somebody", department=department)
    user.primary_role.legacy_role = legacy
    session.commit()
    client = logged_in(app, user)

    codes = {board: client.get(f"/?board={board}").status_code for board in ("management", "work")}

    assert [board for board, code in codes.items() if code == 200] == boards
    assert f'data-board="{boards[0]}"' in client.get("/").text


def test_an_inactive_role_gives_no_board(app: Flask, session: Session) -> None:
    user = with_rights(app, session, "somebody", department="management")
    user.primary_role.is_active = False
    session.commit()

    assert "data-board=" not in logged_in(app, user).get("/").text
