"""Tables: notifications, notification rules."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Owner
from app.core.types import Choice, Created, JsonText, Key, Updated

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


class Notification(Base):
    """A short notice that tells a colleague about something they should know or do."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
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

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="notifications")


class NotificationRule(Base):
    """A colleague's own rule for when to be notified and how urgently."""

    __tablename__ = "notification_rules"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
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
