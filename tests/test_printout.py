"""A record on paper: what one may read and nothing else, in every language, and no PDF asks anybody for anything."""

from __future__ import annotations

import io
import logging
import re
import socket
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.pdf import pdf_of
from app.screens.printout import MOST_ROWS
from app.tables import MODELS
from tests.conftest import logged_in
from tests.smallest import given_to, smallest
from tests.test_audit import details, entries
from tests.test_field_rights import CANARY, holder, marked, rights_on
from tests.test_rights import person, screens_of

every_table = pytest.mark.parametrize("table", sorted(MODELS))
LETTERS = "ľščťžýáíéúäňôĽŠČŤŽ ěřů ŐŰőű șțȘȚăâ ß €"


def text_in(taken: bytes) -> str:
    """The text of a PDF in one line: where lines break is a matter of width."""
    pages = PdfReader(io.BytesIO(taken)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def printed(client: FlaskClient, table: str, key: Any) -> str:
    answer = client.get(f"/{table}/show/{key}/print.pdf")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/pdf"
    return text_in(answer.get_data())


@every_table
def test_the_pdf_holds_what_is_readable_and_nothing_that_is_hidden(app: Flask, session: Session, table: str) -> None:
    screen = screens_of(app)[table]
    reader = holder(session, app, "somebody", {})
    other = holder(session, app, "stranger", rights_on(screen, "hidden"))
    row = marked(session, screen)
    given_to(session, row, reader)
    texts = [
        f for f in screen.shown() if getattr(row, f.attribute) == CANARY and screen.name and f.name not in screen.sealed
    ]

    readable = printed(logged_in(app, reader), table, row.id)
    given_to(session, row, other)
    hidden = logged_in(app, other).get(f"/{table}/show/{row.id}/print.pdf")

    assert (CANARY in readable) == bool(texts)
    if hidden.status_code == 200:
        assert CANARY not in text_in(hidden.get_data())
    else:
        assert hidden.status_code == 404


@pytest.mark.usefixtures("without_csrf")
@pytest.mark.parametrize(("missing", "status"), [("customers", 403), ("export", 403)])
def test_without_the_module_or_the_right_to_export_there_is_no_pdf(
    app: Flask, session: Session, missing: str, status: int
) -> None:
    rights = dict.fromkeys({"customers", "export", "deals"} - {missing}, ("visible", True, True))
    browser = logged_in(app, person(session, "somebody", rights))
    row = smallest(session, "customers")
    session.commit()

    answer = browser.get(f"/customers/show/{row.id}/print.pdf", headers={"Accept": "application/json"})

    assert answer.status_code == status
    shown = browser.get(f"/customers/show/{row.id}")
    assert "print.pdf" not in shown.text


def test_a_record_of_another_country_has_no_pdf(app: Flask, session: Session) -> None:
    user = holder(session, app, "somebody", {})
    user.assigned_countries = ["CZ"]
    ours, theirs = smallest(session, "customers", country="CZ"), smallest(session, "customers", country="SK")
    session.commit()
    browser = logged_in(app, user)

    answers = [browser.get(f"/customers/show/{key}/print.pdf").status_code for key in (ours.id, theirs.id, "x", "%00")]

    assert answers[:3] == [200, 404, 404]
    assert answers[3] in (400, 404)


def test_related_records_are_printed_as_far_as_one_may_know_them(app: Flask, session: Session) -> None:
    deal = smallest(session, "deals", title="Big deal")
    for number in range(MOST_ROWS + 3):
        smallest(session, "deal_activities", deal_id=deal.id, subject=f"Step {number:02}")
    session.commit()
    sees = person(session, "somebody", dict.fromkeys(("deals", "deal_activities", "export"), ("visible", True, True)))
    blind = person(session, "clerk", dict.fromkeys(("deals", "export"), ("visible", True, True)))

    full, bare = (printed(logged_in(app, user), "deals", deal.id) for user in (sees, blind))

    assert f"Activities ({MOST_ROWS + 3})" in full
    assert f"The first {MOST_ROWS} of {MOST_ROWS + 3}." in full
    assert len(set(re.findall(r"Step \d\d", full))) == MOST_ROWS
    assert "Big deal" in bare and "Step" not in bare and "Activities" not in bare


def test_printing_is_noted_as_an_export(client: FlaskClient, session: Session, admin: User) -> None:
    row = smallest(session, "customers", first_name="Eva", last_name="Nová")
    session.commit()

    text = printed(client, "customers", row.id)

    (entry,) = entries(session, action="export")
    assert (entry.user_id, entry.entity_type, entry.entity_id) == (admin.id, "customers", row.id)
    assert details(entry)["format"] == "pdf"
    assert "Printed by Admin" in text and "1/1" in text.replace(" ", "") and "INDEXUS" in text


def test_every_letter_of_the_house_comes_out_as_it_went_in(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "customers", notes=LETTERS, last_name=LETTERS)
    session.commit()

    assert printed(client, "customers", row.id).count(LETTERS) >= 2


HOSTILE = (
    '<img src="http://127.0.0.1:9/x.png"><img src="file:///etc/passwd"><link rel="stylesheet" href="http://127.0.0.1:9/">'
    "</td></table><style>@import url(file:///etc/hostname)</style><pdf:toc/><script>x</script>&lt;b&gt; {{ 7*7 }}"
)


def test_html_in_a_value_stays_text(client: FlaskClient, session: Session, caplog: pytest.LogCaptureFixture) -> None:
    row = smallest(session, "customers", notes=HOSTILE, last_name="</h1><pdf:nextpage/>x")
    session.commit()

    with caplog.at_level(logging.WARNING):
        answer = client.get(f"/customers/show/{row.id}/print.pdf")

    text = text_in(answer.get_data()).replace(" ", "")
    assert "file:///etc/passwd" in text and "root:" not in text
    assert "<pdf:nextpage/>" in text and "{{7*7}}" in text
    assert [r for r in caplog.records if "pdf" in r.name.lower() or "pisa" in r.name.lower()] == []


@pytest.mark.parametrize(
    "source",
    ["http://127.0.0.1:9/x.png", "https://example.com/x.png", "file:///etc/passwd", "/etc/passwd", "../pdf.py"],
)
def test_the_renderer_itself_opens_nothing_but_fonts(source: str, monkeypatch: pytest.MonkeyPatch) -> None:

    asked: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, place: asked.append(place))

    taken = pdf_of(f'<p>before</p><img src="{source}"><link rel="stylesheet" href="{source}"><p>after</p>', "")

    assert "before after" in text_in(taken)
    assert asked == []
    assert b"root:" not in taken


