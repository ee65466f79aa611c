"""Records out of files: all or none of the rows, once, back again, and files do not stay."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.batches.models import BatchState
from app.core.types import utc_now
from app.imports import services
from app.imports.models import ImportFile, ImportMapping
from app.screens import write
from app.tables import MODELS
from app.work.models import Notification
from tests.conftest import logged_in
from tests.imports import (
    ANNA,
    EVA,
    HEADS,
    alert,
    choose,
    counts,
    csv_of,
    customer,
    files,
    people,
    problems,
    run,
    somebody,
    taken_in,
)
from tests.outbox import work_off
from tests.smallest import smallest


def test_a_file_becomes_records_and_can_be_taken_back(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, EVA]))
    chosen = choose(client, address)
    page = client.get(chosen.location).text
    batch = run(client, session, address)

    found = people(session)
    assert counts(page) == {"create": 2}
    assert (batch.state, batch.counts) == (BatchState.done, {"created": 2})
    assert {(row.first_name, row.country.value) for row in found.values()} == {("Anna", "SK"), ("Eva", "CZ")}

    client.post(f"/batches/{batch.id}/undo")
    assert people(session) == {}


def test_one_bad_row_stops_all_unless_it_is_left_out(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, ["Eva", "Stará", "no address", "CZ"]]))
    page = client.get(choose(client, address).location).text

    refused = client.post(f"{address}/run")
    nobody = people(session)
    batch = run(client, session, address, leave_out="1")

    assert counts(page) == {"create": 1, "error": 1}
    assert problems(page) == ["Row 3: Email: An e-mail address looks like name@example.com."]
    assert (refused.status_code, nobody) == (422, {})
    assert alert(refused.text) == "1 row cannot be taken. Correct it, or leave it out."
    assert (batch.counts, list(people(session))) == ({"created": 1, "refused": 1}, ["anna@example.com"])


def test_rows_with_errors_can_be_downloaded_corrected_and_uploaded_again(client: FlaskClient) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, ["=cmd", "Stará", "no address", "XX"]]))
    choose(client, address)

    answer = client.get(f"{address}/errors.csv")

    found = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert found[0] == [*HEADS, "Row", "Error"]
    assert found[1][:5] == ["'=cmd", "Stará", "no address", "XX", "3"]
    assert "“XX” is not one of the choices." in found[1][5]


def test_what_is_taken_by_somebody_meanwhile_undoes_everything_and_names_the_row(
    client: FlaskClient, session: Session
) -> None:
    address = taken_in(client, "email_tags", csv_of([["Name", "Color"], ["First", "#112233"], ["Second", "#112233"]]))
    choose(client, address, ["name", "color"])
    tags = MODELS["email_tags"]
    smallest(session, "email_tags", name="Second")
    session.commit()

    batch = run(client, session, address)

    assert (batch.state, session.scalar(select(func.count()).select_from(tags))) == (BatchState.failed, 1)
    assert "Second" in (batch.error or "") and "already taken" in (batch.error or "")


def test_what_an_import_did_is_a_list_away_for_its_owner_alone(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    customer(session, email="anna@example.com", last_name="Before")
    customer(session, email="other@example.com", last_name="Neither")
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, EVA, ["Iva", "Malá", "iva@example.com", "SK"]]))
    choose(client, address, known="both", key="email")
    batch = run(client, session, address)
    somebody(session, "petra", countries=("SK", "CZ"))
    other = logged_in(app, session.scalars(select(User).where(User.username == "petra")).one())

    page = client.get(f"/batches/{batch.id}").text
    told = session.scalars(select(Notification)).one()

    links = dict(re.findall(r'href="(/customers/list/[^"]*_flt_(?:created|changed)[^"]*)".*?<span>(.*?)</span>', page))
    assert sorted(links.values()) == ["Show 1 changed record", "Show 2 new records"]
    shown = {words: client.get(unescape(href)).text for href, words in links.items()}
    assert ["Nová" in text for text in shown.values()] == ["changed" in words for words in shown]
    assert ["Stará" in text and "Malá" in text for text in shown.values()] == ["new" in words for words in shown]
    assert not any("Neither" in text for text in shown.values())
    foreign = [other.get(unescape(href)).text for href in links]
    assert not any(name in text for text in foreign for name in ("Nová", "Stará", "Malá", "Neither"))
    assert client.get(f"/notifications/{told.id}/open").location == f"/batches/{batch.id}"


def test_a_file_is_imported_once_however_often_it_is_started(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))
    choose(client, address)

    first, second = client.post(f"{address}/run"), client.post(f"{address}/run")
    work_off(session)
    third = client.post(f"{address}/run")
    work_off(session)

    assert first.location == second.location == third.location
    assert list(people(session)) == ["anna@example.com"]


def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_one_does_it_once(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, EVA]))
    choose(client, address)
    client.post(f"{address}/run")
    flush = write.flush

    def killed(*args: Any) -> None:
        flush(*args)
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as patched:
        patched.setattr(write, "flush", killed)
        work_off(session)
    nobody = people(session)
    work_off(session, now=utc_now() + timedelta(minutes=2))

    assert nobody == {}
    assert sorted(people(session)) == ["anna@example.com", "eva@example.com"]


def test_a_file_is_removed_when_it_is_imported_and_after_a_day(client: FlaskClient, session: Session) -> None:
    now = utc_now()
    addresses = [taken_in(client, "customers", csv_of([HEADS, row])) for row in (ANNA, EVA)]
    choose(client, addresses[0])
    run(client, session, addresses[0])

    first = services.forget(session, now=now)
    left = len(files(session))
    second = services.forget(session, now=now + timedelta(hours=25))
    session.commit()

    assert (first, left, second, files(session)) == (1, 1, 1, [])


def test_a_file_of_yesterday_is_gone_for_its_owner_before_the_clock_removes_it(
    client: FlaskClient, session: Session
) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))
    session.execute(ImportFile.__table__.update().values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
    session.commit()

    answer = client.get(address)

    assert answer.status_code == 410
    assert "This file is not here any more" in answer.text


def test_a_file_can_be_removed_by_hand(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))

    answer = client.post(f"{address}/remove")

    assert (answer.status_code, files(session)) == (302, [])


def test_what_is_remembered_goes_with_the_person(client: FlaskClient, session: Session, admin: User) -> None:
    choose(client, taken_in(client, "customers", csv_of([HEADS, ANNA])))
    (kept,) = session.scalars(select(ImportMapping)).all()

    assert (kept.user_id, kept.table_name) == (admin.id, "customers")
    assert "Anna" not in str(kept.chosen)  # headings alone, no cells
