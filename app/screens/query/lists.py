"""Pages of lists, their order and how many rows they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from app.core.statements import prepared
from app.core.viewer import Viewer
from app.screens.fields import Field
from app.screens.filters import Compared
from app.screens.query.asked import COUNT_CAP, Listing, Order, Screens, named, whose, with_changeable
from app.screens.query.columns import selected
from app.screens.query.names import name_of
from app.screens.query.narrowing import compared_by, given, narrowed, shapes, typed_as
from app.screens.resolve import Resolved


def ordering(screens: Screens, screen: Resolved, viewer: Viewer, order: Order | None) -> list[ColumnElement[Any]]:
    """ORDER BY with the id as tie-break, so that pages never overlap."""
    name, descending = (order.name, order.descending) if order else screen.order
    if not screen.reads(viewer, name):
        name = "id"  # the order of a hidden column would tell its values
    terms = order_columns(screens, screen, viewer, name)
    if name != "id":
        terms.append(screen.model.id)
    # The default order runs along an index; NULLS LAST would not.
    directed = [term.desc() if descending else term.asc() for term in terms]
    return directed if order is None else [term.nulls_last() for term in directed[:-1]] + directed[-1:]


def order_columns(screens: Screens, screen: Resolved, viewer: Viewer, name: str) -> list[Any]:
    """What is compared when a list is ordered by a field: its columns, or the name of what it points to."""
    f = screen.fields[name]
    if not f.targets:
        return [getattr(screen.model, attribute) for attribute in reversed(f.attributes)]
    names = [name_of(screens, table, getattr(screen.model, f.attribute), viewer) for table in f.targets]
    return [func.coalesce(*names) if len(names) > 1 else names[0]]


def page_of(
    session: Session,
    screens: Screens,
    screen: Resolved,
    viewer: Viewer,
    listing: Listing,
    fields: Sequence[Field],
) -> list[Mapping[str, Any]]:
    """The rows of one page as mappings of column names, one more than the page size when there are more."""

    by = compared_by(screen, listing)
    shape, typed = typed_as(screen, viewer, listing)

    def made() -> Any:
        return page(screens, screen, viewer, listing, fields, by)

    if by is None:
        return [named(row) for row in session.execute(made(), given(listing, (), typed))]
    names = tuple(f.name for f in fields)
    order = (listing.order, listing.page, listing.size, shape)
    key = (page_of, screen.table, names, order, shapes(by), whose(viewer))
    return [named(row) for row in session.execute(prepared(screens, key, made), given(listing, by, typed))]


def page(
    screens: Screens, screen: Resolved, viewer: Viewer, listing: Listing, fields: Sequence[Field],
    by: Sequence[Compared] | None = None, *only: ColumnElement[bool],
) -> Any:  # fmt: skip
    terms = ordering(screens, screen, viewer, listing.order)
    ids = (
        narrowed(screen, viewer, listing, by)
        .where(*only)
        .order_by(*terms)
        .limit(listing.size + 1)
        .offset((listing.page - 1) * listing.size)
        .subquery()
    )
    wanted = (*selected(screens, screen, fields, viewer), *with_changeable(screen, viewer))
    return select(*wanted).join(ids, ids.c.id == screen.model.id).order_by(*terms)


def among(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, ids: Any, fields: Sequence[Field],
    *more: ColumnElement[Any],
) -> list[Mapping[str, Any]]:  # fmt: skip
    """The rows whose keys a subquery gives in its column `id`, with `more` of its columns beside; in one statement."""
    asked = select(*selected(screens, screen, fields, viewer), *more).join(ids, ids.c.id == screen.model.id)
    return [named(row) for row in session.execute(asked, execution_options={"viewer": viewer})]


def children_of(
    session: Session, screens: Screens, child: Any, viewer: Viewer, key: Any, size: int, fields: Sequence[Field]
) -> list[Mapping[str, Any]]:
    """The first rows of `child.table` that point to a record by `child.column`, one more than `size` if there are."""
    screen = screens[child.table]

    def made() -> Any:
        pointing = getattr(screen.model, screen.fields[child.column].attribute)
        only = pointing == bindparam("key", type_=pointing.type)
        return page(screens, screen, viewer, Listing(size=size), fields, None, only)

    names = tuple(f.name for f in fields)
    place = (children_of, child.table, child.column, size, names, whose(viewer))
    return [named(row) for row in session.execute(prepared(screens, place, made), {"key": key})]


def count_of(session: Session, screen: Resolved, viewer: Viewer, listing: Listing) -> int:
    """How many rows the list has; COUNT_CAP + 1 stands for "more than that"."""

    by = compared_by(screen, listing)
    shape, typed = typed_as(screen, viewer, listing)

    def made() -> Any:
        some = narrowed(screen, viewer, listing, by).limit(COUNT_CAP + 1).subquery()
        return select(func.count()).select_from(some)

    if by is None:
        return session.scalar(made(), given(listing, (), typed)) or 0
    asked = prepared(screen, (count_of, shape, shapes(by), whose(viewer)), made)
    return session.scalar(asked, given(listing, by, typed)) or 0
