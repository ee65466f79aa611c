"""From facts to notifications: who is told, how urgently, and once.

Everybody is told what is plainly his (`rules.always`); everything else, and
how urgently, is asked for by rules. Nobody is told of a record, or of the
value of a field, that he may not know of at this moment; what he may not know
of any more when he reads is `reading`'s matter.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import User
from app.core.events import Happened
from app.core.live import ping
from app.core.viewer import SYSTEM_USER, Viewer, visible
from app.screens import atlas
from app.work.models import Notification, NotificationPriority, NotificationRule, NotificationType
from app.work.notifying import rules
from app.work.notifying.rules import Asked, Conditions, Fact, Trigger

MODULE = "notifications"
_NAMESPACE = uuid.UUID("8f6c2f0e-5d0b-4b57-9c64-6f1d0b0a7f31")
_RANKS = tuple(NotificationPriority)
TYPES: Mapping[Trigger, NotificationType] = {
    Trigger.new_customer: NotificationType.new_customer,
    Trigger.new_deal: NotificationType.status_change,
    Trigger.status_change: NotificationType.status_change,
    Trigger.owner_change: NotificationType.status_change,
    Trigger.new_email: NotificationType.new_email,
    Trigger.new_sms: NotificationType.new_sms,
    Trigger.sentiment_alert: NotificationType.sentiment_alert,
    Trigger.task_assigned: NotificationType.task_assigned,
    Trigger.task_due: NotificationType.task_due,
    Trigger.task_completed: NotificationType.task_completed,
    Trigger.task_cancelled: NotificationType.status_change,
    Trigger.mention: NotificationType.mention,
}
# What is stored as the title: neutral English, so that no door tells more than the record itself would.
TITLES = {
    Trigger.new_customer: "New customer",
    Trigger.new_deal: "New deal",
    Trigger.status_change: "A record has changed",
    Trigger.owner_change: "A record was handed over",
    Trigger.new_email: "New email",
    Trigger.new_sms: "New SMS",
    Trigger.sentiment_alert: "A message needs attention",
    Trigger.task_assigned: "Task assigned",
    Trigger.task_due: "Task due",
    Trigger.task_completed: "Task completed",
    Trigger.task_cancelled: "Task cancelled",
    Trigger.mention: "You were mentioned",
}


@dataclass
class _Reason:
    """Why somebody is told of a fact: the rules that asked for it, or none where it is plainly his."""

    fact: Fact
    rules: list[tuple[NotificationRule, Conditions]] = field(default_factory=list)
    plain: bool = False


def tell(session: Session, happened: Happened[object], facts: Sequence[Fact]) -> int:
    """One notification for everybody concerned; gives how many are new. Safe to run twice, also at once."""
    if not facts:
        return 0
    reasons = _reasons(facts, _asked(session, facts))
    people = select(User).where(User.id.in_(reasons), User.is_active, User.id != SYSTEM_USER).order_by(User.id)
    rows = []
    for user in session.scalars(people):
        viewer = viewer_of(session, user)
        known = [one for reason in reasons[user.id] if (one := _known(session, viewer, reason)) is not None]
        if known:
            rows.append(_row(user.id, happened, known))
    if not rows:
        return 0
    new = postgresql.insert(Notification).on_conflict_do_nothing(index_elements=["id"]).returning(Notification.user_id)
    told = session.scalars(new, rows).all()
    for user_id in told:
        ping(session, user_id, MODULE)
    return len(told)


def _asked(session: Session, facts: Iterable[Fact]) -> list[tuple[NotificationRule, Asked]]:
    """Active rules for these triggers, those that still make sense."""
    triggers = {fact.trigger.value for fact in facts}
    found = select(NotificationRule).where(NotificationRule.is_active, NotificationRule.trigger_type.in_(triggers))
    read = [(rule, rules.read(rule.trigger_type, rule.trigger_config)) for rule in session.scalars(found)]
    return [(rule, asked) for rule, asked in read if asked.alive]


def _reasons(facts: Iterable[Fact], asked: Iterable[tuple[NotificationRule, Asked]]) -> dict[str, list[_Reason]]:
    """By person, what he could be told and why."""
    found: dict[str, list[_Reason]] = defaultdict(list)
    asked = list(asked)
    for fact in facts:
        by_person: dict[str, _Reason] = {user_id: _Reason(fact, plain=True) for user_id in rules.always(fact)}
        for rule, one in asked:
            if rules.fires(one, fact, rule.user_id):
                by_person.setdefault(rule.user_id, _Reason(fact)).rules.append((rule, one.conditions))
        for user_id, reason in by_person.items():
            found[user_id].append(reason)
    return found


def _known(session: Session, viewer: Viewer, reason: _Reason) -> _Reason | None:
    """What is left of a reason when this person may know only what is his to know; None for nothing."""
    if not may_know(session, viewer, reason.fact, ()):
        return None
    kept = [(rule, wanted) for rule, wanted in reason.rules if reads(viewer, rules.told_by(reason.fact, (wanted,)))]
    return _Reason(reason.fact, kept, reason.plain) if kept or reason.plain else None


def may_know(session: Session, viewer: Viewer, fact: Fact, asked: Iterable[Conditions]) -> bool:
    """Whether this person has notifications, sees the record, and reads every field that would be told."""
    screen = atlas.known().get(fact.table)
    if screen is None or not viewer.sees(MODULE) or not viewer.sees(screen.module):
        return False
    if not reads(viewer, rules.told_by(fact, asked)):
        return False
    own = visible(screen.model, viewer).with_only_columns(screen.model.id).where(screen.model.id == fact.key)
    return session.scalar(own) is not None


def reads(viewer: Viewer, told: Iterable[tuple[str, str]]) -> bool:
    return all(atlas.known()[table].reads(viewer, column) for table, column in told)


def _row(user_id: str, happened: Happened[object], reasons: Sequence[_Reason]) -> dict[str, object]:
    """The notification of one person: of several facts of one event the most urgent one is told."""
    best = max(reasons, key=lambda reason: _RANKS.index(_priority(reason)))
    fact, asked = best.fact, [rule for reason in reasons for rule, _wanted in reason.rules]
    told = {
        "trigger": fact.trigger.value, "column": fact.column, "before": fact.before, "after": fact.after,
        "level": fact.level, "by": fact.by, "to": fact.to, "customer": fact.customer,
        "rules": sorted({rule.id for rule in asked}),
    }  # fmt: skip
    return {
        "id": str(uuid.uuid5(_NAMESPACE, f"{fact.origin or happened.key}:{user_id}")),
        "user_id": user_id,
        "type": _kind(best),
        "title": TITLES[fact.trigger],
        "message": atlas.known()[fact.table].one,
        "priority": _priority(best),
        "entity_type": fact.table,
        "entity_id": fact.key,
        "created_at": happened.at,
        "details": json.dumps({key: value for key, value in told.items() if value}),
    }


def _priority(reason: _Reason) -> NotificationPriority:
    """What the person asked for, the most urgent of it; else what the matter itself suggests."""
    asked = [NotificationPriority(rule.notification_priority) for rule, _wanted in reason.rules
             if rule.notification_priority in set(NotificationPriority)]  # fmt: skip
    return max(asked, key=_RANKS.index) if asked else plain_priority(reason.fact)


def plain_priority(fact: Fact) -> NotificationPriority:
    if fact.trigger is Trigger.sentiment_alert:
        return NotificationPriority.urgent if fact.level == rules.LEVELS[-1] else NotificationPriority.high
    return NotificationPriority.high if fact.trigger is Trigger.task_due else NotificationPriority.normal


def _kind(reason: _Reason) -> NotificationType:
    """What the most urgent of the person's rules calls it."""
    asked = [rule for rule, _wanted in reason.rules if rule.notification_type in set(NotificationType)]
    if not asked:
        return TYPES[reason.fact.trigger]
    first = max(asked, key=lambda rule: (_rank(rule.notification_priority), rule.id))
    return NotificationType(first.notification_type)


def _rank(priority: str) -> int:
    return _RANKS.index(NotificationPriority(priority)) if priority in set(NotificationPriority) else -1
