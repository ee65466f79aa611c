"""Tables: customers, customer notes."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own, Through
from app.core.records import Watched
from app.core.types import Choice, Country, Created, Key, Timestamp

if TYPE_CHECKING:
    from app.access.models import User
    from app.billing.models.invoices import Invoice
    from app.campaigns.models.contacts import CampaignContact
    from app.communication.models.messages import (
        CommunicationMessage,
        CustomerEmailNotification,
        EmailMetadata,
    )
    from app.contracts.models.instances import ContractInstance
    from app.customers.models.cases import CustomerPotentialCase
    from app.customers.models.consents import CustomerConsent
    from app.pipeline.models.deals import Deal
    from app.products.models.sets import CustomerProduct
    from app.settings.models.lookups import ComplaintType, CooperationType, HealthInsuranceCompany, VipStatus
    from app.settings.models.telephony import CallLog
    from app.work.models.tasks import Task


class CustomerClientStatus(enum.StrEnum):
    potential = "potential"
    acquired = "acquired"
    terminated = "terminated"


class CustomerStatus(enum.StrEnum):
    active = "active"
    pending = "pending"
    inactive = "inactive"


class CustomerServiceType(enum.StrEnum):
    cord_blood = "cord_blood"
    cord_tissue = "cord_tissue"
    both = "both"
    __labels__ = {"both": "Cord blood and tissue"}


class CustomerLeadStatus(enum.StrEnum):
    cold = "cold"
    warm = "warm"
    hot = "hot"
    qualified = "qualified"


class Customer(Base):
    """A mother or family who may store, or stores, cord blood with us."""

    __tablename__ = "customers"
    __table_args__ = (
        Index("idx_customers_country", "country"),
        Index("idx_customers_email", "email"),
        Index("idx_customers_status", "status"),
        Index("idx_customers_assigned_user", "assigned_user_id"),
        Index("idx_customers_lead_score", text("lead_score DESC")),
        Index(None, "complaint_type_id"),
        Index(None, "cooperation_type_id"),
        Index(None, "vip_status_id"),
        Index(None, "health_insurance_id"),
        Index(None, "created_at", "id"),
        Index(None, "country", "created_at", "id"),
        Index("ix_customers_cohort", "created_at", "country", "client_status"),
        # The wall of the database asks the country of a customer for each row that belongs to one.
        Index("ix_customers_country_of", "id", postgresql_include=["country"]),
        CheckConstraint("lead_score BETWEEN 0 AND 100", name="lead_score_percent"),
        {
            "comment": "A mother or family who may store, or stores, cord blood with us.",
            "info": {
                "watched": Watched(
                    ("client_status", "lead_status", "status", "service_type", "assigned_user_id"),
                    added=True,
                    touched=(
                        "first_name",
                        "last_name",
                        "email",
                        "phone",
                        "mobile",
                        "address",
                        "city",
                        "postal_code",
                        "vip_status_id",
                        "newsletter",
                    ),
                ),
                "country": Own("country"),
                "one": "Customer",
                "many": "Customers",
                "icon": "users",
                "later": ("last_name", "first_name", "city"),
                "ending": ("phone", "mobile", "mobile_2", "internal_id", "national_id"),
                "find": (
                    (
                        "last_name",
                        "first_name",
                    ),
                    (
                        "first_name",
                        "last_name",
                    ),
                    ("maiden_name",),
                    ("email",),
                    ("phone",),
                    ("mobile",),
                    ("national_id",),
                    ("internal_id",),
                ),
                "seek": ("city", "email_2", "id_card_number"),
                "dial": ("phone", "mobile", "mobile_2"),
            },
        },
    )

    id: Mapped[Key]
    internal_id: Mapped[str | None] = mapped_column(
        Text,
        comment="Customer number carried over from the previous system.",
        info={"label": "Internal number"},
    )
    title_before: Mapped[str | None] = mapped_column(
        Text,
        comment="Academic title written in front, e.g. Ing. or Mgr.",
        info={"label": "Title before name"},
    )
    first_name: Mapped[str] = mapped_column(Text, comment="Given name as on the identity card.")
    last_name: Mapped[str] = mapped_column(Text, comment="Family name as on the identity card.")
    maiden_name: Mapped[str | None] = mapped_column(Text, comment="Family name at birth, if it has changed.")
    title_after: Mapped[str | None] = mapped_column(
        Text, comment="Academic title written behind, e.g. PhD.", info={"label": "Title after name"}
    )
    phone: Mapped[str | None] = mapped_column(
        Text, comment="Number called first, with international prefix, e.g. +421."
    )
    mobile: Mapped[str | None] = mapped_column(Text, comment="Number for text messages, with international prefix.")
    mobile_2: Mapped[str | None] = mapped_column(
        Text, comment="Alternative number, with international prefix.", info={"label": "Second mobile"}
    )
    other_contact: Mapped[str | None] = mapped_column(
        Text, comment="Any other way to reach the family, such as a relative."
    )
    email: Mapped[str] = mapped_column(
        Text, comment="Main address; phone-only leads get a placeholder that is never mailed."
    )
    email_2: Mapped[str | None] = mapped_column(
        Text,
        comment="Alternative address, also used to recognise incoming mail.",
        info={"label": "Second email"},
    )
    national_id: Mapped[str | None] = mapped_column(
        Text,
        comment="Personal number (rodné číslo in SK and CZ); checked for validity.",
        info={"label": "National ID"},
    )
    id_card_number: Mapped[str | None] = mapped_column(
        Text,
        comment="Number of the current identity card or passport.",
        info={"label": "Identity card number"},
    )
    date_of_birth: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Calendar date, without time; must agree with the national ID."
    )
    newsletter: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Follows the newsletter consent, which decides what is sent.",
        info={"label": "Newsletter subscription"},
    )
    complaint_type_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("complaint_types.id"), comment="Kind of complaint the customer has raised, if any."
    )
    cooperation_type_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("cooperation_types.id"), comment="How the customer works with us, if at all."
    )
    vip_status_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("vip_statuses.id"),
        comment="Special care level; leave empty for regular customers.",
    )
    country: Mapped[Country] = mapped_column(Choice(Country), comment="Decides which staff can see this customer.")
    city: Mapped[str | None] = mapped_column(Text, comment="Town of permanent residence.")
    address: Mapped[str | None] = mapped_column(
        Text, comment="Street and house number of permanent residence.", info={"label": "Street"}
    )
    postal_code: Mapped[str | None] = mapped_column(Text, comment="In the format of the country, e.g. 811 01.")
    region: Mapped[str | None] = mapped_column(Text, comment="Region, county or state of residence.")
    use_correspondence_address: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Tick if post should go somewhere other than home.",
        info={"label": "Has correspondence address"},
    )
    corr_name: Mapped[str | None] = mapped_column(
        Text, comment="Recipient to print on the envelope.", info={"label": "Correspondence name"}
    )
    corr_address: Mapped[str | None] = mapped_column(
        Text, comment="Street and house number for post.", info={"label": "Correspondence street"}
    )
    corr_city: Mapped[str | None] = mapped_column(
        Text, comment="Town the post is sent to.", info={"label": "Correspondence city"}
    )
    corr_postal_code: Mapped[str | None] = mapped_column(
        Text, comment="In the format of the mailing country.", info={"label": "Correspondence postal code"}
    )
    corr_region: Mapped[str | None] = mapped_column(
        Text, comment="Region, county or state for post.", info={"label": "Correspondence region"}
    )
    corr_country: Mapped[Country | None] = mapped_column(
        Choice(Country), comment="Country the post is sent to.", info={"label": "Correspondence country"}
    )
    bank_account: Mapped[str | None] = mapped_column(
        Text,
        comment="Account in IBAN format; check digits are verified.",
        info={"label": "Bank account (IBAN)"},
    )
    bank_code: Mapped[str | None] = mapped_column(Text, comment="National code of the bank, e.g. 0200.")
    bank_name: Mapped[str | None] = mapped_column(Text, comment="Bank that holds the account.")
    bank_swift: Mapped[str | None] = mapped_column(
        Text, comment="Bank identifier of 8 or 11 characters.", info={"label": "SWIFT/BIC"}
    )
    health_insurance_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("health_insurance_companies.id"),
        comment="Company that insures the mother.",
        info={"label": "Health insurance company"},
    )
    client_status: Mapped[CustomerClientStatus] = mapped_column(
        Choice(CustomerClientStatus),
        default=CustomerClientStatus.potential,
        server_default="potential",
        comment="Becomes acquired with a realised case or signed contract.",
    )
    status: Mapped[CustomerStatus] = mapped_column(
        Choice(CustomerStatus),
        default=CustomerStatus.active,
        server_default="active",
        comment="Whether the record is in daily use, waiting or closed.",
        info={"label": "Record status"},
    )
    service_type: Mapped[CustomerServiceType | None] = mapped_column(
        Choice(CustomerServiceType),
        comment="What the family stores or wishes to store.",
        info={"label": "Service"},
    )
    notes: Mapped[str | None] = mapped_column(
        Text, comment="General remarks for colleagues; not shown to the customer."
    )
    assigned_user_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague responsible for this customer.",
        info={"label": "Owner"},
    )
    lead_score: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="From 0 to 100, calculated from the active scoring rules.",
    )
    lead_score_updated_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the score was last worked out (UTC).", info={"label": "Score calculated"}
    )
    lead_status: Mapped[CustomerLeadStatus] = mapped_column(
        Choice(CustomerLeadStatus),
        default=CustomerLeadStatus.cold,
        server_default="cold",
        comment="How ready the family is to sign, from cold to qualified.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")

    complaint_type: Mapped[ComplaintType | None] = relationship(
        foreign_keys=[complaint_type_id], back_populates="customers"
    )
    cooperation_type: Mapped[CooperationType | None] = relationship(
        foreign_keys=[cooperation_type_id], back_populates="customers"
    )
    vip_status: Mapped[VipStatus | None] = relationship(foreign_keys=[vip_status_id], back_populates="customers")
    health_insurance: Mapped[HealthInsuranceCompany | None] = relationship(
        foreign_keys=[health_insurance_id], back_populates="customers"
    )
    assigned_user: Mapped[User | None] = relationship(foreign_keys=[assigned_user_id], back_populates="customers")
    customer_potential_cases: Mapped[list[CustomerPotentialCase]] = relationship(
        foreign_keys="CustomerPotentialCase.customer_id", back_populates="customer", passive_deletes="all"
    )
    customer_notes: Mapped[list[CustomerNote]] = relationship(
        foreign_keys="CustomerNote.customer_id", back_populates="customer", passive_deletes="all"
    )
    customer_consents: Mapped[list[CustomerConsent]] = relationship(
        foreign_keys="CustomerConsent.customer_id", back_populates="customer", passive_deletes="all"
    )
    customer_products: Mapped[list[CustomerProduct]] = relationship(
        foreign_keys="CustomerProduct.customer_id", back_populates="customer", passive_deletes="all"
    )
    invoices: Mapped[list[Invoice]] = relationship(
        foreign_keys="Invoice.customer_id", back_populates="customer", passive_deletes="all"
    )
    campaign_contacts: Mapped[list[CampaignContact]] = relationship(
        foreign_keys="CampaignContact.customer_id", back_populates="customer", passive_deletes="all"
    )
    deals: Mapped[list[Deal]] = relationship(
        foreign_keys="Deal.customer_id", back_populates="customer", passive_deletes="all"
    )
    contract_instances: Mapped[list[ContractInstance]] = relationship(
        foreign_keys="ContractInstance.customer_id", back_populates="customer", passive_deletes="all"
    )
    communication_messages: Mapped[list[CommunicationMessage]] = relationship(
        foreign_keys="CommunicationMessage.customer_id", back_populates="customer", passive_deletes="all"
    )
    email_metadata: Mapped[list[EmailMetadata]] = relationship(
        foreign_keys="EmailMetadata.customer_id", back_populates="customer", passive_deletes="all"
    )
    customer_email_notifications: Mapped[list[CustomerEmailNotification]] = relationship(
        foreign_keys="CustomerEmailNotification.customer_id", back_populates="customer", passive_deletes="all"
    )
    tasks: Mapped[list[Task]] = relationship(
        foreign_keys="Task.customer_id", back_populates="customer", passive_deletes="all"
    )
    call_logs: Mapped[list[CallLog]] = relationship(
        foreign_keys="CallLog.customer_id", back_populates="customer", passive_deletes="all"
    )


class CustomerNote(Base):
    """A remark a colleague left on a customer."""

    __tablename__ = "customer_notes"
    __table_args__ = (
        Index(None, "customer_id"),
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A remark a colleague left on a customer.",
            "info": {
                "country": Through("customer_id"),
                "one": "Customer note",
                "many": "Customer notes",
                "icon": "notes",
            },
        },
    )

    id: Mapped[Key]
    customer_id: Mapped[str] = mapped_column(String, ForeignKey("customers.id"), comment="Customer the note is about.")
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who wrote the note.", info={"label": "Author"}
    )
    content: Mapped[str] = mapped_column(
        Text, comment="Text for colleagues; not shown to the customer.", info={"label": "Note"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the note was written (UTC).")

    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id], back_populates="customer_notes")
    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="customer_notes")
