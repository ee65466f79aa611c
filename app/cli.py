"""Commands: `flask --app app <command>`."""

from __future__ import annotations

import sys

import click
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.access import passwords
from app.access.models import Role, User, UserRole
from app.access.modules import described
from app.access.modules import modules as every_module
from app.communication import bounces
from app.communication import services as communication
from app.core.db import transaction
from app.core.types import Country, utc_now
from app.core.viewer import SYSTEM, system_scope
from app.screens.resolve import describe

ADMINISTRATOR = "Administrator"
_TRY_LATER = 75  # what mail servers read as "keep it and come again" (EX_TEMPFAIL)


def add_commands(app: Flask) -> None:
    for command in (screens, modules, create_admin, take_bounce):
        app.cli.add_command(command)


@click.command("screens")
@click.argument("table", required=False)
def screens(table: str | None) -> None:
    """Print the complete screen of a table, or of all."""
    known = current_app.extensions["screens"]
    if table is not None and table not in known:
        raise click.ClickException(f"There is no table {table!r}.")
    for name in [table] if table else known:
        click.echo(describe(known[name]) + "\n")


@click.command("modules")
@click.argument("key", required=False)
def modules(key: str | None) -> None:
    """Print all modules that rights are given for, or the fields of one."""
    known = every_module()
    if key is None:
        click.echo(described(known))
        return
    if key not in known:
        raise click.ClickException(f"There is no module {key!r}.")
    for field in known[key].fields:
        click.echo(f"{field.key} | {field.label}" + (" | filled in by the system" if field.fixed else ""))


@click.command("create-admin")
@click.option("--username", prompt=True)
@click.option("--email", prompt=True)
@click.option("--full-name", prompt=True)
@click.password_option()
def create_admin(username: str, email: str, full_name: str, password: str) -> None:
    """Create the first administrator of an empty production database; asks for a password to be replaced at login."""
    wrong = passwords.problem(password, username, email, full_name)
    if wrong:
        raise click.ClickException(wrong)
    with transaction(by=SYSTEM) as session:
        role = session.scalars(select(Role).where(Role.legacy_role == "admin")).first()
        if role is None:
            role = Role(name=ADMINISTRATOR, legacy_role="admin", is_system=True, description="May do everything.")
        user = User(
            username=username,
            email=email,
            full_name=full_name,
            password_hash=passwords.hashed(password),
            must_change_password=True,
            role="admin",
            primary_role=role,
            assigned_countries=[country.value for country in Country],
        )
        session.add_all([role, user])
        session.flush()
        session.add(UserRole(user_id=user.id, role_id=role.id))
    click.echo(f"{username} may log in now.")


@click.command("take-bounce")
def take_bounce() -> None:
    """Read a mail that came back from the standard input; mail servers pipe into it.

    Whatever is no report about an e-mail of ours is passed over: it must not come back to anybody.
    """
    reports = bounces.reports_in(sys.stdin.buffer.read())
    try:
        with system_scope("take-bounce"), transaction(by=SYSTEM) as session:
            known = [report for report in reports if communication.take_report(session, report, now=utc_now())]
    except DBAPIError as away:
        click.echo(f"The database does not answer: {type(away.orig).__name__}.", err=True)
        sys.exit(_TRY_LATER)
    for report in known:
        click.echo(f"{report.message_key}: {report.action}")
    if not known:
        click.echo("No report about an e-mail of ours.")
