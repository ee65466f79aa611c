"""Tables: complaint types, cooperation types, vip statuses, health insurers, laboratories, departments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import GLOBAL, Own
from app.core.types import Choice, Country, Created, Key

if TYPE_CHECKING:
    from app.billing.models.company_links import BillingCompanyLaboratory
    from app.collaborators.models.collaborators import Collaborator
    from app.customers.models.customers import Customer
    from app.hospitals.models import Hospital


class ComplaintType(Base):
    """A kind of complaint that can be recorded with a customer."""

    __tablename__ = "complaint_types"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A kind of complaint that can be recorded with a customer.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Complaint type",
                "many": "Complaint types",
                "icon": "mood-sad",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Kind of complaint as offered to colleagues.")
    country_code: Mapped[Country | None] = mapped_column(
        Choice(Country),
        comment="Country that uses this type; empty means all countries.",
        info={"label": "Country"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive types are no longer offered for new entries.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the type was added, UTC.")

    customers: Mapped[list[Customer]] = relationship(
        foreign_keys="Customer.complaint_type_id", back_populates="complaint_type", passive_deletes="all"
    )


class CooperationType(Base):
    """A way in which a customer cooperates with us."""

    __tablename__ = "cooperation_types"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A way in which a customer cooperates with us.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Cooperation type",
                "many": "Cooperation types",
                "icon": "heart-handshake",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Kind of cooperation as offered to colleagues.")
    country_code: Mapped[Country | None] = mapped_column(
        Choice(Country),
        comment="Country that uses this type; empty means all countries.",
        info={"label": "Country"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive types are no longer offered for new entries.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the type was added, UTC.")

    customers: Mapped[list[Customer]] = relationship(
        foreign_keys="Customer.cooperation_type_id", back_populates="cooperation_type", passive_deletes="all"
    )


class VipStatus(Base):
    """A level of special attention that can be given to a customer."""

    __tablename__ = "vip_statuses"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A level of special attention that can be given to a customer.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "VIP status",
                "many": "VIP statuses",
                "icon": "crown",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="VIP level as offered to colleagues.")
    country_code: Mapped[Country | None] = mapped_column(
        Choice(Country),
        comment="Country that uses this status; empty means all countries.",
        info={"label": "Country"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive statuses are no longer offered for new entries.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the status was added, UTC.")

    customers: Mapped[list[Customer]] = relationship(
        foreign_keys="Customer.vip_status_id", back_populates="vip_status", passive_deletes="all"
    )


class HealthInsuranceCompany(Base):
    """A health insurance company that customers can be insured with."""

    __tablename__ = "health_insurance_companies"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A health insurance company that customers can be insured with.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Health insurer",
                "many": "Health insurers",
                "icon": "umbrella",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Name of the insurer as customers know it.")
    code: Mapped[str] = mapped_column(Text, comment="Insurer's official code in its country.")
    country_code: Mapped[Country] = mapped_column(
        Choice(Country), comment="Country in which the insurer works.", info={"label": "Country"}
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive insurers are no longer offered for customers.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the insurer was added, UTC.")

    customers: Mapped[list[Customer]] = relationship(
        foreign_keys="Customer.health_insurance_id", back_populates="health_insurance", passive_deletes="all"
    )
    collaborators: Mapped[list[Collaborator]] = relationship(
        foreign_keys="Collaborator.health_insurance_id",
        back_populates="health_insurance",
        passive_deletes="all",
    )


class Laboratory(Base):
    """A laboratory that works for us in one country."""

    __tablename__ = "laboratories"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A laboratory that works for us in one country.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Laboratory",
                "many": "Laboratories",
                "icon": "flask",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Name of the laboratory used in lists.")
    country_code: Mapped[Country] = mapped_column(
        Choice(Country), comment="Country in which the laboratory works.", info={"label": "Country"}
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive laboratories are no longer offered for selection.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the laboratory was added, UTC.")

    hospitals: Mapped[list[Hospital]] = relationship(
        foreign_keys="Hospital.laboratory_id", back_populates="laboratory", passive_deletes="all"
    )
    billing_company_laboratories: Mapped[list[BillingCompanyLaboratory]] = relationship(
        foreign_keys="BillingCompanyLaboratory.laboratory_id",
        back_populates="laboratory",
        passive_deletes="all",
    )


class Department(Base):
    """A part of our organisation, possibly within a larger department, with its contact person."""

    __tablename__ = "departments"
    __table_args__ = (
        Index(None, "parent_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("parent_id <> id", name="not_own_parent"),
        {
            "comment": "A part of our organisation, possibly within a larger department, with its contact person.",
            "info": {
                "reference": True,
                "country": GLOBAL,
                "one": "Department",
                "many": "Departments",
                "icon": "sitemap",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Name of the department used inside the company.")
    description: Mapped[str | None] = mapped_column(Text, comment="What the department takes care of.")
    parent_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("departments.id"),
        comment="Larger department this belongs to; empty for the top level.",
        info={"label": "Part of"},
    )
    sort_order: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Lower numbers come first in lists.",
        info={"label": "Order"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive departments are no longer offered for selection.",
    )
    contact_first_name: Mapped[str | None] = mapped_column(Text, comment="Given name of the contact person.")
    contact_last_name: Mapped[str | None] = mapped_column(Text, comment="Family name of the contact person.")
    contact_email: Mapped[str | None] = mapped_column(Text, comment="Address for questions to the department.")
    contact_phone: Mapped[str | None] = mapped_column(Text, comment="Phone for questions, with country prefix.")
    created_at: Mapped[Created] = mapped_column(comment="When the department was added, UTC.")

    parent: Mapped[Department | None] = relationship(
        foreign_keys=[parent_id], remote_side="Department.id", back_populates="children"
    )
    children: Mapped[list[Department]] = relationship(
        foreign_keys="Department.parent_id", back_populates="parent", passive_deletes="all"
    )
