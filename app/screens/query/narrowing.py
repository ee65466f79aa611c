"""Which rows a list is about: its filters, and what is searched for."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    false,
    func,
    select,
    text,
    union_all,
)

from app.core.viewer import Viewer, visible
from app.screens.filters import Compared, compared, condition
from app.screens.find.listed import keys
from app.screens.query.asked import FIND_CAP, Listing
from app.screens.resolve import Resolved

_TYPED, _FILTER = "typed", "filter_"


def narrowed(screen: Resolved, viewer: Viewer, listing: Listing, by: Sequence[Compared] | None = None) -> Select[Any]:
    """Ids of the rows that a list is about, not yet ordered or cut.

    `by` are its filters as parts of a statement that is kept, with the parameters `given` names.
    """
    query = visible(screen.model, viewer).with_only_columns(screen.model.id)
    if by is None:
        query = query.where(*(condition(screen, active) for active in listing.filters))
    else:
        query = query.where(*(part.condition(screen, f"{_FILTER}{n}") for n, part in enumerate(by)))
    if listing.search:
        query = query.where(_search(screen, viewer, listing.search))
    return query


def compared_by(screen: Resolved, listing: Listing) -> tuple[Compared, ...] | None:
    """The filters of a list whose statement fits all others of its kind: what was typed are its values; else None."""
    if listing.search and not screen.find:
        return None
    found = [compared(active) for active in listing.filters]
    return None if None in found else cast(tuple[Compared, ...], tuple(found))


def shapes(by: Sequence[Compared]) -> Hashable:
    return tuple(part.shape for part in by)


def typed_as(screen: Resolved, viewer: Viewer, listing: Listing) -> tuple[str, dict[str, Any]]:
    """The shape of what is searched for, "" for nothing: lists of one shape share a statement; and its parameters."""
    if not listing.search:
        return "", {}
    if _has_doors(screen, viewer):
        return keys(screen, viewer, _tidy(listing.search), most=FIND_CAP)
    return _TYPED, {_TYPED: _tidy(listing.search)}


def _has_doors(screen: Resolved, viewer: Viewer) -> bool:
    """Whether the search goes by the indexes; where the module is closed, only public names are looked at."""
    return bool(screen.find) and viewer.sees(screen.module)


def given(listing: Listing, by: Sequence[Compared], typed: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a statement for this list."""
    return {**typed, **{f"{_FILTER}{n}": part.value for n, part in enumerate(by)}}


def _search(screen: Resolved, viewer: Viewer, typed: str) -> ColumnElement[bool]:
    """Rows to which what was typed leads by an index, or that hold all its words where no index is declared.

    What the viewer may not read is not searched: a hit would tell it.
    """
    wanted = _tidy(typed)
    if _has_doors(screen, viewer):
        sql, values = keys(screen, viewer, wanted, most=FIND_CAP)
        if not sql:
            return false()
        # A CTE, for a statement that asks for the same rows several times: what was searched for is sought once.
        asked = text(sql).bindparams(**values).columns(id=screen.model.id.type).cte()
        return screen.model.id.in_(select(asked.c.id))
    if screen.find:
        found = []
        for names in screen.find:
            if not all(_searchable(screen, viewer, name) for name in names):
                continue
            beginning = folded(screen, names)
            start = func.fold(bindparam(_TYPED, wanted))
            found.append(
                select(screen.model.id)
                .where(beginning >= start, beginning < start.concat(chr(0x10FFFF)))
                .limit(FIND_CAP)
                .correlate(None)
            )
        if not found:
            return false()
        return screen.model.id.in_(union_all(*(part.subquery().select() for part in found)))
    readable = [name for name in screen.search if _searchable(screen, viewer, name)]
    columns = [getattr(screen.model, screen.fields[name].attribute).cast(String) for name in readable]
    haystack = func.fold(func.concat_ws(" ", *(columns or [screen.model.id.cast(String)])))
    hits = [haystack.contains(func.fold(_like(word)), autoescape=False, escape="\\") for word in wanted.split()]
    result = hits[0]
    for hit in hits[1:]:
        result = result & hit
    return result


def _searchable(screen: Resolved, viewer: Viewer, name: str) -> bool:
    """Where the module is closed, a record may be looked for by its public name only."""
    return screen.reads(viewer, name) if viewer.sees(screen.module) else name in screen.names(viewer)


def folded(screen: Resolved, names: tuple[str, ...]) -> ColumnElement[str]:
    """The very expression of the index, so that the planner knows it again."""
    columns = [getattr(screen.model, screen.fields[name].attribute) for name in names]
    return func.fold(*columns).collate("C")


def _like(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _tidy(typed: str) -> str:
    return " ".join(typed.split())
