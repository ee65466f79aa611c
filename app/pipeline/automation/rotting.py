"""Deals that stand too long: found by the clock, told once for each stay in a stage.

A deal rots when it is open, came into its stage longer ago than the rule's days (or those of the stage), and had no
activity completed since; a note is none (`rules.rotting`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Interval, Select, Text, and_, cast, func, literal, select, type_coerce
from sqlalchemy.orm import Session

from app.core.events import publish
from app.core.types import Timestamp
from app.pipeline.automation import conditions, config, facts
from app.pipeline.automation.config import Draft, Trigger
from app.pipeline.automation.events import DealRotted
from app.pipeline.models import (
    AutomationRule,
    AutomationRuleTriggerType,
    AutomationRun,
    Deal,
    DealActivity,
    DealStatus,
    PipelineStage,
)
from app.pipeline.rules.rotting import moves_on

AT_ONCE = 200  # deals that one rule is told of in one go
_PAGE, _PAGES = 500, 10  # deals that are looked at for them


def key_of(deal_id: str, entered_at: datetime) -> str:
    """What a rule answers once: this stay of this deal."""
    return f"rotting:{deal_id}:{entered_at.isoformat()}"


def tell(session: Session, *, now: datetime) -> int:
    """Publish which deals have rotted by which rule; gives how many. Safe to run twice."""
    asked = select(AutomationRule).where(
        AutomationRule.is_active, AutomationRule.trigger_type == AutomationRuleTriggerType.deal_rotting
    )
    rules = session.scalars(asked.order_by(AutomationRule.position, AutomationRule.created_at, AutomationRule.id)).all()
    return sum(_tell(session, config.draft_of(rule), now) for rule in rules)


def _tell(session: Session, rule: Draft, now: datetime) -> int:
    trigger = rule.config.trigger
    if trigger is None:
        return 0
    told, after = 0, None
    for _page in range(_PAGES):
        wanted = rotten(rule.pipeline_id, trigger, now=now)
        if rule.config.alive:
            wanted = wanted.where(~_answered(rule.id))
        if after is not None:
            wanted = wanted.where(func.row(Deal.stage_entered_at, Deal.id) > func.row(*after))
        rows = session.execute(wanted.order_by(Deal.stage_entered_at, Deal.id).limit(_PAGE)).all()
        known = facts.of_deals(session, [row.id for row in rows], trigger.conditions, now=now)
        for deal_id, entered_at in rows:
            if conditions.unmet(trigger.conditions, known[deal_id]) is None:
                event = DealRotted(rule.id, deal_id, entered_at.isoformat(), now.isoformat())
                publish(session, event, once=f"rule-{rule.id}:{key_of(deal_id, entered_at)}")
                told += 1
            if told >= AT_ONCE:
                return told
        if len(rows) < _PAGE:
            return told
        after = (literal(rows[-1].stage_entered_at, Timestamp), literal(rows[-1].id))
    return told


def rotten(pipeline_id: str, trigger: Trigger, *, now: datetime) -> Select[Any]:
    """Deals of the pipeline that rot at this moment: (id, stage_entered_at)."""
    stage, done = PipelineStage, DealActivity
    days = literal(trigger.days) if trigger.days is not None else stage.rotting_days
    limit = type_coerce(literal(now, Timestamp) - cast(func.make_interval(0, 0, 0, days), Interval), Timestamp)
    moved = select(done.id).where(done.deal_id == Deal.id, moves_on(), done.completed_at >= limit)
    found = (
        select(Deal.id, Deal.stage_entered_at)
        .join(stage, stage.id == Deal.stage_id)
        .where(
            stage.pipeline_id == pipeline_id,
            Deal.status == DealStatus.open,
            Deal.stage_entered_at < limit,
            ~moved.correlate(Deal, stage).exists(),
        )
    )
    return found.where(stage.id == trigger.stage_id) if trigger.stage_id else found


def _answered(rule_id: str) -> Any:
    iso = func.to_char(Deal.stage_entered_at, 'YYYY-MM-DD"T"HH24:MI:SS.US')
    short = func.regexp_replace(iso, r"\.000000$", "")  # as Python writes it
    key = literal("rotting:") + cast(Deal.id, Text) + ":" + short + "+00:00"
    run = AutomationRun
    return select(run.id).where(and_(run.rule_id == rule_id, run.event_key == key)).correlate(Deal).exists()
