"""Commands, as an operator types them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import psycopg
import pytest

from app.access import passwords
from app.core import migrate
from config import ROOT, Settings
from tests.communication.written import bounce


def run(settings: Settings, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, cwd=ROOT, env=settings.environ(), input=typed,
        check=False,
    )  # fmt: skip


@pytest.fixture
def migrated(settings: Settings, empty_database: str) -> Settings:
    migrate.upgrade(empty_database)
    return replace(settings, database_url=empty_database)


def test_screens_prints_one_table_or_says_that_there_is_none(migrated: Settings) -> None:
    known = run(migrated, "flask", "--app", "app", "screens", "deals")
    unknown = run(migrated, "flask", "--app", "app", "screens", "dreams")

    assert known.returncode == 0 and known.stdout.startswith("deals: Deals (Deal), module deals")
    assert unknown.returncode != 0 and "There is no table 'dreams'" in unknown.stderr


def test_the_first_administrator_of_an_empty_database_may_log_in(migrated: Settings) -> None:
    words = ["flask", "--app", "app", "create-admin", "--username", "eva", "--email", "eva@example.com"]
    words += ["--full-name", "Eva First"]

    short = run(migrated, *words, typed="short\nshort\n")
    done = run(migrated, *words, typed="a long enough password\na long enough password\n")

    assert short.returncode != 0 and "At least 12 characters" in short.stderr
    assert done.returncode == 0, done.stderr
    with psycopg.connect(str(migrated.database_url)) as connection:
        row = connection.execute(
            "SELECT u.password_hash, r.legacy_role FROM users u JOIN user_roles l ON l.user_id = u.id "
            "JOIN roles r ON r.id = l.role_id"
        ).fetchall()
    assert len(row) == 1 and row[0][1] == "admin"
    assert passwords.matches("a long enough password", row[0][0])


def test_production_does_not_start_on_a_database_with_demo_logins(migrated: Settings) -> None:
    strict = {
        **migrated.environ(), "INDEXUS_MODE": "production", "DEMO_PASSWORD": "",
        "SECRET_KEY": "kT8-vJ2mQ0zLr5xNw7yBh4cGd9fSa3pE6uHiOq1R",
    }  # fmt: skip
    start = [sys.executable, "-c", "from app import create_app; create_app(); print('started')"]

    fresh = subprocess.run(start, capture_output=True, text=True, cwd=ROOT, env=strict, check=False)
    run(migrated, "app.seed")
    demo = subprocess.run(start, capture_output=True, text=True, cwd=ROOT, env=strict, check=False)

    assert fresh.returncode == 0 and "started" in fresh.stdout, fresh.stderr
    assert demo.returncode != 0 and "demo logins (admin, " in demo.stderr


def test_demo_data_are_loaded_once_and_the_printed_password_works(migrated: Settings) -> None:
    first = run(migrated, "app.seed", "--if-empty")
    again = run(migrated, "app.seed")
    other = run(replace(migrated, demo_password="another password"), "app.seed", "--if-empty")

    assert first.returncode == other.returncode == 0, first.stderr + other.stderr
    assert "in 100 tables" in first.stdout
    assert again.returncode != 0 and "not empty" in again.stderr
    with psycopg.connect(str(migrated.database_url)) as connection:
        hashes = connection.execute(
            "SELECT password_hash FROM users WHERE username IN ('admin', 'manager', 'clerk.sk', 'operator.cz')"
        ).fetchall()
    assert len(hashes) == 4
    assert all(passwords.matches("another password", found) for (found,) in hashes)


def test_a_mail_server_pipes_in_what_came_back(migrated: Settings) -> None:
    key = "0b6f2e1c-1111-4222-8333-444455556666"
    with psycopg.connect(str(migrated.database_url)) as connection:
        connection.execute(
            "INSERT INTO communication_messages (id, type, subject, content, recipient_email, status)"
            " VALUES (%s, 'email', 'Zmluva', 'x', 'jana@example.com', 'sent')",
            (key,),
        )

    taken = run(migrated, "flask", "--app", "app", "take-bounce", typed=bounce(key).decode())
    other = run(migrated, "flask", "--app", "app", "take-bounce", typed="Subject: Out of office\n\nI am away.\n")
    away = replace(migrated, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    later = run(away, "flask", "--app", "app", "take-bounce", typed=bounce(key).decode())

    assert (taken.returncode, taken.stdout) == (0, f"{key}: failed\n"), taken.stderr
    assert (other.returncode, other.stdout) == (0, "No report about an e-mail of ours.\n"), other.stderr
    assert later.returncode == 75, later.stderr  # the mail server keeps it and comes again
    with psycopg.connect(str(migrated.database_url)) as connection:
        rows = connection.execute(
            "SELECT m.status, b.address FROM communication_messages m JOIN bad_addresses b ON b.message_id = m.id"
        ).fetchall()
    assert rows == [("failed", "jana@example.com")]
