"""XLSX of every list: it opens, its cells are typed, nothing in it runs, and nobody takes out more than he may read."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core import workbook
from app.core.workbook import Head, Tally
from app.imports.values import bare, choice_words
from app.screens.sheets import labels_of
from app.tables import MODELS
from tests.conftest import logged_in
from tests.imports import choose, counts, mapped, problems, taken_in
from tests.smallest import given_to, plain_value, smallest
from tests.test_audit import details, entries
from tests.test_field_rights import CANARY, holder, marked, rights_on
from tests.test_import_tables import full
from tests.test_rights import person, screens_of

every_table = pytest.mark.parametrize("table", sorted(MODELS))
FORMULAS = ("=1+1", '=HYPERLINK("http://evil.example","x")', "+1", "-2+3", "@SUM(A1)", "\t=1", "http://evil.example")


def sheet_of(taken: bytes, number: int = 0) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(taken))
    return book.get_sheet_by_index(number).to_python()


def taken_by(client: FlaskClient, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    found = answer.get_data()
    answer.close()
    return found


def made(rows: list[list[Any]], heads: int = 1, **more: Any) -> tuple[bytes, Tally]:
    tally = Tally()
    pieces = workbook.written("Sheet", [Head(f"H{n}") for n in range(heads)], rows, tally, cut="There is more.", **more)
    return b"".join(pieces), tally


@every_table
def test_the_workbook_has_the_rows_of_the_csv_with_their_types(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    screen = screens_of(app)[table]
    given = {f.attribute: plain_value(f) for f in screen.shown() if f.kind.name in ("money", "decimal")}
    row = smallest(session, table, **given)
    session.commit()

    lines = sheet_of(taken_by(client, f"/{table}/export.xlsx?all=1"))

    heads, mine = lines[0], next(line for line in lines[1:] if line[0] == str(row.id))
    assert heads == ["ID", *(f.label for f in screen.shown() if not f.secret)]
    for f, value in zip([f for f in screen.shown() if not f.secret], mine[1:], strict=True):
        if value != "" and f.kind.name in TYPES and not f.targets:
            assert isinstance(value, TYPES[f.kind.name]), (f.name, value)


TYPES: dict[str, Any] = {"money": (int, float), "decimal": (int, float), "integer": (int, float), "boolean": bool,
                         "date": date, "datetime": datetime, "string": str, "phone": str, "email": str}  # fmt: skip


LANGUAGES = ("en", "sk", "cs", "de", "hu", "it", "ro")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_is_said_in_words_that_an_import_knows_again(app: Flask, language: str) -> None:
    for screen in screens_of(app).values():
        for f in screen.fields.values():
            if f.choices is None:
                continue
            with app.test_request_context(), force_locale(language):
                said, words = labels_of(f), choice_words(f)
                assert {value: words[bare(text)] for value, text in said.items()} == {v: v for v in said}, f.name


def test_a_workbook_says_choices_as_the_list_does(client: FlaskClient, session: Session) -> None:
    smallest(session, "campaigns", type="follow_up", country_codes=["SK", "HU"])
    session.commit()

    heads, line = sheet_of(taken_by(client, "/campaigns/export.xlsx"))

    assert (line[heads.index("Type")], line[heads.index("Countries")]) == ("Follow-up", "SK, HU")


@pytest.mark.parametrize("language", ["en", "sk"])
@pytest.mark.parametrize("table", ["campaigns", "customers", "deals", "hospitals", "products", "tasks"])
def test_a_workbook_is_read_back_as_it_is(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str, language: str
) -> None:
    """What a manager took out, in his language, and gives back untouched changes nothing."""
    keys = [full(session, table, number).id for number in range(2)]
    with client.session_transaction() as cookie:
        cookie["locale"] = language
    taken = taken_by(client, f"/{table}/export.xlsx?all=1")
    with client.session_transaction() as cookie:
        cookie["locale"] = "en"

    address = taken_in(client, table, taken, "list.xlsx")
    chosen = choose(client, address, mapped(client.get(address).text), known="update", key="id", filled="")
    preview = client.get(chosen.location).text

    assert counts(preview) == {"same": len(set(session.scalars(select(MODELS[table].id))) | set(keys))}, problems(
        preview
    )


@every_table
def test_a_hidden_field_is_not_in_the_workbook(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    user = holder(session, app, "somebody", rights_on(screen, "hidden"))
    row = marked(session, screen)
    given_to(session, row, user)

    taken = taken_by(logged_in(app, user), f"/{table}/export.xlsx?all=1")

    assert CANARY not in str(sheet_of(taken)) + str(sheet_of(taken, 1))
    assert [str(row.id)] in sheet_of(taken) or screen.sealed or table == "activity_logs"


@pytest.mark.usefixtures("without_csrf")
@pytest.mark.parametrize("missing", ["customers", "export"])
def test_without_the_module_or_the_right_to_export_there_is_no_workbook(
    app: Flask, session: Session, missing: str
) -> None:
    rights = dict.fromkeys({"customers", "export", "deals"} - {missing}, ("visible", True, True))
    user = person(session, "somebody", rights)

    answer = logged_in(app, user).get("/customers/export.xlsx", headers={"Accept": "application/json"})

    assert answer.status_code == 403


def test_a_workbook_that_is_taken_out_is_noted(client: FlaskClient, session: Session, admin: User) -> None:
    for name, city in (("One", "Nitra"), ("Two", "Nitra"), ("Other", "Praha")):
        smallest(session, "customers", last_name=name, city=city)
    session.commit()

    taken = taken_by(client, "/customers/export.xlsx?_flt_eq_city=Nitra")

    assert "Praha" not in str(sheet_of(taken))
    assert ["Filter", "City is Nitra"] in sheet_of(taken, 1)
    assert ["Rows", 2] in sheet_of(taken, 1)
    (entry,) = entries(session, action="export")
    assert (entry.user_id, entry.entity_type, entry.ip_address) == (admin.id, "customers", "127.0.0.1")
    assert details(entry) == {"rows": 2, "filter": {"_flt_eq_city": ["Nitra"]}, "format": "xlsx"}


@pytest.mark.parametrize("typed", FORMULAS)
def test_what_somebody_typed_becomes_no_formula_and_no_link(client: FlaskClient, session: Session, typed: str) -> None:
    smallest(session, "customers", last_name=typed)
    session.commit()

    taken = taken_by(client, "/customers/export.xlsx?all=1")
    csv = client.get("/customers/export.csv?all=1").text

    assert typed in [cell for line in sheet_of(taken) for cell in line]
    assert b"<f>" not in unpacked(taken)
    assert b"<hyperlink" not in unpacked(taken)
    if typed.startswith(("=", "+", "@", "\t", "-")) and typed != "+1":
        assert "'" + typed.replace('"', '""') in csv


def unpacked(taken: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(taken)) as archive:
        assert archive.testzip() is None
        return b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1"])
def test_a_text_that_looks_like_a_formula_is_marked_as_text(typed: str) -> None:
    taken, _tally = made([[typed], ["plain"]])

    sheet = unpacked(taken).decode()

    assert f's="{workbook._QUOTED}" t="inlineStr"><is><t xml:space="preserve">{typed}<' in sheet
    assert f's="{workbook._TEXT}" t="inlineStr"><is><t xml:space="preserve">plain<' in sheet


@pytest.mark.parametrize(
    "text", ["Žofia Őry Șț ß €", "a < b & c > \"d\" 'e'", "two\nlines", " spaces  kept ", "]]>", "😀", "007", "1e5"]
)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    taken, _tally = made([[text]])

    assert sheet_of(taken)[1] == [text]


def test_what_xml_cannot_hold_does_not_break_the_file() -> None:
    taken, _tally = made([["a\x01b\x0c\ufffe"], ["_x0041_"]])

    assert sheet_of(taken)[1] == ["a\ufffdb\ufffd\ufffd"]
    assert "_x005F_x0041_" in unpacked(taken).decode()


def test_numbers_times_and_truth_keep_their_type() -> None:
    moment, day = datetime(2026, 3, 1, 14, 30, 15), date(2026, 3, 1)
    taken, _tally = made([[Decimal("1234.50"), 7, True, False, day, moment, date(1899, 5, 6), None]], heads=8)

    assert sheet_of(taken)[1] == [1234.5, 7, True, False, day, moment, "1899-05-06", ""]


def test_what_is_no_number_is_said_as_a_text() -> None:
    taken, _tally = made([[Decimal("NaN"), float("nan"), float("-inf"), 1.5]], heads=4)

    assert sheet_of(taken)[1] == ["NaN", "nan", "-inf", 1.5]


def test_what_does_not_fit_into_a_cell_is_cut_and_said() -> None:
    taken, tally = made([["x" * 40_000], ["😀" * 20_000], ["y" * workbook.MOST_CHARACTERS]])

    lines = sheet_of(taken)

    assert (len(lines[1][0]), lines[1][0][-1]) == (workbook.MOST_CHARACTERS, "…")
    assert len(lines[2][0].encode("utf-16-le")) // 2 <= workbook.MOST_CHARACTERS
    assert lines[3][0] == "y" * workbook.MOST_CHARACTERS
    assert tally.cut_cells == 2


def test_what_does_not_fit_into_a_sheet_is_said_in_its_last_row() -> None:
    taken, tally = made([[n] for n in range(20)], most_rows=10)

    lines = sheet_of(taken)

    assert len(lines) == 10
    assert lines[-1] == ["There is more."]
    assert (tally.rows, tally.cut_rows) == (8, True)


def test_the_file_leaves_while_its_rows_are_read() -> None:
    read: list[int] = []

    def rows() -> Any:
        for n in range(50_000):
            read.append(n)
            yield [f"{n * 7919 % 10007} words that do not repeat {n}"] * 4

    pieces = workbook.written("Sheet", [Head("A")] * 4, rows(), Tally(), cut="")
    first = next(pieces)

    assert first.startswith(b"PK")
    assert len(read) < 5_000


def test_the_head_stays_in_sight_and_filters() -> None:
    sheet = unpacked(made([["a", "b"]], heads=2)[0]).decode()

    assert 'state="frozen"' in sheet and '<autoFilter ref="A1:B2"/>' in sheet


@pytest.mark.parametrize("name", ["a/b:c*d?e[f]g\\h", "x" * 50, "''", ""])
def test_any_name_becomes_the_name_of_a_sheet(name: str) -> None:
    found = workbook.sheet_name(name)

    assert 1 <= len(found) <= 31
    assert not set(found) & set("[]:*?/\\")


def test_times_are_those_of_the_viewer(app: Flask, session: Session) -> None:
    user = holder(session, app, "somebody", {})
    user.assigned_countries = ["SK"]
    case = smallest(session, "customers", country="SK")
    case.created_at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    session.commit()

    lines = sheet_of(taken_by(logged_in(app, user), "/customers/export.xlsx?all=1"))

    mine = next(line for line in lines if line[0] == case.id)
    assert mine[lines[0].index("Created")] == datetime(2026, 7, 2, 0, 30)


def test_a_record_of_another_country_is_in_no_workbook(app: Flask, session: Session) -> None:
    user = holder(session, app, "somebody", {})
    user.assigned_countries = ["CZ"]
    ours, theirs = smallest(session, "customers", country="CZ"), smallest(session, "customers", country="SK")
    session.commit()

    lines = sheet_of(taken_by(logged_in(app, user), "/customers/export.xlsx?all=1"))

    assert [line[0] for line in lines[1:]] == [ours.id]
    assert theirs.id not in str(lines)
