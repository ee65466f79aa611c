"""`python -m app.seed`: demo data for an empty database, and the demo logins with the password of the day."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tables
from app.access import passwords
from app.access.models import User
from app.core import db, vault
from app.core.servers.supervise import LOGINS
from app.core.vault import Veiled
from app.core.viewer import SYSTEM, SYSTEM_USER
from config import Settings, engine_options, sqlalchemy_url


@click.command()
@click.option("--if-empty", is_flag=True, help="With data there already, only make the demo password work.")
def seed(if_empty: bool) -> None:
    """Load demo data into an empty database."""
    settings = Settings.from_env(os.environ).attached()
    if settings.is_production or settings.demo_password is None:
        raise click.ClickException("Production has no demo data.")
    if settings.database_url is None:
        raise click.ClickException("No database is running. Start `make run`, or set DATABASE_URL.")
    vault.configure(settings.encryption_keys)
    tables.configure()
    engine = db.connect(sqlalchemy_url(settings.database_url), **engine_options(statement_seconds=120))
    try:
        with db.transaction(by=SYSTEM) as session:
            session.info["unaudited"] = True  # invented people did not do invented things today
            if _is_empty(session):
                _load(session, settings.demo_password)
            elif if_empty:
                _refresh_passwords(session, settings.demo_password)
            else:
                raise click.ClickException("The database is not empty.")
    finally:
        engine.dispose()


def _is_empty(session: Session) -> bool:
    return session.scalars(select(User.id).where(User.id != SYSTEM_USER).limit(1)).first() is None


def _load(session: Session, password: str) -> None:
    from app import demo  # noqa: PLC0415  # word lists and name generators of eight countries: seconds, needed once

    with click.progressbar(length=100, label="Loading demo data", file=sys.stderr) as bar:
        shown = 0

        def report(step: str, done: int, total: int) -> None:
            nonlocal shown
            now = int(100 * done / max(total, 1))
            bar.update(now - shown)
            shown = now

        loaded = demo.load(session, password=password, now=datetime.now(UTC), report=report)
    click.echo(f"{sum(loaded.values()):,} rows in {len(loaded)} tables.")


def _refresh_passwords(session: Session, password: str) -> None:
    """The printed password is the one that works, also after the operator chose another."""
    users = list(session.scalars(select(User).where(User.username.in_([login for login, _what in LOGINS]))))
    # They share one password, and checking is slow on purpose: the first one speaks for all.
    if users and not passwords.matches(password, users[0].password_hash.reveal()):
        fresh = passwords.hashed(password)
        for user in users:
            user.password_hash = Veiled(fresh)


if __name__ == "__main__":
    seed()
