"""All rows of a list, for a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Select,
    select,
    true,
)

from app.core.db import session_factory
from app.core.scope import within
from app.core.viewer import Viewer
from app.screens.fields import Field
from app.screens.query.asked import Listing, Screens
from app.screens.query.columns import Beside, columns
from app.screens.query.lists import ordering
from app.screens.query.narrowing import narrowed
from app.screens.resolve import Resolved

FETCHED = 200  # rows at once; with more of them alive, the garbage collector looks longer than they take

Columns = Mapping[str | None, Sequence[Any]]
"""Values of several rows by the name of their column."""


def all_of(
    screens: Screens, screen: Resolved, viewer: Viewer, listing: Listing, fields: Sequence[Field]
) -> Select[Any]:
    """The question for all rows of a list, with choices and moments as the database has them. Raises BadQuery."""
    ids = narrowed(screen, viewer, listing).subquery()
    beside: Beside = []
    question = select(*columns(screens, screen, fields, viewer, beside)).join(ids, ids.c.id == screen.model.id)
    for name in beside:
        question = question.outerjoin(name, true())
    return question.order_by(*ordering(screens, screen, viewer, listing.order))


def streamed(question: Select[Any], viewer: Viewer) -> Iterator[Columns]:
    """The rows, some hundred at a time, by column: what is done with a column is then decided once for all of them.

    They are fetched in a session of their own: an answer may outlive its request.
    """
    names = [column.key for column in question.selected_columns]
    with session_factory() as session:
        session.info["viewer"] = viewer
        walled = within(session, question, viewer)
        streaming = {"stream_results": True, "max_row_buffer": FETCHED}
        found = session.connection().execute(walled, execution_options=streaming)
        for rows in found.partitions(FETCHED):
            yield dict(zip(names, zip(*rows, strict=True), strict=True))
