"""A breaker for an outside service: after several failures in a row it is left alone for a while.

Workers fork for every job, so the count is kept in Redis and holds for all of them. Without Redis everybody may try:
the time limits of each try protect us then.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta

import redis

log = logging.getLogger(__name__)

_REMEMBERED = timedelta(hours=1)  # failures further apart are not in a row


@dataclass(frozen=True)
class Breaker:
    """Opens after `failures` in a row; after `rest` a single caller may try (half-open), and his luck decides."""

    connection: redis.Redis = field(repr=False)
    name: str
    failures: int = 5
    rest: timedelta = timedelta(minutes=1)
    trial: timedelta = timedelta(seconds=30)  # how long the one who tries has the service to himself

    def wait(self) -> timedelta | None:
        """How long to leave the service alone; None when it may be asked now, which counts as the one trial."""
        try:
            resting = int(self.connection.pttl(self._key("open")))
            if resting > 0:
                return timedelta(milliseconds=resting)
            if int(self.connection.get(self._key("failed")) or 0) < self.failures:
                return None
            if self.connection.set(self._key("trial"), "1", nx=True, px=_milliseconds(self.trial)):
                return None
            return self.trial
        except redis.RedisError as lost:
            log.warning("the breaker of %s is not there: %s", self.name, type(lost).__name__)
            return None

    def failed(self) -> None:
        """The service did not answer, or not as it should."""
        try:
            with self.connection.pipeline() as together:
                together.incr(self._key("failed"))
                together.expire(self._key("failed"), _REMEMBERED)
                together.delete(self._key("trial"))
                count = together.execute()[0]
            if count >= self.failures:
                self.connection.set(self._key("open"), "1", px=_milliseconds(self.rest))
        except redis.RedisError as lost:
            log.warning("the breaker of %s is not there: %s", self.name, type(lost).__name__)

    def succeeded(self) -> None:
        """The service answered; what it said about one message is no failure of the service."""
        try:
            self.connection.delete(*(self._key(part) for part in ("failed", "open", "trial")))
        except redis.RedisError as lost:
            log.warning("the breaker of %s is not there: %s", self.name, type(lost).__name__)

    def _key(self, part: str) -> str:
        return f"breaker:{self.name}:{part}"


def _milliseconds(span: timedelta) -> int:
    return max(1, int(span.total_seconds() * 1000))
