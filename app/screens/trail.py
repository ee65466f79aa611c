"""The audit trail as screens write and show it.

Which entries a viewer may know of is said here once and put into `visible`,
below list, record, file, chart and REST: those about modules he sees, and
none that tells of nothing but fields that are hidden from him. What an entry
says in full (`details`) is for those alone who may do everything; others read
the history of a record, where each field is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Table, Text, and_, case, cast, false, not_, or_, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import class_mapper

from app.core import audit
from app.core.db import Base, transaction
from app.core.paths import path_of
from app.core.viewer import SYSTEM_USER, Viewer, narrow
from app.screens import address, write
from app.screens.look import Look
from app.screens.page import Link
from app.screens.query import Screens
from app.screens.resolve import Resolved

LOG = "activity_logs"
_CHANGES = '{"changes": {'  # how the details of a change begin


def install(screens: Screens) -> None:
    """Narrow the log, and every table that tells of another table's fields (`info["tells_of"]`)."""
    narrow(LOG, partial(_known_entries, screens))
    for screen in screens.values():
        table: Table = class_mapper(screen.model).local_table  # type: ignore[assignment]
        if "tells_of" in table.info:
            column, other = table.info["tells_of"]
            narrow(table.name, partial(_told_fields, table.c[column], screens[other]))


def _known_entries(screens: Screens, viewer: Viewer) -> ColumnElement[bool] | None:
    entries = Base.metadata.tables[LOG].c
    if viewer.user_id == SYSTEM_USER:
        return None
    private = sorted(name for name, table in Base.metadata.tables.items() if path_of(table).private)
    # What somebody does with his own talk is nobody else's business.
    own = entries.user_id == (viewer.user_id if not viewer.behind else "")
    open_to_all = or_(entries.entity_type.is_(None), entries.entity_type.not_in(private), own)
    if viewer.everything:
        return open_to_all
    seen = [table for table, screen in screens.items() if viewer.sees(screen.module)]
    rules = [open_to_all, or_(entries.entity_type.is_(None), entries.entity_type.in_(seen))]
    for table in seen:
        silent = only_hidden(screens[table], viewer)
        if silent is not None:
            rules.append(or_(entries.entity_type.is_(None), entries.entity_type != table, not_(silent)))
    return and_(*rules)


def _told_fields(column: Any, other: Resolved, viewer: Viewer) -> ColumnElement[bool] | None:
    hidden = hidden_columns(other, viewer)
    return column.not_in(hidden) if hidden else None


def hidden_columns(screen: Resolved, viewer: Viewer) -> list[str]:
    """The columns of a screen that this viewer may not know of."""
    return sorted(c.name for f in screen.fields.values() if not screen.reads(viewer, f.name) for c in f.columns)


def only_hidden(screen: Resolved, viewer: Viewer) -> ColumnElement[bool] | None:
    """Changes of a record that touch hidden fields alone: not even that they happened is known."""
    hidden = hidden_columns(screen, viewer)
    if not hidden:
        return None
    entries = Base.metadata.tables[LOG].c
    # In a CASE, because the text of other entries need not be an object that can be looked into.
    told = type_coerce(entries.details, Text)
    changes = cast(told, JSONB)["changes"]
    left = changes.op("-")(cast(hidden, ARRAY(TEXT)))
    nothing = case((told.startswith(_CHANGES, autoescape=True), left == cast({}, JSONB)), else_=false())
    return and_(entries.action == audit.UPDATE, nothing)


def link_of(look: Look, row: Mapping[str, Any]) -> tuple[Link, ...]:
    """From an entry to the record it is about."""
    table, key = str(row.get("entity_type")), row.get("entity_id")
    if look.screen.table != LOG or key is None or table not in look.screens:
        return ()
    if not look.viewer.sees(look.screens[table].module):
        return ()
    return (Link(_("Open the record"), address.show_href(table, key), "arrow-right"),)


# Writing -----------------------------------------------------------------------


def note_view(look: Look, key: Any, name: str | None) -> None:
    """Who has read which record belongs to the trail: these are health data."""
    with transaction(by=look.viewer) as session:
        audit.note(session, "view", entity_type=look.screen.table, entity_id=key, entity_name=name)


def note_forged(look: Look, key: Any, sent: Any) -> None:
    """A sent field that this person's form does not hold, or holds for reading only, changes nothing and is noted."""
    if request.method in ("GET", "HEAD") or not isinstance(sent, Mapping):
        return
    may = {f.name for f in write.writable(look.screen, look.viewer)}
    forged = sorted(
        f.name
        for f in look.screen.fields.values()
        if f.name not in may
        and not f.readonly
        and any(part in sent for part in (f.name, *(f"{f.name}-{p}" for p in _PARTS)))
    )
    if forged:
        audit.denied(look.viewer, {"fields": forged}, entity_type=look.screen.table, entity_id=key)


_PARTS = ("day", "month", "year", "shown")
