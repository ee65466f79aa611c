"""When tasks are due, overdue, reminded of and repeated: once, whatever runs twice, and by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.db import transaction
from app.core.viewer import SYSTEM, system_scope
from app.work.events import TaskAssigned, TaskDue, TaskReminder
from app.work.jobs import mind_tasks
from app.work.models import ReminderKind, Task, TaskStatus
from app.work.models import TaskReminder as Reminder
from app.work.repeats import Repeat, parsed, starting
from app.work.services import tasks as services
from tests.conftest import logged_in, token_of
from tests.outbox import published, work_off
from tests.tasks import JSON, acting_as, person, task_of

pytestmark = pytest.mark.usefixtures("without_csrf")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOME, NEW_YORK = "Europe/Bratislava", "America/New_York"


@pytest.fixture
def jana(session: Session) -> User:
    return person(session, "jana", "SK")


def tick(now: datetime) -> None:
    """What the clock does each minute."""
    with system_scope("mind_tasks"), transaction(by=SYSTEM) as session:
        mind_tasks(session, now=now)


def tasks(session: Session) -> list[Task]:
    session.expire_all()
    return list(session.scalars(select(Task).order_by(Task.due_date, Task.id)))


# Rules -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    ["daily at 09:00", "weekly 1,3 at 00:00", "weekly 7 at 23:59 until 2026-12-31", "monthly 31 at 08:05",
     "yearly 02-29 at 12:00 until 2032-02-29"],
)  # fmt: skip
def test_a_rule_is_the_same_in_words_and_back(rule: str) -> None:
    assert str(parsed(rule)) == rule


@pytest.mark.parametrize(
    "rule",
    ["", "hourly at 09:00", "daily", "weekly at 09:00", "weekly 0 at 09:00", "weekly 8 at 09:00", "monthly 32 at 09:00",
     "monthly 0 at 09:00", "yearly 02-30 at 09:00", "yearly 13-01 at 09:00", "daily at 25:00",
     "daily at 09:00 until 2026-02-30", "daily at 09:00; drop table tasks"],
)  # fmt: skip
def test_what_is_no_rule_is_none(rule: str) -> None:
    with pytest.raises(ValueError):
        parsed(rule)


NEXT = [
    ("daily at 09:00", "2026-03-02", "2026-03-03"),
    ("weekly 1,3 at 09:00", "2026-03-02", "2026-03-04"),
    ("weekly 1,3 at 09:00", "2026-03-04", "2026-03-09"),
    ("monthly 31 at 09:00", "2026-03-31", "2026-04-30"),
    ("monthly 31 at 09:00", "2026-04-30", "2026-05-31"),
    ("monthly 31 at 09:00", "2027-01-31", "2027-02-28"),
    ("monthly 31 at 09:00", "2028-01-31", "2028-02-29"),
    ("monthly 15 at 09:00", "2026-12-15", "2027-01-15"),
    ("yearly 02-29 at 09:00", "2028-02-29", "2029-02-28"),
    ("yearly 02-29 at 09:00", "2031-02-28", "2032-02-29"),
    ("daily at 09:00 until 2026-03-03", "2026-03-02", "2026-03-03"),
    ("daily at 09:00 until 2026-03-02", "2026-03-02", None),
    ("weekly 1 at 09:00 until 2026-03-08", "2026-03-02", None),
    ("yearly 12-31 at 09:00", "9999-12-31", None),
]


@pytest.mark.parametrize(("rule", "day", "following"), NEXT)
def test_the_next_day_of_a_rule(rule: str, day: str, following: str | None) -> None:
    found = parsed(rule).next_after(date.fromisoformat(day), HOME, now=datetime(2026, 1, 1, tzinfo=UTC))

    assert found == (date.fromisoformat(following) if following else None)


def test_what_was_missed_is_not_made_up_for() -> None:
    after_weeks = datetime(2026, 3, 25, 12, 0, tzinfo=UTC)

    assert parsed("daily at 09:00").next_after(date(2026, 3, 2), HOME, now=after_weeks) == date(2026, 3, 26)
    assert parsed("daily at 18:00").next_after(date(2026, 3, 2), HOME, now=after_weeks) == date(2026, 3, 25)


DST = [
    # zone, day, time on the wall, UTC
    (HOME, "2026-03-28", "09:00", "2026-03-28T08:00"),
    (HOME, "2026-03-29", "09:00", "2026-03-29T07:00"),  # summer time has begun
    (HOME, "2026-03-29", "02:30", "2026-03-29T01:30"),  # there is no 02:30: it is 03:30
    (HOME, "2026-10-25", "02:30", "2026-10-25T00:30"),  # there are two: the first
    (HOME, "2026-10-26", "09:00", "2026-10-26T08:00"),
    (NEW_YORK, "2026-03-08", "09:00", "2026-03-08T13:00"),
    (NEW_YORK, "2026-03-20", "09:00", "2026-03-20T13:00"),  # three weeks before Europe
    (HOME, "2026-03-20", "09:00", "2026-03-20T08:00"),
]


@pytest.mark.parametrize(("zone", "day", "clock", "utc"), DST)
def test_a_rule_keeps_the_time_on_the_wall(zone: str, day: str, clock: str, utc: str) -> None:
    rule = Repeat("daily", time.fromisoformat(clock))

    assert rule.moment(date.fromisoformat(day), zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("every", ["daily", "weekly", "monthly", "yearly"])
def test_a_rule_starts_with_the_task_it_is_made_of(every: Any) -> None:
    due = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # Monday the 2nd, 00:30 in Bratislava

    rule, day = starting(every, due, HOME)

    assert day == date(2026, 3, 2) and rule.falls_on(day)
    assert rule.moment(day, HOME) == due


# Told once -------------------------------------------------------------------------


def test_a_due_time_is_told_once_and_a_day_later_that_it_is_over(session: Session, jana: User) -> None:
    task = task_of(session, jana, due_date=NOW)
    told = [TaskDue(task.id, jana.id, NOW.isoformat(), False), TaskDue(task.id, jana.id, NOW.isoformat(), True)]

    tick(NOW - timedelta(seconds=1))
    assert published(session, TaskDue) == []
    for minutes in (0, 1, 60, 23 * 60):
        tick(NOW + timedelta(minutes=minutes))
    assert published(session, TaskDue) == told[:1]
    for hours in (24, 25, 200):
        tick(NOW + timedelta(hours=hours))
    assert published(session, TaskDue) == told


def test_another_due_time_is_told_anew(app: Flask, session: Session, jana: User) -> None:
    task = task_of(session, jana, due_date=NOW)
    tick(NOW)

    later = NOW + timedelta(hours=3)
    with acting_as(app, jana) as own:
        services.move(own, own.get_one(Task, task.id), later)
    tick(NOW + timedelta(hours=1))
    tick(later)
    tick(later)

    assert [event.due for event in published(session, TaskDue)] == [NOW.isoformat(), later.isoformat()]


@pytest.mark.parametrize("status", [TaskStatus.completed, TaskStatus.cancelled])
def test_nothing_is_told_of_closed_tasks(session: Session, jana: User, status: TaskStatus) -> None:
    task = task_of(session, jana, due_date=NOW, status=status)
    session.add(Reminder(task_id=task.id, user_id=jana.id, kind=ReminderKind.own, remind_at=NOW))
    session.commit()

    tick(NOW + timedelta(minutes=1))
    tick(NOW + timedelta(days=2))

    assert published(session, TaskDue) == []
    assert published(session, TaskReminder) == []


def test_after_a_long_standstill_only_the_newest_is_said(session: Session, jana: User) -> None:
    task_of(session, jana, due_date=NOW - timedelta(days=40))
    week = task_of(session, jana, due_date=NOW - timedelta(days=7))

    tick(NOW)

    assert [(event.task_id, event.overdue) for event in published(session, TaskDue)] == [(week.id, True)]


def test_a_reminder_comes_once_at_its_time(app: Flask, session: Session, jana: User) -> None:
    task = task_of(session, jana, due_date=NOW + timedelta(days=1))
    with acting_as(app, jana) as own:
        reminder = services.remind(
            own, own.get_one(Task, task.id), NOW + timedelta(minutes=15), user_id=jana.id, now=NOW
        ).id

    tick(NOW + timedelta(minutes=14))
    assert published(session, TaskReminder) == []
    tick(NOW + timedelta(minutes=15))
    tick(NOW + timedelta(minutes=16))

    assert published(session, TaskReminder) == [TaskReminder(task.id, jana.id, reminder)]


# Repeated once -----------------------------------------------------------------------


def repeated(app: Flask, session: Session, owner: User, rule: str, due: datetime, zone: str = HOME) -> Task:
    task = task_of(session, owner, due_date=due, description="As always", entity_type="deals", entity_id="d1")
    with acting_as(app, owner) as own:
        services.repeat(own, own.get_one(Task, task.id), parsed(rule), zone)
    return task


def test_completing_gives_the_next_task_once(app: Flask, session: Session, jana: User) -> None:
    task = repeated(app, session, jana, "daily at 10:00", NOW)
    tick(NOW - timedelta(hours=2))
    assert len(tasks(session)) == 1

    with acting_as(app, jana) as own:
        services.complete(own, own.get_one(Task, task.id), "Done", by=jana.id, now=NOW - timedelta(hours=1))
    work_off(session)
    work_off(session)
    tick(NOW - timedelta(minutes=30))
    tick(NOW - timedelta(minutes=29))

    first, second = tasks(session)
    assert first.repeats is None and second.repeats == "daily at 10:00"
    assert (second.former_task_id, second.status, second.due_date) == (
        first.id, TaskStatus.pending, second.due_date
    )  # fmt: skip
    assert (second.title, second.description, second.entity_id, second.assigned_user_id) == (
        "Call Eva", "As always", "d1", jana.id
    )  # fmt: skip
    assert second.due_date is not None and second.due_date > NOW
    assert [event.task_id for event in published(session, TaskAssigned)] == [second.id]


def test_the_time_that_comes_gives_the_next_task_once_also_while_the_former_is_open(
    app: Flask, session: Session, jana: User
) -> None:
    repeated(app, session, jana, "weekly 1,3 at 10:00", NOW)  # a Monday, 10:00 on the wall

    for minutes in (0, 1, 2):
        tick(NOW + timedelta(minutes=minutes))

    first, second = tasks(session)
    assert first.is_open and first.repeats is None
    assert second.due_date == datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    assert second.occurs_on == date(2026, 3, 4)


def test_completing_after_the_next_has_come_makes_no_third(app: Flask, session: Session, jana: User) -> None:
    task = repeated(app, session, jana, "daily at 10:00", NOW)
    tick(NOW)

    with acting_as(app, jana) as own:
        services.complete(own, own.get_one(Task, task.id), "Late", by=jana.id, now=NOW + timedelta(hours=1))
    work_off(session)
    tick(NOW + timedelta(hours=2))

    assert len(tasks(session)) == 2


def test_a_repetition_over_the_change_of_the_clock_stays_at_nine(app: Flask, session: Session, jana: User) -> None:
    zone = ZoneInfo(HOME)
    due = datetime(2026, 3, 27, 9, 0, tzinfo=zone).astimezone(UTC)
    repeated(app, session, jana, "daily at 09:00", due)

    for day in range(5):
        tick(due + timedelta(days=day, minutes=1))

    walls = [task.due_date.astimezone(zone) for task in tasks(session) if task.due_date]
    assert [wall.hour for wall in walls] == [9] * 6
    assert [wall.day for wall in walls] == [27, 28, 29, 30, 31, 1]
    assert [task.due_date.hour for task in tasks(session) if task.due_date] == [8, 8, 7, 7, 7, 7]


def test_the_clock_is_that_of_who_has_the_task(app: Flask, session: Session, admin: User) -> None:
    emily = person(session, "emily", "US")
    due = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)
    task = task_of(session, emily, "US", due_date=due)

    answer = logged_in(app, emily).post(f"/work/tasks/{task.id}/repeat", data={"every": "daily"}, headers=JSON)
    tick(due)

    assert answer.status_code == 200
    assert [t.due_date.astimezone(ZoneInfo(NEW_YORK)).hour for t in tasks(session) if t.due_date] == [9, 9]


def test_a_moved_task_does_not_move_the_next(app: Flask, session: Session, jana: User) -> None:
    task = repeated(app, session, jana, "weekly 1 at 10:00", NOW)
    with acting_as(app, jana) as own:
        services.move(own, own.get_one(Task, task.id), NOW + timedelta(days=3))

    tick(NOW + timedelta(days=3))

    assert [t.due_date for t in tasks(session)] == [NOW + timedelta(days=3), NOW + timedelta(days=7)]


@pytest.mark.parametrize(("stop", "count"), [("", 2), ("1", 1)])
def test_cancelling_goes_on_unless_the_repetition_is_stopped(
    app: Flask, session: Session, jana: User, stop: str, count: int
) -> None:
    task = repeated(app, session, jana, "daily at 10:00", NOW)
    data = {"reason": "Holiday"} | ({"stop": stop} if stop else {})

    answer = logged_in(app, jana).post(f"/work/tasks/{task.id}/cancel", data=data, headers=JSON)
    work_off(session)
    tick(NOW + timedelta(minutes=1))

    assert answer.status_code == 200
    assert len(tasks(session)) == count


def test_a_reminder_of_what_repeats_comes_again_an_hour_before_each_time_and_once(
    app: Flask, session: Session, jana: User
) -> None:
    zone = ZoneInfo(HOME)
    due = datetime(2026, 3, 27, 9, 0, tzinfo=zone).astimezone(UTC)  # the clock changes two nights later
    task = repeated(app, session, jana, "daily at 09:00", due)
    session.add(Reminder(task_id=task.id, user_id=jana.id, kind=ReminderKind.own, remind_at=due - timedelta(hours=1)))
    session.commit()

    for hour in range(-24, 96):
        for _time in (1, 2):
            tick(due + timedelta(hours=hour))

    asked = session.scalars(select(Reminder).where(Reminder.kind == ReminderKind.own).order_by(Reminder.remind_at))
    told = [one.remind_at.astimezone(zone) for one in asked if one.sent_at]
    assert [(wall.day, wall.hour) for wall in told] == [(27, 8), (28, 8), (29, 8), (30, 8), (31, 8)]
    assert len(published(session, TaskReminder)) == len(told)


def test_a_repetition_ends_with_its_last_day(app: Flask, session: Session, jana: User) -> None:
    repeated(app, session, jana, "daily at 10:00 until 2026-03-03", NOW)

    for day in range(4):
        tick(NOW + timedelta(days=day))

    assert [task.occurs_on for task in tasks(session)] == [date(2026, 3, 2), date(2026, 3, 3)]
    assert all(task.repeats is None for task in tasks(session))


def test_the_database_takes_no_second_successor(session: Session, jana: User) -> None:
    task = task_of(session, jana)
    session.add(Task(title="a", assigned_user_id=jana.id, created_by_user_id=jana.id, former_task_id=task.id))
    session.flush()

    session.add(Task(title="b", assigned_user_id=jana.id, created_by_user_id=jana.id, former_task_id=task.id))
    with pytest.raises(IntegrityError, match="uq_tasks_former_task_id"):
        session.flush()
    session.rollback()


def test_the_successor_stays_with_its_people_whatever_became_of_their_rights(
    app: Flask, session: Session, admin: User, jana: User
) -> None:
    task = repeated(app, session, jana, "daily at 10:00", NOW)
    session.get_one(User, jana.id).is_active = False
    session.commit()

    answer = logged_in(app, admin).post(f"/work/tasks/{task.id}/complete", data={"resolution": "x"}, headers=JSON)
    work_off(session)

    assert answer.status_code == 200
    assert [found.assigned_user_id for found in tasks(session)] == [jana.id, jana.id]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"every": "hourly"}, "no choice"),
        ({"every": "daily", "until": "tomorrow"}, "date such as"),
        ({"every": "daily", "until": "2026-01-01"}, "cannot end before"),
    ],
)
def test_a_repetition_that_cannot_be_is_refused(
    app: Flask, session: Session, jana: User, data: dict[str, str], words: str
) -> None:
    task = task_of(session, jana, due_date=NOW)

    answer = logged_in(app, jana).post(f"/work/tasks/{task.id}/repeat", data=data, headers=JSON)

    assert answer.status_code == 422 and words in answer.json["message"]
    assert tasks(session)[0].repeats is None


def test_what_repeats_keeps_a_due_time(app: Flask, session: Session, jana: User) -> None:
    task = repeated(app, session, jana, "daily at 10:00", NOW)
    dateless = task_of(session, jana)
    browser = logged_in(app, jana)

    emptied = browser.post(f"/work/tasks/{task.id}/due", data={"due_date": ""}, headers=JSON)
    without = browser.post(f"/work/tasks/{dateless.id}/repeat", data={"every": "daily"}, headers=JSON)

    assert emptied.status_code == 422 and "needs a due time" in emptied.json["message"]
    assert without.status_code == 422 and "needs a due time" in without.json["message"]
    bearer = token_of(app, jana) | {"If-Match": "*"}
    by_rest = app.test_client().put(f"/api/v1/tasks/{task.id}", json={"due_date": None}, headers=bearer)
    assert by_rest.status_code == 422 and "needs a due time" in by_rest.text
    assert all(found.due_date == NOW for found in tasks(session) if found.id == task.id)


def test_words_that_are_no_rule_do_not_hold_up_the_others(app: Flask, session: Session, jana: User) -> None:
    task_of(session, jana, due_date=NOW - timedelta(days=1), repeats="now and then")
    task_of(session, jana, repeats="daily at 10:00", status=TaskStatus.completed)
    repeated(app, session, jana, "daily at 10:00", NOW)

    tick(NOW)
    tick(NOW + timedelta(minutes=1))

    assert len(tasks(session)) == 4
    assert sum(task.repeats is not None for task in tasks(session)) == 1
