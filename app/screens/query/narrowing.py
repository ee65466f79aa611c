"""Which rows a list is about: its filters, and what is searched for."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    false,
    func,
    select,
    union_all,
)

from app.core.viewer import Viewer, visible
from app.screens.filters import Compared, compared, condition
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


def given(listing: Listing, by: Sequence[Compared]) -> dict[str, Any]:
    """The parameters of a statement for this list."""
    typed = {_TYPED: _tidy(listing.search)} if listing.search else {}
    return {**typed, **{f"{_FILTER}{n}": part.value for n, part in enumerate(by)}}


def _search(screen: Resolved, viewer: Viewer, typed: str) -> ColumnElement[bool]:
    """Rows that begin with what was typed (index), or hold all its words where no index is declared.

    What the viewer may not read is not searched: a hit would tell it.
    """
    wanted = _tidy(typed)
    if screen.find:
        found = []
        for names in screen.find:
            if not all(_searchable(screen, viewer, name) for name in names):
                continue
            text = folded(screen, names)
            start = func.fold(bindparam(_TYPED, wanted))
            found.append(
                select(screen.model.id)
                .where(text >= start, text < start.concat(chr(0x10FFFF)))
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
