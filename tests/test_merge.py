"""Two people change one record: the truth table of merging, at the form."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.types import Country, utc_now
from app.screens.cells import moment_text
from app.screens.merge import belonging
from app.tables import MODELS
from tests.conftest import logged_in
from tests.smallest import form_of, smallest
from tests.test_all_tables import every_generated_form, keep, screen_of
from tests.test_field_rights import holder

START = {"city": "Nitra", "notes": "start", "phone": "+421905123456", "title_before": "Ing.", "country": Country.SK}


class Page:
    """A form that was opened, with what it carries along."""

    def __init__(self, client: FlaskClient, table: str, key: str, answer: Any = None) -> None:
        self.client, self.address = client, f"/{table}/edit/{key}"
        text = (answer or client.get(self.address)).text
        self.carried = {
            name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', text)[1])  # type: ignore[index]
            for name in ("version", "base_values")
        }

    def save(self, **values: Any) -> Any:
        return self.client.post(self.address, data={**self.carried, **values})


@pytest.fixture
def row(session: Session) -> Any:
    row = smallest(session, "customers", **START)
    session.commit()
    return row


def asked(answer: Any) -> list[str]:
    return re.findall(r'data-conflict="(\w+)"', answer.text)


# before is START; None: not changed by that side. What is asked, and what is stored when nothing is asked.
TABLE: list[tuple[str, dict[str, str], dict[str, str], list[str], dict[str, str]]] = [
    ("nobody", {}, {}, [], {}),
    ("they alone", {}, {"notes": "theirs"}, [], {"notes": "theirs"}),
    ("I alone", {"notes": "mine"}, {}, [], {"notes": "mine"}),
    ("different fields", {"notes": "mine"}, {"title_before": "Mgr."}, [], {"notes": "mine", "title_before": "Mgr."}),
    ("the same field alike", {"notes": "both"}, {"notes": "both"}, [], {"notes": "both"}),
    ("the same field", {"notes": "mine"}, {"notes": "theirs"}, ["notes"], {}),
    ("one of two", {"notes": "mine", "phone": "+421905000111"}, {"notes": "theirs"}, ["notes"], {}),
    ("I emptied it", {"notes": ""}, {"notes": "theirs"}, ["notes"], {}),
    ("they emptied it", {"notes": "mine"}, {"notes": ""}, ["notes"], {}),
    ("town and postal code", {"city": "Brno"}, {"postal_code": "949 01"}, ["city", "postal_code"], {}),
    ("phone and country", {"phone": "+421905000111"}, {"country": "CZ"}, ["phone", "country"], {}),
]


@pytest.mark.parametrize(("mine", "theirs", "questions", "stored"), [r[1:] for r in TABLE], ids=[r[0] for r in TABLE])
def test_what_is_merged_and_what_is_asked(
    client: FlaskClient, session: Session, row: Any,
    mine: dict[str, str], theirs: dict[str, str], questions: list[str], stored: dict[str, str],
) -> None:  # fmt: skip
    first, second = Page(client, "customers", row.id), Page(client, "customers", row.id)
    shown = {name: str(value) for name, value in START.items()}
    assert first.save(**{**shown, "lead_status": "warm", **theirs}).status_code == 302  # they always change something

    answer = second.save(**{**shown, **mine})

    session.expire_all()
    assert sorted(asked(answer)) == sorted(questions)
    assert answer.status_code == (409 if questions else 302)
    for name, value in {**theirs, **stored}.items():
        if not questions:
            assert str(getattr(row, name) or "") == value, name
    if questions:
        for name, value in theirs.items():
            assert str(getattr(row, name) or "") == value, name  # nothing of theirs is lost before one has chosen


def test_a_conflict_says_who_was_faster_and_when(
    app: Flask, client: FlaskClient, session: Session, row: Any, admin: User
) -> None:
    first, second = Page(client, "customers", row.id), Page(client, "customers", row.id)
    first.save(notes="theirs")

    answer = second.save(notes="mine")

    with app.test_request_context():
        day = moment_text(utc_now())[:8]
    assert f"{admin.full_name} saved it on {day}" in answer.text


def test_who_was_faster_is_not_named_to_who_may_not_know_of_him(
    app: Flask, client: FlaskClient, session: Session, row: Any, admin: User
) -> None:
    module = screen_of(app, "users").module
    colleague = logged_in(app, holder(session, app, "colleague", {(module, "full_name"): "hidden"}))
    first, second = Page(client, "customers", row.id), Page(colleague, "customers", row.id)
    first.save(notes="theirs")

    answer = second.save(notes="mine")

    assert answer.status_code == 409
    assert "It was saved on" in answer.text and f"{admin.full_name} saved it" not in answer.text


def test_what_is_taken_over_is_named(client: FlaskClient, session: Session, row: Any) -> None:
    first, second = Page(client, "customers", row.id), Page(client, "customers", row.id)
    first.save(title_before="Mgr.")

    answer = client.get(second.save(notes="mine").location)

    assert "Meanwhile somebody else changed Title before name. Both changes are kept." in answer.text


def test_two_long_texts_are_shown_as_far_as_they_differ(client: FlaskClient, session: Session, row: Any) -> None:
    first, second = Page(client, "customers", row.id), Page(client, "customers", row.id)
    talk = "A long talk on the phone. " * 20
    first.save(notes=f"{talk}She agrees.")

    answer = second.save(notes=f"{talk}She does not agree.")

    assert asked(answer) == ["notes"]
    values = re.findall(r'class="conflict-value">([^<]*)<', answer.text)
    assert [value.rpartition("phone. ")[2] for value in values] == ["She does not agree.", "She agrees."]


@pytest.mark.parametrize(("take", "kept"), [("mine", "mine"), ("theirs", "theirs")])
def test_one_chooses_per_field_and_saves_over_the_new_version(
    client: FlaskClient, session: Session, row: Any, take: str, kept: str
) -> None:
    first, second = Page(client, "customers", row.id), Page(client, "customers", row.id)
    first.save(notes="theirs", title_before="Mgr.")
    conflict = second.save(notes="mine", title_before="Ing.", phone="0905 000 111")

    text = html.unescape(conflict.text)
    assert re.search(r"Before</span><span>start", text)
    assert "Ing. <span" in text and "Mgr." in text  # taken over, with what it was
    again = Page(client, "customers", row.id, conflict)
    saved = again.save(notes="mine", title_before="Mgr.", phone="0905 000 111", **{"take-notes": take})

    session.expire_all()
    assert saved.status_code == 302
    assert (row.notes, row.title_before, row.phone) == (kept, "Mgr.", "+421905000111")


def test_a_third_editor_is_noticed_while_one_chooses(client: FlaskClient, session: Session, row: Any) -> None:
    pages = [Page(client, "customers", row.id) for _person in range(2)]
    pages[0].save(notes="first")
    conflict = Page(client, "customers", row.id, pages[1].save(notes="second"))
    Page(client, "customers", row.id).save(notes="third")

    answer = conflict.save(notes="second", **{"take-notes": "mine"})

    session.expire_all()
    assert (answer.status_code, asked(answer), row.notes) == (409, ["notes"], "third")


def test_a_mistake_is_said_with_the_base_still_there(client: FlaskClient, session: Session, row: Any) -> None:
    """What was typed cannot be saved, and meanwhile somebody else changes the same field: still a question."""
    page = Page(client, "customers", row.id)
    refused = page.save(notes="mine", bank_account="SK00")
    assert refused.status_code == 422
    Page(client, "customers", row.id).save(notes="theirs")

    answer = Page(client, "customers", row.id, refused).save(notes="mine", bank_account="")

    assert (answer.status_code, asked(answer)) == (409, ["notes"])


@pytest.mark.parametrize("base", ["{", "[]", "null", "1", '{"notes": {"a": 1}}', '{"no_such": "x"}', "[" * 10_000])
def test_a_forged_base_breaks_nothing(client: FlaskClient, session: Session, row: Any, base: str) -> None:
    page = Page(client, "customers", row.id)
    Page(client, "customers", row.id).save(notes="theirs")

    answer = page.save(notes="mine", base_values=base)

    session.expire_all()
    assert answer.status_code in (302, 409)
    if answer.status_code == 409:
        assert row.notes == "theirs"


@every_generated_form
def test_a_form_carries_what_it_was_opened_with_and_nothing_else_changed(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    """Somebody touched the record without changing what this form holds: saving asks nothing and changes nothing."""
    row = keep(session, table)
    page = Page(client, table, row.id)
    session.execute(MODELS[table].__table__.update().where(MODELS[table].id == row.id).values(id=row.id))
    session.commit()
    session.refresh(row)
    before = form_of(row)

    answer = page.save(**before)

    session.expire_all()
    assert answer.status_code == 302, asked(answer)
    assert form_of(row) == before
    names = {f.name for f in screen_of(app, table).editable()}
    assert set(json.loads(page.carried["base_values"])) <= names


def test_what_belongs_together(app: Flask) -> None:
    groups = belonging(screen_of(app, "customers"))

    assert any({"city", "postal_code", "country"} <= group for group in groups)
    assert any({"corr_city", "use_correspondence_address"} == group for group in groups)
    assert not any({"notes"} & group for group in groups)
    assert any({"start_date", "end_date"} <= group for group in belonging(screen_of(app, "campaigns")))
