"""What a rule says: `automation_rules.trigger_config` and `action_config` as typed values, and back.

Reading never raises: whatever is wrong is told as a `Problem` with the column it stands in, the key inside it
("conditions.0.value", "values.probability") and a sentence. Whether stages, people and pipelines that are named
still exist is asked for in `references`.

trigger_config: {"stage_id", "from_stage_id"} for stage_changed, {"activity_type"} for activity_completed, {"fields"}
for customer_updated, {"days"} for deal_rotting, {"conditions": [{"field", "op", "value"}]} for every trigger.
action_config: the attributes of the action's class below, under the same names; empty ones may be left out.
What older systems called the same is read as well (`former`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.pipeline.automation import conditions, former, readers
from app.pipeline.automation.conditions import Condition, Wrong
from app.pipeline.automation.readers import Reader
from app.pipeline.models import (
    AutomationRule,
    AutomationRuleActionType,
    AutomationRuleTriggerType,
    DealActivityPriority,
    DealActivityType,
)

MOST_CONDITIONS = 20
MOST_PEOPLE = 50
TRIGGER, ACTION = "trigger_config", "action_config"
CUSTOMER_FIELDS = (
    "client_status", "lead_status", "status", "service_type", "assigned_user_id", "first_name", "last_name", "email",
    "phone", "mobile", "address", "city", "postal_code", "vip_status_id", "newsletter",
)  # fmt: skip
"""What is told of customers who change (`customers.info["watched"]`)."""
KEPT = ("customer_id", "country_code", "assigned_user_id", "campaign_id", "source", "value", "expected_close_date",
        "notes", "products")  # fmt: skip
KEPT_ALWAYS = ("customer_id", "country_code")
DEFAULT_KEPT = (*KEPT_ALWAYS, "assigned_user_id")
CUSTOMER, OWNER = "customer", "owner"
MARKETING, SERVICE = "marketing", "service"
FEWEST_OPEN = "fewest_open"


# What sets it off ----------------------------------------------------------------


@dataclass(frozen=True)
class Trigger:
    """What sets a rule off. Empty narrows nothing; `days` empty: the stage's own `rotting_days`."""

    type: AutomationRuleTriggerType
    stage_id: str = ""
    from_stage_id: str = ""
    activity_type: str = ""
    fields: tuple[str, ...] = ()
    days: int | None = None
    conditions: tuple[Condition, ...] = ()

    def dump(self) -> dict[str, Any]:
        found = {name: _json(getattr(self, name)) for name in TAKES[self.type] if getattr(self, name) not in _EMPTY}
        if self.conditions:
            found["conditions"] = [one.dump() for one in self.conditions]
        return found


TAKES: Mapping[AutomationRuleTriggerType, tuple[str, ...]] = {
    AutomationRuleTriggerType.deal_created: (),
    AutomationRuleTriggerType.stage_changed: ("stage_id", "from_stage_id"),
    AutomationRuleTriggerType.deal_won: (),
    AutomationRuleTriggerType.deal_lost: (),
    AutomationRuleTriggerType.deal_rotting: ("stage_id", "days"),
    AutomationRuleTriggerType.activity_completed: ("activity_type",),
    AutomationRuleTriggerType.customer_updated: ("fields",),
}
"""What narrows each trigger, beside its conditions."""


# What it does --------------------------------------------------------------------


@dataclass(frozen=True)
class CreateActivity:
    """An open activity of the deal. `user_id` empty: the deal's owner. The texts take placeholders (`texts`)."""

    type: str
    subject: str
    description: str = ""
    due_in_days: int = 0
    priority: str = "normal"
    user_id: str = ""
    remind_hours_before: int | None = None


@dataclass(frozen=True)
class SendEmail:
    """An e-mail to the customer or the deal's owner, as the system. `purpose` decides which consent of a customer is
    needed: "marketing" (the default) the one to marketing e-mails, "service" none but that nothing was withdrawn."""

    to: str
    subject: str
    body: str
    purpose: str = MARKETING


@dataclass(frozen=True)
class AssignOwner:
    """Another owner: this one, or (`way` = "fewest_open") whoever of `user_ids` has the fewest open deals."""

    user_id: str = ""
    way: str = ""
    user_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class UpdateDeal:
    """Other values of the deal. JSON: {"values": {...}} of these names; None and "" leave the value as it is.

    `value` is in the deal's currency, `probability` in percent; `add_to_notes` goes below the notes there are.
    """

    probability: int | None = None
    value: Decimal | None = None
    source: str = ""
    campaign_id: str = ""
    expected_close_in_days: int | None = None
    add_to_notes: str = ""


@dataclass(frozen=True)
class MoveStage:
    """Another stage of the same pipeline; `lost_reason` is needed for a lost stage."""

    stage_id: str
    lost_reason: str = ""


@dataclass(frozen=True)
class AddNote:
    """A completed activity of the kind note; the first line is its subject. Takes placeholders."""

    text: str


