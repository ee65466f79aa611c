"""Rules in words: triggers, conditions and actions as sentences, with names as far as the reader may know them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.core.viewer import Viewer
from app.pipeline.automation import references
from app.pipeline.automation.conditions import FIELDS, WITHOUT_VALUE, Condition, Field, Kind, Op
from app.pipeline.automation.config import (
    CUSTOMER,
    Action,
    AddNote,
    AssignOwner,
    CreateActivity,
    CreateDeal,
    Draft,
    MoveStage,
    SendEmail,
    Trigger,
    UpdateDeal,
)
from app.pipeline.models import AutomationRuleTriggerType
from app.screens import atlas
from app.screens.cells import choices_of, money_text
from app.screens.query import names_in

Names = Mapping[tuple[str, str], str]
"""Names of records by table and key; one that is missing is gone, or not the reader's to know."""


def names_of(session: Session, viewer: Viewer, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The names of these records (table, key). One statement."""
    asked = [pair for pair in dict.fromkeys(wanted) if pair[1] and pair[0] in atlas.known()]
    found = names_in(session, atlas.known(), viewer, [((table,), key) for table, key in asked])
    return {pair: name for pair, name in zip(asked, found, strict=True) if name}


def names_in_rule(session: Session, viewer: Viewer, rule: Draft) -> dict[tuple[str, str], str]:
    """The names of everything that a rule names. One statement."""
    return names_of(session, viewer, ((one.table, one.key) for one in references.named(rule)))


def field_label(name: str) -> str:
    """What a condition is about."""
    field = FIELDS[name]
    label = _label(field.table, field.column)
    return _("Customer: %(field)s", field=label) if field.table == "customers" else label


def op_label(op: Op) -> str:
    return {
        Op.eq: _("is"),
        Op.ne: _("is not"),
        Op.is_in: _("is one of"),
        Op.ge: _("is at least"),
        Op.le: _("is at most"),
        Op.contains: _("contains"),
        Op.empty: _("is empty"),
        Op.filled: _("is filled in"),
    }[op]


def condition(one: Condition, names: Names) -> str:
    """The condition as a short sentence without a full stop."""
    said = f"{field_label(one.field)} {op_label(one.op)}"
    if one.op in WITHOUT_VALUE:
        return said
    values = one.value if isinstance(one.value, tuple) else (one.value,)
    return f"{said} {', '.join(value(FIELDS[one.field], each, names) for each in values)}"


def value(field: Field, known: Any, names: Names, *, currency: str = "") -> str:
    """One value of a condition or of a deal as it is read; "–" for nothing."""
    if known is None or known == "":
        return "–"
    if field.kind is Kind.money:
        return money_text(Decimal(known), currency)
    if field.kind is Kind.days:
        return _days(int(known))
    if field.kind in (Kind.key, Kind.keys):
        return names.get((field.target, str(known))) or _("(no access)")
    if field.kind is Kind.choice:
        return _code(field.table, field.column, str(known))
    return str(known)


def trigger(one: Trigger, names: Names) -> str:
    """When the rule acts, its conditions left aside; a sentence without a full stop."""
    kinds = AutomationRuleTriggerType
    stage, before = _stage(one.stage_id, names), _stage(one.from_stage_id, names)
    if one.type is kinds.stage_changed:
        if stage and before:
            return _("A deal moves from “%(before)s” to “%(stage)s”", before=before, stage=stage)
        if stage:
            return _("A deal comes to “%(stage)s”", stage=stage)
        return _("A deal leaves “%(stage)s”", stage=before) if before else _("A deal changes its stage")
    if one.type is kinds.deal_rotting:
        if one.days is None:
            said = _("A deal stands longer in its stage than the stage allows")
        else:
            said = ngettext("A deal does not move for %(num)s day", "A deal does not move for %(num)s days", one.days)
        return f"{said} ({stage})" if stage else said
    if one.type is kinds.activity_completed:
        kind = _code("deal_activities", "type", one.activity_type) if one.activity_type else ""
        return _("An activity is completed: %(kind)s", kind=kind) if kind else _("An activity is completed")
    if one.type is kinds.customer_updated:
        labels = ", ".join(_label("customers", name) for name in one.fields)
        return _("The customer changes: %(fields)s", fields=labels) if labels else _("The customer changes")
    return {
        kinds.deal_created: _("A deal is new"),
        kinds.deal_won: _("A deal is won"),
        kinds.deal_lost: _("A deal is lost"),
    }[one.type]


def action(one: Action, names: Names, text: Callable[[str], str] = str) -> list[str]:
    """What the rule does, one sentence for each thing; `text` fills placeholders."""
    return list(_ACTIONS[type(one)](one, names, text))


def _create_activity(one: CreateActivity, names: Names, text: Callable[[str], str]) -> list[str]:
    kind = _code("deal_activities", "type", one.type)
    who = names.get(("users", one.user_id)) or _("(no access)") if one.user_id else _("the owner of the deal")
    said = _("Add the activity “%(subject)s” (%(kind)s), due %(when)s, for %(who)s.", subject=text(one.subject),
             kind=kind, when=_days(one.due_in_days), who=who)  # fmt: skip
    return [said]


def _send_email(one: SendEmail, names: Names, text: Callable[[str], str]) -> list[str]:
    if one.to == CUSTOMER:
        return [_("Send the e-mail “%(subject)s” to the customer.", subject=text(one.subject))]
    return [_("Send the e-mail “%(subject)s” to the owner of the deal.", subject=text(one.subject))]


def _assign_owner(one: AssignOwner, names: Names, text: Callable[[str], str]) -> list[str]:
    if one.user_id:
        name = names.get(("users", one.user_id)) or _("(no access)")
        return [_("Give the deal to %(name)s.", name=name)]
    people = ", ".join(names.get(("users", key)) or _("(no access)") for key in one.user_ids)
    return [_("Give the deal to whoever has the fewest open deals: %(names)s.", names=people)]


def _update_deal(one: UpdateDeal, names: Names, text: Callable[[str], str]) -> list[str]:
    values = {
        "probability": f"{one.probability} %" if one.probability is not None else "",
        "value": money_text(one.value, "") if one.value is not None else "",
        "source": one.source,
        "campaign_id": (names.get(("campaigns", one.campaign_id)) or _("(no access)")) if one.campaign_id else "",
        "expected_close_date": _days(one.expected_close_in_days) if one.expected_close_in_days is not None else "",
    }
    said = [_("Set “%(field)s” to %(value)s.", field=_label("deals", name), value=known)
            for name, known in values.items() if known]  # fmt: skip
    if one.add_to_notes:
        said.append(_("Add to the notes: “%(text)s”.", text=text(one.add_to_notes)))
    return said


def _move_stage(one: MoveStage, names: Names, text: Callable[[str], str]) -> list[str]:
    return [_("Move the deal to “%(stage)s”.", stage=_stage(one.stage_id, names))]


def _add_note(one: AddNote, names: Names, text: Callable[[str], str]) -> list[str]:
    return [_("Add the note “%(text)s”.", text=text(one.text))]


def _create_deal(one: CreateDeal, names: Names, text: Callable[[str], str]) -> list[str]:
    pipeline = names.get(("pipelines", one.pipeline_id)) or _("(no access)")
    title = text(one.title)
    if one.stage_id:
        return [_("Add the deal “%(title)s” to the pipeline “%(pipeline)s”, in “%(stage)s”.", title=title,
                  pipeline=pipeline, stage=_stage(one.stage_id, names))]  # fmt: skip
    return [_("Add the deal “%(title)s” to the pipeline “%(pipeline)s”.", title=title, pipeline=pipeline)]


_ACTIONS: dict[type[Any], Callable[[Any, Names, Callable[[str], str]], list[str]]] = {
    CreateActivity: _create_activity,
    SendEmail: _send_email,
    AssignOwner: _assign_owner,
    UpdateDeal: _update_deal,
    MoveStage: _move_stage,
    AddNote: _add_note,
    CreateDeal: _create_deal,
}


def _label(table: str, column: str) -> str:
    screen = atlas.known().get(table)
    f = screen.fields.get(column) if screen else None
    return _(f.label) if f else column


def _code(table: str, column: str, code: str) -> str:
    screen = atlas.known().get(table)
    f = screen.fields.get(column) if screen else None
    choices = choices_of(f) if f is not None else ()
    return next((choice.label for choice in choices if choice.value == code), code)


def _stage(key: str, names: Names) -> str:
    return (names.get(("pipeline_stages", key)) or _("(no access)")) if key else ""


def _days(days: int) -> str:
    """A day as seen from today."""
    if days == 0:
        return _("today")
    if days < 0:
        return ngettext("%(num)s day ago", "%(num)s days ago", -days)
    return ngettext("in %(num)s day", "in %(num)s days", days)
