"""What can be done with a file: take it in, read it otherwise, choose what it means, import it, remove it.

The clock is an argument, nothing commits; the session writes as the owner of the file.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.batches import services as batches
from app.batches.models import Batch, BatchState
from app.core.db import Base
from app.core.types import new_key
from app.core.viewer import Viewer
from app.imports import chosen as choices
from app.imports import examining
from app.imports.chosen import Chosen
from app.imports.errors import NothingToImport
from app.imports.models import ImportFile, ImportMapping
from app.imports.plan import Act
from app.imports.queries import mapping_of
from app.imports.reading import Read, Wish, read, safe_name

KEPT = timedelta(hours=24)
_ENDED = (BatchState.done, BatchState.undoing, BatchState.undone)


def take_in(session: Session, viewer: Viewer, table: str, raw: bytes, name: str | None, *, now: datetime) -> ImportFile:
    """Read an uploaded file and keep it for its owner, for a day. Raises Unreadable; nothing is kept then."""
    found = read(raw, Wish())
    file = ImportFile(
        id=new_key(), user_id=viewer.user_id, table_name=table, file_name=safe_name(name), content=raw,
        created_at=now, expires_at=now + KEPT,
    )  # fmt: skip
    _become(file, found)
    session.add(file)
    session.flush()
    return file


def read_again(session: Session, file: ImportFile, wish: Wish) -> None:
    """Read the file as its owner says; what was chosen for its columns is over. Raises Unreadable."""
    _become(file, read(file.content, wish))
    forget_examination(session, file)
    file.chosen = None
    session.flush()


def forget_examination(session: Session, file: ImportFile) -> None:
    """What was found out about the rows is over; who is still at it stops."""
    batch = examining.batch_of(session, file)
    if batch is not None and batch.state in examining.UNASKED:
        examining.forget(session, file, batch)


def _become(file: ImportFile, found: Read) -> None:
    file.format, file.headings, file.rows, file.count = found.format, list(found.headings), found.rows, found.count
    file.encoding, file.delimiter, file.early = found.encoding, found.delimiter, found.early
    file.sheets, file.sheet = list(found.sheets), found.sheet


def choose(session: Session, viewer: Viewer, file: ImportFile, chosen: Chosen, *, now: datetime) -> None:
    """Keep what was chosen with the file, and remember it for the next one with these headings."""
    file.chosen = chosen.stored()
    kept = choices.by_heading(file.headings, chosen)
    known = mapping_of(session, viewer, file.table_name, file.headings)
    if known is None:
        known = ImportMapping(
            id=new_key(), user_id=viewer.user_id, table_name=file.table_name,
            headings_hash=choices.fingerprint(file.headings),
        )  # fmt: skip
        session.add(known)
    known.chosen, known.updated_at = kept, now
    session.flush()


def start(session: Session, batch: Batch, *, leave_out: bool, now: datetime) -> None:
    """Have the rows that were looked at imported, all of them or none.

    With `leave_out` rows that cannot be taken are left out; else one of them is enough to refuse. Raises
    NothingToImport, and NotNow when that was said before.
    """
    found = examining.found_in(batch).counts
    if found[Act.error] and not leave_out:
        raise NothingToImport(
            ngettext(
                "%(num)s row cannot be taken. Correct it, or leave it out.",
                "%(num)s rows cannot be taken. Correct them, or leave them out.",
                found[Act.error],
            )
        )
    if not found[Act.create] + found[Act.update]:
        raise NothingToImport(_("There is nothing to import: no row would create or change a record."))
    batches.leave_out_wrong(session, batch)
    batches.ask(session, batch)


def remove(session: Session, file: ImportFile) -> None:
    """Remove the file, and what was found out about its rows."""
    forget_examination(session, file)
    session.delete(file)
    session.flush()


def forget(session: Session, *, now: datetime) -> int:
    """Remove files whose day is over, and those that are imported; gives how many."""
    table, ended = Base.metadata.tables[ImportFile.__tablename__], select(Batch.id).where(Batch.state.in_(_ENDED))
    gone = delete(table).where(or_(table.c.expires_at <= now, table.c.batch_id.in_(ended)))
    return session.connection().execute(gone).rowcount
