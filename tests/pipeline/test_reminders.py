"""Reminders of activities: each time once, to who is at work, and never about what one may not know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import transaction
from app.core.viewer import SYSTEM, system_scope
from app.pipeline.events import ActivityReminder
from app.pipeline.jobs import mind_activities
from app.pipeline.models import DealActivity
from app.schedule import SCHEDULE
from app.work.models import Notification
from tests.notifications.notified import words
from tests.outbox import published, work_off
from tests.pipeline.selling import activity_of, at, deal_in, path_of_stages, seller

NOW = at("2026-03-02T09:00")


@pytest.fixture
def deal(session: Session) -> Any:
    owner = seller(session, "owner")
    return deal_in(session, path_of_stages(session)["offer"], assigned_user_id=owner.id)


def tick(now: Any = NOW) -> None:
    """What the clock does each minute."""
    with system_scope("mind_activities"), transaction(by=SYSTEM) as session:
        mind_activities(session, now=now)


def told(session: Session, user: Any) -> list[Notification]:
    return list(session.scalars(select(Notification).where(Notification.user_id == user.id)))


def test_the_clock_minds_activities_each_minute() -> None:
    assert [job.cron for job in SCHEDULE if job.run is mind_activities] == ["* * * * *"]


def test_a_reminder_goes_out_once_at_its_time(session: Session, deal: Any) -> None:
    jana = seller(session, "jana")
    row = activity_of(session, deal, user_id=jana.id, reminder_at=NOW)

    tick(NOW - timedelta(seconds=1))
    assert published(session, ActivityReminder) == []
    for _time in range(3):
        tick()

    assert published(session, ActivityReminder) == [ActivityReminder(row.id, jana.id)]
    session.expire_all()
    assert session.get_one(DealActivity, row.id).reminder_sent is True


def test_another_time_is_another_reminder(session: Session, deal: Any) -> None:
    jana = seller(session, "jana")
    row = activity_of(session, deal, user_id=jana.id, reminder_at=NOW)
    tick()

    session.expire_all()
    session.get_one(DealActivity, row.id).reminder_at = NOW + timedelta(hours=1)
    session.commit()
    tick(NOW + timedelta(hours=1))

    assert len(published(session, ActivityReminder)) == 2


def test_nobody_is_reminded_of_what_is_done(session: Session, deal: Any) -> None:
    jana = seller(session, "jana")
    activity_of(session, deal, user_id=jana.id, reminder_at=NOW, is_completed=True)
    late = activity_of(session, deal, user_id=jana.id, reminder_at=NOW)
    tick()
    session.expire_all()
    session.get_one(DealActivity, late.id).is_completed = True
    session.commit()
    work_off(session)

    assert published(session, ActivityReminder) == [ActivityReminder(late.id, jana.id)]
    assert told(session, jana) == []


def test_what_is_long_over_is_no_news(session: Session, deal: Any) -> None:
    row = activity_of(session, deal, user_id=seller(session, "jana").id, reminder_at=NOW - timedelta(days=31))
    tick()

    session.expire_all()
    assert published(session, ActivityReminder) == []
    assert session.get_one(DealActivity, row.id).reminder_sent is True


@pytest.mark.parametrize("responsible", ["inactive", "nobody"])
def test_without_somebody_at_work_the_owner_of_the_deal_is_told(session: Session, deal: Any, responsible: str) -> None:
    gone = seller(session, "gone", is_active=False).id if responsible == "inactive" else None
    row = activity_of(session, deal, user_id=gone, reminder_at=NOW)

    tick()

    assert published(session, ActivityReminder) == [ActivityReminder(row.id, deal.assigned_user_id)]


def test_without_anybody_at_work_nobody_is_told(session: Session) -> None:
    gone = seller(session, "gone", is_active=False)
    lonely = deal_in(session, path_of_stages(session)["new"], assigned_user_id=gone.id)
    activity_of(session, lonely, user_id=gone.id, reminder_at=NOW)

    tick()

    assert published(session, ActivityReminder) == []


def test_the_bell_rings_for_who_may_know_of_it(session: Session, deal: Any) -> None:
    jana, blind, abroad = (
        seller(session, "jana"),
        seller(session, "blind", modules={"deals": "v", "notifications": "v"}),
        seller(session, "abroad", "HU"),
    )
    for user in (jana, blind, abroad):
        activity_of(session, deal, user_id=user.id, reminder_at=NOW, subject="Call Eva")
    tick()
    work_off(session)
    work_off(session)

    assert words(session, jana) == [("Reminder", "Call Eva", "")]
    assert (told(session, blind), told(session, abroad)) == ([], [])
    row = told(session, jana)[0]
    assert row.entity_type == "deal_activities"
