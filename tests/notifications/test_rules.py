"""Rules of notifications: what they hold, when they fire, what they would have told, and their pages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import User
from app.core.errors import Unprocessable
from app.core.events import publish
from app.core.types import utc_now
from app.core.viewer import acting
from app.pipeline.models import PipelineStage
from app.work.events import TaskCancelled, TaskCompleted, TaskDue
from app.work.models import Notification, NotificationRule, TaskStatus
from app.work.notifying import preview, rules
from app.work.notifying.rules import Conditions, Fact, Trigger
from tests.conftest import logged_in, make_user, token_of
from tests.notifications.notified import customer_of, happen, role_of, rule_of, told
from tests.smallest import smallest
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")
STATUS = {"table": "customers", "column": "client_status"}


# Reading ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "config", "word"),
    [
        ("no_such", None, "There is no trigger “no_such”."),
        (None, None, "There is no trigger"),
        ("new_customer", "{", "must be a JSON object"),
        ("new_customer", "[]", "must be a JSON object"),
        ("new_customer", '"SK"', "must be a JSON object"),
        ("new_customer", '{"levels": ["critical"]}', "There is no condition “levels”. This trigger takes: countries"),
        ("new_customer", '{"level": "critical"}', "This trigger takes no condition “level”."),
        ("new_customer", '{"countries": {"a": 1}}', "“countries” must be a list of texts."),
        ("new_customer", '{"countries": [1]}', "“countries” must be a list of texts."),
        ("new_customer", '{"countries": ["PL"]}', "There is no country “PL”."),
        ("new_customer", '{"owner": "jana"}', "“owner” can only be “me”."),
        ("new_customer", '{"owner": ["me"]}', "“owner” must be a text."),
        ("sentiment_alert", '{"level": "none"}', "There is no alert level “none”."),
        ("status_change", None, "Choose the kind of record."),
        ("status_change", '{"table": "users", "column": "role"}', "Changes of this kind of record are not told."),
        ("status_change", '{"table": "customers"}', "Choose the field."),
        ("status_change", '{"table": "customers", "column": "notes"}', "Changes of this field are not told."),
        (
            "status_change",
            '{"table": "customers", "column": "assigned_user_id"}',
            "Changes of this field are not told.",
        ),
        ("status_change", json.dumps({**STATUS, "to": ["gone"]}), "There is no value “gone” any more."),
        ("status_change", json.dumps({**STATUS, "customer": "me"}), "This kind of record has no customer."),
        ("status_change", '{"table": "campaigns", "column": "status", "owner": "me"}', "has no owner."),
        ("owner_change", '{"table": "invoices"}', "Changes of this kind of record are not told."),
    ],
)
def test_what_could_not_fire_says_why(trigger: str, config: str | None, word: str) -> None:
    asked = rules.read(trigger, config)

    assert not asked.alive
    assert any(word in problem.sentence for problem in asked.problems), asked.problems


@pytest.mark.parametrize(
    ("trigger", "config", "conditions"),
    [
        ("new_customer", None, Conditions()),
        ("new_customer", "", Conditions()),
        ("new_customer", '{"countries": [], "owner": ""}', Conditions()),
        ("new_customer", '{"countries": "SK"}', Conditions(countries=("SK",))),
        ("new_deal", '{"countries": ["SK", "SK", "CZ"]}', Conditions(countries=("SK", "CZ"))),
        (
            "status_change",
            json.dumps({**STATUS, "from": ["potential"], "to": ["acquired"], "owner": "me"}),
            Conditions(**STATUS, before=("potential",), after=("acquired",), owner="me"),
        ),
        ("sentiment_alert", '{"level": "critical", "customer": "me"}', Conditions(level="critical", customer="me")),
    ],
)
def test_conditions_are_read_and_written_back(trigger: str, config: str | None, conditions: Conditions) -> None:
    asked = rules.read(trigger, config)

    assert asked.alive and asked.conditions == conditions
    assert rules.read(trigger, conditions.dump()).conditions == conditions


# Firing -----------------------------------------------------------------------------------

ME, OTHER = "me-key", "other-key"
CHANGE = Fact(Trigger.status_change, "customers", "c", by=OTHER, column="client_status", before="potential",
              after="acquired", countries=("SK",), owner=ME, customer_owner=ME)  # fmt: skip
ALERT = Fact(Trigger.sentiment_alert, "communication_messages", "m", level="warning", countries=("SK",),
             customer_owner=ME)  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "conditions", "fires"),
    [
        (CHANGE, STATUS, True),
        (CHANGE, {**STATUS, "column": "lead_status"}, False),
        (replace(CHANGE, table="deals", column="status"), STATUS, False),
        (CHANGE, {**STATUS, "to": ["acquired"]}, True),
        (CHANGE, {**STATUS, "to": ["terminated"]}, False),
        (CHANGE, {**STATUS, "from": ["potential"], "to": ["acquired", "terminated"]}, True),
        (CHANGE, {**STATUS, "from": ["acquired"]}, False),
        (CHANGE, {**STATUS, "countries": ["SK", "CZ"]}, True),
        (CHANGE, {**STATUS, "countries": ["CZ"]}, False),
        (replace(CHANGE, countries=()), {**STATUS, "countries": ["SK"]}, False),
        (replace(CHANGE, countries=("CZ", "SK")), {**STATUS, "countries": ["SK"]}, True),
        (CHANGE, {**STATUS, "owner": "me"}, True),
        (replace(CHANGE, owner=OTHER), {**STATUS, "owner": "me"}, False),
        (replace(CHANGE, by=ME), STATUS, False),
        (ALERT, {}, True),
        (ALERT, {"level": "warning"}, True),
        (ALERT, {"level": "critical"}, False),
        (replace(ALERT, level="critical"), {"level": "warning"}, True),
        (ALERT, {"customer": "me"}, True),
        (replace(ALERT, customer_owner=OTHER), {"customer": "me"}, False),
        (replace(ALERT, customer_owner=""), {"customer": "me"}, False),
        (Fact(Trigger.mention, "tasks", "t", by=OTHER, to=ME), {}, True),
        (Fact(Trigger.mention, "tasks", "t", by=OTHER, to=OTHER), {}, False),
        (Fact(Trigger.task_due, "tasks", "t", to=OTHER, owner=OTHER), {}, True),
        (Fact(Trigger.task_due, "tasks", "t", to=OTHER, owner=OTHER), {"owner": "me"}, False),
    ],
)
def test_a_rule_fires_when_all_its_conditions_hold(fact: Fact, conditions: dict[str, Any], fires: bool) -> None:
    asked = rules.read(fact.trigger.value, json.dumps(conditions))

    assert asked.alive
    assert rules.fires(asked, fact, ME) is fires


def test_a_rule_of_another_trigger_and_a_dead_one_do_not_fire() -> None:
    assert not rules.fires(rules.read("new_customer", None), CHANGE, ME)
    assert not rules.fires(rules.read("status_change", json.dumps({**STATUS, "to": ["gone"]})), CHANGE, ME)


# Saving through any door ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"trigger_type": "no_such"}, "trigger_type"),
        ({"trigger_config": '{"levels": ["x"]}'}, "trigger_config"),
        ({"trigger_config": "[1]"}, "trigger_config"),
        ({"notification_type": "no_such"}, "notification_type"),
        ({"notification_priority": "no_such"}, "notification_priority"),
    ],
)
def test_nonsense_is_refused_at_its_field_by_form_rest_and_model(
    app: Flask, session: Session, client: FlaskClient, admin: User, values: dict[str, str], field: str
) -> None:
    good = {"name": "A rule", "trigger_type": "new_customer", "notification_type": "new_customer"}
    as_json = {k: json.loads(v) if k == "trigger_config" else v for k, v in values.items()}

    typed = client.post("/notification_rules/add", data={**good, **values})
    sent = app.test_client().post("/api/v1/notification_rules/", json={**good, **as_json}, headers=token_of(app, admin))
    with pytest.raises(Unprocessable) as refused, session.begin_nested():
        session.add(NotificationRule(user_id=admin.id, **{**good, **values}))
        session.flush()

    assert (typed.status_code, sent.status_code) == (422, 422), (typed.text[:300], sent.text)
    assert list(sent.json["errors"]) == [field] == list(refused.value.fields)
    assert sent.json["errors"][field][0] in typed.text.replace("&#34;", '"')
    assert session.scalars(select(NotificationRule)).all() == []


@pytest.fixture
def dead(session: Session, jana: User) -> NotificationRule:
    """A rule that made sense once."""
    rule = rule_of(session, jana, "status_change", STATUS)
    session.execute(
        NotificationRule.__table__.update()
        .where(NotificationRule.id == rule.id)
        .values(trigger_config=json.dumps({**STATUS, "to": ["gone"]}))
    )
    session.commit()
    session.refresh(rule)
    return rule


def test_a_dead_rule_opens_says_so_does_not_fire_and_can_be_switched_off(
    app: Flask,
    session: Session,
    jana: User,
    dead: NotificationRule,
) -> None:
    browser, customer = logged_in(app, jana), customer_of(session)

    happen(session, lambda: setattr(customer, "client_status", "acquired"))
    listed, opened = browser.get("/notifications/rules/"), browser.get(f"/notifications/rules/{dead.id}")
    off = browser.post(f"/notifications/rules/{dead.id}/switch", data={"active": "0"})

    assert told(session, jana) == []
    for page in (listed, opened):
        assert page.status_code == 200 and "There is no value “gone” any more." in page.text
    session.refresh(dead)
    assert (off.status_code, dead.is_active) == (302, False)


# Preview -------------------------------------------------------------------------------------

WISHES: list[tuple[str, dict[str, Any]]] = [
    ("new_customer", {}),
    ("new_customer", {"countries": ["CZ"]}),
    ("new_customer", {"owner": "me"}),
    ("status_change", STATUS),
    ("status_change", {**STATUS, "to": ["acquired"]}),
    ("status_change", {**STATUS, "from": ["acquired"]}),
    ("status_change", {**STATUS, "countries": ["CZ"]}),
    ("status_change", {**STATUS, "owner": "me"}),
    ("status_change", {"table": "customers", "column": "lead_status"}),
    ("status_change", {"table": "contract_instances", "column": "status", "customer": "me"}),
    ("status_change", {"table": "contract_instances", "column": "status", "countries": ["SK"]}),
    ("owner_change", {"table": "customers"}),
    ("owner_change", {"table": "customers", "owner": "me"}),
    ("new_email", {}),
    ("new_email", {"customer": "me"}),
    ("new_sms", {"countries": ["SK"]}),
    ("sentiment_alert", {}),
    ("sentiment_alert", {"level": "critical"}),
    ("new_deal", {}),
    ("new_deal", {"customer": "me"}),
    ("task_assigned", {}),
    ("task_assigned", {"owner": "me"}),
    ("task_assigned", {"countries": ["CZ"]}),
    ("task_due", {}),
    ("task_due", {"owner": "me"}),
    ("task_completed", {}),
    ("task_completed", {"owner": "me"}),
    ("task_cancelled", {}),
    ("task_cancelled", {"owner": "me"}),
]


def what_happens(session: Session, me: User, other: User) -> None:
    """A little of everything, by the system, by me, and in a country that is not mine."""
    common: dict[str, Any] = {"direction": "inbound", "subject": "Question"}

    def act(doing: Any) -> Any:
        found: list[Any] = []
        happen(session, lambda: found.append(doing()))
        return found[0]

    mine = act(lambda: smallest(session, "customers", country="SK", assigned_user_id=me.id))
    theirs = act(lambda: smallest(session, "customers", country="CZ", assigned_user_id=other.id))
    abroad = act(lambda: smallest(session, "customers", country="HU"))
    for one in (mine, theirs, abroad):
        act(lambda one=one: setattr(one, "client_status", "acquired"))
        act(lambda one=one: (setattr(one, "client_status", "terminated"), setattr(one, "lead_status", "hot")))
        act(lambda one=one: smallest(session, "communication_messages", customer_id=one.id, type="email", **common))
        act(lambda one=one: smallest(session, "communication_messages", customer_id=one.id, type="sms", **common))
    contract = smallest(session, "contract_instances", customer_id=mine.id)
    session.commit()
    act(lambda: setattr(contract, "status", "sent"))
    for table, reference in (("communication_messages", "external_id"), ("customer_email_notifications", "message_id")):
        more = {"type": "email"} if table == "communication_messages" else {}
        act(
            lambda t=table, r=reference, m=more: smallest(session, t, customer_id=mine.id, **{r: "AAMk"}, **m, **common)
        )
    act(lambda: smallest(session, "customer_email_notifications", customer_id=theirs.id, **common))
    alarming = act(
        lambda: smallest(
            session, "communication_messages", customer_id=mine.id, type="email", ai_alert_level="warning", **common
        )
    )
    act(lambda: setattr(alarming, "ai_alert_level", "critical"))
    act(lambda: setattr(alarming, "ai_alert_level", "warning"))
    act(lambda: smallest(session, "deals", country_code="SK", customer_id=mine.id))
    act(lambda: smallest(session, "deals", country_code="HU"))
    for country, owner, asker in (("SK", me, other), ("SK", other, me), ("CZ", other, other), ("HU", other, other)):
        live_task(session, act, country, owner, asker)
    act(lambda: setattr(theirs, "assigned_user_id", me.id))
    act(lambda: setattr(theirs, "assigned_user_id", other.id))
    with acting(viewer_of(session, me)):
        act(lambda: setattr(mine, "client_status", "potential"))


def live_task(session: Session, act: Any, country: str, owner: User, asker: User) -> None:
    """A task is given, handed back and forth, comes due, is a day past, and is done; another is cancelled."""
    late = utc_now().replace(microsecond=0) - timedelta(days=1, minutes=5)
    known = {"country": country, "assigned_user_id": owner.id, "created_by_user_id": asker.id, "due_date": late}
    task = act(lambda: smallest(session, "tasks", **known))
    for who in (asker, owner):
        if who.id != task.assigned_user_id:
            act(lambda who=who: setattr(task, "assigned_user_id", who.id))
    for overdue in (False, True):
        act(lambda overdue=overdue: publish(session, TaskDue(task.id, owner.id, late.isoformat(), overdue)))
    act(lambda: (setattr(task, "status", TaskStatus.completed), setattr(task, "resolved_at", utc_now()),
                 publish(session, TaskCompleted(task.id, "system"))))  # fmt: skip
    other = act(lambda: smallest(session, "tasks", **known))
    act(lambda: (setattr(other, "status", TaskStatus.cancelled), publish(session, TaskCancelled(other.id, "system"))))


@pytest.fixture
def lived(session: Session, jana: User, peter: User) -> dict[int, NotificationRule]:
    """Jana's wishes, each as a rule, and what happened then."""
    jana.assigned_countries = ["SK", "CZ"]
    session.commit()
    wished = {
        place: rule_of(session, jana, trigger, conditions, name=str(place))
        for place, (trigger, conditions) in enumerate(WISHES)
    }
    what_happens(session, jana, peter)
    return wished


