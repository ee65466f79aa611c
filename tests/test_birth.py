"""The day somebody was born: it has been, it makes an age, and it is the one that the number of the person tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.screens.checks.birth import day_of, told_by
from app.screens.merge import belonging
from tests.conftest import logged_in
from tests.imports import ANNA, HEADS, choose, counts, csv_of, somebody, taken_in
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")
NUMBER = "905331/1234"  # of a woman born on 31 March 1990
TOLD = [
    # (country, number, the day in it)
    ("SK", NUMBER, date(1990, 3, 31)),
    ("CZ", "9053311234", date(1990, 3, 31)),
    ("CZ", "535331/123", date(1953, 3, 31)),  # nine digits were given until 1953
    ("SK", "067331/1232", date(2006, 3, 31)),  # where a day had no number left, 20 is added to the month
    ("RO", "2900331123457", date(1990, 3, 31)),
    ("RO", "6030331123457", date(2003, 3, 31)),
    ("RO", "7900331123457", None),  # a resident: of any century
    ("IT", "RSSMRA90C71H501A", date(1990, 3, 31)),
    ("HU", "2-900331-1234", date(1990, 3, 31)),
    ("HU", "4-030331-1234", date(2003, 3, 31)),
    ("HU", "8450141234", date(1990, 3, 31)),  # days since 1867
    ("HU", "123 456 789", None),
    ("DE", "12345678901", None),
    ("CH", "756.1234.5678.97", None),
    ("US", "123-45-6789", None),
    ("SK", "909931/1234", None),  # no such month
    ("", NUMBER, None),
]


@pytest.mark.parametrize(("country", "number", "born"), TOLD)
def test_a_number_tells_the_day_of_birth(country: str, number: str, born: date | None) -> None:
    assert told_by(number, country, date(1990, 1, 1)) == born


def test_the_century_that_an_italian_code_leaves_out_is_the_one_that_is_near() -> None:
    assert [told_by("RSSMRA05C71H501A", "IT", date(year, 1, 1)) for year in (1910, 2010)] == [
        date(1905, 3, 31),
        date(2005, 3, 31),
    ]


@pytest.mark.parametrize("parts", [(None,), (31, 3, None), (None, 3, 1990), (None, None, None), (31, 2, 1990)])
def test_less_than_a_day_is_no_day(parts: tuple[Any, ...]) -> None:
    assert day_of(parts) is None


# At the doors ---------------------------------------------------------------

FUTURE = "This day is in the future."
OTHER = "The national ID tells another day: 31 Mar 1990."


def customer(session: Session, **given: Any) -> Any:
    row = smallest(session, "customers", country="SK", **given)
    session.commit()
    session.refresh(row)
    return row


def say(client: FlaskClient, row: Any, **sent: str) -> Any:
    """What the form says of its fields while it is being filled."""
    data = {"country": "SK", "checked": ["date_of_birth", "national_id"], **sent}
    fields = client.post(f"/customers/edit/{row.id}/check", data=data).json["fields"]
    return {name: [*said["errors"], *said["warnings"]] for name, said in fields.items()}


def test_nobody_is_born_in_the_future(client: FlaskClient, session: Session) -> None:
    row = customer(session)
    tomorrow = f"{datetime.now(UTC).date() + timedelta(1):%Y-%m-%d}"

    said = say(client, row, date_of_birth=tomorrow)
    saved = client.post(f"/customers/edit/{row.id}", data={"date_of_birth": tomorrow, "version": row.row_version})

    session.refresh(row)
    assert said == {"date_of_birth": [FUTURE], "national_id": []}
    assert (saved.status_code, row.date_of_birth) == (422, None) and FUTURE in saved.text


def test_a_future_day_that_was_taken_over_does_not_keep_the_rest_from_being_saved(
    client: FlaskClient, session: Session
) -> None:
    row = customer(session, date_of_birth=datetime(2090, 3, 31, tzinfo=UTC))

    shown = client.get(f"/customers/edit/{row.id}").text
    saved = client.post(
        f"/customers/edit/{row.id}", data={"date_of_birth": "2090-03-31", "city": "Nitra", "version": row.row_version}
    )

    session.refresh(row)
    assert FUTURE in shown and (saved.status_code, row.city) == (302, "Nitra")


@pytest.mark.parametrize(
    ("born", "number", "said"),
    [
        ("1990-03-31", NUMBER, {"date_of_birth": [], "national_id": []}),
        ("1990-03-13", NUMBER, {"date_of_birth": [OTHER], "national_id": []}),
        ("", NUMBER, {"date_of_birth": [], "national_id": []}),
        ("2020-03-31", "", {"date_of_birth": ["This makes an age of 6. Check the year."], "national_id": []}),
        ("1909-03-31", "", {"date_of_birth": ["This makes an age of 117. Check the year."], "national_id": []}),
    ],
)
def test_a_form_says_what_is_odd_about_a_day(
    client: FlaskClient, session: Session, born: str, number: str, said: dict[str, list[str]]
) -> None:
    assert say(client, customer(session), date_of_birth=born, national_id=number) == said


def test_what_is_odd_is_saved_and_said_and_the_form_shows_it_again(client: FlaskClient, session: Session) -> None:
    row = customer(session, national_id=NUMBER)
    sent = {"date_of_birth": "1990-03-13", "national_id": NUMBER, "version": row.row_version}

    saved = client.post(f"/customers/edit/{row.id}", data=sent, follow_redirects=True)

    session.refresh(row)
    assert row.date_of_birth == datetime(1990, 3, 13, tzinfo=UTC)
    assert OTHER in saved.text and OTHER in client.get(f"/customers/edit/{row.id}").text


def test_a_number_alone_is_compared_with_the_day_that_is_there(client: FlaskClient, session: Session) -> None:
    row = customer(session, date_of_birth=datetime(1990, 3, 13, tzinfo=UTC))

    sent = client.post(
        f"/customers/field/{row.id}/national_id",
        data={"national_id": NUMBER, "version": row.row_version},
        headers={"Accept": "application/json"},
    )

    assert "This number is of somebody born on 31 Mar 1990; the date of birth here is 13 Mar 1990." in sent.text


@pytest.mark.parametrize("hidden", ["national_id", "date_of_birth"])
def test_who_may_not_read_one_is_not_told_of_it_by_the_other(app: Flask, session: Session, hidden: str) -> None:
    row = customer(session, national_id=NUMBER, date_of_birth=datetime(1990, 3, 13, tzinfo=UTC))
    browser = logged_in(app, somebody(session, "clerk", fields={hidden: "hidden"}))

    said = say(
        browser, row, **({"national_id": NUMBER} if hidden == "date_of_birth" else {"date_of_birth": "1990-03-14"})
    )

    assert list(said.values()) == [[]] and hidden not in said


def test_the_parts_of_a_day_are_held_to_the_number_too(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "collaborators", country_code="CZ", birth_number=NUMBER)
    session.commit()
    sent = {"birth-day": "13", "birth-month": "3", "birth-year": "1990", "birth_number": NUMBER}

    answer = client.post(f"/collaborators/edit/{row.id}/check", data={"checked": "birth", **sent}).json

    assert answer["fields"]["birth"]["warnings"] == [OTHER]


def test_a_year_alone_is_not_in_the_future_either(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "collaborators", country_code="CZ")
    session.commit()

    answers = [
        client.post(f"/collaborators/edit/{row.id}/check", data={"checked": "birth", "birth-year": year}).json
        for year in ("1990", "2090")
    ]

    assert [answer["fields"]["birth"]["errors"] for answer in answers] == [[], [FUTURE]]


def test_who_changes_the_day_and_who_changes_the_number_are_asked_about_both(app: Flask) -> None:
    together = belonging(app.extensions["screens"]["customers"])

    assert any({"national_id", "date_of_birth"} <= group for group in together)


def test_a_row_of_a_file_says_it_too(client: FlaskClient, session: Session) -> None:
    rows = [[*HEADS, "Number", "Born"], [*ANNA, NUMBER, "13.3.1990"]]
    columns = ["first_name", "last_name", "email", "country", "national_id", "date_of_birth"]

    shown = client.get(choose(client, taken_in(client, "customers", csv_of(rows)), columns).location).text

    assert OTHER in shown and counts(shown) == {"create": 1}
