"""What holds for each of the 99 tables, through the pages and through REST."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import prison
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.screens.fields import Field
from app.screens.filters import operators_of
from app.screens.resolve import Resolved, describe
from app.tables import MODELS
from tests.conftest import token_of
from tests.smallest import (
    LOGS,
    NARROWER,
    TOGETHER,
    form_of,
    json_of,
    parent,
    plain_value,
    smallest,
    typed,
    values_for,
)

TABLES = sorted(MODELS)
every_table = pytest.mark.parametrize("table", TABLES)
# Logs are written by what happens; `test_audit` sees to it that nothing else can.
every_table_for_hands = pytest.mark.parametrize("table", sorted(set(TABLES) - LOGS))
OWN_FORMS = {"automation_rules"}  # written on pages of their own, where the ways to the generated form lead
every_generated_form = pytest.mark.parametrize("table", sorted(set(TABLES) - LOGS - OWN_FORMS))


@pytest.fixture
def bearer(app: Flask, admin: User) -> dict[str, str]:
    return token_of(app, admin)


def screen_of(app: Flask, table: str) -> Resolved:
    found: Resolved = app.extensions["screens"][table]
    return found


def keep(session: Session, table: str) -> Any:
    row = smallest(session, table)
    session.commit()
    return row


def count(session: Session, table: str) -> int:
    return session.scalar(select(func.count()).select_from(MODELS[table])) or 0


@every_table
def test_every_page_opens(client: FlaskClient, session: Session, table: str) -> None:
    key = keep(session, table).id

    for page in ("list/", f"show/{key}", "chart/", *(() if table in LOGS else ("add", f"edit/{key}"))):
        answer = client.get(f"/{table}/{page}", follow_redirects=table in OWN_FORMS)

        assert answer.status_code == 200, page
        if answer.history:
            continue  # a page of its own, with words of its own
        assert "None" not in _visible(answer.text), page


@every_table
def test_every_tab_opens(app: Flask, client: FlaskClient, session: Session, table: str) -> None:
    key = keep(session, table).id

    for child in screen_of(app, table).children:
        assert client.get(f"/{table}/show/{key}/tab/{child.key}").status_code == 200, child.key


@every_table
def test_every_column_filters_by_every_operator(app: Flask, client: FlaskClient, session: Session, table: str) -> None:
    row = keep(session, table)

    for f in screen_of(app, table).filterable():
        for operator in operators_of(f):
            asked = {"rel": "this_month", "json": '{"a": 1}'}.get(operator.name) or _sample(f, row)
            answer = client.get(f"/{table}/list/", query_string={f"_flt_{operator.name}_{f.name}": asked, "all": "1"})
            assert answer.status_code == 200, (f.name, operator.name)


@every_table
def test_a_filter_finds_the_row_and_its_opposite_does_not(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row = keep(session, table)
    href = f"/{table}/show/{row.id}"

    for f in screen_of(app, table).filterable():
        names = {o.name for o in operators_of(f)}
        if "eq" in names and getattr(row, f.attribute) not in (None, ""):
            found = client.get(f"/{table}/list/", query_string={f"_flt_eq_{f.name}": _sample(f, row), "all": "1"})
            assert href in found.text, f.name
        if "none" in names:
            empty = getattr(row, f.attribute) in (None, "", [])
            found = client.get(f"/{table}/list/", query_string={f"_flt_none_{f.name}": "1", "all": "1"})
            assert (href in found.text) == empty, f.name


@every_table
def test_every_column_sorts_both_ways(app: Flask, client: FlaskClient, session: Session, table: str) -> None:
    keep(session, table)

    for f in screen_of(app, table).shown():
        if f.kind.sortable:
            for order in (f.name, f"-{f.name}"):
                assert client.get(f"/{table}/list/?order={order}").status_code == 200, order


@every_table
def test_the_quick_search_finds_the_row_by_its_name(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row = keep(session, table)
    screen = screen_of(app, table)
    names = [screen.find[0][0]] if screen.find else list(screen.search)
    typed = next((str(getattr(row, n)) for n in names if getattr(row, n)), "")

    hit = client.get(f"/{table}/list/", query_string={"q": typed.upper(), "all": "1"})
    miss = client.get(f"/{table}/list/", query_string={"q": "qqzzxx", "all": "1"})

    assert f"/{table}/show/{row.id}" in hit.text
    assert f"/{table}/show/{row.id}" not in miss.text


@every_table_for_hands
def test_the_smallest_form_adds_a_row(app: Flask, client: FlaskClient, session: Session, table: str) -> None:
    values = values_for(session, table)
    session.commit()
    before = count(session, table)

    answer = client.post(f"/{table}/add", data=_typed(screen_of(app, table), values))

    assert answer.status_code == 302, _problems(answer.text)
    assert count(session, table) == before + 1
    assert client.get(answer.headers["Location"]).status_code == 200


@every_generated_form
def test_a_form_that_is_sent_twice_adds_one_row(app: Flask, client: FlaskClient, session: Session, table: str) -> None:
    values = values_for(session, table)
    session.commit()
    before = count(session, table)
    key = re.search(r'name="form_key" value="([0-9a-f]{32})"', client.get(f"/{table}/add").text)
    assert key is not None
    sent = {**_typed(screen_of(app, table), values), "form_key": key[1]}

    answers = [client.post(f"/{table}/add", data=sent) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302], _problems(answers[0].text)
    assert len({answer.location for answer in answers}) == 1
    assert count(session, table) == before + 1


@every_table_for_hands
def test_a_form_without_required_fields_says_so_and_keeps_what_was_typed(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    screen = screen_of(app, table)
    required = [f for f in screen.editable() if f.required]
    before = count(session, table)

    answer = client.post(f"/{table}/add", data={f.name: "" for f in required})

    if required:
        assert answer.status_code == 422
        assert answer.text.count("This field is required.") >= len(required)
        assert count(session, table) == before
    else:
        assert answer.status_code == 302


@every_table_for_hands
def test_saving_the_edit_form_as_it_is_changes_nothing(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row = keep(session, table)
    before = _image(session, row)

    answer = client.post(f"/{table}/edit/{row.id}", data={**form_of(row), "version": row.row_version})

    assert answer.status_code == 302, _problems(answer.text)
    assert _image(session, row) == before


@every_table_for_hands
def test_every_field_can_be_changed_in_the_form(app: Flask, client: FlaskClient, session: Session, table: str) -> None:
    row = keep(session, table)
    changed = {f: _other_value(session, f, row) for f in screen_of(app, table).editable() if not f.secret}
    changed = {f: value for f, value in changed.items() if value is not None}
    session.commit()

    answer = client.post(
        f"/{table}/edit/{row.id}",
        data={**form_of(row), **_typed_fields(changed), "version": row.row_version},
    )

    assert answer.status_code == 302, _problems(answer.text)
    session.expire_all()
    for f, value in changed.items():
        assert getattr(row, f.attribute) == value, f.name


@every_table_for_hands
def test_a_conflicting_edit_is_refused_and_keeps_both(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row = keep(session, table)
    seen = row.row_version
    sent = form_of(row)
    session.execute(MODELS[table].__table__.update().where(MODELS[table].id == row.id).values(id=row.id))
    session.commit()

    answer = client.post(f"/{table}/edit/{row.id}", data={**sent, "version": seen})

    assert answer.status_code == 409
    assert "Somebody else has changed this record" in answer.text
    session.expire_all()
    assert f'value="{row.row_version}"' in answer.text


@every_table_for_hands
def test_delete_removes_the_row_or_deactivates_it_first(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row = keep(session, table)
    key, version = row.id, row.row_version

    answer = client.post(f"/{table}/delete/{key}", data={"version": version})

    assert answer.status_code == 302
    session.expire_all()
    left = session.get(MODELS[table], key)
    if screen_of(app, table).active:
        assert left is not None and left.is_active is False
        client.post(f"/{table}/delete/{key}")
        session.expire_all()
        left = session.get(MODELS[table], key)
    assert left is None


@every_table_for_hands
def test_rest_round_trip(app: Flask, client: FlaskClient, session: Session, bearer: dict[str, str], table: str) -> None:
    screen = screen_of(app, table)
    values = values_for(session, table)
    if table == "pipelines":
        smallest(session, table, is_default=True)  # the first one would be the default, which stays
    session.commit()
    base = f"/api/v1/{table}/"

    writable = {attribute for f in screen.editable() for attribute in f.attributes}
    body = json_of(screen, {name: value for name, value in values.items() if name in writable})
    made = client.post(base, json=body, headers=bearer)
    assert made.status_code == 201, made.text
    key, etag = made.json["id"], made.headers["ETag"]

    listed = client.get(
        base,
        query_string={"q": prison.dumps({"filters": [{"col": "id", "opr": "eq", "value": key}]})},
        headers=bearer,
    )
    assert [row["id"] for row in listed.json["result"]] == [key]
    assert client.get(base + "_info", headers=bearer).status_code == 200

    read = client.get(base + str(key), headers=bearer)
    writable = {f.name for f in screen.editable() if f.kind.name != "partial_date" and not f.secret}
    body = {name: value for name, value in read.json["result"].items() if name in writable}
    written = client.put(base + str(key), json=body, headers={**bearer, "If-Match": etag})
    assert written.status_code == 200, written.text
    assert {k: v for k, v in written.json["result"].items() if k != "updated_at"} == {
        k: v for k, v in read.json["result"].items() if k != "updated_at"
    }

    for _time in (1, 2):  # the first one deactivates where the table can
        client.delete(base + str(key), headers=bearer)
    assert client.get(base + str(key), headers=bearer).status_code == 404


@every_table
def test_csv_holds_the_row_under_readable_heads(app: Flask, client: FlaskClient, session: Session, table: str) -> None:
    row = keep(session, table)

    answer = client.get(f"/{table}/export.csv?all=1")

    lines = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert str(row.id) in [line[0] for line in lines[1:]]
    assert len({len(line) for line in lines}) == 1
    assert not [head for head in lines[0] if "_" in head]


@every_table
def test_charts_count_what_the_list_shows(app: Flask, client: FlaskClient, session: Session, table: str) -> None:
    keep(session, table)
    total = count(session, table)
    screen = screen_of(app, table)
    assert screen.charts

    for number, chart in enumerate(screen.charts):
        answer = client.get(f"/{table}/chart/{number}.json")
        assert answer.status_code == 200
        rows = answer.json["rows"]
        if chart.what == "count" and chart.by:
            assert sum(row["value"] for row in rows) == total, chart
        for row in rows[:3]:
            page = client.get(row["href"])
            assert page.status_code == 200, row["href"]
            if chart.what == "count":
                assert page.text.count(f'href="/{table}/show/') >= 1, row["href"]


def test_the_screens_are_as_written_down(app: Flask) -> None:
    golden = Path(__file__).parent / "golden" / "screens.txt"
    now = "\n\n".join(describe(screen) for _, screen in sorted(app.extensions["screens"].items())) + "\n"

    assert now == golden.read_text(encoding="utf-8"), "run `flask --app app screens` and look at what changed"


def _visible(html: str) -> str:
    """The text between tags, roughly."""
    body = re.sub(r"<(script|style|template|option)[^>]*>.*?</\1>", "", html, flags=re.S)
    return re.sub(r"<[^>]+>", " ", body)


def _problems(html: str) -> list[str]:
    return re.findall(r'class="wrong".*?<span>(.*?)</span>|class="notice"[^>]*>(.*?)</div>', html, flags=re.S)[:5]  # type: ignore[return-value]


def _sample(f: Field, row: Any) -> str:
    """A value to filter by: the row's own where it has one."""
    value = getattr(row, f.attribute)
    if f.kind.name == "partial_date":
        return "2026-03-01"
    if value is None or value == [] or value == "":
        value = row.id if f.targets and not f.number_key else 1 if f.targets else plain_value(f)
    if f.kind.name in ("json", "tags", "multichoice"):
        first = next(iter(f.choices)).value if f.choices else ""
        return {"json": "a", "tags": "7", "multichoice": first}[f.kind.name]
    return typed(f, value) or "x"


