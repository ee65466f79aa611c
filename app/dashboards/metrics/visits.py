"""What representatives do."""

from app.dashboards.metrics.spec import MANAGEMENT, Metric

METRICS = (
    Metric(
        "visits", "visit_events", "Visits",
        "Visits that begin in the period, whatever became of them.",
        "number", (), 3, period="start_time",
    ),
    Metric(
        "visits_by_representative", "visit_events", "Visits by representative",
        "Visits that begin in the period, by “Collaborator” and status.",
        "stack", MANAGEMENT, 12, period="start_time", by="collaborator_id", split="status",
    ),
)  # fmt: skip
