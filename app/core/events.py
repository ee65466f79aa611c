"""What happened, and who listens: facts in the past tense, written with the transaction that caused them.

An event carries keys only. `publish` stores it beside the change; after the
commit a worker calls each listener (see `app.core.outbox`), at least once in
time and with exactly one effect.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, dataclass_transform

from sqlalchemy import Connection, insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.core.db import Base
from app.core.scope import viewer_in
from app.core.types import new_key, utc_now

SECONDS = 30  # a listener may run unless it says otherwise
ATTEMPTS = 8
_FEW = 20  # events that are delivered without asking whether somebody could want them
_PLAIN = (str, int, bool, type(None))

_kinds: dict[str, type[Event]] = {}
_listeners: dict[str, Listener] = {}


@dataclass_transform(frozen_default=True)
class Event:
    """Something that happened: a frozen dataclass of keys, which are `str`, `int`, `bool`, None or tuples of them.

    The name of the class is stored: renaming one strands what is under way.
    """

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        known = _kinds.setdefault(cls.__name__, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"There are two events called {cls.__name__}.")
        _kinds[cls.__name__] = cls


E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Happened(Generic[E]):
    """An event as a listener gets it: `key` is the same at every try and for every listener, `at` is UTC.

    `cause` is what `caused_by` was told when the event was published, "" for what people did.
    """

    event: E
    key: str
    at: datetime
    by_user_id: str = ""
    cause: str = ""


@dataclass(frozen=True)
class Later:
    """What a listener returns to be called again then (UTC) or after that time, without having failed."""

    when: datetime | timedelta


class GiveUp(Exception):
    """Raised by a listener that would fail at every try; the text is for operators and holds no personal data."""


@dataclass(frozen=True)
class Listener:
    """A function that answers an event. `seconds` is its time limit, `attempts` how often it may fail.

    Events that it does not concern are not delivered to it. `narrow` is asked where many are published together, and
    gives which of them somebody could want at all: what it leaves out is what `run` would do nothing about.
    """

    name: str
    event: type[Event]
    run: Callable[[Session, Happened[Any]], Later | None]
    seconds: int = SECONDS
    attempts: int = ATTEMPTS
    concerns: Callable[[Any], bool] | None = None
    narrow: Callable[[Session], Callable[[Any], bool]] | None = None

    def hears(self, event: Event) -> bool:
        return self.concerns is None or self.concerns(event)

    def hearing(self, session: Session) -> Callable[[Any], bool]:
        """Which of many events it hears, as things are now."""
        if self.narrow is None:
            return self.hears
        wanted = self.narrow(session)
        return lambda event: self.hears(event) and wanted(event)

    def __call__(self, session: Session, happened: Happened[Any]) -> Later | None:
        return self.run(session, happened)


def on(
    event: type[E],
    *,
    seconds: int = SECONDS,
    attempts: int = ATTEMPTS,
    concerns: Callable[[E], bool] | None = None,
    narrow: Callable[[Session], Callable[[E], bool]] | None = None,
) -> Callable[[Callable[[Session, Happened[E]], Later | None]], Listener]:
    """Make a function a listener. It listens once `listen` is told, see `app/schedule.py`."""

    def made(run: Callable[[Session, Happened[E]], Later | None]) -> Listener:
        return Listener(_name(run), event, run, seconds, attempts, concerns, narrow)

    return made


def listen(listeners: Iterable[Listener]) -> None:
    """From now on these are called. Saying it twice changes nothing. Raises ValueError for two of one name."""
    for listener in listeners:
        known = _listeners.setdefault(listener.name, listener)
        if known is not listener and known.event is not listener.event:
            raise ValueError(f"Two listeners are called {listener.name}.")
        _listeners[listener.name] = listener


def forget(listener: Listener) -> None:
    _listeners.pop(listener.name, None)


def listener_called(name: str) -> Listener | None:
    return _listeners.get(name)


def listeners_of(event: type[Event]) -> list[Listener]:
    return [listener for listener in _listeners.values() if listener.event is event]


_cause: ContextVar[str] = ContextVar("cause", default="")


@contextmanager
def caused_by(key: str) -> Iterator[None]:
    """What is published within the block followed from this: whoever listens finds it in `Happened.cause`.

    Changes of records are published at the commit: who wants them to carry the cause asks for them within the block.
    """
    token = _cause.set(key)
    try:
        yield
    finally:
        _cause.reset(token)


def publish(session: Session, event: Event, *, once: str | None = None) -> None:
    """Write down what happened, in the running transaction; listeners start after its commit.

    With `once` only the first event of that text is ever written.
    """
    publish_to(session, event, [one for one in listeners_of(type(event)) if one.hears(event)], once=once)


def publish_to(session: Session, event: Event, listeners: Sequence[Listener], *, once: str | None = None) -> bool:
    """As `publish`, for these listeners only. Gives whether the event was written."""
    connection = session.connection()
    key, now = new_key(), utc_now()
    row = {
        "id": key,
        "name": type(event).__name__,
        "payload": payload_of(event),
        "once": once,
        "by_user_id": viewer_in(session).user_id or None,
        "happened_at": now,
        "cause": _cause.get() or None,
    }
    if not _written(connection, row):
        return False
    deliveries = [
        {"id": new_key(), "event_id": key, "listener": listener.name, "next_at": now, "woken_at": now}
        for listener in listeners
    ]
    if deliveries:
        connection.execute(insert(Base.metadata.tables["outbox_deliveries"]), deliveries)
        seconds = {listener.name: listener.seconds for listener in listeners}
        told = [(delivery["id"], seconds[str(delivery["listener"])]) for delivery in deliveries]
        session.info.setdefault("to_wake", []).extend(told)
    return True


def publish_all(session: Session, events: Sequence[Event]) -> None:
    """As `publish` of each, in their order, with two statements for all of them.

    Of more than a few, what nobody could want is not delivered: see `Listener.narrow`.
    """
    now, by, cause = utc_now(), viewer_in(session).user_id or None, _cause.get() or None
    rows, deliveries, told = [], [], []
    many = len(events) > _FEW
    heard = {
        kind: [(one, one.hearing(session) if many else one.hears) for one in listeners_of(kind)]
        for kind in dict.fromkeys(type(event) for event in events)
    }
    for event in events:
        key, kind = new_key(), type(event)
        rows.append(
            {"id": key, "name": kind.__name__, "payload": payload_of(event), "once": None, "by_user_id": by,
             "happened_at": now, "cause": cause}
        )  # fmt: skip
        for listener, hears in heard[kind]:
            if not hears(event):
                continue
            share = new_key()
            deliveries.append(
                {"id": share, "event_id": key, "listener": listener.name, "next_at": now, "woken_at": now}
            )
            told.append((share, listener.seconds))
    connection = session.connection()
    if rows:
        connection.execute(insert(Base.metadata.tables["outbox_events"]), rows)
    if deliveries:
        connection.execute(insert(Base.metadata.tables["outbox_deliveries"]), deliveries)
        session.info.setdefault("to_wake", []).extend(told)


def _written(connection: Connection, row: dict[str, Any]) -> bool:
    table = Base.metadata.tables["outbox_events"]
    if row["once"] is None:
        connection.execute(insert(table), [row])
        return True
    new = postgresql.insert(table).values(row).on_conflict_do_nothing(index_elements=["once"]).returning(table.c.id)
    return connection.scalar(new) is not None


def payload_of(event: Event) -> dict[str, Any]:
    """The event as JSON. Raises TypeError for what is no key."""
    payload = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}  # type: ignore[arg-type]
    for name, value in payload.items():
        if not all(isinstance(item, _PLAIN) for item in (value if isinstance(value, tuple) else (value,))):
            raise TypeError(f"{type(event).__name__}.{name} is no key: {type(value).__name__}.")
    return payload


def event_of(name: str, payload: dict[str, Any]) -> Event:
    """The event that was stored. Raises GiveUp when the code does not know it any more."""
    kind = _kinds.get(name)
    if kind is None:
        raise GiveUp(f"There is no event {name}.")
    known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in payload.items() if key in known}
    try:
        return kind(**values)
    except TypeError:
        raise GiveUp(f"The event {name} was written by another version of the code.") from None


def _name(run: Callable[..., Any]) -> str:
    return f"{run.__module__}.{run.__name__}"
