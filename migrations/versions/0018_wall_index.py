"""What the walls ask of rows stands in the indexes that tiles run along: no row is fetched for its country alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CONTACTS = ("ix_campaign_contacts_progress", "campaign_contacts", ["campaign_id", "status"])
OVERDUE = ("ix_invoices_overdue", "invoices", ["customer_id"])
IS_OVERDUE = sa.text("status = 'overdue'")


def upgrade() -> None:
    op.create_index("ix_customers_country_of", "customers", ["id"], postgresql_include=["country"])
    op.drop_index(CONTACTS[0], table_name=CONTACTS[1])
    op.create_index(*CONTACTS, postgresql_include=["customer_id"])
    op.drop_index(OVERDUE[0], table_name=OVERDUE[1])
    op.create_index(
        *OVERDUE, postgresql_include=["generated_at", "currency", "total_amount"], postgresql_where=IS_OVERDUE
    )


def downgrade() -> None:
    op.drop_index(OVERDUE[0], table_name=OVERDUE[1])
    op.create_index(*OVERDUE, postgresql_where=IS_OVERDUE)
    op.drop_index(CONTACTS[0], table_name=CONTACTS[1])
    op.create_index(*CONTACTS)
    op.drop_index("ix_customers_country_of", table_name="customers")
