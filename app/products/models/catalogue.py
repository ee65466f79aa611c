"""Tables: products, market products, market services."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own, Owns, Through
from app.core.types import Choice, ChoiceList, Country, Created, Key, Timestamp

if TYPE_CHECKING:
    from app.billing.models.companies import BillingDetails
    from app.billing.models.invoices import InvoiceItem
    from app.contracts.models.instances import ContractInstanceProduct
    from app.customers.models.cases import CustomerPotentialCase
    from app.pipeline.models.deals import DealProduct
    from app.products.models.sets import CustomerProduct, ProductSet, ProductSetCollection, ProductSetStorage


class Product(Base):
    """A basic product or service the bank offers, before it is adapted to a country."""

    __tablename__ = "products"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A basic product or service the bank offers, before it is adapted to a country.",
            "info": {
                "reference": True,
                "country": Owns("countries"),
                "one": "Product",
                "many": "Products",
                "icon": "package",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Product name as staff and offers show it.")
    description: Mapped[str | None] = mapped_column(Text, comment="What the product covers, in a few sentences.")
    countries: Mapped[list[str]] = mapped_column(
        ChoiceList(Country),
        default=list,
        server_default=text("'{}'"),
        comment="Country codes where the product may be offered, e.g. SK, CZ.",
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Switch off to stop offering it; existing records stay.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the product was added (UTC).")

    customer_potential_cases: Mapped[list[CustomerPotentialCase]] = relationship(
        foreign_keys="CustomerPotentialCase.product_id", back_populates="product", passive_deletes="all"
    )
    market_product_instances: Mapped[list[MarketProductInstance]] = relationship(
        foreign_keys="MarketProductInstance.product_id", back_populates="product", passive_deletes="all"
    )
    product_sets: Mapped[list[ProductSet]] = relationship(
        foreign_keys="ProductSet.product_id", back_populates="product", passive_deletes="all"
    )
    customer_products: Mapped[list[CustomerProduct]] = relationship(
        foreign_keys="CustomerProduct.product_id", back_populates="product", passive_deletes="all"
    )
    invoice_items: Mapped[list[InvoiceItem]] = relationship(
        foreign_keys="InvoiceItem.product_id", back_populates="product", passive_deletes="all"
    )
    deal_products: Mapped[list[DealProduct]] = relationship(
        foreign_keys="DealProduct.product_id", back_populates="product", passive_deletes="all"
    )
    contract_instance_products: Mapped[list[ContractInstanceProduct]] = relationship(
        foreign_keys="ContractInstanceProduct.product_id", back_populates="product", passive_deletes="all"
    )


class MarketProductInstance(Base):
    """A product as offered in one country, with its billing company and validity."""

    __tablename__ = "market_product_instances"
    __table_args__ = (
        Index(None, "product_id"),
        Index(None, "billing_details_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("to_date >= from_date", name="dates_in_order"),
        {
            "comment": "A product as offered in one country, with its billing company and validity.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Market product",
                "many": "Market products",
                "icon": "world",
            },
        },
    )

    id: Mapped[Key]
    product_id: Mapped[str] = mapped_column(
        String, ForeignKey("products.id"), comment="Basic product this country version is made from."
    )
    country_code: Mapped[Country] = mapped_column(
        Choice(Country),
        default=Country.SK,
        server_default="SK",
        comment="Two-letter code of the country where it is sold.",
        info={"label": "Country"},
    )
    billing_details_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Company that invoices this product in the country.",
        info={"label": "Billing company"},
    )
    name: Mapped[str] = mapped_column(Text, comment="Name of the collection as staff know it.")
    from_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="First day it can be sold, by the country's calendar.",
        info={"label": "Valid from"},
    )
    to_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="Last day it can be sold, inclusive; empty means open-ended.",
        info={"label": "Valid to"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Switch off to hide it from new sets and sales.",
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Internal explanation of what this version contains.")
    created_at: Mapped[Created] = mapped_column(comment="When this country version was added (UTC).")

    product: Mapped[Product] = relationship(foreign_keys=[product_id], back_populates="market_product_instances")
    billing_details: Mapped[BillingDetails | None] = relationship(
        foreign_keys=[billing_details_id], back_populates="market_product_instances"
    )
    market_product_services: Mapped[list[MarketProductService]] = relationship(
        foreign_keys="MarketProductService.instance_id", back_populates="instance", passive_deletes="all"
    )
    product_set_collections: Mapped[list[ProductSetCollection]] = relationship(
        foreign_keys="ProductSetCollection.instance_id", back_populates="instance", passive_deletes="all"
    )
    customer_products: Mapped[list[CustomerProduct]] = relationship(
        foreign_keys="CustomerProduct.instance_id", back_populates="instance", passive_deletes="all"
    )


class MarketProductService(Base):
    """A service sold with a market product, typically storage, with its own invoicing rules."""

    __tablename__ = "market_product_services"
    __table_args__ = (
        Index(None, "instance_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("to_date >= from_date", name="dates_in_order"),
        {
            "comment": "A service sold with a market product, typically storage, with its own invoicing rules.",
            "info": {
                "reference": True,
                "country": Through("instance_id"),
                "one": "Market service",
                "many": "Market services",
                "icon": "building-warehouse",
            },
        },
    )

    id: Mapped[Key]
    instance_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("market_product_instances.id"),
        comment="Market product the service belongs to.",
        info={"label": "Market product"},
    )
    name: Mapped[str] = mapped_column(Text, comment="Service name, also used when choosing it for a set.")
    from_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="First day the service can be sold, by the country's calendar.",
        info={"label": "Valid from"},
    )
    to_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="Last day the service can be sold, inclusive; empty means open-ended.",
        info={"label": "Valid to"},
    )
    invoice_identifier: Mapped[str | None] = mapped_column(
        Text, comment="Code printed or exported with invoices exactly as entered."
    )
    invoiceable: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Only services marked here may appear on invoices.",
        info={"label": "Can be invoiced"},
    )
    collectable: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The service includes collecting biological material.",
        info={"label": "Can be collected"},
    )
    storable: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The service includes storing the collected material.",
        info={"label": "Can be stored"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Switch off to withhold the service from new sets.",
    )
    block_automation: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Automatic processing skips this service; staff handle it by hand.",
        info={"label": "Automation blocked"},
    )
    certificate_template: Mapped[str | None] = mapped_column(
        Text, comment="Template used for the certificate of this service."
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Internal explanation of what the service covers.")
    allow_proforma_invoices: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="A proforma may be issued before the tax invoice.",
        info={"label": "Proforma invoices allowed"},
    )
    invoicing_period_years: Mapped[int | None] = mapped_column(
        Integer, comment="Number of years covered by one invoice.", info={"label": "Invoicing period"}
    )
    first_invoice_aliquote: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The first invoice covers only the remaining part of the period.",
        info={"label": "First invoice pro rata"},
    )
    constant_symbol: Mapped[str | None] = mapped_column(
        Text, comment="Payment symbol used for bank transfers in SK and CZ."
    )
    start_invoicing: Mapped[str | None] = mapped_column(
        Text, comment="Date field or event from which invoicing begins.", info={"label": "Invoicing starts"}
    )
    end_invoicing: Mapped[str | None] = mapped_column(
        Text, comment="Date field or event at which invoicing stops.", info={"label": "Invoicing ends"}
    )
    accounting_id_offset: Mapped[int | None] = mapped_column(
        Integer, comment="Whole number handed to accounting exactly as entered."
    )
    ledger_account_proforma: Mapped[str | None] = mapped_column(
        Text,
        comment="Account number used when exporting proformas to accounting.",
        info={"label": "Ledger account: proforma"},
    )
    ledger_account_invoice: Mapped[str | None] = mapped_column(
        Text,
        comment="Account number used when exporting invoices to accounting.",
        info={"label": "Ledger account: invoice"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the service was added (UTC).")

    instance: Mapped[MarketProductInstance] = relationship(
        foreign_keys=[instance_id], back_populates="market_product_services"
    )
    product_set_storage: Mapped[list[ProductSetStorage]] = relationship(
        foreign_keys="ProductSetStorage.service_id", back_populates="service", passive_deletes="all"
    )
