"""A pinned chart follows the period and countries of the page where its rows have them, and says so where not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.viewer import SYSTEM
from tests.conftest import logged_in
from tests.dashboards.seeded import asked, cells_of, rows_of, with_rights
from tests.dashboards.test_arranging import keys_on, pinned
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")
PERIOD = "The period of the page does not apply to these rows."
COUNTRIES = "The countries of the page do not apply to these rows."
LONG_AGO = "period=custom&from=2001-01-01&to=2001-12-31"


def pin_of(client: FlaskClient, table: str, number: int, query: str = "", board: str = "management") -> str:
    """The key of a tile with this chart."""
    assert pinned(client, table, number, query).status_code == 302, table
    return keys_on(client, board)[-1]


def counted(client: FlaskClient, key: str, query: str) -> tuple[int, list[str]]:
    """Rows behind all places of a chart, each checked against its list, and what the tile says."""
    figure = asked(client, key, query)
    for cell in cells_of(figure):
        assert rows_of(client, cell["href"]) == cell["count"], cell["href"]
    return sum(cell["count"] for cell in cells_of(figure)), [note["text"] for note in figure["notes"]]


def test_every_chart_counts_no_row_of_another_time_or_says_that_the_period_does_not_apply(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    for table, screen in app.extensions["screens"].items():
        if not screen.charts:
            continue
        smallest(session, table)
        session.commit()
        client.post("/home/reset", data={"board": "management"})
        key = pin_of(client, table, len(screen.charts) - 1)

        now, _notes = counted(client, key, "period=30")
        then, notes = counted(client, key, LONG_AGO)

        assert (then == 0) == (PERIOD not in notes), table
        assert then in (0, now), table
        assert now or not then, table


def test_it_follows_period_and_countries(client: FlaskClient, session: Session) -> None:
    ago = datetime.now(UTC) - timedelta(days=200)
    for country, made in (("SK", None), ("SK", ago), ("CZ", None), ("HU", None)):
        smallest(session, "customers", country=country, **({"created_at": made} if made else {}))
    session.commit()
    key = pin_of(client, "customers", 3)

    found = {query: counted(client, key, query) for query in ("period=year", "period=30", "period=30&in=SK,CZ")}

    assert found == {"period=year": (4, []), "period=30": (3, []), "period=30&in=SK,CZ": (2, [])}
    assert asked(client, key, "period=30&in=SK")["span"].endswith("· SK")


def test_rows_without_a_country_of_their_own_are_in_that_of_their_parent(client: FlaskClient, session: Session) -> None:
    for country in ("SK", "CZ", "CZ"):
        customer = smallest(session, "customers", country=country)
        smallest(session, "customer_notes", customer_id=customer.id)
    session.commit()
    key = pin_of(client, "customer_notes", 0)

    assert counted(client, key, "period=30&in=CZ") == (2, [])


@pytest.mark.parametrize(
    ("table", "query", "told"),
    [
        ("products", "period=30&in=SK", {PERIOD, COUNTRIES}),  # what is sold is sold whenever it was entered, anywhere
        ("hospitals", "period=30&in=SK", {PERIOD}),
        ("role_module_permissions", "period=30", {PERIOD}),
    ],
)
def test_where_it_cannot_follow_it_says_so(
    client: FlaskClient, session: Session, table: str, query: str, told: set[str]
) -> None:
    smallest(session, table)
    session.commit()
    last = len(client.application.extensions["screens"][table].charts) - 1

    assert set(counted(client, pin_of(client, table, last), query)[1]) == told


def test_filters_of_its_own_come_first(client: FlaskClient, session: Session) -> None:
    smallest(session, "customers", country="SK")
    smallest(session, "customers", country="CZ")
    session.commit()
    key = pin_of(client, "customers", 3, "_flt_eq_country=SK&_flt_ge_created_at=2020-01-01")

    rows, notes = counted(client, key, f"{LONG_AGO}&in=CZ")

    assert rows == 1
    assert {PERIOD, COUNTRIES} < set(notes)


def test_a_month_that_the_period_cuts_leads_to_the_days_within(client: FlaskClient, session: Session) -> None:
    for day in (3, 12, 28):
        smallest(session, "customers", created_at=datetime(2026, 3, day, 12, tzinfo=UTC))
    smallest(session, "customers", created_at=datetime(2026, 4, 2, 12, tzinfo=UTC))
    session.commit()
    key = pin_of(client, "customers", 0)

    assert counted(client, key, "period=custom&from=2026-03-10&to=2026-04-01") == (2, [])
    assert counted(client, key, "period=custom&from=2026-03-05&to=2026-03-20") == (1, [])


def test_whose_date_is_hidden_is_shown_all_days_and_told_so(app: Flask, session: Session) -> None:
    user = with_rights(app, session, "blind", hidden=[("customers", "created_at"), ("customers", "country")])
    customer = smallest(session, "customers")
    session.commit()
    model = type(customer)
    session.execute(update(model).values(created_at=datetime(2001, 1, 1)), execution_options={"viewer": SYSTEM})
    session.commit()
    client = logged_in(app, user)
    key = pin_of(client, "customers", 3, board="work")

    rows, notes = counted(client, key, "period=30&in=SK")

    assert rows == 1
    assert set(notes) == {PERIOD, COUNTRIES}