@dataclass(frozen=True)
class CreateDeal:
    """A new deal in a pipeline; `stage_id` empty: its first stage. `keep` are columns that are taken over from the
    deal; customer and country always are."""

    pipeline_id: str
    title: str
    stage_id: str = ""
    keep: tuple[str, ...] = DEFAULT_KEPT


Action = CreateActivity | SendEmail | AssignOwner | UpdateDeal | MoveStage | AddNote | CreateDeal

_KINDS = AutomationRuleActionType
CLASSES: Mapping[AutomationRuleActionType, type[Action]] = {
    _KINDS.create_activity: CreateActivity,
    _KINDS.send_email: SendEmail,
    _KINDS.assign_owner: AssignOwner,
    _KINDS.update_deal: UpdateDeal,
    _KINDS.move_stage: MoveStage,
    _KINDS.add_note: AddNote,
    _KINDS.create_deal: CreateDeal,
}
_LONG, _SHORT = 10_000, 500


def _codes(kind: Any) -> tuple[str, ...]:
    return tuple(one.value for one in kind)


_TRIGGER_READERS: Mapping[str, Reader] = {
    "stage_id": readers.key,
    "from_stage_id": readers.key,
    "activity_type": readers.one_of(_codes(DealActivityType)),
    "fields": readers.some_of(CUSTOMER_FIELDS),
    "days": readers.whole(1, 3650),
}
_READERS: Mapping[type[Action], Mapping[str, Reader]] = {
    CreateActivity: {
        "type": readers.one_of(_codes(DealActivityType)),
        "subject": readers.line(_SHORT),
        "description": readers.text(_LONG),
        "due_in_days": readers.whole(0, 3650),
        "priority": readers.one_of(_codes(DealActivityPriority)),
        "user_id": readers.key,
        "remind_hours_before": readers.whole(0, 24 * 30),
    },
    SendEmail: {
        "to": readers.one_of((CUSTOMER, OWNER)),
        "subject": readers.line(_SHORT),
        "body": readers.text(_LONG),
        "purpose": readers.one_of((MARKETING, SERVICE)),
    },
    AssignOwner: {
        "user_id": readers.key,
        "way": readers.one_of((FEWEST_OPEN,)),
        "user_ids": readers.keys(MOST_PEOPLE),
    },
    UpdateDeal: {
        "probability": readers.whole(0, 100),
        "value": conditions.amount,
        "source": readers.line(255, placeholders=False),
        "campaign_id": readers.key,
        "expected_close_in_days": readers.whole(0, 3650),
        "add_to_notes": readers.text(_LONG),
    },
    MoveStage: {"stage_id": readers.key, "lost_reason": readers.line(_SHORT, placeholders=False)},
    AddNote: {"text": readers.text(_LONG)},
    CreateDeal: {
        "pipeline_id": readers.key,
        "title": readers.line(_SHORT),
        "stage_id": readers.key,
        "keep": readers.some_of(KEPT),
    },
}
_EMPTY: tuple[Any, ...] = (None, "", (), [])


# Reading --------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """What is wrong with a rule: the column it stands in, the key inside it ("" for all of it), and a sentence."""

    column: str
    key: str
    sentence: str


@dataclass(frozen=True)
class Config:
    """A rule as it was read. What could not be read is None and told among the problems."""

    trigger: Trigger | None
    action: Action | None
    problems: tuple[Problem, ...] = ()

    @property
    def alive(self) -> bool:
        return self.trigger is not None and self.action is not None and not self.problems


@dataclass(frozen=True)
class Draft:
    """A rule that need not be saved: what dry runs and looks back take. `id` is "" for a new one."""

    name: str
    pipeline_id: str
    config: Config
    id: str = ""


def draft_of(rule: AutomationRule) -> Draft:
    return Draft(rule.name, rule.pipeline_id, of(rule), rule.id or "")


def of(rule: AutomationRule) -> Config:
    return read(rule.trigger_type, rule.trigger_config, rule.action_type, rule.action_config)


def read(trigger_type: Any, trigger_config: Any, action_type: Any, action_config: Any) -> Config:
    """A rule from its four columns."""
    trigger, wrong = read_trigger(trigger_type, trigger_config)
    action, more = read_action(action_type, action_config)
    return Config(trigger, action, (*wrong, *more))


def read_trigger(trigger_type: Any, given: Any) -> tuple[Trigger | None, list[Problem]]:
    if trigger_type not in _codes(AutomationRuleTriggerType):
        return None, [_no_such("trigger_type", trigger_type, _codes(AutomationRuleTriggerType))]
    kind = AutomationRuleTriggerType(trigger_type)
    given = {} if given is None else former.trigger(kind, given)
    if not isinstance(given, dict):
        return None, [Problem(TRIGGER, "", _("The conditions must be a JSON object."))]
    own = {name: _TRIGGER_READERS[name] for name in TAKES[kind]}
    asked, problems = _conditions(given.get("conditions"))
    values, wrong = _taken(TRIGGER, {k: v for k, v in given.items() if k != "conditions"}, own, ("conditions",))
    problems += wrong
    if values.get("stage_id") and values.get("stage_id") == values.get("from_stage_id"):
        problems.append(Problem(TRIGGER, "from_stage_id", _("A deal cannot come from the stage it goes to.")))
    return Trigger(kind, conditions=tuple(asked), **values), problems


