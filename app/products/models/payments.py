"""Tables: payment options, instalments."""

from __future__ import annotations

import enum
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import (
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
from app.core.paths import Through
from app.core.types import Choice, Created, Key, Timestamp

if TYPE_CHECKING:
    from app.products.models.prices import InstancePrice
    from app.products.models.sets import ProductSetCollection, ProductSetStorage


class InstancePaymentOptionInstanceType(enum.StrEnum):
    market = "market"
    service = "service"
    __labels__ = {"market": "Market product", "service": "Market service"}


class InstancePaymentOptionFrequency(enum.StrEnum):
    monthly = "monthly"
    quarterly = "quarterly"
    semi_annually = "semi_annually"
    annually = "annually"
    __labels__ = {"semi_annually": "Half-yearly", "annually": "Yearly"}


class InstancePaymentOptionCalculationMode(enum.StrEnum):
    fixed = "fixed"
    percentage = "percentage"
    __labels__ = {"fixed": "Fixed amount"}


class PaymentInstallmentCalculationType(enum.StrEnum):
    fixed = "fixed"
    percentage = "percentage"
    __labels__ = {"fixed": "Fixed amount"}


class InstancePaymentOption(Base):
    """A way to pay for a market product or service, at once or in instalments."""

    __tablename__ = "instance_payment_options"
    __table_args__ = (
        Index(None, "base_price_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("installment_count > 0", name="installment_count_positive"),
        CheckConstraint("payment_type_fee >= 0", name="fee_not_negative"),
        CheckConstraint("to_date >= from_date", name="dates_in_order"),
        {
            "comment": "A way to pay for a market product or service, at once or in instalments.",
            "info": {
                "country": Through("instance_id"),
                "one": "Payment option",
                "many": "Payment options",
                "icon": "credit-card",
            },
        },
    )

    id: Mapped[Key]
    instance_id: Mapped[str] = mapped_column(
        String,
        comment="Market product or market service that can be paid this way.",
        info={"label": "Product or service", "polymorphic": "instance_type"},
    )
    instance_type: Mapped[InstancePaymentOptionInstanceType] = mapped_column(
        Choice(InstancePaymentOptionInstanceType),
        default=InstancePaymentOptionInstanceType.market,
        server_default="market",
        comment="Says whether the option belongs to a market product or service.",
        info={"label": "Option for"},
    )
    type: Mapped[str | None] = mapped_column(
        Text, comment="Kind of payment, as your company names it.", info={"label": "Payment type"}
    )
    name: Mapped[str] = mapped_column(Text, comment="Name shown when staff choose how the family pays.")
    invoice_item_text: Mapped[str | None] = mapped_column(Text, comment="Wording of the related line on the invoice.")
    analytical_account: Mapped[str | None] = mapped_column(
        Text, comment="Analytical account the payment fee is booked to."
    )
    accounting_code: Mapped[str | None] = mapped_column(Text, comment="Code handed to accounting exactly as entered.")
    payment_type_fee: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 2),
        comment="Extra charge for this option, in the currency of the price.",
        info={"label": "Payment fee"},
    )
    amendment: Mapped[str | None] = mapped_column(Text, comment="Contract amendment text that goes with this option.")
    from_date: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="First day the option can be chosen.", info={"label": "Valid from"}
    )
    to_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="Last day the option can be chosen, inclusive; empty means open-ended.",
        info={"label": "Valid to"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive options cannot be chosen for new sets.",
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Internal remark on when to offer this option.")
    is_multi_payment: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The total is split into several payments.",
        info={"label": "Paid in instalments"},
    )
    frequency: Mapped[InstancePaymentOptionFrequency | None] = mapped_column(
        Choice(InstancePaymentOptionFrequency), comment="How often an instalment falls due."
    )
    installment_count: Mapped[int | None] = mapped_column(
        Integer,
        comment="Must match the number of instalments listed.",
        info={"label": "Number of instalments"},
    )
    calculation_mode: Mapped[InstancePaymentOptionCalculationMode | None] = mapped_column(
        Choice(InstancePaymentOptionCalculationMode),
        comment="Instalments as fixed amounts or as percentages of the total.",
        info={"label": "Calculation"},
    )
    base_price_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("instance_prices.id"), comment="Price from which the instalments are calculated."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the option was added (UTC).")

    base_price: Mapped[InstancePrice | None] = relationship(
        foreign_keys=[base_price_id], back_populates="instance_payment_options"
    )
    payment_installments: Mapped[list[PaymentInstallment]] = relationship(
        foreign_keys="PaymentInstallment.payment_option_id",
        back_populates="payment_option",
        passive_deletes="all",
    )
    product_set_collections: Mapped[list[ProductSetCollection]] = relationship(
        foreign_keys="ProductSetCollection.payment_option_id",
        back_populates="payment_option",
        passive_deletes="all",
    )
    product_set_storage: Mapped[list[ProductSetStorage]] = relationship(
        foreign_keys="ProductSetStorage.payment_option_id",
        back_populates="payment_option",
        passive_deletes="all",
    )


class PaymentInstallment(Base):
    """One payment in the instalment plan of a payment option."""

    __tablename__ = "payment_installments"
    __table_args__ = (
        Index(None, "created_at", "id"),
        UniqueConstraint("payment_option_id", "installment_number"),
        CheckConstraint("installment_number > 0", name="number_positive"),
        CheckConstraint("percentage BETWEEN 0 AND 100", name="percentage_percent"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        {
            "comment": "One payment in the instalment plan of a payment option.",
            "info": {
                "country": Through("payment_option_id"),
                "one": "Instalment",
                "many": "Instalments",
                "icon": "calendar-dollar",
            },
        },
    )

    id: Mapped[Key]
    payment_option_id: Mapped[str] = mapped_column(
        String, ForeignKey("instance_payment_options.id"), comment="Instalment plan this payment belongs to."
    )
    installment_number: Mapped[int] = mapped_column(
        Integer, comment="Position in the plan, starting with 1.", info={"label": "Number"}
    )
    label: Mapped[str] = mapped_column(
        Text, comment='Text shown to the family, e.g. "First instalment".', info={"label": "Name"}
    )
    calculation_type: Mapped[PaymentInstallmentCalculationType] = mapped_column(
        Choice(PaymentInstallmentCalculationType),
        default=PaymentInstallmentCalculationType.fixed,
        server_default="fixed",
        comment="Decides whether the amount or the percentage is used.",
        info={"label": "Calculation"},
    )
    amount: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 2), comment="Fixed sum in the currency of the price; leave empty for percentages."
    )
    percentage: Mapped[Decimal | None] = mapped_column(Numeric(5, 2), comment="Share of the total, 0 to 100.")
    due_offset_months: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Whole months from the start; short months use their last day.",
        info={"label": "Due after"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the instalment was added (UTC).")

    payment_option: Mapped[InstancePaymentOption] = relationship(
        foreign_keys=[payment_option_id], back_populates="payment_installments"
    )
