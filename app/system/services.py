"""What can be done with the system's own rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.system.models import Ms365PkceStore


def forget_stale_logins(session: Session, *, now: datetime) -> int:
    """Delete the short-lived secrets of logins that were begun but not finished in time; gives how many."""
    gone = session.execute(delete(Ms365PkceStore).where(Ms365PkceStore.expires_at < now))
    return gone.rowcount  # type: ignore[attr-defined, no-any-return]  # a DELETE has it
