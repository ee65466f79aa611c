"""Events and their deliveries, and the clock of periodic jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.text("gen_random_uuid()")
    op.create_table(
        "outbox_events",
        sa.Column("id", sa.String(), server_default=key, nullable=False, comment="Identity of the record, a UUID."),
        sa.Column("name", sa.Text(), nullable=False, comment="Class of the event."),
        sa.Column("payload", postgresql.JSONB(), nullable=False, comment="Keys that the event carries, as a JSON object."),
        sa.Column("once", sa.Text(), nullable=True, comment="What must not happen twice."),
        sa.Column("by_user_id", sa.Text(), nullable=True, comment="Who caused it."),
        sa.Column("happened_at", sa.DateTime(), server_default=sa.func.now(), nullable=False, comment="When it happened, UTC."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_events")),
        sa.UniqueConstraint("once", name=op.f("uq_outbox_events_once")),
        comment="Something that happened, for those who act on it later.",
    )
    op.create_index(op.f("ix_outbox_events_happened_at"), "outbox_events", ["happened_at"])
    op.create_table(
        "outbox_deliveries",
        sa.Column("id", sa.String(), server_default=key, nullable=False, comment="Identity of the record, a UUID."),
        sa.Column("event_id", sa.String(), nullable=False, comment="What happened."),
        sa.Column("listener", sa.Text(), nullable=False, comment="The function that answers it."),
        sa.Column("next_at", sa.DateTime(), nullable=False, comment="Not before this time (UTC)."),
        sa.Column("woken_at", sa.DateTime(), nullable=True, comment="When a worker was last told of it (UTC)."),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Tries that were begun, postponed ones left out."),
        sa.Column("claim", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Counts who took it; only the last one may finish it."),
        sa.Column("leased_until", sa.DateTime(), nullable=True, comment="Until then somebody works on it (UTC)."),
        sa.Column("started_at", sa.DateTime(), nullable=True, comment="When the last try began (UTC)."),
        sa.Column("took_ms", sa.Integer(), nullable=True, comment="How long the last try took, in milliseconds."),
        sa.Column("done_at", sa.DateTime(), nullable=True, comment="When it was done, with its effect (UTC)."),
        sa.Column("failed_at", sa.DateTime(), nullable=True, comment="When it was given up (UTC)."),
        sa.Column("error", sa.Text(), nullable=True, comment="Why the last try failed; no personal data."),
        sa.CheckConstraint("done_at IS NULL OR failed_at IS NULL", name=op.f("ck_outbox_deliveries_one_end")),
        sa.ForeignKeyConstraint(["event_id"], ["outbox_events.id"], name=op.f("fk_outbox_deliveries_event_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_deliveries")),
        comment="One listener's share of an event.",
    )
    op.create_index(op.f("ix_outbox_deliveries_event_id_listener"), "outbox_deliveries", ["event_id", "listener"], unique=True)
    op.create_index(
        "ix_outbox_deliveries_open", "outbox_deliveries", ["next_at"],
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )
    op.create_index(
        "ix_outbox_deliveries_failed", "outbox_deliveries", ["failed_at", "id"],
        postgresql_where=sa.text("failed_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_outbox_deliveries_done_at"), "outbox_deliveries", ["done_at"])
    op.create_index(op.f("ix_outbox_deliveries_listener_started_at"), "outbox_deliveries", ["listener", "started_at"])
    op.create_table(
        "periodic_jobs",
        sa.Column("name", sa.Text(), nullable=False, comment="The function."),
        sa.Column("last_slot", sa.DateTime(), nullable=False, comment="The last time that was started, or came first (UTC)."),
        sa.Column("looked_at", sa.DateTime(), nullable=False, comment="When a clock last looked (UTC)."),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_periodic_jobs")),
        comment="The clock of one periodic job.",
    )


def downgrade() -> None:
    op.drop_table("periodic_jobs")
    op.drop_table("outbox_deliveries")
    op.drop_table("outbox_events")
