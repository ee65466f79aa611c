"""Records that are there already: what a row of a file does with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.batches.models import Batch, BatchState
from tests.imports import (
    ANNA,
    CUSTOMERS,
    EVA,
    HEADS,
    choose,
    counts,
    csv_of,
    customer,
    problems,
    run,
    taken_in,
)
from tests.outbox import work_off
from tests.smallest import smallest

TRUTH = [
    # known, row of a known key, row of an unknown key, row without a key
    ("create", "create", "create", "create"),
    ("both", "update", "create", "create"),
    ("update", "update", "skip", "skip"),
    ("new", "skip", "create", "create"),
]


@pytest.mark.parametrize(("known", "there", "unknown", "empty"), TRUTH)
def test_what_becomes_of_a_row_by_whether_its_key_is_known(
    client: FlaskClient, session: Session, known: str, there: str, unknown: str, empty: str
) -> None:
    customer(session, email="anna@example.com", first_name="Before", internal_id="K1")
    heads = [*HEADS, "Key"]
    rows = [[*ANNA, " k1 "], [*EVA, "K2"], ["Iva", "Malá", "iva@example.com", "SK", ""]]
    if known == "create":
        rows[0][2] = "other@example.com"
    columns = ["first_name", "last_name", "email", "country", "internal_id"]
    address = taken_in(client, "customers", csv_of([heads, *rows]))
    if known == "create":
        columns[4] = ""
    choose(client, address, columns, known=known, key="internal_id")

    page = client.get(f"{address}/preview").text

    acts = re.findall(r'<tr data-act="(\w+)"', page)
    assert acts == [there, unknown, empty]


def test_a_value_that_is_only_written_otherwise_changes_nothing(client: FlaskClient, session: Session) -> None:
    customer(session, email="anna@example.com", phone="+421905123456")
    rows = [["Email", "Phone"], ["anna@example.com", "0905 123 456"]]

    page = client.get(choose(client, taken_in(client, "customers", csv_of(rows)), known="update", key="email").location)

    assert counts(page.text) == {"same": 1}


def test_a_moment_that_a_sheet_cuts_to_seconds_and_a_day_that_has_a_time_stay_as_they_are(
    client: FlaskClient, session: Session
) -> None:
    sent, start = datetime(2026, 3, 1, 8, 30, 7, 938_181, UTC), datetime(2026, 12, 7, 7, tzinfo=UTC)
    invoice = smallest(session, "invoices", generated_at=sent, billing_city="Before")
    campaign = smallest(session, "campaigns", name="Same", start_date=start)
    session.commit()
    taken = {}
    for table in ("invoices", "campaigns"):
        address = taken_in(client, table, client.get(f"/{table}/export.xlsx").get_data(), "x.xlsx")
        taken[table] = client.get(choose(client, address, None, known="update", key="id").location).text
    rows = [["ID", "Issued", "Seller city"], [invoice.id, "2026-03-01T08:30:07Z", "After"]]
    address = taken_in(client, "invoices", csv_of(rows))
    choose(client, address, ["id", "generated_at", "billing_city"], known="update", key="id")
    run(client, session, address)

    session.expire_all()
    assert (counts(taken["invoices"]), counts(taken["campaigns"])) == ({"same": 1}, {"same": 1})
    assert (invoice.generated_at, invoice.billing_city, campaign.start_date) == (sent, "After", start)


def test_a_key_that_stands_twice_in_the_file_or_in_the_table_is_not_guessed_at(
    client: FlaskClient, session: Session
) -> None:
    for number in (1, 2):
        customer(session, phone="0905 123 456", email=f"x{number}@example.com")
    rows = [
        [*ANNA, "0905 111 222"],
        [*EVA[:3], "SK", "0905/111 222"],
        ["Iva", "M", "iva@example.com", "SK", "0905 123 456"],
    ]
    address = taken_in(client, "customers", csv_of([[*HEADS, "Phone"], *rows]))

    page = client.get(choose(client, address, None, known="both", key="phone").location).text

    assert problems(page) == [
        "Row 3: Phone: Row 2 has the same key.",
        "Row 4: Phone: Several records have this value, so it is not clear which is meant.",
    ]


@pytest.mark.parametrize(("filled", "notes"), [("1", "kept"), ("", None)])
def test_an_empty_cell_empties_a_field_only_when_that_is_wished(
    client: FlaskClient, session: Session, filled: str, notes: str | None
) -> None:
    row = customer(session, email="anna@example.com", notes="kept", first_name="Before")
    address = taken_in(
        client, "customers", csv_of([["Email", "First name", "Notes"], ["ANNA@example.com", "After", ""]])
    )

    choose(client, address, ["email", "first_name", "notes"], known="update", key="email", filled=filled)
    batch = run(client, session, address)

    session.expire_all()
    found = session.get(CUSTOMERS, row.id)
    assert batch.counts == {"changed": 1}
    assert (found.first_name, found.notes) == ("After", notes)


def test_a_record_that_somebody_changes_meanwhile_is_not_overwritten(client: FlaskClient, session: Session) -> None:
    row = customer(session, email="anna@example.com", first_name="Before")
    address = taken_in(client, "customers", csv_of([["Email", "First name"], ["anna@example.com", "Imported"]]))
    choose(client, address, known="update", key="email")
    client.post(f"{address}/run")
    row.first_name = "By hand"
    session.commit()

    work_off(session)

    session.expire_all()
    batch = session.scalars(select(Batch)).one()
    assert (session.get(CUSTOMERS, row.id).first_name, batch.state) == ("By hand", BatchState.failed)
    assert "Somebody else has changed this record" in (batch.error or "")


def test_a_file_whose_batch_failed_can_be_corrected_and_started_again(client: FlaskClient, session: Session) -> None:
    row = customer(session, email="anna@example.com", first_name="Before")
    address = taken_in(client, "customers", csv_of([["Email", "First name"], ["anna@example.com", "Imported"]]))
    choose(client, address, known="update", key="email")
    client.post(f"{address}/run")
    row.first_name = "By hand"
    session.commit()
    work_off(session)

    batch = run(client, session, address)

    session.expire_all()
    assert (batch.state, session.get(CUSTOMERS, row.id).first_name) == (BatchState.done, "Imported")
