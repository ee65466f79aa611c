"""How the generated screens of this domain differ from the default."""

from app.customers.models import (
    Customer,
    CustomerConsent,
    CustomerNote,
    CustomerPotentialCase,
    LeadScoringCriterion,
)
from app.screens.spec import Happening, Leading, Screen

_CORRESPONDENCE = ("corr_name", "corr_address", "corr_city", "corr_postal_code", "corr_region", "corr_country")

SCREENS = (
    Screen(
        Customer,
        when=dict.fromkeys(_CORRESPONDENCE, ("use_correspondence_address", True)),
        name=("first_name", "last_name"),
        columns=(
            "first_name",
            "last_name",
            "country",
            "city",
            "phone",
            "client_status",
            "assigned_user_id",
            "created_at",
        ),
        readonly=("lead_score", "lead_score_updated_at"),
        links=(Leading("Write e-mail", "/mail/write?customer={id}", "mail", module="communication_messages"),),
        sections=(
            (
                "Identity",
                (
                    "internal_id",
                    "title_before",
                    "first_name",
                    "last_name",
                    "maiden_name",
                    "title_after",
                    "national_id",
                    "id_card_number",
                    "date_of_birth",
                ),
            ),
            ("Contact", ("phone", "mobile", "mobile_2", "other_contact", "email", "email_2", "newsletter")),
            (
                "Classification",
                ("complaint_type_id", "cooperation_type_id", "vip_status_id", "health_insurance_id"),
            ),
            ("Address", ("country", "city", "address", "postal_code", "region")),
            (
                "Correspondence address",
                (
                    "use_correspondence_address",
                    "corr_name",
                    "corr_address",
                    "corr_city",
                    "corr_postal_code",
                    "corr_region",
                    "corr_country",
                ),
            ),
            ("Bank", ("bank_account", "bank_code", "bank_name", "bank_swift")),
            (
                "Status",
                (
                    "client_status",
                    "status",
                    "service_type",
                    "assigned_user_id",
                    "lead_score",
                    "lead_score_updated_at",
                    "lead_status",
                ),
            ),
            ("Notes", ("notes",)),
        ),
    ),
    Screen(
        CustomerPotentialCase,
        when={"child_count": ("is_multiple_pregnancy", True)},
        happening=Happening("step", ("notes",)),
        name=("customer_id", "case_status"),
        columns=(
            "customer_id",
            "case_status",
            "expected_date_day",
            "expected_date_month",
            "expected_date_year",
            "hospital_id",
            "obstetrician_id",
            "sales_channel",
        ),
        sections=(
            ("Case", ("customer_id", "case_status")),
            (
                "Birth",
                (
                    "expected_date_day",
                    "expected_date_month",
                    "expected_date_year",
                    "hospital_id",
                    "obstetrician_id",
                    "is_multiple_pregnancy",
                    "child_count",
                ),
            ),
            (
                "Father",
                (
                    "father_title_before",
                    "father_first_name",
                    "father_last_name",
                    "father_title_after",
                    "father_phone",
                    "father_mobile",
                    "father_email",
                ),
            ),
            (
                "Father's address",
                ("father_street", "father_city", "father_postal_code", "father_region", "father_country"),
            ),
            ("Product", ("product_id", "product_type", "payment_type", "gift_voucher")),
            (
                "Sales",
                (
                    "contact_date_day",
                    "contact_date_month",
                    "contact_date_year",
                    "existing_contracts",
                    "recruiting",
                    "sales_channel",
                ),
            ),
            ("Marketing", ("info_source", "marketing_action", "marketing_code", "newsletter_opt_in")),
            ("Notes", ("notes",)),
        ),
    ),
    Screen(
        CustomerNote,
        happening=Happening("note", ("content",), "user_id"),
        inside="customers",
        name=("customer_id", "created_at"),
        columns=("created_at", "customer_id", "user_id", "content"),
    ),
    Screen(
        CustomerConsent,
        happening=Happening("step", ("purpose",), "granted_by_user_id"),
        name=("customer_id", "consent_type"),
        columns=(
            "customer_id",
            "consent_type",
            "granted",
            "legal_basis",
            "granted_at",
            "revoked_at",
            "expires_at",
            "source",
        ),
        sections=(
            ("Consent", ("customer_id", "consent_type", "legal_basis", "purpose")),
            ("Granted", ("granted", "granted_at", "granted_by_user_id")),
            ("Revoked", ("revoked_at", "revoked_by_user_id", "revoke_reason")),
            ("Validity", ("expires_at",)),
            ("Evidence", ("source", "document_reference")),
            ("Notes", ("notes",)),
        ),
    ),
    Screen(
        LeadScoringCriterion,
        name=("name",),
        columns=("name", "category", "field", "condition", "value", "points", "country_code", "is_active"),
        sections=(
            ("Rule", ("name", "description", "category")),
            ("Condition", ("field", "condition", "value")),
            ("Effect", ("points", "is_active", "country_code")),
        ),
    ),
)
