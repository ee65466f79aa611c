"""Rules act once for each event, in order, each by itself, and say what they did; a circle of rules stops."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.communication.models import BadAddress, CommunicationMessage
from app.core import outbox
from app.core.outbox import OutboxDelivery
from app.core.types import utc_now
from app.customers.models import CustomerConsent
from app.pipeline.automation import jobs, running
from app.pipeline.automation.events import AutomationDisabled
from app.pipeline.models import AutomationRule, AutomationRun, Deal, DealActivity, DealProduct
from app.pipeline.services.moving import move_deal
from app.work.models import ActivityLog
from tests.notifications.notified import colleague, happen
from tests.outbox import published, work_off
from tests.pipeline.automated import NOTE, Sales, set_off
from tests.smallest import smallest

TRIGGERS = ("deal_created", "stage_changed", "deal_won", "deal_lost", "activity_completed", "customer_updated")
EMAIL = {"to": "customer", "subject": "Welcome, {customer_first_name}", "body": "Dear {customer_name}",
         "purpose": "service"}  # fmt: skip


# Triggers ---------------------------------------------------------------------------


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


# Actions ----------------------------------------------------------------------------


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


# E-mails ----------------------------------------------------------------------------


def consent(sales: Sales, kind: str, **values: Any) -> None:
    row = CustomerConsent(
        customer_id=sales.customer.id, consent_type=kind, legal_basis="consent", purpose="p", **values
    )
    sales.session.add(row)
    sales.session.commit()


def sent(sales: Sales, then: dict[str, Any]) -> str:
    """Why nothing was written, or to whom something was."""
    rule = sales.rule("stage_changed", None, "send_email", then)
    sales.move("offer")
    [run] = sales.runs(rule)
    if run.made_key:
        return str(sales.session.get(CommunicationMessage, run.made_key).recipient_email)
    assert run.outcome == "skipped"
    return str(run.reason)


def test_a_service_email_goes_to_the_customer(sales: Sales) -> None:
    assert sent(sales, EMAIL) == "maria@example.com"


def test_an_email_to_the_owner_goes_to_the_owner(sales: Sales) -> None:
    assert sent(sales, {**EMAIL, "to": "owner"}) == "olga@example.com"


@pytest.mark.parametrize("how", ["none", "refused", "revoked", "expired", "granted"])
def test_marketing_needs_a_consent_in_force(sales: Sales, how: str) -> None:
    now = utc_now()
    more: dict[str, Any] = {
        "refused": {"granted": False}, "revoked": {"granted": True, "revoked_at": now - timedelta(days=1)},
        "expired": {"granted": True, "expires_at": now - timedelta(days=1)}, "granted": {"granted": True},
    }.get(how, {})  # fmt: skip
    if how != "none":
        consent(sales, "marketing_email", **more)

    found = sent(sales, {**EMAIL, "purpose": "marketing"})

    assert found == ("maria@example.com" if how == "granted" else "The customer has not agreed to marketing e-mails.")


def test_whoever_withdrew_the_processing_of_his_data_is_not_written_to(sales: Sales) -> None:
    consent(sales, "data_processing", granted=True, revoked_at=utc_now() - timedelta(days=1))

    assert "withdrawn" in sent(sales, EMAIL)


def test_an_address_that_refused_mail_is_left_alone(sales: Sales) -> None:
    message = smallest(sales.session, "communication_messages", customer_id=sales.customer.id)
    sales.session.add(BadAddress(address="maria@example.com", reason="550 no", message_id=message.id, since=utc_now()))
    sales.session.commit()

    assert sent(sales, EMAIL) == "Earlier e-mail to this address was refused for good."


def test_an_address_that_is_none_is_not_written_to(sales: Sales) -> None:
    sales.customer.email = "phone-only-17@indexus.invalid"
    sales.session.commit()

    assert sent(sales, EMAIL) == "There is no e-mail address to write to."


def test_a_deal_without_customer_has_nobody_to_write_to(sales: Sales) -> None:
    sales.deal.customer_id = None
    sales.session.commit()

    assert sent(sales, EMAIL) == "The deal has no customer to write to."


def test_a_name_cannot_put_headers_or_placeholders_into_an_email(sales: Sales) -> None:
    sales.customer.first_name = "Eva\r\nBcc: all@example.com {owner_name}"
    sales.session.commit()
    rule = sales.rule("stage_changed", None, "send_email", EMAIL)

    sales.move("offer")

    [run] = sales.runs(rule)
    message = sales.session.get(CommunicationMessage, run.made_key)
    assert message.subject == "Welcome, Eva Bcc: all@example.com {owner_name}"


# Once, in order, each by itself -------------------------------------------------------


def test_delivering_an_event_again_does_nothing(sales: Sales) -> None:
    rule = sales.rule("stage_changed")
    sales.move("offer")
    session = sales.session
    mine = select(OutboxDelivery).where(OutboxDelivery.listener == jobs.answer_changed.name)
    deliveries = session.scalars(mine.order_by(OutboxDelivery.done_at.desc())).all()

    for delivery in deliveries:
        delivery.done_at = None
    session.commit()
    for delivery in deliveries:
        outbox.deliver(delivery.id)

    session.refresh(rule)
    assert (len(sales.runs(rule)), rule.execution_count, sales.notes()) == (1, 1, ["A rule was here"])


def test_rules_of_one_event_act_in_their_order(sales: Sales) -> None:
    for position, name in ((3, "last"), (1, "first"), (2, "middle")):
        then = {"values": {"add_to_notes": name}}
        sales.rule("stage_changed", None, "update_deal", then, name=name, position=position)

    sales.move("offer")

    assert sales.deal.notes == "first\n\nmiddle\n\nlast"


def test_a_rule_that_fails_undoes_nothing_of_another(sales: Sales) -> None:
    session = sales.session
    sales.stages["contract"].required_fields = ["source"]
    session.commit()
    before = sales.rule("stage_changed", {"stage_id": "offer"}, position=1)
    fails = sales.rule("stage_changed", {"stage_id": "offer"}, "move_stage", {"stage_id": "contract"}, position=2)
    after = sales.rule("stage_changed", {"stage_id": "offer"}, "update_deal", {"values": {"source": "x"}}, position=3)

    sales.move("offer")

    assert [sales.outcomes(rule) for rule in (before, fails, after)] == [["done"], ["failed"], ["done"]]
    [run] = sales.runs(fails)
    assert run.reason == "“contract” needs more about the deal first."
    assert (sales.deal.stage_id, sales.deal.source) == (sales.stages["offer"].id, "x")
    assert sales.notes() == ["A rule was here"]
    for rule in (before, fails, after):
        session.refresh(rule)
    assert [rule.execution_count for rule in (before, fails, after)] == [1, 0, 1]


def test_the_audit_trail_names_the_rule(sales: Sales) -> None:
    sales.rule("stage_changed", None, "update_deal", {"values": {"source": "x"}}, name="Mark the source")

    sales.move("offer")

    asked = select(ActivityLog.details).where(
        ActivityLog.entity_id == sales.deal.id, ActivityLog.entity_type == "deals", ActivityLog.user_id == "system"
    )
    [details] = [row for row in sales.session.scalars(asked) if "source" in row]
    assert json.loads(details)["reason"] == "automation: Mark the source"


def test_a_rule_does_not_pull_back_a_deal_that_has_moved_on(sales: Sales) -> None:
    session = sales.session
    rule = sales.rule("stage_changed", {"stage_id": "offer"}, "move_stage", {"stage_id": "contract"})
    note = sales.rule("stage_changed", {"stage_id": "offer"})
    session.info.pop("unaudited", None)
    for stage in ("offer", "won"):
        move_deal(session, sales.deal, sales.stages[stage])
        session.commit()
    session.info["unaudited"] = True

    work_off(session)

    assert (sales.outcomes(rule), sales.outcomes(note)) == (["skipped"], ["done"])
    assert sales.deal.stage_id == sales.stages["won"].id


# Circles ----------------------------------------------------------------------------


def test_two_rules_that_set_each_other_off_stop_after_one_round(sales: Sales) -> None:
    there = sales.rule("stage_changed", {"stage_id": "offer"}, "move_stage", {"stage_id": "contract"})
    back = sales.rule("stage_changed", {"stage_id": "contract"}, "move_stage", {"stage_id": "offer"})

    sales.move("offer")

    assert (sales.outcomes(there), sales.outcomes(back)) == (["done", "stopped"], ["done"])
    first, last = sales.runs(there)
    [between] = sales.runs(back)
    assert (first.depth, between.depth, last.depth) == (1, 2, 3)
    assert (between.caused_by, last.caused_by, last.chain) == (first.id, between.id, first.chain)
    assert "circle" in last.reason
    assert sales.deal.stage_id == sales.stages["offer"].id


def test_the_next_move_of_a_person_begins_a_new_chain(sales: Sales) -> None:
    rule = sales.rule("stage_changed", {"stage_id": "offer"}, "move_stage", {"stage_id": "contract"})

    sales.move("offer")
    sales.move("offer")

    assert sales.outcomes(rule) == ["done", "done"]
    assert len({run.chain for run in sales.runs(rule)}) == 2


def test_a_chain_of_different_rules_is_at_most_five_deep(sales: Sales) -> None:
    extra = [
        smallest(sales.session, "pipeline_stages", pipeline_id=sales.pipeline.id, name=f"s{n}", order=10 + n)
        for n in range(8)
    ]
    for here, there in pairwise(extra):
        sales.rule("stage_changed", {"stage_id": here.id}, "move_stage", {"stage_id": there.id})
    sales.stages["s0"] = extra[0]

    sales.move("s0")

    assert sales.outcomes() == ["done"] * running.DEEPEST + ["stopped"]
    assert sales.deal.stage_id == extra[running.DEEPEST].id


def test_a_rule_that_makes_deals_is_not_set_off_by_them(sales: Sales) -> None:
    then = {"pipeline_id": sales.pipeline.id, "title": "Again"}
    rule = sales.rule("deal_created", None, "create_deal", then)

    sales.add_deal()

    assert sales.outcomes(rule) == ["done", "stopped"]


def test_a_note_of_a_rule_sets_off_rules_about_notes_once(sales: Sales) -> None:
    rule = sales.rule("activity_completed")

    sales.complete("call")

    assert sales.outcomes(rule) == ["done", "stopped"]


# Rules that cannot act any more -------------------------------------------------------


def broken(sales: Sales, session: Session, how: str) -> tuple[AutomationRule, str]:
    peter = colleague(session, "peter", sales.owner)
    if how == "dead stage":
        stage = smallest(session, "pipeline_stages", pipeline_id=sales.pipeline.id)
        rule = sales.rule("stage_changed", {"stage_id": "offer"}, "move_stage", {"stage_id": stage.id})
        session.execute(text("DELETE FROM pipeline_stages WHERE id = :id"), {"id": stage.id})  # past the guard
        sentence = "This stage does not exist any more."
    elif how == "dead user":
        rule = sales.rule("stage_changed", None, "assign_owner", {"user_id": peter.id})
        peter.is_active = False
        sentence = "This colleague is deactivated."
    elif how == "foreign user":
        rule = sales.rule(
            "stage_changed", None, "create_activity", {"type": "call", "subject": "x", "user_id": peter.id}
        )
        peter.assigned_countries = ["CZ"]
        sentence = "This colleague does not work in the country of the deal."
    elif how == "closed pipeline":
        there = smallest(session, "pipelines", is_active=True)
        rule = sales.rule("stage_changed", None, "create_deal", {"pipeline_id": there.id, "title": "x"})
        there.is_active = False
        sentence = "This pipeline takes no new deals."
    else:
        rule = sales.rule("stage_changed")
        session.execute(
            AutomationRule.__table__.update().where(AutomationRule.id == rule.id).values(action_config={"template": 7})
        )
        sentence = "There is no setting “template”. Known are: text."
    session.commit()
    return rule, sentence


@pytest.mark.parametrize("how", ["dead stage", "dead user", "foreign user", "closed pipeline", "old grammar"])
def test_a_rule_that_cannot_act_any_more_fails_and_leaves_nothing(sales: Sales, how: str) -> None:
    rule, sentence = broken(sales, sales.session, how)
    before = sales.session.scalar(select(func.count()).select_from(DealActivity))

    sales.move("offer")

    [run] = sales.runs(rule)
    assert (run.outcome.value, run.reason) == ("failed", sentence)
    assert (run.made_key, sales.deal.assigned_user_id) == (None, sales.owner.id)
    assert sales.session.scalar(select(func.count()).select_from(DealActivity)) == before


def test_a_deal_of_a_country_that_the_other_pipeline_is_not_for_is_not_made(sales: Sales) -> None:
    there = smallest(sales.session, "pipelines", name="Alps", country_codes=["CH"], is_active=True)
    smallest(sales.session, "pipeline_stages", pipeline_id=there.id)
    sales.session.commit()
    rule = sales.rule("stage_changed", None, "create_deal", {"pipeline_id": there.id, "title": "x"})

    sales.move("offer")

    [run] = sales.runs(rule)
    assert (run.outcome.value, run.reason) == ("failed", "The pipeline “Alps” is for CH.")


def test_five_failures_in_a_row_switch_a_rule_off(sales: Sales) -> None:
    rule, sentence = broken(sales, sales.session, "dead user")
    session = sales.session

    for number in range(running.PATIENCE):
        session.refresh(rule)
        assert (rule.is_active, rule.failures_in_row) == (True, number)
        sales.move("contract" if number % 2 else "offer")

    session.refresh(rule)
    assert (rule.is_active, rule.failures_in_row, rule.disabled_reason) == (False, running.PATIENCE, sentence)
    assert rule.disabled_at is not None
    assert published(session, AutomationDisabled) == [AutomationDisabled(rule.id)]
    sales.move("won")
    assert len(sales.runs(rule)) == running.PATIENCE


def test_a_success_between_begins_the_count_anew(sales: Sales) -> None:
    session = sales.session
    rule, _sentence = broken(sales, session, "dead user")
    user = session.get(type(sales.owner), rule.action_config["user_id"])

    for number in range(8):
        user.is_active = number == 3
        session.commit()
        sales.move("contract" if number % 2 else "offer")

    session.refresh(rule)
    assert (rule.is_active, rule.failures_in_row, rule.execution_count) == (True, 4, 1)


def test_what_the_deal_stands_against_is_no_failure(sales: Sales) -> None:
    rule = sales.rule("stage_changed", None, "assign_owner", {"user_id": sales.owner.id})

    for number in range(6):
        sales.move("contract" if number % 2 else "offer")

    sales.session.refresh(rule)
    assert (rule.is_active, rule.failures_in_row, sales.outcomes(rule)) == (True, 0, ["skipped"] * 6)


def test_runs_are_forgotten_after_a_long_time_but_not_those_of_stays(sales: Sales) -> None:
    rule, session = sales.rule("stage_changed"), sales.session
    for key in ("old", "rotting:old"):
        session.add(AutomationRun(rule_id=rule.id, event_key=key, deal_id=sales.deal.id, outcome="done", chain=key,
                                  at=utc_now() - jobs.KEPT - timedelta(days=1)))  # fmt: skip
    session.commit()

    jobs.forget_old(session, now=utc_now())

    assert [run.event_key for run in sales.runs(rule)] == ["rotting:old"]


# What goes wrong below ----------------------------------------------------------------


def stumble(session: Session, error: str) -> None:
    """From now on the database refuses the first activity that is added, and takes the next ones."""
    for statement in (
        "RESET ROLE",
        "CREATE SEQUENCE tries",
        "GRANT USAGE ON SEQUENCE tries TO PUBLIC",
        "CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF nextval('tries') = 1 THEN RAISE {error}; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER stumble BEFORE INSERT ON deal_activities FOR EACH ROW EXECUTE FUNCTION stumble()",
    ):
        session.connection().exec_driver_sql(statement)
    session.info.pop("told", None)
    session.commit()


def test_what_may_work_at_the_next_try_is_tried_again_as_a_whole(sales: Sales) -> None:
    first = sales.rule("stage_changed", None, "update_deal", {"values": {"add_to_notes": "once"}}, position=1)
    second = sales.rule("stage_changed", position=2)
    stumble(sales.session, "serialization_failure")

    sales.move("offer")
    assert (sales.runs(), sales.deal.notes) == ([], None)
    work_off(sales.session, now=utc_now() + timedelta(minutes=1))

    assert (sales.outcomes(first), sales.outcomes(second)) == (["done"], ["done"])
    assert (sales.deal.notes, sales.notes()) == ("once", ["A rule was here"])


def test_what_never_works_fails_with_its_place_and_no_values(sales: Sales) -> None:
    fails = sales.rule("stage_changed", position=1)
    after = sales.rule("stage_changed", None, "update_deal", {"values": {"source": "x"}}, position=2)
    stumble(sales.session, "raise_exception USING MESSAGE = 'Mária Horváthová'")

    sales.move("offer")

    assert (sales.outcomes(fails), sales.outcomes(after)) == (["failed"], ["done"])
    reason = str(sales.runs(fails)[0].reason)
    assert "RaiseException in " in reason
    assert "Horv" not in reason
