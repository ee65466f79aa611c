"""Tables: campaigns, campaign templates, campaign schedules, campaign operators, campaign results."""

from __future__ import annotations

import enum
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Owner, Owns, Through
from app.core.records import Watched
from app.core.types import Choice, ChoiceList, Country, Created, JsonText, Key, Timestamp, Updated

if TYPE_CHECKING:
    from app.access.models import User
    from app.campaigns.models.contacts import CampaignContact
    from app.pipeline.models.deals import Deal
    from app.settings.models.telephony import CallLog


class CampaignType(enum.StrEnum):
    marketing = "marketing"
    sales = "sales"
    follow_up = "follow_up"
    retention = "retention"
    upsell = "upsell"
    other = "other"
    __labels__ = {"follow_up": "Follow-up"}


class CampaignStatus(enum.StrEnum):
    draft = "draft"
    active = "active"
    paused = "paused"
    completed = "completed"
    cancelled = "cancelled"


class Campaign(Base):
    """A planned round of calls or messages to a chosen group of families."""

    __tablename__ = "campaigns"
    __table_args__ = (
        Index("idx_campaigns_status", "status"),
        Index(None, "created_by"),
        Index(None, "created_at", "id"),
        CheckConstraint("end_date >= start_date", name="dates_in_order"),
        {
            "comment": "A planned round of calls or messages to a chosen group of families.",
            "info": {
                "reference": True,
                "watched": Watched(("status",)),
                "country": Owns("country_codes"),
                "one": "Campaign",
                "many": "Campaigns",
                "icon": "speakerphone",
                "later": ("name",),
                "find": (("name",),),
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Short name operators recognise in their queue.")
    description: Mapped[str | None] = mapped_column(Text, comment="What the campaign is for and who should be reached.")
    type: Mapped[CampaignType] = mapped_column(
        Choice(CampaignType),
        default=CampaignType.marketing,
        server_default="marketing",
        comment="Purpose of the campaign; used to compare results in reports.",
    )
    status: Mapped[CampaignStatus] = mapped_column(
        Choice(CampaignStatus),
        default=CampaignStatus.draft,
        server_default="draft",
        comment="Only an active campaign hands contacts to operators.",
    )
    country_codes: Mapped[list[str]] = mapped_column(
        ChoiceList(Country),
        default=list,
        server_default=text("'{}'"),
        comment="Countries whose families are addressed by the campaign.",
        info={"label": "Countries"},
    )
    criteria: Mapped[str | None] = mapped_column(
        JsonText,
        comment="JSON filter choosing customers, such as country, status or due date.",
        info={"label": "Audience criteria"},
    )
    settings: Mapped[str | None] = mapped_column(JsonText, comment="JSON object with further options of this campaign.")
    script: Mapped[str | None] = mapped_column(
        Text, comment="Text the operator sees and follows during the call.", info={"label": "Call script"}
    )
    start_date: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Calling begins at this moment; stored in UTC.", info={"label": "Start"}
    )
    end_date: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="No contacts are offered after this moment; stored in UTC.", info={"label": "End"}
    )
    target_contact_count: Mapped[int | None] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Number of families the campaign aims to reach.",
        info={"label": "Target contacts"},
    )
    conversion_goal: Mapped[Decimal | None] = mapped_column(
        Numeric(5, 2),
        default=Decimal("0"),
        server_default=text("0"),
        comment="Wanted share of completed among contacted, 0 to 100 percent.",
        info={"label": "Conversion goal (%)"},
    )
    created_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who set up the campaign."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the campaign was entered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the campaign was last edited, UTC.")

    created_by_user: Mapped[User | None] = relationship(foreign_keys=[created_by], back_populates="campaigns")
    campaign_contacts: Mapped[list[CampaignContact]] = relationship(
        foreign_keys="CampaignContact.campaign_id", back_populates="campaign", passive_deletes="all"
    )
    campaign_schedules: Mapped[list[CampaignSchedule]] = relationship(
        foreign_keys="CampaignSchedule.campaign_id", back_populates="campaign", passive_deletes="all"
    )
    campaign_operator_settings: Mapped[list[CampaignOperatorSettings]] = relationship(
        foreign_keys="CampaignOperatorSettings.campaign_id", back_populates="campaign", passive_deletes="all"
    )
    campaign_metrics_snapshots: Mapped[list[CampaignMetricsSnapshot]] = relationship(
        foreign_keys="CampaignMetricsSnapshot.campaign_id", back_populates="campaign", passive_deletes="all"
    )
    deals: Mapped[list[Deal]] = relationship(
        foreign_keys="Deal.campaign_id", back_populates="campaign", passive_deletes="all"
    )
    call_logs: Mapped[list[CallLog]] = relationship(
        foreign_keys="CallLog.campaign_id", back_populates="campaign", passive_deletes="all"
    )


