"""Of every table: what was exported is read back."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.errors import DomainError
from app.screens import write
from app.screens.fields import fields_of
from app.tables import MODELS
from tests.batches import look_at
from tests.imports import (
    alert,
    choose,
    counts,
    csv_of,
    mapped,
    problems,
    run,
    taken_in,
)
from tests.places import screens_of
from tests.smallest import LOGS, plain_value, smallest


def full(session: Session, table: str, number: int) -> Any:
    """A row with a value in every field that takes one beside the others; `number` tells two of a table apart."""
    fields = fields_of(MODELS[table]).values()
    apart = {f.attribute: list(f.choices)[number] for f in fields if f.column.unique and f.choices is not None}
    row = smallest(session, table, **apart)
    session.commit()
    free = [
        f for f in fields
        if not (f.required or f.readonly or f.internal or f.secret or f.targets or f.attribute in apart)
    ]  # fmt: skip
    if not _taken(session, row, free):
        for f in free:
            _taken(session, row, [f])
    session.commit()
    return row


def _taken(session: Session, row: Any, fields: list[Any]) -> bool:
    """Whether the row takes a value in all of these fields; else it stays as it was."""
    try:
        with session.begin_nested():
            for f in fields:
                values = (31, 3, 1990) if f.kind.name == "partial_date" else (_value(f),)
                for attribute, value in zip(f.attributes, values, strict=True):
                    setattr(row, attribute, value)
            session.flush()
    except (DBAPIError, DomainError):
        session.refresh(row)
        return False
    return True


def _value(f: Any) -> Any:
    if f.kind.name == "multichoice":
        return [next(iter(f.choices)).value]
    if f.kind.name == "tags":
        return [1, 2] if "umbers" in type(f.kind).__name__ else ["one", "two"]
    return plain_value(f)


def exported(client: FlaskClient, table: str) -> str:
    answer = client.get(f"/{table}/export.csv?all=1")
    assert answer.status_code == 200
    return str(answer.get_data().decode("utf-8-sig"))


@pytest.mark.parametrize("table", sorted(set(MODELS) - LOGS))
def test_what_was_exported_is_read_back_as_it_is(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    """Of every field that a form may hold, whatever its kind."""
    for number in range(2):
        full(session, table, number)
    look = look_at(session, table, admin)
    own = [row.id for row in session.scalars(select(MODELS[table]))]
    text = exported(client, table)
    session.commit()

    address = taken_in(client, table, text.encode())
    page = client.get(address).text
    columns = mapped(page)
    writable = {f.name for f in write.writable(look.screen, look.viewer) if not f.secret}
    relations = {f.name for f in look.screen.fields.values() if f.targets}
    chosen = choose(client, address, columns, known="update", key="id", filled="")
    assert chosen.status_code == 302, alert(chosen.text)
    preview = client.get(chosen.location).text

    assert writable <= set(columns), writable - set(columns)
    found = counts(preview)
    unclear = [line for line in problems(preview) if "does not exist" in line or "Several records" in line]
    assert set(found) == {"same"} or (len(unclear) == len(problems(preview)) and relations), (found, problems(preview))
    assert sum(found.values()) == len(own)


@pytest.mark.parametrize(
    "table",
    [
        "collaborators",
        "customers",
        "deals",
        "exchange_rates",
        "hospitals",
        "lead_scoring_criteria",
        "products",
        "tasks",
    ],
)
def test_what_was_exported_comes_back_as_new_records_with_the_same_values(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    screen = screens_of(app)[table]
    rows = [full(session, table, number) for number in range(2)]
    session.expire_all()
    look = look_at(session, table, admin)
    fields = [f for f in write.writable(screen, look.viewer) if not f.secret]
    before = {row.id: _values(row, fields) for row in rows}
    others = set(session.scalars(select(MODELS[table].id))) - set(before)
    text = exported(client, table)
    for row in rows:
        session.delete(row)
    session.commit()

    lines = list(csv.reader(io.StringIO(text)))
    heads, own = lines[0], [line for line in lines[1:] if line[0] in map(str, before)]
    address = taken_in(client, table, csv_of([heads, *own]))
    columns = ["" if name == "id" else name for name in mapped(client.get(address).text)]
    chosen = choose(client, address, columns)
    assert chosen.status_code == 302, alert(chosen.text)
    batch = run(client, session, address)

    found = [row for row in session.scalars(select(MODELS[table])) if row.id not in others]
    assert batch.counts == {"created": 2}, batch.error
    assert sorted(map(repr, before.values())) == sorted(repr(_values(row, fields)) for row in found)


def _values(row: Any, fields: list[Any]) -> dict[str, Any]:
    found = {attribute: getattr(row, attribute) for f in fields for attribute in f.attributes}
    return {name: None if value in ("", []) else value for name, value in found.items()}
