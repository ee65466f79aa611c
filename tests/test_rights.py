"""Who may do what: truth tables over modules and doors, and nothing for anybody who is not logged in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.access.models import Role, RoleModulePermission, User, UserRole
from app.screens import quickedit
from app.screens.resolve import Resolved
from app.tables import MODELS
from tests.conftest import logged_in, make_user, token_of
from tests.smallest import form_of, given_to, smallest, values_for

TABLES = sorted(MODELS)
AS_JSON = {"Accept": "application/json"}
# What reads, what adds and what edits, by the last part of the endpoint.
READING = {
    "list", "show", "tab", "timeline", "history", "print_pdf", "chart", "chart_numbers", "chart_csv", "export_csv", "export_xlsx",
    "pick", "get_list", "info", "get",
}  # fmt: skip
ADDING = {"add", "check_new", "post"}
EDITING = {"edit", "check", "field", "change_field", "put", "delete"}
# What was told to oneself is read and put away, as mail is, by whoever may see it.
MINDING = {"notifications": {"latest", "open", "read", "read_all", "dismiss", "restore", "digest"}}
PUBLIC = {"static", "appbuilder.static", "healthz", "readyz", "LanguageView.index", "LoginView.login",
          "LoginView.logout", "SignInApi.login", "SignInApi.refresh"}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What one role says of one module; `rows` are (access, can_add, can_edit)."""

    name: str
    rows: tuple[tuple[str, bool, bool], ...]
    sees: bool
    adds: bool
    edits: bool


TRUTH = (
    Given("no row", (), False, False, False),
    Given("hidden", (("hidden", False, False),), False, False, False),
    Given("hidden with add and edit", (("hidden", True, True),), False, False, False),
    Given("visible", (("visible", False, False),), True, False, False),
    Given("visible and add", (("visible", True, False),), True, True, False),
    Given("visible and edit", (("visible", False, True),), True, False, True),
    Given("visible, add and edit", (("visible", True, True),), True, True, True),
    Given("two roles: add, edit", (("visible", True, False), ("visible", False, True)), True, True, True),
    Given("two roles: visible, hidden", (("visible", False, False), ("hidden", True, True)), True, False, False),
    Given("two roles: hidden, hidden", (("hidden", True, False), ("hidden", False, True)), False, False, False),
)


def person(session: Session, name: str, *roles: dict[str, tuple[str, bool, bool]]) -> User:
    """Somebody with these roles: the first as primary role, the others granted beside it."""
    made = []
    for number, rights in enumerate(roles):
        role = Role(name=f"{name} {number}")
        role.role_module_permissions = [
            RoleModulePermission(module_key=key, access=access, can_add=add, can_edit=edit)
            for key, (access, add, edit) in rights.items()
        ]
        made.append(role)
    user = make_user(session, name, role=made[0] if made else None)
    session.add_all(UserRole(user=user, role=role) for role in made[1:])
    session.commit()
    return user


def with_rights(session: Session, module: str, given: Given, others: set[str]) -> User:
    """Somebody of whom `given` holds for `module`, who may do everything with `others`."""
    rest = dict.fromkeys((others - {module}) | {"export"}, ("visible", True, True))
    roles = [{module: row, **(rest if i == 0 else {})} for i, row in enumerate(given.rows)]
    return person(session, "somebody", *(roles or [rest]))


def bearer(app: Flask, user: User) -> dict[str, str]:
    return token_of(app, user)


def screens_of(app: Flask) -> dict[str, Resolved]:
    found: dict[str, Resolved] = app.extensions["screens"]
    return found


def state(session: Session, table: str) -> Any:
    """Number of rows and the newest row version of a table: changes with every write."""
    session.expire_all()
    model = MODELS[table]
    asked = select(func.count(), func.max(text("xmin::text::bigint"))).select_from(model)
    if table == "activity_logs":
        asked = asked.where(text("action NOT IN ('denied', 'view')"))  # being refused and looking are written down
    return session.execute(asked).one()


def requests_for(app: Flask, table: str, key: Any) -> Iterator[tuple[str, str, str]]:
    """(endpoint's last part, method, address) of every route of one table."""
    screen = screens_of(app)[table]
    relation = next((f.name for f in screen.shown() if f.targets), "none")
    tab = screen.children[0].key if screen.children else "none"
    in_place = next((f.name for f in screen.editable() if f.kind.name in quickedit.KINDS), "")
    for rule in rules_of(app, table):
        if "/field/" in rule.rule and not in_place:
            continue  # nothing here is changed in place
        name = in_place if "/field/" in rule.rule else relation
        address = filled(rule, {"pk": key, "key": tab, "name": name, "number": 0})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint.rpartition(".")[2], method, address


