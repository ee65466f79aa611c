"""What can happen to notifications, in the past tense. Keys only."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True)
class DigestDue(Event):
    """It is morning where this person works; `day` is the day there, ISO 8601. Once for each person and day."""

    user_id: str
    day: str
