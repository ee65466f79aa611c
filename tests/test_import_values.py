"""What a cell of a file becomes, and what it cannot be."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.core.types import Country
from app.screens.fields import fields_of
from app.tables import MODELS
from tests.imports import (
    ANNA,
    CUSTOMERS,
    EVA,
    HEADS,
    alert,
    book_of,
    choose,
    counts,
    csv_of,
    customer,
    people,
    problems,
    run,
    taken_in,
)
from tests.smallest import smallest
from tests.statements import statements


def one(
    client: FlaskClient, table: str, heads: list[str], row: list[Any], columns: list[str], language: str = "en"
) -> str:
    """The preview of one row."""
    client.get(f"/lang/{language}")
    raw = book_of([heads, row]) if any(not isinstance(cell, str) for cell in row) else csv_of([heads, row])
    return str(client.get(choose(client, taken_in(client, table, raw), columns).location).text)


BORN = datetime(1990, 3, 31, tzinfo=UTC)
VALUES = [
    # (field, cell, language, what it becomes)
    ("country", "Slovensko", "en", Country.SK),
    ("country", "Czechia", "sk", Country.CZ),
    ("country", "cz", "en", Country.CZ),
    ("date_of_birth", "31.3.1990", "sk", BORN),
    ("date_of_birth", "31. 03. 1990", "en", BORN),
    ("date_of_birth", "31/03/1990", "en", BORN),
    ("date_of_birth", "1990-03-31", "en", BORN),
    ("date_of_birth", "1990. 03. 31.", "hu", BORN),
    ("date_of_birth", "31.3.1990 0:00:00", "en", BORN),
    ("date_of_birth", date(1990, 3, 31), "en", BORN),
    ("date_of_birth", 32963, "en", BORN),
    ("phone", "'+421905123456", "en", "+421905123456"),
    ("phone", 421905123456, "en", "+421905123456"),
    ("notes", "=cmd|' /C calc'!A0", "en", "=cmd|' /C calc'!A0"),
]


@pytest.mark.parametrize(("name", "cell", "language", "value"), VALUES)
def test_a_cell_becomes_the_value_that_is_meant(
    client: FlaskClient, session: Session, name: str, cell: Any, language: str, value: Any
) -> None:
    client.get(f"/lang/{language}")
    heads, row = [*HEADS[:3], "x"], [*ANNA[:3], cell]
    columns = ["first_name", "last_name", "email", name]
    if name != "country":
        heads, row, columns = [*heads, "Country"], [*row, "SK"], [*columns, "country"]
    raw = csv_of([heads, row]) if isinstance(cell, str) else book_of([heads, row])

    address = taken_in(client, "customers", raw)
    chosen = choose(client, address, columns)
    assert chosen.status_code == 302, alert(chosen.text)
    assert counts(client.get(chosen.location).text) == {"create": 1}
    run(client, session, address)

    (found,) = people(session).values()
    assert getattr(found, name) == value


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("31.3.1990", (31, 3, 1990)),
        ("1990-3-31", (31, 3, 1990)),
        ("1990-3-", (None, 3, 1990)),
        ("-3-31", (31, 3, None)),
        ("03/1990", (None, 3, 1990)),
        ("1990", (None, None, 1990)),
        (1990, (None, None, 1990)),
        (32963, (31, 3, 1990)),
        (date(1990, 3, 31), (31, 3, 1990)),
    ],
)
def test_a_date_may_be_known_in_part(
    client: FlaskClient, session: Session, cell: Any, parts: tuple[int | None, ...]
) -> None:
    row = smallest(session, "collaborators")
    session.commit()
    rows = [["ID", "Birth"], [row.id, cell]]
    address = taken_in(client, "collaborators", csv_of(rows) if isinstance(cell, str) else book_of(rows))

    choose(client, address, ["id", "birth"], known="update", key="id")
    run(client, session, address)

    session.expire_all()
    found = session.get(MODELS["collaborators"], row.id)
    assert (found.birth_day, found.birth_month, found.birth_year) == parts


def test_a_date_may_stand_in_three_columns(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "collaborators")
    session.commit()
    address = taken_in(
        client, "collaborators", csv_of([["ID", "birth_day", "birth_month", "birth_year"], [row.id, "", "3", "1990"]])
    )

    choose(client, address, None, known="update", key="id")
    run(client, session, address)

    session.expire_all()
    found = session.get(MODELS["collaborators"], row.id)
    assert (found.birth_day, found.birth_month, found.birth_year) == (None, 3, 1990)


@pytest.mark.parametrize(
    ("name", "cell", "sentence"),
    [
        ("date_of_birth", "31.2.1990", "There is no such day in that month."),
        ("date_of_birth", "3/31/1990", "Dates are read like 31/3/2026 here."),
        ("date_of_birth", "31.3.0000", "This year is out of range."),
        ("date_of_birth", "10000-03-31", "This year is out of range."),
        ("date_of_birth", "infinity", "This must be a date such as 2026-03-31."),
        ("date_of_birth", "31.3.90", "Write the year with four digits."),
        ("date_of_birth", "soon", "This must be a date such as 2026-03-31."),
        ("phone", "4.21905E+11", "A spreadsheet has shortened this number to 4.21905E+11"),
        ("country", "Atlantis", "“Atlantis” is not one of the choices."),
        ("email", "nobody", "An e-mail address looks like name@example.com."),
        ("first_name", "x" * 2000, "At most"),
    ],
)
def test_a_cell_that_means_nothing_is_refused_as_in_a_form(
    client: FlaskClient, name: str, cell: str, sentence: str
) -> None:
    row = dict(zip(["first_name", "last_name", "email", "country"], ANNA, strict=True)) | {name: cell}

    page = one(client, "customers", [f"h{n}" for n in range(len(row))], list(row.values()), list(row))

    assert counts(page) == {"error": 1}
    assert sentence in problems(page)[0]


def test_a_cell_that_means_nothing_stands_in_the_preview_as_it_stands_in_the_file(client: FlaskClient) -> None:
    page = one(client, "customers", [*HEADS, "Born"], [*ANNA[:3], "Atlantis", "32.13.1990"],
               ["first_name", "last_name", "email", "country", "date_of_birth"])  # fmt: skip

    shown = re.findall(r"<td>(.*?)</td>", page, re.S)[1:]

    assert [re.sub(r"<[^>]+>|\s+", "", cell) for cell in shown[3:]] == ["Atlantis", "32.13.1990"]


def update(client: FlaskClient, session: Session, address: str, column: str) -> None:
    """Let a file of ids and one column change the records that it names."""
    choose(client, address, ["id", column], known="update", key="id")
    run(client, session, address)
    session.expire_all()


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("sk", "1 234,56", "1234.56"),
        ("de", "1.234,56", "1234.56"),
        ("en", "1,234.56", "1234.56"),
        ("sk", "1234.5", "1234.5"),
        ("en", "100,50", "100.5"),
        ("en", "1.234,56", "1234.56"),
        ("sk", "1,234.56", "1234.56"),
        ("sk", "1.234.567,8", "1234567.8"),
        ("en", "1.234.567", "1234567"),
        ("en", "1,500", "1500"),
        ("de", "0,500", "0.5"),
        ("hu", "1500,000", "1500"),
    ],
)
def test_a_number_that_can_be_understood_in_one_way_is_read_whatever_the_language_of_the_page(
    client: FlaskClient, session: Session, language: str, text: str, value: str
) -> None:
    client.get(f"/lang/{language}")
    deal = smallest(session, "deals", title="Deal of tests")
    session.commit()
    address = taken_in(client, "deals", csv_of([["ID", "Value"], [deal.id, text]]))

    update(client, session, address, "value")

    assert session.get(MODELS["deals"], deal.id).value == Decimal(value)


@pytest.mark.parametrize(
    ("language", "text", "large", "small"),
    [
        ("en", "1.500", "1500", "1.5"),
        ("de", "1.500", "1500", "1,5"),
        ("sk", "12,000", "12000", "12"),
        ("sk", "-1.234", "-1234", "-1,234"),
    ],
)
def test_an_amount_that_may_be_wrong_by_a_thousand_is_refused(
    client: FlaskClient, session: Session, language: str, text: str, large: str, small: str
) -> None:
    client.get(f"/lang/{language}")
    deal = smallest(session, "deals", title="Deal of tests")
    session.commit()
    address = taken_in(client, "deals", csv_of([["ID", "Value"], [deal.id, text]]))

    page = client.get(choose(client, address, ["id", "value"], known="update", key="id").location).text

    assert counts(page) == {"error": 1}
    assert re.search(rf"{re.escape(text)}\D+ {large} \D+ {re.escape(small)}\b", problems(page)[0])


def test_a_number_of_a_workbook_is_what_the_workbook_keeps(client: FlaskClient, session: Session) -> None:
    deal = smallest(session, "deals", title="Deal of tests")
    session.commit()
    address = taken_in(client, "deals", book_of([["ID", "Value"], [deal.id, 1.5]]))

    update(client, session, address, "value")

    assert session.get(MODELS["deals"], deal.id).value == Decimal("1.5")


@pytest.mark.parametrize(("text", "value"), [("48.148", "48.148"), ("48,148", "48.148")])
def test_a_place_on_the_map_keeps_its_three_digits(
    client: FlaskClient, session: Session, text: str, value: str
) -> None:
    client.get("/lang/sk")
    hospital = smallest(session, "hospitals")
    session.commit()
    address = taken_in(client, "hospitals", csv_of([["ID", "Latitude"], [hospital.id, text]]))

    update(client, session, address, "latitude")

    assert session.get(MODELS["hospitals"], hospital.id).latitude == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"), [("áno", True), ("Yes", True), ("x", True), ("1", True), ("nie", False), ("0", False)]
)
def test_yes_and_no_are_understood_in_our_languages(
    client: FlaskClient, session: Session, text: str, value: bool
) -> None:
    address = taken_in(client, "departments", csv_of([["Name", "Active"], ["Lab", text]]))
    table = MODELS["departments"]

    choose(client, address)
    run(client, session, address)

    assert session.scalar(select(table.is_active).where(table.name == "Lab")) is value


def test_a_row_of_text_that_is_longer_or_shorter_than_the_headings_is_not_guessed_at(client: FlaskClient) -> None:
    raw = csv_of([HEADS, [*ANNA, "more"], ANNA[:3], ANNA])

    page = client.get(choose(client, taken_in(client, "customers", raw)).location).text

    assert counts(page) == {"create": 1, "error": 2}
    assert problems(page) == [
        "Row 2: This row has 5 cells where the headings have 4.",
        "Row 3: This row has 3 cells where the headings have 4.",
    ]


def test_numbers_in_columns_of_text_are_warned_about(client: FlaskClient) -> None:
    page = one(
        client,
        "customers",
        [*HEADS, "Phone"],
        [*ANNA, 905123456],
        ["first_name", "last_name", "email", "country", "phone"],
    )

    assert "The workbook keeps “Phone” as numbers: zeros at their beginning and a plus sign are lost." in page


def test_a_value_is_held_to_the_rule_of_its_field_and_kept_as_a_form_keeps_it(
    client: FlaskClient, session: Session
) -> None:
    heads = [*HEADS, "phone", "bank_account"]
    rows = [[*ANNA, "0905 123 456", ""], [*EVA, "+421 905 123 457", "SK00 1234"]]
    address = taken_in(client, "customers", csv_of([heads, *rows]))
    page = client.get(choose(client, address).location).text

    run(client, session, address, leave_out="1")

    assert counts(page) == {"create": 1, "error": 1}
    assert [line.partition(":")[0] for line in problems(page)] == ["Row 3"]
    assert people(session)["anna@example.com"].phone == "+421905123456"


def test_a_key_is_found_as_it_is_typed_and_as_it_is_kept(client: FlaskClient, session: Session) -> None:
    kept = customer(session, phone="+421905123456", first_name="Kept")
    older = customer(session, phone="0905 999 999", first_name="Older")
    rows = [["0905/123 456", "A", "SK"], ["0905 999 999", "B", "SK"]]
    address = taken_in(client, "customers", csv_of([["Phone", "First name", "Country"], *rows]))

    choose(client, address, ["phone", "first_name", "country"], known="update", key="phone")
    run(client, session, address)

    session.expire_all()
    found = [session.get(CUSTOMERS, row.id).first_name for row in (kept, older)]
    assert found == ["A", "B"]


def test_a_relation_is_found_by_id_or_by_name_and_one_that_is_not_clear_is_refused(
    client: FlaskClient, session: Session
) -> None:
    one_, two = smallest(session, "departments", name="Lab"), smallest(session, "departments", name="Sales")
    smallest(session, "roles", name="Twin"), smallest(session, "users", full_name="Jan Twin")
    smallest(session, "users", full_name="jan twin")
    session.commit()
    f = next(
        (name, f) for name in ("roles", "users", "tasks") for f in fields_of(MODELS[name]).values()
        if f.targets == ("users",) and not f.readonly and name == "tasks"
    )[1]  # fmt: skip
    heads = ["Title", "Person"]
    raw = csv_of([heads, ["a", "JAN TWIN"], ["b", "Nobody"], ["c", "=1"]])
    address = taken_in(client, "tasks", raw)

    page = client.get(choose(client, address, ["title", f.name]).location).text

    assert "Several records are called “JAN TWIN”. Write the ID instead." in page
    assert "“Nobody” does not exist, or you have no access to it." in page
    assert (one_.name, two.name) == ("Lab", "Sales")


def test_of_several_of_one_name_it_is_the_one_that_belongs_to_what_else_stands_in_the_row(
    client: FlaskClient, session: Session
) -> None:
    lines = [smallest(session, "pipelines", name=name) for name in ("Families", "Upgrades")]
    stages = [smallest(session, "pipeline_stages", name="Lost", pipeline_id=line.id) for line in lines]
    deals = [
        smallest(session, "deals", title=line.name, pipeline_id=line.id, stage_id=stage.id)
        for line, stage in zip(lines, stages, strict=True)
    ]
    other = smallest(session, "deals", title="Other")
    session.commit()
    heads, columns = ["Stage", "ID", "Pipeline", "Notes"], ["stage_id", "id", "pipeline_id", "notes"]
    rows = [["lost", deal.id, deal.title, "New"] for deal in deals]
    address = taken_in(client, "deals", csv_of([heads, *rows, ["Lost", other.id, "", ""]]))

    page = client.get(choose(client, address, columns, known="update", key="id").location).text
    run(client, session, address, leave_out="1")

    session.expire_all()
    assert counts(page) == {"update": 2, "error": 1}
    assert problems(page)[0].endswith("Several records are called “Lost”. Write the ID instead.")
    assert [(deal.stage_id, deal.notes) for deal in deals] == [(stage.id, "New") for stage in stages]


def test_a_name_that_is_written_in_two_ways_is_found_in_both(client: FlaskClient, session: Session) -> None:
    smallest(session, "pipelines", name="Families")
    session.commit()
    rows = [["Name", "Pipeline"], ["a", "Families"], ["b", "FAMILIES"], ["c", "families "]]
    address = taken_in(client, "pipeline_stages", csv_of(rows))

    page = client.get(choose(client, address, ["name", "pipeline_id"]).location).text

    assert counts(page) == {"create": 3}, problems(page)


def test_a_name_that_several_have_means_the_one_that_the_record_points_to_already(
    client: FlaskClient, session: Session
) -> None:
    twins = [smallest(session, "deals", title="Twin", notes=str(number)) for number in (1, 2)]
    activities = [smallest(session, "deal_activities", deal_id=twin.id, subject="Before") for twin in twins]
    other = smallest(session, "deal_activities", deal_id=smallest(session, "deals", title="Other").id)
    session.commit()
    rows = [["ID", "Deal", "Subject"], *([one.id, "Twin", "After"] for one in (*activities, other))]
    address = taken_in(client, "deal_activities", csv_of(rows))

    page = client.get(choose(client, address, ["id", "deal_id", "subject"], known="update", key="id").location).text
    run(client, session, address, leave_out="1")

    session.expire_all()
    assert (counts(page), len(problems(page))) == ({"update": 2, "error": 1}, 1)
    assert "Several records are called “Twin”" in problems(page)[0]
    assert [(one.deal_id, one.subject) for one in activities] == [(twin.id, "After") for twin in twins]


@pytest.mark.parametrize("known", [False, True])
def test_the_country_of_the_parents_of_many_rows_is_asked_for_once(
    client: FlaskClient, session: Session, engine: Engine, known: bool
) -> None:
    families = [smallest(session, "customers", country=country) for country in ("SK", "CZ") * 10]
    numbers = ["0905 123 456", "601 123 456"] * 10
    cases = [smallest(session, "customer_potential_cases", customer_id=family.id) for family in families if known]
    session.commit()
    keys = [row.id for row in cases or families]
    columns = ["id" if known else "customer_id", "father_phone"]
    raw = csv_of([["Record", "Phone"], *([str(key), number] for key, number in zip(keys, numbers, strict=True))])
    address = taken_in(client, "customer_potential_cases", raw)

    preview = choose(
        client, address, columns, known="update" if known else "create", key="id" if known else ""
    ).location
    with statements(engine) as seen:
        shown = client.get(preview).text

    assert counts(shown) == {"update" if known else "create": 20}
    assert len([one for one in seen if one.startswith("SELECT") and "FROM customers" in one]) <= 3
