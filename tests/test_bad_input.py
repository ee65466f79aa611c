"""Nonsense from outside: a sentence at the field or a 4xx page in our look, never a 500, nothing typed lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import User
from app.screens.resolve import Resolved
from app.tables import MODELS
from tests.conftest import token_of
from tests.smallest import LOGS, form_of, smallest

AS_JSON = {"Accept": "application/json"}  # a page that refuses takes longer to draw than to be refused
every_table = pytest.mark.parametrize("table", sorted(MODELS))
every_table_for_hands = pytest.mark.parametrize("table", sorted(set(MODELS) - LOGS))


@pytest.fixture
def bearer(app: Flask, admin: User) -> dict[str, str]:
    return token_of(app, admin)


def screen_of(app: Flask, table: str) -> Resolved:
    found: Resolved = app.extensions["screens"][table]
    return found


KEYS = ["nothing", "' OR 1=1 --", "99999999999999999999", "-1", "%00", "a%00b", "..%2F..", "%F0%9F%98%80", "x" * 300]


@every_table
def test_an_unknown_or_malformed_key_is_not_found(client: FlaskClient, bearer: dict[str, str], table: str) -> None:
    refused = (400, 403, 404) if table in LOGS else (400, 404)
    for key in KEYS:
        assert client.get(f"/{table}/show/{key}", headers=AS_JSON).status_code in (400, 404), key
        assert client.get(f"/{table}/show/{key}/history", headers=AS_JSON).status_code in (400, 404), key
        assert client.get(f"/{table}/edit/{key}", headers=AS_JSON).status_code in refused, key
        assert client.post(f"/{table}/delete/{key}", headers=AS_JSON).status_code in refused, key
        answer = client.get(f"/api/v1/{table}/{key}", headers=bearer)
        assert answer.status_code in (400, 404), key
        assert answer.is_json


ADDRESSES = [
    "page=100000000000000000000", "page=0", "page=-1", "page=abc", "page_size=0", "page_size=1000", "page_size=x",
    "order=nothing", "order=-nothing", "order=password_hash", "_flt_eq_nothing=1", "_flt_eq_password_hash=1",
    "_flt_like_id=1", "_flt_99_id=1", "_flt_=1", "_flt_eq=1", "_flt_eq_id=%00",
]  # fmt: skip


@every_table
@pytest.mark.parametrize("page", ["list/", "chart/", "export.csv"])
def test_an_address_that_makes_no_sense_is_refused_in_our_look(client: FlaskClient, table: str, page: str) -> None:
    for asked in ADDRESSES:
        assert 400 <= client.get(f"/{table}/{page}?{asked}", headers=AS_JSON).status_code < 500, (page, asked)
    answer = client.get(f"/{table}/{page}?{ADDRESSES[0]}")
    assert answer.status_code == 400 and "INDEXUS CRM" in answer.text


@every_table
def test_a_filter_value_of_the_wrong_type_is_refused(app: Flask, client: FlaskClient, table: str) -> None:
    wrong = {"integer": "abc", "decimal": "1,2,3x", "money": "ten", "date": "2026-02-31", "datetime": "yesterday",
             "partial_date": "32.13.2026", "boolean": "perhaps", "choice": "nonsense", "country": "XX"}  # fmt: skip

    for f in screen_of(app, table).filterable():
        if f.kind.name in wrong:
            operator = "ge" if "ge" in f.kind.operators else "eq"
            answer = client.get(f"/{table}/list/", query_string={f"_flt_{operator}_{f.name}": wrong[f.kind.name]})
            assert answer.status_code == 400, f.name
            assert "Traceback" not in answer.text


@every_table_for_hands
def test_every_kind_of_wrong_value_is_said_at_its_field_and_kept(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row = smallest(session, table)
    session.commit()
    wrong = {"integer": "twelve", "decimal": "1.2.3", "money": "99999999999999999999", "date": "2026-02-31",
             "datetime": "2026-13-01T00:00", "choice": "nonsense", "country": "XX", "json": '{"a":\n oops}',
             "relation": "nobody", "email": "no address", "color": "reddish!"}  # fmt: skip
    fields = [f for f in screen_of(app, table).editable() if f.kind.name in wrong]
    sent = {**form_of(row), **{f.name: wrong[f.kind.name] for f in fields}, "version": row.row_version}
    if not fields:
        first = next(f for f in screen_of(app, table).editable() if f.kind.name in ("string", "text"))
        sent[first.name] = "x" * 1_000_001

    answer = client.post(f"/{table}/edit/{row.id}", data=sent)

    assert answer.status_code == 422
    only_relations = all(f.kind.name == "relation" for f in fields)
    for f in fields:
        if f.kind.name != "relation" or only_relations:  # parents are looked up once everything else is right
            assert f'id="e-{f.name}" aria-live="polite" data-said><p class="wrong"' in answer.text, f.name
        kept = "oops" if f.kind.name == "json" else wrong[f.kind.name]
        assert kept in re.sub(r"<li>.*?</li>|<p class=.wrong.*?</p>", "", answer.text, flags=re.S), f.name
    if any(f.kind.name == "json" for f in fields):
        assert "line 2" in answer.text


def test_what_cannot_be_a_key_is_shown_again_as_it_was_typed(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "contract_instances")
    session.commit()

    answer = client.post(f"/contract_instances/edit/{row.id}", data={**form_of(row), "template_version_id": "seven"})

    assert answer.status_code == 422
    assert '<option value="seven" selected>' in answer.text


@pytest.mark.parametrize("sent", [{"first_name": "a\x00b"}, {"fi\x00rst": "x"}])
def test_a_form_with_a_character_that_cannot_be_stored_is_refused(
    client: FlaskClient, session: Session, sent: dict[str, str]
) -> None:
    row = smallest(session, "customers")
    session.commit()

    answer = client.post(f"/customers/edit/{row.id}", data={**form_of(row), **sent})

    assert answer.status_code == 400


@every_table_for_hands
def test_a_text_too_long_for_its_column_is_refused_at_the_field(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row = smallest(session, table)
    session.commit()
    texts = [f for f in screen_of(app, table).editable() if f.kind.name == "string"]
    if not texts:
        assert client.post(f"/{table}/edit/{row.id}", data={"version": row.row_version}).status_code < 500
        return

    long = {f.name: "x" * ((f.length or 1_000) + 1) for f in texts}
    answer = client.post(f"/{table}/edit/{row.id}", data={**form_of(row), **long, "version": row.row_version})

    assert answer.status_code == 422
    assert answer.text.count("At most ") >= len(texts)


@every_table_for_hands
def test_a_value_that_must_be_unique_is_refused_with_a_sentence(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    uniques = [f for f in screen_of(app, table).editable() if f.column.unique]
    given = {f.attribute: list(f.choices)[1] for f in uniques if f.choices}
    row, other = smallest(session, table), smallest(session, table, **given)
    session.commit()

    for f in uniques:
        value = getattr(other, f.attribute)
        answer = client.post(
            f"/{table}/edit/{row.id}",
            data={**form_of(row), f.name: f.kind.text(value), "version": row.row_version},
        )
        assert answer.status_code == 422, f.name
        assert (
            f'id="e-{f.name}" aria-live="polite" data-said><p class="wrong"' in answer.text
            and "already taken" in answer.text
        ), f.name


BODIES: list[tuple[bytes, str, int]] = [
    (b"", "application/json", 400),
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"null", "application/json", 400),
    (b'"text"', "application/json", 400),
    (b'{"a": 1, "a": 2}', "application/json", 400),
    (b"[" * 10_000 + b"]" * 10_000, "application/json", 400),
    (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "application/json", 400),
    (b"\xff\xfe", "application/json", 400),
    (b"a=1", "application/x-www-form-urlencoded", 400),
    (b'{"nothing": 1}', "application/json", 422),
    (b'{"id": "mine", "created_at": "2020-01-01"}', "application/json", 422),
]


@every_table_for_hands
def test_a_body_that_makes_no_sense_is_refused(client: FlaskClient, bearer: dict[str, str], table: str) -> None:
    for body, kind, status in BODIES:
        answer = client.post(f"/api/v1/{table}/", data=body, content_type=kind, headers=bearer)
        assert answer.status_code == status, body[:30]
        assert answer.json["message"]


@every_table_for_hands
def test_wrong_types_over_rest_are_named_by_field(
    app: Flask, client: FlaskClient, bearer: dict[str, str], table: str
) -> None:
    for value in ({"a": 1}, [[1]], True, 10**30, "\x00", "\ud800", -1.5):
        body = {f.name: value for f in screen_of(app, table).editable() if f.kind.name != "partial_date"}

        answer = client.post(f"/api/v1/{table}/", json=body, headers=bearer)

        assert answer.status_code in (422, 201) if value is not True else answer.status_code < 500, value
        if answer.status_code == 422:
            assert answer.json["errors"]


@every_table_for_hands
def test_nothing_missing_parents_and_read_only_fields_are_refused_over_rest(
    app: Flask, client: FlaskClient, session: Session, bearer: dict[str, str], table: str
) -> None:
    row = smallest(session, table)
    session.commit()
    screen = screen_of(app, table)
    single = [f for f in screen.fields.values() if f.kind.name != "partial_date"]
    closed = {f.name: "x" for f in single if f.readonly or f.internal or f.name in screen.readonly}
    empty = {f.name: None for f in single if f.name not in closed and not f.nullable}
    astray = {f.name: 987_654 if f.number_key else "nobody" for f in single if f.name not in closed and f.targets}

    for body in (closed, empty, astray):
        answer = client.put(f"/api/v1/{table}/{row.id}", json=body, headers={**bearer, "If-Match": "*"})
        if body:
            assert answer.status_code == 422, body
            assert answer.json["errors"].keys() >= body.keys()


@pytest.mark.parametrize("asked", ["(", "1", "!(", "(filters:1)", "(filters:!(1))", "(page:-1)", "(page:a)",
                                   "(page:99999999999999999999)", "(page_size:0)", "(columns:!(nothing))",
                                   "(order_column:password_hash)", "(filters:!((col:password_hash,opr:sw,value:s)))",
                                   "(filters:!((col:id,opr:like,value:s)))", "(" * 3_000, "(columns:1)"])  # fmt: skip
def test_a_rest_query_that_makes_no_sense_is_refused(client: FlaskClient, bearer: dict[str, str], asked: str) -> None:
    answer = client.get("/api/v1/users/", query_string={"q": asked}, headers=bearer)

    assert 400 <= answer.status_code < 500
    assert answer.json["message"]


@every_table_for_hands
def test_a_change_over_rest_needs_the_version_it_is_about(
    client: FlaskClient, session: Session, bearer: dict[str, str], table: str
) -> None:
    row = smallest(session, table)
    session.commit()
    address = f"/api/v1/{table}/{row.id}"

    assert client.put(address, json={}, headers=bearer).status_code == 428
    assert client.put(address, json={}, headers={**bearer, "If-Match": '"1"'}).status_code == 409
    assert client.put(address, json={}, headers={**bearer, "If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "＝1"])
def test_no_text_of_an_export_is_a_formula(client: FlaskClient, session: Session, text: str) -> None:
    smallest(session, "customers", city=text)
    session.commit()

    answer = client.get("/customers/export.csv")

    assert f"'{text}" in answer.text
    assert not re.search(rf"(^|,){re.escape(text)}", answer.text, re.M)


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, bearer: dict[str, str]) -> None:
    form: Any = {"first_name": "x" * (17 * 1024 * 1024)}

    assert client.post("/customers/add", data=form).status_code == 413
    answer = client.post("/api/v1/customers/", json=form, headers=bearer)
    assert answer.status_code == 413 and answer.is_json
