"""The pages on which rights are given, compared, explained and tried on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserRole, UserSession
from app.access.modules import described, modules
from app.work.models import ActivityLog
from config import ROOT
from tests.conftest import logged_in, make_user, token_of
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")
JSON = {"Accept": "application/json"}


def make_role(session: Session, name: str, modules: dict[str, str], fields: dict[str, str] | None = None) -> Role:
    """`modules` by what is allowed in them: "v", "va", "ve" or "vae"; `fields` of customers by their right."""
    role = Role(name=name)
    role.role_module_permissions = [
        RoleModulePermission(module_key=key, can_add="a" in may, can_edit="e" in may) for key, may in modules.items()
    ]
    role.role_field_permissions = [
        RoleFieldPermission(module_key="customers", field_key=key, permission=right)
        for key, right in (fields or {}).items()
    ]
    session.add(role)
    session.flush()
    return role


@pytest.fixture
def clerks(session: Session) -> Role:
    role = make_role(session, "Clerks", {"customers": "ve", "tasks": "v"}, {"national_id": "hidden"})
    session.commit()
    return role


@pytest.fixture
def petra(session: Session, clerks: Role) -> User:
    user = make_user(session, "petra", role=clerks, assigned_countries=["SK"])
    session.commit()
    return user


def change(module: str, what: str, to: Any, name: str = "") -> dict[str, Any]:
    return {"module": module, "what": what, "to": to, "name": name}


# All pages ------------------------------------------------------------------


def addresses(role: Role, user: User) -> list[tuple[str, str]]:
    return [
        ("GET", "/rights/"),
        ("GET", f"/rights/{role.id}"),
        ("GET", f"/rights/{role.id}/state.json"),
        ("POST", f"/rights/{role.id}/preview"),
        ("POST", f"/rights/{role.id}/save"),
        ("GET", f"/rights/compare?a={role.id}&b={role.id}&all=1"),
        ("GET", f"/rights/user/{user.id}"),
        ("POST", f"/rights/user/{user.id}"),
        ("GET", f"/rights/why?user={user.id}&table=customers&field=national_id"),
        ("GET", "/rights/why/fields.json?table=customers"),
        ("GET", "/rights/people?q=pet"),
        ("POST", f"/rights/view-as/{user.id}"),
    ]


def test_every_page_opens_for_an_administrator(client: FlaskClient, clerks: Role, petra: User) -> None:
    for method, address in addresses(clerks, petra):
        if method == "GET":
            answer = client.get(address)

            assert answer.status_code == 200, (address, answer.text[:500])


def test_no_page_opens_for_somebody_without_the_modules(app: Flask, clerks: Role, petra: User) -> None:
    browser, nobody = logged_in(app, petra), app.test_client()

    for method, address in addresses(clerks, petra):
        refused = browser.open(address, method=method, headers=JSON, json={} if method == "POST" else None)
        unknown = nobody.open(address, method=method)

        assert refused.status_code == 403, (method, address)
        assert unknown.status_code == 302 and "/login/" in unknown.headers["Location"], (method, address)


@pytest.mark.parametrize("address", ["/rights/none", "/rights/none/state.json", "/rights/user/none",
                                     "/rights/compare?a=none&b=none", "/rights/why?user=none"])  # fmt: skip
def test_what_does_not_exist_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address, headers=JSON).status_code == 404


def test_who_only_sees_roles_cannot_save(app: Flask, session: Session, clerks: Role) -> None:
    reader = make_user(session, "reader", role=make_role(session, "Readers", {"roles": "v"}))
    session.commit()
    browser = logged_in(app, reader)

    page = browser.get(f"/rights/{clerks.id}")
    saved = browser.post(f"/rights/{clerks.id}/save", json={"version": "", "changes": []})

    assert "You may look at this, but not change it." in page.text
    assert "data-save" not in page.text
    assert saved.status_code == 403


# The matrix -----------------------------------------------------------------


def test_saved_changes_are_rows_and_hold_at_the_next_request(
    app: Flask, client: FlaskClient, session: Session, clerks: Role, petra: User
) -> None:
    browser = logged_in(app, petra)
    assert browser.get("/tasks/list/").status_code == 200
    state = client.get(f"/rights/{clerks.id}/state.json").json
    changes = [
        change("tasks", "visible", False),
        change("deals", "visible", True), change("deals", "add", True),
        change("customers", "field", "readonly", "email"),
        change("customers", "field", "editable", "national_id"),
    ]  # fmt: skip

    answer = client.post(f"/rights/{clerks.id}/save", json={"version": state["version"], "changes": changes})

    assert answer.status_code == 200, answer.text
    now = answer.json["state"]
    assert now["modules"] == {"customers": [True, False, True], "deals": [True, True, False]}
    assert now["fields"] == {"customers": {"email": "readonly"}}
    assert now == client.get(f"/rights/{clerks.id}/state.json").json
    assert [browser.get(f"/{table}/list/").status_code for table in ("tasks", "deals")] == [403, 200]
    logged = session.scalars(select(ActivityLog.entity_type).where(ActivityLog.entity_type.startswith("role_"))).all()
    assert sorted(logged) == ["role_field_permissions"] * 2 + ["role_module_permissions"] * 2


def test_nobody_overwrites_what_somebody_else_saved_meanwhile(
    client: FlaskClient, session: Session, clerks: Role
) -> None:
    version = client.get(f"/rights/{clerks.id}/state.json").json["version"]
    first = [change("deals", "visible", True)]
    client.post(f"/rights/{clerks.id}/save", json={"version": version, "changes": first})

    late = client.post(
        f"/rights/{clerks.id}/save", json={"version": version, "changes": [change("tasks", "edit", True)]}
    )

    assert late.status_code == 409
    assert client.get(f"/rights/{clerks.id}/state.json").json["modules"]["tasks"] == [True, False, False]


def test_the_preview_says_what_changes_for_whom_and_writes_nothing(
    client: FlaskClient, session: Session, clerks: Role, petra: User
) -> None:
    sales = make_role(session, "Sales", {"customers": "vae", "deals": "v"})
    seller = make_user(session, "seller", role=sales)
    session.add(UserRole(user_id=seller.id, role_id=clerks.id))
    make_user(session, "gone", role=clerks, is_active=False)
    session.commit()
    before = client.get(f"/rights/{clerks.id}/state.json").json
    changes = [
        change("customers", "add", True),
        change("tasks", "visible", False),
        change("customers", "field", "readonly", "national_id"),
    ]

    told = client.post(f"/rights/{clerks.id}/preview", json={"changes": changes}).json

    assert (told["people"], told["gaining"], told["losing"]) == (2, 1, 2)
    lines = {entry["text"]: [line["text"] for line in entry["lines"]] for entry in told["changes"]}
    assert lines == {
        "Customers · Add: on": ["Gain it: Petra", "No difference, because Sales decides it: Seller"],
        "Tasks · Visible: off": ["Lose it: Petra, Seller"],
        "Customers · National ID: Read-only": ["Gain it: Petra", "No difference, because Sales decides it: Seller"],
    }
    assert client.get(f"/rights/{clerks.id}/state.json").json == before


def test_an_inactive_role_changes_nothing_for_its_holders(
    client: FlaskClient, session: Session, clerks: Role, petra: User
) -> None:
    clerks.is_active = False
    session.commit()

    told = client.post(f"/rights/{clerks.id}/preview", json={"changes": [change("deals", "visible", True)]}).json

    assert told["changes"][0]["lines"] == [{"tone": "grey", "text": "No difference while the role is inactive: Petra"}]


def test_unknown_keys_are_shown_ignored_and_can_be_removed(
    app: Flask, client: FlaskClient, session: Session, clerks: Role, petra: User
) -> None:
    session.add(RoleModulePermission(role_id=clerks.id, module_key="warehouse"))
    session.add(RoleFieldPermission(role_id=clerks.id, module_key="customers", field_key="shoe_size"))
    session.commit()

    page, browser = client.get(f"/rights/{clerks.id}"), logged_in(app, petra)
    state = client.get(f"/rights/{clerks.id}/state.json").json

    assert "warehouse" in page.text and "customers · shoe_size" in page.text
    assert browser.get("/customers/list/").status_code == 200
    assert [(row["module"], row["name"]) for row in state["unknown"]] == [("warehouse", ""), ("customers", "shoe_size")]
    removals = [change("warehouse", "remove", None), change("customers", "remove", None, "shoe_size")]
    saved = client.post(f"/rights/{clerks.id}/save", json={"version": state["version"], "changes": removals})
    assert saved.json["state"]["unknown"] == []
    assert saved.json["state"]["fields"] == state["fields"]


@pytest.mark.parametrize("body", ["", "[]", '{"changes": 1}', '{"changes": [1]}', '{"changes": [{"module": 1}]}',
                                  '{"changes": [{"module": "customers", "what": "delete", "to": true}]}',
                                  json.dumps({"changes": [{}] * 2001})])  # fmt: skip
def test_what_no_page_sends_is_refused_with_a_sentence(client: FlaskClient, clerks: Role, body: str) -> None:
    for verb in ("preview", "save"):
        answer = client.post(f"/rights/{clerks.id}/{verb}", data=body, content_type="application/json", headers=JSON)

        assert answer.status_code == 400, answer.text
        assert answer.json["message"]


def test_a_role_of_administrators_is_locked_with_a_sentence(client: FlaskClient, admin: User) -> None:
    page = client.get(f"/rights/{admin.role_id}")

    assert "There is nothing to set for this role." in page.text
    switches = re.findall(r"<input type=\"checkbox\" role=\"switch\"[^>]*>", page.text)
    assert len(switches) > 100
    assert all("checked" in switch and "disabled" in switch for switch in switches)


def test_two_roles_side_by_side_show_only_what_differs(client: FlaskClient, session: Session, clerks: Role) -> None:
    other = make_role(session, "Others", {"customers": "ve"}, {"national_id": "readonly"})
    session.commit()

    some = client.get(f"/rights/compare?a={clerks.id}&b={other.id}").text
    all_ = client.get(f"/rights/compare?a={clerks.id}&b={other.id}&all=1").text
    same = client.get(f"/rights/compare?a={clerks.id}&b={clerks.id}").text

    assert "2 differences" in some  # tasks, and the national id
    assert "National ID" in some and "#m-tasks" in some and "#m-deals" not in some
    assert "#m-deals" in all_
    assert "Both roles give the same." in same


# One person -----------------------------------------------------------------


def access_form(user: User, **values: Any) -> dict[str, Any]:
    return {
        "version": user.row_version, "role_id": user.role_id or "", "countries": list(user.assigned_countries),
        "is_active": "1" if user.is_active else "", **values,
    }  # fmt: skip


def test_roles_countries_and_account_of_a_person_are_changed_on_one_page(
    client: FlaskClient, session: Session, petra: User
) -> None:
    sales, plain = make_role(session, "Sales", {"deals": "vae"}), make_role(session, "Plain", {})
    session.add(UserRole(user_id=petra.id, role_id=plain.id))
    session.commit()
    sent = access_form(petra, role_id=sales.id, roles=[sales.id], countries=["SK", "CZ"], is_active="")

    answer = client.post(f"/rights/user/{petra.id}", data=sent)

    assert answer.status_code == 302, answer.text
    session.expire_all()
    assert (petra.role_id, petra.assigned_countries, petra.is_active) == (sales.id, ["CZ", "SK"], False)
    assert session.scalars(select(UserRole.role_id).where(UserRole.user_id == petra.id)).all() == []


def test_an_old_version_of_a_person_is_not_saved(client: FlaskClient, session: Session, petra: User) -> None:
    sent = access_form(petra, is_active="")
    petra.phone = "123"
    session.commit()

    answer = client.post(f"/rights/user/{petra.id}", data=sent)

    assert answer.status_code == 409
    session.expire_all()
    assert petra.is_active


def test_a_refused_change_of_a_person_comes_back_with_the_reason(
    client: FlaskClient, session: Session, admin: User
) -> None:
    page = client.get(f"/rights/user/{admin.id}")
    answer = client.post(f"/rights/user/{admin.id}", data=access_form(admin, is_active=""), headers=JSON)

    assert "Nobody changes his own rights" in page.text
    assert answer.status_code == 403
    session.expire_all()
    assert admin.is_active


def test_who_may_not_edit_a_field_of_users_does_not_change_it_on_this_page(
    app: Flask, session: Session, petra: User
) -> None:
    role = make_role(session, "Office", {"users": "ve", "roles": "v", "customers": "ve", "tasks": "v"})
    role.role_field_permissions = [
        RoleFieldPermission(module_key="users", field_key="assigned_countries", permission="readonly")
    ]
    officer = make_user(session, "officer", role=role)
    session.commit()
    browser = logged_in(app, officer)

    answer = browser.post(f"/rights/user/{petra.id}", data=access_form(petra, countries=["SK", "CZ"], is_active=""))

    assert answer.status_code == 302
    session.expire_all()
    assert (petra.assigned_countries, petra.is_active) == (["SK"], False)


def test_all_sessions_of_a_person_are_ended_from_the_page(
    app: Flask, client: FlaskClient, session: Session, petra: User
) -> None:
    browser = logged_in(app, petra)
    page = client.get(f"/rights/user/{petra.id}").text
    assert f'action="/users/{petra.id}/sessions/end"' in page and f'href="/password/{petra.id}"' in page

    client.post(f"/users/{petra.id}/sessions/end")

    assert browser.get("/customers/list/").status_code == 302
    assert session.scalars(select(UserSession.ended_at).where(UserSession.user_id == petra.id)).all() != [None]


def test_the_page_of_a_person_sums_up_what_the_roles_give_together(
    client: FlaskClient, session: Session, petra: User
) -> None:
    sales = make_role(session, "Sales", {"deals": "v"})
    session.add(UserRole(user_id=petra.id, role_id=sales.id))
    session.commit()

    page = re.sub(r"\s+", " ", client.get(f"/rights/user/{petra.id}").text)

    assert re.search(r"Customers</th> <td>See, edit.*?National ID</dt><dd>Hidden.*?>Clerks</a>", page)
    assert re.search(r"Deals</th> <td>See only</td> <td><a [^>]*>Sales</a>", page)


def test_people_of_other_countries_are_not_there(app: Flask, session: Session, petra: User) -> None:
    role = make_role(session, "Office", {"users": "ve", "roles": "v"})
    officer = make_user(session, "officer", role=role, assigned_countries=["CZ"])
    session.commit()
    browser = logged_in(app, officer)

    found = browser.get("/rights/people?q=petra").json
    pages = [browser.get(address) for address in (f"/rights/user/{petra.id}", f"/rights/why?user={petra.id}")]

    assert found["results"] == []
    assert [page.status_code for page in pages] == [404, 404]


# Why ------------------------------------------------------------------------

CLOSED = "cannot see"
# (what is changed of petra, what is asked, words of the verdict, words of the rows that decide)
WHY: tuple[tuple[str, dict[str, str], str, tuple[str, ...]], ...] = (
    ("", {"record": "here"}, "can see and change this record", ()),
    ("", {"record": "abroad"}, "cannot see this record", ("Country of “Customer”", "CZ; this person works in SK")),
    ("inactive", {"record": "here"}, "cannot see this record", ("deactivated",)),
    ("no role", {"record": "here"}, "cannot see this record", ("holds none",)),
    ("", {"table": "deals"}, "cannot see “Deals”", ("Module “Deals” in “Clerks”", "not given")),
    ("", {"table": "tasks"}, "can see “Tasks”", ("Module “Tasks” in “Clerks”", "visible")),
    ("", {"record": "here", "field": "national_id"}, "cannot see the field “National ID”", ("Field “National ID”",)),
    ("", {"table": "customers", "field": "email"}, "can see and change the field “Email”", ()),
    ("read-only", {"record": "here", "field": "national_id"}, "can see the field", ("Read-only",)),
    ("second role", {"record": "here", "field": "national_id"}, "can see and change the field", ()),
    ("inactive role", {"record": "here"}, "cannot see this record", ("inactive: gives nothing",)),
    ("administrator", {"record": "here", "field": "national_id"}, "can see and change the field", ()),
    ("administrator", {"record": "abroad"}, "cannot see this record", ("CZ; this person works in SK",)),
    ("", {"record": "note"}, "cannot see this record", ("Country of “Customer note”",)),
)


@pytest.mark.parametrize(("changed", "asked", "verdict", "deciding"), WHY, ids=range(len(WHY)))
def test_the_verdict_names_what_decides_and_agrees_with_what_the_person_meets(
    app: Flask, client: FlaskClient, session: Session, clerks: Role, petra: User, changed: str,
    asked: dict[str, str], verdict: str, deciding: tuple[str, ...],
) -> None:  # fmt: skip
    here, abroad = smallest(session, "customers", country="SK"), smallest(session, "customers", country="CZ")
    note = smallest(session, "customer_notes", customer_id=abroad.id)
    rows = {"here": here, "abroad": abroad, "note": note}
    if changed == "inactive":
        petra.is_active = False
    elif changed == "no role":
        petra.role_id = None
    elif changed == "read-only":
        clerks.role_field_permissions[0].permission = "readonly"
    elif changed == "second role":
        session.add(UserRole(user_id=petra.id, role_id=make_role(session, "Sales", {"customers": "v"}).id))
    elif changed == "inactive role":
        clerks.is_active = False
    elif changed == "administrator":
        clerks.legacy_role = "admin"
    session.commit()
    row = rows.get(asked.get("record", ""))
    question = dict(asked)
    if row is not None:
        question["record"] = f"http://localhost/{row.__tablename__}/show/{row.id}?x=1#y"

    page = client.get("/rights/why", query_string={"user": petra.id, **question})

    text = re.sub(r"<[^>]+>|\s+", " ", page.text)
    text = re.sub(r"\s+", " ", text)
    assert verdict in text, text[-1800:]
    decisive = " ".join(re.findall(r'class="decides">(.*?)</li>', page.text, re.S))
    decisive = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", decisive))
    assert all(words in decisive for words in deciding), decisive
    assert bool(decisive) == bool(deciding)
    if row is not None and changed != "inactive":
        met = logged_in(app, petra).get(f"/{row.__tablename__}/show/{row.id}")
        sees = "cannot see this record" not in text
        assert (met.status_code == 200) == sees
        if asked.get("field"):
            assert ("National ID" in met.text) == ("cannot see the field" not in text)


@pytest.mark.parametrize("record", ["nonsense", "customers/none", "http://localhost/no_such/show/1", "a b c"])
def test_a_record_that_cannot_be_found_is_told_at_its_field(client: FlaskClient, petra: User, record: str) -> None:
    page = client.get("/rights/why", query_string={"user": petra.id, "record": record})

    assert page.status_code == 422
    assert 'class="wrong"' in page.text


def test_nobody_learns_by_asking_of_records_that_he_may_not_know(app: Flask, session: Session, petra: User) -> None:
    role = make_role(session, "Office", {"users": "ve", "roles": "v", "customers": "v"})
    officer = make_user(session, "officer", role=role, assigned_countries=["SK"])
    abroad = smallest(session, "customers", country="CZ")
    session.commit()
    browser = logged_in(app, officer)

    answers = [
        browser.get("/rights/why", query_string={"user": petra.id, "record": f"customers {key}"})
        for key in (abroad.id, "none")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text.count("does not exist, or you have no access") == 1
    assert abroad.last_name not in answers[0].text.replace(abroad.id, "")


# View as --------------------------------------------------------------------


def test_an_administrator_sees_what_the_person_sees_reads_only_and_is_logged(
    app: Flask, client: FlaskClient, session: Session, admin: User, petra: User
) -> None:
    here, abroad = smallest(session, "customers", country="SK"), smallest(session, "customers", country="CZ")
    session.commit()

    assert client.post(f"/rights/view-as/{petra.id}").status_code == 302

    home = client.get("/").text
    assert "You see INDEXUS as Petra, read-only." in home
    assert 'href="/users/list/"' not in home and 'href="/customers/list/"' in home
    shown = client.get(f"/customers/show/{here.id}")
    assert shown.status_code == 200 and "National ID" not in shown.text
    assert client.get(f"/customers/show/{abroad.id}").status_code == 404
    assert client.get("/users/list/").status_code == 403
    for method, address in (
        ("POST", f"/customers/edit/{here.id}"), ("POST", f"/customers/delete/{here.id}"),
        ("POST", "/tasks/add"), ("POST", f"/rights/view-as/{admin.id}"), ("POST", "/password/"),
        ("GET", "/profile/"), ("GET", "/password/"), ("GET", "/profile/second-factor/"),
    ):  # fmt: skip
        assert client.open(address, method=method, headers=JSON).status_code == 403, (method, address)

    assert client.post("/rights/view-as/stop").headers["Location"] == f"/rights/user/{petra.id}"
    assert client.get("/users/list/").status_code == 200
    entries = session.scalars(select(ActivityLog).where(ActivityLog.action == "view").order_by(ActivityLog.created_at))
    told = [(e.user_id, e.entity_type, json.loads(e.details or "{}")) for e in entries]
    assert told[0] == (admin.id, "users", {"event": "view_as"})
    assert (admin.id, "customers", {"as": petra.id}) in told
    assert told[-1] == (admin.id, "users", {"event": "view_as_stopped", "as": petra.id})
    assert all(user == admin.id for user, _table, _details in told)


def test_logging_out_ends_the_look_through_other_eyes(
    app: Flask, client: FlaskClient, session: Session, petra: User
) -> None:
    client.post(f"/rights/view-as/{petra.id}")

    answer = client.post("/logout/")

    assert answer.status_code == 302
    with client.session_transaction() as cookie:
        assert "view_as" not in cookie


def test_nobody_looks_through_the_eyes_of_these(app: Flask, client: FlaskClient, session: Session, admin: User) -> None:
    other = make_user(session, "other", role=session.get(Role, admin.role_id))
    gone = make_user(session, "gone", is_active=False)
    session.commit()

    answers = [client.post(f"/rights/view-as/{key}") for key in (other.id, admin.id, gone.id, "system", "none")]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403, 404]
    assert client.get("/users/list/").status_code == 200


def test_only_administrators_look_and_only_within_their_countries(
    app: Flask, session: Session, admin: User, petra: User
) -> None:
    officer = make_user(session, "officer", role=make_role(session, "Office", {"users": "vae", "roles": "vae"}))
    local = make_user(session, "local", role=session.get(Role, admin.role_id), assigned_countries=["SK"])
    abroad = make_user(session, "abroad", role=petra.primary_role, assigned_countries=["SK", "CZ"])
    session.commit()

    assert logged_in(app, officer).post(f"/rights/view-as/{petra.id}").status_code == 403
    assert logged_in(app, local).post(f"/rights/view-as/{abroad.id}").status_code == 403
    assert logged_in(app, local).post(f"/rights/view-as/{petra.id}").status_code == 302


def test_who_is_no_administrator_any_more_sees_through_nobodys_eyes(
    app: Flask, client: FlaskClient, session: Session, admin: User, petra: User
) -> None:
    client.post(f"/rights/view-as/{petra.id}")
    role = session.get(Role, admin.role_id)
    role.legacy_role = "user"
    session.commit()
    browser = logged_in(app, admin)  # a change of roles has ended the session
    with browser.session_transaction() as cookie:
        cookie["view_as"] = petra.id

    page = browser.get("/customers/list/")

    assert page.status_code == 403
    assert "read-only" not in page.text


def test_a_token_is_a_login_of_its_own(
    app: Flask, client: FlaskClient, session: Session, admin: User, petra: User
) -> None:
    client.post(f"/rights/view-as/{petra.id}")

    answer = client.get("/api/v1/users/", headers=token_of(app, admin))

    assert answer.status_code == 200


# The document ---------------------------------------------------------------


def test_the_document_lists_all_modules_with_their_keys(app: Flask) -> None:
    text = (Path(ROOT) / "docs" / "rights.md").read_text(encoding="utf-8")

    with app.test_request_context():
        assert described(modules()) in text, "Run `flask --app app modules` and put its output into docs/rights.md."
