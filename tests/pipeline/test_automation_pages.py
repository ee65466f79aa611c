"""The pages of automation: rules as sentences and forms, who may do what with them, and what is refused."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User
from app.pipeline.models import AutomationRule
from tests.conftest import logged_in, make_user
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")


@pytest.fixture
def families(session: Session) -> dict[str, Any]:
    """A pipeline of all countries with four stages."""
    pipeline = smallest(session, "pipelines", name="Families")
    stages = {
        name: smallest(session, "pipeline_stages", pipeline_id=pipeline.id, name=name, order=order, **more)
        for order, (name, more) in enumerate(
            {
                "New lead": {"probability": 10},
                "Offer sent": {"probability": 50},
                "Won": {"is_won_stage": True},
                "Lost": {"is_lost_stage": True},
            }.items()
        )
    }
    session.commit()
    return {"pipeline": pipeline, **stages}


def typed(families: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the form of a rule sends: a call three days after the offer."""
    return {
        "pipeline_id": families["pipeline"].id,
        "name": "Follow up the offer",
        "active": "1",
        "trigger": "stage_changed",
        "when.stage_changed.stage_id": families["Offer sent"].id,
        "action": "create_activity",
        "then.create_activity.type": "call",
        "then.create_activity.subject": "Call {customer_name}",
        "then.create_activity.due_in_days": "3",
        **more,
    }


def made(session: Session, **more: Any) -> list[AutomationRule]:
    return list(session.scalars(select(AutomationRule).order_by(AutomationRule.created_at)))


def words(answer: Any) -> str:
    """The page as text, on one line."""
    page = re.sub(r"<(script|style).*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def colleague(
    session: Session, name: str, modules: dict[str, str], *countries: str, hidden: tuple[tuple[str, str], ...] = ()
) -> User:
    role = Role(name=f"Role of {name}")
    role.role_module_permissions = [
        RoleModulePermission(module_key=key, can_add="a" in may, can_edit="e" in may) for key, may in modules.items()
    ]
    role.role_field_permissions = [
        RoleFieldPermission(module_key=module, field_key=field, permission="hidden") for module, field in hidden
    ]
    session.add(role)
    user = make_user(session, name, role=role, assigned_countries=list(countries))
    session.commit()
    return user


ALL = {"automation_rules": "vae", "pipelines": "v", "deals": "vae", "customers": "v", "deal_activities": "vae"}
EVERYWHERE = ("SK", "CZ", "HU", "RO", "IT", "DE", "US", "CH")


# Building ------------------------------------------------------------------------------


