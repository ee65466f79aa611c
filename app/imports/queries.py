"""Files on their way, and what was chosen for such files before: each for its owner alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from app.batches.models import BATCHES, BatchState
from app.core.errors import NotFound
from app.core.viewer import Viewer, visible
from app.imports.chosen import Chosen, again, fingerprint
from app.imports.errors import FileGone
from app.imports.models import ImportFile, ImportMapping

_SHOWN = 5
STARTED = (BatchState.waiting, BatchState.running, BatchState.done, BatchState.undoing, BatchState.undone)


def own_file(session: Session, viewer: Viewer, key: str, *, now: datetime, whole: bool = False) -> ImportFile:
    """A file of the viewer; with `whole` its bytes as well. Raises NotFound, FileGone when its day is over."""
    asked = visible(ImportFile, viewer).where(ImportFile.id == key[:100], ImportFile.user_id == viewer.user_id)
    asked = asked.options(undefer(ImportFile.rows), *([undefer(ImportFile.content)] if whole else []))
    found = session.scalars(asked.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    if found.expires_at <= now:
        raise FileGone
    return found


def waiting(session: Session, viewer: Viewer, table: str, *, now: datetime) -> Sequence[ImportFile]:
    """The viewer's files for this table that were not imported yet, the newest first."""
    started = BATCHES
    asked_for = started.c.state.in_(STARTED)
    asked = visible(ImportFile, viewer).where(
        ImportFile.user_id == viewer.user_id, ImportFile.table_name == table, ImportFile.expires_at > now,
        or_(ImportFile.batch_id.is_(None), ImportFile.batch_id.not_in(select(started.c.id).where(asked_for))),
    )  # fmt: skip
    return session.scalars(asked.order_by(ImportFile.created_at.desc()).limit(_SHOWN)).all()


def mapping_of(session: Session, viewer: Viewer, table: str, headings: Sequence[str]) -> ImportMapping | None:
    asked = visible(ImportMapping, viewer).where(
        ImportMapping.user_id == viewer.user_id, ImportMapping.table_name == table,
        ImportMapping.headings_hash == fingerprint(headings),
    )  # fmt: skip
    return session.scalars(asked).one_or_none()


def remembered(session: Session, viewer: Viewer, table: str, headings: Sequence[str]) -> Chosen | None:
    """What the viewer chose for columns with these headings the last time."""
    found = mapping_of(session, viewer, table, headings)
    return None if found is None else again(headings, found.chosen)
