"""From nothing to the newest version and back, once, twice and by two machines at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from app.core import migrate
from app.core.db import Base
from app.tables import ALL
from config import ROOT

# What PostgreSQL keeps of a table, in its own words: whatever Alembic compares and what it does not.
WHOLE_SCHEMA = {
    "column": "SELECT relname || '.' || attname, format_type(atttypid, atttypmod) || ' ' || attnotnull || ' '"
    " || coalesce(pg_get_expr(adbin, adrelid), '') || ' ' || coalesce(col_description(attrelid, attnum), '')"
    " FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
    " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
    " WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped AND {ours}",
    "comment": "SELECT relname, coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_class c"
    " WHERE relkind = 'r' AND {ours}",
    "constraint": "SELECT relname || '.' || conname, pg_get_constraintdef(o.oid) FROM pg_constraint o"
    " JOIN pg_class c ON c.oid = conrelid WHERE contype NOT IN ('n', 't') AND {ours}",
    "index": "SELECT i.relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class i ON i.oid = indexrelid"
    " JOIN pg_class c ON c.oid = indrelid WHERE {ours}",
    "sequence": "SELECT relname, '' FROM pg_class c WHERE relkind = 'S' AND {ours}",
}
OURS = "c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'alembic%'"
TRIGGERS = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
FUNCTIONS = (
    "SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1"
)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One connection whose statements stay."""
    engine = create_engine(migrate.psycopg_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def schema_of(connection: Connection) -> dict[str, str]:
    """Everything that was made, by "kind name"."""
    found = {}
    for kind, question in WHOLE_SCHEMA.items():
        for name, said in connection.execute(text(question.format(ours=OURS).replace("::", r"\:\:"))):
            found[f"{kind} {name}"] = said
    return found


def tables_of(connection: Connection) -> set[str]:
    return set(connection.scalars(text(f"SELECT relname FROM pg_class c WHERE relkind = 'r' AND {OURS}")))


def differences(url: str) -> list[str]:
    """What `make check` would complain about, each as text."""
    with connected(url) as connection:
        return [repr(difference) for difference in migrate.differences(connection, Base.metadata)]


def version_of(url: str) -> str | None:
    with connected(url) as connection:
        return migrate.version(connection)


def change(url: str, statement: str) -> None:
    with connected(url) as connection:
        connection.execute(text(statement))


def test_an_empty_database_becomes_the_newest_version_and_a_second_time_is_harmless(
    empty_database: str,
) -> None:
    before = version_of(empty_database)
    migrate.upgrade(empty_database)
    with connected(empty_database) as connection:
        once = schema_of(connection)
        connection.execute(text("INSERT INTO products (id, name) VALUES ('p', 'Cord blood')"))

    migrate.upgrade(empty_database)

    with connected(empty_database) as connection:
        assert (before, migrate.version(connection)) == (None, migrate.newest())
        assert tables_of(connection) == set(ALL)
        assert schema_of(connection) == once
        assert connection.scalar(text("SELECT name FROM products")) == "Cord blood"
    assert differences(empty_database) == []


INDEXED_BY = ("fold(text)", "fold(text, text)", "dial(text)", "later(text, integer)", "ending(text)")  # of the indexes


def test_the_migrations_make_what_the_models_say_to_the_last_check(empty_database: str) -> None:
    """Alembic compares neither CHECKs nor defaults nor the text of indexes; PostgreSQL shows all of it."""
    migrate.upgrade(empty_database)
    with connected(empty_database) as connection:
        migrated = schema_of(connection)

    with connected(empty_database) as connection:
        connection.execute(text("CREATE SCHEMA kept"))
        for function in INDEXED_BY:
            connection.execute(text(f"ALTER FUNCTION {function} SET SCHEMA kept"))
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        for function in INDEXED_BY:
            connection.execute(text(f"ALTER FUNCTION kept.{function} SET SCHEMA public"))
        connection.execute(text("DROP SCHEMA kept"))
        Base.metadata.create_all(connection)
        modelled = schema_of(connection)

    assert len(modelled) > 2000
    assert migrated == modelled


def test_two_threads_may_migrate_at_once(empty_database: str) -> None:
    with ThreadPoolExecutor(2) as both:
        list(both.map(migrate.upgrade, [empty_database] * 2))

    assert version_of(empty_database) == migrate.newest()
    assert differences(empty_database) == []


def test_two_machines_may_start_at_once(empty_database: str) -> None:
    """The command of the README, twice, each in a process of its own."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "app.core.migrate", "upgrade"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": empty_database},
            stderr=subprocess.PIPE,
            text=True,
        )
        for _machine in range(2)
    ]

    said = [process.communicate(timeout=60)[1] for process in started]

    assert [process.returncode for process in started] == [0, 0], said
    assert version_of(empty_database) == migrate.newest()
    with connected(empty_database) as connection:
        assert tables_of(connection) == set(ALL)


BY_HAND = {
    "ALTER TABLE customers ADD COLUMN by_hand text": ["('remove_column'", "'by_hand'"],
    "ALTER TABLE customers DROP COLUMN notes": ["('add_column'", "'notes'"],
    "ALTER TABLE customers ALTER COLUMN phone TYPE varchar(9)": ["('modify_type'", "'phone'"],
    "ALTER TABLE customers ALTER COLUMN last_name DROP NOT NULL": ["('modify_nullable'", "'last_name'"],
    "COMMENT ON COLUMN customers.phone IS 'by hand'": ["('modify_comment'", "'phone'"],
    "DROP INDEX idx_deals_stage": ["('add_index'", "'idx_deals_stage'"],
    "DROP INDEX find_deals_title": ["('add_index'", "'find_deals_title'"],
    "ALTER TABLE roles DROP CONSTRAINT uq_roles_name": ["('add_constraint'", "UniqueConstraint", "<roles>"],
    "ALTER TABLE deals DROP CONSTRAINT fk_deals_stage_id": ["('add_fk'", "<deals>"],
    "CREATE TABLE by_hand (id int)": ["('remove_table'", "'by_hand'"],
}


@pytest.mark.parametrize("statement", BY_HAND)
def test_a_change_by_hand_is_noticed(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text("RESET ROLE"))  # the application's role may not change tables
        connection.execute(text(statement))

        found = [repr(difference) for difference in migrate.differences(connection, Base.metadata)]

        connection.rollback()
    assert len(found) == 1
    assert [word for word in BY_HAND[statement] if word not in found[0]] == [], found


def test_one_step_down_to_nothing_leaves_nothing_of_ours_and_up_again_works(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    with connected(empty_database) as connection:
        whole = schema_of(connection)

    command.downgrade(migrate.config(empty_database), "base")

    with connected(empty_database) as connection:
        assert schema_of(connection) == {}
        assert connection.scalar(text(TRIGGERS)) == 0
        assert list(connection.scalars(text(FUNCTIONS))) == []
        assert migrate.version(connection) is None
    migrate.upgrade(empty_database)
    with connected(empty_database) as connection:
        assert schema_of(connection) == whole


def test_a_migration_that_fails_leaves_the_database_as_it_was_and_gives_the_turn_on(
    empty_database: str,
) -> None:
    change(empty_database, "CREATE TABLE visit_events (in_the_way int)")

    with pytest.raises(ProgrammingError, match="visit_events"):
        migrate.upgrade(empty_database)

    with connected(empty_database) as connection:
        assert tables_of(connection) == {"visit_events"}
        assert connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": migrate.LOCK})
    change(empty_database, "DROP TABLE visit_events")
    migrate.upgrade(empty_database)
    assert differences(empty_database) == []


def test_an_address_keeps_its_percent_signs() -> None:
    """Alembic's settings read percent signs as their own; addresses are full of them."""
    config = migrate.config("postgres://crm:50%25%2Foff@db.example/crm")

    assert config.get_main_option("sqlalchemy.url") == "postgresql+psycopg://crm:50%25%2Foff@db.example/crm"


def test_the_versions_are_one_line_without_branches() -> None:
    script = migrate.ScriptDirectory(str(migrate.MIGRATIONS))

    assert script.get_heads() == [migrate.newest()]
    assert script.get_bases() == ["0001"]
