"""What a notification says to whoever reads it: made of keys and codes, with the reader's rights, in his language.

A record that the reader may not see (any more) has no name and no link, and
what happened to it is not told; the value of a field that is hidden from him
is left out. The same lines serve the bell, the page and the daily letter.
A page of notifications costs one statement for each kind of record on it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Text, null
from sqlalchemy.orm import Session

from app.core.viewer import Viewer, visible
from app.screens import atlas
from app.screens.address import show_href
from app.screens.cells import choices_of
from app.screens.fields import choice_label
from app.screens.query import name_of
from app.screens.resolve import Resolved
from app.work.models import Notification, NotificationPriority, NotificationType
from app.work.notifying import facts, rules
from app.work.notifying.rules import CUSTOMERS, EMAILS, LEVEL, MESSAGES, OWNER, Trigger

USERS = "users"
ICONS = {
    NotificationType.new_email: "mail",
    NotificationType.new_sms: "message-2",
    NotificationType.new_customer: "user-plus",
    NotificationType.status_change: "switch-horizontal",
    NotificationType.sentiment_alert: "mood-sad",
    NotificationType.task_assigned: "checkbox",
    NotificationType.task_due: "clock",
    NotificationType.task_completed: "circle-check",
    NotificationType.mention: "at",
    NotificationType.system: "bell",
}
TONES = {NotificationPriority.urgent: "red", NotificationPriority.high: "amber"}
_LONGEST = 160
_KEY = re.compile(r"[0-9a-f-]{36}")

Names = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Line:
    """One notification as its reader may know it. `about` is the record's name, `more` what else is to be said.

    `href` leads to the record, "" when there is none to go to; `gone` when the reader may not see it. `neutral` is the
    title without what an older system may have written into it.
    """

    key: str
    icon: str
    title: str
    about: str
    more: str
    at: datetime
    kind: str
    priority: str
    urgency: str
    tone: str
    read: bool
    dismissed: bool
    neutral: str
    href: str = ""
    gone: bool = False


@dataclass(frozen=True)
class _Told:
    """A row with what its details say; `table` is "" where it is about no record that we know."""

    row: Notification
    table: str
    trigger: Trigger | None
    details: Mapping[str, Any]

    def said(self, name: str) -> str:
        found = self.details.get(name)
        return found if isinstance(found, str) else ""


def lines(session: Session, viewer: Viewer, rows: Sequence[Notification]) -> list[Line]:
    """The rows as this viewer reads them, in their order."""
    told = [_told(row) for row in rows]
    names = names_of(session, viewer, (pair for one in told for pair in _asked(one)))
    return [_line(one, viewer, names) for one in told]


def target(session: Session, viewer: Viewer, row: Notification) -> str:
    """Where a notification leads to; "" when there is nothing for this viewer."""
    [line] = lines(session, viewer, [row])
    return line.href


def names_of(session: Session, viewer: Viewer, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The names of those of these records (table, key) that the viewer may see; one statement for each table."""
    keys: dict[str, set[str]] = defaultdict(set)
    for table, key in asked:
        if table in atlas.known() and key:
            keys[table].add(key)
    found: dict[tuple[str, str], str] = {}
    for table in sorted(keys):
        screen = atlas.known()[table]
        if not viewer.sees(screen.module) and not screen.names(viewer):
            continue
        model = screen.model
        own = visible(model, viewer).with_only_columns(model.id, _name(screen, viewer))
        wanted = own.where(model.id.in_(sorted(keys[table])))
        found |= {(table, str(key)): (name or "")[:_LONGEST] for key, name in session.execute(wanted)}
    return found


def _name(screen: Resolved, viewer: Viewer) -> Any:
    """A message is known by its subject here: when it came is said beside it."""
    if screen.table in (MESSAGES, EMAILS):
        return screen.model.subject if screen.reads(viewer, "subject") else null().cast(Text)
    return name_of(atlas.known(), screen.table, screen.model.id, viewer)


def _told(row: Notification) -> _Told:
    try:
        details = json.loads(row.details or "{}")
    except ValueError:
        details = {}
    if not isinstance(details, dict):
        details = {}
    known = {trigger.value for trigger in Trigger}
    trigger = Trigger(details["trigger"]) if details.get("trigger") in known else None
    return _Told(row, atlas.table_called(row.entity_type) if row.entity_id else "", trigger, details)


def _asked(one: _Told) -> Iterable[tuple[str, str]]:
    """The records whose names a line may need."""
    yield one.table, one.row.entity_id or ""
    yield from ((USERS, one.said(name)) for name in ("by", "to"))
    if one.table in (MESSAGES, EMAILS):
        yield CUSTOMERS, one.said("customer")
    f = _field(one)
    if f is not None and f.targets:
        yield from ((f.targets[0], one.said(side)) for side in ("before", "after"))


def _field(one: _Told) -> Any:
    screen = atlas.known().get(one.table)
    return None if screen is None else screen.fields.get(one.said("column"))


# The line ------------------------------------------------------------------------------


def _page_of(table: str, key: str | None) -> str:
    """Where the work on a record is done: of a task or a rule its own page, of an activity that of its deal."""
    pages = {
        "tasks": f"/work/tasks/{key}",
        "deal_activities": f"/pipeline/activities/{key}",
        "automation_rules": f"/automation/{key}",
    }
    return pages.get(table) or show_href(table, key)


