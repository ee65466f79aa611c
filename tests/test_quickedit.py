"""One field changed in a list, and a form checked while it is filled: the rights of the form, at every field."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission
from app.core.types import Country
from app.customers.models import Customer
from app.screens import quickedit
from app.screens.fields import Field
from app.screens.resolve import Resolved
from app.work.models import ActivityLog
from tests.conftest import logged_in, make_user
from tests.places import clerk
from tests.smallest import NARROWER, TOGETHER, given_to, plain_value, smallest, typed
from tests.test_all_tables import every_table_for_hands, keep, screen_of
from tests.test_field_rights import CANARY, Doors, holder, marked, rights_on

pytestmark = pytest.mark.usefixtures("without_csrf")
AS_JSON = {"Accept": "application/json"}


def in_place(screen: Resolved) -> list[Field]:
    """Fields that may be changed in place by somebody with all rights."""
    return [f for f in screen.editable() if quickedit.fits(f)]


def carried(page: Any) -> dict[str, str]:
    return {
        name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page.text)[1])  # type: ignore[index]
        for name in ("version", "base_values")
    }


def another(app: Flask, session: Session, f: Field, row: Any) -> str:
    """A text that a person may send for this field, other than what it holds."""
    old = getattr(row, f.attribute)
    if f.targets == ("users",):
        return str(holder(session, app, f"for {f.name}", {}).id)  # what is given to somebody he must be able to open
    if f.targets:
        other = smallest(session, f.targets[0])
        session.commit()
        return str(other.id)
    if f.kind.name in ("choice", "country"):
        assert f.choices is not None
        return next(c.value for c in f.choices if c != old)
    if f.kind.name == "boolean":
        return "0" if old else "1"
    if (f.column.table.name, f.name) in NARROWER:
        return NARROWER[f.column.table.name, f.name]
    fresh = {"integer": 7, "decimal": Decimal("2.5"), "money": Decimal("11.50"), "color": "#123456"}
    if f.kind.name in ("date", "datetime"):
        later = datetime(1990 if f.name == "date_of_birth" else 2027, 5, 6, 7, 30, tzinfo=UTC)
        return typed(f, later if f.timestamp else later.date())
    return typed(f, fresh.get(f.kind.name) or plain_value(f))


def values(session: Session, row: Any) -> dict[str, Any]:
    session.expire_all()
    return {c.key: getattr(row, c.key) for c in row.__mapper__.column_attrs if c.key not in ("updated_at", "xmin")
            and c.key != "row_version"}  # fmt: skip


# Two ends of a range, and what a database rule holds to something else, have their form.
TIED = {"start_number", "end_number", "start_time", "end_time", "start_date", "end_date", "working_hours_start", "working_hours_end", "is_default", "is_fixed",
        "is_percentage", "is_system", "is_won_stage", "is_lost_stage", "instance_type", "action_type", "parent_id"}  # fmt: skip


@every_table_for_hands
def test_every_field_is_changed_in_place_and_changed_back(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row = keep(session, table)
    if table == "pipelines":
        smallest(session, table, is_default=True)  # the only active one would be the default
        session.commit()
    for f in in_place(screen_of(app, table)):
        if f.name in TIED or (table, f.name) in {*TOGETHER, ("deal_activities", "is_completed")}:  # knows when, too
            continue
        before, address = values(session, row), f"/{table}/field/{row.id}/{f.name}"
        shown = client.get(address)
        assert shown.status_code == 200, f.name

        saved = client.post(address, data={**carried(shown), f.name: another(app, session, f, row)}, headers=AS_JSON)
        assert saved.status_code == 200, (f.name, saved.text)
        now = values(session, row)
        assert {name for name in now if now[name] != before[name]} == {f.attribute}, f.name

        undone = client.post(address, data=saved.json["undo"], headers=AS_JSON)
        assert undone.status_code == 200, (f.name, undone.text)
        assert values(session, row) == before, f.name


@every_table_for_hands
def test_a_field_that_is_read_only_or_hidden_is_not_changed_in_place(app: Flask, session: Session, table: str) -> None:
    screen = screen_of(app, table)
    row = marked(session, screen)
    for permission, status in (("hidden", 404), ("readonly", 403)):
        doors = Doors(app, holder(session, app, permission, rights_on(screen, permission)))
        given_to(session, row, doors.user)
        before = values(session, row)
        for f in screen.shown():
            address = f"/{table}/field/{row.id}/{f.name}"
            shown = doors.browser.get(address)
            sent = doors.browser.post(address, data={"version": row.row_version, f.name: "forged"}, headers=AS_JSON)
            assert (shown.status_code, sent.status_code) == (status, status), (permission, f.name)
            assert CANARY not in shown.text + sent.text or permission == "readonly"
        names = [f.name for f in screen.shown()]
        checked = doors.browser.post(
            f"/{table}/edit/{row.id}/check", data={"checked": names, **dict.fromkeys(names, "forged")}
        )
        assert checked.json == {"fields": {}}, permission
        for page in ("list/?all=1", f"show/{row.id}"):
            assert "data-quick=" not in doors.browser.get(f"/{table}/{page}").text
        assert values(session, row) == before, permission


@every_table_for_hands
def test_in_a_closed_module_nothing_is_changed_in_place(app: Flask, session: Session, table: str) -> None:
    row = keep(session, table)
    screen = screen_of(app, table)
    fields = in_place(screen) or [screen.fields["id"]]
    role = Role(name="somebody")
    looks = Role(name="looker")
    looks.role_module_permissions = [
        RoleModulePermission(module_key=screen.module, access="visible", can_add=False, can_edit=False)
    ]
    for number, given in enumerate((role, looks)):
        user = make_user(session, f"user{number}", role=given)
        session.commit()
        given_to(session, row, user)
        browser = logged_in(app, user)
        before = values(session, row)
        for f in fields[:3]:
            address = f"/{table}/field/{row.id}/{f.name}"
            assert browser.get(address, headers=AS_JSON).status_code == 403, f.name
            sent = browser.post(address, data={"version": row.row_version, f.name: "x"}, headers=AS_JSON)
            assert sent.status_code == 403, f.name
        for door in ("add/check", f"edit/{row.id}/check"):
            assert browser.post(f"/{table}/{door}", data={"checked": "id"}, headers=AS_JSON).status_code == 403
        assert values(session, row) == before


@pytest.mark.parametrize("table", ["customers", "collaborators", "hospitals", "deals", "invoices"])
def test_a_record_of_another_country_is_not_there(app: Flask, session: Session, table: str) -> None:
    screen = screen_of(app, table)
    row = smallest(session, table, **{screen.country: Country.SK} if screen.country else {})
    session.commit()
    everything = holder(session, app, "somebody", {})
    everything.assigned_countries = ["DE"]
    session.commit()
    browser = logged_in(app, everything)
    if screen.country == "":
        customer = getattr(row, "customer", None)
        assert customer is not None
        customer.country = Country.SK
        session.commit()
    f = in_place(screen)[0]

    for address in (f"/{table}/field/{row.id}/{f.name}", f"/{table}/edit/{row.id}/check"):
        assert browser.post(address, data={"version": row.row_version}, headers=AS_JSON).status_code == 404
    assert browser.get(f"/{table}/field/{row.id}/{f.name}", headers=AS_JSON).status_code == 404


def test_a_hidden_country_is_told_by_no_rule(app: Flask, session: Session) -> None:
    row = smallest(session, "customers", country=Country.HU)
    session.commit()
    user = holder(session, app, "somebody", {("customers", "country"): "hidden"})
    browser = logged_in(app, user)

    said = browser.post(
        f"/customers/edit/{row.id}/check",
        data={"phone": "06 30 123 4567", "postal_code": "99", "national_id": "AB-77", "bank_account":
              "SK3112000000198742637541", "checked": ["phone", "postal_code", "national_id", "bank_account"]},
    )  # fmt: skip

    assert "HU" not in said.text and "+36" not in said.text
    assert said.json["fields"]["postal_code"] == {"errors": [], "warnings": [], "value": None}


@pytest.fixture
def row(session: Session) -> Any:
    row = smallest(session, "customers", city="Nitra", notes="start", country=Country.SK, last_name="Nova")
    session.commit()
    return row


def test_an_undo_after_somebody_else_is_refused_and_says_so(client: FlaskClient, session: Session, row: Any) -> None:
    address = f"/customers/field/{row.id}/city"
    saved = client.post(address, data={**carried(client.get(address)), "city": "Brno"}, headers=AS_JSON).json
    client.post(address, data={**carried(client.get(address)), "city": "Praha"}, headers=AS_JSON)

    undone = client.post(address, data=saved["undo"], headers=AS_JSON)

    session.expire_all()
    assert (undone.status_code, row.city) == (409, "Praha")
    assert undone.json["message"] == "This was changed again since: it now says “Praha” and stays so."


OLDER_THAN_ITS_RULE = {
    "email": "jana@@nowhere", "phone": "mother", "bank_account": "SK00 0000", "mobile": "x" * 1200,
}  # fmt: skip


@pytest.mark.parametrize("name", OLDER_THAN_ITS_RULE)
def test_what_breaks_its_rule_by_now_is_put_back_and_cannot_be_typed(
    client: FlaskClient, session: Session, row: Any, name: str
) -> None:
    old = OLDER_THAN_ITS_RULE[name]
    address = f"/customers/field/{row.id}/{name}"
    new = {"email": "jana@example.com", "bank_account": "SK31 1200 0000 1987 4263 7541"}
    session.execute(update(Customer).values({name: old}))
    session.commit()
    saved = client.post(address, data={**carried(client.get(address)), name: new.get(name, "+421 905 123 456")},
                        headers=AS_JSON)  # fmt: skip
    typed_again = client.post(address, data={**carried(client.get(address)), name: old}, headers=AS_JSON)

    undone = client.post(address, data=saved.json["undo"], headers=AS_JSON)

    session.expire_all()
    assert (saved.status_code, typed_again.status_code, undone.status_code) == (200, 422, 200)
    assert getattr(row, name) == old
    entries = session.scalars(
        select(ActivityLog).where(ActivityLog.entity_id == row.id, ActivityLog.action == "update")
    )
    assert len(entries.all()) == 2  # taking back is told like any other change


def test_of_two_cells_of_a_record_the_first_can_be_taken_back(client: FlaskClient, session: Session, row: Any) -> None:
    saved = {}
    for name, value in {"city": "Brno", "last_name": "Novotná"}.items():
        address = f"/customers/field/{row.id}/{name}"
        saved[name] = client.post(address, data={**carried(client.get(address)), name: value}, headers=AS_JSON).json

    undone = client.post(f"/customers/field/{row.id}/city", data=saved["city"]["undo"], headers=AS_JSON)

    session.expire_all()
    assert (undone.status_code, row.city, row.last_name) == (200, "Nitra", "Novotná")


def test_what_hangs_together_with_another_field_is_not_taken_back_over_its_change(
    client: FlaskClient, session: Session, row: Any
) -> None:
    saved = {}
    for name, value in {"postal_code": "811 01", "country": "HU"}.items():
        address = f"/customers/field/{row.id}/{name}"
        saved[name] = client.post(address, data={**carried(client.get(address)), name: value}, headers=AS_JSON).json

    undone = client.post(f"/customers/field/{row.id}/postal_code", data=saved["postal_code"]["undo"], headers=AS_JSON)

    session.expire_all()
    assert (undone.status_code, row.postal_code) == (409, "811 01")


@pytest.fixture
def undo(client: FlaskClient, session: Session, row: Any) -> str:
    """What takes back that a telephone number took the place of nonsense."""
    session.execute(update(Customer).values(phone="mother"))
    session.commit()
    address = f"/customers/field/{row.id}/phone"
    sent = {**carried(client.get(address)), "phone": "+421 905 123 456"}
    return str(client.post(address, data=sent, headers=AS_JSON).json["undo"][quickedit.UNDO])


@pytest.mark.parametrize("how", ["garbled", "other secret", "other record", "other field", "other person"])
def test_an_undo_is_for_its_person_record_and_field_alone(
    app: Flask, client: FlaskClient, session: Session, row: Any, undo: str, how: str
) -> None:
    other = smallest(session, "customers", country=Country.SK, phone="+421905123456")
    session.commit()
    record, name, browser = row, "phone", client
    if how == "garbled":
        undo = undo[:-3] + "AAA"
    elif how == "other secret":
        undo = str(URLSafeTimedSerializer("guessed", salt="before a quick edit").dumps(["x"]))
    elif how == "other record":
        record = other
    elif how == "other field":
        name = "mobile"
    else:
        browser = logged_in(app, holder(session, app, "somebody", {}))

    answer = browser.post(f"/customers/field/{record.id}/{name}", data={quickedit.UNDO: undo, name: "mother"},
                          headers=AS_JSON)  # fmt: skip

    session.expire_all()
    assert answer.status_code == 403
    assert "can be undone by this" in answer.json["message"]
    assert (row.phone, other.phone, row.mobile) == ("+421905123456", "+421905123456", None)
    denied = session.scalars(select(ActivityLog).where(ActivityLog.action == "denied")).all()
    assert len(denied) == 1


def test_an_undo_that_comes_too_late_says_so(
    client: FlaskClient, session: Session, row: Any, undo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quickedit, "UNDO_SECONDS", -1)

    answer = client.post(f"/customers/field/{row.id}/phone", data={quickedit.UNDO: undo}, headers=AS_JSON)

    session.expire_all()
    assert (answer.status_code, row.phone) == (409, "+421905123456")
    assert answer.json["message"] == "This was changed too long ago to be undone here."


def test_an_undo_ends_with_the_right_to_the_field(app: Flask, session: Session, row: Any) -> None:
    user = holder(session, app, "somebody", {})
    browser, address = logged_in(app, user), f"/customers/field/{row.id}/city"
    saved = browser.post(address, data={**carried(browser.get(address)), "city": "Brno"}, headers=AS_JSON).json
    user.primary_role.role_field_permissions = [
        RoleFieldPermission(module_key="customers", field_key="city", permission="readonly")
    ]
    session.commit()

    answer = browser.post(address, data=saved["undo"], headers=AS_JSON)

    session.expire_all()
    assert (answer.status_code, row.city) == (403, "Brno")


# Relations ------------------------------------------------------------------------


@pytest.fixture
def deal(session: Session) -> Any:
    customers = [smallest(session, "customers", last_name=f"Nova {n}", country=Country.SK) for n in range(2)]
    deal = smallest(session, "deals", customer_id=customers[0].id, country_code="SK")
    session.commit()
    return deal


def test_a_relation_is_chosen_by_the_searching_select_of_forms(
    app: Flask, client: FlaskClient, session: Session, deal: Any
) -> None:
    page = client.get(f"/deals/field/{deal.id}/customer_id").text
    other = session.scalars(select(Customer).where(Customer.last_name == "Nova 1")).one()
    address = f"/deals/field/{deal.id}/customer_id"

    saved = client.post(address, data={**carried(client.get(address)), "customer_id": other.id}, headers=AS_JSON)

    session.expire_all()
    assert 'data-picker="relation" data-href="/deals/pick/customer_id"' in page
    assert re.search(r'<option value="[^"]+" selected>[^<]*Nova 0', page)
    assert (saved.status_code, deal.customer_id) == (200, other.id)
    assert "Nova 1" in saved.json["cell"] and f"/customers/show/{other.id}" in saved.json["cell"]


@pytest.mark.parametrize("chosen", ["abroad", "nowhere", "\x00"])
def test_a_record_that_one_may_not_know_of_is_not_chosen(app: Flask, session: Session, deal: Any, chosen: str) -> None:
    abroad = smallest(session, "customers", last_name="Nova abroad", country=Country.DE)
    browser = logged_in(app, clerk(session, app, "home", "SK"))
    address = f"/deals/field/{deal.id}/customer_id"
    before = deal.customer_id

    offered = browser.get("/deals/pick/customer_id?q=Nova").json["results"]
    sent = abroad.id if chosen == "abroad" else chosen
    answer = browser.post(address, data={**carried(browser.get(address)), "customer_id": sent}, headers=AS_JSON)

    session.expire_all()
    assert len(offered) == 2 and abroad.id not in str(offered)
    assert (answer.status_code, deal.customer_id) in ((422, before), (400, before))
    assert "Nova abroad" not in answer.text


def test_an_inactive_record_is_not_offered_and_is_put_back(client: FlaskClient, session: Session, row: Any) -> None:
    old, new = (smallest(session, "health_insurance_companies", name=f"Insurance {n}") for n in "ab")
    row.health_insurance_id, old.is_active = old.id, False
    session.commit()
    address = f"/customers/field/{row.id}/health_insurance_id"

    shown = client.get(address)
    offered = client.get("/customers/pick/health_insurance_id?q=Insurance").json["results"]
    saved = client.post(address, data={**carried(shown), "health_insurance_id": new.id}, headers=AS_JSON)
    undone = client.post(address, data=saved.json["undo"], headers=AS_JSON)

    session.expire_all()
    assert f'<option value="{old.id}" selected>' in shown.text
    assert [one["id"] for one in offered] == [str(new.id)]
    assert (undone.status_code, row.health_insurance_id) == (200, old.id)


def test_what_points_to_a_record_one_may_not_know_of_says_no_more(app: Flask, session: Session, deal: Any) -> None:
    abroad = smallest(session, "customers", last_name="Nova abroad", country=Country.DE)
    deal.customer_id = abroad.id
    session.commit()
    browser = logged_in(app, clerk(session, app, "home", "SK"))

    page = browser.get(f"/deals/field/{deal.id}/customer_id")

    assert page.status_code == 404 or ("(no access)" in page.text and "Nova abroad" not in page.text)


def test_a_conflict_tells_theirs_and_mine_can_be_saved_over_it(client: FlaskClient, session: Session, row: Any) -> None:
    address = f"/customers/field/{row.id}/city"
    mine, theirs = carried(client.get(address)), carried(client.get(address))
    client.post(address, data={**theirs, "city": "Praha"}, headers=AS_JSON)

    refused = client.post(address, data={**mine, "city": "Brno"}, headers=AS_JSON)
    kept = client.post(
        address, data={"version": refused.json["version"], "base_values": "", "city": "Brno"}, headers=AS_JSON
    )

    session.expire_all()
    assert (refused.status_code, refused.json["theirs"]) == (409, "Praha")
    assert (kept.status_code, row.city) == (200, "Brno")


def test_another_field_that_somebody_changed_is_no_conflict(client: FlaskClient, session: Session, row: Any) -> None:
    address = f"/customers/field/{row.id}/last_name"
    mine = carried(client.get(address))
    there = f"/customers/field/{row.id}/lead_status"
    client.post(there, data={**carried(client.get(there)), "lead_status": "warm"}, headers=AS_JSON)

    saved = client.post(address, data={**mine, "last_name": "Novotná"}, headers=AS_JSON)

    session.expire_all()
    assert (saved.status_code, row.last_name, str(row.lead_status)) == (200, "Novotná", "warm")


def test_nothing_but_the_named_field_is_changed(client: FlaskClient, session: Session, row: Any) -> None:
    address = f"/customers/field/{row.id}/city"

    client.post(address, data={**carried(client.get(address)), "city": "Brno", "last_name": "Forged"}, headers=AS_JSON)

    session.expire_all()
    assert (row.city, row.last_name) == ("Brno", "Nova")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("bank_account", "SK31 1200 0000 1987 4263 7542", "The check digits of this IBAN are wrong."),
        ("phone", "mother", "A phone number has three digits or more"),
        ("email", "jana@example", "What stands after @ is no domain"),
        ("email", "", "This field is required."),
        ("country", "XX", "is not one of the choices"),
        ("date_of_birth", "31.2.", "This must be a date"),
    ],
)
def test_all_doors_refuse_with_the_same_sentence(
    client: FlaskClient, row: Any, name: str, value: str, sentence: str
) -> None:
    address = f"/customers/field/{row.id}/{name}"
    sent = carried(client.get(address))

    in_list = client.post(address, data={**sent, name: value}, headers=AS_JSON)
    in_form = client.post(f"/customers/edit/{row.id}", data={**sent, name: value})
    leaving = client.post(f"/customers/edit/{row.id}/check", data={name: value, "checked": name})
    new = client.post("/customers/add/check", data={"country": "SK", name: value, "checked": name})

    assert (in_list.status_code, in_form.status_code, leaving.status_code) == (422, 422, 200)
    assert sentence in in_list.json["errors"][name][0]
    assert sentence in html.unescape(in_form.text)
    assert sentence in leaving.json["fields"][name]["errors"][0]
    assert leaving.json["fields"] == new.json["fields"]


def test_a_field_that_is_left_tells_what_is_odd_and_how_it_is_kept_and_saves_nothing(
    client: FlaskClient, session: Session, row: Any
) -> None:
    said = client.post(
        f"/customers/edit/{row.id}/check",
        data={"phone": "0905 123 456", "national_id": "AB-77", "city": "x", "checked": ["phone", "national_id"]},
    ).json["fields"]

    session.expire_all()
    assert said["phone"] == {"errors": [], "warnings": [], "value": "+421905123456"}
    assert said["national_id"]["warnings"] and said["national_id"]["value"] is None
    assert set(said) == {"phone", "national_id"}
    assert (row.phone, row.city) == (None, "Nitra")


def test_the_list_offers_what_may_be_changed_and_costs_no_statement_more(client: FlaskClient, row: Any) -> None:
    page = client.get("/customers/list/").text

    assert 'data-quick="city"' in page
    assert 'data-quick="created_at"' not in page
    assert 'data-quick="first_name"' not in page
    assert 'data-quick="assigned_user_id"' in page


def test_what_can_be_chosen_comes_in_pages_without_gaps(client: FlaskClient, session: Session, row: Any) -> None:
    made = {str(smallest(session, "customers", last_name=f"Nova {n % 7}").id) for n in range(70)} | {str(row.id)}
    session.commit()

    pages = [client.get(f"/deals/pick/customer_id?q=Nova&page={page}").json for page in (1, 2, 3)]

    found = [one["id"] for page in pages for one in page["results"]]
    assert [page["more"] for page in pages] == [True, True, False]
    assert sorted(found) == sorted(made)
    for nonsense in ("0", "-5", "x", "99999999999999999999"):
        assert client.get(f"/deals/pick/customer_id?q=Nova&page={nonsense}").status_code == 200


@pytest.mark.parametrize(
    ("table", "name", "filled"),
    [("customer_potential_cases", "hospital_id", "name"), ("deals", "customer_id", "first_name last_name"),
     ("customers", "health_insurance_id", "name")],
)  # fmt: skip
def test_what_was_typed_of_a_missing_record_goes_where_its_name_is(
    client: FlaskClient, table: str, name: str, filled: str
) -> None:
    [given] = re.findall(
        rf'name="{name}" data-picker="relation"[^>]* data-add-name="([^"]*)"', client.get(f"/{table}/add").text
    )

    assert given == filled
