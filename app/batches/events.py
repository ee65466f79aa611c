"""What can happen with batches."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True)
class BatchAsked(Event):
    """Somebody wants a prepared batch to be done."""

    batch_id: str


@dataclass(frozen=True)
class BatchUndoAsked(Event):
    """Somebody wants a batch to be taken back; with `others`, without the rows that cannot be."""

    batch_id: str
    others: bool
