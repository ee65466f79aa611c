"""What automation rules did, once for each rule and event; their order; and why one was switched off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OUTCOMES = ("done", "skipped", "failed", "stopped")


def upgrade() -> None:
    op.add_column(
        "outbox_events",
        sa.Column("cause", sa.Text(), comment="What it followed from, e.g. the run of an automation rule."),
    )
    op.add_column(
        "automation_rules",
        sa.Column(
            "position",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Rules that the same event starts run in this order.",
        ),
    )
    op.add_column(
        "automation_rules",
        sa.Column(
            "failures_in_row",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="How many times the rule has failed since it last worked.",
        ),
    )
    op.add_column(
        "automation_rules",
        sa.Column(
            "disabled_at",
            sa.DateTime(),
            comment="When the rule was switched off because it kept failing, UTC.",
        ),
    )
    op.add_column(
        "automation_rules",
        sa.Column("disabled_reason", sa.Text(), comment="Why it failed when it was switched off."),
    )
    op.create_index(
        "ix_automation_rules_active",
        "automation_rules",
        ["trigger_type", "pipeline_id"],
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "automation_runs",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("rule_id", sa.String(), nullable=False, comment="Rule that was set off."),
        sa.Column(
            "event_key", sa.Text(), nullable=False, comment="What set it off; the same rule answers it once."
        ),
        sa.Column("deal_id", sa.String(), nullable=False, comment="Deal it was about; removed together with it."),
        sa.Column(
            "outcome",
            sa.String(20),
            nullable=False,
            comment="Whether it acted, and if not, of which kind the reason is.",
        ),
        sa.Column(
            "reason", sa.Text(), comment="Why it did not act, in English; names no person. Read it through `runs.told`."
        ),
        sa.Column("made_table", sa.Text(), comment="Table of the record that it made or changed."),
        sa.Column("made_key", sa.Text(), comment="Key of that record."),
        sa.Column("at", sa.DateTime(), nullable=False, comment="When it began, UTC."),
        sa.Column(
            "took_ms",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="How long it took, in milliseconds.",
        ),
        sa.Column(
            "depth",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="How many runs of the chain lead here, this one counted.",
        ),
        sa.Column("chain", sa.Text(), nullable=False, comment="Event with which the chain of runs began."),
        sa.Column("caused_by", sa.String(), comment="Run whose effect set this rule off; empty: people did."),
        sa.CheckConstraint(
            f'"outcome" IN ({", ".join(repr(word) for word in OUTCOMES)})', name=op.f("ck_automation_runs_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["automation_rules.id"], name=op.f("fk_automation_runs_rule_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_automation_runs_deal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["caused_by"], ["automation_runs.id"], name=op.f("fk_automation_runs_caused_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_runs")),
        sa.UniqueConstraint("rule_id", "event_key", name=op.f("uq_automation_runs_rule_id_event_key")),
        comment="One rule's answer to one event.",
    )
    for names in (["rule_id", "at", "id"], ["deal_id", "at"], ["chain"], ["caused_by"], ["at"]):
        op.create_index(op.f(f"ix_automation_runs_{'_'.join(names)}"), "automation_runs", names)


def downgrade() -> None:
    op.drop_table("automation_runs")
    op.drop_index("ix_automation_rules_active", table_name="automation_rules")
    for name in ("disabled_reason", "disabled_at", "failures_in_row", "position"):
        op.drop_column("automation_rules", name)
    op.drop_column("outbox_events", "cause")
