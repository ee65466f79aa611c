"""What a new task takes over from the record it is about: its name, its customer, its country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session, class_mapper

from app.core.errors import NotFound
from app.core.paths import Own, Owns, Path, Through, path_of, targets
from app.core.types import Country
from app.core.viewer import Viewer, visible
from app.screens import query
from app.screens.query import Screens

_STEPS = 5


@dataclass(frozen=True)
class Origin:
    """The record a task is about, as far as its maker may know of it."""

    table: str
    key: str
    one: str
    name: str
    customer_id: str | None = None
    country: Country | None = None


def origin_of(session: Session, screens: Screens, viewer: Viewer, table: str, key: str) -> Origin:
    """Raises NotFound for a record that the viewer may not know of, or that does not exist."""
    screen = screens.get(table)
    if screen is None or not viewer.sees(screen.module):
        raise NotFound
    row = query.fetch(session, screen, viewer, key)
    name = query.own_name(session, screens, screen, viewer, row.id)
    customer, country = _followed(session, screens, viewer, table, row)
    return Origin(table, str(row.id), screen.one, name, customer, country)


def _followed(
    session: Session, screens: Screens, viewer: Viewer, name: str, row: Any
) -> tuple[str | None, Country | None]:
    """The customer and the country of a row: its own, or those of the rows on its way to a country."""
    customer: str | None = None
    country: Country | None = None
    for _step in range(_STEPS):
        table: Table = class_mapper(type(row)).local_table  # type: ignore[assignment]
        if customer is None:
            customer = row.id if name == "customers" else getattr(row, "customer_id", None)
        country = country or _country(path_of(table), row)
        column = _leading(path_of(table))
        if (customer and country) or not column or getattr(row, column, None) is None:
            break
        name = targets(table, column)[0][0].name
        if name not in screens or not viewer.sees(screens[name].module):
            break
        model = screens[name].model
        parent = session.scalars(visible(model, viewer).where(model.id == getattr(row, column))).one_or_none()
        if parent is None:
            break
        row = parent
    return customer, country


def _country(path: Path, row: Any) -> Country | None:
    if isinstance(path, Own):
        found = getattr(row, path.column)
        return Country(found) if found is not None else None
    if isinstance(path, Owns):
        several = getattr(row, path.column) or []
        return Country(several[0]) if len(several) == 1 else None
    return None


def _leading(path: Path) -> str:
    """The column that leads to the row which decides."""
    if isinstance(path, Own):
        return _leading(path.otherwise) if path.otherwise is not None else ""
    return path.column if isinstance(path, Through) else ""
