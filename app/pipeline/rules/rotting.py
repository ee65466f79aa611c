"""What keeps a deal from rotting: a move, or an activity that was done after it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from app.pipeline.models import DealActivity, DealActivityType


def moves_on() -> ColumnElement[bool]:
    """Whether an activity counts as movement: it was done, and is no note, which rules write about rotting deals."""
    return and_(DealActivity.is_completed, DealActivity.type != DealActivityType.note)
