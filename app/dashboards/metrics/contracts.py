"""Contracts by state, and how long families take to sign."""

from app.dashboards.metrics.spec import MANAGEMENT, TIME, WORK, Days, Metric

METRICS = (
    Metric(
        "signed_contracts", "contract_instances", "Signed contracts",
        "Contracts whose “Signed” is in the period.",
        "number", MANAGEMENT, 3, period="signed_at",
    ),
    Metric(
        "time_to_sign", "contract_instances", "Median time to sign",
        "Days from “Sent” to “Signed” of the contracts signed in the period: half of them took no longer.",
        "number", MANAGEMENT, 3, where=(("some", "sent_at", "1"),), period="signed_at",
        days=Days("sent_at", "signed_at"), good="down",
    ),
    Metric(
        "contracts_by_state", "contract_instances", "Contracts by state",
        "Contracts created in the period by their status today.",
        "bar", MANAGEMENT, 6, period="created_at", by="status", good="",
    ),
    Metric(
        "signing_times", "contract_instances", "Time to sign",
        "Days from “Sent” to “Signed” of the contracts signed in the period: the median, and what nine of ten stay"
        " within.",
        "line", MANAGEMENT, 6, where=(("some", "sent_at", "1"),), period="signed_at", by=TIME,
        days=Days("sent_at", "signed_at"), good="down",
    ),
    Metric(
        "waiting_for_signature", "contract_instances", "Waiting for a signature",
        "Contracts sent to the family and not signed yet.",
        "list", WORK, 6, where=(("in", "status", "sent,pending_signature"),),
        columns=("contract_number", "customer_id", "sent_at"), order="sent_at", good="",
    ),
)  # fmt: skip
