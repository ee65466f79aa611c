"""Setting up for whatever is about automation: a pipeline, people, rules, and something that sets them off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.types import utc_now
from app.pipeline.models import AutomationRule, AutomationRun, Deal, DealActivity
from app.pipeline.services.moving import move_deal
from tests.notifications.notified import colleague, customer_of, happen
from tests.smallest import smallest

STAGES: dict[str, dict[str, Any]] = {
    "new": {"probability": 10, "rotting_days": 7},
    "offer": {"probability": 50, "rotting_days": 14},
    "contract": {"probability": 80},
    "won": {"probability": 100, "is_won_stage": True},
    "lost": {"is_lost_stage": True},
}
NOTE: dict[str, Any] = {"text": "A rule was here"}
EMAIL = {"to": "customer", "subject": "Welcome, {customer_first_name}", "body": "Dear {customer_name}",
         "purpose": "service"}  # fmt: skip
TRIGGERS = ("deal_created", "stage_changed", "deal_won", "deal_lost", "activity_completed", "customer_updated")
"""All but the clock's."""


class Sales:
    """A pipeline of SK with its stages, an owner, a family and a deal of theirs in the first stage."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.pipeline = smallest(session, "pipelines", name="Families", is_active=True)
        self.stages = {
            name: smallest(session, "pipeline_stages", pipeline_id=self.pipeline.id, name=name, order=order, **more)
            for order, (name, more) in enumerate(STAGES.items())
        }
        self.owner: User = colleague(session, "olga")
        self.customer = customer_of(session, email="maria@example.com")
        self.deal = self.new_deal()

    def new_deal(self, stage: str = "new", **given: Any) -> Deal:
        """A deal that was there before anything happened."""
        values = {"title": "Storage", "country_code": "SK", "customer_id": self.customer.id,
                  "assigned_user_id": self.owner.id}  # fmt: skip
        row: Deal = smallest(self.session, "deals", stage_id=self.stages[stage].id, **{**values, **given})
        self.session.commit()
        return row

    def rule(
        self, trigger: str, when: dict[str, Any] | None = None, action: str = "add_note", then: Any = None, **more: Any
    ) -> AutomationRule:
        """A saved rule; `stage_id` and `from_stage_id` may be names of stages."""
        when, then = dict(when or {}), dict(NOTE if then is None else then)
        for config in (when, then):
            for name in ("stage_id", "from_stage_id"):
                if config.get(name) in self.stages:
                    config[name] = self.stages[config[name]].id
        values = {"name": "A rule", "is_active": True, "pipeline_id": self.pipeline.id, **more}
        rule = AutomationRule(
            trigger_type=trigger, trigger_config=when, action_type=action, action_config=then, **values
        )
        self.session.add(rule)
        self.session.commit()
        return rule

    def move(self, stage: str, deal: Deal | None = None, **values: Any) -> None:
        """Somebody moves the deal, and the rules answer."""
        deal = deal or self.deal
        happen(self.session, lambda: move_deal(self.session, deal, self.stages[stage], values=values))

    def add_deal(self, stage: str = "new", **given: Any) -> Deal:
        made: list[Deal] = []
        happen(self.session, lambda: made.append(self.new_deal(stage, **given)))
        return made[0]

    def complete(self, kind: str = "call", deal: Deal | None = None) -> DealActivity:
        row: DealActivity = smallest(self.session, "deal_activities", deal_id=(deal or self.deal).id, type=kind)
        self.session.commit()

        def done() -> None:
            row.is_completed, row.completed_at = True, utc_now()

        happen(self.session, done)
        return row

    def change(self, row: Any, **values: Any) -> None:
        def set_them() -> None:
            for name, value in values.items():
                setattr(row, name, value)

        happen(self.session, set_them)

    # What came of it ---------------------------------------------------------------

    def runs(self, rule: AutomationRule | None = None) -> list[AutomationRun]:
        self.session.expire_all()
        asked = select(AutomationRun).order_by(AutomationRun.at, AutomationRun.id)
        return list(self.session.scalars(asked if rule is None else asked.where(AutomationRun.rule_id == rule.id)))

    def outcomes(self, rule: AutomationRule | None = None) -> list[str]:
        return [run.outcome.value for run in self.runs(rule)]

    def notes(self, deal: Deal | None = None) -> list[str]:
        asked = select(DealActivity.subject).where(
            DealActivity.deal_id == (deal or self.deal).id, DealActivity.type == "note"
        )
        return list(self.session.scalars(asked.order_by(DealActivity.created_at, DealActivity.id)))

    def activities(self, kind: str, deal: Deal | None = None) -> list[DealActivity]:
        asked = select(DealActivity).where(DealActivity.deal_id == (deal or self.deal).id, DealActivity.type == kind)
        return list(self.session.scalars(asked))


def set_off(sales: Sales, trigger: str) -> Deal:
    """Let happen what this trigger waits for; gives the deal it is about."""
    acts: dict[str, Callable[[], Any]] = {
        "stage_changed": lambda: sales.move("offer"),
        "deal_won": lambda: sales.move("won"),
        "deal_lost": lambda: sales.move("lost", lost_reason="Too expensive"),
        "activity_completed": lambda: sales.complete("call"),
        "customer_updated": lambda: sales.change(sales.customer, client_status="acquired"),
    }
    if trigger == "deal_created":
        return sales.add_deal()
    acts[trigger]()
    return sales.deal
