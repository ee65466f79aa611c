"""Tables: consents."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Through
from app.core.types import Choice, Created, Key, Timestamp, Updated

if TYPE_CHECKING:
    from app.access.models import User
    from app.customers.models.customers import Customer


class CustomerConsentConsentType(enum.StrEnum):
    marketing_email = "marketing_email"
    marketing_sms = "marketing_sms"
    data_processing = "data_processing"
    newsletter = "newsletter"
    third_party_sharing = "third_party_sharing"
    profiling = "profiling"
    automated_decisions = "automated_decisions"
    __labels__ = {"marketing_sms": "Marketing SMS"}


class CustomerConsentLegalBasis(enum.StrEnum):
    consent = "consent"
    contract = "contract"
    legal_obligation = "legal_obligation"
    vital_interests = "vital_interests"
    public_task = "public_task"
    legitimate_interests = "legitimate_interests"


class CustomerConsentSource(enum.StrEnum):
    web_form = "web_form"
    phone = "phone"
    email = "email"
    in_person = "in_person"
    signed_document = "signed_document"


class CustomerConsent(Base):
    """A customer's permission, given or withdrawn, to use personal data for one purpose."""

    __tablename__ = "customer_consents"
    __table_args__ = (
        Index(None, "customer_id"),
        Index(None, "granted_by_user_id"),
        Index(None, "revoked_by_user_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A customer's permission, given or withdrawn, to use personal data for one purpose.",
            "info": {"country": Through("customer_id"), "one": "Consent", "many": "Consents", "icon": "shield-check"},
        },
    )

    id: Mapped[Key]
    customer_id: Mapped[str] = mapped_column(
        String, ForeignKey("customers.id"), comment="Person whose data the consent concerns."
    )
    consent_type: Mapped[CustomerConsentConsentType] = mapped_column(
        Choice(CustomerConsentConsentType), comment="What the customer agrees to, one record for each."
    )
    legal_basis: Mapped[CustomerConsentLegalBasis] = mapped_column(
        Choice(CustomerConsentLegalBasis),
        comment="Ground under GDPR; contract and legal obligation cannot be revoked.",
    )
    purpose: Mapped[str] = mapped_column(Text, comment="What the data will be used for, as told to the customer.")
    granted: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Without it nothing is sent for this purpose.",
        info={"label": "Consent granted"},
    )
    granted_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the customer agreed (UTC).")
    granted_by_user_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who recorded the agreement.",
        info={"label": "Granted by"},
    )
    revoked_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the customer withdrew (UTC); stops every channel at once."
    )
    revoked_by_user_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who recorded the withdrawal.",
        info={"label": "Revoked by"},
    )
    revoke_reason: Mapped[str | None] = mapped_column(
        Text, comment="Required when a consent is withdrawn.", info={"label": "Reason for revoking"}
    )
    expires_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Moment the consent lapses (UTC); empty means no limit."
    )
    source: Mapped[CustomerConsentSource | None] = mapped_column(
        Choice(CustomerConsentSource), comment="How the consent was obtained; required when granting."
    )
    document_reference: Mapped[str | None] = mapped_column(
        Text, comment="Number or place of the signed paper that proves it."
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="Circumstances worth remembering at an inspection.")
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="When the record was last saved (UTC).")

    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id], back_populates="customer_consents")
    granted_by_user: Mapped[User | None] = relationship(
        foreign_keys=[granted_by_user_id], back_populates="customer_consents_by_granted_by_user"
    )
    revoked_by_user: Mapped[User | None] = relationship(
        foreign_keys=[revoked_by_user_id], back_populates="customer_consents_by_revoked_by_user"
    )
