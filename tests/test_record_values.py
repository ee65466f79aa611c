"""How values read on a record: measures, accounts, colours, JSON and stored pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, format_datetime
from sqlalchemy.orm import Session

from app.core.html import clean_for_page
from app.screens import measures, tones
from app.screens.cells import cell_of, moment_text
from app.screens.fields import Field, fields_of
from app.screens.locale import speaking
from app.screens.tree import MOST_LEVELS, tree_of
from app.tables import MODELS
from tests.smallest import smallest

CHOICES = [
    (table, f)
    for table, model in sorted(MODELS.items())
    for f in fields_of(model).values()
    if f.kind.name in ("choice", "multichoice")
]
STATES = ("status", "outcome", "priority", "importance", "case_status", "client_status", "lead_status",
          "conversion_status", "ai_alert_level", "ai_sentiment")  # fmt: skip
MEANINGS = {
    "green": {"won", "paid", "completed", "signed", "delivered", "published", "realized", "acquired", "active"},
    "blue": {"open", "in_progress", "sent", "scheduled", "contacted", "processing", "generated", "initiated"},
    "amber": {"pending", "pending_signature", "postponed", "paused", "callback_scheduled", "high", "busy"},
    "red": {"lost", "overdue", "failed", "cancelled", "terminated", "expired", "not_realized", "urgent", "no_answer"},
    "grey": {"draft", "inactive", "archived", "low", "normal"},
}


def field(table: str, name: str) -> Field:
    return fields_of(MODELS[table])[name]


@pytest.mark.parametrize(("table", "f"), CHOICES, ids=[f"{table}.{f.name}" for table, f in CHOICES])
def test_every_state_has_the_colour_of_its_meaning(table: str, f: Field) -> None:
    colours = {value: tones.tone_in(f, value) for value, _label in f.picks()}

    if f.name in STATES:
        assert all(colours.values()), colours
        for tone, values in MEANINGS.items():
            assert {colours[value] for value in values & set(colours)} <= {tone}
    if f.name in tones.SORTS:
        assert not any(colours.values())


def test_no_value_has_two_colours() -> None:
    said = [value for values in tones._TONES.values() for value in values.split()]

    assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("language", "seconds", "size", "percent"),
    [("en", "3m 20s", "1.5 MB", "19.5%"), ("sk", "3 min 20 s", "1,5 MB", "19,5 %"),
     ("hu", "3 p 20 mp", "1,5 MB", "19,5%"), ("de", "3 Min. 20 Sek.", "1,5 MB", "19,5 %")],
)  # fmt: skip
def test_a_measure_reads_as_people_of_the_language_say_it(language: str, seconds: str, size: str, percent: str) -> None:
    with speaking(language, "UTC"):
        assert spaced(measures.number_text(field("call_logs", "duration_seconds"), 200)) == seconds
        assert spaced(measures.number_text(field("voice_notes", "file_size"), 1_500_000)) == size
        assert spaced(measures.number_text(field("invoices", "vat_rate"), Decimal("19.50"))) == percent


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (59, "59s"), (60, "1m"), (3600, "1h"), (3725, "1h 2m")])
def test_a_length_of_time_says_no_more_than_it_has(seconds: int, text: str) -> None:
    with speaking("en", "UTC"):
        assert spaced(measures.duration_text(seconds)) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 byte"), (999, "999 byte"), (1000, "1 kB"), (123_456, "123 kB"), (10**13, "10 TB")]
)
def test_the_size_of_a_file_has_its_unit(size: int, text: str) -> None:
    with speaking("en", "UTC"):
        assert spaced(measures.size_text(size)) == text


def test_an_exchange_rate_is_no_percentage() -> None:
    with speaking("en", "UTC"):
        assert measures.number_text(field("exchange_rates", "rate"), Decimal("25.1234")) == "25.1234"
        assert measures.number_text(field("inflation_rates", "rate"), Decimal("2.5")) == "2.5%"
        assert measures.number_text(field("number_ranges", "year"), 2026) == "2026"


@pytest.mark.parametrize(
    ("stored", "shown", "copied"),
    [("SK3112000000198742637541", "SK31 1200 0000 1987 4263 7541", "SK3112000000198742637541"),
     ("sk31 1200 0000 1987 4263 7541", "SK31 1200 0000 1987 4263 7541", "sk3112000000198742637541"),
     ("not an account", "not an account", "not an account")],
)  # fmt: skip
def test_an_iban_stands_in_groups_and_is_copied_without_them(stored: str, shown: str, copied: str) -> None:
    f = field("billing_details", "bank_iban")

    assert measures.named_text(f, stored) == shown
    assert measures.to_take(f, stored) == copied


def test_what_is_looked_up_has_a_button_to_copy_it(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "customers", email="eva@example.com", mobile="+421 905 111 222", notes="nothing")
    session.commit()

    page = client.get(f"/customers/show/{row.id}").text

    assert 'data-copy="eva@example.com"' in page
    assert 'data-copy="+421 905 111 222"' in page
    assert 'href="tel:+421905111222"' in page and 'href="mailto:eva@example.com"' in page
    assert 'data-copy="nothing"' not in page


def test_json_is_a_tree_that_folds(app: Flask, client: FlaskClient, session: Session) -> None:
    row = smallest(session, "saved_searches", filters=json.dumps({"country": ["SK", "CZ"], "a<b": None, "open": True}))
    session.commit()

    page = client.get(f"/saved_searches/show/{row.id}").text

    assert "<details open><summary>" in page
    assert "<b>a&lt;b</b>" in page and "a<b" not in page
    assert '<span class="is-boolean">true</span>' in page


def test_a_tree_that_is_too_deep_is_shown_as_text() -> None:
    deep: Any = 1
    for _level in range(MOST_LEVELS + 1):
        deep = {"a": deep}

    assert tree_of(deep) is None
    assert tree_of({"a": list(range(5_000))}) is None
    assert tree_of("text") is None and tree_of({}) is None


HOSTILE = (
    '<script>alert(1)</script><p onclick="x()" style="position:fixed">Hello <b>you</b></p>'
    '<img src="http://evil.example/x.png"><a href="javascript:x()">a</a><iframe src="//evil.example"></iframe>'
)


def test_a_stored_page_is_shown_without_what_runs_loads_or_covers(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "email_signatures", html_content=HOSTILE)
    session.commit()

    page = client.get(f"/email_signatures/show/{row.id}").text

    assert "<p>Hello <b>you</b></p>" in page
    for part in ("alert(1)", "onclick", "position:fixed", "evil.example", "javascript:"):
        assert part not in page, part
        assert part not in clean_for_page(HOSTILE), part


def test_a_short_cell_says_the_measure_too(app: Flask) -> None:
    with speaking("en", "UTC"):
        cell = cell_of({"duration_seconds": 61}, field("call_logs", "duration_seconds"), short=True, links={})

    assert spaced(cell.text) == "1m 1s"


@pytest.mark.parametrize("language", ["en_GB", "en_US", "sk", "cs", "de", "hu", "it", "ro"])
@pytest.mark.parametrize(
    "moment", [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 11, 27, 15, 44, tzinfo=UTC)]
)
def test_a_moment_is_written_as_babel_writes_it(app: Flask, language: str, moment: datetime) -> None:
    with app.test_request_context(), force_locale(language):
        assert moment_text(moment) == format_datetime(moment, "short")
