"""Tables beyond the document: what sending an e-mail needs to know, and addresses that take none."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Through
from app.core.types import Created, Key, Timestamp

if TYPE_CHECKING:
    from app.communication.models.messages import CommunicationMessage


class MessageSending(Base):
    """How one of our e-mails is sent: its language, its HTML half, its tries.

    An extension: the document knows what became of a message, not what a worker needs so that a repeat is recognised
    and an unknown outcome is seen. A message without such a row was noted by hand and is never sent by itself.
    """

    __tablename__ = "message_sendings"
    __table_args__ = (
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        Index(None, "reference", unique=True),
        {
            "comment": "How one of our e-mails is sent: its language, its HTML half, its tries.",
            "info": {
                "extension": "a worker must recognise a repeat and show an unknown outcome",
                "country": Through("id"),
            },
        },
    )

    id: Mapped[str] = mapped_column(
        String,
        ForeignKey("communication_messages.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The message; it is also the left half of the Message-ID.",
    )
    reference: Mapped[str] = mapped_column(
        Text, comment="Given by whoever wrote it: the same reference never makes a second message."
    )
    language: Mapped[str] = mapped_column(String(8), comment="Language of the frame around the text.")
    automatic: Mapped[bool] = mapped_column(
        Boolean, server_default=text("false"), comment="Written by the system; nobody reads answers."
    )
    html: Mapped[str | None] = mapped_column(Text, comment="The HTML half where it is more than the text; cleaned.")
    is_letter: Mapped[bool] = mapped_column(
        Boolean, server_default=text("false"), comment="The HTML half is a complete letter with its frame."
    )
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"), comment="How often it was tried.")
    attempted_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the last try began, written before the server was asked (UTC)."
    )
    answered: Mapped[bool] = mapped_column(
        Boolean, default=True, server_default=text("true"), comment="Whether the outcome of the last try is known."
    )
    next_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="Not tried again before (UTC).")

    message: Mapped[CommunicationMessage] = relationship(foreign_keys=[id])


class BadAddress(Base):
    """An address that a mail server has refused for good, and the message that was refused.

    An extension: writing on to addresses that do not exist ruins the name of the sender with every mail server. The
    block holds for the address whoever writes; its rows are seen by those who see the message of each.
    """

    __tablename__ = "bad_addresses"
    __table_args__ = (
        Index(None, "address", "message_id", unique=True),
        Index(None, "message_id"),
        Index(None, "since", "id"),
        {
            "comment": "An address that a mail server has refused for good.",
            "info": {
                "extension": "further mail to an address that does not exist fails at once",
                "country": Through("message_id"),
            },
        },
    )

    id: Mapped[Key]
    address: Mapped[str] = mapped_column(Text, comment="The address in small letters, its domain in ASCII.")
    reason: Mapped[str] = mapped_column(Text, comment="What the mail server said.")
    message_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("communication_messages.id", ondelete="CASCADE"),
        comment="The message that was refused; decides who sees this.",
    )
    since: Mapped[Created] = mapped_column(comment="When it was refused (UTC).")

    message: Mapped[CommunicationMessage] = relationship(foreign_keys=[message_id])
