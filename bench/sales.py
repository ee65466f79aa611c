"""What the sales insights and the forecast cost: `python -m bench.sales [deals]`, 300,000 unless told.

On top of the demo data come deals of six years with their stays in stages, and two activities for each. Each figure is
asked of one web process for the last 12 months by somebody of all countries and by somebody of three, and for five
years; so is the forecast of the largest pipeline. Beside some stands the SQL that a careful person would write for the
number alone, without rights. Times are medians in ms as the server tells them.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import psycopg

from app.core import migrate
from app.core.servers import embedded
from app.dashboards.sales.insights import INSIGHTS, NUMBERS
from bench.boards import ROUNDS, WARM, ask, marks
from bench.pages import PASSWORD, Visitor, server
from config import ROOT, Settings

FILL = (
    "CREATE TEMP TABLE known AS SELECT (SELECT array_agg(id ORDER BY id) FROM customers) AS customers,"
    " (SELECT array_agg(id ORDER BY id) FROM users WHERE is_active) AS people,"
    " (SELECT array_agg(id ORDER BY id) FROM campaigns) AS campaigns,"
    " (SELECT array_agg(s.id ORDER BY s.id) FROM pipeline_stages s JOIN pipelines p ON p.id = s.pipeline_id"
    " WHERE p.is_default) AS stages",
    "INSERT INTO deals (title, pipeline_id, stage_id, customer_id, value, currency, country_code, status,"
    " assigned_user_id, campaign_id, source, lost_reason, probability, expected_close_date, actual_close_date,"
    " created_at, updated_at)"
    " SELECT 'Deal ' || n, s.pipeline_id, s.id, k.customers[1 + n %% cardinality(k.customers)], 200 + n %% 2800,"
    " (ARRAY['EUR', 'EUR', 'CZK', 'HUF', 'RON'])[1 + n %% 5], (ARRAY['SK', 'CZ', 'HU', 'RO', 'IT', 'DE'])[1 + n %% 6],"
    " CASE WHEN s.is_won_stage THEN 'won' WHEN s.is_lost_stage THEN 'lost' ELSE 'open' END,"
    " k.people[1 + n %% cardinality(k.people)],"
    " CASE WHEN n %% 3 = 0 THEN k.campaigns[1 + n %% cardinality(k.campaigns)] END,"
    " (ARRAY['web form', 'hospital', 'referral', 'Phone ', NULL])[1 + n %% 5],"
    " CASE WHEN s.is_lost_stage THEN (ARRAY['Too expensive', 'too expensive ', 'Chose another bank'])[1 + n %% 3]"
    " || CASE WHEN n %% 7 = 0 THEN ' ' || n %% 50 ELSE '' END END, s.probability,"
    " current_date + (n %% 400) - 30,"
    " CASE WHEN s.is_won_stage OR s.is_lost_stage THEN current_date - n %% 2100 END,"
    " now() - interval '1 minute' * (n * 10.0), now() - interval '1 minute' * (n * 10.0) + interval '20 days'"
    " FROM generate_series(1, %(deals)s) AS n, known k, LATERAL (SELECT * FROM pipeline_stages WHERE id ="
    " k.stages[1 + (n * 7) %% cardinality(k.stages)]) s",
    "INSERT INTO deal_stage_history (deal_id, stage_id, stage_name, entered_at, left_at)"
    " SELECT d.id, s.id, s.name, d.created_at + interval '1 day' * s.\"order\" * 3,"
    " d.created_at + interval '1 day' * (s.\"order\" * 3 + 1 + d.value::int % 9)"
    " FROM deals d JOIN pipeline_stages here ON here.id = d.stage_id JOIN pipeline_stages s"
    ' ON s.pipeline_id = here.pipeline_id AND s."order" < here."order" AND NOT s.is_won_stage'
    " WHERE d.title LIKE 'Deal %'",
    "INSERT INTO deal_activities (deal_id, user_id, type, subject, is_completed, completed_at, due_at, created_at)"
    " SELECT d.id, d.assigned_user_id, (ARRAY['call', 'email', 'meeting', 'task', 'note'])[1 + d.value::int % 5], 'x',"
    " turn = 1, CASE WHEN turn = 1 THEN d.created_at + interval '2 days' END, d.created_at, d.created_at"
    " FROM deals d, generate_series(1, 2) AS turn WHERE d.title LIKE 'Deal %'",
    "UPDATE users SET assigned_countries = '{SK,CZ,HU}' WHERE username = 'manager'",
)
BARE = {
    "funnel": 'SELECT far, count(*) FROM (SELECT d.id, max(s."order") AS far FROM deals d JOIN deal_stage_history h'
    " ON h.deal_id = d.id JOIN pipeline_stages s ON s.id = h.stage_id WHERE d.created_at >= %(first)s"
    " GROUP BY d.id) x GROUP BY far",
    "time_in_stage": "SELECT stage_id, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY left_at - entered_at)"
    " FROM deal_stage_history WHERE left_at >= %(first)s GROUP BY 1",
    "waiting_in_stage": "SELECT stage_id, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY now() - entered_at)"
    " FROM deal_stage_history WHERE left_at IS NULL GROUP BY 1",
    "won_by_owner": "SELECT assigned_user_id, status, count(*), sum(value) FROM deals"
    " WHERE actual_close_date BETWEEN %(first)s AND %(last)s GROUP BY 1, 2",
    "lost_reasons": "SELECT lower(btrim(lost_reason)), count(*), sum(value) FROM deals WHERE status = 'lost'"
    " AND actual_close_date BETWEEN %(first)s AND %(last)s GROUP BY 1",
    "leaderboard": "SELECT user_id, type, count(*) FROM deal_activities WHERE is_completed"
    " AND completed_at >= %(first)s GROUP BY 1, 2",
}


def fill(url: str, deals: int) -> None:
    """Needs the demo data. Raises psycopg.Error."""
    with psycopg.connect(url, autocommit=True) as line:
        for sql in FILL:
            line.execute(sql.encode(), {"deals": deals} if "%(deals)s" in sql else None)
        line.execute("VACUUM ANALYZE")


def report(url: str, environ: dict[str, str], place: Path) -> None:
    with (
        psycopg.connect(url, autocommit=True) as line,
        server("bench.measured:create_app()", environ, place / "house.log") as house,
    ):
        everywhere, three = Visitor(house), Visitor(house)
        everywhere.login("admin")
        three.login("manager")
        values = marks(line)
        years = f"period=custom&from={values['last'] - timedelta(days=5 * 365)}&to={values['last']}"
        found = line.execute("SELECT pipeline_id FROM deals GROUP BY 1 ORDER BY count(*) DESC LIMIT 1").fetchone()
        assert found is not None
        asked = {key: f"/pipeline/insights/tile/{key}?" for key in (*NUMBERS, *(one.key for one in INSIGHTS))}
        asked |= {"(page of insights)": "/pipeline/insights?", "(forecast)": f"/pipeline/forecast/{found[0]}?x="}
        heads = ("bare SQL", "figure", "SQL", "stmts", "3 lands", "5 years")
        print(f"{'figure':26}" + "".join(f"{head:>10}" for head in heads))
        for key, at in asked.items():
            rounds = []
            for _round in range(ROUNDS + WARM):
                begun = time.perf_counter()
                if key in BARE:
                    line.execute(BARE[key].encode(), values, prepare=True).fetchall()
                least = (time.perf_counter() - begun) * 1000
                year = f"{at}period=year"
                rounds.append((least, ask(everywhere, year), ask(three, year), ask(everywhere, f"{at}{years}")))
            kept = rounds[WARM:]
            tile = {name: statistics.median(one[1][name] for one in kept) for name in kept[0][1]}
            others = [statistics.median(one[number]["total"] for one in kept) for number in (2, 3)]
            least = statistics.median(one[0] for one in kept)
            print(
                f"{key:26}{f'{least:.1f}' if key in BARE else '':>10}{tile['total']:>10.1f}{tile['sql']:>10.1f}"
                f"{tile['statements']:>10.0f}" + "".join(f"{other:>10.1f}" for other in others), flush=True
            )  # fmt: skip


def main(deals: int) -> None:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place, embedded(Path(place) / "servers") as servers:
        migrate.upgrade(servers.database_url)
        settings = Settings.from_env(
            {
                "DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url, "DATA_DIR": place,
                "DEMO_PASSWORD": PASSWORD,
            }
        )  # fmt: skip
        environ = settings.environ()
        subprocess.run([sys.executable, "-m", "app.seed"], check=True, cwd=ROOT, env=environ, capture_output=True)
        fill(servers.database_url, deals)
        print(f"{deals:,} deals, filled in {time.monotonic() - begun:.0f} s; medians of {ROUNDS} in ms")
        report(servers.database_url, environ, Path(place))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