def _batch_of(one: _Told) -> str:
    """The page of a batch that is over, "" where there is none; it is there for its owner alone."""
    key = one.said("batch")
    return f"/batches/{key}" if _KEY.fullmatch(key) else ""


def _line(one: _Told, viewer: Viewer, names: Names) -> Line:
    row, screen = one.row, atlas.known().get(one.table)
    priority = NotificationPriority(row.priority)
    common: dict[str, Any] = {
        "key": row.id, "icon": ICONS[row.type], "at": row.created_at, "kind": type_label(row.type),
        "priority": priority.value, "urgency": priority_label(priority), "tone": TONES.get(priority, ""),
        "read": row.is_read, "dismissed": row.dismissed,
    }  # fmt: skip
    if row.entity_id and not _sees(screen, viewer, one, names):
        sentence = _("This record is not available to you.")
        label = type_label(row.type)
        return Line(title=label, about="", more=sentence, neutral=label, gone=True, **common)
    href = _page_of(one.table, row.entity_id) if screen is not None else _batch_of(one)
    if one.trigger is None or screen is None:
        neutral = type_label(row.type)
        about = names.get((one.table, row.entity_id or ""), "") if one.details.get("named") is True else ""
        return Line(title=_(row.title), about=about, more=_(row.message), neutral=neutral, href=href, **common)
    title, about, more = _words(one, screen, viewer, names)
    return Line(title=title, about=about, more=more, neutral=title, href=href, **common)


def _sees(screen: Resolved | None, viewer: Viewer, one: _Told, names: Names) -> bool:
    """Whether the viewer sees module and record: a public name alone is not enough."""
    return screen is not None and viewer.sees(screen.module) and (one.table, one.row.entity_id) in names


def _words(one: _Told, screen: Resolved, viewer: Viewer, names: Names) -> tuple[str, str, str]:
    """Title, name of the record, and the rest."""
    about = names.get((one.table, one.row.entity_id or ""), "")
    by = names.get((USERS, one.said("by")), "") if one.said("by") != viewer.user_id else ""
    by = _("by %(name)s", name=by) if by else ""
    if one.trigger in (Trigger.status_change, Trigger.owner_change):
        return _change(one, screen, viewer, names), about, by
    if one.trigger in (Trigger.new_email, Trigger.new_sms, Trigger.sentiment_alert):
        customer = names.get((CUSTOMERS, one.said("customer")), "")
        title = _alert(one, screen, viewer) if one.trigger is Trigger.sentiment_alert else _MESSAGES[one.trigger]()
        return title, customer or about, about if customer else ""
    return _plain(one, viewer, names), about, by


def _change(one: _Told, screen: Resolved, viewer: Viewer, names: Names) -> str:
    """What has changed; no more than that it has where the field is hidden from the viewer."""
    f = _field(one)
    if f is None or not screen.reads(viewer, f.name):
        return _("%(kind)s: changed", kind=_(screen.one))
    if f.name == OWNER and one.said("after") == viewer.user_id:
        return _("Handed over to you")
    before, after = (_value(f, one.said(side), names) for side in ("before", "after"))
    return f"{_(f.label)}: {before or '–'} → {after or '–'}"


def _value(f: Any, code: str, names: Names) -> str:
    if not code:
        return ""
    if f.targets:
        return names.get((f.targets[0], code)) or _("(no access)")
    return next((choice.label for choice in choices_of(f) if choice.value == code), code)


def _alert(one: _Told, screen: Resolved, viewer: Viewer) -> str:
    if one.said("level") in rules.LEVELS and screen.reads(viewer, LEVEL):
        return {"critical": _("Critical message"), "warning": _("Message needs attention")}[one.said("level")]
    return _("New message")


_MESSAGES = {Trigger.new_email: lambda: _("New email"), Trigger.new_sms: lambda: _("New SMS")}


def _plain(one: _Told, viewer: Viewer, names: Names) -> str:
    mine = one.said("to") == viewer.user_id
    if one.trigger is Trigger.task_due:
        what = {facts.OVERDUE: _("Task is overdue"), facts.REMINDER: _("Reminder")}
        return what.get(one.said("after"), _("Task is due"))
    if one.trigger is Trigger.task_assigned and not mine:
        name = names.get((USERS, one.said("to")), "")
        return _("Task assigned to %(name)s", name=name) if name else _("Task assigned")
    return {
        Trigger.new_customer: _("New customer"),
        Trigger.new_deal: _("New deal"),
        Trigger.task_assigned: _("Task assigned to you"),
        Trigger.task_completed: _("Task completed"),
        Trigger.task_cancelled: _("Task cancelled"),
        Trigger.mention: _("You were mentioned"),
    }.get(one.trigger, type_label(one.row.type))  # type: ignore[arg-type]  # None has no line of its own


def type_label(kind: NotificationType) -> str:
    return _(choice_label(NotificationType, kind.value))


def priority_label(priority: NotificationPriority) -> str:
    return _(choice_label(NotificationPriority, priority.value))


# The words of `delivery.TITLES` and of older rows, so that they stand in the catalogues.
STORED = (lambda: _("An automation rule was switched off"), lambda: _("It failed several times in a row."),
          lambda: _("A record has changed"), lambda: _("A record was handed over"),
          lambda: _("A message needs attention"), lambda: _("Task due"))  # fmt: skip
