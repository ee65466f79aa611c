"""What can happen in sales beyond what every record tells of itself, in the past tense. Keys only."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True)
class ActivityReminder(Event):
    """The time to remind of an open activity has come; once for each time that is set.

    `user_id` is who is to be told: who is responsible, or the owner of the deal where that is nobody at work.
    """

    activity_id: str
    user_id: str


@dataclass(frozen=True)
class StageRemovalAsked(Event):
    """Somebody removes a stage in which very many deals stand; how stands in the stage (`going`).

    `batch_id` is the batch that it will be, for whoever asked.
    """

    batch_id: str
    stage_id: str
    user_id: str
