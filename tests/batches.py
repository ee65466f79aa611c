"""Batches in tests: a look at a table, and one writable field of it with another value."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import User
from app.batches import services
from app.batches.models import Batch, BatchKind, RowAction
from app.core.db import current_session, transaction
from app.core.types import Country, utc_now
from app.core.values import kept
from app.screens import atlas
from app.screens.fields import Field
from app.screens.forms import spread
from app.screens.look import Look
from tests.smallest import parent, plain_value, smallest


def look_at(session: Session, table: str, user: User) -> Look:
    """As a view looks: through the session of the request, with the rights of this moment."""
    screens = atlas.known()
    return Look(screens, current_session(), viewer_of(session, user), screens[table])


def content(session: Session, row: Any) -> dict[str, Any]:
    """Every column of a row as the database has it now, but for its version and when it was touched."""
    session.refresh(row)
    return {
        a.key: getattr(row, a.key)
        for a in inspect(row).mapper.column_attrs
        if a.key not in ("row_version", "updated_at")
    }


def other_value(session: Session, f: Field) -> Any:
    """A value that is not the one of a smallest row."""
    if f.kind.name in ("choice", "country"):
        assert f.choices is not None
        return list(f.choices)[-1]
    if f.kind.name == "tags":
        return [7] if "Integer" in repr(getattr(f.column.type, "item_type", "")) else ["one", "two"]
    if f.kind.name == "multichoice":
        assert f.choices is not None
        return [next(iter(f.choices)).value]
    if f.kind.name == "partial_date":
        return (None, 3, 2026)
    if f.kind.name == "boolean":
        return True
    return parent(session, f) if f.targets else plain_value(f)


def change_of(f: Field, model: type[Any], value: Any, how: str = "set") -> dict[str, Any]:
    return {"do": "edit", "fields": {f.name: {"how": how, "values": kept(model, spread(f, value))}}}


def batch_of(look: Look, rows: list[Any], todo: dict[str, Any], action: RowAction = RowAction.changed) -> Batch:
    """Prepared and committed."""
    planned = [services.Planned(action, str(row.id), row.row_version) for row in rows]
    with transaction(by=look.viewer) as session:
        return services.prepare(session, look, planned, kind=BatchKind.bulk, todo=todo, now=utc_now())


def some(session: Session, table: str, count: int = 3, **given: Any) -> list[Any]:
    """Rows of a table, committed; of one that has a row per country, of several countries."""
    apart = table in {"country_system_settings", "gsm_sender_configs", "system_ms365_connections"}
    places = list(Country)
    rows = [smallest(session, table, **({"country_code": places[n]} if apart else {}), **given) for n in range(count)]
    session.commit()
    for row in rows:
        session.refresh(row)
    return rows
