"""Controls of forms that hold nothing are drawn once; what somebody typed or stored never stands in another form."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.screens import drawing
from app.screens.forms import ScreenForm
from tests.smallest import smallest


def test_an_empty_control_is_drawn_once_and_says_nothing_of_others(client: FlaskClient, session: Session) -> None:
    full, empty = smallest(session, "customers", city="Zvolenská Slatina"), smallest(session, "customers", city=None)
    session.commit()

    first = client.get(f"/customers/edit/{empty.id}").text
    other = client.get(f"/customers/edit/{full.id}").text
    again = client.get(f"/customers/edit/{empty.id}").text

    assert 'value="Zvolenská Slatina"' in other
    assert "Zvolenská" not in first + again
    assert not any("Zvolenská" in kept for kept in drawing._empty.values())


def test_what_was_typed_wrongly_stands_in_the_answer_alone(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "customers", email="ida@example.com", city=None)
    session.commit()
    sent = {"version": row.row_version, "first_name": "", "city": "Typed City", "email": "no address"}

    refused = client.post(f"/customers/edit/{row.id}", data=sent)
    fresh = client.get(f"/customers/edit/{row.id}").text

    assert refused.status_code == 422
    assert "Typed City" in refused.text and "This field is required." in refused.text
    assert "Typed City" not in fresh and "This field is required." not in fresh


@pytest.mark.parametrize("language", ["en", "sk", "de"])
def test_an_empty_control_is_in_the_language_of_the_page(client: FlaskClient, session: Session, language: str) -> None:
    labels = {"en": "Maiden name", "sk": "Rodné priezvisko", "de": "Geburtsname"}
    client.post(f"/lang/{language}")

    page = client.get("/customers/add").text

    assert [one for one, label in labels.items() if f"<span>{label}</span>" in page] == [language]


def test_a_control_that_may_only_be_read_is_another_one(app: Flask) -> None:
    city = app.extensions["screens"]["customers"].fields["city"]
    drawn = {}
    with app.test_request_context():
        draw = app.jinja_env.get_template("screens/_field.html").module.draw  # type: ignore[attr-defined]  # a macro
        for turn in range(2):
            for readonly in (False, True):
                form = ScreenForm([city], frozenset(["city"] if readonly else []), {})
                form.fill({"city": None})
                drawn[turn, readonly] = drawing.control(draw, form._fields["city"])

    assert "<input" in drawn[0, False] and "<input" not in drawn[0, True]
    assert drawn[1, False] is drawn[0, False] and drawn[1, True] is drawn[0, True]
