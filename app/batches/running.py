"""Doing a batch: every row through `screens.write`, all of them or none.

Rows go in chunks, one flush each; only when the database refuses a chunk its
rows are tried one by one, to name the one. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from app.batches import changes
from app.batches.errors import RowRefused, told
from app.batches.models import ROWS, Batch, RowAction
from app.core.errors import Conflict, DomainError, Forbidden, NotFound
from app.core.values import kept
from app.core.viewer import visible
from app.screens import query, write
from app.screens.look import Look

CHUNK = 250
LATER = (RowAction.same, RowAction.refused, RowAction.wrong)  # nothing is done with these

Progress = Callable[[int], None]
Line = Row[*tuple[Any, ...]]  # columns of a row of a batch, whichever were asked for


def lock(session: Session, batch_id: str) -> bool:
    """Whether nobody else is at work on this batch, until the end of the transaction."""
    asked = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"batch:{batch_id}", 0)))
    return bool(session.connection().scalar(asked))


def all_or_nothing(look: Look, batch: Batch, progress: Progress | None = None) -> dict[str, int]:
    """Do every row of a batch in the running transaction; gives how many were created, changed and so on.

    `look` is at the table of the batch, through the eyes of whoever asked for it, and the session writes as this
    person. Raises RowRefused, Forbidden; the caller's transaction is to be undone then.
    """
    _demand_rights(look, batch)
    work = _Work(look, batch)
    done, counts = 0, dict[str, int]()
    for rows in _chunks(look.session, batch):
        results = work.chunk(rows)
        _note(look.session, results)
        for result in results:
            counts[result["action"]] = counts.get(result["action"], 0) + 1
        done += len(rows)
        if progress is not None:
            progress(done)
    return counts


def _demand_rights(look: Look, batch: Batch) -> None:
    """Rights that hold for all rows alike are said once, without naming one."""
    asked = select(ROWS.c.action).where(ROWS.c.batch_id == batch.id).distinct()
    actions = {RowAction(action) for action in look.session.connection().scalars(asked)} - set(LATER)
    module = look.screen.module
    if RowAction.created in actions and not look.viewer.may_add(module):
        raise Forbidden
    if actions - {RowAction.created} and not look.viewer.may_edit(module):
        raise Forbidden
    write.demand_changeable(look.screen)


def _chunks(session: Session, batch: Batch) -> Iterator[Sequence[Line]]:
    """Rows of a batch: those that exist by their keys, so that two batches lock them in one order; new ones by line."""
    rows = ROWS.c
    order = (rows.record_id.collate("C").nulls_last(), rows.number)
    whole = select(rows.id, rows.number, rows.record_id, rows.action, rows.own, rows.version_before)
    asked = select(rows.id).where(rows.batch_id == batch.id, rows.action.not_in(LATER))
    keys = session.connection().scalars(asked.order_by(*order)).all()
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        yield session.connection().execute(whole.where(rows.id.in_(some)).order_by(*order)).all()


def _note(session: Session, results: Sequence[dict[str, Any]]) -> None:
    """What was done with the rows, in one go."""
    names = ("record_id", "action", "before", "version_after")
    asked = update(ROWS).where(ROWS.c.id == bindparam("of")).values({name: bindparam(f"new_{name}") for name in names})
    session.connection().execute(
        asked, [{"of": one["id"], **{f"new_{name}": one[name] for name in names}} for one in results]
    )


@dataclass
class _Work:
    """One batch under way."""

    look: Look
    batch: Batch
    known: write.Known = field(default_factory=write.Known)

    def chunk(self, rows: Sequence[Line]) -> list[dict[str, Any]]:
        try:
            with self.look.session.begin_nested():
                return self.together(rows)
        except DomainError:
            return [self._alone(row) for row in rows]

    def _alone(self, row: Line) -> dict[str, Any]:
        """Raises RowRefused."""
        try:
            with self.look.session.begin_nested():
                return self.together([row])[0]
        except DomainError as refused:
            name = called(self.look, row.record_id, row.own)
            raise RowRefused(row.number, row.record_id, name, told(self.look.screen, refused)) from refused

    def together(self, rows: Sequence[Line]) -> list[dict[str, Any]]:
        session = self.look.session
        with session.no_autoflush:
            there = fetched(self.look, [row.record_id for row in rows if row.record_id is not None])
            wanted = [self._wanted(row, there) for row in rows]
            records = [there.get(row.record_id) for row in rows]
            write.learn(session, self.look.screens, self.look.screen, self.look.viewer, wanted, records, self.known)
            done = [self._one(row, there, values) for row, values in zip(rows, wanted, strict=True)]
        write.flush(session, self.look.screens, self.look.screen)
        return [self._result(row, *one) for row, one in zip(rows, done, strict=True)]

    def _wanted(self, row: Line, there: dict[str, Any]) -> dict[str, Any]:
        """The attribute values that the row shall have; none where it goes, or is not there."""
        action, record = RowAction(row.action), there.get(row.record_id)
        if action is RowAction.deleted or (record is None and action is not RowAction.created):
            return {}
        return changes.wanted(self.look.screen, self.batch.todo, row.own, record)

    def _one(self, row: Line, there: dict[str, Any], values: dict[str, Any]) -> tuple[Any, RowAction, dict[str, Any]]:
        """The record, what is done with it, and its values before."""
        look, action = self.look, RowAction(row.action)
        if action is RowAction.created:
            new = write.make(look.session, look.screens, look.screen, look.viewer, values, self.known)
            return new, action, {}
        record = there.get(row.record_id)
        if record is None:
            raise NotFound
        if row.version_before is not None and record.row_version != row.version_before:
            raise Conflict
        if action is RowAction.deleted:
            write.erase(look.session, look.screen, look.viewer, record, row.version_before)
            return record, action, {}
        before = write.put(
            look.session, look.screens, look.screen, look.viewer, record, values, row.version_before, self.known
        )
        return record, action if before else RowAction.same, before

    def _result(self, row: Line, record: Any, action: RowAction, before: dict[str, Any]) -> dict[str, Any]:
        gone = action is RowAction.deleted
        return {
            "id": row.id,
            "record_id": row.record_id if gone else str(record.id),
            "action": action,
            "before": kept(self.look.screen.model, before) or None,
            "version_after": None if gone else record.row_version,
        }


@dataclass
class Trial:
    """A batch that is tried, row by row, and leaves nothing behind."""

    look: Look
    batch: Batch

    def refusals(self) -> list[tuple[str, DomainError]]:
        """The keys of the rows of the batch that are refused, with the refusals."""
        work, found = _Work(self.look, self.batch), []
        for rows in _chunks(self.look.session, self.batch):
            for row in rows:
                tried = self.look.session.begin_nested()
                try:
                    work.together([row])
                except DomainError as refused:
                    found.append((row.id, refused))
                finally:
                    tried.rollback()
        return found


def fetched(look: Look, keys: Sequence[str]) -> dict[str, Any]:
    """The mapped rows that the viewer may know of, by their keys as text."""
    if not keys:
        return {}
    model = look.screen.model
    typed = [query.key_of(look.screen, key) for key in keys]
    asked = visible(model, look.viewer).where(model.id.in_(typed)).execution_options(populate_existing=True)
    return {str(row.id): row for row in look.session.scalars(asked)}


def called(look: Look, key: str | None, own: dict[str, Any] | None = None) -> str:
    """The name of a record for messages; of a new one as its values have it, of one that is not there its key."""
    if key is not None:
        return query.own_name(look.session, look.screens, look.screen, look.viewer, key) or key
    parts = (str((own or {}).get(look.screen.fields[name].attribute) or "") for name in look.screen.name)
    return " ".join(part for part in parts if part) or look.screen.one
