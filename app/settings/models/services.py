"""Tables: service setups, service versions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, Numeric, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own, Through
from app.core.types import Choice, Country, Created, JsonText, Key, Updated

if TYPE_CHECKING:
    from app.billing.models.companies import BillingDetails


class ServiceConfiguration(Base):
    """A service offered in one country with its basic price and durations."""

    __tablename__ = "service_configurations"
    __table_args__ = (
        Index(None, "created_at", "id"),
        CheckConstraint("vat_rate BETWEEN 0 AND 100", name="vat_rate_percent"),
        CheckConstraint("base_price >= 0", name="base_price_not_negative"),
        {
            "comment": "A service offered in one country with its basic price and durations.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Service setup",
                "many": "Service setups",
                "icon": "adjustments",
            },
        },
    )

    id: Mapped[Key]
    service_code: Mapped[str] = mapped_column(
        Text, comment="Short code of the service used inside the company.", info={"label": "Code"}
    )
    service_name: Mapped[str] = mapped_column(
        Text, comment="Service name as colleagues and customers see it.", info={"label": "Name"}
    )
    description: Mapped[str | None] = mapped_column(Text, comment="What the service includes.")
    country_code: Mapped[Country] = mapped_column(
        Choice(Country), comment="Country in which the service is offered.", info={"label": "Country"}
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean, default=True, server_default=text("true"), comment="Inactive services are no longer offered."
    )
    invoiceable: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The service may appear on an invoice.",
        info={"label": "Can be invoiced"},
    )
    collectable: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The service includes collecting a sample.",
        info={"label": "Can be collected"},
    )
    storable: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The service includes long-term storage.",
        info={"label": "Can be stored"},
    )
    base_price: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2), comment="Basic price in `currency`; the VAT rate is kept separately."
    )
    currency: Mapped[str] = mapped_column(
        Text, default="EUR", server_default="EUR", comment="Currency of the base price, for example EUR."
    )
    vat_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2), comment="VAT in percent, with two decimals.")
    processing_days: Mapped[int | None] = mapped_column(
        Integer, comment="Number of days needed for processing.", info={"label": "Processing time"}
    )
    storage_years: Mapped[int | None] = mapped_column(
        Integer, comment="Number of years the sample is stored.", info={"label": "Storage period"}
    )
    additional_options: Mapped[str | None] = mapped_column(
        JsonText, comment="Further options of the service, written as JSON.", info={"label": "More options"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the service was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the service, UTC.")

    service_instances: Mapped[list[ServiceInstance]] = relationship(
        foreign_keys="ServiceInstance.service_id", back_populates="service", passive_deletes="all"
    )


class ServiceInstance(Base):
    """A version of a service valid for a period, with its invoicing rules."""

    __tablename__ = "service_instances"
    __table_args__ = (
        Index(None, "service_id"),
        Index(None, "billing_details_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("to_date >= from_date", name="dates_in_order"),
        {
            "comment": "A version of a service valid for a period, with its invoicing rules.",
            "info": {
                "country": Through("service_id"),
                "one": "Service version",
                "many": "Service versions",
                "icon": "stack-2",
            },
        },
    )

    id: Mapped[Key]
    service_id: Mapped[str] = mapped_column(
        String, ForeignKey("service_configurations.id"), comment="Service that this version belongs to."
    )
    name: Mapped[str] = mapped_column(Text, comment="Name that tells versions of the service apart.")
    from_date: Mapped[date | None] = mapped_column(
        Date, comment="First day the version can be used.", info={"label": "Valid from"}
    )
    to_date: Mapped[date | None] = mapped_column(
        Date, comment="Last day the version can be used; empty means open-ended.", info={"label": "Valid to"}
    )
    invoice_identifier: Mapped[str | None] = mapped_column(Text, comment="Code printed on invoices exactly as entered.")
    is_active: Mapped[bool] = mapped_column(
        Boolean, default=True, server_default=text("true"), comment="Inactive versions are no longer offered."
    )
    certificate_template: Mapped[str | None] = mapped_column(
        Text, comment="Template for the certificate that goes with this service."
    )
    description: Mapped[str | None] = mapped_column(Text, comment="What is special about this version.")
    billing_details_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Our company that issues the invoices.",
        info={"label": "Billing company"},
    )
    allow_proforma_invoices: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="A proforma invoice may be issued before the final one.",
        info={"label": "Proforma invoices allowed"},
    )
    invoicing_period_years: Mapped[int | None] = mapped_column(
        Integer,
        default=1,
        server_default=text("1"),
        comment="Number of years covered by one invoice.",
        info={"label": "Invoicing period"},
    )
    constant_symbol: Mapped[str | None] = mapped_column(
        Text, comment="Payment code (KS) printed on invoices, in SK and CZ."
    )
    start_invoicing_field: Mapped[str | None] = mapped_column(
        Text,
        default="REALIZED",
        server_default="REALIZED",
        comment="Event that starts invoicing, for example REALIZED.",
        info={"label": "Invoicing starts at"},
    )
    end_invoicing_field: Mapped[str | None] = mapped_column(
        Text, comment="Event that ends invoicing; empty means no end.", info={"label": "Invoicing ends at"}
    )
    accounting_id_offset: Mapped[int | None] = mapped_column(
        Integer,
        comment="Whole number passed to accounting exactly as entered.",
        info={"label": "Accounting number offset"},
    )
    ledger_account_proforma: Mapped[str | None] = mapped_column(
        Text,
        comment="Account in the books for proforma invoices.",
        info={"label": "Ledger account: proforma"},
    )
    ledger_account_invoice: Mapped[str | None] = mapped_column(
        Text, comment="Account in the books for final invoices.", info={"label": "Ledger account: invoice"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the version was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the version, UTC.")

    service: Mapped[ServiceConfiguration] = relationship(foreign_keys=[service_id], back_populates="service_instances")
    billing_details: Mapped[BillingDetails | None] = relationship(
        foreign_keys=[billing_details_id], back_populates="service_instances"
    )
