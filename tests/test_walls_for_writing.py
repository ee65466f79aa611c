"""The wall between countries for whatever is written: parents, moves, rows of all countries, statements, and the
database's own wall for whoever passes by the session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.guard_rights import RefusedRight
from app.access.models import User
from app.core.db import session_factory, transaction
from app.core.errors import Unprocessable
from app.core.paths import GLOBAL, Own, Owns, Through
from app.core.policies import policies
from app.core.scope import ForeignCountry
from app.core.types import Country
from app.core.viewer import EVERYWHERE, SYSTEM, Viewer, acting
from app.customers.models import Customer
from app.house import SCREENS
from app.screens.fields import fields_of
from app.tables import ALL, MODELS
from tests.conftest import logged_in, token_of
from tests.places import (
    ABROAD,
    HOME,
    attribute,
    clerk,
    deciding,
    everything_in,
    foreign_keys,
    image,
    kind_for,
    parent_in,
    path,
    placed,
    placed_values,
    screens_of,
    table_of,
)
from tests.smallest import LOGS, form_of, json_of
from tests.statements import statements

KEYS = [key for key in foreign_keys() if path(key[2]) is not GLOBAL]
every_key = pytest.mark.parametrize(("table", "column", "target"), KEYS, ids=[f"{t}.{c}>{x}" for t, c, x in KEYS])


BY_SERVICES = {(screen.table, name) for screen in SCREENS for name in screen.readonly}


def fillable(table: str, column: str) -> bool:
    f = fields_of(MODELS[table])[column]
    return table not in LOGS and (table, column) not in BY_SERVICES and not (f.readonly or f.internal or f.secret)


BY_HAND = [key for key in KEYS if fillable(*key[:2])]
every_key_by_hand = pytest.mark.parametrize(
    ("table", "column", "target"), BY_HAND, ids=[f"{t}.{c}>{x}" for t, c, x in BY_HAND]
)
OWN = sorted(name for name in MODELS if isinstance(path(name), Own | Owns))
EMPTY = sorted(
    name
    for name in MODELS
    for way in (path(name),)
    if (isinstance(way, Own) and table_of(name).c[way.column].nullable and not way.otherwise)
    or (isinstance(way, Owns) and not way.seat)
)
WALLED = sorted(policies(ALL))
pytestmark = pytest.mark.usefixtures("without_csrf")
OUTSIDE, NOT_THERE = "42501", "23503"  # refused by a policy; a trigger does not find what a policy hides


class Person:
    """Browser, program and viewer of somebody."""

    def __init__(self, app: Flask, session: Session, user: User) -> None:
        self._app = app
        self._token = {**token_of(app, user), "If-Match": "*"}
        self._browser = logged_in(app, user)
        self.viewer: Viewer = viewer_of(session, user)

    def form(self, address: str, form: dict[str, Any]) -> tuple[int, str]:
        answer = self._browser.post(address, data=form)
        return answer.status_code, answer.text

    def rest(self, method: str, address: str, body: dict[str, Any]) -> tuple[int, str]:
        answer = self._app.test_client().open(address, method=method, headers=self._token, json=body)
        return answer.status_code, answer.text


@pytest.fixture
def home(app: Flask, session: Session) -> Person:
    """Somebody who may do everything, in one country."""
    return Person(app, session, clerk(session, app, "home", HOME))


# Parents of another country ---------------------------------------------------


def test_all_foreign_keys_are_covered() -> None:
    """157 documented ones, four of them to two tables."""
    in_schema = {(name, key.parent.name) for name in MODELS for key in ALL[name].foreign_keys}

    covered = {(table, column) for table, column, _target in foreign_keys()}

    assert in_schema <= covered
    assert len(covered) >= 157
    assert len(KEYS) > 130
    assert len(BY_HAND) > 110


@every_key
def test_no_flush_leads_to_a_parent_of_another_country(
    session: Session, home: Person, table: str, column: str, target: str
) -> None:
    values, name, foreign = _values(session, table, column, target)
    before = everything_in(session, table)

    # Of roles the rules about rights may speak first: they hold in all countries.
    with pytest.raises((ForeignCountry, RefusedRight, DBAPIError)) as refused, transaction(by=home.viewer) as writing:
        writing.add(MODELS[table](**{**values, name: foreign}))
        writing.flush()

    if isinstance(refused.value, DBAPIError):
        assert refused.value.orig.sqlstate in (OUTSIDE, NOT_THERE)  # type: ignore[union-attr]
    assert everything_in(session, table) == before


@every_key_by_hand
def test_a_parent_of_another_country_is_refused_by_form_and_by_rest(
    app: Flask, session: Session, home: Person, table: str, column: str, target: str
) -> None:
    values, name, foreign = _values(session, table, column, target)
    screen = screens_of(app)[table]
    f = fields_of(MODELS[table])[column]
    own = {f.attribute: parent_in(session, f, HOME, target)} if f.column.info.get("polymorphic") else {}
    row = placed(session, table, HOME, 0, **kind_for(table, f, target), **own)
    session.commit()
    before, stored = everything_in(session, table), image(session, table, row.id)
    new = {**values, name: foreign}
    writable = {a for f in screen.editable() for a in f.attributes}
    body = json_of(screen, {key: value for key, value in new.items() if key in writable})

    answers = [
        home.form(f"/{table}/add", {**form_of(MODELS[table](**new)), **_secrets(table)}),
        home.rest("POST", f"/api/v1/{table}/", body),
        home.form(f"/{table}/edit/{row.id}", {**form_of(row), column: str(foreign), "version": row.row_version}),
        home.rest("PUT", f"/api/v1/{table}/{row.id}", {column: body[column]}),
    ]

    for status, said in answers:
        assert status == 422, said[:500]
        assert "you have no access to it" in said
    assert everything_in(session, table) == before
    assert image(session, table, row.id) == stored


def _secrets(table: str) -> dict[str, str]:
    return {f.name: "a secret" for f in fields_of(MODELS[table]).values() if f.secret and f.required and not f.internal}


def _values(session: Session, table: str, column: str, target: str) -> tuple[dict[str, Any], str, Any]:
    """A row of one's own country, and a parent abroad for one of its foreign keys."""
    f = fields_of(MODELS[table])[column]
    values = placed_values(session, table, HOME, 0, **kind_for(table, f, target))
    foreign = parent_in(session, f, ABROAD, target)
    session.commit()
    return values, f.attribute, foreign


