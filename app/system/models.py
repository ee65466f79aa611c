"""Tables of the system itself: connections and short-lived login state."""

from __future__ import annotations

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


class Ms365PkceStore(Base):
    """A Microsoft 365 sign-in that was started but not yet finished."""

    __tablename__ = "ms365_pkce_store"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        UniqueConstraint("state"),
        {
            "comment": "A Microsoft 365 sign-in that was started but not yet finished.",
            "info": {
                "country": Owner(("user_id",)),
                "one": "Pending Microsoft sign-in",
                "many": "Pending Microsoft sign-ins",
                "icon": "key",
            },
        },
    )

    id: Mapped[Key]
    state: Mapped[str] = mapped_column(
        Text,
        comment="One-time value that ties Microsoft's answer to this sign-in.",
        info={"label": "Sign-in reference"},
    )
    code_verifier: Mapped[Veiled] = mapped_column(
        Secret("ms365_pkce_store.code_verifier"),
        comment="One-time secret that proves the sign-in; never shown.",
        info={"label": "Sign-in secret"},
    )
    user_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Who started the sign-in; empty for a country account.",
        info={"label": "Colleague"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the sign-in was started, UTC.")
    expires_at: Mapped[datetime] = mapped_column(
        Timestamp, comment="After this time the sign-in must start again, UTC."
    )

    user: Mapped[User | None] = relationship(foreign_keys=[user_id], back_populates="ms365_pkce_store")


class SystemMs365Connection(Base):
    """The Microsoft 365 account that sends automatic emails for one country."""

    __tablename__ = "system_ms365_connections"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "The Microsoft 365 account that sends automatic emails for one country.",
            "info": {
                "country": Own("country_code"),
                "one": "Country mail connection",
                "many": "Country mail connections",
                "icon": "mail-share",
            },
        },
    )

    id: Mapped[Key]
    country_code: Mapped[Country] = mapped_column(
        Choice(Country, 10),
        unique=True,
        comment="Country the account sends for; one account per country.",
        info={"label": "Country"},
    )
    access_token: Mapped[Veiled] = mapped_column(
        Secret("system_ms365_connections.access_token"),
        comment="Secret that opens the account; kept encrypted and never shown.",
        info={"label": "Access key"},
    )
    refresh_token: Mapped[Veiled | None] = mapped_column(
        Secret("system_ms365_connections.refresh_token"),
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
    email: Mapped[str] = mapped_column(Text, comment="Address that automatic emails are sent from.")
    display_name: Mapped[str | None] = mapped_column(Text, comment="Name recipients see next to the address.")
    is_connected: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="When off, someone must sign in to the account again.",
    )
    last_sync_at: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="When the account last worked successfully, UTC.",
        info={"label": "Last mail check"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the account was first connected, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the connection, UTC.")
