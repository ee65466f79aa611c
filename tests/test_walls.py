"""The wall between countries: all 99 tables at every door, for a row of another country and for one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import prison
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Column, MetaData, String, Table, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.models import User
from app.core.paths import GLOBAL, Mailbox, Own, Owner, Owns, People, Private, Reach, Through, path_of
from app.screens.resolve import Resolved
from app.tables import MODELS
from tests.conftest import logged_in, token_of
from tests.places import (
    ABROAD,
    CANARY,
    HOME,
    clerk,
    deciding,
    image,
    marked,
    path,
    placed,
    placed_tables,
    screens_of,
    table_of,
    turns,
    ways,
)
from tests.smallest import form_of, given_to

# What all countries share: rights, rates, the catalogue of words. Everything else belongs somewhere.
SHARED_BY_ALL = {
    "contract_categories", "departments", "email_routing_rules", "email_tags", "exchange_rates",
    "role_field_permissions", "role_module_permissions", "roles", "sip_settings", "variable_blocks",
    "variable_keywords", "variables",
}  # fmt: skip
VISITS = "activity_logs"  # grows with every look at a record
# Countries that a row tells of without belonging to them.
MENTIONED = {"campaign_operator_settings": {"assigned_countries"}, "collaborator_addresses": {"country_code"}}
EVERY_WAY = [way for name in placed_tables() for way in ways(name)]
every_way = pytest.mark.parametrize(("table", "turn"), EVERY_WAY, ids=[f"{name}-{turn}" for name, turn in EVERY_WAY])
SERIAL = {name for name in MODELS if not hasattr(MODELS[name].id.type, "length")}
NO_SUCH_ID = "00000000-0000-4000-8000-000000000000"
pytestmark = pytest.mark.usefixtures("without_csrf")

# What differs from answer to answer whatever it holds.
_CHANGING = re.compile(r'nonce="[^"]*"|name="(csrf|form_key)[^>]*>|"request_id":"\w+"|<code>\w+</code>')


class Person:
    """A browser and a program of one person."""

    def __init__(self, app: Flask, user: User) -> None:
        self.browser: FlaskClient = logged_in(app, user)
        self.program: FlaskClient = app.test_client()
        self.token = {**token_of(app, user), "If-Match": "*"}

    def send(self, method: str, address: str, body: Any = None, **more: Any) -> TestResponse:
        if address.startswith("/api/"):
            return self.program.open(address, method=method, headers=self.token, json=body, **more)
        return self.browser.open(address, method=method, data=body, **more)

    def get(self, address: str, **more: Any) -> TestResponse:
        return self.send("GET", address, **more)

    def ids(self, table: str) -> set[Any]:
        """The ids that REST tells of a table."""
        return set(self.get(f"/api/v1/{table}/", query_string={"q": "(page_size:100)"}).json["ids"])

    def count(self, table: str) -> int:
        return int(self.get(f"/api/v1/{table}/", query_string={"q": "(page_size:1)"}).json["count"])


def plain(answer: TestResponse, *keys: Any) -> tuple[int, str]:
    """Status and body without what differs each time, ids of records that the request named left out."""
    text = answer.get_data(as_text=True)
    for key in keys:
        text = re.sub(rf"\b{re.escape(str(key))}\b", "ID", text)
    return answer.status_code, _CHANGING.sub("", text)


def numbers(screen: Resolved) -> Iterator[str]:
    """Every address of a table that counts."""
    yield f"/{screen.table}/list/?all=1"
    yield from (f"/{screen.table}/chart/{number}.json" for number in range(len(screen.charts)))
    yield f"/api/v1/{screen.table}/"


def overviews(screen: Resolved) -> Iterator[str]:
    """Every address of a table that tells of many rows at once."""
    table = screen.table
    yield from numbers(screen)
    yield f"/{table}/list/"
    yield f"/{table}/chart/"
    yield f"/{table}/export.csv?all=1"
    yield f"/api/v1/{table}/?q={prison.dumps({'search': CANARY, 'columns': ['id']})}"
    yield from (f"/{table}/pick/{f.name}" for f in screen.shown() if f.targets)


def doors(table: str, key: Any, form: dict[str, Any], tab: str) -> Iterator[tuple[str, str, Any]]:
    """Every door of one record."""
    yield "GET", f"/{table}/show/{key}", None
    yield "GET", f"/{table}/show/{key}/tab/{tab}", None
    yield "GET", f"/{table}/show/{key}/history", None
    yield "GET", f"/{table}/edit/{key}", None
    yield "POST", f"/{table}/edit/{key}", form
    yield "POST", f"/{table}/delete/{key}", {}
    yield "GET", f"/api/v1/{table}/{key}", None
    yield "PUT", f"/api/v1/{table}/{key}", {}
    yield "DELETE", f"/api/v1/{table}/{key}", None


def missing_key(table: str) -> str:
    """An id that nobody has."""
    return "999999999" if table in SERIAL else NO_SUCH_ID


def rare_key(table: str) -> dict[str, int]:
    """A number that stands nowhere else in a page, where ids are numbers."""
    return {"id": 987_654_321} if table in SERIAL else {}


# Every table says where its rows belong -----------------------------------------


def test_a_table_without_a_path_is_named() -> None:
    nowhere = Table("stray", MetaData(), Column("id", String, primary_key=True))

    with pytest.raises(LookupError, match="stray"):
        path_of(nowhere)


def test_all_99_tables_say_to_which_country_their_rows_belong() -> None:
    declared = {name: path(name) for name in MODELS}

    assert len(declared) == 99
    assert {name for name, found in declared.items() if found is GLOBAL} == SHARED_BY_ALL


@pytest.mark.parametrize("table", placed_tables())
def test_the_columns_of_every_path_exist_and_lead_on(table: str) -> None:
    columns = table_of(table).c

    for turn in turns(path(table)):
        if isinstance(turn, Own):
            assert turn.column in columns
            assert "country" in turn.column
            assert not turn.otherwise or columns[turn.column].nullable
        elif isinstance(turn, Owns | People):
            assert columns[turn.column].type.choices.__name__ == "Country"
        elif isinstance(turn, Through):
            assert not turn.otherwise or columns[turn.column].nullable
            for name in (turn.column, *turn.also):
                assert columns[name].foreign_keys or "polymorphic" in columns[name].info, name
        elif isinstance(turn, Owner):
            for name in turn.columns:
                assert {key.column.table.name for key in columns[name].foreign_keys} == {"users"}, name
        else:
            assert isinstance(turn, Mailbox)
            assert turn.column in columns


@pytest.mark.parametrize("table", placed_tables())
def test_a_table_with_a_country_of_its_own_goes_by_it(table: str) -> None:
    """A country column that the path passes by would be a country that nobody holds to."""
    own = {
        c.name for c in table_of(table).columns if re.fullmatch(r"(assigned_)?(country|countries)(_codes?)?", c.name)
    }

    assert own <= deciding(table) | MENTIONED.get(table, set())


# A row of another country ---------------------------------------------------------


@every_way
def test_a_row_of_another_country_is_as_if_it_were_not_there(
    app: Flask, session: Session, table: str, turn: int
) -> None:
    screen = screens_of(app)[table]
    person = Person(app, clerk(session, app, "home", HOME))
    before = {address: plain(person.get(address)) for address in numbers(screen)}

    row = placed(session, table, ABROAD, turn, **marked(table), **rare_key(table))
    session.commit()
    stored = image(session, table, row.id)
    after = {address: plain(person.get(address)) for address in overviews(screen)}

    assert {status for status, _text in after.values()} == {200}
    for address, (_status, text) in after.items():
        assert CANARY not in text, address
        assert str(row.id) not in text, address
    if table != VISITS:
        assert {address: after[address] for address in before} == before
    tab = screen.children[0].key if screen.children else "none"
    unknown = {
        address: plain(person.get(address + missing_key(table)), missing_key(table))
        for address in (f"/{table}/show/", f"/api/v1/{table}/")
    }
    for method, address, body in doors(table, row.id, {**form_of(row), "version": row.row_version}, tab):
        found = plain(person.send(method, address, body), row.id)
        missing = unknown[f"/api/v1/{table}/" if address.startswith("/api/") else f"/{table}/show/"]
        changes = method != "GET" or "/edit/" in address
        assert found == missing or (found[0] == 403 and screen.append_only and changes), (method, address)
    assert image(session, table, row.id) == stored


@every_way
def test_a_row_of_the_own_country_is_found_and_changed(app: Flask, session: Session, table: str, turn: int) -> None:
    screen = screens_of(app)[table]
    user = clerk(session, app, "home", HOME)
    person = Person(app, user)
    before = person.count(table)
    texts = marked(table)
    row = placed(session, table, HOME, turn, **texts)
    session.commit()
    given_to(session, row, user)
    key, form = row.id, {**form_of(row), "version": row.row_version}

    count = person.count(table)
    shown = person.get(f"/{table}/show/{key}")
    pages = [person.get(f"/{table}/{page}") for page in ("list/?all=1&page_size=100", "export.csv?all=1")]

    assert count == before + 1
    assert key in person.ids(table)
    assert [str(key) in page.text for page in pages] == [True, True]
    readable = [f for f in screen.shown() if f.attribute in texts and f.name not in screen.sealed]
    assert (shown.status_code, CANARY in shown.text) == (200, bool(readable))
    if screen.append_only:
        assert person.get(f"/{table}/edit/{key}").status_code == 403
        return
    assert person.get(f"/{table}/edit/{key}", follow_redirects=True).status_code == 200
    assert person.send("POST", f"/{table}/edit/{key}", form).status_code == 302
    free = next((f for f in screen.editable() if f in readable), None)
    if free:
        seen = image(session, table, key)
        answer = person.send("PUT", f"/api/v1/{table}/{key}", {free.name: "of my own"})
        changed = image(session, table, key)
        assert answer.status_code == 200, answer.text
        assert seen is not None and changed is not None
        assert (changed[free.name], changed["xmin"] == seen["xmin"]) == ("of my own", False)
    assert person.send("POST", f"/{table}/delete/{key}", {}).status_code == 302
    left = image(session, table, key)
    assert left is None or left["is_active"] is False


@every_way
def test_a_parent_that_is_looked_up_for_each_row_tells_the_same(session: Session, table: str, turn: int) -> None:
    rows = {country: placed(session, table, country, turn).id for country in (HOME, ABROAD)}
    own, joined = table_of(table), Reach((HOME,), "nobody")
    session.connection().exec_driver_sql("SET LOCAL ROLE NONE")  # without the wall of the database, which says the same

    seen = [
        set(session.connection().scalars(select(own.c.id).where(path(table).reads(own, own, reach))))
        for reach in (joined, replace(joined, by_row=True))
    ]

    assert seen[0] == seen[1]
    assert rows[ABROAD] not in seen[1]
    assert rows[HOME] in seen[1] or isinstance(path(table), Private)


def test_a_parent_whose_country_another_one_tells_is_joined() -> None:
    looked_up = Reach((HOME,), "somebody", by_row=True)
    offsets = {}
    for table in ("invoices", "deals", "deal_activities"):
        own = table_of(table)
        offsets[table] = str(path(table).reads(own, own, looked_up)).count("OFFSET")

    # Of the customer alone: activities have no wall in the database, so each would ask for its deal.
    assert offsets == {"invoices": 1, "deals": 1, "deal_activities": 1}


@pytest.mark.parametrize("table", placed_tables())
def test_whoever_has_no_country_sees_rows_of_none(app: Flask, session: Session, table: str) -> None:
    rows = [placed(session, table, country) for country in (HOME, ABROAD)]
    person = Person(app, clerk(session, app, "nowhere"))

    answer = person.get(f"/api/v1/{table}/{rows[0].id}")

    assert answer.status_code == 404
    assert person.ids(table).isdisjoint({row.id for row in rows})
