"""Taking a batch back: what rows were before goes through `screens.write` again, what was created is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from app.batches import running
from app.batches.errors import Blocked, CannotUndo, told
from app.batches.models import ROWS, Batch, RowAction
from app.core.errors import DomainError, NotFound
from app.core.values import restored
from app.core.viewer import visible
from app.screens import query, write
from app.screens.look import Look

REVERSIBLE = {RowAction.created.value, RowAction.changed.value, RowAction.deactivated.value}


def changed_later(look: Look, batch: Batch) -> list[Blocked]:
    """The rows that somebody changed or removed after the batch; looked at without trying, in one statement."""
    model, rows = look.screen.model, ROWS.c
    there = (
        visible(model, look.viewer)
        .with_only_columns(model.id.label("key"), cast(model.row_version, String).label("version"))
        .subquery()
    )
    asked = (
        select(rows.number, rows.record_id, there.c.version)
        .select_from(ROWS)
        .outerjoin(there, there.c.key == cast(rows.record_id, model.id.type))
        .where(rows.batch_id == batch.id, rows.action.in_(REVERSIBLE))
        .where(there.c.version.is_distinct_from(rows.version_after))
        .order_by(rows.number.desc())
    )
    found = look.session.execute(asked).all()
    wanted = [((look.screen.table,), query.key_of(look.screen, row.record_id)) for row in found]
    names = query.names_in(look.session, look.screens, look.viewer, wanted)
    gone, changed = NotFound().sentence, _("It was changed after that.")
    return [
        Blocked(row.number, row.record_id, name or row.record_id, gone if row.version is None else changed)
        for row, name in zip(found, names, strict=True)
    ]


def take_back(look: Look, batch: Batch, *, others: bool, progress: running.Progress | None = None) -> dict[str, int]:
    """Take back every row; gives how many were (`undone`) and were not (`kept`).

    Raises CannotUndo with the rows that stand in the way, unless the `others` are wanted without them.
    """
    blocked = changed_later(look, batch)
    if blocked and not others:
        raise CannotUndo(blocked)
    known, leave = write.Known(), {one.number for one in blocked}
    rows = [row for row in rows_of(look.session, batch) if row.number not in leave]
    for start in range(0, len(rows), running.CHUNK):
        blocked += _chunk(look, rows[start : start + running.CHUNK], known)
        if progress is not None:
            progress(min(start + running.CHUNK, len(rows)))
    if blocked and not others:
        raise CannotUndo(blocked)
    return {"undone": len(rows) + len(leave) - len(blocked), "kept": len(blocked)}


def rows_of(session: Session, batch: Batch) -> Sequence[running.Line]:
    """What was done and can be taken back, the last first."""
    rows = ROWS.c
    asked = select(rows.number, rows.record_id, rows.action, rows.before, rows.version_after)
    asked = asked.where(rows.batch_id == batch.id, rows.action.in_(REVERSIBLE)).order_by(rows.number.desc())
    return session.connection().execute(asked).all()


def _chunk(look: Look, rows: Sequence[running.Line], known: write.Known) -> list[Blocked]:
    try:
        with look.session.begin_nested():
            _together(look, rows, known)
    except DomainError:
        return [one for row in rows for one in _alone(look, row, known)]
    return []


def _alone(look: Look, row: running.Line, known: write.Known) -> Iterable[Blocked]:
    try:
        with look.session.begin_nested():
            _together(look, [row], known)
    except DomainError as refused:
        yield _blocked(look, row, told(look.screen, refused))


def _together(look: Look, rows: Sequence[running.Line], known: write.Known) -> None:
    session, screen = look.session, look.screen
    with session.no_autoflush:
        there = running.fetched(look, [row.record_id for row in rows])
        for row in rows:
            record = there.get(row.record_id)
            if record is None:
                raise NotFound
            if RowAction(row.action) is RowAction.created:
                write.erase(session, screen, look.viewer, record, row.version_after)
            else:
                values = restored(screen.model, row.before or {})
                write.put(
                    session, look.screens, screen, look.viewer, record, values, row.version_after, known, as_it_was=True
                )
    write.flush(session, look.screens, screen)


def _blocked(look: Look, row: running.Line, why: str) -> Blocked:
    return Blocked(row.number, row.record_id, running.called(look, row.record_id), why)
