"""What can be done with batches: prepare, ask for, do, cancel, take back, forget.

Who builds a batch prepares it, shows it to its owner and then either does it
within the request (`do`, up to `AT_ONCE` rows) or asks for it (`ask`). The
clock is an argument, nothing commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.batches import running, undoing
from app.batches.errors import NotNow
from app.batches.events import BatchAsked, BatchUndoAsked
from app.batches.models import BATCHES, ROWS, Batch, BatchKind, BatchState, RowAction
from app.core.errors import NotFound, Unprocessable
from app.core.events import publish
from app.core.live import ping
from app.core.types import new_key
from app.core.values import kept
from app.core.viewer import Viewer, visible, who_acts
from app.screens.look import Look

LIMIT = 10_000  # rows of a batch
_AT_A_TIME = 1_000  # rows that are written down together
AT_ONCE = 100  # rows that are done within a request
UNDO = timedelta(hours=24)
TOPIC = "batches"  # pages hear of a batch by this ping
_STUCK = timedelta(hours=1)
_FORGOTTEN = timedelta(days=90)
_AT_WORK = (BatchState.examining, BatchState.waiting, BatchState.running, BatchState.undoing)


@dataclass(frozen=True)
class Planned:
    """A row of a batch to be: what shall be done, with which record in which version, and its own attribute values.

    Without a version whatever is there is changed.
    """

    action: RowAction
    key: str | None = None
    version: str | None = None
    own: Mapping[str, Any] | None = None
    number: int | None = None
    note: str | None = None


def prepare(
    session: Session, look: Look, rows: Iterable[Planned], *, kind: BatchKind, todo: Mapping[str, Any], now: datetime,
    most: int = LIMIT,
) -> Batch:  # fmt: skip
    """A batch of these rows that waits to be looked at; they are taken as they come, never all at once.

    Raises Unprocessable for too many, or none: the caller's transaction is to be undone then.
    """
    batch = _new(session, look, kind, todo, BatchState.prepared, total=0, now=now)
    total, coming = 0, iter(rows)
    while some := list(islice(coming, _AT_A_TIME)):
        if total + len(some) > most:
            raise Unprocessable({}, [_("At most %(most)s records at once.", most=format_decimal(most))])
        write_down(session, look, batch.id, some, after=total)
        total += len(some)
    if not total:
        raise Unprocessable({}, [_("There is nothing to do: no record was chosen.")])
    _set(session, batch, total=total)
    return batch


def examine(
    session: Session, look: Look, *, kind: BatchKind, todo: Mapping[str, Any], total: int, now: datetime
) -> Batch:
    """A batch whose rows are still to be found: `write_down` adds them, `examined` says that they are all there."""
    return _new(session, look, kind, todo, BatchState.examining, total=total, now=now)


def write_down(session: Session, look: Look, batch_id: str, rows: Sequence[Planned], *, after: int = 0) -> None:
    """These rows belong to the batch; those without a number count on from `after`."""
    model, owner = look.screen.model, look.viewer.user_id
    session.connection().execute(
        insert(ROWS),
        [
            {
                "id": new_key(), "batch_id": batch_id, "user_id": owner, "number": row.number or place,
                "record_id": row.key, "action": row.action, "version_before": row.version, "note": row.note,
                "own": None if row.own is None else kept(model, row.own),
            }
            for place, row in enumerate(rows, start=after + 1)
        ],
    )  # fmt: skip


def examined(session: Session, batch: Batch, *, todo: Mapping[str, Any], counts: Mapping[str, int]) -> None:
    """All rows were found, `counts` of each kind. Raises NotNow when nobody waits for it any more."""
    ready = {"state": BatchState.prepared, "todo": dict(todo), "counts": dict(counts), "progress": batch.total}
    if not _move(session, batch, (BatchState.examining,), **ready):
        raise NotNow
    ping(session, batch.user_id, TOPIC)


def drop(session: Session, batch: Batch) -> bool:
    """Remove a batch that was never asked for, with its rows; who is still examining it finds it gone."""
    table, unasked = BATCHES, (BatchState.examining, BatchState.prepared)
    gone = session.connection().execute(delete(table).where(table.c.id == batch.id, table.c.state.in_(unasked)))
    return bool(gone.rowcount)


def leave_out_wrong(session: Session, batch: Batch) -> None:
    """What cannot be taken is left out."""
    rows = ROWS
    wrong = update(rows).where(rows.c.batch_id == batch.id, rows.c.action == RowAction.wrong)
    session.connection().execute(wrong.values(action=RowAction.refused))


def _new(
    session: Session, look: Look, kind: BatchKind, todo: Mapping[str, Any], state: BatchState, *, total: int,
    now: datetime,
) -> Batch:  # fmt: skip
    batch = Batch(
        id=new_key(), kind=kind, table_name=look.screen.table, user_id=look.viewer.user_id,
        state=state, todo=dict(todo), total=total, created_at=now,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch


def own_batch(session: Session, viewer: Viewer, key: str) -> Batch:
    """A batch of the viewer. Raises NotFound."""
    found = session.scalars(visible(Batch, viewer).where(Batch.id == key[:100])).one_or_none()
    if found is None:
        raise NotFound
    session.refresh(found)
    return found


def is_there(session: Session, key: str) -> bool:
    return session.connection().scalar(select(BATCHES.c.id).where(BATCHES.c.id == key)) is not None


def do(look: Look, batch: Batch, *, now: datetime) -> None:
    """Do a prepared batch in the running transaction. Raises RowRefused, Forbidden; NotNow when it was done already."""
    _begin(look.session, batch, BatchState.prepared)
    counts = running.all_or_nothing(look, batch)
    _end(look.session, batch, counts, now=now, started=now)


def ask(session: Session, batch: Batch) -> None:
    """Have a prepared batch done by a worker. Raises NotNow when that was said before."""
    if not _move(session, batch, (BatchState.prepared,), state=BatchState.waiting):
        raise NotNow
    publish(session, BatchAsked(batch.id))


def cancel(session: Session, batch: Batch, *, now: datetime) -> None:
    """Not to be done after all; only as long as no worker has begun. Raises NotNow."""
    states = (BatchState.prepared, BatchState.waiting)
    if not _move(session, batch, states, state=BatchState.cancelled, finished_at=now):
        raise NotNow


def carry_out(look: Look, batch: Batch, progress: running.Progress, *, now: datetime) -> None:
    """Do a batch that waits, or whose worker died. As `do`; the caller has locked it and marked that it runs."""
    counts = running.all_or_nothing(look, batch, progress)
    _end(look.session, batch, counts, now=now, started=batch.started_at or now)


def keys_of(action: RowAction, batch_id: str) -> Select[Any]:
    """Keys, as text, of the records that a batch of whoever asks has created or changed."""
    rows = ROWS.c
    mine = (rows.batch_id == batch_id, rows.user_id == (who_acts().user_id or ""), rows.action == action)
    return select(rows.record_id).where(*mine, rows.record_id.is_not(None))


def fail(session: Session, batch: Batch, sentence: str, *, now: datetime) -> None:
    """Nothing was changed, because of that."""
    open_states = (BatchState.examining, BatchState.waiting, BatchState.running)
    _move(session, batch, open_states, state=BatchState.failed, error=sentence, finished_at=now, progress=0)
    ping(session, batch.user_id, TOPIC)


def can_undo(batch: Batch, *, now: datetime) -> bool:
    """Whether the batch can be taken back; what was deleted cannot come back."""
    late = batch.undo_until is None or batch.undo_until <= now
    return batch.state is BatchState.done and not late and bool(set(batch.counts) & undoing.REVERSIBLE)


def undo(look: Look, batch: Batch, *, others: bool, now: datetime) -> None:
    """Take a batch back in the running transaction. With `others`, without the rows that cannot be.

    Raises CannotUndo with those rows, NotNow.
    """
    if not can_undo(batch, now=now):
        raise NotNow
    _begin(look.session, batch, BatchState.done)
    _taken_back(look, batch, undoing.take_back(look, batch, others=others), now=now)


def ask_undo(session: Session, batch: Batch, *, others: bool, now: datetime) -> None:
    """Have a batch taken back by a worker. Raises NotNow."""
    if not can_undo(batch, now=now) or not _move(
        session, batch, (BatchState.done,), state=BatchState.undoing, error=None, progress=0
    ):
        raise NotNow
    publish(session, BatchUndoAsked(batch.id, others))


def carry_back(look: Look, batch: Batch, progress: running.Progress, *, others: bool, now: datetime) -> None:
    """As `undo`, of a batch that is marked `undoing` and locked."""
    _taken_back(look, batch, undoing.take_back(look, batch, others=others, progress=progress), now=now)


def finished(session: Session, batch: Batch, counts: Mapping[str, int], *, now: datetime) -> None:
    """It is done, by other means than row after row, and cannot be taken back."""
    done = {"state": BatchState.done, "counts": dict(counts), "progress": batch.total, "error": None}
    _set(session, batch, **done, finished_at=now)
    ping(session, batch.user_id, TOPIC)


def not_taken_back(session: Session, batch: Batch, sentence: str) -> None:
    """The batch stays done, because of that."""
    _move(session, batch, (BatchState.undoing,), state=BatchState.done, error=sentence, progress=0)
    ping(session, batch.user_id, TOPIC)


def forget(session: Session, *, now: datetime) -> int:
    """Remove what rows were before, and what was said of them, once it is of no more use; gives how many rows went.

    Counts stay for a while; what was only prepared goes wholly. A batch whose worker never came back has failed.
    """
    connection, table = session.connection(), BATCHES
    is_at_work = table.c.state.in_(_AT_WORK)
    for batch in session.scalars(select(Batch).where(is_at_work, Batch.created_at < now - _STUCK)):
        if running.lock(session, batch.id):
            not_taken_back(session, batch, _interrupted()) if batch.state is BatchState.undoing else fail(
                session, batch, _interrupted(), now=now
            )
    ended = table.c.state.in_((BatchState.failed, BatchState.cancelled, BatchState.prepared))
    over = or_(table.c.undo_until <= now, ended & (table.c.created_at < now - UNDO))
    gone = connection.execute(delete(ROWS).where(ROWS.c.batch_id.in_(select(table.c.id).where(over))))
    connection.execute(update(table).where(over).values(todo={}, error=None, undo_until=None))
    unused = (table.c.state == BatchState.prepared) & (table.c.created_at < now - UNDO)
    connection.execute(delete(table).where(or_(unused, table.c.created_at < now - _FORGOTTEN)))
    return gone.rowcount


def _interrupted() -> str:
    return _("It was interrupted; nothing was changed. Try again.")


def _begin(session: Session, batch: Batch, state: BatchState) -> None:
    """Take a batch into one's hands for the running transaction. Raises NotNow when somebody else has it, or had."""
    if not running.lock(session, batch.id):
        raise NotNow
    session.refresh(batch)
    if batch.state is not state:
        raise NotNow


