"""What the form of a rule lets one choose: triggers and actions with their controls, and fields to compare.

What the viewer may not see is not offered; stages are those of the chosen pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.viewer import Right, Viewer, visible
from app.pipeline.automation import config as grammar
from app.pipeline.automation import rights, texts
from app.pipeline.automation import wording as words
from app.pipeline.automation.conditions import FIELDS, LONGEST, OPS, WITHOUT_VALUE, Kind, Op
from app.pipeline.automation.pages import seen, wording
from app.pipeline.automation.pages.controls import Control
from app.pipeline.models import AutomationRuleActionType, AutomationRuleTriggerType, Pipeline, PipelineStage
from app.screens import atlas
from app.screens.cells import choices_of
from app.screens.locale import said
from app.screens.page import Choice

_SUBJECT, _TEXT, _YEARS = 500, 10_000, 3650
COLLEAGUES = "/automation/colleagues.json"


@dataclass(frozen=True)
class Part:
    """A trigger or an action, with the controls it has."""

    value: str
    label: str
    controls: tuple[Control, ...]


@dataclass(frozen=True)
class Offer:
    """What one viewer may choose for rules of one pipeline."""

    triggers: tuple[Part, ...]
    actions: tuple[Part, ...]
    fields: tuple[tuple[str, tuple[Choice, ...]], ...]
    stages: tuple[Choice, ...]
    pipeline_id: str

    @property
    def known_fields(self) -> set[str]:
        return {pick.value for _label, picks in self.fields for pick in picks}


def offer(session: Session, viewer: Viewer, pipeline_id: str) -> Offer:
    stages = seen.stages_of(session, viewer, pipeline_id) if pipeline_id else ()
    picks = tuple(Choice(stage.id, stage.name) for stage in stages)
    return Offer(
        triggers=_triggers(viewer, picks),
        actions=_actions(session, viewer, pipeline_id, stages, picks),
        fields=_fields(viewer),
        stages=picks,
        pipeline_id=pipeline_id,
    )


def _triggers(viewer: Viewer, stages: tuple[Choice, ...]) -> tuple[Part, ...]:
    def control(kind: AutomationRuleTriggerType, key: str) -> Control:
        known = _trigger_controls(viewer, stages)[key]
        if kind is AutomationRuleTriggerType.deal_rotting and key == "stage_id":
            known = replace(known, label=_("In the stage"), empty=_("Any stage"))
        return replace(known, name=f"when.{kind.value}.{key}", key=key)

    labels = wording.triggers()
    return tuple(
        Part(kind.value, labels[kind.value], tuple(control(kind, key) for key in grammar.TAKES[kind]))
        for kind in AutomationRuleTriggerType
    )


def _trigger_controls(viewer: Viewer, stages: tuple[Choice, ...]) -> Mapping[str, Control]:
    types = choices_of(wording.column_of("deal_activities", "type"))
    screen = atlas.known()["customers"]
    fields = tuple(
        Choice(name, said(screen.fields[name].label))
        for name in grammar.CUSTOMER_FIELDS
        if viewer.sees(screen.module) and screen.reads(viewer, name)
    )
    return {
        "stage_id": Control("", "", _("To the stage"), "choice", picks=stages, empty=_("Any stage")),
        "from_stage_id": Control("", "", _("From the stage"), "choice", picks=stages, empty=_("Any stage")),
        "activity_type": Control("", "", _("Kind of activity"), "choice", picks=types, empty=_("Any kind")),
        "fields": Control("", "", _("Which data"), "choices", picks=fields, help=_("None chosen: any of them.")),
        "days": Control(
            "", "", _("Days in the stage"), "integer", least=1, most=_YEARS, unit=_("days"),
            help=_("Empty: what the stage itself allows."),
        ),
    }  # fmt: skip


def placeholders() -> tuple[Choice, ...]:
    """What may stand in a text, each as it is inserted."""
    labels = wording.placeholders()
    return tuple(Choice(f"{{{name}}}", labels.get(name, name)) for name in texts.PLACEHOLDERS)


def _actions(
    session: Session, viewer: Viewer, pipeline_id: str, stages: Sequence[PipelineStage], picks: tuple[Choice, ...]
) -> tuple[Part, ...]:
    of = {
        "create_activity": _planning(viewer, pipeline_id),
        "send_email": _mailing(),
        "assign_owner": _owning(pipeline_id),
        "update_deal": _changing(viewer),
        "move_stage": _moving(stages, picks),
        "add_note": (
            Control("", "text", _("Note"), "text", required=True, longest=_TEXT, wide=True,
                    placeholders=placeholders(), help=_("The first line becomes the subject of the note.")),
        ),
        "create_deal": _adding(session, viewer),
    }  # fmt: skip
    labels = wording.actions()
    return tuple(
        Part(
            kind.value,
            labels[kind.value],
            tuple(replace(one, name=f"then.{kind.value}.{one.key}") for one in of[kind.value]),
        )
        for kind in AutomationRuleActionType
    )


def _planning(viewer: Viewer, pipeline_id: str) -> tuple[Control, ...]:
    types = choices_of(wording.column_of("deal_activities", "type"))
    priorities = choices_of(wording.column_of("deal_activities", "priority"))
    return (
        Control("", "type", _("Kind of activity"), "choice", required=True, picks=types),
        Control("", "user_id", _("Responsible"), "relation", table="users", href=colleagues_href(pipeline_id),
                help=_("Empty: the owner of the deal.")),
        Control("", "subject", _("Subject"), "string", required=True, longest=_SUBJECT, wide=True,
                placeholders=placeholders()),
        Control("", "description", _("Description"), "text", longest=_TEXT, wide=True),
        Control("", "due_in_days", _("Due in"), "integer", most=_YEARS, unit=_("days"),
                help=_("Empty or 0: at once.")),
        Control("", "priority", _("Priority"), "choice", picks=priorities, empty=_("Normal")),
        Control("", "remind_hours_before", _("Remind before it is due"), "integer", most=24 * 30, unit=_("hours"),
                help=_("Empty: no reminder.")),
    )  # fmt: skip


def _mailing() -> tuple[Control, ...]:
    to = (Choice(grammar.CUSTOMER, _("The customer")), Choice(grammar.OWNER, _("The owner of the deal")))
    purposes = (
        Choice(grammar.MARKETING, _("Marketing: only with the customer's consent")),
        Choice(grammar.SERVICE, _("Service: about what the customer has with us")),
    )
    return (
        Control("", "to", _("To"), "choice", required=True, picks=to),
        Control("", "purpose", _("Purpose"), "choice", required=True, picks=purposes),
        Control("", "subject", _("Subject"), "string", required=True, longest=_SUBJECT, wide=True,
                placeholders=placeholders()),
        Control("", "body", _("Text"), "text", required=True, longest=_TEXT, wide=True, placeholders=placeholders()),
    )  # fmt: skip


def _owning(pipeline_id: str) -> tuple[Control, ...]:
    href = colleagues_href(pipeline_id)
    ways = (Choice(grammar.FEWEST_OPEN, _("Whoever has the fewest open deals")),)
    return (
        Control("", "way", _("Whom"), "choice", picks=ways, empty=_("One colleague")),
        Control("", "user_id", _("Colleague"), "relation", table="users", href=href, when="way", when_values=("",)),
        Control("", "user_ids", _("Among these colleagues"), "relations", table="users", href=href, wide=True,
                when="way", when_values=(grammar.FEWEST_OPEN,)),
    )  # fmt: skip


def _changing(viewer: Viewer) -> tuple[Control, ...]:
    screen = atlas.known()["deals"]

    def label(name: str) -> str:
        return said(screen.fields[name].label)

    known = {
        "value": Control("", "value", label("value"), "money", help=_("In the currency of the deal.")),
        "probability": Control("", "probability", label("probability"), "integer", most=100, unit="%"),
        "expected_close_date": Control(
            "", "expected_close_in_days", _("Expected close in"), "integer", most=_YEARS, unit=_("days")
        ),
        "source": Control("", "source", label("source"), "string", longest=255),
        "campaign_id": Control(
            "", "campaign_id", label("campaign_id"), "relation", table="campaigns", href="/deals/pick/campaign_id"
        ),
        "notes": Control(
            "", "add_to_notes", _("Add to the notes"), "text", longest=_TEXT, wide=True, placeholders=placeholders()
        ),
    }
    return tuple(one for column, one in known.items() if screen.right(viewer, column) is Right.editable)


def _moving(stages: Sequence[PipelineStage], picks: tuple[Choice, ...]) -> tuple[Control, ...]:
    lost = tuple(stage.id for stage in stages if stage.is_lost_stage)
    return (
        Control("", "stage_id", _("Stage"), "choice", required=True, picks=picks),
        Control("", "lost_reason", _("Reason"), "string", longest=_SUBJECT, when="stage_id", when_values=lost,
                help=_("A lost deal needs a reason.")),
    )  # fmt: skip


def _adding(session: Session, viewer: Viewer) -> tuple[Control, ...]:
    pipelines = seen.pipelines(session, viewer)
    names = {one.id: one.name for one in pipelines}
    screen = atlas.known()["deals"]
    keep = tuple(
        Choice(name, _("Products") if name == "products" else said(screen.fields[name].label))
        for name in grammar.KEPT
        if name not in grammar.KEPT_ALWAYS and (name == "products" or screen.reads(viewer, name))
    )
    return (
        Control("", "pipeline_id", _("Pipeline"), "choice", required=True, picks=_pipeline_picks(pipelines)),
        Control("", "stage_id", _("Stage"), "choice", picks=_all_stages(session, viewer, names),
                empty=_("The first stage")),
        Control("", "title", _("Title"), "string", required=True, longest=_SUBJECT, wide=True,
                placeholders=placeholders()),
        Control("", "keep", _("Taken over from the deal"), "choices", picks=keep, wide=True,
                help=_("Customer and country are always taken over.")),
    )  # fmt: skip


def _pipeline_picks(pipelines: Sequence[Pipeline]) -> tuple[Choice, ...]:
    return tuple(Choice(one.id, one.name) for one in pipelines if one.is_active is not False)


def _all_stages(session: Session, viewer: Viewer, pipelines: Mapping[str, str]) -> tuple[Choice, ...]:
    """Stages of all pipelines, each with the name of its own."""
    found = session.scalars(visible(PipelineStage, viewer).order_by(PipelineStage.order, PipelineStage.name)).all()
    places = {key: place for place, key in enumerate(pipelines)}
    ordered = sorted((one for one in found if one.pipeline_id in places), key=lambda one: places[one.pipeline_id])
    return tuple(Choice(one.id, f"{pipelines[one.pipeline_id]} · {one.name}") for one in ordered)


def colleagues_href(pipeline_id: str) -> str:
    return f"{COLLEAGUES}?{urlencode({'pipeline_id': pipeline_id})}"


# Conditions --------------------------------------------------------------------------


def _fields(viewer: Viewer) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    def picks(customer: bool) -> tuple[Choice, ...]:
        return tuple(
            Choice(name, words.field_label(name)) for name, field in FIELDS.items()
            if (field.table == "customers") is customer and rights.reads_field(viewer, name)
        )  # fmt: skip

    groups = ((_("Deal"), picks(False)), (_("Customer"), picks(True)))
    return tuple((label, found) for label, found in groups if found)


def operators_of(name: str) -> tuple[Choice, ...]:
    if name not in FIELDS:
        return ()
    kind = FIELDS[name].kind
    labels = wording.operators(kind)
    return tuple(Choice(op.value, labels[op.value]) for op in OPS[kind])


def value_control(name: str, op: str, control_name: str, offered: Offer) -> Control | None:
    """What a value is typed or chosen with; None where none is needed."""
    if name not in FIELDS or op in {one.value for one in WITHOUT_VALUE}:
        return None
    field, several = FIELDS[name], op == Op.is_in.value
    start = Control(control_name, "value", _("Value"), "string", required=True)
    if name == "stage_id":
        return replace(start, kind="choices" if several else "choice", picks=offered.stages)
    if field.kind is Kind.choice:
        picks = choices_of(wording.column_of(field.table, field.column))
        return replace(start, kind="choices" if several else "choice", picks=picks)
    if field.kind in (Kind.key, Kind.keys):
        hrefs = {
            "users": colleagues_href(offered.pipeline_id), "campaigns": "/deals/pick/campaign_id",
            "products": "/deal_products/pick/product_id",
        }  # fmt: skip
        return replace(start, kind="relations" if several else "relation", table=field.target,
                       href=hrefs[field.target])  # fmt: skip
    if field.kind is Kind.money:
        return replace(start, kind="money", help=_("In the currency of the deal."))
    if field.kind in (Kind.number, Kind.days):
        return replace(start, kind="integer", least=-_YEARS, most=_YEARS, unit=_("days") * (field.kind is Kind.days))
    return replace(start, kind="tags" if several else "string", longest=LONGEST)
