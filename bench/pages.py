"""What pages cost: `python -m bench.pages [customers ...]`, such as `python -m bench.pages 10000 1000000`.

For each scale a database is filled (`bench.load`) and the house is asked for
its pages in turn with the floor (`bench.floor`), each in one web process of
its own, the house by an admin or by a manager of three countries; the
statements of the floor are run bare as well. Times are medians in ms: bare
SQL, floor and house as their servers tell them, of the house also the time in
SQL and of the processor, and how many statements it needed. Last comes a CSV
of the newest 100,000 customers with all their columns, beside a bare cursor
that writes the same rows; with the memory the web process took.
"""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psycopg

from app.core import migrate
from app.core.servers import embedded, ports
from bench import floor, load
from config import ROOT, Settings

ROUNDS = 25
WARM = 4
TYPED = "kov%C3%A1%C4%8D"  # kováč
PASSWORD = "correct horse battery"
EXPORTED = 100_000
AT_A_TIME = 2_000  # rows of the bare cursor


@dataclass(frozen=True)
class Page:
    """One thing to look at: its address in the house and on the floor, and its statements."""

    name: str
    house: str
    floor: str
    bare: tuple[str, ...]
    values: Mapping[str, Any]
    by: str = "admin"


def pages(customer: str, deal: str, pipeline: str) -> list[Page]:
    listed = (floor.LIST, floor.COUNT)
    country = tuple(sql.format(where=floor.COUNTRY) for sql in listed)
    found = tuple(sql.format(where=floor.FOUND) for sql in listed)
    plain = tuple(sql.format(where="") for sql in listed)
    record = (floor.RECORD, floor.NOTES, floor.DEALS)
    record_key, one_country = {"id": customer}, {"country": "HU", "skip": 0}
    board, key = (floor.BOARD, floor.SUMS, floor.ROTTING), {"pipeline": pipeline}
    at = "/customers/list/?all=1"
    return [
        Page("list", at, "/list", plain, {"skip": 0}),
        Page("list, page 1000", f"{at}&page=1000", "/list?page=1000", plain, {"skip": 24975}),
        Page("list, one country", f"{at}&_flt_eq_country=HU", "/list?country=HU", country, one_country),
        Page("search", f"{at}&q={TYPED}", f"/list?q={TYPED}", found, {"q": "kováč", "skip": 0}),
        Page("record", f"/customers/show/{customer}", f"/record/{customer}", record, {"id": customer}),
        Page("form of a customer", f"/customers/edit/{customer}", f"/form/customer/{customer}", record[:1], record_key),
        Page("form of a deal", f"/deals/edit/{deal}", f"/form/deal/{deal}", (floor.DEAL,), {"id": deal}),
        Page("chart page", "/customers/chart/", "/chart", (floor.CHART,), {}),
        Page("board of a pipeline", f"/pipeline/{pipeline}", f"/board/{pipeline}", board, key),
        Page("board, 3 countries", f"/pipeline/{pipeline}", f"/board/{pipeline}", board, key, "manager"),
        Page("home", "/", "/list", plain, {"skip": 0}),
    ]  # fmt: skip


@dataclass(frozen=True)
class Serving:
    """A running web server: its address and its process, whose one child answers."""

    address: str
    pid: int

    def memory(self) -> int:
        """The most memory in MB that the process which answers has taken so far."""
        (child,) = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{child}/status").read_text())
        assert told is not None
        return int(told[1]) // 1024


@contextmanager
def server(what: str, environ: dict[str, str], log: Path) -> Iterator[Serving]:
    """gunicorn with one process, as the house runs it."""
    address = f"http://127.0.0.1:{(port := ports.any_free())}"
    command = [sys.executable, "-m", "gunicorn", "--config", "python:app.core.servers.web", "--workers", "1"]
    with log.open("wb") as output:
        running = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}", what], cwd=ROOT, env=environ, stdout=output, stderr=output
        )
    try:
        for _try in range(600):
            if running.poll() is not None:
                raise RuntimeError(log.read_text()[-2000:])
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield Serving(address, running.pid)
    finally:
        running.terminate()
        running.wait(60)


