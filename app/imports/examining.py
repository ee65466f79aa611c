"""Looking at every row of a file: what it would do becomes a row of the batch that waits for its owner's word.

Small files are examined while the page is made, large ones by a worker. What was found is kept with the batch, so that
the preview is read and not found out again, and what was looked at is what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.batches import services as batches
from app.batches.models import ROWS, Batch, BatchKind, BatchState, RowAction
from app.batches.services import Planned
from app.core.events import publish
from app.core.viewer import visible
from app.imports import chosen as choices
from app.imports.cells import Cell, unpacked
from app.imports.chosen import Chosen
from app.imports.columns import Target, targets_of
from app.imports.events import FileToExamine
from app.imports.models import ImportFile
from app.imports.plan import CHUNK, Act, Line, Plan
from app.imports.queries import STARTED
from app.imports.trial import Trial
from app.imports.values import Origin
from app.screens.look import Look

AT_ONCE = 2_000  # rows that are examined while the page is made
ACTIONS: Mapping[Act, RowAction] = {
    Act.create: RowAction.created, Act.update: RowAction.changed, Act.same: RowAction.same,
    Act.skip: RowAction.refused, Act.error: RowAction.wrong,
}  # fmt: skip

UNASKED = (BatchState.examining, BatchState.prepared)

Keep = Callable[[Sequence[Planned], int], None]


@dataclass(frozen=True)
class Found:
    """What is known of a file's rows: how many there are of each kind, and what is odd about them."""

    counts: Mapping[Act, int]
    odd: int
    numbers: tuple[int, ...]


def batch_of(session: Session, file: ImportFile) -> Batch | None:
    """What became of the file's rows so far."""
    return session.get(Batch, file.batch_id, populate_existing=True) if file.batch_id else None


def kept_choice(look: Look, file: ImportFile, targets: dict[str, Target]) -> Chosen | None:
    """What was chosen for the file as far as it holds today; None when nothing was."""
    found = choices.of_file(file)
    return None if found is None else choices.allowed(look, found, targets, len(file.headings))


def holds(batch: Batch, chosen: Chosen) -> bool:
    """Whether the batch is what comes of this choice, and is not asked for yet."""
    return batch.state in UNASKED and batch.todo.get("chosen") == _plain(chosen)


def begin(look: Look, file: ImportFile, chosen: Chosen, *, language: str, now: datetime) -> Batch:
    """Have the rows of the file looked at: the small file now, the large one by a worker.

    What was found before is over; an examination of the same choice that is under way goes on, and a file that is
    being imported stays what it is.
    """
    session = look.session
    lock = visible(ImportFile, look.viewer).with_only_columns(ImportFile.batch_id).where(ImportFile.id == file.id)
    known = session.scalar(lock.with_for_update())
    before = session.get(Batch, known, populate_existing=True) if known else None
    if before is not None:
        under_way = before.state is BatchState.examining and holds(before, chosen)
        if before.state in STARTED or under_way or not forget(session, file, before):
            return before
    todo = {
        "name": file.file_name, "prepared_at": f"/imports/file/{file.id}", "chosen": _plain(chosen),
        "language": language,
    }  # fmt: skip
    batch = batches.examine(session, look, kind=BatchKind.imported, todo=todo, total=file.count, now=now)
    file.batch_id = batch.id
    session.flush()
    if file.count > AT_ONCE:
        publish(session, FileToExamine(batch.id, file.id))
    else:
        go_through(look, file, chosen, batch, lambda rows, _done: batches.write_down(session, look, batch.id, rows))
    return batch


def forget(session: Session, file: ImportFile, batch: Batch) -> bool:
    """What was found about the rows is over, and who is still at it stops; False when the import was asked for."""
    file.batch_id = None
    session.flush()  # before the batch goes: else the database empties it, and the file is another one than we know
    if batch.state in UNASKED and not batches.drop(session, batch):
        file.batch_id = batch.id
        session.flush()
        session.refresh(batch)
        return False
    return True


def go_through(look: Look, file: ImportFile, chosen: Chosen, batch: Batch, keep: Keep) -> None:
    """Every row is looked at and handed to `keep`. Raises NotNow when nobody waits for the batch any more."""
    plan = plan_of(look, file, chosen, trial=Trial(look))
    lines, done = plan.lines(unpacked(file.rows)), 0
    while some := list(islice(lines, CHUNK)):
        done += len(some)
        keep([_planned(line) for line in some], done)
    counts = {act.value: number for act, number in plan.counts.items() if number}
    todo = {**batch.todo, "odd": plan.odd, "numbers": sorted(plan.numbers)}
    batches.examined(look.session, batch, todo=todo, counts=counts)


def plan_of(
    look: Look, file: ImportFile, chosen: Chosen, targets: dict[str, Target] | None = None, trial: Trial | None = None
) -> Plan:
    """How the rows of the file would go, for what the viewer may fill today."""
    origin = Origin(early=file.early, padded=file.format != "csv")
    return Plan(look, chosen, targets or targets_of(look), origin, len(file.headings), trial)


def found_in(batch: Batch) -> Found:
    counts = {act: int(batch.counts.get(act.value, 0)) for act in Act}
    return Found(counts, int(batch.todo.get("odd", 0)), tuple(batch.todo.get("numbers", ())))


def wrong_rows(session: Session, batch: Batch, most: int | None = None) -> list[tuple[int, str]]:
    """(number, what is wrong, one sentence a line) of the rows that cannot be taken."""
    rows = ROWS.c
    asked = select(rows.number, rows.note).where(rows.batch_id == batch.id, rows.action == RowAction.wrong)
    found = session.connection().execute(asked.order_by(rows.number).limit(most))
    return [(number, note or "") for number, note in found]


def first_rows(look: Look, file: ImportFile, chosen: Chosen, batch: Batch, most: int) -> list[Line]:
    """The first rows as they will be; what becomes of them is what was found when all of them were looked at."""
    plan = plan_of(look, file, chosen)
    rows = ROWS.c
    asked = select(rows.number, rows.action, rows.note).where(rows.batch_id == batch.id)
    known = {
        number: (RowAction(action), note or "")
        for number, action, note in look.session.connection().execute(asked.order_by(rows.number).limit(most))
    }
    acts = {action: act for act, action in ACTIONS.items()}
    lines = list(plan.lines(islice(unpacked(file.rows), most)))
    for line in lines:
        action, note = known[line.number]
        line.act = acts[action]
        line.why = note if line.act is Act.skip else ""
        line.problems = [("", one) for one in note.split("\n")] if line.act is Act.error else []
    return lines


def wrong_cells(session: Session, file: ImportFile, batch: Batch) -> Iterator[tuple[int, list[Cell], str]]:
    """(number, cells, what is wrong) of the rows that cannot be taken, as they stand in the file."""
    notes = dict(wrong_rows(session, batch))
    return ((number, cells, notes[number]) for number, cells in unpacked(file.rows) if number in notes)


def _planned(line: Line) -> Planned:
    key = None if line.key is None else str(line.key)
    action = ACTIONS[line.act]
    if line.act in (Act.create, Act.update):
        return Planned(action, key, line.version, line.values, line.number)
    return Planned(action, key, number=line.number, note=None if line.act is Act.same else _told(line))


def _told(line: Line) -> str:
    """Why a row is not taken, one sentence a line."""
    return "\n".join([f"{label}: {said}" if label else said for label, said in line.problems] or [line.why])


def _plain(chosen: Chosen) -> dict[str, Any]:
    """As JSON gives it back."""
    return {**chosen.stored(), "columns": list(chosen.columns), "known": chosen.known.value}
