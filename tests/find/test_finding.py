"""Search over all records: what is found is what a plain reading of all rows finds, whatever is typed."""

from __future__ import annotations

import random
import re
import unicodedata
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.core import folding
from app.core.viewer import SYSTEM
from app.customers.models import Customer
from app.screens.find import asking
from app.screens.find.doors import doors_of
from app.screens.find.words import read
from tests.conftest import logged_in
from tests.places import clerk
from tests.smallest import smallest
from tests.statements import statements
from tests.test_audit import person

PEOPLE = {
    "SK": (["Ján", "Jana", "Ľubica", "Štefan", "Mária"], ["Kováč", "Kováčová", "Nagyová-Tóthová", "Ďurica", "Ťažký"]),
    "CZ": (["Jiří", "Jan", "Zdeňka", "Růžena"], ["Dvořák", "Kovář", "Říha", "Šťastná", "Novák"]),
    "HU": (["László", "Győző", "Ágnes", "János"], ["Kovács", "Szűcs", "Nagy Kovács", "Őry", "Tóth"]),
    "RO": (["Ștefan", "Ioana", "Ținuța", "Ănuța"], ["Popescu", "Țăranu", "Kovaci", "Ionescu", "Bălan"]),
    "DE": (["Jürgen", "Käthe", "Jörg", "Jan"], ["Groß", "Schäfer", "Kowalski", "Müller-Lüdenscheidt", "Böhm"]),
}
CITIES = ["Bratislava", "Banská Bystrica", "Brno", "Praha 4", "Győr", "Brașov", "Köln", "Nové Zámky"]


