"""What the deals of each stage come to: an index that holds all that a board adds up."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SUMS = "ix_deals_sums"


def upgrade() -> None:
    op.create_index(
        SUMS, "deals", ["stage_id", "currency"], postgresql_include=["value", "probability", "country_code"]
    )


def downgrade() -> None:
    op.drop_index(SUMS, table_name="deals")
