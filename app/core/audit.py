"""The audit trail: who did what to which record, written in the transaction that did it.

Changes are seen by listeners of the session, so no door can forget them;
reading, taking out, logging in and being refused are noted by whoever does
them. Entries are rows of `activity_logs`; the database refuses to change or
remove one. Bulk UPDATE and DELETE statements pass by the listeners: who makes
one calls `note`, or says so with `also_changed`.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask import has_request_context, request
from sqlalchemy import Connection, Insert, Table, event, func, insert, inspect, select
from sqlalchemy.orm import Session

from app.core.db import Base, also_changed, transaction
from app.core.scope import viewer_in
from app.core.types import Secret, utc_now
from app.core.vault import VaultError, Veiled
from app.core.viewer import SYSTEM_USER, Viewer

UPDATE = "update"
LONGEST = 500  # characters of an old or new value; more is cut
DENIED_PER_MINUTE = 60
MOST_ITEMS = 50  # of a list
_NAMES = ("full_name", "name", "title", "label", "subject", "code", "username", "email", "invoice_number",
          "contract_number", "key", "module_key")  # fmt: skip
_NOISE = {"updated_at", "created_at"}
_INSTANT = timedelta(microseconds=1)
# Tables that decide who may do what, and the columns of an account that do.
_RIGHTS = {"roles", "role_module_permissions", "role_field_permissions", "user_roles"}
_RIGHTS_OF_A_USER = {"role_id", "assigned_countries", "is_active", "role", "auth_method"}


def note(
    session: Session, action: str, *, entity_type: str | None = None, entity_id: Any = None,
    entity_name: str | None = None, details: Mapping[str, Any] | None = None, by: Viewer | None = None,
    address: str | None = None,
) -> None:  # fmt: skip
    """One entry in the running transaction of `session`. `by` is who acted, if not the viewer of the session.

    `address` is the network address, for what is written after its request.
    """
    entry = _entry(by or viewer_in(session), action, entity_type, entity_id, entity_name, details)
    _write(session.connection(), [entry | ({"ip_address": address} if address else {})])


def note_apart(action: str, *, by: Viewer, **what: Any) -> None:
    """One entry in a transaction of its own: for what changes nothing. Not within `transaction`."""
    with transaction(by=by) as session:
        note(session, action, **what)


def denied(
    viewer: Viewer, details: Mapping[str, Any], *, entity_type: str | None = None, entity_id: Any = None
) -> None:
    """Somebody was refused what he has no right to; at most sixty entries per person and minute."""
    with transaction(by=viewer) as session:
        entries = _table()
        recent = select(func.count()).where(
            entries.c.user_id == viewer.user_id,
            entries.c.action == "denied",
            entries.c.created_at > utc_now() - timedelta(minutes=1),
        )
        if (session.connection().scalar(recent) or 0) < DENIED_PER_MINUTE:
            note(session, "denied", entity_type=entity_type, entity_id=entity_id, details=details)


# Changes ---------------------------------------------------------------------


@event.listens_for(Session, "before_flush")
def _know_the_old(session: Session, context: object, instances: object) -> None:
    """The old value of what was set without having been read, asked for before it is gone."""
    for row in session.dirty:
        unknown = [key for key, history in _histories(row) if history.added and not history.deleted]
        if unknown and _audited(row) and inspect(row).identity and not session.info.get("unaudited"):
            table = inspect(row).mapper.local_table
            columns = [inspect(row).mapper.attrs[key].columns[0] for key in unknown]
            with session.no_autoflush:
                found = session.connection().execute(select(*columns).where(table.c.id == inspect(row).identity[0]))
            stored = found.one_or_none()
            session.info.setdefault("old", {})[row] = dict(zip(unknown, stored, strict=True)) if stored else {}


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, context: object) -> None:
    """What was made, changed and removed; in one statement."""
    known = session.info.pop("old", {})
    beside = also_changed(session)
    if session.info.get("unaudited"):
        return
    viewer = viewer_in(session)
    entries = [_entry_of(viewer, "create", row, None) for row in session.new if _audited(row)]
    for row in session.dirty:
        if _audited(row) and (changes := changes_of(row, known.get(row, {}))):
            entries.append(_entry_of(viewer, "update", row, changes))
    entries += [_entry_of(viewer, "delete", row, None) for row in session.deleted if _audited(row)]
    entries += _along(viewer, beside)
    if entries:
        _write(session.connection(), entries)


def note_beside(session: Session) -> None:
    """Note what statements changed beside the rows of flushes now, instead of with the next flush."""
    if beside := also_changed(session):
        _write(session.connection(), _along(viewer_in(session), beside))


def _along(viewer: Viewer, beside: Iterable[tuple[str, Any, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        _entry(viewer, "update", table, key, None, {"changes": changes, "along": True})
        for table, key, changes in beside
    ]


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: object) -> None:
    """What did not happen is not told with what happens next."""
    session.info.pop("old", None)
    also_changed(session)


def changes_of(row: Any, unread: Mapping[str, Any]) -> dict[str, Any]:
    """Old and new value of every changed column, as JSON can hold it. A secret is said to have changed, no more.

    `unread` holds old values that the mapping does not know, by attribute.
    """
    changes: dict[str, Any] = {}
    for key, history in _histories(row):
        column = inspect(row).mapper.attrs[key].columns[0]
        old, new = (next(iter(part), None) for part in (history.deleted, history.added))
        old = unread.get(key, old)
        if isinstance(column.type, Secret) or column.info.get("internal"):
            if not _same_secret(old, new):
                changes[column.name] = {"changed": True}
        elif _plain(old) != _plain(new):
            changes[column.name] = {"old": _plain(old), "new": _plain(new)}
    return changes


def _histories(row: Any) -> list[tuple[str, Any]]:
    """(attribute, history) of the columns that were set since the row was read."""
    state = inspect(row)
    found = []
    for attribute in state.mapper.column_attrs:
        column = attribute.columns[0]
        if not column.system and column.name not in _NOISE and state.attrs[attribute.key].history.has_changes():
            found.append((attribute.key, state.attrs[attribute.key].history))
    return found


def _audited(row: Any) -> bool:
    """Logs do not log themselves, and tables beyond the document are told about by whoever fills them."""
    info = inspect(row).mapper.local_table.info
    return bool(info.get("audit", "extension" not in info))


def _entry_of(viewer: Viewer, action: str, row: Any, changes: dict[str, Any] | None) -> dict[str, Any]:
    table = inspect(row).mapper.local_table.name
    details: dict[str, Any] = {"changes": changes} if changes else {}
    if changes and changes.get("is_active", {}).get("new") is False:
        details["deactivated"] = True
    if table in _RIGHTS or (table == "users" and changes and _RIGHTS_OF_A_USER & set(changes)):
        details["rights"] = True
    if table in _RIGHTS and not changes:
        # A right that was given or taken is its whole content.
        details["row"] = {c.columns[0].name: _plain(getattr(row, c.key)) for c in inspect(row).mapper.column_attrs
                          if not c.columns[0].system and c.columns[0].name not in _NOISE}  # fmt: skip
    return _entry(viewer, action, table, row.id, name_of(row), details)


def name_of(row: Any) -> str | None:
    """By what the record was known at that time; never a secret."""
    columns = {attribute.key for attribute in inspect(row).mapper.column_attrs}
    if {"first_name", "last_name"} <= columns:
        return f"{row.first_name or ''} {row.last_name or ''}".strip() or None
    found = next((getattr(row, name) for name in _NAMES if name in columns and getattr(row, name)), None)
    return str(found)[:200] if found else None


def _plain(value: Any) -> Any:
    """A value as JSON can hold it, not longer than LONGEST."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, date | time | Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value][:MOST_ITEMS]
    if isinstance(value, dict):
        return _cut(json.dumps(value, ensure_ascii=False, default=str))
    return _cut(str(value))


