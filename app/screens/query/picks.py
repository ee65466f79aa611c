"""Records to choose from for a foreign key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    select,
)
from sqlalchemy.orm import Session

from app.core.viewer import Viewer
from app.screens.fields import Field
from app.screens.query.asked import Listing, Screens
from app.screens.query.lists import ordering
from app.screens.query.names import name_of
from app.screens.query.narrowing import narrowed

PICKS = 30
PICK_PAGES = 100


def picks_of(
    session: Session, screens: Screens, f: Field, viewer: Viewer, typed: str, page: int = 1
) -> tuple[list[tuple[Any, str]], bool]:
    """A page of records to choose from, by the beginning of what is typed; and whether there are more."""
    found: list[tuple[Any, str]] = []
    more = False
    for table in f.targets:
        screen = screens[table]
        known = screen.names(viewer)
        if not known and not viewer.sees(screen.module):
            continue
        listing = Listing(search=typed, size=PICKS)
        ids = narrowed(screen, viewer, listing)
        if screen.active:
            ids = ids.where(screen.model.is_active)
        first = [getattr(screen.model, screen.fields[n].attribute) for n in known if not screen.fields[n].targets]
        terms = first if len(screens[table].find) == 0 or typed else ordering(screens, screen, viewer, None)
        order = [*terms, screen.model.id]
        picked = ids.order_by(*order).offset((page - 1) * PICKS).limit(PICKS + 1).subquery()
        query = select(screen.model.id, name_of(screens, table, screen.model.id, viewer).label("name")).join(
            picked, picked.c.id == screen.model.id
        )
        rows = session.execute(query.order_by(*order)).all()
        more = more or len(rows) > PICKS
        found += [(row[0], row[1]) for row in rows[:PICKS]]
    return sorted(found, key=lambda pair: (pair[1] or "").casefold()), more
