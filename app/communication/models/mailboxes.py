"""Tables: microsoft 365 connections, shared mailboxes, email signatures, sms senders."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own, Owner
from app.core.types import Choice, Country, Created, Key, Secret, Timestamp, Updated
from app.core.vault import Veiled

if TYPE_CHECKING:
    from app.access.models import User


class GsmSenderConfigSenderIdType(enum.StrEnum):
    gSystem = "gSystem"
    gShort = "gShort"
    gText = "gText"
    gMobile = "gMobile"
    gPush = "gPush"
    gOwn = "gOwn"
    gProfile = "gProfile"


class UserMs365Connection(Base):
    """A colleague's sign-in to Microsoft 365, used to read and send their mail."""

    __tablename__ = "user_ms365_connections"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A colleague's sign-in to Microsoft 365, used to read and send their mail.",
            "info": {
                "country": Owner(("user_id",)),
                "one": "Microsoft 365 connection",
                "many": "Microsoft 365 connections",
                "icon": "plug-connected",
            },
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id", ondelete="CASCADE"),
        unique=True,
        comment="Whose account this is; one connection per colleague.",
        info={"label": "Colleague"},
    )
    access_token: Mapped[Veiled] = mapped_column(
        Secret("user_ms365_connections.access_token"),
        comment="Secret that opens the mailbox; kept encrypted and never shown.",
        info={"label": "Access key"},
    )
    refresh_token: Mapped[Veiled | None] = mapped_column(
        Secret("user_ms365_connections.refresh_token"),
        comment="Secret that renews access without signing in; never shown.",
        info={"label": "Renewal key"},
    )
    token_expires_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the access key must be renewed, UTC.", info={"label": "Access expires"}
    )
    account_id: Mapped[str | None] = mapped_column(
        Text,
        comment="Microsoft's own reference to the signed-in account.",
        info={"label": "Account reference"},
    )
    email: Mapped[str] = mapped_column(Text, comment="Address of the connected mailbox.")
    display_name: Mapped[str | None] = mapped_column(Text, comment="Name recipients see next to the address.")
    is_connected: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="When off, mail stops until the colleague signs in again.",
    )
    last_sync_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When mail was last fetched successfully, UTC.", info={"label": "Last mail check"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the account was first connected, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the connection, UTC.")

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="user_ms365_connections")
    user_ms365_shared_mailboxes: Mapped[list[UserMs365SharedMailbox]] = relationship(
        foreign_keys="UserMs365SharedMailbox.connection_id",
        back_populates="connection",
        passive_deletes="all",
    )


class UserMs365SharedMailbox(Base):
    """A shared mailbox that a colleague may open through their Microsoft 365 connection."""

    __tablename__ = "user_ms365_shared_mailboxes"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        UniqueConstraint("connection_id", "email"),
        {
            "comment": "A shared mailbox that a colleague may open through their Microsoft 365 connection.",
            "info": {
                "country": Owner(("user_id",)),
                "one": "Shared mailbox",
                "many": "Shared mailboxes",
                "icon": "mailbox",
                "default_within": ("user_id",),
            },
        },
    )

    id: Mapped[Key]
    connection_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("user_ms365_connections.id", ondelete="CASCADE"),
        comment="Connection used to reach the mailbox; removing it removes this entry.",
        info={"label": "Microsoft 365 connection"},
    )
    user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id", ondelete="CASCADE"),
        comment="Colleague who has access to this mailbox.",
        info={"label": "Colleague"},
    )
    email: Mapped[str] = mapped_column(Text, comment="Address of the shared mailbox.")
    display_name: Mapped[str] = mapped_column(Text, comment="Name of the mailbox as colleagues and recipients see it.")
    is_default: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Preselected when this colleague writes a new email.",
        info={"label": "Default mailbox"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="When off, the mailbox is neither read nor offered for sending.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When access was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to this access, UTC.")

    connection: Mapped[UserMs365Connection] = relationship(
        foreign_keys=[connection_id], back_populates="user_ms365_shared_mailboxes"
    )
    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="user_ms365_shared_mailboxes")


class EmailSignature(Base):
    """The closing block a colleague adds to emails sent from one mailbox."""

    __tablename__ = "email_signatures"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "The closing block a colleague adds to emails sent from one mailbox.",
            "info": {
                "country": Owner(("user_id",)),
                "one": "Email signature",
                "many": "Email signatures",
                "icon": "signature",
            },
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id", ondelete="CASCADE"),
        comment="Whose signature this is.",
        info={"label": "Colleague"},
    )
    mailbox_email: Mapped[str] = mapped_column(
        Text,
        comment='Shared mailbox address, or "personal" for the colleague\'s own mailbox.',
        info={"label": "Mailbox"},
    )
    html_content: Mapped[str] = mapped_column(
        Text,
        default="",
        server_default="",
        comment="Formatted text placed under each email; unsafe code is removed.",
        info={"label": "Signature"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Only an active signature is added to emails.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the signature was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the signature, UTC.")

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="email_signatures")


class GsmSenderConfig(Base):
    """The sender shown on text messages in one country."""

    __tablename__ = "gsm_sender_configs"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "The sender shown on text messages in one country.",
            "info": {
                "country": Own("country_code"),
                "one": "SMS sender",
                "many": "SMS senders",
                "icon": "device-mobile-message",
            },
        },
    )

    id: Mapped[Key]
    country_code: Mapped[Country] = mapped_column(
        Choice(Country, 10),
        unique=True,
        comment="Country the sender is used in; one sender per country.",
        info={"label": "Country"},
    )
    sender_id_type: Mapped[GsmSenderConfigSenderIdType] = mapped_column(
        Choice(GsmSenderConfigSenderIdType, 20),
        comment="Kind of sender at the SMS service; gSystem is its default.",
        info={"label": "Sender type"},
    )
    sender_id_value: Mapped[str | None] = mapped_column(
        String(50),
        comment="Number, text or profile; needed for gOwn, gText and gProfile.",
        info={"label": "Sender value"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="When off, this sender is not used for text messages.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the sender was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the sender, UTC.")
