"""Who hears that an automation rule was switched off: whoever set it up, and administrators."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.merging import ADMIN
from app.access.models import Role, User, UserRole
from app.core.events import Happened
from app.core.live import ping
from app.core.viewer import SYSTEM_USER, visible
from app.pipeline.automation.events import AutomationDisabled
from app.pipeline.models import AutomationRule
from app.work.models import Notification, NotificationPriority, NotificationType
from app.work.notifying.delivery import MODULE

RULES = "automation_rules"
_NAMESPACE = uuid.UUID("5d2f3c57-6f43-4b0e-9d1c-0f5a7b6e2c11")


def tell(session: Session, happened: Happened[AutomationDisabled]) -> int:
    """One notification for each who may see the rule; gives how many are new. Safe to run twice."""
    rule = session.get(AutomationRule, happened.event.rule_id)
    if rule is None or rule.is_active:
        return 0
    rows = [_row(user.id, rule, happened) for user in _people(session, rule.created_by) if _sees(session, user, rule)]
    if not rows:
        return 0
    new = postgresql.insert(Notification).on_conflict_do_nothing(index_elements=["id"]).returning(Notification.user_id)
    told = session.scalars(new, rows).all()
    for user_id in told:
        ping(session, user_id, MODULE)
    return len(told)


def _people(session: Session, creator: str | None) -> Iterable[User]:
    """Active people only: a rule of somebody who left is the matter of administrators alone."""
    admins = select(Role.id).where(Role.is_active, Role.legacy_role == ADMIN)
    beside = select(UserRole.user_id).where(UserRole.role_id.in_(admins))
    asked = select(User).where(
        User.is_active,
        User.id != SYSTEM_USER,
        or_(User.id == creator, User.role_id.in_(admins), User.id.in_(beside)),
    )
    return session.scalars(asked.order_by(User.id)).all()


def _sees(session: Session, user: User, rule: AutomationRule) -> bool:
    viewer = viewer_of(session, user)
    if not viewer.sees(MODULE) or not viewer.sees(RULES):
        return False
    asked = visible(AutomationRule, viewer).with_only_columns(AutomationRule.id).where(AutomationRule.id == rule.id)
    return session.scalar(asked) is not None


def _row(user_id: str, rule: AutomationRule, happened: Happened[AutomationDisabled]) -> dict[str, object]:
    return {
        "id": str(uuid.uuid5(_NAMESPACE, f"{happened.key}:{user_id}")),
        "user_id": user_id,
        "type": NotificationType.system,
        "title": "An automation rule was switched off",
        "message": "It failed several times in a row.",
        "priority": NotificationPriority.high,
        "entity_type": RULES,
        "entity_id": rule.id,
        "created_at": happened.at,
        "details": json.dumps({"named": True}),
    }
