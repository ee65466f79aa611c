"""How the generated screens of this domain differ from the default."""

from app.screens.spec import Happening, Screen
from app.settings.models import (
    CallLog,
    ComplaintType,
    CooperationType,
    CountrySystemSettings,
    Department,
    HealthInsuranceCompany,
    Laboratory,
    ServiceConfiguration,
    ServiceInstance,
    SipSettings,
    VipStatus,
)

SCREENS = (
    Screen(
        ComplaintType,
        name=("name",),
        columns=("name", "country_code", "is_active", "created_at"),
    ),
    Screen(
        CooperationType,
        name=("name",),
        columns=("name", "country_code", "is_active", "created_at"),
    ),
    Screen(
        VipStatus,
        name=("name",),
        columns=("name", "country_code", "is_active", "created_at"),
    ),
    Screen(
        HealthInsuranceCompany,
        name=("name",),
        columns=("name", "code", "country_code", "is_active", "created_at"),
    ),
    Screen(
        Laboratory,
        name=("name",),
        columns=("name", "country_code", "is_active", "created_at"),
    ),
    Screen(
        Department,
        name=("name",),
        columns=(
            "name",
            "parent_id",
            "contact_first_name",
            "contact_last_name",
            "contact_email",
            "contact_phone",
            "is_active",
            "sort_order",
        ),
    ),
    Screen(
        ServiceConfiguration,
        name=("service_name", "country_code"),
        columns=(
            "service_name",
            "service_code",
            "country_code",
            "base_price",
            "currency",
            "vat_rate",
            "storage_years",
            "is_active",
        ),
        sections=(
            ("Service", ("service_code", "service_name", "description", "country_code", "is_active")),
            ("Use", ("invoiceable", "collectable", "storable")),
            ("Price", ("base_price", "currency", "vat_rate")),
            ("Duration", ("processing_days", "storage_years")),
            ("Options", ("additional_options",)),
        ),
    ),
    Screen(
        ServiceInstance,
        inside="service_configurations",
        name=("name", "service_id"),
        columns=(
            "name",
            "service_id",
            "from_date",
            "to_date",
            "is_active",
            "billing_details_id",
            "invoicing_period_years",
        ),
        sections=(
            (
                "Service",
                (
                    "service_id",
                    "name",
                    "from_date",
                    "to_date",
                    "is_active",
                    "description",
                    "certificate_template",
                ),
            ),
            (
                "Invoicing",
                (
                    "invoice_identifier",
                    "billing_details_id",
                    "allow_proforma_invoices",
                    "invoicing_period_years",
                    "constant_symbol",
                    "start_invoicing_field",
                    "end_invoicing_field",
                ),
            ),
            ("Accounting", ("accounting_id_offset", "ledger_account_proforma", "ledger_account_invoice")),
        ),
    ),
    Screen(
        SipSettings,
        name=("server",),
        columns=("server", "port", "transport", "is_enabled", "updated_at", "updated_by"),
        sections=(
            ("Server", ("is_enabled", "server", "port", "ws_port", "ws_path", "transport", "realm")),
            ("Connection helpers", ("stun_server", "turn_server", "turn_username", "turn_password")),
            ("Last change", ("updated_by",)),
        ),
    ),
    Screen(
        CallLog,
        happening=Happening("call", ("notes",), "user_id", badges=("direction", "status")),
        name=("phone_number", "started_at"),
        columns=(
            "phone_number",
            "customer_id",
            "direction",
            "status",
            "user_id",
            "started_at",
            "duration_seconds",
            "campaign_id",
        ),
        sections=(
            ("Call", ("user_id", "phone_number", "direction", "status", "notes")),
            ("Related to", ("customer_id", "campaign_id", "campaign_contact_id")),
            ("Times", ("started_at", "answered_at", "ended_at", "duration_seconds")),
            ("Phone system", ("sip_call_id", "metadata")),
        ),
    ),
    Screen(
        CountrySystemSettings,
        when={
            **{
                f"system_email_{name}": ("system_email_enabled", True)
                for name in ("address", "display_name", "user_id")
            },
            **{f"system_sms_sender_{name}": ("system_sms_enabled", True) for name in ("type", "value")},
        },
        name=("country_code",),
        columns=(
            "country_code",
            "system_email_enabled",
            "system_email_address",
            "system_sms_enabled",
            "system_sms_sender_type",
            "alerts_enabled",
            "notifications_enabled",
            "updated_at",
        ),
        sections=(
            ("Country", ("country_code",)),
            (
                "Email",
                (
                    "system_email_enabled",
                    "system_email_address",
                    "system_email_display_name",
                    "system_email_user_id",
                ),
            ),
            ("SMS", ("system_sms_enabled", "system_sms_sender_type", "system_sms_sender_value")),
            ("Alerts", ("alerts_enabled", "notifications_enabled")),
        ),
    ),
)
