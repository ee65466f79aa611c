"""Tables: collaborators, collaborator addresses."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, partial_date_check
from app.core.paths import Own, Through
from app.core.types import Choice, Country, Created, Key, Secret, Timestamp, Updated
from app.core.vault import Veiled

if TYPE_CHECKING:
    from app.access.models import User
    from app.billing.models.company_links import BillingCompanyCollaborator
    from app.collaborators.models.agreements import CollaboratorAgreement, CollaboratorOtherData
    from app.customers.models.cases import CustomerPotentialCase
    from app.hospitals.models import Hospital
    from app.mobile.models import MobilePushToken, VisitEvent, VoiceNote
    from app.settings.models.lookups import HealthInsuranceCompany


class CollaboratorMaritalStatus(enum.StrEnum):
    single = "single"
    married = "married"
    divorced = "divorced"
    widowed = "widowed"


class CollaboratorType(enum.StrEnum):
    doctor = "doctor"
    nurse = "nurse"
    assistant_doctor = "assistant_doctor"
    head_nurse = "head_nurse"
    call_center = "call_center"
    other = "other"


class CollaboratorAddresseAddressType(enum.StrEnum):
    permanent = "permanent"
    correspondence = "correspondence"
    work = "work"
    company = "company"


class Collaborator(Base):
    """A doctor, nurse or other medical partner who works with us."""

    __tablename__ = "collaborators"
    __table_args__ = (
        Index("idx_collaborators_country", "country_code"),
        Index("idx_collaborators_hospital", "hospital_id"),
        Index("idx_collaborators_mobile_enabled", "mobile_app_enabled"),
        Index(None, "health_insurance_id"),
        Index(None, "representative_id"),
        Index(None, "created_at", "id"),
        Index(None, "country_code", "created_at", "id"),
        UniqueConstraint("mobile_username"),
        partial_date_check("birth"),
        {
            "comment": "A doctor, nurse or other medical partner who works with us.",
            "info": {
                "country": Own("country_code"),
                "one": "Collaborator",
                "many": "Collaborators",
                "icon": "stethoscope",
                "later": ("last_name", "first_name", "company_name"),
                "ending": ("phone", "mobile", "mobile_2", "birth_number"),
                "find": (
                    (
                        "last_name",
                        "first_name",
                    ),
                    (
                        "first_name",
                        "last_name",
                    ),
                    ("email",),
                    ("phone",),
                    ("mobile",),
                    ("company_name",),
                    ("legacy_id",),
                ),
                "seek": ("birth_number", "ico"),
                "dial": ("phone", "mobile", "mobile_2"),
                "dates": {"birth": "Date of birth"},
            },
        },
    )

    id: Mapped[Key]
    legacy_id: Mapped[str | None] = mapped_column(
        Text, comment="Number carried over from the older CRM.", info={"label": "Previous system number"}
    )
    country_code: Mapped[Country] = mapped_column(
        Choice(Country),
        comment="Where the collaborator works; decides which staff see the record.",
        info={"label": "Country"},
    )
    title_before: Mapped[str | None] = mapped_column(
        Text, comment="Academic title written in front, e.g. MUDr.", info={"label": "Title before name"}
    )
    first_name: Mapped[str] = mapped_column(Text, comment="Given name, without titles.")
    last_name: Mapped[str] = mapped_column(Text, comment="Family name, without titles.")
    maiden_name: Mapped[str | None] = mapped_column(Text, comment="Family name at birth, if it has changed.")
    title_after: Mapped[str | None] = mapped_column(
        Text, comment="Academic title written behind, e.g. PhD.", info={"label": "Title after name"}
    )
    birth_number: Mapped[str | None] = mapped_column(
        Text, comment="National personal number (rodné číslo); visible to authorised staff only."
    )
    birth_day: Mapped[int | None] = mapped_column(
        Integer, comment="Day of the month, 1 to 31; empty if unknown.", info={"label": "Date of birth: day"}
    )
    birth_month: Mapped[int | None] = mapped_column(
        Integer, comment="Month number, 1 to 12; empty if unknown.", info={"label": "Date of birth: month"}
    )
    birth_year: Mapped[int | None] = mapped_column(
        Integer, comment="Four-digit year; empty if unknown.", info={"label": "Date of birth: year"}
    )
    birth_place: Mapped[str | None] = mapped_column(
        Text, comment="Town where the collaborator was born.", info={"label": "Place of birth"}
    )
    health_insurance_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("health_insurance_companies.id"),
        comment="Company that insures the collaborator.",
        info={"label": "Health insurance company"},
    )
    marital_status: Mapped[CollaboratorMaritalStatus | None] = mapped_column(
        Choice(CollaboratorMaritalStatus), comment="As stated by the collaborator; personal data."
    )
    collaborator_type: Mapped[CollaboratorType | None] = mapped_column(
        Choice(CollaboratorType), comment="Position held at the hospital or clinic."
    )
    phone: Mapped[str | None] = mapped_column(Text, comment="Fixed line or work number, with international prefix.")
    mobile: Mapped[str | None] = mapped_column(
        Text, comment="Number for calls and text messages, with international prefix."
    )
    mobile_2: Mapped[str | None] = mapped_column(
        Text, comment="Alternative number, with international prefix.", info={"label": "Second mobile"}
    )
    other_contact: Mapped[str | None] = mapped_column(Text, comment="Any other way to reach the person.")
    email: Mapped[str | None] = mapped_column(Text, comment="Address for agreements and messages.")
    bank_account_iban: Mapped[str | None] = mapped_column(
        Text,
        comment="The collaborator's private account in IBAN format.",
        info={"label": "Personal account (IBAN)"},
    )
    swift_code: Mapped[str | None] = mapped_column(
        Text, comment="Bank identifier of 8 or 11 characters.", info={"label": "Personal SWIFT/BIC"}
    )
    client_contact: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Ticked when the person serves as a contact for clients.",
        info={"label": "Contact for clients"},
    )
    representative_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who visits and looks after this collaborator.",
        info={"label": "Field representative"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive collaborators cannot be chosen or use the mobile app.",
    )
    svet_zdravia: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Belongs to the Svet zdravia hospital network.",
    )
    company_name: Mapped[str | None] = mapped_column(
        Text, comment="Registered name, if the collaborator invoices through a company."
    )
    ico: Mapped[str | None] = mapped_column(
        Text, comment="Registration number of the company.", info={"label": "Company ID (IČO)"}
    )
    dic: Mapped[str | None] = mapped_column(
        Text, comment="Tax registration number of the company.", info={"label": "Tax ID (DIČ)"}
    )
    ic_dph: Mapped[str | None] = mapped_column(
        Text,
        comment="VAT number with country prefix; empty if not registered.",
        info={"label": "VAT ID (IČ DPH)"},
    )
    company_iban: Mapped[str | None] = mapped_column(
        Text,
        comment="Account of the collaborator's company in IBAN format.",
        info={"label": "Company account (IBAN)"},
    )
    company_swift: Mapped[str | None] = mapped_column(
        Text,
        comment="Identifier of the company's bank, 8 or 11 characters.",
        info={"label": "Company SWIFT/BIC"},
    )
    month_rewards: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Rewards are settled every month.",
        info={"label": "Monthly rewards"},
    )
    note: Mapped[str | None] = mapped_column(
        Text, comment="Remarks for colleagues; not shown to the collaborator.", info={"label": "Notes"}
    )
    hospital_id: Mapped[str | None] = mapped_column(String, ForeignKey("hospitals.id"), comment="Main place of work.")
    mobile_app_enabled: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Lets the person sign in to INDEXUS Connect.",
        info={"label": "Mobile app allowed"},
    )
    mobile_username: Mapped[str | None] = mapped_column(
        Text,
        comment="Name typed in the app; no two collaborators share one.",
        info={"label": "Mobile app username"},
    )
    mobile_password_hash: Mapped[Veiled | None] = mapped_column(
        Secret("collaborators.mobile_password_hash", store="hashed"),
        comment="Kept only in scrambled form; can be replaced, never read.",
        info={"label": "Mobile app password", "internal": True},
    )
    can_edit_hospitals: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="May add and correct hospitals in the mobile app.",
    )
    last_mobile_login: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Most recent sign-in to the mobile app (UTC).", info={"label": "Last app sign-in"}
    )
    mobile_last_active_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Most recent action in the mobile app (UTC).", info={"label": "Last app activity"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="When the record was last saved (UTC).")

    health_insurance: Mapped[HealthInsuranceCompany | None] = relationship(
        foreign_keys=[health_insurance_id], back_populates="collaborators"
    )
    representative: Mapped[User | None] = relationship(foreign_keys=[representative_id], back_populates="collaborators")
    hospital: Mapped[Hospital | None] = relationship(foreign_keys=[hospital_id], back_populates="collaborators")
    customer_potential_cases: Mapped[list[CustomerPotentialCase]] = relationship(
        foreign_keys="CustomerPotentialCase.obstetrician_id",
        back_populates="obstetrician",
        passive_deletes="all",
    )
    collaborator_addresses: Mapped[list[CollaboratorAddresse]] = relationship(
        foreign_keys="CollaboratorAddresse.collaborator_id",
        back_populates="collaborator",
        passive_deletes="all",
    )
    collaborator_other_data: Mapped[list[CollaboratorOtherData]] = relationship(
        foreign_keys="CollaboratorOtherData.collaborator_id",
        back_populates="collaborator",
        passive_deletes="all",
    )
    collaborator_agreements: Mapped[list[CollaboratorAgreement]] = relationship(
        foreign_keys="CollaboratorAgreement.collaborator_id",
        back_populates="collaborator",
        passive_deletes="all",
    )
    hospitals: Mapped[list[Hospital]] = relationship(
        foreign_keys="Hospital.created_by_collaborator_id",
        back_populates="created_by_collaborator",
        passive_deletes="all",
    )
    billing_company_collaborators: Mapped[list[BillingCompanyCollaborator]] = relationship(
        foreign_keys="BillingCompanyCollaborator.collaborator_id",
        back_populates="collaborator",
        passive_deletes="all",
    )
    visit_events: Mapped[list[VisitEvent]] = relationship(
        foreign_keys="VisitEvent.collaborator_id", back_populates="collaborator", passive_deletes="all"
    )
    voice_notes: Mapped[list[VoiceNote]] = relationship(
        foreign_keys="VoiceNote.collaborator_id", back_populates="collaborator", passive_deletes="all"
    )
    mobile_push_tokens: Mapped[list[MobilePushToken]] = relationship(
        foreign_keys="MobilePushToken.collaborator_id", back_populates="collaborator", passive_deletes="all"
    )


class CollaboratorAddresse(Base):
    """A postal address of a collaborator, for home, post, work or company."""

    __tablename__ = "collaborator_addresses"
    __table_args__ = (
        Index(None, "collaborator_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A postal address of a collaborator, for home, post, work or company.",
            "info": {
                "country": Through("collaborator_id"),
                "one": "Collaborator address",
                "many": "Collaborator addresses",
                "icon": "map-pin",
            },
        },
    )

    id: Mapped[Key]
    collaborator_id: Mapped[str] = mapped_column(
        String, ForeignKey("collaborators.id"), comment="Person the address belongs to."
    )
    address_type: Mapped[CollaboratorAddresseAddressType] = mapped_column(
        Choice(CollaboratorAddresseAddressType), comment="What the address is used for."
    )
    name: Mapped[str | None] = mapped_column(
        Text, comment="Addressee or workplace to put on the first line.", info={"label": "Address name"}
    )
    street_number: Mapped[str | None] = mapped_column(
        Text, comment="Street with house number.", info={"label": "Street and number"}
    )
    postal_code: Mapped[str | None] = mapped_column(Text, comment="In the format of the country, e.g. 110 00.")
    region: Mapped[str | None] = mapped_column(Text, comment="Region, county or state of the address.")
    country_code: Mapped[Country | None] = mapped_column(
        Choice(Country), comment="Country the address is in.", info={"label": "Country"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")

    collaborator: Mapped[Collaborator] = relationship(
        foreign_keys=[collaborator_id], back_populates="collaborator_addresses"
    )
