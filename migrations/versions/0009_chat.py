"""Chat: indexes for talks and unread messages; what was sent stays as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Whoever asks: a message keeps its words, people and time, and what was read stays read.
SENT = """
CREATE FUNCTION chat_message_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE insufficient_privilege USING
        MESSAGE = 'a chat message stays as it was sent', TABLE = 'chat_messages';
END $$;
CREATE TRIGGER chat_message_stays BEFORE UPDATE ON chat_messages FOR EACH ROW
    WHEN ((OLD.id, OLD.sender_id, OLD.receiver_id, OLD.content, OLD.created_at)
          IS DISTINCT FROM (NEW.id, NEW.sender_id, NEW.receiver_id, NEW.content, NEW.created_at)
          OR OLD.is_read AND NOT NEW.is_read)
    EXECUTE FUNCTION chat_message_stays()
"""


def upgrade() -> None:
    op.create_index(
        "ix_chat_messages_talk",
        "chat_messages",
        [
            sa.literal_column("least(sender_id, receiver_id)"),
            sa.literal_column("greatest(sender_id, receiver_id)"),
            "created_at",
            "id",
        ],
    )
    op.create_index(
        "ix_chat_messages_unread", "chat_messages", ["receiver_id", "sender_id"], postgresql_where=sa.text("NOT is_read")
    )
    op.execute(SENT)


def downgrade() -> None:
    op.execute("DROP TRIGGER chat_message_stays ON chat_messages")
    op.execute("DROP FUNCTION chat_message_stays()")
    op.drop_index("ix_chat_messages_unread", table_name="chat_messages")
    op.drop_index("ix_chat_messages_talk", table_name="chat_messages")
