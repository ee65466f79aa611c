"""A rule as one sentence, in the words of whoever reads it: names he may know, amounts and numbers of his locale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_decimal
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.viewer import Viewer
from app.pipeline.automation import config as grammar
from app.pipeline.automation import references, rights, texts
from app.pipeline.automation import wording as words
from app.pipeline.automation.conditions import FIELDS, WITHOUT_VALUE, Condition, Kind, Op
from app.pipeline.automation.config import (
    AddNote,
    AssignOwner,
    Config,
    CreateActivity,
    CreateDeal,
    Draft,
    MoveStage,
    SendEmail,
    Trigger,
    UpdateDeal,
)
from app.pipeline.automation.wording import Names
from app.pipeline.models import AutomationRuleTriggerType as When
from app.screens import atlas
from app.screens.cells import choices_of, money_text
from app.screens.fields import Field
from app.screens.locale import said, within

STAGES, USERS, CAMPAIGNS, PIPELINES = "pipeline_stages", "users", "campaigns", "pipelines"
_CUSTOMER = "customers"
_LONGEST = 60  # characters of a text inside a sentence


@dataclass(frozen=True)
class Sentence:
    """`when` and `then` are the two halves, without conditions; `conditions` one text each; `whole` all of it."""

    when: str
    conditions: tuple[str, ...]
    then: str
    whole: str


# Names -------------------------------------------------------------------------------


def names_in(session: Session, viewer: Viewer, found: Iterable[Config]) -> Names:
    """Names of all records that these rules speak of, in one statement."""
    named = (one for config in found for one in references.named(Draft("", "", config)))
    return words.names_of(session, viewer, ((one.table, one.key) for one in named))


def texts_of(condition: Condition) -> tuple[str, ...]:
    """The value or values of a condition as texts."""
    value = condition.value
    if value is None:
        return ()
    return tuple(str(one) for one in value) if isinstance(value, tuple) else (str(value),)


# Rights ------------------------------------------------------------------------------


def hidden_from(viewer: Viewer, one: Config) -> list[str]:
    """Names of conditions, and columns that the action writes, which this viewer may not know of."""
    found = []
    if one.trigger is not None:
        found += [c.field for c in one.trigger.conditions if not rights.reads_field(viewer, c.field)]
        if one.trigger.type is When.customer_updated:
            found += [name for name in one.trigger.fields if not rights.reads(viewer, _CUSTOMER, name)]
    found += [name for name in rights.written_by(one.action) if not rights.reads(viewer, "deals", name)]
    return found


# Words -------------------------------------------------------------------------------


def triggers() -> dict[str, str]:
    return {
        When.deal_created.value: _("A deal is added"),
        When.stage_changed.value: _("A deal moves to another stage"),
        When.deal_won.value: _("A deal is won"),
        When.deal_lost.value: _("A deal is lost"),
        When.deal_rotting.value: _("A deal stands still for too long"),
        When.activity_completed.value: _("An activity is completed"),
        When.customer_updated.value: _("Data of the customer change"),
    }


def actions() -> dict[str, str]:
    return {
        "create_activity": _("Plan an activity"),
        "send_email": _("Send an e-mail"),
        "assign_owner": _("Change the owner"),
        "update_deal": _("Change values of the deal"),
        "move_stage": _("Move the deal to a stage"),
        "add_note": _("Write a note"),
        "create_deal": _("Add another deal"),
    }


def operators(kind: Kind) -> dict[str, str]:
    """What each operator is called for a kind of field."""
    own: dict[Op, str] = {}
    if kind is Kind.keys:
        own = {Op.eq: _("includes"), Op.ne: _("does not include"), Op.is_in: _("includes one of")}
    elif kind is Kind.days:
        own = {Op.ge: _("is at least … days away"), Op.le: _("is at most … days away")}
    return {op.value: own.get(op) or words.op_label(op) for op in Op}


def column_of(table: str, column: str) -> Field:
    return atlas.known()[table].fields[column]


def activity_type(code: str) -> str:
    field = column_of("deal_activities", "type")
    return next((choice.label for choice in choices_of(field) if choice.value == code), code)


def placeholders() -> dict[str, str]:
    """What each placeholder of a text stands for."""
    return {
        "customer_name": _("Name of the customer"),
        "customer_first_name": _("First name"),
        "deal_title": _("Deal"),
        "deal_value": _("Value"),
        "owner_name": _("Owner"),
        "pipeline_name": _("Pipeline"),
        "stage_name": _("Stage"),
    }


def quoted(text: str) -> str:
    """A text that somebody wrote, within a sentence: placeholders as what they stand for, and not all of a long one."""
    text = texts.filled(text, {name: f"‹{label}›" for name, label in placeholders().items()})
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
    return _("“%(text)s”", text=short.removesuffix("."))


def _listed(texts: Iterable[str]) -> str:
    parts = list(texts)
    if len(parts) < 2:
        return "".join(parts)
    return _("%(some)s or %(last)s", some=", ".join(parts[:-1]), last=parts[-1])


def _named(names: Names, table: str, key: str) -> str:
    return quoted(names.get((table, key)) or _("(gone, or no access)"))


def _person(names: Names, key: str) -> str:
    return names.get((USERS, key)) or _("(gone, or no access)")


def sentence(viewer: Viewer, one: Config, names: Names) -> Sentence:
    """What is not there yet is an ellipsis, so that a rule in the making reads as far as it goes."""
    when = _when(viewer, one.trigger, names) if one.trigger is not None else _("When …")
    conditions = _conditions(viewer, one.trigger, names) if one.trigger is not None else ()
    then = _then(viewer, one, names)
    told = _(" and ").join([when, *conditions])
    whole = _("%(when)s: %(then)s.", when=told, then=then) if one.action else f"{told} …"
    return Sentence(when, conditions, then, whole)


def _when(viewer: Viewer, asked: Trigger, names: Names) -> str:
    stage = _named(names, STAGES, asked.stage_id) if asked.stage_id else ""
    before = _named(names, STAGES, asked.from_stage_id) if asked.from_stage_id else ""
    kind = asked.type
    if kind is When.stage_changed:
        if stage and before:
            return _("When a deal moves from %(before)s to %(stage)s", before=before, stage=stage)
        if before:
            return _("When a deal leaves %(before)s", before=before)
        return _("When a deal moves to %(stage)s", stage=stage) if stage else _("When a deal moves to another stage")
    if kind is When.deal_rotting:
        return _rotting(asked.days, stage)
    if kind is When.activity_completed and asked.activity_type:
        return _("When an activity is completed (%(type)s)", type=within(activity_type(asked.activity_type)))
    if kind is When.customer_updated and asked.fields:
        labels = [
            within(said(column_of(_CUSTOMER, name).label))
            if rights.reads(viewer, _CUSTOMER, name)
            else _("a hidden field")
            for name in asked.fields
        ]
        return _("When data of the customer change (%(fields)s)", fields=", ".join(labels))
    return {
        When.deal_created: _("When a deal is added"),
        When.deal_won: _("When a deal is won"),
        When.deal_lost: _("When a deal is lost"),
        When.activity_completed: _("When an activity is completed"),
        When.customer_updated: _("When data of the customer change"),
    }[kind]


def _rotting(days: int | None, stage: str) -> str:
    if days is None:
        if stage:
            return _("When a deal stands in %(stage)s for longer than the stage allows", stage=stage)
        return _("When a deal stands in its stage for longer than that allows")
    if stage:
        return ngettext(
            "When a deal stands in %(stage)s for %(num)s day", "When a deal stands in %(stage)s for %(num)s days",
            days, stage=stage,
        )  # fmt: skip
    return ngettext(
        "When a deal stands in its stage for %(num)s day", "When a deal stands in its stage for %(num)s days", days
    )


def _conditions(viewer: Viewer, asked: Trigger, names: Names) -> tuple[str, ...]:
    currencies = {str(c.value) for c in asked.conditions if c.field == "currency" and c.op is Op.eq}
    currency = currencies.pop() if len(currencies) == 1 else ""
    return tuple(condition_text(viewer, one, names, currency) for one in asked.conditions)


def condition_text(viewer: Viewer, one: Condition, names: Names, currency: str = "") -> str:
    """One condition in words; of a field that is hidden nothing is told."""
    if not rights.reads_field(viewer, one.field):
        return _("a hidden field fits")
    label, kind = within(words.field_label(one.field)), FIELDS[one.field].kind
    operator = operators(kind)[one.op.value]
    if one.op in WITHOUT_VALUE:
        return _("%(field)s %(operator)s", field=label, operator=operator)
    value = value_text(one, names, currency)
    if kind is Kind.days:
        days = int(one.value) if isinstance(one.value, Decimal) else 0
        if one.op is Op.ge:
            return ngettext(
                "%(field)s is at least %(num)s day away", "%(field)s is at least %(num)s days away", days, field=label
            )
        return ngettext(
            "%(field)s is at most %(num)s day away", "%(field)s is at most %(num)s days away", days, field=label
        )
    return _("%(field)s %(operator)s %(value)s", field=label, operator=operator, value=value)


def value_text(one: Condition, names: Names, currency: str = "") -> str:
    field, values = FIELDS[one.field], texts_of(one)
    if field.kind is Kind.money and isinstance(one.value, Decimal):
        return amount_text(one.value, currency)
    if field.kind is Kind.number and isinstance(one.value, Decimal):
        return str(format_decimal(one.value, locale=get_locale()))
    if field.kind is Kind.choice or field.target == USERS:
        return _listed(words.value(field, value, names) for value in values)
    if field.target:
        return _listed(_named(names, field.target, value) for value in values)
    return _listed(quoted(value) for value in values)


def amount_text(amount: Decimal, currency: str = "") -> str:
    """An amount in the deal's own currency where none is said."""
    whole = amount == amount.to_integral_value()
    if currency:
        return money_text(amount, currency)
    return str(format_decimal(amount, format="#,##0" if whole else "#,##0.00", locale=get_locale()))