def plain(letters: str) -> str:
    """Without case and accents, by Unicode's own decomposition."""
    apart = unicodedata.normalize("NFD", letters.lower().replace("ß", "ss"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def pieces(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", plain(text))


def reference(people: list[Any], line: str) -> set[str]:
    """Who is meant: every word begins a word of name, town or address, and one begins it all.

    One word alone may also begin the second or third word of a name or a town; so may one of several that find nobody.
    """
    words = line.split()
    found = meant(people, line, words, further=len(words) == 1)
    return found or meant(people, line, words, further=True)


def meant(people: list[Any], line: str, words: list[str], *, further: bool) -> set[str]:
    found = set()
    for row in people:
        begins = [f"{row.last_name} {row.first_name}", f"{row.first_name} {row.last_name}", row.email, row.city]
        inside = {piece for text in begins for piece in pieces(text)}
        named = [row.last_name, row.first_name, row.city]
        later = [" ".join(pieces(text)[nth:]) for text in named for nth in (1, 2)]
        leading = [
            any(plain(text).startswith(plain(word)) for text in begins)
            or (further and len(word) >= 3 and any(rest.startswith(" ".join(pieces(word))) for rest in later))
            for word in words
        ]
        within = [all(any(w.startswith(p) for w in inside) for p in pieces(word)) for word in words]
        whole = any(plain(text).startswith(plain(line)) for text in begins)
        if whole or (any(leading) and all(a or b for a, b in zip(leading, within, strict=True))):
            found.add(row.id)
    return found


@pytest.fixture
def people(session: Session) -> list[Any]:
    rng = random.Random(7)
    rows = []
    for number in range(120):
        country = rng.choice(sorted(PEOPLE))
        first, last = (rng.choice(names) for names in PEOPLE[country])
        given = {"first_name": first, "last_name": last, "city": rng.choice(CITIES), "country": country}
        email = f"{'.'.join(pieces(first + ' ' + last))}.{number}@example.com"
        rows.append(smallest(session, "customers", email=email, **given))
    session.commit()
    return rows


def hits(client: FlaskClient, line: str, table: str = "customers") -> list[str]:
    """The ids that the page of all results shows of a table, in their order."""
    answer = client.get("/find/all", query_string={"q": line})
    assert answer.status_code == 200, answer.text
    return re.findall(rf'href="/{table}/show/([^"]+)"', answer.text)


def found(client: FlaskClient, line: str, **more: Any) -> dict[str, Any]:
    answer = client.get("/find/", query_string={"q": line, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def names(answer: dict[str, Any], table: str) -> list[str]:
    return [hit["name"] for group in answer["groups"] if group["table"] == table for hit in group["hits"]]


def test_the_answer_is_that_of_a_reading_of_all_rows(
    client: FlaskClient, people: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.screens.find.views.SHOWN_ON_PAGE", 200)
    monkeypatch.setattr("app.screens.find.results._LOOKED_AT", 1000)
    rng = random.Random(11)
    lines = {"kovac jan brat", "jan kovac", "kovac j", "KOVÁČ JÁN", "groß", "gross jürg", "nagy kovacs", "bystrica kov"}
    for row in rng.sample(people, 40):
        words = [row.first_name, *row.last_name.split(), *row.city.split()]
        picked = rng.sample(words, rng.randint(1, min(3, len(words))))
        cut = [word[: rng.randint(min(2, len(word)), len(word))].rstrip("-") for word in picked]
        lines.add(" ".join(rng.choice([str.lower, str.upper, plain])(word) for word in cut))

    wrong = {}
    for line in sorted(lines):
        expected, seen = reference(people, line), set(hits(client, line))
        if expected != seen:
            wrong[line] = (len(expected - seen), len(seen - expected))

    assert len(lines) > 35
    assert wrong == {}


@pytest.mark.parametrize(
    "line",
    ["kovac jan brat", "BRAT kováč ján", "jan kovac", "kovac j", "jan.kov", "jan.kovac@", "0905123", "0905 123",
     "+421 905 123", "905 123 456", "00421905123456", "421905123456", "kovac 905 123", "855412/1234", "8554121234",
     "C-2041", "SK77", "brat jan"],
)  # fmt: skip
def test_a_person_is_found_by_whatever_a_clerk_has_of_him(client: FlaskClient, session: Session, line: str) -> None:
    smallest(
        session, "customers", first_name="Ján", last_name="Kováč", city="Bratislava", email="jan.kovac@example.com",
        phone="+421 905 123 456", national_id="855412/1234", internal_id="C-2041", id_card_number="SK770011",
    )  # fmt: skip
    smallest(session, "customers", first_name="Eva", last_name="Horváthová", phone="+420 777 000 000")
    session.commit()

    assert names(found(client, line), "customers") == ["Ján Kováč"]


@pytest.mark.parametrize(
    ("table", "column", "value", "line"),
    [("invoices", "invoice_number", "2026SK0077", "2026sk00"), ("contract_instances", "contract_number", "ZML-9", "zml-9"),
     ("collaborators", "birth_number", "7551011234", "755101/1234"), ("collaborators", "ico", "36421928", "36421"),
     ("billing_details", "vat_number", "SK2020", "sk20"), ("clinics", "phone", "+420777111222", "777 111 222"),
     ("products", "name", "Cord blood premium", "premium cord"), ("hospitals", "name", "Nemocnica Ružinov", "ruzin nemoc"),
     ("call_logs", "phone_number", "0905123456", "+421905123456"), ("tasks", "title", "Zavolať späť", "spat zavo"),
     ("collaborator_agreements", "contract_number", "D-2026-1", "d-2026")],
)  # fmt: skip
def test_records_of_other_tables_are_found_by_their_numbers_and_names(
    client: FlaskClient, session: Session, table: str, column: str, value: str, line: str
) -> None:
    row = smallest(session, table, **{column: value})
    session.commit()

    assert f"{row.id}" in hits(client, line, table)


def test_an_exact_number_comes_first_and_what_is_inactive_last(client: FlaskClient, session: Session) -> None:
    smallest(session, "hospitals", name="Alfa 2", legacy_id="771")
    smallest(session, "hospitals", name="Beta", legacy_id="77")
    smallest(session, "hospitals", name="77 beds", is_active=False, legacy_id="1")
    smallest(session, "customers", first_name="77", last_name="Zzz")
    session.commit()

    answer = found(client, "77")

    assert names(answer, "hospitals")[0].startswith("Beta")
    assert names(answer, "hospitals")[-1].startswith("77 beds")
    assert answer["groups"][0]["table"] == "hospitals"
    ended = [hit["active"] for group in answer["groups"] if group["table"] == "hospitals" for hit in group["hits"]]
    assert ended == [True, True, False]


def test_it_is_said_what_matched_and_how_many(client: FlaskClient, session: Session) -> None:
    smallest(session, "customers", first_name="Eva", last_name="Malá", phone="+421 905 123 456", country="SK")
    session.commit()

    answer = found(client, "0905 123")

    assert answer["said"] == "1 record was found."
    [hit] = answer["groups"][0]["hits"]
    assert hit["why"] == [{"label": "Phone", "text": "+421 905 123 456"}]
    assert (hit["country"], hit["country_name"]) == ("SK", "Slovakia")


def test_at_most_five_of_a_table_are_shown_and_that_there_are_more_is_said(
    client: FlaskClient, session: Session
) -> None:
    for number in range(8):
        smallest(session, "customers", first_name=f"Anna{number}", last_name="Xenakis")
    session.commit()

    answer = found(client, "xenakis")

    assert len(names(answer, "customers")) == 5
    assert answer["groups"][0]["more"] is True
    assert answer["said"] == "5 records are shown; there are more."
    assert len(hits(client, "xenakis")) == 8


@pytest.mark.parametrize(
    "line",
    ["%", "_", "\\", "'", '"', "''; DROP TABLE customers; --", ":p0 :x", "%(x)s", "{}", "  ", "\t \n", "🙂", "🙂 🙂",
     "a" * 7000, "a " * 3000, "+", "0", "00", "-", "()", "'; SELECT pg_sleep(9) --", "\U0010ffff", "İ ſ ﬁ", "ж ы"],
)  # fmt: skip
def test_whatever_is_typed_is_only_looked_for(client: FlaskClient, session: Session, line: str) -> None:
    row = smallest(session, "customers", first_name="Ján", last_name="Kováč")
    session.commit()

    answer = found(client, line)

    assert row.id not in str(answer.get("groups", ()))
    assert client.get("/find/all", query_string={"q": line}).status_code == 200


def test_a_character_that_cannot_be_stored_is_refused(client: FlaskClient) -> None:
    assert client.get("/find/", query_string={"q": "ja\x00n"}).status_code == 400


@pytest.mark.parametrize("line", ["kov", "kovac jan", "kovac jan brat", "0905123", "xyzzy"])
def test_the_number_of_statements_does_not_follow_the_data(
    app: Flask, session: Session, client: FlaskClient, engine: Engine, people: list[Any], line: str
) -> None:
    with statements(engine) as before:
        found(client, line)
    for number in range(30):
        smallest(session, "customers", first_name="Ján", last_name=f"Kováč {number}", city="Bratislava")
        smallest(session, "hospitals", name=f"Kováčova nemocnica {number}")
    session.commit()

    with statements(engine) as after:
        found(client, line)

    assert abs(len(after) - len(before)) <= 1  # what was found is told, or there is nothing to tell
    assert len([sql for sql in after if "fold(" in sql]) == 1


@pytest.mark.parametrize("line", ["kov", "kovac jan brat", "0905123", "kovac 0905"])
def test_no_table_with_an_index_is_read_whole(
    app: Flask, session: Session, people: list[Any], line: str, client: FlaskClient, engine: Engine
) -> None:
    with statements(engine) as sent:
        found(client, line)
    asked = next(sql for sql in sent if "fold(" in sql)

    assert 'fold("last_name", "first_name")' in asked
    plan = plan_of(session, app, line)
    if " " in line:
        plan += plan_of(session, app, line, later=True)

    for table in ("customers", "collaborators", "hospitals", "invoices", "deals", "tasks", "communication_messages"):
        assert f"Seq Scan on {table}" not in plan, plan


def plan_of(session: Session, app: Flask, line: str, *, later: bool = False) -> str:
    """How PostgreSQL goes about it, with the limits of the search."""
    doors = list(doors_of(app.extensions["screens"], SYSTEM))
    sql, values = asking.statement(SYSTEM, doors, read(line), 20, later=later)
    connection = session.connection()
    connection.execute(asking._LIMITS, {"time": "9000"})
    return "\n".join(row[0] for row in connection.execute(asking.text(f"EXPLAIN {sql}"), values))


# Words behind the first, ends of numbers -------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "value", "lines"),
    [("customers", "last_name", "Nagyová-Tóthová", ("tothova", "TÓTH", "tot")),
     ("customers", "first_name", "Anna Mária", ("maria",)),
     ("customers", "city", "Banská Bystrica", ("bystrica", "byst")),
     ("hospitals", "name", "Fakultná nemocnica Ružinov", ("nemocnica", "ruzinov")),
     ("collaborators", "company_name", "Slovenská banka, a.s.", ("banka",)),
     ("deals", "title", "Zmluva pre dvojičky", ("dvojicky",)),
     ("tasks", "title", "Zavolať späť dnes", ("spat", "dnes")),
     ("users", "full_name", "Jana van Dijk", ("dijk",)),
     ("customers", "phone", "+421 905 123 4711", ("4711", "34711", "123 4711")),
     ("customers", "mobile", "0905/12-34-711", ("4711",)),
     ("customers", "internal_id", "C-2041-0077", ("0077", "410077")),
     ("invoices", "invoice_number", "FV-2026-004711", ("4711", "004711")),
     ("contract_instances", "contract_number", "ZML/2026/4711", ("4711", "2026/4711")),
     ("call_logs", "phone_number", "+420777114711", ("4711",))],
)  # fmt: skip
def test_a_word_behind_the_first_and_the_end_of_a_number_are_found_alone(
    client: FlaskClient, session: Session, table: str, column: str, value: str, lines: tuple[str, ...]
) -> None:
    row = smallest(session, table, **{column: value})
    smallest(session, table)
    session.commit()

    for line in lines:
        assert hits(client, line, table) == [str(row.id)], line


@pytest.mark.parametrize(
    "line",
    ["bystrica tothova", "tóth BYSTRICA", "maria tothova", "mar byst toth", "tothova 4711", "4711 byst", "stiav maria",
     "bystrica 4711 nagy anna"],
)  # fmt: skip
def test_several_words_are_found_in_any_order_though_none_begins_a_field(
    client: FlaskClient, session: Session, engine: Engine, line: str
) -> None:
    given = {"first_name": "Anna Mária", "last_name": "Nagyová-Tóthová", "phone": "+421 905 123 4711", "country": "SK"}
    smallest(session, "customers", **given, maiden_name="Malá Štiavnická", city="Banská Bystrica")
    smallest(session, "customers", last_name="Tóthová", first_name="Eva", city="Zvolen", country="SK")
    session.commit()

    with statements(engine) as sent:
        answer = found(client, line)

    assert names(answer, "customers") == ["Anna Mária Nagyová-Tóthová"]
    assert len([sql for sql in sent if "fold(" in sql]) <= 2


def test_what_begins_with_the_word_comes_before_what_has_it_later(client: FlaskClient, session: Session) -> None:
    for last, first in (("Adamová-Tóthová", "Eva"), ("Tóthová", "Zita"), ("Tóthová-Adamová", "Iva")):
        smallest(session, "customers", last_name=last, first_name=first, country="SK")
    session.commit()

    assert [name.split()[0] for name in names(found(client, "tothova"), "customers")] == ["Iva", "Zita", "Eva"]


def test_the_column_whose_end_was_typed_is_told(client: FlaskClient, session: Session) -> None:
    smallest(session, "customers", first_name="Eva", last_name="Malá", phone="+421 905 123 456", country="SK")
    session.commit()

    [hit] = found(client, "3456")["groups"][0]["hits"]

    assert hit["why"] == [{"label": "Phone", "text": "+421 905 123 456"}]


@pytest.mark.parametrize("line", ["to", "711", "+4711", "va"])
def test_too_little_of_a_word_is_looked_for_at_the_beginning_only(
    client: FlaskClient, session: Session, line: str
) -> None:
    row = smallest(session, "customers", last_name="Nagyová-Tóthová", first_name="Eva Valéria", phone="+421905004711",
                   email="xx@example.com")  # fmt: skip
    session.commit()

    found_by = hits(client, line)

    assert row.id not in found_by


def test_a_search_that_takes_too_long_is_given_up_and_the_request_goes_on(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = asking.text("SELECT 1 AS number, 0 AS turn, pg_sleep(5)::text AS key")
    monkeypatch.setattr(asking, "SECONDS", 0.05)
    monkeypatch.setattr(asking, "statement", lambda *_: (str(slow), {}))

    answer = client.get("/find/", query_string={"q": "kovac"}, headers={"Accept": "application/json"})

    assert answer.status_code == 503
    assert "took too long" in answer.json["message"]
    assert session.scalar(select(func.current_setting("statement_timeout"))) == "15s"
    assert session.scalar(select(func.count()).select_from(Customer)) == 0


@pytest.mark.parametrize(
    "text",
    ["Ľubica ĎURICA", "Großmann ẞ", "Ștefan Țăranu", "Őry Győző", "+421 905/123-456", "0905 123 456", "00421905123",
     "+49 (0)171 123", "06 30 123", "905123456", "+43 660 1", "x", "", "+", "+421", "0", "abc 12",
     "  Nagyová - Tóthová,  Mária ", "Slovenská\u00a0banka, a.s.", "O'Brien_x", "-", "a-b–c/d.e,f;g:h@i(j)k'l\"m"],
)  # fmt: skip
def test_python_folds_and_dials_as_the_database_does(session: Session, text: str) -> None:
    assert session.scalar(select(func.fold(text))) == folding.fold(text)
    assert session.scalar(select(func.dial(text))) == folding.dial(text)
    assert session.scalar(select(func.ending(text))) == folding.ending(text)
    for nth in (2, 3, 4):
        assert session.scalar(select(func.later(text, nth))) == folding.later(text, nth)


# What was opened last ------------------------------------------------------------


def test_what_somebody_opened_last_is_there_when_nothing_is_typed(client: FlaskClient, session: Session) -> None:
    rows = [smallest(session, "customers", first_name="Anna", last_name=f"Last {n}") for n in range(10)]
    session.commit()
    for row in [*rows, rows[3]]:
        client.get(f"/customers/show/{row.id}")

    last = [line["name"] for line in client.get("/find/").json["recent"]]

    assert len(last) == 8
    assert sorted(last) == sorted(f"Anna Last {n}" for n in (3, 9, 8, 7, 6, 5, 4, 2))


def test_what_was_opened_last_is_nobody_elses_and_goes_with_the_right(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    row = smallest(session, "customers", first_name="Anna", last_name="Last", country="SK")
    home = clerk(session, app, "home", "SK")
    browser = logged_in(app, home)
    client.get(f"/customers/show/{row.id}")
    assert browser.get("/find/").json["recent"] == []
    browser.get(f"/customers/show/{row.id}")
    seen = [line["name"] for line in browser.get("/find/").json["recent"]]

    home.assigned_countries = ["CZ"]
    session.commit()

    assert seen == ["Anna Last"]
    assert browser.get("/find/").json["recent"] == []


# Where nothing is found --------------------------------------------------------------


def test_whom_nobody_knows_is_added_with_what_was_typed(app: Flask, client: FlaskClient, session: Session) -> None:
    [customer, *_] = found(client, "nemo 0905123456 nemo@example.com")["add"]

    assert customer["text"] == "Add: Customer"
    assert customer["href"] == "/customers/add?phone=0905123456&email=nemo%40example.com"
    form = client.get(customer["href"]).text
    assert 'value="nemo@example.com"' in form
    assert "/customers/add" in client.get("/find/all", query_string={"q": "nemo"}).text
    smallest(session, "customers", last_name="Nemo")
    session.commit()
    assert found(client, "nemo")["add"] == []
    reader = person(session, "reader", {"customers": (False, False)}, assigned_countries=["SK"])
    assert found(logged_in(app, reader), "nobody")["add"] == []


def test_an_empty_list_leads_on(client: FlaskClient, session: Session) -> None:
    smallest(session, "hospitals", name="Zatvorená", is_active=False)
    session.commit()

    searched = client.get("/hospitals/list/?q=zatvor").text
    beyond = client.get("/hospitals/list/?page=7").text

    assert "Show inactive" in searched[searched.index("Nothing matches") :]
    assert "/find/all?q=zatvor" in searched
    assert "There is nothing on this page any more" in beyond and "Nothing here yet" not in beyond
