"""Charts of tables as files: the table beside each chart, for whoever may export; and bars that lead to their rows."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.viewer import SYSTEM
from app.tables import MODELS
from tests.conftest import logged_in
from tests.dashboards.seeded import rows_of, with_rights
from tests.smallest import smallest


def numbers(client: FlaskClient, table: str, number: int, query: str = "") -> Any:
    answer = client.get(f"/{table}/chart/{number}.json?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json


def file_of(client: FlaskClient, table: str, number: int, query: str = "") -> list[list[str]]:
    answer = client.get(f"/{table}/chart/{number}.csv?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].endswith(f'filename="{table}-chart-{number}.csv"')
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_the_file_of_every_chart_says_what_its_table_says(app: Flask, client: FlaskClient, session: Session) -> None:
    for table in MODELS:
        smallest(session, table)
    session.commit()
    for table, screen in app.extensions["screens"].items():
        for number, chart in enumerate(screen.charts):
            data, lines = numbers(client, table, number), file_of(client, table, number)

            assert lines[0][:2] == [data["title"], data["unit"]], table
            assert [line[0] for line in lines[1:]] == [row["label"] for row in data["rows"]], table
            assert [float(line[1]) for line in lines[1:]] == [row["value"] for row in data["rows"]], table
            assert len(lines[0]) == (3 if chart.what == "sum" else 2), table


def test_a_file_has_the_filters_of_its_page_and_is_noted(client: FlaskClient, session: Session) -> None:
    for country, name in (("SK", "A"), ("SK", "B"), ("CZ", "C")):
        smallest(session, "customers", country=country, last_name=name)
    session.commit()

    lines = file_of(client, "customers", 1, "_flt_eq_country=SK")

    assert lines[1:] == [[lines[1][0], "2"]]
    log = MODELS["activity_logs"]
    noted = session.scalars(
        select(log).where(log.action == "export", log.entity_type == "customers"), execution_options={"viewer": SYSTEM}
    ).all()
    assert len(noted) == 1


def test_files_of_charts_are_for_those_who_may_export(app: Flask, session: Session) -> None:
    client = logged_in(app, with_rights(app, session, "somebody", without=["export"]))

    assert client.get("/customers/chart/0.csv").status_code in (302, 403)
    assert client.get("/customers/chart/0.json").status_code == 200
    assert "0.csv" not in client.get("/customers/chart/").text


def test_a_chart_of_a_hidden_column_has_no_file(app: Flask, session: Session) -> None:
    client = logged_in(app, with_rights(app, session, "somebody", hidden=[("customers", "country")]))
    charts = app.extensions["screens"]["customers"].charts
    number = next(i for i, chart in enumerate(charts) if chart.by == "country")

    assert client.get(f"/customers/chart/{number}.csv").status_code == 404
    assert client.get("/customers/chart/0.csv").status_code == 200


@pytest.mark.parametrize("query", ["_flt_eq_nothing=1", "_flt_ge_created_at=never"])
def test_a_filter_that_makes_no_sense_makes_no_file(client: FlaskClient, query: str) -> None:
    assert client.get(f"/customers/chart/0.csv?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "_flt_ge_created_at=2026-03-10",
        "_flt_ge_created_at=2026-03-10&_flt_le_created_at=2026-04-02",
        "_flt_le_created_at=2026-03-20T10:00",
        "_flt_bt_created_at=2026-03-10..2026-03-20",
    ],
)
def test_a_month_that_a_filter_cuts_leads_to_as_many_rows(client: FlaskClient, session: Session, query: str) -> None:
    for month, day in ((3, 3), (3, 12), (3, 28), (4, 1), (4, 20)):
        smallest(session, "customers", created_at=datetime(2026, month, day, 12, tzinfo=UTC))
    session.commit()

    rows = numbers(client, "customers", 0, query)["rows"]

    assert rows
    assert [rows_of(client, row["href"]) for row in rows] == [row["count"] for row in rows]


def test_what_a_chart_leaves_out_is_told(client: FlaskClient, session: Session, app: Flask) -> None:
    for number in range(40):
        smallest(session, "customers", created_at=datetime(2020 + number // 12, 1 + number % 12, 5, tzinfo=UTC))
    session.commit()

    data = numbers(client, "customers", 0)

    assert (len(data["rows"]), data["notes"]) == (36, ["Only the last 36 months that have rows."])
    assert file_of(client, "customers", 0)[-1] == data["notes"]


def test_sums_in_a_file_are_plain_numbers(client: FlaskClient, session: Session, app: Flask) -> None:
    customer = smallest(session, "customers")
    for value in ("1234.50", "1000.00"):
        smallest(session, "deals", customer_id=customer.id, value=Decimal(value), currency="EUR")
    session.commit()
    charts = app.extensions["screens"]["deals"].charts
    number = next(i for i, chart in enumerate(charts) if chart.what == "sum")

    assert file_of(client, "deals", number)[1] == ["EUR", "2234.50", "2"]