def _then(viewer: Viewer, one: Config, names: Names) -> str:
    act = one.action
    if act is None:
        return "…"
    if isinstance(act, CreateActivity):
        return _planned(act, names)
    if isinstance(act, SendEmail):
        to = _("the customer") if act.to == grammar.CUSTOMER else _("the owner of the deal")
        return _("send the e-mail %(subject)s to %(to)s", subject=quoted(act.subject), to=to)
    if isinstance(act, AssignOwner):
        if act.way:
            people = _listed(_person(names, key) for key in act.user_ids)
            return _("give the deal to whoever has the fewest open ones: %(people)s", people=people)
        return _("give the deal to %(person)s", person=_person(names, act.user_id))
    if isinstance(act, MoveStage):
        return _("move the deal to %(stage)s", stage=_named(names, STAGES, act.stage_id))
    if isinstance(act, AddNote):
        return _("write the note %(text)s", text=quoted(act.text.split("\n")[0]))
    if isinstance(act, CreateDeal):
        pipeline = _named(names, PIPELINES, act.pipeline_id)
        return _("add the deal %(title)s to the pipeline %(pipeline)s", title=quoted(act.title), pipeline=pipeline)
    return _("change %(what)s", what=", ".join(_changes(viewer, act, names)))


def _planned(act: CreateActivity, names: Names) -> str:
    what = {"type": within(activity_type(act.type)), "subject": quoted(act.subject)}
    who = _person(names, act.user_id) if act.user_id else _("the owner of the deal")
    if not act.due_in_days:
        return _("plan an activity (%(type)s) %(subject)s for %(who)s, due at once", who=who, **what)
    return ngettext(
        "plan an activity (%(type)s) %(subject)s for %(who)s in %(num)s day",
        "plan an activity (%(type)s) %(subject)s for %(who)s in %(num)s days",
        act.due_in_days, who=who, **what,
    )  # fmt: skip


def _changes(viewer: Viewer, act: UpdateDeal, names: Names) -> list[str]:
    labels = {name: within(said(column_of("deals", name).label)) for name in atlas.known()["deals"].fields}
    told: list[tuple[str, str]] = []
    if act.value is not None:
        told.append(("value", amount_text(act.value)))
    if act.probability is not None:
        told.append(("probability", str(act.probability)))
    if act.source:
        told.append(("source", quoted(act.source)))
    if act.campaign_id:
        told.append(("campaign_id", _named(names, CAMPAIGNS, act.campaign_id)))
    if act.expected_close_in_days is not None:
        days = act.expected_close_in_days
        told.append(("expected_close_date", ngettext("in %(num)s day", "in %(num)s days", days)))
    if act.add_to_notes:
        told.append(("notes", quoted(act.add_to_notes.split("\n")[0])))
    return [
        _("%(field)s to %(value)s", field=labels[name], value=value)
        if rights.reads(viewer, "deals", name)
        else _("a hidden field")
        for name, value in told
    ]
