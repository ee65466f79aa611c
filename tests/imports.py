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

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User
from app.batches.models import Batch
from app.core.types import Country
from app.imports.models import ImportFile
from app.tables import MODELS
from tests.conftest import make_user
from tests.outbox import work_off
from tests.smallest import smallest

CUSTOMERS = MODELS["customers"]
HEADS = ["First name", "Last name", "Email", "Country"]
ANNA = ["Anna", "Nová", "anna@example.com", "SK"]
EVA = ["Eva", "Stará", "eva@example.com", "CZ"]


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


def people(session: Session) -> dict[str, Any]:
    """All customers by e-mail."""
    session.expire_all()
    return {row.email: row for row in session.scalars(select(CUSTOMERS))}


def customer(session: Session, **given: Any) -> Any:
    row = smallest(session, "customers", **{"country": Country.SK, **given})
    session.commit()
    return row


def somebody(
    session: Session, name: str, *, module: tuple[bool, bool] = (True, True), imports: bool = True,
    countries: tuple[str, ...] = ("SK",), fields: dict[str, str] | None = None,
) -> User:  # fmt: skip
    """A person with the module of customers, `module` saying what may be added and edited."""
    role = Role(name=f"Role of {name}")
    grants = {"customers": module, **({"import": (False, False)} if imports else {})}
    role.role_module_permissions = [
        RoleModulePermission(module_key=key, access="visible", can_add=add, can_edit=edit)
        for key, (add, edit) in grants.items()
    ]
    role.role_field_permissions = [
        RoleFieldPermission(module_key="customers", field_key=key, permission=right)
        for key, right in (fields or {}).items()
    ]
    user = make_user(session, name, role=role, assigned_countries=list(countries))
    session.commit()
    return user
