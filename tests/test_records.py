"""Watched records are told of by the transaction that changes them, whichever door the change comes through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Boolean, Engine, inspect, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.db import Base
from app.core.outbox import OutboxEvent
from app.core.records import RecordAdded, RecordChanged, Watched, watched
from app.core.types import Choice
from app.customers.models import Customer
from app.tables import MODELS
from tests.conftest import make_user, token_of
from tests.outbox import published
from tests.smallest import TOGETHER, smallest, values_for
from tests.statements import statements

EVERY_TABLE = sorted(watched())


@pytest.fixture
def telling(session: Session) -> Iterator[Session]:
    """What the test does from here on is told."""
    session.info.pop("unaudited")
    yield session


@contextmanager
def told(session: Session) -> Iterator[Session]:
    """A transaction that ends with the block."""
    session.info.pop("unaudited", None)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def customer_of(session: Session, **values: Any) -> Customer:
    row: Customer = smallest(session, "customers", **values)
    session.commit()
    return row


def test_every_watched_column_holds_codes_or_keys() -> None:
    for table, told in watched().items():
        columns = Base.metadata.tables[table].c
        for name in told.columns:
            assert columns[name].foreign_keys or isinstance(columns[name].type, Choice | Boolean), (table, name)
        assert set(told.only) <= set(columns.keys())


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_a_new_record_is_told_once_where_new_ones_are_watched(session: Session, table: str) -> None:
    declared = watched()[table]
    values = values_for(session, table, **dict(declared.only))
    session.commit()

    with told(session) as acting:
        row = MODELS[table](**values)
        acting.add(row)
        acting.flush()
        key = row.id

    found = [one for one in published(session, RecordAdded) if one.table == table]
    assert found == ([RecordAdded(table, key, "system")] if declared.added else [])
    assert published(session, RecordChanged) == []


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, name) for table in EVERY_TABLE for name in watched()[table].columns if (table, name) not in TOGETHER],
)
def test_a_changed_column_is_told_with_both_codes(session: Session, table: str, column: str) -> None:
    row = smallest(session, table, **dict(watched()[table].only))
    kind = Base.metadata.tables[table].c[column].type
    before = getattr(row, column)
    if isinstance(kind, Choice):
        after = next(choice for choice in kind.choices if choice != before)
    elif isinstance(kind, Boolean):
        after = not before
    else:
        target = next(iter(Base.metadata.tables[table].c[column].foreign_keys)).column.table.name
        after = smallest(session, target).id
    session.commit()

    with told(session):
        setattr(row, column, after)

    [found] = published(session, RecordChanged)
    assert found == RecordChanged(
        table, row.id, (column,), (None if before is None else str(before),), (str(after),), "system"
    )


@pytest.mark.parametrize(
    ("table", "column"), [(table, name) for table in EVERY_TABLE for name in watched()[table].touched]
)
def test_of_a_touched_column_no_value_is_told(session: Session, table: str, column: str) -> None:
    row = smallest(session, table, **dict(watched()[table].only))
    session.commit()

    with told(session):
        old = getattr(row, column)
        key = inspect(row).mapper.local_table.c[column]
        if key.foreign_keys:
            setattr(row, column, smallest(session, next(iter(key.foreign_keys)).column.table.name).id)
        else:
            setattr(row, column, not old if isinstance(key.type, Boolean) else "Zvonimir")

    [found] = [one for one in published(session, RecordChanged) if one.table == table]
    assert found == RecordChanged(table, row.id, (), (), (), "system", (column,))
    [event] = session.scalars(select(OutboxEvent).where(OutboxEvent.name == "RecordChanged"))
    assert "Zvonimir" not in str(event.payload)


def test_a_form_and_rest_tell_alike_and_say_who_it_was(
    app: Flask, session: Session, client: FlaskClient, admin: User
) -> None:
    first, second = customer_of(session), customer_of(session)
    session.info.pop("unaudited")

    client.post(f"/customers/edit/{first.id}", data={"client_status": "acquired", "version": first.row_version})
    app.test_client().put(
        f"/api/v1/customers/{second.id}",
        json={"client_status": "acquired"},
        headers={**token_of(app, admin), "If-Match": "*"},
    )

    told = published(session, RecordChanged)
    assert [(one.id, one.columns, one.before, one.after, one.by_user_id) for one in told] == [
        (key, ("client_status",), ("potential",), ("acquired",), admin.id) for key in (first.id, second.id)
    ]


def test_several_flushes_of_one_transaction_are_one_event(session: Session) -> None:
    row, owner = customer_of(session), make_user(session, "owner")
    session.commit()

    with told(session) as acting:
        row.client_status = "acquired"
        acting.flush()
        row.lead_status = "hot"
        acting.flush()
        row.client_status, row.assigned_user_id = "terminated", owner.id

    [found] = published(session, RecordChanged)
    assert found.columns == ("assigned_user_id", "client_status", "lead_status")
    assert found.before == (None, "potential", "cold")
    assert found.after == (owner.id, "terminated", "hot")


def test_a_change_that_is_taken_back_is_none(session: Session) -> None:
    row = customer_of(session)

    with told(session) as acting:
        row.client_status = "acquired"
        acting.flush()
        row.client_status = "potential"

    assert published(session, RecordChanged) == []


def test_what_a_new_record_gets_in_its_first_transaction_is_part_of_it(session: Session) -> None:
    values = values_for(session, "customers")
    session.commit()

    with told(session) as acting:
        row = Customer(**values)
        acting.add(row)
        acting.flush()
        row.client_status = "acquired"

    assert len(published(session, RecordAdded)) == 1
    assert published(session, RecordChanged) == []


def test_the_old_value_is_known_though_nobody_has_read_it(session: Session) -> None:
    row = customer_of(session, client_status="acquired")

    with told(session) as acting:
        acting.expire(row)
        row.client_status = "terminated"

    [found] = published(session, RecordChanged)
    assert (found.before, found.after) == (("acquired",), ("terminated",))


def test_what_is_undone_is_not_told(session: Session) -> None:
    row = customer_of(session)

    with pytest.raises(RuntimeError), told(session) as acting:
        row.client_status = "acquired"
        acting.flush()
        raise RuntimeError
    session.refresh(row)
    with told(session):
        row.lead_status = "hot"

    [found] = published(session, RecordChanged)
    assert found.columns == ("lead_status",)


def test_what_a_savepoint_takes_back_is_not_told_and_what_it_keeps_is(session: Session) -> None:
    kept, undone = customer_of(session), customer_of(session)

    with told(session) as acting:
        with acting.begin_nested():
            kept.client_status = "acquired"
        savepoint = acting.begin_nested()
        with acting.begin_nested():
            undone.client_status = "acquired"
        savepoint.rollback()

    assert [found.id for found in published(session, RecordChanged)] == [kept.id]


def test_many_records_are_told_with_as_few_statements_as_one(session: Session, engine: Engine) -> None:
    rows = [customer_of(session) for _ in range(20)]

    with told(session) as acting, statements(engine) as seen:
        for row in rows:
            row.lead_status = "hot"
        acting.commit()

    assert sorted(found.id for found in published(session, RecordChanged)) == sorted(row.id for row in rows)
    assert len([one for one in seen if "INTO outbox_" in one]) == 2


def test_rows_that_a_test_or_the_demo_start_from_are_not_told(session: Session) -> None:
    row = customer_of(session)

    row.client_status = "acquired"
    session.commit()

    assert published(session, RecordAdded) == published(session, RecordChanged) == []


def test_a_message_of_ours_is_not_told(telling: Session) -> None:
    smallest(telling, "communication_messages", direction="outbound")
    telling.commit()

    assert [one.table for one in published(telling, RecordAdded)] == []


def test_other_tables_cost_no_statement(session: Session, engine: Engine) -> None:
    row = smallest(session, "hospitals")
    session.commit()
    session.info.pop("unaudited")

    with statements(engine) as seen:
        row.name = "Another name"
        session.commit()

    assert not any("outbox" in statement for statement in seen)
    changes = [one for one in seen if one.startswith(("UPDATE", "INSERT", "SELECT")) and "set_config" not in one]
    assert len(changes) == 2, seen  # the row, the audit trail


def test_watching_is_said_by_the_table() -> None:
    assert all(isinstance(Base.metadata.tables[table].info["watched"], Watched) for table in EVERY_TABLE)
