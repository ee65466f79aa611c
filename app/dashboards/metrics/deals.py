"""What is in the pipeline, what it is likely to bring, what was won."""

from app.dashboards.metrics.spec import AHEAD, MANAGEMENT, STAGE, Amount, Metric

_OPEN = (("eq", "status", "open"),)

METRICS = (
    Metric(
        "open_deals", "deals", "Open pipeline",
        "“Value” of all open deals, at today's rates.",
        "number", MANAGEMENT, 3, where=_OPEN, amount=Amount("value"),
    ),
    Metric(
        "won_deals", "deals", "Won deals",
        "“Value” of the deals won in the period, by “Closed on”, at the rates of that day.",
        "number", MANAGEMENT, 3, where=(("eq", "status", "won"),), period="actual_close_date",
        amount=Amount("value", day="actual_close_date"),
    ),
    Metric(
        "pipeline_by_stage", "deals", "Pipeline by stage",
        "“Value” of all open deals by their stage, at today's rates. Stages of the same name count as one.",
        "bar", MANAGEMENT, 6, where=_OPEN, by=STAGE, amount=Amount("value"),
    ),
    Metric(
        "forecast", "deals", "Weighted forecast",
        "“Value” of all open deals times “Win probability”, by the month of “Expected close”, at today's rates.",
        "bar", MANAGEMENT, 6, where=_OPEN, by=AHEAD, along="expected_close_date",
        amount=Amount("value", weight="probability"),
    ),
)  # fmt: skip
