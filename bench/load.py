"""Fills a database with many customers, by COPY: `load.fill(url, customers)`.

On top of the demo data come `customers` customers, a deal for three of ten,
an invoice for two of ten and two entries of the audit trail for each. Names
repeat as often as they do in a real country; the same scale gives the same
rows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

FIRST = ("Ján", "Jana", "Mária", "Zuzana", "Tomáš", "Kateřina", "Jiří", "Ágnes", "Éva", "László", "Ștefania", "Ioana",
         "Chiara", "Giulia", "Jürgen", "Anna", "Emily", "Grace", "Léa", "Urs", "Lucia", "Veronika", "Barbora", "Réka",
         "Andreea", "Martina", "Sofia", "Katharina", "Ashley", "Noémie")  # fmt: skip
LAST = ("Kováč", "Kováčová", "Novák", "Nováková", "Horváth", "Nagy", "Szabó", "Tóth", "Popescu", "Ionescu", "Rossi",
        "Ferrari", "Müller", "Schröder", "Weiß", "Smith", "Johnson", "Brunner", "Dvořák", "Svobodová", "Černý",
        "Procházková", "Šimková", "Žák", "Ďurišová", "Ľuptáková", "Őszi", "Fűrész", "Țepeș", "Văcărescu")  # fmt: skip
PLACES = (("SK", "Bratislava"), ("SK", "Košice"), ("SK", "Žilina"), ("CZ", "Praha"), ("CZ", "Brno"), ("HU", "Győr"),
          ("HU", "Budapest"), ("RO", "București"), ("IT", "Milano"), ("DE", "Köln"), ("US", "Boston"),
          ("CH", "Zürich"))  # fmt: skip
STATES = ("potential", "potential", "acquired", "terminated")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPAN = timedelta(days=6 * 365)


def fill(url: str, customers: int) -> None:
    """Add the rows and let PostgreSQL look at them. Needs the demo data. Raises psycopg.Error."""
    with psycopg.connect(url, autocommit=True) as line:
        known = _known(line)
        with line.transaction():
            _copy(line, "customers", _customers(customers, known))
            _copy(line, "deals", _deals(customers * 3 // 10, customers, known))
            _copy(line, "invoices", _invoices(customers * 2 // 10, customers))
            _copy(line, "activity_logs", _entries(customers * 2, customers, known))
        line.execute("VACUUM ANALYZE")


COLUMNS = {
    "customers": "id, first_name, last_name, email, phone, country, city, client_status, assigned_user_id, created_at",
    "deals": "title, pipeline_id, stage_id, customer_id, value, currency, country_code, status, assigned_user_id,"
    " created_at, updated_at",
    "invoices": "invoice_number, customer_id, subtotal, vat_rate, vat_amount, total_amount, currency, status,"
    " generated_at, due_date",
    "activity_logs": "user_id, action, entity_type, entity_id, entity_name, created_at",
}


def _copy(line: psycopg.Connection[Any], table: str, rows: Iterator[Sequence[Any]]) -> None:
    with line.cursor() as cursor, cursor.copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _known(line: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    stages = line.execute(
        "SELECT pipeline_id, id FROM pipeline_stages WHERE NOT is_won_stage AND NOT is_lost_stage ORDER BY id"
    ).fetchall()
    people = [key for (key,) in line.execute("SELECT id FROM users WHERE is_active ORDER BY username").fetchall()]
    return {"stages": stages, "people": people}


def _id(number: int) -> str:
    return str(UUID(int=(0xBE << 120) + number))


def _customers(many: int, known: dict[str, list[Any]]) -> Iterator[Sequence[Any]]:
    chance = random.Random(1)
    for number in range(many):
        country, city = chance.choice(PLACES)
        yield (
            _id(number), chance.choice(FIRST), chance.choice(LAST), f"p{number}@example.com",
            f"+4219{number:08d}", country, city, chance.choice(STATES), chance.choice(known["people"]),
            NOW - SPAN * (number / many),
        )  # fmt: skip


def _deals(many: int, customers: int, known: dict[str, list[Any]]) -> Iterator[Sequence[Any]]:
    chance = random.Random(2)
    for number in range(many):
        pipeline, stage = chance.choice(known["stages"])
        country, _city = chance.choice(PLACES)
        made = NOW - SPAN * (number / many)
        yield (
            f"Deal {number}", pipeline, stage, _id(chance.randrange(customers)), chance.randrange(200, 3000), "EUR",
            country, "open", chance.choice(known["people"]), made, made,
        )  # fmt: skip


def _invoices(many: int, customers: int) -> Iterator[Sequence[Any]]:
    chance = random.Random(3)
    for number in range(many):
        net, made = chance.randrange(100, 2000), NOW - SPAN * (number / many)
        yield (
            f"B{number:08d}", _id(chance.randrange(customers)), net, 20, net * 20 / 100, net * 120 / 100, "EUR",
            chance.choice(("generated", "sent", "paid", "overdue")), made, made + timedelta(days=14),
        )  # fmt: skip


def _entries(many: int, customers: int, known: dict[str, list[Any]]) -> Iterator[Sequence[Any]]:
    chance = random.Random(4)
    for number in range(many):
        person = chance.choice(known["people"])
        made = NOW - SPAN * (number / many)
        yield (person, "view", "customers", _id(chance.randrange(customers)), "", made)