def _same_secret(old: Any, new: Any) -> bool:
    """Whether nothing changed; what cannot be opened any more was changed when something else stands there."""
    try:
        return bool(_revealed(old) == _revealed(new))
    except VaultError:
        return old is new


def _revealed(value: Any) -> Any:
    return value.reveal() if isinstance(value, Veiled) else value


def _cut(text: str) -> str:
    """At most LONGEST characters; a hash of the whole keeps two long texts apart that begin alike."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}… ({len(text)}, {hashlib.sha256(text.encode()).hexdigest()[:8]})"


# Entries ---------------------------------------------------------------------


def _entry(
    viewer: Viewer, action: str, entity_type: str | None, entity_id: Any, entity_name: str | None,
    details: Mapping[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    said = dict(details or {})
    if viewer.user_id == SYSTEM_USER and viewer.role:
        said["reason"] = viewer.role
    if viewer.behind:
        said["as"] = viewer.user_id
    return {
        "user_id": viewer.behind or viewer.user_id or SYSTEM_USER,
        "action": action,
        "entity_type": entity_type,
        "entity_id": None if entity_id is None else str(entity_id),
        "entity_name": entity_name,
        "details": json.dumps(said, ensure_ascii=False) if said else None,
        "ip_address": request.remote_addr if has_request_context() else None,
    }


def _write(connection: Connection, entries: Sequence[Mapping[str, Any]]) -> None:
    """Times rise from entry to entry: `now()` would be that of the transaction for all of them."""
    now = utc_now()
    timed = [{**entry, "created_at": now + place * _INSTANT} for place, entry in enumerate(entries)]
    connection.execute(_inserted(), timed[0] if len(timed) == 1 else timed)


@lru_cache(maxsize=1)
def _inserted() -> Insert:
    """Made once: with every page that is read something is written."""
    return insert(_table())


def _table() -> Table:
    return Base.metadata.tables["activity_logs"]
