"""How far campaigns are, and whom somebody promised to call."""

from app.dashboards.metrics.spec import CAMPAIGN, MANAGEMENT, ME, TODAY, WORK, Metric

METRICS = (
    Metric(
        "campaign_progress", "campaign_contacts", "Progress of running campaigns",
        "Contacts of the campaigns whose status is active, by “Status”.",
        "stack", MANAGEMENT + WORK, 6, by=CAMPAIGN, split="status", good="",
    ),
    Metric(
        "callbacks_due", "campaign_contacts", "My callbacks due",
        "Contacts assigned to you whose “Callback” is today or earlier.",
        "list", WORK, 6,
        where=(
            ("eq", "status", "callback_scheduled"),
            ("eq", "assigned_to", ME),
            ("le", "callback_date", TODAY),
        ),
        columns=("customer_id", "callback_date", "campaign_id"), order="callback_date", good="", personal=True,
    ),
)  # fmt: skip
