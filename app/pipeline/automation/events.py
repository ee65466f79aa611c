"""What can happen to rules and by the clock, in the past tense. Keys only."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True)
class DealRotted(Event):
    """A deal has stood longer in its stage than a rule allows, without a completed activity.

    `entered_at` says which stay it is about, `at` when it was found; both UTC, ISO 8601.
    """

    rule_id: str
    deal_id: str
    entered_at: str
    at: str


@dataclass(frozen=True)
class AutomationDisabled(Event):
    """A rule failed again and again and was switched off."""

    rule_id: str
