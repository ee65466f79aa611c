"""Statements and parts of pages that are made once: nothing of one viewer or language stays in them for another."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, Select, Table, exists, func, select, union_all
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import RelationshipProperty, Session, aliased
from sqlalchemy.sql import visitors

from app.access.models import User
from app.core import scope, statements
from app.core.errors import BadQuery
from app.core.types import Country
from app.core.viewer import SYSTEM, Right, Viewer
from app.customers.models import Customer, CustomerNote
from app.screens import query
from app.screens.filters import Active
from app.screens.locale import speaking
from app.screens.query import Listing, lists, narrowing
from app.tables import MODELS
from tests.smallest import smallest
from tests.statements import statements as sent


def by_walking(statement: Any) -> set[str]:
    """Every table of a statement, found by SQLAlchemy's own walk through all of its parts."""
    found = set()
    for element in visitors.iterate(statement):
        if isinstance(element, Table):
            found.add(element.name)
        for parts in getattr(element, "_setup_joins", ()):
            for part in parts[:2]:
                relation = getattr(part, "property", None)
                if isinstance(relation, RelationshipProperty):
                    found.add(relation.mapper.local_table.name)  # type: ignore[attr-defined]
    return found


def written() -> list[Any]:
    person = aliased(User)
    name = select(person.full_name).where(person.id == Customer.assigned_user_id).scalar_subquery()
    notes = select(func.count()).where(CustomerNote.customer_id == Customer.id).scalar_subquery()
    inside = select(Customer.id, name.label("who"), notes.label("notes")).subquery()
    return [
        select(Customer),
        select(Customer.id, name, notes),
        select(inside.c.who).join(Customer, Customer.id == inside.c.id),
        select(Customer.id).where(exists().where(CustomerNote.customer_id == Customer.id)),
        select(func.coalesce(func.nullif(name, ""), notes.cast(User.full_name.type))),
        union_all(select(Customer.id), select(CustomerNote.id)),
        select(union_all(select(Customer.id), select(User.id)).subquery()),
    ]


@pytest.mark.parametrize("place", range(len(written())))
def test_every_table_of_a_statement_is_found_however_deep(place: int) -> None:
    statement = written()[place]

    assert statements.tables_in(statement) == by_walking(statement)
    assert statements.tables_in(statement) == by_walking(statement), "and once more, when its parts are known"


@pytest.mark.parametrize("table", MODELS)
def test_every_table_of_a_list_is_found(app: Flask, table: str) -> None:
    screens = app.extensions["screens"]
    screen = screens[table]
    with speaking("en", "UTC"):
        made: Select[Any] = lists.page(screens, screen, SYSTEM, Listing(), screen.shown())

    assert statements.tables_in(made) == by_walking(made)


def test_what_is_prepared_is_made_once_for_an_owner_and_a_key() -> None:
    owner, other, made = object(), object(), []

    def make() -> Any:
        made.append(select(Customer.id))
        return made[-1]

    first = statements.prepared(owner, "a", make)

    assert statements.prepared(owner, "a", make) is first
    assert statements.prepared(owner, "b", make) is not first
    assert statements.prepared(other, "a", make) is not first
    assert len(made) == 3


def test_viewers_with_other_rights_or_countries_never_share_a_statement() -> None:
    plain = Viewer("u", "U", countries=("SK",), everything=True)
    alike = Viewer("u", "U again", countries=("SK",), everything=True)
    others = [
        Viewer("v", "U", countries=("SK",), everything=True),
        Viewer("u", "U", countries=("SK", "CZ"), everything=True),
        Viewer("u", "U", countries=("SK",), everything=True, behind="admin"),
        Viewer("u", "U", countries=("SK",), fields={"customers": {"email": Right.hidden}}),
        Viewer("u", "U", countries=("SK",), fields={"customers": {"email": Right.readonly}}),
    ]

    assert query.whose(plain) == query.whose(alike)
    assert len({query.whose(plain), *(query.whose(other) for other in others)}) == len(others) + 1


VALUES = {"boolean": "1", "integer": "7", "decimal": "7.5", "money": "7.5", "date": "2026-03-05", "relation": "7"}


