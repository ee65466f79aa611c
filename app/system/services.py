"""What can be done with the system's own rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import audit, jobs, outbox
from app.core.errors import NotFound, Unprocessable
from app.core.jobs import PeriodicJob
from app.core.outbox import OutboxDelivery
from app.system.models import Ms365PkceStore

AT_ONCE = 500  # deliveries that one click tries again
LONGEST_REASON = 200


def forget_stale_logins(session: Session, *, now: datetime) -> int:
    """Delete the short-lived secrets of logins that were begun but not finished in time; gives how many."""
    gone = session.execute(delete(Ms365PkceStore).where(Ms365PkceStore.expires_at < now))
    count: int = gone.rowcount  # type: ignore[attr-defined]  # a DELETE has it
    if count:
        audit.note(session, "delete", entity_type=Ms365PkceStore.__tablename__, details={"rows": count})
    return count


def retry(session: Session, keys: Sequence[str]) -> int:
    """Try these deliveries again, if they were given up; gives how many. Raises NotFound when none of them exists."""
    rows = _given_up(session, keys)
    for row in rows:
        outbox.retry(session, row)
        audit.note(session, "update", entity_type=row.__tablename__, entity_id=row.id, entity_name=row.listener,
                   details={"event": "job_retried"})  # fmt: skip
    return len(rows)


def retry_all(session: Session, listener: str) -> int:
    """Try everything of a listener again that was given up, the oldest first, AT_ONCE at most; gives how many."""
    mine = select(OutboxDelivery).where(OutboxDelivery.failed_at.is_not(None), OutboxDelivery.listener == listener)
    oldest = mine.order_by(OutboxDelivery.failed_at, OutboxDelivery.id).limit(AT_ONCE).with_for_update(skip_locked=True)
    rows = session.scalars(oldest).all()
    for row in rows:
        outbox.retry(session, row)
    if rows:
        audit.note(session, "update", entity_type=OutboxDelivery.__tablename__, entity_name=listener,
                   details={"event": "job_retried", "rows": len(rows)})  # fmt: skip
    return len(rows)


def discard(session: Session, keys: Sequence[str], reason: str) -> int:
    """Give these deliveries up for good; who and why stays in the audit trail. Gives how many.

    Raises Unprocessable without a reason, NotFound when none of them exists.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Unprocessable({"reason": [_("Say in one sentence why this is not to be done.")]})
    rows = _given_up(session, keys)
    for row in rows:
        details = {"event": "job_discarded", "reason": reason, "error": row.error, "of_event": row.event_id}
        audit.note(session, "delete", entity_type=row.__tablename__, entity_id=row.id, entity_name=row.listener,
                   details=details)  # fmt: skip
        outbox.discard(session, row)
    return len(rows)


def _given_up(session: Session, keys: Sequence[str]) -> list[OutboxDelivery]:
    """Those of these deliveries that were given up, locked. Raises NotFound when none of them exists at all."""
    rows = session.scalars(
        select(OutboxDelivery).where(OutboxDelivery.id.in_(keys)).order_by(OutboxDelivery.id).with_for_update()
    ).all()
    if not rows:
        raise NotFound
    return [row for row in rows if row.failed_at is not None]


def run_now(session: Session, name: str, *, now: datetime) -> bool:
    """Start a periodic job out of its time; False when that was asked less than a minute ago. Raises NotFound."""
    started = jobs.publish_now(session, name, now=now)
    if started:
        audit.note(session, "update", entity_type=PeriodicJob.__tablename__, entity_id=name, entity_name=name,
                   details={"event": "job_started"})  # fmt: skip
    return started
