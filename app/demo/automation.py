"""What automation rules did lately, so that their log tells something."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, insert, literal, select, update

from app.demo.world import World, row_id
from app.pipeline.models import (
    AutomationRule,
    AutomationRuleTriggerType,
    AutomationRun,
    AutomationRunOutcome,
    Deal,
    DealActivity,
    DealStatus,
    DealStay,
    PipelineStage,
)

_LATELY = 14  # runs of each rule
_REFUSED = "Earlier e-mail to this address was refused for good."
_TYPES = AutomationRuleTriggerType
_MADE = {"create_activity": "deal_activities", "add_note": "deal_activities"}


def load(world: World) -> None:
    """The newest occasions of each rule that has ever run; older runs are forgotten, and only counted."""
    world.flush()
    for rule in world.session.scalars(select(AutomationRule).order_by(AutomationRule.name)).all():
        if rule.execution_count:
            _runs(world, rule)


def _runs(world: World, rule: AutomationRule) -> None:
    found = _occasions(rule).subquery("found")
    newest = select(found).where(found.c.at < world.now).order_by(found.c.at.desc(), found.c.deal_id)
    rows = world.session.execute(newest.limit(_LATELY)).all()
    runs = [_run(world, rule, turn, row) for turn, row in enumerate(rows)]
    if rows:
        world.session.execute(insert(AutomationRun), runs)  # not counted: the document does not know the table
        last = update(AutomationRule).where(AutomationRule.id == rule.id).values(last_executed_at=rows[0].at)
        world.session.execute(last, execution_options={"synchronize_session": False})


def _run(world: World, rule: AutomationRule, turn: int, row: Any) -> dict[str, Any]:
    refused = rule.action_type == "send_email" and turn % 6 == 4
    table = _MADE.get(rule.action_type)
    return {
        "id": row_id(AutomationRun, f"{rule.id}-{turn}"),
        "rule_id": rule.id,
        "event_key": f"demo:{turn}",
        "deal_id": row.deal_id,
        "outcome": AutomationRunOutcome.skipped if refused else AutomationRunOutcome.done,
        "reason": _REFUSED if refused else None,
        "made_table": table,
        "made_key": _activity(world, row.deal_id) if table else None,
        "at": row.at + timedelta(seconds=1 + turn % 3),
        "took_ms": 14 + 7 * turn % 40,
        "depth": 1,
        "chain": f"demo:{rule.id}:{turn}",
    }


def _occasions(rule: AutomationRule) -> Select[Any]:
    """(deal_id, at) of what set the rule off."""
    of_pipeline = Deal.pipeline_id == rule.pipeline_id
    stay = select(DealStay.deal_id, DealStay.entered_at.label("at")).join(Deal, Deal.id == DealStay.deal_id)
    if rule.trigger_type is _TYPES.stage_changed:
        return stay.where(of_pipeline, DealStay.stage_id == rule.trigger_config["stage_id"])
    if rule.trigger_type is _TYPES.deal_won:
        return stay.join(PipelineStage, PipelineStage.id == DealStay.stage_id).where(
            of_pipeline, PipelineStage.is_won_stage
        )
    if rule.trigger_type is _TYPES.deal_rotting:
        days = literal(timedelta(days=rule.trigger_config["days"]))
        rotten = select(DealStay.deal_id, (DealStay.entered_at + days).label("at"))
        return rotten.join(Deal, Deal.id == DealStay.deal_id).where(of_pipeline, Deal.status == DealStatus.open)
    if rule.trigger_type is _TYPES.activity_completed:
        done = DealActivity
        asked = select(done.deal_id, done.completed_at.label("at")).join(Deal, Deal.id == done.deal_id)
        return asked.where(of_pipeline, done.is_completed, done.type == rule.trigger_config["activity_type"])
    return select(Deal.id.label("deal_id"), Deal.created_at.label("at")).where(of_pipeline)


def _activity(world: World, deal_id: str) -> str | None:
    """An activity of the deal that the rule could have made."""
    asked = select(func.min(DealActivity.id)).where(DealActivity.deal_id == deal_id)
    return world.session.scalar(asked)
