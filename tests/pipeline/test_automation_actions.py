"""What rules do: every action after every trigger, as it was set up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from app.communication.models import CommunicationMessage
from app.core.types import utc_now
from app.pipeline.models import Deal, DealProduct
from tests.notifications.notified import colleague
from tests.pipeline.automated import EMAIL, NOTE, TRIGGERS, Sales, set_off
from tests.smallest import smallest


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    "action", ["create_activity", "send_email", "assign_owner", "update_deal", "move_stage", "add_note", "create_deal"]
)
def test_every_trigger_lets_every_action_happen(sales: Sales, trigger: str, action: str) -> None:
    peter = colleague(sales.session, "peter", sales.owner)
    target = "lost" if trigger == "deal_won" else "won"
    there = smallest(sales.session, "pipeline_stages", is_won_stage=False)
    then: dict[str, dict[str, Any]] = {
        "create_activity": {"type": "task", "subject": "Prepare"},
        "send_email": EMAIL,
        "assign_owner": {"user_id": peter.id},
        "update_deal": {"values": {"source": "a rule"}},
        "move_stage": {"stage_id": target, "lost_reason": "A rule said so"},
        "add_note": NOTE,
        "create_deal": {"pipeline_id": there.pipeline_id, "title": "Next: {deal_title}"},
    }
    sales.session.get(type(sales.pipeline), there.pipeline_id).is_active = True
    sales.session.commit()
    rule = sales.rule(trigger, None, action, then[action])

    deal = set_off(sales, trigger)

    [run] = [run for run in sales.runs(rule) if run.outcome != "stopped"]
    assert (run.outcome.value, run.reason) == ("done", None)
    session = sales.session
    session.refresh(deal)
    if action == "create_activity":
        assert [row.subject for row in sales.activities("task", deal)] == ["Prepare"]
    elif action == "send_email":
        assert session.get(CommunicationMessage, run.made_key).subject == "Welcome, Mária"
    elif action == "assign_owner":
        assert deal.assigned_user_id == peter.id
    elif action == "update_deal":
        assert deal.source == "a rule"
    elif action == "move_stage":
        assert deal.stage_id == sales.stages[target].id
    elif action == "add_note":
        assert sales.notes(deal).count("A rule was here") == 1
    else:
        new = session.get(Deal, run.made_key)
        assert (new.title, new.stage_id, new.customer_id) == ("Next: Storage", there.id, sales.customer.id)


def test_an_activity_is_due_and_reminded_when_the_rule_says(sales: Sales) -> None:
    then = {"type": "call", "subject": "Call {customer_name} about {deal_title}", "description": "For {owner_name}",
            "due_in_days": 2, "remind_hours_before": 3, "priority": "high"}  # fmt: skip
    sales.rule("stage_changed", None, "create_activity", then)

    sales.move("offer")

    [row] = sales.activities("call")
    assert (row.subject, row.description) == ("Call Mária Horváthová about Storage", "For Olga")
    assert (row.user_id, row.priority) == (sales.owner.id, "high")
    assert row.due_at is not None and timedelta(hours=47) < row.due_at - utc_now() <= timedelta(hours=48)
    assert row.due_at - row.reminder_at == timedelta(hours=3)


def test_the_owner_is_who_has_the_fewest_open_deals_and_may_see_this_one(sales: Sales) -> None:
    session = sales.session
    busy, free, foreign, gone = (colleague(session, name, sales.owner) for name in ("busy", "free", "foreign", "gone"))
    foreign.assigned_countries, gone.is_active = ["CZ"], False
    for _time in (1, 2):
        sales.new_deal(assigned_user_id=busy.id)
    sales.new_deal(assigned_user_id=free.id)
    sales.new_deal("won", assigned_user_id=free.id)
    sales.new_deal("won", assigned_user_id=free.id)
    keys = [foreign.id, gone.id, busy.id, free.id]
    sales.rule("stage_changed", None, "assign_owner", {"way": "fewest_open", "user_ids": keys})

    sales.move("offer")

    assert sales.deal.assigned_user_id == free.id


def test_a_new_deal_takes_along_what_it_is_told(sales: Sales) -> None:
    session = sales.session
    there = smallest(session, "pipelines", name="Returning", is_active=True)
    stage = smallest(session, "pipeline_stages", pipeline_id=there.id)
    smallest(session, "deal_products", deal_id=sales.deal.id, price=Decimal(100), quantity=2)
    sales.deal.source = "web"
    session.commit()
    then = {"pipeline_id": there.id, "title": "Again", "keep": ["source", "products", "assigned_user_id"]}
    rule = sales.rule("deal_won", None, "create_deal", then)

    sales.move("won")

    [run] = sales.runs(rule)
    new = session.get(Deal, run.made_key)
    assert (new.stage_id, new.source, new.assigned_user_id) == (stage.id, "web", sales.owner.id)
    assert (new.customer_id, new.country_code, new.value) == (sales.customer.id, "SK", Decimal(200))
    lines = select(func.count()).select_from(DealProduct).where(DealProduct.deal_id == new.id)
    assert session.scalar(lines) == 1


def test_notes_are_added_below_and_the_day_is_counted_from_today(sales: Sales) -> None:
    sales.deal.notes = "First call"
    sales.session.commit()
    values = {"add_to_notes": "Then {stage_name}", "expected_close_in_days": 10, "probability": 35}
    sales.rule("stage_changed", None, "update_deal", {"values": values})

    sales.move("offer")

    assert sales.deal.notes == "First call\n\nThen offer"
    assert sales.deal.probability == 35
    assert sales.deal.expected_close_date is not None
    assert 9 <= (sales.deal.expected_close_date - utc_now().date()).days <= 11