def test_the_preview_is_what_really_fired(
    session: Session,
    jana: User,
    lived: dict[int, NotificationRule],
) -> None:
    viewer = viewer_of(session, jana)
    really = [json.loads(one.details)["rules"] for one in told(session, jana) if "rules" in json.loads(one.details)]

    for place, rule in lived.items():
        fired = sum(rule.id in asked for asked in really)
        asked = rules.read(rule.trigger_type, rule.trigger_config)
        found = preview.preview(session, viewer, asked, now=utc_now() + timedelta(seconds=1))

        assert found.count == fired, WISHES[place]
        assert len(found.examples) == min(fired, preview.EXAMPLES), WISHES[place]
    assert sum(map(len, really)) > len(WISHES)


def test_a_preview_costs_the_same_few_statements(
    session: Session,
    engine: Engine,
    jana: User,
    lived: dict[int, NotificationRule],
) -> None:
    viewer = viewer_of(session, jana)

    for trigger, conditions in WISHES:
        with statements(engine) as seen:
            preview.preview(session, viewer, rules.read(trigger, json.dumps(conditions)), now=utc_now())
        asked = [one for one in seen if "set_config" not in one]
        assert len(asked) <= 4, (trigger, asked)  # number, examples, names by table


def test_a_preview_about_a_hidden_field_tells_nothing(
    session: Session,
    jana: User,
    lived: dict[int, NotificationRule],
) -> None:
    blind = make_user(session, "blind", role=role_of(session, "Blind", hidden=(("customers", "client_status"),)))
    session.commit()

    found = preview.preview(session, viewer_of(session, blind), rules.read("status_change", json.dumps(STATUS)),
                            now=utc_now())  # fmt: skip

    assert (found.count, found.blind, found.examples) == (0, True, ())


