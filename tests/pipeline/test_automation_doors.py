"""A rule that cannot act is saved through no door, many events at once count right, and people hear of dead rules."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import RoleFieldPermission, User
from app.core import db, outbox
from app.core.db import transaction
from app.core.errors import Unprocessable
from app.core.events import publish
from app.core.outbox import OutboxDelivery, OutboxEvent
from app.core.viewer import SYSTEM, system_scope, visible
from app.pipeline.automation import jobs
from app.pipeline.automation.events import AutomationDisabled
from app.pipeline.models import AutomationRule, AutomationRun, Deal, DealActivity, PipelineStage
from app.pipeline.services.moving import move_deal
from app.work.models import Notification, NotificationType
from tests.conftest import make_user, token_of
from tests.notifications.notified import colleague, happen, lines, role_of, told
from tests.pipeline.automated import NOTE, Sales
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")
RIGHTS = ("automation_rules", "pipelines", "deals", "customers", "users", "notifications")


@pytest.fixture
def slovak(sales: Sales) -> User:
    """Somebody who may write rules, of SK alone."""
    user = make_user(sales.session, "slovak", role=role_of(sales.session, "Rules", *RIGHTS), assigned_countries=["SK"])
    sales.pipeline.country_codes = ["SK"]
    sales.session.commit()
    return user


def body(sales: Sales, **more: Any) -> dict[str, Any]:
    return {
        "name": "A rule", "pipeline_id": sales.pipeline.id, "trigger_type": "deal_created", "action_type": "add_note",
        "action_config": NOTE, "is_active": True, **more,
    }  # fmt: skip


# Doors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "more", "sentence"),
    [
        ("action_config", {"action_config": {}}, "text: This field is required."),
        ("trigger_config", {"trigger_config": {"stage_id": "x"}}, "There is no setting “stage_id”."),
        ("trigger_config", {"trigger_type": "stage_changed", "trigger_config": {"stage_id": "x"}},
         "stage_id: This stage does not exist any more."),
        ("action_config", {"action_type": "assign_owner", "action_config": {"user_id": "nobody"}},
         "user_id: This colleague does not exist, or is not yours to choose."),
        ("action_config", {"action_config": [1]}, "The details must be a JSON object."),
    ],
)  # fmt: skip
def test_rest_refuses_a_rule_that_cannot_act_at_its_column(
    app: Flask, sales: Sales, slovak: User, column: str, more: dict[str, Any], sentence: str
) -> None:
    client, header = app.test_client(), token_of(app, slovak)

    refused = client.post("/api/v1/automation_rules/", json=body(sales, **more), headers=header)
    taken = client.post("/api/v1/automation_rules/", json=body(sales), headers=header)

    assert refused.status_code == 422, refused.text
    assert sentence in repr(refused.json)
    assert column in repr(refused.json)
    assert taken.status_code == 201, taken.text
    rule = sales.session.get(AutomationRule, taken.json["id"])
    assert rule is not None and rule.created_by == slovak.id


def test_the_form_refuses_a_rule_that_cannot_act_and_keeps_what_was_typed(client: FlaskClient, sales: Sales) -> None:
    typed = {"name": "Typed", "pipeline_id": sales.pipeline.id, "trigger_type": "deal_created",
             "action_type": "add_note", "action_config": '{"text": ""}', "is_active-shown": "1"}  # fmt: skip

    refused = client.post("/automation_rules/add", data=typed)
    assert refused.status_code == 422
    assert "text: This field is required." in refused.text
    assert "Typed" in refused.text
    taken = client.post("/automation_rules/add", data={**typed, "action_config": '{"text": "x"}'})

    assert taken.status_code == 302
    count = select(func.count()).select_from(AutomationRule).where(AutomationRule.name == "Typed")
    assert sales.session.scalar(count) == 1


@pytest.mark.parametrize(
    ("column", "action", "then"),
    [
        ("stage_id", "move_stage", {"stage_id": "offer"}),
        ("assigned_user_id", "assign_owner", {"user_id": "olga"}),
        ("value", "update_deal", {"values": {"value": 1, "source": "x"}}),
        ("notes", "update_deal", {"values": {"add_to_notes": "x"}}),
    ],
)
def test_a_rule_is_no_way_around_the_rights_of_a_field(
    app: Flask, sales: Sales, slovak: User, column: str, action: str, then: dict[str, Any]
) -> None:
    known = {"offer": sales.stages["offer"].id, "olga": sales.owner.id}
    wish = body(sales, action_type=action, action_config={key: known.get(str(one), one) for key, one in then.items()})
    client, header = app.test_client(), token_of(app, slovak)
    assert client.post("/api/v1/automation_rules/", json=wish, headers=header).status_code == 201
    role = slovak.primary_role
    assert role is not None
    role.role_field_permissions = [RoleFieldPermission(module_key="deals", field_key=column, permission="readonly")]
    sales.session.commit()

    refused = client.post("/api/v1/automation_rules/", json=wish, headers=header)
    other = client.post("/api/v1/automation_rules/", json=body(sales), headers=header)

    assert (refused.status_code, other.status_code) == (422, 201)
    assert "The rule would change a field of the deal that you may not change." in repr(refused.json)


def test_the_record_leads_to_the_form_for_people(client: FlaskClient, sales: Sales) -> None:
    rule = sales.rule("deal_created")

    assert f'href="/automation/{rule.id}"' in client.get(f"/automation_rules/show/{rule.id}").text


def test_every_way_to_the_generated_form_leads_to_the_form_for_people(client: FlaskClient, sales: Sales) -> None:
    rule, pipeline = sales.rule("deal_created"), sales.pipeline.id

    new = client.get(f"/automation_rules/add?pipeline_id={pipeline}")
    assert new.location == f"/automation/new?pipeline_id={pipeline}"
    assert client.get(f"/automation_rules/edit/{rule.id}").location == f"/automation/{rule.id}"
    listed = client.get("/automation_rules/list/").text
    assert 'href="/automation/new"' in listed and f'href="/automation/{rule.id}"' in listed
    assert "/automation_rules/add" not in listed and "/automation_rules/edit/" not in listed
    tab = client.get(f"/pipelines/show/{pipeline}/tab/automation_rules.pipeline_id").text
    assert f'href="/automation/new?pipeline_id={pipeline}"' in tab and "data-short=" not in tab


@pytest.mark.parametrize("kind", ["pipeline", "person", "stage"])
def test_what_is_of_another_country_cannot_be_named(app: Flask, sales: Sales, slovak: User, kind: str) -> None:
    session = sales.session
    abroad = smallest(session, "pipelines", country_codes=["CH"], is_active=True)
    stage = smallest(session, "pipeline_stages", pipeline_id=abroad.id)
    swiss = make_user(session, "swiss", assigned_countries=["CH"])
    session.commit()
    more = {
        "pipeline": {"action_type": "create_deal", "action_config": {"pipeline_id": abroad.id, "title": "x"}},
        "person": {"action_type": "assign_owner", "action_config": {"user_id": swiss.id}},
        "stage": {"action_type": "move_stage", "action_config": {"stage_id": stage.id}},
    }[kind]

    found = app.test_client().post(
        "/api/v1/automation_rules/", json=body(sales, **more), headers=token_of(app, slovak)
    )  # fmt: skip

    assert found.status_code == 422
    assert "does not exist" in repr(found.json)


def test_a_dead_rule_can_be_switched_off_and_renamed_but_not_on(sales: Sales) -> None:
    session = sales.session
    stage = smallest(session, "pipeline_stages", pipeline_id=sales.pipeline.id)
    rule = sales.rule("stage_changed", {"stage_id": stage.id})
    session.execute(text("DELETE FROM pipeline_stages WHERE id = :id"), {"id": stage.id})  # past the guard
    session.commit()

    rule.is_active, rule.name = False, "Old"
    session.commit()
    with pytest.raises(Unprocessable, match="cannot be saved"):
        rule.is_active = True
        session.flush()
    session.rollback()

    assert (rule.is_active, rule.name) == (False, "Old")


def test_switching_on_again_forgets_the_failures(sales: Sales) -> None:
    rule = sales.rule("deal_created", is_active=False, failures_in_row=5, disabled_reason="It failed.")

    rule.is_active = True
    sales.session.commit()

    assert (rule.failures_in_row, rule.disabled_at, rule.disabled_reason) == (0, None, None)


def test_a_lost_stage_needs_its_reason_in_the_rule(sales: Sales) -> None:
    with pytest.raises(Unprocessable):
        sales.rule("deal_created", None, "move_stage", {"stage_id": "lost"})
    sales.session.rollback()

    assert sales.rule("deal_created", None, "move_stage", {"stage_id": "lost", "lost_reason": "x"}).id


# Who may know what rules did ------------------------------------------------------------


def test_runs_about_deals_of_other_countries_are_not_told(sales: Sales) -> None:
    session = sales.session
    rule = sales.rule("stage_changed")
    czech = make_user(session, "czech", role=role_of(session, "Czechs", *RIGHTS), assigned_countries=["CZ"])
    own = sales.new_deal(country_code="CZ", customer_id=None, assigned_user_id=None)

    sales.move("offer")
    sales.move("offer", own)

    asked = visible(AutomationRun, viewer_of(session, czech)).where(AutomationRun.rule_id == rule.id)
    assert [run.deal_id for run in session.scalars(asked)] == [own.id]
    assert len(sales.runs(rule)) == 2


# Who hears of a rule that was switched off -----------------------------------------------


def test_whoever_set_up_a_rule_and_administrators_hear_that_it_was_switched_off(sales: Sales, admin: User) -> None:
    session = sales.session
    creator = make_user(session, "creator", role=role_of(session, "Rules", *RIGHTS))
    bystander = colleague(session, "bystander", creator)
    rule = sales.rule("deal_created", name="Call all", created_by=creator.id, is_active=False)

    happen(session, lambda: publish(session, AutomationDisabled(rule.id)))

    assert [len(told(session, user)) for user in (creator, admin, bystander)] == [1, 1, 0]
    [line] = lines(session, creator)
    assert (line.title, line.about, line.more, line.href) == (
        "An automation rule was switched off", "Call all", "It failed several times in a row.",
        f"/automation/{rule.id}",
    )  # fmt: skip
    assert told(session, creator)[0].type is NotificationType.system


def test_a_rule_of_somebody_who_left_is_the_matter_of_administrators(sales: Sales, admin: User) -> None:
    session = sales.session
    gone = make_user(session, "gone", role=role_of(session, "Rules", *RIGHTS), is_active=False)
    rule = sales.rule("deal_created", created_by=gone.id, is_active=False)

    happen(session, lambda: publish(session, AutomationDisabled(rule.id)))

    assert [len(told(session, user)) for user in (gone, admin)] == [0, 1]


def test_five_failures_are_heard_through_the_whole_machinery(sales: Sales, admin: User) -> None:
    session = sales.session
    peter = colleague(session, "peter", sales.owner)
    sales.rule("stage_changed", None, "assign_owner", {"user_id": peter.id}, created_by=None)
    peter.is_active = False
    session.commit()

    for number in range(6):
        sales.move("contract" if number % 2 else "offer")

    assert [one.type for one in told(session, admin) if one.entity_type == "automation_rules"] == ["system"]


def test_a_rule_that_is_on_again_by_now_is_not_told(sales: Sales, admin: User) -> None:
    rule = sales.rule("deal_created")

    happen(sales.session, lambda: publish(sales.session, AutomationDisabled(rule.id)))

    assert sales.session.scalar(select(func.count()).select_from(Notification)) == 0


# Many at once ----------------------------------------------------------------------------


AT_ONCE, WORKERS = 50, 6  # the pool of a process has ten connections


@pytest.fixture
def raced(engine: Engine, session: Session) -> Iterator[dict[str, Any]]:
    """A pipeline with a rule and fifty deals, in real transactions: the one of the test is left aside."""
    session.rollback()
    db.current_session.remove()
    db.session_factory.configure(bind=engine, join_transaction_mode="conditional_savepoint")
    with db.session_factory() as own, system_scope("tests"):
        own.info["unaudited"] = True
        pipeline = smallest(own, "pipelines", name="Raced by rules", is_active=True)
        here, there = (smallest(own, "pipeline_stages", pipeline_id=pipeline.id, name=name) for name in "ab")
        rule = AutomationRule(pipeline_id=pipeline.id, name="Raced", trigger_type="stage_changed", is_active=True,
                              trigger_config={"stage_id": there.id}, action_type="add_note", action_config=NOTE)  # fmt: skip
        own.add(rule)
        deals = [smallest(own, "deals", stage_id=here.id) for _number in range(AT_ONCE)]
        own.commit()
        found = {"rule": rule.id, "here": here.id, "there": there.id, "deals": [deal.id for deal in deals]}
    yield found
    with db.session_factory() as own, system_scope("tests"):
        own.execute(text("DELETE FROM outbox_events WHERE payload->>'id' = ANY(:keys)"), {"keys": found["deals"]})
        own.execute(text("DELETE FROM deals WHERE id = ANY(:keys)"), {"keys": found["deals"]})
        own.execute(text("DELETE FROM pipelines WHERE name = 'Raced by rules'"))
        own.commit()


def deliveries_of(keys: list[str]) -> list[str]:
    with db.session_factory() as own, system_scope("tests"):
        asked = select(OutboxDelivery.id).join(OutboxEvent, OutboxEvent.id == OutboxDelivery.event_id)
        mine = asked.where(
            OutboxDelivery.listener == jobs.answer_changed.name, OutboxEvent.payload["id"].astext.in_(keys)
        )
        return list(own.scalars(mine))


def test_fifty_moves_at_once_are_answered_once_each_and_counted_right(raced: dict[str, Any]) -> None:
    barrier = Barrier(WORKERS)

    def move(number: int) -> None:
        if number < WORKERS:
            barrier.wait(20)
        with transaction(by=SYSTEM) as own:
            deal, stage = own.get(Deal, raced["deals"][number]), own.get(PipelineStage, raced["there"])
            assert deal is not None and stage is not None
            move_deal(own, deal, stage)
        db.current_session.remove()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(move, range(AT_ONCE)))
    deliveries = deliveries_of(raced["deals"])
    with ThreadPoolExecutor(WORKERS) as pool:  # each told twice, as a sweeper may
        list(pool.map(outbox.deliver, [*deliveries, *deliveries]))

    with db.session_factory() as own, system_scope("tests"):
        rule = own.get(AutomationRule, raced["rule"])
        assert rule is not None
        runs = own.execute(
            select(AutomationRun.deal_id, func.count())
            .where(AutomationRun.rule_id == rule.id)
            .group_by(AutomationRun.deal_id)
        ).all()
        notes = own.scalar(
            select(func.count()).select_from(DealActivity).where(DealActivity.deal_id.in_(raced["deals"]))
        )  # fmt: skip
        assert len(deliveries) == AT_ONCE
        assert sorted(count for _deal, count in runs) == [1] * AT_ONCE
        assert (rule.execution_count, notes, rule.failures_in_row) == (AT_ONCE, AT_ONCE, 0)


def test_moves_of_one_deal_at_once_are_answered_once_each(raced: dict[str, Any]) -> None:
    key = raced["deals"][0]
    for number in range(20):
        with transaction(by=SYSTEM) as own:
            deal = own.get(Deal, key)
            stage = own.get(PipelineStage, raced["here" if number % 2 else "there"])
            assert deal is not None and stage is not None
            move_deal(own, deal, stage)
    deliveries = deliveries_of([key])

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(outbox.deliver, [*deliveries, *reversed(deliveries)]))

    with db.session_factory() as own, system_scope("tests"):
        rule = own.get(AutomationRule, raced["rule"])
        assert rule is not None
        runs = own.scalar(select(func.count()).select_from(AutomationRun).where(AutomationRun.rule_id == rule.id))
        assert (len(deliveries), runs, rule.execution_count) == (20, 10, 10)
