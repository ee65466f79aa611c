"""What follows from the values of a rule: which conditions it has, whether they still make sense, when it fires.

`notification_rules.trigger_config` is a JSON object of the keys in `KEYS`, of
which each trigger takes some (`TAKES`). A value that was right when the rule
was written may be dead now - a column that nobody watches any more, a choice
that was dropped: such a rule opens, says so, and fires no more. Nothing dead
or malformed is ever saved.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Boolean, Table

from app.core.db import Base
from app.core.records import watched
from app.core.types import Choice, Country

CUSTOMERS, DEALS, MESSAGES, EMAILS, TASKS = (
    "customers", "deals", "communication_messages", "customer_email_notifications", "tasks",
)  # fmt: skip
OWNER, CUSTOMER, STAGE, LEVEL = "assigned_user_id", "customer_id", "stage_id", "ai_alert_level"
COUNTRIES = ("country", "country_code", "country_codes")
LEVELS = ("warning", "critical")  # in rising order
MOST_CODES = 50
_LONGEST_CODE = 100


class Trigger(enum.StrEnum):
    """What can set off a rule."""

    new_customer = "new_customer"
    new_deal = "new_deal"
    status_change = "status_change"
    owner_change = "owner_change"
    new_email = "new_email"
    new_sms = "new_sms"
    sentiment_alert = "sentiment_alert"
    task_assigned = "task_assigned"
    task_due = "task_due"
    task_completed = "task_completed"
    task_cancelled = "task_cancelled"
    mention = "mention"


_SOMEBODYS = ("countries", "owner", "customer")
TAKES: Mapping[Trigger, tuple[str, ...]] = {
    Trigger.new_customer: ("countries", "owner"),
    Trigger.new_deal: _SOMEBODYS,
    Trigger.status_change: ("table", "column", "from", "to", *_SOMEBODYS),
    Trigger.owner_change: ("table", *_SOMEBODYS),
    Trigger.new_email: ("countries", "customer"),
    Trigger.new_sms: ("countries", "customer"),
    Trigger.sentiment_alert: ("level", "countries", "customer"),
    Trigger.task_assigned: _SOMEBODYS,
    Trigger.task_due: _SOMEBODYS,
    Trigger.task_completed: _SOMEBODYS,
    Trigger.task_cancelled: _SOMEBODYS,
    Trigger.mention: (),
}
KEYS = ("table", "column", "from", "to", "countries", "owner", "customer", "level")
_LISTS = ("from", "to", "countries")
TASK_TRIGGERS = (Trigger.task_assigned, Trigger.task_due, Trigger.task_completed, Trigger.task_cancelled)


@dataclass(frozen=True)
class Conditions:
    """What narrows a trigger. Empty means: whatever it is.

    `table` and `column` say what changes; `before` and `after` (JSON: "from", "to") are codes, or keys of pipeline
    stages. `owner` and `customer` are "me" or "": the record (task) is mine, it is about a customer of mine. `level`
    is the least level of an alert.
    """

    table: str = ""
    column: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    owner: str = ""
    customer: str = ""
    level: str = ""

    def dump(self) -> str | None:
        """As JSON, without what is empty; None for no condition at all."""
        found = {key: list(value) if key in _LISTS else value for key, value in self._items() if value}
        return json.dumps(found) if found else None

    def _items(self) -> Iterator[tuple[str, Any]]:
        for key in KEYS:
            yield key, getattr(self, _ATTRIBUTES.get(key, key))


_ATTRIBUTES = {"from": "before", "to": "after"}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a rule: the column it stands in, the key of the condition, and a sentence."""

    field: str
    key: str
    sentence: str


@dataclass(frozen=True)
class Asked:
    """A rule as it was read: what sets it off, under which conditions, and what is wrong with it."""

    trigger: Trigger | None
    conditions: Conditions
    problems: tuple[Problem, ...] = ()

    @property
    def alive(self) -> bool:
        return self.trigger is not None and not self.problems


@dataclass(frozen=True)
class Fact:
    """One thing that happened to one record, as rules look at it. Keys and codes only.

    `by` did it, `to` is to whom it was done (a task was handed over, a name was mentioned), `owner` is whose record it
    is. A record may belong to several countries. Facts of one `origin` are told once, whatever event they come from.
    """

    trigger: Trigger
    table: str
    key: str
    by: str = ""
    to: str = ""
    column: str = ""
    before: str | None = None
    after: str | None = None
    countries: tuple[str, ...] = ()
    owner: str = ""
    customer: str = ""
    customer_owner: str = ""
    level: str = ""
    origin: str = ""


