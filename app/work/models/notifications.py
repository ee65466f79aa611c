"""Tables: notifications, notification rules. Both are seen by the person alone whom they are for."""

from __future__ import annotations

import enum
from functools import partial
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import Boolean, ColumnElement, Connection, ForeignKey, Index, String, Text, event, false, inspect, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.errors import Unprocessable
from app.core.paths import Owner
from app.core.types import Choice, Created, JsonText, Key, Updated
from app.core.viewer import SYSTEM_USER, Viewer, narrow, who_acts
from app.work.notifying import rules

if TYPE_CHECKING:
    from app.access.models import User


class NotificationType(enum.StrEnum):
    new_email = "new_email"
    new_sms = "new_sms"
    new_customer = "new_customer"
    status_change = "status_change"
    sentiment_alert = "sentiment_alert"
    task_assigned = "task_assigned"
    task_due = "task_due"
    task_completed = "task_completed"
    mention = "mention"
    system = "system"
    __labels__ = {"new_sms": "New SMS"}


class NotificationPriority(enum.StrEnum):
    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


def _acting() -> str:
    """What one writes down is one's own, unless a service says for whom it is."""
    return who_acts().user_id


class Notification(Base):
    """A short notice that tells a colleague about something they should know or do.

    `title` and `message` are neutral English and name no person: what happened to which record is made of `details`
    when it is read, with the rights and in the language of the reader (`app.work.notifying.reading`). Rows of older
    systems hold their whole text.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        Index("ix_notifications_of", "user_id", "created_at", "id"),
        Index(
            "ix_notifications_unread",
            "user_id",
            "created_at",
            "id",
            postgresql_where=text("NOT is_read AND NOT dismissed"),
        ),
        {
            "comment": "A short notice that tells a colleague about something they should know or do.",
            "info": {
                "country": Owner(("user_id",)),
                "one": "Notification",
                "many": "Notifications",
                "icon": "bell",
                "find": (("title",),),
            },
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id"),
        default=_acting,
        comment="Colleague who receives the notification.",
        info={"label": "For"},
    )
    type: Mapped[NotificationType] = mapped_column(Choice(NotificationType), comment="What the notification is about.")
    title: Mapped[str] = mapped_column(Text, comment="One line shown in the notification list.")
    message: Mapped[str] = mapped_column(Text, comment="Full text of the notification.")
    priority: Mapped[NotificationPriority] = mapped_column(
        Choice(NotificationPriority),
        default=NotificationPriority.normal,
        server_default="normal",
        comment="Urgent and high notifications stand out.",
    )
    entity_type: Mapped[str | None] = mapped_column(
        Text,
        comment="Kind of record the notification leads to, for example customer.",
        info={"label": "About"},
    )
    entity_id: Mapped[str | None] = mapped_column(
        String,
        comment="Internal number of the record the notification leads to.",
        info={"label": "Record reference"},
    )
    is_read: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The colleague has opened the notification.",
    )
    dismissed: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The colleague has put the notification away.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the notification was raised, UTC.")
    details: Mapped[str | None] = mapped_column(
        JsonText,
        comment="What happened, in keys and codes, and which rules asked to be told; a JSON object.",
        info={"internal": True, "extension": "the text is made when it is read, with the rights of the reader"},
    )

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="notifications")


class NotificationRule(Base):
    """A colleague's own rule for when to be notified and how urgently."""

    __tablename__ = "notification_rules"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        Index("ix_notification_rules_active", "trigger_type", postgresql_where=text("is_active")),
        {
            "comment": "A colleague's own rule for when to be notified and how urgently.",
            "info": {
                "country": Owner(("user_id",)),
                "one": "Notification rule",
                "many": "Notification rules",
                "icon": "bell-ringing",
            },
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id"),
        default=_acting,
        comment="Colleague who is notified by this rule.",
        info={"label": "For"},
    )
    name: Mapped[str] = mapped_column(Text, comment="Short name that says what you will hear about.")
    description: Mapped[str | None] = mapped_column(Text, comment="When and why the rule is useful.")
    trigger_type: Mapped[str] = mapped_column(
        Text, comment="Event that sets off the notification.", info={"label": "Trigger"}
    )
    trigger_config: Mapped[str | None] = mapped_column(
        JsonText,
        comment="Further conditions of the trigger, as a JSON object.",
        info={"label": "Trigger details"},
    )
    notification_type: Mapped[str] = mapped_column(Text, comment="Kind of notification that is raised.")
    notification_priority: Mapped[str] = mapped_column(
        Text,
        default="normal",
        server_default="normal",
        comment="Urgency given to the notifications of this rule.",
        info={"label": "Priority"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="When off, the rule raises no notifications.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the rule was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the rule, UTC.")

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="notification_rules")


@event.listens_for(NotificationRule, "before_insert")
@event.listens_for(NotificationRule, "before_update")
def _makes_sense(mapper: object, connection: Connection, rule: NotificationRule) -> None:
    """Whichever door it comes through, a rule that could not fire is not saved. Raises Unprocessable.

    What is dead by now may stay as it is, so that such a rule can be switched off.
    """
    problems: dict[str, list[str]] = {}
    if _set(rule, "trigger_type") or _set(rule, "trigger_config"):
        for problem in rules.read(rule.trigger_type, rule.trigger_config).problems:
            problems.setdefault(problem.field, []).append(problem.sentence)
    for name, choices in (("notification_type", NotificationType), ("notification_priority", NotificationPriority)):
        value = getattr(rule, name)
        if _set(rule, name) and value is not None and value not in set(choices):
            known = ", ".join(choices)
            problems[name] = [
                _("There is no “%(value)s”. Choose one of these: %(known)s.", value=str(value)[:60], known=known)
            ]
    if problems:
        raise Unprocessable(problems)


def _set(rule: NotificationRule, name: str) -> bool:
    return bool(inspect(rule).attrs[name].history.has_changes())


def _own(table: type[Notification] | type[NotificationRule], viewer: Viewer) -> ColumnElement[bool] | None:
    """One's own alone, whatever one may do otherwise; whoever looks through other eyes does not read their letters."""
    if viewer.user_id == SYSTEM_USER:
        return None
    return false() if viewer.behind else table.user_id == viewer.user_id


narrow(Notification.__tablename__, partial(_own, Notification))
narrow(NotificationRule.__tablename__, partial(_own, NotificationRule))
