"""Whose files and whose records: an import sees and does what its owner may."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.batches.models import Batch, BatchState
from app.core.types import Country
from tests.conftest import logged_in
from tests.imports import (
    ANNA,
    CUSTOMERS,
    EVA,
    HEADS,
    choose,
    csv_of,
    customer,
    files,
    mapped,
    people,
    problems,
    somebody,
    taken_in,
    upload,
)
from tests.outbox import work_off
from tests.places import clerk, placed


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
