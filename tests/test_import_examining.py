"""Looking at the rows of a file: what only the database knows, large files by a worker, and what may come between."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.models import RoleFieldPermission
from app.batches.models import Batch, BatchRow, BatchState
from app.core.types import utc_now
from app.imports import examining, plan
from app.tables import MODELS
from app.work.models import Notification
from tests.conftest import logged_in
from tests.imports import (
    ANNA,
    EVA,
    HEADS,
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


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is large, and is looked at row by row."""
    monkeypatch.setattr(examining, "AT_ONCE", 0)
    monkeypatch.setattr(examining, "CHUNK", 1)
    monkeypatch.setattr(plan, "CHUNK", 1)


def batches(session: Session) -> list[Batch]:
    session.expire_all()
    return list(session.scalars(select(Batch)))


# What only the database knows ----------------------------------------------------------


def test_what_the_database_alone_refuses_is_said_with_its_row(client: FlaskClient, session: Session) -> None:
    deals = [smallest(session, "deals", title=f"Before {number}", probability=10) for number in range(4)]
    session.commit()
    lines = [[deal.id, "After", chance] for deal, chance in zip(deals, ["20", "101", "30", "-1"], strict=True)]
    address = taken_in(client, "deals", csv_of([["ID", "Title", "Probability"], *lines]))

    page = client.get(choose(client, address, ["id", "title", "probability"], known="update", key="id").location).text
    errors = list(csv.reader(io.StringIO(client.get(f"{address}/errors.csv").text), delimiter=";"))
    batch = run(client, session, address, leave_out="1")

    assert counts(page) == {"update": 2, "error": 2}
    said = "Win probability (%): This value is not allowed here."
    assert problems(page) == [f"Row 3: {said}", f"Row 5: {said}"]
    assert [line[-1] for line in errors[1:]] == [said, said]
    session.expire_all()
    assert batch.counts == {"changed": 2, "refused": 2}
    titles = [session.get(MODELS["deals"], deal.id).title for deal in deals]
    assert titles == ["After", "Before 1", "After", "Before 3"]


def test_rows_that_exclude_each_other_or_a_record_are_told_before(client: FlaskClient, session: Session) -> None:
    known = smallest(session, "exchange_rates", rate_date="2026-01-01")
    session.commit()
    screen = client.application.extensions["screens"]["exchange_rates"]
    names = [f.name for f in screen.editable() if f.required or f.name in ("currency_code", "rate_date")]

    def line(day: str) -> list[str]:
        return [{"rate_date": day}.get(name, str(getattr(known, name))) for name in names]

    rows = [line("2026-01-02"), line("2026-01-01"), line("2026-01-02"), line("2026-01-03")]

    address = taken_in(client, "exchange_rates", csv_of([names, *rows]))
    page = client.get(choose(client, address, names).location).text

    assert counts(page) == {"create": 2, "error": 2}, problems(page)
    assert problems(page) == [
        "Row 3: There is already a record with the same Currency, Rate date.",
        "Row 4: Row 2 has the same Currency, Rate date.",
    ]


def test_what_is_tried_leaves_nothing_behind(client: FlaskClient, session: Session) -> None:
    before = session.scalar(select(func.count()).select_from(MODELS["activity_logs"]))
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, EVA]))

    choose(client, address)

    work_off(session)
    after = session.scalar(select(func.count()).select_from(MODELS["activity_logs"]))
    assert (people(session), after) == ({}, before)


def test_one_default_that_gives_way_to_another_is_no_refusal(client: FlaskClient, session: Session) -> None:
    smallest(session, "pipelines", name="Old", is_default=True)
    session.commit()
    address = taken_in(client, "pipelines", csv_of([["Name", "Default"], ["New", "yes"]]))

    page = client.get(choose(client, address, ["name", "is_default"]).location).text

    assert counts(page) == {"create": 1}, problems(page)


# Large files ---------------------------------------------------------------------------


def test_a_large_file_is_examined_by_a_worker_and_its_owner_is_told(
    client: FlaskClient, session: Session, large: None
) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, ["Eva", "Stará", "no address", "CZ"]]))
    preview = choose(client, address).location

    waiting = client.get(preview).text
    state = client.get(f"/batches/{batches(session)[0].id}/state").json
    early = client.post(f"{address}/run")
    work_off(session)
    page = client.get(preview).text
    batch = run(client, session, address, leave_out="1")

    assert 'data-busy="true"' in waiting and counts(waiting) == {}
    assert (state["state"], state["busy"], state["total"]) == ("examining", True, "2")
    assert early.location == preview
    assert counts(page) == {"create": 1, "error": 1}
    assert problems(page) == ["Row 3: Email: An e-mail address looks like name@example.com."]
    assert (batch.counts, list(people(session))) == ({"created": 1, "refused": 1}, ["anna@example.com"])
    titles = list(session.scalars(select(Notification.title).order_by(Notification.created_at)))
    assert titles == ["Your file has been examined", "Your changes of many records are done"]


