"""What holds for activities whichever door they came through: when they were done, and what reminds of them.

A note is done with being written. What is done knows when; what is opened
again does not any more. Another time to be reminded is a reminder of its own.
The listener works from the moment this module is imported (`app.tables` does).
"""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core.records import changed
from app.core.types import utc_now
from app.pipeline.models import DealActivity, DealActivityType


@event.listens_for(Session, "before_flush")
def _follow_activities(session: Session, context: object, instances: object) -> None:
    for row in session.new:
        if isinstance(row, DealActivity):
            _begin(row)
    for row in session.dirty:
        if isinstance(row, DealActivity):
            _go_on(row)


def _begin(activity: DealActivity) -> None:
    if activity.type is DealActivityType.note:
        activity.is_completed = True
    if activity.is_completed and activity.completed_at is None:
        activity.completed_at = utc_now()


def _go_on(activity: DealActivity) -> None:
    if changed(activity, "is_completed"):
        if not activity.is_completed:
            activity.completed_at = None
        elif activity.completed_at is None:
            activity.completed_at = utc_now()
    if changed(activity, "reminder_at") and not changed(activity, "reminder_sent"):
        activity.reminder_sent = False
