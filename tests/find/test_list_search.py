"""The search of a list finds by the same words and doors as the search over all records, within its own statement."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core.viewer import SYSTEM
from app.screens.find.listed import keys
from tests.conftest import logged_in
from tests.smallest import smallest
from tests.statements import statements
from tests.test_field_rights import holder
from tests.test_timeline import screens_of

JAN = {
    "first_name": "Ján", "last_name": "Kováč", "city": "Banská Bystrica", "email": "jan.kovac@example.com",
    "phone": "+421 905 123 456", "maiden_name": "Malý", "internal_id": "C-2041", "country": "SK",
}  # fmt: skip


def listed(client: FlaskClient, line: str, table: str = "customers") -> list[str]:
    answer = client.get(f"/{table}/list/", query_string={"q": line})
    assert answer.status_code == 200, answer.text
    return re.findall(r'id="row-([^"]+)"', answer.text)


@pytest.mark.parametrize(
    "line",
    ["kovac", "KOVÁČ ján", "jan kovac", "brat... bystrica jan", "kovac bansk", "bystrica kovac", "jan bystr", "maly jan",
     "bystrica 456", "0905123", "0905 123 456", "+421 905", "123 456", "kovac 3456", "jan.kov", "c-2041", "2041 jan"],
)  # fmt: skip
def test_a_person_is_found_in_his_list_by_any_words_in_any_order(
    client: FlaskClient, session: Session, line: str
) -> None:
    jan = smallest(session, "customers", **JAN)
    smallest(session, "customers", first_name="Ján", last_name="Horváth", city="Zvolen", phone="+420 777 000 000")
    smallest(session, "customers", first_name="Eva", last_name="Kováčová", city="Brno", email="eva@example.com")
    session.commit()

    found = listed(client, line)

    if line.startswith("brat"):
        assert jan.id not in found  # each word counts
    else:
        assert jan.id in found and (len(found) == 1 or " " not in line)
        page = client.get("/customers/list/", query_string={"q": line}).text
        assert f">{len(found)}<" in page
        way = re.search(rf'href="(/customers/show/{jan.id}[^"]*)"', page)
        assert way and re.search(rf"[12] of {len(found)}\b", client.get(unescape(way[1])).text)
        file = client.get("/customers/export.csv", query_string={"q": line}).text
        assert "Horváth" not in file and "Kováč" in file


def test_the_record_to_choose_in_a_form_is_found_by_the_same_words(client: FlaskClient, session: Session) -> None:
    jan = smallest(session, "customers", **JAN)
    smallest(session, "customers", first_name="Ján", last_name="Horváth")
    session.commit()

    answer = client.get("/deals/pick/customer_id", query_string={"q": "bystrica jan"})

    assert jan.id in answer.text and "Horváth" not in answer.text


@pytest.mark.parametrize(
    ("hidden", "line"),
    [("city", "kovac bansk"), ("city", "bystrica"), ("phone", "0905123456"), ("phone", "kovac 3456"),
     ("last_name", "kovac"), ("maiden_name", "maly jan")],
)  # fmt: skip
def test_a_hidden_field_leads_nowhere(app: Flask, session: Session, hidden: str, line: str) -> None:
    jan = smallest(session, "customers", **JAN | {"email": "x@example.com"})
    session.commit()

    free = logged_in(app, holder(session, app, "free", {}))
    closed = logged_in(app, holder(session, app, "closed", {("customers", hidden): "hidden"}))

    assert listed(free, line) == [jan.id]
    assert listed(closed, line) == []


@pytest.mark.parametrize("line", ["kovac", "0905 123", "kovac jan brat", "kovac 3456"])
def test_a_list_costs_as_many_statements_and_asks_indexes_alone(
    app: Flask, client: FlaskClient, session: Session, engine: Engine, line: str
) -> None:
    smallest(session, "customers", **JAN)
    session.commit()
    client.get("/customers/list/")
    with statements(engine) as plain:
        client.get("/customers/list/")
    with statements(engine) as searched:
        client.get("/customers/list/", query_string={"q": line})
    assert len(searched) <= len(plain)

    sql, values = keys(screens_of(app)["customers"], SYSTEM, line, most=1000)
    connection = session.connection()
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    plan = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {sql}"), values))
    assert "Seq Scan" not in plan, plan
