"""What can happen with files."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True)
class FileToExamine(Event):
    """Somebody wants to see what the rows of a file would do; `batch_id` is the batch that they become."""

    batch_id: str
    file_id: str
