"""What trying out a rule costs: `python -m bench.rules [deals]`, 300,000 unless told.

On the data of `bench.sales`, of which the deals of 90 days are looked at. Each trigger is looked back with, and tried
on one deal, in this process with the rights of somebody of all countries and of somebody of three, without a condition
and with one that few deals meet. Times are medians in ms; `looked at` are the occasions that there are, at most what
one look back takes.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app import tables
from app.access.door import viewer_of
from app.access.models import User
from app.core import db, migrate
from app.core.servers import embedded
from app.core.viewer import system_scope
from app.house import SCREENS
from app.pipeline.automation import config
from app.pipeline.automation.config import Draft
from app.pipeline.automation.lookback import back_test
from app.pipeline.automation.trial import dry_run
from app.pipeline.models import AutomationRuleTriggerType, Deal
from app.screens import atlas
from app.screens.resolve import resolve_all
from bench.boards import ROUNDS, WARM
from bench.sales import fill
from config import ROOT, Settings, engine_options, sqlalchemy_url

FEW = {"conditions": [{"field": "value", "op": "ge", "value": 2990}]}
WHEN: dict[str, dict[str, Any]] = {"deal_rotting": {"days": 7}}


def median(ask: Callable[[], Any]) -> tuple[float, Any]:
    took = []
    for _round in range(ROUNDS + WARM):
        begun = time.perf_counter()
        found = ask()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took[WARM:]), found


def report() -> None:
    with db.session_factory() as session, system_scope("bench"):
        who = {name: session.scalars(select(User).where(User.username == name)).one() for name in ("admin", "manager")}
        admin, three = (viewer_of(session, user) for user in who.values())
        largest = select(Deal.pipeline_id).group_by(Deal.pipeline_id).order_by(func.count().desc()).limit(1)
        pipeline = session.scalars(largest).one()
        deal = session.scalars(select(Deal).where(Deal.pipeline_id == pipeline).limit(1)).one()
        heads = ("back-test", "3 lands", "with a condition", "dry run", "acted on", "more")
        print(f"{'trigger':20}" + "".join(f"{head:>18}" for head in heads))
        for kind in AutomationRuleTriggerType:
            when = WHEN.get(kind.value, {})
            plain, narrow = (
                Draft("bench", pipeline, config.read(kind, {**when, **more}, "add_note", {"text": "x"}))
                for more in ({}, FEW)
            )
            all_of_them, found = median(lambda rule=plain: back_test(session, admin, rule))
            some, _found = median(lambda rule=plain: back_test(session, three, rule))
            few, _found = median(lambda rule=narrow: back_test(session, admin, rule))
            dry, _found = median(lambda rule=plain: dry_run(session, admin, rule, deal))
            session.rollback()
            figures = "".join(f"{figure:>18.1f}" for figure in (all_of_them, some, few, dry))
            print(f"{kind.value:20}{figures}{found.count:>18,}{found.more!s:>18}", flush=True)


def main(deals: int) -> None:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place, embedded(Path(place) / "servers") as servers:
        migrate.upgrade(servers.database_url)
        known = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url, "DATA_DIR": place}
        environ = Settings.from_env(known).environ()
        subprocess.run([sys.executable, "-m", "app.seed"], check=True, cwd=ROOT, env=environ, capture_output=True)
        fill(servers.database_url, deals)
        print(f"{deals:,} deals, filled in {time.monotonic() - begun:.0f} s; medians of {ROUNDS} in ms")
        engine = db.connect(sqlalchemy_url(servers.database_url), **engine_options())
        tables.configure()
        atlas.know(resolve_all(tables.MODELS, SCREENS))
        report()
        engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
