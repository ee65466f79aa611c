"""Rules about rights, through every door: nobody widens his own, nobody gives more than he has, somebody stays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.merging import Given, merged
from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserRole
from app.core import migrate
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.viewer import EVERYWHERE, SYSTEM, SYSTEM_USER, ModuleRight, Right, Viewer, acting, system_scope
from config import sqlalchemy_url
from tests.conftest import logged_in, make_user, token_of
from tests.smallest import form_of

SEE, EDIT, FULL = ("visible", False, False), ("visible", False, True), ("visible", True, True)


@dataclass
class Cast:
    """Who acts and on what they act, by name."""

    rows: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.rows[name]


@pytest.fixture
def cast(session: Session, app: Flask, without_csrf: None) -> Cast:
    cast = Cast()

    def role(name: str, modules: dict[str, tuple[str, bool, bool]], **values: Any) -> Role:
        made = Role(name=name.title(), **values)
        made.role_module_permissions = [
            RoleModulePermission(module_key=key, access=access, can_add=add, can_edit=edit)
            for key, (access, add, edit) in modules.items()
        ]
        cast.rows[name] = made
        session.add(made)
        return made

    administrators = role("administrators", {}, legacy_role="admin", is_system=True)
    office = role("office", {"users": FULL, "roles": FULL, "customers": EDIT, "tasks": SEE})
    office.role_field_permissions = [
        RoleFieldPermission(module_key="customers", field_key="national_id", permission="hidden")
    ]
    clerks = role("clerks", {"customers": EDIT})
    sales = role("sales", {"customers": FULL, "deals": FULL})
    role("plain", {"tasks": SEE})
    role("spare", {"tasks": SEE})
    role("sleeping", {"deals": SEE}, is_active=False)
    role("powerful", {}, legacy_role="admin", is_active=False)
    session.flush()
    for name, held, countries in (
        ("admin", administrators, None), ("other admin", administrators, None), ("officer", office, None),
        ("petra", clerks, ["SK"]), ("seller", sales, ["SK"]), ("local admin", administrators, ["SK"]),
        ("local officer", office, ["SK"]), ("helper", cast["plain"], ["SK"]),
    ):  # fmt: skip
        more = {} if countries is None else {"assigned_countries": countries}
        cast.rows[name] = make_user(session, name.replace(" ", "."), role=held, **more)
    cast.rows["right of clerks"] = clerks.role_module_permissions[0]
    cast.rows["right of office"] = office.role_module_permissions[2]
    cast.rows["right of sales"] = sales.role_module_permissions[0]
    cast.rows["limit of office"] = office.role_field_permissions[0]
    cast.rows["grant"] = UserRole(user_id=cast["petra"].id, role_id=cast["plain"].id)
    cast.rows["own grant"] = UserRole(user_id=cast["officer"].id, role_id=cast["spare"].id)
    cast.rows["grant of power"] = UserRole(user_id=cast["seller"].id, role_id=administrators.id)
    session.add_all([cast["grant"], cast["own grant"], cast["grant of power"]])
    session.commit()
    return cast


def by_form(app: Flask, actor: User, row: Any, values: dict[str, Any] | None) -> TestResponse:
    """Change `row` (without `values`: remove it) as a person does."""
    browser, table = logged_in(app, actor), row.__tablename__
    if values is None:
        return browser.post(f"/{table}/delete/{row.id}", data={"version": row.row_version})
    sent = {**form_of(row), "version": row.row_version}
    for name, value in values.items():
        sent.pop(name, None)
        if value is not False:
            sent[name] = "1" if value is True else value or ""
    return browser.post(f"/{table}/edit/{row.id}", data=sent)


def by_rest(app: Flask, actor: User, row: Any, values: dict[str, Any] | None) -> TestResponse:
    """The same as a program does."""
    address, headers = f"/api/v1/{row.__tablename__}/{row.id}", {**token_of(app, actor), "If-Match": "*"}
    if values is None:
        return app.test_client().delete(address, headers=headers)
    return app.test_client().put(address, headers=headers, json=values)


def add_by_form(app: Flask, actor: User, table: str, values: dict[str, Any]) -> TestResponse:
    shown = {f"{name}-shown": "1" for name, value in values.items() if isinstance(value, bool)}
    sent = {name: "1" if value is True else value for name, value in values.items() if value is not False}
    return logged_in(app, actor).post(f"/{table}/add", data={**shown, **sent})


def add_by_rest(app: Flask, actor: User, table: str, values: dict[str, Any]) -> TestResponse:
    return app.test_client().post(f"/api/v1/{table}/", headers=token_of(app, actor), json=values)


Door = Callable[[Flask, User, Any, dict[str, Any] | None], TestResponse]
DOORS = pytest.mark.parametrize("door", [by_form, by_rest], ids=["form", "rest"])

# (who, what, its new values or None to remove it, whether it happens); a name in angle brackets is a row's id.
CHANGES: tuple[tuple[str, str, dict[str, Any] | None, bool], ...] = (
    # System roles stay what they are.
    ("admin", "administrators", {"is_active": False}, False),
    ("admin", "administrators", None, False),
    ("admin", "administrators", {"is_system": False}, False),
    ("admin", "administrators", {"legacy_role": "user"}, False),
    ("admin", "administrators", {"description": "Those who run it."}, True),
    ("admin", "clerks", {"is_active": False}, True),
    ("admin", "clerks", None, True),
    # Nobody changes his own access, not even an administrator.
    ("admin", "admin", {"role_id": "<clerks>"}, False),
    ("admin", "admin", {"assigned_countries": ["SK"]}, False),
    ("admin", "admin", {"is_active": False}, False),
    ("admin", "admin", None, False),
    ("admin", "admin", {"full_name": "Anna"}, True),
    ("officer", "officer", {"role_id": "<clerks>"}, False),
    ("officer", "own grant", None, False),
    ("officer", "own grant", {"role_id": "<clerks>"}, False),
    ("officer", "right of office", {"can_add": True}, False),
    ("officer", "right of office", {"can_edit": False}, False),
    ("officer", "limit of office", None, False),
    ("officer", "limit of office", {"permission": "editable"}, False),
    ("officer", "office", {"is_active": False}, False),
    ("officer", "office", {"legacy_role": "admin"}, False),
    ("officer", "office", {"description": "The office."}, True),
    # Administrators give what they like to others.
    ("admin", "petra", {"role_id": "<administrators>"}, True),
    ("admin", "other admin", {"is_active": False}, True),
    ("admin", "right of clerks", {"can_add": True}, True),
    ("admin", "grant", {"role_id": "<administrators>"}, True),
    ("admin", "plain", {"legacy_role": "admin"}, True),
    # Others give no more than they have themselves.
    ("officer", "right of clerks", {"can_add": True}, False),
    ("officer", "right of clerks", {"module_key": "deals"}, False),
    ("officer", "right of clerks", {"can_edit": False}, True),
    ("officer", "right of sales", {"can_add": False}, True),
    ("officer", "right of clerks", None, True),
    ("officer", "petra", {"role_id": "<plain>"}, True),
    ("officer", "petra", {"role_id": "<sales>"}, False),
    ("officer", "petra", {"role_id": "<administrators>"}, False),
    ("officer", "petra", {"role_id": None}, True),
    ("officer", "grant", {"role_id": "<sales>"}, False),
    ("officer", "grant", {"role_id": "<clerks>"}, False),  # gives national_id, which the officer does not see
    ("officer", "grant", {"user_id": "<seller>"}, False),  # he administrates
    ("officer", "grant", {"user_id": "<local officer>"}, True),
    ("officer", "grant", {"user_id": "<officer>"}, False),
    ("officer", "grant", None, True),
    ("officer", "grant of power", None, False),
    ("officer", "plain", {"legacy_role": "admin"}, False),
    ("officer", "sleeping", {"is_active": True}, False),
    ("officer", "powerful", {"is_active": True}, False),
    ("officer", "plain", {"is_system": True}, False),
    # The access of administrators is for administrators.
    ("officer", "admin", {"role_id": "<plain>"}, False),
    ("officer", "admin", {"is_active": False}, False),
    ("officer", "admin", {"assigned_countries": ["SK"]}, False),
    ("officer", "admin", {"email": "taken@example.com"}, False),
    ("officer", "admin", {"username": "taken"}, False),
    ("officer", "admin", {"auth_method": "ms365"}, False),
    ("officer", "admin", {"password_hash": "a long enough sentence"}, False),
    ("officer", "seller", {"is_active": False}, False),  # an administrator by an additional role
    ("officer", "admin", {"phone": "123 456"}, True),
    ("officer", "petra", {"is_active": False}, True),
    # Whoever sets a login can use the rights behind it: petra may read the national id, the officer may not.
    ("officer", "petra", {"email": "petra@example.org"}, False),
    ("officer", "petra", {"username": "petra.two"}, False),
    ("officer", "petra", {"auth_method": "ms365"}, False),
    ("officer", "petra", {"phone": "123 456"}, True),
    ("officer", "helper", {"email": "helper@example.org"}, True),
    # Roles hold everywhere, so they are changed by people of all countries only.
    ("local admin", "clerks", {"description": "Ours."}, False),
    ("local admin", "right of clerks", {"can_edit": False}, False),
    ("local admin", "right of clerks", None, False),
    ("local officer", "plain", {"description": "Ours."}, False),
    # And nobody gives countries that are not his.
    ("local admin", "petra", {"assigned_countries": ["SK", "CZ"]}, False),
    ("local admin", "petra", {"role_id": "<sales>"}, True),
    ("admin", "petra", {"assigned_countries": ["SK", "CZ"]}, True),
)


def told(cast: Cast, values: dict[str, Any] | None) -> dict[str, Any] | None:
    """With ids in the place of names."""
    named = lambda value: cast[value[1:-1]].id if isinstance(value, str) and value.startswith("<") else value  # noqa: E731
    return None if values is None else {name: named(value) for name, value in values.items()}


def stands(session: Session, row: Any) -> dict[str, Any] | None:
    """The row as the database has it; None when it is gone."""
    session.expire_all()
    kind, key = type(row), row.__dict__.get("id") or row._sa_instance_state.identity[0]
    found = session.get(kind, key, populate_existing=True)
    return None if found is None else {column.name: getattr(found, column.name) for column in kind.__table__.columns
                                       if not column.system and column.name != "updated_at"}  # fmt: skip


@DOORS
@pytest.mark.parametrize(
    ("who", "what", "values", "happens"), CHANGES, ids=[f"{w}: {what} {v or 'removed'}" for w, what, v, _ in CHANGES]
)
def test_a_change_of_rights_happens_only_as_the_rules_say(
    app: Flask, session: Session, cast: Cast, door: Door, who: str, what: str, values: dict[str, Any] | None,
    happens: bool,
) -> None:  # fmt: skip
    row = cast[what]
    if door is by_rest and "password_hash" in (values or {}) and not happens:
        assert door(app, cast[who], row, values).status_code in (400, 403, 422)  # REST takes no secrets
        return
    before = stands(session, row)

    answer = door(app, cast[who], row, told(cast, values))

    after = stands(session, row)
    if happens:
        assert answer.status_code in (200, 302), answer.text[:400]
        assert after != before
    else:
        assert answer.status_code in (302, 403, 422), answer.text[:400]
        assert after == before
        said = answer.json["message"] if door is by_rest else answer.text + repr(_flashed(app, cast[who], answer))
        assert len(said) > 20


def _flashed(app: Flask, actor: User, answer: TestResponse) -> str:
    return str(answer.headers.get("Location", ""))


ADDITIONS: tuple[tuple[str, str, dict[str, Any], bool], ...] = (
    ("officer", "user_roles", {"user_id": "<petra>", "role_id": "<office>"}, True),  # what he has himself
    ("officer", "user_roles", {"user_id": "<petra>", "role_id": "<sales>"}, False),
    ("officer", "user_roles", {"user_id": "<petra>", "role_id": "<administrators>"}, False),
    ("officer", "user_roles", {"user_id": "<petra>", "role_id": "<powerful>"}, False),
    ("officer", "user_roles", {"user_id": "<officer>", "role_id": "<clerks>"}, False),
    ("admin", "user_roles", {"user_id": "<admin>", "role_id": "<clerks>"}, False),
    ("admin", "user_roles", {"user_id": "<petra>", "role_id": "<administrators>"}, True),
    ("officer", "role_module_permissions", {"role_id": "<plain>", "module_key": "deals", "access": "visible"}, False),
    # The module without the limit of its giver would give the hidden field.
    ("officer", "role_module_permissions", {"role_id": "<plain>", "module_key": "customers", "access": "visible",
                                            "can_add": False, "can_edit": False}, False),
    ("officer", "role_module_permissions", {"role_id": "<plain>", "module_key": "users", "access": "visible",
                                            "can_add": True, "can_edit": True}, True),
    ("officer", "role_module_permissions", {"role_id": "<plain>", "module_key": "deals", "access": "hidden",
                                            "can_add": True, "can_edit": True}, True),
    ("officer", "role_module_permissions", {"role_id": "<office>", "module_key": "deals", "access": "hidden"}, False),
    ("officer", "role_field_permissions", {"role_id": "<clerks>", "module_key": "customers", "field_key": "email",
                                           "permission": "hidden"}, True),
    ("officer", "roles", {"name": "New"}, True),
    ("officer", "roles", {"name": "New", "legacy_role": "admin"}, False),
    ("officer", "roles", {"name": "New", "is_system": True}, False),
    ("local admin", "roles", {"name": "New"}, False),
    ("local officer", "role_module_permissions", {"role_id": "<plain>", "module_key": "users"}, False),
)  # fmt: skip


@pytest.mark.parametrize("page", ["/password/{}", "/users/{}/second-factor/reset", "/users/{}/sessions/end"])
@pytest.mark.parametrize(("whom", "may"), [("petra", False), ("seller", False), ("admin", False), ("helper", True)])
def test_nobody_looks_after_the_login_of_somebody_stronger(
    app: Flask, session: Session, cast: Cast, page: str, whom: str, may: bool
) -> None:
    before = stands(session, cast[whom])
    words = {"password": "twelve green bicycles", "confirm": "twelve green bicycles"}

    answer = logged_in(app, cast["officer"]).post(page.format(cast[whom].id), data=words)

    assert answer.status_code == (302 if may else 403)
    if not may:
        assert stands(session, cast[whom]) == before
        assert "administrator" in answer.text or "This person may do more than you" in answer.text


@pytest.mark.parametrize(("whom", "may"), [("seller", False), ("admin", False), ("helper", True)])
def test_the_page_of_a_person_offers_what_would_not_be_refused(
    app: Flask, session: Session, cast: Cast, whom: str, may: bool
) -> None:
    page = logged_in(app, cast["officer"]).get(f"/rights/user/{cast[whom].id}").text

    assert (f'href="/password/{cast[whom].id}"' in page) == may
    assert (f'action="/users/{cast[whom].id}/sessions/end"' in page) == may
    assert ("Only an administrator changes" in page or "This person may do more than you" in page) != may


@pytest.mark.parametrize("door", [add_by_form, add_by_rest], ids=["form", "rest"])
@pytest.mark.parametrize(
    ("who", "table", "values", "happens"), ADDITIONS, ids=[f"{w}: {table} {v}" for w, table, v, _ in ADDITIONS]
)
def test_a_right_is_added_only_as_the_rules_say(
    app: Flask, session: Session, cast: Cast, door: Callable[..., TestResponse], who: str, table: str,
    values: dict[str, Any], happens: bool,
) -> None:  # fmt: skip
    answer = door(app, cast[who], table, told(cast, values))

    assert (answer.status_code in (201, 302)) == happens, (answer.status_code, answer.text[:400])
    if not happens:
        assert answer.status_code in (403, 422)


def test_a_new_user_gets_no_more_than_his_maker_has(app: Flask, session: Session, cast: Cast) -> None:
    who = {"username": "new", "email": "new@example.com", "full_name": "New", "assigned_countries": ["SK"]}

    answers = [
        add_by_rest(app, cast["officer"], "users", {**who, "role_id": cast["administrators"].id}),
        add_by_rest(app, cast["officer"], "users", {**who, "role_id": cast["sales"].id}),
        add_by_rest(app, cast["local officer"], "users", {**who, "assigned_countries": ["SK", "CZ"]}),
        add_by_rest(app, cast["officer"], "users", {**who, "role_id": cast["plain"].id}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 201], [a.text for a in answers]


# Below the doors ------------------------------------------------------------


def viewer(session: Session, user: User) -> Any:
    from app.access.door import viewer_of

    return viewer_of(session, user)


def test_the_last_administrator_stays(app: Flask, session: Session, cast: Cast) -> None:
    """The last one holds a role that is no system role, so nothing else keeps it."""
    role = Role(name="Only", legacy_role="admin")
    only = make_user(session, "only", role=role)
    for name in ("admin", "other admin", "local admin"):
        cast[name].is_active = False
    session.delete(cast["grant of power"])
    session.commit()

    answers = [
        by_rest(app, only, role, {"is_active": False}),
        by_rest(app, only, role, {"legacy_role": "user"}),
        by_form(app, only, role, {"is_active": False}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403] or [
        answer.status_code for answer in answers
    ] == [403, 403, 422]
    assert "last active administrator" in answers[0].json["message"]
    assert "last active administrator" in answers[2].text
    cast["other admin"].is_active = True
    session.commit()
    assert by_rest(app, only, role, {"is_active": False}).status_code == 200


def test_of_two_administrators_who_remove_each_other_at_the_same_moment_one_stays(
    app: Flask, empty_database: str
) -> None:
    """Two connections: each has seen that the other one remains."""
    migrate.upgrade(empty_database)
    engine = create_engine(sqlalchemy_url(empty_database))
    event.listen(engine, "connect", lambda raw, _record: raw.execute("SET ROLE indexus_app"))
    with Session(engine, expire_on_commit=False) as session, system_scope("tests"), session.begin():
        both = [make_user(session, name, role=Role(name=name, legacy_role="admin")) for name in ("one", "two")]
    together = threading.Barrier(2)

    def remove(me: User, you: User) -> bool:
        eyes = Viewer(me.id, me.full_name, countries=EVERYWHERE, everything=True)
        with Session(engine) as session, acting(eyes):
            session.info["by"] = eyes
            other = session.get_one(User, you.id)
            together.wait(20)
            other.is_active = False
            try:
                session.commit()
            except DomainError:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = [future.result(30) for future in (pool.submit(remove, *both), pool.submit(remove, *reversed(both)))]
    with engine.connect() as connection:
        left = connection.scalar(text("SELECT count(*) FROM users WHERE is_active"))
    engine.dispose()

    assert sorted(done) == [False, True]
    assert left == 1


def test_a_role_given_by_its_object_is_seen_as_well(app: Flask, session: Session, cast: Cast) -> None:
    """The foreign key follows only in the flush."""
    petra, administrators = cast["petra"], cast["administrators"]

    with (
        app.test_request_context(),
        pytest.raises(DomainError, match="administrator"),
        transaction(by=viewer(session, cast["officer"])) as acting,
    ):
        acting.get_one(User, petra.id).primary_role = acting.get_one(Role, administrators.id)

    session.expire_all()
    assert petra.role_id != administrators.id


def test_a_value_that_was_never_read_is_no_way_around(app: Flask, session: Session, cast: Cast) -> None:
    with (
        app.test_request_context(),
        pytest.raises(DomainError, match="system role"),
        transaction(by=viewer(session, cast["admin"])) as acting,
    ):
        role = acting.get_one(Role, cast["administrators"].id)
        acting.expire(role)
        role.is_active = False


def test_a_statement_over_many_rights_is_refused(app: Flask, session: Session, cast: Cast) -> None:
    with (
        app.test_request_context(),
        pytest.raises(DomainError),
        transaction(by=viewer(session, cast["officer"])) as acting,
    ):
        acting.execute(update(RoleModulePermission).values(can_add=True))


def test_the_system_is_bound_by_none_of_it(app: Flask, session: Session, cast: Cast) -> None:
    with app.test_request_context(), transaction(by=SYSTEM) as acting:
        acting.get_one(Role, cast["administrators"].id).is_active = False

    session.expire_all()
    assert cast["administrators"].is_active is False


def test_the_account_of_the_system_stays_as_it_is(app: Flask, session: Session, cast: Cast) -> None:
    system = session.get(User, SYSTEM_USER)

    answers = [
        by_rest(app, cast["admin"], system, {"is_active": True, "email": "mine@example.com"}),
        add_by_rest(app, cast["admin"], "user_roles", {"user_id": SYSTEM_USER, "role_id": cast["administrators"].id}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403], [answer.text for answer in answers]


# The matrix -----------------------------------------------------------------


def save(app: Flask, session: Session, actor: User, role: Role, *changes: dict[str, Any], version: str = "") -> Any:
    browser = logged_in(app, actor)
    state = browser.get(f"/rights/{role.id}/state.json", headers={"Accept": "application/json"})
    known = version or (state.json["version"] if state.status_code == 200 else "")
    return browser.post(f"/rights/{role.id}/save", json={"version": known, "changes": list(changes)})


def module(key: str, what: str, to: bool) -> dict[str, Any]:
    return {"module": key, "what": what, "to": to}


def limit(key: str, name: str, to: str) -> dict[str, Any]:
    return {"module": key, "what": "field", "name": name, "to": to}


MATRIX: tuple[tuple[str, str, tuple[dict[str, Any], ...], int], ...] = (
    ("admin", "clerks", (module("deals", "visible", True), module("deals", "edit", True)), 200),
    ("admin", "clerks", (limit("customers", "email", "hidden"),), 200),
    ("admin", "administrators", (module("deals", "visible", False),), 403),
    ("officer", "office", (module("tasks", "edit", True),), 403),
    ("officer", "clerks", (module("customers", "add", True),), 403),
    ("officer", "clerks", (module("customers", "edit", False),), 200),
    ("officer", "plain", (module("customers", "visible", True),), 403),
    ("officer", "plain", (module("customers", "visible", True), limit("customers", "national_id", "hidden")), 200),
    ("officer", "plain", (module("customers", "visible", True), limit("customers", "national_id", "readonly")), 403),
    ("officer", "plain", (module("deals", "visible", True),), 403),
    ("local admin", "clerks", (module("customers", "edit", False),), 403),
    ("petra", "clerks", (module("customers", "edit", False),), 403),
    ("admin", "clerks", (module("no_such_module", "visible", True),), 400),
    ("admin", "clerks", (limit("customers", "no_such_field", "hidden"),), 400),
    ("admin", "clerks", (limit("customers", "email", "invisible"),), 400),
    ("admin", "clerks", ({"module": "customers", "what": "visible", "to": "yes"},), 400),
    ("admin", "clerks", (module("dashboard", "add", True),), 400),
    ("admin", "clerks", ({"module": ["customers"]},), 400),
)


@pytest.mark.parametrize(("who", "what", "changes", "status"), MATRIX, ids=range(len(MATRIX)))
def test_the_matrix_saves_only_as_the_rules_say(
    app: Flask, session: Session, cast: Cast, who: str, what: str, changes: tuple[dict[str, Any], ...], status: int
) -> None:
    before = given(session, cast[what])

    answer = save(app, session, cast[who], cast[what], *changes, version="" if who != "petra" else "x")

    assert answer.status_code == status, answer.text[:300]
    assert (given(session, cast[what]) == before) == (status != 200)


def given(session: Session, role: Role) -> set[Any]:
    session.expire_all()
    return {(r.module_key, r.access, r.can_add, r.can_edit) for r in role.role_module_permissions} | {
        (r.module_key, r.field_key, r.permission) for r in role.role_field_permissions
    }


def test_what_is_refused_names_the_changes_it_is_about(app: Flask, session: Session, cast: Cast) -> None:
    answer = save(
        app, session, cast["officer"], cast["plain"],
        module("users", "visible", True), module("deals", "visible", True),
    )  # fmt: skip

    assert answer.status_code == 403
    assert answer.json["refused"] == ["deals:visible:"]
    assert "Deals" in answer.json["message"]


# How rights merge -----------------------------------------------------------

SHOWN, ADDS = ModuleRight(True, False, False), ModuleRight(True, True, False)
E, R, H = Right.editable, Right.readonly, Right.hidden
HERE = ("customers", "email")
MERGING: tuple[tuple[str, tuple[Given, ...], ModuleRight, Right], ...] = (
    ("no role", (), ModuleRight(), H),
    ("a role without the module", (Given(),), ModuleRight(), H),
    ("a limit without the module", (Given(fields={HERE: R}),), ModuleRight(), H),
    ("the module alone", (Given({"customers": SHOWN}),), SHOWN, E),
    ("read-only", (Given({"customers": SHOWN}, {HERE: R}),), SHOWN, R),
    ("hidden", (Given({"customers": SHOWN}, {HERE: H}),), SHOWN, H),
    ("hidden and read-only", (Given({"customers": SHOWN}, {HERE: H}), Given({"customers": ADDS}, {HERE: R})), ADDS, R),
    ("hidden and not named", (Given({"customers": SHOWN}, {HERE: H}), Given({"customers": ADDS})), ADDS, E),
    ("hidden, and a limit that does not count",
     (Given({"customers": SHOWN}, {HERE: H}), Given(fields={HERE: R})), SHOWN, H),
    ("hidden, and an administrator",
     (Given({"customers": SHOWN}, {HERE: H}), Given(everything=True)), ModuleRight(True, True, True), E),
)  # fmt: skip


@pytest.mark.parametrize(("name", "roles", "module", "right"), MERGING, ids=[case[0] for case in MERGING])
def test_the_most_permissive_of_the_roles_that_show_the_module_counts(
    name: str, roles: tuple[Given, ...], module: ModuleRight, right: Right
) -> None:
    rights = merged(roles)

    assert (rights.module("customers"), rights.field(*HERE)) == (module, right)
