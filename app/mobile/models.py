"""The field representatives' app: visits, voice notes, devices."""

from __future__ import annotations

import enum
import hashlib
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.core.db import Base
from app.core.paths import Own, Through
from app.core.types import Choice, Country, Created, Key, Secret, Timestamp, Updated
from app.core.vault import Veiled

if TYPE_CHECKING:
    from app.collaborators.models.collaborators import Collaborator
    from app.hospitals.models import Hospital


class VisitEventStatus(enum.StrEnum):
    scheduled = "scheduled"
    in_progress = "in_progress"
    completed = "completed"
    cancelled = "cancelled"
    not_realized = "not_realized"


class MobilePushTokenPlatform(enum.StrEnum):
    ios = "ios"
    android = "android"
    expo = "expo"
    __labels__ = {"ios": "iOS"}


class VisitEvent(Base):
    """A field visit by a collaborator, planned and reported in the mobile app."""

    __tablename__ = "visit_events"
    __table_args__ = (
        Index("idx_visit_events_collaborator", "collaborator_id"),
        Index("idx_visit_events_hospital", "hospital_id"),
        Index("idx_visit_events_status", "status"),
        Index("idx_visit_events_start", "start_time"),
        Index(None, "created_at", "id"),
        Index(None, "country_code", "created_at", "id"),
        CheckConstraint("end_time >= start_time", name="times_in_order"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        {
            "comment": "A field visit by a collaborator, planned and reported in the mobile app.",
            "info": {
                "country": Own("country_code"),
                "one": "Visit",
                "many": "Visits",
                "icon": "map-pin",
                "find": (
                    ("subject",),
                    ("location_address",),
                ),
            },
        },
    )

    id: Mapped[Key]
    collaborator_id: Mapped[str] = mapped_column(
        String, ForeignKey("collaborators.id"), comment="Collaborator who makes the visit."
    )
    country_code: Mapped[Country] = mapped_column(
        Choice(Country), comment="Country in which the visit takes place.", info={"label": "Country"}
    )
    subject: Mapped[str] = mapped_column(
        Text, comment="Code 1 to 12 of what the visit is about.", info={"label": "Visit subject"}
    )
    start_time: Mapped[datetime] = mapped_column(
        Timestamp, comment="When the visit should begin, UTC.", info={"label": "Planned start"}
    )
    end_time: Mapped[datetime] = mapped_column(
        Timestamp, comment="When the visit should finish, UTC.", info={"label": "Planned end"}
    )
    is_all_day: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The visit takes the whole day; times are ignored.",
    )
    latitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="Position of the visit in degrees, seven decimals."
    )
    longitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="East-west position of the visit in degrees, seven decimals."
    )
    location_address: Mapped[str | None] = mapped_column(
        Text, comment="Street address found from the position.", info={"label": "Address"}
    )
    hospital_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("hospitals.id"), comment="Hospital that is visited, if any."
    )
    remark: Mapped[str | None] = mapped_column(Text, comment="What was discussed or should be remembered.")
    remark_voice_url: Mapped[str | None] = mapped_column(
        Text, comment="Link to the spoken remark.", info={"label": "Voice remark"}
    )
    remark_detail: Mapped[str | None] = mapped_column(
        Text, comment="Code 1 to 7 of the kind of person visited.", info={"label": "Person visited"}
    )
    visit_type: Mapped[str | None] = mapped_column(Text, comment="Code 1 to 12; the same as the visit subject.")
    place: Mapped[str | None] = mapped_column(Text, comment="Code 1 to 6 of where the visit takes place.")
    status: Mapped[VisitEventStatus] = mapped_column(
        Choice(VisitEventStatus),
        default=VisitEventStatus.scheduled,
        server_default="scheduled",
        comment="How far the visit has got; decides the two marks below.",
    )
    actual_start: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the collaborator really began, UTC.")
    actual_end: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the collaborator really finished, UTC."
    )
    start_latitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="Latitude recorded when the visit began, in degrees."
    )
    start_longitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="Longitude recorded when the visit began, in degrees."
    )
    end_latitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="Latitude recorded when the visit finished, in degrees."
    )
    end_longitude: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 7), comment="Longitude recorded when the visit finished, in degrees."
    )
    is_cancelled: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Set from the status when the visit was called off.",
    )
    is_not_realized: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Set from the status when the visit did not happen.",
    )
    synced_from_mobile: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The visit was sent by the mobile app.",
        info={"label": "From mobile app"},
    )
    mobile_device_info: Mapped[str | None] = mapped_column(
        Text, comment="Phone and app version that sent the visit.", info={"label": "Device"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the visit was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the visit, UTC.")

    collaborator: Mapped[Collaborator] = relationship(foreign_keys=[collaborator_id], back_populates="visit_events")
    hospital: Mapped[Hospital | None] = relationship(foreign_keys=[hospital_id], back_populates="visit_events")
    voice_notes: Mapped[list[VoiceNote]] = relationship(
        foreign_keys="VoiceNote.visit_event_id", back_populates="visit_event", passive_deletes="all"
    )


class VoiceNote(Base):
    """A spoken note recorded by a collaborator during a visit."""

    __tablename__ = "voice_notes"
    __table_args__ = (
        Index(None, "visit_event_id"),
        Index(None, "collaborator_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A spoken note recorded by a collaborator during a visit.",
            "info": {
                "country": Through("visit_event_id"),
                "one": "Voice note",
                "many": "Voice notes",
                "icon": "microphone",
            },
        },
    )

    id: Mapped[Key]
    visit_event_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("visit_events.id"),
        comment="Visit during which the note was recorded.",
        info={"label": "Visit"},
    )
    collaborator_id: Mapped[str] = mapped_column(
        String, ForeignKey("collaborators.id"), comment="Collaborator who recorded the note."
    )
    file_path: Mapped[str] = mapped_column(Text, comment="Where the sound file is stored.", info={"label": "Recording"})
    file_name: Mapped[str | None] = mapped_column(Text, comment="Name of the sound file on the phone.")
    duration_seconds: Mapped[int | None] = mapped_column(
        Integer, comment="Length of the recording in seconds.", info={"label": "Length"}
    )
    file_size: Mapped[int | None] = mapped_column(Integer, comment="Size of the sound file in bytes.")
    transcription: Mapped[str | None] = mapped_column(
        Text,
        comment="Automatic transcript of the recording; may contain mistakes.",
        info={"label": "Transcript"},
    )
    is_transcribed: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The recording has been turned into text.",
    )
    transcription_language: Mapped[str | None] = mapped_column(
        Text, comment="Language spoken in the recording.", info={"label": "Language"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the note was received, UTC.")

    visit_event: Mapped[VisitEvent] = relationship(foreign_keys=[visit_event_id], back_populates="voice_notes")
    collaborator: Mapped[Collaborator] = relationship(foreign_keys=[collaborator_id], back_populates="voice_notes")


class MobilePushToken(Base):
    """A collaborator's phone that receives notifications from the mobile app."""

    __tablename__ = "mobile_push_tokens"
    __table_args__ = (
        Index(None, "collaborator_id"),
        Index(None, "created_at", "id"),
        UniqueConstraint("token_fingerprint"),
        {
            "comment": "A collaborator's phone that receives notifications from the mobile app.",
            "info": {
                "country": Through("collaborator_id"),
                "one": "Mobile device",
                "many": "Mobile devices",
                "icon": "device-mobile",
            },
        },
    )

    id: Mapped[Key]
    collaborator_id: Mapped[str] = mapped_column(
        String, ForeignKey("collaborators.id"), comment="Collaborator who uses the device."
    )
    token: Mapped[Veiled] = mapped_column(
        Secret("mobile_push_tokens.token"),
        comment="Secret address for sending notifications to the device; never shown.",
        info={"label": "Notification key"},
    )
    platform: Mapped[MobilePushTokenPlatform] = mapped_column(
        Choice(MobilePushTokenPlatform), comment="System the mobile app runs on."
    )
    device_id: Mapped[str | None] = mapped_column(
        Text, comment="Identifier reported by the device itself.", info={"label": "Device reference"}
    )
    device_name: Mapped[str | None] = mapped_column(
        Text, comment="Name or model of the phone.", info={"label": "Device"}
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="When off, no notifications go to this device.",
    )
    last_used_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the device last reported in, UTC.")
    created_at: Mapped[Created] = mapped_column(comment="When the device was registered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the device entry, UTC.")
    token_fingerprint: Mapped[str | None] = mapped_column(
        Text,
        comment="SHA-256 of the token in hexadecimal, so that one device token is kept once.",
        info={"extension": "the sealed token cannot carry a unique constraint", "internal": True},
    )

    collaborator: Mapped[Collaborator] = relationship(
        foreign_keys=[collaborator_id], back_populates="mobile_push_tokens"
    )

    @validates("token")
    def _fingerprint(self, key: str, token: Veiled | str | None) -> Veiled | str | None:
        plain = token.reveal() if isinstance(token, Veiled) else token
        self.token_fingerprint = None if plain is None else hashlib.sha256(plain.encode()).hexdigest()
        return token
