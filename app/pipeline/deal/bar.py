"""The stages of a deal's pipeline as a path: where it stands, where it stood and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import format_timedelta
from sqlalchemy import func, select

from app.core.viewer import visible
from app.pipeline.board.moves import token_of
from app.pipeline.deal.forms import writes
from app.pipeline.models import Deal, DealActivity, DealStatus, DealStay, PipelineStage
from app.pipeline.rules.movement import missing_in, status_in
from app.pipeline.rules.rotting import moves_on
from app.screens.look import Look


@dataclass(frozen=True)
class Step:
    """One stage of the path. `kind` is open, won or lost, `spent` how long the deal was in it, in words.

    `asks` says that something must be told before the deal comes there; `passed` that it stood there before.
    """

    id: str
    name: str
    kind: str
    current: bool
    passed: bool
    spent: str
    asks: bool
    chance: int


@dataclass(frozen=True)
class Bar:
    """`seen` is the token of the place one has looked at; `movable` whether this viewer may move the deal.

    `steps` are the open stages, and the closed one the deal stands in; `endings` the closed ones it could go to.
    `back` is where a closed deal goes on when it is opened again.
    """

    steps: tuple[Step, ...]
    endings: tuple[Step, ...]
    back: Step | None
    seen: str
    movable: bool
    closed: str
    rotten: bool = False


def tells_stages(look: Look) -> bool:
    """Whether the viewer may know in which stage a deal is, and what that is called."""
    return look.reads("stage_id") and "name" in look.screens["pipeline_stages"].names(look.viewer)


def bar_of(look: Look, deal: Deal, *, may_change: bool, now: datetime) -> Bar | None:
    """None for who may not know the stage, or not the pipeline. Two statements, three for what may be rotting."""
    if not tells_stages(look):
        return None
    session, viewer = look.session, look.viewer
    asked = visible(PipelineStage, viewer).where(PipelineStage.pipeline_id == deal.pipeline_id)
    stages = list(session.scalars(asked.order_by(PipelineStage.order, PipelineStage.id)))
    if not stages:
        return None
    timed = look.reads("stage_entered_at")
    spent, latest = _spent(look, deal, now) if timed else ({}, [])
    steps = [_step(deal, stage, spent) for stage in stages]
    current = next((step for step in steps if step.current), None)
    closed = current.kind if current is not None and current.kind != "open" else ""
    open_ones = [step for step in steps if step.kind == "open"]
    back = next((step for key in latest for step in open_ones if step.id == key), next(iter(open_ones), None))
    stage = next((stage for stage in stages if stage.id == deal.stage_id), None)
    return Bar(
        steps=tuple(step for step in steps if step.kind == "open" or step.current),
        endings=() if closed else tuple(step for step in steps if step.kind != "open"),
        back=back if closed else None,
        seen=token_of(deal.id, deal.stage_entered_at),
        movable=may_change and writes(look, "stage_id"),
        closed=closed,
        rotten=timed and stage is not None and _is_rotten(look, deal, stage, now),
    )


def _step(deal: Deal, stage: PipelineStage, spent: dict[str, timedelta]) -> Step:
    kind = status_in(stage)
    return Step(
        id=stage.id,
        name=stage.name,
        kind=kind.value,
        current=stage.id == deal.stage_id,
        passed=stage.id in spent and stage.id != deal.stage_id,
        spent=in_words(spent[stage.id]) if stage.id in spent else "",
        asks=kind is DealStatus.lost or bool(missing_in(deal, stage)),
        chance=stage.probability or 0,
    )


def _spent(look: Look, deal: Deal, now: datetime) -> tuple[dict[str, timedelta], list[str]]:
    """How long the deal was in each stage, all its stays together; and the stages, the latest left first."""
    stay = visible(DealStay, look.viewer).where(DealStay.deal_id == deal.id, DealStay.stage_id.is_not(None)).subquery()
    together = func.sum(func.extract("epoch", func.coalesce(stay.c.left_at, now) - stay.c.entered_at))
    asked = select(stay.c.stage_id, together).group_by(stay.c.stage_id).order_by(func.max(stay.c.left_at).desc())
    found = look.session.execute(asked.execution_options(viewer=look.viewer)).all()
    return {key: timedelta(seconds=float(seconds)) for key, seconds in found}, [key for key, _seconds in found]


def in_words(span: timedelta) -> str:
    """A length of time as people say it: "3 days", "5 hours"."""
    return str(format_timedelta(max(span, timedelta()), granularity="minute", threshold=0.99))


def _is_rotten(look: Look, deal: Deal, stage: PipelineStage, now: datetime) -> bool:
    """As on the board: what was done lately counts too, for who may know of it."""
    if status_in(stage) is not DealStatus.open or stage.rotting_days is None or deal.stage_entered_at is None:
        return False
    since = now - timedelta(days=stage.rotting_days)
    there = look.at("deal_activities")
    if deal.stage_entered_at > since or not look.viewer.sees(there.screen.module):
        return False
    if not all(there.reads(name) for name in ("type", "is_completed", "completed_at")):
        return False
    done = visible(DealActivity, look.viewer).where(DealActivity.deal_id == deal.id, moves_on())
    asked = done.with_only_columns(DealActivity.id).where(DealActivity.completed_at >= since).limit(1)
    return look.session.scalar(asked) is None
