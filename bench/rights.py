"""What the walls between countries cost: `python -m bench.rights [customers]`.

For lists of customers and of their invoices, in one run: the bare SQL of the
page, the page's query for somebody of all countries, and for somebody of one
country, with and without row-level security. Times are medians in
milliseconds; the ratio is to the bare SQL of the same rows.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app import tables
from app.core import db, migrate
from app.core.servers import embedded
from app.core.viewer import EVERYWHERE, Viewer
from app.house import SCREENS
from app.screens import query
from app.screens.query import Listing
from app.screens.resolve import resolve_all
from config import engine_options, sqlalchemy_url

ROUNDS = 40
FILL = """
INSERT INTO customers (first_name, last_name, email, phone, country)
SELECT 'Anna', 'Name ' || n, 'p' || n || '@example.com', '+421900' || n,
       (ARRAY['SK','CZ','HU','RO','IT','DE','US','CH'])[1 + n % 8]
FROM generate_series(1, :many) AS n
"""
CHILDREN = """
INSERT INTO invoices (customer_id, invoice_number, total_amount, generated_at)
SELECT id, 'I' || row_number() OVER (), 100, now() FROM customers
"""
PAGE = """SELECT id, first_name, last_name, email, country FROM customers {where}
 ORDER BY created_at DESC, id DESC LIMIT 26"""
COUNT = "SELECT count(*) FROM (SELECT id FROM customers {where} LIMIT 10001) AS part"
FIND = """SELECT id FROM customers WHERE (fold(last_name, first_name)) COLLATE "C" >= fold('name 77')
 AND (fold(last_name, first_name)) COLLATE "C" < fold('name 77') || chr(1114111) {and_} LIMIT 26"""
INVOICES = "SELECT i.id FROM invoices i {join} ORDER BY i.generated_at DESC, i.id DESC LIMIT 26"


def main(many: int) -> None:
    """Fill an empty database and print the table."""
    with tempfile.TemporaryDirectory() as place, embedded(Path(place)) as servers:
        migrate.upgrade(servers.database_url)
        tables.configure()
        owner = create_engine(sqlalchemy_url(servers.database_url))
        with owner.begin() as connection:
            connection.execute(text(FILL), {"many": many})
            connection.execute(text(CHILDREN))
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        db.connect(sqlalchemy_url(servers.database_url), **engine_options())
        screens = resolve_all(tables.MODELS, SCREENS)
        report(owner, screens, many)


def report(owner: Any, screens: Any, many: int) -> None:
    print(f"{many:,} customers and invoices; medians of {ROUNDS} rounds in ms")
    print(f"{'':46}{'bare SQL':>10}{'query':>10}{'ratio':>8}")
    for who, countries in (("all countries", EVERYWHERE), ("one country", ("SK",))):
        viewer = Viewer("nobody", "Bench", countries=tuple(countries), everything=True)
        one = len(countries) == 1
        where, and_ = ("WHERE country = 'SK'", "AND country = 'SK'") if one else ("", "")
        join = "JOIN customers c ON c.id = i.customer_id AND c.country = 'SK'" if one else ""
        bare = {
            "customers: first page": PAGE.format(where=where),
            "customers: capped count": COUNT.format(where=where),
            "customers: beginning of a name": FIND.format(and_=and_),
            "invoices: first page": INVOICES.format(join=join),
        }
        asked: dict[str, Callable[[Session], object]] = {
            "customers: first page": lambda s, v=viewer: page(s, screens, "customers", v, Listing()),
            "customers: capped count": lambda s, v=viewer: query.count_of(s, screens["customers"], v, Listing()),
            "customers: beginning of a name": lambda s, v=viewer: page(
                s, screens, "customers", v, Listing(search="Name 77")
            ),
            "invoices: first page": lambda s, v=viewer: page(s, screens, "invoices", v, Listing()),
        }
        for name, sql in bare.items():
            with owner.connect() as connection:
                least = median(lambda c=connection, q=sql: c.execute(text(q)).all())
            with db.session_factory() as session:
                session.info["viewer"] = viewer
                ours = median(lambda s=session, ask=asked[name]: ask(s))
            print(f"{who + ', ' + name:46}{least:>10.2f}{ours:>10.2f}{ours / least:>8.1f}")


def page(session: Session, screens: Any, table: str, viewer: Viewer, listing: Listing) -> object:
    screen = screens[table]
    fields = [screen.fields[name] for name in screen.columns]
    return query.page_of(session, screens, screen, viewer, listing, fields)


def median(ask: Callable[[], object]) -> float:
    """Milliseconds; the first three rounds warm up."""
    times = []
    for _ in range(ROUNDS + 3):
        start = time.perf_counter()
        ask()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[3:])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
