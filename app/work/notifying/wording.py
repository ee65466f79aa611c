"""A rule in words: what sets it off and under which conditions, for the list of rules and for its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.viewer import Viewer
from app.pipeline.models import Pipeline, PipelineStage
from app.screens import atlas
from app.screens.cells import choices_of
from app.screens.page import Choice
from app.work.notifying import reading, rules
from app.work.notifying.rules import Asked, Conditions, Trigger

STAGES = "pipeline_stages"
MOST_STAGES = 300
Names = Mapping[tuple[str, str], str]


def triggers() -> dict[Trigger, str]:
    return {
        Trigger.new_customer: _("A customer is new"),
        Trigger.new_deal: _("A deal is new"),
        Trigger.status_change: _("A status changes"),
        Trigger.owner_change: _("A record gets another owner"),
        Trigger.new_email: _("An email comes in"),
        Trigger.new_sms: _("An SMS comes in"),
        Trigger.sentiment_alert: _("A message needs attention"),
        Trigger.task_assigned: _("A task is assigned"),
        Trigger.task_due: _("A task is due"),
        Trigger.task_completed: _("A task is completed"),
        Trigger.task_cancelled: _("A task is cancelled"),
        Trigger.mention: _("I am mentioned"),
    }


def levels() -> dict[str, str]:
    return {"warning": _("Warning and critical"), "critical": _("Critical only")}


def chips(asked: Asked, names: Names) -> list[str]:
    """The conditions as short sentences."""
    wanted, found = asked.conditions, []
    if wanted.table in atlas.known():
        found.append(_(atlas.known()[wanted.table].one))
    if wanted.column:
        found.append(field_label(wanted.table, wanted.column))
    for codes, sentence in ((wanted.before, _("from")), (wanted.after, _("to"))):
        if codes:
            labels = ", ".join(code_label(wanted.table, wanted.column, code, names) for code in codes)
            found.append(f"{sentence} {labels}")
    if wanted.countries:
        found.append(", ".join(wanted.countries))
    if wanted.owner:
        found.append(_("mine only"))
    if wanted.customer:
        found.append(_("of my customers"))
    if wanted.level:
        found.append(levels().get(wanted.level, wanted.level))
    return found


def field_label(table: str, column: str) -> str:
    screen = atlas.known().get(table)
    f = screen.fields.get(column) if screen else None
    return _(f.label) if f else column


def code_label(table: str, column: str, code: str, names: Names) -> str:
    if (STAGES, code) in names:
        return names[STAGES, code]
    return next((choice.label for choice in codes(table, column) if choice.value == code), code)


def codes(table: str, column: str) -> tuple[Choice, ...]:
    """The choices of a column in words; none where its values are keys."""
    screen = atlas.known().get(table)
    f = screen.fields.get(column) if screen else None
    return choices_of(f) if f is not None and not f.targets else ()


def stages(session: Session, viewer: Viewer) -> tuple[Choice, ...]:
    """The pipeline stages this viewer knows of, each with its pipeline. One statement."""
    if not atlas.known()[STAGES].names(viewer):
        return ()
    asked = (
        select(PipelineStage.id, PipelineStage.name, Pipeline.name)
        .join(Pipeline, Pipeline.id == PipelineStage.pipeline_id)
        .order_by(Pipeline.name, PipelineStage.order, PipelineStage.id)
        .limit(MOST_STAGES)
    )
    found = session.execute(asked, execution_options={"viewer": viewer})
    return tuple(Choice(key, f"{pipeline}: {stage}") for key, stage, pipeline in found)


def stage_names(session: Session, viewer: Viewer, wanted: Sequence[Conditions]) -> Names:
    """The names of the stages that these conditions are about; what is not in it is gone or not the viewer's."""
    keys = {(STAGES, code) for one in wanted if one.column == rules.STAGE for code in (*one.before, *one.after)}
    return reading.names_of(session, viewer, keys)


def dead_stages(wanted: Conditions, names: Names) -> list[str]:
    """Stages of a condition that are not there any more, as sentences."""
    if wanted.column != rules.STAGE:
        return []
    gone = [code for code in (*wanted.before, *wanted.after) if (STAGES, code) not in names]
    return [_("A stage is not there any more, or not yours.")] if gone else []