def test_a_page_of_ours_needs_nothing_that_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        taken = pdf_of("<p>plain <b>bold</b></p>", "body { font-family: Plain }")

    fonts = {font for page in PdfReader(io.BytesIO(taken)).pages for font in str(page["/Resources"]["/Font"]).split()}
    assert "plain bold" in text_in(taken)
    assert [record.getMessage() for record in caplog.records] == []
    assert b"DejaVuSans-Bold" in taken, fonts


@pytest.mark.parametrize("text", ["x" * 5_000, "word " * 5_000, "line\n" * 1_500, "<" * 3_000])
def test_no_text_is_too_long_to_be_printed(client: FlaskClient, session: Session, text: str) -> None:
    row = smallest(session, "customers", notes=text)
    session.commit()

    assert text.split()[0][:30] in printed(client, "customers", row.id)


def lines_in(taken: bytes) -> list[str]:
    """The lines of the first page of a PDF, as they stand there."""
    text = PdfReader(io.BytesIO(taken)).pages[0].extract_text(extraction_mode="layout")
    return [line.replace("\u00a0", " ") for line in text.split("\n")]


@pytest.mark.parametrize("wide", (23, 26, 29))
def test_a_fact_in_the_head_goes_to_the_next_line_as_a_whole(client: FlaskClient, session: Session, wide: int) -> None:
    row = smallest(session, "customers", city="m" * wide, phone="+421918000332", country="SK")
    session.commit()

    head = lines_in(client.get(f"/customers/show/{row.id}/print.pdf").get_data())[:8]

    assert any(re.search(r"Created +\d.*\d:\d\d", line) for line in head), head


def test_json_keeps_its_blanks_before_each_line(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "campaigns", criteria='{"country": ["US"]}')
    session.commit()

    lines = lines_in(client.get(f"/campaigns/show/{row.id}/print.pdf").get_data())

    begins = {line.strip(): len(line) - len(line.lstrip()) for line in lines}
    assert begins["{"] < begins['"country": ['] < begins['"US"']
