"""A rule that cannot act says on its page what keeps it from acting and where, and is mended in its form."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from app.pipeline.models import AutomationRule
from tests.conftest import logged_in, make_user
from tests.pipeline.test_automation_pages import ALL, colleague, families, made, rule, typed, version_in, words
from tests.smallest import smallest
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")
__all__ = ["families", "rule"]


def written(session: Session, rule: AutomationRule, **values: Any) -> None:
    """As an older system or a hand in the database would have left it: past the guard."""
    session.execute(update(AutomationRule).where(AutomationRule.id == rule.id).values(**values))
    session.commit()
    session.expire_all()


@pytest.mark.parametrize(
    ("values", "place", "told"),
    [
        ({"trigger_config": {"stage_id": "gone"}}, "when.stage_changed.stage_id", "This stage does not exist any more."),
        ({"action_config": {"type": "dance", "subject": "Call"}}, "then.create_activity.type",
         "There is no “dance”. Choose one of these: Call, "),
        ({"trigger_config": {"conditions": [{"field": "value", "op": "gt", "value": 5}]}}, "if.0",
         "This field cannot be compared by “gt”. Choose one of these: is, is not, is at least, is at most, is empty, "
         "is filled in."),
        ({"trigger_config": {"stage_id": "gone"}, "action_config": {"type": "call"}}, "when.stage_changed.stage_id",
         "This stage does not exist any more."),
        ({"action_config": {"type": "call"}}, "then.create_activity.subject", "This field is required."),
        ({"trigger_config": {"conditions": [7, {"field": "value", "op": "ge", "value": "many"}]}}, "if.1",
         "Enter an amount such as 1200 or 1200.50."),
        ({"trigger_config": {"conditions": [{"field": "moon", "op": "eq", "value": "full"}]}}, "if.0",
         "There is no field “moon” to compare."),
    ],
)  # fmt: skip
def test_what_keeps_a_rule_from_acting_stands_at_its_control(
    client: FlaskClient, session: Session, rule: AutomationRule, values: dict[str, Any], place: str, told: str
) -> None:
    assert "does not act" not in words(client.get(f"/automation/{rule.id}"))
    written(session, rule, **values)

    answer = client.get(f"/automation/{rule.id}")

    page = answer.get_data(as_text=True)
    assert "This rule does not act Mend what is marked below, then save it." in words(answer)
    assert f'data-jump="{place}"' in page
    assert told in words(answer)
    at = page.partition(f'id="e-{place}"')[2].partition("</div>")[0]
    assert 'class="wrong"' in at


def test_a_setting_that_means_nothing_is_named_and_gone_after_saving(
    client: FlaskClient, session: Session, families: dict[str, Any], rule: AutomationRule
) -> None:
    written(session, rule, action_config={**rule.action_config, "template": 7})

    answer = client.get(f"/automation/{rule.id}")
    assert "“template” means nothing to this rule. Saving leaves it out." in words(answer)
    saved = client.post(f"/automation/{rule.id}", data=typed(families, version=version_in(answer)))

    assert saved.status_code == 302
    session.expire_all()
    assert "template" not in rule.action_config
    assert "does not act" not in words(client.get(f"/automation/{rule.id}"))


def test_who_is_only_hidden_from_the_reader_does_not_make_a_rule_dead(
    app: Flask, client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    swiss = make_user(session, "swiss", assigned_countries=["CH"])
    families["pipeline"].country_codes = ["SK", "CH"]
    session.commit()
    client.post("/automation/new", data=typed(families, **{"then.create_activity.user_id": swiss.id}))
    [rule] = made(session)
    slovak = logged_in(app, colleague(session, "slovak", ALL, "SK"))

    for address in ("/automation/", f"/automation/{rule.id}"):
        told = words(slovak.get(address))
        assert "oes not act" not in told, address
        assert "plan an activity (call)" in told

    swiss.is_active = False
    session.commit()
    for address in ("/automation/", f"/automation/{rule.id}"):
        assert "This colleague is deactivated." in words(slovak.get(address))


def test_the_list_costs_as_many_statements_for_many_rules_as_for_one(
    client: FlaskClient, session: Session, engine: Engine, families: dict[str, Any], rule: AutomationRule
) -> None:
    def cost() -> int:
        client.get("/automation/")
        with statements(engine) as said:
            assert client.get("/automation/").status_code == 200
        return len(said)

    few = cost()
    user = smallest(session, "users")
    session.commit()
    for number in range(6):
        more = {"then.create_activity.user_id": user.id} if number % 2 else {}
        assert client.post("/automation/new", data=typed(families, **more)).status_code == 302

    assert cost() <= few + 1  # colleagues are looked up where a rule names one
