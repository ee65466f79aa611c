"""Tables: activity log, saved searches, chat messages."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Owner, Private
from app.core.types import Choice, Created, JsonText, Key

if TYPE_CHECKING:
    from app.access.models import User


class ActivityLogAction(enum.StrEnum):
    login = "login"
    logout = "logout"
    create = "create"
    update = "update"
    delete = "delete"
    view = "view"
    export = "export"
    consent_granted = "consent_granted"
    consent_revoked = "consent_revoked"
    # Beyond the document, which knows only what succeeded:
    login_failed = "login_failed"
    denied = "denied"


class ActivityLog(Base):
    """A permanent record of who did what, to which record and when."""

    __tablename__ = "activity_logs"
    __table_args__ = (
        Index("idx_activity_logs_user", "user_id"),
        Index("idx_activity_logs_entity", "entity_type", "entity_id"),
        Index("idx_activity_logs_created", text("created_at DESC")),
        Index(None, "created_at", "id"),
        Index(None, "entity_type", "entity_id", "created_at"),  # the history of one record
        Index(
            "ix_activity_logs_changes",
            "entity_type",
            "created_at",
            postgresql_where=text("action IN ('create', 'update')"),
        ),
        Index(
            "ix_activity_logs_viewed",  # what somebody looked at last
            "user_id",
            "created_at",
            "id",
            postgresql_where=text("action = 'view'"),
        ),
        {
            "comment": "A permanent record of who did what, to which record and when.",
            "info": {
                "audit": False,
                "country": Owner(("user_id",)),
                "one": "Activity log entry",
                "many": "Activity log",
                "icon": "history",
                "find": (("entity_name",),),
            },
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Who acted; automatic actions carry the system user.",
        info={"label": "Colleague"},
    )
    action: Mapped[ActivityLogAction] = mapped_column(
        Choice(ActivityLogAction), comment="What was done, such as sign in, change or export."
    )
    entity_type: Mapped[str | None] = mapped_column(
        Text,
        comment="Kind of record concerned, for example customer or invoice.",
        info={"label": "Record type", "names_table": True},
    )
    entity_id: Mapped[str | None] = mapped_column(
        String, comment="Internal number of the record concerned.", info={"label": "Record reference"}
    )
    entity_name: Mapped[str | None] = mapped_column(
        Text, comment="Name of the record at the time of the action.", info={"label": "Record"}
    )
    details: Mapped[str | None] = mapped_column(JsonText, comment="What exactly changed, as a JSON object.")
    ip_address: Mapped[str | None] = mapped_column(Text, comment="Network address the action came from.")
    created_at: Mapped[Created] = mapped_column(comment="When the action happened, UTC; entries cannot be changed.")

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="activity_logs")


class SavedSearch(Base):
    """A set of filters a colleague keeps to open the same list again."""

    __tablename__ = "saved_searches"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        Index("ix_saved_searches_shared", "module", postgresql_where=text("shared")),
        {
            "comment": "A set of filters a colleague keeps to open the same list again.",
            "info": {
                "country": Owner(("user_id",)),
                "one": "Saved search",
                "many": "Saved searches",
                "icon": "bookmark",
                "default_within": (
                    "user_id",
                    "module",
                ),
            },
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id"), comment="Who saved the search.", info={"label": "Colleague"}
    )
    name: Mapped[str] = mapped_column(Text, comment="Name shown in the list of saved searches.")
    module: Mapped[str] = mapped_column(
        Text,
        comment="List the search belongs to, for example customers or hospitals.",
        info={"label": "Area"},
    )
    filters: Mapped[str] = mapped_column(JsonText, comment="Saved filter criteria, written as JSON.")
    is_default: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Applied at once when this colleague opens the list.",
        info={"label": "Default search"},
    )
    shared: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Colleagues who see the list find the search there and may copy it.",
        info={"extension": "a search that is worth something is shared by its owner", "internal": True},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the search was saved, UTC.")

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="saved_searches")


class ChatMessage(Base):
    """A direct message from one colleague to another."""

    __tablename__ = "chat_messages"
    __table_args__ = (
        Index(None, "sender_id"),
        Index(None, "receiver_id"),
        Index(None, "created_at", "id"),
        # The talk of two people, whoever wrote: its pages and its last message.
        Index(
            "ix_chat_messages_talk",
            text("least(sender_id, receiver_id)"),
            text("greatest(sender_id, receiver_id)"),
            "created_at",
            "id",
        ),
        Index("ix_chat_messages_unread", "receiver_id", "sender_id", postgresql_where=text("NOT is_read")),
        CheckConstraint("sender_id <> receiver_id", name="not_to_oneself"),
        {
            "comment": "A direct message from one colleague to another.",
            "info": {
                # Beside the messages themselves nothing is kept of who talks with whom.
                "audit": False,
                "country": Private(("sender_id", "receiver_id")),
                "one": "Chat message",
                "many": "Chat messages",
                "icon": "message-circle",
            },
        },
    )

    id: Mapped[Key]
    sender_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who wrote the message.", info={"label": "From"}
    )
    receiver_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague the message is meant for.", info={"label": "Recipient"}
    )
    content: Mapped[str] = mapped_column(
        Text, comment="What the sender wrote to the colleague.", info={"label": "Text"}
    )
    is_read: Mapped[bool] = mapped_column(
        Boolean, default=False, server_default=text("false"), comment="The receiver has seen the message."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the message was sent, UTC.")

    sender: Mapped[User] = relationship(foreign_keys=[sender_id], back_populates="chat_messages_by_sender")
    receiver: Mapped[User] = relationship(foreign_keys=[receiver_id], back_populates="chat_messages_by_receiver")
