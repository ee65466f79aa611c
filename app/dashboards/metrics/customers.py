"""How many families come, and how many of them stay."""

from app.dashboards.metrics.spec import MANAGEMENT, MONTH, TIME, WORK, Metric

METRICS = (
    Metric(
        "new_customers", "customers", "New customers",
        "Customers of your countries entered in the period, by “Created”.",
        "number", MANAGEMENT, 3, period="created_at",
    ),
    Metric(
        "conversion", "customers", "Conversion to acquired",
        "Of the customers entered in the period, the share whose “Client status” is acquired today.",
        "number", MANAGEMENT, 3, period="created_at", share=(("eq", "client_status", "acquired"),),
    ),
    Metric(
        "customers_by_country", "customers", "New customers by country",
        "Customers of your countries entered in the period, by “Created” and “Country”.",
        "stack", MANAGEMENT, 6, period="created_at", by=TIME, split="country",
    ),
    Metric(
        "conversion_cohorts", "customers", "From potential to acquired",
        "What became of the customers entered in each month: their “Client status” today, by the month of “Created”."
        " Terminated ones were acquired before.",
        "stack", MANAGEMENT, 6, period="created_at", by=TIME, split="client_status",
    ),
    Metric(
        "cases_due", "customer_potential_cases", "Births expected this month",
        "Potential cases in progress or postponed whose “Expected birth” is in this month.",
        "list", WORK, 6,
        where=(
            ("in", "case_status", "in_progress,postponed"),
            ("bt", "expected_date", MONTH),
        ),
        columns=("customer_id", "expected_date", "case_status"), order="expected_date", good="",
    ),
)  # fmt: skip
