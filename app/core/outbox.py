"""The outbox: events and their deliveries in PostgreSQL, the only queue of record.

A delivery is one listener's share of one event. It is claimed with a lease,
and its effect commits together with `done_at`: a worker that dies leaves
either both or none, and the next one begins anew. Redis only says that there
is something to do; what it loses is found again by `sweep`.
"""

from __future__ import annotations

import logging
import random
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    delete,
    event,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, current_session, transaction
from app.core.errors import DomainError
from app.core.events import ATTEMPTS, SECONDS, GiveUp, Happened, Later, Listener, event_of, listener_called
from app.core.types import Created, Key, Timestamp
from app.core.viewer import SYSTEM, system_scope

log = logging.getLogger(__name__)

DELAYS = (10, 60, 300, 900, 3600, 3 * 3600, 6 * 3600)  # seconds after the first, second... failure; the last repeats
_LEASE_MARGIN = timedelta(seconds=10)  # beyond a listener's time limit
_WAKE_AGAIN = timedelta(seconds=20)  # what nobody began after this time is told again
_SWEEP = 500  # deliveries at a time
_KEPT = timedelta(days=30)
_LONGEST = 500  # characters of a reason


class OutboxEvent(Base):
    """Something that happened, with keys only. An extension: the document knows what is stored, not what happens."""

    __tablename__ = "outbox_events"
    __table_args__ = (
        Index(None, "happened_at"),
        {
            "comment": "Something that happened, for those who act on it later.",
            "info": {"extension": "what happened is told after the commit, and survives the loss of Redis"},
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Class of the event.")
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="Keys that the event carries, as a JSON object.")
    once: Mapped[str | None] = mapped_column(Text, unique=True, comment="What must not happen twice.")
    by_user_id: Mapped[str | None] = mapped_column(Text, comment="Who caused it.")
    happened_at: Mapped[Created] = mapped_column(comment="When it happened, UTC.")
    cause: Mapped[str | None] = mapped_column(
        Text, comment="What it followed from, e.g. the run of an automation rule."
    )


class OutboxDelivery(Base):
    """One listener's share of an event. An extension, as the event itself.

    Waiting until `done_at` or `failed_at` is set; running while `leased_until` lies ahead.
    """

    __tablename__ = "outbox_deliveries"
    __table_args__ = (
        Index(None, "event_id", "listener", unique=True),
        Index("ix_outbox_deliveries_open", "next_at", postgresql_where=text("done_at IS NULL AND failed_at IS NULL")),
        Index("ix_outbox_deliveries_failed", "failed_at", "id", postgresql_where=text("failed_at IS NOT NULL")),
        Index(None, "done_at"),
        Index(None, "listener", "started_at"),
        CheckConstraint("done_at IS NULL OR failed_at IS NULL", name="one_end"),
        {
            "comment": "One listener's share of an event.",
            "info": {"extension": "what happened is told after the commit, and survives the loss of Redis"},
        },
    )

    id: Mapped[Key]
    event_id: Mapped[str] = mapped_column(
        String, ForeignKey("outbox_events.id", ondelete="CASCADE"), comment="What happened."
    )
    listener: Mapped[str] = mapped_column(Text, comment="The function that answers it.")
    next_at: Mapped[datetime] = mapped_column(Timestamp, comment="Not before this time (UTC).")
    woken_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When a worker was last told of it (UTC).")
    attempts: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0"), comment="Tries that were begun, postponed ones left out."
    )
    claim: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0"), comment="Counts who took it; only the last one may finish it."
    )
    leased_until: Mapped[datetime | None] = mapped_column(Timestamp, comment="Until then somebody works on it (UTC).")
    started_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the last try began (UTC).")
    took_ms: Mapped[int | None] = mapped_column(Integer, comment="How long the last try took, in milliseconds.")
    done_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it was done, with its effect (UTC).")
    failed_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it was given up (UTC).")
    error: Mapped[str | None] = mapped_column(Text, comment="Why the last try failed; no personal data.")


