"""Migrations as commands: bring a database to the newest version, say whether models and database differ.

`python -m app.core.migrate upgrade|check` reads `DATABASE_URL`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, pool, text
from sqlalchemy.types import TypeDecorator

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
LOCK = 7_215_001  # any fixed number: two starting machines must not migrate at once


def psycopg_url(url: str) -> str:
    """The same address with the driver this house uses."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url


def config(url: str) -> Config:
    settings = Config(str(MIGRATIONS / "alembic.ini"))
    settings.set_main_option("sqlalchemy.url", psycopg_url(url).replace("%", "%%"))
    return settings


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest version; safe when two machines start together."""
    engine = create_engine(psycopg_url(url), poolclass=pool.NullPool)
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        try:
            if version(guard) != newest():  # loading all models to find nothing to do takes a second
                command.upgrade(config(url), "head")
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
    engine.dispose()


def newest() -> str | None:
    """The version that the code expects."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def version(connection: Connection) -> str | None:
    """The version the database has; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def render_type(kind: str, item: Any, context: Any) -> str | Literal[False] | None:
    """Write our column types into migrations as the plain types they are in the database.

    System columns (`xmin`) are mapped but never created: None leaves them out.
    """
    if kind == "column" and item.system:
        return None
    if kind == "type" and isinstance(item, TypeDecorator):
        plain = item.impl_instance
        module = "postgresql" if plain.__module__.startswith("sqlalchemy.dialects.postgresql") else "sa"
        return f"{module}.{plain!r}"
    return False


def _compared(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Expression indexes come back from PostgreSQL in other words: their name is compared, not their text."""
    expression = kind == "index" and any(not hasattr(part, "table") for part in getattr(item, "expressions", ()))
    return not (expression and compare_to is not None)


COMPARE: dict[str, Any] = {"compare_type": True, "compare_server_default": False, "include_object": _compared}


def differences(connection: Connection, metadata: MetaData) -> list[Any]:
    """What Alembic would change to make the database equal to the models; empty when they agree."""
    return list(compare_metadata(MigrationContext.configure(connection, opts=COMPARE), metadata))


if __name__ == "__main__":
    upgrade(os.environ["DATABASE_URL"])
    print("The database is up to date.", file=sys.stderr)
