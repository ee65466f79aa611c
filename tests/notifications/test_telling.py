"""Who is told of what, once, with whose rights, and what a notification says to whom."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import RoleFieldPermission, User
from app.core import outbox
from app.core.events import publish
from app.core.outbox import OutboxDelivery
from app.core.types import utc_now
from app.core.viewer import SYSTEM
from app.customers.models import Customer, CustomerClientStatus
from app.work.events import Mentioned, TaskAssigned, TaskCancelled, TaskCompleted, TaskDue, TaskReminder
from app.work.models import Notification, NotificationRule, TaskStatus
from app.work.notifying import queries
from tests.conftest import make_user, token_of
from tests.notifications.notified import colleague, customer_of, happen, lines, role_of, rule_of, task_of, told, words
from tests.outbox import delivered, work_off
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf", "among_many")  # where it is asked first what rules wait for


@pytest.mark.parametrize(
    ("trigger", "table", "added", "changed"),
    [("new_customer", "", 1, 0), ("new_deal", "", 0, 0), ("new_sms", "", 0, 0),
     ("owner_change", "customers", 0, 1), ("status_change", "customers", 0, 1), ("status_change", "deals", 0, 0)],
)  # fmt: skip
def test_what_no_active_rule_waits_for_is_not_delivered(
    session: Session, jana: User, peter: User, trigger: str, table: str, added: int, changed: int
) -> None:
    columns = {"customers": "client_status", "deals": "status"}
    asked = {"table": table, "column": columns[table] if trigger == "status_change" else ""} if table else None

    def act() -> None:
        row = customer_of(session, jana)
        if trigger == "owner_change":
            row.assigned_user_id = peter.id
        else:
            row.client_status = CustomerClientStatus.acquired

    happen(session, act)
    assert [delivered(session, f"notifying.jobs.tell_{what}") for what in ("added", "changed")] == [0, 0]
    rule_of(session, jana, trigger, asked, is_active=False)
    happen(session, act)
    assert [delivered(session, f"notifying.jobs.tell_{what}") for what in ("added", "changed")] == [0, 0]
    rule_of(session, jana, trigger, asked)
    happen(session, act)

    assert [delivered(session, f"notifying.jobs.tell_{what}") for what in ("added", "changed")] == [added, changed]


# What everybody is told -------------------------------------------------------------


def test_a_task_that_a_colleague_hands_over_is_told_and_ones_own_is_not(
    session: Session, jana: User, peter: User
) -> None:
    theirs, own = task_of(session, jana, peter), task_of(session, jana, jana)

    happen(session, lambda: publish(session, TaskAssigned(theirs.id, jana.id, peter.id)))
    happen(session, lambda: publish(session, TaskAssigned(own.id, jana.id, jana.id)))

    assert words(session, jana) == [("Task assigned to you", "Call back", "by Peter")]
    assert told(session, peter) == []


def test_a_task_that_was_handed_on_meanwhile_is_not_told(session: Session, jana: User, peter: User) -> None:
    task = task_of(session, peter, peter)

    happen(session, lambda: publish(session, TaskAssigned(task.id, jana.id, peter.id)))

    assert told(session, jana) == []


@pytest.mark.parametrize(("overdue", "title"), [(False, "Task is due"), (True, "Task is overdue")])
def test_a_due_task_is_told_as_long_as_it_is_due(
    session: Session, jana: User, peter: User, overdue: bool, title: str
) -> None:
    due = utc_now().replace(microsecond=0)
    open_one, moved, done = (
        task_of(session, jana, peter, due_date=due),
        task_of(session, jana, peter, due_date=due + timedelta(days=1)),
        task_of(session, jana, peter, due_date=due, status=TaskStatus.completed),
    )

    for task in (open_one, moved, done):
        happen(session, lambda task=task: publish(session, TaskDue(task.id, jana.id, due.isoformat(), overdue)))

    assert words(session, jana) == [(title, "Call back", "")]


def test_a_reminder_is_told_to_who_asked_for_it(session: Session, jana: User, peter: User) -> None:
    task = task_of(session, peter, peter)

    happen(session, lambda: publish(session, TaskReminder(task.id, jana.id, "reminder")))

    assert words(session, jana) == [("Reminder", "Call back", "")]


def test_a_completed_task_is_told_to_who_asked_for_it_unless_he_did_it_himself(
    session: Session, jana: User, peter: User
) -> None:
    done = {"status": TaskStatus.completed}
    by_peter, by_jana = task_of(session, peter, jana, **done), task_of(session, peter, jana, **done)

    happen(session, lambda: publish(session, TaskCompleted(by_peter.id, peter.id)))
    happen(session, lambda: publish(session, TaskCompleted(by_jana.id, jana.id)))

    assert words(session, jana) == [("Task completed", "Call back", "by Peter")]


def test_a_cancelled_task_is_told_to_who_asked_for_it_and_to_who_was_to_do_it(
    session: Session, jana: User, peter: User
) -> None:
    hana = colleague(session, "hana", like=jana)
    gone = {"status": TaskStatus.cancelled}
    by_hana, by_jana, open_again = (
        task_of(session, peter, jana, **gone), task_of(session, peter, jana, **gone), task_of(session, peter, jana),
    )  # fmt: skip

    happen(session, lambda: publish(session, TaskCancelled(by_hana.id, hana.id)))
    happen(session, lambda: publish(session, TaskCancelled(by_jana.id, jana.id)))
    happen(session, lambda: publish(session, TaskCancelled(open_again.id, jana.id)))

    assert words(session, jana) == [("Task cancelled", "Call back", "by Hana")]
    assert sorted(words(session, peter)) == [
        ("Task cancelled", "Call back", "by Hana"), ("Task cancelled", "Call back", "by Jana"),
    ]  # fmt: skip
    assert told(session, hana) == []


def test_a_mention_is_told_to_who_is_named(session: Session, jana: User, peter: User) -> None:
    task = task_of(session, peter, peter)

    happen(session, lambda: publish(session, Mentioned("task_comments", "comment", task.id, jana.id, peter.id)))

    assert words(session, jana) == [("You were mentioned", "Call back", "by Peter")]


@pytest.mark.parametrize(("kind", "title"), [("email", "New email"), ("sms", "New SMS")])
def test_a_message_of_my_customer_is_told_and_one_of_ours_or_of_others_is_not(
    session: Session, jana: User, peter: User, kind: str, title: str
) -> None:
    mine, other = customer_of(session, jana), customer_of(session, peter)
    ours = {"type": kind, "subject": "Question"}

    def arrive() -> None:
        smallest(session, "communication_messages", customer_id=mine.id, direction="inbound", **ours)
        smallest(session, "communication_messages", customer_id=mine.id, direction="outbound", **ours)
        smallest(session, "communication_messages", customer_id=other.id, direction="inbound", **ours)

    happen(session, arrive)

    assert words(session, jana) == [(title, "Mária Horváthová", "Question")]
    assert len(told(session, peter)) == 1


def test_an_email_that_is_noted_in_two_tables_is_told_once(session: Session, jana: User) -> None:
    customer = customer_of(session, jana)
    common = {"customer_id": customer.id, "direction": "inbound", "subject": "Question"}

    happen(
        session,
        lambda: (
            smallest(session, "communication_messages", type="email", external_id="AAMk1", **common),
            smallest(session, "customer_email_notifications", message_id="AAMk1", **common),
            smallest(session, "customer_email_notifications", message_id="AAMk2", **common),
        ),
    )

    assert len(told(session, jana)) == 2


def test_an_alert_is_told_once_for_each_rise(session: Session, jana: User) -> None:
    customer = customer_of(session, jana)
    message = smallest(session, "communication_messages", customer_id=customer.id, direction="inbound", type="email")
    session.commit()

    for level in ("none", "warning", "critical", "warning"):
        happen(session, lambda level=level: setattr(message, "ai_alert_level", level))

    found = told(session, jana)
    assert [(one.type, one.priority) for one in found] == [("sentiment_alert", "high"), ("sentiment_alert", "urgent")]
    assert [title for title, _about, _more in words(session, jana)] == ["Message needs attention", "Critical message"]


def test_a_message_that_comes_with_an_alert_is_one_notification(session: Session, jana: User) -> None:
    customer = customer_of(session, jana)

    happen(
        session,
        lambda: smallest(
            session, "communication_messages", customer_id=customer.id, direction="inbound", type="email",
            ai_alert_level="critical",
        ),
    )  # fmt: skip

    assert [(one.type, one.priority) for one in told(session, jana)] == [("sentiment_alert", "urgent")]


# Once ---------------------------------------------------------------------------------


def test_a_listener_that_is_called_again_tells_nothing_twice(session: Session, jana: User, peter: User) -> None:
    task = task_of(session, jana, peter)
    happen(session, lambda: publish(session, TaskAssigned(task.id, jana.id, peter.id)))

    again = session.scalars(select(OutboxDelivery)).all()
    for delivery in again:
        delivery.done_at = None
    session.commit()
    work_off(session)

    assert again and len(told(session, jana)) == 1


def test_what_was_read_stays_read_when_it_is_told_again(session: Session, jana: User, peter: User) -> None:
    task = task_of(session, jana, peter)
    happen(session, lambda: publish(session, TaskAssigned(task.id, jana.id, peter.id)))
    told(session, jana)[0].is_read = True
    session.commit()

    for delivery in session.scalars(select(OutboxDelivery)):
        delivery.done_at = None
    session.commit()
    work_off(session)

    assert [one.is_read for one in told(session, jana)] == [True]


def test_default_and_several_rules_are_one_notification_with_the_most_urgent_wish(session: Session, jana: User) -> None:
    customer = customer_of(session, jana)
    low = rule_of(session, jana, "new_email", {"customer": "me"}, notification_priority="low")
    high = rule_of(
        session, jana, "new_email", {"countries": ["SK"]}, notification_priority="urgent",
        notification_type="sentiment_alert",
    )  # fmt: skip

    happen(
        session,
        lambda: smallest(session, "communication_messages", customer_id=customer.id, direction="inbound", type="email"),
    )

    [found] = told(session, jana)
    assert (found.type, found.priority) == ("sentiment_alert", "urgent")
    assert json.loads(found.details)["rules"] == sorted([low.id, high.id])


def test_a_wish_for_less_is_heard(session: Session, jana: User, peter: User) -> None:
    rule_of(session, jana, "task_assigned", {"owner": "me"}, notification_priority="low")
    task = task_of(session, jana, peter)

    happen(session, lambda: publish(session, TaskAssigned(task.id, jana.id, peter.id)))

    assert [one.priority for one in told(session, jana)] == ["low"]


# Whose rights -----------------------------------------------------------------------


def test_who_may_not_see_it_is_not_told(session: Session, jana: User) -> None:
    everything = {
        "abroad": make_user(session, "abroad", role=jana.primary_role, assigned_countries=["CZ"]),
        "gone": make_user(session, "gone", role=jana.primary_role, assigned_countries=["SK"], is_active=False),
        "without": make_user(session, "without", role=role_of(session, "Others", "deals", "notifications"),
                             assigned_countries=["SK"]),
        "silent": make_user(session, "silent", role=role_of(session, "Silent", "customers"), assigned_countries=["SK"]),
        "blind": make_user(
            session, "blind", role=role_of(session, "Blind", hidden=(("customers", "client_status"),)),
            assigned_countries=["SK"],
        ),
    }  # fmt: skip
    wish = {"table": "customers", "column": "client_status"}
    for user in (jana, *everything.values()):
        rule_of(session, user, "status_change", wish)
    customer = customer_of(session)

    happen(session, lambda: setattr(customer, "client_status", "acquired"))

    assert {name: len(told(session, user)) for name, user in everything.items()} == dict.fromkeys(everything, 0)
    assert words(session, jana) == [("Client status: Potential → Acquired", "Mária Horváthová", "by System")]


@pytest.mark.parametrize(
    ("conditions", "hidden"),
    [({"countries": ["SK"]}, ("customers", "country")), ({"owner": "me"}, ("customers", "assigned_user_id"))],
)
def test_a_condition_on_a_hidden_field_tells_nothing(
    session: Session, jana: User, conditions: dict[str, Any], hidden: tuple[str, str]
) -> None:
    blind = make_user(session, "blind", role=role_of(session, "Blind", hidden=(hidden,)), assigned_countries=["SK"])
    rule_of(session, blind, "status_change", {"table": "customers", "column": "client_status", **conditions})
    rule_of(session, jana, "status_change", {"table": "customers", "column": "client_status", "countries": ["SK"]})
    customer = customer_of(session, blind)

    happen(session, lambda: setattr(customer, "client_status", "acquired"))

    assert told(session, blind) == []
    assert len(told(session, jana)) == 1


@pytest.fixture
def changed(session: Session, jana: User) -> Customer:
    """A customer whose change Jana was told of."""
    rule_of(session, jana, "status_change", {"table": "customers", "column": "client_status"})
    customer = customer_of(session)
    happen(session, lambda: setattr(customer, "client_status", "acquired"))
    return customer


def test_nothing_of_the_record_stands_in_the_row(session: Session, jana: User, changed: Customer) -> None:
    [row] = told(session, jana)

    stored = " ".join(
        str(getattr(row, column.key)) for column in Notification.__table__.columns if column.key != "xmin"
    )
    assert (row.title, row.message) == ("A record has changed", "Customer")
    assert "Mária" not in stored and "Horváthová" not in stored
    assert (row.entity_type, row.entity_id) == ("customers", changed.id)


def test_a_name_that_changed_is_told_as_it_is_now(session: Session, jana: User, changed: Customer) -> None:
    changed.last_name = "Kováčová"
    session.commit()

    assert [about for _title, about, _more in words(session, jana)] == ["Mária Kováčová"]


NOT_YOURS = [("Status change", "", "This record is not available to you.")]


def test_a_record_of_a_country_that_was_taken_away_is_not_told(session: Session, jana: User, changed: Customer) -> None:
    jana.assigned_countries = ["CZ"]
    session.commit()

    assert words(session, jana) == NOT_YOURS
    assert [line.href for line in lines(session, jana)] == [""]


def test_a_record_of_a_module_that_was_hidden_is_not_told(session: Session, jana: User, changed: Customer) -> None:
    for permission in jana.primary_role.role_module_permissions:
        if permission.module_key == "customers":
            permission.access = "hidden"
    session.commit()

    assert words(session, jana) == NOT_YOURS


def test_a_record_that_is_gone_is_not_told(session: Session, jana: User, changed: Customer) -> None:
    session.delete(changed)
    session.commit()

    assert words(session, jana) == NOT_YOURS


def test_the_value_of_a_field_that_was_hidden_is_not_told(session: Session, jana: User, changed: Customer) -> None:
    jana.primary_role.role_field_permissions.append(
        RoleFieldPermission(module_key="customers", field_key="client_status", permission="hidden")
    )
    session.commit()

    assert words(session, jana) == [("Customer: changed", "Mária Horváthová", "by System")]


def test_names_that_were_hidden_are_not_told(session: Session, jana: User, changed: Customer) -> None:
    for field in ("first_name", "last_name"):
        jana.primary_role.role_field_permissions.append(
            RoleFieldPermission(module_key="customers", field_key=field, permission="hidden")
        )
    session.commit()

    [(_title, about, _more)] = words(session, jana)
    assert "Mária" not in about and "Horváthová" not in about


def test_the_reader_gets_it_in_his_language(session: Session, jana: User, changed: Customer) -> None:
    [(title, about, _more)] = words(session, jana, "sk")

    assert about == "Mária Horváthová"
    assert title != words(session, jana)[0][0] and "→" in title


def test_a_row_of_an_older_system_keeps_its_words_as_long_as_its_record_is_there(session: Session, jana: User) -> None:
    customer = customer_of(session)
    common = {"user_id": jana.id, "title": "New customer: Mária", "message": "Call her", "entity_type": "customer"}
    session.add(Notification(**common, type="new_customer", entity_id=customer.id))
    session.add(Notification(**common, type="new_customer", entity_id="nobody"))
    session.commit()

    found = {(line.title, line.gone) for line in lines(session, jana)}

    assert found == {("New customer: Mária", False), ("New customer", True)}


@pytest.mark.parametrize("details", ["[1]", '{"trigger": 7}', '{"trigger": "status_change", "column": "no_such"}'])
def test_details_that_make_no_sense_do_no_harm(session: Session, jana: User, details: str) -> None:
    customer = customer_of(session)
    session.add(
        Notification(
            user_id=jana.id,
            type="status_change",
            title="Old words",
            message="",
            details=details,
            entity_type="customers",
            entity_id=customer.id,
        )
    )
    session.commit()

    [line] = lines(session, jana)

    assert line.title and not line.gone


# Own alone ---------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["notifications", "notification_rules"])
def test_nobody_reads_or_changes_those_of_others_through_any_door(
    app: Flask, session: Session, client: FlaskClient, admin: User, jana: User, table: str
) -> None:
    more = {"name": "Zvonohra"} if table == "notification_rules" else {"title": "Zvonohra", "message": "Zvonohra"}
    theirs, own = smallest(session, table, user_id=jana.id, **more), smallest(session, table, user_id=admin.id)
    session.commit()
    bearer = {**token_of(app, admin), "If-Match": "*"}
    program = app.test_client()

    for address in (f"/{table}/list/?all=1", f"/{table}/export.csv?all=1", f"/{table}/chart/",
                    f"/users/show/{jana.id}/tab/{table}.user_id"):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200 and "Zvonohra" not in answer.text and theirs.id not in answer.text, address
    for address in (f"/{table}/show/{theirs.id}", f"/{table}/edit/{theirs.id}", f"/{table}/show/{theirs.id}/history"):
        assert client.get(address).status_code == 404, address
    assert client.post(f"/{table}/edit/{theirs.id}", data={"name": "x", "title": "x"}).status_code == 404
    assert client.post(f"/{table}/delete/{theirs.id}").status_code == 404
    assert program.get(f"/api/v1/{table}/", headers=bearer).json["ids"] == [own.id]
    for method in ("GET", "PUT", "DELETE"):
        refused = program.open(f"/api/v1/{table}/{theirs.id}", method=method, headers=bearer, json={})
        assert refused.status_code == 404, method
    assert client.get(f"/{table}/show/{own.id}").status_code == 200


def test_what_one_adds_is_ones_own(app: Flask, session: Session, client: FlaskClient, admin: User, jana: User) -> None:
    body = {"name": "Mine", "trigger_type": "new_customer", "notification_type": "new_customer"}
    bearer = token_of(app, admin)

    forged = app.test_client().post("/api/v1/notification_rules/", json={**body, "user_id": jana.id}, headers=bearer)
    honest = app.test_client().post("/api/v1/notification_rules/", json=body, headers=bearer)
    typed = client.post("/notification_rules/add", data={**body, "user_id": jana.id})

    assert forged.status_code == 422 and "user_id" in forged.json["errors"]
    assert (honest.status_code, typed.status_code) == (201, 302)
    assert set(session.scalars(select(NotificationRule.user_id))) == {admin.id}


def test_whoever_looks_through_other_eyes_reads_no_letters(session: Session, admin: User, jana: User) -> None:
    smallest(session, "notifications", user_id=jana.id)
    session.commit()
    own = viewer_of(session, jana)

    assert queries.unread(session, own) == 1
    assert queries.unread(session, replace(own, behind=admin.id)) == 0
    assert queries.unread(session, SYSTEM) == 1


def test_a_delivery_that_is_taken_twice_tells_once(session: Session, jana: User, peter: User) -> None:
    task = task_of(session, jana, peter)
    session.info.pop("unaudited")
    publish(session, TaskAssigned(task.id, jana.id, peter.id))
    session.commit()
    session.info["unaudited"] = True
    keys = outbox.due(session)
    session.commit()

    for key in [*keys, *keys]:
        outbox.deliver(key)

    assert len(told(session, jana)) == 1
