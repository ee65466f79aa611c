"""Births expected in a month, and contracts that wait for a signature: indexes for their tiles and lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

EXPECTED = "ix_customer_potential_cases_expected"
WAITING = "ix_contract_instances_waiting"


def upgrade() -> None:
    op.create_index(
        EXPECTED,
        "customer_potential_cases",
        [
            "expected_date_year",
            sa.text("(CASE WHEN expected_date_month IS NULL THEN 1 ELSE expected_date_month END)"),
            sa.text("(CASE WHEN expected_date_day IS NULL THEN 1 ELSE expected_date_day END)"),
        ],
    )
    op.create_index(
        WAITING,
        "contract_instances",
        ["sent_at", "id"],
        postgresql_include=["customer_id"],
        postgresql_where=sa.text("status IN ('sent', 'pending_signature')"),
    )


def downgrade() -> None:
    op.drop_index(WAITING, table_name="contract_instances")
    op.drop_index(EXPECTED, table_name="customer_potential_cases")
