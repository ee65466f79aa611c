"""What sets a rule off, once, and what does not: triggers, what narrows them, and conditions."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.core.outbox import OutboxDelivery, OutboxEvent
from app.core.records import RecordChanged
from app.core.types import utc_now
from app.pipeline.automation import jobs
from app.pipeline.models import DealActivity
from tests.notifications.notified import colleague, happen
from tests.outbox import delivered, published, work_off
from tests.pipeline.automated import TRIGGERS, Sales, set_off
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("among_many")  # where it is asked first what rules wait for


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_what_no_active_rule_waits_for_is_not_delivered(sales: Sales, trigger: str) -> None:
    others = {"deal_won": {"stage_changed", "deal_lost"}, "deal_lost": {"stage_changed", "deal_won"},
              "stage_changed": {"deal_won", "deal_lost"}, "deal_created": {"deal_won", "deal_lost"}}  # fmt: skip
    sales.rule(trigger, is_active=False)
    for other in set(TRIGGERS) - {trigger} - others.get(trigger, set()):
        sales.rule(other)

    set_off(sales, trigger)

    assert delivered(sales.session, "automation.jobs.answer_added") == 0
    assert delivered(sales.session, "automation.jobs.answer_changed") == 0


@pytest.mark.parametrize(("column", "value", "count"), [("client_status", "acquired", 1), ("lead_status", "hot", 0)])
def test_a_customer_is_delivered_for_the_fields_that_a_rule_names(
    sales: Sales, column: str, value: str, count: int
) -> None:
    sales.rule("customer_updated", {"fields": ["client_status"]})

    sales.change(sales.customer, **{column: value})

    assert delivered(sales.session, "automation.jobs.answer_changed") == count


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_trigger_lets_a_rule_act_once_and_count(sales: Sales, trigger: str) -> None:
    rule = sales.rule(trigger)
    others = [sales.rule(other) for other in TRIGGERS if other != trigger]

    deal = set_off(sales, trigger)

    [run, *again] = sales.runs(rule)
    assert {one.outcome.value for one in again} <= {"stopped"}  # the note of a rule is a completed activity as well
    assert (run.outcome, run.deal_id, run.made_table, run.depth) == ("done", deal.id, "deal_activities", 1)
    assert "A rule was here" in sales.notes(deal)
    sales.session.refresh(rule)
    assert (rule.execution_count, rule.failures_in_row) == (1, 0)
    assert rule.last_executed_at is not None
    told = {other.trigger_type.value for other in others if sales.runs(other)}
    # Winning and losing is a move as well, and the note of a rule is an activity that is completed.
    assert told <= {"stage_changed", "activity_completed"}


def test_a_rotting_deal_is_told_once_for_each_stay(sales: Sales) -> None:
    rule = sales.rule("deal_rotting")
    session, now = sales.session, utc_now()

    def look(days: int) -> list[str]:
        at = now + timedelta(days=days)
        happen(session, lambda: jobs.find_rotten(session, now=at))
        work_off(session, now=at)
        return sales.outcomes(rule)

    assert look(6) == []
    assert (look(8), look(9)) == (["done"], ["done"])
    sales.move("offer")
    assert look(13) == ["done"]
    assert look(15) == ["done", "done"]
    sales.move("won")
    assert look(400) == ["done", "done"]


def test_a_completed_activity_keeps_a_deal_from_rotting(sales: Sales) -> None:
    rule = sales.rule("deal_rotting", {"days": 3})
    quiet = sales.new_deal("contract")
    sales.session.execute(
        DealActivity.__table__.insert().values(
            deal_id=sales.deal.id, type="call", subject="Talked", is_completed=True,
            completed_at=utc_now() + timedelta(days=2),
        )
    )  # fmt: skip
    sales.session.commit()
    now = utc_now() + timedelta(days=4)

    happen(sales.session, lambda: jobs.find_rotten(sales.session, now=now))
    work_off(sales.session, now=now)

    assert [run.deal_id for run in sales.runs(rule)] == [quiet.id]


def test_a_deal_that_was_moved_before_its_turn_does_not_rot(sales: Sales) -> None:
    rule = sales.rule("deal_rotting", {"days": 3})
    session, now = sales.session, utc_now() + timedelta(days=4)
    jobs.find_rotten(session, now=now)
    session.commit()

    sales.move("offer")

    assert sales.outcomes(rule) == []


@pytest.mark.parametrize(
    ("when", "acts"),
    [
        ({"stage_id": "offer"}, True),
        ({"stage_id": "contract"}, False),
        ({"from_stage_id": "new"}, True),
        ({"from_stage_id": "contract", "stage_id": "offer"}, False),
    ],
)
def test_a_move_sets_off_the_rules_of_its_stages_only(sales: Sales, when: dict[str, Any], acts: bool) -> None:
    rule = sales.rule("stage_changed", when)

    sales.move("offer")

    assert sales.outcomes(rule) == (["done"] if acts else [])


def test_a_deal_that_comes_into_a_won_stage_at_once_is_created_and_won(sales: Sales) -> None:
    created, won, moved = (sales.rule(trigger) for trigger in ("deal_created", "deal_won", "stage_changed"))

    sales.add_deal("won")

    assert [sales.outcomes(rule) for rule in (created, won, moved)] == [["done"], ["done"], []]


def test_a_customer_who_changes_is_told_for_each_open_deal_of_the_pipeline(sales: Sales) -> None:
    rule = sales.rule("customer_updated", {"fields": ["client_status"]})
    second, closed = sales.new_deal("offer"), sales.new_deal("won")
    smallest(sales.session, "deals", customer_id=sales.customer.id, country_code="SK")
    sales.session.commit()

    sales.change(sales.customer, lead_status="hot")
    assert sales.outcomes(rule) == []
    sales.change(sales.customer, client_status="acquired")

    assert {run.deal_id for run in sales.runs(rule)} == {sales.deal.id, second.id} - {closed.id}


def test_an_activity_of_another_kind_does_not_count(sales: Sales) -> None:
    rule = sales.rule("activity_completed", {"activity_type": "meeting"}, "update_deal", {"values": {"source": "met"}})

    sales.complete("call")
    assert sales.outcomes(rule) == []
    sales.complete("meeting")

    assert sales.outcomes(rule) == ["done"]


def test_conditions_must_all_hold(sales: Sales) -> None:
    conditions = [{"field": "value", "op": "ge", "value": 1000},
                  {"field": "customer.country", "op": "eq", "value": "SK"}]  # fmt: skip
    rule = sales.rule("stage_changed", {"conditions": conditions})
    large = sales.new_deal(value=Decimal(1000))

    sales.move("offer")
    sales.move("offer", large)

    assert [(run.deal_id, run.outcome.value) for run in sales.runs(rule)] == [
        (sales.deal.id, "skipped"),
        (large.id, "done"),
    ]
    assert sales.runs(rule)[0].reason == "A condition is not met: Value."
    sales.session.refresh(rule)
    assert rule.execution_count == 1


def test_what_happened_before_there_was_the_rule_is_not_answered(sales: Sales) -> None:
    rule = sales.rule("stage_changed", created_at=utc_now() + timedelta(minutes=1))

    sales.move("offer")

    assert sales.outcomes(rule) == []


def test_a_rule_that_is_off_or_of_another_pipeline_does_nothing(sales: Sales) -> None:
    off = sales.rule("stage_changed", is_active=False)
    elsewhere = sales.rule("stage_changed", pipeline_id=smallest(sales.session, "pipelines").id)

    sales.move("offer")

    assert (sales.outcomes(off), sales.outcomes(elsewhere)) == ([], [])


def test_another_owner_sets_nothing_off_and_costs_no_delivery(sales: Sales) -> None:
    rule = sales.rule("stage_changed")
    peter = colleague(sales.session, "peter", sales.owner)

    sales.change(sales.deal, assigned_user_id=peter.id)

    told = [event for event in published(sales.session, RecordChanged) if event.table == "deals"]
    assert [event.columns for event in told] == [("assigned_user_id",)]
    heard = select(OutboxDelivery.listener).join(OutboxEvent, OutboxEvent.id == OutboxDelivery.event_id)
    mine = heard.where(OutboxEvent.payload["id"].astext == sales.deal.id)
    assert jobs.answer_changed.name not in set(sales.session.scalars(mine))
    assert sales.outcomes(rule) == []
