"""What the pages about pipelines are drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.viewer import EVERYWHERE
from app.pipeline.editor import form, queries
from app.pipeline.editor.form import Typed, TypedStage
from app.pipeline.editor.queries import Held
from app.pipeline.editor.rights import FLAGS, May
from app.pipeline.models import DealField, Pipeline, PipelineStage
from app.pipeline.rules.stages import MOST_STAGES, PALETTE, Kind, Planned, drawn_color, kind_of, lacking, templates
from app.pipeline.services.removing import STAGES
from app.screens.fields import choice_label
from app.screens.page import Choice


@dataclass(frozen=True)
class Step:
    """A stage in a coloured strip. `open` deals are None for who sees none."""

    name: str
    color: str
    kind: Kind
    open: int | None = None


@dataclass(frozen=True)
class Line:
    """A pipeline in the list."""

    pipeline: Pipeline
    steps: tuple[Step, ...]
    open: int | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Beginning:
    """Something a new pipeline can begin with."""

    source: str
    name: str
    description: str
    steps: tuple[Step, ...]


def overview(session: Session, may: May) -> dict[str, Any]:
    """All pipelines that the viewer may know of."""
    found = queries.pipelines(session, may.viewer)
    keys = [pipeline.id for pipeline in found]
    stages = queries.stages_of(session, may.viewer, keys)
    counts = queries.open_deals(session, may.viewer, keys)
    lines = [_line(may, pipeline, stages[pipeline.id], counts) for pipeline in found]
    return {"may": may, "lines": lines, "without": _uncovered(may, found)}


def _line(may: May, pipeline: Pipeline, stages: Sequence[PipelineStage], counts: dict[str, int]) -> Line:
    known = may.reads_deals
    steps = tuple(
        Step(stage.name, drawn_color(stage.color), kind_of(stage), counts.get(stage.id, 0) if known else None)
        for stage in stages
    )
    total = sum(counts.get(stage.id, 0) for stage in stages) if known else None
    warnings = lacking({kind_of(stage) for stage in stages}) if may.reads_stage(*FLAGS) else []
    return Line(pipeline, steps, total, tuple(warnings))


def _uncovered(may: May, found: Sequence[Pipeline]) -> str:
    """Countries of the viewer for whose deals there is no active pipeline, as a list in words."""
    if not may.reads("country_codes", "is_active"):
        return ""
    active = [pipeline for pipeline in found if pipeline.is_active is not False]
    if any(not pipeline.country_codes for pipeline in active):
        return ""
    covered = {code for pipeline in active for code in pipeline.country_codes or ()}
    missing = [code for code in may.countries if code not in covered]
    return format_list(missing, locale=get_locale() or "en") if missing else ""


def beginning(session: Session, may: May, typed: Typed, source: str) -> dict[str, Any]:
    """What a new pipeline can begin with, and what was typed."""
    found = [Beginning(one.key, one.name, one.description, _planned(one.stages)) for one in templates()]
    known = queries.pipelines(session, may.viewer)
    stages = queries.stages_of(session, may.viewer, [pipeline.id for pipeline in known])
    copies = [
        Beginning(
            f"copy:{pipeline.id}",
            called(may, pipeline),
            (pipeline.description or "") if may.reads("description") else "",
            tuple(Step(stage.name, drawn_color(stage.color), kind_of(stage)) for stage in stages[pipeline.id])
            if may.reads_stage("name", "color", *FLAGS) else (),
        )
        for pipeline in known if stages[pipeline.id]
    ]  # fmt: skip
    offered = {one.source for one in (*found, *copies)}
    return {
        "may": may,
        "typed": typed,
        "templates": found,
        "copies": copies,
        "source": source if source in offered else found[0].source,
        "countries": may.countries,
    }


def _planned(stages: Sequence[Planned]) -> tuple[Step, ...]:
    return tuple(Step(one.name, one.color, one.kind) for one in stages)


def editor(session: Session, may: May, pipeline: Pipeline, typed: Typed, now: Typed) -> dict[str, Any]:
    """The editor: what was typed, over what is `now` stored and hangs on it."""
    stages = queries.stages_of(session, may.viewer, [pipeline.id])[pipeline.id]
    held = queries.held_by(session, may.viewer, stages)
    kinds = {Kind(stage.kind) for stage in typed.stages if stage.kind in set(Kind) and not stage.gone}
    deals = sum(one.all for one in held.values()) if may.reads_deals else None
    return {
        "may": may,
        "pipeline": pipeline,
        "typed": typed,
        "now": now,
        "stored": {stage.key: stage for stage in now.stages},
        "held": held,
        "leaving": _leaving(may, stages),
        "nothing": Held(),
        "deals": deals,
        "still_open": sum(one.open for one in held.values()),
        "rules": queries.rules_of(session, may.viewer, pipeline.id),
        "closed": "" if may.edits else why_closed(may, pipeline),
        "called": called(may, pipeline),
        "warnings": lacking(kinds) if may.reads_stage(*FLAGS) else [],
        "blank": TypedStage("new-0"),
        "palette": PALETTE,
        "drawn_color": drawn_color,
        "kinds": [Choice(value, label) for value, label in form.kinds().items()],
        "fields": [Choice(one.value, _(choice_label(DealField, one.value))) for one in DealField],
        "labels": {name: _(field.label) for name, field in may.screens[STAGES].fields.items()},
        "flags": FLAGS,
        "countries": may.countries if may.edits else list(EVERYWHERE),
        "most": MOST_STAGES,
        "wrong_stages": {name.partition(":")[0] for name in typed.errors if ":" in name},
    }


@dataclass(frozen=True)
class Leaving:
    """A stage that a worker is removing: where its deals go, and whether the viewer asked for it."""

    to: str
    mine: bool


def _leaving(may: May, stages: Sequence[PipelineStage]) -> dict[str, Leaving]:
    names = {stage.id: stage.name for stage in stages} if may.reads_stage("name") else {}
    return {
        stage.id: Leaving(names.get(stage.going["to"], _("Stage")), stage.going["by"] == may.viewer.user_id)
        for stage in stages if stage.going
    }  # fmt: skip


def called(may: May, pipeline: Pipeline) -> str:
    """The name of the pipeline, for who may read it."""
    return pipeline.name if may.reads("name") else _("Pipeline")


def why_closed(may: May, pipeline: Pipeline) -> str:
    """Why the viewer cannot change the pipeline."""
    if may.changes:
        return _("You may look at this pipeline, but not change it.")
    if pipeline.country_codes and may.reads("country_codes"):
        codes = ", ".join(pipeline.country_codes)
        return _("This pipeline is for %(codes)s. Only somebody who works in all of them may change it.", codes=codes)
    return _("This pipeline is for all countries. Only somebody who works in all of them may change it.")
