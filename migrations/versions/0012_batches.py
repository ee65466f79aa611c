"""Batches: many changes that are looked at before, done together, and taken back within a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_EMPTY = sa.text("'{}'")
_NONE = sa.text("0")


def _key() -> sa.Column[str]:
    return sa.Column(
        "id",
        sa.String(),
        server_default=sa.text("gen_random_uuid()"),
        nullable=False,
        comment="Identity of the record, a UUID.",
    )


def upgrade() -> None:
    op.create_table(
        "batches",
        _key(),
        sa.Column("kind", sa.Text(), nullable=False, comment="From a list or from a file."),
        sa.Column("table_name", sa.Text(), nullable=False, comment="Table whose records change."),
        sa.Column(
            "user_id", sa.String(), nullable=False, comment="Who asked for it; with whose rights it is done."
        ),
        sa.Column("state", sa.Text(), server_default="prepared", nullable=False, comment="How far it is."),
        sa.Column(
            "todo",
            postgresql.JSONB(),
            server_default=_EMPTY,
            nullable=False,
            comment="What is to be done with every row, a JSON object.",
        ),
        sa.Column(
            "counts",
            postgresql.JSONB(),
            server_default=_EMPTY,
            nullable=False,
            comment="How many rows were created, changed and so on.",
        ),
        sa.Column("total", sa.Integer(), server_default=_NONE, nullable=False, comment="Rows of the batch."),
        sa.Column(
            "progress", sa.Integer(), server_default=_NONE, nullable=False, comment="Rows that are through, while it runs."
        ),
        sa.Column("error", sa.Text(), nullable=True, comment="Why nothing was changed, as a sentence for its owner."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was prepared (UTC).",
        ),
        sa.Column("started_at", sa.DateTime(), nullable=True, comment="When its work began (UTC)."),
        sa.Column("finished_at", sa.DateTime(), nullable=True, comment="When its work ended (UTC)."),
        sa.Column("undone_at", sa.DateTime(), nullable=True, comment="When it was taken back (UTC)."),
        sa.Column(
            "undo_until",
            sa.DateTime(),
            nullable=True,
            comment="Until then it can be taken back; afterwards its rows are removed (UTC).",
        ),
        sa.CheckConstraint("\"kind\" IN ('bulk', 'import')", name=op.f("ck_batches_kind")),
        sa.CheckConstraint(
            "\"state\" IN ('prepared', 'waiting', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone')",
            name=op.f("ck_batches_state"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_batches_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        comment="Many changes of one table that are done together.",
    )
    op.create_index(op.f("ix_batches_user_id_created_at"), "batches", ["user_id", "created_at"])
    op.create_index(
        "ix_batches_open",
        "batches",
        ["created_at"],
        postgresql_where=sa.text("state IN ('prepared', 'waiting', 'running')"),
    )
    op.create_index(
        "ix_batches_undo", "batches", ["undo_until"], postgresql_where=sa.text("undo_until IS NOT NULL")
    )
    op.create_table(
        "batch_rows",
        _key(),
        sa.Column("batch_id", sa.String(), nullable=False, comment="Batch it belongs to."),
        sa.Column("user_id", sa.String(), nullable=False, comment="Who asked for the batch."),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="Place in the batch, from 1; of a file its line."
        ),
        sa.Column("record_id", sa.Text(), nullable=True, comment="Key of the record; empty until it is created."),
        sa.Column("action", sa.Text(), nullable=False, comment="What is to be done, then what was done."),
        sa.Column("own", postgresql.JSONB(), nullable=True, comment="Values of this row alone, a JSON object."),
        sa.Column(
            "before", postgresql.JSONB(), nullable=True, comment="Values of the changed columns before, a JSON object."
        ),
        sa.Column("version_before", sa.Text(), nullable=True, comment="Row version that was looked at."),
        sa.Column("version_after", sa.Text(), nullable=True, comment="Row version that the batch left."),
        sa.Column(
            "note", sa.Text(), nullable=True, comment="Why the row was left out, as a sentence for the owner."
        ),
        sa.CheckConstraint(
            "\"action\" IN ('created', 'changed', 'deactivated', 'deleted', 'same', 'refused')",
            name=op.f("ck_batch_rows_action"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_batch_rows_number_positive")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_rows_batch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_batch_rows_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_rows")),
        comment="One record of a batch, with what it was before.",
    )
    op.create_index(op.f("ix_batch_rows_batch_id_number"), "batch_rows", ["batch_id", "number"], unique=True)
    op.create_index(op.f("ix_batch_rows_user_id"), "batch_rows", ["user_id"])


def downgrade() -> None:
    op.drop_table("batch_rows")
    op.drop_table("batches")