def test_mentions_are_not_guessed(session: Session, jana: User) -> None:
    found = preview.preview(session, viewer_of(session, jana), rules.read("mention", None), now=utc_now())

    assert found.count is None and found.unknown == ("Mentions leave no trace that could be counted.",)


# Pages -------------------------------------------------------------------------------------------


def test_a_rule_is_written_changed_and_deleted_on_its_pages(
    app: Flask,
    session: Session,
    jana: User,
) -> None:
    browser = logged_in(app, jana)
    form = {"name": " New  ones ", "trigger": "status_change", "what": "customers.client_status",
            "to:customers.client_status": ["acquired"], "from:deals.status": "won", "countries": "SK",
            "owner": "me", "customer": "me", "level": "critical", "priority": "high", "active": "1"}  # fmt: skip

    made = browser.post("/notifications/rules/new", data=form)
    rule = session.scalars(select(NotificationRule)).one()
    opened = browser.get(f"/notifications/rules/{rule.id}")
    changed = browser.post(f"/notifications/rules/{rule.id}", data={"name": "Emails", "trigger": "new_email",
                                                                    "customer": "me", "kind": "system"})  # fmt: skip

    assert (made.status_code, opened.status_code, changed.status_code) == (302, 200, 302)
    assert 'value="acquired" checked' in opened.text and 'name="owner" value="me" checked' in opened.text
    session.refresh(rule)
    assert (rule.name, rule.trigger_type, json.loads(rule.trigger_config)) == (
        "Emails",
        "new_email",
        {"customer": "me"},
    )
    assert (rule.notification_type, rule.notification_priority, rule.is_active) == ("system", "normal", False)
    assert browser.post(f"/notifications/rules/{rule.id}/delete").status_code == 302
    assert session.scalars(select(NotificationRule)).all() == []


