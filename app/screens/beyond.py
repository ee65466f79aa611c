"""Filters by the country of the record that a key leads to, such as the invoices of Slovak customers.

`_flt_in_customer_id__country=SK,CZ`: where a table has no country of its own, its rows are in that of a parent. Only
who may read the country there may ask by it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy.orm import class_mapper

from app.core.paths import Through, path_of
from app.core.viewer import Viewer
from app.screens import atlas
from app.screens.fields import Field
from app.screens.resolve import Resolved


@dataclass(frozen=True, eq=False)
class Beyond(Field):
    """A field of the record that `key` leads to, asked for among the filters of this screen."""

    key: str = ""
    there: Resolved | None = None

    @property
    def inner(self) -> Field:
        assert self.there is not None
        return self.there.fields[self.there.country]


def country_field(screen: Resolved, viewer: Viewer) -> Field | None:
    """The field by which rows of this table are told apart by country: its own, or its parent's; None if closed."""
    if screen.country:
        return screen.fields[screen.country] if screen.reads(viewer, screen.country) else None
    path = path_of(class_mapper(screen.model).local_table)  # type: ignore[arg-type]  # every screen has a table
    if not isinstance(path, Through):
        return None
    leading = screen.fields[path.column]
    there = atlas.known().get(leading.targets[0]) if len(leading.targets) == 1 else None
    if there is None or not there.country or not screen.reads(viewer, leading.name):
        return None
    if not there.reads(viewer, there.country):
        return None
    return _beyond(leading, there)


def _beyond(leading: Field, there: Resolved) -> Beyond:
    inner = there.fields[there.country]
    same: dict[str, Any] = {f.name: getattr(inner, f.name) for f in fields(Field)}
    return Beyond(
        **{**same, "name": f"{leading.name}__{inner.name}", "label": "Country"}, key=leading.name, there=there
    )


def more_fields(screen: Resolved, viewer: Viewer) -> list[Field]:
    """What a list may be filtered by beyond its own columns."""
    found = country_field(screen, viewer)
    return [found] if isinstance(found, Beyond) else []
