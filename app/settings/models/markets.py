"""Tables: country settings."""

from __future__ import annotations

from sqlalchemy import Boolean, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.paths import Own
from app.core.types import Choice, Country, Created, Key, Updated


class CountrySystemSettings(Base):
    """How automatic emails, text messages and alerts are sent in one country."""

    __tablename__ = "country_system_settings"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "How automatic emails, text messages and alerts are sent in one country.",
            "info": {
                "country": Own("country_code"),
                "one": "Country setting",
                "many": "Country settings",
                "icon": "flag",
            },
        },
    )

    id: Mapped[Key]
    country_code: Mapped[Country] = mapped_column(
        Choice(Country, 10),
        unique=True,
        comment="Country the settings apply to; one entry per country.",
        info={"label": "Country"},
    )
    system_email_enabled: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="When off, no automatic emails leave for this country.",
        info={"label": "Automatic emails"},
    )
    system_email_address: Mapped[str | None] = mapped_column(
        String(255),
        comment="Microsoft 365 address that automatic emails are sent from.",
        info={"label": "Email address"},
    )
    system_email_display_name: Mapped[str | None] = mapped_column(
        String(100), comment="Name recipients see on automatic emails.", info={"label": "Email sender name"}
    )
    system_email_user_id: Mapped[str | None] = mapped_column(
        String(255),
        comment="Microsoft 365 reference of the sending account.",
        info={"label": "Email account reference"},
    )
    system_sms_enabled: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="When off, no automatic text messages leave for this country.",
        info={"label": "Automatic SMS"},
    )
    system_sms_sender_type: Mapped[str | None] = mapped_column(
        String(20),
        comment="Kind of sender, such as gSystem; overrides the SMS sender.",
        info={"label": "SMS sender type"},
    )
    system_sms_sender_value: Mapped[str | None] = mapped_column(
        String(50), comment="Number, text or profile shown as the sender.", info={"label": "SMS sender value"}
    )
    alerts_enabled: Mapped[bool] = mapped_column(
        Boolean, default=True, server_default=text("true"), comment="Alerts for this country are raised."
    )
    notifications_enabled: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Notifications for this country are sent to colleagues.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the settings were added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to these settings, UTC.")
