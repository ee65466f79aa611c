"""Tables: contract participants, signature requests, contract audit log."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Through
from app.core.types import Choice, Created, JsonText, Key, Secret, Timestamp
from app.core.vault import Veiled

if TYPE_CHECKING:
    from app.access.models import User
    from app.contracts.models.instances import ContractInstance


class ContractParticipantParticipantType(enum.StrEnum):
    customer = "customer"
    billing_company = "billing_company"
    internal_witness = "internal_witness"
    guarantor = "guarantor"


class ContractParticipantRole(enum.StrEnum):
    signer = "signer"
    witness = "witness"
    authorized_representative = "authorized_representative"


class ContractSignatureRequestVerificationMethod(enum.StrEnum):
    email_otp = "email_otp"
    sms_otp = "sms_otp"
    both = "both"
    __labels__ = {"email_otp": "Code by e-mail", "sms_otp": "Code by SMS", "both": "Codes by e-mail and SMS"}


class ContractSignatureRequestSignatureType(enum.StrEnum):
    drawn = "drawn"
    uploaded = "uploaded"
    typed = "typed"


class ContractSignatureRequestStatus(enum.StrEnum):
    pending = "pending"
    sent = "sent"
    otp_verified = "otp_verified"
    signed = "signed"
    expired = "expired"
    cancelled = "cancelled"
    __labels__ = {"otp_verified": "Code verified"}


class ContractAuditLogAction(enum.StrEnum):
    created = "created"
    updated = "updated"
    sent = "sent"
    viewed = "viewed"
    otp_sent = "otp_sent"
    otp_verified = "otp_verified"
    signed = "signed"
    completed = "completed"
    cancelled = "cancelled"
    __labels__ = {"otp_sent": "One-time code sent", "otp_verified": "One-time code verified"}


class ContractAuditLogActorType(enum.StrEnum):
    user = "user"
    system = "system"
    customer = "customer"


class ContractParticipant(Base):
    """A person or company taking part in a contract, whether signing or not."""

    __tablename__ = "contract_participants"
    __table_args__ = (
        Index(None, "contract_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A person or company taking part in a contract, whether signing or not.",
            "info": {
                "country": Through("contract_id"),
                "one": "Contract participant",
                "many": "Contract participants",
                "icon": "users-group",
            },
        },
    )

    id: Mapped[Key]
    contract_id: Mapped[str] = mapped_column(
        String, ForeignKey("contract_instances.id"), comment="Contract in which they take part."
    )
    participant_type: Mapped[ContractParticipantParticipantType] = mapped_column(
        Choice(ContractParticipantParticipantType, 20), comment="On whose side they stand in the contract."
    )
    full_name: Mapped[str] = mapped_column(Text, comment="Name as it should be printed in the contract.")
    email: Mapped[str | None] = mapped_column(
        Text, comment="Where the signing link and e-mail code are sent.", info={"label": "E-mail"}
    )
    phone: Mapped[str | None] = mapped_column(Text, comment="With country code, e.g. +421; used for SMS codes.")
    address: Mapped[str | None] = mapped_column(Text, comment="Full postal address printed in the contract.")
    personal_id: Mapped[str | None] = mapped_column(
        Text,
        comment="National personal number; sensitive, only if the contract needs it.",
        info={"label": "Personal ID"},
    )
    company_id: Mapped[str | None] = mapped_column(
        Text,
        comment="Registration number of the company, if one takes part.",
        info={"label": "Company ID (IČO)"},
    )
    tax_id: Mapped[str | None] = mapped_column(
        Text, comment="Tax number of the participant.", info={"label": "Tax ID (DIČ)"}
    )
    vat_number: Mapped[str | None] = mapped_column(
        Text,
        comment="With country prefix, e.g. SK; only for VAT payers.",
        info={"label": "VAT number (IČ DPH)"},
    )
    role: Mapped[ContractParticipantRole | None] = mapped_column(
        Choice(ContractParticipantRole, 50),
        comment="Whether they sign, witness or act for somebody.",
        info={"label": "Role in signing"},
    )
    signature_required: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The contract is complete only once they have signed.",
        info={"label": "Must sign"},
    )
    signed_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When they signed, UTC.")
    created_at: Mapped[Created] = mapped_column(comment="When the participant was added, UTC.")

    contract: Mapped[ContractInstance] = relationship(
        foreign_keys=[contract_id], back_populates="contract_participants"
    )
    contract_signature_requests: Mapped[list[ContractSignatureRequest]] = relationship(
        foreign_keys="ContractSignatureRequest.participant_id",
        back_populates="participant",
        passive_deletes="all",
    )


class ContractSignatureRequest(Base):
    """An invitation for one participant to sign a contract, with proof of how it was done."""

    __tablename__ = "contract_signature_requests"
    __table_args__ = (
        Index(None, "contract_id"),
        Index(None, "participant_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("otp_attempts >= 0", name="attempts_not_negative"),
        {
            "comment": "An invitation for one participant to sign a contract, with proof of how it was done.",
            "info": {
                "country": Through("contract_id"),
                "one": "Signature request",
                "many": "Signature requests",
                "icon": "signature",
            },
        },
    )

    id: Mapped[Key]
    contract_id: Mapped[str] = mapped_column(
        String, ForeignKey("contract_instances.id"), comment="Contract to be signed."
    )
    participant_id: Mapped[str] = mapped_column(
        String, ForeignKey("contract_participants.id"), comment="Party of the contract who is asked to sign."
    )
    signer_name: Mapped[str] = mapped_column(Text, comment="Name of the person who signs.", info={"label": "Signer"})
    signer_email: Mapped[str | None] = mapped_column(
        Text, comment="Receives the link and, if chosen, the code.", info={"label": "Signer's e-mail"}
    )
    signer_phone: Mapped[str | None] = mapped_column(
        Text, comment="Receives SMS codes; with country code, e.g. +421.", info={"label": "Signer's phone"}
    )
    verification_method: Mapped[ContractSignatureRequestVerificationMethod] = mapped_column(
        Choice(ContractSignatureRequestVerificationMethod, 20),
        default=ContractSignatureRequestVerificationMethod.email_otp,
        server_default="email_otp",
        comment="How the signer proves who they are.",
        info={"label": "Verification"},
    )
    otp_code: Mapped[Veiled | None] = mapped_column(
        Secret("contract_signature_requests.otp_code", store="never", length=10),
        comment="Stays empty; the code itself is never kept readable.",
        info={"label": "One-time code", "internal": True},
    )
    otp_expires_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Afterwards a new code must be sent; UTC.", info={"label": "Code valid until"}
    )
    otp_verified_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the right code was entered, UTC.", info={"label": "Code verified"}
    )
    otp_attempts: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Codes entered so far; too many wrong ones lock the request.",
        info={"label": "Code attempts"},
    )
    signature_type: Mapped[ContractSignatureRequestSignatureType] = mapped_column(
        Choice(ContractSignatureRequestSignatureType, 20),
        default=ContractSignatureRequestSignatureType.drawn,
        server_default="drawn",
        comment="How the signature was made on screen.",
    )
    signature_data: Mapped[str | None] = mapped_column(
        Text, comment="Picture of the signature, encoded as base64 text.", info={"label": "Signature image"}
    )
    signature_hash: Mapped[str | None] = mapped_column(
        Text,
        comment="SHA-256 value that shows any later change to the document.",
        info={"label": "Signature fingerprint"},
    )
    request_sent_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the invitation went out, UTC.", info={"label": "Sent"}
    )
    signed_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the signature was given, UTC.")
    signer_ip_address: Mapped[str | None] = mapped_column(
        Text,
        comment="Internet address used when signing, kept as proof.",
        info={"label": "Signer's IP address"},
    )
    signer_user_agent: Mapped[str | None] = mapped_column(
        Text,
        comment="Browser and device used when signing, kept as proof.",
        info={"label": "Signer's browser"},
    )
    status: Mapped[ContractSignatureRequestStatus] = mapped_column(
        Choice(ContractSignatureRequestStatus, 20),
        default=ContractSignatureRequestStatus.pending,
        server_default="pending",
        comment="How far the signer has come.",
    )
    expires_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="The signing link stops working at this time; UTC.", info={"label": "Valid until"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the request was prepared, UTC.")
    otp_hash: Mapped[str | None] = mapped_column(
        Secret("contract_signature_requests.otp_hash", store="hashed"),
        comment="Hash of the one-time code; the code itself is never stored.",
        info={"extension": "otp_code has room for a clear code only", "internal": True},
    )

    contract: Mapped[ContractInstance] = relationship(
        foreign_keys=[contract_id], back_populates="contract_signature_requests"
    )
    participant: Mapped[ContractParticipant] = relationship(
        foreign_keys=[participant_id], back_populates="contract_signature_requests"
    )


class ContractAuditLog(Base):
    """A permanent record of one event in the life of a contract."""

    __tablename__ = "contract_audit_log"
    __table_args__ = (
        Index(None, "contract_id"),
        Index(None, "actor_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A permanent record of one event in the life of a contract.",
            "info": {
                "audit": False,
                "country": Through("contract_id"),
                "one": "Contract audit entry",
                "many": "Contract audit log",
                "icon": "shield-check",
            },
        },
    )

    id: Mapped[Key]
    contract_id: Mapped[str] = mapped_column(
        String, ForeignKey("contract_instances.id"), comment="Contract the event concerns."
    )
    action: Mapped[ContractAuditLogAction] = mapped_column(
        Choice(ContractAuditLogAction, 50), comment="What happened to the contract."
    )
    actor_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who did it; empty for families and the system.",
        info={"label": "User"},
    )
    actor_type: Mapped[ContractAuditLogActorType] = mapped_column(
        Choice(ContractAuditLogActorType, 20),
        default=ContractAuditLogActorType.user,
        server_default="user",
        comment="Whether a colleague, a family or the system acted.",
        info={"label": "Done by"},
    )
    actor_name: Mapped[str | None] = mapped_column(
        Text, comment="Name of whoever acted, as it was then.", info={"label": "Name"}
    )
    actor_email: Mapped[str | None] = mapped_column(
        Text, comment="Address of whoever acted, as it was then.", info={"label": "E-mail"}
    )
    ip_address: Mapped[str | None] = mapped_column(Text, comment="Internet address the action came from.")
    user_agent: Mapped[str | None] = mapped_column(
        Text, comment="Browser and device the action came from.", info={"label": "Browser"}
    )
    details: Mapped[str | None] = mapped_column(JsonText, comment="JSON object with further facts about the event.")
    previous_value: Mapped[str | None] = mapped_column(
        Text, comment="State before the event.", info={"label": "Value before"}
    )
    new_value: Mapped[str | None] = mapped_column(Text, comment="State after the event.", info={"label": "Value after"})
    created_at: Mapped[Created] = mapped_column(comment="When the event happened, UTC; entries are never changed.")

    contract: Mapped[ContractInstance] = relationship(foreign_keys=[contract_id], back_populates="contract_audit_log")
    actor: Mapped[User | None] = relationship(foreign_keys=[actor_id], back_populates="contract_audit_log")