def test_a_rule_is_built_and_reads_as_a_sentence(
    client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    conditions = {"if.0.field": "value", "if.0.op": "ge", "if.0.value": "1,000.50",
                  "if.3.field": "currency", "if.3.op": "eq", "if.3.value": "EUR"}  # fmt: skip

    answer = client.post("/automation/new", data=typed(families, **conditions))

    assert answer.status_code == 302
    rule = made(session)[-1]
    assert rule.trigger_config == {
        "stage_id": families["Offer sent"].id,
        "conditions": [{"field": "value", "op": "ge", "value": "1000.50"},
                       {"field": "currency", "op": "eq", "value": "EUR"}],
    }  # fmt: skip
    assert rule.action_config == {
        "type": "call", "subject": "Call {customer_name}", "due_in_days": 3, "priority": "normal",
    }  # fmt: skip
    page = words(client.get(f"/automation/?pipeline_id={families['pipeline'].id}"))
    assert (
        "When a deal moves to “Offer sent” and value is at least €1,000.50 and currency is “EUR”: plan an activity (call)"
        " “Call ‹Name of the customer›” for the owner of the deal in 3 days." in page
    )


def test_every_page_opens_for_every_trigger_and_action(client: FlaskClient, families: dict[str, Any]) -> None:
    for starter in ("", "lead", "offer", "rotting", "thanks", "large", "nothing"):
        answer = client.get(f"/automation/new?pipeline_id={families['pipeline'].id}&from={starter}")
        assert answer.status_code == 200, starter
    assert client.get("/automation/").status_code == 200


BAD: dict[str, tuple[dict[str, str], str, str]] = {
    # what is sent otherwise, the control, a part of the sentence
    "no trigger": ({"trigger": ""}, "trigger", "required"),
    "an unknown trigger": ({"trigger": "deal_teleported"}, "trigger", "Choose one of the list"),
    "an unknown action": ({"action": "launch"}, "action", "Choose one of the list"),
    "an unknown field": ({"if.0.field": "password_hash", "if.0.op": "eq", "if.0.value": "x"}, "if.0", "Choose a field"),
    "an unknown operator": ({"if.0.field": "value", "if.0.op": "like", "if.0.value": "x"}, "if.0", "must be a number"),
    "a malformed number": ({"if.7.field": "value", "if.7.op": "ge", "if.7.value": "1,2,3"}, "if.7", "must be a number"),
    "an endless number": ({"if.0.field": "value", "if.0.op": "ge", "if.0.value": "9" * 29}, "if.0", "too large"),
    "a value that is no choice": ({"if.0.field": "status", "if.0.op": "eq", "if.0.value": "sold"}, "if.0", "of the list"),
    "a condition without a value": ({"if.0.field": "source", "if.0.op": "eq"}, "if.0", "required"),
    "half a day": ({"then.create_activity.due_in_days": "2.5"}, "then.create_activity.due_in_days", "whole number"),
    "days of ages": ({"then.create_activity.due_in_days": "99999"}, "then.create_activity.due_in_days", "3650"),
    "words for days": ({"then.create_activity.due_in_days": "soon"}, "then.create_activity.due_in_days", "number"),
    "no subject": ({"then.create_activity.subject": "  "}, "then.create_activity.subject", "required"),
    "an unknown placeholder": ({"then.create_activity.subject": "{password}"}, "then.create_activity.subject", "password"),
    "a stage of nobody": ({"when.stage_changed.stage_id": "nobody"}, "when.stage_changed.stage_id", "of the list"),
    "a colleague who is not there": ({"then.create_activity.user_id": "nobody"}, "then.create_activity.user_id", "not"),
    "a key that is too long": ({"then.create_activity.user_id": "x" * 300}, "then.create_activity.user_id", "the list"),
    "no pipeline": ({"pipeline_id": ""}, "pipeline_id", "Choose a pipeline"),
    "a pipeline of nobody": ({"pipeline_id": "nobody"}, "pipeline_id", "Choose a pipeline"),
    "a long name": ({"name": "x" * 256}, "name", "255"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_a_rule_is_told_at_its_control_and_nothing_is_saved(
    client: FlaskClient, session: Session, families: dict[str, Any], case: str
) -> None:
    wrong, control, sentence = BAD[case]

    answer = client.post("/automation/new", data=typed(families, **wrong))

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    said = re.search(rf'id="e-{re.escape(control)}">(.*?)</div>', page, re.S)
    assert said is not None and sentence in html.unescape(said[1])
    assert f'data-jump="{control}"' in page
    assert made(session) == []


def test_what_cannot_be_stored_is_refused_at_the_door(
    client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    for name in ("name", "then.create_activity.subject", "if.0.value", "trigger"):
        answer = client.post("/automation/new", data=typed(families, **{name: "a\x00b"}))

        assert answer.status_code == 400, name
    assert made(session) == []


def test_a_stage_of_another_pipeline_is_refused(
    client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    foreign = smallest(session, "pipeline_stages", name="Elsewhere")
    session.commit()

    answer = client.post("/automation/new", data=typed(families, **{"when.stage_changed.stage_id": foreign.id}))

    assert answer.status_code == 422
    assert made(session) == []


def test_a_deactivated_colleague_is_refused(client: FlaskClient, session: Session, families: dict[str, Any]) -> None:
    gone = make_user(session, "gone", is_active=False)
    session.commit()

    answer = client.post("/automation/new", data=typed(families, **{"then.create_activity.user_id": gone.id}))

    assert answer.status_code == 422
    assert "deactivated" in words(answer)
    assert made(session) == []


def test_what_was_typed_comes_back_with_every_refusal(client: FlaskClient, families: dict[str, Any]) -> None:
    hostile = '<script>alert(1)</script>{{ 7 * 7 }}" onfocus="x'

    answer = client.post("/automation/new", data=typed(families, name=hostile, **{
        "then.create_activity.due_in_days": "soon", "if.5.field": "source", "if.5.op": "contains", "if.5.value": hostile,
    }))  # fmt: skip

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<script>alert(1)" not in page
    assert page.count(html.escape(hostile, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")) >= 2
    assert 'value="soon"' in page


def test_too_many_conditions_are_refused(client: FlaskClient, session: Session, families: dict[str, Any]) -> None:
    many = {}
    for number in range(40):
        many |= {f"if.{number}.field": "source", f"if.{number}.op": "filled"}

    answer = client.post("/automation/new", data=typed(families, **many))

    assert answer.status_code == 422
    assert "at most 20" in words(answer)
    assert made(session) == []


ACTIONS: dict[str, dict[str, Any]] = {
    "send_email": {
        "to": "customer",
        "purpose": "service",
        "subject": "Thank you, {customer_name}",
        "body": "Dear\nall",
    },
    "update_deal": {"probability": "80", "value": "1.250,5", "add_to_notes": "Seen by {owner_name}"},
    "add_note": {"text": "Nothing moves"},
}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_saved_as_the_engine_reads_it(
    client: FlaskClient, session: Session, families: dict[str, Any], action: str
) -> None:
    given = {f"then.{action}.{key}": value for key, value in ACTIONS[action].items()}
    given["then.update_deal.value"] = "1,250.5"

    answer = client.post("/automation/new", data=typed(families, action=action, **given))

    assert answer.status_code == 302
    rule = made(session)[-1]
    again = client.get(f"/automation/{rule.id}")
    assert again.status_code == 200
    assert "does not act" not in words(again)
    if action == "update_deal":
        values = {"probability": 80, "value": "1250.5", "add_to_notes": "Seen by {owner_name}"}
        assert rule.action_config == {"values": values}


def test_the_other_actions_name_stages_colleagues_and_pipelines(
    client: FlaskClient, session: Session, families: dict[str, Any], admin: User
) -> None:
    for action, given in {
        "move_stage": {"stage_id": families["Lost"].id, "lost_reason": "No answer"},
        "assign_owner": {"way": "fewest_open", "user_ids": [admin.id]},
        "create_deal": {"pipeline_id": families["pipeline"].id, "title": "Next", "keep": ["source", "notes"]},
    }.items():
        more = {f"then.{action}.{key}": value for key, value in given.items()}

        answer = client.post("/automation/new", data=typed(families, action=action, name=action, **more))

        assert answer.status_code == 302, words(answer)
    told = words(client.get(f"/automation/?pipeline_id={families['pipeline'].id}"))
    assert "move the deal to “Lost”" in told
    assert f"whoever has the fewest open ones: {admin.full_name}" in told
    assert "add the deal “Next” to the pipeline “Families”" in told


def test_a_lost_stage_asks_for_a_reason_at_its_control(
    client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    given = {"action": "move_stage", "then.move_stage.stage_id": families["Lost"].id}

    answer = client.post("/automation/new", data=typed(families, **given))

    assert answer.status_code == 422
    assert 'data-jump="then.move_stage.lost_reason"' in answer.get_data(as_text=True)
    assert made(session) == []


def test_a_form_that_is_sent_twice_makes_one_rule(
    client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    key = "0123456789abcdef0123456789abcdef"

    answers = [client.post("/automation/new", data=typed(families, form_key=key)) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].location == answers[1].location
    assert len(made(session)) == 1


def test_without_a_name_the_rule_is_called_by_what_it_does(
    client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    client.post("/automation/new", data=typed(families, name=" "))

    assert made(session)[-1].name.startswith("When a deal moves to “Offer sent”: plan an activity (call)")


def test_another_pipeline_draws_the_form_anew_and_saves_nothing(
    client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    other = smallest(session, "pipeline_stages", name="Somewhere else")
    session.commit()

    answer = client.post("/automation/new", data=typed(families, pipeline_id=other.pipeline_id, redraw="1"))

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Somewhere else" in page and 'value="Follow up the offer"' in page and "Call {customer_name}" in page
    assert made(session) == []


# Two editors -----------------------------------------------------------------------------


@pytest.fixture
def rule(client: FlaskClient, session: Session, families: dict[str, Any]) -> AutomationRule:
    client.post("/automation/new", data=typed(families))
    return made(session)[-1]


def version_in(answer: Any) -> str:
    found = re.search(r'name="version" value="([^"]*)"', answer.get_data(as_text=True))
    assert found is not None
    return found[1]


def test_the_loser_of_two_editors_keeps_what_he_typed_and_is_told(
    client: FlaskClient, session: Session, families: dict[str, Any], rule: AutomationRule
) -> None:
    seen = version_in(client.get(f"/automation/{rule.id}"))
    client.post(f"/automation/{rule.id}", data=typed(families, name="Theirs", version=seen))

    answer = client.post(f"/automation/{rule.id}", data=typed(families, name="Mine", version=seen))

    assert answer.status_code == 409
    assert 'value="Mine"' in answer.get_data(as_text=True)
    assert "Somebody changed this rule" in words(answer)
    session.expire_all()
    assert rule.name == "Theirs"
    again = client.post(f"/automation/{rule.id}", data=typed(families, name="Mine", version=version_in(answer)))
    assert again.status_code == 302
    session.expire_all()
    assert rule.name == "Mine"


def test_runs_of_a_rule_are_no_other_editor(
    client: FlaskClient, session: Session, families: dict[str, Any], rule: AutomationRule
) -> None:
    seen = version_in(client.get(f"/automation/{rule.id}"))
    rule.execution_count = 12
    session.commit()

    answer = client.post(f"/automation/{rule.id}", data=typed(families, name="Mine", version=seen))

    assert answer.status_code == 302
    session.expire_all()
    assert (rule.name, rule.execution_count) == ("Mine", 12)


# What can be done with one ---------------------------------------------------------------


def test_a_rule_is_switched_off_and_on(client: FlaskClient, session: Session, rule: AutomationRule) -> None:
    for active in (False, True):
        answer = client.post(f"/automation/{rule.id}/switch", data={"active": "1" if active else "0"})

        assert answer.status_code == 302
        session.expire_all()
        assert rule.is_active is active


def test_a_rule_that_names_what_is_gone_is_not_switched_on(
    client: FlaskClient, session: Session, families: dict[str, Any], rule: AutomationRule
) -> None:
    client.post(f"/automation/{rule.id}/switch", data={"active": "0"})
    session.expire_all()
    session.delete(families["Offer sent"])
    session.commit()

    answer = client.post(f"/automation/{rule.id}/switch", data={"active": "1"}, follow_redirects=True)

    assert answer.status_code == 200
    assert "stays off. This stage does not exist any more." in words(answer)
    session.expire_all()
    assert rule.is_active is False


def test_a_copy_is_off_and_has_no_runs(client: FlaskClient, session: Session, rule: AutomationRule) -> None:
    rule.execution_count = 5
    session.commit()

    answer = client.post(f"/automation/{rule.id}/duplicate")

    copy = next(one for one in made(session) if one.id != rule.id)
    assert answer.location.endswith(f"/automation/{copy.id}")
    assert (copy.name, copy.is_active, copy.execution_count) == ("Follow up the offer (copy)", False, 0)
    assert copy.trigger_config == rule.trigger_config


def test_a_rule_is_deleted_in_the_version_that_was_read(
    client: FlaskClient, session: Session, rule: AutomationRule
) -> None:
    stale = client.post(f"/automation/{rule.id}/delete", data={"version": "old"})
    assert stale.status_code == 409
    assert len(made(session)) == 1

    version = re.search(r'data-version="([^"]+)"', client.get("/automation/").get_data(as_text=True))
    assert version is not None
    answer = client.post(f"/automation/{rule.id}/delete", data={"version": version[1]})

    assert answer.status_code == 302
    assert made(session) == []


def test_rules_change_places(client: FlaskClient, session: Session, families: dict[str, Any]) -> None:
    for name in ("One", "Two", "Three"):
        client.post("/automation/new", data=typed(families, name=name))
    third = next(one for one in made(session) if one.name == "Three")

    for _time in range(4):  # the first of the list goes no further
        assert client.post(f"/automation/{third.id}/move", data={"way": "up"}).status_code == 302
    client.post(f"/automation/{third.id}/move", data={"way": "down"})

    session.expire_all()
    assert [one.name for one in sorted(made(session), key=lambda one: one.position)] == ["One", "Three", "Two"]


@pytest.mark.parametrize("address", ["/automation/", "/automation/{}"], ids=["list", "rule"])
def test_it_is_told_why_a_rule_was_switched_off_by_itself(
    client: FlaskClient, session: Session, rule: AutomationRule, address: str
) -> None:
    rule.is_active, rule.disabled_at = False, rule.created_at
    rule.disabled_reason = "This colleague is deactivated."
    session.commit()

    page = words(client.get(address.format(rule.id)))

    assert "after it had failed again and again. This colleague is deactivated." in page


# Who may -----------------------------------------------------------------------------------


def test_readers_read_and_change_nothing(
    app: Flask, session: Session, families: dict[str, Any], rule: AutomationRule
) -> None:
    reader = logged_in(app, colleague(session, "reader", {**ALL, "automation_rules": "v"}, *EVERYWHERE))

    page = reader.get(f"/automation/{rule.id}")
    assert page.status_code == 200
    assert '<fieldset class="rule-all" disabled>' in page.get_data(as_text=True)
    assert "New rule" not in words(reader.get("/automation/"))
    for address, data in {
        "/automation/new": typed(families), f"/automation/{rule.id}": typed(families, name="Mine"),
        f"/automation/{rule.id}/switch": {"active": "0"}, f"/automation/{rule.id}/delete": {},
        f"/automation/{rule.id}/duplicate": {}, f"/automation/{rule.id}/move": {"way": "up"},
    }.items():  # fmt: skip
        assert reader.post(address, data=data).status_code == 403, address
    session.expire_all()
    assert (rule.name, rule.is_active, len(made(session))) == ("Follow up the offer", True, 1)


def test_without_the_module_there_is_nothing(app: Flask, session: Session, rule: AutomationRule) -> None:
    stranger = logged_in(app, colleague(session, "stranger", {"deals": "vae"}, *EVERYWHERE))

    for address in ("/automation/", "/automation/new", f"/automation/{rule.id}", "/automation/runs",
                    "/automation/deals.json", "/automation/colleagues.json", "/automation/condition"):  # fmt: skip
        assert stranger.get(address).status_code == 403, address
    assert stranger.post("/automation/sentence").status_code == 403


def test_rules_of_other_countries_do_not_exist(app: Flask, session: Session, client: FlaskClient) -> None:
    pipeline = smallest(session, "pipelines", name="Only Hungary", country_codes=["HU"])
    stage = smallest(session, "pipeline_stages", pipeline_id=pipeline.id, name="Ajánlat")
    session.commit()
    there = {"pipeline": pipeline, "Offer sent": stage}
    client.post("/automation/new", data=typed(there, name="Hungarian rule"))
    rule = made(session)[-1]
    clerk = logged_in(app, colleague(session, "clerk.sk", ALL, "SK"))

    for address in (f"/automation/{rule.id}", f"/automation/runs?rule={rule.id}"):
        assert clerk.get(address).status_code == 404, address
    for verb in ("switch", "duplicate", "delete", "move"):
        assert clerk.post(f"/automation/{rule.id}/{verb}").status_code == 404, verb
    page = words(clerk.get(f"/automation/?pipeline_id={pipeline.id}"))
    assert "Only Hungary" not in page and "Hungarian rule" not in page
    assert clerk.post("/automation/new", data=typed(there)).status_code == 422
    assert len(made(session)) == 1


def test_a_pipeline_of_all_countries_takes_rules_from_those_who_work_in_all(
    app: Flask, session: Session, families: dict[str, Any], rule: AutomationRule
) -> None:
    clerk = logged_in(app, colleague(session, "clerk.sk", ALL, "SK"))

    page = clerk.get(f"/automation/{rule.id}")
    assert page.status_code == 200
    assert "belongs to countries that are not yours, or to all countries" in words(page)
    assert clerk.post(f"/automation/{rule.id}", data=typed(families, name="Mine")).status_code == 403
    assert clerk.post(f"/automation/{rule.id}/switch", data={"active": "0"}).status_code == 403
    assert clerk.post("/automation/new", data=typed(families)).status_code == 422
    session.expire_all()
    assert (rule.name, rule.is_active) == ("Follow up the offer", True)


def test_hidden_fields_are_neither_offered_nor_told(
    app: Flask, client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    client.post("/automation/new", data=typed(families, **{
        "if.0.field": "value", "if.0.op": "ge", "if.0.value": "4321",
    }))  # fmt: skip
    rule = made(session)[-1]
    blind = logged_in(app, colleague(session, "blind", ALL, *EVERYWHERE, hidden=(("deals", "value"),)))

    offered = blind.get("/automation/new").get_data(as_text=True)
    shown = blind.get(f"/automation/{rule.id}").get_data(as_text=True) + blind.get("/automation/").get_data(
        as_text=True
    )
    posted = blind.post("/automation/new", data=typed(families, **{
        "if.0.field": "value", "if.0.op": "ge", "if.0.value": "1",
    }))  # fmt: skip

    row = blind.get("/automation/condition?field=value&op=ge&value=4321").get_data(as_text=True)
    assert 'value="value"' not in offered and "then.update_deal.value" not in offered
    assert "4321" not in shown and "a hidden field fits" in shown
    assert "4321" not in row
    assert posted.status_code == 422
    assert blind.post(f"/automation/{rule.id}", data=typed(families)).status_code == 403


# While it is filled ------------------------------------------------------------------------


def test_the_sentence_follows_what_is_typed_however_unfinished(client: FlaskClient, families: dict[str, Any]) -> None:
    whole = client.post("/automation/sentence", data=typed(families)).get_json()
    half = client.post("/automation/sentence", data={"trigger": "deal_won"}).get_json()
    nothing = client.post("/automation/sentence", data={"if.x.field": "1", "if.0.field": "value"}).get_json()

    assert whole["sentence"].startswith("When a deal moves to “Offer sent”: plan an activity (call)")
    assert half["sentence"] == "When a deal is won …"
    assert nothing["sentence"] == "When … …"


def test_an_email_is_shown_with_its_placeholders_named(client: FlaskClient, families: dict[str, Any]) -> None:
    mail = client.post("/automation/sentence", data=typed(
        families, action="send_email", **{"then.send_email.subject": "Dear {customer_name}",
                                          "then.send_email.body": "<b>{deal_title}</b> {unknown}"},
    )).get_json()["mail"]  # fmt: skip

    assert "<mark>Name of the customer</mark>" in mail
    assert "&lt;b&gt;<mark>Deal</mark>&lt;/b&gt; {unknown}" in mail


def test_deals_and_colleagues_to_choose_are_those_of_the_pipeline(
    app: Flask, client: FlaskClient, session: Session, families: dict[str, Any]
) -> None:
    smallest(session, "deals", stage_id=families["New lead"].id, title="Family Novak")
    smallest(session, "deals", title="Of another pipeline")
    colleague(session, "without.deals", {"tasks": "v"}, "SK")
    session.commit()
    key = families["pipeline"].id

    deals = client.get(f"/automation/deals.json?pipeline_id={key}").get_json()["results"]
    found = client.get(f"/automation/deals.json?pipeline_id={key}&q=zzzz").get_json()["results"]
    people = client.get(f"/automation/colleagues.json?pipeline_id={key}&q=without").get_json()["results"]

    assert [one["text"] for one in deals] == ["Family Novak"]
    assert found == [] and people == []
    assert client.get("/automation/deals.json?page=x&pipeline_id=%00").status_code in (200, 400)
