"""Rules that older systems and hands wrote in other words act, are shown in the form, and are kept in our words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.models import User
from app.pipeline.automation import config, former
from app.pipeline.automation.config import AddNote, SendEmail
from app.pipeline.models import AutomationRule
from tests.conftest import token_of
from tests.pipeline.automated import Sales
from tests.pipeline.test_automation_mending import written
from tests.pipeline.test_automation_pages import families, rule, typed, version_in, words

pytestmark = pytest.mark.usefixtures("without_csrf")
__all__ = ["families", "rule"]
NOTE = {"text": "x"}


def test_every_setting_is_known_by_its_own_name() -> None:
    assert {kind.value: set(names) for kind, names in config.TAKES.items()} == {
        kind: set(names) for kind, names in former.TRIGGERS.items()
    }
    for kind, made in config.CLASSES.items():
        assert set(former.ACTIONS[kind.value]) == set(made.__dataclass_fields__), kind


@pytest.mark.parametrize(
    ("kind", "given", "ours"),
    [
        ("stage_changed", {"stageId": "s", "fromStageId": "f"}, {"stage_id": "s", "from_stage_id": "f"}),
        ("stage_changed", {"to_stage": "s", "previousStageId": "f"}, {"stage_id": "s", "from_stage_id": "f"}),
        ("stage_changed", json.dumps({"toStageId": "s"}), {"stage_id": "s"}),
        ("deal_rotting", {"daysInStage": 9}, {"days": 9}),
        ("activity_completed", {"type": "call"}, {"activity_type": "call"}),
        ("customer_updated", {"watchedFields": ["email"]}, {"fields": ["email"]}),
        ("deal_won", {"conditions": {"field": "amount", "operator": ">=", "value": 100}},
         {"conditions": [{"field": "value", "op": "ge", "value": 100}]}),
        ("deal_won", {"filters": [{"column": "customer.leadScore", "comparison": "Is not empty"}]},
         {"conditions": [{"field": "customer.lead_score", "op": "filled"}]}),
        ("deal_won", {"conditions": [{"field": "deal.ownerId", "operator": "IN", "value": ["u"]}]},
         {"conditions": [{"field": "assigned_user_id", "op": "in", "value": ["u"]}]}),
    ],
)  # fmt: skip
def test_a_trigger_in_other_words_is_read_as_ours(kind: str, given: Any, ours: dict[str, Any]) -> None:
    trigger, problems = config.read_trigger(kind, given)

    assert problems == []
    assert trigger is not None and trigger.dump() == ours


@pytest.mark.parametrize(
    ("kind", "given", "ours"),
    [
        ("create_activity", {"activityType": "call", "title": "Call {{customer.name}}", "dueDays": 3,
                             "assigneeId": "owner"},
         {"type": "call", "subject": "Call {customer_name}", "due_in_days": 3, "priority": "normal"}),
        ("send_email", {"recipient": "client", "emailSubject": "Hi {{ customerFirstName }}", "message": "Dear"},
         {"to": "customer", "subject": "Hi {customer_first_name}", "body": "Dear", "purpose": "marketing"}),
        ("assign_owner", {"assignedUserId": "u"}, {"user_id": "u"}),
        ("update_deal", {"probability": 40, "campaign": "c"}, {"values": {"probability": 40, "campaign_id": "c"}}),
        ("update_deal", {"field": "source", "value": "web"}, {"values": {"source": "web"}}),
        ("update_deal", {"updates": {"amount": 5}}, {"values": {"value": "5"}}),
        ("move_stage", {"targetStageId": "s", "reason": "x"}, {"stage_id": "s", "lost_reason": "x"}),
        ("add_note", json.dumps({"note": "{{deal.title}}"}), {"text": "{deal_title}"}),
        ("create_deal", {"pipeline": "p", "name": "Again", "copyFields": ["source"]},
         {"pipeline_id": "p", "title": "Again", "keep": ["source"]}),
    ],
)  # fmt: skip
def test_an_action_in_other_words_is_read_as_ours(kind: str, given: Any, ours: dict[str, Any]) -> None:
    action, problems = config.read_action(kind, given)

    assert problems == []
    assert action is not None and config.dump(action) == ours
    assert former.action(kind, config.dump(action)) == config.dump(action)


@pytest.mark.parametrize(
    ("columns", "at"),
    [
        (("deal_won", {"conditions": [{"field": "value", "op": "gt", "value": 1}]}, "add_note", NOTE),
         "conditions.0.op"),
        (("deal_won", {"stageId": "s"}, "add_note", NOTE), "stageId"),
        (("deal_won", {}, "add_note", {"text": "ours", "note": "theirs"}), "note"),
        (("deal_won", {}, "add_note", {"text": "Dear {{ salutation }}"}), "text"),
        (("deal_won", {}, "send_email", {"to": "customer", "subject": "x", "body": "y", "templateId": 7}),
         "templateId"),
        (("deal_won", {}, "update_deal", {"probability": 40, "status": "won"}), "status"),
        (("deal_won", '{"conditions": [', "add_note", NOTE), ""),
        (("deal_won", '{"a":' * 9_000, "add_note", NOTE), ""),
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_told_and_not_guessed(columns: tuple[Any, ...], at: str) -> None:
    assert [problem.key for problem in config.read(*columns).problems] == [at]


def test_a_rule_in_other_words_acts(sales: Sales) -> None:
    rule = sales.rule("stage_changed", {"stage_id": "offer"})
    sales.session.execute(
        update(AutomationRule).where(AutomationRule.id == rule.id).values(
            trigger_config={"toStageId": sales.stages["offer"].id}, action_config={"content": "Now in {{stageName}}"}
        )
    )  # fmt: skip
    sales.session.commit()

    sales.move("contract")
    sales.move("offer")

    assert sales.outcomes(rule) == ["done"]
    assert sales.notes() == ["Now in offer"]


def test_a_rule_in_other_words_is_shown_in_the_form_and_saved_in_ours(
    client: FlaskClient, session: Session, families: dict[str, Any], rule: AutomationRule
) -> None:
    offer = families["Offer sent"].id
    written(
        session, rule, trigger_config={"toStageId": offer, "conditions": {"field": "amount", "operator": ">=", "value": 5}},
        action_config=json.dumps({"activityType": "call", "title": "Ring", "dueDays": 3}),
    )  # fmt: skip

    answer = client.get(f"/automation/{rule.id}")

    page = answer.get_data(as_text=True)
    assert "does not act" not in words(answer)
    assert "plan an activity (call) “Ring” for the owner of the deal in 3 days" in words(answer)
    assert f'<option value="{offer}" selected>' in page and 'name="then.create_activity.subject" value="Ring"' in page
    assert 'name="if.0.value" value="5"' in page
    sent = typed(families, version=version_in(answer), **{"if.0.field": "value", "if.0.op": "ge", "if.0.value": "5"})
    assert client.post(f"/automation/{rule.id}", data=sent).status_code == 302
    session.expire_all()
    assert rule.trigger_config == {
        "stage_id": offer, "conditions": [{"field": "value", "op": "ge", "value": 5}],
    }  # fmt: skip
    assert rule.action_config["subject"] == "Call {customer_name}"


def test_rest_takes_other_words_and_keeps_ours(app: Flask, admin: User, sales: Sales) -> None:
    body = {
        "name": "A rule", "pipeline_id": sales.pipeline.id, "trigger_type": "stage_changed",
        "trigger_config": {"stageId": sales.stages["offer"].id}, "action_type": "add_note",
        "action_config": {"note": "Hello"}, "is_active": True,
    }  # fmt: skip

    taken = app.test_client().post("/api/v1/automation_rules/", json=body, headers=token_of(app, admin))

    assert taken.status_code == 201, taken.text
    asked = select(AutomationRule.trigger_config, AutomationRule.action_config)
    assert sales.session.execute(asked.where(AutomationRule.id == taken.json["id"])).one() == (
        {"stage_id": sales.stages["offer"].id}, {"text": "Hello"},
    )  # fmt: skip


def test_what_is_read_is_what_the_types_say() -> None:
    assert config.read_action("add_note", {"body": "Hi"})[0] == AddNote("Hi")
    assert config.read_action("send_email", {"sendTo": "dealOwner", "title": "a", "text": "b"})[0] == SendEmail(
        "owner", "a", "b"
    )
