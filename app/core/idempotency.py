"""What is sent twice under one key happens once: a double click, a browser's retry, a program that got no answer.

The key is taken by the first statement of the transaction that does the work,
and the answer is kept by its last one. So a second request with the same key
waits at the first statement until the work is done and gets the answer of the
first; a request that is refused, or cut off, leaves nothing behind and can be
sent again, corrected, under its own key.

Of an answer no more is kept than status, address and ids. What a record holds
may be about somebody's health and is read again, with the rights of that
moment, when the answer is given again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from psycopg.errors import LockNotAvailable
from sqlalchemy import CheckConstraint, Index, Integer, Text, delete, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base
from app.core.errors import DomainError
from app.core.types import Created, Timestamp

FOR_FORMS = timedelta(hours=24)
FOR_PROGRAMS = timedelta(days=7)


class IdempotencyKey(Base):
    """A request that was done, under the key it came with. An extension: the document knows no repeated requests."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        CheckConstraint("status BETWEEN 200 AND 399", name="done"),
        CheckConstraint("length(key) BETWEEN 1 AND 255", name="key_length"),
        Index(None, "expires_at"),
        {
            "comment": "A request that was done, under the key it came with.",
            "info": {"extension": "a request that is sent twice happens once"},
        },
    )

    user_id: Mapped[str] = mapped_column(
        Text, primary_key=True, comment="Whose key it is; keys of others are never met. No account needs to be behind."
    )
    key: Mapped[str] = mapped_column(Text, primary_key=True, comment="Chosen by the form or the program.")
    route: Mapped[str] = mapped_column(Text, primary_key=True, comment="The way in: a page or a REST operation.")
    request_hash: Mapped[str] = mapped_column(Text, comment="Keyed hash of address and content.")
    status: Mapped[int | None] = mapped_column(
        Integer, comment="HTTP status of the answer; empty only within the transaction that does the work."
    )
    location: Mapped[str] = mapped_column(Text, default="", server_default="", comment="Address that the answer names.")
    body: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="Ids and short words that the answer is made of; never what a record holds."
    )
    created_at: Mapped[Created] = mapped_column(comment="When it was done (UTC).")
    expires_at: Mapped[datetime] = mapped_column(Timestamp, comment="After this the key is unknown again (UTC).")


@dataclass(frozen=True)
class Asked:
    """A request that may come again.

    `owner` is the id of whoever sends it, `route` the way in, `request_hash` tells its content from another one,
    `kept` is how long the answer is remembered.
    """

    owner: str
    key: str
    route: str
    request_hash: str
    kept: timedelta


@dataclass(frozen=True)
class Answer:
    """How a request ended well. `repeated` says that nothing was done this time, because it had been done before."""

    status: int
    location: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    repeated: bool = False


class InProgress(DomainError):
    """The same request is at work at this moment, and takes its time."""

    status = 409

    def default(self) -> str:
        return _("This is being done already. Wait a moment and look whether it is there.")


class OtherContent(DomainError):
    """A key that comes again with other content; `done` is what was answered under it."""

    status = 422

    def __init__(self, done: Answer) -> None:
        self.done = done
        super().__init__()

    def default(self) -> str:
        return _("This key was sent before with other content, and that was saved. A new request needs a new key.")


def once(session: Session, asked: Asked | None, act: Callable[[], Answer], *, now: datetime) -> Answer:
    """The answer of `act`, which is called only if this was not done before. Without a key it is always called.

    To be called first in `transaction`: the key, the work and the answer stay or vanish together. Outside services are
    no part of the transaction; `act` publishes what should happen there.

    Raises InProgress, OtherContent, and what `act` raises.
    """
    if asked is None:
        return act()
    if not _taken(session, asked, now):
        return _known(session, asked)
    answer = act()
    row = update(IdempotencyKey).where(*_is(asked))
    kept = row.values(status=answer.status, location=answer.location, body=dict(answer.body))
    session.execute(kept, execution_options={"synchronize_session": False})
    return answer


def _taken(session: Session, asked: Asked, now: datetime) -> bool:
    """Whether the key is ours to work under. Waits for whoever is at work under it. Raises InProgress."""
    values = {"request_hash": asked.request_hash, "expires_at": now + asked.kept}
    row = insert(IdempotencyKey).values(user_id=asked.owner, key=asked.key, route=asked.route, created_at=now, **values)
    # One whose time is over but which was not yet swept is as good as none.
    row = row.on_conflict_do_update(
        index_elements=["user_id", "key", "route"],
        set_={**values, "created_at": now, "status": None, "location": "", "body": None},
        where=IdempotencyKey.expires_at <= now,
    )
    try:
        return session.execute(row.returning(IdempotencyKey.key)).one_or_none() is not None
    except OperationalError as refused:
        if isinstance(refused.orig, LockNotAvailable):
            raise InProgress from refused
        raise


def _known(session: Session, asked: Asked) -> Answer:
    """What was answered before. Raises OtherContent."""
    kept = IdempotencyKey
    row = session.execute(
        select(kept.request_hash, kept.status, kept.location, kept.body).where(*_is(asked))
    ).one()  # the statement before holds it, so it is there
    answer = Answer(row.status, row.location, row.body or {}, repeated=True)
    if row.request_hash != asked.request_hash:
        raise OtherContent(answer)
    return answer


def _is(asked: Asked) -> tuple[Any, ...]:
    kept = IdempotencyKey
    return kept.user_id == asked.owner, kept.key == asked.key, kept.route == asked.route


def forget_old_keys(session: Session, *, now: datetime) -> int:
    """Remove keys whose time is over; gives how many. Not audited: they tell of nothing that is not told elsewhere."""
    gone = session.execute(delete(IdempotencyKey).where(IdempotencyKey.expires_at <= now))
    count: int = gone.rowcount  # type: ignore[attr-defined]  # a DELETE has it
    return count
