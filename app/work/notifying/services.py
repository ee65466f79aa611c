"""What can be done with one's own notifications and rules.

That somebody read or put away a notification is not written to the audit
trail: it is told to nobody and changes no record.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.access.models import NotificationDigest, User
from app.core.errors import NotFound
from app.core.viewer import Viewer
from app.work.models import Notification, NotificationRule
from app.work.notifying.rules import Conditions, Trigger

KEPT = timedelta(days=180)
_BATCH = 5_000
_APART = {"synchronize_session": False}


def mark_read(session: Session, viewer: Viewer, key: str) -> None:
    """Raises NotFound, as the others do, for what is not one's own."""
    _set(session, viewer, key, is_read=True)


def mark_all_read(session: Session, viewer: Viewer) -> int:
    """All that this person has not read; gives how many."""
    mine = update(Notification).where(Notification.user_id == viewer.user_id, ~Notification.is_read)
    return int(session.execute(mine.values(is_read=True), execution_options=_APART).rowcount)  # type: ignore[attr-defined]


def dismiss(session: Session, viewer: Viewer, key: str) -> None:
    """Put it away; whether it was read stays as it is, so that nothing is lost by taking it back."""
    _set(session, viewer, key, dismissed=True)


def restore(session: Session, viewer: Viewer, key: str) -> None:
    _set(session, viewer, key, dismissed=False)


def _set(session: Session, viewer: Viewer, key: str, **values: bool) -> None:
    one = update(Notification).where(Notification.id == key[:100], Notification.user_id == viewer.user_id)
    done = session.execute(one.values(**values), execution_options=_APART)
    if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE has it
        raise NotFound


def forget_old(session: Session, *, now: datetime) -> int:
    """Remove what was read or put away and is older than KEPT; gives how many. A bounded number at a time."""
    old = (
        select(Notification.id)
        .where(Notification.created_at < now - KEPT, or_(Notification.is_read, Notification.dismissed))
        .order_by(Notification.created_at)
        .limit(_BATCH)
    )
    gone = delete(Notification).where(Notification.id.in_(old))
    return int(session.execute(gone, execution_options=_APART).rowcount)  # type: ignore[attr-defined]


def write_rule(
    session: Session, rule: NotificationRule | None, *, name: str, trigger: Trigger, conditions: Conditions, kind: str,
    priority: str, active: bool,
) -> NotificationRule:  # fmt: skip
    """A new rule of whoever acts, or this one with new values. Raises Unprocessable for what could not fire."""
    if rule is None:
        rule = NotificationRule()
        session.add(rule)
    rule.name, rule.trigger_type, rule.trigger_config = name, trigger.value, conditions.dump()
    rule.notification_type, rule.notification_priority, rule.is_active = kind, priority, active
    session.flush()
    return rule


def switch_rule(session: Session, rule: NotificationRule, *, active: bool) -> None:
    rule.is_active = active
    session.flush()


def choose_digest(session: Session, user: User, *, daily: bool, language: str) -> None:
    """Whether unread notifications come by e-mail; in the language in which it was asked for."""
    user.notification_digest = NotificationDigest.daily if daily else NotificationDigest.off
    if daily:
        user.language = language
    session.flush()
