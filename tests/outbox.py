"""The outbox in a test: what was published, and working it off in this process."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.events import Event, event_of
from app.core.outbox import OutboxDelivery, OutboxEvent

E = TypeVar("E", bound=Event)


def published(session: Session, kind: type[E]) -> list[E]:
    """The events of this kind that were written in this test so far, the oldest first."""
    found = (
        select(OutboxEvent).where(OutboxEvent.name == kind.__name__).order_by(OutboxEvent.happened_at, OutboxEvent.id)
    )
    return [cast(E, event_of(row.name, row.payload)) for row in session.scalars(found)]


def delivered(session: Session, listener: str) -> int:
    """How many deliveries to a listener, by the end of its name, this test has made."""
    asked = select(OutboxDelivery.id).where(OutboxDelivery.listener.endswith(listener))
    return len([key for key in session.scalars(asked) if _own(session, key)])


def work_off(session: Session, *, now: datetime | None = None, most: int = 200) -> int:
    """Deliver what this test published and is due, and what follows from it; gives how many were tried."""
    session.commit()
    tried = 0
    while keys := [key for key in outbox.due(session, now=now) if _own(session, key)]:
        session.commit()
        for key in keys:
            outbox.deliver(key, now)
            tried += 1
            if tried >= most:
                raise AssertionError(f"after {most} deliveries there is still something to do")
    session.expire_all()
    return tried


def _own(session: Session, key: str) -> bool:
    asked = select(OutboxEvent.happened_at).join(OutboxDelivery, OutboxDelivery.event_id == OutboxEvent.id)
    at = session.scalar(asked.where(OutboxDelivery.id == key))
    return at is not None and at >= session.info["begun"]