# Reading a rule ------------------------------------------------------------------


def read(trigger_type: str | None, trigger_config: str | None) -> Asked:
    """A rule from its two columns. Never raises: whatever is wrong is told as a problem."""
    trigger = Trigger(trigger_type) if trigger_type in {known.value for known in Trigger} else None
    if trigger is None:
        sentence = _("There is no trigger “%(name)s”.", name=str(trigger_type)[:60])
        return Asked(None, Conditions(), (Problem("trigger_type", "trigger", sentence),))
    try:
        given = json.loads(trigger_config) if trigger_config and trigger_config.strip() else {}
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        return Asked(trigger, Conditions(), (_problem("", _("The conditions must be a JSON object.")),))
    problems: list[Problem] = []
    taken: dict[str, Any] = {}
    for key, value in given.items():
        if value in (None, "", []):
            continue
        if key not in TAKES[trigger]:
            problems.append(_problem(str(key)[:60], _unknown(trigger, str(key)[:60])))
        elif (read_value := _typed(key, value)) is None:
            problems.append(_problem(key, _mistyped(key)))
        else:
            taken[_ATTRIBUTES.get(key, key)] = read_value
    conditions = Conditions(**taken)
    return Asked(trigger, conditions, (*problems, *_dead(trigger, conditions)))


def _problem(key: str, sentence: str) -> Problem:
    return Problem("trigger_config", key, sentence)


def _unknown(trigger: Trigger, key: str) -> str:
    if key in KEYS:
        return _("This trigger takes no condition “%(key)s”.", key=key)
    known = ", ".join(TAKES[trigger]) or "–"
    return _("There is no condition “%(key)s”. This trigger takes: %(known)s.", key=key, known=known)


def _typed(key: str, value: Any) -> Any:
    """The value in our form; None where it is of another kind."""
    if key in _LISTS:
        items = value if isinstance(value, list) else [value]
        fits = len(items) <= MOST_CODES and all(isinstance(item, str) and len(item) <= _LONGEST_CODE for item in items)
        return tuple(dict.fromkeys(items)) if fits else None
    return value if isinstance(value, str) and len(value) <= _LONGEST_CODE else None


def _mistyped(key: str) -> str:
    if key in _LISTS:
        return _("“%(key)s” must be a list of texts.", key=key)
    return _("“%(key)s” must be a text.", key=key)


def _dead(trigger: Trigger, asked: Conditions) -> Iterator[Problem]:
    """Conditions that nothing can fulfil."""
    if trigger in (Trigger.status_change, Trigger.owner_change):
        tables = status_tables() if trigger is Trigger.status_change else owner_tables()
        if asked.table not in tables:
            sentence = (
                _("Choose the kind of record.")
                if not asked.table
                else _("Changes of this kind of record are not told.")
            )
            yield _problem("table", sentence)
        elif trigger is Trigger.status_change:
            yield from _dead_codes(asked)
        if asked.table in tables:
            yield from _dead_people(asked.table, asked)
    for code in asked.countries:
        if code not in set(Country):
            yield _problem("countries", _("There is no country “%(code)s”.", code=code))
    for key, value in (("owner", asked.owner), ("customer", asked.customer)):
        if value not in ("", "me"):
            yield _problem(key, _("“%(key)s” can only be “me”.", key=key))
    if asked.level not in ("", *LEVELS):
        yield _problem("level", _("There is no alert level “%(code)s”.", code=asked.level))


def _dead_codes(asked: Conditions) -> Iterator[Problem]:
    if asked.column not in status_columns(asked.table):
        sentence = _("Choose the field.") if not asked.column else _("Changes of this field are not told.")
        yield _problem("column", sentence)
        return
    codes = codes_of(asked.table, asked.column)
    for key, values in (("from", asked.before), ("to", asked.after)):
        for code in values:
            if codes is not None and code not in codes:
                yield _problem(key, _("There is no value “%(code)s” any more.", code=code))


