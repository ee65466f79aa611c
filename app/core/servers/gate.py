"""Who may run in a web process at a time: so many ordinary requests, so many event streams beside them.

gunicorn has a thread for each of both, so a full house of streams leaves the
ordinary requests every place they ever had. A stream is an ordinary request
until it begins to wait: only so many ask the database at once as it has
connections for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

STREAMS = "/live/"
_WAIT = 30.0  # seconds an ordinary request waits for its turn
_COME_BACK = "60"  # seconds
_BUSY = b"Too many people at once. Try again in a moment.\n"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Gate:
    """A WSGI application in front of another one."""

    def __init__(self, application: Application, *, ordinary: int, streams: int) -> None:
        self._application = application
        self._ordinary = threading.BoundedSemaphore(ordinary)
        self._streams = threading.BoundedSemaphore(streams)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != STREAMS:
            turn = _Place(self._ordinary)
            return self._run(environ, start_response, turn) if turn.take(_WAIT) else _refuse(start_response)
        place = _Place(self._streams)
        if not place.take(0):
            return _refuse(start_response)
        turn = _Place(self._ordinary)
        try:
            return self._run(environ, start_response, place) if turn.take(_WAIT) else _refuse(start_response, place)
        finally:
            turn.leave()

    def _run(self, environ: dict[str, Any], start_response: Callable[..., Any], place: _Place) -> Iterable[bytes]:
        """The answer, which gives the place back when it is sent."""
        try:
            answer = self._application(environ, start_response)
        except BaseException:
            place.leave()
            raise
        wrapper = environ.get("wsgi.file_wrapper")
        if isinstance(wrapper, type) and isinstance(answer, wrapper):
            return _told_when_closed(answer, place)  # the server sends it by itself, if it is still the file
        return _Answer(answer, place)


class _Place:
    """One of a number of places; given back once, however often one leaves."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self._places = places
        self._taken = False

    def take(self, seconds: float) -> bool:
        self._taken = self._places.acquire(timeout=seconds) if seconds else self._places.acquire(blocking=False)
        return self._taken

    def leave(self) -> None:
        taken, self._taken = self._taken, False
        if taken:
            self._places.release()


class _Answer:
    """The body of an answer, and the place it was made in."""

    def __init__(self, body: Iterable[bytes], place: _Place) -> None:
        self._body, self._place = body, place

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._place.leave()


def _told_when_closed(file: Any, place: _Place) -> Iterable[bytes]:
    close = getattr(file, "close", None)

    def closed() -> None:
        try:
            if close is not None:
                close()
        finally:
            place.leave()

    file.close = closed
    told: Iterable[bytes] = file
    return told


def _refuse(start_response: Callable[..., Any], place: _Place | None = None) -> Iterable[bytes]:
    if place is not None:
        place.leave()
    start_response(
        "503 Service Unavailable",
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(_BUSY))),
            ("Retry-After", _COME_BACK),
            ("Cache-Control", "no-store"),
        ],
    )
    return [_BUSY]
