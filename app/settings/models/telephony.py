"""Tables: phone system, calls."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import GLOBAL, Owner, Through
from app.core.types import Choice, Created, JsonText, Key, Secret, Timestamp, Updated
from app.core.vault import Veiled

if TYPE_CHECKING:
    from app.access.models import User
    from app.campaigns.models.campaigns import Campaign
    from app.campaigns.models.contacts import CampaignContact
    from app.customers.models.customers import Customer


class SipSettingsTransport(enum.StrEnum):
    ws = "ws"
    wss = "wss"
    tcp = "tcp"
    udp = "udp"
    __labels__ = {"ws": "WS", "wss": "WSS (encrypted)", "tcp": "TCP", "udp": "UDP"}


class CallLogDirection(enum.StrEnum):
    inbound = "inbound"
    outbound = "outbound"


class CallLogStatus(enum.StrEnum):
    initiated = "initiated"
    ringing = "ringing"
    answered = "answered"
    completed = "completed"
    failed = "failed"
    no_answer = "no_answer"
    busy = "busy"
    cancelled = "cancelled"


class SipSettings(Base):
    """The one set of connection settings for calling from the browser."""

    __tablename__ = "sip_settings"
    __table_args__ = (
        Index(None, "updated_by"),
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
        CheckConstraint("ws_port BETWEEN 1 AND 65535", name="ws_port"),
        {
            "comment": "The one set of connection settings for calling from the browser.",
            "info": {"country": GLOBAL, "one": "Phone system", "many": "Phone system", "icon": "headset"},
        },
    )

    id: Mapped[Key]
    server: Mapped[str] = mapped_column(
        Text, default="", server_default="", comment="Address of the phone server, without a port."
    )
    port: Mapped[int] = mapped_column(
        Integer, default=5060, server_default=text("5060"), comment="Port of the phone server, usually 5060."
    )
    ws_port: Mapped[int] = mapped_column(
        Integer,
        default=8089,
        server_default=text("8089"),
        comment="Port used when calling from the browser, usually 8089.",
        info={"label": "Browser port"},
    )
    ws_path: Mapped[str] = mapped_column(
        Text,
        default="/ws",
        server_default="/ws",
        comment="Path used when calling from the browser, usually /ws.",
        info={"label": "Browser path"},
    )
    transport: Mapped[SipSettingsTransport] = mapped_column(
        Choice(SipSettingsTransport),
        default=SipSettingsTransport.wss,
        server_default="wss",
        comment="How calls reach the server; WSS is encrypted.",
        info={"label": "Connection type"},
    )
    realm: Mapped[str | None] = mapped_column(
        Text, default="", server_default="", comment="Sign-in domain of the phone server, if it asks for one."
    )
    stun_server: Mapped[str | None] = mapped_column(
        Text,
        default="",
        server_default="",
        comment="Helps calls through firewalls; leave empty if not needed.",
        info={"label": "STUN server"},
    )
    turn_server: Mapped[str | None] = mapped_column(
        Text,
        default="",
        server_default="",
        comment="Relays calls when a direct connection is blocked.",
        info={"label": "TURN server"},
    )
    turn_username: Mapped[str | None] = mapped_column(
        Text,
        default="",
        server_default="",
        comment="Name used to sign in to the TURN server.",
        info={"label": "TURN user name"},
    )
    turn_password: Mapped[Veiled | None] = mapped_column(
        Secret("sip_settings.turn_password"),
        server_default="",
        comment="Secret for the TURN server; encrypted and never shown again.",
        info={"label": "TURN password"},
    )
    is_enabled: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="When off, nobody can call from the browser.",
        info={"label": "Calling enabled"},
    )
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to these settings, UTC.")
    updated_by: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who last changed these settings.",
        info={"label": "Changed by"},
    )

    updated_by_user: Mapped[User | None] = relationship(foreign_keys=[updated_by], back_populates="sip_settings")


class CallLog(Base):
    """A phone call made or received, with its course and result."""

    __tablename__ = "call_logs"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "customer_id"),
        Index(None, "campaign_id"),
        Index(None, "campaign_contact_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A phone call made or received, with its course and result.",
            "info": {
                "country": Through("customer_id", otherwise=Owner(("user_id",))),
                "one": "Call",
                "many": "Calls",
                "icon": "phone-call",
                "ending": ("phone_number",),
                "find": (("phone_number",),),
                "dial": ("phone_number",),
            },
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague on the call; missed calls carry the system user.",
        info={"label": "Operator"},
    )
    customer_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("customers.id"), comment="Customer on the line, if the number is known."
    )
    campaign_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("campaigns.id"), comment="Campaign the call was made for."
    )
    campaign_contact_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("campaign_contacts.id"), comment="Contact of the campaign who was called."
    )
    phone_number: Mapped[str] = mapped_column(Text, comment="Number called or calling, with country prefix.")
    direction: Mapped[CallLogDirection] = mapped_column(
        Choice(CallLogDirection),
        default=CallLogDirection.outbound,
        server_default="outbound",
        comment="Inbound calls reach us; outbound calls are ours.",
    )
    status: Mapped[CallLogStatus] = mapped_column(
        Choice(CallLogStatus),
        default=CallLogStatus.initiated,
        server_default="initiated",
        comment="How the call went or how it stands.",
    )
    started_at: Mapped[datetime] = mapped_column(
        Timestamp, server_default=func.now(), comment="When dialling or ringing began, UTC."
    )
    answered_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the call was picked up, UTC.")
    ended_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the call was hung up, UTC.")
    duration_seconds: Mapped[int | None] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Talking time in seconds, counted from the answer.",
        info={"label": "Duration"},
    )
    sip_call_id: Mapped[str | None] = mapped_column(
        Text,
        comment="Number given to the call by the phone system.",
        info={"label": "Phone system reference"},
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="What was said or agreed on the call.")
    metadata_: Mapped[str | None] = mapped_column(
        "metadata",
        JsonText,
        comment="Further facts from the phone system, as a JSON object.",
        info={"label": "Technical details"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the call was recorded, UTC.")

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="call_logs")
    customer: Mapped[Customer | None] = relationship(foreign_keys=[customer_id], back_populates="call_logs")
    campaign: Mapped[Campaign | None] = relationship(foreign_keys=[campaign_id], back_populates="call_logs")
    campaign_contact: Mapped[CampaignContact | None] = relationship(
        foreign_keys=[campaign_contact_id], back_populates="call_logs"
    )
