"""Open deals of a pipeline by the day they are likely to close: an index for the forecast."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

FORECAST = "ix_deals_forecast"


def upgrade() -> None:
    op.create_index(
        FORECAST,
        "deals",
        ["pipeline_id", "expected_close_date", "id"],
        postgresql_where=sa.text("status = 'open'"),
    )


def downgrade() -> None:
    op.drop_index(FORECAST, table_name="deals")
