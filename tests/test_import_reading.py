"""Reading files: every kind we take, and a sentence for everything else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.imports import reading
from app.imports.cells import unpacked
from app.imports.errors import Unreadable
from app.imports.reading import Read, Wish
from tests.imports import alert, book_of, csv_of, files, taken_in, upload


@pytest.fixture(autouse=True)
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def rows(found: Read) -> list[list[Any]]:
    return [cells for _number, cells in unpacked(found.rows)]


PEOPLE = [["Meno", "Poznámka"], ["Ľudmila", "prvá; druhá"], ["Šťastný", "1 234,50"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_letters_and_delimiter_are_found(encoding: str, delimiter: str) -> None:
    raw = csv_of(PEOPLE, delimiter).decode().encode(encoding)

    found = reading.read(raw, Wish())

    assert (found.headings, rows(found)) == (("Meno", "Poznámka"), PEOPLE[1:])
    assert (found.delimiter, found.count) == (delimiter, 2)


def test_what_neither_utf8_nor_windows_can_be_is_latin() -> None:
    raw = "meno;mesto\nĽubo\x88;Žilina\n".encode("iso-8859-2")  # 0x88 is no letter in Windows 1250

    assert reading.read(raw, Wish()).encoding == "iso-8859-2"


def test_a_wish_is_stronger_than_the_rules() -> None:
    raw = b"a,b;c\n1,2;3\n"

    assert reading.read(raw, Wish(delimiter=";")).headings == ("a,b", "c")
    assert reading.read(raw, Wish(delimiter=",")).headings == ("a", "b;c")


def test_the_first_line_of_excel_names_the_delimiter() -> None:
    found = reading.read(b"sep=|\r\na|b;c;d\r\n1|2\r\n", Wish())

    assert (found.headings, list(unpacked(found.rows))) == (("a", "b;c;d"), [(3, ["1", "2"])])


def test_cells_of_text_stay_as_they_stand_and_rows_keep_their_numbers() -> None:
    raw = b'a;b\n\n"two\nlines";=cmd|x\n;\n007;+421905\n'

    assert list(unpacked(reading.read(raw, Wish()).rows)) == [(3, ["two\nlines", "=cmd|x"]), (6, ["007", "+421905"])]


def test_a_workbook_tells_numbers_days_moments_and_truth_from_texts() -> None:
    row = ["=cmd", "0905", 905, 0.1 + 0.2, date(2026, 3, 1), True, None, 421905123456]

    found = reading.read(book_of([["a", "b", "c", "d", "e", "f", "g", "h"], row]), Wish())

    assert rows(found) == [
        ["=cmd", "0905", ["n", "905"], ["n", "0.3"], ["d", "2026-03-01"], ["b", True], None, ["n", "421905123456"]]
    ]


@pytest.mark.parametrize("early", [False, True])
def test_days_are_the_same_whether_they_are_counted_from_1900_or_from_1904(early: bool) -> None:
    raw = book_of([["a"], [datetime(2026, 3, 1)]], date_1904=early)

    found = reading.read(raw, Wish())

    assert (rows(found), found.early) == ([[["d", "2026-03-01"]]], early)


def test_of_a_formula_the_value_counts_that_was_there_when_it_was_saved() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "sum")
    sheet.write_formula(1, 0, "=20+1", None, 42)
    book.close()

    assert rows(reading.read(out.getvalue(), Wish())) == [[["n", "42"]]]


def test_a_sheet_can_be_chosen() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for name in ("First", "Second"):
        book.add_worksheet(name).write_column(0, 0, [f"head of {name}", "x"])
    book.add_worksheet("Hidden").hide()
    book.close()

    found = reading.read(out.getvalue(), Wish(sheet="Second"))

    assert (found.sheets, found.sheet, found.headings) == (("First", "Second"), "Second", ("head of Second",))


def test_a_spreadsheet_of_opendocument_is_read() -> None:
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="One"><table:table-row><table:table-cell office:value-type="string"><text:p>Meno'
        "</text:p></table:table-cell></table:table-row><table:table-row>"
        '<table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"></manifest:manifest>'
    )

    raw = archive(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )

    found = reading.read(raw, Wish())
    assert (found.format, found.headings, rows(found)) == ("ods", ("Meno",), [[["n", "7"]]])


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


def altered(raw: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part changed."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        return archive(
            {one: change(packed.read(one)) if one == name else packed.read(one) for one in packed.namelist()}
        )


BOOK = book_of([["a", "b"], ["x", 1]])
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def far_corners() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "a")
    sheet.write(1_048_575, 16_383, "b")
    book.close()
    return out.getvalue()


def lying(raw: bytes) -> bytes:
    """An archive whose directory says that a large part is small."""
    name = "xl/sharedStrings.xml"
    large = altered(raw, name, lambda part: part + b" " * (450 * 1024**2))
    with zipfile.ZipFile(io.BytesIO(large)) as packed:
        size = packed.getinfo(name).file_size
    return large.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def encrypted_parts(raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        first = packed.infolist()[0]
    place = raw.index(b"PK\x01\x02")
    flags = first.flag_bits | 1
    return raw[: place + 8] + flags.to_bytes(2, "little") + raw[place + 10 :]


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing at all": (lambda: b"", "The file is empty."),
    "a mark and blanks": (lambda: b"\xef\xbb\xbf \r\n\r\n", "The file is empty."),
    "headings alone": (lambda: b"a;b;c\r\n", "The file has headings, but no rows below them."),
    "an empty sheet": (lambda: book_of([]), "The file is empty."),
    "a sheet of headings": (lambda: book_of([["a", "b"]]), "The file has headings, but no rows below them."),
    "UTF-16 without a mark": (lambda: "a;b\n1;2".encode("utf-16-le"), "The file holds NUL characters"),
    "a NUL": (lambda: b"a;b\n1;\x002\n", "The file holds NUL characters"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\x00", "This is no text file."),
    "a document": (lambda: b"%PDF-1.7\n\x01\x02\n1 0 obj", "This is no text file."),
    "a web page that is called a workbook": (
        lambda: b"\r\n<html><body><table>\n<tr><td>First name</td></tr>\n<tr><td>Anna</td></tr></table>",
        "This is a web page or XML, whatever its name says.",
    ),
    "a workbook of XML": (
        lambda: '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>'.encode("utf-16"),
        "This is a web page or XML, whatever its name says.",
    ),
    "a quotation mark that stays open": (lambda: b'a;b\n1;2\n"x;3\n4;5\n', "After line 2 a quotation mark is opened"),
    "something after a quotation mark": (lambda: b'a;b\n"x"y;3\n', "After line 1 something stands between"),
    "a thousand columns": (lambda: csv_of([list(map(str, range(1000))), ["1"]]), "The file has 1000 columns"),
    "a sheet of a thousand columns": (
        lambda: book_of([list(map(str, range(1000))), ["1"]]),
        "The file has 1000 columns; at most 250 can be read.",
    ),
    "too many rows": (lambda: b"a;b\n" + b"1;2\n" * 200_000, "The file has more than 100,000 rows."),
    "a huge cell": (lambda: b"a;b\n1;" + b"x" * 1_000_001, "A cell after line 1 is longer than 1000000 characters"),
    "too many bytes": (lambda: b"a;b\n" + b"1;2\n" * 13_200_000, "The file is larger than 50 MB."),
    "half a workbook": (lambda: BOOK[: len(BOOK) // 2], "The workbook is incomplete or damaged."),
    "the end of a workbook": (lambda: b"PK\x03\x04" + BOOK[2000:], "The workbook is incomplete or damaged."),
    "a workbook with a changed byte": (
        lambda: BOOK[:60] + bytes([BOOK[60] ^ 255]) + BOOK[61:],
        "The workbook is incomplete or damaged.",
    ),
    "an archive of something else": (lambda: archive({"a.txt": b"x"}), "This archive is no workbook."),
    "a binary workbook": (lambda: archive({"xl/workbook.bin": b"x"}), "This is a binary Excel workbook (.xlsb)."),
    "an old workbook": (lambda: OLD + b"x" * 600, "This is an old Excel workbook (.xls)"),
    "a locked workbook": (
        lambda: OLD + b"x" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "This workbook is protected by a password.",
    ),
    "locked parts": (lambda: encrypted_parts(BOOK), "This workbook is protected by a password."),
    "far corners": (far_corners, "The workbook is too large once it is unpacked."),
    "a bomb": (
        lambda: altered(BOOK, "xl/sharedStrings.xml", lambda part: part + b" " * (450 * 1024**2)),
        "The workbook is too large once it is unpacked.",
    ),
    "a bomb whose directory lies": (lambda: lying(BOOK), "The workbook is incomplete or damaged."),
    "entities": (
        lambda: altered(
            BOOK, "xl/sharedStrings.xml", lambda p: p.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaa">]>', 1)
        ),
        "The workbook holds parts that no spreadsheet program writes",
    ),
    "a sheet that is no XML": (
        lambda: altered(BOOK, "xl/worksheets/sheet1.xml", lambda part: part[:200]),
        "The workbook is incomplete or damaged.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(BAD))
def test_what_cannot_be_read_is_refused_with_a_sentence(what: str) -> None:
    make, sentence = BAD[what]

    with pytest.raises(Unreadable) as refused:
        reading.read(make(), Wish())

    assert refused.value.sentence.startswith(sentence)


@pytest.mark.parametrize("what", ["nothing at all", "a thousand columns", "half a workbook", "a locked workbook"])
def test_a_refused_file_is_told_on_the_page_and_not_kept(client: FlaskClient, session: Session, what: str) -> None:
    make, sentence = BAD[what]

    answer = upload(client, "customers", make(), "people.xlsx")

    assert (answer.status_code, alert(answer.text).startswith(sentence)) == (422, True)
    assert files(session) == []


def test_a_name_with_a_path_and_markup_is_only_a_name(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", b"a;b\n1;2\n", "../../etc/<img src=x onerror=alert(1)>.csv")

    page = client.get(address).text

    assert files(session)[0].file_name == "<img src=x onerror=alert(1)>.csv"
    assert "<img src=x" not in page and "&lt;img src=x" in page


def test_a_workbook_is_known_by_what_it_holds_and_not_by_its_name(client: FlaskClient, session: Session) -> None:
    taken_in(client, "customers", BOOK, "people.csv")

    assert files(session)[0].format == "xlsx"


def test_a_file_can_be_read_otherwise_at_once(client: FlaskClient, session: Session) -> None:
    address = taken_in(client, "customers", b"a,b;c\n1,2;3\n")

    answer = client.post(f"{address}/read", data={"delimiter": ",", "encoding": "cp1250"})

    session.expire_all()
    (file,) = files(session)
    assert (answer.status_code, file.delimiter, file.encoding, file.headings) == (302, ",", "cp1250", ["a", "b;c"])


def test_headings_that_stand_twice_are_told_and_only_one_is_mapped(client: FlaskClient) -> None:
    page = client.get(taken_in(client, "customers", b"Email;E-mail;email\na@b;c@d;e@f\n")).text

    assert "Some headings stand above several columns: “email”." in page
    assert page.count('<option value="email" selected') == 1


def test_an_upload_without_a_file_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.post("/imports/customers/upload", data={})

    assert (answer.status_code, alert(answer.text)) == (422, "Choose a file first.")


def test_a_request_beyond_all_bounds_is_refused_before_it_is_read(client: FlaskClient, session: Session) -> None:
    answer = upload(client, "customers", b"x" * (52 * 1024**2))

    assert (answer.status_code, files(session)) == (413, [])