@pytest.mark.parametrize("table", MODELS)
def test_a_filter_of_a_kept_statement_asks_the_same_as_one_that_is_made_anew(app: Flask, table: str) -> None:
    screen, seen = app.extensions["screens"][table], 0
    for f in screen.fields.values():
        value = f.picks()[0][0] if f.choices else VALUES.get(f.kind.name, "x")
        for operator in f.kind.operators:
            with app.test_request_context():
                try:
                    listing = Listing((Active(f, operator, (value,)),))
                    by = narrowing.compared_by(screen, listing)
                    anew = query.narrowed(screen, SYSTEM, listing)
                except BadQuery:
                    continue  # no value of this kind
            if by is not None:
                kept = query.narrowed(screen, SYSTEM, listing, by)
                assert asked(kept, narrowing.given(listing, by, {})) == asked(anew, {})
                seen += 1

    assert seen, "no filter of this table is kept"


def asked(statement: Any, given: dict[str, Any]) -> tuple[str, list[Any]]:
    """The SQL without the names of its parameters, and their values in order."""
    made = statement.compile(dialect=postgresql.dialect(paramstyle="named"))
    names = re.findall(r":(?:__\[POSTCOMPILE_)?(\w+)|__\[POSTCOMPILE_(\w+)", str(made))
    values = made.construct_params(given)
    order = [first or second for first, second in names]
    return re.sub(r"POSTCOMPILE_\w+|:\w+", ":", str(made)), [values[name] for name in order if name in values]


def test_each_value_of_a_kept_filter_finds_its_own_rows(client: FlaskClient, session: Session) -> None:
    homes = {code: str(smallest(session, "customers", country=Country(code)).id) for code in ("SK", "HU")}
    session.commit()

    def shown(**asked: str) -> set[str]:
        page = client.get("/customers/list/", query_string={f"_flt_{name}": value for name, value in asked.items()})
        return {code for code, key in homes.items() if f'href="/customers/show/{key}' in page.text}

    assert [shown(eq_country=code) for code in ("SK", "HU", "CZ", "SK")] == [{"SK"}, {"HU"}, set(), {"SK"}]
    assert [shown(in_country=codes) for codes in ("SK", "SK,HU", "HU")] == [{"SK"}, {"SK", "HU"}, {"HU"}]
    assert client.get("/customers/list/?_flt_eq_country=XX").status_code == 400


def test_a_statement_that_stays_keeps_the_walls_of_one_viewer_from_another(session: Session) -> None:
    homes = {code: str(smallest(session, "customers", country=Country(code)).id) for code in ("SK", "HU")}
    stays = statements.standing(select(Customer.id))
    clerks = {code: Viewer(f"clerk of {code}", "U", countries=(code,), everything=True) for code in homes}

    for _again in range(2):
        for code, clerk in clerks.items():
            found = session.scalars(stays, execution_options={"viewer": clerk}).all()
            assert homes[code] in found and not (set(homes.values()) - {homes[code]}) & set(found)
    nobody = session.scalars(stays, execution_options={"viewer": Viewer("", "")}).all()
    everybody = session.scalars(stays, execution_options={"viewer": SYSTEM}).all()
    assert nobody == [] and set(homes.values()) <= set(everybody)


def test_what_is_asked_on_the_connection_stays_within_the_walls_too(session: Session) -> None:
    homes = {code: str(smallest(session, "customers", country=Country(code)).id) for code in ("SK", "HU")}
    session.flush()
    question = select(select(Customer.id).subquery())

    for code in homes:
        clerk = Viewer(f"clerk of {code}", "U", countries=(code,), everything=True)
        found = set(session.connection().execute(scope.within(session, question, clerk)).scalars())
        assert found & set(homes.values()) == {homes[code]}


def test_who_is_there_and_what_he_may_do_is_one_question(client: FlaskClient, engine: Engine) -> None:
    client.get("/tables/")
    with sent(engine) as seen:
        assert client.get("/tables/").status_code == 200

    asking = [sql for sql in seen if "role_module_permissions" in sql or "FROM users" in sql]
    assert len(asking) == 1 and "user_sessions" in asking[0]


def test_names_and_choices_follow_the_language_though_they_are_kept(client: FlaskClient) -> None:
    def labels(language: str) -> str:
        client.post(f"/lang/{language}")
        return client.get("/deals/list/").text

    english, slovak, again = labels("en"), labels("sk"), labels("en")

    assert "Expected close" in english and "Expected close" not in slovak
    assert "Expected close" in again


def test_a_part_of_a_page_is_drawn_once_for_what_it_is_told_and_each_language(app: Flask) -> None:
    part = app.jinja_env.globals["part"]
    drawn = []
    for language in ("en", "sk", "en"):
        with app.test_request_context(headers={"Accept-Language": language}):
            drawn.append(part("_goto.html", "/tables/"))
            assert part("_goto.html", "/elsewhere/") != drawn[-1]

    assert drawn[0] is drawn[2]
    assert drawn[0] != drawn[1]
