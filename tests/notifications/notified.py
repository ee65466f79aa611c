"""Setting up for whatever is about notifications: people, records, rules, and something that happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User
from app.customers.models import Customer
from app.screens.locale import speaking
from app.work.models import Notification, NotificationRule, NotificationType, Task
from app.work.notifying import reading
from tests.conftest import make_user
from tests.outbox import work_off
from tests.smallest import smallest

MODULES = ("customers", "deals", "tasks", "communication_messages", "customer_email_notifications",
           "contract_instances", "notifications", "notification_rules")  # fmt: skip


def colleague(session: Session, name: str, like: User | None = None) -> User:
    """Somebody of SK with the ordinary modules; with the role of another one where he is given."""
    role = like.primary_role if like else role_of(session, "Clerks")
    user = make_user(session, name, role=role, assigned_countries=["SK"])
    session.commit()
    return user


def role_of(session: Session, name: str, *modules: str, hidden: tuple[tuple[str, str], ...] = ()) -> Role:
    role = Role(name=name)
    role.role_module_permissions = [
        RoleModulePermission(module_key=key, can_add=True, can_edit=True) for key in modules or MODULES
    ]
    role.role_field_permissions = [
        RoleFieldPermission(module_key=module, field_key=field, permission="hidden") for module, field in hidden
    ]
    session.add(role)
    session.flush()
    return role


def customer_of(session: Session, owner: User | None = None, **values: Any) -> Customer:
    known = {"first_name": "Mária", "last_name": "Horváthová", "country": "SK"}
    row: Customer = smallest(session, "customers", **{**known, **values}, assigned_user_id=owner.id if owner else None)
    session.commit()
    return row


def task_of(session: Session, owner: User, by: User, **values: Any) -> Task:
    row: Task = smallest(
        session, "tasks", **{"title": "Call back", "country": "SK", **values}, assigned_user_id=owner.id,
        created_by_user_id=by.id,
    )  # fmt: skip
    session.commit()
    return row


def rule_of(session: Session, user: User, trigger: str, conditions: dict[str, Any] | None = None, **more: Any) -> Any:
    kind = trigger if trigger in set(NotificationType) else "status_change"
    values = {"name": trigger, "notification_type": kind, **more}
    rule = NotificationRule(
        user_id=user.id, trigger_type=trigger, trigger_config=json.dumps(conditions) if conditions else None, **values
    )
    session.add(rule)
    session.commit()
    return rule


def happen(session: Session, act: Callable[[], Any]) -> None:
    """Do something that is told, and let the workers tell it."""
    session.info.pop("unaudited", None)
    act()
    session.commit()
    session.info["unaudited"] = True
    work_off(session)


def told(session: Session, user: User) -> list[Notification]:
    session.expire_all()
    asked = select(Notification).where(Notification.user_id == user.id)
    return list(session.scalars(asked.order_by(Notification.created_at, Notification.id)))


def lines(session: Session, user: User, language: str = "en") -> list[reading.Line]:
    with speaking(language, "Europe/Bratislava"):
        return reading.lines(session, viewer_of(session, user), told(session, user))


def words(session: Session, user: User, language: str = "en") -> list[tuple[str, str, str]]:
    return [(line.title, line.about, line.more) for line in lines(session, user, language)]