def rules_of(app: Flask, table: str) -> list[Rule]:
    starts = (f"/{table}/", f"/api/v1/{table}/")
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(starts)]


def filled(rule: Rule, values: dict[str, Any]) -> str:
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda match: str(values.get(match[1], "x")), rule.rule)


def sender(app: Flask, user: User) -> Callable[..., TestResponse]:
    """Sends as this person: as a browser, or with a token and JSON where the address is of REST."""
    browser, program = logged_in(app, user), app.test_client()
    token = {**bearer(app, user), "If-Match": "*"}

    def send(method: str, address: str, *, data: Any = None) -> TestResponse:
        if address.startswith("/api/"):
            return program.open(address, method=method, headers=token, json=data)
        return browser.open(address, method=method, headers=AS_JSON, data=data)

    return send


def allowed(given: Given, verb: str) -> bool:
    if verb in READING:
        return given.sees
    return given.adds if verb in ADDING else given.edits


# The whole table of truth --------------------------------------------------


@pytest.mark.parametrize("given", TRUTH, ids=lambda given: given.name)
@pytest.mark.parametrize("table", ["customers", "customer_notes", "sip_settings"])
def test_every_door_of_a_table_opens_as_the_roles_say(
    app: Flask, session: Session, without_csrf: None, table: str, given: Given
) -> None:
    module = screens_of(app)[table].module
    user = with_rights(session, module, given, {screen.module for screen in screens_of(app).values()})
    values = values_for(session, table)
    row = smallest(session, table)
    session.commit()
    key, form = row.id, {**form_of(row), "version": row.row_version}
    json = {f.name: f.kind.dump(values[f.attribute]) for f in screens_of(app)[table].fields.values()
            if f.attribute in values and not f.secret}  # fmt: skip
    send = sender(app, user)
    doors = sorted(requests_for(app, table, key), key=lambda door: door[0] == "delete")

    for verb, method, address in doors:
        before = state(session, table)
        data = None if method in ("GET", "DELETE") else json if address.startswith("/api/") else form

        answer = send(method, address, data=data)

        if not allowed(given, verb):
            assert answer.status_code == 403, (method, address)
            assert "no permission" in answer.json["message"].lower() or answer.json["message"] == "Forbidden"
            assert state(session, table) == before, (method, address)
        elif verb == "delete" and session.get(MODELS[table], key) is None:
            assert answer.status_code in (302, 200, 404), (method, address)  # the other door was first
        elif verb in ("tab", "pick", "history"):
            assert answer.status_code in (200, 404), (method, address)
        else:
            assert answer.status_code in (200, 201, 302), (method, address, answer.text[:300])


def test_the_truth_table_knows_every_door(app: Flask) -> None:
    doors = {verb for verb, _method, _address in requests_for(app, "customers", "1")}

    assert doors == READING | ADDING | EDITING


@pytest.mark.parametrize("given", TRUTH, ids=lambda given: given.name)
def test_the_pages_offer_only_what_one_may_do(app: Flask, session: Session, given: Given) -> None:
    user = with_rights(session, "customers", given, {"tasks"})
    row = smallest(session, "customers")
    session.commit()
    browser = logged_in(app, user)

    pages = [browser.get(address) for address in ("/customers/list/", f"/customers/show/{row.id}")]
    info = app.test_client().get("/api/v1/customers/_info", headers=bearer(app, user))

    for page in pages:
        assert page.status_code == (200 if given.sees else 403)
    if given.sees:
        listed, shown = (page.text for page in pages)
        assert ('href="/customers/add"' in listed) == given.adds
        assert (f'href="/customers/edit/{row.id}?in=' in listed) == given.edits
        assert (f"/customers/delete/{row.id}" in listed) == given.edits
        assert (f'href="/customers/edit/{row.id}"' in shown) == given.edits
        assert (f"/customers/delete/{row.id}" in shown) == given.edits
        assert ("can_post" in info.json["permissions"]) == given.adds
        assert ("can_put" in info.json["permissions"]) == given.edits
        assert ("can_delete" in info.json["permissions"]) == given.edits
        assert bool(info.json["add_columns"]) == given.adds
        assert bool(info.json["edit_columns"]) == given.edits


