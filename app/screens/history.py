"""The history of a record: the audit trail of one row, as far as this viewer may know its fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Integer, Select, not_, select

from app.core import audit
from app.core.db import Base
from app.core.errors import NotFound
from app.core.viewer import AUDIT, SYSTEM
from app.screens import address, query, trail
from app.screens.cells import cell_of, moment_text
from app.screens.fields import Field
from app.screens.look import Look
from app.screens.page import HistoryChange, HistoryEntry, HistoryPage
from app.screens.query import Before

SIZE = 25
_LAST_PAGE = 400
_LOOKING = ("view", "export")  # shown folded: who looks is many entries, and seldom what one looks for
_AT_LEAST = 2


def history_page(look: Look, key: Any, asked: str) -> HistoryPage:
    """One page of what happened to a record, newest first; the caller has seen that the viewer may see the record.

    The entries are those of all colleagues, of other countries as well: it is the viewer's record. Raises NotFound
    for who may not look into the trail.
    """
    if not look.viewer.sees(AUDIT):
        raise NotFound
    number = max(1, min(int(asked), _LAST_PAGE)) if asked.isdecimal() and len(asked) < 6 else 1
    wanted = _entries_of(look, key).limit(SIZE + 1).offset((number - 1) * SIZE)
    rows = look.session.execute(wanted, execution_options={"viewer": SYSTEM}).all()
    names = _names(look, rows[:SIZE])
    entries = folded([_entry(look, row, names) for row in rows[:SIZE]])
    base = f"{address.show_href(look.screen.table, key)}/history?page="
    older = f"{base}{number + 1}" if len(rows) > SIZE and number < _LAST_PAGE else ""
    return HistoryPage(entries, older, f"{base}{number - 1}" if number > 1 else "")


def changes_before(
    look: Look, key: Any, before: Before | None, most: int
) -> list[tuple[datetime, Any, str, HistoryEntry]]:
    """(time, key, action, entry) of what was done to a record, newest first, without those who only looked.

    For who may look into the trail; the caller asks. Two statements: the entries and the names in them.
    """
    logs = Base.metadata.tables[trail.LOG]
    wanted = (
        _entries_of(look, key, logs.c.id)
        .where(logs.c.action.not_in(_LOOKING), query.older_than(before, logs.c.created_at, logs.c.id))
        .limit(most)
    )
    rows = look.session.execute(wanted, execution_options={"viewer": SYSTEM}).all()
    names = _names(look, rows)
    return [(row.created_at, row.id, row.action, _entry(look, row, names)) for row in rows]


def who_was_faster(look: Look, key: Any) -> str:
    """Who changed a record last, and when, in one sentence; "" where nothing of it may be known.

    The person is named to who may know of him; two statements.
    """
    logs = Base.metadata.tables[trail.LOG]
    wanted = _entries_of(look, key).where(logs.c.action == audit.UPDATE).limit(1)
    found = look.session.execute(wanted, execution_options={"viewer": SYSTEM}).one_or_none()
    if found is None:
        return ""
    when = moment_text(found.created_at)
    name = query.names_in(look.session, look.screens, look.viewer, [(("users",), found.user_id)])[0]
    if name and name != found.user_id:  # a key in the place of a name tells nobody anything
        return str(_("%(name)s saved it on %(when)s.", name=name, when=when))
    return str(_("It was saved on %(when)s.", when=when))


def _entries_of(look: Look, key: Any, *more: Any) -> Select[Any]:
    """The entries of a record, without those that tell of nothing but hidden fields; newest first."""
    logs, users = Base.metadata.tables[trail.LOG], Base.metadata.tables["users"]
    wanted = (
        select(logs.c.action, logs.c.details, logs.c.created_at, logs.c.user_id, users.c.full_name, *more)
        .join(users, users.c.id == logs.c.user_id)
        .where(logs.c.entity_type == look.screen.table, logs.c.entity_id == str(key))
        .order_by(logs.c.created_at.desc(), logs.c.id.desc())
    )
    silent = None if look.viewer.everything else trail.only_hidden(look.screen, look.viewer)
    return wanted if silent is None else wanted.where(not_(silent))


def folded(entries: Sequence[HistoryEntry]) -> tuple[HistoryEntry, ...]:
    """The entries, with those of looking that follow each other put together."""
    found: list[HistoryEntry] = []
    for action, group in groupby(entries, key=lambda entry: entry.action):
        together = tuple(group)
        if action not in _LOOKING or len(together) < _AT_LEAST:
            found += together
            continue
        people = list(dict.fromkeys(entry.who for entry in together))
        who = ", ".join(people[:3]) + (" …" if len(people) > 3 else "")
        times = ngettext("%(num)s time", "%(num)s times", len(together))
        found.append(HistoryEntry(f"{together[0].what} {times}", action, who, together[0].when, folded=together))
    return tuple(found)


def _names(look: Look, rows: Sequence[Any]) -> dict[tuple[str, str], str]:
    """Names of the records that foreign keys pointed to, by field and key; in one statement."""
    wanted = {
        (name, str(change[side]))
        for row in rows
        for name, parts in _known(look, _read(row.details)).items()
        for change in parts.values()
        for side in ("old", "new")
        if look.screen.fields[name].targets and change.get(side)
    }
    pairs = sorted(wanted)
    asked = [(look.screen.fields[name], int(key) if _by_number(look, name) else key) for name, key in pairs]
    found = query.names_of(look.session, look.screens, look.viewer, asked)
    return {pair: name or _("(no access)") for pair, name in zip(pairs, found, strict=True)}


def _by_number(look: Look, name: str) -> bool:
    return isinstance(look.screen.fields[name].column.type, Integer)


def _entry(look: Look, row: Any, names: Mapping[tuple[str, str], str]) -> HistoryEntry:
    """One entry, without what it tells of fields that are hidden from the viewer."""
    details = _read(row.details)
    changes = _changes(look, details, names)
    reason = str(details.get("reason", ""))
    who = f"{row.full_name} ({reason})" if reason else row.full_name
    return HistoryEntry(_what(row.action, details), row.action, who, moment_text(row.created_at), changes)


def _known(look: Look, details: Mapping[str, Any]) -> dict[str, dict[str, Mapping[str, Any]]]:
    """The changes of fields that the viewer may read: by field name, then by column."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    given = details.get("changes")
    columns = {c.name: f for f in look.screen.fields.values() for c in f.columns}
    for column, change in given.items() if isinstance(given, dict) else ():
        f = columns.get(column)
        if f is not None and isinstance(change, dict) and look.reads(f.name):
            found.setdefault(f.name, {})[column] = change
    return found


