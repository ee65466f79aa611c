"""Rules answer events: each rule once for each event, in order, each in a savepoint of its own.

The row of the run, its effect and the counts of its rule commit together with the delivery of the event. What an
effect publishes carries the run that caused it (`outbox_events.cause`): so the next run knows the chain it is in. A
chain goes DEEPEST runs deep, and no rule acts twice on the same deal within it. What may work at the next try - a
lock that was lost, a connection that broke - is raised, and the outbox tries the whole event again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from rq.timeouts import JobTimeoutException
from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.core.errors import DomainError, NotFound
from app.core.events import Happened, caused_by, publish
from app.core.outbox import reason_of
from app.core.records import publish_changes
from app.core.types import new_key, utc_now
from app.core.viewer import SYSTEM, acting
from app.pipeline.automation import acting as effects
from app.pipeline.automation import conditions, config, facts, occasions, references, wording
from app.pipeline.automation.acting import Doing, Made
from app.pipeline.automation.config import CreateDeal, Draft, MoveStage
from app.pipeline.automation.events import AutomationDisabled
from app.pipeline.automation.occasions import Occasion
from app.pipeline.automation.outcomes import NotNow, Stopped, said
from app.pipeline.models import AutomationRule, AutomationRun, AutomationRunOutcome, Deal
from app.pipeline.services.moving import lock

log = logging.getLogger(__name__)

DEEPEST = 5  # runs that follow from each other
PATIENCE = 5  # failures in a row until a rule is switched off
_APART = {"synchronize_session": False}
_AGAIN = (OperationalError, StaleDataError, JobTimeoutException)


@dataclass(frozen=True)
class Chain:
    """Where in a chain of runs an event stands: its beginning, how deep, and the run that caused it."""

    key: str
    depth: int
    caused_by: str | None = None


@dataclass
class _Tally:
    """What the runs of one rule came to within one event."""

    done: int = 0
    failed: int = 0  # since the last that worked
    reason: str = ""


def answer(session: Session, happened: Happened[Any], found: Sequence[Occasion], *, rule_id: str = "") -> int:
    """Let the active rules answer these occasions, or this rule alone; gives how many runs there are. Safe to run
    twice, also at once."""
    asked = _rules(session, found, rule_id)
    if not asked:
        return 0
    chain = _chain(session, happened)
    tallies: dict[str, _Tally] = {}
    runs = 0
    for occasion in sorted(found, key=lambda one: one.deal_id):
        for rule in asked:
            if rule.pipeline_id != occasion.pipeline_id or rule.trigger_type is not occasion.type:
                continue
            if rule.created_at is not None and rule.created_at > happened.at:
                continue  # it happened before there was the rule
            runs += _run(session, rule, occasion, chain, tallies)
    for key in sorted(tallies):
        _count(session, key, tallies[key])
    return runs


def _rules(session: Session, found: Sequence[Occasion], rule_id: str) -> list[AutomationRule]:
    if not found:
        return []
    rule = AutomationRule
    asked = select(rule).where(
        rule.is_active,
        rule.trigger_type.in_({one.type for one in found}),
        rule.pipeline_id.in_({one.pipeline_id for one in found}),
    )
    if rule_id:
        asked = asked.where(rule.id == rule_id)
    return list(session.scalars(asked.order_by(rule.position, rule.created_at, rule.id)))


def _chain(session: Session, happened: Happened[Any]) -> Chain:
    parent = session.get(AutomationRun, happened.cause) if happened.cause else None
    if parent is None:
        return Chain(happened.key, 1)
    return Chain(parent.chain, parent.depth + 1, parent.id)


def _run(session: Session, rule: AutomationRule, occasion: Occasion, chain: Chain, tallies: dict[str, _Tally]) -> int:
    """One rule on one occasion; 0 where it is not meant, was answered before, or the deal is gone."""
    draft = config.draft_of(rule)
    trigger = draft.config.trigger
    if trigger is not None and not occasions.fits(trigger, occasion):
        return 0
    deal = _locked(session, occasion.deal_id)
    if deal is None or deal.pipeline_id != rule.pipeline_id:
        return 0
    key, now, began = new_key(), utc_now(), time.monotonic()
    row = {
        "id": key, "rule_id": rule.id, "event_key": occasion.event_key, "deal_id": deal.id,
        "outcome": AutomationRunOutcome.done, "at": now, "depth": chain.depth, "chain": chain.key,
        "caused_by": chain.caused_by,
    }  # fmt: skip
    new = postgresql.insert(AutomationRun).values(row).on_conflict_do_nothing(index_elements=["rule_id", "event_key"])
    if session.scalar(new.returning(AutomationRun.id)) is None:
        return 0
    outcome, reason, made = _tried(session, draft, deal, occasion, chain, key, now)
    took = round((time.monotonic() - began) * 1000)
    told = {"outcome": outcome, "reason": reason or None, "took_ms": took,
            "made_table": made.table if made else None, "made_key": made.key if made else None}  # fmt: skip
    session.execute(update(AutomationRun).where(AutomationRun.id == key).values(**told), execution_options=_APART)
    tally = tallies.setdefault(rule.id, _Tally())
    if outcome is AutomationRunOutcome.done:
        tally.done, tally.failed = tally.done + 1, 0
    elif outcome is AutomationRunOutcome.failed:
        tally.failed, tally.reason = tally.failed + 1, reason
    return 1


def _locked(session: Session, deal_id: str) -> Deal | None:
    """The deal as it is now; nobody else changes it until this is over."""
    deal = session.get(Deal, deal_id)
    if deal is None:
        return None
    try:
        lock(session, deal)
    except NotFound:
        return None
    return deal


def _tried(
    session: Session, rule: Draft, deal: Deal, occasion: Occasion, chain: Chain, run_id: str, now: datetime
) -> tuple[AutomationRunOutcome, str, Made | None]:
    try:
        _demand(session, rule, deal, occasion, chain, run_id, now)
        with as_rule(session, rule.name), caused_by(run_id), session.begin_nested():
            assert rule.config.action is not None  # `_demand` has looked
            doing = Doing(session, deal, f"automation:{run_id}", rule.id, now)
            made = effects.act(doing, rule.config.action)
            publish_changes(session)
    except Stopped as stopped:
        return AutomationRunOutcome.stopped, stopped.sentence, None
    except NotNow as nothing:
        return AutomationRunOutcome.skipped, nothing.sentence, None
    except _AGAIN:
        raise
    except DomainError as refused:
        return AutomationRunOutcome.failed, said(refused), None
    except Exception as failed:  # whatever it is, it is this rule's own
        log.error("rule %s failed at event %s", rule.id, occasion.event_key, exc_info=failed)
        return AutomationRunOutcome.failed, reason_of(failed), None
    return AutomationRunOutcome.done, "", made


def _demand(
    session: Session, rule: Draft, deal: Deal, occasion: Occasion, chain: Chain, run_id: str, now: datetime
) -> None:
    """Raises Stopped for the end of a chain, DomainError for a rule that cannot act (any more), NotNow for conditions
    that are not met and for a deal that has moved on."""
    action, trigger = rule.config.action, rule.config.trigger
    if problem := next(iter(rule.config.problems or references.problems(session, rule)), None):
        raise DomainError(problem.sentence)
    assert action is not None and trigger is not None  # else there was a problem
    if chain.depth > DEEPEST:
        raise Stopped(_("Rules have set each other off too many times in a row."))
    if chain.caused_by and _acted(session, rule.id, chain, run_id, "" if isinstance(action, CreateDeal) else deal.id):
        raise Stopped(_("The rule has acted in this chain already: rules set each other off in a circle."))
    known = facts.of_deals(session, [deal.id], trigger.conditions, now=now)[deal.id]
    if one := conditions.unmet(trigger.conditions, known):
        raise NotNow(_("A condition is not met: %(name)s.", name=wording.field_label(one.field)))
    if isinstance(action, MoveStage) and occasion.stage_id and deal.stage_id != occasion.stage_id:
        raise NotNow(_("The deal has moved on since."))


def _acted(session: Session, rule_id: str, chain: Chain, run_id: str, deal_id: str) -> bool:
    """Whether the rule has acted in this chain before this run, on this deal or ("") on any."""
    run = AutomationRun
    asked = select(run.id).where(
        run.chain == chain.key, run.rule_id == rule_id, run.id != run_id, run.outcome == AutomationRunOutcome.done
    )
    if deal_id:
        asked = asked.where(run.deal_id == deal_id)
    return session.scalar(asked.limit(1)) is not None


@contextmanager
def as_rule(session: Session, name: str) -> Iterator[None]:
    """Within the block the rule acts, in all countries, and the audit trail names it."""
    former = session.info.get("by")
    with acting(replace(SYSTEM, role=f"automation: {name}")) as viewer:
        session.info["by"] = viewer
        try:
            yield
        finally:
            if former is None:
                session.info.pop("by", None)
            else:
                session.info["by"] = former


# Counting ---------------------------------------------------------------------------


def _count(session: Session, rule_id: str, tally: _Tally) -> None:
    """Added up in the database: many events at once count right. The last thing that is done, so that rules are
    locked for a moment only."""
    rule = AutomationRule
    values: dict[str, Any] = {"failures_in_row": (0 if tally.done else rule.failures_in_row) + tally.failed}
    if tally.done:
        values["execution_count"] = func.coalesce(rule.execution_count, 0) + tally.done
        values["last_executed_at"] = func.greatest(rule.last_executed_at, utc_now())
    elif not tally.failed:
        return
    counted = update(rule).where(rule.id == rule_id).values(**values).returning(rule.failures_in_row, rule.is_active)
    row = session.execute(counted, execution_options=_APART).one_or_none()
    if row is not None and row.is_active and row.failures_in_row >= PATIENCE:
        _switch_off(session, rule_id, tally.reason)


def _switch_off(session: Session, rule_id: str, reason: str) -> None:
    rule = session.get_one(AutomationRule, rule_id)
    session.refresh(rule)
    with as_rule(session, rule.name):
        rule.is_active, rule.disabled_at, rule.disabled_reason = False, utc_now(), reason
        session.flush()
    publish(session, AutomationDisabled(rule_id))