def _other_value(session: Session, f: Field, row: Any) -> Any:
    """A different value that fits; None where a table's own rules leave no simple one."""
    old, kind = getattr(row, f.attribute), f.kind.name
    if (f.column.table.name, f.name) in NARROWER:
        narrower = NARROWER[f.column.table.name, f.name]
        return json.loads(narrower) if kind == "json" and not f.json_text else narrower
    if (f.column.table.name, f.name) in TOGETHER:
        return None
    if f.targets:
        return None if f.name in ("instance_id", "parent_id") else parent(session, f)
    if kind in ("choice", "country"):
        assert f.choices is not None
        return next(c for c in f.choices if c != old) if f.name not in ("instance_type", "action_type") else None
    if kind == "boolean":
        return (
            None if f.name in ("is_default", "is_fixed", "is_percentage", "is_won_stage", "is_lost_stage") else not old
        )
    if kind == "multichoice":
        assert f.choices is not None
        return [choice.value for choice in f.choices][1:3]
    if kind == "tags":
        return [1, 2] if f.kind.__class__.__name__ == "Numbers" else ["one", "two, three"]
    if kind == "partial_date" or f.name in (
        "end_number",
        "working_hours_start",
        "working_hours_end",
        "start_number",
    ):
        return None
    if kind == "integer":
        return 7
    if kind in ("decimal", "money"):
        return plain_value(f)
    return plain_value(f)


def _typed(screen: Resolved, values: dict[str, Any]) -> dict[str, Any]:
    by_attribute = {f.attribute: f for f in screen.fields.values()}
    return _typed_fields(
        {by_attribute[name]: value for name, value in values.items() if not by_attribute[name].internal}
    )


def _typed_fields(values: dict[Field, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for f, value in values.items():
        if f.kind.name in ("tags", "multichoice"):
            sent[f.name] = [str(item) for item in value]
            sent[f"{f.name}-shown"] = "1"
        elif f.kind.name == "boolean":
            sent[f"{f.name}-shown"] = "1"
            sent[f.name] = ["1"] if value else []
        elif f.secret:
            sent[f.name] = str(value)
        else:
            sent[f.name] = typed(f, value)
    return sent


def _image(session: Session, row: Any) -> dict[str, Any]:
    session.expire_all()
    return {
        c.name: getattr(row, "metadata_" if c.name == "metadata" else c.name)
        for c in row.__table__.columns
        if not c.system and c.name != "updated_at"
    }
