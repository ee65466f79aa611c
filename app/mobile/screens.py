"""How the generated screens of this domain differ from the default."""

from app.mobile.models import MobilePushToken, VisitEvent, VoiceNote
from app.screens.spec import Happening, Screen

SCREENS = (
    Screen(
        VisitEvent,
        happening=Happening("visit", ("subject", "remark")),
        name=("collaborator_id", "start_time"),
        columns=(
            "collaborator_id",
            "subject",
            "hospital_id",
            "start_time",
            "status",
            "place",
            "country_code",
            "synced_from_mobile",
        ),
        sections=(
            ("Visit", ("collaborator_id", "country_code", "subject", "visit_type")),
            ("Plan", ("start_time", "end_time", "is_all_day")),
            ("Place", ("latitude", "longitude", "location_address", "hospital_id", "place")),
            ("Remarks", ("remark", "remark_voice_url", "remark_detail")),
            ("Status", ("status", "is_cancelled", "is_not_realized")),
            (
                "Actual visit",
                (
                    "actual_start",
                    "actual_end",
                    "start_latitude",
                    "start_longitude",
                    "end_latitude",
                    "end_longitude",
                ),
            ),
            ("Mobile app", ("synced_from_mobile", "mobile_device_info")),
        ),
    ),
    Screen(
        VoiceNote,
        happening=Happening("note", ("transcription",)),
        inside="visit_events",
        name=("visit_event_id", "created_at"),
        columns=(
            "visit_event_id",
            "collaborator_id",
            "file_name",
            "duration_seconds",
            "is_transcribed",
            "transcription_language",
            "created_at",
        ),
    ),
    Screen(
        MobilePushToken,
        name=("collaborator_id", "platform", "device_name"),
        columns=("collaborator_id", "device_name", "platform", "is_active", "last_used_at", "created_at"),
    ),
)
