"""Tables: number ranges."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own
from app.core.types import Choice, Country, Created, Key, Updated

if TYPE_CHECKING:
    from app.billing.models.companies import BillingDetails


class NumberRangeType(enum.StrEnum):
    invoice = "invoice"
    proforma = "proforma"


class NumberRange(Base):
    """A series from which document numbers of a billing company are taken, without gaps."""

    __tablename__ = "number_ranges"
    __table_args__ = (
        Index(None, "billing_details_id"),
        Index(None, "created_at", "id"),
        UniqueConstraint(
            "billing_details_id",
            "country_code",
            "year",
            "type",
            "prefix",
            "suffix",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("digits_to_generate BETWEEN 1 AND 12", name="digits"),
        CheckConstraint("start_number >= 0 AND end_number >= start_number", name="numbers_in_order"),
        CheckConstraint("last_number_used <= end_number", name="within_range"),
        {
            "comment": "A series from which document numbers of a billing company are taken, without gaps.",
            "info": {
                "country": Own("country_code"),
                "one": "Number range",
                "many": "Number ranges",
                "icon": "list-numbers",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Internal name of the series.")
    country_code: Mapped[Country] = mapped_column(
        Choice(Country),
        comment="Two-letter code of the country the series is for.",
        info={"label": "Country"},
    )
    billing_details_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Company whose documents get these numbers.",
        info={"label": "Billing company"},
    )
    year: Mapped[int] = mapped_column(Integer, comment="Calendar year of issue, four digits.")
    use_service_code: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Numbers are kept separately by service code.",
        info={"label": "Service code used"},
    )
    type: Mapped[NumberRangeType] = mapped_column(
        Choice(NumberRangeType),
        default=NumberRangeType.invoice,
        server_default="invoice",
        comment="Kind of document that takes its number here.",
        info={"label": "Document type"},
    )
    prefix: Mapped[str | None] = mapped_column(Text, comment="Characters printed before the digits.")
    suffix: Mapped[str | None] = mapped_column(Text, comment="Characters printed after the digits.")
    digits_to_generate: Mapped[int] = mapped_column(
        Integer,
        default=6,
        server_default=text("6"),
        comment="Length of the number, filled with leading zeros.",
        info={"label": "Digits"},
    )
    start_number: Mapped[int] = mapped_column(
        Integer,
        default=1,
        server_default=text("1"),
        comment="Number given to the first document.",
        info={"label": "First number"},
    )
    end_number: Mapped[int] = mapped_column(
        Integer,
        default=999999,
        server_default=text("999999"),
        comment="Issuing stops after this number is used.",
        info={"label": "Last number"},
    )
    last_number_used: Mapped[int | None] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Raised automatically at each issue; 0 means none yet.",
        info={"label": "Last used number"},
    )
    accounting_code: Mapped[str | None] = mapped_column(Text, comment="Code handed to accounting exactly as entered.")
    description: Mapped[str | None] = mapped_column(Text, comment="Internal remark on the use of the series.")
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive ranges give out no more numbers.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the range was added (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the range (UTC).")

    billing_details: Mapped[BillingDetails | None] = relationship(
        foreign_keys=[billing_details_id], back_populates="number_ranges"
    )
