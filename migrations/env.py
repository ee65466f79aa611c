"""Alembic's environment: migrates the database named by `sqlalchemy.url` (see `app.core.migrate`)."""

from __future__ import annotations

import os
from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool

from app.core.migrate import COMPARE, psycopg_url, render_type
from app.tables import Base

OPTIONS: dict[str, Any] = {"target_metadata": Base.metadata, "render_item": render_type, **COMPARE}


def address() -> str:
    """The database `app.core.migrate` asked for; for the `alembic` command the one in DATABASE_URL."""
    return context.config.get_main_option("sqlalchemy.url") or psycopg_url(os.environ["DATABASE_URL"])


def run_online() -> None:
    engine = create_engine(address(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    context.configure(url=address(), literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()
else:
    run_online()
