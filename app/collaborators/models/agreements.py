"""Tables: disability and pension records, collaborator agreements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, partial_date_check
from app.core.paths import Through
from app.core.types import Created, Key

if TYPE_CHECKING:
    from app.billing.models.companies import BillingDetails
    from app.collaborators.models.collaborators import Collaborator


class CollaboratorOtherData(Base):
    """Dates of a collaborator's severe disability status and pensions."""

    __tablename__ = "collaborator_other_data"
    __table_args__ = (
        Index(None, "created_at", "id"),
        partial_date_check("ztp"),
        partial_date_check("old_age_pension"),
        partial_date_check("disability_pension"),
        partial_date_check("widow_pension"),
        {
            "comment": "Dates of a collaborator's severe disability status and pensions.",
            "info": {
                "country": Through("collaborator_id"),
                "one": "Disability and pension record",
                "many": "Disability and pension records",
                "icon": "calendar-event",
                "dates": {
                    "ztp": "Severe disability (ZŤP)",
                    "old_age_pension": "Old-age pension",
                    "disability_pension": "Disability pension",
                    "widow_pension": "Widow's pension",
                },
            },
        },
    )

    id: Mapped[Key]
    collaborator_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("collaborators.id"),
        unique=True,
        comment="Person the dates belong to; one record each.",
    )
    ztp_day: Mapped[int | None] = mapped_column(
        Integer,
        comment="Day of the month, 1 to 31; empty if unknown.",
        info={"label": "Severe disability (ZŤP): day"},
    )
    ztp_month: Mapped[int | None] = mapped_column(
        Integer,
        comment="Month number, 1 to 12; empty if unknown.",
        info={"label": "Severe disability (ZŤP): month"},
    )
    ztp_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Severe disability (ZŤP): year"}
    )
    old_age_pension_day: Mapped[int | None] = mapped_column(
        Integer,
        comment="Day of the month, 1 to 31; empty if unknown.",
        info={"label": "Old-age pension: day"},
    )
    old_age_pension_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month number, 1 to 12; empty if unknown.", info={"label": "Old-age pension: month"}
    )
    old_age_pension_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Old-age pension: year"}
    )
    disability_pension_day: Mapped[int | None] = mapped_column(
        Integer,
        comment="Day of the month, 1 to 31; empty if unknown.",
        info={"label": "Disability pension: day"},
    )
    disability_pension_month: Mapped[int | None] = mapped_column(
        Integer,
        comment="Month number, 1 to 12; empty if unknown.",
        info={"label": "Disability pension: month"},
    )
    disability_pension_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Disability pension: year"}
    )
    widow_pension_day: Mapped[int | None] = mapped_column(
        Integer,
        comment="Day of the month, 1 to 31; empty if unknown.",
        info={"label": "Widow's pension: day"},
    )
    widow_pension_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month number, 1 to 12; empty if unknown.", info={"label": "Widow's pension: month"}
    )
    widow_pension_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Widow's pension: year"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")

    collaborator: Mapped[Collaborator] = relationship(
        foreign_keys=[collaborator_id], back_populates="collaborator_other_data"
    )


class CollaboratorAgreement(Base):
    """An agreement of a collaborator with one of our billing companies; it makes rewards payable."""

    __tablename__ = "collaborator_agreements"
    __table_args__ = (
        Index(None, "collaborator_id"),
        Index(None, "billing_company_id"),
        Index(None, "created_at", "id"),
        partial_date_check("valid_from"),
        partial_date_check("valid_to"),
        partial_date_check("agreement_sent"),
        partial_date_check("agreement_returned"),
        {
            "comment": "An agreement of a collaborator with one of our billing companies; it makes rewards payable.",
            "info": {
                "country": Through("collaborator_id"),
                "ending": ("contract_number",),
                "seek": ("contract_number",),
                "one": "Collaborator agreement",
                "many": "Collaborator agreements",
                "icon": "file-description",
                "dates": {
                    "valid_from": "Valid from",
                    "valid_to": "Valid to",
                    "agreement_sent": "Agreement sent",
                    "agreement_returned": "Agreement returned",
                },
            },
        },
    )

    id: Mapped[Key]
    collaborator_id: Mapped[str] = mapped_column(
        String, ForeignKey("collaborators.id"), comment="Person who signs the agreement."
    )
    file_name: Mapped[str | None] = mapped_column(Text, comment="Name of the scan as it was uploaded.")
    file_path: Mapped[str | None] = mapped_column(
        Text, comment="Where the scan is stored; set on upload.", info={"label": "File location"}
    )
    file_size: Mapped[int | None] = mapped_column(Integer, comment="Size of the scan in bytes; set on upload.")
    file_content_type: Mapped[str | None] = mapped_column(
        Text, comment="Format of the scan, e.g. application/pdf.", info={"label": "File type"}
    )
    extracted_text: Mapped[str | None] = mapped_column(
        Text, comment="Words read from the scan, so it can be searched.", info={"label": "Text of the scan"}
    )
    billing_company_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("billing_details.id"), comment="Our company that pays the rewards."
    )
    contract_number: Mapped[str | None] = mapped_column(Text, comment="Number printed on the agreement.")
    valid_from_day: Mapped[int | None] = mapped_column(
        Integer, comment="Day of the month, 1 to 31; empty if unknown.", info={"label": "Valid from: day"}
    )
    valid_from_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month number, 1 to 12; empty if unknown.", info={"label": "Valid from: month"}
    )
    valid_from_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Valid from: year"}
    )
    valid_to_day: Mapped[int | None] = mapped_column(
        Integer, comment="Day of the month, 1 to 31; empty if unknown.", info={"label": "Valid to: day"}
    )
    valid_to_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month number, 1 to 12; empty if unknown.", info={"label": "Valid to: month"}
    )
    valid_to_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Valid to: year"}
    )
    is_valid: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Dates decide; untick to end validity early and stop rewards.",
    )
    agreement_sent_day: Mapped[int | None] = mapped_column(
        Integer, comment="Day of the month, 1 to 31; empty if unknown.", info={"label": "Agreement sent: day"}
    )
    agreement_sent_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month number, 1 to 12; empty if unknown.", info={"label": "Agreement sent: month"}
    )
    agreement_sent_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Agreement sent: year"}
    )
    agreement_returned_day: Mapped[int | None] = mapped_column(
        Integer,
        comment="Day of the month, 1 to 31; empty if unknown.",
        info={"label": "Agreement returned: day"},
    )
    agreement_returned_month: Mapped[int | None] = mapped_column(
        Integer,
        comment="Month number, 1 to 12; empty if unknown.",
        info={"label": "Agreement returned: month"},
    )
    agreement_returned_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Agreement returned: year"}
    )
    agreement_form: Mapped[str | None] = mapped_column(Text, comment="Legal form of the agreement, in free words.")
    reward_types: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text),
        default=list,
        server_default=text("'{}'"),
        comment="Codes of rewards that may be paid under this agreement.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")

    collaborator: Mapped[Collaborator] = relationship(
        foreign_keys=[collaborator_id], back_populates="collaborator_agreements"
    )
    billing_company: Mapped[BillingDetails | None] = relationship(
        foreign_keys=[billing_company_id], back_populates="collaborator_agreements"
    )
