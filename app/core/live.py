"""Pings: after a commit the pages of the people concerned are told to ask again.

A ping is a topic for a person and carries nothing else; what there is to see
is asked for through the ordinary doors. It travels by Redis pub/sub and may
get lost: pages also ask when their stream begins anew and, without a stream,
by the clock. Saving never depends on it: a Redis that is away costs a fraction
of a second once in a while and is left alone in between.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Sequence

import redis
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from app.core import resting

log = logging.getLogger(__name__)

CHANNEL = "live"
SESSION = "session"  # a topic of our own: whoever is logged in is to be looked at anew
LATELY = 30  # seconds; pings a page has missed that was made before its stream began
_TOPIC = re.compile(r"[a-z][a-z_]{0,39}")
_WAIT = 0.3  # seconds a save may lose to a Redis that does not answer
_REST = 10.0  # seconds it is left alone then
_PINGS = "pings"
EVERYBODY = "*"  # no key of a person


def ping(session: Session, user_id: str, topic: str) -> None:
    """After the commit of `session`, tell the open pages of a person that something about `topic` is new.

    Scripts hear it as the event `live:<topic>`. Nothing is told when the transaction is undone.
    """
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"{topic!r} is no topic.")
    within = session.get_nested_transaction() or session.get_transaction() or session.begin()
    session.info.setdefault(_PINGS, []).append((within, user_id, topic))


def ping_all(session: Session, topic: str) -> None:
    """As `ping`, for the open pages of everybody: what there is to see is asked for with the rights of each."""
    ping(session, EVERYBODY, topic)


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    if session.in_nested_transaction():
        return  # only a part is done
    noted = session.info.pop(_PINGS, ())
    pings = list(dict.fromkeys((user_id, topic) for _within, user_id, topic in noted))
    if pings and _sender is not None:
        _sender.send(pings)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    noted = session.info.pop(_PINGS, ())
    kept = [one for one in noted if one[0] is not previous] if previous.nested else []
    if kept:
        session.info[_PINGS] = kept


class Sender:
    """Publishes pings, and gives a Redis that does not answer some rest."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._redis = resting.client(url, connect=_WAIT, read=_WAIT, decode_responses=True)
        self._rest = resting.Rest(_REST, clock=clock)

    def send(self, pings: Sequence[tuple[str, str]]) -> bool:
        """Whether Redis took them. Never raises."""
        if not self._rest.may_try():
            return False
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for user_id, topic in pings:
                    pipe.hset(_lately(user_id), topic, "1")
                    pipe.expire(_lately(user_id), LATELY)
                    pipe.publish(CHANNEL, json.dumps([user_id, topic]))
                pipe.execute()
        except (redis.RedisError, OSError) as lost:
            log.warning("pings are lost, Redis does not answer: %s", type(lost).__name__)
            self._rest.begin()
            return False
        self._rest.end()
        return True

    def recent(self, user_id: str) -> list[str]:
        """Topics of the last seconds. Raises RedisError."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hkeys(_lately(user_id))
            pipe.hkeys(_lately(EVERYBODY))
            found = [str(topic) for topics in pipe.execute() for topic in topics]
        return [topic for topic in dict.fromkeys(found) if topic != SESSION]


_sender: Sender | None = None


def connect(url: str | None) -> None:
    """Say which Redis carries the pings; None for none. Called once when a process starts."""
    global _sender
    _sender = Sender(url) if url else None


def address() -> str | None:
    """The Redis that carries the pings."""
    return None if _sender is None else _sender.url


def recent(user_id: str) -> list[str]:
    """Topics of the last seconds. Raises RedisError."""
    return [] if _sender is None else _sender.recent(user_id)


def _lately(user_id: str) -> str:
    return f"live:{user_id}"
