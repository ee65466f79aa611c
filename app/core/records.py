"""Records that are watched: whoever adds or changes one, through whichever door, it is published with the change.

A table says so itself, in `info["watched"]`. The changes of a transaction are
collected from its flushes and published once per record before the commit;
what a savepoint takes back is not told. Bulk UPDATE and DELETE statements pass
by, as they pass by the audit trail; rows that a test or the demo data start
from (`session.info["unaudited"]`) are not told either.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session, SessionTransaction

from app.core.db import Base
from app.core.events import Event, publish_all
from app.core.scope import viewer_in


@dataclass(frozen=True)
class RecordAdded(Event):
    """A record is new. `id` is its key as text."""

    table: str
    id: str
    by_user_id: str


@dataclass(frozen=True)
class RecordChanged(Event):
    """Watched columns of a record have other values than before the transaction.

    `before` and `after` stand in the order of `columns`: codes of choices, and keys of what foreign keys point to.
    `touched` are other columns that changed, whose values are nobody's business here.
    """

    table: str
    id: str
    columns: tuple[str, ...]
    before: tuple[str | None, ...]
    after: tuple[str | None, ...]
    by_user_id: str
    touched: tuple[str, ...] = ()


@dataclass(frozen=True)
class Watched:
    """What is told of a table: `added` rows, and changes of `columns`, which hold choices, foreign keys or yes and no.

    `only` narrows it to rows with these values, by column. Of `touched` columns is told that they changed, not how:
    names, addresses and the like stay out of events.
    """

    columns: tuple[str, ...] = ()
    added: bool = False
    only: Mapping[str, str] = field(default_factory=dict)
    touched: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def watched() -> dict[str, Watched]:
    """What is told, by table."""
    return {name: table.info["watched"] for name, table in Base.metadata.tables.items() if "watched" in table.info}


@dataclass
class _Told:
    """What the running transaction did to one record so far. `within` is the (nested) transaction that did it."""

    within: SessionTransaction | None
    table: str
    key: str
    added: bool = False
    changes: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)


_NOTED, _OLD = "records", "records_old"
_AT_A_TIME = 1_000  # events that are written down together


@event.listens_for(Session, "before_flush")
def _know_the_old(session: Session, context: object, instances: object) -> None:
    """The old value of a watched column that was set without having been read."""
    for row in session.dirty:
        told = _told_of(row)
        if told is None or session.info.get("unaudited") or not inspect(row).identity:
            continue
        unknown = [name for name in told.columns if _set_blindly(row, name)]
        if unknown:
            columns = row.__table__.c
            wanted = select(*(columns[name] for name in unknown)).where(columns.id == inspect(row).identity[0])
            with session.no_autoflush:
                stored = session.connection().execute(wanted).one_or_none()
            if stored is not None:
                session.info.setdefault(_OLD, {})[row] = dict(zip(unknown, map(_plain, stored), strict=True))


@event.listens_for(Session, "after_flush")
def _collect(session: Session, context: object) -> None:
    known = session.info.pop(_OLD, {})
    if session.info.get("unaudited"):
        return
    noted: list[_Told] = session.info.setdefault(_NOTED, [])
    within = session.get_nested_transaction() or session.get_transaction()
    for row in session.new:
        told = _told_of(row)
        if told is not None and told.added and _fits(row, told):
            noted.append(_Told(within, row.__tablename__, str(row.id), added=True))
    for row in session.dirty:
        told = _told_of(row)
        if told is None or not _fits(row, told):
            continue
        changes, touched = _changes(row, told, known.get(row, {})), _touched(row, told)
        if changes or touched:
            noted.append(_Told(within, row.__tablename__, str(row.id), changes=changes, touched=touched))


@event.listens_for(Session, "before_commit")
def _publish(session: Session) -> None:
    if not session.in_nested_transaction():
        session.flush()
        publish_changes(session)


def publish_changes(session: Session) -> None:
    """Once per record; a change that was taken back meanwhile is none, one of a new record is part of it.

    Done before every commit; who wants to know earlier what is told asks for it at the end of his work.
    """
    together: dict[tuple[str, str], _Told] = {}
    for one in session.info.pop(_NOTED, ()):
        whole = together.setdefault((one.table, one.key), one)
        if whole is one:
            continue
        whole.added |= one.added
        whole.touched |= one.touched
        for column, (before, after) in one.changes.items():
            whole.changes[column] = (whole.changes.get(column, (before, after))[0], after)
    if together:
        by = viewer_in(session)
        told = (_event_of(one, by.behind or by.user_id) for one in together.values())
        coming = (one for one in told if one is not None)
        while some := list(islice(coming, _AT_A_TIME)):
            publish_all(session, some)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    """What was undone did not happen: all of it, or what the savepoint and those within it did."""
    session.info.pop(_OLD, None)
    noted = session.info.pop(_NOTED, ())
    kept = [one for one in noted if not _inside(one.within, previous)] if previous.nested else []
    if kept:
        session.info[_NOTED] = kept


def _inside(within: SessionTransaction | None, previous: SessionTransaction) -> bool:
    while within is not None and within is not previous:
        within = within.parent
    return within is previous


def _event_of(one: _Told, by: str) -> RecordAdded | RecordChanged | None:
    if one.added:
        return RecordAdded(one.table, one.key, by)
    changes = {column: pair for column, pair in sorted(one.changes.items()) if pair[0] != pair[1]}
    touched = tuple(sorted(one.touched))
    if not changes and not touched:
        return None
    before, after = zip(*changes.values(), strict=True) if changes else ((), ())
    return RecordChanged(one.table, one.key, tuple(changes), before, after, by, touched)


def _told_of(row: Any) -> Watched | None:
    found: Watched | None = row.__table__.info.get("watched")
    return found


def _fits(row: Any, told: Watched) -> bool:
    return all(_plain(getattr(row, name)) == value for name, value in told.only.items())


def _set_blindly(row: Any, name: str) -> bool:
    history = inspect(row).attrs[name].history
    return bool(history.added) and not history.deleted


def _changes(row: Any, told: Watched, unread: Mapping[str, str | None]) -> dict[str, tuple[str | None, str | None]]:
    found = {}
    for name in told.columns:
        history = inspect(row).attrs[name].history
        if history.has_changes():
            before = unread.get(name, _plain(next(iter(history.deleted or ()), None)))
            after = _plain(next(iter(history.added or ()), None))
            if before != after:
                found[name] = (before, after)
    return found


def _touched(row: Any, told: Watched) -> set[str]:
    return {name for name in told.touched if changed(row, name)}


def changed(row: Any, name: str) -> bool:
    """Whether an attribute of a row that is about to be flushed holds another value than before."""
    history = inspect(row).attrs[name].history
    return history.has_changes() and list(history.added) != list(history.deleted or ())


def _plain(value: Any) -> str | None:
    """A code or a key as text; yes and no are "True" and "False"."""
    return None if value is None else str(value.value if isinstance(value, enum.Enum) else value)
