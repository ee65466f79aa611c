"""The columns that a question asks for: the fields, and the names of what they point to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    func,
    type_coerce,
)
from sqlalchemy.sql.selectable import LateralFromClause

from app.core.statements import prepared
from app.core.types import Choice, Timestamp
from app.core.viewer import Viewer
from app.screens.fields import Field
from app.screens.locale import TEXTS
from app.screens.query.asked import Screens
from app.screens.query.names import name_of, naming
from app.screens.resolve import Resolved

Beside = list[LateralFromClause]
"""What is joined to a question."""


def selected(screens: Screens, screen: Resolved, fields: Iterable[Field], viewer: Viewer) -> list[ColumnElement[Any]]:
    """The columns of the fields, then the names of what they point to as `<field>__name`.

    For the same rights and language they are the same SQL: making it takes longer than asking with it.
    """
    wanted = tuple(fields)
    key = (selected, screen.table, tuple(f.name for f in wanted), viewer.stamp, TEXTS.spoken().code)
    return prepared(screens, key, lambda: columns(screens, screen, wanted, viewer))


def columns(
    screens: Screens,
    screen: Resolved,
    fields: Sequence[Field],
    viewer: Viewer,
    beside: Beside | None = None,
) -> list[ColumnElement[Any]]:
    """With `beside`, for a file, names are joined from there: a database remembers those that it has looked up.

    Choices are then the texts, and moments the UTC without a zone, that they are in the database.
    """
    columns: dict[str, ColumnElement[Any]] = {"id": screen.model.id}
    for f in fields:
        for attribute, column in zip(f.attributes, f.columns, strict=True):
            value = getattr(screen.model, attribute)
            if beside is not None and isinstance(column.type, Choice | Timestamp):
                value = type_coerce(value, column.type.impl_instance)
            columns[column.name] = value.label(column.name)
        if f.currency and screen.reads(viewer, f.currency):
            columns[f.currency] = getattr(screen.model, f.currency)
        if f.targets:
            key = getattr(screen.model, f.attribute)
            names = [_name_beside(screens, table, key, viewer, beside) for table in f.targets]
            columns[f"{f.name}__name"] = (func.coalesce(*names) if len(names) > 1 else names[0]).label(
                f"{f.name}__name"
            )
    for name in ("is_active",) if screen.active and screen.reads(viewer, "is_active") else ():
        columns[name] = getattr(screen.model, name)
    if beside is None:
        columns["row_version"] = screen.model.row_version.label("row_version")
    return list(columns.values())


def _name_beside(screens: Screens, target: str, key: Any, viewer: Viewer, beside: Beside | None) -> ColumnElement[str]:
    named = None if beside is None else naming(screens, target, key, viewer, 0)
    if beside is None or named is None:
        return name_of(screens, target, key, viewer)
    beside.append(named.lateral(f"named_{len(beside)}"))
    return beside[-1].c.name
