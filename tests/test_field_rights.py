"""Field rights over all tables and columns: what is hidden is nowhere, what is read-only stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import prison
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserRole
from app.core.viewer import Right
from app.screens.fields import Field
from app.screens.resolve import Resolved
from app.tables import MODELS
from tests.conftest import logged_in, make_user
from tests.smallest import NARROWER, form_of, given_to, plain_value, smallest, typed
from tests.test_all_tables import OWN_FORMS
from tests.test_rights import bearer, screens_of

every_table = pytest.mark.parametrize("table", sorted(MODELS))
pytestmark = pytest.mark.usefixtures("without_csrf")
CANARY = "zvonkohra"  # stands in every text that must not be seen


def holder(session: Session, app: Flask, name: str, *roles: dict[tuple[str, str], str]) -> User:
    """Somebody who may do everything with all modules, except for fields: one role for each mapping."""
    modules = {screen.module for screen in screens_of(app).values()} | {"export"}
    made = []
    for number, fields in enumerate(roles):
        role = Role(name=f"{name} {number}")
        role.role_module_permissions = [RoleModulePermission(module_key=m, access="visible") for m in sorted(modules)]
        role.role_field_permissions = [
            RoleFieldPermission(module_key=module, field_key=key, permission=permission)
            for (module, key), permission in fields.items()
        ]
        made.append(role)
    user = make_user(session, name, role=made[0])
    session.add_all(UserRole(user=user, role=role) for role in made[1:])
    session.commit()
    return user


def key_of(screen: Resolved, f: Field) -> tuple[str, str]:
    return screen.module, f.name if not screen.inside else f"{screen.table}.{f.name}"


def rights_on(screen: Resolved, permission: str) -> dict[tuple[str, str], str]:
    """The same right on every field of one table."""
    return {key_of(screen, f): permission for f in screen.shown()}


def marked(session: Session, screen: Resolved) -> Any:
    """A row with the canary in every text that takes it."""
    given = {
        f.attribute: CANARY
        for f in screen.shown()
        if f.kind.name in ("string", "text", "html")
        and (f.length is None or f.length >= len(CANARY))
        and not f.name.startswith("working_hours")  # a time of day
        and "names_table" not in f.column.info  # of another kind of record nobody would know
        and (screen.table, f.name) not in NARROWER
    }
    row = smallest(session, screen.table, **given)
    session.commit()
    session.refresh(row)
    return row


def hit(f: Field) -> str:
    """A text that the filter of a field takes."""
    return typed(f, plain_value(f)) if f.kind.name not in ("tags", "multichoice", "relation") else CANARY


class Doors:
    """A browser and a program of one person."""

    def __init__(self, app: Flask, user: User) -> None:
        self.user = user
        self.browser: FlaskClient = logged_in(app, user)
        self.program = app.test_client()
        self.token = {**bearer(app, user), "If-Match": "*"}

    def get(self, address: str) -> Any:
        return self.browser.get(address, follow_redirects=True)

    def rest(self, address: str, method: str = "GET", *, q: Any = None, json: Any = None) -> Any:
        query = {"q": prison.dumps(q)} if q is not None else None
        return self.program.open(address, method=method, headers=self.token, query_string=query, json=json)


def answers(doors: Doors, screen: Resolved, key: Any) -> Iterator[tuple[str, Any]]:
    """Every answer in which a value of this record could stand."""
    table = screen.table
    forms = () if screen.append_only else (f"edit/{key}", "add")
    for page in (
        "list/",
        "list/?all=1",
        f"show/{key}",
        f"show/{key}/history",
        f"show/{key}/timeline",
        *forms,
        "chart/",
        "export.csv?all=1",
    ):
        yield page, doors.get(f"/{table}/{page}")
    for number in range(len(screen.charts)):
        yield f"chart {number}", doors.get(f"/{table}/chart/{number}.json")
    for page in ("", f"{key}", "_info"):
        yield f"REST {page}", doors.rest(f"/api/v1/{table}/{page}")


@every_table
def test_a_hidden_field_is_in_no_answer(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    doors = Doors(app, holder(session, app, "somebody", rights_on(screen, "hidden")))
    row = marked(session, screen)
    given_to(session, row, doors.user)

    for where, answer in answers(doors, screen, row.id):
        assert CANARY not in answer.get_data(as_text=True), where
        assert answer.status_code in ((200, 403, 404) if table in OWN_FORMS else (200, 404)), where
    shown = doors.rest(f"/api/v1/{table}/{row.id}").json
    assert shown["show_columns"] == ["id"]
    assert set(shown["result"]) == {"id"}
    assert doors.rest(f"/api/v1/{table}/_info").json["filters"] == {}


@every_table
def test_a_hidden_name_is_not_told_by_the_records_that_point_to_it(app: Flask, session: Session, table: str) -> None:
    screens = screens_of(app)
    screen = screens[table]
    doors = Doors(app, holder(session, app, "somebody", rights_on(screen, "hidden")))
    row = marked(session, screen)
    given_to(session, row, doors.user)

    for child in screen.children[:3]:
        other = screens[child.table]
        f = other.fields[child.column]
        if other.table == table or len(f.targets) > 1:
            continue
        pointing = smallest(session, other.table, **{f.attribute: row.id})
        session.commit()
        for where, answer in answers(doors, other, pointing.id):
            assert CANARY not in answer.get_data(as_text=True), (child.key, where)
        picked = doors.get(f"/{other.table}/pick/{f.name}")
        assert CANARY not in picked.get_data(as_text=True), child.key


@every_table
def test_a_hidden_field_can_be_asked_for_in_no_way(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    doors = Doors(app, holder(session, app, "somebody", rights_on(screen, "hidden")))
    row = marked(session, screen)
    given_to(session, row, doors.user)

    for f in screen.shown():
        if f.kind.operators:
            operator = f.kind.operators[0]
            assert doors.get(f"/{table}/list/?_flt_{operator}_{f.name}={hit(f)}").status_code == 400, f.name
            filters = [{"col": f.name, "opr": operator, "value": hit(f)}]
            assert doors.rest(f"/api/v1/{table}/", q={"filters": filters}).status_code == 400, f.name
        assert doors.get(f"/{table}/list/?order={f.name}").status_code == 400, f.name
        assert doors.rest(f"/api/v1/{table}/", q={"order_column": f.name}).status_code == 400, f.name
        assert doors.rest(f"/api/v1/{table}/", q={"columns": [f.name]}).status_code == 400, f.name
        if f.targets:
            assert doors.get(f"/{table}/pick/{f.name}").status_code == 404, f.name
    if screen.find or screen.search:
        found = doors.rest(f"/api/v1/{table}/", q={"search": CANARY}).json
        assert row.id not in found["ids"]


@every_table
def test_a_hidden_or_read_only_field_is_not_changed_by_a_forged_post(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    row = marked(session, screen)

    for permission in ("hidden", "readonly"):
        doors = Doors(app, holder(session, app, permission, rights_on(screen, permission)))
        given_to(session, row, doors.user)
        before = form_of(row)
        forged = {**before, "version": row.row_version}
        for f in screen.editable():
            if f.kind.name in ("string", "text", "html"):
                forged[f.name] = "forged"
        doors.browser.post(f"/{table}/edit/{row.id}", data=forged)
        session.expire_all()
        assert form_of(session.get(MODELS[table], row.id)) == before, permission
        for f in screen.editable():
            body = {f.name: None if f.nullable else "forged"}
            answer = doors.rest(f"/api/v1/{table}/{row.id}", "PUT", json=body)
            assert answer.status_code in (422, 403), (permission, f.name)
        session.expire_all()
        assert form_of(session.get(MODELS[table], row.id)) == before, permission


@every_table
def test_a_read_only_field_is_shown(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    doors = Doors(app, holder(session, app, "somebody", rights_on(screen, "readonly")))
    row = marked(session, screen)
    given_to(session, row, doors.user)

    answer = doors.rest(f"/api/v1/{table}/{row.id}")

    assert set(answer.json["show_columns"]) == {
        "id",
        *(f.name for f in screen.shown() if not f.secret and f.name not in screen.sealed),
    }
    assert doors.get(f"/{table}/edit/{row.id}").status_code == (403 if screen.append_only else 200)


@every_table
def test_where_a_required_field_is_out_of_reach_the_form_says_so(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    if screen.append_only or table in OWN_FORMS:
        return  # has no generated form
    required = [f for f in screen.editable() if f.required]
    doors = Doors(app, holder(session, app, "somebody", rights_on(screen, "hidden")))

    page = doors.get(f"/{table}/add")
    posted = doors.browser.post(f"/{table}/add", data={})

    assert page.status_code == 200
    if required:
        assert str(required[0].label) in page.text
        assert posted.status_code == 422


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        (({},), Right.editable),
        (({"email": "hidden"},), Right.hidden),
        (({"email": "readonly"},), Right.readonly),
        (({"email": "hidden"}, {"email": "readonly"}), Right.readonly),
        (({"email": "hidden"}, {"email": "editable"}), Right.editable),
        (({"email": "hidden"}, {}), Right.editable),
        (({"email": "hidden"}, {"email": "hidden"}), Right.hidden),
    ],
)
def test_of_several_roles_the_most_permissive_wins_for_fields(
    app: Flask, session: Session, rights: tuple[dict[str, str], ...], expected: Right
) -> None:
    roles = [{("customers", name): permission for name, permission in given.items()} for given in rights]
    user = holder(session, app, "somebody", *roles)

    viewer = viewer_of(session, user)

    assert screens_of(app)["customers"].right(viewer, "email") is expected


def test_unknown_keys_in_the_role_tables_are_ignored(app: Flask, session: Session) -> None:
    user = holder(session, app, "somebody", {("customers", "no_such_field"): "hidden", ("nothing", "x"): "hidden"})

    assert Doors(app, user).get("/customers/list/").status_code == 200


def test_part_of_a_date_hides_the_whole_date(app: Flask, session: Session) -> None:
    user = holder(session, app, "somebody", {("collaborators", "birth_year"): "hidden"})
    row = smallest(session, "collaborators", birth_day=3, birth_month=4, birth_year=1976)
    session.commit()

    answer = Doors(app, user).rest(f"/api/v1/collaborators/{row.id}")

    assert not {"birth_day", "birth_month", "birth_year"} & set(answer.json["result"])


def test_the_currency_of_an_amount_is_hidden_by_itself(app: Flask, session: Session) -> None:
    user = holder(session, app, "somebody", {("deals", "currency"): "hidden"})
    row = smallest(session, "deals", value=12, currency="CHF")
    session.commit()

    page = Doors(app, user).get(f"/deals/show/{row.id}").text

    assert "CHF" not in page


def test_inspection_of_the_canary_itself(session: Session, app: Flask) -> None:
    """The canary is really stored, else its absence would prove nothing."""
    row = marked(session, screens_of(app)["customers"])

    assert CANARY in [getattr(row, a.key) for a in inspect(row).mapper.column_attrs]
