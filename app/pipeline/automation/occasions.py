"""What an event means to rules: occasions, each about one deal and one trigger, read with the system's eyes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.events import Happened
from app.core.records import RecordAdded, RecordChanged
from app.pipeline.automation import config
from app.pipeline.automation.config import Trigger
from app.pipeline.models import (
    AutomationRule,
    AutomationRuleTriggerType,
    Deal,
    DealActivity,
    DealStatus,
    DealStay,
    PipelineStage,
)
from app.pipeline.rules import movement

DEALS, ACTIVITIES, CUSTOMERS = "deals", "deal_activities", "customers"
MOST_DEALS = 100  # of one customer
_TELLING = {DEALS: frozenset(("stage_id", "status")), ACTIVITIES: frozenset(("is_completed",))}
_TYPES = AutomationRuleTriggerType
OF_OPEN_DEALS = (_TYPES.customer_updated, _TYPES.deal_rotting)


@dataclass(frozen=True)
class Occasion:
    """`event_key` names it: the same rule answers it once. `stage_id` is where the deal came to by it."""

    type: AutomationRuleTriggerType
    deal_id: str
    pipeline_id: str
    event_key: str
    stage_id: str = ""
    from_stage_id: str = ""
    activity_type: str = ""
    columns: tuple[str, ...] = ()


def fits(trigger: Trigger, occasion: Occasion) -> bool:
    """Whether the occasion is what the trigger waits for, its conditions left aside."""
    tests = (
        trigger.type is occasion.type,
        not trigger.stage_id or trigger.stage_id == occasion.stage_id,
        not trigger.from_stage_id or trigger.from_stage_id == occasion.from_stage_id,
        not trigger.activity_type or trigger.activity_type == occasion.activity_type,
        not trigger.fields or bool(set(trigger.fields) & set(occasion.columns)),
    )
    return all(tests)


def concerns_added(event: RecordAdded) -> bool:
    return event.table in (DEALS, ACTIVITIES)


def concerns_changed(event: RecordChanged) -> bool:
    """Another owner sets nothing off: thousands of deals that are handed over cost no delivery."""
    return event.table == CUSTOMERS or bool(_TELLING.get(event.table, frozenset()) & set(event.columns))


_ADDED = {DEALS: {_TYPES.deal_created, _TYPES.deal_won, _TYPES.deal_lost}, ACTIVITIES: {_TYPES.activity_completed}}
_CHANGED = {DEALS: {_TYPES.stage_changed, _TYPES.deal_won, _TYPES.deal_lost}, ACTIVITIES: {_TYPES.activity_completed}}


def narrow_added(session: Session) -> Callable[[RecordAdded], bool]:
    """Which new records an active rule of anybody waits for."""
    awaited = {kind for kind, _config in _active(session)}
    return lambda event: bool(_ADDED[event.table] & awaited)


def narrow_changed(session: Session) -> Callable[[RecordChanged], bool]:
    """Which changes an active rule of anybody waits for; of customers those of the fields that it names, or all."""
    active = _active(session)
    awaited = {kind for kind, _config in active}
    triggers = [config.read_trigger(kind, given)[0] for kind, given in active if kind is _TYPES.customer_updated]
    fields = {name for trigger in triggers if trigger for name in trigger.fields}
    any_field = any(trigger is None or not trigger.fields for trigger in triggers)

    def wanted(event: RecordChanged) -> bool:
        if event.table == CUSTOMERS:
            return any_field or not fields.isdisjoint((*event.columns, *event.touched))
        return bool(_CHANGED[event.table] & awaited)

    return wanted


def _active(session: Session) -> list[tuple[AutomationRuleTriggerType, Any]]:
    """(kind, config) of the triggers that are waited for, whosever eyes the session has."""
    rules = AutomationRule.__table__.c
    asked = select(rules.trigger_type, rules.trigger_config).where(rules.is_active)
    return [(kind, given) for kind, given in session.connection().execute(asked)]


def of_added(session: Session, happened: Happened[RecordAdded]) -> list[Occasion]:
    """A new deal, which may have come into a closed stage at once; a new activity that is completed already."""
    event, key = happened.event, happened.key
    if event.table == ACTIVITIES:
        return _completed(session, event.id, key)
    deal = session.get(Deal, event.id)
    if event.table != DEALS or deal is None:
        return []
    stage = _stage_at(session, deal.id, happened.at)
    found = [Occasion(_TYPES.deal_created, deal.id, deal.pipeline_id, key, stage.id if stage else "")]
    if stage is not None and (closed := _CLOSED.get(movement.status_in(stage))):
        found.append(Occasion(closed, deal.id, deal.pipeline_id, key, stage.id))
    return found


def of_changed(session: Session, happened: Happened[RecordChanged]) -> list[Occasion]:
    """Another stage, won, lost; an activity that was completed; a customer who changed, for each of his open deals."""
    event, key = happened.event, happened.key
    changes = {
        column: (before, after)
        for column, before, after in zip(event.columns, event.before, event.after, strict=True)
    }  # fmt: skip
    if event.table == ACTIVITIES:
        return _completed(session, event.id, key) if changes.get("is_completed", ("", ""))[1] == str(True) else []
    if event.table == CUSTOMERS:
        return _of_customer(session, event.id, key, (*event.columns, *event.touched))
    deal = session.get(Deal, event.id) if event.table == DEALS else None
    if deal is None:
        return []
    found = []
    before, after = changes.get("stage_id", (None, None))
    if after:
        found.append(
            Occasion(_TYPES.stage_changed, deal.id, deal.pipeline_id, key, after, before or "")
        )  # fmt: skip
    status = changes.get("status", (None, None))[1]
    if status and (closed := _CLOSED.get(DealStatus(status))):
        found.append(Occasion(closed, deal.id, deal.pipeline_id, key, after or ""))
    return found


_CLOSED = {DealStatus.won: _TYPES.deal_won, DealStatus.lost: _TYPES.deal_lost}


def _stage_at(session: Session, deal_id: str, at: datetime) -> PipelineStage | None:
    """Where the deal stood then: what came with its first transaction is told as one event."""
    asked = select(PipelineStage).join(DealStay, DealStay.stage_id == PipelineStage.id)
    stays = asked.where(DealStay.deal_id == deal_id, DealStay.entered_at <= at)
    return session.scalars(stays.order_by(DealStay.entered_at.desc()).limit(1)).first()


def _completed(session: Session, activity_id: str, key: str) -> list[Occasion]:
    activity = session.get(DealActivity, activity_id)
    if activity is None or not activity.is_completed:
        return []
    deal = session.get_one(Deal, activity.deal_id)
    kind = activity.type.value
    return [Occasion(_TYPES.activity_completed, deal.id, deal.pipeline_id, key, activity_type=kind)]


def _of_customer(session: Session, customer_id: str, key: str, columns: tuple[str, ...]) -> list[Occasion]:
    asked = select(Deal.id, Deal.pipeline_id).where(Deal.customer_id == customer_id, Deal.status == DealStatus.open)
    rows = session.execute(asked.order_by(Deal.created_at.desc(), Deal.id).limit(MOST_DEALS)).all()
    kind = _TYPES.customer_updated
    return [Occasion(kind, deal, pipeline, f"{key}:{deal}", columns=columns) for deal, pipeline in sorted(rows)]
