"""Rights at the search: of every table nothing is found through what a person may not know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import Role, RoleModulePermission, User
from app.core.paths import GLOBAL
from app.core.scope import wall
from app.core.viewer import NOBODY, SYSTEM, visible
from app.house import SCREENS
from app.screens.find.doors import Doors, doors_of
from app.screens.resolve import Resolved, resolve_all
from app.tables import MODELS
from tests.conftest import logged_in, make_user
from tests.places import ABROAD, HOME, clerk, marked, path, placed, screens_of, ways
from tests.smallest import given_to, smallest
from tests.test_field_rights import holder, key_of, rights_on

pytestmark = pytest.mark.usefixtures("without_csrf")
CANARY = "Zvonkohra"
LATER = "Dvojhlas"
DIALLED = "905777123"
DOORS: dict[str, Doors] = {way.screen.table: way for way in doors_of(resolve_all(MODELS, SCREENS), SYSTEM)}
every_table = pytest.mark.parametrize("table", sorted(DOORS))
placed_table = pytest.mark.parametrize("table", sorted(table for table in DOORS if path(table) is not GLOBAL))


def test_the_tables_that_people_look_for_take_part_and_logs_do_not() -> None:
    assert {"customers", "collaborators", "invoices", "contract_instances", "deals", "tasks", "products"} <= set(DOORS)
    assert "activity_logs" not in DOORS
    assert len(DOORS) > 35


def in_all(app: Flask, session: Session, table: str, **given: Any) -> Any:
    """A row with the canary in every column that is searched."""
    screen = screens_of(app)[table]
    values = {screen.fields[name].attribute: text_for(screen, name) for name in DOORS[table].columns}
    return smallest(session, table, **{**values, **given})


def text_for(screen: Resolved, name: str) -> str:
    f = screen.fields[name]
    if f.kind.name == "phone":
        return f"+421{DIALLED}"
    if f.kind.name == "email":
        return f"{CANARY}.{name}@example.com"
    # In numbers an end, behind names a second word; a hidden one must be found by neither.
    second = DIALLED if name in DOORS[screen.table].ending else LATER
    return f"{CANARY} {second}"[: f.length or 100]


def answers(browser: FlaskClient) -> str:
    """Everything that is answered to the canary, typed in each way."""
    text = ""
    for line in (CANARY.lower()[:5], f"{CANARY} {CANARY}", f"0{DIALLED}", LATER.lower()[:5], DIALLED[-5:]):
        answer = browser.get("/find/", query_string={"q": line})
        assert answer.status_code == 200
        text += json.dumps(answer.json["groups"])
    return text + hits_of(browser.get("/find/all", query_string={"q": CANARY}).text)


def hits_of(page: str) -> str:
    """The page below the field in which the line stands again."""
    return page[page.index('class="found-said') :]


def address(table: str, row: Any) -> str:
    return f"/{table}/show/{row.id}"


@every_table
def test_a_record_is_found_through_every_column_that_is_searched(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    row = in_all(app, session, table)
    given_to(session, row, admin)
    session.commit()

    assert address(table, row) in answers(client)


@pytest.mark.parametrize(("table", "name"), [(t, n) for t, way in DOORS.items() for n in (*way.later, *way.ending)])
def test_a_later_word_and_an_end_lead_to_the_record_for_who_may_read_the_field(
    app: Flask, session: Session, table: str, name: str
) -> None:
    screen = screens_of(app)[table]
    f = screen.fields[name]
    row = smallest(session, table, **{f.attribute: text_for(screen, name)})
    users = [
        holder(session, app, n, {key_of(screen, f): "hidden"} if n == "somebody" else {}) for n in ("other", "somebody")
    ]
    for user in users:
        given_to(session, row, user)
    session.commit()
    line = DIALLED[-5:] if name in DOORS[table].ending else LATER.lower()

    told = [json.dumps(logged_in(app, u).get("/find/", query_string={"q": line}).json["groups"]) for u in users]

    assert [address(table, row) in text for text in told] == [True, False]


@every_table
def test_a_hidden_field_is_no_way_to_its_record(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    user = holder(session, app, "somebody", rights_on(screen, "hidden"))
    row = in_all(app, session, table)
    given_to(session, row, user)

    told = answers(logged_in(app, user))

    assert address(table, row) not in told
    assert CANARY not in told


@pytest.mark.parametrize(
    ("table", "name"),
    [("customers", name) for name in ("national_id", "internal_id", "id_card_number", "email", "email_2", "city",
                                      "maiden_name", "phone", "mobile", "mobile_2", "first_name", "last_name")]
    + [("collaborators", name) for name in ("birth_number", "ico", "legacy_id", "mobile", "company_name")]
    + [("invoices", "invoice_number"), ("contract_instances", "contract_number"), ("billing_details", "vat_number"),
       ("users", "username"), ("hospitals", "legacy_id"), ("communication_messages", "subject")],
)  # fmt: skip
def test_of_one_hidden_field_nothing_is_found_and_of_the_others_all(
    app: Flask, session: Session, table: str, name: str
) -> None:
    screen = screens_of(app)[table]
    f = screen.fields[name]
    row = smallest(session, table, **{f.attribute: text_for(screen, name)})
    user = holder(session, app, "somebody", {key_of(screen, f): "hidden"})
    free = holder(session, app, "other", {})

    assert address(table, row) in answers(logged_in(app, free))
    assert address(table, row) not in answers(logged_in(app, user))


@every_table
def test_a_closed_module_is_not_searched(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    others = {other.module for other in screens_of(app).values()} - {screen.module}
    role = Role(name="All but one")
    role.role_module_permissions = [RoleModulePermission(module_key=key, access="visible") for key in sorted(others)]
    user = make_user(session, "somebody", role=role)
    row = in_all(app, session, table)
    given_to(session, row, user)
    session.commit()

    assert address(table, row) not in answers(logged_in(app, user))


@placed_table
def test_another_country_is_not_searched_and_ones_own_is(app: Flask, session: Session, table: str) -> None:
    person = clerk(session, app, "home", HOME)
    home, abroad = (placed(session, table, country, **texts(app, table)) for country in (HOME, ABROAD))
    given_to(session, home, person)
    session.commit()

    told = answers(logged_in(app, person))

    assert address(table, home) in told
    assert address(table, abroad) not in told


def texts(app: Flask, table: str) -> dict[str, Any]:
    """The canary in every searched column that takes it; texts may be unique."""
    screen, free = screens_of(app)[table], marked(table)
    found = {}
    for name in DOORS[table].columns:
        f = screen.fields[name]
        if f.attribute in free:
            found[f.attribute] = f"{CANARY} {len(_used)}"[: f.length]
        elif f.kind.name == "phone":
            found[f.attribute] = f"+421{DIALLED}{len(_used)}"
        elif f.kind.name == "email" and name not in ("mailbox_email",):
            found[f.attribute] = f"{CANARY}{len(_used)}@example.com"
        _used.append(name)
    return found


_used: list[str] = []


def test_nobody_finds_anything(app: Flask, session: Session, nobody: FlaskClient) -> None:
    smallest(session, "customers", last_name=CANARY)
    session.commit()

    for page in ("/find/", "/find/all"):
        answer = nobody.get(page, query_string={"q": CANARY})
        assert answer.status_code in (302, 401)
        assert "/customers/show/" not in answer.text


def test_whom_an_invoice_is_for_is_told_to_who_may_know_it(app: Flask, session: Session) -> None:
    customer = smallest(session, "customers", first_name="Eva", last_name="Tichá")
    smallest(session, "invoices", invoice_number="77-2026", customer_id=customer.id)
    screen = screens_of(app)["invoices"]
    hidden = holder(session, app, "somebody", {key_of(screen, screen.fields["customer_id"]): "hidden"})
    free = holder(session, app, "other", {})

    told = [logged_in(app, user).get("/find/", query_string={"q": "77-2026"}).text for user in (free, hidden)]

    assert ["Eva" in text for text in told] == [True, False]


@pytest.mark.parametrize("table", sorted(set(MODELS) - {"activity_logs"}))  # logs take no part
def test_the_wall_as_text_lets_through_what_the_session_does(app: Flask, session: Session, table: str) -> None:
    for country in (HOME, ABROAD) if path(table) is not GLOBAL else (HOME,):
        for turn in range(len(ways(table))):
            placed(session, table, country, turn)
    person = clerk(session, app, "home", HOME)
    viewer, model = viewer_of(session, person), MODELS[table]
    mapped = set(session.scalars(visible(model, viewer).with_only_columns(model.id)))

    # The system asks, so that row-level security lets everything through and the text alone decides.
    asked = f"SELECT id FROM {table} WHERE {wall(model, viewer) or 'true'}"
    told = set(session.execute(text(asked), execution_options={"viewer": SYSTEM}).scalars())

    assert told == mapped


def test_the_wall_of_nobody_lets_nothing_through(session: Session) -> None:
    smallest(session, "customers")

    told = session.execute(text(f"SELECT id FROM customers WHERE {wall(MODELS['customers'], NOBODY)}")).all()

    assert told == []
