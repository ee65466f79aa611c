"""What is done with a whole pipeline: begun, changed together with its stages, removed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Forbidden, InUse, NotFound, Unprocessable
from app.core.types import new_key
from app.core.viewer import SYSTEM, Right, Viewer
from app.pipeline.models import Deal, Pipeline, PipelineStage
from app.pipeline.rules.stages import MOST_STAGES, Kind, Planned, kind_of
from app.pipeline.services import following, removing
from app.pipeline.services.removing import DEALS, STAGES, Done, Removal
from app.screens import write
from app.screens.query import Screens

PIPELINES = "pipelines"
NEW = "new-"
"""What the keys of stages begin with that the database does not know yet."""
_EYES = {"viewer": SYSTEM}


@dataclass(frozen=True)
class StageDraft:
    """A stage as somebody wants it. `key` is its id, or begins with `NEW`.

    `values` are attributes by name, without those that the editor may not write; `kind` is None where he may not say
    it. `reason` is why its deals are lost when it becomes a lost stage. `follow`: open deals get its probability.
    """

    key: str
    values: Mapping[str, Any]
    kind: Kind | None = None
    reason: str = ""
    follow: bool = False


@dataclass(frozen=True)
class Draft:
    """A pipeline as somebody wants it: attributes, and its stages from left to right."""

    values: Mapping[str, Any]
    stages: Sequence[StageDraft]
    removed: Sequence[Removal] = ()


class Refused(Unprocessable):
    """Values that cannot be taken, by field of the pipeline or by "<key of the stage>:<field>"."""


def version_of(pipeline: Pipeline, stages: Sequence[PipelineStage]) -> str:
    """Another one whenever the pipeline or one of its stages is another one."""
    told = [pipeline.row_version, *sorted(f"{stage.id}:{stage.row_version}" for stage in stages)]
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:32]


def stages_of(session: Session, pipeline_id: str) -> list[PipelineStage]:
    """From left to right."""
    asked = select(PipelineStage).where(PipelineStage.pipeline_id == pipeline_id)
    return list(session.scalars(asked.order_by(PipelineStage.order, PipelineStage.created_at, PipelineStage.id)))


def create(
    session: Session, screens: Screens, viewer: Viewer, values: Mapping[str, Any], stages: Sequence[Planned]
) -> Pipeline:
    """A new pipeline with stages to begin with, from left to right. Raises Forbidden, ForeignCountry, Unprocessable."""
    _demand_name(values)
    pipeline: Pipeline = write.make(session, screens, screens[PIPELINES], viewer, values)
    pipeline.id = new_key()
    for place, planned in enumerate(stages):
        # What a template or another pipeline says is not the editor's to fill in field by field.
        session.add(
            PipelineStage(
                pipeline=pipeline,
                order=place,
                name=planned.name,
                color=planned.color,
                probability=planned.chance,
                rotting_days=planned.days,
                is_won_stage=planned.kind is Kind.won,
                is_lost_stage=planned.kind is Kind.lost,
                required_fields=list(planned.required) or None,
            )
        )
    write.flush(session, screens, screens[PIPELINES])
    return pipeline


def copied(stages: Sequence[PipelineStage]) -> tuple[Planned, ...]:
    """The stages of a pipeline, to begin another one with."""
    return tuple(
        Planned(
            stage.name,
            stage.color or "",
            stage.probability or 0,
            stage.rotting_days,
            kind_of(stage),
            tuple(stage.required_fields or ()),
        )
        for stage in stages
    )


def save(session: Session, screens: Screens, viewer: Viewer, pipeline_id: str, draft: Draft, *, version: str) -> Done:
    """Make the pipeline and its stages as they are drafted: all of it, or nothing.

    Deals follow: those of a removed stage go where the draft says, those of a stage that is won, lost or open now are
    the same. A stage with very many deals is removed by a worker (`removing`), after all else is saved. `version` is
    `version_of` what the editor looked at.

    Raises NotFound, Conflict, Refused (by field), Forbidden, ForeignCountry, TooManyDeals, DealsElsewhere, InUse.
    """
    pipeline, stored = _held(session, pipeline_id)
    if version != version_of(pipeline, list(stored.values())):
        raise Conflict
    _demand_whole(draft, stored)
    order = [stage.key for stage in draft.stages if stage.key in stored]
    if order != [key for key in stored if key in order] and not _writes(screens, viewer, "order"):
        raise Forbidden(_("You may not change the order of the stages."))
    problems: dict[str, list[str]] = {}
    with session.no_autoflush:
        _put(session, screens, viewer, PIPELINES, pipeline, draft.values, "", problems)
        rows = _put_stages(session, screens, viewer, pipeline, stored, draft.stages, problems)
    if problems:
        raise Refused(problems)
    with session.no_autoflush:
        # Whoever brings a deal into a stage that goes waits here, and then finds no stage.
        gone = select(PipelineStage.id).where(PipelineStage.id.in_([removal.key for removal in draft.removed]))
        session.execute(gone.order_by(PipelineStage.id).with_for_update())
        _close(session, viewer, stored, draft.stages, problems)
        removed = [removal for removal in draft.removed if not stored[removal.key].going]  # a worker has the others
        for removal in removed:
            for name, said in removing.hindrances(session, viewer, stored[removal.key], removal, rows).items():
                problems[f"{removal.key}:{name}"] = said
    if problems:
        raise Refused(problems)
    _flush(session, screens, PIPELINES)
    done = Done()
    for removal in removed:
        stage = stored[removal.key]
        if removing.takes_long(session, stage):
            removing.put_off(session, viewer, stage, removal, rows[removal.target])
            done.later.append(stage.name)
        else:
            removing.remove(session, screens, viewer, stage, removal, rows, done)
    _flush(session, screens, STAGES)
    for one in draft.stages:
        if one.follow and kind_of(rows[one.key]) is Kind.open:
            _demand_deals(viewer, screens)
            following.give_chance(session, rows[one.key])
    return done


def delete(session: Session, screens: Screens, viewer: Viewer, pipeline_id: str, *, version: str) -> str:
    """Remove a pipeline that holds no deals, with its stages and rules. Gives its name.

    Raises NotFound, Conflict, Forbidden, ForeignCountry, InUse.
    """
    pipeline, stored = _held(session, pipeline_id)
    if not viewer.may_edit(PIPELINES):
        raise Forbidden
    if version != version_of(pipeline, list(stored.values())):
        raise Conflict
    asked = select(func.count()).select_from(Deal).where(Deal.pipeline_id == pipeline.id)
    if session.execute(asked, execution_options=_EYES).scalar_one():
        raise InUse(_("“%(name)s” holds deals, so it cannot be deleted. Make it inactive instead.", name=pipeline.name))
    name = pipeline.name
    removing.keep_names(session, list(stored.values()))
    write.erase(session, screens[PIPELINES], viewer, pipeline, None)
    write.flush(session, screens, screens[PIPELINES])
    return name


# Step by step -----------------------------------------------------------------


def _held(session: Session, pipeline_id: str) -> tuple[Pipeline, dict[str, PipelineStage]]:
    """The pipeline with its stages from left to right, kept from everybody else until the end of the transaction.

    New deals only look at the key of their stage and do not wait. Raises NotFound.
    """
    fresh = {"populate_existing": True}
    found = select(Pipeline).where(Pipeline.id == pipeline_id).with_for_update(of=Pipeline, key_share=True)
    pipeline = session.scalars(found, execution_options=fresh).one_or_none()
    if pipeline is None:
        raise NotFound
    inside = select(PipelineStage).where(PipelineStage.pipeline_id == pipeline_id)
    inside = inside.order_by(PipelineStage.order, PipelineStage.created_at, PipelineStage.id)
    held = inside.with_for_update(of=PipelineStage, key_share=True)
    return pipeline, {stage.id: stage for stage in session.scalars(held, execution_options=fresh)}


def _demand_whole(draft: Draft, stored: Mapping[str, PipelineStage]) -> None:
    """Raises Refused unless the draft speaks of every stage once, of no other, and makes a pipeline."""
    kept, gone = [stage.key for stage in draft.stages], [removal.key for removal in draft.removed]
    if len({*kept, *gone}) != len(kept) + len(gone) or not stored.keys() <= {*kept, *gone}:
        raise Refused({}, [_("The order of the stages is damaged. Reload the page and try again.")])
    if not set(gone) <= stored.keys() or any(key not in stored and not key.startswith(NEW) for key in kept):
        raise Refused({}, [_("A stage is not there any more, or belongs to another pipeline. Reload the page.")])
    if len(kept) > MOST_STAGES:
        raise Refused({}, [_("A pipeline has at most %(most)s stages.", most=MOST_STAGES)])
    kinds = [stage.kind or (kind_of(stored[stage.key]) if stage.key in stored else Kind.open) for stage in draft.stages]
    if Kind.open not in kinds:
        raise Refused({}, [_("A pipeline needs an open stage, in which its deals begin.")])
    problems: dict[str, list[str]] = {}
    names: set[str] = set()
    for stage in draft.stages:
        name = str(stage.values.get("name", stored[stage.key].name if stage.key in stored else "")).strip()
        if not name:
            problems[f"{stage.key}:name"] = [_("This field is required.")]
        elif name.casefold() in names:
            problems[f"{stage.key}:name"] = [_("Another stage has the same name.")]
        names.add(name.casefold())
    if problems:
        raise Refused(problems)
    _demand_name({"name": "x", **draft.values})


def _demand_name(values: Mapping[str, Any]) -> None:
    if not str(values.get("name") or "").strip():
        raise Refused({"name": [_("This field is required.")]})


def _put_stages(
    session: Session, screens: Screens, viewer: Viewer, pipeline: Pipeline, stored: Mapping[str, PipelineStage],
    drafts: Sequence[StageDraft], problems: dict[str, list[str]],
) -> dict[str, PipelineStage]:  # fmt: skip
    """The stages as they are drafted, by the keys of their drafts; nothing is written yet."""
    rows: dict[str, PipelineStage] = {}
    for place, draft in enumerate(drafts):
        values = dict(draft.values)
        if draft.kind is not None:
            values |= {"is_won_stage": draft.kind is Kind.won, "is_lost_stage": draft.kind is Kind.lost}
        if draft.key in stored:
            rows[draft.key] = stored[draft.key]
            _put(session, screens, viewer, STAGES, stored[draft.key], values, draft.key, problems)
        else:
            try:
                made = write.make(session, screens, screens[STAGES], viewer, values | {"pipeline_id": pipeline.id})
            except Unprocessable as refused:
                _note(refused, draft.key, problems)
                continue
            rows[draft.key] = made
        if rows[draft.key].order != place:
            rows[draft.key].order = place
    return rows


def _put(
    session: Session, screens: Screens, viewer: Viewer, table: str, row: Any, values: Mapping[str, Any], key: str,
    problems: dict[str, list[str]],
) -> None:  # fmt: skip
    try:
        write.put(session, screens, screens[table], viewer, row, values, None)
    except Unprocessable as refused:
        _note(refused, key, problems)


def _note(refused: Unprocessable, key: str, problems: dict[str, list[str]]) -> None:
    for name, messages in refused.fields.items():
        problems.setdefault(f"{key}:{name}" if key else name, []).extend(messages)
    if refused.general:
        problems.setdefault(f"{key}:name" if key else "name", []).extend(refused.general)


def _close(
    session: Session, viewer: Viewer, stored: Mapping[str, PipelineStage], drafts: Sequence[StageDraft],
    problems: dict[str, list[str]],
) -> None:  # fmt: skip
    """Say why the deals of stages that become lost are lost; what they are follows with the flush. What keeps a stage
    as it is is noted in `problems`."""
    for draft in drafts:
        row = stored.get(draft.key)
        if row is None or draft.kind is None or not _kind_changes(session, row):
            continue
        if following.held_by(session, row.id) and not viewer.may_edit(DEALS):
            problems[f"{draft.key}:kind"] = [_("Deals stand in this stage, and you may not change deals.")]
        elif draft.kind is Kind.lost and (count := following.without_reason(session, row.id)):
            if draft.reason.strip():
                following.give_reason(session, row, draft.reason.strip())
            else:
                problems[f"{draft.key}:reason"] = [removing.reason_asked(count)]


def _kind_changes(session: Session, row: PipelineStage) -> bool:
    return row in session.dirty and kind_of(row) is not _stored_kind(session, row)


def _stored_kind(session: Session, row: PipelineStage) -> Kind:
    table = PipelineStage.__table__
    found = session.connection().execute(
        select(table.c.is_won_stage, table.c.is_lost_stage).where(table.c.id == row.id)
    )
    won, lost = found.one()
    return Kind.won if won else Kind.lost if lost else Kind.open


def _flush(session: Session, screens: Screens, table: str) -> None:
    """Raises Refused for what a guard or the database does not take."""
    try:
        write.flush(session, screens, screens[table])
    except Unprocessable as refused:
        raise Refused(refused.fields, refused.general) from refused


def _writes(screens: Screens, viewer: Viewer, name: str) -> bool:
    return screens[STAGES].right(viewer, name) is Right.editable


def _demand_deals(viewer: Viewer, screens: Screens) -> None:
    """Raises Forbidden for who may not change the probability of deals."""
    if not viewer.may_edit(DEALS) or screens[DEALS].right(viewer, "probability") is not Right.editable:
        raise Forbidden(_("You may not change the probability of deals."))
