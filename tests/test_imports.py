"""Records out of files: what a row becomes, by whose rights, once, and back again."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User
from app.batches.models import Batch, BatchState
from app.core.errors import DomainError
from app.core.types import Country, utc_now
from app.imports import services
from app.imports.models import ImportFile, ImportMapping
from app.screens import write
from app.screens.fields import fields_of
from app.tables import MODELS
from tests.batches import look_at
from tests.conftest import logged_in, make_user
from tests.imports import alert, book_of, choose, counts, csv_of, files, mapped, problems, run, taken_in, upload
from tests.outbox import work_off
from tests.places import clerk, placed, screens_of
from tests.smallest import LOGS, plain_value, smallest

CUSTOMERS = MODELS["customers"]
HEADS = ["First name", "Last name", "Email", "Country"]
ANNA = ["Anna", "Nová", "anna@example.com", "SK"]
EVA = ["Eva", "Stará", "eva@example.com", "CZ"]


def people(session: Session) -> dict[str, Any]:
    """All customers by e-mail."""
    session.expire_all()
    return {row.email: row for row in session.scalars(select(CUSTOMERS))}


def customer(session: Session, **given: Any) -> Any:
    row = smallest(session, "customers", **{"country": Country.SK, **given})
    session.commit()
    return row


# The whole way --------------------------------------------------------------------


def test_a_file_becomes_records_and_can_be_taken_back(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, EVA]))
    chosen = choose(client, address)
    page = client.get(chosen.location).text
    batch = run(client, session, address)

    found = people(session)
    assert counts(page) == {"create": 2}
    assert (batch.state, batch.counts) == (BatchState.done, {"created": 2})
    assert {(row.first_name, row.country.value) for row in found.values()} == {("Anna", "SK"), ("Eva", "CZ")}

    client.post(f"/batches/{batch.id}/undo")
    assert people(session) == {}


def test_one_bad_row_stops_all_unless_it_is_left_out(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, ["Eva", "Stará", "no address", "CZ"]]))
    page = client.get(choose(client, address).location).text

    refused = client.post(f"{address}/run")
    nobody = people(session)
    batch = run(client, session, address, leave_out="1")

    assert counts(page) == {"create": 1, "error": 1}
    assert problems(page) == ["Row 3: Email: An e-mail address looks like name@example.com."]
    assert (refused.status_code, nobody) == (422, {})
    assert alert(refused.text) == "1 row cannot be taken. Correct it, or leave it out."
    assert (batch.counts, list(people(session))) == ({"created": 1, "refused": 1}, ["anna@example.com"])


def test_rows_with_errors_can_be_downloaded_corrected_and_uploaded_again(client: FlaskClient) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, ["=cmd", "Stará", "no address", "XX"]]))
    choose(client, address)

    answer = client.get(f"{address}/errors.csv")

    found = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert found[0] == [*HEADS, "Row", "Error"]
    assert found[1][:5] == ["'=cmd", "Stará", "no address", "XX", "3"]
    assert "“XX” is not one of the choices." in found[1][5]


def test_what_the_database_alone_refuses_undoes_everything_and_names_the_row(
    client: FlaskClient, session: Session
) -> None:
    deal = smallest(session, "deals", title="Before", probability=10)
    session.commit()
    address = taken_in(client, "deals", csv_of([["ID", "Title", "Probability"], [deal.id, "After", "101"]]))
    choose(client, address, ["id", "title", "probability"], known="update", key="id")

    batch = run(client, session, address)

    session.expire_all()
    assert (batch.state, session.get(MODELS["deals"], deal.id).title) == (BatchState.failed, "Before")
    assert "This value is not allowed here." in (batch.error or "")


def test_a_file_is_imported_once_however_often_it_is_started(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))
    choose(client, address)

    first, second = client.post(f"{address}/run"), client.post(f"{address}/run")
    work_off(session)
    third = client.post(f"{address}/run")
    work_off(session)

    assert first.location == second.location == third.location
    assert list(people(session)) == ["anna@example.com"]


def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_one_does_it_once(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, EVA]))
    choose(client, address)
    client.post(f"{address}/run")
    flush = write.flush

    def killed(*args: Any) -> None:
        flush(*args)
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as patched:
        patched.setattr(write, "flush", killed)
        work_off(session)
    nobody = people(session)
    work_off(session, now=utc_now() + timedelta(minutes=2))

    assert nobody == {}
    assert sorted(people(session)) == ["anna@example.com", "eva@example.com"]


# Columns ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    [
        "First name",
        "first_name",
        "FIRST NAME:",
        "Meno",
        "jméno",
        "Vorname",
        "Keresztnév",
        "Prenume",
        "Nome",
        "given-name",
    ],
)
def test_a_heading_is_understood_in_any_of_our_languages(client: FlaskClient, heading: str) -> None:
    page = client.get(taken_in(client, "customers", csv_of([[heading, "Nonsense"], ["Anna", "x"]]))).text

    assert mapped(page) == ["first_name", ""]


def test_what_was_chosen_is_remembered_for_the_same_headings_in_any_order_and_for_nobody_else(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    address = taken_in(client, "customers", csv_of([["A", "B", "C", "D"], ANNA]))
    choose(client, address, ["first_name", "last_name", "email", "country"], known="both", key="email", filled="")

    again = client.get(taken_in(client, "customers", csv_of([["D", "c", "B", "A"], ANNA[::-1]]))).text
    other = logged_in(app, clerk(session, app, "petra", "SK"))
    theirs = other.get(taken_in(other, "customers", csv_of([["A", "B", "C", "D"], ANNA]))).text

    assert mapped(again) == ["country", "email", "last_name", "first_name"]
    assert re.search(r'value="both" data-known checked', again)
    assert '<option value="email" selected' in again.partition('name="key"')[2].partition("</select>")[0]
    assert mapped(theirs) == ["", "", "", ""]


@pytest.mark.parametrize(
    ("columns", "more", "sentence"),
    [
        (["", "", "", ""], {}, "Choose a field for at least one column."),
        (["email", "email", "", ""], {}, "“Email” was chosen for two columns. Choose it once."),
        (["first_name", "last_name", "email", "country"], {"known": "both"}, "Choose a key that one of the columns"),
        (["first_name", "last_name", "", "country"], {"known": "both", "key": "email"}, "Choose a key that one of"),
        (["first_name", "last_name", "email", "id"], {}, "An ID only finds records to update"),
        (["first_name", "", "", ""], {}, "New records need these fields, too: Last name"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_words(
    client: FlaskClient, columns: list[str], more: dict[str, str], sentence: str
) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))

    answer = choose(client, address, columns, **more)

    assert (answer.status_code, alert(answer.text)[: len(sentence)]) == (422, sentence)


def test_the_template_has_the_headings_that_are_understood(client: FlaskClient) -> None:
    template = client.get("/imports/customers/template.csv").get_data().decode("utf-8-sig")
    heads, example = list(csv.reader(io.StringIO(template)))

    page = client.get(taken_in(client, "customers", template.encode())).text

    assert "First name" in heads and "2026-03-31" in example
    assert all(mapped(page))


# Values ------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("sk", "1 234,56", "1234.56"),
        ("de", "1.234,56", "1234.56"),
        ("en", "1,234.56", "1234.56"),
        ("sk", "1234.5", "1234.5"),
    ],
)
def test_numbers_are_read_as_the_language_of_the_page_writes_them(
    client: FlaskClient, session: Session, language: str, text: str, value: str
) -> None:
    client.get(f"/lang/{language}")
    deal = smallest(session, "deals", title="Deal of tests")
    session.commit()
    address = taken_in(client, "deals", csv_of([["ID", "Value"], [deal.id, text]]))

    choose(client, address, ["id", "value"], known="update", key="id")
    run(client, session, address)

    session.expire_all()
    assert session.get(MODELS["deals"], deal.id).value == Decimal(value)


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


# Records that are there already --------------------------------------------------------

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


# Through whose eyes ----------------------------------------------------------------------


def somebody(
    session: Session, name: str, *, module: tuple[bool, bool] = (True, True), imports: bool = True,
    countries: tuple[str, ...] = ("SK",), fields: dict[str, str] | None = None,
) -> User:  # fmt: skip
    """A person with the module of customers, `module` saying what may be added and edited."""
    role = Role(name=f"Role of {name}")
    grants = {"customers": module, **({"import": (False, False)} if imports else {})}
    role.role_module_permissions = [
        RoleModulePermission(module_key=key, access="visible", can_add=add, can_edit=edit)
        for key, (add, edit) in grants.items()
    ]
    role.role_field_permissions = [
        RoleFieldPermission(module_key="customers", field_key=key, permission=right)
        for key, right in (fields or {}).items()
    ]
    user = make_user(session, name, role=role, assigned_countries=list(countries))
    session.commit()
    return user


@pytest.mark.parametrize(
    ("module", "imports", "opens", "offered"),
    [
        ((True, True), True, True, ["create", "both", "update", "new"]),
        ((True, False), True, True, ["create", "new"]),
        ((False, True), True, False, []),
        ((True, True), False, False, []),
        ((False, False), True, False, []),
    ],
)
def test_an_import_needs_the_right_to_import_and_to_add_and_to_update_that_to_edit(
    app: Flask, session: Session, without_csrf: None, module: tuple[bool, bool], imports: bool, opens: bool,
    offered: list[str],
) -> None:  # fmt: skip
    browser = logged_in(app, somebody(session, "petra", module=module, imports=imports))

    page = browser.get("/imports/customers/")
    listed = "/imports/customers/" in browser.get("/customers/list/").text
    sent = upload(browser, "customers", csv_of([HEADS, ANNA]))

    assert (page.status_code, listed, sent.status_code) == ((200, True, 302) if opens else (403, False, 403))
    if opens:
        assert re.findall(r'name="known" value="(\w+)"', browser.get(sent.location).text) == offered


def test_who_may_not_edit_cannot_forge_an_update(app: Flask, session: Session, without_csrf: None) -> None:
    row = customer(session, email="anna@example.com", first_name="Before")
    browser = logged_in(app, somebody(session, "petra", module=(True, False)))
    address = taken_in(browser, "customers", csv_of([HEADS, ANNA]))

    answer = choose(browser, address, known="both", key="email")

    session.expire_all()
    assert (answer.status_code, session.get(CUSTOMERS, row.id).first_name) == (403, "Before")


@pytest.mark.parametrize("right", ["hidden", "readonly"])
def test_a_field_that_may_not_be_filled_is_not_offered_and_refused_when_it_is_forged(
    app: Flask, session: Session, without_csrf: None, right: str
) -> None:
    browser = logged_in(app, somebody(session, "petra", fields={"phone": right}))
    address = taken_in(browser, "customers", csv_of([[*HEADS, "Phone"], [*ANNA, "0905"]]))

    page = browser.get(address).text
    forged = choose(browser, address, ["first_name", "last_name", "email", "country", "phone"])
    template = browser.get("/imports/customers/template.csv").text

    assert '<option value="phone"' not in page
    assert forged.status_code == 403
    assert "Phone" not in template.partition("\r\n")[0].split(",")


def test_a_right_that_goes_before_the_worker_comes_goes_for_the_import_as_well(
    app: Flask, session: Session, without_csrf: None
) -> None:
    user = somebody(session, "petra")
    browser = logged_in(app, user)
    address = taken_in(browser, "customers", csv_of([HEADS, ANNA]))
    choose(browser, address)
    browser.post(f"{address}/run")
    for grant in user.primary_role.role_module_permissions:
        grant.can_add = False
    session.commit()

    work_off(session)

    batch = session.scalars(select(Batch)).one()
    assert (batch.state, people(session)) == (BatchState.failed, {})


def test_a_new_record_is_of_ones_own_country_and_a_record_of_another_country_is_not_there(
    app: Flask, session: Session, without_csrf: None
) -> None:
    abroad = customer(session, email="eva@example.com", first_name="Before", country=Country.CZ, internal_id="K9")
    browser = logged_in(app, somebody(session, "petra"))
    rows = [
        [*EVA[:3], "CZ", "K1"],
        ["Ida", "Malá", "ida@example.com", "SK", "K9"],
        ["Iva", "Malá", "iva@example.com", "", ""],
    ]
    address = taken_in(browser, "customers", csv_of([[*HEADS, "Key"], *rows]))
    columns = ["first_name", "last_name", "email", "country", "internal_id"]

    page = browser.get(choose(browser, address, columns, known="both", key="internal_id").location).text

    session.expire_all()
    assert re.findall(r'<tr data-act="(\w+)"', page) == ["error", "create", "create"]
    assert problems(page) == ["Row 2: Country: You work in these countries only: SK."]
    assert session.get(CUSTOMERS, abroad.id).first_name == "Before"


def test_a_relation_to_another_country_is_not_there(app: Flask, session: Session, without_csrf: None) -> None:
    hospital = placed(session, "hospitals", "CZ", name="Nemocnica za hranicou")
    session.commit()
    browser = logged_in(app, clerk(session, app, "petra", "SK"))
    case = placed(session, "customer_potential_cases", "SK")
    session.commit()
    sent = [["ID", "Hospital"], [case.id, hospital.name], [case.id, hospital.id]]
    address = taken_in(browser, "customer_potential_cases", csv_of(sent))

    page = browser.get(choose(browser, address, ["id", "hospital_id"], known="update", key="id").location).text

    assert "“Nemocnica za hranicou” does not exist, or you have no access to it." in page
    assert f"“{hospital.id}” does not exist, or you have no access to it." in page


def test_a_file_is_for_its_owner_alone(app: Flask, client: FlaskClient, session: Session) -> None:
    other = logged_in(app, somebody(session, "petra"))
    address = taken_in(other, "customers", csv_of([HEADS, ANNA]))
    choose(other, address)

    answers = {
        path: client.open(f"{address}{path}", method=method).status_code
        for path, method in [("", "GET"), ("/preview", "GET"), ("/errors.csv", "GET"), ("/run", "POST"),
                             ("/remove", "POST"), ("/read", "POST"), ("/columns", "POST")]
    }  # fmt: skip

    assert set(answers.values()) == {404}  # administrators included
    assert "people.csv" not in client.get("/imports/customers/").text
    assert len(files(session)) == 1


@pytest.mark.parametrize("table", ["nothing", "activity_logs", "file"])
def test_what_is_no_table_or_is_written_by_services_alone_takes_no_file(client: FlaskClient, table: str) -> None:
    assert client.get(f"/imports/{table}/").status_code in (403, 404)
    assert upload(client, table, csv_of([HEADS, ANNA])).status_code in (403, 404, 405)


def test_credentials_do_not_come_from_files(client: FlaskClient) -> None:
    page = client.get(taken_in(client, "users", csv_of([["password_hash", "sip_password"], ["x", "y"]]))).text

    assert mapped(page) == ["", ""]
    assert '<option value="password_hash"' not in page


# Files do not stay -----------------------------------------------------------------------


def test_a_file_is_removed_when_it_is_imported_and_after_a_day(client: FlaskClient, session: Session) -> None:
    now = utc_now()
    addresses = [taken_in(client, "customers", csv_of([HEADS, row])) for row in (ANNA, EVA)]
    choose(client, addresses[0])
    run(client, session, addresses[0])

    first = services.forget(session, now=now)
    left = len(files(session))
    second = services.forget(session, now=now + timedelta(hours=25))
    session.commit()

    assert (first, left, second, files(session)) == (1, 1, 1, [])


def test_a_file_of_yesterday_is_gone_for_its_owner_before_the_clock_removes_it(
    client: FlaskClient, session: Session
) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))
    session.execute(ImportFile.__table__.update().values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
    session.commit()

    answer = client.get(address)

    assert answer.status_code == 410
    assert "This file is not here any more" in answer.text


def test_a_file_can_be_removed_by_hand(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))

    answer = client.post(f"{address}/remove")

    assert (answer.status_code, files(session)) == (302, [])


def test_what_is_remembered_goes_with_the_person(client: FlaskClient, session: Session, admin: User) -> None:
    choose(client, taken_in(client, "customers", csv_of([HEADS, ANNA])))
    (kept,) = session.scalars(select(ImportMapping)).all()

    assert (kept.user_id, kept.table_name) == (admin.id, "customers")
    assert "Anna" not in str(kept.chosen)  # headings alone, no cells


# Every table -----------------------------------------------------------------------------


def full(session: Session, table: str, number: int) -> Any:
    """A row with a value in every field that takes one beside the others; `number` tells two of a table apart."""
    fields = fields_of(MODELS[table]).values()
    apart = {f.attribute: list(f.choices)[number] for f in fields if f.column.unique and f.choices is not None}
    row = smallest(session, table, **apart)
    session.commit()
    free = [
        f for f in fields
        if not (f.required or f.readonly or f.internal or f.secret or f.targets or f.attribute in apart)
    ]  # fmt: skip
    if not _taken(session, row, free):
        for f in free:
            _taken(session, row, [f])
    session.commit()
    return row


def _taken(session: Session, row: Any, fields: list[Any]) -> bool:
    """Whether the row takes a value in all of these fields; else it stays as it was."""
    try:
        with session.begin_nested():
            for f in fields:
                values = (31, 3, 1990) if f.kind.name == "partial_date" else (_value(f),)
                for attribute, value in zip(f.attributes, values, strict=True):
                    setattr(row, attribute, value)
            session.flush()
    except (DBAPIError, DomainError):
        session.refresh(row)
        return False
    return True


def _value(f: Any) -> Any:
    if f.kind.name == "multichoice":
        return [next(iter(f.choices)).value]
    if f.kind.name == "tags":
        return [1, 2] if "umbers" in type(f.kind).__name__ else ["one", "two"]
    return plain_value(f)


def exported(client: FlaskClient, table: str) -> str:
    answer = client.get(f"/{table}/export.csv?all=1")
    assert answer.status_code == 200
    return str(answer.get_data().decode("utf-8-sig"))


@pytest.mark.parametrize("table", sorted(set(MODELS) - LOGS))
def test_what_was_exported_is_read_back_as_it_is(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    """Of every field that a form may hold, whatever its kind."""
    for number in range(2):
        full(session, table, number)
    look = look_at(session, table, admin)
    own = [row.id for row in session.scalars(select(MODELS[table]))]
    text = exported(client, table)
    session.commit()

    address = taken_in(client, table, text.encode())
    page = client.get(address).text
    columns = mapped(page)
    writable = {f.name for f in write.writable(look.screen, look.viewer) if not f.secret}
    relations = {f.name for f in look.screen.fields.values() if f.targets}
    chosen = choose(client, address, columns, known="update", key="id", filled="")
    assert chosen.status_code == 302, alert(chosen.text)
    preview = client.get(chosen.location).text

    assert writable <= set(columns), writable - set(columns)
    found = counts(preview)
    unclear = [line for line in problems(preview) if "does not exist" in line or "Several records" in line]
    assert set(found) == {"same"} or (len(unclear) == len(problems(preview)) and relations), (found, problems(preview))
    assert sum(found.values()) == len(own)


@pytest.mark.parametrize(
    "table",
    [
        "collaborators",
        "customers",
        "deals",
        "exchange_rates",
        "hospitals",
        "lead_scoring_criteria",
        "products",
        "tasks",
    ],
)
def test_what_was_exported_comes_back_as_new_records_with_the_same_values(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    screen = screens_of(app)[table]
    rows = [full(session, table, number) for number in range(2)]
    session.expire_all()
    look = look_at(session, table, admin)
    fields = [f for f in write.writable(screen, look.viewer) if not f.secret]
    before = {row.id: _values(row, fields) for row in rows}
    others = set(session.scalars(select(MODELS[table].id))) - set(before)
    text = exported(client, table)
    for row in rows:
        session.delete(row)
    session.commit()

    lines = list(csv.reader(io.StringIO(text)))
    heads, own = lines[0], [line for line in lines[1:] if line[0] in map(str, before)]
    address = taken_in(client, table, csv_of([heads, *own]))
    columns = ["" if name == "id" else name for name in mapped(client.get(address).text)]
    chosen = choose(client, address, columns)
    assert chosen.status_code == 302, alert(chosen.text)
    batch = run(client, session, address)

    found = [row for row in session.scalars(select(MODELS[table])) if row.id not in others]
    assert batch.counts == {"created": 2}, batch.error
    assert sorted(map(repr, before.values())) == sorted(repr(_values(row, fields)) for row in found)


def _values(row: Any, fields: list[Any]) -> dict[str, Any]:
    found = {attribute: getattr(row, attribute) for f in fields for attribute in f.attributes}
    return {name: None if value in ("", []) else value for name, value in found.items()}
