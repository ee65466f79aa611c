"""What can happen to messages. Keys only."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True)
class MessageWritten(Event):
    """An e-mail stands in the log and wants to be sent, for the first time or once more."""

    message_id: str
