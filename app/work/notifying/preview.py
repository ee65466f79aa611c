"""What a rule would have told in the last 30 days, under the rights of whoever asks, from the audit trail.

Two statements for the number and the last examples, along
`ix_activity_logs_changes`, whatever the size of the tables. What the trail
does not hold is said and not guessed (`unknown`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Interval,
    Select,
    Table,
    Text,
    and_,
    case,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from app.core.db import Base
from app.core.types import Timestamp
from app.core.viewer import Viewer, visible
from app.screens import atlas
from app.work.notifying import delivery, reading, rules
from app.work.notifying.rules import (
    CUSTOMER,
    CUSTOMERS,
    DEALS,
    EMAILS,
    LEVEL,
    MESSAGES,
    OWNER,
    TASK_TRIGGERS,
    TASKS,
    Asked,
    Conditions,
    Fact,
    Trigger,
)

DAYS, MOST, EXAMPLES = 30, 1_000, 5
_CHANGES = '{"changes": {'
_MESSAGE_TYPES = {Trigger.new_email: "email", Trigger.new_sms: "sms"}
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Example:
    at: datetime
    about: str
    href: str


@dataclass(frozen=True)
class Preview:
    """`count` is MOST + 1 for more; None where nobody can know. `blind`: a condition is about a hidden field."""

    count: int | None
    examples: tuple[Example, ...] = ()
    blind: bool = False
    unknown: tuple[str, ...] = ()


def preview(session: Session, viewer: Viewer, asked: Asked, *, now: datetime) -> Preview:
    """What a rule that makes sense would have told this viewer; the last examples newest first."""
    trigger, wanted = asked.trigger, asked.conditions
    if trigger is None or not asked.alive:
        return Preview(0)
    if trigger is Trigger.mention:
        return Preview(None, unknown=(_("Mentions leave no trace that could be counted."),))
    tables = _tables(trigger, wanted)
    if not any(_open(viewer, trigger, wanted, table) for table in tables):
        return Preview(0, blind=True, unknown=_unknown(trigger, wanted))
    since = now - timedelta(days=DAYS)
    parts = [
        part for table in tables if _open(viewer, trigger, wanted, table)
        for part in _parts(viewer, trigger, wanted, table, since, now)
    ]  # fmt: skip
    found = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery("found")
    once = select(found.c.ref).distinct().limit(MOST + 1).subquery()
    options = {"viewer": viewer}
    count = session.scalar(select(func.count()).select_from(once), execution_options=options) or 0
    last = select(found.c.ref, found.c.at, found.c.about, found.c.key).order_by(found.c.at.desc()).limit(2 * EXAMPLES)
    rows = session.execute(last, execution_options=options).all()
    return Preview(count, _examples(session, viewer, rows), unknown=_unknown(trigger, wanted))


def _tables(trigger: Trigger, wanted: Conditions) -> tuple[str, ...]:
    if trigger in TASK_TRIGGERS:
        return (TASKS,)
    return {
        Trigger.new_customer: (CUSTOMERS,), Trigger.new_deal: (DEALS,), Trigger.new_email: (MESSAGES, EMAILS),
        Trigger.new_sms: (MESSAGES,), Trigger.sentiment_alert: (MESSAGES,),
    }.get(trigger, (wanted.table,))  # fmt: skip


def _open(viewer: Viewer, trigger: Trigger, wanted: Conditions, table: str) -> bool:
    """Whether the viewer would be told at all: module, and every field that a notification would tell."""
    column = OWNER if trigger is Trigger.owner_change else wanted.column
    told = rules.told_by(Fact(trigger, table, "", column=column), (wanted,))
    return viewer.sees(delivery.MODULE) and viewer.sees(atlas.known()[table].module) and delivery.reads(viewer, told)


# Statements --------------------------------------------------------------------------


def _logs() -> Table:
    return Base.metadata.tables["activity_logs"]


def _parts(
    viewer: Viewer, trigger: Trigger, wanted: Conditions, table: str, since: datetime, now: datetime
) -> list[Select[Any]]:
    """What would have been told, as (ref, at, about, key): things with the same `ref` are one."""
    logs, me = _logs(), viewer.user_id
    if trigger is Trigger.task_due:
        return _due(viewer, wanted, since, now)
    made = literal_column("activity_logs.action = 'create'")
    changed = literal_column("activity_logs.action = 'update'")
    row = _rows(table)
    if trigger is Trigger.status_change:
        when = and_(changed, *_codes(wanted))
    elif trigger is Trigger.owner_change:
        mine = _change(OWNER, "new") == me if wanted.owner else _really(OWNER)
        when = and_(changed, mine)
    elif trigger is Trigger.sentiment_alert:
        levels = rules.levels_from(wanted.level)
        risen = and_(_change(LEVEL, "new").in_(levels), _risen())
        came = and_(made, _original(MESSAGES, LEVEL).in_(levels))
        when = and_(row.c.direction == "inbound", or_(came, and_(changed, risen)))
    elif trigger is Trigger.task_assigned:
        first, then = made, and_(changed, _really(OWNER))
        if wanted.owner:
            first, then = and_(made, _original(TASKS, OWNER) == me), and_(then, _change(OWNER, "new") == me)
        when = or_(first, then)
    elif trigger in (Trigger.task_completed, Trigger.task_cancelled):
        ended = "completed" if trigger is Trigger.task_completed else "cancelled"
        when = and_(changed, _change("status", "new") == ended)
        when = and_(when, row.c.created_by_user_id == me) if wanted.owner else when
    else:
        when = made
    if trigger in _MESSAGE_TYPES:
        when = and_(when, row.c.direction == "inbound")
        when = and_(when, row.c.type == _MESSAGE_TYPES[trigger]) if table == MESSAGES else when
    keeps_owner = trigger in (
        Trigger.owner_change, Trigger.task_assigned, Trigger.task_completed, Trigger.task_cancelled,
    )  # fmt: skip
    return [
        _asked(viewer, table, wanted, keeps_owner)
        .add_columns(_ref(trigger, table).label("ref"), logs.c.created_at.label("at"),
                     literal(table).label("about"), as_type(row.c.id, Text).label("key"))
        .join(logs, logs.c.entity_id == row.c.id)
        .where(logs.c.entity_type == table, logs.c.created_at >= since, logs.c.user_id != me, when)
    ]  # fmt: skip


def _due(viewer: Viewer, wanted: Conditions, since: datetime, now: datetime) -> list[Select[Any]]:
    """A task tells when it is due, and once more when it is a day past."""
    row = _rows(TASKS)
    parts = []
    for late, word in ((timedelta(0), "due"), (_A_DAY, "overdue")):
        at = type_coerce(row.c.due_date + literal(late, Interval), Timestamp)
        still = or_(row.c.status.in_(("pending", "in_progress")), row.c.resolved_at > at)
        parts.append(
            _asked(viewer, TASKS, wanted, False)
            .add_columns((as_type(row.c.id, Text) + f":{word}").label("ref"), at.label("at"),
                         literal(TASKS).label("about"), as_type(row.c.id, Text).label("key"))
            .where(row.c.due_date >= since - late, row.c.due_date <= now - late, still)
        )  # fmt: skip
    return parts


def _rows(table: str) -> Table:
    return Base.metadata.tables[table]


def _asked(viewer: Viewer, table: str, wanted: Conditions, keeps_owner: bool) -> Select[Any]:
    """Records the viewer may see that fit the conditions on the record as it is now, without columns."""
    model, row = atlas.known()[table].model, _rows(table)
    asked = visible(model, viewer).with_only_columns()
    customers: Table | None = None
    if CUSTOMER in row.c:
        customers = _rows(CUSTOMERS).alias("their_customer")
        asked = asked.select_from(model).outerjoin(customers, customers.c.id == row.c[CUSTOMER])  # type: ignore[arg-type]
    if wanted.countries:
        asked = asked.where(_in_countries(row, customers, wanted.countries))
    if wanted.owner and not keeps_owner:
        asked = asked.where(row.c[OWNER] == viewer.user_id)
    if wanted.customer and customers is not None:
        asked = asked.where(customers.c[OWNER] == viewer.user_id)
    return asked


def _in_countries(row: Table, customers: Any, codes: tuple[str, ...]) -> ColumnElement[bool]:
    own = rules.country_column(row.name)
    if own == "country_codes":
        return cast(ColumnElement[bool], row.c[own].op("&&")(as_type(list(codes), ARRAY(Text))))
    there: list[Any] = ([as_type(row.c[own], Text)] if own else []) + (
        [as_type(customers.c.country, Text)] if customers is not None else []
    )
    country = func.coalesce(*there) if len(there) > 1 else there[0]
    return cast(ColumnElement[bool], country.in_(codes))


def _ref(trigger: Trigger, table: str) -> ColumnElement[str]:
    """An e-mail that stands in both tables is one; anything else is what the trail notes."""
    own = as_type(_logs().c.id, Text)
    if trigger is not Trigger.new_email:
        return own
    name = "external_id" if table == MESSAGES else "message_id"
    return func.coalesce("mail:" + func.nullif(_rows(table).c[name], ""), own)


def _change(column: str, side: str) -> ColumnElement[Any]:
    """One side of a change of the trail; NULL where the entry tells of no such change."""
    told = type_coerce(_logs().c.details, Text)
    readable = told.startswith(_CHANGES, autoescape=True)
    return case((readable, as_type(told, JSONB)["changes"][column][side].astext), else_=null())


def _really(column: str) -> ColumnElement[bool]:
    return _change(column, "new").is_distinct_from(_change(column, "old"))


def _codes(wanted: Conditions) -> list[ColumnElement[bool]]:
    found = [_really(wanted.column)]
    if wanted.before:
        found.append(_change(wanted.column, "old").in_(wanted.before))
    if wanted.after:
        found.append(_change(wanted.column, "new").in_(wanted.after))
    return found


def _risen() -> ColumnElement[bool]:
    """Only a higher level than before is told."""
    old, new = func.coalesce(_change(LEVEL, "old"), ""), _change(LEVEL, "new")
    low, high = rules.LEVELS
    return or_(and_(new == low, old.not_in(rules.LEVELS)), and_(new == high, old != high))


def _original(table: str, column: str) -> ColumnElement[Any]:
    """The value a record came with: what its first change replaced, else what it has now."""
    later, row = _logs().alias("later"), _rows(table)
    told = type_coerce(later.c.details, Text)
    readable = told.startswith(_CHANGES, autoescape=True)
    change = case((readable, as_type(told, JSONB)["changes"][column]), else_=null())
    first = (
        select(change)
        .where(later.c.entity_type == table, later.c.entity_id == row.c.id, later.c.action == "update")
        .where(change.is_not(None))
        .order_by(later.c.created_at)
        .limit(1)
        .correlate(row)
        .scalar_subquery()
    )
    return case((first.is_(None), as_type(row.c[column], Text)), else_=as_type(first, JSONB)["old"].astext)


# Words -----------------------------------------------------------------------------------


def _examples(session: Session, viewer: Viewer, rows: Any) -> tuple[Example, ...]:
    first = list({row.ref: row for row in reversed(rows)}.values())
    kept = sorted(first, key=lambda row: row.at, reverse=True)[:EXAMPLES]
    names = reading.names_of(session, viewer, ((row.about, row.key) for row in kept))
    return tuple(
        Example(row.at, names.get((row.about, row.key)) or "", reading.show_href(row.about, row.key)) for row in kept
    )


def _unknown(trigger: Trigger, wanted: Conditions) -> tuple[str, ...]:
    """What the number does not know."""
    said = []
    if (
        wanted.countries
        or wanted.customer
        or (wanted.owner and trigger not in (Trigger.owner_change, Trigger.task_assigned))
    ):
        said.append(_("Countries and owners are taken as they are today."))
    if trigger is Trigger.task_due:
        said.append(_("Tasks are taken with the due time they have today; reminders are not counted."))
    else:
        said.append(_("What you did yourself, and what imports of an older system did, is not counted."))
    return tuple(said)
