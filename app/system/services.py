"""What can be done with the system's own rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core import audit
from app.system.models import Ms365PkceStore


def forget_stale_logins(session: Session, *, now: datetime) -> int:
    """Delete the short-lived secrets of logins that were begun but not finished in time; gives how many."""
    gone = session.execute(delete(Ms365PkceStore).where(Ms365PkceStore.expires_at < now))
    count: int = gone.rowcount  # type: ignore[attr-defined]  # a DELETE has it
    if count:
        audit.note(session, "delete", entity_type=Ms365PkceStore.__tablename__, details={"rows": count})
    return count
