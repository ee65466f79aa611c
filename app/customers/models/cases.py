"""Tables: potential cases."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, partial_date_check
from app.core.paths import Through
from app.core.records import Watched
from app.core.types import Choice, Country, Created, Key, Updated

if TYPE_CHECKING:
    from app.collaborators.models.collaborators import Collaborator
    from app.contracts.models.instances import ContractInstance
    from app.customers.models.customers import Customer
    from app.hospitals.models import Hospital
    from app.products.models.catalogue import Product


class CustomerPotentialCaseCaseStatus(enum.StrEnum):
    realized = "realized"
    duplicate = "duplicate"
    in_progress = "in_progress"
    postponed = "postponed"
    no_interest = "no_interest"
    cancelled = "cancelled"


CustomerPotentialCaseSalesChannel = enum.StrEnum(
    "CustomerPotentialCaseSalesChannel",
    {
        "CCP": "CCP",
        "CCP_D": "CCP+D",
        "CCAI": "CCAI",
        "CCAI_D": "CCAI+D",
        "CCAE": "CCAE",
        "CCAE_D": "CCAE+D",
        "I": "I",
    },
)


class CustomerPotentialCase(Base):
    """One pregnancy of a prospective client, with the father and the product in question."""

    __tablename__ = "customer_potential_cases"
    __table_args__ = (
        Index(None, "customer_id"),
        Index(None, "hospital_id"),
        Index(None, "obstetrician_id"),
        Index(None, "product_id"),
        Index(None, "created_at", "id"),
        # As filters of an incomplete date compare it: what is not known is the first.
        Index(
            "ix_customer_potential_cases_expected",
            "expected_date_year",
            text("(CASE WHEN expected_date_month IS NULL THEN 1 ELSE expected_date_month END)"),
            text("(CASE WHEN expected_date_day IS NULL THEN 1 ELSE expected_date_day END)"),
        ),
        CheckConstraint("child_count >= 1", name="child_count_positive"),
        partial_date_check("expected_date"),
        partial_date_check("contact_date"),
        {
            "comment": "One pregnancy of a prospective client, with the father and the product in question.",
            "info": {
                "watched": Watched(("case_status",)),
                "country": Through("customer_id"),
                "one": "Potential case",
                "many": "Potential cases",
                "icon": "baby-carriage",
                "dates": {"expected_date": "Expected birth", "contact_date": "Contact date"},
            },
        },
    )

    id: Mapped[Key]
    customer_id: Mapped[str] = mapped_column(
        String, ForeignKey("customers.id"), comment="Mother this pregnancy belongs to."
    )
    case_status: Mapped[CustomerPotentialCaseCaseStatus | None] = mapped_column(
        Choice(CustomerPotentialCaseCaseStatus),
        comment="Realized turns the customer into an acquired client.",
    )
    expected_date_day: Mapped[int | None] = mapped_column(
        Integer, comment="Day of the month, 1 to 31; empty if unknown.", info={"label": "Expected birth: day"}
    )
    expected_date_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month number, 1 to 12; empty if unknown.", info={"label": "Expected birth: month"}
    )
    expected_date_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Expected birth: year"}
    )
    hospital_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("hospitals.id"), comment="Where the birth is planned."
    )
    obstetrician_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("collaborators.id"),
        comment="Doctor who looks after the pregnancy; credited with the case.",
    )
    is_multiple_pregnancy: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Tick for twins or more; needs at least two children.",
    )
    child_count: Mapped[int | None] = mapped_column(
        Integer,
        default=1,
        server_default=text("1"),
        comment="Babies expected; more than one means a multiple pregnancy.",
        info={"label": "Number of children"},
    )
    father_title_before: Mapped[str | None] = mapped_column(
        Text, comment="Academic title written in front of the name.", info={"label": "Father's title before"}
    )
    father_first_name: Mapped[str | None] = mapped_column(
        Text, comment="Given name of the child's father.", info={"label": "Father's first name"}
    )
    father_last_name: Mapped[str | None] = mapped_column(
        Text, comment="Family name of the child's father.", info={"label": "Father's last name"}
    )
    father_title_after: Mapped[str | None] = mapped_column(
        Text, comment="Academic title written behind the name.", info={"label": "Father's title after"}
    )
    father_phone: Mapped[str | None] = mapped_column(
        Text, comment="With international prefix, e.g. +420.", info={"label": "Father's phone"}
    )
    father_mobile: Mapped[str | None] = mapped_column(
        Text,
        comment="Number for text messages, with international prefix.",
        info={"label": "Father's mobile"},
    )
    father_email: Mapped[str | None] = mapped_column(
        Text, comment="Address of the child's father.", info={"label": "Father's email"}
    )
    father_street: Mapped[str | None] = mapped_column(
        Text, comment="Street and house number.", info={"label": "Father's street"}
    )
    father_city: Mapped[str | None] = mapped_column(
        Text, comment="Town where the father lives.", info={"label": "Father's city"}
    )
    father_postal_code: Mapped[str | None] = mapped_column(
        Text, comment="In the format of his country.", info={"label": "Father's postal code"}
    )
    father_region: Mapped[str | None] = mapped_column(
        Text, comment="Region, county or state where he lives.", info={"label": "Father's region"}
    )
    father_country: Mapped[Country | None] = mapped_column(
        Choice(Country), comment="Country where the father lives.", info={"label": "Father's country"}
    )
    product_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("products.id"), comment="Product the family is interested in."
    )
    product_type: Mapped[str | None] = mapped_column(Text, comment="Variant of the product, in free words.")
    payment_type: Mapped[str | None] = mapped_column(Text, comment="How the family wants to pay, e.g. instalments.")
    gift_voucher: Mapped[str | None] = mapped_column(Text, comment="Code printed on the voucher the family holds.")
    contact_date_day: Mapped[int | None] = mapped_column(
        Integer, comment="Day of the month, 1 to 31; empty if unknown.", info={"label": "Contact date: day"}
    )
    contact_date_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month number, 1 to 12; empty if unknown.", info={"label": "Contact date: month"}
    )
    contact_date_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Contact date: year"}
    )
    existing_contracts: Mapped[str | None] = mapped_column(
        Text, comment="Earlier contracts of the family, in free words."
    )
    recruiting: Mapped[str | None] = mapped_column(Text, comment="How the family was recruited, in free words.")
    sales_channel: Mapped[CustomerPotentialCaseSalesChannel | None] = mapped_column(
        Choice(CustomerPotentialCaseSalesChannel), comment="Channel code under which the case is counted."
    )
    info_source: Mapped[str | None] = mapped_column(
        Text, comment="Where the family first heard about us.", info={"label": "Source of information"}
    )
    marketing_action: Mapped[str | None] = mapped_column(Text, comment="Promotion or event the case came from.")
    marketing_code: Mapped[str | None] = mapped_column(Text, comment="Promotional code given by the family.")
    newsletter_opt_in: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Follows the customer's newsletter consent, which decides what is sent.",
        info={"label": "Newsletter subscription"},
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="Remarks about this pregnancy only.")
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="When the record was last saved (UTC).")

    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id], back_populates="customer_potential_cases")
    hospital: Mapped[Hospital | None] = relationship(
        foreign_keys=[hospital_id], back_populates="customer_potential_cases"
    )
    obstetrician: Mapped[Collaborator | None] = relationship(
        foreign_keys=[obstetrician_id], back_populates="customer_potential_cases"
    )
    product: Mapped[Product | None] = relationship(foreign_keys=[product_id], back_populates="customer_potential_cases")
    contract_instances: Mapped[list[ContractInstance]] = relationship(
        foreign_keys="ContractInstance.potential_case_id",
        back_populates="potential_case",
        passive_deletes="all",
    )
