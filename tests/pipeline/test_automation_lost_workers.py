"""Workers die in the middle of what rules do; nothing is lost, nothing happens twice, and the order stays. With the
real servers and workers."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.core import db, jobs, migrate
from app.core.db import transaction
from app.core.events import forget
from app.core.servers import Servers
from app.core.viewer import SYSTEM, system_scope
from app.pipeline.automation.jobs import LISTENERS as RULES
from app.pipeline.models import Deal, PipelineStage
from app.pipeline.services.moving import move_deal
from app.schedule import LISTENERS, SCHEDULE
from config import sqlalchemy_url
from tests.pipeline.automated import EMAIL, Sales
from tests.test_lost_workers import Staff, count, own_database, staff, wait_until_done

EVENTS, KILLS = 50, 6
PATIENCE = 400  # seconds; how fast it is, is not asked here
RULED = (sys.executable, "-c", "from tests.pipeline.ruled import main; main()")
SLOW = (
    "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.03); RETURN NEW; END $$",
    "CREATE TRIGGER linger BEFORE INSERT ON deal_activities FOR EACH ROW EXECUTE FUNCTION linger()",
    "CREATE TRIGGER linger BEFORE INSERT ON communication_messages FOR EACH ROW EXECUTE FUNCTION linger()",
)
"""What a rule adds takes its time: so a worker can be met in the middle of it."""
IN_HAND = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


def prepare(address: str) -> None:
    migrate.upgrade(address)
    engine = create_engine(sqlalchemy_url(address))
    with engine.begin() as connection:
        for statement in SLOW:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def office(servers: Servers, engine: object, tmp_path: Path) -> Iterator[str]:
    """The address of a database of its own, in which only rules answer what happens."""
    with own_database(servers, engine, f"office_{os.getpid()}", prepare) as address:
        for listener in LISTENERS:
            forget(listener)
        jobs.register(RULES, ())
        yield address
        jobs.register(LISTENERS, SCHEDULE)


def kill_in_the_middle(address: str, working: Staff) -> None:
    """Wait until a rule is adding something, kill the worker, and start another one."""
    engine = create_engine(sqlalchemy_url(address), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        begin = time.monotonic()
        while not connection.scalar(text(IN_HAND)):
            working.tend()
            if time.monotonic() - begin > 120:
                pytest.fail(f"no rule acts: {working.log.read_text()[-3000:]}")
            time.sleep(0.002)
        working.kill("worker")
    engine.dispose()
    working.children[0].begin()


def test_rules_of_killed_workers_lose_nothing_do_nothing_twice_and_keep_their_order(
    servers: Servers, office: str, tmp_path: Path
) -> None:
    with db.session_factory() as own, system_scope("tests"):
        own.info["unaudited"] = True
        sales = Sales(own)
        deals = [sales.new_deal().id for _number in range(EVENTS)]
        note = {"values": {"add_to_notes": "first"}}
        sales.rule("stage_changed", None, "update_deal", note, name="first", position=1)
        sales.rule("stage_changed", None, "create_activity", {"type": "task", "subject": "Prepare"}, position=2)
        sales.rule("stage_changed", None, "send_email", EMAIL, position=3)
        last = {"values": {"add_to_notes": "last"}}
        sales.rule("stage_changed", None, "update_deal", last, name="last", position=4)
        there = sales.stages["offer"].id

    for key in deals:
        with system_scope("tests"), transaction(by=SYSTEM) as own:
            deal, stage = own.get(Deal, key), own.get(PipelineStage, there)
            assert deal is not None and stage is not None
            move_deal(own, deal, stage)
    with staff(office, servers.redis_url, tmp_path / "log", RULED) as working:
        for _kill in range(KILLS):
            kill_in_the_middle(office, working)
        seconds = wait_until_done(office, working, PATIENCE)

    assert count(office, "SELECT count(*) FROM automation_runs WHERE outcome = 'done'") == 4 * EVENTS
    assert count(office, "SELECT count(*) FROM automation_runs") == 4 * EVENTS
    logged = "SELECT count(*) FROM automation_runs AS run WHERE run.rule_id = rule.id"
    assert count(office, f"SELECT count(*) FROM automation_rules AS rule WHERE execution_count <> ({logged})") == 0
    for table in ("deal_activities", "communication_messages"):
        assert count(office, f"SELECT count(*) FROM {table}") == EVENTS, table
    told = "SELECT count(*) FROM outbox_events WHERE name = 'MessageWritten'"
    assert count(office, told) == EVENTS  # each of which a worker sends
    assert count(office, "SELECT count(*) FROM deals WHERE notes = E'first\\n\\nlast'") == EVENTS
    ordered = "SELECT deal_id FROM automation_runs JOIN automation_rules AS rule ON rule.id = rule_id GROUP BY deal_id"
    in_order = "HAVING array_agg(rule.position ORDER BY automation_runs.at) = ARRAY[1, 2, 3, 4]"
    assert count(office, f"SELECT count(*) FROM ({ordered} {in_order}) AS kept") == EVENTS
    assert count(office, "SELECT count(*) FROM outbox_deliveries WHERE failed_at IS NOT NULL") == 0
    print(f"all done {seconds:.0f} s after the last kill")
