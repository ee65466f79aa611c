"""`main()`, called with `worker`, `clock` or `writers`: the processes of the background, with a listener whose effects count.

Addresses come from the environment as for `app.background`. Each effect is a row of `effects`, which has no key of its
own: what happened twice would be seen.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import tables
from app.core import db, jobs, outbox
from app.core.db import current_session, transaction
from app.core.events import Event, Happened, on, publish
from app.core.viewer import SYSTEM, system_scope
from config import engine_options, sqlalchemy_url

MAKE = "CREATE TABLE effects (id bigserial, what text NOT NULL)"
WRITERS = 8


@dataclass(frozen=True)
class Planted(Event):
    what: str


@on(Planted, seconds=5, attempts=50)
def grow(session: Session, happened: Happened[Planted]) -> None:
    """One row before a pause and one after it: half an effect would show."""
    row = {"what": happened.event.what}
    session.execute(text("INSERT INTO effects (what) VALUES (:what)"), row)
    time.sleep(0.05)
    session.execute(text("INSERT INTO effects (what) VALUES (:what)"), row)


def plant(what: str) -> None:
    """One acknowledged write: a row of its own, and the event that grows."""
    with transaction(by=SYSTEM) as session:
        session.execute(text("INSERT INTO effects (what) VALUES (:what)"), {"what": f"planted {what}"})
        publish(session, Planted(what))


def connect(database_url: str) -> Any:
    engine = db.connect(sqlalchemy_url(database_url), **engine_options())
    tables.configure()
    jobs.register((grow,), ())
    return engine


def write(begin: int) -> None:
    """Plant until the input is closed; say every acknowledged one."""

    def writer(place: int) -> None:
        number = 0
        while not over.is_set():
            what = f"{begin}-{place}-{number}"
            try:
                with system_scope("writers"):
                    plant(what)
            except SQLAlchemyError as away:
                say(f"refused {type(away).__name__}")
                time.sleep(0.05)
                continue
            finally:
                current_session.remove()
            say(what)
            number += 1
            time.sleep(0.01)

    lock, over = threading.Lock(), threading.Event()

    def say(line: str) -> None:
        with lock:
            print(line, flush=True)

    threads = [threading.Thread(target=writer, args=(place,)) for place in range(WRITERS)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()


def main() -> None:
    outbox._LEASE_MARGIN, outbox._WAKE_AGAIN = timedelta(seconds=1), timedelta(seconds=3)  # type: ignore[attr-defined]
    jobs.TICK = 0.5  # type: ignore[attr-defined]
    connect(os.environ["DATABASE_URL"])
    role, redis_url = sys.argv[1], os.environ["REDIS_URL"]
    if role == "worker":
        jobs.work(redis_url)
    elif role == "clock":
        jobs.keep_time(redis_url)
    else:
        write(os.getpid())
