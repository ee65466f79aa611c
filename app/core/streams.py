"""Open event streams of this process, and the one thread that hears pings for all of them.

A stream waits in a thread of its own and holds neither a database connection
nor one to Redis. It begins with the topics of the last seconds, so that what
happened while its page was loading is not missed, and ends by itself after
some minutes; the browser asks again and is looked at anew.
"""

from __future__ import annotations

import json
import logging
import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import NamedTuple

import redis

from app.core import live, resting

log = logging.getLogger(__name__)

MOST_PER_PERSON = 4  # in this process; the oldest makes room
LONGEST = 300.0  # seconds
HEARTBEAT = 15.0  # seconds; a browser that is gone is noticed when it is written to
POLL = "poll"  # the topic of those who may have missed something
_JITTER = 0.1  # of LONGEST, so that streams which began together do not come back together
_READY = 2.0  # seconds a first stream waits until pings are heard
_READ = 2.0  # seconds for Redis to answer a command
_ASK = 10.0  # seconds of silence after which Redis is asked whether it is there
_SILENCE = 25.0  # seconds without an answer
_GIVE_UP = 5.0  # seconds without Redis before browsers are sent to ask by the clock
_AGAIN = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between tries to hear again; the last one repeats
_BACKLOG = 100


class Away(Exception):
    """Pings are not heard now; who asks must do so by the clock."""


class _End(NamedTuple):
    """The last thing a stream is told; "" for no reason that the browser must know."""

    reason: str


class Stream:
    """What one browser hears, as lines of a WSGI answer."""

    def __init__(self, hub: Hub, user_id: str) -> None:
        self.user_id = user_id
        self._hub = hub
        self._told: SimpleQueue[str | _End] = SimpleQueue()
        self._until = time.monotonic() + LONGEST * (1 - random.uniform(0, _JITTER))
        self._over = False
        self._opening = f"retry: {random.randint(1000, 4000)}\n\n"  # ms until a browser comes back

    def tell(self, topic: str) -> None:
        if self._told.qsize() < _BACKLOG:
            self._told.put(topic)

    def end(self, reason: str = "") -> None:
        self._told.put(_End(reason))

    def close(self) -> None:
        self._over = True
        self._hub.leave(self)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._opening:
            opening, self._opening = self._opening, ""
            return opening.encode()
        wait = min(HEARTBEAT, self._until - time.monotonic())
        if self._over or wait <= 0:
            self.close()
            raise StopIteration
        try:
            told = [self._told.get(timeout=wait)]
        except Empty:
            return b": \n\n"
        while not self._told.empty():
            told.append(self._told.get())
        ends = [one for one in told if isinstance(one, _End)]
        self._over = bool(ends)
        last = f"event: end\ndata: {ends[0].reason}\n\n" if ends and ends[0].reason else ""
        # An empty chunk would end a chunked answer: without anything to say a comment.
        return (_lines(tuple(one for one in told if isinstance(one, str))) + last or ": \n\n").encode()


def _lines(topics: tuple[str, ...]) -> str:
    return "".join(f"data: {topic}\n\n" for topic in dict.fromkeys(topics))


class Hub:
    """The streams of this process. The thread that hears pings starts with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[str, list[Stream]] = defaultdict(list)
        self._ready = threading.Event()
        self._closed = False
        self._listener: threading.Thread | None = None
        self._since = 0.0

    def open(self, user_id: str) -> Stream:
        """A stream for a person. Raises Away."""
        url = live.address()
        if url is None:
            raise Away
        # Only who comes right after the first waits: while Redis is away nobody else is held up.
        if not self._ready.wait(max(0.0, self._listen(url) + _READY - time.monotonic())):
            raise Away
        stream = Stream(self, user_id)
        with self._lock:
            if self._closed:
                raise Away
            mine = self._streams[user_id]
            mine.append(stream)
            crowded = mine[:-MOST_PER_PERSON]
        for oldest in crowded:
            oldest.end("crowded")
        try:
            for topic in live.recent(user_id):
                stream.tell(topic)
        except (redis.RedisError, OSError) as lost:
            log.info("pings of the last seconds are not known: %s", type(lost).__name__)
            stream.tell(POLL)
        return stream

    def leave(self, stream: Stream) -> None:
        with self._lock:
            mine = self._streams.get(stream.user_id, [])
            if stream in mine:
                mine.remove(stream)
            if not mine:
                self._streams.pop(stream.user_id, None)

    def close(self) -> None:
        """The process is about to stop: end all streams and open none."""
        with self._lock:
            self._closed = True
        self._end_all("")

    def count(self) -> int:
        with self._lock:
            return sum(len(mine) for mine in self._streams.values())

    # Hearing ------------------------------------------------------------------

    def _listen(self, url: str) -> float:
        """Start to hear, if nobody does yet; gives since when somebody does."""
        with self._lock:
            if self._listener is None or not self._listener.is_alive():
                self._listener = threading.Thread(target=self._hear, args=(url,), name="live", daemon=True)
                self._listener.start()
                self._since = time.monotonic()
            return self._since

    def _hear(self, url: str) -> None:
        """Follow the pings for as long as this process lives."""
        tries, since = 0, time.monotonic()
        while True:
            try:
                self._follow(url)
            except (redis.RedisError, OSError, ValueError) as lost:
                if self._ready.is_set():
                    self._ready.clear()
                    tries, since = 0, time.monotonic()
                    log.warning("pings are not heard, Redis does not answer: %s", type(lost).__name__)
            if time.monotonic() - since > _GIVE_UP:
                self._end_all("away")
            tries = min(tries + 1, len(_AGAIN))
            time.sleep(_AGAIN[tries - 1] * random.uniform(0.5, 1))

    def _follow(self, url: str) -> None:
        """Pass on pings until the line breaks. Raises RedisError, OSError."""
        with resting.client(url, connect=_READ, read=_READ, decode_responses=True) as client, client.pubsub() as line:
            line.subscribe(live.CHANNEL)
            heard = time.monotonic()
            while True:
                message = line.get_message(timeout=_ASK)
                if message is None:
                    if time.monotonic() - heard > _SILENCE:
                        raise redis.ConnectionError("silence")
                    line.ping()
                    continue
                heard = time.monotonic()
                if message["type"] == "subscribe":
                    self._ready.set()
                    self._tell_all(POLL)  # whatever was said before is lost
                elif message["type"] == "message":
                    user_id, topic = json.loads(message["data"])
                    self._tell(user_id, topic)

    def _tell(self, user_id: str, topic: str) -> None:
        for stream in self._of(None if user_id == live.EVERYBODY else user_id):
            if topic == live.SESSION:
                stream.end(live.SESSION)
            else:
                stream.tell(topic)

    def _tell_all(self, topic: str) -> None:
        for stream in self._of():
            stream.tell(topic)

    def _end_all(self, reason: str) -> None:
        for stream in self._of():
            stream.end(reason)

    def _of(self, user_id: str | None = None) -> list[Stream]:
        with self._lock:
            if user_id is not None:
                return list(self._streams.get(user_id, ()))
            return [stream for mine in self._streams.values() for stream in mine]


hub = Hub()


def _anew() -> None:
    """After a fork: threads and locks stay with the parent."""
    hub.__init__()  # type: ignore[misc]  # the same object, which others have imported


os.register_at_fork(after_in_child=_anew)
