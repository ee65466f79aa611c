"""Tables: invoices, invoice items."""

from __future__ import annotations

import enum
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, String, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Through
from app.core.records import Watched
from app.core.types import Choice, Key, Timestamp

if TYPE_CHECKING:
    from app.customers.models.customers import Customer
    from app.products.models.catalogue import Product


class InvoiceStatus(enum.StrEnum):
    generated = "generated"
    sent = "sent"
    paid = "paid"
    overdue = "overdue"
    __labels__ = {"generated": "Issued"}


class Invoice(Base):
    """An issued invoice, which can only be corrected by a credit note."""

    __tablename__ = "invoices"
    __table_args__ = (
        Index(None, "customer_id"),
        Index(
            "ix_invoices_issued",
            "generated_at",
            "status",
            postgresql_include=["customer_id", "currency", "total_amount"],
        ),
        Index(
            "ix_invoices_overdue",
            "customer_id",
            postgresql_include=["generated_at", "currency", "total_amount"],
            postgresql_where=text("status = 'overdue'"),
        ),
        CheckConstraint("vat_rate BETWEEN 0 AND 100", name="vat_rate_percent"),
        CheckConstraint("payment_term_days >= 0", name="payment_term_not_negative"),
        {
            "comment": "An issued invoice, which can only be corrected by a credit note.",
            "info": {
                "watched": Watched(("status",)),
                "country": Through("customer_id"),
                "one": "Invoice",
                "many": "Invoices",
                "icon": "file-invoice",
                "ending": ("invoice_number",),
                "find": (
                    ("invoice_number",),
                    ("billing_company_name",),
                ),
            },
        },
    )

    id: Mapped[Key]
    invoice_number: Mapped[str] = mapped_column(
        Text, unique=True, comment="Unique; taken from the number range at issue."
    )
    customer_id: Mapped[str] = mapped_column(
        String, ForeignKey("customers.id"), comment="Family the invoice is addressed to."
    )
    subtotal: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 2), comment="Sum of items without VAT, in the invoice currency."
    )
    vat_rate: Mapped[Decimal | None] = mapped_column(
        Numeric(5, 2), comment="Percent; empty when items have different rates."
    )
    vat_amount: Mapped[Decimal | None] = mapped_column(Numeric(10, 2), comment="VAT charged, in the invoice currency.")
    total_amount: Mapped[Decimal] = mapped_column(
        Numeric(10, 2),
        comment="Amount to pay including VAT, in the invoice currency.",
        info={"label": "Total"},
    )
    currency: Mapped[str] = mapped_column(
        Text, default="EUR", server_default="EUR", comment="Three-letter currency code of all amounts here."
    )
    status: Mapped[InvoiceStatus] = mapped_column(
        Choice(InvoiceStatus),
        default=InvoiceStatus.generated,
        server_default="generated",
        comment="Becomes paid with the payment, overdue after the due date.",
    )
    payment_term_days: Mapped[int] = mapped_column(
        Integer,
        default=14,
        server_default=text("14"),
        comment="Days from issue until payment is due.",
        info={"label": "Payment term"},
    )
    due_date: Mapped[datetime | None] = mapped_column(Timestamp, comment="Last day to pay, by the country's calendar.")
    generated_at: Mapped[datetime] = mapped_column(
        Timestamp,
        server_default=func.now(),
        comment="When the invoice was issued (UTC).",
        info={"label": "Issued"},
    )
    pdf_path: Mapped[str | None] = mapped_column(
        Text, comment="Stored document as it was sent; can be downloaded again.", info={"label": "PDF"}
    )
    billing_company_name: Mapped[str | None] = mapped_column(
        Text, comment="Billing company's name as it was at issue.", info={"label": "Seller"}
    )
    billing_address: Mapped[str | None] = mapped_column(
        Text, comment="Street and number of the seller at issue.", info={"label": "Seller address"}
    )
    billing_city: Mapped[str | None] = mapped_column(
        Text, comment="Town of the seller at issue.", info={"label": "Seller city"}
    )
    billing_tax_id: Mapped[str | None] = mapped_column(
        Text, comment="Tax identifier of the seller at issue.", info={"label": "Seller VAT ID"}
    )
    billing_bank_name: Mapped[str | None] = mapped_column(
        Text, comment="Bank to which the customer pays.", info={"label": "Seller bank"}
    )
    billing_bank_iban: Mapped[str | None] = mapped_column(
        Text, comment="Account to which the customer pays, as at issue.", info={"label": "Seller IBAN"}
    )
    billing_bank_swift: Mapped[str | None] = mapped_column(
        Text, comment="Bank identifier code, as at issue.", info={"label": "Seller SWIFT (BIC)"}
    )

    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id], back_populates="invoices")
    invoice_items: Mapped[list[InvoiceItem]] = relationship(
        foreign_keys="InvoiceItem.invoice_id", back_populates="invoice", passive_deletes="all"
    )


class InvoiceItem(Base):
    """One line of an invoice."""

    __tablename__ = "invoice_items"
    __table_args__ = (
        Index(None, "invoice_id"),
        Index(None, "product_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        {
            "comment": "One line of an invoice.",
            "info": {
                "country": Through("invoice_id"),
                "one": "Invoice item",
                "many": "Invoice items",
                "icon": "list-details",
            },
        },
    )

    id: Mapped[Key]
    invoice_id: Mapped[str] = mapped_column(
        String, ForeignKey("invoices.id"), comment="Invoice on which the line is printed."
    )
    product_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("products.id"), comment="Product charged; may be empty for free-text lines."
    )
    description: Mapped[str] = mapped_column(Text, comment="Text of the line as printed on the invoice.")
    quantity: Mapped[int] = mapped_column(
        Integer, default=1, server_default=text("1"), comment="Number of units charged."
    )
    unit_price: Mapped[Decimal] = mapped_column(
        Numeric(10, 2), comment="Price of one unit in the invoice currency, without VAT."
    )
    line_total: Mapped[Decimal] = mapped_column(
        Numeric(10, 2), comment="Quantity times unit price, in the invoice currency, without VAT."
    )

    invoice: Mapped[Invoice] = relationship(foreign_keys=[invoice_id], back_populates="invoice_items")
    product: Mapped[Product | None] = relationship(foreign_keys=[product_id], back_populates="invoice_items")
