"""The catalogue: every metric by its key, in the order in which a board shows them."""

from app.dashboards.metrics import campaigns, contracts, customers, daily, deals, invoices, sales, visits
from app.dashboards.metrics.spec import Metric
from app.dashboards.models import Board

_ORDER = (
    "new_customers", "conversion", "open_deals", "invoiced", "won_deals", "overdue", "signed_contracts",
    "time_to_sign", "customers_by_country", "conversion_cohorts", "pipeline_by_stage", "forecast", "revenue",
    "contracts_by_state", "campaign_progress", "signing_times", "visits_by_representative", "visits",
    "my_open_tasks", "unread_emails", "messages_waiting", "failed_messages", "my_tasks_due", "callbacks_due",
    "cases_due", "waiting_for_signature",
)  # fmt: skip
_ALL = {
    metric.key: metric
    for domain in (customers, deals, sales, invoices, campaigns, contracts, visits, daily)
    for metric in domain.METRICS
}
CATALOGUE: dict[str, Metric] = {key: _ALL[key] for key in _ORDER} | _ALL


def usual(board: Board) -> list[Metric]:
    """What a board shows before anybody has arranged it."""
    return [metric for metric in CATALOGUE.values() if board in metric.boards]
