"""Tables: campaign contacts, contact history, call attempts."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Through
from app.core.types import Choice, Created, Key, Timestamp, Updated

if TYPE_CHECKING:
    from app.access.models import User
    from app.campaigns.models.campaigns import Campaign
    from app.customers.models.customers import Customer
    from app.settings.models.telephony import CallLog


class CampaignContactStatus(enum.StrEnum):
    pending = "pending"
    contacted = "contacted"
    completed = "completed"
    failed = "failed"
    no_answer = "no_answer"
    callback_scheduled = "callback_scheduled"
    not_interested = "not_interested"


class CampaignContactHistoryAction(enum.StrEnum):
    status_change = "status_change"
    note_added = "note_added"
    callback_set = "callback_set"


class CampaignContactSessionOutcome(enum.StrEnum):
    pending = "pending"
    answered = "answered"
    no_answer = "no_answer"
    busy = "busy"
    voicemail = "voicemail"
    failed = "failed"


class CampaignContact(Base):
    """A customer on the call list of one campaign, with the progress made so far."""

    __tablename__ = "campaign_contacts"
    __table_args__ = (
        Index("idx_campaign_contacts_status", "status"),
        Index("idx_campaign_contacts_campaign", "campaign_id"),
        Index(None, "customer_id"),
        Index(None, "assigned_to"),
        Index("ix_campaign_contacts_progress", "campaign_id", "status", postgresql_include=["customer_id"]),
        Index(
            "ix_campaign_contacts_callbacks",
            "assigned_to",
            "callback_date",
            postgresql_where=text("status = 'callback_scheduled'"),
        ),
        Index(None, "created_at", "id"),
        UniqueConstraint("campaign_id", "customer_id"),
        {
            "comment": "A customer on the call list of one campaign, with the progress made so far.",
            "info": {
                "country": Through("customer_id", also=("campaign_id",)),
                "one": "Campaign contact",
                "many": "Campaign contacts",
                "icon": "address-book",
            },
        },
    )

    id: Mapped[Key]
    campaign_id: Mapped[str] = mapped_column(
        String, ForeignKey("campaigns.id"), comment="Campaign in which the family is being called."
    )
    customer_id: Mapped[str] = mapped_column(
        String, ForeignKey("customers.id"), comment="Family to call; appears once in each campaign."
    )
    status: Mapped[CampaignContactStatus] = mapped_column(
        Choice(CampaignContactStatus),
        default=CampaignContactStatus.pending,
        server_default="pending",
        comment="Where the conversation stands; follows the outcome of the calls.",
    )
    assigned_to: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Operator who calls this contact and owns its callback.",
        info={"label": "Operator"},
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="What the next caller should know about this contact.")
    attempt_count: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Number of call attempts so far; the campaign schedule limits it.",
        info={"label": "Attempts"},
    )
    last_attempt_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="Time of the latest call attempt, UTC.")
    priority_score: Mapped[int] = mapped_column(
        Integer,
        default=50,
        server_default=text("50"),
        comment="Contacts with a higher number are called sooner; 50 is normal.",
        info={"label": "Priority (0–100)"},
    )
    callback_date: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Agreed time to call again, stored in UTC.", info={"label": "Callback"}
    )
    contacted_at: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="When the family was reached for the first time, UTC.",
        info={"label": "First contacted"},
    )
    completed_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When work on this contact was finished, UTC."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the customer joined the campaign list, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When this contact was last edited, UTC.")

    campaign: Mapped[Campaign] = relationship(foreign_keys=[campaign_id], back_populates="campaign_contacts")
    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id], back_populates="campaign_contacts")
    assigned_to_user: Mapped[User | None] = relationship(foreign_keys=[assigned_to], back_populates="campaign_contacts")
    campaign_contact_history: Mapped[list[CampaignContactHistory]] = relationship(
        foreign_keys="CampaignContactHistory.campaign_contact_id",
        back_populates="campaign_contact",
        passive_deletes="all",
    )
    campaign_contact_sessions: Mapped[list[CampaignContactSession]] = relationship(
        foreign_keys="CampaignContactSession.campaign_contact_id",
        back_populates="campaign_contact",
        passive_deletes="all",
    )
    call_logs: Mapped[list[CallLog]] = relationship(
        foreign_keys="CallLog.campaign_contact_id", back_populates="campaign_contact", passive_deletes="all"
    )


class CampaignContactHistory(Base):
    """A note of one change made to a campaign contact and who made it."""

    __tablename__ = "campaign_contact_history"
    __table_args__ = (
        Index(None, "campaign_contact_id"),
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A note of one change made to a campaign contact and who made it.",
            "info": {
                "country": Through("campaign_contact_id"),
                "one": "Contact history entry",
                "many": "Contact history",
                "icon": "history",
            },
        },
    )

    id: Mapped[Key]
    campaign_contact_id: Mapped[str] = mapped_column(
        String, ForeignKey("campaign_contacts.id"), comment="Contact whose progress changed."
    )
    user_id: Mapped[str] = mapped_column(String, ForeignKey("users.id"), comment="Colleague who made the change.")
    action: Mapped[CampaignContactHistoryAction] = mapped_column(
        Choice(CampaignContactHistoryAction), comment="What kind of change was made."
    )
    previous_status: Mapped[str | None] = mapped_column(
        Text, comment="Contact status before this change.", info={"label": "Status before"}
    )
    new_status: Mapped[str | None] = mapped_column(
        Text, comment="Contact status after this change.", info={"label": "Status after"}
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="Remark written along with the change.")
    created_at: Mapped[Created] = mapped_column(comment="When the change happened, UTC.")

    campaign_contact: Mapped[CampaignContact] = relationship(
        foreign_keys=[campaign_contact_id], back_populates="campaign_contact_history"
    )
    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="campaign_contact_history")


class CampaignContactSession(Base):
    """One attempt to reach a campaign contact, from dialling to its outcome."""

    __tablename__ = "campaign_contact_sessions"
    __table_args__ = (
        Index(None, "campaign_contact_id"),
        Index(None, "user_id"),
        {
            "comment": "One attempt to reach a campaign contact, from dialling to its outcome.",
            "info": {
                "country": Through("campaign_contact_id"),
                "one": "Call attempt",
                "many": "Call attempts",
                "icon": "phone-call",
            },
        },
    )

    id: Mapped[Key]
    campaign_contact_id: Mapped[str] = mapped_column(
        String, ForeignKey("campaign_contacts.id"), comment="Contact the operator tried to reach."
    )
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id"), comment="Operator who made the attempt.", info={"label": "Operator"}
    )
    started_at: Mapped[datetime] = mapped_column(
        Timestamp, server_default=func.now(), comment="Start of the attempt, UTC."
    )
    ended_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="End of the attempt, UTC; empty while it runs."
    )
    duration_seconds: Mapped[int | None] = mapped_column(
        Integer, comment="Length of the attempt in seconds.", info={"label": "Duration (seconds)"}
    )
    outcome: Mapped[CampaignContactSessionOutcome] = mapped_column(
        Choice(CampaignContactSessionOutcome),
        default=CampaignContactSessionOutcome.pending,
        server_default="pending",
        comment="How the attempt ended; also moves the contact's status.",
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="What was said or agreed during the call.")
    callback_scheduled: Mapped[bool | None] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The family asked to be called again.",
        info={"label": "Callback agreed"},
    )
    callback_date: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Agreed time of the next call, stored in UTC.", info={"label": "Callback"}
    )

    campaign_contact: Mapped[CampaignContact] = relationship(
        foreign_keys=[campaign_contact_id], back_populates="campaign_contact_sessions"
    )
    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="campaign_contact_sessions")
