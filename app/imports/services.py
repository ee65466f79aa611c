"""What can be done with a file: take it in, read it otherwise, choose what it means, import it, remove it.

The clock is an argument, nothing commits; the session writes as the owner of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.batches import services as batches
from app.batches.models import Batch, BatchKind, BatchState, RowAction
from app.batches.services import Planned
from app.core.db import Base
from app.core.types import new_key
from app.core.viewer import Viewer, visible
from app.imports import chosen as choices
from app.imports.cells import unpacked
from app.imports.chosen import Chosen
from app.imports.columns import Target, targets_of
from app.imports.errors import NothingToImport
from app.imports.limits import MOST_ROWS
from app.imports.models import ImportFile, ImportMapping
from app.imports.plan import Act, Line, Plan
from app.imports.queries import mapping_of
from app.imports.reading import Read, Wish, read, safe_name
from app.imports.values import Origin
from app.screens.look import Look

KEPT = timedelta(hours=24)
_ENDED = (BatchState.done, BatchState.undoing, BatchState.undone)
_ACTIONS = {Act.create: RowAction.created, Act.update: RowAction.changed, Act.same: RowAction.same}


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
    file.chosen = None
    session.flush()


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


def plan_of(look: Look, file: ImportFile, chosen: Chosen, targets: dict[str, Target] | None = None) -> Plan:
    """How the rows of the file would go, for what the viewer may fill today."""
    origin = Origin(early=file.early, padded=file.format != "csv")
    return Plan(look, chosen, targets or targets_of(look), origin, len(file.headings))


def start(look: Look, file: ImportFile, chosen: Chosen, *, leave_out: bool, now: datetime) -> Batch:
    """Have the file imported as one batch, once; asked again, the batch that there is.

    With `leave_out` rows that cannot be taken are left out; else one of them is enough to refuse. Raises
    NothingToImport; the caller's transaction is to be undone then.
    """
    session = look.session
    lock = visible(ImportFile, look.viewer).with_only_columns(ImportFile.batch_id).where(ImportFile.id == file.id)
    known = session.scalar(lock.with_for_update())
    before = session.get(Batch, known) if known else None
    if before is not None and before.state not in (BatchState.failed, BatchState.cancelled):
        return before
    plan = plan_of(look, file, chosen)
    rows = (_planned(line) for line in plan.lines(unpacked(file.rows)))
    batch = batches.prepare(
        session,
        look,
        rows,
        kind=BatchKind.imported,
        todo={"name": file.file_name, "prepared_at": f"/imports/file/{file.id}"},
        now=now,
        most=MOST_ROWS,
    )
    errors = plan.counts[Act.error]
    if errors and not leave_out:
        raise NothingToImport(
            ngettext(
                "%(num)s row cannot be taken. Correct it, or leave it out.",
                "%(num)s rows cannot be taken. Correct them, or leave them out.",
                errors,
            )
        )
    if not plan.counts[Act.create] + plan.counts[Act.update]:
        raise NothingToImport(_("There is nothing to import: no row would create or change a record."))
    batches.ask(session, batch)
    file.batch_id = batch.id
    session.flush()
    return batch


def _planned(line: Line) -> Planned:
    key = None if line.key is None else str(line.key)
    if line.act in (Act.create, Act.update):
        return Planned(_ACTIONS[line.act], key, line.version, line.values, line.number)
    if line.act is Act.same:
        return Planned(RowAction.same, key, number=line.number)
    return Planned(RowAction.refused, key, number=line.number, note=told(line))


def told(line: Line) -> str:
    """Why a row is not taken, in one line."""
    return " ".join([f"{label}: {sentence}" if label else sentence for label, sentence in line.problems] or [line.why])


def remove(session: Session, file: ImportFile) -> None:
    session.delete(file)
    session.flush()


def forget(session: Session, *, now: datetime) -> int:
    """Remove files whose day is over, and those that are imported; gives how many."""
    table, ended = Base.metadata.tables[ImportFile.__tablename__], select(Batch.id).where(Batch.state.in_(_ENDED))
    gone = delete(table).where(or_(table.c.expires_at <= now, table.c.batch_id.in_(ended)))
    return session.connection().execute(gone).rowcount


def bad_rows(plan: Plan, file: ImportFile) -> Iterator[Line]:
    """The rows that cannot be taken."""
    return (line for line in plan.lines(unpacked(file.rows)) if line.act is Act.error)


def kept_choice(look: Look, file: ImportFile, targets: dict[str, Target]) -> Any:
    """What was chosen for the file as far as it holds today; None when nothing was."""
    found = choices.of_file(file)
    return None if found is None else choices.allowed(look, found, targets, len(file.headings))
