"""What the columns of a file mean: by their headings, by what was chosen before, by choice."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.conftest import logged_in
from tests.imports import (
    ANNA,
    HEADS,
    alert,
    choose,
    csv_of,
    mapped,
    taken_in,
)
from tests.places import clerk


@pytest.mark.parametrize(
    "heading",
    [
        "First name",
        "first_name",
        "FIRST NAME:",
        "Meno",
        "jméno",
        "Vorname",
        "Keresztnév",
        "Prenume",
        "Nome",
        "given-name",
    ],
)
def test_a_heading_is_understood_in_any_of_our_languages(client: FlaskClient, heading: str) -> None:
    page = client.get(taken_in(client, "customers", csv_of([[heading, "Nonsense"], ["Anna", "x"]]))).text

    assert mapped(page) == ["first_name", ""]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Assigned to", "assigned_user_id"),
        ("Pridelený komu", "assigned_user_id"),
        ("Ulica a číslo", "address"),
        ("Straße, Hausnummer", "address"),
        ("Nume", "last_name"),
        ("Emailová adresa", "email"),
        ("Adresa", "address"),
        ("Datum nar.", "date_of_birth"),
        ("Comments", "notes"),
    ],
)
def test_a_heading_is_understood_as_other_programs_write_it(client: FlaskClient, heading: str, name: str) -> None:
    page = client.get(taken_in(client, "customers", csv_of([["Prenume", heading], ["Anna", "x"]]))).text

    assert mapped(page) == ["first_name", name]


def test_what_was_chosen_is_remembered_for_the_same_headings_in_any_order_and_for_nobody_else(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    address = taken_in(client, "customers", csv_of([["A", "B", "C", "D"], ANNA]))
    choose(client, address, ["first_name", "last_name", "email", "country"], known="both", key="email", filled="")

    again = client.get(taken_in(client, "customers", csv_of([["D", "c", "B", "A"], ANNA[::-1]]))).text
    other = logged_in(app, clerk(session, app, "petra", "SK"))
    theirs = other.get(taken_in(other, "customers", csv_of([["A", "B", "C", "D"], ANNA]))).text

    assert mapped(again) == ["country", "email", "last_name", "first_name"]
    assert re.search(r'value="both" data-known checked', again)
    assert '<option value="email" selected' in again.partition('name="key"')[2].partition("</select>")[0]
    assert mapped(theirs) == ["", "", "", ""]


@pytest.mark.parametrize(
    ("columns", "more", "sentence"),
    [
        (["", "", "", ""], {}, "Choose a field for at least one column."),
        (["email", "email", "", ""], {}, "“Email” was chosen for two columns. Choose it once."),
        (["first_name", "last_name", "email", "country"], {"known": "both"}, "Choose a key that one of the columns"),
        (["first_name", "last_name", "", "country"], {"known": "both", "key": "email"}, "Choose a key that one of"),
        (["first_name", "last_name", "email", "id"], {}, "An ID only finds records to update"),
        (["first_name", "", "", ""], {}, "New records need these fields, too: Last name"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_words(
    client: FlaskClient, columns: list[str], more: dict[str, str], sentence: str
) -> None:
    address = taken_in(client, "customers", csv_of([HEADS, ANNA]))

    answer = choose(client, address, columns, **more)

    assert (answer.status_code, alert(answer.text)[: len(sentence)]) == (422, sentence)


def test_the_template_has_the_headings_that_are_understood(client: FlaskClient) -> None:
    template = client.get("/imports/customers/template.csv").get_data().decode("utf-8-sig")
    heads, example = list(csv.reader(io.StringIO(template)))

    page = client.get(taken_in(client, "customers", template.encode())).text

    assert "First name" in heads and "2026-03-31" in example
    assert all(mapped(page))
