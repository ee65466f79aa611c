"""How the generated screens of this domain differ from the default."""

from app.collaborators.models import (
    Collaborator,
    CollaboratorAddresse,
    CollaboratorAgreement,
    CollaboratorOtherData,
)
from app.screens.spec import Happening, Screen

SCREENS = (
    Screen(
        Collaborator,
        when=dict.fromkeys(("mobile_username", "can_edit_hospitals"), ("mobile_app_enabled", True)),
        name=("first_name", "last_name"),
        columns=(
            "first_name",
            "last_name",
            "collaborator_type",
            "hospital_id",
            "country_code",
            "mobile",
            "representative_id",
            "is_active",
        ),
        sections=(
            (
                "Identity",
                (
                    "legacy_id",
                    "country_code",
                    "title_before",
                    "first_name",
                    "last_name",
                    "maiden_name",
                    "title_after",
                    "collaborator_type",
                    "hospital_id",
                ),
            ),
            (
                "Personal data",
                (
                    "birth_number",
                    "birth_day",
                    "birth_month",
                    "birth_year",
                    "birth_place",
                    "health_insurance_id",
                    "marital_status",
                ),
            ),
            ("Contact", ("phone", "mobile", "mobile_2", "other_contact", "email")),
            ("Bank", ("bank_account_iban", "swift_code")),
            (
                "Cooperation",
                ("client_contact", "representative_id", "is_active", "svet_zdravia", "month_rewards"),
            ),
            ("Company", ("company_name", "ico", "dic", "ic_dph", "company_iban", "company_swift")),
            (
                "Mobile app",
                (
                    "mobile_app_enabled",
                    "mobile_username",
                    "mobile_password_hash",
                    "can_edit_hospitals",
                    "last_mobile_login",
                    "mobile_last_active_at",
                ),
            ),
            ("Notes", ("note",)),
        ),
    ),
    Screen(
        CollaboratorAddresse,
        inside="collaborators",
        name=("collaborator_id", "address_type"),
        columns=(
            "collaborator_id",
            "address_type",
            "name",
            "street_number",
            "postal_code",
            "region",
            "country_code",
        ),
    ),
    Screen(
        CollaboratorOtherData,
        inside="collaborators",
        name=("collaborator_id",),
        columns=(
            "collaborator_id",
            "ztp_year",
            "old_age_pension_year",
            "disability_pension_year",
            "widow_pension_year",
        ),
        sections=(
            ("Collaborator", ("collaborator_id",)),
            ("Severe disability (ZŤP)", ("ztp_day", "ztp_month", "ztp_year")),
            ("Old-age pension", ("old_age_pension_day", "old_age_pension_month", "old_age_pension_year")),
            (
                "Disability pension",
                ("disability_pension_day", "disability_pension_month", "disability_pension_year"),
            ),
            ("Widow's pension", ("widow_pension_day", "widow_pension_month", "widow_pension_year")),
        ),
    ),
    Screen(
        CollaboratorAgreement,
        happening=Happening("document", ("contract_number",)),
        inside="collaborators",
        name=("contract_number", "collaborator_id"),
        columns=(
            "collaborator_id",
            "contract_number",
            "billing_company_id",
            "valid_to_day",
            "valid_to_month",
            "valid_to_year",
            "is_valid",
            "reward_types",
        ),
        sections=(
            (
                "Agreement",
                (
                    "collaborator_id",
                    "billing_company_id",
                    "contract_number",
                    "agreement_form",
                    "reward_types",
                ),
            ),
            (
                "Validity",
                (
                    "valid_from_day",
                    "valid_from_month",
                    "valid_from_year",
                    "valid_to_day",
                    "valid_to_month",
                    "valid_to_year",
                    "is_valid",
                ),
            ),
            (
                "Sent and returned",
                (
                    "agreement_sent_day",
                    "agreement_sent_month",
                    "agreement_sent_year",
                    "agreement_returned_day",
                    "agreement_returned_month",
                    "agreement_returned_year",
                ),
            ),
            ("File", ("file_name", "file_path", "file_size", "file_content_type", "extracted_text")),
        ),
    ),
)