def read_action(action_type: Any, given: Any) -> tuple[Action | None, list[Problem]]:
    if action_type not in _codes(AutomationRuleActionType):
        return None, [_no_such("action_type", action_type, _codes(AutomationRuleActionType))]
    kind = CLASSES[AutomationRuleActionType(action_type)]
    given = {} if given is None else former.action(action_type, given)
    if not isinstance(given, dict):
        return None, [Problem(ACTION, "", _("The details must be a JSON object."))]
    inside = ""
    if kind is UpdateDeal:
        problems = [_unknown(ACTION, key, ("values",)) for key in given if key != "values"]
        given, inside = given.get("values") or {}, "values."
        if not isinstance(given, dict):
            return None, [*problems, Problem(ACTION, "values", _("The details must be a JSON object."))]
        values, wrong = _taken(ACTION, given, _READERS[kind], inside=inside)
        problems += wrong
    else:
        values, problems = _taken(ACTION, given, _READERS[kind])
    problems += _missing(kind, values, problems)
    return (None, problems) if problems else (kind(**values), [])


def dump(action: Action) -> dict[str, Any]:
    """The action as JSON, without what is empty."""
    found = {one.name: _json(getattr(action, one.name)) for one in fields(action)
             if getattr(action, one.name) not in _EMPTY}  # fmt: skip
    return {"values": found} if isinstance(action, UpdateDeal) else found


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Decimal) else value


def _conditions(given: Any) -> tuple[list[Condition], list[Problem]]:
    if given in _EMPTY:
        return [], []
    if not isinstance(given, list) or len(given) > MOST_CONDITIONS:
        sentence = _("Conditions are a list of at most %(most)s.", most=MOST_CONDITIONS)
        return [], [Problem(TRIGGER, "conditions", sentence)]
    found, problems = [], []
    for place, one in enumerate(given):
        try:
            found.append(conditions.read(one))
        except Wrong as wrong:
            key = ".".join(filter(None, ("conditions", str(place), wrong.key)))
            problems.append(Problem(TRIGGER, key, wrong.sentence))
    return found, problems


def _taken(
    column: str, given: Mapping[str, Any], own: Mapping[str, Reader], more: Sequence[str] = (), inside: str = ""
) -> tuple[dict[str, Any], list[Problem]]:
    """What is given, typed; what is empty is left out, what is unknown or wrong is told."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        if value in _EMPTY:
            continue
        if name not in own:
            problems.append(_unknown(column, name, (*own, *more), inside))
            continue
        try:
            values[name] = own[name](value)
        except Wrong as wrong:
            problems.append(Problem(column, inside + name, wrong.sentence))
    return values, problems


def _missing(kind: type[Action], values: Mapping[str, Any], problems: Sequence[Problem]) -> list[Problem]:
    """What an action cannot do without."""
    told = {problem.key for problem in problems}
    needed = {CreateActivity: ("type", "subject"), SendEmail: ("to", "subject", "body"), MoveStage: ("stage_id",),
              AddNote: ("text",), CreateDeal: ("pipeline_id", "title")}.get(kind, ())  # fmt: skip
    found = [Problem(ACTION, name, _("This field is required.")) for name in needed
             if name not in values and name not in told]  # fmt: skip
    if problems:
        return found
    if kind is UpdateDeal and not values:
        found.append(Problem(ACTION, "values", _("Say what is to be changed.")))
    if kind is AssignOwner:
        if values.get("way") and not values.get("user_ids"):
            found.append(Problem(ACTION, "user_ids", _("Choose among whom.")))
        elif bool(values.get("user_id")) is bool(values.get("way")):
            found.append(Problem(ACTION, "user_id", _("Choose a colleague, or a way to choose one.")))
        elif values.get("user_ids") and not values.get("way"):
            found.append(Problem(ACTION, "way", _("Choose a way to choose one of them.")))
    return found


def _unknown(column: str, key: Any, known: Sequence[str], inside: str = "") -> Problem:
    name = str(key)[:60]
    said = ", ".join(known) or "–"
    return Problem(
        column, inside + name, _("There is no setting “%(key)s”. Known are: %(known)s.", key=name, known=said)
    )


def _no_such(column: str, value: Any, known: Sequence[str]) -> Problem:
    sentence = _("There is no “%(value)s”. Choose one of these: %(known)s.", value=str(value)[:60],
                 known=", ".join(known))  # fmt: skip
    return Problem(column, "", sentence)
