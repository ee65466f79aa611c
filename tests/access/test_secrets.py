"""Secrets that never leave: in no page, no file, no answer."""

from __future__ import annotations

from typing import Any

import prison
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.models import User
from app.core.types import Secret
from app.tables import MODELS
from tests.conftest import token_of
from tests.smallest import form_of, smallest

SECRETS = [
    (table, column.name, column.type)
    for table, model in sorted(MODELS.items())
    for column in model.__table__.columns
    if isinstance(column.type, Secret)
]
SECRET_TABLES = sorted({table for table, _column, _type in SECRETS})


def canary(table: str, column: str) -> str:
    return f"canary-{table}-{column}".replace("_", "-")[:60]


def row_with_canaries(session: Session, table: str) -> Any:
    """A row whose secrets hold canaries in clear text, as somebody's SQL or an import would leave them."""
    row = smallest(session, table)
    for column, kind in [(column, kind) for name, column, kind in SECRETS if name == table]:
        value = canary(table, column)[: kind.length]
        session.execute(text(f'UPDATE {table} SET "{column}" = :v WHERE id = :id'), {"v": value, "id": row.id})
    session.commit()
    session.expire_all()
    return row


def assert_silent(answer: TestResponse, what: object) -> None:
    assert answer.status_code < 500, what
    body = answer.get_data(as_text=True)
    assert "canary-" not in body, what
    assert "v1:" not in body, what
    assert "scrypt:" not in body, what
    assert "canary-" not in str(answer.headers), what


def test_the_schema_documents_at_least_these_secrets() -> None:
    assert {"users", "collaborators", "user_ms365_connections", "sip_settings", "system_ms365_connections",
            "ms365_pkce_store", "mobile_push_tokens"} <= set(SECRET_TABLES)  # fmt: skip


@pytest.mark.parametrize("table", SECRET_TABLES)
def test_a_secret_is_in_no_page_no_file_and_no_answer(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    row = row_with_canaries(session, table)
    key, token = row.id, token_of(app, admin)
    screen = app.extensions["screens"][table]
    by_key = prison.dumps({"filters": [{"col": "id", "opr": "eq", "value": str(key)}]})

    for page in (
        "list/?all=1",
        "export.csv?all=1",
        f"show/{key}",
        f"edit/{key}",
        "add",
        "chart/",
        "list/?q=canary",
    ):
        assert_silent(client.get(f"/{table}/{page}"), page)
    for number in range(len(screen.charts)):
        assert_silent(client.get(f"/{table}/chart/{number}.json"), number)
    for child in screen.children:
        assert_silent(client.get(f"/{table}/show/{key}/tab/{child.key}"), child)
    listed = client.get(f"/api/v1/{table}/", query_string={"q": by_key}, headers=token)
    read = client.get(f"/api/v1/{table}/{key}", headers=token)
    for answer in (listed, read, client.get(f"/api/v1/{table}/_info", headers=token)):
        assert_silent(answer, answer.request.path)
    assert listed.json["ids"] == [key]
    secrets = {column for name, column, _kind in SECRETS if name == table}
    assert secrets.isdisjoint(read.json["result"])


@pytest.mark.parametrize("table", SECRET_TABLES)
def test_a_secret_is_in_no_record_that_points_to_its_own(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    key = row_with_canaries(session, table).id

    for child in app.extensions["screens"][table].children:
        other = app.extensions["screens"][child.table].fields[child.column]
        if len(other.targets) == 1:
            smallest(session, child.table, **{other.attribute: key})
            session.commit()
            assert_silent(client.get(f"/{child.table}/list/?all=1"), child.table)
            assert_silent(client.get(f"/{child.table}/pick/{child.column}?q=canary"), child.table)


@pytest.mark.parametrize(("table", "column"), [(table, column) for table, column, _kind in SECRETS])
def test_a_secret_can_be_neither_searched_filtered_sorted_nor_asked_for(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str, column: str
) -> None:
    row = row_with_canaries(session, table)
    token = token_of(app, admin)
    page = {"headers": {"Accept": "application/json"}}

    found = client.get(f"/{table}/list/", query_string={"q": canary(table, column), "all": "1"})
    for operator in ("ct", "sw", "eq", "some", "none", "0", "4"):
        answer = client.get(f"/{table}/list/", query_string={f"_flt_{operator}_{column}": "canary"}, **page)
        assert answer.status_code == 400, operator
    for where in ("list/", "export.csv", "chart/"):
        assert client.get(f"/{table}/{where}?order={column}", **page).status_code == 400, where
        assert client.get(f"/{table}/{where}?order=-{column}", **page).status_code == 400, where
    for asked in (
        {"filters": [{"col": column, "opr": "sw", "value": "canary"}]},
        {"order_column": column},
        {"columns": [column]},
        {"select_columns": ["id", column]},
    ):
        answer = client.get(f"/api/v1/{table}/", query_string={"q": prison.dumps(asked)}, headers=token)
        assert answer.status_code == 400, asked

    assert f"/{table}/show/{row.id}" not in found.text


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, column, kind in SECRETS if kind.store == "sealed"],
)
def test_a_secret_that_is_typed_rests_sealed_and_is_not_repeated(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str, column: str
) -> None:
    row = smallest(session, table)
    session.commit()
    required = next((f.name for f in app.extensions["screens"][table].editable() if f.required and not f.secret), None)
    typed, version = canary(table, column)[:30], row.row_version

    if required is not None:
        assert_silent(client.post(f"/{table}/edit/{row.id}", data={column: typed, required: ""}), "refused form")
    saved = client.post(f"/{table}/edit/{row.id}", data={column: typed, "version": version}, follow_redirects=True)
    rests = session.scalar(text(f'SELECT "{column}" FROM {table} WHERE id = :id'), {"id": row.id})
    put = client.put(
        f"/api/v1/{table}/{row.id}",
        json={column: f"{typed}2"},
        headers={**token_of(app, admin), "If-Match": "*"},
    )
    session.expire_all()

    assert saved.status_code == 200
    assert_silent(saved, "saved form")
    assert str(rests).startswith("v1:")
    assert_silent(put, "rest")
    assert put.status_code == 200
    assert getattr(row, column).reveal() == f"{typed}2"


def test_an_empty_secret_field_keeps_what_is_stored(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "users", sip_password="kept-as-it-was")
    session.commit()

    client.post(f"/users/edit/{row.id}", data={**form_of(row), "sip_password": "", "version": row.row_version})

    session.expire_all()
    assert session.scalars(select(User.sip_password).where(User.id == row.id)).one().reveal() == "kept-as-it-was"
