"""The migrated database against the documented schema, fact by fact, read from PostgreSQL's own catalogue.

`schema/schema.json` holds the facts of the schema document, `schema/examples.sql`
its example statements as they are written there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from app.tables import ALL

SCHEMA = Path(__file__).parent / "schema"
CONTRACT: dict[str, Any] = json.loads((SCHEMA / "schema.json").read_text(encoding="utf-8"))
TABLES = {table["name"]: table for table in CONTRACT["tables"]}
COLUMNS = {(t["name"], c["name"]): c for t in CONTRACT["tables"] for c in t["columns"]}
COUNTRIES = CONTRACT["countries"]
EXAMPLES = [part.strip() for part in (SCHEMA / "examples.sql").read_text(encoding="utf-8").split(";") if part.strip()]

every_table = pytest.mark.parametrize("table", TABLES)


@dataclass(frozen=True)
class Found:
    """One column as PostgreSQL has it. `default` is normalised by `plain_default`."""

    type: str
    nullable: bool
    default: str | None
    comment: str | None


@dataclass(frozen=True)
class Live:
    """The catalogue of the migrated database. Keys are (table, column)."""

    comments: dict[str, str | None]
    columns: dict[tuple[str, str], Found]
    primary_keys: dict[str, list[str]]
    foreign_keys: dict[tuple[str, str], tuple[str, list[str], str]]
    uniques: set[tuple[str, tuple[str, ...]]]
    checks: dict[tuple[str, str], list[str]]
    indexes: dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def live(engine: Engine) -> Live:
    with engine.connect() as connection:
        return Live(
            comments=_comments(connection),
            columns=_columns(connection),
            primary_keys=_keys(connection, "p"),
            foreign_keys=_foreign_keys(connection),
            uniques=_uniques(connection),
            checks=_checks(connection),
            indexes=_indexes(connection),
        )


def ask(connection: Connection, question: str) -> list[Any]:
    return list(connection.execute(text(question)))


def _comments(connection: Connection) -> dict[str, str | None]:
    found = ask(
        connection,
        "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'alembic_version'",
    )
    return {row.relname: row.obj_description for row in found}


def _columns(connection: Connection) -> dict[tuple[str, str], Found]:
    found = ask(
        connection,
        "SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid),"
        " pg_get_serial_sequence(quote_ident(relname), attname), col_description(attrelid, attnum)"
        " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0"
        " AND NOT attisdropped AND relname <> 'alembic_version' ORDER BY relname, attnum",
    )
    columns = {}
    for table, name, kind, required, default, sequence, comment in found:
        if sequence and default == f"nextval('{sequence.removeprefix('public.')}'::regclass)":
            kind, default = "serial", None
        columns[table, name] = Found(kind, not required, plain_default(default), comment)
    return columns


def _keys(connection: Connection, kind: str) -> dict[str, list[str]]:
    found = ask(
        connection,
        "SELECT conrelid::regclass::text, ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k (n, i)"
        " JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY i)"
        f" FROM pg_constraint WHERE contype = '{kind}' AND connamespace = 'public'::regnamespace",
    )
    return {table: list(columns) for table, columns in found}


def _foreign_keys(connection: Connection) -> dict[tuple[str, str], tuple[str, list[str], str]]:
    found = ask(
        connection,
        "SELECT conrelid::regclass::text, a.attname, confrelid::regclass::text, confdeltype, confupdtype, cardinality(conkey),"
        " ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = confrelid AND attnum = ANY (confkey))"
        " FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]"
        " WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND convalidated",
    )
    rules = {"a": "", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
    assert all((update, size) == ("a", 1) for *_, update, size, _keys in found)
    assert len({(table, column) for table, column, *_ in found}) == len(found)
    return {(table, column): (to, keys, rules[rule]) for table, column, to, rule, _update, _size, keys in found}


def _uniques(connection: Connection) -> set[tuple[str, tuple[str, ...]]]:
    """Unique indexes over plain columns and all rows, the ones behind constraints among them."""
    found = ask(
        connection,
        "SELECT indrelid::regclass::text, ARRAY(SELECT attname::text FROM unnest(indkey) WITH ORDINALITY AS k (n, i)"
        " JOIN pg_attribute ON attrelid = indrelid AND attnum = n ORDER BY i)"
        " FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = 'public'::regnamespace"
        " AND indisunique AND indisvalid AND indpred IS NULL AND indexprs IS NULL",
    )
    return {(table, tuple(columns)) for table, columns in found}


def _checks(connection: Connection) -> dict[tuple[str, str], list[str]]:
    """The conditions that are about one column alone."""
    found = ask(
        connection,
        "SELECT conrelid::regclass::text, attname, pg_get_expr(conbin, conrelid)"
        " FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
        " WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND convalidated AND cardinality(conkey) = 1",
    )
    conditions: dict[tuple[str, str], list[str]] = {}
    for table, column, condition in found:
        conditions.setdefault((table, column), []).append(condition)
    return conditions


def _indexes(connection: Connection) -> dict[str, tuple[str, str]]:
    """(table, columns as they stand in CREATE INDEX) by name; whole, valid B-trees only."""
    found = ask(
        connection,
        "SELECT i.relname, t.relname, pg_get_indexdef(indexrelid) FROM pg_index"
        " JOIN pg_class i ON i.oid = indexrelid JOIN pg_class t ON t.oid = indrelid"
        " WHERE t.relnamespace = 'public'::regnamespace AND indisvalid AND indpred IS NULL",
    )
    return {name: (table, made.partition(" USING btree (")[2].removesuffix(")")) for name, table, made in found}


def plain_default(expression: str | None) -> str | None:
    """A default as the contract writes it: without the cast that PostgreSQL adds."""
    if expression is None:
        return None
    match = re.fullmatch(r"'(.*)'::([a-z ]+?)(?:\(\d+\))?(\[\])?", expression)
    if match is None:
        return expression
    return match[1] if match[3] or match[2] == "jsonb" else f"'{match[1]}'"


def documented_type(kind: str) -> str:
    """A type of the contract as PostgreSQL spells it."""
    if kind == "timestamp":
        return "timestamp without time zone"
    return re.sub(r"^varchar", "character varying", re.sub(r"^decimal", "numeric", kind))


def rule_of(column: dict[str, Any]) -> str:
    """ON DELETE of a documented reference; one of them stands in a decision."""
    named = re.search(r"ON DELETE ([A-Z ]+[A-Z])", column.get("decision", ""))
    return column.get("on_delete") or (named[1] if named else "")


def holds(connection: Connection, condition: str, column: str, kind: str, value: Any) -> bool:
    """Whether a CHECK lets the value in: PostgreSQL itself evaluates the stored condition."""
    question = f'SELECT ({condition}) IS NOT FALSE FROM (SELECT CAST(:value AS {kind}) AS "{column}") AS row'
    return bool(connection.scalar(text(question.replace("::", r"\:\:")), {"value": value}))


def test_the_contract_is_the_whole_document() -> None:
    assert (len(TABLES), len(COLUMNS), len(CONTRACT["indexes"]), len(EXAMPLES)) == (99, 1385, 33, 6)


def test_every_documented_table_is_there_and_no_other(live: Live) -> None:
    ours = {name for name, table in ALL.items() if "extension" in table.info}

    assert set(live.comments) == set(TABLES) | ours
    assert not ours & set(TABLES)


@every_table
def test_a_table_has_its_documented_columns_with_type_and_nullability(live: Live, table: str) -> None:
    wanted = {c["name"]: (documented_type(c["type"]), c["nullable"]) for c in TABLES[table]["columns"]}

    found = {name: (column.type, column.nullable) for (of, name), column in live.columns.items() if of == table}

    assert {name: found.get(name) for name in wanted} == wanted


@every_table
def test_a_table_has_its_documented_defaults(live: Live, table: str) -> None:
    wanted = {c["name"]: c["default"] for c in TABLES[table]["columns"]}

    found = {name: live.columns[table, name].default for name in wanted}

    assert found == wanted


@every_table
def test_a_table_has_its_documented_keys(live: Live, table: str) -> None:
    columns = TABLES[table]["columns"]
    references = {c["name"]: (c["references"], ["id"], rule_of(c)) for c in columns if "references" in c}

    found = {column: target for (of, column), target in live.foreign_keys.items() if of == table}

    assert live.primary_keys[table] == [c["name"] for c in columns if c.get("primary_key")]
    assert found == references


def test_every_documented_unique_column_is_unique(live: Live) -> None:
    wanted = {(table, (column,)) for (table, column), facts in COLUMNS.items() if facts.get("unique")}

    assert len(wanted) == 13
    assert wanted <= live.uniques


@pytest.mark.parametrize("index", CONTRACT["indexes"], ids=lambda index: index["name"])
def test_every_documented_index_is_there(live: Live, index: dict[str, str]) -> None:
    assert live.indexes.get(index["name"]) == (index["table"], index["columns"])


def test_what_is_not_documented_says_why_it_is_there(live: Live) -> None:
    beyond = sorted(key for key in live.columns if key not in COLUMNS and key[0] in TABLES)
    tables = sorted({table for table, _column in live.columns} - set(TABLES))

    reasons = {key: ALL[key[0]].c[key[1]].info.get("extension", "") for key in beyond}
    reasons |= {(table, ""): ALL[table].info.get("extension", "") for table in tables}

    assert beyond == [
        ("automation_rules", "disabled_at"),
        ("automation_rules", "disabled_reason"),
        ("automation_rules", "failures_in_row"),
        ("automation_rules", "position"),
        ("contract_signature_requests", "otp_hash"),
        ("deals", "board_position"),
        ("deals", "stage_entered_at"),
        ("mobile_push_tokens", "token_fingerprint"),
        ("notifications", "details"),
        ("pipeline_stages", "going"),
        ("pipeline_stages", "required_fields"),
        ("saved_searches", "shared"),
        ("tasks", "entity_id"),
        ("tasks", "entity_type"),
        ("tasks", "former_task_id"),
        ("tasks", "occurs_on"),
        ("tasks", "repeats"),
        ("users", "language"),
        ("users", "must_change_password"),
        ("users", "notification_digest"),
    ]
    assert tables == [
        "automation_runs", "bad_addresses", "batch_rows", "batches", "dashboard_tiles", "dashboards",
        "deal_stage_history", "idempotency_keys", "import_files",
        "import_mappings", "list_preferences", "login_tries", "message_sendings", "outbox_deliveries", "outbox_events",
        "periodic_jobs", "task_reminders", "user_recovery_codes", "user_second_factors", "user_sessions",
    ]  # fmt: skip
    assert all(len(reason) > 10 for reason in reasons.values()), reasons


def test_what_is_documented_does_not_call_itself_an_extension() -> None:
    claimed = [key for key in COLUMNS if "extension" in ALL[key[0]].c[key[1]].info]

    assert claimed == []


def test_an_extension_can_stay_empty(live: Live) -> None:
    """Statements that were written for the documented schema do not know of it."""
    added = {key: c for key, c in live.columns.items() if key not in COLUMNS and key[0] in TABLES}
    demanding = [key for key, c in added.items() if not c.nullable and c.default is None]

    assert demanding == []


CHOICES = [key for key, facts in COLUMNS.items() if "choices" in facts]
MARKETS = [key for key in COLUMNS if re.fullmatch(r"country|\w+_country|country_code", key[1])]
MARKET_LISTS = [key for key in COLUMNS if key[1] in ("countries", "country_codes", "assigned_countries")]


def named(key: Any) -> str:
    return ".".join(key)


@pytest.mark.parametrize("key", CHOICES, ids=named)
def test_a_choice_takes_every_documented_value_and_no_other(live: Live, engine: Engine, key: tuple[str, str]) -> None:
    wanted, kind = COLUMNS[key]["choices"], live.columns[key].type
    others = ["", "qqzz", f" {wanted[0]}", wanted[0].swapcase(), f"{wanted[0]}{wanted[-1]}"]

    with engine.connect() as connection:
        (condition,) = live.checks[key]
        taken = [v for v in [*wanted, *others] if holds(connection, condition, key[1], kind.partition("(")[0], v)]
        empty = holds(connection, condition, key[1], kind, None)

    assert taken == wanted
    assert empty  # NOT NULL is another rule


@pytest.mark.parametrize("key", MARKETS, ids=named)
def test_a_country_is_one_of_the_eight_markets(live: Live, engine: Engine, key: tuple[str, str]) -> None:
    with engine.connect() as connection:
        (condition,) = live.checks[key]
        taken = [v for v in [*COUNTRIES, "", "sk", "PL", "SKCZ"] if holds(connection, condition, key[1], "text", v)]

    assert taken == COUNTRIES


@pytest.mark.parametrize("key", MARKET_LISTS, ids=named)
def test_a_list_of_countries_holds_only_markets(live: Live, engine: Engine, key: tuple[str, str]) -> None:
    lists = [[], COUNTRIES, ["SK"], ["SK", "PL"], ["sk"], [""]]

    with engine.connect() as connection:
        (condition,) = live.checks[key]
        taken = [v for v in lists if holds(connection, condition, key[1], "text[]", v)]

    assert taken == [[], COUNTRIES, ["SK"]]


def test_a_default_is_one_of_the_choices() -> None:
    wrong = [
        key for key in CHOICES
        if (default := COLUMNS[key]["default"]) is not None and default.strip("'") not in COLUMNS[key]["choices"]
    ]  # fmt: skip

    assert wrong == []


@every_table
def test_a_table_and_its_columns_say_what_they_are_for(live: Live, table: str) -> None:
    silent = [name for (of, name), column in live.columns.items() if of == table and not (column.comment or "").strip()]

    assert (live.comments[table] or "").strip()
    assert silent == []


@pytest.mark.parametrize("statement", EXAMPLES, ids=lambda statement: statement.split()[2])
def test_the_example_of_the_document_runs_as_it_is_written(session: Session, statement: str) -> None:
    table = statement.split()[2]

    session.connection().exec_driver_sql("SET LOCAL ROLE indexus_everywhere")
    known = f"SELECT id FROM {table} WHERE id = 'system'"
    before = session.connection().exec_driver_sql(known).scalar()

    # Straight to the driver: nothing reads colons or percent signs in it.
    session.connection().exec_driver_sql(statement)

    made = f"SELECT * FROM {table} WHERE id IS DISTINCT FROM %(before)s"
    row = session.connection().exec_driver_sql(made, {"before": before}).mappings().one()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", row["id"])
    assert row["created_at"] is not None
