"""What starting costs, what a list costs, and what stops a start."""

from __future__ import annotations

import subprocess
import sys

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.access.models import User
from app.screens.resolve import ScreenError, resolve
from app.screens.spec import Chart, Screen
from app.tables import MODELS
from config import ROOT, Settings, SettingsError, flask_config
from tests.smallest import smallest
from tests.statements import statements

MOST_STATEMENTS = 8  # two of them for how its reader likes the list, and for own and shared searches


@pytest.mark.parametrize("table", sorted(MODELS))
def test_a_list_costs_the_same_few_statements_for_one_row_and_for_many(
    client: FlaskClient, session: Session, engine: Engine, table: str
) -> None:
    smallest(session, table)
    session.commit()
    counts = []

    for more in (0, 4 if _many(table) else 0):
        for _row in range(more):
            smallest(session, table)
        session.commit()
        with statements(engine) as seen:
            assert client.get(f"/{table}/list/?q=a&order=id&all=1").status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1] <= MOST_STATEMENTS, counts


def _many(table: str) -> bool:
    """Tables with one row per country are full after the first."""
    return table not in ("country_system_settings", "gsm_sender_configs", "system_ms365_connections")


def test_starting_sends_no_sql_and_takes_less_than_three_seconds(settings: Settings) -> None:
    program = """
import sys, time
import app.house
from sqlalchemy import event
from sqlalchemy.engine import Engine
seen = []
event.listen(Engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
begin = time.process_time()
app.house.build(None)
print(len(seen), time.process_time() - begin)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, env=settings.environ()
    )

    sent, seconds = done.stdout.split()[-2:]
    assert sent == "0"
    assert float(seconds) < 6, "twice the three seconds it may take on a quiet machine"


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": ("usrname",)},
        {"name": ("nothing",)},
        {"sections": (("Identity", ("username", "shoe_size")),)},
        {"readonly": ("shoe_size",)},
        {"order": "-shoe_size"},
        {"charts": (Chart.count("shoe_size"),)},
        {"inside": "people"},
        {"date": "shoe_size"},
    ],
)
def test_a_screen_that_names_what_does_not_exist_stops_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ScreenError, match=r"users: .*(usrname|nothing|shoe_size|people)"):
        resolve(User, Screen(User, **wrong), MODELS)  # type: ignore[arg-type]


GOOD = {
    "INDEXUS_MODE": "production",
    "SECRET_KEY": "kT8-vJ2mQ0zLr5xNw7yBh4cGd9fSa3pE6uHiOq1R",
    "ENCRYPTION_KEYS": "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "DATABASE_URL": "postgresql://indexus:x@db.example/indexus",
    "REDIS_URL": "redis://cache.example:6379/0",
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"DEMO_PASSWORD": "demo"}, "DEMO_PASSWORD"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "change-me-change-me-change-me-change-me"}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS"),
        ({"ENCRYPTION_KEYS": "a:AAAA"}, "ENCRYPTION_KEYS"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
        ({"REPORTING_CURRENCY": "euro"}, "REPORTING_CURRENCY must be a currency by its three letters"),
    ],
)
def test_production_refuses_what_development_forgives(change: dict[str, str], named: str) -> None:
    assert Settings.from_env(GOOD).is_production

    with pytest.raises(SettingsError, match=named):
        Settings.from_env({**GOOD, **change})


def test_the_reporting_currency_is_euro_unless_told() -> None:
    czech = Settings.from_env({**GOOD, "REPORTING_CURRENCY": "CZK"})

    assert Settings.from_env(GOOD).reporting_currency == "EUR"
    assert Settings.from_env(czech.environ()) == czech
    assert flask_config(czech)["REPORTING_CURRENCY"] == "CZK"
