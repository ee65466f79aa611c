"""The history of a record: the audit trail of one row, as far as this viewer may know its fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Integer, select

from app.core.db import Base
from app.core.errors import NotFound
from app.core.viewer import AUDIT, SYSTEM
from app.screens import query
from app.screens.cells import country_name, moment_text
from app.screens.fields import Field, choice_label
from app.screens.look import Look
from app.screens.page import HistoryChange, HistoryEntry, HistoryPage

SIZE = 25
_LAST_PAGE = 400


def history_page(look: Look, key: Any, asked: str) -> HistoryPage:
    """One page of what happened to a record, newest first; the caller has seen that the viewer may see the record.

    The entries are those of all colleagues, of other countries as well: it is the viewer's record. Raises NotFound
    for who may not look into the trail.
    """
    if not look.viewer.sees(AUDIT):
        raise NotFound
    number = min(int(asked), _LAST_PAGE) if asked.isdecimal() and len(asked) < 6 else 1
    logs, users = Base.metadata.tables["activity_logs"], Base.metadata.tables["users"]
    wanted = (
        select(logs.c.action, logs.c.details, logs.c.created_at, logs.c.ip_address, users.c.full_name)
        .join(users, users.c.id == logs.c.user_id)
        .where(logs.c.entity_type == look.screen.table, logs.c.entity_id == str(key))
        .order_by(logs.c.created_at.desc(), logs.c.id.desc())
        .limit(SIZE + 1)
        .offset((max(number, 1) - 1) * SIZE)
    )
    rows = look.session.execute(wanted, execution_options={"viewer": SYSTEM}).all()
    more = len(rows) > SIZE
    base = f"/{look.screen.table}/show/{key}/history?page="
    names = _names(look, rows[:SIZE])
    entries = tuple(entry for row in rows[:SIZE] if (entry := _entry(look, row, names)) is not None)
    return HistoryPage(entries, f"{base}{number + 1}" if more else "", f"{base}{number - 1}" if number > 1 else "")


def _names(look: Look, rows: Sequence[Any]) -> dict[tuple[str, str], str]:
    """Names of the records that foreign keys pointed to, by field and key; in one statement."""
    wanted = {
        (name, str(change[side]))
        for row in rows
        for name, change in _known(look, _read(row.details).get("changes", {}))
        for side in ("old", "new")
        if look.screen.fields[name].targets and change.get(side)
    }
    pairs = sorted(wanted)
    asked = [(look.screen.fields[name], int(key) if _by_number(look, name) else key) for name, key in pairs]
    found = query.names_of(look.session, look.screens, look.viewer, asked)
    return {pair: name or _("(no access)") for pair, name in zip(pairs, found, strict=True)}


def _by_number(look: Look, name: str) -> bool:
    return isinstance(look.screen.fields[name].column.type, Integer)


def _entry(look: Look, row: Any, names: Mapping[tuple[str, str], str]) -> HistoryEntry | None:
    """One entry; None when all it tells is of fields that are hidden from the viewer."""
    details = _read(row.details)
    given = details.get("changes", {})
    changes = tuple(_change(look.screen.fields[name], change, names) for name, change in _known(look, given))
    if row.action == "update" and given and not changes:
        return None
    when: datetime = row.created_at
    return HistoryEntry(_what(row.action, details), row.action, row.full_name, moment_text(when), changes)


def _known(look: Look, changes: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The changes of fields that the viewer may read, by field name; parts of a date go by the whole."""
    found = []
    for column, change in changes.items():
        f = next((f for f in look.screen.fields.values() if column in {c.name for c in f.columns}), None)
        if f is not None and isinstance(change, dict) and look.reads(f.name):
            found.append((f.name, change))
    return found


def _change(f: Field, change: Mapping[str, Any], names: Mapping[tuple[str, str], str]) -> HistoryChange:
    if change.get("changed"):
        return HistoryChange(_(f.label), "", _("changed"))
    return HistoryChange(_(f.label), _text(f, change.get("old"), names), _text(f, change.get("new"), names))


def _text(f: Field, value: Any, names: Mapping[tuple[str, str], str]) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(_text(f, item, names) for item in value)
    if f.targets:
        return names.get((f.name, str(value)), str(value))
    if f.kind.name == "country":
        return country_name(str(value))
    if f.choices is not None and str(value) in {member.value for member in f.choices}:
        label = choice_label(f.choices, str(value))
        return str(_(label))
    if f.kind.name == "datetime":
        return moment_text(datetime.fromisoformat(str(value)))
    return str(value)


def _what(action: str, details: Mapping[str, Any]) -> str:
    if details.get("deactivated"):
        return _("Deactivated")
    said = {
        "create": _("Created"), "update": _("Changed"), "delete": _("Deleted"), "view": _("Viewed"),
        "export": _("Exported"), "denied": _("Refused"), "consent_granted": _("Consent granted"),
        "consent_revoked": _("Consent revoked"),
    }  # fmt: skip
    return said.get(action, action)


def _read(details: str | None) -> dict[str, Any]:
    """The details as an object; entries of an older system may hold other JSON."""
    found = json.loads(details) if details else {}
    return found if isinstance(found, dict) else {}
