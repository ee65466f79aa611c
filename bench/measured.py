"""A web application that says in a header what each answer cost: wall and processor time, statements and their time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Engine, event

_cost = threading.local()


def note(seconds: float) -> None:
    """One more statement of the answer being made in this thread."""
    _cost.statements = getattr(_cost, "statements", 0) + 1
    _cost.seconds = getattr(_cost, "seconds", 0.0) + seconds


class Measured:
    """The application inside, with `Server-Timing: total;dur=…, cpu;dur=…, sql;dur=…, statements;dur=…` (ms, count)."""

    def __init__(self, inside: Any) -> None:
        self._inside = inside

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inside, name)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/live") or path.endswith(".csv"):
            return self._inside(environ, start)  # type: ignore[no-any-return]  # a stream, to be read as it comes
        _cost.statements, _cost.seconds = 0, 0.0
        began, spent = time.perf_counter(), time.thread_time()
        said: list[Any] = []
        answer = self._inside(environ, lambda *given: said.append(given))
        try:
            body = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        status, headers, *_rest = said[0]
        told = (
            f"total;dur={(time.perf_counter() - began) * 1000:.3f}, cpu;dur={(time.thread_time() - spent) * 1000:.3f}, "
            f"sql;dur={_cost.seconds * 1000:.3f}, statements;dur={_cost.statements}"
        )
        start(status, [*headers, ("Server-Timing", told)])
        return [body]


@event.listens_for(Engine, "before_cursor_execute")
def _begin(connection: Any, *_others: Any) -> None:
    connection.info["bench_begun"] = time.perf_counter()


@event.listens_for(Engine, "after_cursor_execute")
def _end(connection: Any, *_others: Any) -> None:
    note(time.perf_counter() - connection.info["bench_begun"])


def create_app() -> Measured:
    """The house, measured; for gunicorn."""
    from app import create_app as house  # noqa: PLC0415  # the floor does without it

    return Measured(house())
