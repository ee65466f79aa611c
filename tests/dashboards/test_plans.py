"""How the database goes about the tiles of work: their indexes serve also below row-level security."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from app.core.db import APPLICATION_ROLE
from app.core.policies import SETTING
from tests.dashboards.seeded import asked, browser_of, fill, with_rights

pytestmark = pytest.mark.usefixtures("without_csrf")
COUNTRIES = ("SK", "CZ", "HU")
OTHERS = text(
    "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = cast(:table AS regclass) AND NOT indisunique"
    " AND indexrelid != cast(:index AS regclass)"
)
AS_SOMEBODY = text("SELECT set_config('role', :role, true), set_config(:setting, :countries, true)")


@pytest.mark.parametrize(
    ("key", "table", "index", "compared"),
    [
        (
            "cases_due", "customer_potential_cases", "ix_customer_potential_cases_expected",
            ("expected_date_year = ", "expected_date_month END = ", "expected_date_day END >= "),
        ),
        ("waiting_for_signature", "contract_instances", "ix_contract_instances_waiting", ()),
    ],
)  # fmt: skip
def test_for_somebody_of_three_countries_a_list_of_work_is_read_along_its_index(
    app: Flask, session: Session, engine: Engine, key: str, table: str, index: str, compared: tuple[str, ...]
) -> None:
    user = with_rights(app, session, "worker", countries=COUNTRIES)
    fill(session, user, today=datetime.now(UTC).date(), rows=20)

    questions = _questions(app, engine, user, key, table)
    plans = [_plan(session, table, index, *question) for question in questions]

    assert len(plans) == 2, "the number and the first rows"
    for plan in plans:
        # A table of a few rows is gone through by any index where its rows are fetched by their keys again.
        scans = [scan.partition("Index Cond: ")[2].partition("\n")[0] for scan in plan.split(f"{index} on {table}")[1:]]
        assert any(all(part in condition for part in compared) for condition in scans), plan


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("contracts_by_state", "contract_instances"), ("revenue", "invoices"),
        ("waiting_for_signature", "contract_instances"),
    ],
)  # fmt: skip
def test_for_somebody_of_three_countries_a_number_asks_for_the_customer_of_its_rows_and_goes_through_no_others(
    app: Flask, session: Session, engine: Engine, key: str, table: str
) -> None:
    user = with_rights(app, session, "manager", countries=COUNTRIES)
    fill(session, user, today=datetime.now(UTC).date(), rows=20)

    number, *_first_rows = _questions(app, engine, user, key, table)
    plan = _explained(session, *number)
    session.rollback()

    assert "on customers customer_id_of_" in plan, "both walls ask"
    assert "on customers c " in plan
    assert not re.search("Join|Nested Loop", plan), plan


def _questions(app: Flask, engine: Engine, user: Any, key: str, table: str) -> list[tuple[str, Any]]:
    """What the tile asks of the table, with its values."""
    found: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *_others: Any) -> None:
        if statement.startswith("SELECT") and f"FROM {table}" in statement:
            found.append((statement, values))

    client = browser_of(app, user)
    event.listen(engine, "before_cursor_execute", note)
    try:
        asked(client, key)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return found


def _plan(session: Session, table: str, index: str, statement: str, values: Any) -> str:
    """How PostgreSQL goes about it with this index alone, when reading everything is no choice, as in a large table."""
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL ROLE NONE")
    for other in connection.scalars(OTHERS, {"table": table, "index": index}).all():
        connection.exec_driver_sql(f"DROP INDEX {other}")
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
    plan = _explained(session, statement, values)
    session.rollback()
    return plan


def _explained(session: Session, statement: str, values: Any) -> str:
    connection = session.connection()
    connection.execute(AS_SOMEBODY, {"role": APPLICATION_ROLE, "setting": SETTING, "countries": ",".join(COUNTRIES)})
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars().all())