# All 99 tables, cheaply -----------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_a_hidden_module_is_closed_at_every_door(app: Flask, session: Session, without_csrf: None, table: str) -> None:
    given = Given("", (("hidden", True, True),), False, False, False)
    user = with_rights(session, screens_of(app)[table].module, given, {"customers", "tasks"})
    row = smallest(session, table)
    session.commit()
    before = state(session, table)

    send = sender(app, user)

    for _verb, method, address in requests_for(app, table, row.id):
        assert send(method, address).status_code == 403, (method, address)
    page = logged_in(app, user).get(f"/{table}/show/{row.id}")

    assert page.status_code == 403
    assert "You have no permission for this." in page.text
    assert state(session, table) == before


@pytest.mark.parametrize("table", TABLES)
def test_a_module_one_may_only_look_at_is_not_changed(
    app: Flask, session: Session, without_csrf: None, table: str
) -> None:
    user = person(session, "reader", {screens_of(app)[table].module: ("visible", False, False)})
    row = smallest(session, table)
    session.commit()
    sent = {**form_of(row), "version": row.row_version}
    before = state(session, table)
    send = sender(app, user)

    for verb, method, address in requests_for(app, table, row.id):
        if verb not in READING | MINDING.get(table, set()):
            data = sent if method == "POST" and not address.startswith("/api/") else None
            assert send(method, address, data=data).status_code == 403, (method, address)
    listed = sender(app, user)("GET", f"/api/v1/{table}/")
    page = sender(app, user)("GET", f"/{table}/list/")

    assert state(session, table) == before
    assert (listed.status_code, page.status_code) == (200, 200)
    assert f"/{table}/edit/" not in page.text
    assert f"/{table}/delete/" not in page.text


def test_a_role_that_is_inactive_gives_nothing(app: Flask, session: Session) -> None:
    user = person(session, "petra", {"customers": ("visible", True, True)}, {"tasks": ("visible", True, True)})
    before = [sender(app, user)("GET", f"/{table}/list/").status_code for table in ("customers", "tasks")]

    session.execute(update(Role).values(is_active=False))
    session.commit()

    after = [sender(app, user)("GET", f"/{table}/list/").status_code for table in ("customers", "tasks")]
    assert (before, after) == ([200, 200], [403, 403])


def test_a_right_that_is_taken_away_is_gone_at_the_next_request(app: Flask, session: Session) -> None:
    user = person(session, "petra", {"customers": ("visible", True, True)})
    browser, token = logged_in(app, user), bearer(app, user)
    before = [browser.get("/customers/list/").status_code, browser.get("/api/v1/customers/", headers=token).status_code]

    session.execute(update(RoleModulePermission).values(access="hidden"))
    session.commit()

    after = [browser.get("/customers/list/").status_code, browser.get("/api/v1/customers/", headers=token).status_code]
    assert (before, after) == ([200, 200], [403, 403])


def test_an_unknown_module_in_the_rights_opens_nothing(app: Flask, session: Session) -> None:
    user = person(
        session,
        "petra",
        {"*": ("visible", True, True), "": ("visible", True, True), "Customers": ("visible", True, True)},
    )

    assert sender(app, user)("GET", "/customers/list/").status_code == 403


# What a person is shown ------------------------------------------------------

MINE = {"customers", "tasks", "sip_settings", "invoices"}


@pytest.fixture
def clerk(session: Session) -> User:
    return person(session, "clerk", dict.fromkeys(MINE, ("visible", False, False)))


def my_tables(app: Flask) -> set[str]:
    return {table for table, screen in screens_of(app).items() if screen.module in MINE}


def tables_in(html: str) -> set[str]:
    """The tables that the links of a page lead to."""
    return {match for match in re.findall(r'href="/(\w+)/(?:list|show|add|edit|chart)', html) if match in MODELS}


def test_sidebar_directory_and_home_show_visible_modules_only(app: Flask, session: Session, clerk: User) -> None:
    browser = logged_in(app, clerk)
    mine = my_tables(app)

    directory = tables_in(browser.get("/tables/").text)
    home = tables_in(browser.get("/").text)
    places = {place["href"].split("/")[1] for place in browser.get("/tables/?format=json").json}
    profile = tables_in(browser.get("/profile/").text)

    assert directory == mine
    assert MINE - {"tasks"} <= home <= mine  # tiles are asked for by the page
    assert places == mine | {"work"}  # the pages of tasks
    assert MINE - {"tasks"} <= profile <= mine  # the sidebar leads to their own pages


