"""`python -m app.background worker|scheduler`: the processes beside the web server, without its weight."""

from __future__ import annotations

import os

import click

from app import tables
from app.core import db, jobs, outbox, vault
from app.schedule import LISTENERS, SCHEDULE
from config import Settings, engine_options, sqlalchemy_url

_STATEMENT_SECONDS = 300  # a job may take longer than a page


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Background work; runs until it is stopped."""
    settings = Settings.from_env(os.environ).attached()
    if settings.database_url is None or settings.redis_url is None:
        raise click.ClickException("No servers are running. Start `make run`, or set DATABASE_URL and REDIS_URL.")
    vault.configure(settings.encryption_keys)
    db.connect(sqlalchemy_url(settings.database_url), **engine_options(statement_seconds=_STATEMENT_SECONDS))
    tables.configure()
    jobs.register(LISTENERS, SCHEDULE)
    outbox.woken_by(jobs.Waker(settings.redis_url))
    context.obj = settings.redis_url


@main.command()
@click.argument("queue", default=jobs.QUEUE)
@click.pass_obj
def worker(redis_url: str, queue: str) -> None:
    """Deliver what happened to its listeners."""
    jobs.work(redis_url, queue)


@main.command()
@click.pass_obj
def scheduler(redis_url: str) -> None:
    """Start the periodic jobs of `app/schedule.py` when they are due, and tell workers again of what waits."""
    jobs.keep_time(redis_url)


if __name__ == "__main__":
    main()