def _dead_people(table: str, asked: Conditions) -> Iterator[Problem]:
    if asked.owner and OWNER not in _columns(table):
        yield _problem("owner", _("This kind of record has no owner."))
    if asked.customer and CUSTOMER not in _columns(table):
        yield _problem("customer", _("This kind of record has no customer."))
    if asked.countries and not country_column(table) and CUSTOMER not in _columns(table):
        yield _problem("countries", _("This kind of record has no country."))


# What can be asked for -------------------------------------------------------------


def status_tables() -> tuple[str, ...]:
    """Kinds of records with a field whose changes are told."""
    return tuple(table for table in watched() if table not in (MESSAGES, EMAILS) and status_columns(table))


def owner_tables() -> tuple[str, ...]:
    return tuple(table for table, told in watched().items() if OWNER in told.columns)


def status_columns(table: str) -> tuple[str, ...]:
    told = watched().get(table)
    if told is None:
        return ()
    return tuple(name for name in told.columns if name not in (OWNER, LEVEL) and _says_something(table, name))


def _says_something(table: str, column: str) -> bool:
    """Yes and no are no states with a name."""
    return not isinstance(_columns(table)[column].type, Boolean)


def codes_of(table: str, column: str) -> tuple[str, ...] | None:
    """The choices of a column; None where its values are keys of records."""
    kind = _columns(table)[column].type
    return tuple(member.value for member in kind.choices) if isinstance(kind, Choice) else None


def country_column(table: str) -> str:
    """The column with the country (or the countries) of a record itself; "" for none."""
    return next((name for name in COUNTRIES if name in _columns(table)), "")


def _columns(table: str) -> Mapping[str, Any]:
    found: Table = Base.metadata.tables[table]
    return found.c  # type: ignore[return-value]  # a collection by name


# Firing ------------------------------------------------------------------------------


def fires(asked: Asked, fact: Fact, user_id: str) -> bool:
    """Whether a rule of this person answers a fact. Nobody is told of what he did himself."""
    wanted = asked.conditions
    if not asked.alive or asked.trigger is not fact.trigger or fact.by == user_id:
        return False
    if asked.trigger is Trigger.mention and fact.to != user_id:
        return False
    tests = (
        not wanted.table or wanted.table == fact.table,
        not wanted.column or wanted.column == fact.column,
        not wanted.before or fact.before in wanted.before,
        not wanted.after or fact.after in wanted.after,
        not wanted.countries or bool(set(wanted.countries) & set(fact.countries)),
        not wanted.owner or fact.owner == user_id,
        not wanted.customer or fact.customer_owner == user_id,
        not wanted.level or at_least(fact.level, wanted.level),
    )
    return all(tests)


def at_least(level: str, least: str) -> bool:
    return level in LEVELS and LEVELS.index(level) >= LEVELS.index(least)


def levels_from(least: str) -> tuple[str, ...]:
    """The levels of alerts from this one on; all of them for ""."""
    return LEVELS[LEVELS.index(least) :] if least in LEVELS else LEVELS


def always(fact: Fact) -> set[str]:
    """Who is told of a fact without having asked for it."""
    if fact.trigger in (Trigger.task_assigned, Trigger.task_due, Trigger.mention):
        found = {fact.to}
    elif fact.trigger is Trigger.task_completed:
        found = {fact.owner}
    elif fact.trigger is Trigger.task_cancelled:
        found = {fact.owner, fact.to}
    elif fact.trigger in (Trigger.new_email, Trigger.new_sms, Trigger.sentiment_alert):
        found = {fact.customer_owner}
    else:
        found = set()
    return found - {"", fact.by}


def told_by(fact: Fact, asked: Iterable[Conditions] = ()) -> set[tuple[str, str]]:
    """The columns whose values a notification of this fact lets one know: (table, column).

    Whoever may not read one of them is not told, else the notification would tell the value.
    """
    found: set[tuple[str, str]] = set()
    if fact.column:
        found.add((fact.table, fact.column))
    if fact.trigger is Trigger.sentiment_alert:
        found.add((fact.table, LEVEL))
    for wanted in asked:
        if wanted.countries:
            own = country_column(fact.table)
            found.add((fact.table, own) if own else (CUSTOMERS, "country"))
        if wanted.owner and OWNER in _columns(fact.table):
            found.add((fact.table, OWNER))
        if wanted.customer:
            found.add((CUSTOMERS, OWNER))
    return found