def _end(session: Session, batch: Batch, counts: dict[str, int], *, now: datetime, started: datetime) -> None:
    _set(
        session, batch, state=BatchState.done, counts=_all_counts(session, batch, counts), progress=batch.total,
        error=None, started_at=started, finished_at=now, undo_until=now + UNDO,
    )  # fmt: skip
    ping(session, batch.user_id, TOPIC)


def _all_counts(session: Session, batch: Batch, counts: dict[str, int]) -> dict[str, int]:
    """What was done, and the rows that were left out."""
    rows = ROWS.c
    asked = select(rows.action, func.count()).where(rows.batch_id == batch.id, rows.action.in_(running.LATER))
    left = {str(action): count for action, count in session.connection().execute(asked.group_by(rows.action))}
    return {str(RowAction(name)): count for name, count in {**counts, **left}.items()}


def _taken_back(look: Look, batch: Batch, counts: dict[str, int], *, now: datetime) -> None:
    said = {**batch.counts, **counts}
    _set(look.session, batch, state=BatchState.undone, counts=said, undone_at=now, error=None, progress=batch.total)
    ping(look.session, batch.user_id, TOPIC)


def _move(session: Session, batch: Batch, states: Sequence[BatchState], **values: Any) -> bool:
    """Whether the batch was in one of these states, and has the values now. Safe against somebody at the same time."""
    moved = update(BATCHES).where(BATCHES.c.id == batch.id, BATCHES.c.state.in_(states)).values(**values)
    done = session.connection().execute(moved).rowcount
    session.expire(batch)
    return bool(done)


def _set(session: Session, batch: Batch, **values: Any) -> None:
    session.connection().execute(update(BATCHES).where(BATCHES.c.id == batch.id).values(**values))
    session.expire(batch)
