"""Redis as a page may ask it: briefly, and not again for a while after it did not answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def client(url: str, *, connect: float, read: float, **more: Any) -> Any:
    """A client that waits no longer than these seconds and does not try again by itself."""
    return redis.Redis.from_url(
        url, socket_connect_timeout=connect, socket_timeout=read, retry=Retry(NoBackoff(), 0), **more
    )


class Rest:
    """After a failure nobody tries for these seconds, and then one alone before the others follow."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until = 0.0
        self._lock = threading.Lock()

    def may_try(self) -> bool:
        with self._lock:
            if self._clock() < self._until:
                return False
            if self._until:
                self._until = self._clock() + self._seconds
        return True

    def begin(self) -> None:
        """It did not answer."""
        with self._lock:
            self._until = self._clock() + self._seconds

    def end(self) -> None:
        """It answered."""
        with self._lock:
            self._until = 0.0
