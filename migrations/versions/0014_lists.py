"""Lists: saved searches that are shared, and how somebody wants a list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "saved_searches",
        sa.Column(
            "shared",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Colleagues who see the list find the search there and may copy it.",
        ),
    )
    op.create_index("ix_saved_searches_shared", "saved_searches", ["module"], postgresql_where=sa.text("shared"))
    op.create_table(
        "list_preferences",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Whose wish it is."),
        sa.Column("module", sa.Text(), nullable=False, comment="The list, by the name of its table."),
        sa.Column(
            "columns",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Chosen columns in their order; none for all usual ones.",
        ),
        sa.Column(
            "sort",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Column of the order, with a minus for the highest first.",
        ),
        sa.Column("page_size", sa.Integer(), nullable=True, comment="Rows on a page."),
        sa.CheckConstraint("page_size BETWEEN 1 AND 100", name=op.f("ck_list_preferences_page_size")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_list_preferences_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_preferences")),
        sa.UniqueConstraint("user_id", "module", name="uq_list_preferences_user_id_module"),
        comment="The columns, the order and the size of a page that somebody chose for a list.",
    )


def downgrade() -> None:
    op.drop_table("list_preferences")
    op.drop_index("ix_saved_searches_shared", "saved_searches")
    op.drop_column("saved_searches", "shared")
