"""One record: its values, the mapped row, and how many others point to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    String,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.statements import prepared
from app.core.viewer import Viewer, visible
from app.screens.fields import Field
from app.screens.query.asked import FIND_CAP, Screens, key_of, named, whose, with_changeable
from app.screens.query.columns import selected
from app.screens.query.names import name_of
from app.screens.resolve import Resolved

OWN_NAME = "its own name"


def record_of(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, key: str, fields: Sequence[Field]
) -> Mapping[str, Any]:
    """One row as a mapping of column names, its own name as OWN_NAME. Raises NotFound."""
    known = key_of(screen, key)
    wanted = tuple(fields)

    def made() -> Any:
        this = bindparam("key", type_=screen.model.id.type)
        allowed = visible(screen.model, viewer).with_only_columns(screen.model.id).where(screen.model.id == this)
        name = name_of(screens, screen.table, screen.model.id, viewer).label(OWN_NAME)
        asked = (*selected(screens, screen, wanted, viewer), *with_changeable(screen, viewer), name)
        return select(*asked).where(screen.model.id.in_(allowed))

    names = tuple(f.name for f in wanted)
    asked = prepared(screens, (record_of, screen.table, names, whose(viewer)), made)
    row = session.execute(asked, {"key": known}).one_or_none()
    if row is None:
        raise NotFound
    return named(row)


def fetch(session: Session, screen: Resolved, viewer: Viewer, key: str) -> Any:
    """The mapped row itself, to be changed. Raises NotFound."""
    this = bindparam("key", type_=screen.model.id.type)
    asked = prepared(
        screen, (fetch, whose(viewer)), lambda: visible(screen.model, viewer).where(screen.model.id == this)
    )
    given = {"key": key_of(screen, key)}
    row = session.scalars(asked, given, execution_options={"viewer": viewer}).one_or_none()
    if row is None:
        raise NotFound
    return row


def child_counts(session: Session, screens: Screens, viewer: Viewer, children: Sequence[Any], key: Any) -> list[int]:
    """How many records each tab has, capped at 1,000, in one statement."""
    if not children:
        return []
    kinds = tuple((child.table, child.column) for child in children)
    asked = prepared(
        screens,
        (child_counts, kinds, isinstance(key, int), whose(viewer)),
        lambda: _counting(screens, viewer, children, number=isinstance(key, int)),
    )
    return list(session.execute(asked, {"key": key}).one())


def _counting(screens: Screens, viewer: Viewer, children: Sequence[Any], *, number: bool) -> Select[Any]:
    key = bindparam("key", type_=Integer() if number else String())
    counts = []
    for i, child in enumerate(children):
        other = screens[child.table]
        some = (
            visible(other.model, viewer)
            .with_only_columns(other.model.id)
            .where(getattr(other.model, other.fields[child.column].attribute) == key)
            .limit(FIND_CAP + 1)
            .subquery()
        )
        counts.append(select(func.count()).select_from(some).scalar_subquery().label(f"c{i}"))
    return select(*counts)