def test_asked_twice_it_is_examined_once(client: FlaskClient, session: Session, large: None) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))

    choose(client, address)
    [first] = batches(session)
    choose(client, address)

    assert [batch.id for batch in batches(session)] == [first.id]


def test_other_columns_begin_another_examination_and_the_first_one_ends(
    client: FlaskClient, session: Session, large: None
) -> None:
    address = taken_in(client, "customers", csv_of([[*HEADS, "City"], [*ANNA, "Nitra"]]))
    choose(client, address)
    first = batches(session)[0].id

    choose(client, address, ["first_name", "last_name", "email", "country", ""])
    work_off(session)

    [second] = batches(session)
    assert (second.id != first, second.state) == (True, BatchState.prepared)
    assert "city" not in (session.scalars(select(BatchRow.own)).one() or {})


def test_stopped_in_the_middle_it_leaves_nothing_and_can_begin_again(
    client: FlaskClient, session: Session, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, EVA]))
    preview = choose(client, address).location
    judge = plan.judge

    def stopping(*given: Any, **how: Any) -> Any:
        if given[4]["email"] == EVA[2]:
            assert client.post(f"{address}/stop").location == address
        return judge(*given, **how)

    with monkeypatch.context() as patched:
        patched.setattr(plan, "judge", stopping)
        work_off(session)
    left, rows = batches(session), session.scalars(select(BatchRow)).all()
    shown = client.get(preview)
    choose(client, address)
    work_off(session)

    assert (left, rows, shown.location) == ([], [], address)
    assert counts(client.get(preview).text) == {"create": 2}


def test_a_worker_that_dies_in_the_middle_leaves_it_to_the_next_one(
    client: FlaskClient, session: Session, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA, EVA]))
    preview = choose(client, address).location
    judge = plan.judge

    def killed(*given: Any, **how: Any) -> Any:
        if given[4]["email"] == EVA[2]:
            raise RuntimeError("the machine is gone")
        return judge(*given, **how)

    with monkeypatch.context() as patched:
        patched.setattr(plan, "judge", killed)
        work_off(session)
    state = batches(session)[0].state
    work_off(session, now=utc_now() + timedelta(minutes=20))

    assert state is BatchState.examining
    assert counts(client.get(preview).text) == {"create": 2}
    assert session.scalar(select(func.count()).select_from(BatchRow)) == 2


@pytest.mark.parametrize("lost", ["import", "customers"])
def test_a_right_that_goes_meanwhile_ends_it_in_words(
    app: Flask, session: Session, without_csrf: None, large: None, lost: str
) -> None:
    user = somebody(session, "petra")
    browser = logged_in(app, user)
    address = taken_in(browser, "customers", csv_of([HEADS, ANNA]))
    choose(browser, address)
    for grant in user.primary_role.role_module_permissions:
        if grant.module_key == lost:
            grant.access, grant.can_add, grant.can_edit = "hidden", False, False
    session.commit()

    work_off(session)

    [batch] = batches(session)
    assert (batch.state, people(session)) == (BatchState.failed, {})
    assert batch.error
    assert browser.get(f"{address}/preview").status_code in (403, 404)


def test_a_field_that_closes_after_the_examination_asks_for_the_columns_again(
    app: Flask, session: Session, without_csrf: None
) -> None:
    user = somebody(session, "petra")
    browser = logged_in(app, user)
    address = taken_in(browser, "customers", csv_of([[*HEADS, "City"], [*ANNA, "Nitra"]]))
    choose(browser, address)
    user.primary_role.role_field_permissions.append(
        RoleFieldPermission(module_key="customers", field_key="city", permission="readonly")
    )
    session.commit()

    shown = browser.get(f"{address}/preview")
    batch = run(browser, session, address)

    assert shown.location == address
    assert (batch.counts, people(session)["anna@example.com"].city) == ({"created": 1}, None)


def test_a_file_that_is_removed_takes_what_was_found_with_it(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))
    choose(client, address)

    client.post(f"{address}/remove")

    assert (files(session), batches(session), session.scalars(select(BatchRow)).all()) == ([], [], [])


def test_what_was_looked_at_is_what_is_done(client: FlaskClient, session: Session) -> None:
    """Not what a second look would find: a record that came meanwhile is not updated unseen."""
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))
    choose(client, address, known="both", key="email")
    customer(session, email="anna@example.com", first_name="By hand")

    batch = run(client, session, address)

    assert batch.counts == {"created": 1}
