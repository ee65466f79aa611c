"""What the clock tells about activities: that the time to be reminded of one has come. Each time once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.events import publish
from app.core.viewer import SYSTEM_USER
from app.pipeline.events import ActivityReminder
from app.pipeline.models import Deal, DealActivity

FORGOTTEN_AFTER = timedelta(days=30)
"""Who should have been reminded longer ago than this, when the clock first saw it, is not reminded any more."""
_AT_ONCE = 500


def tell_reminders(session: Session, *, now: datetime) -> int:
    """Publish the reminders of open activities whose time has come; gives how many. Safe to run twice, also at once."""
    waiting = (
        select(DealActivity, Deal.assigned_user_id)
        .join(Deal, Deal.id == DealActivity.deal_id)
        .where(~DealActivity.is_completed, ~DealActivity.reminder_sent, DealActivity.reminder_at <= now)
        .order_by(DealActivity.reminder_at, DealActivity.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True, of=DealActivity)
    )
    found = session.execute(waiting).all()
    at_work = _at_work(session, {key for activity, owner in found for key in (activity.user_id, owner) if key})
    told = 0
    for activity, owner in found:
        activity.reminder_sent = True
        to = next((key for key in (activity.user_id, owner) if key in at_work), None)
        at = activity.reminder_at
        if to is not None and at is not None and at > now - FORGOTTEN_AFTER:
            when = at.astimezone(UTC).isoformat()
            publish(session, ActivityReminder(activity.id, to), once=f"activity-reminder:{activity.id}:{when}")
            told += 1
    session.flush()
    return told


def _at_work(session: Session, keys: set[str]) -> set[str]:
    return set(session.scalars(select(User.id).where(User.id.in_(keys), User.is_active, User.id != SYSTEM_USER)))
