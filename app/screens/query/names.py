"""The names of records, as a viewer may know them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    case,
    func,
    null,
    select,
)
from sqlalchemy.orm import Session, aliased

from app.core.statements import prepared
from app.core.viewer import Viewer
from app.screens.fields import Field
from app.screens.locale import TEXTS
from app.screens.query.asked import Screens, key_of
from app.screens.resolve import Resolved

NAMED = 200  # names asked for at once: PostgreSQL answers with 1,664 columns at most
_DEPTH = 2
_MOST_KEPT = 30


def name_of(screens: Screens, target: str, key: Any, viewer: Viewer, depth: int = 0) -> ColumnElement[str]:
    """SQL of the name of the record of `target` whose id is `key`; NULL when it may not be known."""
    named = naming(screens, target, key, viewer, depth)
    return null().cast(String) if named is None else named.scalar_subquery()


def naming(screens: Screens, target: str, key: Any, viewer: Viewer, depth: int) -> Select[Any] | None:
    """The question for this name; None when it may not be known."""
    screen = screens[target]
    row = aliased(screen.model)
    parts: list[ColumnElement[Any]] = []
    readable = screen.names(viewer)
    if not readable and not viewer.sees(screen.module):
        return None
    for name in readable:
        f = screen.fields[name]
        column = getattr(row, f.attribute)
        if f.targets and depth < _DEPTH:
            parts += [name_of(screens, table, column, viewer, depth + 1) for table in f.targets]
        elif f.kind.name == "choice":
            parts.append(case({value: _(label) for value, label in f.picks()}, value=column, else_=column))
        elif f.kind.name == "datetime":
            parts.append(func.to_char(column, "YYYY-MM-DD HH24:MI"))
        elif f.kind.name == "date":
            parts.append(func.to_char(column, "YYYY-MM-DD"))
        else:
            parts.append(func.nullif(column.cast(String), ""))
    joined = func.concat_ws(" · " if any(screen.fields[n].targets for n in screen.name) else " ", *parts)
    own = row.id.cast(String)
    named = select((func.coalesce(func.nullif(joined, ""), own) if parts else own).label("name")).where(row.id == key)
    return named.correlate_except(row)


def names_of(session: Session, screens: Screens, viewer: Viewer, wanted: Sequence[tuple[Field, Any]]) -> list[str]:
    """The names behind foreign keys, in one statement for each NAMED of them; "" where there is none."""
    return names_in(session, screens, viewer, [(f.targets, key) for f, key in wanted])


def names_in(
    session: Session, screens: Screens, viewer: Viewer, wanted: Sequence[tuple[tuple[str, ...], Any]]
) -> list[str]:
    """The names of records by the tables they may be of and their keys; as `names_of` asks for them."""
    if len(wanted) > NAMED:
        parts = [wanted[i : i + NAMED] for i in range(0, len(wanted), NAMED)]
        return [name for part in parts for name in names_in(session, screens, viewer, part)]
    if not wanted:
        return []
    kinds = tuple((tables, isinstance(key, int)) for tables, key in wanted)

    def made() -> Any:
        return select(*(_named(screens, viewer, i, *kind) for i, kind in enumerate(kinds)))

    key = (names_in, kinds, viewer.stamp, TEXTS.spoken().code)
    asked = prepared(screens, key, made) if len(kinds) <= _MOST_KEPT else made()
    found = session.execute(asked, {f"key_{i}": key for i, (_tables, key) in enumerate(wanted)}).one()
    return [name or "" for name in found]


def _named(screens: Screens, viewer: Viewer, i: int, tables: tuple[str, ...], number: bool) -> ColumnElement[str]:
    key = bindparam(f"key_{i}", type_=Integer() if number else String())
    names = [name_of(screens, table, key, viewer) for table in tables]
    return (func.coalesce(*names) if len(names) > 1 else names[0]).label(f"n{i}")


def own_name(session: Session, screens: Screens, screen: Resolved, viewer: Viewer, key: Any) -> str:
    """The name of one record of this screen, whose key may be as it stands in an address."""
    return names_in(session, screens, viewer, [((screen.table,), key_of(screen, str(key)))])[0]
