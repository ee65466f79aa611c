"""What happened, answered by rules: every listener is one line, `running` does the work."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.events import Happened, Later, on
from app.core.records import RecordAdded, RecordChanged
from app.pipeline.automation import config, occasions, rotting, running
from app.pipeline.automation.events import DealRotted
from app.pipeline.automation.occasions import Occasion
from app.pipeline.models import AutomationRule, AutomationRuleTriggerType, AutomationRun, Deal

KEPT = timedelta(days=400)
_SECONDS = 60
_BATCH = 5_000


@on(RecordAdded, seconds=_SECONDS, concerns=occasions.concerns_added, narrow=occasions.narrow_added)
def answer_added(session: Session, happened: Happened[RecordAdded]) -> Later | None:
    """A new deal, or an activity that was completed when it was noted. Safe to run twice."""
    running.answer(session, happened, occasions.of_added(session, happened))
    return None


@on(RecordChanged, seconds=_SECONDS, concerns=occasions.concerns_changed, narrow=occasions.narrow_changed)
def answer_changed(session: Session, happened: Happened[RecordChanged]) -> Later | None:
    """A deal moved, was won or lost, an activity was completed, a customer changed. Safe to run twice."""
    running.answer(session, happened, occasions.of_changed(session, happened))
    return None


@on(DealRotted, seconds=_SECONDS)
def answer_rotted(session: Session, happened: Happened[DealRotted]) -> Later | None:
    """A deal has stood too long, and still does. Safe to run twice."""
    event = happened.event
    deal, rule = session.get(Deal, event.deal_id), session.get(AutomationRule, event.rule_id)
    trigger = config.of(rule).trigger if rule is not None else None
    if deal is None or rule is None or trigger is None or deal.stage_entered_at is None:
        return None
    still = rotting.rotten(rule.pipeline_id, trigger, now=datetime.fromisoformat(event.at)).where(Deal.id == deal.id)
    if deal.stage_entered_at.isoformat() != event.entered_at or session.execute(still).one_or_none() is None:
        return None  # it has moved, or somebody has worked on it: it does not rot any more
    key = rotting.key_of(deal.id, deal.stage_entered_at)
    kind = AutomationRuleTriggerType.deal_rotting
    found = Occasion(kind, deal.id, deal.pipeline_id, key, stage_id=deal.stage_id)
    running.answer(session, happened, [found], rule_id=rule.id)
    return None


def find_rotten(session: Session, *, now: datetime) -> None:
    """Tell of deals that stand too long. Safe to run twice: each stay is told once for each rule."""
    rotting.tell(session, now=now)


def forget_old(session: Session, *, now: datetime) -> None:
    """Remove old runs, but those that say that a stay was answered. A bounded number at a time. Safe to run twice."""
    run = AutomationRun
    old = (
        select(run.id).where(run.at < now - KEPT, ~run.event_key.startswith("rotting:")).order_by(run.at).limit(_BATCH)
    )
    session.execute(delete(run).where(run.id.in_(old)), execution_options={"synchronize_session": False})


LISTENERS = (answer_added, answer_changed, answer_rotted)
