"""Tables: billing companies, bank accounts."""

from __future__ import annotations

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, partial_date_check
from app.core.paths import Owns, Through
from app.core.types import Choice, ChoiceList, Country, Created, Key, Updated

if TYPE_CHECKING:
    from app.billing.models.company_links import (
        BillingCompanyAuditLog,
        BillingCompanyCollaborator,
        BillingCompanyCourier,
        BillingCompanyLaboratory,
    )
    from app.billing.models.numbering import NumberRange
    from app.collaborators.models.agreements import CollaboratorAgreement
    from app.contracts.models.instances import ContractInstance
    from app.products.models.catalogue import MarketProductInstance
    from app.products.models.prices import InstanceVatRate
    from app.settings.models.services import ServiceInstance


class BillingDetails(Base):
    """A company of the group that issues invoices, with its addresses, tax numbers, bank and rules."""

    __tablename__ = "billing_details"
    __table_args__ = (
        Index(None, "created_at", "id"),
        CheckConstraint("vat_rate BETWEEN 0 AND 100", name="vat_rate_percent"),
        CheckConstraint("default_payment_term >= 0", name="payment_term_not_negative"),
        {
            "comment": "A company of the group that issues invoices, with its addresses, tax numbers, bank and rules.",
            "info": {
                "reference": True,
                "country": Owns("country_codes", "country_code"),
                "one": "Billing company",
                "many": "Billing companies",
                "icon": "building",
                "default_within": ("country_code",),
                "later": ("company_name",),
                "seek": ("company_name", "email", "ico", "vat_number"),
            },
        },
    )

    id: Mapped[Key]
    country_code: Mapped[Country] = mapped_column(
        Choice(Country),
        comment="Two-letter code of the country the company mainly invoices.",
        info={"label": "Main country"},
    )
    country_codes: Mapped[list[str]] = mapped_column(
        ChoiceList(Country),
        default=list,
        server_default=text("'{}'"),
        comment="Codes of all countries the company invoices.",
        info={"label": "Countries"},
    )
    code: Mapped[str | None] = mapped_column(Text, comment="Short internal code of the billing company.")
    entity_code: Mapped[str | None] = mapped_column(
        Text, comment="Code of the legal entity, handed on exactly as entered."
    )
    invoice_barcode_letter: Mapped[str | None] = mapped_column(
        Text, comment="One letter, A to Z, used in the invoice barcode.", info={"label": "Barcode letter"}
    )
    company_name: Mapped[str] = mapped_column(Text, comment="Name printed on invoices as the seller.")
    address: Mapped[str] = mapped_column(Text, comment="Street and number printed on invoices.")
    city: Mapped[str] = mapped_column(Text, comment="Town printed on invoices with the address.")
    postal_code: Mapped[str | None] = mapped_column(Text, comment="Postal code of the invoice address.")
    tax_id: Mapped[str | None] = mapped_column(
        Text, comment="Tax identifier copied onto invoices as the seller's.", info={"label": "VAT ID"}
    )
    bank_name: Mapped[str | None] = mapped_column(
        Text, comment="Bank named on invoices unless a bank account record applies.", info={"label": "Bank"}
    )
    bank_iban: Mapped[str | None] = mapped_column(
        Text,
        comment="International account number printed on invoices, without spaces.",
        info={"label": "IBAN"},
    )
    bank_swift: Mapped[str | None] = mapped_column(
        Text, comment="Bank identifier code, 8 or 11 characters.", info={"label": "SWIFT (BIC)"}
    )
    vat_rate: Mapped[Decimal] = mapped_column(
        Numeric(5, 2),
        default=Decimal("20"),
        server_default=text("20"),
        comment="Percent; for information, pricing always uses dated VAT rates.",
        info={"label": "Default VAT rate"},
    )
    currency: Mapped[str] = mapped_column(
        Text,
        default="EUR",
        server_default="EUR",
        comment="Three-letter currency code suggested for new documents.",
        info={"label": "Default currency"},
    )
    payment_terms: Mapped[list[int]] = mapped_column(
        ARRAY(Integer),
        default=lambda: [7, 14, 30],
        server_default=text("'{7,14,30}'"),
        comment="Choices in days, e.g. 7, 14, 30.",
        info={"label": "Payment terms offered"},
    )
    default_payment_term: Mapped[int] = mapped_column(
        Integer, default=14, server_default=text("14"), comment="Days to pay, suggested on new invoices."
    )
    postal_name: Mapped[str | None] = mapped_column(
        Text, comment="Addressee for letters sent to the company.", info={"label": "Postal: name"}
    )
    postal_street: Mapped[str | None] = mapped_column(
        Text, comment="Street and number for letters.", info={"label": "Postal: street"}
    )
    postal_city: Mapped[str | None] = mapped_column(
        Text, comment="Town for letters to the company.", info={"label": "Postal: city"}
    )
    postal_postal_code: Mapped[str | None] = mapped_column(
        Text, comment="Postal code (PSČ) for letters.", info={"label": "Postal: postal code"}
    )
    postal_area: Mapped[str | None] = mapped_column(
        Text, comment="Region or county for letters, if used.", info={"label": "Postal: region"}
    )
    postal_country: Mapped[Country | None] = mapped_column(
        Choice(Country), comment="Country for letters to the company.", info={"label": "Postal: country"}
    )
    residency_name: Mapped[str | None] = mapped_column(
        Text, comment="Name under which the seat is registered.", info={"label": "Seat: name"}
    )
    residency_street: Mapped[str | None] = mapped_column(
        Text, comment="Street and number of the registered seat.", info={"label": "Seat: street"}
    )
    residency_city: Mapped[str | None] = mapped_column(
        Text, comment="Town of the registered seat.", info={"label": "Seat: city"}
    )
    residency_postal_code: Mapped[str | None] = mapped_column(
        Text, comment="Postal code (PSČ) of the registered seat.", info={"label": "Seat: postal code"}
    )
    residency_area: Mapped[str | None] = mapped_column(
        Text, comment="Region or county of the registered seat.", info={"label": "Seat: region"}
    )
    residency_country: Mapped[Country | None] = mapped_column(
        Choice(Country), comment="Country where the company has its seat.", info={"label": "Seat: country"}
    )
    full_name: Mapped[str | None] = mapped_column(
        Text, comment="Complete company name, if longer than the everyday one."
    )
    phone: Mapped[str | None] = mapped_column(Text, comment="Company phone number with country prefix.")
    email: Mapped[str | None] = mapped_column(Text, comment="Company address for general correspondence.")
    ico: Mapped[str | None] = mapped_column(
        Text, comment="Number from the business register.", info={"label": "Company ID (IČO)"}
    )
    dic: Mapped[str | None] = mapped_column(
        Text, comment="Number given by the tax office.", info={"label": "Tax ID (DIČ)"}
    )
    vat_number: Mapped[str | None] = mapped_column(
        Text,
        comment="VAT registration number with country prefix, as used on invoices.",
        info={"label": "VAT number (IČ DPH)"},
    )
    web_from_email: Mapped[str | None] = mapped_column(
        Text,
        comment="Sender address of emails sent from the website.",
        info={"label": "Website sender email"},
    )
    cover_letter_to_email: Mapped[str | None] = mapped_column(
        Text, comment="Email address that receives cover letters.", info={"label": "Cover letter recipient"}
    )
    default_language: Mapped[str | None] = mapped_column(
        Text, comment="Language code for the company's documents, e.g. sk."
    )
    sent_collection_kit_to_client: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Kits go directly to the client's address.",
        info={"label": "Collection kit sent to client"},
    )
    allow_manual_payment_insert: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Staff may record payments by hand.",
        info={"label": "Manual payments allowed"},
    )
    uid_is_mandatory: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Records cannot be completed without a UID.",
        info={"label": "UID required"},
    )
    allow_empty_child_name_in_collection: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="A collection may be saved without the child's name.",
        info={"label": "Child name optional"},
    )
    is_default: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Preselected for its country; only one can be the default.",
        info={"label": "Default company"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive companies cannot be chosen for new invoices.",
    )
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the company (UTC).")
    created_at: Mapped[Created] = mapped_column(comment="When the company was added (UTC).")

    collaborator_agreements: Mapped[list[CollaboratorAgreement]] = relationship(
        foreign_keys="CollaboratorAgreement.billing_company_id",
        back_populates="billing_company",
        passive_deletes="all",
    )
    market_product_instances: Mapped[list[MarketProductInstance]] = relationship(
        foreign_keys="MarketProductInstance.billing_details_id",
        back_populates="billing_details",
        passive_deletes="all",
    )
    instance_vat_rates: Mapped[list[InstanceVatRate]] = relationship(
        foreign_keys="InstanceVatRate.billing_details_id",
        back_populates="billing_details",
        passive_deletes="all",
    )
    billing_company_accounts: Mapped[list[BillingCompanyAccount]] = relationship(
        foreign_keys="BillingCompanyAccount.billing_details_id",
        back_populates="billing_details",
        passive_deletes="all",
    )
    billing_company_audit_log: Mapped[list[BillingCompanyAuditLog]] = relationship(
        foreign_keys="BillingCompanyAuditLog.billing_details_id",
        back_populates="billing_details",
        passive_deletes="all",
    )
    billing_company_laboratories: Mapped[list[BillingCompanyLaboratory]] = relationship(
        foreign_keys="BillingCompanyLaboratory.billing_details_id",
        back_populates="billing_details",
        passive_deletes="all",
    )
    billing_company_collaborators: Mapped[list[BillingCompanyCollaborator]] = relationship(
        foreign_keys="BillingCompanyCollaborator.billing_details_id",
        back_populates="billing_details",
        passive_deletes="all",
    )
    billing_company_couriers: Mapped[list[BillingCompanyCourier]] = relationship(
        foreign_keys="BillingCompanyCourier.billing_details_id",
        back_populates="billing_details",
        passive_deletes="all",
    )
    number_ranges: Mapped[list[NumberRange]] = relationship(
        foreign_keys="NumberRange.billing_details_id", back_populates="billing_details", passive_deletes="all"
    )
    contract_instances: Mapped[list[ContractInstance]] = relationship(
        foreign_keys="ContractInstance.billing_details_id",
        back_populates="billing_details",
        passive_deletes="all",
    )
    service_instances: Mapped[list[ServiceInstance]] = relationship(
        foreign_keys="ServiceInstance.billing_details_id",
        back_populates="billing_details",
        passive_deletes="all",
    )


