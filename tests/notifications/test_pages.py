"""The bell, the page of notifications, the letter of the day, and how old ones go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import NotificationDigest, RoleFieldPermission, User
from app.communication.models import CommunicationMessage
from app.core import links
from app.core.events import publish
from app.core.types import utc_now
from app.work.events import TaskAssigned
from app.work.models import ActivityLog, Notification
from app.work.notifying import digest, jobs, queries, services
from app.work.notifying.events import DigestDue
from tests.conftest import logged_in, make_user
from tests.notifications.notified import customer_of, happen, role_of, rule_of, task_of, told
from tests.outbox import published, work_off
from tests.smallest import smallest
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")
JSON = {"Accept": "application/json"}
LATEST = "/notifications/latest.json"
MORNING = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)  # six o'clock in Bratislava


@pytest.fixture
def browser(app: Flask, jana: User) -> FlaskClient:
    return logged_in(app, jana)


def note(session: Session, user: User, **values: Any) -> Notification:
    known = {"type": "system", "title": "Rates were loaded", "message": "Of today", **values}
    row = Notification(user_id=user.id, **known)
    session.add(row)
    session.commit()
    return row


def bell_in(page: str) -> str | None:
    """What stands on the bell of a page; "" for nothing, None without a bell."""
    found = re.search(r"data-bell-count[^>]*>([^<]*)<", page)
    return found[1] if found else None


# The bell ---------------------------------------------------------------------------------


def test_the_bell_counts_what_is_neither_read_nor_dismissed(
    session: Session, jana: User, peter: User, browser: FlaskClient
) -> None:
    note(session, peter)
    note(session, jana, is_read=True)
    note(session, jana, dismissed=True)
    assert (bell_in(browser.get("/tasks/list/").text), browser.get(LATEST).json["unread"]) == ("", 0)

    for _one in range(3):
        note(session, jana)

    assert bell_in(browser.get("/tasks/list/").text) == "3"
    assert browser.get(LATEST).json == {"unread": 3, "count": "3", "said": "3 unread notifications"}


def test_a_long_queue_is_not_counted_to_its_end(session: Session, jana: User, browser: FlaskClient) -> None:
    session.add_all(Notification(user_id=jana.id, type="system", title="x", message="x") for _one in range(120))
    session.commit()

    assert bell_in(browser.get("/tasks/list/").text) == "99+"
    assert browser.get(LATEST).json == {"unread": 100, "count": "99+", "said": "More than 99 unread notifications"}


def test_who_wants_no_bell_has_none_and_pays_nothing_for_it(
    app: Flask, session: Session, engine: Engine, jana: User, browser: FlaskClient
) -> None:
    note(session, jana)
    with statements(engine) as with_bell:
        assert bell_in(browser.get("/tasks/list/").text) == "1"
    jana.show_notification_bell = False
    session.commit()

    with statements(engine) as without:
        assert bell_in(browser.get("/tasks/list/").text) is None

    asked = [one for one in with_bell if "FROM notifications" in one]
    assert len(asked) == 1 and not any("notifications" in one.split("FROM")[-1] for one in without), without


def test_the_count_runs_along_its_index(session: Session, jana: User) -> None:
    viewer = viewer_of(session, jana)
    session.add_all(
        Notification(user_id=jana.id, type="system", title="x", message="x", is_read=place > 5) for place in range(2000)
    )
    session.flush()
    session.execute(text("ANALYZE notifications"))
    with statements(session.get_bind().engine) as seen:  # type: ignore[union-attr]
        queries.unread(session, viewer)

    plan = session.execute(
        text("EXPLAIN SELECT count(*) FROM (SELECT id FROM notifications WHERE user_id = :me"
             " AND NOT notifications.is_read AND NOT notifications.dismissed LIMIT 100) AS few"),
        {"me": jana.id},
    ).scalars()  # fmt: skip

    assert "NOT notifications.is_read AND NOT notifications.dismissed" in seen[-1]
    assert "ix_notifications_unread" in "\n".join(plan)


def test_where_the_module_is_hidden_there_is_no_bell_and_no_page(app: Flask, session: Session) -> None:
    user = make_user(session, "plain", role=role_of(session, "Plain", "tasks"))
    session.commit()
    browser = logged_in(app, user)

    assert bell_in(browser.get("/tasks/list/").text) is None
    for address in ("/notifications/", LATEST, "/notifications/rules/"):
        assert browser.get(address, headers=JSON).status_code == 403, address


def test_a_notification_is_pinged_when_it_is_there_and_only_then(
    session: Session, jana: User, peter: User, pinged: Callable[[], list[str]]
) -> None:
    task = task_of(session, jana, peter)
    pinged()

    happen(session, lambda: publish(session, TaskAssigned(task.id, jana.id, peter.id)))
    happen(session, lambda: publish(session, TaskAssigned(task.id, peter.id, jana.id)))

    assert pinged() == [json.dumps([jana.id, "notifications"])]


# Through other eyes --------------------------------------------------------------------------


def test_an_administrator_neither_reads_nor_marks_what_somebody_else_was_told(
    session: Session, client: FlaskClient, jana: User
) -> None:
    row = note(session, jana, title="Zvonohra")
    client.post(f"/rights/view-as/{jana.id}")

    page = client.get("/tasks/list/")
    answers = [client.get(address, headers=JSON) for address in ("/notifications/", LATEST, "/notifications/rules/",
                                                                  f"/notifications/{row.id}/open")]  # fmt: skip
    posted = client.post(f"/notifications/{row.id}/dismiss", headers=JSON)
    generated = client.get("/notifications/list/")

    assert "You see INDEXUS as" in page.text or "viewing-as" in page.text
    assert bell_in(page.text) is None
    assert {answer.status_code for answer in [*answers, posted]} == {403}
    assert "Zvonohra" not in generated.text
    session.refresh(row)
    assert (row.is_read, row.dismissed) == (False, False)


# Opening, reading, putting away -------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_opening_reads_and_leads_to_the_record(
    session: Session, jana: User, peter: User, browser: FlaskClient, method: str
) -> None:
    task = task_of(session, jana, peter)
    happen(session, lambda: publish(session, TaskAssigned(task.id, jana.id, peter.id)))
    [row] = told(session, jana)

    answers = [browser.open(f"/notifications/{row.id}/open", method=method) for _time in (1, 2)]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (302, f"/work/tasks/{task.id}")
    ] * 2
    session.refresh(row)
    assert (row.is_read, row.dismissed) == (True, False)


def test_what_leads_nowhere_for_the_reader_leads_to_the_list(
    session: Session, jana: User, peter: User, browser: FlaskClient
) -> None:
    task = task_of(session, jana, peter)
    happen(session, lambda: publish(session, TaskAssigned(task.id, jana.id, peter.id)))
    jana.assigned_countries = ["CZ"]
    task.assigned_user_id = peter.id
    session.commit()
    [row] = told(session, jana)

    answer = browser.get(f"/notifications/{row.id}/open")

    assert answer.headers["Location"] == "/notifications/"
    assert "This record is not available to you." in browser.get("/notifications/").text


@pytest.mark.parametrize("more", [{"headers": {"Sec-Purpose": "prefetch"}}, {"method": "HEAD"}])
def test_a_browser_that_looks_ahead_reads_nothing(
    session: Session, jana: User, browser: FlaskClient, more: dict[str, Any]
) -> None:
    row = note(session, jana)

    browser.open(f"/notifications/{row.id}/open", **more)

    session.refresh(row)
    assert row.is_read is False


def test_dismissing_is_taken_back(session: Session, jana: User, browser: FlaskClient) -> None:
    row = note(session, jana)

    away = browser.post(f"/notifications/{row.id}/dismiss", headers=JSON)
    listed = [browser.get(f"/notifications/{query}").text for query in ("", "?state=unread", "?state=dismissed")]
    back = browser.post(f"/notifications/{row.id}/restore", headers=JSON)

    assert (away.json["unread"], back.json["unread"]) == (0, 1)
    assert [row.id in page for page in listed] == [False, False, True]
    session.refresh(row)
    assert (row.is_read, row.dismissed) == (False, False)


def test_all_are_read_at_once_and_those_of_others_are_not(
    session: Session, jana: User, peter: User, browser: FlaskClient
) -> None:
    mine, theirs = [note(session, jana) for _one in range(3)], note(session, peter)

    answer = browser.post("/notifications/read", headers=JSON)

    assert answer.json["unread"] == 0
    session.expire_all()
    assert [row.is_read for row in [*mine, theirs]] == [True, True, True, False]


def test_a_person_without_scripts_comes_back_to_where_he_was(
    session: Session, jana: User, browser: FlaskClient
) -> None:
    row = note(session, jana)

    answer = browser.post(
        f"/notifications/{row.id}/dismiss", headers={"Referer": "http://localhost/notifications/?state=unread"}
    )

    assert (answer.status_code, answer.headers["Location"]) == (302, "/notifications/?state=unread")


def test_those_of_others_do_not_exist(session: Session, client: FlaskClient, jana: User) -> None:
    row = note(session, jana)

    for method, act in (("GET", "open"), ("POST", "open"), ("POST", "read"), ("POST", "dismiss"), ("POST", "restore")):
        for key in (row.id, "nobody", "x" * 300):
            answer = client.open(f"/notifications/{key}/{act}", method=method, headers=JSON)
            assert answer.status_code == 404, (method, act, key)
    session.refresh(row)
    assert (row.is_read, row.dismissed) == (False, False)


def test_reading_is_no_matter_of_the_audit_trail(session: Session, jana: User, browser: FlaskClient) -> None:
    row = note(session, jana)

    for act in ("read", "dismiss", "restore"):
        browser.post(f"/notifications/{row.id}/{act}", headers=JSON)

    noted = select(ActivityLog).where(ActivityLog.entity_type == "notifications")
    assert session.scalars(noted).all() == []


# The page ---------------------------------------------------------------------------------------


def test_the_page_is_filtered_by_type_and_priority(session: Session, jana: User, browser: FlaskClient) -> None:
    kept = note(session, jana, type="mention", priority="high")
    others = [note(session, jana, type="mention"), note(session, jana, priority="high")]

    page = browser.get("/notifications/?type=mention&priority=high").text

    assert kept.id in page and not any(row.id in page for row in others)


@pytest.mark.parametrize(
    "query",
    ["state=no_such", "type=no_such", "priority=no_such", "before=x", "before=9999-01-01~x", "before=0001-01-01~x",
     "before=2026-01-01", "before=2026-01-01T00:00:00~" + "x" * 200, "state=unread'--"],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_refused_or_harmless(browser: FlaskClient, query: str) -> None:
    answer = browser.get(f"/notifications/?{query}")

    assert answer.status_code == (200 if query == "before=2026-01-01" else 400), answer.status_code


def test_pages_follow_each_other_without_a_gap_or_a_repeat_also_at_the_same_instant(
    session: Session, jana: User, browser: FlaskClient
) -> None:
    at = utc_now().replace(microsecond=0)
    rows = [note(session, jana, created_at=at - timedelta(hours=place // 20)) for place in range(70)]
    seen: list[str] = []
    address = "/notifications/"

    for _page in range(3):
        page = browser.get(address).text
        seen += re.findall(r'data-notice="([^"]+)"', page)
        older = re.search(r'href="(/notifications/\?[^"]*before=[^"]*)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else ""

    assert address == ""
    assert len(seen) == len(set(seen)) == 70
    assert set(seen) == {row.id for row in rows}


def test_lines_stand_under_their_day_in_the_readers_zone(session: Session, jana: User, browser: FlaskClient) -> None:
    note(session, jana, created_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))  # the second of March in Bratislava
    note(session, jana)

    page = browser.get("/notifications/").text

    assert re.findall(r"<h2>([^<]*)</h2>\n  <ul>", page) == ["Today", "Monday, 2 March 2026"]


def test_a_page_costs_the_same_statements_for_one_line_and_for_many(
    session: Session, engine: Engine, jana: User, peter: User, browser: FlaskClient
) -> None:
    counts = []
    for _round in (1, 2):
        for _one in range(1 if not counts else 12):
            task, customer = task_of(session, jana, peter), customer_of(session, jana)
            happen(session, lambda task=task: publish(session, TaskAssigned(task.id, jana.id, peter.id)))
            happen(
                session,
                lambda customer=customer: smallest(
                    session, "communication_messages", customer_id=customer.id, direction="inbound", type="email"
                ),
            )
        with statements(engine) as seen:
            assert browser.get("/notifications/").status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 12, counts


# The letter ----------------------------------------------------------------------------------------


@pytest.fixture
def linked() -> Iterator[None]:
    links.reached_at("https://crm.indexus.example")
    yield
    links.reached_at("")


def wants_letter(session: Session, user: User, language: str | None = None) -> None:
    user.notification_digest, user.language = NotificationDigest.daily, language
    session.commit()


def letters(session: Session) -> list[CommunicationMessage]:
    session.expire_all()
    return list(session.scalars(select(CommunicationMessage).order_by(CommunicationMessage.created_at)))


def test_the_letter_is_written_once_however_often_the_clock_looks(session: Session, jana: User, linked: None) -> None:
    note(session, jana)
    wants_letter(session, jana, "en")

    for minutes in (0, 15, 30):
        jobs.begin_digests(session, now=MORNING + timedelta(minutes=minutes))
        session.commit()
    for _time in (1, 2):
        digest.write(session, jana.id, "2026-03-02", now=MORNING)
        session.commit()

    assert published(session, DigestDue) == [DigestDue(jana.id, "2026-03-02")]
    [letter] = letters(session)
    assert (letter.recipient_email, letter.user_id, letter.direction) == (jana.email, jana.id, "outbound")
    assert letter.subject == "1 unread notification · 2 Mar 2026"
    assert "https://crm.indexus.example/notifications/" in letter.content


@pytest.mark.parametrize(
    ("countries", "hour", "begins"),
    [
        (["SK"], 4, False), (["SK"], 5, True), (["SK"], 8, True), (["SK"], 9, False), (["SK"], 20, False),
        (["US"], 5, False), (["US"], 11, True), (["RO"], 4, True), (["SK", "US"], 5, True), ([], 5, True),
    ],
)  # fmt: skip
def test_the_letter_comes_in_the_morning_of_the_country(
    session: Session, jana: User, countries: list[str], hour: int, begins: bool
) -> None:
    jana.assigned_countries = countries
    wants_letter(session, jana)

    jobs.begin_digests(session, now=MORNING.replace(hour=hour))

    assert (len(published(session, DigestDue)) == 1) is begins


def test_without_anything_unread_there_is_no_letter(session: Session, jana: User) -> None:
    note(session, jana, is_read=True)
    note(session, jana, dismissed=True)
    wants_letter(session, jana)

    assert digest.write(session, jana.id, "2026-03-02", now=MORNING) is False
    assert letters(session) == []


@pytest.mark.parametrize("why", ["off", "inactive", "hidden", "gone"])
def test_who_does_not_want_it_any_more_or_may_not_gets_no_letter(session: Session, jana: User, why: str) -> None:
    note(session, jana)
    wants_letter(session, jana)
    if why == "off":
        jana.notification_digest = NotificationDigest.off
    elif why == "inactive":
        jana.is_active = False
    elif why == "hidden":
        for permission in jana.primary_role.role_module_permissions:
            permission.access = "hidden"
    session.commit()

    digest.write(session, "nobody" if why == "gone" else jana.id, "2026-03-02", now=MORNING)

    assert letters(session) == []


def test_the_letter_has_the_rights_of_the_morning_and_names_nobody(session: Session, jana: User, linked: None) -> None:
    rule_of(session, jana, "status_change", {"table": "customers", "column": "client_status"})
    rule_of(session, jana, "status_change", {"table": "customers", "column": "lead_status"})
    customer, abroad = customer_of(session), customer_of(session)
    for one in (customer, abroad):
        happen(session, lambda one=one: setattr(one, "client_status", "acquired"))
        happen(session, lambda one=one: setattr(one, "lead_status", "hot"))
    abroad.country = "CZ"
    jana.primary_role.role_field_permissions.append(
        RoleFieldPermission(module_key="customers", field_key="lead_status", permission="hidden")
    )
    wants_letter(session, jana, "en")

    digest.write(session, jana.id, "2026-03-02", now=MORNING)
    session.commit()

    [letter] = letters(session)
    assert letter.subject.startswith("2 unread notifications")
    assert "Client status: Potential → Acquired" in letter.content and "Customer: changed" in letter.content
    assert "Hot" not in letter.content
    assert "Mária" not in letter.content and "Horváthová" not in letter.content


def test_the_letter_is_in_the_language_it_was_asked_for_in(
    app: Flask, session: Session, jana: User, browser: FlaskClient
) -> None:
    rule_of(session, jana, "status_change", {"table": "customers", "column": "client_status"})
    customer = customer_of(session)
    happen(session, lambda: setattr(customer, "client_status", "acquired"))
    with browser.session_transaction() as cookie:
        cookie["locale"] = "sk"

    browser.post("/notifications/rules/digest", data={"daily": "1"})
    session.refresh(jana)
    chosen = (jana.notification_digest, jana.language)
    digest.write(session, jana.id, "2026-03-02", now=MORNING)
    session.commit()

    assert chosen == ("daily", "sk")
    [letter] = letters(session)
    assert "→" in letter.content and "Client status: Potential → Acquired" not in letter.content
    assert browser.post("/notifications/rules/digest", data={"daily": "0"}).status_code == 302
    session.refresh(jana)
    assert jana.notification_digest == "off"


def test_the_letter_leaves_as_an_email(session: Session, jana: User, linked: None, app: Flask) -> None:
    note(session, jana)
    wants_letter(session, jana, "en")
    session.info.pop("unaudited", None)
    publish(session, DigestDue(jana.id, "2026-03-02"))
    session.commit()

    work_off(session)

    [letter] = letters(session)
    assert letter.status == "sent", letter.error_message
    sent = [path.read_bytes() for path in (app.config["SETTINGS"].data_dir / "mail").rglob("*.eml")]
    mine = [one for raw in sent if (one := message_from_bytes(raw, policy=policy.default))["To"] == jana.email]
    assert any("unread notification" in one.get_body(("html",)).get_content() for one in mine)


# Retention ------------------------------------------------------------------------------------------


def test_what_was_read_or_put_away_goes_after_half_a_year(session: Session, jana: User) -> None:
    now = utc_now()
    old, young = now - services.KEPT - timedelta(hours=1), now - services.KEPT + timedelta(hours=1)
    gone = [note(session, jana, is_read=True, created_at=old), note(session, jana, dismissed=True, created_at=old)]
    kept = [note(session, jana, created_at=old), note(session, jana, is_read=True, created_at=young)]

    for _time in (1, 2):
        jobs.forget_old(session, now=now)
        session.commit()

    assert set(session.scalars(select(Notification.id))) == {row.id for row in kept}
    assert len(gone) == 2


def test_details_hold_keys_and_codes_alone(session: Session, jana: User, peter: User) -> None:
    task = task_of(session, jana, peter)
    happen(session, lambda: publish(session, TaskAssigned(task.id, jana.id, peter.id)))

    [row] = told(session, jana)

    assert json.loads(row.details) == {
        "trigger": "task_assigned", "by": peter.id, "to": jana.id,
        **({"customer": task.customer_id} if task.customer_id else {}),
    }  # fmt: skip
