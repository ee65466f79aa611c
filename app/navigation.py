"""The sidebar: about forty entries, grouped by work. Tables that live inside another are tabs of it."""

from app.dashboards.sales import asked as insights
from app.pipeline.automation.pages import seen as automation
from app.pipeline.board import rights as board
from app.screens.shell import Entry, Group, entries

GROUPS = (
    Group(
        "Customers",
        "users",
        entries("customers", "customer_potential_cases", "customer_consents", "lead_scoring_criteria"),
    ),
    Group(
        "Sales",
        "briefcase",
        entries(
            Entry("", "Pipeline", "/pipeline/", "layout-kanban", "deals", board.open_to),
            "deals", Entry("", "My activities", "/pipeline/activities", "calendar", "deal_activities"),
            "deal_activities", "campaigns", "campaign_contacts",
            Entry("pipelines", href="/pipeline/pipelines/"),
            Entry("automation_rules", href="/automation/", opens=automation.open_to),
            Entry("", "Sales insights", "/pipeline/insights", "chart-bar", "pipelines", insights.open_to),
        ),
    ),
    Group(
        "Contracts",
        "file-text",
        entries("contract_instances", "contract_templates", "contract_categories", "variable_blocks"),
    ),
    Group(
        "Billing",
        "receipt",
        entries(
            "invoices", "products", "product_sets", "billing_details", "number_ranges", "invoice_templates",
            "exchange_rates", "inflation_rates",
        ),
    ),
    Group("Network", "building-hospital", entries("collaborators", "hospitals", "clinics", "visit_events")),
    Group(
        "Communication",
        "mail",
        entries("communication_messages", "email_metadata", "call_logs", "email_routing_rules", "email_tags",
                "email_signatures",
                Entry("", "Refused addresses", "/mail/addresses", "ban", "communication_messages")),
    ),
    Group(
        "Work",
        "checklist",
        entries(
            Entry("tasks", href="/work/tasks/"), Entry("notifications", href="/notifications/"),
            Entry("notification_rules", href="/notifications/rules/"),
            Entry("chat_messages", "Chat", "/chat/", "messages"),
        ),
    ),
    Group(
        "Settings",
        "settings",
        entries(
            "users", "roles", Entry("", "Permissions", "/rights/", "lock", "roles"), "departments",
            "country_system_settings", "health_insurance_companies", "laboratories", "service_configurations",
            "sip_settings", "activity_logs", Entry("", "Background jobs", "/jobs/", "activity", "system"),
        ),
    ),
)  # fmt: skip
