"""What was invoiced, and what is overdue."""

from app.dashboards.metrics.spec import MANAGEMENT, TIME, Amount, Metric

_TOTAL = Amount("total_amount", day="generated_at")

METRICS = (
    Metric(
        "invoiced", "invoices", "Invoiced",
        "“Total” of the invoices issued in the period, VAT included, at the rates of the day of issue.",
        "number", MANAGEMENT, 3, period="generated_at", amount=_TOTAL,
    ),
    Metric(
        "overdue", "invoices", "Overdue invoices",
        "“Total” of all invoices whose status is overdue, VAT included, at the rates of the day of issue.",
        "number", MANAGEMENT, 3, where=(("eq", "status", "overdue"),), amount=_TOTAL, good="down",
    ),
    Metric(
        "revenue", "invoices", "Invoiced and overdue",
        "“Total” of the invoices issued in the period by what became of them, VAT included, at the rates of the day"
        " of issue.",
        "stack", MANAGEMENT, 6, period="generated_at", by=TIME, split="status", amount=_TOTAL,
    ),
)  # fmt: skip
