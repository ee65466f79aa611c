"""Requests that are sent twice happen once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column(
            "user_id",
            sa.Text(),
            nullable=False,
            comment="Whose key it is; keys of others are never met. No account needs to be behind.",
        ),
        sa.Column("key", sa.Text(), nullable=False, comment="Chosen by the form or the program."),
        sa.Column("route", sa.Text(), nullable=False, comment="The way in: a page or a REST operation."),
        sa.Column("request_hash", sa.Text(), nullable=False, comment="Keyed hash of address and content."),
        sa.Column(
            "status",
            sa.Integer(),
            nullable=True,
            comment="HTTP status of the answer; empty only within the transaction that does the work.",
        ),
        sa.Column("location", sa.Text(), server_default="", nullable=False, comment="Address that the answer names."),
        sa.Column(
            "body",
            postgresql.JSONB(),
            nullable=True,
            comment="Ids and short words that the answer is made of; never what a record holds.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was done (UTC).",
        ),
        sa.Column(
            "expires_at", sa.DateTime(), nullable=False, comment="After this the key is unknown again (UTC)."
        ),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 255", name=op.f("ck_idempotency_keys_key_length")),
        sa.CheckConstraint("status BETWEEN 200 AND 399", name=op.f("ck_idempotency_keys_done")),
        sa.PrimaryKeyConstraint("user_id", "key", "route", name=op.f("pk_idempotency_keys")),
        comment="A request that was done, under the key it came with.",
    )
    op.create_index(op.f("ix_idempotency_keys_expires_at"), "idempotency_keys", ["expires_at"])


def downgrade() -> None:
    op.drop_table("idempotency_keys")
