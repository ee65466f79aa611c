"""`main()`, called with `worker` or `clock`: the processes of the background, with the rules of automation and nothing
else to do. Addresses come from the environment as for `app.background`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import timedelta

from app import tables
from app.core import db, jobs, outbox
from app.house import SCREENS
from app.pipeline.automation.jobs import LISTENERS
from app.screens import atlas
from app.screens.resolve import resolve_all
from config import engine_options, sqlalchemy_url


def main() -> None:
    """What a killed worker had in hand is free again after some seconds instead of a minute.

    What waits is told again no sooner than that: told too often, a busy machine would do nothing but refuse.
    """
    outbox._LEASE_MARGIN, outbox._WAKE_AGAIN = timedelta(seconds=1), timedelta(seconds=20)  # type: ignore[attr-defined]
    jobs.TICK = 0.5  # type: ignore[attr-defined]
    db.connect(sqlalchemy_url(os.environ["DATABASE_URL"]), **engine_options())
    tables.configure()
    jobs.register([replace(listener, seconds=15) for listener in LISTENERS], ())
    atlas.know(resolve_all(tables.MODELS, SCREENS))
    role, redis_url = sys.argv[1], os.environ["REDIS_URL"]
    (jobs.work if role == "worker" else jobs.keep_time)(redis_url)
