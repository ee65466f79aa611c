"""Dashboards: what people chose and arranged, and indexes for the numbers of the home page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BOARDS = "\"board\" IN ('management', 'work')"
INDEXES = (
    # name, table, columns, included, condition
    ("ix_customers_cohort", "customers", ["created_at", "country", "client_status"], [], None),
    (
        "ix_deals_open_by_stage",
        "deals",
        ["stage_id", "currency", "expected_close_date"],
        ["value", "probability", "country_code"],
        "status = 'open'",
    ),
    ("ix_deals_closed", "deals", ["actual_close_date", "status"], [], "actual_close_date IS NOT NULL"),
    ("ix_invoices_issued", "invoices", ["generated_at", "status"], ["customer_id", "currency", "total_amount"], None),
    ("ix_invoices_overdue", "invoices", ["customer_id"], [], "status = 'overdue'"),
    ("ix_contract_instances_signed", "contract_instances", ["signed_at"], ["sent_at"], "signed_at IS NOT NULL"),
    ("ix_campaign_contacts_progress", "campaign_contacts", ["campaign_id", "status"], [], None),
    (
        "ix_campaign_contacts_callbacks",
        "campaign_contacts",
        ["assigned_to", "callback_date"],
        [],
        "status = 'callback_scheduled'",
    ),
    ("ix_customer_email_notifications_unread", "customer_email_notifications", ["customer_id"], [], "NOT is_read"),
)


def _key(comment: str = "Identity of the record, a UUID.") -> sa.Column[str]:
    return sa.Column("id", sa.String(), server_default=sa.text("gen_random_uuid()"), nullable=False, comment=comment)


def upgrade() -> None:
    op.create_table(
        "dashboards",
        _key(),
        sa.Column("user_id", sa.String(), nullable=False, comment="Whose home page it is."),
        sa.Column("board", sa.Text(), nullable=False, comment="The board that was looked at last."),
        sa.Column(
            "asked",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Period and countries as they stand in the address.",
        ),
        sa.Column(
            "arranged",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Boards whose tiles the person has arranged; the others show what fits the role.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the choice was made (UTC).",
        ),
        sa.CheckConstraint(BOARDS, name=op.f("ck_dashboards_board")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_dashboards_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dashboards")),
        sa.UniqueConstraint("user_id", name=op.f("uq_dashboards_user_id")),
        comment="What a person chose for the home page.",
    )
    op.create_table(
        "dashboard_tiles",
        _key(),
        sa.Column("user_id", sa.String(), nullable=False, comment="Whose tile it is."),
        sa.Column("board", sa.Text(), nullable=False, comment="Board on which the tile stands."),
        sa.Column(
            "position", sa.Integer(), nullable=False, comment="Place on the board; the smallest number comes first."
        ),
        sa.Column("width", sa.Integer(), nullable=False, comment="Columns of twelve: 3, 4, 6 or 12."),
        sa.Column("metric", sa.Text(), nullable=False, comment="Key of the metric, or chart for a pinned one."),
        sa.Column(
            "pinned",
            sa.Text(),
            nullable=True,
            comment="Of a pinned chart its table, its columns and its filters; a JSON object.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the tile was added (UTC).",
        ),
        sa.CheckConstraint(BOARDS, name=op.f("ck_dashboard_tiles_board")),
        sa.CheckConstraint("width IN (3, 4, 6, 12)", name=op.f("ck_dashboard_tiles_width_of_the_grid")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_dashboard_tiles_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dashboard_tiles")),
        comment="One tile of a board that somebody arranged.",
    )
    op.create_index(
        op.f("ix_dashboard_tiles_user_id_board_position"), "dashboard_tiles", ["user_id", "board", "position"]
    )
    for name, table, columns, included, condition in INDEXES:
        op.create_index(
            name,
            table,
            columns,
            postgresql_include=included,
            postgresql_where=sa.text(condition) if condition else None,
        )


def downgrade() -> None:
    for name, table, *_rest in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_table("dashboard_tiles")
    op.drop_table("dashboards")
