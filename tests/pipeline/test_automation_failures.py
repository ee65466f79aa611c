"""A rule that cannot act fails with its reason and leaves nothing; after a few times it is switched off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.core.types import utc_now
from app.pipeline.automation import jobs, running
from app.pipeline.automation.events import AutomationDisabled
from app.pipeline.models import AutomationRule, AutomationRun, DealActivity
from tests.notifications.notified import colleague
from tests.outbox import published, work_off
from tests.pipeline.automated import Sales
from tests.smallest import smallest

# Rules that cannot act any more ------------------------------------------------------


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


# What goes wrong below ---------------------------------------------------------------


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