def test_the_first_save_holds_what_belongs_to_the_trigger_alone(
    app: Flask,
    session: Session,
    jana: User,
) -> None:
    form = {"name": "x", "trigger": "new_customer", "what": "customers.client_status", "countries": "SK",
            "to:customers.client_status": "acquired", "level": "critical", "customer": "me"}  # fmt: skip

    logged_in(app, jana).post("/notifications/rules/new", data=form)

    rule = session.scalars(select(NotificationRule)).one()
    assert json.loads(rule.trigger_config) == {"countries": ["SK"]}
    assert (rule.user_id, rule.notification_type) == (jana.id, "new_customer")


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"name": "", "trigger": "new_customer"}, "This field is required."),
        ({"name": "x" * 200, "trigger": "new_customer"}, "At most 120 characters."),
        ({"name": "x"}, "There is no trigger"),
        ({"name": "x", "trigger": "no_such"}, "There is no trigger"),
        ({"name": "x", "trigger": "status_change"}, "Choose the kind of record."),
        ({"name": "x", "trigger": "status_change", "what": "users.role"}, "Changes of this kind of record are not told."),
        ({"name": "x", "trigger": "status_change", "what": "customers.client_status",
          "to:customers.client_status": "gone"}, "There is no value “gone” any more."),
        ({"name": "x", "trigger": "status_change", "what": "deals.stage_id", "to:deals.stage_id": "nobody"},
         "A stage is not there any more, or not yours."),
        ({"name": "x", "trigger": "new_customer", "countries": "PL"}, "There is no country “PL”."),
        ({"name": "x", "trigger": "new_customer", "priority": "no_such"}, "Choose one of the list."),
        ({"name": "x", "trigger": "new_customer", "kind": "no_such"}, "Choose one of the list."),
    ],
)  # fmt: skip
def test_a_form_that_could_not_fire_says_so_and_saves_nothing(
    app: Flask,
    session: Session,
    jana: User,
    form: dict[str, str],
    word: str,
) -> None:
    answer = logged_in(app, jana).post("/notifications/rules/new", data=form)

    assert answer.status_code == 422 and word in answer.text
    assert session.scalars(select(NotificationRule)).all() == []