def test_nobody_with_no_rights_sees_a_table_but_has_pages(app: Flask, session: Session) -> None:
    browser = logged_in(app, person(session, "newcomer", {}))

    for address in ("/", "/tables/", "/profile/", "/password/", "/swagger/v1"):
        page = browser.get(address)
        assert page.status_code == 200, address
        assert tables_in(page.text) == set(), address
    assert browser.get("/tables/?format=json").json == []


def test_the_api_description_holds_visible_modules_only(app: Flask, session: Session, clerk: User) -> None:
    document = logged_in(app, clerk).get("/api/v1/_openapi").json
    by_token = app.test_client().get("/api/v1/_openapi", headers=bearer(app, clerk)).json

    tables = {path.split("/")[3] for path in document["paths"]} - {"security"}
    methods = {method for path, item in document["paths"].items() if "security" not in path for method in item}
    assert tables == my_tables(app)
    assert {tag["name"] for tag in document["tags"]} == tables
    assert methods == {"get"}
    assert by_token["paths"].keys() == document["paths"].keys()


@pytest.mark.parametrize("table", TABLES)
def test_tabs_of_hidden_modules_are_not_on_a_record(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    user = person(session, "clerk", {screen.module: ("visible", True, True)})
    row = smallest(session, table)
    session.commit()
    given_to(session, row, user)
    browser = logged_in(app, user)

    page = browser.get(f"/{table}/show/{row.id}")

    assert page.status_code == 200
    for child in screen.children:
        mine = screens_of(app)[child.table].module == screen.module
        tab = browser.get(f"/{table}/show/{row.id}/tab/{child.key}", headers=AS_JSON)
        assert tab.status_code == (200 if mine else 404), child.key
        if not mine:
            assert f"/tab/{child.key}" not in page.text
            assert f'"/{child.table}/' not in page.text, child.table
    shown = tables_in(page.text)
    assert {screens_of(app)[other].module for other in shown} <= {screen.module}


def test_a_record_of_a_hidden_module_is_named_but_not_linked(app: Flask, session: Session) -> None:
    user = person(session, "clerk", {"deals": ("visible", True, True)})
    deal = smallest(session, "deals")
    session.commit()

    page = logged_in(app, user).get(f"/deals/show/{deal.id}")

    assert page.status_code == 200
    assert "/pipelines/show/" not in page.text
    assert "/customers/show/" not in page.text


# Nobody ---------------------------------------------------------------------


def test_nobody_is_led_to_the_login_on_every_page_and_refused_by_every_resource(
    app: Flask, session: Session, without_csrf: None
) -> None:
    wrong = []
    browser = app.test_client(use_cookies=False)

    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        address = filled(rule, {"number": 0})
        for method in (rule.methods or set()) - {"OPTIONS"}:
            answer = browser.open(address, method=method)
            led = answer.status_code == 302 and urlsplit(answer.headers["Location"]).path == "/login/"
            refused = answer.status_code == 401 and answer.is_json
            if not (refused if address.startswith("/api/") else led):
                wrong.append((method, address, answer.status_code))

    assert wrong == []


def test_what_is_public_is_all_there(app: Flask, session: Session) -> None:
    browser = app.test_client()
    addresses = ("/login/", "/healthz", "/readyz", "/static/mark.svg")

    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= PUBLIC
    assert [browser.get(address).status_code for address in addresses] == [200] * len(addresses)


def test_the_login_leads_back_to_the_page_one_wanted(app: Flask, session: Session) -> None:
    answer = app.test_client().get("/customers/list/?q=novák")

    page = app.test_client().get(answer.headers["Location"])

    assert page.status_code == 200
    assert 'name="next"' in page.text
    assert "/customers/list/?q=nov" in page.text


def test_no_page_tells_nobody_whether_a_record_exists(app: Flask, session: Session) -> None:
    row = smallest(session, "customers")
    session.commit()
    browser = app.test_client()

    there, not_there = browser.get(f"/customers/show/{row.id}"), browser.get("/customers/show/none")

    assert there.status_code == not_there.status_code == 302


def test_the_language_is_chosen_without_a_login_and_leads_to_our_own_site(app: Flask, session: Session) -> None:
    browser: FlaskClient = app.test_client()

    inside = browser.get("/lang/sk", headers={"Referer": "http://localhost/login/?next=%2Ftasks%2Flist%2F"})
    outside = browser.get("/lang/sk", headers={"Referer": "https://evil.example/login/"})
    unknown = browser.get("/lang/xx")

    assert inside.headers["Location"].startswith("/login/")
    assert outside.headers["Location"] == "/"
    assert unknown.status_code == 404
    assert 'lang="sk"' in browser.get("/login/").text
