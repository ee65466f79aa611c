"""What the search over all records costs: `python -m bench.find [customers ...]`.

For each number of customers (10,000 and 100,000 unless told) an empty database is filled by COPY, with an invoice, a
deal and a call for some, and then asked what people type: a name, its beginning, several words in any order, parts of
telephone numbers and addresses, second words, ends of numbers, nonsense. Beside our answer stands the bare SQL that a
careful person would write for customers alone. Times are medians in milliseconds; "read whole" lists large tables that
were not read by an index.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session

from app import tables
from app.core import db, migrate
from app.core.servers import embedded
from app.core.viewer import EVERYWHERE, Viewer
from app.house import SCREENS
from app.screens.find import asking, results
from app.screens.resolve import resolve_all
from config import engine_options, sqlalchemy_url

ROUNDS = 7
SIZES = (10_000, 100_000)
LARGE = ("customers", "invoices", "deals", "call_logs")
FIRST = [
    "Ján",
    "Jana",
    "Jozef",
    "Janka",
    "Peter",
    "Petra",
    "Mária",
    "Martin",
    "Martina",
    "Anna",
    "Zuzana",
    "Éva",
    "László",
    "Ágnes",
    "Ștefan",
    "Ioana",
    "Jürgen",
    "Käthe",
    "Luca",
    "Giulia",
]
LAST = [
    "Kováč",
    "Kováčová",
    "Novák",
    "Nováková",
    "Horváth",
    "Tóth",
    "Nagy",
    "Szabó",
    "Popescu",
    "Ionescu",
    "Müller",
    "Schäfer",
    "Rossi",
    "Bianchi",
    "Kolář",
    "Dvořák",
]
CITIES = ("Bratislava", "Brno", "Banská Bystrica", "Košice", "Praha", "Budapest", "Brașov", "Köln", "Roma", "Zürich")
LINES = ("kovac", "kov", "j", "kovac jan brat", "jan kovac", "kovac j", "jan brat", "rossi bystrica", "0905007",
         "+421 905 007", "905 007 4", "p77@", "INV-77", "xyzzy", "xyzzy quux", "kov jan br p7", "bystrica", "byst",
         "horvath", "bystrica horvath", "4711", "47110")  # fmt: skip
NAME = '(fold(last_name, first_name)) COLLATE "C"'
BEGINS = "{0} >= fold(:{1}) AND {0} < fold(:{1}) || chr(1114111)"


def main(sizes: list[int]) -> None:
    for many in sizes:
        with tempfile.TemporaryDirectory() as place, embedded(Path(place)) as servers:
            migrate.upgrade(servers.database_url)
            tables.configure()
            owner = create_engine(sqlalchemy_url(servers.database_url))
            started = time.perf_counter()
            fill(owner, many)
            print(f"{many:,} customers, filled in {time.perf_counter() - started:.0f} s; medians of {ROUNDS}, ms")
            engine = db.connect(sqlalchemy_url(servers.database_url), **engine_options())
            report(owner, engine, resolve_all(tables.MODELS, SCREENS))
            db.current_session.remove()
            engine.dispose()
            owner.dispose()


def people(many: int) -> Iterator[tuple[str, ...]]:
    """Customers as rows for COPY, the same at each run."""
    rng = random.Random(many)
    for n in range(many):
        last = rng.choice(LAST) if rng.random() < 0.2 else rng.choice(LAST)[:2] + rng.choice(LAST)[1:] + str(n % 997)
        last += f"-{rng.choice(LAST)}" if n % 20 == 7 else ""
        phone = f"+421 9{rng.randrange(100):02} {n // 1000:03} {n % 1000:03}"
        yield (
            f"c{n}", rng.choice(FIRST), last, f"p{n}@example.com", phone, rng.choice(EVERYWHERE), rng.choice(CITIES),
            f"IN{n}",
        )  # fmt: skip


def fill(owner: Engine, many: int) -> None:
    connection = owner.raw_connection()
    try:
        cursor = connection.cursor()
        columns = "id, first_name, last_name, email, phone, country, city, internal_id"
        with cursor.copy(f"COPY customers ({columns}) FROM STDIN") as copy:
            for row in people(many):
                copy.write_row(row)
        with cursor.copy("COPY invoices (id, customer_id, invoice_number, total_amount) FROM STDIN") as copy:
            for n in range(0, many, 3):
                copy.write_row((f"i{n}", f"c{n}", f"INV-{n}", 100))
        connection.commit()
    finally:
        connection.close()
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("VACUUM ANALYZE"))


def bare(line: str) -> str:
    """Customers by the beginning of their name, and by that of each further word: what one would write by hand."""
    _first, *rest = line.split()
    begins = BEGINS.format(NAME, "w0")
    more = "".join(
        f" AND strpos(' ' || fold(concat_ws(' ', first_name, last_name, city, email)), ' ' || fold(:w{i + 1})) > 0"
        for i in range(len(rest))
    )
    return f"SELECT id, first_name, last_name, email, city FROM customers WHERE {begins}{more} ORDER BY {NAME} LIMIT 5"


def report(owner: Engine, engine: Engine, screens: Any) -> None:
    print(f"{'':34}{'bare':>8}{'ours':>8}{'in SQL':>8}{'ratio':>7}  statements  found  read whole")
    for who, countries in (("all countries", EVERYWHERE), ("one country", ("SK",))):
        viewer = Viewer("nobody", "Bench", countries=tuple(countries), everything=True)
        for line in LINES:
            words = {f"w{i}": word for i, word in enumerate(line.split())}
            sql = text(bare(line))
            with owner.connect() as connection:
                least = median(lambda c=connection, q=sql, w=words: c.execute(q, w).all())
            with db.session_factory() as session:
                session.info["viewer"] = viewer
                clock = Clock(engine)
                ours = median(lambda s=session, v=viewer, q=line: results.find(s, screens, v, q))
                spent, sent = clock.stop()
                found = results.find(session, screens, viewer, line)
                whole = read_whole(session, engine, lambda s=session, v=viewer, q=line: results.find(s, screens, v, q))
            print(
                f"{who + ': ' + line:34}{least:>8.2f}{ours:>8.1f}{spent:>8.1f}{ours / max(least, 0.01):>7.0f}"
                f"{sent:>12}{found.count:>7}  {', '.join(whole) or '-'}"
            )


class Clock:
    """Milliseconds and statements that a round spends in the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._times, self._begun = engine, [], 0.0
        event.listen(engine, "before_cursor_execute", self._start)
        event.listen(engine, "after_cursor_execute", self._end)

    def _start(self, *_: Any) -> None:
        self._begun = time.perf_counter()

    def _end(self, *_: Any) -> None:
        self._times.append((time.perf_counter() - self._begun) * 1000)

    def stop(self) -> tuple[float, int]:
        event.remove(self._engine, "before_cursor_execute", self._start)
        event.remove(self._engine, "after_cursor_execute", self._end)
        return sum(self._times) / (ROUNDS + 3), len(self._times) // (ROUNDS + 3)


def read_whole(session: Session, engine: Engine, act: Callable[[], object]) -> list[str]:
    """Large tables of which the plan reads every row."""
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if "fold(" in statement:
            asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    found: set[str] = set()
    savepoint = session.begin_nested()
    session.execute(asking._LIMITS, {"time": "10000"})
    for statement, values in asked:
        plan = [row[0] for row in session.connection().exec_driver_sql(f"EXPLAIN {statement}", values)]
        found |= {table for table in LARGE for line in plan if f"Seq Scan on {table}" in line}
    savepoint.rollback()
    return sorted(found)


def median(ask: Callable[[], object]) -> float:
    """Milliseconds; the first three rounds warm up."""
    times = []
    for _ in range(ROUNDS + 3):
        start = time.perf_counter()
        ask()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[3:])


if __name__ == "__main__":
    main([int(given) for given in sys.argv[1:]] or list(SIZES))