# Moving -------------------------------------------------------------------------


@pytest.mark.parametrize("table", OWN)
def test_a_record_is_not_moved_to_a_country_its_editor_does_not_have(
    app: Flask, session: Session, home: Person, table: str
) -> None:
    way = path(table)
    assert isinstance(way, Own | Owns)
    name, several = attribute(table, way.column), isinstance(way, Owns)
    row = placed(session, table, HOME)
    session.commit()
    stored, sent = image(session, table, row.id), {**form_of(row), "version": row.row_version}
    there: Any = [ABROAD] if several else ABROAD

    answers = [
        home.form(f"/{table}/edit/{row.id}", {**sent, way.column: there}),
        home.rest("PUT", f"/api/v1/{table}/{row.id}", {way.column: there}),
    ]

    assert [status for status, _said in answers] == [422, 422], answers
    assert all("You work in these countries only: SK." in said for _status, said in answers)
    assert image(session, table, row.id) == stored
    # What a pipeline is for may speak first.
    with pytest.raises((ForeignCountry, Unprocessable, DBAPIError)), transaction(by=home.viewer) as writing:
        mine = writing.get(MODELS[table], row.id)
        setattr(mine, name, [Country(ABROAD)] if several else Country(ABROAD))
        writing.flush()
    assert image(session, table, row.id) == stored


