"""What a rule would do with a deal, and what it would have acted on: tried out, looked up, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.core.db import Base
from app.core.types import utc_now
from app.core.viewer import Viewer, system_scope
from app.pipeline.automation import config, jobs
from app.pipeline.automation.config import Draft
from app.pipeline.automation.lookback import BackTest, back_test
from app.pipeline.automation.trial import Trial, dry_run
from app.pipeline.models import AutomationRule, DealActivity, DealStay
from app.screens.locale import speaking
from tests.conftest import make_user
from tests.notifications.notified import colleague, happen, role_of
from tests.outbox import work_off
from tests.pipeline.automated import NOTE, Sales

EVERYTHING = ("deals", "deal_activities", "customers", "pipelines", "automation_rules", "products", "users")


@pytest.fixture
def manager(sales: Sales) -> Viewer:
    role = role_of(sales.session, "Managers", *EVERYTHING)
    user = make_user(sales.session, "manager", role=role)
    sales.session.commit()
    return viewer_of(sales.session, user)


def draft(sales: Sales, trigger: str, when: Any = None, action: str = "add_note", then: Any = None) -> Draft:
    return Draft("A draft", sales.pipeline.id, config.read(trigger, when, action, NOTE if then is None else then))


def tried(sales: Sales, viewer: Viewer, rule: AutomationRule | Draft) -> Trial:
    with speaking("en", "UTC"):
        return dry_run(sales.session, viewer, rule, sales.deal)


def everything(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    session.expire_all()
    connection = session.connection()
    return {
        name: connection.scalar(select(func.count()).select_from(table)) or 0
        for name, table in Base.metadata.tables.items()
    }


# One deal -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "then", "step"),
    [
        ("create_activity", {"type": "call", "subject": "Call {customer_name}", "due_in_days": 2},
         "Add the activity “Call Mária Horváthová” (Call), due in 2 days, for the owner of the deal."),
        ("send_email", {"to": "customer", "subject": "Hi {customer_first_name}", "body": "x", "purpose": "service"},
         "Send the e-mail “Hi Mária” to the customer."),
        ("assign_owner", {"user_id": "peter"}, "Give the deal to Peter."),
        ("update_deal", {"values": {"probability": 70}}, "Set “Win probability (%)” to 70 %."),
        ("move_stage", {"stage_id": "lost", "lost_reason": "x"}, "Move the deal to “lost”."),
        ("add_note", {"text": "In {stage_name}"}, "Add the note “In new”."),
        ("create_deal", {"pipeline_id": "own", "title": "{deal_title} 2"},
         "Add the deal “Storage 2” to the pipeline “Families”."),
    ],
)  # fmt: skip
def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    sales: Sales, manager: Viewer, action: str, then: dict[str, Any], step: str
) -> None:
    session = sales.session
    people = {"peter": colleague(session, "peter", sales.owner).id, "own": sales.pipeline.id}
    then = {
        key: people.get(str(value)) or (sales.stages[value].id if key == "stage_id" else value)
        for key, value in then.items()
    }
    before = everything(session)

    session.info.pop("unaudited", None)
    found = tried(sales, manager, draft(sales, "deal_created", None, action, then))
    session.commit()

    assert (found.acts, found.steps, found.obstacle, found.problems) == (True, (step,), "", ())
    assert everything(session) == before
    assert (sales.deal.stage_id, sales.deal.assigned_user_id) == (sales.stages["new"].id, sales.owner.id)


def test_a_dry_run_finds_what_would_be_refused(sales: Sales, manager: Viewer) -> None:
    sales.stages["offer"].required_fields = ["source"]
    sales.session.commit()

    found = tried(
        sales, manager, draft(sales, "deal_created", None, "move_stage", {"stage_id": sales.stages["offer"].id})
    )

    assert (found.acts, found.obstacle) == (False, "“offer” needs more about the deal first.")
    assert sales.deal.stage_id == sales.stages["new"].id


def test_a_dry_run_shows_each_condition_with_what_the_deal_has(sales: Sales, manager: Viewer) -> None:
    sales.deal.value, sales.deal.currency = Decimal(500), "EUR"
    sales.session.commit()
    conditions = [
        {"field": "value", "op": "ge", "value": 1000},
        {"field": "assigned_user_id", "op": "eq", "value": sales.owner.id},
        {"field": "customer.country", "op": "in", "value": ["SK", "CZ"]},
        {"field": "campaign_id", "op": "empty"},
    ]

    found = tried(sales, manager, draft(sales, "deal_created", {"conditions": conditions}))

    assert found.acts is False
    assert [(one.text, one.holds, one.found) for one in found.conditions] == [
        ("Value is at least 1,000.00", False, "€500.00"),
        ("Owner is Olga", True, "Olga"),
        ("Customer: Country is one of SK · Slovakia, CZ · Czechia", True, "SK · Slovakia"),
        ("Campaign is empty", True, "–"),
    ]


def test_a_dry_run_tells_nothing_of_a_hidden_field(sales: Sales) -> None:
    role = role_of(sales.session, "Blind", *EVERYTHING, hidden=(("deals", "value"), ("customers", "last_name")))
    user = make_user(sales.session, "blind", role=role, assigned_countries=["SK"])
    sales.deal.value = Decimal(77777)
    sales.session.commit()
    when = {"conditions": [{"field": "value", "op": "ge", "value": 1000}]}
    rule = draft(sales, "deal_created", when, "add_note", {"text": "{customer_name} {deal_value}"})

    found = tried(sales, viewer_of(sales.session, user), rule)

    assert found.acts is None
    assert [one.holds for one in found.conditions] == [None]
    assert "77" not in repr(found)
    assert "Horváthová" not in repr(found)


def test_a_dry_run_of_a_broken_rule_tells_its_problems(sales: Sales, manager: Viewer) -> None:
    gone = draft(sales, "stage_changed", {"stage_id": "nowhere"})
    unread = draft(sales, "stage_changed", {}, "add_note", {})

    assert [one.sentence for one in tried(sales, manager, gone).problems] == ["This stage does not exist any more."]
    assert [one.key for one in tried(sales, manager, unread).problems] == ["text"]


def test_a_draft_cannot_find_out_what_there_is_in_other_countries(sales: Sales) -> None:
    session = sales.session
    role = role_of(session, "Slovaks", *EVERYTHING)
    viewer = viewer_of(session, make_user(session, "slovak", role=role, assigned_countries=["SK"]))
    swiss = make_user(session, "swiss", assigned_countries=["CH"])
    session.commit()

    for rule in (
        draft(sales, "deal_created", None, "assign_owner", {"user_id": swiss.id}),
        draft(sales, "deal_created", None, "assign_owner", {"user_id": "nobody"}),
    ):
        sentences = {
            one.sentence for one in (*tried(sales, viewer, rule).problems, *looked(sales, viewer, rule).problems)
        }
        assert sentences == {"This colleague does not exist, or is not yours to choose."}


# What would have been -------------------------------------------------------------------


def looked(sales: Sales, viewer: Viewer, rule: AutomationRule | Draft, **more: Any) -> BackTest:
    with speaking("en", "UTC"):
        return back_test(sales.session, viewer, rule, **more)


def happenings(sales: Sales) -> None:
    """Some weeks of sales: moves, wins, losses, activities, customers who change."""
    other = sales.add_deal(value=Decimal(5000))
    sales.add_deal("won")
    for stage in ("offer", "contract", "offer", "won"):
        sales.move(stage, other)
    sales.move("offer")
    sales.move("lost", lost_reason="Too expensive")
    sales.move("offer")
    sales.complete("call")
    sales.complete("meeting", other)
    sales.change(sales.customer, client_status="acquired")
    sales.change(sales.customer, lead_status="hot")
    sales.change(sales.customer, phone="+421905123456")


@pytest.mark.parametrize(
    ("trigger", "when"),
    [
        ("deal_created", {}),
        ("stage_changed", {}),
        ("stage_changed", {"stage_id": "offer"}),
        ("stage_changed", {"from_stage_id": "offer"}),
        ("stage_changed", {"stage_id": "contract", "from_stage_id": "offer"}),
        ("deal_won", {}),
        ("deal_lost", {}),
        ("activity_completed", {}),
        ("activity_completed", {"activity_type": "meeting"}),
        ("customer_updated", {}),
        ("customer_updated", {"fields": ["lead_status"]}),
        ("customer_updated", {"fields": ["phone", "email"]}),
        ("stage_changed", {"conditions": [{"field": "value", "op": "ge", "value": 1000}]}),
    ],
)
def test_a_look_back_counts_what_really_ran(sales: Sales, manager: Viewer, trigger: str, when: dict[str, Any]) -> None:
    rule = sales.rule(trigger, when, "update_deal", {"values": {"add_to_notes": "x"}})
    since = utc_now()

    happenings(sales)

    sales.session.refresh(rule)
    found = looked(sales, manager, rule, now=utc_now() + timedelta(seconds=1), days=1)
    ran = [run for run in sales.runs(rule) if run.outcome == "done" and run.at >= since]
    # The deal of the fixture was there before: it was not told as new.
    before = 1 if trigger == "deal_created" else 0
    assert found.count - before == len(ran) == rule.execution_count > 0
    assert found.deals - before == len({run.deal_id for run in ran})
    assert (found.more, found.blind, found.problems) == (False, False, ())
    assert {hit.title for hit in found.hits} == {"Storage"}


def test_a_look_back_counts_deals_that_rotted_once_for_each_stay(sales: Sales, manager: Viewer) -> None:
    session, now = sales.session, utc_now()
    rule = sales.rule("deal_rotting", {"days": 3}, "update_deal", {"values": {"add_to_notes": "x"}})
    busy = sales.new_deal("offer")
    for days in (2, 4, 6):
        session.add(DealActivity(deal_id=busy.id, type="call", subject="x", is_completed=True,
                                 completed_at=now + timedelta(days=days)))  # fmt: skip
    session.commit()

    for day in range(12):
        at = now + timedelta(days=day, minutes=1)
        happen(session, lambda at=at: jobs.find_rotten(session, now=at))
        work_off(session, now=at)

    found = looked(sales, manager, rule, now=now + timedelta(days=11, minutes=1))
    ran = {run.deal_id for run in sales.runs(rule)}
    assert (found.count, found.deals) == (2, 2)
    assert ran == {hit.deal_id for hit in found.hits} == {sales.deal.id, busy.id}
    assert [round((hit.at - now) / timedelta(days=1)) for hit in found.hits] == [9, 3]


def test_a_look_back_stays_within_the_countries_of_the_viewer(sales: Sales) -> None:
    session = sales.session
    sales.new_deal(country_code="CZ", customer_id=None, assigned_user_id=None)
    czech = make_user(session, "czech", role=role_of(session, "Czechs", *EVERYTHING), assigned_countries=["CZ"])
    session.commit()
    rule = draft(sales, "deal_created")

    found = looked(sales, viewer_of(session, czech), rule, now=utc_now() + timedelta(seconds=1))

    assert (found.count, len(found.hits)) == (1, 1)
    assert found.hits[0].deal_id != sales.deal.id


def test_a_look_back_does_not_count_by_a_hidden_field(sales: Sales) -> None:
    role = role_of(sales.session, "Blind", *EVERYTHING, hidden=(("deals", "value"),))
    blind = viewer_of(sales.session, make_user(sales.session, "blind", role=role))
    rule = draft(sales, "deal_created", {"conditions": [{"field": "value", "op": "ge", "value": 1}]})

    found = looked(sales, blind, rule)

    assert (found.blind, found.count, found.hits) == (True, 0, ())


@pytest.mark.parametrize("trigger", ["deal_created", "stage_changed", "deal_won", "deal_rotting", "customer_updated"])
def test_a_look_back_costs_as_many_statements_for_many_deals_as_for_one(
    sales: Sales, manager: Viewer, trigger: str
) -> None:
    rule = draft(sales, trigger, {"conditions": [{"field": "product", "op": "empty"}]})

    def statements() -> int:
        said: list[str] = []
        count: Callable[..., None] = lambda *args: said.append(args[2])  # noqa: E731  # one expression
        engine = sales.session.get_bind()
        event.listen(engine, "before_cursor_execute", count)
        try:
            looked(sales, manager, rule, now=utc_now() + timedelta(days=30))
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len([one for one in said if not one.startswith("SAVEPOINT") and "set_config" not in one])

    happenings(sales)
    few = statements()
    for _time in range(15):
        sales.new_deal("won")
        sales.new_deal()

    assert statements() == few <= 8


def test_the_newest_are_shown_and_a_draft_needs_not_be_saved(sales: Sales, manager: Viewer) -> None:
    for _time in range(4):
        sales.new_deal()

    with system_scope("tests"):
        found = looked(sales, manager, draft(sales, "deal_created"), limit=3, now=utc_now() + timedelta(seconds=1))

    assert (found.count, len(found.hits)) == (5, 3)
    assert sales.session.scalar(select(func.count()).select_from(DealStay)) == 5
