"""Many changes at once: all or nothing, once however often the job runs, and taken back as if it never was."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.access.models import User
from app.batches import bulk, services
from app.batches.errors import RowRefused
from app.batches.models import Batch
from app.core.db import transaction
from app.core.types import utc_now
from app.screens.look import Look
from app.tables import MODELS
from tests.batches import batch_of, change_of, content, look_at, other_value, some
from tests.smallest import LOGS

ONE_WAY = {("roles", "is_system")}
"""Fields whose value forbids to change it again."""
EDITABLE = sorted(set(MODELS) - LOGS)


def now() -> Any:
    return utc_now()


def done(look: Look, batch: Batch) -> Batch:
    with transaction(by=look.viewer):
        services.do(look, batch, now=now())
        look.session.refresh(batch)
    return batch


@pytest.mark.parametrize("table", EDITABLE)
def test_a_field_of_three_records_is_set_and_taken_back_to_what_was_before(
    app: Flask, session: Session, admin: User, table: str
) -> None:
    look = look_at(session, table, admin)
    rows = some(session, table)
    tried = 0

    for f in bulk.fields(look):
        if (table, f.name) in ONE_WAY:
            continue
        value = other_value(session, f)
        session.commit()
        before = [content(session, row) for row in rows]
        batch = batch_of(look, rows, change_of(f, look.screen.model, value))
        try:
            done(look, batch)
        except RowRefused:
            assert [content(session, row) for row in rows] == before
            continue
        tried += 1
        if batch.counts.get("changed"):
            assert [content(session, row) for row in rows] != before
            with transaction(by=look.viewer):
                services.undo(look, batch, others=False, now=now())
        assert [content(session, row) for row in rows] == before
        if tried == 4:
            break

    assert tried


def test_a_value_older_than_its_rule_comes_back_as_it_was(app: Flask, session: Session, admin: User) -> None:
    look = look_at(session, "customers", admin)
    rows = some(session, "customers", bank_account="account of long ago")
    field = look.screen.fields["bank_account"]
    batch = done(look, batch_of(look, rows, change_of(field, look.screen.model, "SK3112000000198742637541")))
    assert {content(session, row)["bank_account"] for row in rows} == {"SK3112000000198742637541"}

    with transaction(by=look.viewer):
        services.undo(look, batch, others=False, now=now())

    assert {content(session, row)["bank_account"] for row in rows} == {"account of long ago"}