def test_a_child_is_not_handed_over_with_its_parent(session: Session, home: Person) -> None:
    note = placed(session, "customer_notes", HOME)
    customer = placed(session, "customers", ABROAD)
    session.commit()
    stored = image(session, "customer_notes", note.id)

    with pytest.raises((ForeignCountry, DBAPIError)), transaction(by=home.viewer) as writing:
        mine = writing.get(MODELS["customer_notes"], note.id)
        mine.customer_id = customer.id
        writing.flush()

    assert image(session, "customer_notes", note.id) == stored


# What belongs to all countries ----------------------------------------------------


@pytest.mark.parametrize("table", EMPTY)
def test_what_is_of_all_countries_is_read_by_all_and_changed_by_who_has_them_all(
    app: Flask, session: Session, home: Person, table: str
) -> None:
    way, everywhere = path(table), Person(app, session, clerk(session, app, "everywhere", *EVERYWHERE))
    assert isinstance(way, Own | Owns)
    row = placed(session, table, HOME, 0, **{attribute(table, way.column): [] if isinstance(way, Owns) else None})
    session.commit()
    stored, sent = image(session, table, row.id), {**form_of(row), "version": row.row_version}
    text_field = next(f.name for f in screens_of(app)[table].editable() if f.kind.name in ("string", "text"))

    read, _said = home.rest("GET", f"/api/v1/{table}/{row.id}", {})
    refused = [
        home.form(f"/{table}/edit/{row.id}", sent)[0],
        home.rest("PUT", f"/api/v1/{table}/{row.id}", {text_field: "of my own"})[0],
        home.rest("DELETE", f"/api/v1/{table}/{row.id}", {})[0],
    ]
    home.form(f"/{table}/delete/{row.id}", {})  # back to the record, with the reason

    assert (read, refused) == (200, [403, 403, 403])
    assert image(session, table, row.id) == stored
    assert everywhere.form(f"/{table}/delete/{row.id}", {})[0] == 302


# Statements over many rows ------------------------------------------------------


def test_a_statement_reaches_rows_of_the_own_countries_only(session: Session, home: Person) -> None:
    mine, theirs = placed(session, "customers", HOME), placed(session, "customers", ABROAD)
    session.commit()

    with transaction(by=home.viewer) as writing:
        changed = writing.execute(update(Customer).values(city="Bratislava")).rowcount  # type: ignore[attr-defined]
        seen = writing.scalar(select(func.count()).select_from(Customer))
    with transaction(by=home.viewer) as writing:
        gone = writing.execute(delete(Customer)).rowcount  # type: ignore[attr-defined]

    assert (changed, seen, gone) == (1, 1, 1)
    assert image(session, "customers", mine.id) is None
    left = image(session, "customers", theirs.id)
    assert left is not None and left["city"] != "Bratislava"


@pytest.mark.parametrize("values", [{"country": Country.CZ}, {"id": "another"}, {"assigned_user_id": "somebody"}])
def test_no_statement_moves_rows_or_leads_them_elsewhere(
    session: Session, home: Person, values: dict[str, Any]
) -> None:
    placed(session, "customers", HOME)
    session.commit()

    with pytest.raises(ForeignCountry), transaction(by=home.viewer) as writing:
        writing.execute(update(Customer).values(**values))


def test_a_new_default_of_the_own_country_leaves_those_of_other_countries_alone(session: Session, home: Person) -> None:
    old, new = (placed(session, "invoice_layouts", HOME, 0, is_default=given) for given in (True, False))
    abroad = placed(session, "invoice_layouts", ABROAD, 0, is_default=True)
    session.commit()

    status, said = home.rest("PUT", f"/api/v1/invoice_layouts/{new.id}", {"is_default": True})

    assert status == 200, said
    kept = [image(session, "invoice_layouts", row.id) for row in (old, new, abroad)]
    assert [row and row["is_default"] for row in kept] == [False, True, True]


