"""The pages of tasks: for several roles, within the countries, with any input, at a fixed price."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from app.access.models import User
from app.core import live
from app.core.types import Country, utc_now
from app.work.models import ActivityLog, Task, TaskComment, TaskPriority, TaskStatus
from app.work.queries.tasks import PAGE
from tests.conftest import logged_in
from tests.statements import statements
from tests.tasks import JSON, customer_in, make_role, person, task_of

pytestmark = pytest.mark.usefixtures("without_csrf")
HOME = ZoneInfo("Europe/Bratislava")
PAGES = ("/work/tasks/", "/work/tasks/team", "/work/tasks/overdue", "/work/tasks/calendar",
         "/work/tasks/calendar?view=week", "/work/tasks/calendar?who=all", "/work/tasks/colleagues.json")  # fmt: skip
VERBS = ("start", "complete", "cancel", "reopen", "assign", "due", "repeat", "remind", "comment")


@pytest.fixture
def jana(session: Session) -> User:
    return person(session, "jana", "SK")


def titles(page: str) -> list[str]:
    return re.findall(r'class="task-title" href="[^"]+">([^<]+)<', page)


# Who -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("may", "fields"), [("v", {}), ("va", {}), ("ve", {}), ("vae", {}), ("vae", {"due_date": "readonly"})]
)
def test_every_page_opens_for_who_sees_tasks_and_offers_what_he_may(
    app: Flask, session: Session, may: str, fields: dict[str, str]
) -> None:
    user = person(session, "user", "SK", role=make_role(session, "Role", {"tasks": may}, fields))
    task = task_of(session, user, due_date=utc_now() - timedelta(days=1))
    browser = logged_in(app, user)

    for address in (*PAGES, f"/work/tasks/{task.id}"):
        assert browser.get(address).status_code == 200, address
    page = browser.get("/work/tasks/").text
    assert ('action="/work/tasks/add"' in page) is ("a" in may)
    assert ('data-act="complete"' in page) is ("e" in may)
    assert ('data-act="due"' in page) is ("e" in may and not fields)
    month = f"/work/tasks/calendar?on={task.due_date:%Y-%m-%d}"
    assert ("data-movable" in browser.get(month).text) is ("e" in may and not fields)


def test_no_page_opens_without_the_module(app: Flask, session: Session, jana: User) -> None:
    task = task_of(session, jana)
    closed = logged_in(app, person(session, "closed", "SK", role=make_role(session, "None", {"customers": "vae"})))
    nobody = app.test_client()

    for address in (*PAGES, f"/work/tasks/{task.id}", "/work/tasks/new"):
        assert closed.get(address).status_code == 403, address
        assert nobody.get(address).status_code == 302, address
    for verb in VERBS:
        assert closed.post(f"/work/tasks/{task.id}/{verb}", headers=JSON).status_code == 403, verb
        assert nobody.post(f"/work/tasks/{task.id}/{verb}", headers=JSON).status_code in (302, 401), verb


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_works_on_a_task_of_another_country(app: Flask, session: Session, jana: User, verb: str) -> None:
    abroad = person(session, "abroad", "CZ")
    task = task_of(session, abroad, "CZ", title="Zvonohra", due_date=utc_now())
    data = {"resolution": "x", "reason": "x", "assigned_user_id": jana.id, "day": "2030-01-01", "content": "x",
            "remind_at": "2030-01-01T10:00", "every": "daily"}  # fmt: skip

    answer = logged_in(app, jana).post(f"/work/tasks/{task.id}/{verb}", data=data, headers=JSON)
    missing = logged_in(app, jana).post(f"/work/tasks/none/{verb}", data=data, headers=JSON)

    assert answer.status_code == missing.status_code == 404
    assert answer.json["message"] == missing.json["message"]
    session.expire_all()
    assert (session.get_one(Task, task.id).status, session.get_one(Task, task.id).assigned_user_id) == (
        TaskStatus.pending, abroad.id
    )  # fmt: skip


def test_no_page_tells_of_tasks_of_another_country(app: Flask, session: Session, admin: User, jana: User) -> None:
    due = utc_now() - timedelta(hours=1)
    task_of(session, admin, "SK", title="Ours", due_date=due)
    task = task_of(session, person(session, "abroad", "CZ"), "CZ", title="Zvonohra", due_date=due)
    browser, all_of_them = logged_in(app, jana), logged_in(app, admin)

    for address in ("/work/tasks/team", "/work/tasks/overdue", f"/work/tasks/calendar?who=all&on={due:%Y-%m-%d}"):
        page, whole = browser.get(address).text, all_of_them.get(address).text
        assert "Ours" in page and "Zvonohra" not in page and "Abroad" not in page, address
        assert "Zvonohra" in whole, address
    assert browser.get(f"/work/tasks/{task.id}").status_code == 404
    assert 'Team tasks<span class="count">1</span>' in browser.get("/work/tasks/team").text


# Field rights ------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["title", "description", "due_date", "priority", "status", "assigned_user_id",
                                    "customer_id", "country", "resolution"])  # fmt: skip
def test_a_hidden_field_is_told_by_no_page(app: Flask, session: Session, admin: User, column: str) -> None:
    customer = customer_in(session, "SK", last_name="Canarova", first_name="Cilka")
    owner = person(session, "canowner", "SK")
    due = datetime(2031, 7, 19, 10, 13, tzinfo=UTC)
    task_of(
        session, owner, title="Canary title", description="Canary words", due_date=due, priority=TaskPriority.urgent,
        status=TaskStatus.completed, customer_id=customer.id, resolution="Canary end", created_by_user_id=admin.id,
    )  # fmt: skip
    told = {"title": "Canary title", "description": "Canary words", "due_date": "19/07/2031", "priority": "Urgent</span>",
            "status": 'data-tone="green"><span>Completed', "assigned_user_id": "Canowner", "customer_id": "Canarova",
            "country": ">SK<", "resolution": "Canary end"}  # fmt: skip
    role = make_role(session, "Role", {"tasks": "vae", "customers": "v", "users": "v"}, {column: "hidden"})
    narrow, wide = logged_in(app, person(session, "narrow", "SK", role=role)), logged_in(app, admin)
    key = session.query(Task).one().id
    addresses = [f"/work/tasks/{key}", "/work/tasks/team" + ("" if column == "status" else "?status=all")]
    if column != "due_date":
        addresses.append("/work/tasks/calendar?who=all&status=all&on=2031-07-01" if column != "status"
                         else "/work/tasks/calendar?who=all&on=2031-07-01")  # fmt: skip

    pages = [narrow.get(address) for address in addresses]
    whole = "".join(wide.get(f"/work/tasks/{key}").text.split("\n"))

    assert [page.status_code for page in pages] == [200] * len(pages)
    assert told[column] in whole
    for page in pages:
        main = page.text.partition('id="content"')[2].partition("<dialog")[0]
        main = re.sub(r"<select.*?</select>", "", main, flags=re.S)
        assert told[column] not in main, column


@pytest.mark.parametrize(
    ("column", "address"),
    [("due_date", "/work/tasks/?due=today"), ("priority", "/work/tasks/?priority=high"),
     ("status", "/work/tasks/?status=pending"), ("customer_id", "/work/tasks/?customer=x"),
     ("assigned_user_id", "/work/tasks/team?owner=x")],
)  # fmt: skip
def test_a_hidden_field_is_no_filter(app: Flask, session: Session, column: str, address: str) -> None:
    role = make_role(session, "Role", {"tasks": "vae"}, {column: "hidden"})

    answer = logged_in(app, person(session, "narrow", "SK", role=role)).get(address)

    assert answer.status_code == 400 and "There is no filter" in answer.text


@pytest.mark.parametrize(
    ("column", "verb", "data"),
    [
        ("status", "start", {}),
        ("status", "complete", {"resolution": "x"}),
        ("resolution", "complete", {"resolution": "x"}),
        ("status", "cancel", {"reason": "x"}),
        ("due_date", "due", {"day": "2030-01-01"}),
        ("due_date", "repeat", {"every": "daily"}),
        ("assigned_user_id", "assign", {"assigned_user_id": "x"}),
        ("task_comments.content", "comment", {"content": "x"}),
    ],
)
@pytest.mark.parametrize("right", ["readonly", "hidden"])
def test_a_field_that_may_not_be_written_is_not_written_by_its_verb(
    app: Flask, session: Session, column: str, verb: str, data: dict[str, str], right: str
) -> None:
    user = person(session, "narrow", "SK", role=make_role(session, "Role", {"tasks": "vae"}, {column: right}))
    task = task_of(session, user, due_date=utc_now())
    before = session.get_one(Task, task.id).row_version

    answer = logged_in(app, user).post(f"/work/tasks/{task.id}/{verb}", data=data, headers=JSON)

    assert answer.status_code == 403
    session.expire_all()
    assert session.get_one(Task, task.id).row_version == before
    assert session.query(TaskComment).count() == 0


def test_a_field_that_may_not_be_filled_is_not_taken_when_adding(app: Flask, session: Session) -> None:
    fields = {"due_date": "readonly", "priority": "hidden"}
    user = person(session, "narrow", "SK", role=make_role(session, "Role", {"tasks": "vae"}, fields))
    data = {"title": "x", "due_date": "2030-01-01T10:00", "priority": "urgent"}

    answer = logged_in(app, user).post("/work/tasks/add", data=data, headers=JSON)

    assert answer.status_code == 200
    task = session.query(Task).one()
    assert (task.due_date, task.priority) == (None, TaskPriority.medium)


def test_reading_a_task_is_noted(app: Flask, session: Session, jana: User) -> None:
    task = task_of(session, jana)

    logged_in(app, jana).get(f"/work/tasks/{task.id}")

    noted = session.query(ActivityLog).filter_by(action="view", entity_type="tasks", entity_id=task.id).all()
    assert [(entry.user_id, entry.entity_name) for entry in noted] == [(jana.id, "Call Eva")]


# Lists -------------------------------------------------------------------------------


def test_lists_are_narrowed_by_the_filters_of_the_address(app: Flask, session: Session, jana: User) -> None:
    other, customer = person(session, "peter", "SK"), customer_in(session, "SK")
    now = utc_now()
    task_of(session, jana, title="late", due_date=now - timedelta(days=2), priority=TaskPriority.urgent)
    task_of(session, jana, title="soon", due_date=now + timedelta(days=3), status=TaskStatus.in_progress)
    task_of(session, jana, title="never", customer_id=customer.id)
    task_of(session, jana, title="done", status=TaskStatus.completed)
    task_of(session, other, title="theirs", due_date=now + timedelta(days=40))
    browser = logged_in(app, jana)

    found = {address: titles(browser.get(f"/work/tasks/{address}").text) for address in (
        "", "?status=in_progress", "?status=completed", "?priority=urgent", "?due=overdue", "?due=week", "?due=none",
        f"?customer={customer.id}", "team", f"team?owner={other.id}", "overdue", "?due=none&priority=urgent",
    )}  # fmt: skip

    assert found == {
        "": ["late", "soon", "never"], "?status=in_progress": ["soon"], "?status=completed": ["done"],
        "?priority=urgent": ["late"], "?due=overdue": ["late"], "?due=week": ["soon"], "?due=none": ["never"],
        f"?customer={customer.id}": ["never"], "team": ["late", "soon", "theirs", "never"],
        f"team?owner={other.id}": ["theirs"], "overdue": ["late"], "?due=none&priority=urgent": [],
    }  # fmt: skip
    assert "No task matches" in browser.get("/work/tasks/?due=none&priority=urgent").text
    assert "Nothing to do" in logged_in(app, person(session, "idle", "SK")).get("/work/tasks/").text


@pytest.mark.parametrize("status", ["open", "all"])
def test_pages_by_key_show_every_task_once(app: Flask, session: Session, jana: User, status: str) -> None:
    moment = utc_now() + timedelta(days=1)
    for number in range(2 * PAGE + 5):  # many with the same time, some with none
        task_of(session, jana, title=f"t{number}", due_date=moment if number % 3 else None, created_at=moment)
    browser = logged_in(app, jana)
    seen: list[str] = []
    address = f"/work/tasks/?status={status}"

    for _page in range(3):
        page = browser.get(address).text
        seen += titles(page)
        following = re.search(r'href="(\?[^"]*)" rel="next"', page)
        address = "/work/tasks/" + (following[1].replace("&amp;", "&") if following else "")

    assert following is None
    assert sorted(seen) == sorted(f"t{number}" for number in range(2 * PAGE + 5))


@pytest.mark.parametrize(
    "address",
    ["?status=nothing", "?priority=9", "?due=yesterday", "?after=x", "?after=~", "?after=2026-01-01~", "?after=a~b",
     "?after=2026-01-01T00:00:00~x", "calendar?on=2026-02-30", "calendar?on=0001-01-01", "calendar?on=9999-12-31",
     "calendar?view=year", "calendar?who=them"],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_refused_with_a_sentence(client: FlaskClient, address: str) -> None:
    answer = client.get(f"/work/tasks/{address}")

    assert answer.status_code == 400
    assert "error-page" in answer.text or "<h1" in answer.text


@pytest.mark.parametrize(
    ("verb", "data", "words"),
    [
        ("due", {"due_date": "tomorrow"}, "date and time such as"),
        ("due", {"due_date": "0001-01-01T00:00"}, "date and time such as"),
        ("due", {"due_date": "0900-01-01T00:00"}, "out of range"),
        ("due", {"day": "2026-02-30"}, "date such as"),
        ("assign", {}, "Choose a colleague"),
        ("assign", {"assigned_user_id": "none"}, "does not exist"),
        ("assign", {"assigned_user_id": "x" * 5000}, "does not exist"),
        ("remind", {}, "still to come"),
        ("remind", {"remind_at": "2020-01-01T10:00"}, "still to come"),
        ("remind", {"remind_at": "soon"}, "date and time such as"),
    ],
)
def test_bad_input_gets_a_clear_sentence_and_changes_nothing(
    app: Flask, session: Session, jana: User, verb: str, data: dict[str, str], words: str
) -> None:
    task = task_of(session, jana, due_date=utc_now())
    before = session.get_one(Task, task.id).row_version

    answer = logged_in(app, jana).post(f"/work/tasks/{task.id}/{verb}", data=data, headers=JSON)

    assert answer.status_code == 422 and words in answer.json["message"]
    session.expire_all()
    assert session.get_one(Task, task.id).row_version == before


@pytest.mark.parametrize(
    "data",
    [{"title": ""}, {"title": "x" * 501}, {"title": "x", "priority": "huge"}, {"title": "x", "due_date": "soon"},
     {"title": "x", "assigned_user_id": "none"}, {"title": "x", "customer_id": "none"},
     {"title": "x", "every": "daily"}, {"title": "x", "every": "often", "due_date": "2030-01-01T10:00"},
     {"title": "x", "every": "daily", "due_date": "2030-01-01T10:00", "until": "2029-01-01"}],
)  # fmt: skip
def test_a_form_that_is_refused_keeps_what_was_typed(
    app: Flask, session: Session, jana: User, data: dict[str, str]
) -> None:
    answer = logged_in(app, jana).post("/work/tasks/new", data=data | {"description": "Kept words"})

    assert answer.status_code == 422
    assert "Kept words" in answer.text and 'role="alert"' in answer.text
    assert session.query(Task).count() == 0


def test_a_whole_form_makes_a_task_that_repeats(app: Flask, session: Session, jana: User) -> None:
    data = {"title": "Report", "description": "Numbers", "due_date": "2030-01-07T09:00", "priority": "high",
            "every": "weekly", "days": ["1", "4"], "until": "2030-12-31"}  # fmt: skip

    answer = logged_in(app, jana).post("/work/tasks/new", data=data)

    task = session.query(Task).one()
    assert answer.headers["Location"] == f"/work/tasks/{task.id}"
    assert task.repeats == "weekly 1,4 at 09:00 until 2030-12-31"
    assert (task.due_date, task.occurs_on) == (datetime(2030, 1, 7, 8, 0, tzinfo=UTC), date(2030, 1, 7))


# Times -----------------------------------------------------------------------------


def test_times_are_those_of_the_viewer(app: Flask, session: Session, admin: User) -> None:
    emily = person(session, "emily", "US")
    task = task_of(session, emily, "US", due_date=datetime(2030, 1, 8, 3, 30, tzinfo=UTC))

    here, there = (logged_in(app, user).get(f"/work/tasks/{task.id}").text for user in (admin, emily))

    assert "08/01/2030, 04:30" in here
    assert re.search(r"1/7/30,\s10:30\sPM", there)


def test_a_task_is_on_the_day_of_the_viewer(app: Flask, session: Session, admin: User) -> None:
    emily = person(session, "emily", "US")
    task_of(session, emily, "US", due_date=datetime(2030, 1, 8, 3, 30, tzinfo=UTC))

    here, there = (
        re.findall(r'data-day="([^"]+)"(?:(?!data-day).)*calendar-task', logged_in(app, user).get(
            "/work/tasks/calendar?who=all&on=2030-01-01").text, flags=re.S) for user in (admin, emily)
    )  # fmt: skip

    assert (here, there) == (["2030-01-08"], ["2030-01-07"])


@pytest.mark.parametrize(
    ("before", "day", "after"),
    [
        ("2026-03-27T08:00", "2026-03-30", "2026-03-30T07:00"),  # nine o'clock stays nine over the change
        ("2026-10-23T07:00", "2026-10-26", "2026-10-26T08:00"),
        ("2026-03-27T01:30", "2026-03-29", "2026-03-29T01:30"),  # 02:30 is 03:30 in that night
        (None, "2026-05-05", "2026-05-05T07:00"),  # a morning
    ],
)
def test_a_move_to_a_day_keeps_the_time_on_the_wall(
    app: Flask, session: Session, jana: User, before: str | None, day: str, after: str
) -> None:
    due = datetime.fromisoformat(before).replace(tzinfo=UTC) if before else None
    task = task_of(session, jana, due_date=due)

    answer = logged_in(app, jana).post(f"/work/tasks/{task.id}/due", data={"day": day}, headers=JSON)

    session.expire_all()
    moved = session.get_one(Task, task.id).due_date
    assert answer.status_code == 200
    assert moved == datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert answer.json["due"] == moved.astimezone(HOME).strftime("%Y-%m-%dT%H:%M")


def test_a_generated_form_keeps_the_time_of_a_task(app: Flask, session: Session, jana: User) -> None:
    task = task_of(session, jana, due_date=datetime(2030, 1, 7, 8, 15, tzinfo=UTC))

    form = logged_in(app, jana).get(f"/tasks/edit/{task.id}").text

    assert 'type="datetime-local" id="f-due_date" name="due_date" value="2030-01-07T09:15"' in form


# Two at one task ---------------------------------------------------------------------


def test_a_page_learns_that_its_task_is_another_one(app: Flask, session: Session, jana: User) -> None:
    auditor = make_role(session, "Auditors", {"tasks": "vae", "users": "v", "audit": "v"})
    hana = person(session, "hana", "SK", role=auditor)
    task = task_of(session, jana)
    here, there = logged_in(app, jana), logged_in(app, hana)

    def news(browser: FlaskClient, version: str) -> str:
        return browser.get(f"/work/tasks/{task.id}/state.json", query_string={"version": version}).json["said"]

    def opened() -> str:
        return re.search(r'data-version="([^"]+)"', here.get(f"/work/tasks/{task.id}").text)[1]

    first = opened()
    quiet = news(here, first)
    there.post(f"/work/tasks/{task.id}/start", headers=JSON)
    started, told = news(here, first), news(there, first)
    second = opened()
    there.post(f"/work/tasks/{task.id}/comment", data={"content": "I am on it."})
    remark = news(here, second)

    assert (quiet, started) == ("", "This task has changed.")
    assert told == "This task was changed by Hana."
    assert remark == "Hana has commented on this task."
    assert news(here, opened()) == ""


def test_those_whose_task_it_is_hear_of_a_change(app: Flask, session: Session, jana: User) -> None:
    peter, hana = person(session, "peter", "SK"), person(session, "hana", "SK")
    task = task_of(session, jana, created_by_user_id=peter.id)

    logged_in(app, hana).post(f"/work/tasks/{task.id}/comment", data={"content": "Is it done?"})
    after_comment = [sorted({"tasks"} & {*live.recent(user.id)}) for user in (jana, peter, hana)]
    logged_in(app, jana).post(f"/work/tasks/{task.id}/assign", data={"assigned_user_id": hana.id}, headers=JSON)
    after_handing_on = "tasks" in live.recent(hana.id)

    assert after_comment == [["tasks"], ["tasks"], []]
    assert after_handing_on


def test_the_state_of_a_task_of_another_country_is_not_told(app: Flask, session: Session, jana: User) -> None:
    task = task_of(session, jana)
    abroad = logged_in(app, person(session, "emily", "US"))

    assert abroad.get(f"/work/tasks/{task.id}/state.json").status_code == 404


# Records -----------------------------------------------------------------------------


def test_a_record_leads_to_a_new_task_and_shows_its_open_ones(app: Flask, session: Session, jana: User) -> None:
    customer = customer_in(session, "SK")
    address = f"/customers/show/{customer.id}"
    browser = logged_in(app, jana)
    before = browser.get(address).text
    task_of(session, jana, title="About her", entity_type="customers", entity_id=customer.id)
    task_of(session, jana, title="Of her", customer_id=customer.id)
    task_of(session, jana, title="Done", customer_id=customer.id, status=TaskStatus.completed)
    task_of(session, jana, title="Elsewhere", entity_type="deals", entity_id=customer.id)

    page = browser.get(address).text
    section = page.partition("of-record-tasks")[2].partition("</section>")[0]

    assert f"/work/tasks/new?table=customers&amp;record={customer.id}" in before
    assert "of-record-tasks" not in before
    assert re.findall(r"<span>([^<]+)</span></a>", section) == ["About her", "Of her"] or re.findall(
        r"<span>([^<]+)</span></a>", section
    ) == ["Of her", "About her"]


@pytest.mark.parametrize(("modules", "offered", "shown"), [
    ({"customers": "v"}, False, False), ({"customers": "v", "tasks": "v"}, False, True),
    ({"customers": "v", "tasks": "va"}, True, True),
])  # fmt: skip
def test_a_record_shows_tasks_to_who_may_see_them(
    app: Flask, session: Session, jana: User, modules: dict[str, str], offered: bool, shown: bool
) -> None:
    customer = customer_in(session, "SK")
    task_of(session, jana, title="Zvonohra", customer_id=customer.id)
    user = person(session, "user", "SK", role=make_role(session, "Role", modules))

    page = logged_in(app, user).get(f"/customers/show/{customer.id}").text

    assert ("/work/tasks/new" in page) is offered
    assert ("of-record-tasks" in page) is shown and ("Zvonohra" in page) is shown


def test_what_a_task_is_about_is_named_to_who_may_know_it(app: Flask, session: Session, admin: User) -> None:
    customer = customer_in(session, "CZ", last_name="Zvonohra", first_name="Eva")
    reader = person(session, "reader", "SK", "CZ", role=make_role(session, "Tasks only", {"tasks": "v"}))
    abroad = person(session, "abroad", "SK")
    task = task_of(session, abroad, "SK", entity_type="customers", entity_id=customer.id)

    pages = {user.username: logged_in(app, user).get(f"/work/tasks/{task.id}").text for user in (admin, reader, abroad)}

    assert f"/customers/show/{customer.id}" in pages["admin"] and "Zvonohra" in pages["admin"]
    assert all("Zvonohra" not in pages[name] and customer.id not in pages[name] for name in ("reader", "abroad"))


# The price ---------------------------------------------------------------------------


@pytest.mark.parametrize("address", [*PAGES[:6], "/work/tasks/team?status=all", "{task}", "{record}"])
def test_a_page_costs_the_same_few_statements_for_one_task_and_for_many(
    app: Flask, session: Session, engine: Engine, jana: User, address: str
) -> None:
    customer = customer_in(session, "SK")
    peter = person(session, "peter", "SK")
    due = utc_now() - timedelta(hours=2)
    first = task_of(session, jana, due_date=due, customer_id=customer.id)
    address = address.format(task=f"/work/tasks/{first.id}", record=f"/customers/show/{customer.id}")
    address = address.replace("{", "").replace("}", "")
    session.add(TaskComment(task_id=first.id, user_id=jana.id, content="@[jana]"))
    session.commit()
    browser = logged_in(app, jana)
    browser.get(address)

    counts = []
    for _round in range(2):
        with statements(engine) as seen:
            assert browser.get(address).status_code == 200
        counts.append(len(seen))
        session.execute(
            insert(Task),
            [{"title": f"t{n}", "assigned_user_id": (jana, peter)[n % 2].id, "created_by_user_id": jana.id,
              "customer_id": customer.id, "country": Country.SK, "due_date": due + timedelta(hours=n)}
             for n in range(70)],
        )  # fmt: skip
        session.execute(
            insert(TaskComment),
            [
                {"task_id": first.id, "user_id": (jana, peter)[n % 2].id, "content": "@[jana] @[peter]"}
                for n in range(20)
            ],
        )
        session.commit()

    assert counts[0] == counts[1], counts
    assert counts[0] <= 20, counts


def test_the_pages_of_many_tasks_go_along_an_index(session: Session, admin: User) -> None:
    session.execute(
        text(
            "INSERT INTO tasks (title, assigned_user_id, created_by_user_id, status, due_date, created_at)"
            " SELECT 't' || n, :me, :me, CASE WHEN n % 4 = 0 THEN 'pending' ELSE 'completed' END,"
            " now() + n * interval '1 minute', now() FROM generate_series(1, 20000) AS n"
        ),
        {"me": admin.id},
    )
    for way in ("sort", "bitmapscan", "seqscan"):  # what the planner may choose for few rows
        session.execute(text(f"SET LOCAL enable_{way} = off"))
    order = "coalesce(due_date, 'infinity'::timestamp)"
    page = (
        f"EXPLAIN SELECT id FROM tasks WHERE status IN ('pending', 'in_progress') {{}} AND ({order}, id) >"
        f" (now()::timestamp, 'x') ORDER BY {order}, id LIMIT 31"
    )

    team = "\n".join(row[0] for row in session.execute(text(page.format(""))))
    mine = "\n".join(
        row[0] for row in session.execute(text(page.format("AND assigned_user_id = :me")), {"me": admin.id})
    )

    assert "ix_tasks_open" in team and "Sort" not in team, team
    assert "ix_tasks_open" in mine and "Sort" not in mine, mine
