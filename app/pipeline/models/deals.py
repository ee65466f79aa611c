"""Tables: deals, activities, deal products."""

from __future__ import annotations

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    FetchedValue,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Sequence,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own, Owner, Through
from app.core.records import Watched
from app.core.types import Choice, Country, Key, Timestamp

if TYPE_CHECKING:
    from app.access.models import User
    from app.campaigns.models.campaigns import Campaign
    from app.contracts.models.instances import ContractInstance
    from app.customers.models.customers import Customer
    from app.pipeline.models.pipelines import Pipeline, PipelineStage
    from app.products.models.catalogue import Product


class DealStatus(enum.StrEnum):
    open = "open"
    won = "won"
    lost = "lost"


class DealActivityType(enum.StrEnum):
    call = "call"
    email = "email"
    meeting = "meeting"
    task = "task"
    note = "note"
    __labels__ = {"email": "E-mail"}


class DealActivityPriority(enum.StrEnum):
    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


BOARD_POSITIONS = Sequence("deals_board_position", metadata=Base.metadata)
"""Each number is above all before it: a deal that comes into a column is on top."""


class Deal(Base):
    """A chance to sell storage or another service to a family."""

    __tablename__ = "deals"
    __table_args__ = (
        Index("idx_deals_pipeline", "pipeline_id"),
        Index("idx_deals_stage", "stage_id"),
        Index("idx_deals_status", "status"),
        Index("idx_deals_customer", "customer_id"),
        Index(None, "campaign_id"),
        Index(None, "contract_instance_id"),
        Index(None, "assigned_user_id"),
        Index(None, "created_at", "id"),
        Index(None, "country_code", "created_at", "id"),
        Index(
            "ix_deals_open_by_stage",
            "stage_id",
            "currency",
            "expected_close_date",
            postgresql_include=["value", "probability", "country_code"],
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_deals_closed",
            "actual_close_date",
            "status",
            postgresql_where=text("actual_close_date IS NOT NULL"),
        ),
        Index(
            "ix_deals_forecast", "pipeline_id", "expected_close_date", "id", postgresql_where=text("status = 'open'")
        ),
        Index("ix_deals_sums", "stage_id", "currency", postgresql_include=["value", "probability", "country_code"]),
        Index("ix_deals_board", "stage_id", "board_position", unique=True),
        Index("ix_deals_rotting", "stage_id", "stage_entered_at", postgresql_where=text("status = 'open'")),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability_percent"),
        CheckConstraint("value >= 0", name="value_not_negative"),
        {
            "comment": "A chance to sell storage or another service to a family.",
            "info": {
                "watched": Watched(("stage_id", "status", "assigned_user_id"), added=True),
                "country": Own("country_code", Through("customer_id", otherwise=Owner(("assigned_user_id",)))),
                "one": "Deal",
                "many": "Deals",
                "icon": "briefcase",
                "later": ("title",),
                "find": (("title",),),
            },
        },
    )

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(500), comment="Short name of the deal as seen on its card.")
    pipeline_id: Mapped[str] = mapped_column(String, ForeignKey("pipelines.id"), comment="Sales path the deal follows.")
    stage_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("pipeline_stages.id"),
        comment="Current step; it must belong to the chosen pipeline.",
    )
    customer_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("customers.id"), comment="Family the deal is made with."
    )
    campaign_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("campaigns.id"), comment="Campaign that brought the deal, if any."
    )
    contract_instance_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("contract_instances.id"),
        comment="Contract that came out of the deal; signing it wins the deal.",
        info={"label": "Contract"},
    )
    assigned_user_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague responsible for the deal.", info={"label": "Owner"}
    )
    value: Mapped[Decimal | None] = mapped_column(
        Numeric(15, 2),
        default=Decimal("0"),
        server_default=text("0"),
        comment="Amount in the deal's currency; the products' sum once there are any.",
    )
    currency: Mapped[str | None] = mapped_column(
        String(10), default="EUR", server_default="EUR", comment="Three-letter code such as EUR, CZK or HUF."
    )
    probability: Mapped[int | None] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Chance of winning, 0 to 100; follows the stage.",
        info={"label": "Win probability (%)"},
    )
    expected_close_date: Mapped[date | None] = mapped_column(
        Date, comment="Day on which the family is likely to decide.", info={"label": "Expected close"}
    )
    actual_close_date: Mapped[date | None] = mapped_column(
        Date, comment="Day the deal was won or lost; cleared on reopening.", info={"label": "Closed on"}
    )
    status: Mapped[DealStatus | None] = mapped_column(
        Choice(DealStatus, 50),
        default=DealStatus.open,
        server_default="open",
        comment="Open, won or lost; follows the stage.",
    )
    lost_reason: Mapped[str | None] = mapped_column(
        Text, comment="Why the family declined; required for a lost deal.", info={"label": "Reason lost"}
    )
    source: Mapped[str | None] = mapped_column(
        String(255), comment="Where the lead came from, e.g. web form or hospital."
    )
    country_code: Mapped[Country | None] = mapped_column(
        Choice(Country, 10), comment="Country whose team handles the deal.", info={"label": "Country"}
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="Anything colleagues should know about the deal.")
    created_at: Mapped[datetime | None] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the deal was entered, UTC."
    )
    updated_at: Mapped[datetime | None] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the deal was last edited, UTC."
    )
    # Both are kept by the database (migration 0020): right after raw SQL and imports too.
    stage_entered_at: Mapped[datetime | None] = mapped_column(
        Timestamp,
        server_default=FetchedValue(),
        server_onupdate=FetchedValue(),
        comment="When the deal came into its stage, UTC.",
        info={"label": "In stage since", "extension": "rotting and the age on a card are asked for with every board"},
    )
    board_position: Mapped[Decimal | None] = mapped_column(
        Numeric,
        server_default=FetchedValue(),
        server_onupdate=FetchedValue(),
        comment="Place in the column of the board; the largest number is on top.",
        info={"internal": True, "extension": "people order the cards of a column by hand"},
    )

    pipeline: Mapped[Pipeline] = relationship(foreign_keys=[pipeline_id], back_populates="deals")
    stage: Mapped[PipelineStage] = relationship(foreign_keys=[stage_id], back_populates="deals")
    customer: Mapped[Customer | None] = relationship(foreign_keys=[customer_id], back_populates="deals")
    campaign: Mapped[Campaign | None] = relationship(foreign_keys=[campaign_id], back_populates="deals")
    contract_instance: Mapped[ContractInstance | None] = relationship(
        foreign_keys=[contract_instance_id], back_populates="deals"
    )
    assigned_user: Mapped[User | None] = relationship(foreign_keys=[assigned_user_id], back_populates="deals")
    deal_activities: Mapped[list[DealActivity]] = relationship(
        foreign_keys="DealActivity.deal_id", back_populates="deal", passive_deletes="all"
    )
    deal_products: Mapped[list[DealProduct]] = relationship(
        foreign_keys="DealProduct.deal_id", back_populates="deal", passive_deletes="all"
    )


