"""The history of a record and the activity log, each as far as its reader may know what it tells."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import prison
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.access.models import User
from app.core import audit, db
from app.core.types import utc_now
from app.core.viewer import SYSTEM, Viewer
from app.customers.models import Customer
from app.screens import history
from app.work.models import ActivityLog
from tests.conftest import logged_in, make_user, token_of
from tests.smallest import smallest
from tests.test_audit import CANARY, person

SEES = {"customers": (True, True), "audit": (False, False), "export": (False, False)}


def changed(session: Session, row: Any, by: Viewer = SYSTEM, **values: Any) -> None:
    """The row with new values, changed by this viewer through the mapping."""
    with db.transaction(by=by) as own:
        there = own.get(type(row), row.id)
        for name, value in values.items():
            setattr(there, name, value)


def history_of(client: FlaskClient, row: Any, page: str = "") -> str:
    answer = client.get(f"/{row.__tablename__}/show/{row.id}/history{page}")
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


# The tab -------------------------------------------------------------------------


def test_the_tab_tells_who_did_what_newest_first(client: FlaskClient, session: Session, admin: User) -> None:
    customer = smallest(session, "customers", client_status="potential", newsletter=False)
    session.commit()
    me = Viewer(admin.id, admin.full_name, countries=None, everything=True)
    changed(session, customer, me, phone="111")
    changed(session, customer, me, client_status="acquired", newsletter=True)

    page = history_of(client, customer)

    assert f'data-load="/customers/show/{customer.id}/history"' in client.get(f"/customers/show/{customer.id}").text
    assert page.index("Acquired") < page.index("111")
    assert admin.full_name in page
    assert "<del>Potential</del>" in page and "<ins>Yes</ins>" in page


def test_a_foreign_key_goes_by_name_and_only_if_it_may_be_known(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    case = smallest(session, "tasks", country="SK")
    known = smallest(session, "customers", first_name="Ada", last_name="Known", country="SK")
    foreign = smallest(session, "customers", first_name="Hidden", last_name="Away", country="CZ")
    session.commit()
    changed(session, case, customer_id=foreign.id)
    changed(session, case, customer_id=known.id)
    petra = person(session, "petra", {**SEES, "tasks": (True, True)}, assigned_countries=["SK"])

    page = history_of(logged_in(app, petra), case)

    assert "Ada Known" in page
    assert "Away" not in page and foreign.id not in page


def test_a_secret_is_said_to_have_changed(client: FlaskClient, session: Session) -> None:
    petra = make_user(session, "petra")
    session.commit()
    changed(session, petra, sip_password=CANARY)

    page = history_of(client, petra)

    assert "Extension password" in page and "changed" in page
    assert CANARY not in page


def test_looking_is_folded(client: FlaskClient, session: Session) -> None:
    customer = smallest(session, "customers")
    session.commit()
    for _turn in range(3):
        client.get(f"/customers/show/{customer.id}")

    page = history_of(client, customer)

    assert "Viewed 3 times" in page
    assert page.count("history-mark") == 1


def test_the_tab_is_paged(client: FlaskClient, session: Session) -> None:
    customer = smallest(session, "customers")
    session.commit()
    with db.transaction(by=SYSTEM) as own:
        row = own.get(Customer, customer.id)
        for number in range(history.SIZE + 5):
            row.phone = f"n{number}"
            own.flush()

    first, second = history_of(client, customer), history_of(client, customer, "?page=2")

    assert first.count("history-mark") == history.SIZE and second.count("history-mark") == 5
    assert "history?page=2" in first and "history?page=1" in second
    for odd in ("?page=0", "?page=-1", "?page=x", "?page=99999999999999999999"):
        history_of(client, customer, odd)


def test_the_tab_belongs_to_the_module_of_the_trail(app: Flask, session: Session) -> None:
    petra = person(session, "petra", {"customers": (True, True)})
    customer = smallest(session, "customers")
    session.commit()
    client = logged_in(app, petra)

    shown = client.get(f"/customers/show/{customer.id}")
    asked = client.get(f"/customers/show/{customer.id}/history")

    assert shown.status_code == 200 and "/history" not in shown.text
    assert asked.status_code == 404


def test_the_history_of_a_record_one_may_not_see_is_not_there(app: Flask, session: Session) -> None:
    petra = person(session, "petra", SEES, assigned_countries=["SK"])
    foreign = smallest(session, "customers", country="CZ")
    session.commit()

    answer = logged_in(app, petra).get(f"/customers/show/{foreign.id}/history")

    assert answer.status_code == 404


def test_what_others_did_to_ones_own_record_is_known(app: Flask, session: Session, admin: User) -> None:
    """Colleagues of other countries are unknown in the log, but not in the history of a record one sees."""
    petra = person(session, "petra", SEES, assigned_countries=["SK"])
    customer = smallest(session, "customers", country="SK")
    session.commit()
    changed(session, customer, Viewer(admin.id, "", countries=None, everything=True), phone="777")

    assert "777" in history_of(logged_in(app, petra), customer)


def test_entries_that_no_mapping_fits_do_no_harm(client: FlaskClient, session: Session) -> None:
    customer = smallest(session, "customers")
    for told in ("[1]", '"x"', '{"changes": [1]}', '{"changes": {"gone": {"old": 1, "new": 2}, "phone": 3}}',
                 '{"changes": {"date_of_birth": {"old": "never", "new": 5}}}'):  # fmt: skip
        session.add(ActivityLog(user_id="system", action="update", entity_type="customers", entity_id=customer.id,
                                details=told))  # fmt: skip
    session.commit()

    page = history_of(client, customer)

    assert page.count("history-mark") == 5 and "never" in page


# What is hidden --------------------------------------------------------------------


@pytest.fixture
def petra(session: Session) -> User:
    """She sees customers and the trail, but not national ids."""
    return person(session, "petra", SEES, fields={("customers", "national_id"): "hidden"}, assigned_countries=["SK"])


Door = Callable[[FlaskClient, dict[str, str]], str]
DOORS: dict[str, Door] = {
    "list": lambda client, token: client.get("/activity_logs/list/").text,
    "record": lambda client, token: client.get(f"/activity_logs/show/{_key(client)}").text,
    "csv": lambda client, token: client.get("/activity_logs/export.csv").text,
    "rest": lambda client, token: client.get("/api/v1/activity_logs/", headers=token).text,
}


def _key(client: FlaskClient) -> str:
    rows = client.get("/activity_logs/export.csv").text.lstrip("\ufeff")
    return next(iter(csv.DictReader(io.StringIO(rows))))["ID"]


@pytest.fixture
def told(session: Session, petra: User) -> Customer:
    """A customer of whom she changed a hidden and a shown field at once, and then the hidden one alone."""
    customer = smallest(session, "customers", country="SK", national_id="before")
    session.commit()
    me = Viewer(petra.id, "Petra", countries=("SK",), everything=True)
    changed(session, customer, me, national_id=f"{CANARY}-1", phone="555")
    changed(session, customer, me, national_id=f"{CANARY}-2")
    return customer


def test_a_hidden_field_is_not_in_the_history(app: Flask, petra: User, told: Customer) -> None:
    page = history_of(logged_in(app, petra), told)

    assert "555" in page
    assert CANARY not in page and "National ID" not in page
    assert page.count("history-mark") == 1  # that only hidden fields changed is no entry at all


@pytest.mark.parametrize("door", DOORS)
def test_a_hidden_field_is_not_in_the_log(app: Flask, petra: User, told: Customer, door: str) -> None:
    found = DOORS[door](logged_in(app, petra), token_of(app, petra))

    assert "customers" in found
    assert CANARY not in found and "national_id" not in found


@pytest.mark.parametrize("door", ["csv", "rest"])
def test_who_may_do_everything_reads_all_of_it(
    app: Flask, client: FlaskClient, admin: User, told: Customer, door: str
) -> None:
    assert CANARY in DOORS[door](client, token_of(app, admin))


def test_what_is_hidden_cannot_be_asked_for(app: Flask, petra: User, told: Customer) -> None:
    client, token = logged_in(app, petra), token_of(app, petra)

    for name in ("details", "entity_name"):
        asked = prison.dumps({"filters": [{"col": name, "opr": "ct", "value": CANARY}]})
        assert client.get("/api/v1/activity_logs/", query_string={"q": asked}, headers=token).status_code == 400
        assert client.get(f"/activity_logs/list/?_flt_ct_{name}={CANARY}").status_code == 400
        assert client.get(f"/activity_logs/list/?order={name}").status_code == 400
    assert "customers" not in client.get(f"/activity_logs/list/?q={CANARY}").text.partition("<tbody")[2]


def rows_of(app: Flask, user: User, **asked: Any) -> list[dict[str, Any]]:
    query = {"q": prison.dumps({"page_size": 100, **asked})}
    answer = app.test_client().get("/api/v1/activity_logs/", query_string=query, headers=token_of(app, user))
    assert answer.status_code == 200, answer.text[:300]
    found: list[dict[str, Any]] = answer.json["result"]
    assert answer.json["count"] == len(found)
    return found


def test_entries_about_closed_modules_are_not_known_of(app: Flask, session: Session) -> None:
    petra = person(session, "petra", SEES)
    me = Viewer(petra.id, "Petra", countries=None, everything=True)
    with db.transaction(by=me) as own:
        for kind in ("customers", "invoices", "unheard_of", None):
            audit.note(own, "export", entity_type=kind)

    found = rows_of(app, petra)

    assert [row["entity_type"] for row in found if row["action"] == "export"].count("customers") == 1
    assert {row["entity_type"] for row in found} <= {"customers", None}
    hidden = next(e for e in session.query(ActivityLog).filter_by(entity_type="invoices"))
    client = logged_in(app, petra)
    assert client.get(f"/activity_logs/show/{hidden.id}").status_code == 404
    assert client.get(f"/api/v1/activity_logs/{hidden.id}", headers=token_of(app, petra)).status_code == 404
    numbers = "".join(client.get(f"/activity_logs/chart/{n}.json").text for n in range(3))
    assert "nvoice" not in numbers


def test_entries_of_colleagues_with_more_countries_are_not_known_of(app: Flask, session: Session, admin: User) -> None:
    petra = person(session, "petra", SEES, assigned_countries=["SK"])
    with db.transaction(by=Viewer(admin.id, "Admin", countries=None, everything=True)) as own:
        audit.note(own, "export", entity_type="customers", entity_name=CANARY)

    assert [row for row in rows_of(app, petra) if row["action"] == "export"] == []


def test_the_log_of_a_company_tells_no_hidden_field(app: Flask, session: Session) -> None:
    petra = person(session, "petra", {"billing_details": (True, True), "export": (False, False)},
                   fields={("billing_details", "bank_iban"): "hidden"})  # fmt: skip
    company = smallest(session, "billing_details")
    for field in ("bank_iban", "city"):
        smallest(session, "billing_company_audit_log", billing_details_id=company.id, field_name=field,
                 new_value=f"{CANARY}-{field}", user_id=petra.id)  # fmt: skip
    session.commit()

    page = logged_in(app, petra).get("/billing_company_audit_log/export.csv").text

    assert f"{CANARY}-city" in page and f"{CANARY}-bank_iban" not in page


def test_the_history_of_a_deleted_record_stays_in_the_log(app: Flask, session: Session, admin: User) -> None:
    customer = smallest(session, "customers", country="SK")
    session.commit()
    with db.transaction(by=SYSTEM) as own:
        own.delete(own.get(Customer, customer.id))

    found = rows_of(app, admin, filters=[{"col": "entity_id", "opr": "eq", "value": customer.id}])

    assert [row["action"] for row in found] == ["delete"]


# Cost ------------------------------------------------------------------------------


def test_the_tab_runs_along_an_index(session: Session) -> None:
    session.connection().execute(
        text(
            "INSERT INTO activity_logs (user_id, action, entity_type, entity_id, created_at)"
            " SELECT 'system', 'view', 'customers', (n % 4)::text, now() - n * interval '1 second'"
            " FROM generate_series(1, 40000) n"
        )
    )
    session.connection().execute(text("RESET ROLE"))
    session.connection().execute(text("ANALYZE activity_logs"))

    plan = "\n".join(
        session.connection().scalars(
            text(
                "EXPLAIN SELECT action FROM activity_logs JOIN users ON users.id = user_id WHERE"
                " entity_type = 'customers' AND entity_id = '3' ORDER BY activity_logs.created_at DESC, activity_logs.id DESC LIMIT 26"
            )
        )
    )

    assert "ix_activity_logs_entity_type_entity_id_created_at" in plan
    assert "Seq Scan on activity_logs" not in plan


def test_times_rise_within_a_transaction(session: Session) -> None:
    with db.transaction(by=SYSTEM) as own:
        for number in range(5):
            audit.note(own, "export", details={"rows": number})
        assert utc_now() is not None

    found = session.query(ActivityLog).filter_by(action="export").order_by(ActivityLog.created_at)
    assert [json.loads(entry.details or "{}")["rows"] for entry in found] == [0, 1, 2, 3, 4]
