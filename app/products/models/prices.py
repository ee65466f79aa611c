"""Tables: prices, discounts, vat rates."""

from __future__ import annotations

import enum
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Numeric, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own, Through
from app.core.types import Choice, Country, Created, Key, Timestamp

if TYPE_CHECKING:
    from app.billing.models.companies import BillingDetails
    from app.products.models.payments import InstancePaymentOption
    from app.products.models.sets import ProductSetCollection, ProductSetStorage


class InstancePriceInstanceType(enum.StrEnum):
    market = "market"
    service = "service"
    __labels__ = {"market": "Market product", "service": "Market service"}


class InstanceDiscountInstanceType(enum.StrEnum):
    market = "market"
    service = "service"
    __labels__ = {"market": "Market product", "service": "Market service"}


class InstanceVatRateInstanceType(enum.StrEnum):
    market_instance = "market_instance"
    service = "service"
    __labels__ = {"market_instance": "Market product", "service": "Market service"}


class InstancePrice(Base):
    """A dated price of a market product or a market service."""

    __tablename__ = "instance_prices"
    __table_args__ = (
        Index(None, "created_at", "id"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("to_date >= from_date", name="dates_in_order"),
        {
            "comment": "A dated price of a market product or a market service.",
            "info": {
                "country": Own("country_code", Through("instance_id")),
                "one": "Price",
                "many": "Prices",
                "icon": "tag",
            },
        },
    )

    id: Mapped[Key]
    instance_id: Mapped[str] = mapped_column(
        String,
        comment="Market product or market service this price applies to.",
        info={"label": "Product or service", "polymorphic": "instance_type"},
    )
    instance_type: Mapped[InstancePriceInstanceType] = mapped_column(
        Choice(InstancePriceInstanceType),
        default=InstancePriceInstanceType.market,
        server_default="market",
        comment="Says whether a market product or a market service is priced.",
        info={"label": "Price for"},
    )
    country_code: Mapped[Country | None] = mapped_column(
        Choice(Country),
        comment="Two-letter code if the price applies to one country only.",
        info={"label": "Country"},
    )
    name: Mapped[str] = mapped_column(Text, comment="Name shown when staff choose a price.")
    accounting_code: Mapped[str | None] = mapped_column(Text, comment="Code handed to accounting exactly as entered.")
    analytical_account: Mapped[str | None] = mapped_column(Text, comment="Analytical account the revenue is booked to.")
    price: Mapped[Decimal] = mapped_column(
        Numeric(10, 2), comment="Amount per unit in the currency of this row, without VAT."
    )
    currency: Mapped[str] = mapped_column(
        Text, default="EUR", server_default="EUR", comment="Three-letter currency code, e.g. EUR, CZK, HUF."
    )
    amendment: Mapped[str | None] = mapped_column(Text, comment="Contract amendment text that goes with this price.")
    from_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="First day the price applies; validity periods must not overlap.",
        info={"label": "Valid from"},
    )
    to_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="Last day the price applies, inclusive; empty means open-ended.",
        info={"label": "Valid to"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive prices are not used for new calculations.",
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Internal remark on when to use this price.")
    created_at: Mapped[Created] = mapped_column(comment="When the price was added (UTC).")

    instance_payment_options: Mapped[list[InstancePaymentOption]] = relationship(
        foreign_keys="InstancePaymentOption.base_price_id", back_populates="base_price", passive_deletes="all"
    )
    product_set_collections: Mapped[list[ProductSetCollection]] = relationship(
        foreign_keys="ProductSetCollection.price_id", back_populates="price", passive_deletes="all"
    )
    product_set_storage: Mapped[list[ProductSetStorage]] = relationship(
        foreign_keys="ProductSetStorage.price_id", back_populates="price", passive_deletes="all"
    )


class InstanceDiscount(Base):
    """A discount or surcharge that can be applied to a market product or service."""

    __tablename__ = "instance_discounts"
    __table_args__ = (
        Index(None, "created_at", "id"),
        CheckConstraint("NOT (is_fixed AND is_percentage)", name="fixed_or_percentage"),
        CheckConstraint("percentage_value BETWEEN 0 AND 100", name="percentage_percent"),
        CheckConstraint("fixed_value >= 0", name="fixed_value_not_negative"),
        CheckConstraint("to_date >= from_date", name="dates_in_order"),
        {
            "comment": "A discount or surcharge that can be applied to a market product or service.",
            "info": {"country": Through("instance_id"), "one": "Discount", "many": "Discounts", "icon": "percentage"},
        },
    )

    id: Mapped[Key]
    instance_id: Mapped[str] = mapped_column(
        String,
        comment="Market product or market service the discount applies to.",
        info={"label": "Product or service", "polymorphic": "instance_type"},
    )
    instance_type: Mapped[InstanceDiscountInstanceType] = mapped_column(
        Choice(InstanceDiscountInstanceType),
        default=InstanceDiscountInstanceType.market,
        server_default="market",
        comment="Says whether it belongs to a market product or a service.",
        info={"label": "Discount for"},
    )
    type: Mapped[str | None] = mapped_column(
        Text,
        comment="Kind of reduction; surcharges are marked here, never by negative values.",
        info={"label": "Discount type"},
    )
    name: Mapped[str] = mapped_column(Text, comment="Name shown when staff choose a discount.")
    invoice_item_text: Mapped[str | None] = mapped_column(Text, comment="Wording of the discount line on the invoice.")
    analytical_account: Mapped[str | None] = mapped_column(
        Text, comment="Analytical account the discount is booked to."
    )
    accounting_code: Mapped[str | None] = mapped_column(Text, comment="Code handed to accounting exactly as entered.")
    is_fixed: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Reduces by a set sum; choose this or percentage, not both.",
        info={"label": "Fixed amount"},
    )
    fixed_value: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 2),
        comment="Sum in the currency of the price, taken off before VAT.",
        info={"label": "Amount"},
    )
    is_percentage: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Reduces by a share; choose this or fixed amount, not both.",
        info={"label": "Percentage discount"},
    )
    percentage_value: Mapped[Decimal | None] = mapped_column(
        Numeric(5, 2), comment="Share of the net price, 0 to 100.", info={"label": "Percentage"}
    )
    from_date: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="First day the discount can be given.", info={"label": "Valid from"}
    )
    to_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="Last day the discount can be given, inclusive; empty means open-ended.",
        info={"label": "Valid to"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive discounts cannot be given any more.",
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Internal remark on who may get this discount.")
    created_at: Mapped[Created] = mapped_column(comment="When the discount was added (UTC).")

    product_set_collections: Mapped[list[ProductSetCollection]] = relationship(
        foreign_keys="ProductSetCollection.discount_id", back_populates="discount", passive_deletes="all"
    )
    product_set_storage: Mapped[list[ProductSetStorage]] = relationship(
        foreign_keys="ProductSetStorage.discount_id", back_populates="discount", passive_deletes="all"
    )


class InstanceVatRate(Base):
    """The VAT rate that applies to a market product or service during a period."""

    __tablename__ = "instance_vat_rates"
    __table_args__ = (
        Index(None, "billing_details_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("vat_rate BETWEEN 0 AND 100", name="vat_rate_percent"),
        CheckConstraint("to_date >= from_date", name="dates_in_order"),
        {
            "comment": "The VAT rate that applies to a market product or service during a period.",
            "info": {"country": Through("instance_id"), "one": "VAT rate", "many": "VAT rates", "icon": "receipt-tax"},
        },
    )

    id: Mapped[Key]
    instance_id: Mapped[str] = mapped_column(
        String,
        comment="Market product or market service taxed at this rate.",
        info={"label": "Product or service", "polymorphic": "instance_type"},
    )
    instance_type: Mapped[InstanceVatRateInstanceType] = mapped_column(
        Choice(InstanceVatRateInstanceType),
        default=InstanceVatRateInstanceType.market_instance,
        server_default="market_instance",
        comment="Says whether it belongs to a market product or a service.",
        info={"label": "Rate for"},
    )
    billing_details_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Company whose invoices use this rate.",
        info={"label": "Billing company"},
    )
    category: Mapped[str | None] = mapped_column(
        Text, comment="Tax category, e.g. standard, reduced or exempt.", info={"label": "VAT category"}
    )
    accounting_code: Mapped[str | None] = mapped_column(Text, comment="Code handed to accounting exactly as entered.")
    vat_rate: Mapped[Decimal | None] = mapped_column(
        Numeric(5, 2),
        comment="Percent, e.g. 23.00; without a rate nothing can be priced.",
        info={"label": "Rate"},
    )
    from_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="First day the rate applies; validity periods must not overlap.",
        info={"label": "Valid from"},
    )
    to_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="Last day the rate applies, inclusive; empty means open-ended.",
        info={"label": "Valid to"},
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Reason or legal basis for the rate.")
    create_as_new_vat: Mapped[bool] = mapped_column(
        Boolean, default=False, server_default=text("false"), comment="Treats this entry as a new VAT rate."
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive rates are not used for new calculations.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the rate was added (UTC).")

    billing_details: Mapped[BillingDetails | None] = relationship(
        foreign_keys=[billing_details_id], back_populates="instance_vat_rates"
    )
    product_set_collections: Mapped[list[ProductSetCollection]] = relationship(
        foreign_keys="ProductSetCollection.vat_rate_id", back_populates="vat_rate", passive_deletes="all"
    )
    product_set_storage: Mapped[list[ProductSetStorage]] = relationship(
        foreign_keys="ProductSetStorage.vat_rate_id", back_populates="vat_rate", passive_deletes="all"
    )