def _changes(look: Look, details: Mapping[str, Any], names: Mapping[tuple[str, str], str]) -> tuple[HistoryChange, ...]:
    changes = []
    for name, parts in _known(look, details).items():
        f = look.screen.fields[name]
        for column, change in parts.items():
            label = _(f.label) if len(f.columns) == 1 else f"{_(f.label)} ({_part(column)})"
            if change.get("changed"):
                changes.append(HistoryChange(label, "", _("changed")))
            else:
                old, new = (_text(f, change.get(side), names) for side in ("old", "new"))
                changes.append(HistoryChange(label, old, new or _("(empty)")))
    return tuple(changes)


def _part(column: str) -> str:
    """What a column is of a date that may be incomplete."""
    return {"day": _("Day"), "month": _("Month"), "year": _("Year")}.get(column.rpartition("_")[2], column)


def _text(f: Field, value: Any, names: Mapping[tuple[str, str], str]) -> str:
    """A stored value as the field shows it, "" for none; as it was stored where it does not fit the field any more."""
    if value is None or value == "" or value == []:
        return ""
    if f.targets:
        return names.get((f.name, str(value)), str(value))
    if f.kind.name == "partial_date":
        return str(value)
    try:
        return cell_of({f.column.name: _typed(f, value)}, f, short=True, links={}).text
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        return str(value)


def _typed(f: Field, value: Any) -> Any:
    """A value of JSON as the mapping has it. Raises ValueError for what the field cannot hold."""
    if f.kind.name in ("date", "datetime"):
        moment = datetime.fromisoformat(value)
        if f.timestamp and moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment if f.timestamp else moment.date()
    if f.kind.name in ("money", "decimal"):
        return Decimal(str(value))
    if f.kind.name in ("choice", "country") and f.choices is not None:
        return f.choices(value)
    return value


def _what(action: str, details: Mapping[str, Any]) -> str:
    if details.get("deactivated"):
        return _("Deactivated")
    events = {
        "second_factor_on": _("Second factor switched on"), "second_factor_off": _("Second factor switched off"),
        "recovery_codes": _("New recovery codes"), "view_as": _("Seen through these eyes"),
    }  # fmt: skip
    if str(details.get("event")) in events:
        return events[str(details["event"])]
    said = {
        "create": _("Created"), "update": _("Changed"), "delete": _("Deleted"), "view": _("Viewed"),
        "export": _("Exported"), "denied": _("Refused"), "consent_granted": _("Consent granted"),
        "consent_revoked": _("Consent revoked"), "login": _("Logged in"), "logout": _("Logged out"),
        "login_failed": _("Login failed"),
    }  # fmt: skip
    return said.get(action, action)


def _read(details: str | None) -> dict[str, Any]:
    """The details as an object; entries of an older system may hold other JSON, or none."""
    try:
        found = json.loads(details) if details else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
