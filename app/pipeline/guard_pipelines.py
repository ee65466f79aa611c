"""What holds for pipelines and stages whichever door they came through: editor, form, REST, import, cell of a list.

There is a default among the active pipelines as long as there is any, and it
has an open stage; what comes past the doors the database mends itself
(migration 0024). What a stage says of its deals is true of them: when it
becomes won, lost or open, they do too. Nothing that works by itself points to
a stage that is removed. The listeners work from the moment this module is
imported (`app.tables` does).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Text, cast, event, func, inspect, or_, select
from sqlalchemy.orm import Session

from app.core.errors import InUse
from app.core.live import ping_all
from app.core.records import changed
from app.core.scope import tell_again
from app.core.viewer import SYSTEM, Viewer, visible
from app.pipeline.errors import NotLikeThis
from app.pipeline.models import AutomationRule, Deal, Pipeline, PipelineStage
from app.pipeline.rules.stages import Kind, kind_of
from app.pipeline.services import following

_EYES = {"viewer": SYSTEM}  # what holds for all must be known of all
_FLAGS = ("is_won_stage", "is_lost_stage")


@event.listens_for(Session, "before_flush")
def _hold_to_rules(session: Session, context: object, instances: object) -> None:
    with session.no_autoflush:
        pipelines = [row for row in (*session.new, *session.dirty) if isinstance(row, Pipeline)]
        gone = [row for row in session.deleted if isinstance(row, Pipeline)]
        for row in pipelines:
            _look_at_pipeline(session, row)
        for row in gone:
            _let_go(session, row)
        stages = [row for row in session.dirty if isinstance(row, PipelineStage)]
        removed = [row for row in session.deleted if isinstance(row, PipelineStage)]
        for stage in removed:
            _demand_unnamed(session, [stage.id])
        left = {_before(stage, "pipeline_id") for stage in (*stages, *removed)}
        for pipeline in {*pipelines, *(session.get(Pipeline, key) for key in left if key)}:
            _keep_open_stage(session, pipeline)
        for stage in stages:
            if any(changed(stage, name) for name in _FLAGS):
                _take_deals_along(session, stage)
        if pipelines or gone or stages or removed:
            tell_again(session)  # what is written now is written by the viewer


@event.listens_for(Session, "after_flush")
def _draw_anew(session: Session, context: object) -> None:
    rows = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(row, Pipeline | PipelineStage) for row in rows):
        ping_all(session, following.BOARD)


# Pipelines --------------------------------------------------------------------


def _look_at_pipeline(session: Session, row: Pipeline) -> None:
    if row.country_codes and row not in session.new and changed(row, "country_codes"):
        _keep_countries(session, row)
    if session.info.get("unaudited"):
        return  # what a test or the demo data start from is as it is given
    was = _before(row, "is_default")
    if row.is_default and row.is_active is False:
        if was and changed(row, "is_active"):
            raise NotLikeThis("is_active", _stays_default(row))
        raise NotLikeThis("is_default", _("An inactive pipeline takes no new deals, so it cannot be the default."))
    if not row.is_default and was and not _another_takes_over(session, row):
        raise NotLikeThis("is_default", _stays_default(row))
    if row.is_default:
        if not was and _defaults(session, but=row.id):
            # `core.db` has taken it from whichever default the viewer may change.
            sentence = _("The default pipeline is one of other countries too, so only somebody of all can replace it.")
            raise NotLikeThis("is_default", sentence)
    elif row.is_active is not False and (row in session.new or changed(row, "is_active")) and _is_first(session, row):
        row.is_default = True


def _is_first(session: Session, row: Pipeline) -> bool:
    """Whether there is no default, and none comes with the same flush."""
    return not _defaults(session, but=None) and not _another_takes_over(session, row)


def _stays_default(row: Pipeline) -> str:
    return _("“%(name)s” is the default pipeline. Make another one the default first.", name=_before(row, "name") or "")


def _another_takes_over(session: Session, row: Pipeline) -> bool:
    return any(
        isinstance(other, Pipeline) and other is not row and other.is_default
        for other in (*session.new, *session.dirty)
        if other not in session.deleted
    )


def _defaults(session: Session, *, but: str | None) -> int:
    asked = select(func.count()).select_from(Pipeline).where(Pipeline.is_default.is_(True))
    return session.execute(
        asked if but is None else asked.where(Pipeline.id != but), execution_options=_EYES
    ).scalar_one()


def _let_go(session: Session, row: Pipeline) -> None:
    if row.is_default and not session.info.get("unaudited") and not _another_takes_over(session, row):
        raise InUse(_stays_default(row))
    keys = session.scalars(
        select(PipelineStage.id).where(PipelineStage.pipeline_id == row.id), execution_options=_EYES
    ).all()
    _demand_unnamed(session, keys, inside=row.id)


def _keep_countries(session: Session, row: Pipeline) -> None:
    """Raises NotLikeThis when deals would be left in a pipeline that is not for their country."""
    outside = select(func.count()).select_from(Deal)
    outside = outside.where(Deal.pipeline_id == row.id, Deal.country_code.not_in(row.country_codes or ()))
    count = session.execute(outside, execution_options=_EYES).scalar_one()
    if count:
        sentence = ngettext(
            "%(num)s deal of another country stands in this pipeline. Move it first.",
            "%(num)s deals of other countries stand in this pipeline. Move them first.",
            count,
        )
        raise NotLikeThis("country_codes", sentence)


# Stages -----------------------------------------------------------------------


def _keep_open_stage(session: Session, pipeline: Pipeline | None) -> None:
    """Raises NotLikeThis or InUse when the default pipeline has no open stage left, or a new default none yet."""
    if pipeline is None or not pipeline.is_default or pipeline in session.deleted or session.info.get("unaudited"):
        return
    stored = _stages_of(session, pipeline)
    left = [row for row in stored if row not in session.deleted and row.pipeline_id == pipeline.id]
    new = [row for row in session.new if isinstance(row, PipelineStage) and _in(row, pipeline)]
    if any(kind_of(row) is Kind.open for row in (*left, *new)):
        return
    if not _before(pipeline, "is_default"):
        if _others(session, pipeline):  # the very first pipeline gets its stages later
            raise NotLikeThis("is_default", _("Give the pipeline an open stage before it becomes the default."))
        return
    sentence = _("“%(name)s” is the default pipeline, and new deals begin in its open stage.", name=pipeline.name)
    if any(row in session.deleted for row in stored):
        raise InUse(sentence)
    for name in (*_FLAGS, "pipeline_id"):
        if any(changed(row, name) for row in stored):
            raise NotLikeThis(name, sentence)


def _in(stage: PipelineStage, pipeline: Pipeline) -> bool:
    return stage.pipeline is pipeline or (stage.pipeline_id is not None and stage.pipeline_id == pipeline.id)


def _others(session: Session, pipeline: Pipeline) -> bool:
    others = select(Pipeline.id).where(Pipeline.id != (pipeline.id or ""), Pipeline.is_active.is_not(False)).limit(1)
    return session.execute(others, execution_options=_EYES).first() is not None


def _stages_of(session: Session, pipeline: Pipeline) -> list[PipelineStage]:
    if pipeline.id is None:
        return []
    asked = select(PipelineStage).where(PipelineStage.pipeline_id == pipeline.id)
    return list(session.scalars(asked, execution_options=_EYES))


def _take_deals_along(session: Session, stage: PipelineStage) -> None:
    if kind_of(stage) is Kind.lost and (count := following.without_reason(session, stage.id)):
        sentence = ngettext(
            "%(num)s deal in this stage would be lost. Say why in the editor of the pipeline.",
            "%(num)s deals in this stage would be lost. Say why in the editor of the pipeline.",
            count,
        )
        raise NotLikeThis("is_lost_stage", sentence)
    following.follow(session, stage)


def _demand_unnamed(session: Session, keys: Collection[str], *, inside: str = "") -> None:
    """Raises InUse for rules that would go on with a stage that is not there; `inside` names whose rules go with it."""
    found = [rule for rule in naming(session, keys) if rule.pipeline_id != inside and rule not in session.deleted]
    active = [rule.name for rule in found if rule.is_active is not False]
    if active:
        raise InUse(
            _(
                "Automation rules name this stage: %(names)s. Switch them off first.",
                names=", ".join(f"“{name}”" for name in active[:5]),
            )
        )


def naming(session: Session, keys: Collection[str], viewer: Viewer = SYSTEM) -> list[AutomationRule]:
    """The automation rules, of whichever pipeline, whose conditions or details name one of these stages."""
    if not keys:
        return []
    columns = (AutomationRule.trigger_config, AutomationRule.action_config)
    told = or_(*(cast(column, Text).contains(f'"{key}"', autoescape=True) for column in columns for key in keys))
    asked = visible(AutomationRule, viewer).where(told).order_by(AutomationRule.name, AutomationRule.id)
    return list(session.scalars(asked))


def _before(row: Any, name: str) -> Any:
    """The value as it is in the database; None for a new row."""
    state = inspect(row)
    if state.identity is None:
        return None
    history = state.attrs[name].load_history()
    return next(iter(history.deleted or history.unchanged or ()), None)


def names_in(rule: AutomationRule, keys: Iterable[str]) -> set[str]:
    """Which of these stages the rule names."""
    told = json.dumps([rule.trigger_config, rule.action_config], default=str)
    return {key for key in keys if f'"{key}"' in told}