def test_a_stage_can_be_waited_for(app: Flask, session: Session, jana: User) -> None:
    pipeline = smallest(session, "pipelines", country_codes=["SK"])
    first, second = (smallest(session, "pipeline_stages", pipeline_id=pipeline.id, name=name) for name in ("A", "B"))
    deal = smallest(session, "deals", pipeline_id=pipeline.id, stage_id=first.id, country_code="SK")
    session.commit()
    form = {"name": "x", "trigger": "status_change", "what": "deals.stage_id", "to:deals.stage_id": second.id,
            "active": "1"}  # fmt: skip

    made = logged_in(app, jana).post("/notifications/rules/new", data=form)
    happen(session, lambda: setattr(deal, "stage_id", second.id))
    session.delete(deal)
    session.delete(session.get(PipelineStage, second.id))
    session.commit()
    page = logged_in(app, jana).get("/notifications/rules/")

    assert made.status_code == 302
    assert len(told(session, jana)) == 1
    assert "A stage is not there any more, or not yours." in page.text


def test_the_list_tells_how_often_a_rule_fired(app: Flask, session: Session, jana: User) -> None:
    rule = rule_of(session, jana, "status_change", STATUS, name="Statuses")
    never = rule_of(session, jana, "new_sms", name="Texts")
    customer = customer_of(session)
    for status in ("acquired", "terminated"):
        happen(session, lambda status=status: setattr(customer, "client_status", status))
    session.add(
        Notification(user_id=jana.id, type="system", title="Old", message="", details=json.dumps({"rules": [rule.id]}),
                     created_at=utc_now() - timedelta(days=60))
    )  # fmt: skip
    session.commit()

    page = logged_in(app, jana).get("/notifications/rules/").text

    assert page.count("2 times this month") == 1 and "not fired in the last 180 days" in page
    assert page.index(rule.name) < page.index(never.name)


