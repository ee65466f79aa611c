"""How the generated screens of this domain differ from the default."""

from app.hospitals.models import Clinic, Hospital
from app.screens.spec import Screen

SCREENS = (
    Screen(
        Hospital,
        name=("name", "city"),
        columns=(
            "name",
            "city",
            "country_code",
            "region",
            "representative_id",
            "laboratory_id",
            "phone",
            "is_active",
        ),
        sections=(
            ("Identity", ("legacy_id", "is_active", "name", "full_name")),
            ("Address", ("street_number", "city", "postal_code", "region", "country_code")),
            ("Contact", ("contact_person", "phone", "email")),
            (
                "Cooperation",
                (
                    "representative_id",
                    "responsible_person_id",
                    "laboratory_id",
                    "auto_recruiting",
                    "svet_zdravia",
                ),
            ),
            ("Map", ("latitude", "longitude", "created_by_collaborator_id")),
        ),
    ),
    Screen(
        Clinic,
        name=("name", "doctor_name"),
        columns=("name", "doctor_name", "city", "country_code", "phone", "email", "is_active"),
        sections=(
            ("Identity", ("name", "doctor_name", "is_active")),
            ("Address", ("address", "city", "postal_code", "country_code")),
            ("Contact", ("phone", "email", "website")),
            ("Map", ("latitude", "longitude")),
            ("Notes", ("notes",)),
        ),
    ),
)
