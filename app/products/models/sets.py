"""Tables: billing sets, set collections, set storage services, customer products."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, Numeric, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own, Through
from app.core.types import Choice, Country, Created, Key, Timestamp, Updated

if TYPE_CHECKING:
    from app.contracts.models.instances import ContractInstanceProduct
    from app.customers.models.customers import Customer
    from app.products.models.catalogue import MarketProductInstance, MarketProductService, Product
    from app.products.models.payments import InstancePaymentOption
    from app.products.models.prices import InstanceDiscount, InstancePrice, InstanceVatRate


class ProductSet(Base):
    """A ready-made combination of collections and storage with its prices, discounts and VAT."""

    __tablename__ = "product_sets"
    __table_args__ = (
        Index(None, "product_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("to_date >= from_date", name="dates_in_order"),
        {
            "comment": "A ready-made combination of collections and storage with its prices, discounts and VAT.",
            "info": {
                "reference": True,
                "country": Own("country_code", Through("product_id")),
                "one": "Billing set",
                "many": "Billing sets",
                "icon": "packages",
            },
        },
    )

    id: Mapped[Key]
    product_id: Mapped[str] = mapped_column(
        String, ForeignKey("products.id"), comment="Basic product the set is built for."
    )
    country_code: Mapped[Country | None] = mapped_column(
        Choice(Country),
        comment="Two-letter code of the country where the set is sold.",
        info={"label": "Country"},
    )
    name: Mapped[str] = mapped_column(Text, comment="Set name as staff and offers show it.")
    from_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="First day the set can be sold, by the country's calendar.",
        info={"label": "Valid from"},
    )
    to_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="Last day the set can be sold, inclusive; empty means open-ended.",
        info={"label": "Valid to"},
    )
    currency: Mapped[str] = mapped_column(
        Text,
        default="EUR",
        server_default="EUR",
        comment="Currency of all lines; lines in another currency are refused.",
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="Internal remarks, not shown to families.")
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive sets cannot be given to new customers.",
    )
    email_alert_enabled: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Alert emails are sent for this set.",
        info={"label": "Email alerts"},
    )
    total_net_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Sum of lines without VAT; calculated, in the set's currency.",
        info={"label": "Total net"},
    )
    total_discount_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Sum of line discounts; calculated, in the set's currency.",
        info={"label": "Total discount"},
    )
    total_vat_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2), comment="Sum of VAT on all lines; calculated.", info={"label": "Total VAT"}
    )
    total_gross_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="What the family pays, VAT included; calculated.",
        info={"label": "Total with VAT"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the set was added (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the set (UTC).")

    product: Mapped[Product] = relationship(foreign_keys=[product_id], back_populates="product_sets")
    product_set_collections: Mapped[list[ProductSetCollection]] = relationship(
        foreign_keys="ProductSetCollection.product_set_id",
        back_populates="product_set",
        passive_deletes="all",
    )
    product_set_storage: Mapped[list[ProductSetStorage]] = relationship(
        foreign_keys="ProductSetStorage.product_set_id", back_populates="product_set", passive_deletes="all"
    )
    customer_products: Mapped[list[CustomerProduct]] = relationship(
        foreign_keys="CustomerProduct.billset_id", back_populates="billset", passive_deletes="all"
    )
    contract_instance_products: Mapped[list[ContractInstanceProduct]] = relationship(
        foreign_keys="ContractInstanceProduct.product_set_id",
        back_populates="product_set",
        passive_deletes="all",
    )


class ProductSetCollection(Base):
    """A collection included in a billing set, with its price, discount and VAT."""

    __tablename__ = "product_set_collections"
    __table_args__ = (
        Index(None, "product_set_id"),
        Index(None, "instance_id"),
        Index(None, "price_id"),
        Index(None, "payment_option_id"),
        Index(None, "discount_id"),
        Index(None, "vat_rate_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        {
            "comment": "A collection included in a billing set, with its price, discount and VAT.",
            "info": {
                "country": Through("product_set_id"),
                "one": "Set collection",
                "many": "Set collections",
                "icon": "droplet",
            },
        },
    )

    id: Mapped[Key]
    product_set_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("product_sets.id"),
        comment="Set this line is part of.",
        info={"label": "Billing set"},
    )
    instance_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("market_product_instances.id"),
        comment="Collection included in the set.",
        info={"label": "Market product"},
    )
    price_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("instance_prices.id"),
        comment="Price used; must belong to the chosen market product.",
    )
    payment_option_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("instance_payment_options.id"),
        comment="How this line is paid, at once or in instalments.",
    )
    discount_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("instance_discounts.id"), comment="Reduction applied to this line before VAT."
    )
    vat_rate_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("instance_vat_rates.id"), comment="Rate charged on the amount after discount."
    )
    quantity: Mapped[int] = mapped_column(
        Integer, default=1, server_default=text("1"), comment="Number of units, 1 or more."
    )
    price_override: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Unit price without VAT used instead of the listed price.",
        info={"label": "Custom price"},
    )
    sort_order: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Position in the set; lower numbers come first.",
        info={"label": "Order"},
    )
    line_net_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2), comment="Line without VAT, in the set's currency; calculated.", info={"label": "Net"}
    )
    line_discount_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Reduction on this line, in the set's currency; calculated.",
        info={"label": "Discount amount"},
    )
    line_vat_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="VAT on this line, in the set's currency; calculated.",
        info={"label": "VAT amount"},
    )
    line_gross_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Line total including VAT, in the set's currency; calculated.",
        info={"label": "Total with VAT"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the line was added (UTC).")

    product_set: Mapped[ProductSet] = relationship(
        foreign_keys=[product_set_id], back_populates="product_set_collections"
    )
    instance: Mapped[MarketProductInstance] = relationship(
        foreign_keys=[instance_id], back_populates="product_set_collections"
    )
    price: Mapped[InstancePrice | None] = relationship(
        foreign_keys=[price_id], back_populates="product_set_collections"
    )
    payment_option: Mapped[InstancePaymentOption | None] = relationship(
        foreign_keys=[payment_option_id], back_populates="product_set_collections"
    )
    discount: Mapped[InstanceDiscount | None] = relationship(
        foreign_keys=[discount_id], back_populates="product_set_collections"
    )
    vat_rate: Mapped[InstanceVatRate | None] = relationship(
        foreign_keys=[vat_rate_id], back_populates="product_set_collections"
    )


class ProductSetStorage(Base):
    """A storage service included in a billing set, with its price, discount and VAT."""

    __tablename__ = "product_set_storage"
    __table_args__ = (
        Index(None, "product_set_id"),
        Index(None, "service_id"),
        Index(None, "price_id"),
        Index(None, "discount_id"),
        Index(None, "vat_rate_id"),
        Index(None, "payment_option_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        {
            "comment": "A storage service included in a billing set, with its price, discount and VAT.",
            "info": {
                "country": Through("product_set_id"),
                "one": "Set storage service",
                "many": "Set storage services",
                "icon": "snowflake",
            },
        },
    )

    id: Mapped[Key]
    product_set_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("product_sets.id"),
        comment="Set this line is part of.",
        info={"label": "Billing set"},
    )
    service_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("market_product_services.id"),
        comment="Storage service included in the set.",
        info={"label": "Market service"},
    )
    price_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("instance_prices.id"), comment="Price used; must belong to the chosen service."
    )
    discount_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("instance_discounts.id"), comment="Reduction applied to this line before VAT."
    )
    vat_rate_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("instance_vat_rates.id"), comment="Rate charged on the amount after discount."
    )
    payment_option_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("instance_payment_options.id"),
        comment="How this line is paid, at once or in instalments.",
    )
    quantity: Mapped[int] = mapped_column(
        Integer, default=1, server_default=text("1"), comment="Number of units, 1 or more."
    )
    price_override: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Unit price without VAT used instead of the listed price.",
        info={"label": "Custom price"},
    )
    sort_order: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Position in the set; lower numbers come first.",
        info={"label": "Order"},
    )
    line_net_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2), comment="Line without VAT, in the set's currency; calculated.", info={"label": "Net"}
    )
    line_discount_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Reduction on this line, in the set's currency; calculated.",
        info={"label": "Discount amount"},
    )
    line_vat_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="VAT on this line, in the set's currency; calculated.",
        info={"label": "VAT amount"},
    )
    line_gross_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Line total including VAT, in the set's currency; calculated.",
        info={"label": "Total with VAT"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the line was added (UTC).")

    product_set: Mapped[ProductSet] = relationship(foreign_keys=[product_set_id], back_populates="product_set_storage")
    service: Mapped[MarketProductService] = relationship(
        foreign_keys=[service_id], back_populates="product_set_storage"
    )
    price: Mapped[InstancePrice | None] = relationship(foreign_keys=[price_id], back_populates="product_set_storage")
    discount: Mapped[InstanceDiscount | None] = relationship(
        foreign_keys=[discount_id], back_populates="product_set_storage"
    )
    vat_rate: Mapped[InstanceVatRate | None] = relationship(
        foreign_keys=[vat_rate_id], back_populates="product_set_storage"
    )
    payment_option: Mapped[InstancePaymentOption | None] = relationship(
        foreign_keys=[payment_option_id], back_populates="product_set_storage"
    )


class CustomerProduct(Base):
    """A product a customer has chosen, with the market version and billing set used for it."""

    __tablename__ = "customer_products"
    __table_args__ = (
        Index(None, "customer_id"),
        Index(None, "product_id"),
        Index(None, "instance_id"),
        Index(None, "billset_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        {
            "comment": "A product a customer has chosen, with the market version and billing set used for it.",
            "info": {
                "country": Through("customer_id"),
                "one": "Customer product",
                "many": "Customer products",
                "icon": "shopping-cart",
            },
        },
    )

    id: Mapped[Key]
    customer_id: Mapped[str] = mapped_column(
        String, ForeignKey("customers.id"), comment="Family that ordered the product."
    )
    product_id: Mapped[str] = mapped_column(
        String, ForeignKey("products.id"), comment="Basic product the customer chose."
    )
    instance_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("market_product_instances.id"),
        comment="Country version; must belong to the chosen product.",
        info={"label": "Market product"},
    )
    billset_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("product_sets.id"),
        comment="Set that determines prices, discounts and VAT.",
        info={"label": "Billing set"},
    )
    quantity: Mapped[int] = mapped_column(
        Integer, default=1, server_default=text("1"), comment="Number of units, 1 or more."
    )
    price_override: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 2),
        comment="Agreed unit price used instead of the listed one.",
        info={"label": "Custom price"},
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="Internal remarks about this order.")
    created_at: Mapped[Created] = mapped_column(comment="When the product was assigned (UTC).")

    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id], back_populates="customer_products")
    product: Mapped[Product] = relationship(foreign_keys=[product_id], back_populates="customer_products")
    instance: Mapped[MarketProductInstance | None] = relationship(
        foreign_keys=[instance_id], back_populates="customer_products"
    )
    billset: Mapped[ProductSet | None] = relationship(foreign_keys=[billset_id], back_populates="customer_products")