# The database's own wall ----------------------------------------------------------


def test_tables_with_a_country_and_the_children_of_customers_have_policies(session: Session) -> None:
    asked = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
    direct = {name for name in MODELS if isinstance(path(name), Own | Owns)}
    children = {
        name for name in MODELS for way in (path(name),) if isinstance(way, Through) and way.column == "customer_id"
    }

    assert set(session.scalars(asked)) == set(WALLED) == direct | children
    assert len(children) > 8


@pytest.fixture
def plain(session: Session) -> Iterator[Session]:
    """The session's connection past the first wall: raw SQL as the application's role, for `HOME`."""
    yield session
    session.rollback()


def as_clerk(session: Session, countries: str) -> None:
    session.commit()
    session.execute(
        text("SELECT set_config('role', 'indexus_app', true), set_config('indexus.countries', :c, true)"),
        {"c": countries},
    )


@pytest.mark.parametrize("table", WALLED)
def test_raw_sql_meets_the_second_wall(plain: Session, table: str) -> None:
    mine, theirs = placed(plain, table, HOME), placed(plain, table, ABROAD)
    keys, append_only = {"keys": [mine.id, theirs.id]}, table in LOGS
    plain.commit()
    raw = plain.connection().execute
    ids = text(f'SELECT id FROM "{table}" WHERE id = ANY(:keys)')

    as_clerk(plain, HOME)
    seen = set(raw(ids, keys).scalars())
    changed = raw(text(f'UPDATE "{table}" SET id = id WHERE id = ANY(:keys)'), keys).rowcount if not append_only else 1
    as_clerk(plain, "")
    unseen = set(raw(ids, keys).scalars())

    assert (seen, changed, unseen) == ({mine.id}, 1, set())


@pytest.mark.parametrize("table", WALLED)
def test_raw_sql_makes_no_row_of_another_country(plain: Session, table: str) -> None:
    values = placed_values(plain, table, ABROAD)
    plain.commit()
    row = MODELS[table](**values)
    insert = table_of(table).insert()
    columns = {column.name: values[key] for key in values for column in (_column(table, key),)}

    as_clerk(plain, HOME)
    with pytest.raises(DBAPIError) as refused:
        plain.connection().execute(insert.values(id=_key(row, table), **columns))

    assert refused.value.orig.sqlstate in (OUTSIDE, NOT_THERE), refused.value  # type: ignore[union-attr]


def _column(table: str, key: str) -> Any:
    return MODELS[table].__mapper__.get_property(key).columns[0]


def _key(row: Any, table: str) -> Any:
    return 987_654 if not hasattr(MODELS[table].id.type, "length") else f"new row of {table}"


# What it costs --------------------------------------------------------------------


@pytest.mark.parametrize("table", ["customers", "customer_notes", "tasks", "invoices", "users"])
def test_the_rights_of_a_request_cost_two_statements(
    app: Flask, session: Session, engine: Engine, home: Person, table: str
) -> None:
    """One for roles, modules, fields and countries, one that tells the database; however many rows there are."""
    for _row in range(3):
        placed(session, table, HOME)
    session.commit()

    with statements(engine) as seen:
        assert home._browser.get(f"/{table}/list/").status_code == 200

    rights = [s for s in seen if "set_config" in s or "role_module_permissions" in s or "role_field_permissions" in s]

    assert len(rights) <= 2, rights
    assert len(deciding(table)) > 0


def test_what_is_read_after_a_commit_in_the_same_session_meets_the_same_wall(engine: Engine) -> None:
    """What the database is told holds for one transaction, and the next one is told again."""
    whose: list[Any] = []

    with session_factory() as session, acting(SYSTEM):
        for _time in (1, 2):
            session.scalars(select(Customer.id).limit(1)).all()
            whose.append(session.connection().exec_driver_sql("SELECT current_setting('role')").scalar())
            session.commit()

    assert whose == ["indexus_everywhere"] * 2
