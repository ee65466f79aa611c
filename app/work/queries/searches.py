"""Saved searches and wishes for lists: one's own, and what colleagues share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.statements import standing
from app.core.viewer import SYSTEM, Viewer, visible
from app.work.models import ListPreference, SavedSearch

SEARCHES = "saved_searches"
MOST = 50
_LOOKED_AT = 200


@dataclass(frozen=True)
class Shared:
    """A search of a colleague, as far as it concerns others."""

    key: str
    name: str
    filters: str
    who: str


_WISH = standing(
    select(ListPreference).where(ListPreference.user_id == bindparam("me"), ListPreference.module == bindparam("table"))
)  # asked by every list


def wish(session: Session, viewer: Viewer, table: str) -> ListPreference | None:
    asked = {"me": viewer.user_id, "table": table}
    return session.scalars(_WISH, asked, execution_options={"viewer": viewer}).one_or_none()


def mine(session: Session, viewer: Viewer, table: str) -> list[SavedSearch]:
    """The own searches of one list, the default first."""
    asked = _own(viewer).where(SavedSearch.module == table)
    order = (SavedSearch.is_default.desc(), SavedSearch.name, SavedSearch.id)
    return list(session.scalars(asked.order_by(*order).limit(MOST)))


def default(session: Session, viewer: Viewer, table: str) -> SavedSearch | None:
    return session.scalars(_own(viewer).where(SavedSearch.module == table, SavedSearch.is_default)).one_or_none()


def own(session: Session, viewer: Viewer, key: str) -> SavedSearch | None:
    """The own search with this key; nobody else's, whatever one's rights."""
    return session.scalars(_own(viewer).where(SavedSearch.id == key[:100])).one_or_none()


def shared(session: Session, viewer: Viewer, table: str, key: str = "") -> list[Shared]:
    """What colleagues share of one list, or the one with this key.

    The rows themselves stay closed, for they may tell of fields that this viewer may not read: they are looked up with
    the system's eyes, and whoever asks shows no more of them than his own rights allow. He must know of the colleague.
    """
    asked = select(SavedSearch.id, SavedSearch.name, SavedSearch.filters, SavedSearch.user_id).where(
        SavedSearch.module == table, SavedSearch.shared, SavedSearch.user_id != viewer.user_id
    )
    if key:
        asked = asked.where(SavedSearch.id == key[:100])
    asked = asked.order_by(SavedSearch.name, SavedSearch.id).limit(_LOOKED_AT)
    found = session.execute(asked, execution_options={"viewer": SYSTEM}).all()
    if not found:
        return []
    people = visible(User, viewer).with_only_columns(User.id, User.full_name)
    people = people.where(User.id.in_({row.user_id for row in found}), User.is_active)
    names = {row.id: row.full_name for row in session.execute(people)}
    known = [row for row in found if row.user_id in names]
    return [Shared(row.id, row.name, row.filters, names[row.user_id]) for row in known[:MOST]]


def _own(viewer: Viewer) -> Select[Any]:
    return visible(SavedSearch, viewer).where(SavedSearch.user_id == viewer.user_id)
