"""Alembic's environment: migrates the database named by `sqlalchemy.url` (see `app.core.migrate`)."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool

from app.core.migrate import COMPARE, render_type
from app.tables import Base

OPTIONS: dict[str, Any] = {"target_metadata": Base.metadata, "render_item": render_type, **COMPARE}


def run_online() -> None:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()
else:
    run_online()
