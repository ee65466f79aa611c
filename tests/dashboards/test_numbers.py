"""The numbers of tiles: each is the count of the list it leads to, for everybody, in every period and country."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.access.models import User
from app.dashboards.metrics import CATALOGUE
from tests.dashboards.seeded import asked, browser_of, cells_of, fill, rate, rows_of, with_rights
from tests.smallest import smallest
from tests.statements import statements

MANY_INVOICES = """INSERT INTO invoices (invoice_number, customer_id, total_amount, currency, status, generated_at)
 SELECT i.id || n, i.customer_id, i.total_amount, i.currency, i.status, i.generated_at
 FROM invoices i, generate_series(1, 300) AS n"""

pytestmark = pytest.mark.usefixtures("without_csrf")
HOME = ZoneInfo("Europe/Bratislava")


def today() -> date:
    return datetime.now(HOME).date()


def test_every_number_of_every_tile_leads_to_a_list_of_as_many_rows(
    client: FlaskClient, session: Session, admin: User
) -> None:
    fill(session, admin, today=today())

    figures = {key: asked(client, key) for key in CATALOGUE}

    for key, figure in figures.items():
        full = [cell for cell in cells_of(figure) if cell["count"]]
        empty = [cell for cell in cells_of(figure) if not cell["count"]][:2]
        seen = {cell["href"]: cell["count"] for cell in (*full, *empty)}
        assert full, f"the seed must reach {key}"
        assert {href: rows_of(client, href) for href in seen} == seen, key


@pytest.mark.parametrize(
    "query", ["period=90&in=SK,CZ", "period=custom&from=2026-01-05&to=2026-02-10&in=US", "period=30"]
)
def test_they_do_so_in_other_periods_and_countries_for_somebody_of_three_countries(
    app: Flask, session: Session, query: str
) -> None:
    user = with_rights(app, session, "three", countries=("SK", "CZ", "US"))
    fill(session, user, today=today(), rows=40, seed=3)
    client = browser_of(app, user)

    for key in CATALOGUE:
        seen = {cell["href"]: cell["count"] for cell in cells_of(asked(client, key, query))}
        some = dict(sorted(seen.items(), key=lambda pair: -pair[1])[:8])

        assert {href: rows_of(client, href) for href in some} == some, key


def test_a_tile_of_nothing_says_so_and_leads_to_an_empty_list(client: FlaskClient) -> None:
    for key in CATALOGUE:
        cells = cells_of(asked(client, key))

        assert all(cell["count"] == 0 for cell in cells), key
        assert [rows_of(client, cell["href"]) for cell in cells[:1]] == [0] * len(cells[:1])


def test_a_tile_costs_the_same_statements_however_many_rows_there_are(
    client: FlaskClient, session: Session, engine: Engine, admin: User
) -> None:
    fill(session, admin, today=today(), rows=25, seed=1)
    costs = {key: _cost(client, engine, key) for key in CATALOGUE}
    fill(session, admin, today=today(), rows=40, seed=2)

    assert {key: _cost(client, engine, key) for key in CATALOGUE} == costs
    assert max(costs.values()) <= 12


def _cost(client: FlaskClient, engine: Engine, key: str) -> int:
    with statements(engine) as seen:
        asked(client, key)
    return len(seen)


def test_a_shown_sum_is_each_amount_at_the_last_rate_of_its_day(client: FlaskClient, session: Session) -> None:
    customer, day = smallest(session, "customers"), today()
    rate(session, "CZK", day - timedelta(days=40), "20")
    rate(session, "CZK", day - timedelta(days=10), "25")
    for number, (amount, currency, back) in enumerate(
        (("100.00", "EUR", 3), ("500.00", "CZK", 3), ("500.00", "CZK", 20), ("70.00", "USD", 3), ("40.00", "CZK", 60))
    ):
        smallest(
            session, "invoices", customer_id=customer.id, invoice_number=str(number), total_amount=Decimal(amount),
            currency=currency, generated_at=datetime.now(UTC) - timedelta(days=back),
        )  # fmt: skip
    session.commit()

    figure = asked(client, "invoiced", "period=90")

    assert figure["main"]["value"] == 100 + 500 / 25 + 500 / 20
    assert figure["main"]["count"] == 5
    assert "2 invoices without an exchange rate for their day (CZK, USD)" in figure["notes"][0]["text"]


def test_what_has_no_rate_leads_to_its_rows(client: FlaskClient, session: Session) -> None:
    customer = smallest(session, "customers")
    for currency in ("USD", "USD", "EUR"):
        smallest(session, "deals", customer_id=customer.id, value=Decimal(10), currency=currency)
    session.commit()

    figure = asked(client, "open_deals")

    assert figure["main"]["value"] == 10
    assert rows_of(client, figure["notes"][0]["href"]) == 2


def test_the_forecast_weighs_each_deal_with_its_probability(client: FlaskClient, session: Session) -> None:
    customer, day = smallest(session, "customers"), today()
    for value, probability in ((1000, 50), (1000, 25), (1000, None)):
        smallest(
            session, "deals", customer_id=customer.id, value=Decimal(value), currency="EUR", probability=probability,
            expected_close_date=day,
        )  # fmt: skip
    session.commit()

    first = asked(client, "forecast")["lines"][0]["cells"][0]

    assert (first["value"], first["count"]) == (750, 3)


def test_conversion_is_the_share_of_the_customers_of_the_period_that_are_acquired(
    client: FlaskClient, session: Session
) -> None:
    for status in ("acquired", "potential", "potential", "terminated"):
        smallest(session, "customers", client_status=status)
    session.commit()

    main = asked(client, "conversion")["main"]

    assert (main["value"], main["count"]) == (25, 1)
    assert rows_of(client, main["href"]) == 1


@pytest.mark.parametrize(
    ("language", "text"), [("en", "33.3%"), ("sk", "33,3\xa0%"), ("de", "33,3\xa0%"), ("it", "33,3%")]
)
def test_a_share_is_written_as_the_language_writes_it(
    client: FlaskClient, session: Session, language: str, text: str
) -> None:
    for status in ("acquired", "potential", "potential"):
        smallest(session, "customers", client_status=status)
    session.commit()

    client.post(f"/lang/{language}")

    assert asked(client, "conversion")["main"]["text"] == text


def test_the_time_to_sign_is_the_median_of_the_signed(client: FlaskClient, session: Session) -> None:
    customer, now = smallest(session, "customers"), datetime.now(UTC)
    for number, days in enumerate((1, 2, 10)):
        smallest(
            session, "contract_instances", customer_id=customer.id, contract_number=str(number),
            sent_at=now - timedelta(days=days), signed_at=now,
        )  # fmt: skip
    smallest(session, "contract_instances", customer_id=customer.id, contract_number="9", sent_at=now)
    session.commit()

    main = asked(client, "time_to_sign", "period=30")["main"]

    assert (main["value"], main["count"]) == (2, 3)


def test_a_change_is_told_against_the_equal_period_before(client: FlaskClient, session: Session) -> None:
    now = datetime.now(UTC)
    for back in (1, 2, 3, 40, 45):
        smallest(session, "customers", created_at=now - timedelta(days=back))
    session.commit()

    change = asked(client, "new_customers", "period=30")["change"]

    assert (change["text"], change["tone"]) == ("+50%", "green")
    assert rows_of(client, change["href"]) == 2


@pytest.mark.parametrize(
    ("countries", "moment", "month"),
    [
        (("SK",), datetime(2026, 3, 31, 22, 30, tzinfo=UTC), 1),  # 00:30 on 1 April in Bratislava, in summer time
        (("SK",), datetime(2026, 3, 31, 21, 30, tzinfo=UTC), 0),
        (("US",), datetime(2026, 4, 1, 3, 30, tzinfo=UTC), 0),  # 23:30 on 31 March in New York
        (("US",), datetime(2026, 4, 1, 4, 30, tzinfo=UTC), 1),
        (("SK",), datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 0),  # the night of the change of clocks
    ],
)
def test_a_month_begins_at_midnight_where_the_viewer_works(
    app: Flask, session: Session, countries: tuple[str, ...], moment: datetime, month: int
) -> None:
    user = with_rights(app, session, "border", countries=countries)
    smallest(session, "customers", country=countries[0], created_at=moment)
    session.commit()
    client = browser_of(app, user)

    figure = asked(client, "conversion_cohorts", "period=custom&from=2026-03-01&to=2026-07-31")

    counts = [sum(cell["count"] for cell in line["cells"]) for line in figure["lines"]]
    assert (counts.index(1), sum(counts)) == (month, 1)
    cell = next(cell for line in figure["lines"] for cell in line["cells"] if cell["count"])
    assert rows_of(client, cell["href"]) == 1


@pytest.mark.parametrize(
    "query",
    ["period=never", "period=custom&from=x&to=y", "period=custom&from=2026-02-01&to=2026-01-01",
     "period=custom&from=1999-01-01&to=2026-01-01", "in=XX"],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_is_refused_with_a_sentence(client: FlaskClient, query: str) -> None:
    for address in (f"/?{query}", f"/home/tile/new_customers?{query}"):
        answer = client.get(address, headers={"Accept": "application/json"})

        assert answer.status_code == 400
        assert len(answer.json["message"]) > 10


def test_numbers_that_take_too_long_say_so_and_the_next_tile_still_works(
    client: FlaskClient, session: Session, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.dashboards.patience.PATIENCE", 1)
    fill(session, admin, today=today(), rows=60)
    session.execute(text(MANY_INVOICES))
    session.commit()
    slow = [client.get("/home/tile/revenue", headers={"Accept": "application/json"}) for _try in range(12)]
    monkeypatch.setattr("app.dashboards.patience.PATIENCE", 5000)

    after = client.get("/home/tile/new_customers", headers={"Accept": "application/json"})

    assert any(answer.status_code == 503 and "too long" in answer.json["message"] for answer in slow)
    assert after.status_code == 200


@pytest.mark.parametrize(
    ("currency", "value", "left"),
    [
        ("EUR", 100 + 500 / 25 + 800 / 400, ["USD"]),
        ("CZK", 100 * 25 + 500 + 800 / 400 * 25, ["USD"]),
        ("HUF", 100 * 400 + 500 / 25 * 400 + 800, ["USD"]),
        ("USD", 70, ["CZK", "EUR", "HUF"]),  # nobody published what a dollar is worth
    ],
)
def test_sums_are_in_the_reporting_currency_at_the_rates_of_the_day(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch,
    currency: str, value: float, left: list[str],
) -> None:  # fmt: skip
    monkeypatch.setitem(app.config, "REPORTING_CURRENCY", currency)
    customer = smallest(session, "customers")
    for code, units in (("CZK", "25"), ("HUF", "400")):
        rate(session, code, today() - timedelta(days=10), units)
    for number, (amount, own) in enumerate((("100", "EUR"), ("500", "CZK"), ("800", "HUF"), ("70", "USD"))):
        smallest(
            session, "invoices", customer_id=customer.id, invoice_number=str(number), total_amount=Decimal(amount),
            currency=own, status="overdue",
        )  # fmt: skip
    session.commit()

    for key in ("invoiced", "overdue"):
        figure = asked(client, key, "period=90")

        assert figure["main"]["value"] == pytest.approx(value)
        assert (figure["unit"], figure["main"]["count"]) == (currency, 4)
        assert f"({', '.join(left)})" in figure["notes"][0]["text"]
    assert asked(client, "revenue", "period=90")["unit"] == currency


def test_the_file_of_every_tile_says_what_its_table_says(client: FlaskClient, session: Session, admin: User) -> None:
    fill(session, admin, today=today(), rows=30)

    for key in CATALOGUE:
        figure = asked(client, key)
        text = client.get(f"/home/tile/{key}.csv?period=year").text.removeprefix("\ufeff")
        lines = list(csv.reader(io.StringIO(text)))
        if figure["shape"] == "list":
            assert lines[0] == figure["heads"]
            assert [line[0] for line in lines[1:]] == [entry["texts"][0][0] for entry in figure["entries"]], key
            continue
        names = [one["name"] for one in figure["series"]] or [figure["unit"]]
        counted = [figure["counted"]] if figure["counted"] else []
        assert lines[0] == [figure["title"], *names, *counted], key
        places = figure["lines"] or [{"label": figure["span"], "cells": [figure["main"]]}]
        for place, line in zip(places, lines[1:], strict=False):
            values = [cell["value"] for cell in place["cells"]]
            assert line[0] == place["label"], key
            found = [float(text) if text else None for text in line[1 : len(names) + 1]]
            assert found == pytest.approx(values, abs=0.006), key
        after = [note["text"] for note in figure["notes"]] + ([figure["span"]] if figure["lines"] else [])
        assert [line[0] for line in lines[len(places) + 1 :]] == after, key