class CampaignTemplate(Base):
    """A ready-made campaign setup from which new campaigns can be started."""

    __tablename__ = "campaign_templates"
    __table_args__ = (
        Index(None, "created_by"),
        Index(None, "created_at", "id"),
        {
            "comment": "A ready-made campaign setup from which new campaigns can be started.",
            "info": {
                "country": Owns("country_codes"),
                "one": "Campaign template",
                "many": "Campaign templates",
                "icon": "template",
                "default_within": ("type",),
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Name shown when starting a campaign from a template.")
    description: Mapped[str | None] = mapped_column(Text, comment="When colleagues should use this template.")
    type: Mapped[str] = mapped_column(
        Text,
        default="marketing",
        server_default="marketing",
        comment="Purpose given to campaigns started from this template.",
        info={"label": "Campaign type"},
    )
    country_codes: Mapped[list[str]] = mapped_column(
        ChoiceList(Country),
        default=list,
        server_default=text("'{}'"),
        comment="Countries preset in campaigns started from this template.",
        info={"label": "Countries"},
    )
    criteria: Mapped[str | None] = mapped_column(
        JsonText,
        comment="JSON filter copied to new campaigns to choose their customers.",
        info={"label": "Audience criteria"},
    )
    settings: Mapped[str | None] = mapped_column(JsonText, comment="JSON object with options copied to new campaigns.")
    script: Mapped[str | None] = mapped_column(
        Text, comment="Operator text copied to campaigns started from here.", info={"label": "Call script"}
    )
    is_default: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Offered first when a campaign is created; only one can be.",
        info={"label": "Default template"},
    )
    created_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who prepared the template."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the template was entered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the template was last edited, UTC.")

    created_by_user: Mapped[User | None] = relationship(foreign_keys=[created_by], back_populates="campaign_templates")


class CampaignSchedule(Base):
    """The days, hours and call limits within which a campaign may reach families."""

    __tablename__ = "campaign_schedules"
    __table_args__ = (
        Index(None, "created_at", "id"),
        CheckConstraint("working_hours_start ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'", name="hours_start"),
        CheckConstraint("working_hours_end ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'", name="hours_end"),
        CheckConstraint("max_attempts_per_contact > 0", name="attempts_positive"),
        CheckConstraint("min_hours_between_attempts >= 0", name="hours_not_negative"),
        {
            "comment": "The days, hours and call limits within which a campaign may reach families.",
            "info": {
                "country": Through("campaign_id"),
                "one": "Campaign schedule",
                "many": "Campaign schedules",
                "icon": "calendar-time",
            },
        },
    )

    id: Mapped[Key]
    campaign_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("campaigns.id"),
        unique=True,
        comment="Campaign the rules apply to; each has one schedule.",
    )
    working_days: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        default=lambda: ["monday", "tuesday", "wednesday", "thursday", "friday"],
        server_default=text("'{monday,tuesday,wednesday,thursday,friday}'"),
        comment="Weekdays on which families may be called.",
        info={"label": "Calling days"},
    )
    working_hours_start: Mapped[str] = mapped_column(
        Text,
        default="09:00",
        server_default="09:00",
        comment="Earliest call, HH:MM in the called family's local time.",
        info={"label": "Calling from"},
    )
    working_hours_end: Mapped[str] = mapped_column(
        Text,
        default="17:00",
        server_default="17:00",
        comment="Latest call, HH:MM in the called family's local time.",
        info={"label": "Calling until"},
    )
    max_attempts_per_contact: Mapped[int] = mapped_column(
        Integer,
        default=3,
        server_default=text("3"),
        comment="After this many attempts the contact is no longer offered.",
        info={"label": "Attempts per contact"},
    )
    min_hours_between_attempts: Mapped[int] = mapped_column(
        Integer,
        default=24,
        server_default=text("24"),
        comment="Shortest pause in hours before trying the same contact again.",
        info={"label": "Hours between attempts"},
    )
    auto_assign_contacts: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Contacts are shared among active operators by their workload.",
        info={"label": "Contacts assigned automatically"},
    )
    prioritize_callbacks: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Due callbacks are offered before all other contacts.",
        info={"label": "Callbacks come first"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the schedule was entered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the schedule was last edited, UTC.")

    campaign: Mapped[Campaign] = relationship(foreign_keys=[campaign_id], back_populates="campaign_schedules")


class CampaignOperatorSettings(Base):
    """An operator taking part in a campaign, with their share of the calls."""

    __tablename__ = "campaign_operator_settings"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        UniqueConstraint("campaign_id", "user_id"),
        CheckConstraint("workload_weight >= 0", name="weight_not_negative"),
        {
            "comment": "An operator taking part in a campaign, with their share of the calls.",
            "info": {
                "country": Owner(("user_id",)),
                "one": "Campaign operator",
                "many": "Campaign operators",
                "icon": "headset",
            },
        },
    )

    id: Mapped[Key]
    campaign_id: Mapped[str] = mapped_column(
        String, ForeignKey("campaigns.id"), comment="Campaign in which the operator makes calls."
    )
    user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who calls the contacts.",
        info={"label": "Operator"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive operators get no contacts from this campaign.",
    )
    workload_weight: Mapped[int] = mapped_column(
        Integer,
        default=100,
        server_default=text("100"),
        comment="Share of contacts; 50 is half, 200 double the usual load.",
        info={"label": "Workload (100 = normal)"},
    )
    max_contacts_per_day: Mapped[int | None] = mapped_column(
        Integer,
        default=50,
        server_default=text("50"),
        comment="Most contacts the operator is given in one day.",
        info={"label": "Contacts per day"},
    )
    assigned_countries: Mapped[list[str] | None] = mapped_column(
        ChoiceList(Country),
        default=list,
        server_default=text("'{}'"),
        comment="Countries whose contacts this operator may call.",
        info={"label": "Countries"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the operator was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When these settings were last edited, UTC.")

    campaign: Mapped[Campaign] = relationship(foreign_keys=[campaign_id], back_populates="campaign_operator_settings")
    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="campaign_operator_settings")


class CampaignMetricsSnapshot(Base):
    """Counts of a campaign's contacts and calls, frozen for one hour or day."""

    __tablename__ = "campaign_metrics_snapshots"
    __table_args__ = (
        Index(None, "campaign_id"),
        Index(None, "created_at", "id"),
        UniqueConstraint("campaign_id", "snapshot_date", "snapshot_hour", postgresql_nulls_not_distinct=True),
        {
            "comment": "Counts of a campaign's contacts and calls, frozen for one hour or day.",
            "info": {
                "country": Through("campaign_id"),
                "one": "Campaign result",
                "many": "Campaign results",
                "icon": "chart-bar",
            },
        },
    )

    id: Mapped[Key]
    campaign_id: Mapped[str] = mapped_column(
        String, ForeignKey("campaigns.id"), comment="Campaign these figures belong to."
    )
    snapshot_date: Mapped[datetime] = mapped_column(
        Timestamp, comment="Day the figures describe, UTC.", info={"label": "Date"}
    )
    snapshot_hour: Mapped[int | None] = mapped_column(
        Integer, comment="Hour of the day, 0 to 23; empty for the whole day.", info={"label": "Hour"}
    )
    total_contacts: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="All contacts on the campaign list at that time.",
        info={"label": "Contacts in total"},
    )
    pending_contacts: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Contacts nobody had called yet.",
        info={"label": "Waiting contacts"},
    )
    contacted_contacts: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Contacts that had been spoken to.",
        info={"label": "Reached contacts"},
    )
    completed_contacts: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0"), comment="Contacts whose work ended with success."
    )
    failed_contacts: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0"), comment="Contacts that could not be won or reached."
    )
    total_calls: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="All call attempts, answered or not.",
        info={"label": "Calls in total"},
    )
    successful_calls: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0"), comment="Calls in which somebody was spoken to."
    )
    avg_call_duration_seconds: Mapped[int | None] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Mean length of the calls, in seconds.",
        info={"label": "Average call (seconds)"},
    )
    conversion_rate: Mapped[Decimal | None] = mapped_column(
        Numeric(5, 2),
        default=Decimal("0"),
        server_default=text("0"),
        comment="Completed divided by contacted, in percent.",
        info={"label": "Conversion rate (%)"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the figures were counted, UTC.")

    campaign: Mapped[Campaign] = relationship(foreign_keys=[campaign_id], back_populates="campaign_metrics_snapshots")
