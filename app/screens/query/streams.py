"""The newest rows about a record, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    and_,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from app.core.viewer import Viewer, visible
from app.screens.fields import Field
from app.screens.query.asked import Screens, named
from app.screens.query.columns import selected
from app.screens.resolve import Resolved


@dataclass(frozen=True)
class Before:
    """Where a page of a stream begins: before this moment and, at it, before this key; `including` all of it."""

    at: datetime
    key: Any
    including: bool = False


def older_than(place: Before | None, at: Any, key: Any) -> ColumnElement[bool]:
    """The condition that goes with the order `at DESC, key DESC`."""
    if place is None:
        return cast(ColumnElement[bool], at.is_not(None))
    if place.key is not None:
        return tuple_(at, key) < tuple_(literal(place.at, at.type), literal(place.key, key.type))
    return cast(ColumnElement[bool], at <= place.at if place.including else at < place.at)


def latest(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, columns: Sequence[str], key: Any, date: str,
    fields: Sequence[Field], *, before: Before | None, most: int, about: Mapping[str, str] | None = None,
    beside: tuple[Sequence[str], Resolved, str] | None = None,
) -> list[Mapping[str, Any]]:  # fmt: skip
    """The newest rows by `date` of which one of the `columns` points to `key`; in one statement.

    `about` are the values of columns that point there together, without a foreign key; `beside` are columns that point
    to the same as a column does of the record `key` itself, with its screen and the name of that column.
    """
    model = screen.model
    at = getattr(model, screen.fields[date].attribute)
    points = [getattr(model, screen.fields[name].attribute) == key for name in columns]
    if about:
        points.append(and_(*(getattr(model, screen.fields[name].attribute) == said for name, said in about.items())))
    if beside is not None:
        names, here, column = beside
        same = select(getattr(here.model, here.fields[column].attribute)).where(here.model.id == key).scalar_subquery()
        points += [getattr(model, screen.fields[name].attribute) == same for name in names]
    ids = (
        visible(model, viewer)
        .with_only_columns(model.id)
        .where(or_(*points), older_than(before, at, model.id))
        .order_by(at.desc(), model.id.desc())
        .limit(most)
        .subquery()
    )
    question = select(*selected(screens, screen, fields, viewer)).join(ids, ids.c.id == model.id)
    return [named(row) for row in session.execute(question.order_by(at.desc(), model.id.desc()))]
