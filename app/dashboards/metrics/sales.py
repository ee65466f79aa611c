"""How sales go, in single numbers."""

from app.dashboards.metrics.spec import Metric

METRICS = (
    Metric(
        "new_deals", "deals", "New deals",
        "Deals entered in the period, by “Created”.",
        "number", (), 3, period="created_at",
    ),
    Metric(
        "win_rate", "deals", "Win rate",
        "Of the deals closed in the period, by “Closed on”, the share that was won.",
        "number", (), 3, where=(("in", "status", "won,lost"),), period="actual_close_date",
        share=(("in", "status", "won"),),
    ),
)  # fmt: skip
