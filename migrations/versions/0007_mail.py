"""What sending e-mails needs to know, and addresses that take none."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_sendings",
        sa.Column("id", sa.String(), nullable=False, comment="The message; it is also the left half of the Message-ID."),
        sa.Column("reference", sa.Text(), nullable=False, comment="Given by whoever wrote it: the same reference never makes a second message."),
        sa.Column("language", sa.String(length=8), nullable=False, comment="Language of the frame around the text."),
        sa.Column("automatic", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="Written by the system; nobody reads answers."),
        sa.Column("html", sa.Text(), nullable=True, comment="The HTML half where it is more than the text; cleaned."),
        sa.Column("is_letter", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="The HTML half is a complete letter with its frame."),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="How often it was tried."),
        sa.Column("attempted_at", sa.DateTime(), nullable=True, comment="When the last try began, written before the server was asked (UTC)."),
        sa.Column("answered", sa.Boolean(), server_default=sa.text("true"), nullable=False, comment="Whether the outcome of the last try is known."),
        sa.Column("next_at", sa.DateTime(), nullable=True, comment="Not tried again before (UTC)."),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_message_sendings_tries_not_negative")),
        sa.ForeignKeyConstraint(["id"], ["communication_messages.id"], name=op.f("fk_message_sendings_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_sendings")),
        comment="How one of our e-mails is sent: its language, its HTML half, its tries.",
    )
    op.create_index(op.f("ix_message_sendings_reference"), "message_sendings", ["reference"], unique=True)
    op.create_table(
        "bad_addresses",
        sa.Column("id", sa.String(), server_default=sa.text("gen_random_uuid()"), nullable=False, comment="Identity of the record, a UUID."),
        sa.Column("address", sa.Text(), nullable=False, comment="The address in small letters, its domain in ASCII."),
        sa.Column("reason", sa.Text(), nullable=False, comment="What the mail server said."),
        sa.Column("message_id", sa.String(), nullable=False, comment="The message that was refused; decides who sees this."),
        sa.Column("since", sa.DateTime(), server_default=sa.text("now()"), nullable=False, comment="When it was refused (UTC)."),
        sa.ForeignKeyConstraint(["message_id"], ["communication_messages.id"], name=op.f("fk_bad_addresses_message_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bad_addresses")),
        comment="An address that a mail server has refused for good.",
    )
    op.create_index(op.f("ix_bad_addresses_address_message_id"), "bad_addresses", ["address", "message_id"], unique=True)
    op.create_index(op.f("ix_bad_addresses_message_id"), "bad_addresses", ["message_id"])
    op.create_index(op.f("ix_bad_addresses_since_id"), "bad_addresses", ["since", "id"])


def downgrade() -> None:
    op.drop_table("bad_addresses")
    op.drop_table("message_sendings")
