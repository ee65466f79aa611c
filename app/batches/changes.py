"""What a batch does with every row, as JSON keeps it, and what that means for one row.

`{"do": "edit", "fields": {<field>: {"how": "set" | "clear" | "add" | "remove", "values": {<attribute>: ...}}}}`,
or `do` is "activate", "deactivate" or "delete". Rows of a file carry their own values instead.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from app.batches.models import RowAction
from app.core.values import restored
from app.screens.fields import Field
from app.screens.forms import spread
from app.screens.resolve import Resolved


class Do(enum.StrEnum):
    edit = "edit"
    activate = "activate"
    deactivate = "deactivate"
    delete = "delete"


class How(enum.StrEnum):
    """`add` and `remove` are for lists."""

    set = "set"
    clear = "clear"
    add = "add"
    remove = "remove"


ACTIONS: Mapping[Do, RowAction] = {
    Do.edit: RowAction.changed,
    Do.activate: RowAction.changed,
    Do.deactivate: RowAction.deactivated,
    Do.delete: RowAction.deleted,
}


def wanted(screen: Resolved, todo: Mapping[str, Any], own: Mapping[str, Any] | None, row: Any) -> dict[str, Any]:
    """The attribute values that `row` shall have; for a new row (None) those of its own."""
    values = restored(screen.model, own or {})
    do = todo.get("do")
    if row is not None and do in (Do.activate, Do.deactivate):
        values["is_active"] = do == Do.activate
    for name, change in todo.get("fields", {}).items():
        values.update(_of_field(screen, screen.fields[name], change, row))
    return values


def _of_field(screen: Resolved, f: Field, change: Mapping[str, Any], row: Any) -> dict[str, Any]:
    how = How(change["how"])
    if how is How.clear:
        return spread(f, [] if f.kind.name in ("tags", "multichoice") and not f.nullable else None)
    given = restored(screen.model, change["values"])
    if how is How.set:
        return given
    there, named = list(getattr(row, f.attribute) or ()), given[f.attribute] or []
    if how is How.add:
        return {f.attribute: [*there, *(item for item in named if item not in there)]}
    return {f.attribute: [item for item in there if item not in named]}
