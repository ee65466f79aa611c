"""Notifications: what happened in keys, the newest and the unread by index, a daily letter, changes by time."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UNREAD = sa.text("NOT is_read AND NOT dismissed")
CHANGES = sa.text("action IN ('create', 'update')")


def upgrade() -> None:
    op.add_column(
        "notifications",
        sa.Column(
            "details",
            sa.Text(),
            nullable=True,
            comment="What happened, in keys and codes, and which rules asked to be told; a JSON object.",
        ),
    )
    op.create_index("ix_notifications_of", "notifications", ["user_id", "created_at", "id"])
    op.create_index(
        "ix_notifications_unread", "notifications", ["user_id", "created_at", "id"], postgresql_where=UNREAD
    )
    op.create_index(
        "ix_notification_rules_active", "notification_rules", ["trigger_type"], postgresql_where=sa.text("is_active")
    )
    op.create_index(
        "ix_activity_logs_changes", "activity_logs", ["entity_type", "created_at"], postgresql_where=CHANGES
    )
    op.add_column(
        "users",
        sa.Column(
            "notification_digest",
            sa.Text(),
            server_default="off",
            nullable=False,
            comment="Whether unread notifications come by email once a day.",
        ),
    )
    op.create_check_constraint(
        op.f("ck_users_notification_digest"), "users", "\"notification_digest\" IN ('off', 'daily')"
    )
    op.add_column(
        "users",
        sa.Column(
            "language",
            sa.Text(),
            nullable=True,
            comment="Language of letters to this colleague; else that of the country.",
        ),
    )


def downgrade() -> None:
    op.drop_column("users", "language")
    op.drop_constraint(op.f("ck_users_notification_digest"), "users")
    op.drop_column("users", "notification_digest")
    op.drop_index("ix_activity_logs_changes", "activity_logs")
    op.drop_index("ix_notification_rules_active", "notification_rules")
    op.drop_index("ix_notifications_unread", "notifications")
    op.drop_index("ix_notifications_of", "notifications")
    op.drop_column("notifications", "details")
