"""What is done by the clock: files do not stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.imports import services


def forget_files(session: Session, *, now: datetime) -> None:
    """Remove uploaded files that were imported, or whose day is over. Safe to run twice."""
    services.forget(session, now=now)
