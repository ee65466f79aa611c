"""What a rule says: its JSON is read into typed values and back, and whatever is wrong is told at its place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.pipeline.automation import conditions, config, outcomes, texts
from app.pipeline.automation.config import AddNote, AssignOwner, CreateDeal, SendEmail, UpdateDeal
from app.pipeline.models import AutomationRuleActionType, AutomationRuleTriggerType
from app.screens.locale import speaking

NOTE = ("add_note", {"text": "Called"})
TRIGGERS: dict[str, dict[str, Any]] = {
    "deal_created": {"conditions": [{"field": "value", "op": "ge", "value": 3000}]},
    "stage_changed": {"stage_id": "s2", "from_stage_id": "s1"},
    "deal_won": {"conditions": [{"field": "source", "op": "contains", "value": "web"}]},
    "deal_lost": {"conditions": [{"field": "campaign_id", "op": "empty"}]},
    "deal_rotting": {"days": 14, "stage_id": "s1"},
    "activity_completed": {"activity_type": "call"},
    "customer_updated": {"fields": ["client_status"]},
}
ACTIONS: dict[str, dict[str, Any]] = {
    "create_activity": {"type": "call", "subject": "Call {customer_name}", "due_in_days": 1, "priority": "high"},
    "send_email": {"to": "customer", "subject": "Welcome", "body": "Dear {customer_name}", "purpose": "service"},
    "assign_owner": {"way": "fewest_open", "user_ids": ["u1", "u2"]},
    "update_deal": {"values": {"probability": 80, "value": "1200.50", "add_to_notes": "Large"}},
    "move_stage": {"stage_id": "s3", "lost_reason": "No answer"},
    "add_note": {"text": "No movement"},
    "create_deal": {"pipeline_id": "p2", "title": "Second child", "keep": ["customer_id", "source"]},
}


def told(*columns: Any) -> dict[str, str]:
    return {f"{one.column}:{one.key}": one.sentence for one in config.read(*columns).problems}


def test_every_trigger_and_every_action_is_known() -> None:
    assert set(TRIGGERS) == set(AutomationRuleTriggerType) == set(config.TAKES)
    assert set(ACTIONS) == set(AutomationRuleActionType) == set(config.CLASSES)


@pytest.mark.parametrize("kind", TRIGGERS)
def test_a_trigger_is_read_and_written_back_as_it_was(kind: str) -> None:
    found = config.read(kind, TRIGGERS[kind], *NOTE)

    assert found.alive
    assert found.trigger is not None
    assert found.trigger.dump() == TRIGGERS[kind]


@pytest.mark.parametrize("kind", ACTIONS)
def test_an_action_is_read_and_written_back_as_it_was(kind: str) -> None:
    action = config.read("deal_created", None, kind, ACTIONS[kind]).action

    assert action is not None
    again, problems = config.read_action(kind, config.dump(action))
    assert (again, problems) == (action, [])
    assert ACTIONS[kind].items() <= {**config.dump(action), "due_in_days": 1}.items() or kind == "create_activity"


def test_numbers_and_texts_become_typed() -> None:
    action = config.read("deal_won", {}, "update_deal", {"values": {"value": 1200.5, "probability": "80"}}).action

    assert action == UpdateDeal(value=Decimal("1200.5"), probability=80)
    assert config.read("deal_won", {}, "add_note", {"text": " a\r\nb "}).action == AddNote("a\nb")
    assert config.read("deal_won", {}, "create_deal", {"pipeline_id": "p", "title": "x"}).action == CreateDeal("p", "x")


def test_an_email_that_says_nothing_of_its_purpose_needs_consent() -> None:
    action = config.read("deal_won", {}, "send_email", {"to": "customer", "subject": "a", "body": "b"}).action

    assert action == SendEmail("customer", "a", "b", config.MARKETING)


@pytest.mark.parametrize(
    ("columns", "where"),
    [
        (("moon_rises", {}, *NOTE), "trigger_type:"),
        (("deal_won", [], *NOTE), "trigger_config:"),
        (("deal_won", {"stage_id": "s"}, *NOTE), "trigger_config:stage_id"),
        (("deal_rotting", {"days": 0}, *NOTE), "trigger_config:days"),
        (("deal_rotting", {"days": True}, *NOTE), "trigger_config:days"),
        (("stage_changed", {"stage_id": "a", "from_stage_id": "a"}, *NOTE), "trigger_config:from_stage_id"),
        (("customer_updated", {"fields": ["national_id"]}, *NOTE), "trigger_config:fields"),
        (("activity_completed", {"activity_type": "dance"}, *NOTE), "trigger_config:activity_type"),
        (("deal_won", {"conditions": "all"}, *NOTE), "trigger_config:conditions"),
        (("deal_won", {"conditions": [7]}, *NOTE), "trigger_config:conditions.0"),
        (("deal_won", {"conditions": [{"field": "moon", "op": "eq"}]}, *NOTE), "trigger_config:conditions.0.field"),
        (("deal_won", {"conditions": [{"field": "value", "op": "contains", "value": 1}]}, *NOTE),
         "trigger_config:conditions.0.op"),
        (("deal_won", {"conditions": [{"field": "value", "op": "ge", "value": "many"}]}, *NOTE),
         "trigger_config:conditions.0.value"),
        (("deal_won", {"conditions": [{"field": "status", "op": "eq", "value": "sold"}]}, *NOTE),
         "trigger_config:conditions.0.value"),
        (("deal_won", {"conditions": [{"field": "value", "op": "ge", "value": 1, "or": 2}]}, *NOTE),
         "trigger_config:conditions.0"),
        (("deal_won", {}, "fly", {}), "action_type:"),
        (("deal_won", {}, "add_note", "text"), "action_config:"),
        (("deal_won", {}, "add_note", {}), "action_config:text"),
        (("deal_won", {}, "add_note", {"text": "Dear {password}"}), "action_config:text"),
        (("deal_won", {}, "add_note", {"text": "a", "colour": "red"}), "action_config:colour"),
        (("deal_won", {}, "send_email", {"to": "boss", "subject": "a", "body": "b"}), "action_config:to"),
        (("deal_won", {}, "send_email", {"to": "owner", "body": "b"}), "action_config:subject"),
        (("deal_won", {}, "assign_owner", {}), "action_config:user_id"),
        (("deal_won", {}, "assign_owner", {"way": "fewest_open"}), "action_config:user_ids"),
        (("deal_won", {}, "assign_owner", {"user_id": "a", "way": "fewest_open", "user_ids": ["b"]}),
         "action_config:user_id"),
        (("deal_won", {}, "update_deal", {}), "action_config:values"),
        (("deal_won", {}, "update_deal", {"values": {"status": "won"}}), "action_config:values.status"),
        (("deal_won", {}, "update_deal", {"values": {"probability": 101}}), "action_config:values.probability"),
        (("deal_won", {}, "update_deal", {"values": {"value": "-1"}}), "action_config:values.value"),
        (("deal_won", {}, "move_stage", {}), "action_config:stage_id"),
        (("deal_won", {}, "create_deal", {"pipeline_id": "p", "title": "t", "keep": ["id"]}), "action_config:keep"),
        (("deal_won", {}, "create_activity", {"type": "call", "subject": "x" * 501}), "action_config:subject"),
        (("deal_won", {}, "create_activity", {"type": "call", "subject": "x", "due_in_days": -1}),
         "action_config:due_in_days"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(columns: tuple[Any, ...], where: str) -> None:
    problems = told(*columns)

    assert list(problems) == [where]
    assert problems[where].endswith(".")


@pytest.mark.parametrize("value", [None, 7, "text", [], {}, {"conditions": {"field": 1}}, {"a": {"b": []}}, [[]], True])
@pytest.mark.parametrize("kind", ["deal_won", "customer_updated", None, 7, []])
def test_nothing_makes_reading_fail(kind: Any, value: Any) -> None:
    for action in (*AutomationRuleActionType, None, 7):
        found = config.read(kind, value, action, value)
        assert found.alive or found.problems


FACTS: dict[str, Any] = {
    "value": Decimal("3000"), "source": "Web form", "status": "open", "campaign_id": None, "product": {"p1", "p2"},
    "expected_close_date": 5, "probability": Decimal(0),
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("value", "ge", 3000, True), ("value", "le", "2999.99", False), ("value", "ne", 1, True),
        ("value", "filled", None, True), ("probability", "eq", 0, True), ("probability", "filled", None, True),
        ("source", "contains", "WEB", True), ("source", "in", ["web FORM", "hospital"], True),
        ("source", "eq", "web", False), ("status", "eq", "open", True), ("status", "in", ["won"], False),
        ("campaign_id", "empty", None, True), ("campaign_id", "filled", None, False),
        ("campaign_id", "eq", "c1", False), ("campaign_id", "ne", "c1", True),
        ("product", "eq", "p1", True), ("product", "ne", "p1", False), ("product", "in", ["p3", "p2"], True),
        ("product", "empty", None, False), ("expected_close_date", "le", 7, True),
        ("expected_close_date", "ge", 7, False), ("customer.lead_score", "ge", 0, False),
    ],
)  # fmt: skip
def test_a_condition_holds_or_not(field: str, op: str, value: Any, expected: bool) -> None:
    condition = conditions.read({"field": field, "op": op, "value": value})

    assert condition.holds(FACTS) is expected
    assert conditions.read(condition.dump()) == condition


def test_texts_are_filled_once_and_look_nothing_up() -> None:
    values = {"customer_name": "{deal_title}", "deal_title": "Storage"}

    assert texts.filled("{customer_name}, {deal_title}, {0}, {}", values) == "{deal_title}, Storage, {0}, {}"
    assert texts.unknown_in("{customer_name.__class__} {owner_name}") == ["customer_name.__class__"]


def test_people_are_chosen_from_a_list_only_with_a_way_to_choose() -> None:
    assert told("deal_won", {}, "assign_owner", {"user_id": "u", "user_ids": ["v"]}) == {
        "action_config:way": "Choose a way to choose one of them."
    }
    assert config.read("deal_won", {}, "assign_owner", {"user_id": "u"}).action == AssignOwner("u")


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("The deal has moved on since.", "Obchod sa odvtedy posunul."),
        ("A condition is not met: Probability.", "Podmienka nie je splnená: Probability."),
        ("KeyError in act, line 7", "KeyError in act, line 7"),
        (None, ""),
    ],
)
def test_a_stored_reason_is_told_in_the_language_of_the_reader(app: Flask, stored: str | None, told: str) -> None:
    with app.app_context(), speaking("sk", "UTC"):
        assert outcomes.told(stored) == told
