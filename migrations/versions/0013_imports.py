"""Imports: files on their way into tables, and how their columns were mapped the last time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _key() -> sa.Column[str]:
    return sa.Column(
        "id",
        sa.String(),
        server_default=sa.text("gen_random_uuid()"),
        nullable=False,
        comment="Identity of the record, a UUID.",
    )


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False, comment=comment)


def upgrade() -> None:
    op.create_table(
        "import_files",
        _key(),
        sa.Column("user_id", sa.String(), nullable=False, comment="Whose file it is; nobody else knows of it."),
        sa.Column("table_name", sa.Text(), nullable=False, comment="Table that its rows are for."),
        sa.Column("file_name", sa.Text(), nullable=False, comment="Name it was uploaded under, without a path."),
        sa.Column("format", sa.Text(), nullable=False, comment="csv, xlsx or ods, as its content says."),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="The file itself, to be read again."),
        sa.Column("rows", sa.LargeBinary(), nullable=False, comment="Its rows as JSON lines, compressed."),
        sa.Column(
            "headings",
            postgresql.JSONB(),
            nullable=False,
            comment="Headings in the order of the columns, a JSON array.",
        ),
        sa.Column("count", sa.Integer(), nullable=False, comment="Rows below the headings."),
        _text("encoding", "Of a CSV, how it was read."),
        _text("delimiter", "Of a CSV, what parts cells."),
        sa.Column(
            "sheets",
            postgresql.JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="Sheets of a workbook, a JSON array.",
        ),
        _text("sheet", "The sheet that was read."),
        sa.Column(
            "early",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether its days are counted from 1904.",
        ),
        sa.Column(
            "chosen",
            postgresql.JSONB(),
            nullable=True,
            comment="Fields of the columns, key and what to do with known records, a JSON object.",
        ),
        sa.Column("batch_id", sa.String(), nullable=True, comment="The batch that imports it, once it was asked for."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was uploaded (UTC).",
        ),
        sa.Column("expires_at", sa.DateTime(), nullable=False, comment="After this it is removed (UTC)."),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_import_files_batch_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_import_files_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_files")),
        comment="A file on its way into a table.",
    )
    op.create_index(op.f("ix_import_files_batch_id"), "import_files", ["batch_id"])
    op.create_index(op.f("ix_import_files_expires_at"), "import_files", ["expires_at"])
    op.create_index(op.f("ix_import_files_user_id_created_at"), "import_files", ["user_id", "created_at"])
    op.create_table(
        "import_mappings",
        _key(),
        sa.Column("user_id", sa.String(), nullable=False, comment="Who mapped them; nobody else knows of it."),
        sa.Column("table_name", sa.Text(), nullable=False, comment="Table that they were mapped to."),
        sa.Column("headings_hash", sa.Text(), nullable=False, comment="Hash of the set of headings."),
        sa.Column(
            "chosen",
            postgresql.JSONB(),
            nullable=False,
            comment="Field by heading, key and what to do with known records, a JSON object.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was chosen last (UTC).",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_import_mappings_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mappings")),
        comment="How somebody mapped columns with these headings the last time.",
    )
    op.create_index(
        op.f("ix_import_mappings_user_id_table_name_headings_hash"),
        "import_mappings",
        ["user_id", "table_name", "headings_hash"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_table("import_mappings")
    op.drop_table("import_files")
