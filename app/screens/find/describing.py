"""What is told of records that were found: name, why, where, whether active. One statement for all tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, cast, func, literal, null, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.core.viewer import Viewer, visible
from app.screens.query import Screens, key_of, name_of
from app.screens.resolve import Resolved

ABOUT = ("customer_id", "collaborator_id", "hospital_id")
_ENDED = {"inactive", "archived"}


@dataclass(frozen=True)
class Told:
    """One record as this viewer may know of it. `values` are its texts by column, `about` whom it is about."""

    table: str
    key: str
    name: str
    about: str
    country: str
    active: bool
    values: Mapping[str, str]


def tell(
    session: Session,
    screens: Screens,
    viewer: Viewer,
    wanted: Mapping[str, Sequence[str]],
    columns: Mapping[str, Sequence[str]],
) -> dict[tuple[str, str], Told]:
    """The records of `wanted` (keys by table) that the viewer may know of, by table and key.

    `columns` names the texts of each table that are told; they must be ones which the viewer may read.
    """
    parts = [
        _asked(screens, viewer, screens[table], keys, columns.get(table, ())) for table, keys in wanted.items() if keys
    ]
    if not parts:
        return {}
    asked = union_all(*(part.subquery().select() for part in parts)) if len(parts) > 1 else parts[0]
    found = {}
    for table, key, name, about, facts in session.execute(asked, execution_options={"viewer": viewer}):
        values = {n: str(v) for n, v in facts.items() if v not in (None, "") and not n.startswith("+")}
        ended = facts.get("+active") is False or facts.get("+status") in _ENDED
        told = Told(table, key, name or "", about or "", facts.get("+country") or "", not ended, values)
        found[table, key] = told
    return found


def _asked(
    screens: Screens, viewer: Viewer, screen: Resolved, keys: Sequence[str], columns: Sequence[str]
) -> Select[Any]:
    model = screen.model
    facts: dict[str, Any] = {name: _column(screen, name) for name in columns}
    if screen.active and screen.reads(viewer, "is_active"):
        facts["+active"] = _column(screen, "is_active")
    if "status" in screen.fields and screen.reads(viewer, "status"):
        facts["+status"] = cast(_column(screen, "status"), Text)
    if screen.country and screen.reads(viewer, screen.country):
        facts["+country"] = cast(_column(screen, screen.country), Text)
    pairs = [part for name, column in facts.items() for part in (literal(name), column)]
    return (
        visible(model, viewer)
        .with_only_columns(
            literal(screen.table).label("of"),
            cast(model.id, Text).label("key"),
            name_of(screens, screen.table, model.id, viewer).label("name"),
            _about(screens, viewer, screen).label("about"),
            cast(func.jsonb_build_object(*pairs), JSONB).label("facts"),
        )
        .where(model.id.in_([key_of(screen, key) for key in keys]))
    )


def _about(screens: Screens, viewer: Viewer, screen: Resolved) -> Any:
    """The name of the person or place that the record is about, where its own name does not say it."""
    for name in ABOUT:
        f = screen.fields.get(name)
        if f is not None and f.targets and name not in screen.name and screen.reads(viewer, name):
            return name_of(screens, f.targets[0], _column(screen, name), viewer)
    return null().cast(Text)


def _column(screen: Resolved, name: str) -> Any:
    return getattr(screen.model, screen.fields[name].attribute)
