"""Commands: `flask --app app <command>`."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Any

import click
from flask import Flask, current_app
from sqlalchemy import select

from app import demo
from app.access import passwords
from app.access.models import Role, User, UserRole
from app.core import jobs
from app.core.db import transaction
from app.core.servers.supervise import LOGINS
from app.core.types import Country
from app.core.viewer import SYSTEM
from app.schedule import SCHEDULE
from app.screens.resolve import describe

ADMINISTRATOR = "Administrator"


def add_commands(app: Flask) -> None:
    for command in (demo_load, screens, create_admin, worker, scheduler):
        app.cli.add_command(command)


@click.command("demo-load")
@click.option("--if-empty", is_flag=True, help="Do nothing but refresh the demo passwords when there is data.")
def demo_load(if_empty: bool) -> None:
    """Load demo data into an empty database."""
    settings = current_app.config["SETTINGS"]
    if settings.is_production:
        raise click.ClickException("Production has no demo data.")
    password = settings.demo_password
    with transaction(by=SYSTEM) as session:
        if not demo.is_empty(session):
            if not if_empty:
                raise click.ClickException("The database is not empty.")
            _refresh_passwords(session, password)
            return
        with click.progressbar(length=100, label="Loading demo data") as bar:
            shown = 0

            def report(step: str, done: int, total: int) -> None:
                nonlocal shown
                now = int(100 * done / max(total, 1))
                bar.update(now - shown)
                shown = now

            loaded = demo.load(session, password=password, now=datetime.now(UTC), report=report)
    click.echo(f"{sum(loaded.values()):,} rows in {len(loaded)} tables.")


def _refresh_passwords(session: Any, password: str) -> None:
    """The printed password is the one that works, also after the operator chose another."""
    users = list(session.scalars(select(User).where(User.username.in_([login for login, _what in LOGINS]))))
    stale = [user for user in users if not passwords.matches(password, user.password_hash.reveal())]
    if stale:
        fresh = passwords.hashed(password)
        for user in stale:
            user.password_hash = fresh


@click.command("screens")
@click.argument("table", required=False)
def screens(table: str | None) -> None:
    """Print the complete screen of a table, or of all."""
    known = current_app.extensions["screens"]
    if table is not None and table not in known:
        raise click.ClickException(f"There is no table {table!r}.")
    for name in [table] if table else known:
        click.echo(describe(known[name]) + "\n")


@click.command("create-admin")
@click.option("--username", prompt=True)
@click.option("--email", prompt=True)
@click.option("--full-name", prompt=True)
def create_admin(username: str, email: str, full_name: str) -> None:
    """Create the first administrator of an empty production database; asks for the password."""
    password = getpass.getpass("Password: ")
    if len(password) < passwords.SHORTEST:
        raise click.ClickException(f"At least {passwords.SHORTEST} characters.")
    with transaction(by=SYSTEM) as session:
        role = session.scalars(select(Role).where(Role.legacy_role == "admin")).first()
        if role is None:
            role = Role(name=ADMINISTRATOR, legacy_role="admin", is_system=True, description="May do everything.")
        user = User(
            username=username,
            email=email,
            full_name=full_name,
            password_hash=passwords.hashed(password),
            role="admin",
            primary_role=role,
            assigned_countries=[country.value for country in Country],
        )
        session.add_all([role, user])
        session.flush()
        session.add(UserRole(user_id=user.id, role_id=role.id))
    click.echo(f"{username} may log in now.")


@click.command("worker")
@click.argument("queue", default=jobs.QUEUE)
def worker(queue: str) -> None:
    """Run the jobs of one queue until stopped."""
    jobs.work(current_app.config["RATELIMIT_STORAGE_URI"], queue)


@click.command("scheduler")
def scheduler() -> None:
    """Start the periodic jobs of `app/schedule.py` when they are due."""
    jobs.keep_time(current_app.config["RATELIMIT_STORAGE_URI"], SCHEDULE)
