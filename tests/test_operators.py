"""The page of background jobs: what it shows, to whom, and what its buttons do."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.access.models import Role, RoleModulePermission, User
from app.core import events, jobs
from app.core.events import Event, GiveUp, Happened, Later, Listener, publish
from app.core.outbox import OutboxDelivery, OutboxEvent
from app.core.servers import Servers
from app.core.types import utc_now
from app.settings.models import Department
from app.system import queries
from app.system.rules import in_words
from app.system.services import LONGEST_REASON
from app.work.models import ActivityLog
from tests.conftest import logged_in, make_user
from tests.outbox import work_off
from tests.smallest import smallest
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")
JOB = "app.system.jobs.forget_stale_logins"
NOTHING, VIEW, EDIT = "", "v", "ve"


@dataclass(frozen=True)
class BellRung(Event):
    task_id: str
    bell: str = ""


class Porter:
    """Counts what he was told; refuses as long as he is told to."""

    def __init__(self) -> None:
        self.told = 0
        self.refuses = True

    def __call__(self, session: Session, happened: Happened[Any]) -> Later | None:
        self.told += 1
        if self.refuses:
            raise GiveUp("The door is locked.")
        session.add(Department(name=f"Porter of {happened.event.task_id}"))
        return None


@pytest.fixture
def porter() -> Iterator[Porter]:
    porter = Porter()
    listener = Listener("app.tests.jobs.carry_in", BellRung, porter, attempts=3)
    events.listen([listener])
    yield porter
    events.forget(listener)


def rung(session: Session, task: str = "no such task") -> str:
    """The id of a delivery that was given up."""
    publish(session, BellRung(task))
    work_off(session)
    return str(session.scalars(delivery_of(task).with_only_columns(OutboxDelivery.id)).one())


def delivery_of(task: str) -> Any:
    asked = select(OutboxDelivery).join(OutboxEvent, OutboxEvent.id == OutboxDelivery.event_id)
    return asked.where(OutboxEvent.payload["task_id"].astext == task)


def stored(session: Session, listener: str = "app.tests.jobs.stored", payload: Any = None, **values: Any) -> str:
    """The id of a delivery as it could stand in the database."""
    happened = OutboxEvent(name="BellRung", payload=payload or {"task_id": "t"}, happened_at=utc_now())
    session.add(happened)
    session.flush()
    delivery = OutboxDelivery(event_id=happened.id, listener=listener, **{"next_at": utc_now(), **values})
    session.add(delivery)
    session.flush()
    return delivery.id


def person(app: Flask, session: Session, rights: dict[str, str], **values: Any) -> FlaskClient:
    role = Role(name=uuid.uuid4().hex)
    role.role_module_permissions = [
        RoleModulePermission(module_key=key, can_add=False, can_edit="e" in may) for key, may in rights.items() if may
    ]
    user = make_user(session, f"p{uuid.uuid4().hex[:8]}", role=role, **values)
    session.commit()
    return logged_in(app, user)


def trail(session: Session, event_name: str) -> list[ActivityLog]:
    session.expire_all()
    return [row for row in session.scalars(select(ActivityLog)) if f'"{event_name}"' in (row.details or "")]


def part(page: str, name: str) -> str:
    """What stands in one part of the page."""
    found = re.search(rf'data-part="{name}".*?(?=data-part="|<form id="act"|$)', page, re.S)
    assert found is not None
    return found[0]


def figure(page: str, label: str) -> str:
    found = re.search(rf'tile-label">{label}</span>\s*<span class="tile-value">([^<]*)<', page)
    assert found is not None, page
    return found[1]


# Who may -----------------------------------------------------------------------


@pytest.mark.parametrize(("rights", "seen", "acted"), [(NOTHING, 403, 403), (VIEW, 200, 403), (EDIT, 200, 302)])
def test_who_sees_the_system_sees_the_page_and_who_may_edit_it_acts(
    app: Flask, session: Session, porter: Porter, rights: str, seen: int, acted: int
) -> None:
    keys = [rung(session, f"task {number}") for number in range(3)]
    browser = person(app, session, {"system": rights, "dashboard": VIEW})

    pages = [browser.get(address) for address in ("/jobs/", "/jobs/board")]
    answers = [
        browser.post("/jobs/retry", data={"only": keys[0]}),
        browser.post("/jobs/discard", data={"only": keys[1], "reason": "Not needed"}),
        browser.post("/jobs/retry-all", data={"listener": "app.tests.jobs.carry_in"}),
        browser.post("/jobs/run", data={"job": JOB}),
    ]

    assert [page.status_code for page in pages] == [seen] * 2
    assert [answer.status_code for answer in answers] == [acted] * 4
    if seen == 200:
        assert ["/jobs/retry" in page.text for page in pages] == [rights == EDIT] * 2
    assert ('href="/jobs/"' in browser.get("/").text) == (seen == 200)
    session.expire_all()
    left = session.scalar(select(func.count()).select_from(OutboxDelivery).where(OutboxDelivery.id.in_(keys)))
    assert left == (2 if rights == EDIT else 3)


def test_nobody_without_a_login_sees_or_acts(nobody: FlaskClient) -> None:
    for method, address in [
        ("GET", ""),
        ("GET", "board"),
        *(("POST", a) for a in ("retry", "retry-all", "discard", "run")),
    ]:
        answer = nobody.open(f"/jobs/{address}", method=method)

        assert answer.status_code == 302 and "/login/" in answer.location, address


def test_editing_the_system_can_be_given_and_adding_to_it_cannot(client: FlaskClient, session: Session) -> None:
    role = Role(name="Operators")
    session.add(role)
    session.commit()
    page = client.get(f"/rights/{role.id}").text
    version = json.loads(re.findall(r'id="rights-state">(.*?)</script>', page)[0])["version"]

    def save(what: str) -> int:
        change = [{"module": "system", "what": each, "to": True, "name": ""} for each in ("visible", what)]
        return client.post(f"/rights/{role.id}/save", json={"version": version, "changes": change}).status_code

    offered = re.findall(r'data-module="system" data-what="(\w+)"', page)
    assert offered == ["visible", "edit"]
    assert (save("add"), save("edit")) == (400, 200)
    session.expire_all()
    assert [(row.module_key, row.can_add, row.can_edit) for row in role.role_module_permissions] == [
        ("system", False, True)
    ]


# What it shows -----------------------------------------------------------------


def test_the_figures_count_what_there_is(client: FlaskClient, session: Session) -> None:
    before = {label: int(figure(client.get("/jobs/").text, label)) for label in ("Waiting", "Running", "Failed")}
    now = utc_now()
    stored(session, next_at=now - timedelta(minutes=12))
    stored(session, next_at=now + timedelta(minutes=5))
    stored(session, next_at=now, leased_until=now - timedelta(minutes=1), started_at=now, attempts=1)
    stored(session, leased_until=now + timedelta(minutes=1), started_at=now, attempts=1)
    stored(session, failed_at=now, attempts=8)
    for took in (100, 200, 9_000):
        stored(session, f"app.tests.jobs.took_{took}", done_at=now, started_at=now, took_ms=took)
    stored(session, "app.tests.jobs.long_ago", done_at=now - timedelta(hours=2), started_at=now, took_ms=60_000)
    session.commit()

    page = client.get("/jobs/").text

    after = {label: int(figure(page, label)) for label in before}
    assert {label: after[label] - before[label] for label in after} == {"Waiting": 3, "Running": 1, "Failed": 1}
    assert figure(page, "Delay") == "12 minutes"
    assert "slowest 9 s (took_9000)" in page
    assert "long_ago" not in page


def test_counts_stop_at_the_most(client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 3)
    for _number in range(5):
        stored(session, failed_at=utc_now())
    session.commit()

    assert figure(client.get("/jobs/").text, "Failed") == "3+"


def test_what_failed_is_shown_with_its_reason_its_tries_and_its_event(
    client: FlaskClient, session: Session, porter: Porter
) -> None:
    rung(session)

    shown = part(client.get("/jobs/").text, "failed")

    for words in ("carry_in", "tests", "BellRung", "The door is locked.", "1 of 3"):
        assert words in shown, words
    assert re.search(r">(now|1 second ago|\d+ seconds ago)</span>", shown)


def test_what_runs_and_what_waits_is_shown_with_its_times(client: FlaskClient, session: Session) -> None:
    now = utc_now()
    stored(session, "app.tests.jobs.at_work", leased_until=now + timedelta(hours=1), attempts=2,
           started_at=now - timedelta(minutes=3))  # fmt: skip
    stored(session, "app.tests.jobs.patient", next_at=now + timedelta(minutes=30), attempts=4, error="TimeoutError")
    session.commit()

    page = client.get("/jobs/").text

    running, waiting = part(page, "running"), part(page, "waiting")
    assert all(words in running for words in ("at_work", "2 of 8", "3 minutes ago"))
    assert all(words in waiting for words in ("patient", "4 of 8", "in 30 minutes", "TimeoutError"))
    assert "patient" not in running and "at_work" not in waiting


def test_an_event_leads_to_its_record_where_that_may_be_seen_and_names_nobody(app: Flask, session: Session) -> None:
    customer = smallest(session, "customers", first_name="Secretname", country="SK")
    stored(session, payload={"customer_id": customer.id}, failed_at=utc_now())
    session.commit()
    rights = {"system": VIEW, "customers": VIEW}
    people = [
        person(app, session, rights),
        person(app, session, rights, assigned_countries=["SK"]),
        person(app, session, rights, assigned_countries=["CZ"]),
        person(app, session, {"system": VIEW}),
    ]

    pages = [browser.get("/jobs/").text for browser in people]

    assert [f"/customers/show/{customer.id}" in page for page in pages] == [True, True, False, False]
    assert not [page for page in pages if "Secretname" in page]


@pytest.mark.parametrize(
    ("name", "table"),
    [("task_id", "tasks"), ("deal_id", "deals"), ("clinic_id", "clinics"), ("assigned_user_id", "users"),
     ("customer_id", "customers"), ("bell", ""), ("bell_id", ""), ("_id", "")],
)  # fmt: skip
def test_the_name_of_a_key_says_of_which_table_it_is(name: str, table: str) -> None:
    found = queries.reference_of({name: "x"})

    assert (found.table if found else "") == table


def test_lists_go_by_key_and_leave_nothing_out(client: FlaskClient, session: Session) -> None:
    now = utc_now()
    for number in range(60):
        at = now - timedelta(seconds=number // 3)  # some at the same moment
        stored(session, "app.tests.jobs.many", payload={"n": f"failed-{number}"}, failed_at=at)
        stored(session, "app.tests.jobs.many", next_at=at)
    session.commit()
    mine = {
        row.id
        for row in session.scalars(select(OutboxDelivery).where(OutboxDelivery.listener == "app.tests.jobs.many"))
    }

    found: list[str] = []
    after, pages = "", 0
    while pages == 0 or after:
        page = queries.failed(session, listener="app.tests.jobs.many", after=after)
        found += [row.id for row in page.rows]
        after, pages = page.after, pages + 1
    after, turned = "", 0
    while turned == 0 or after:
        waiting = queries.waiting(session, now=now, after=after)
        found += [row.id for row in waiting.rows if row.id in mine]
        after, turned = waiting.after, turned + 1

    assert pages == 3
    assert sorted(found) == sorted(mine)
    first = client.get("/jobs/?listener=app.tests.jobs.many").text
    onward = re.search(r'rel="next" href="(/jobs/\?failed=[^"]+)#failed"', first)
    assert onward is not None
    second = client.get(onward[1].replace("&amp;", "&")).text
    both = [set(re.findall(r'name="only" value="([^"]+)"', page)) for page in (first, second)]
    assert [len(page) for page in both] == [25, 25]
    assert both[0].isdisjoint(both[1])


@pytest.mark.parametrize("query", ["failed=x", "waiting=2026-13-01~x", "failed=~", "waiting=2026"])
def test_a_page_that_there_is_not_is_refused(client: FlaskClient, query: str) -> None:
    answers = [client.get(f"/jobs/{page}?{query}") for page in ("", "board")]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert "There is no such page of this list." in answers[0].text


def test_the_page_costs_the_same_number_of_statements_however_much_there_is(
    client: FlaskClient, session: Session, engine: Engine
) -> None:
    customers = [smallest(session, "customers") for _number in range(3)]
    tasks = [smallest(session, "tasks") for _number in range(3)]
    session.commit()

    def fill(times: int) -> None:
        now = utc_now()
        for number in range(times):
            for payload in ({"customer_id": customers[number % 3].id}, {"task_id": tasks[number % 3].id}):
                stored(session, f"app.tests.jobs.l{number}", payload, failed_at=now)
                stored(session, f"app.tests.jobs.l{number}", payload, next_at=now)
                stored(
                    session, f"app.tests.jobs.l{number}", payload, leased_until=now + timedelta(hours=1), started_at=now
                )
                stored(session, f"app.tests.jobs.l{number}", payload, done_at=now, started_at=now, took_ms=5)
        session.commit()

    def asked() -> int:
        with statements(engine) as seen:
            assert client.get("/jobs/").status_code == 200
        return len(seen)

    fill(1)
    few = asked()
    fill(40)

    assert asked() == few
    assert few <= 14


def test_the_fragment_for_the_script_is_what_the_page_shows(
    client: FlaskClient, session: Session, porter: Porter
) -> None:
    rung(session)

    page, board = client.get("/jobs/").text, client.get("/jobs/board").text

    parts = re.findall(r'data-part="(\w+)"', board)
    assert parts == ["figures", "failed", "running", "waiting", "periodic", "queues"]
    assert re.findall(r'data-part="(\w+)"', page) == parts
    assert "<html" not in board
    assert "csrf" not in board  # it differs each time, and the script would draw everything anew


# Redis and the clock ---------------------------------------------------------------


def test_queues_are_shown_with_their_length_and_workers(client: FlaskClient, servers: Servers) -> None:
    connection = redis.Redis.from_url(servers.redis_url)
    connection.flushdb()
    jobs.enqueue(jobs.queue_of(connection, "letters"), [("a", 30), ("b", 30), ("c", 30)])

    shown = part(client.get("/jobs/").text, "queues")
    connection.flushdb()
    connection.close()

    rows = dict(re.findall(r'jobs-name">(\w+)</strong></th>(.*?)</tr>', shown))
    assert re.findall(r"Length\">(\d+)<", rows["letters"]) == ["3"]
    assert re.findall(r"Length\">(\d+)<", rows["default"]) == ["0"]
    assert "No worker" in rows["letters"]


def test_a_silent_redis_is_a_sentence(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("redis://127.0.0.1:1/0", ""):
        monkeypatch.setitem(app.config, "REDIS_URL", url)

        answer = client.get("/jobs/")

        assert answer.status_code == 200
        assert "Redis does not answer" in part(answer.text, "queues")


def test_the_last_tick_of_the_clock_is_told(client: FlaskClient, session: Session) -> None:
    now = utc_now()

    def clock(at: datetime) -> str:
        jobs.tick(at)
        return figure(client.get("/jobs/").text, "Scheduler")

    assert clock(now - timedelta(minutes=5)) == "Silent"
    assert clock(now) == "On time"


def test_a_periodic_job_is_shown_with_its_last_and_next_run(client: FlaskClient, session: Session) -> None:
    jobs.tick(utc_now())
    fresh = part(client.get("/jobs/").text, "periodic")
    client.post("/jobs/run", data={"job": JOB})
    asked_for = part(client.get("/jobs/").text, "periodic")
    work_off(session)
    ran = part(client.get("/jobs/").text, "periodic")

    def row(shown: str) -> str:
        return next(line for line in shown.split("<tr>") if "forget_stale_logins" in line)

    assert all(words in row(fresh) for words in ("Every 30 minutes", "Has not run yet", "in "))
    assert "Waiting" in row(asked_for) and "disabled" in row(asked_for)
    assert all(words in row(ran) for words in ("Done", " ms")) and re.search(r">(now|\d+ seconds? ago)<", row(ran))


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * * *", "Every minute"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("10 * * * *", "Every hour, at minute 10"),
        ("0 */6 * * *", "Every 6 hours, at minute 0"),
        ("20 3 * * *", "Every day at 03:20 UTC"),
        ("0 6 * * 1", "Mon at 06:00 UTC"),
        ("0 6 * * 0", "Sun at 06:00 UTC"),
        ("0 6 * * 7", "Sun at 06:00 UTC"),
        ("30 7 * * 1-5", "Mon – Fri at 07:30 UTC"),
        ("30 7 * * 1,3", "Mon, Wed at 07:30 UTC"),
        ("0 5 1 * *", "On day 1 of each month at 05:00 UTC"),
        ("0 5 1 1 *", "0 5 1 1 *"),
        ("1,2 * * * *", "1,2 * * * *"),
        ("0 6 * * MON", "0 6 * * MON"),
        ("0 5 1 * 1", "0 5 1 * 1"),
        ("0 9-17 * * *", "0 9-17 * * *"),
    ],
)
def test_times_are_said_as_people_say_them(app: Flask, cron: str, words: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert in_words(cron) == words


def test_every_scheduled_job_has_times_in_words(app: Flask) -> None:
    with app.test_request_context():
        silent = [periodic.name for periodic in jobs.scheduled() if in_words(periodic.cron) == periodic.cron]

    assert silent == []


# What its buttons do -----------------------------------------------------------


def test_what_is_tried_again_is_delivered(client: FlaskClient, session: Session, porter: Porter, admin: User) -> None:
    task = uuid.uuid4().hex
    key = rung(session, task)
    porter.refuses = False

    answers = [client.post("/jobs/retry", data={"only": key}) for _time in range(2)]
    work_off(session)

    assert [answer.status_code for answer in answers] == [302, 302]
    delivery = session.get_one(OutboxDelivery, key)
    assert delivery.done_at is not None and delivery.failed_at is None and delivery.attempts == 1
    assert porter.told == 2
    assert session.scalar(select(func.count()).where(Department.name == f"Porter of {task}")) == 1
    assert [row.user_id for row in trail(session, "job_retried")] == [admin.id]
    assert "They were done or tried again meanwhile." in client.get("/jobs/").text


def test_the_chosen_ones_are_tried_again_and_no_others(client: FlaskClient, session: Session, porter: Porter) -> None:
    keys = [rung(session, f"task {number}") for number in range(4)]
    porter.refuses = False

    client.post("/jobs/retry", data={"id": keys[:2]})
    single = client.post("/jobs/retry", data={"id": keys, "only": keys[2]})  # a button of one row beside ticked boxes
    work_off(session)

    assert single.status_code == 302
    session.expire_all()
    assert [session.get_one(OutboxDelivery, key).done_at is not None for key in keys] == [True, True, True, False]


def test_all_of_a_listener_are_tried_again_and_none_of_another(
    client: FlaskClient, session: Session, porter: Porter
) -> None:
    keys = [rung(session, f"task {number}") for number in range(3)]
    other = stored(session, "app.tests.jobs.other", failed_at=utc_now())
    session.commit()
    porter.refuses = False

    client.post("/jobs/retry-all", data={"listener": "app.tests.jobs.carry_in"})
    work_off(session)

    session.expire_all()
    assert all(session.get_one(OutboxDelivery, key).done_at for key in keys)
    assert session.get_one(OutboxDelivery, other).failed_at is not None
    assert len(trail(session, "job_retried")) == 1


def test_what_is_discarded_rests_and_who_and_why_is_kept(
    client: FlaskClient, session: Session, porter: Porter, admin: User
) -> None:
    key = rung(session)

    answer = client.post("/jobs/discard", data={"only": key, "reason": "  The task is done by hand. "})
    porter.refuses = False
    work_off(session)

    assert answer.status_code == 302
    session.expire_all()
    assert session.get(OutboxDelivery, key) is None
    assert porter.told == 1
    (entry,) = trail(session, "job_discarded")
    details = json.loads(entry.details or "")
    assert (entry.user_id, entry.entity_id, entry.entity_name) == (admin.id, key, "app.tests.jobs.carry_in")
    assert (details["reason"], details["error"]) == ("The task is done by hand.", "The door is locked.")
    assert client.get("/activity_logs/list/").status_code == 200


@pytest.mark.parametrize("reason", ["", "   ", "x" * (LONGEST_REASON + 1)])
def test_nothing_is_discarded_without_a_reason(
    client: FlaskClient, session: Session, porter: Porter, reason: str
) -> None:
    key = rung(session)

    client.post("/jobs/discard", data={"only": key, "reason": reason})

    assert "Say in one sentence why this is not to be done." in client.get("/jobs/").text
    session.expire_all()
    assert session.get(OutboxDelivery, key) is not None


def test_what_was_not_given_up_can_neither_be_discarded_nor_started_anew(client: FlaskClient, session: Session) -> None:
    now = utc_now()
    keys = [
        stored(session, next_at=now + timedelta(hours=1), attempts=2),
        stored(session, leased_until=now + timedelta(hours=1), attempts=1, started_at=now),
        stored(session, done_at=now, attempts=1),
    ]
    session.commit()

    for key in keys:
        assert client.post("/jobs/discard", data={"only": key, "reason": "Not needed"}).status_code == 302
        assert client.post("/jobs/retry", data={"only": key}).status_code == 302

    session.expire_all()
    assert [session.get_one(OutboxDelivery, key).attempts for key in keys] == [2, 1, 1]
    assert trail(session, "job_discarded") == trail(session, "job_retried") == []


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("retry", {"only": "none"}),
        ("retry", {"id": str(uuid.uuid4())}),
        ("retry", {"only": "x" * 5000}),
        ("retry", {}),
        ("discard", {"only": "none", "reason": "Not needed"}),
        ("discard", {"reason": "Not needed"}),
        ("run", {"job": "none"}),
        ("run", {"job": "app.system.services.discard"}),
        ("run", {}),
    ],
)
def test_what_does_not_exist_is_not_found(client: FlaskClient, address: str, data: dict[str, str]) -> None:
    answer = client.post(f"/jobs/{address}", data=data)

    assert answer.status_code == 404


def test_run_now_runs_once_however_often_it_is_pressed(client: FlaskClient, session: Session, admin: User) -> None:
    jobs.tick(utc_now())
    session.commit()

    answers = [client.post("/jobs/run", data={"job": JOB}) for _time in range(10)]
    tried = work_off(session)

    asked = select(OutboxDelivery).where(OutboxDelivery.listener == JOB)
    mine = [
        row for row in session.scalars(asked) if row.started_at and row.started_at > utc_now() - timedelta(minutes=1)
    ]
    assert {answer.status_code for answer in answers} == {302}
    assert len(mine) in (1, 2)  # two when a minute ended meanwhile
    assert tried == len(mine)
    assert {row.user_id for row in trail(session, "job_started")} == {admin.id}
    assert "was started less than a minute ago." in client.get("/jobs/").text


def test_a_button_leads_back_to_where_it_was_pressed_and_nowhere_else(
    client: FlaskClient, session: Session, porter: Porter
) -> None:
    key = rung(session)
    here = f"http://localhost/jobs/?listener={quote('app.tests.jobs.carry_in')}"

    for referrer, back in [
        (here, "/jobs/?listener=app.tests.jobs.carry_in"),
        ("http://localhost/customers/list/", "/jobs/"),
        ("http://elsewhere.example/jobs/", "/jobs/"),
        ("", "/jobs/"),
    ]:
        answer = client.post("/jobs/retry", data={"only": key}, headers={"Referer": referrer})

        assert answer.location == back