class BillingCompanyAccount(Base):
    """A bank account of a billing company for one currency and period."""

    __tablename__ = "billing_company_accounts"
    __table_args__ = (
        Index(None, "billing_details_id"),
        Index(None, "created_at", "id"),
        partial_date_check("valid_from"),
        partial_date_check("valid_to"),
        {
            "comment": "A bank account of a billing company for one currency and period.",
            "info": {
                "country": Through("billing_details_id"),
                "one": "Bank account",
                "many": "Bank accounts",
                "icon": "building-bank",
                "default_within": (
                    "billing_details_id",
                    "currency",
                ),
                "dates": {"valid_from": "Valid from", "valid_to": "Valid to"},
            },
        },
    )

    id: Mapped[Key]
    billing_details_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Company that owns the account.",
        info={"label": "Billing company"},
    )
    currency: Mapped[str] = mapped_column(
        Text, default="EUR", server_default="EUR", comment="Invoices in this currency show this account."
    )
    name: Mapped[str | None] = mapped_column(
        Text, comment="Internal name that tells accounts apart.", info={"label": "Account name"}
    )
    bank_name: Mapped[str | None] = mapped_column(Text, comment="Bank that keeps the account.", info={"label": "Bank"})
    account_number: Mapped[str | None] = mapped_column(Text, comment="Domestic number without the bank code.")
    account_bank_code: Mapped[str | None] = mapped_column(
        Text, comment="Domestic bank code, e.g. four digits in SK and CZ.", info={"label": "Bank code"}
    )
    iban: Mapped[str | None] = mapped_column(Text, comment="International account number, without spaces.")
    swift: Mapped[str | None] = mapped_column(
        Text, comment="Bank identifier code, 8 or 11 characters.", info={"label": "SWIFT (BIC)"}
    )
    valid_from_day: Mapped[int | None] = mapped_column(
        Integer, comment="Day of the month, 1 to 31.", info={"label": "Valid from: day"}
    )
    valid_from_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month as a number, 1 to 12.", info={"label": "Valid from: month"}
    )
    valid_from_year: Mapped[int | None] = mapped_column(
        Integer, comment="Year with four digits, e.g. 2026.", info={"label": "Valid from: year"}
    )
    valid_to_day: Mapped[int | None] = mapped_column(
        Integer, comment="Day of the month, 1 to 31.", info={"label": "Valid to: day"}
    )
    valid_to_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month as a number, 1 to 12.", info={"label": "Valid to: month"}
    )
    valid_to_year: Mapped[int | None] = mapped_column(
        Integer, comment="Year with four digits, e.g. 2027.", info={"label": "Valid to: year"}
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive accounts are not printed on new invoices.",
    )
    is_default: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Used first for its company and currency.",
        info={"label": "Default account"},
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Internal remark on what the account is for.")
    created_at: Mapped[Created] = mapped_column(comment="When the account was added (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the account (UTC).")

    billing_details: Mapped[BillingDetails] = relationship(
        foreign_keys=[billing_details_id], back_populates="billing_company_accounts"
    )
