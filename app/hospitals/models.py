"""Hospitals and outpatient clinics."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Numeric, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own
from app.core.types import Choice, Country, Created, Key, Updated

if TYPE_CHECKING:
    from app.access.models import User
    from app.collaborators.models.collaborators import Collaborator
    from app.customers.models.cases import CustomerPotentialCase
    from app.mobile.models import VisitEvent
    from app.settings.models.lookups import Laboratory


class Hospital(Base):
    """A hospital we work with, where our clients give birth."""

    __tablename__ = "hospitals"
    __table_args__ = (
        Index("idx_hospitals_country", "country_code"),
        Index("idx_hospitals_active", "is_active"),
        Index(None, "representative_id"),
        Index(None, "laboratory_id"),
        Index(None, "responsible_person_id"),
        Index(None, "created_by_collaborator_id"),
        Index(None, "created_at", "id"),
        Index(None, "country_code", "created_at", "id"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        {
            "comment": "A hospital we work with, where our clients give birth.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Hospital",
                "many": "Hospitals",
                "icon": "building-hospital",
                "later": ("name", "full_name", "city"),
                "ending": ("phone",),
                "find": (
                    ("name",),
                    ("full_name",),
                    ("city",),
                    ("email",),
                    ("legacy_id",),
                ),
                "dial": ("phone",),
            },
        },
    )

    id: Mapped[Key]
    legacy_id: Mapped[str | None] = mapped_column(
        Text, comment="Number carried over from the older CRM.", info={"label": "Previous system number"}
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive hospitals cannot be chosen for new cases.",
    )
    name: Mapped[str] = mapped_column(Text, comment="Short name staff use every day.")
    full_name: Mapped[str | None] = mapped_column(
        Text, comment="Registered name as printed on documents.", info={"label": "Official name"}
    )
    street_number: Mapped[str | None] = mapped_column(
        Text, comment="Street with house number.", info={"label": "Street and number"}
    )
    representative_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who visits this hospital.",
        info={"label": "Field representative"},
    )
    city: Mapped[str | None] = mapped_column(Text, comment="Town where the hospital stands.")
    laboratory_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("laboratories.id"), comment="Laboratory assigned to this hospital."
    )
    postal_code: Mapped[str | None] = mapped_column(Text, comment="In the format of the country, e.g. 811 01.")
    auto_recruiting: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Ticked when recruiting runs automatically for this hospital.",
        info={"label": "Automatic recruiting"},
    )
    region: Mapped[str | None] = mapped_column(Text, comment="Region, county or state of the hospital.")
    responsible_person_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who answers for this hospital."
    )
    country_code: Mapped[Country] = mapped_column(
        Choice(Country), comment="Decides which staff can see this hospital.", info={"label": "Country"}
    )
    contact_person: Mapped[str | None] = mapped_column(Text, comment="Whom to ask for at the hospital.")
    svet_zdravia: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Part of the Svet zdravia hospital network.",
    )
    phone: Mapped[str | None] = mapped_column(Text, comment="With international prefix, e.g. +421.")
    email: Mapped[str | None] = mapped_column(Text, comment="Address for messages to the hospital.")
    latitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="In decimal degrees, e.g. 48.1485965; used to check visits."
    )
    longitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="In decimal degrees, e.g. 17.1077478; used to check visits."
    )
    created_by_collaborator_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("collaborators.id", use_alter=True),
        comment="Person who entered the hospital in the mobile app.",
        info={"label": "Added by collaborator"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="When the record was last saved (UTC).")

    representative: Mapped[User | None] = relationship(
        foreign_keys=[representative_id], back_populates="hospitals_by_representative"
    )
    laboratory: Mapped[Laboratory | None] = relationship(foreign_keys=[laboratory_id], back_populates="hospitals")
    responsible_person: Mapped[User | None] = relationship(
        foreign_keys=[responsible_person_id], back_populates="hospitals_by_responsible_person"
    )
    created_by_collaborator: Mapped[Collaborator | None] = relationship(
        foreign_keys=[created_by_collaborator_id], back_populates="hospitals"
    )
    customer_potential_cases: Mapped[list[CustomerPotentialCase]] = relationship(
        foreign_keys="CustomerPotentialCase.hospital_id", back_populates="hospital", passive_deletes="all"
    )
    collaborators: Mapped[list[Collaborator]] = relationship(
        foreign_keys="Collaborator.hospital_id", back_populates="hospital", passive_deletes="all"
    )
    visit_events: Mapped[list[VisitEvent]] = relationship(
        foreign_keys="VisitEvent.hospital_id", back_populates="hospital", passive_deletes="all"
    )


class Clinic(Base):
    """An outpatient practice we keep in touch with."""

    __tablename__ = "clinics"
    __table_args__ = (
        Index("idx_clinics_country", "country_code"),
        Index("idx_clinics_city", "city"),
        Index("idx_clinics_active", "is_active"),
        Index(None, "created_at", "id"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        {
            "comment": "An outpatient practice we keep in touch with.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Clinic",
                "many": "Clinics",
                "icon": "first-aid-kit",
                "later": ("name", "doctor_name", "city"),
                "ending": ("phone",),
                "find": (
                    ("name",),
                    ("doctor_name",),
                    ("city",),
                    ("email",),
                ),
                "dial": ("phone",),
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Name on the door of the practice.")
    doctor_name: Mapped[str | None] = mapped_column(
        Text, comment="Doctor in charge, with titles.", info={"label": "Doctor"}
    )
    address: Mapped[str | None] = mapped_column(Text, comment="Street with house number.", info={"label": "Street"})
    city: Mapped[str | None] = mapped_column(Text, comment="Town where the clinic is.")
    postal_code: Mapped[str | None] = mapped_column(Text, comment="In the format of the country, e.g. 040 01.")
    country_code: Mapped[Country] = mapped_column(
        Choice(Country),
        default=Country.SK,
        server_default="SK",
        comment="Decides which staff can see this clinic.",
        info={"label": "Country"},
    )
    phone: Mapped[str | None] = mapped_column(Text, comment="With international prefix, e.g. +421.")
    email: Mapped[str | None] = mapped_column(Text, comment="Address of the reception or the doctor.")
    website: Mapped[str | None] = mapped_column(Text, comment="Full web address, starting with https://.")
    latitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="In decimal degrees, e.g. 48.7163857; north is positive."
    )
    longitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="In decimal degrees, e.g. 21.2610746; east is positive."
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive clinics are left out of choices.",
    )
    notes: Mapped[str | None] = mapped_column(Text, comment="Opening hours, habits and other remarks for colleagues.")
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="When the record was last saved (UTC).")