def test_rules_of_others_do_not_exist(app: Flask, session: Session, client: FlaskClient, jana: User) -> None:
    rule = rule_of(session, jana, "new_customer")

    for method, address in (("GET", ""), ("POST", ""), ("POST", "/switch"), ("POST", "/delete")):
        answer = client.open(f"/notifications/rules/{rule.id}{address}", method=method, data={"name": "x"})
        assert answer.status_code == 404, (method, address)
    session.refresh(rule)
    assert (rule.name, rule.is_active) == ("new_customer", True)


def test_who_may_only_look_changes_nothing(app: Flask, session: Session, jana: User) -> None:
    rule = rule_of(session, jana, "new_customer")
    for permission in jana.primary_role.role_module_permissions:
        permission.can_add = permission.can_edit = False
    session.commit()
    browser = logged_in(app, jana)

    assert browser.get(f"/notifications/rules/{rule.id}").status_code == 200
    for address in ("new", rule.id, f"{rule.id}/switch", f"{rule.id}/delete"):
        assert browser.post(f"/notifications/rules/{address}", data={"name": "x"}).status_code == 403, address


def test_the_preview_of_the_form_follows_what_is_typed(
    app: Flask,
    session: Session,
    jana: User,
    lived: dict[int, NotificationRule],
) -> None:
    browser = logged_in(app, jana)
    form = {"trigger": "status_change", "what": "customers.client_status"}

    every = browser.post("/notifications/rules/preview", data=form)
    few = browser.post("/notifications/rules/preview", data={**form, "to:customers.client_status": "acquired"})
    unfinished = browser.post("/notifications/rules/preview", data={"trigger": "status_change"})

    assert "4 times" in every.text and "2 times" in few.text
    assert "Complete the conditions" in unfinished.text and unfinished.status_code == 200
