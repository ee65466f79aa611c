"""The form of a rule: from what a browser sends to typed conditions, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.types import Country
from app.core.viewer import Viewer
from app.screens import atlas
from app.screens.page import Choice
from app.work.models import NotificationPriority, NotificationRule, NotificationType
from app.work.notifying import delivery, reading, rules, wording
from app.work.notifying.rules import Asked, Conditions, Trigger

LONGEST_NAME = 120
AS_TRIGGER = ""  # the type that goes with the trigger


@dataclass(frozen=True)
class Typed:
    """What somebody typed. `kind` is a type of notification; `errors` are sentences by control."""

    name: str
    asked: Asked
    kind: str
    priority: str
    active: bool
    errors: dict[str, list[str]] = field(default_factory=dict)


def read(form: MultiDict[str, str], stages: Sequence[Choice]) -> Typed:
    """What was posted; what does not belong to the chosen trigger is left out."""
    trigger_type = form.get("trigger", "")
    trigger = Trigger(trigger_type) if trigger_type in {known.value for known in Trigger} else None
    conditions = _conditions(trigger, form) if trigger is not None else Conditions()
    asked = rules.read(trigger_type, conditions.dump())
    name = " ".join(form.get("name", "").split())
    kind, priority = form.get("kind", AS_TRIGGER), form.get("priority", NotificationPriority.normal.value)
    errors: dict[str, list[str]] = {}
    if not name:
        errors["name"] = [_("This field is required.")]
    elif len(name) > LONGEST_NAME:
        errors["name"] = [_("At most %(most)s characters.", most=LONGEST_NAME)]
    for problem in asked.problems:
        errors.setdefault({"column": "what", "table": "what"}.get(problem.key, problem.key), []).append(
            problem.sentence
        )
    if conditions.column == rules.STAGE:
        known = {choice.value for choice in stages}
        if not {*conditions.before, *conditions.after} <= known:
            errors.setdefault("to", []).append(_("A stage is not there any more, or not yours."))
    if kind != AS_TRIGGER and kind not in set(NotificationType):
        errors["kind"] = [_("Choose one of the list.")]
    if priority not in set(NotificationPriority):
        errors["priority"] = [_("Choose one of the list.")]
    if not kind and trigger is not None:
        kind = delivery.TYPES[trigger].value
    return Typed(name, asked, kind, priority, form.get("active") == "1", errors)


def _conditions(trigger: Trigger, form: MultiDict[str, str]) -> Conditions:
    takes = rules.TAKES[trigger]
    table, _dot, column = form.get("what", "").partition(".")
    if trigger is Trigger.owner_change:
        table, column = form.get("whose", ""), ""
    found: dict[str, Any] = {}
    if "table" in takes:
        found["table"] = table
    if "column" in takes:
        found["column"] = column
        found["before"] = tuple(form.getlist(f"from:{table}.{column}"))
        found["after"] = tuple(form.getlist(f"to:{table}.{column}"))
    if "countries" in takes:
        found["countries"] = tuple(form.getlist("countries"))
    for name in ("owner", "customer"):
        # A condition that this kind of record does not know is not asked for, whatever box was left ticked.
        if name in takes and form.get(name) == "me" and _knows(trigger, table, name):
            found[name] = "me"
    if "level" in takes:
        found["level"] = form.get("level", "")
    return Conditions(**found)


def _knows(trigger: Trigger, table: str, name: str) -> bool:
    if trigger not in (Trigger.status_change, Trigger.owner_change) or table not in atlas.known():
        return True
    return (rules.OWNER if name == "owner" else rules.CUSTOMER) in atlas.known()[table].fields


def stored(rule: NotificationRule | None) -> Typed:
    """What a form starts with."""
    if rule is None:
        asked = Asked(Trigger.new_customer, Conditions())
        return Typed("", asked, AS_TRIGGER, NotificationPriority.normal.value, True)
    asked = rules.read(rule.trigger_type, rule.trigger_config)
    kind = rule.notification_type
    if asked.trigger is not None and kind == delivery.TYPES[asked.trigger].value:
        kind = AS_TRIGGER
    return Typed(rule.name, asked, kind, rule.notification_priority, rule.is_active)


@dataclass(frozen=True)
class Offer:
    """What the form lets one choose; what the viewer may not see is not offered."""

    triggers: list[tuple[str, str, str]]  # value, label, the conditions it takes
    whats: list[tuple[str, list[tuple[str, str]]]]  # kind of record, its fields
    whose: list[tuple[str, str]]
    codes: list[tuple[str, str, tuple[Choice, ...]]]  # table.column, label, choices
    countries: list[str]
    kinds: list[tuple[str, str]]
    priorities: list[tuple[str, str]]
    levels: list[tuple[str, str]]
    owned: list[str]
    with_customer: list[str]


def offer(viewer: Viewer, stages: Sequence[Choice]) -> Offer:
    tables = [table for table in rules.status_tables() if viewer.sees(atlas.known()[table].module)]
    fields = {
        table: [name for name in rules.status_columns(table) if atlas.known()[table].reads(viewer, name)]
        for table in tables
    }
    labels = {(table, name): wording.field_label(table, name) for table, names in fields.items() for name in names}
    return Offer(
        triggers=[(one.value, label, " ".join(rules.TAKES[one])) for one, label in wording.triggers().items()],
        whats=[
            (_(atlas.known()[table].many), [(f"{table}.{name}", labels[table, name]) for name in names])
            for table, names in fields.items() if names
        ],
        whose=[
            (table, _(atlas.known()[table].many)) for table in rules.owner_tables()
            if viewer.sees(atlas.known()[table].module)
        ],
        codes=[
            (f"{table}.{name}", label, wording.codes(table, name) or tuple(stages))
            for (table, name), label in labels.items()
        ],
        countries=[country.value for country in Country if country.value in (viewer.countries or ())],
        kinds=[(kind.value, reading.type_label(kind)) for kind in NotificationType],
        priorities=[(one.value, reading.priority_label(one)) for one in NotificationPriority],
        levels=list(wording.levels().items()),
        owned=[table for table in tables if rules.OWNER in atlas.known()[table].fields],
        with_customer=[table for table in tables if rules.CUSTOMER in atlas.known()[table].fields],
    )  # fmt: skip
