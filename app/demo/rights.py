"""Roles and what each may do with every module and with some fields."""

from __future__ import annotations

MODULES = (
    "dashboard",
    "export",
    "import",
    "customers",
    "customer_potential_cases",
    "customer_consents",
    "lead_scoring_criteria",
    "collaborators",
    "hospitals",
    "clinics",
    "products",
    "product_sets",
    "billing_details",
    "invoices",
    "invoice_templates",
    "number_ranges",
    "exchange_rates",
    "inflation_rates",
    "campaigns",
    "campaign_contacts",
    "campaign_templates",
    "pipelines",
    "automation_rules",
    "deals",
    "deal_activities",
    "contract_categories",
    "contract_templates",
    "contract_instances",
    "variable_blocks",
    "communication_messages",
    "email_metadata",
    "customer_email_notifications",
    "user_ms365_connections",
    "email_signatures",
    "email_routing_rules",
    "email_tags",
    "gsm_sender_configs",
    "notifications",
    "notification_rules",
    "tasks",
    "audit",
    "saved_searches",
    "chat_messages",
    "visit_events",
    "mobile_push_tokens",
    "complaint_types",
    "cooperation_types",
    "vip_statuses",
    "health_insurance_companies",
    "laboratories",
    "departments",
    "service_configurations",
    "sip_settings",
    "call_logs",
    "country_system_settings",
    "system_ms365_connections",
    "ms365_pkce_store",
    "users",
    "roles",
)
SYSTEM_MODULES = (
    "user_ms365_connections",
    "mobile_push_tokens",
    "sip_settings",
    "country_system_settings",
    "system_ms365_connections",
    "ms365_pkce_store",
    "roles",
)
LOOKUPS = (
    "complaint_types",
    "cooperation_types",
    "vip_statuses",
    "health_insurance_companies",
    "laboratories",
    "departments",
)
VIEW, CHANGE, FULL = (False, False), (False, True), (True, True)  # (can_add, can_edit)

ROLES = {
    # key: (name, legacy role, department, description)
    "admin": ("Administrator", "admin", "it", "Runs the system: users, roles, connections and every module."),
    "manager": (
        "Manager",
        "manager",
        "management",
        "Leads a team and answers for business records and reports.",
    ),
    "clerk": (
        "Back-office clerk",
        "user",
        "operations",
        "Keeps customers, contracts and correspondence in order.",
    ),
    "operator": (
        "Call-centre operator",
        "user",
        "customer_service",
        "Calls families in campaigns and takes calls.",
    ),
    "sales": ("Sales representative", "user", "sales", "Looks after deals, hospitals and collaborators."),
}


def _grants(**kinds: str) -> dict[str, tuple[bool, bool]]:
    levels = {"view": VIEW, "change": CHANGE, "full": FULL}
    return {module: levels[kind] for kind, modules in kinds.items() for module in modules.split()}


BUSINESS = [
    module for module in MODULES if module not in (*SYSTEM_MODULES, "users", "audit", "dashboard", "export", "import")
]
GRANTS = {
    "admin": dict.fromkeys(MODULES, FULL),
    "manager": dict.fromkeys(BUSINESS, FULL) | _grants(view="dashboard export import users audit"),
    "clerk": dict.fromkeys(LOOKUPS, VIEW)
    | _grants(
        view="dashboard export import invoices contract_categories contract_templates email_metadata",
        change="notifications customer_email_notifications",
        full="customers customer_potential_cases customer_consents collaborators hospitals clinics "
        "contract_instances communication_messages tasks chat_messages notification_rules",
    ),
    "operator": _grants(
        view="dashboard campaigns deals",
        change="customers campaign_contacts notifications",
        full="call_logs tasks chat_messages deal_activities notification_rules",
    ),
    "sales": dict.fromkeys(LOOKUPS, VIEW)
    | _grants(
        view="dashboard export products product_sets invoices contract_templates campaigns pipelines visit_events",
        change="notifications campaign_contacts",
        full="customers customer_potential_cases customer_consents collaborators hospitals clinics deals "
        "deal_activities contract_instances communication_messages tasks call_logs saved_searches chat_messages "
        "notification_rules",
    ),
}
FIELDS = {
    # role: ((module, field, permission), ...); a field that is not named is editable
    "operator": (
        ("customers", "national_id", "hidden"),
        ("customers", "bank_account", "hidden"),
        ("customers", "id_card_number", "hidden"),
        ("customers", "client_status", "readonly"),
    ),
    "clerk": (
        ("collaborators", "birth_number", "readonly"),
        ("collaborators", "bank_account_iban", "readonly"),
        ("customers", "lead_score", "readonly"),
    ),
    "sales": (
        ("collaborators", "birth_number", "hidden"),
        ("customers", "national_id", "readonly"),
        ("customers", "bank_account", "hidden"),
    ),
}
