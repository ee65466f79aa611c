"""Letters in the languages of the families, written without a request."""

from __future__ import annotations

import re
from typing import Any

import pytest
from markupsafe import Markup

from app.core.html import html_of
from app.core.mail import letters


def a_letter(language: str, **more: Any) -> letters.Letter:
    given = {
        "wanted_subject": "Zmluva", "text": "Dobrý deň", "body": html_of("Dobrý deň"), "sender_name": "INDEXUS SK",
        "author": "Eva Nová", "automatic": False, **more,
    }  # fmt: skip
    return letters.write("letter", language, **given)


@pytest.mark.parametrize(
    ("wanted", "written"),
    [("sk", "sk"), ("cs", "cs"), ("de_AT", "de"), ("de-CH", "de"), ("HU", "hu"), ("fr", "en"), ("ro", "ro"), ("it_CH", "it"), ("", "en"), ("../../x", "en")],
)  # fmt: skip
def test_a_letter_is_in_the_wanted_language_or_in_english(wanted: str, written: str) -> None:
    letter = a_letter(wanted)

    assert f'<html lang="{written}">' in letter.html
    with letters.writing(wanted) as real:
        assert real == written
        assert (
            letters.gettext("Written by %(name)s. You can simply answer this e-mail.", name="Eva Nová") in letter.text
        )


def test_words_of_a_letter_come_from_the_catalogue_outside_of_any_request() -> None:
    with letters.writing("sk"):
        slovak = letters.gettext("Customers")
        with letters.writing("de"):
            german = letters.gettext("Customers")
        assert letters.gettext("Customers") == slovak

    assert (slovak, german) == ("Zákazníci", "Kunden")


def test_a_letter_has_both_halves_and_loads_nothing() -> None:
    letter = a_letter("en", text="See https://example.com/x", body=html_of("See https://example.com/x"))

    assert letter.subject == "Zmluva"
    assert letter.text.startswith("See https://example.com/x\n\n-- \nINDEXUS SK\n")
    assert "<img" not in letter.html and "<link" not in letter.html and "<script" not in letter.html
    assert re.findall(r'(?:src|href)="([^"]*)"', letter.html) == ["https://example.com/x"]
    assert "prefers-color-scheme: dark" in letter.html and "background-color:#ffffff" in letter.html


def test_on_a_screen_a_letter_has_no_style_sheet() -> None:
    html = a_letter("en").html

    assert "<style" in html and 'content="light dark"' in html
    assert "<style" not in letters.on_screen(html) and "dark" not in letters.on_screen(html)


def test_values_are_escaped_in_the_html_half_only() -> None:
    letter = a_letter(
        "en", author="<b>Eva</b>", sender_name="A & B", wanted_subject="<i>x</i>", body=Markup("<p>ok</p>")
    )

    assert "&lt;b&gt;Eva&lt;/b&gt;" in letter.html and "A &amp; B" in letter.html and "<p>ok</p>" in letter.html
    assert "<title>&lt;i&gt;x&lt;/i&gt;</title>" in letter.html
    assert "<b>Eva</b>" in letter.text and letter.subject == "<i>x</i>"


def test_an_automatic_letter_says_that_nobody_reads_answers() -> None:
    letter = a_letter("en", automatic=True)

    assert "Nobody reads answers to it." in letter.text and "Nobody reads answers to it." in letter.html
    assert "Eva Nová" not in letter.text


def a_notice(**more: Any) -> letters.Letter:
    given = {
        "title": "A task is due",
        "lines": ["Call <Jana> back.", "Due today."],
        "sender_name": "INDEXUS SK",
        **more,
    }
    return letters.write(
        "notice", "en", **{"href": "https://crm.example.com/tasks/show/1?a=1&b=2", "verb": "Open", **given}
    )


def test_a_notice_says_what_happened_and_leads_there_in_both_halves() -> None:
    notice = a_notice()

    assert notice.subject == "A task is due"
    assert notice.text.startswith(
        "Call <Jana> back.\n\nDue today.\n\nOpen: https://crm.example.com/tasks/show/1?a=1&b=2\n\n-- \nINDEXUS SK\n"
    )
    assert '<a href="https://crm.example.com/tasks/show/1?a=1&amp;b=2"' in notice.html
    assert "Call &lt;Jana&gt; back." in notice.html and "<h1" in notice.html


def test_a_notice_without_a_way_on_has_no_button() -> None:
    notice = a_notice(href="", verb="")

    assert "<a " not in notice.html and "http" not in notice.text