class Visitor:
    """A browser that only counts."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def login(self, name: str) -> None:
        with self._browser.open(f"{self.address}/login/", timeout=60) as answer:
            token = re.search(r'name="csrf_token" value="([^"]+)"', answer.read().decode())
        assert token is not None
        form = {"username": name, "password": PASSWORD, "csrf_token": token[1]}
        with self._browser.open(f"{self.address}/login/", urllib.parse.urlencode(form).encode(), timeout=60) as answer:
            assert "/login" not in answer.geturl(), "the login was refused"

    def ask(self, path: str) -> dict[str, float]:
        """What the server says it cost, by name. Raises HTTPError."""
        with self._browser.open(self.address + path, timeout=120) as answer:
            answer.read()
            told = answer.headers["Server-Timing"]
        return {name: float(cost) for name, cost in re.findall(r"(\w+);dur=([\d.]+)", told)}

    def take(self, path: str) -> tuple[float, int]:
        """How long it took to read a file to its end, in ms, and how many lines it has. Raises HTTPError."""
        begun, lines = time.perf_counter(), 0
        with self._browser.open(self.address + path, timeout=600) as answer:
            while piece := answer.read(1 << 16):
                lines += piece.count(b"\n")
        return (time.perf_counter() - begun) * 1000, lines


def bare(line: psycopg.Connection[Any], page: Page) -> float:
    begun = time.perf_counter()
    for sql in page.bare:
        line.execute(sql.encode(), dict(page.values), prepare=True).fetchall()
    return (time.perf_counter() - begun) * 1000


def bare_file(line: psycopg.Connection[Any], since: date) -> tuple[float, int]:
    """A bare cursor writing CSV: how long it took in ms, and how many rows there were."""
    begun, rows, sink = time.perf_counter(), 0, io.StringIO()
    writer = csv.writer(sink)
    with line.transaction(), line.cursor(name="file") as cursor:
        cursor.execute(floor.FILE.encode(), {"since": since})
        while found := cursor.fetchmany(AT_A_TIME):
            writer.writerows(found)
            rows += len(found)
            sink.seek(0)
            sink.truncate()
    return (time.perf_counter() - begun) * 1000, rows


def measure(customers: int) -> dict[str, float]:
    """Print the table of one scale; gives the medians of the house by page."""
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
        begun = time.monotonic()
        load.fill(servers.database_url, customers)
        print(f"\n{customers:,} customers, loaded in {time.monotonic() - begun:.0f} s; medians of {ROUNDS} in ms")
        with psycopg.connect(servers.database_url, autocommit=True) as line:
            line.execute("UPDATE users SET assigned_countries = '{SK,CZ,HU}' WHERE username = 'manager'")
            one = line.execute("SELECT customer_id, id, pipeline_id FROM deals WHERE title = 'Deal 0'").fetchone()
            assert one is not None
            with (
                server("bench.measured:create_app()", environ, Path(place) / "house.log") as house,
                server("bench.floor:create_app()", environ, Path(place) / "floor.log") as ground,
            ):
                visitors = {name: Visitor(house.address) for name in ("admin", "manager")}
                for name, visitor in visitors.items():
                    visitor.login(name)
                medians = _table(line, visitors, Visitor(ground.address), pages(*one))
                _exports(line, visitors["admin"], house, customers)
                return medians


def _table(
    line: psycopg.Connection[Any], house: Mapping[str, Visitor], ground: Visitor, asked: list[Page]
) -> dict[str, float]:
    heads = ("bare SQL", "floor", "house", "SQL", "cpu", "stmts", "x floor")
    print(f"{'page':22}" + "".join(f"{head:>10}" for head in heads))
    medians = {}
    for page in asked:
        rounds = [
            (bare(line, page), ground.ask(page.floor), house[page.by].ask(page.house)) for _ in range(ROUNDS + WARM)
        ]
        kept = rounds[WARM:]
        least = statistics.median(one[0] for one in kept)
        low = statistics.median(one[1]["total"] for one in kept)
        ours = {name: statistics.median(one[2][name] for one in kept) for name in kept[0][2]}
        cells = (least, low, ours["total"], ours["sql"], ours["cpu"])
        print(
            f"{page.name:22}" + "".join(f"{cell:>10.1f}" for cell in cells)
            + f"{ours['statements']:>10.0f}{ours['total'] / low:>10.1f}"
        )  # fmt: skip
        medians[page.name] = ours["total"]
    return medians


def _exports(line: psycopg.Connection[Any], visitor: Visitor, house: Serving, customers: int) -> None:
    """Print what a file of the newest EXPORTED customers costs, or of all where there are fewer."""
    since = (load.NOW - load.SPAN * min(1.0, EXPORTED / customers)).date()
    path = f"/customers/export.csv?all=1&_flt_ge_created_at={since}"
    before = house.memory()
    rounds = [(bare_file(line, since), visitor.take(path)) for _ in range(3)]
    least, ours = (statistics.median(one[place][0] for one in rounds) for place in (0, 1))
    print(
        f"export of {rounds[0][0][1]:,} rows: bare cursor {least:.0f} ms, house {ours:.0f} ms for {rounds[0][1][1]:,}"
        f" lines, x bare {ours / least:.1f}; {house.memory()} MB of memory at most, {before} before it"
    )


def main(scales: list[int]) -> None:
    by_scale = {scale: measure(scale) for scale in scales}
    if len(scales) > 1:
        print(f"\n{'house, in ms':22}" + "".join(f"{scale:>12,}" for scale in scales))
        for name in by_scale[scales[0]]:
            print(f"{name:22}" + "".join(f"{by_scale[scale][name]:>12.1f}" for scale in scales))
        print(json.dumps(by_scale))


if __name__ == "__main__":
    main([int(given) for given in sys.argv[1:]] or [10_000, 1_000_000])
