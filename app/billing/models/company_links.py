"""Tables: billing company changes, billing company laboratories, billing company collaborators, couriers."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Through
from app.core.types import Choice, Created, Key, Updated

if TYPE_CHECKING:
    from app.access.models import User
    from app.billing.models.companies import BillingDetails
    from app.collaborators.models.collaborators import Collaborator
    from app.settings.models.lookups import Laboratory


class BillingCompanyAuditLogChangeType(enum.StrEnum):
    create = "create"
    update = "update"
    delete = "delete"
    __labels__ = {"create": "Created", "update": "Changed", "delete": "Deleted"}


class BillingCompanyAuditLog(Base):
    """One recorded change to a billing company, kept for checking who changed what."""

    __tablename__ = "billing_company_audit_log"
    __table_args__ = (
        Index(None, "billing_details_id"),
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "One recorded change to a billing company, kept for checking who changed what.",
            "info": {
                "audit": False,
                "tells_of": ("field_name", "billing_details"),
                "country": Through("billing_details_id"),
                "one": "Billing company change",
                "many": "Billing company changes",
                "icon": "history",
            },
        },
    )

    id: Mapped[Key]
    billing_details_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Company whose details were changed.",
        info={"label": "Billing company"},
    )
    user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Staff member who made the change.",
        info={"label": "Changed by"},
    )
    field_name: Mapped[str] = mapped_column(
        Text, comment="Detail of the company that was changed.", info={"label": "Field"}
    )
    old_value: Mapped[str | None] = mapped_column(Text, comment="Content before the change; empty for a new entry.")
    new_value: Mapped[str | None] = mapped_column(Text, comment="Content after the change; empty for a deletion.")
    change_type: Mapped[BillingCompanyAuditLogChangeType] = mapped_column(
        Choice(BillingCompanyAuditLogChangeType),
        default=BillingCompanyAuditLogChangeType.update,
        server_default="update",
        comment="What kind of change was made.",
        info={"label": "Change"},
    )
    created_at: Mapped[Created] = mapped_column(
        comment="When it happened (UTC); entries cannot be edited.", info={"label": "Changed at"}
    )

    billing_details: Mapped[BillingDetails] = relationship(
        foreign_keys=[billing_details_id], back_populates="billing_company_audit_log"
    )
    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="billing_company_audit_log")


class BillingCompanyLaboratory(Base):
    """A laboratory that works with a billing company."""

    __tablename__ = "billing_company_laboratories"
    __table_args__ = (
        Index(None, "laboratory_id"),
        Index(None, "created_at", "id"),
        UniqueConstraint("billing_details_id", "laboratory_id"),
        {
            "comment": "A laboratory that works with a billing company.",
            "info": {
                "country": Through("billing_details_id"),
                "one": "Billing company laboratory",
                "many": "Billing company laboratories",
                "icon": "microscope",
            },
        },
    )

    id: Mapped[Key]
    billing_details_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Company that uses the laboratory.",
        info={"label": "Billing company"},
    )
    laboratory_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("laboratories.id"),
        comment="Laboratory working for the company; each pair only once.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the two were linked (UTC).")

    billing_details: Mapped[BillingDetails] = relationship(
        foreign_keys=[billing_details_id], back_populates="billing_company_laboratories"
    )
    laboratory: Mapped[Laboratory] = relationship(
        foreign_keys=[laboratory_id], back_populates="billing_company_laboratories"
    )


class BillingCompanyCollaborator(Base):
    """A collaborator who works with a billing company."""

    __tablename__ = "billing_company_collaborators"
    __table_args__ = (
        Index(None, "collaborator_id"),
        Index(None, "created_at", "id"),
        UniqueConstraint("billing_details_id", "collaborator_id"),
        {
            "comment": "A collaborator who works with a billing company.",
            "info": {
                "country": Through("billing_details_id"),
                "one": "Billing company collaborator",
                "many": "Billing company collaborators",
                "icon": "heart-handshake",
            },
        },
    )

    id: Mapped[Key]
    billing_details_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Company the collaborator works with.",
        info={"label": "Billing company"},
    )
    collaborator_id: Mapped[str] = mapped_column(
        String, ForeignKey("collaborators.id"), comment="Doctor, nurse or other partner; each pair only once."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the two were linked (UTC).")

    billing_details: Mapped[BillingDetails] = relationship(
        foreign_keys=[billing_details_id], back_populates="billing_company_collaborators"
    )
    collaborator: Mapped[Collaborator] = relationship(
        foreign_keys=[collaborator_id], back_populates="billing_company_collaborators"
    )


class BillingCompanyCourier(Base):
    """A courier who transports kits or samples for a billing company."""

    __tablename__ = "billing_company_couriers"
    __table_args__ = (
        Index(None, "billing_details_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A courier who transports kits or samples for a billing company.",
            "info": {
                "country": Through("billing_details_id"),
                "one": "Courier",
                "many": "Couriers",
                "icon": "truck-delivery",
            },
        },
    )

    id: Mapped[Key]
    billing_details_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Company the courier delivers for.",
        info={"label": "Billing company"},
    )
    name: Mapped[str] = mapped_column(Text, comment="Courier company or contact person.")
    phone: Mapped[str | None] = mapped_column(Text, comment="Number with country prefix for arranging pickups.")
    email: Mapped[str | None] = mapped_column(Text, comment="Address for pickup orders and questions.")
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive couriers cannot be chosen for new deliveries.",
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Remarks such as opening hours or service area.")
    created_at: Mapped[Created] = mapped_column(comment="When the courier was added (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the courier (UTC).")

    billing_details: Mapped[BillingDetails] = relationship(
        foreign_keys=[billing_details_id], back_populates="billing_company_couriers"
    )