# Waking a worker --------------------------------------------------------------

Wake = Callable[[Sequence[tuple[str, int]]], None]
_wake: Wake | None = None


def woken_by(wake: Wake | None) -> Wake | None:
    """Who is told of new deliveries, as (id, time limit in seconds); gives who was told before."""
    global _wake
    former, _wake = _wake, wake
    return former


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    """The deliveries of this transaction can start. A savepoint that ends well is no commit yet."""
    if session.in_nested_transaction():
        return
    found = session.info.pop("to_wake", [])
    if found and _wake is not None:
        _wake(found)


@event.listens_for(Session, "after_rollback")
def _do_not_tell(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("to_wake", None)


def spread(session: Session, *, at_once: int, pace: timedelta, now: datetime) -> int:
    """Of what this transaction has to tell, only so much starts right after it, the rest one by one at this pace.

    Else thousands of small deliveries of one cause would stand before everybody else's. Gives how many wait longer.
    """
    told = session.info.get("to_wake", [])
    later = [key for key, _seconds in told[at_once:]]
    del told[at_once:]
    if later:
        session.connection().execute(_SPREAD, {"keys": later, "now": now, "pace": pace})
    return len(later)


_SPREAD = text(
    "UPDATE outbox_deliveries SET next_at = :now + later.place * CAST(:pace AS interval)"
    " FROM unnest(CAST(:keys AS text[])) WITH ORDINALITY AS later (id, place) WHERE outbox_deliveries.id = later.id"
)


def sweep(session: Session, wake: Wake, *, now: datetime | None = None) -> int:
    """Tell again of what is due and nobody began: after a loss of Redis, a killed worker, or for the next try.

    Several may sweep at once. Gives how many were told; what `wake` raises undoes it.
    """
    now = now or _clock(session)
    waiting = (
        select(OutboxDelivery.id)
        .where(
            _open(),
            OutboxDelivery.next_at <= now,
            or_(OutboxDelivery.leased_until.is_(None), OutboxDelivery.leased_until < now),
            or_(OutboxDelivery.woken_at.is_(None), OutboxDelivery.woken_at < now - _WAKE_AGAIN,
                OutboxDelivery.woken_at < OutboxDelivery.next_at),
        )
        .order_by(OutboxDelivery.next_at)
        .limit(_SWEEP)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    keys = session.scalars(waiting).all()
    if not keys:
        return 0
    told = update(OutboxDelivery).where(OutboxDelivery.id.in_(keys)).values(woken_at=now)
    found = session.execute(
        told.returning(OutboxDelivery.id, OutboxDelivery.listener), execution_options={"synchronize_session": False}
    ).all()
    wake([(key, _seconds(name)) for key, name in found])
    return len(found)


def _seconds(name: str) -> int:
    listener = listener_called(name)
    return listener.seconds if listener else 0


def due(session: Session, *, now: datetime | None = None, limit: int = _SWEEP) -> list[str]:
    """Ids of deliveries that could be taken now, the longest waiting first."""
    now = now or _clock(session)
    found = select(OutboxDelivery.id).where(_open(), OutboxDelivery.next_at <= now, _free(now))
    return list(session.scalars(found.order_by(OutboxDelivery.next_at, OutboxDelivery.id).limit(limit)))


def _open() -> Any:
    return OutboxDelivery.done_at.is_(None) & OutboxDelivery.failed_at.is_(None)


def _free(now: datetime) -> Any:
    return or_(OutboxDelivery.leased_until.is_(None), OutboxDelivery.leased_until < now)


# Delivering -------------------------------------------------------------------


class _Claim(NamedTuple):
    key: str
    number: int
    attempts: int
    listener: str
    began: datetime
    happened: tuple[str, dict[str, Any], str, datetime, str | None, str | None]


class _NoListener(Exception):
    """This worker does not know the function: while a new release spreads, another worker may."""


class _Lost(Exception):
    """Somebody else took the delivery meanwhile: this try must leave no effect."""


def deliver(key: str, now: datetime | None = None) -> bool:
    """Call the listener of a delivery. Never raises for what the listener does; gives whether the delivery is done.

    What is done, given up, not due or in somebody's hands stays as it is: telling twice is harmless. `now` replaces
    the database's clock in tests.
    """
    try:
        with system_scope("outbox"), transaction(by=SYSTEM) as session:
            claim = _take(session, key, now or _clock(session))
        return claim is not None and _try(claim, now)
    finally:
        current_session.remove()


def deliver_all(told: Sequence[tuple[str, int]]) -> None:
    """`deliver` one after another, (id, time limit in seconds), each with its own limit.

    For a worker, which needs longer to begin a job than for most deliveries. What it does not come to is told again.
    """
    for key, seconds in told:
        with UnixSignalDeathPenalty(seconds or SECONDS, JobTimeoutException):
            deliver(key)


def _take(session: Session, key: str, now: datetime) -> _Claim | None:
    found = session.execute(
        select(OutboxDelivery, OutboxEvent)
        .join(OutboxEvent, OutboxEvent.id == OutboxDelivery.event_id)
        .where(OutboxDelivery.id == key, _open(), OutboxDelivery.next_at <= now, _free(now))
        .with_for_update(of=OutboxDelivery, skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        return None
    delivery, happened = found
    listener = listener_called(delivery.listener)
    delivery.claim += 1
    delivery.attempts += 1
    delivery.started_at = now
    delivery.leased_until = now + timedelta(seconds=listener.seconds if listener else 0) + _LEASE_MARGIN
    session.flush()
    what = (happened.name, happened.payload, happened.id, happened.happened_at, happened.by_user_id, happened.cause)
    return _Claim(delivery.id, delivery.claim, delivery.attempts, delivery.listener, now, what)


def _try(claim: _Claim, now: datetime | None) -> bool:
    listener = listener_called(claim.listener)
    try:
        if listener is None:
            raise _NoListener(f"There is no listener {claim.listener}.")
        return _effect(claim, listener, now)
    except _Lost:
        log.warning("delivery %s was taken by somebody else", claim.key)
        return False
    except Exception as failed:  # whatever it is, the delivery must not be lost
        if isinstance(failed, JobTimeoutException):
            current_session().invalidate()  # it was stopped in the middle of anything
        _note_failure(claim, listener, failed, now)
        return False


def _effect(claim: _Claim, listener: Listener, now: datetime | None) -> bool:
    """What the listener does and the end of the delivery, in one transaction. Raises what it raises, and _Lost."""
    with system_scope(listener.name), transaction(by=SYSTEM) as session:
        _allow(session, listener.seconds)
        mine = select(OutboxDelivery.id).where(OutboxDelivery.id == claim.key, OutboxDelivery.claim == claim.number)
        if session.scalar(mine.where(_open()).with_for_update(skip_locked=True)) is None:
            raise _Lost
        name, payload, key, at, by, cause = claim.happened
        answer = listener(session, Happened(event_of(name, payload), key, at, by or "", cause or ""))
        session.flush()
        _end(session, claim, answer, now or _clock(session))
    return answer is None


def _allow(session: Session, seconds: int) -> None:
    """The time limits of this transaction: those of its listener, not those of a page."""
    limit = str((seconds + 5) * 1000)
    names = ("idle_in_transaction_session_timeout", "statement_timeout")
    session.connection().execute(select(*(func.set_config(name, limit, True) for name in names)))


def _end(session: Session, claim: _Claim, answer: Later | None, now: datetime) -> None:
    values: dict[str, Any] = {"leased_until": None, "took_ms": _ms(now - claim.began), "error": None}
    if answer is None:
        values["done_at"] = now
    else:
        when = answer.when if isinstance(answer.when, datetime) else now + answer.when
        values |= {"next_at": max(when, now), "attempts": claim.attempts - 1, "woken_at": None}
    _set(session, claim, values)


def _note_failure(claim: _Claim, listener: Listener | None, failed: Exception, now: datetime | None) -> None:
    log.error("delivery %s of %s failed", claim.key, claim.listener, exc_info=failed)
    with system_scope("outbox"), transaction(by=SYSTEM) as session:
        now = now or _clock(session)
        over = isinstance(failed, GiveUp) or claim.attempts >= (listener.attempts if listener else ATTEMPTS)
        values: dict[str, Any] = {
            "leased_until": None,
            "took_ms": _ms(now - claim.began),
            "error": reason_of(failed, listener.seconds if listener else 0),
            "woken_at": None,
        }
        values |= {"failed_at": now} if over else {"next_at": now + delay(claim.attempts)}
        _set(session, claim, values)


def _set(session: Session, claim: _Claim, values: dict[str, Any]) -> None:
    """Raises _Lost when the delivery is not in our hands any more."""
    mine = update(OutboxDelivery).where(OutboxDelivery.id == claim.key, OutboxDelivery.claim == claim.number, _open())
    done = session.execute(mine.values(**values), execution_options={"synchronize_session": False})
    if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE has it
        raise _Lost


def delay(attempts: int) -> timedelta:
    """How long to wait after that many failures; a fifth more or less, so that not all come at once."""
    return timedelta(seconds=DELAYS[min(attempts, len(DELAYS)) - 1] * random.uniform(0.8, 1.2))


def reason_of(failed: BaseException, seconds: int = 0) -> str:
    """Why it failed, for operators: our own sentences, else the kind of error and where; never a value of a record."""
    if isinstance(failed, GiveUp | DomainError | _NoListener):
        return str(failed)[:_LONGEST]
    if isinstance(failed, JobTimeoutException):
        return f"It took longer than {seconds} s."
    frames = traceback.extract_tb(failed.__traceback__)
    own = [frame for frame in frames if "/app/" in frame.filename] or frames
    where = f" in {own[-1].name}, line {own[-1].lineno}" if own else ""
    kind = type(failed.orig if isinstance(failed, DBAPIError) and failed.orig else failed).__name__
    return f"{kind}{where}"[:_LONGEST]


def _ms(span: timedelta) -> int:
    return max(0, round(span.total_seconds() * 1000))


def _clock(session: Session) -> datetime:
    """The database's clock, one for all machines; not that of the transaction's begin."""
    found: datetime = session.connection().scalar(select(func.timezone("UTC", func.clock_timestamp(), type_=Timestamp)))  # type: ignore[assignment]
    return found


# For operators ----------------------------------------------------------------


def retry(session: Session, delivery: OutboxDelivery) -> None:
    """Try a delivery that was given up again, from the first attempt on, as soon as this is committed."""
    now = _clock(session)
    delivery.failed_at, delivery.leased_until = None, None
    delivery.attempts, delivery.next_at, delivery.woken_at = 0, now, now
    session.flush()
    session.info.setdefault("to_wake", []).append((delivery.id, _seconds(delivery.listener)))


def discard(session: Session, delivery: OutboxDelivery) -> None:
    """A delivery that was given up is never tried again, and goes away."""
    session.delete(delivery)
    session.flush()


def forget_old(session: Session, *, now: datetime) -> int:
    """Remove events of more than 30 days ago, unless something of them is still open or was given up."""
    open_or_failed = exists().where(OutboxDelivery.event_id == OutboxEvent.id, OutboxDelivery.done_at.is_(None))
    old = delete(OutboxEvent).where(OutboxEvent.happened_at < now - _KEPT, ~open_or_failed)
    gone: int = session.execute(old, execution_options={"synchronize_session": False}).rowcount  # type: ignore[attr-defined]
    return gone