class DealActivity(Base):
    """A call, e-mail, meeting, task or note that moves a deal forward."""

    __tablename__ = "deal_activities"
    __table_args__ = (
        Index(None, "deal_id"),
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        Index("ix_deal_activities_next", "deal_id", "due_at", postgresql_where=text("NOT is_completed")),
        Index("ix_deal_activities_due", "due_at", "user_id", postgresql_where=text("NOT is_completed")),
        Index(
            "ix_deal_activities_remind", "reminder_at", postgresql_where=text("NOT is_completed AND NOT reminder_sent")
        ),
        Index("ix_deal_activities_done", "deal_id", "completed_at", postgresql_where=text("is_completed")),
        {
            "comment": "A call, e-mail, meeting, task or note that moves a deal forward.",
            "info": {
                "watched": Watched(("is_completed",), added=True),
                "country": Through("deal_id"),
                "one": "Activity",
                "many": "Activities",
                "icon": "calendar-event",
                "later": ("subject",),
                "find": (("subject",),),
            },
        },
    )

    id: Mapped[Key]
    deal_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("deals.id", ondelete="CASCADE"),
        comment="Deal the activity belongs to; removed together with it.",
    )
    user_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who carries out the activity.",
        info={"label": "Responsible"},
    )
    type: Mapped[DealActivityType] = mapped_column(
        Choice(DealActivityType, 50), comment="What is to be done or was done."
    )
    subject: Mapped[str] = mapped_column(String(500), comment="What it is about, in a few words.")
    description: Mapped[str | None] = mapped_column(Text, comment="Details, agenda or notes from the conversation.")
    due_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it should be done, stored in UTC.")
    completed_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it was marked as done, UTC.")
    outcome: Mapped[str | None] = mapped_column(String(255), comment="What came of it, e.g. the result of a call.")
    duration: Mapped[int | None] = mapped_column(
        Integer, comment="Planned or real length in minutes.", info={"label": "Duration (minutes)"}
    )
    is_completed: Mapped[bool | None] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The activity needs no further attention.",
        info={"label": "Done"},
    )
    reminder_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When to remind the responsible colleague, stored in UTC."
    )
    reminder_sent: Mapped[bool | None] = mapped_column(
        Boolean, default=False, server_default=text("false"), comment="The reminder has already gone out."
    )
    priority: Mapped[DealActivityPriority | None] = mapped_column(
        Choice(DealActivityPriority, 20),
        default=DealActivityPriority.normal,
        server_default="normal",
        comment="Urgent and high activities are shown first.",
    )
    created_at: Mapped[datetime | None] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the activity was entered, UTC."
    )

    deal: Mapped[Deal] = relationship(foreign_keys=[deal_id], back_populates="deal_activities")
    user: Mapped[User | None] = relationship(foreign_keys=[user_id], back_populates="deal_activities")


class DealProduct(Base):
    """A product offered within a deal, with its quantity and price."""

    __tablename__ = "deal_products"
    __table_args__ = (
        Index(None, "deal_id"),
        Index(None, "product_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("discount >= 0", name="discount_not_negative"),
        {
            "comment": "A product offered within a deal, with its quantity and price.",
            "info": {"country": Through("deal_id"), "one": "Deal product", "many": "Deal products", "icon": "package"},
        },
    )

    id: Mapped[Key]
    deal_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("deals.id", ondelete="CASCADE"),
        comment="Deal in which the product is offered; removed together with it.",
    )
    product_id: Mapped[str] = mapped_column(
        String, ForeignKey("products.id"), comment="Product the family is interested in."
    )
    quantity: Mapped[int] = mapped_column(
        Integer,
        default=1,
        server_default=text("1"),
        comment="Number of pieces; counts towards the deal's value.",
    )
    price: Mapped[Decimal | None] = mapped_column(
        Numeric(15, 2), comment="Price of one piece, in the deal's currency.", info={"label": "Unit price"}
    )
    discount: Mapped[Decimal | None] = mapped_column(
        Numeric(15, 2),
        comment="Amount taken off, in the deal's currency, not a percentage.",
        info={"label": "Discount amount"},
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="Agreements or wishes about this product.")
    created_at: Mapped[datetime | None] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the product was added to the deal, UTC."
    )

    deal: Mapped[Deal] = relationship(foreign_keys=[deal_id], back_populates="deal_products")
    product: Mapped[Product] = relationship(foreign_keys=[product_id], back_populates="deal_products")
