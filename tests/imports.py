"""What tests of imports share: uploading, choosing, running, and files of all kinds."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from html import unescape
from typing import Any

import xlsxwriter
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.batches.models import Batch
from app.imports.models import ImportFile
from tests.outbox import work_off


def csv_of(rows: Iterable[Sequence[str]], delimiter: str = ";") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def book_of(rows: Iterable[Sequence[Any]], sheets: Sequence[str] = ("Data",), **options: Any) -> bytes:
    """A workbook whose first sheet holds the rows; days and moments are formatted as such."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd", **options})
    pages = [book.add_worksheet(name) for name in sheets]
    for number, row in enumerate(rows):
        pages[0].write_row(number, 0, row)
    book.close()
    return out.getvalue()


def upload(client: FlaskClient, table: str, raw: bytes, name: str = "people.csv") -> Any:
    return client.post(f"/imports/{table}/upload", data={"file": (io.BytesIO(raw), name)})


def taken_in(client: FlaskClient, table: str, raw: bytes, name: str = "people.csv") -> str:
    """The address of an uploaded file."""
    answer = upload(client, table, raw, name)
    assert answer.status_code == 302, alert(answer.text)
    return str(answer.location)


def alert(page: str) -> str:
    """What a page refuses with."""
    found = re.search(r'role="alert".*?<div>(.*?)</div>', page, re.S)
    return unescape(found[1]) if found else ""


def mapped(page: str) -> list[str]:
    """The field that each column is mapped to, as the page of columns has it."""
    selects = re.findall(r'<select class="input" name="column-\d+".*?</select>', page, re.S)
    return [(re.search(r'value="([^"]*)" selected', one) or ["", ""])[1] for one in selects]


def choose(client: FlaskClient, address: str, columns: Sequence[str] | None = None, **more: str) -> Any:
    """Send the page of columns; without `columns` as it proposes them."""
    found = mapped(client.get(address).text) if columns is None else columns
    sent = {f"column-{place}": name for place, name in enumerate(found)}
    return client.post(f"{address}/columns", data={"known": "create", "filled": "1", **sent, **more})


def counts(page: str) -> dict[str, int]:
    """How many rows a preview announces, by what becomes of them; only what is not none."""
    found = re.findall(r'data-act="(\w+)"[^>]*><span class="tile-label">.*?tile-value">([\d,]+)<', page)
    return {act: number for act, text in found if (number := int(text.replace(",", "")))}


def problems(page: str) -> list[str]:
    found = re.findall(r'<li><span class="import-number">(.*?)</span><span>(.*?)</span></li>', page, re.S)
    return [unescape(re.sub(r"<[^>]+>", "", f"{number}: {text}")) for number, text in found]


def run(client: FlaskClient, session: Session, address: str, **more: str) -> Batch:
    """Start the import and let a worker do it; gives the batch as it ended."""
    answer = client.post(f"{address}/run", data=more)
    assert answer.status_code == 302, alert(answer.text)
    work_off(session)
    batch = session.get(Batch, answer.location.rpartition("/")[2], populate_existing=True)
    assert batch is not None
    return batch


def files(session: Session) -> list[ImportFile]:
    return list(session.scalars(select(ImportFile)))
