"""The audit trail: each kind of event through its real door, in the transaction of what it is about, and for good."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserRole
from app.core import audit, db
from app.core.types import Secret, utc_now
from app.core.viewer import SYSTEM, SYSTEM_USER, Viewer, system_scope
from app.customers.models import Customer
from app.tables import MODELS
from app.work.models import ActivityLog
from tests.conftest import PASSWORD, logged_in, make_user, token_of
from tests.smallest import form_of, smallest, values_for
from tests.statements import statements

LOGS = ("activity_logs", "billing_company_audit_log", "contract_audit_log")
CANARY = "tweety-7731-canary"


@pytest.fixture(autouse=True)
def begun(session: Session) -> None:
    """What real jobs of other tests have left in the trail stays there for good."""
    session.info["begun"] = utc_now()


def entries(session: Session, **wanted: Any) -> list[ActivityLog]:
    """Entries of the trail since the test began, with these values, oldest first."""
    session.expire_all()
    found = select(ActivityLog).where(ActivityLog.created_at >= session.info["begun"]).order_by(ActivityLog.created_at)
    for name, value in wanted.items():
        found = found.where(getattr(ActivityLog, name) == value)
    return list(session.scalars(found))


def details(entry: ActivityLog) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(entry.details or "{}")
    return found


def person(
    session: Session, name: str, modules: dict[str, tuple[bool, bool]], fields: dict[tuple[str, str], str] | None = None,
    **values: Any,
) -> User:  # fmt: skip
    """Somebody whose one role shows these modules (may add, may edit) and takes away these fields."""
    role = Role(name=f"Role of {name}")
    role.role_module_permissions = [
        RoleModulePermission(module_key=key, can_add=add, can_edit=edit) for key, (add, edit) in modules.items()
    ]
    role.role_field_permissions = [
        RoleFieldPermission(module_key=module, field_key=field, permission=permission)
        for (module, field), permission in (fields or {}).items()
    ]
    user = make_user(session, name, role=role, **values)
    session.commit()
    return user


def customer(session: Session, first: str, last: str, **values: Any) -> Customer:
    """One that is not yet in the session."""
    return Customer(**values_for(session, "customers", first_name=first, last_name=last, **values))


def sent(row: Any, **changed: str) -> dict[str, Any]:
    return {**form_of(row), "version": row.row_version, **changed}


# Changes -----------------------------------------------------------------------


def test_a_form_writes_who_made_what(client: FlaskClient, session: Session, admin: User) -> None:
    answer = client.post(
        "/customers/add",
        data={"first_name": "Ada", "last_name": "Nováková", "country": "SK", "email": "ada@example.com"},
    )

    assert answer.status_code == 302, answer.text[:300]
    (entry,) = entries(session, action="create", entity_type="customers")
    assert entry.user_id == admin.id
    assert entry.entity_name == "Ada Nováková"
    assert entry.ip_address == "127.0.0.1"
    assert session.get(Customer, entry.entity_id) is not None


def test_a_change_tells_old_and_new_of_what_has_changed_and_no_more(
    client: FlaskClient, session: Session, admin: User
) -> None:
    customer = smallest(session, "customers", first_name="Ada", city="Brno")
    session.commit()

    client.post(f"/customers/edit/{customer.id}", data=sent(customer, city="Praha"))

    (entry,) = entries(session, action="update", entity_id=customer.id)
    assert details(entry) == {"changes": {"city": {"old": "Brno", "new": "Praha"}}}


def test_saving_without_a_change_writes_nothing(client: FlaskClient, session: Session) -> None:
    customer = smallest(session, "customers")
    session.commit()

    answer = client.post(f"/customers/edit/{customer.id}", data=sent(customer))

    assert answer.status_code == 302
    assert entries(session, action="update") == []


def test_rest_writes_the_same_entries(app: Flask, client: FlaskClient, session: Session, admin: User) -> None:
    token = token_of(app, admin)
    body = {"name": "Lab"}
    made = client.post("/api/v1/departments/", json=body, headers=token)
    key = made.json["id"]
    client.put(f"/api/v1/departments/{key}", json={"name": "Laboratory"}, headers={**token, "If-Match": "*"})
    client.delete(f"/api/v1/departments/{key}", headers=token)
    if session.get(MODELS["departments"], key) is not None:  # was deactivated first
        client.delete(f"/api/v1/departments/{key}", headers=token)

    found = entries(session, entity_type="departments", entity_id=key)

    actions = [entry.action.value for entry in found]
    assert actions[:2] == ["create", "update"] and actions[-1] == "delete"
    assert details(found[1])["changes"] == {"name": {"old": "Lab", "new": "Laboratory"}}
    assert {entry.user_id for entry in found} == {admin.id}
    assert found[-1].entity_name == "Laboratory"


def test_deactivating_is_a_change_that_says_so(client: FlaskClient, session: Session) -> None:
    role = smallest(session, "roles", name="Passing")
    session.commit()

    client.post(f"/roles/delete/{role.id}")

    (entry,) = entries(session, entity_type="roles", entity_id=role.id)
    assert entry.action == "update"
    assert details(entry)["deactivated"] is True
    assert details(entry)["changes"]["is_active"] == {"old": True, "new": False}


def test_the_entry_is_undone_with_the_change(session: Session) -> None:
    with pytest.raises(RuntimeError), db.transaction(by=SYSTEM) as own:
        own.add(customer(own, "Never", "Was"))
        own.flush()
        assert own.scalar(select(ActivityLog.action).where(ActivityLog.entity_name == "Never Was")) == "create"
        raise RuntimeError

    assert entries(session, entity_name="Never Was") == []


def test_a_refused_form_leaves_no_entry_of_a_change(client: FlaskClient, session: Session) -> None:
    smallest(session, "users", username="taken")
    session.commit()

    answer = client.post(
        "/users/add", data={"username": "taken", "email": "x@example.com", "full_name": "X", "auth_method": "local"}
    )

    assert answer.status_code == 422
    assert entries(session, action="create") == []


def test_a_job_acts_as_the_system_and_says_why(session: Session) -> None:
    with system_scope("nightly scores"), db.transaction(by=SYSTEM) as own:
        own.add(customer(own, "Ada", "Scored"))

    (entry,) = entries(session, entity_name="Ada Scored")
    assert entry.user_id == SYSTEM_USER
    assert details(entry) == {"reason": "nightly scores"}
    assert entry.ip_address is None


def test_what_a_new_default_takes_over_from_is_told_too(session: Session, admin: User) -> None:
    company = smallest(session, "billing_details")
    old = smallest(session, "billing_company_accounts", billing_details_id=company.id, is_default=True)
    new = smallest(session, "billing_company_accounts", billing_details_id=company.id, is_default=False)
    session.commit()

    with db.transaction(by=SYSTEM) as own:
        own.get(type(new), new.id).is_default = True

    (entry,) = entries(session, entity_id=old.id)
    assert details(entry)["changes"] == {"is_default": {"old": True, "new": False}}


def test_an_old_value_that_was_never_read_is_told(session: Session) -> None:
    customer = smallest(session, "customers", notes="before")
    session.commit()

    with db.transaction(by=SYSTEM) as own:
        row = own.get(Customer, customer.id)
        own.expire(row, ["notes"])
        row.notes = "after"

    (entry,) = entries(session, entity_id=customer.id)
    assert details(entry)["changes"] == {"notes": {"old": "before", "new": "after"}}


def test_a_long_text_is_cut(session: Session) -> None:
    with db.transaction(by=SYSTEM) as own:
        row = customer(own, "Ada", "Long", notes="a" * 5000)
        own.add(row)
        own.flush()
        row.notes = "a" * 4999 + "b"

    told = details(entries(session, action="update", entity_id=row.id)[0])["changes"]["notes"]
    assert told["old"] != told["new"]
    assert max(map(len, told.values())) < audit.LONGEST + 50


def test_one_flush_is_one_insert(session: Session, engine: Engine) -> None:
    with statements(engine) as said, db.transaction(by=SYSTEM) as own:
        own.add_all([customer(own, "A", str(n)) for n in range(20)])

    assert sum("INSERT INTO activity_logs" in statement for statement in said) == 1
    assert len(entries(session, action="create", entity_type="customers")) == 20


# Rights ------------------------------------------------------------------------


def test_changes_of_rights_are_marked(client: FlaskClient, session: Session, admin: User) -> None:
    petra = make_user(session, "petra")
    role = smallest(session, "roles", name="Clerk")
    session.commit()
    with db.transaction(by=Viewer(admin.id, "Admin", everything=True, countries=None)) as own:
        own.add(RoleModulePermission(role_id=role.id, module_key="customers"))
        own.add(UserRole(user_id=petra.id, role_id=role.id))
        own.get(User, petra.id).assigned_countries = ["SK"]

    marked = [e for e in entries(session) if details(e).get("rights")]

    assert {e.entity_type for e in marked} == {"role_module_permissions", "user_roles", "users"}
    assert {e.user_id for e in marked} == {admin.id}
    given = next(e for e in marked if e.entity_type == "role_module_permissions")
    assert details(given)["row"]["module_key"] == "customers"


# Reading and taking out ----------------------------------------------------------


@pytest.mark.parametrize("door", ["show", "edit", "rest"])
def test_who_looks_at_a_record_is_written_down(
    app: Flask, client: FlaskClient, session: Session, admin: User, door: str
) -> None:
    customer = smallest(session, "customers", first_name="Ada", last_name="Seen")
    session.commit()

    if door == "rest":
        answer = client.get(f"/api/v1/customers/{customer.id}", headers=token_of(app, admin))
    else:
        answer = client.get(f"/customers/{door}/{customer.id}")

    assert answer.status_code == 200
    (entry,) = entries(session, action="view")
    assert (entry.user_id, entry.entity_type, entry.entity_id) == (admin.id, "customers", customer.id)
    assert entry.entity_name == "Ada Seen"


def test_a_record_that_is_not_there_is_not_viewed(client: FlaskClient, session: Session) -> None:
    assert client.get("/customers/show/nobody").status_code == 404

    assert entries(session, action="view") == []


def test_a_list_is_no_view_of_a_record(client: FlaskClient, session: Session) -> None:
    smallest(session, "customers")
    session.commit()

    client.get("/customers/list/")

    assert entries(session) == []


def test_an_export_says_how_many_rows_left_by_which_filter(client: FlaskClient, session: Session, admin: User) -> None:
    for last_name in ("One", "Two", "Other"):
        smallest(session, "customers", last_name=last_name, city="Nitra" if last_name != "Other" else "Praha")
    session.commit()

    answer = client.get("/customers/export.csv?_flt_eq_city=Nitra")
    taken = answer.get_data()
    answer.close()

    assert b"Two" in taken and b"Praha" not in taken
    (entry,) = entries(session, action="export")
    assert (entry.user_id, entry.entity_type, entry.ip_address) == (admin.id, "customers", "127.0.0.1")
    assert details(entry) == {"rows": 2, "filter": {"_flt_eq_city": ["Nitra"]}, "format": "csv"}


# Coming and going ------------------------------------------------------------------


def test_login_and_logout_are_written_down(nobody: FlaskClient, session: Session) -> None:
    petra = make_user(session, "petra")
    session.commit()

    nobody.post("/login/", data={"username": "petra", "password": PASSWORD})
    nobody.post("/logout/")

    found = entries(session, entity_id=petra.id)
    assert [entry.action.value for entry in found] == ["login", "logout"]
    assert {entry.user_id for entry in found} == {petra.id}


@pytest.mark.parametrize("door", ["form", "api"])
@pytest.mark.parametrize("known", [True, False])
def test_a_failed_login_is_written_down_without_what_was_typed(
    nobody: FlaskClient, session: Session, door: str, known: bool
) -> None:
    petra = make_user(session, "petra")
    session.commit()
    name = "petra" if known else CANARY

    if door == "form":
        nobody.post("/login/", data={"username": name, "password": CANARY})
    else:
        body = {"username": name, "password": CANARY, "provider": "db"}
        assert nobody.post("/api/v1/security/login", json=body).status_code == 401

    (entry,) = entries(session, action="login_failed")
    assert entry.user_id == SYSTEM_USER
    assert entry.entity_id == (petra.id if known else None)
    assert details(entry)["letters"] == len(name)
    assert not _holds(session.connection(), CANARY)


# Refusals -------------------------------------------------------------------------


def test_who_opens_what_he_may_not_is_written_down(app: Flask, session: Session, nobody: FlaskClient) -> None:
    petra = person(session, "petra", {"departments": (False, False)})
    client = logged_in(app, petra)

    client.get("/customers/list/", headers={"Accept": "application/json"})
    client.get("/api/v1/customers/", headers=token_of(app, petra))
    client.post("/departments/add", data={"name": "Mine"})

    found = entries(session, action="denied")
    assert [details(entry)["path"] for entry in found] == [
        "/customers/list/", "/api/v1/customers/", "/departments/add",
    ]  # fmt: skip
    assert {entry.user_id for entry in found} == {petra.id}


@pytest.mark.parametrize("door", ["form", "rest"])
def test_a_forged_field_is_written_down(app: Flask, session: Session, nobody: FlaskClient, door: str) -> None:
    petra = person(session, "petra", {"customers": (True, True)}, fields={("customers", "national_id"): "readonly"})
    customer = smallest(session, "customers", national_id="123")
    session.commit()

    if door == "form":
        forged = {k: v for k, v in sent(customer, national_id=CANARY).items() if k != "lead_score"}
        logged_in(app, petra).post(f"/customers/edit/{customer.id}", data=forged)
    else:
        headers = {**token_of(app, petra), "If-Match": "*"}
        nobody.put(f"/api/v1/customers/{customer.id}", json={"national_id": CANARY}, headers=headers)

    (entry,) = entries(session, action="denied")
    assert (entry.entity_id, details(entry)["fields"]) == (customer.id, ["national_id"])
    assert CANARY not in (entry.details or "")


def test_a_flood_of_refusals_does_not_fill_the_trail(app: Flask, session: Session, nobody: FlaskClient) -> None:
    petra = person(session, "petra", {"departments": (False, False)})
    token = token_of(app, petra)

    for _turn in range(audit.DENIED_PER_MINUTE + 5):
        nobody.get("/api/v1/customers/", headers=token)

    assert len(entries(session, action="denied")) == audit.DENIED_PER_MINUTE


# For good --------------------------------------------------------------------------


@pytest.mark.parametrize("table", LOGS)
@pytest.mark.parametrize("statement", ["UPDATE {} SET created_at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("role", ["application", "owner"])
def test_the_database_lets_nobody_change_a_log(
    engine: Engine, session: Session, table: str, statement: str, role: str
) -> None:
    smallest(session, table)

    with pytest.raises(DBAPIError) as refused, session.begin_nested():
        session.connection().execute(text("RESET ROLE" if role == "owner" else "SET LOCAL ROLE indexus_everywhere"))
        session.connection().execute(text(statement.format(table)))

    assert refused.value.orig.sqlstate == "42501"
    if role == "owner":
        assert "append-only" in str(refused.value.orig)


@pytest.mark.parametrize("table", LOGS)
def test_a_log_offers_no_way_to_write(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    row = smallest(session, table)
    session.commit()
    headers = token_of(app, admin)
    api = f"/api/v1/{table}/"

    answers = [
        client.get(f"/{table}/add"),
        client.post(f"/{table}/add", data=form_of(row)),
        client.get(f"/{table}/edit/{row.id}"),
        client.post(f"/{table}/edit/{row.id}", data=sent(row)),
        client.post(f"/{table}/delete/{row.id}"),
        client.post(api, json={}, headers=headers),
        client.put(f"{api}{row.id}", json={}, headers={**headers, "If-Match": "*"}),
        client.delete(f"{api}{row.id}", headers=headers),
    ]

    assert {answer.status_code for answer in answers} == {403}
    page = client.get(f"/{table}/list/").text + client.get(f"/{table}/show/{row.id}").text
    assert f"/{table}/add" not in page and f"/{table}/edit/" not in page and f"/{table}/delete/" not in page
    assert client.get(f"{api}_info", headers=headers).json["permissions"] == ["can_get", "can_info"]


def test_the_system_user_stays_as_it_is(client: FlaskClient, session: Session) -> None:
    system = session.get(User, SYSTEM_USER)
    assert system is not None and not system.is_active

    answers = [
        client.post(f"/users/edit/{SYSTEM_USER}", data=sent(system, **{"is_active": "1", "is_active-shown": "1"})),
        client.post(f"/users/delete/{SYSTEM_USER}"),
    ]

    assert answers[0].status_code == 422
    session.expire_all()
    system = session.get(User, SYSTEM_USER)
    assert system is not None and not system.is_active
    with pytest.raises(DBAPIError, match="cannot be deleted"), session.begin_nested():
        session.connection().execute(text("DELETE FROM users WHERE id = 'system'"))


# Secrets ---------------------------------------------------------------------------

SECRETS = [
    (name, column.key)
    for name in MODELS
    for column in MODELS[name].__mapper__.column_attrs
    if isinstance(column.columns[0].type, Secret) and column.columns[0].type.store != "never"
]


@pytest.mark.parametrize(("table", "attribute"), SECRETS)
def test_a_secret_is_never_in_the_trail(session: Session, table: str, attribute: str) -> None:
    given = smallest(session, table)
    session.commit()

    with db.transaction(by=SYSTEM) as own:
        row = own.get(MODELS[table], given.id)
        setattr(row, attribute, CANARY)
        own.flush()
        setattr(row, attribute, f"{CANARY}-again")
        own.flush()
        own.expunge(row)

    told = entries(session, entity_id=str(given.id))
    column = MODELS[table].__mapper__.attrs[attribute].columns[0].name
    assert details(told[-1])["changes"][column] == {"changed": True}
    assert not _holds(session.connection(), CANARY)


def test_a_secret_of_a_new_record_is_not_in_the_trail(client: FlaskClient, session: Session) -> None:
    with db.transaction(by=SYSTEM) as own:
        own.add(User(username="new", email="new@example.com", full_name="New", password_hash="!", sip_password=CANARY))

    assert len(entries(session, entity_type="users", action="create")) == 1
    assert not _holds(session.connection(), CANARY)


def _holds(connection: Connection, what: str) -> bool:
    return bool(
        connection.scalar(text("SELECT count(*) FROM activity_logs a WHERE a::text LIKE :it"), {"it": f"%{what}%"})
    )


def test_the_actions_beyond_the_document_are_these(engine: Engine) -> None:
    """The document names nine; what it has no word for is added here and nowhere else."""
    documented = {
        "login",
        "logout",
        "create",
        "update",
        "delete",
        "view",
        "export",
        "consent_granted",
        "consent_revoked",
    }

    assert {action.value for action in MODELS["activity_logs"].action.type.choices} - documented == {
        "login_failed", "denied",
    }  # fmt: skip


def test_a_role_that_is_made_says_so(client: FlaskClient, session: Session) -> None:
    client.post("/roles/add", data={"name": "Night shift"})

    (entry,) = entries(session, entity_type="roles", action="create")
    assert entry.entity_name == "Night shift"
    assert details(entry)["rights"] is True
    assert session.get(Role, entry.entity_id) is not None
