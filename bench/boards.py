"""What the tiles of the home page cost: `python -m bench.boards [customers]`, 1,000,000 unless told.

On top of `bench.load` come contracts, visits, contacts of campaigns, cases, tasks and messages, and deals and invoices
get currencies, states and days. Each tile is asked of one web process for the last 12 months by somebody of all
countries and by somebody of three, and for five years; beside it stands the SQL that a careful person would write for
its number alone, without rights. Times are medians in ms as the server tells them.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from math import inf
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import psycopg

from app.core import migrate
from app.core.servers import embedded
from app.dashboards.metrics import CATALOGUE
from bench import load
from bench.pages import PASSWORD, Visitor, server
from config import ROOT, Settings

ROUNDS = 5
WARM = 2
CURRENCY = "(ARRAY['EUR', 'EUR', 'CZK', 'HUF', 'RON'])[1 + {n} % 5]"

MORE = {
    "deals": (
        "UPDATE deals SET currency = " + CURRENCY.format(n="(value::int)") + ", probability = 10 * (value::int % 10),"
        " expected_close_date = current_date + (value::int % 400) - 30,"
        " status = CASE WHEN value::int % 3 = 0 THEN 'won' ELSE 'open' END,"
        " actual_close_date = CASE WHEN value::int % 3 = 0 THEN created_at::date + 20 END WHERE title LIKE 'Deal %'"
    ),
    "invoices": (
        "UPDATE invoices SET currency = " + CURRENCY.format(n="(subtotal::int)") + " WHERE invoice_number LIKE 'B%'"
    ),
    "contract_instances": (
        "INSERT INTO contract_instances (contract_number, template_id, customer_id, billing_details_id, status,"
        " created_at, sent_at, signed_at) SELECT 'B' || n, t.template_id, c.id, t.billing_details_id,"
        " CASE WHEN n % 3 = 0 THEN 'sent' ELSE 'signed' END, c.created_at, c.created_at + interval '1 day',"
        " CASE WHEN n % 3 > 0 THEN c.created_at + (1 + n % 30) * interval '1 day' END"
        " FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) AS n FROM customers) c,"
        " (SELECT template_id, billing_details_id FROM contract_instances ORDER BY id LIMIT 1) t WHERE c.n % 5 = 0"
    ),
    "campaign_contacts": (
        "INSERT INTO campaign_contacts (campaign_id, customer_id, status, assigned_to, callback_date, created_at)"
        " SELECT k.ids[1 + n % cardinality(k.ids)], c.id,"
        " (ARRAY['pending', 'contacted', 'completed', 'callback_scheduled'])[1 + n / 7 % 4], u.id,"
        " CASE WHEN n / 7 % 4 = 3 THEN now() - interval '1 day' * (n % 40) + interval '20 days' END, c.created_at"
        " FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) AS n FROM customers) c,"
        " (SELECT array_agg(id ORDER BY id) AS ids FROM campaigns) k,"
        " (SELECT id FROM users WHERE username = 'admin') u WHERE c.n % 4 = 0 ON CONFLICT DO NOTHING"
    ),
    "visit_events": (
        "INSERT INTO visit_events (collaborator_id, country_code, subject, start_time, end_time, status)"
        " SELECT d.ids[1 + n % cardinality(d.ids)], c.country, 'Visit', c.created_at, c.created_at + interval '1 hour',"
        " (ARRAY['scheduled', 'completed', 'cancelled'])[1 + n / 5 % 3]"
        " FROM (SELECT country, created_at, row_number() OVER (ORDER BY id) AS n FROM customers) c,"
        " (SELECT array_agg(id ORDER BY id) AS ids FROM collaborators) d WHERE c.n % 5 = 0"
    ),
    "customer_potential_cases": (
        "INSERT INTO customer_potential_cases (customer_id, case_status, expected_date_year, expected_date_month,"
        " expected_date_day, created_at)"
        " SELECT id, CASE WHEN n % 4 = 0 THEN 'in_progress' ELSE 'realized' END,"
        " extract(year FROM created_at)::int, extract(month FROM created_at)::int, 1 + n % 28, created_at"
        " FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) AS n FROM customers) c WHERE n % 2 = 0"
        " ON CONFLICT DO NOTHING"
    ),
    "tasks": (
        "INSERT INTO tasks (title, assigned_user_id, created_by_user_id, status, due_date, created_at)"
        " SELECT 'Task ' || n, u.id, u.id, CASE WHEN n % 50 = 0 THEN 'pending' ELSE 'completed' END, c.created_at,"
        " c.created_at FROM (SELECT created_at, row_number() OVER (ORDER BY id) AS n FROM customers) c,"
        " (SELECT id FROM users WHERE username = 'admin') u WHERE n % 5 = 0"
    ),
    "communication_messages": (
        "INSERT INTO communication_messages (customer_id, type, content, direction, status, created_at)"
        " SELECT id, 'sms', '', CASE WHEN n % 3 = 0 THEN 'inbound' ELSE 'outbound' END,"
        " CASE n % 100 WHEN 1 THEN 'pending' WHEN 2 THEN 'failed' ELSE 'sent' END, created_at"
        " FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) AS n FROM customers) c WHERE n % 2 = 0"
    ),
    "customer_email_notifications": (
        "INSERT INTO customer_email_notifications (customer_id, message_id, mailbox_email, subject, sender_email,"
        " received_at, direction, is_read, created_at)"
        " SELECT id, 'b' || n, 'b@example.com', '', 'c@example.com', created_at, 'inbound', n % 20 > 0, created_at"
        " FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) AS n FROM customers) c WHERE n % 5 = 0"
    ),
}
"""Rows of the tables that tiles tell of, server-side; the same scale gives the same rows."""

RATED = (
    "SELECT {keys} sum(s.value / CASE WHEN s.currency = 'EUR' THEN 1 ELSE r.rate END) FROM ({inner}) s"
    " LEFT JOIN LATERAL (SELECT rate FROM exchange_rates WHERE currency_code = s.currency AND rate_date <= s.day"
    " ORDER BY rate_date DESC LIMIT 1) r ON true {group}"
)
OPEN = "SELECT {keys} currency, current_date AS day, sum({value}) AS value FROM deals WHERE status = 'open' GROUP BY {group}"  # noqa: E501
WON = (
    "SELECT currency, actual_close_date AS day, sum(value) AS value FROM deals WHERE status = 'won'"
    " AND actual_close_date BETWEEN %(first)s AND %(last)s GROUP BY 1, 2"
)
BILLS = (
    "SELECT {keys} currency, generated_at::date AS day, sum(total_amount) AS value FROM invoices WHERE {where}"
    " GROUP BY {group}"
)
PERIOD = "{0} >= %(first)s AND {0} < %(after)s"
SIGNED = (
    "SELECT {keys} percentile_cont({part}) WITHIN GROUP (ORDER BY signed_at - sent_at) FROM contract_instances"
    " WHERE sent_at IS NOT NULL AND " + PERIOD.format("signed_at") + " {group}"
)
NEW = PERIOD.format("created_at")
MONTH = "date_trunc('month', {0})"
COUNT = "SELECT count(*) FROM {0} WHERE {1}"
FIRST = "SELECT * FROM {0} WHERE {1} ORDER BY {2} LIMIT 6"
MINE = "status IN ('pending', 'in_progress') AND assigned_user_id = %(me)s"
CALLS = "status = 'callback_scheduled' AND assigned_to = %(me)s AND callback_date < %(tomorrow)s"
CASES = (
    "case_status IN ('in_progress', 'postponed') AND expected_date_year = extract(year FROM current_date)"
    " AND expected_date_month = extract(month FROM current_date)"
)
UNSIGNED = "status IN ('sent', 'pending_signature')"


def _both(sql: str) -> tuple[str, str]:
    """A number and that of the equal period before."""
    return sql, sql.replace("%(after)s", "%(first)s").replace("%(last)s", "%(first)s").replace(
        ">= %(first)s", ">= %(earlier)s"
    ).replace("BETWEEN %(first)s", "BETWEEN %(earlier)s")  # fmt: skip


def _grouped(table: str, where: str, *keys: str) -> tuple[str]:
    numbers = ", ".join(str(place + 1) for place in range(len(keys)))
    return (f"SELECT {', '.join(keys)}, count(*) FROM {table} WHERE {where} GROUP BY {numbers}",)


def _listed(table: str, where: str, order: str) -> tuple[str, str]:
    return COUNT.format(table, where), FIRST.format(table, where, order)


def _open(keys: str, group: str, value: str = "value") -> tuple[str]:
    inner = OPEN.format(keys=keys, value=value, group=group)
    head = (keys and keys.rpartition(" AS ")[2]) or ""
    return (RATED.format(keys=head, inner=inner, group="GROUP BY 1" if head else ""),)


def _bills(where: str, keys: str = "", group: str = "1, 2") -> str:
    head = "g, status, " if keys else ""
    inner = BILLS.format(keys=keys, where=where, group=group)
    return RATED.format(keys=head, inner=inner, group="GROUP BY 1, 2" if keys else "")


BARE: dict[str, tuple[str, ...]] = {
    "new_customers": _both(COUNT.format("customers", NEW)),
    "conversion": _both(
        f"SELECT count(*), count(*) FILTER (WHERE client_status = 'acquired') FROM customers WHERE {NEW}"
    ),
    "open_deals": _open("", "1, 2"),
    "invoiced": _both(_bills(PERIOD.format("generated_at"))),
    "won_deals": _both(RATED.format(keys="", inner=WON, group="")),
    "new_deals": _both(COUNT.format("deals", NEW)),
    "win_rate": _both(
        "SELECT count(*), count(*) FILTER (WHERE status = 'won') FROM deals WHERE status IN ('won', 'lost')"
        " AND actual_close_date BETWEEN %(first)s AND %(last)s"
    ),
    "overdue": (_bills("status = 'overdue'"),),
    "signed_contracts": _both(COUNT.format("contract_instances", PERIOD.format("signed_at"))),
    "time_to_sign": _both(SIGNED.format(keys="", part="0.5", group="")),
    "customers_by_country": _grouped("customers", NEW, MONTH.format("created_at"), "country"),
    "conversion_cohorts": _grouped("customers", NEW, MONTH.format("created_at"), "client_status"),
    "pipeline_by_stage": _open("stage_id AS g,", "1, 2, 3"),
    "forecast": _open("date_trunc('month', expected_close_date) AS g,", "1, 2, 3", "value * probability / 100"),
    "revenue": (
        _bills(PERIOD.format("generated_at"), "date_trunc('month', generated_at) AS g, status,", "1, 2, 3, 4"),
    ),
    "contracts_by_state": _grouped("contract_instances", NEW, "status"),
    "campaign_progress": _grouped(
        "campaign_contacts",
        "campaign_id IN (SELECT id FROM campaigns WHERE status = 'active')",
        "campaign_id",
        "status",
    ),
    "signing_times": (
        SIGNED.format(keys="date_trunc('month', signed_at),", part="ARRAY[0.5, 0.9]", group="GROUP BY 1"),
    ),
    "visits_by_representative": _grouped("visit_events", PERIOD.format("start_time"), "collaborator_id", "status"),
    "visits": _both(COUNT.format("visit_events", PERIOD.format("start_time"))),
    "my_open_tasks": (COUNT.format("tasks", MINE),),
    "unread_emails": (COUNT.format("customer_email_notifications", "direction = 'inbound' AND NOT is_read"),),
    "messages_waiting": (COUNT.format("communication_messages", "direction = 'outbound' AND status = 'pending'"),),
    "failed_messages": _both(COUNT.format("communication_messages", f"status = 'failed' AND {NEW}")),
    "my_tasks_due": _listed("tasks", f"{MINE} AND due_date < %(tomorrow)s", "due_date"),
    "callbacks_due": _listed("campaign_contacts", CALLS, "callback_date"),
    "cases_due": _listed("customer_potential_cases", CASES, "expected_date_day"),
    "waiting_for_signature": _listed("contract_instances", UNSIGNED, "sent_at"),
}


def fill(url: str, customers: int) -> None:
    """Needs the demo data. Raises psycopg.Error."""
    load.fill(url, customers)
    with psycopg.connect(url, autocommit=True) as line:
        for sql in MORE.values():
            line.execute(sql.encode())
        line.execute("UPDATE users SET assigned_countries = '{SK,CZ,HU}' WHERE username = 'manager'")
        line.execute("VACUUM ANALYZE")


def marks(line: psycopg.Connection[Any]) -> dict[str, Any]:
    """The days that the period "year" is about, as the house finds them; who looks."""
    today = line.execute("SELECT current_date").fetchone()
    me = line.execute("SELECT id FROM users WHERE username = 'admin'").fetchone()
    assert today is not None and me is not None
    day: date = today[0]
    first = date(day.year - 1 + day.month // 12, day.month % 12 + 1, 1)
    return {
        "first": first, "last": day, "after": day + timedelta(days=1), "tomorrow": day + timedelta(days=1),
        "earlier": first - ((day - first) + timedelta(days=1)), "me": me[0],
    }  # fmt: skip


def bare(line: psycopg.Connection[Any], key: str, values: dict[str, Any]) -> float:
    begun = time.perf_counter()
    for sql in BARE[key]:
        line.execute(sql.encode(), values, prepare=True).fetchall()
    return (time.perf_counter() - begun) * 1000


def ask(visitor: Visitor, path: str) -> dict[str, float]:
    """What a tile cost; without an end where the house lost its patience."""
    try:
        return visitor.ask(path)
    except HTTPError as stopped:
        if stopped.code != 503:
            raise
        return dict.fromkeys(("total", "sql", "cpu", "statements"), inf)


@contextmanager
def filled(customers: int) -> Iterator[tuple[str, dict[str, str], Path]]:
    """A database with so many customers: its address, the environment of the house beside it, and a place for logs."""
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
        fill(servers.database_url, customers)
        yield servers.database_url, environ, Path(place)


def report(url: str, environ: dict[str, str], place: Path) -> None:
    with (
        psycopg.connect(url, autocommit=True) as line,
        server("bench.measured:create_app()", environ, place / "house.log") as house,
    ):
        everywhere, three = Visitor(house.address), Visitor(house.address)
        everywhere.login("admin")
        three.login("manager")
        values = marks(line)
        years = f"period=custom&from={values['last'] - timedelta(days=5 * 365)}&to={values['last']}"
        heads = ("bare SQL", "tile", "SQL", "x bare", "stmts", "3 lands", "5 years")
        print(f"{'tile':26}" + "".join(f"{head:>10}" for head in heads))
        for key in CATALOGUE:
            at = f"/home/tile/{key}"
            rounds = [
                (bare(line, key, values), ask(everywhere, f"{at}?period=year"), ask(three, f"{at}?period=year"),
                 ask(everywhere, f"{at}?{years}"))
                for _ in range(ROUNDS + WARM)
            ][WARM:]  # fmt: skip
            least = statistics.median(one[0] for one in rounds)
            tile = {name: statistics.median(one[1][name] for one in rounds) for name in rounds[0][1]}
            others = [statistics.median(one[place]["total"] for one in rounds) for place in (2, 3)]
            print(
                f"{key:26}{least:>10.1f}{tile['total']:>10.1f}{tile['sql']:>10.1f}{tile['total'] / least:>10.1f}"
                f"{tile['statements']:>10.0f}" + "".join(f"{other:>10.1f}" for other in others), flush=True
            )  # fmt: skip


def main(customers: int) -> None:
    begun = time.monotonic()
    with filled(customers) as (url, environ, place):
        print(f"{customers:,} customers, filled in {time.monotonic() - begun:.0f} s; medians of {ROUNDS} in ms")
        report(url, environ, place)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
