"""Saved searches and wishes for lists: one's own, and what colleagues share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Select,
    Text,
    any_,
    bindparam,
    false,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.scope import wall
from app.core.statements import prepared, standing
from app.core.viewer import SYSTEM, Viewer, visible
from app.screens.query import whose
from app.work.models import ListPreference, SavedSearch

SEARCHES = "saved_searches"
MOST = 50
_LOOKED_AT = 200


@dataclass(frozen=True)
class Search:
    """A search as lists show it. `who` is its owner where it is a colleague's, of whom nothing else concerns others."""

    key: str
    name: str
    filters: str
    who: str = ""
    default: bool = False
    shared: bool = False


_WISH = standing(
    select(ListPreference).where(ListPreference.user_id == bindparam("me"), ListPreference.module == bindparam("table"))
)


def wish(session: Session, viewer: Viewer, table: str) -> ListPreference | None:
    asked = {"me": viewer.user_id, "table": table}
    return session.scalars(_WISH, asked, execution_options={"viewer": viewer}).one_or_none()


@dataclass(frozen=True)
class Kept:
    """What a list starts from: the wish for it (`columns`, `sort`, `page_size`; {} for none), and the searches."""

    wish: Mapping[str, Any]
    mine: list[Search]
    theirs: list[Search]


def of_list(session: Session, viewer: Viewer, table: str) -> Kept:
    """The own searches of one list, the default first, what colleagues share, and the wish; one statement for all.

    Who has closed countries asks another one: which of the colleagues he may know of. For theirs holds what `shared`
    says.
    """
    found = session.execute(
        _OF_LIST, {"me": viewer.user_id, "table": table}, execution_options={"viewer": SYSTEM}
    ).all()
    wish: dict[str, Any] = next((json.loads(row.filters) for row in found if row.own is None), {})
    mine = [Search(row.id, row.name, row.filters, "", row.is_default, row.shared) for row in found if row.own]
    return Kept(wish, mine, _of_colleagues(session, viewer, [row for row in found if row.own is False]))


def number_of_own(session: Session, viewer: Viewer, table: str) -> int:
    asked = _own(viewer).where(SavedSearch.module == table).with_only_columns(func.count())
    return session.scalar(asked) or 0


def default(session: Session, viewer: Viewer, table: str) -> SavedSearch | None:
    return session.scalars(_own(viewer).where(SavedSearch.module == table, SavedSearch.is_default)).one_or_none()


def own(session: Session, viewer: Viewer, key: str) -> SavedSearch | None:
    """The own search with this key; nobody else's, whatever one's rights."""
    return session.scalars(_own(viewer).where(SavedSearch.id == key[:100])).one_or_none()


def shared(session: Session, viewer: Viewer, table: str, key: str) -> Search | None:
    """What a colleague shares of one list under this key.

    The row itself stays closed, for it may tell of fields that this viewer may not read: it is looked up with the
    system's eyes, and whoever asks shows no more of it than his own rights allow. He must know of the colleague.
    """
    asked = _shared(viewer.user_id, table).where(SavedSearch.id == key[:100])
    found = _of_colleagues(session, viewer, session.execute(asked, execution_options={"viewer": SYSTEM}).all())
    return found[0] if found else None


def _columns(own: ColumnElement[bool], default: ColumnElement[bool], who: Any) -> Select[Any]:
    return select(
        SavedSearch.id, SavedSearch.name, SavedSearch.filters, SavedSearch.user_id, SavedSearch.shared,
        default.label("is_default"), own.label("own"), who.label("who"),
    )  # fmt: skip


def _shared(me: Any, table: Any) -> Select[Any]:
    """What others share who are still here."""
    theirs = _columns(false(), false(), User.full_name).join(User, User.id == SavedSearch.user_id)
    return theirs.where(SavedSearch.module == table, SavedSearch.shared, SavedSearch.user_id != me, User.is_active)


def _of_list() -> Select[Any]:
    me, table = bindparam("me"), bindparam("table")
    mine = _columns(true(), SavedSearch.is_default, literal(""))
    mine = mine.where(SavedSearch.user_id == me, SavedSearch.module == table)
    mine = mine.order_by(SavedSearch.is_default.desc(), SavedSearch.name, SavedSearch.id).limit(MOST)
    theirs = _shared(me, table).order_by(SavedSearch.name, SavedSearch.id).limit(_LOOKED_AT)
    kept = ListPreference
    told = func.json_build_object("columns", kept.columns, "sort", kept.sort, "page_size", kept.page_size).cast(Text)
    wish = select(
        kept.id, literal(""), told, kept.user_id, false(), false(), null().cast(Boolean), literal("")
    ).where(kept.user_id == me, kept.module == table)  # fmt: skip
    all_of_it = union_all(*(part.subquery().select() for part in (mine, theirs, wish))).subquery()
    c = all_of_it.c
    return select(all_of_it).order_by(c.own.desc(), c.is_default.desc(), c.name, c.id)


_OF_LIST = standing(_of_list())  # asked by every list


def _of_colleagues(session: Session, viewer: Viewer, rows: Sequence[Any]) -> list[Search]:
    """Those of colleagues whom this viewer may know of."""
    if not rows:
        return []
    known = rows
    if wall(User, viewer):
        asked = prepared(_of_colleagues, whose(viewer), lambda: _people(viewer))
        people = set(session.scalars(asked, {"people": sorted({row.user_id for row in rows})}))
        known = [row for row in rows if row.user_id in people]
    return [Search(row.id, row.name, row.filters, row.who, shared=True) for row in known[:MOST]]


def _people(viewer: Viewer) -> Select[Any]:
    these = bindparam("people", type_=ARRAY(Text))
    return visible(User, viewer).with_only_columns(User.id).where(User.id == any_(these))


def _own(viewer: Viewer) -> Select[Any]:
    return visible(SavedSearch, viewer).where(_is_own(viewer))


def _is_own(viewer: Viewer) -> ColumnElement[bool]:
    return SavedSearch.user_id == viewer.user_id
