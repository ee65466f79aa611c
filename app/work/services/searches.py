"""What can be done with saved searches and with wishes for a list; all of it is the own affair of whoever does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.core.viewer import Viewer
from app.work.models import ListPreference, SavedSearch
from app.work.queries import searches as queries
from app.work.rules.searches import LONGEST, LONGEST_NAME, Asked, written


class UnfitSearch(DomainError):
    """Without a name, too long, or one too many."""

    status = 422


def save(
    session: Session, viewer: Viewer, table: str, asked: Asked, *, name: str, default: bool = False,
    shared: bool = False,
) -> SavedSearch:  # fmt: skip
    """A new search of the viewer; a new default takes over from the old one. Raises UnfitSearch."""
    if queries.number_of_own(session, viewer, table) >= queries.MOST:
        raise UnfitSearch(_("You have %(most)s saved searches here already. Delete one first.", most=queries.MOST))
    made = SavedSearch(
        user_id=viewer.user_id, name=fit_name(name), module=table, filters=_fitting(asked), is_default=default,
        shared=shared,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def change(session: Session, search: SavedSearch, asked: Asked) -> None:
    """From now on the search is what the list shows. Raises UnfitSearch."""
    search.filters = _fitting(asked)
    session.flush()


def rename(session: Session, search: SavedSearch, name: str) -> None:
    search.name = fit_name(name)
    session.flush()


def mark(session: Session, search: SavedSearch, *, default: bool | None = None, shared: bool | None = None) -> None:
    search.is_default = search.is_default if default is None else default
    search.shared = search.shared if shared is None else shared
    session.flush()


def delete(session: Session, search: SavedSearch) -> dict[str, Any]:
    """Gives what it takes to bring it back."""
    left = {name: getattr(search, name) for name in ("id", "name", "module", "filters", "is_default", "shared")}
    session.delete(search)
    session.flush()
    return left


def restore(session: Session, viewer: Viewer, left: Mapping[str, Any]) -> SavedSearch:
    """The search as it was deleted; once, however often it is asked for. A default that came meanwhile stays one."""
    there = queries.own(session, viewer, left["id"])
    if there is not None:
        return there
    default = left["is_default"] and queries.default(session, viewer, left["module"]) is None
    found = SavedSearch(**{**left, "user_id": viewer.user_id, "is_default": default})
    session.add(found)
    session.flush()
    return found


def wish(
    session: Session, viewer: Viewer, table: str, *, columns: Sequence[str] | None = None, sort: str | None = None,
    page_size: int | None = None,
) -> None:  # fmt: skip
    """Keep what was chosen for a list; what is None stays as it was."""
    kept = queries.wish(session, viewer, table) or _begun(session, viewer, table)
    if columns is not None:
        kept.columns = list(columns)
    if sort is not None:
        kept.sort = sort
    if page_size is not None:
        kept.page_size = page_size
    session.flush()


def forget(session: Session, viewer: Viewer, table: str) -> None:
    """The list is again as everybody has it."""
    kept = queries.wish(session, viewer, table)
    if kept is not None:
        session.delete(kept)
        session.flush()


def _begun(session: Session, viewer: Viewer, table: str) -> ListPreference:
    """The row of this person and list; another request may have made it just now."""
    try:
        with session.begin_nested():
            made = ListPreference(user_id=viewer.user_id, module=table)
            session.add(made)
            session.flush()
        return made
    except IntegrityError:
        there = queries.wish(session, viewer, table)
        if there is None:
            raise
        return there


def fit_name(name: str) -> str:
    """Raises UnfitSearch."""
    tidy = " ".join(name.split())
    if not tidy:
        raise UnfitSearch(_("Give the search a name."))
    if len(tidy) > LONGEST_NAME:
        raise UnfitSearch(_("A name has at most %(most)s characters.", most=LONGEST_NAME))
    return tidy


def _fitting(asked: Asked) -> str:
    text = written(asked)
    if len(text) > LONGEST:
        raise UnfitSearch(_("These filters are too long to be saved. Take one away."))
    return text
