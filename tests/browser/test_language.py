"""Every text, date and country in the language of the person."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.phone import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def english_again(page: Page) -> Iterator[None]:
    """What the administrator chooses is remembered, also for the tests after."""
    yield
    page.goto("/profile/")
    page.locator("form.pills button[lang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_slovak_is_chosen_where_one_is_and_stays(page: Page, english_again: None) -> None:
    page.goto("/customers/list/?order=last_name")
    expect(page.locator("html")).to_have_attribute("lang", "en")

    page.get_by_role("button", name="Language: English").click()
    page.get_by_role("menuitem", name="Slovenčina").click()

    expect(page).to_have_url(re.compile(r"/customers/list/\?order=last_name"))
    expect(page.locator("html")).to_have_attribute("lang", "sk")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zákazníci")
    expect(page.get_by_role("link", name="Pridať", exact=True)).to_be_visible()
    page.goto("/deals/chart/")
    by_country = page.get_by_role("region", name="Obchody podľa poľa „krajina“")
    expect(by_country.get_by_role("link", name="SK · Slovensko")).to_be_visible()
    expect(by_country.get_by_role("img", name="Obchody podľa poľa „krajina“")).to_be_visible()
    page.goto("/deals/list/")
    amounts = page.locator("tr[data-row] td.is-money").filter(has_text="€")
    expect(amounts.first).to_have_text(re.compile(r"^\d+(\s\d{3})*,\d\d\s€\s*$"))


def test_a_stranger_reads_the_login_in_the_language_of_the_browser_or_chooses(stranger: Page) -> None:
    stranger.goto("/login/")
    expect(stranger.get_by_role("button", name="Log in")).to_be_visible()

    stranger.get_by_role("button", name="Language: English").click()
    stranger.get_by_role("menuitem", name="Deutsch").click()

    expect(stranger.locator("html")).to_have_attribute("lang", "de")
    expect(stranger.get_by_role("button", name="Anmelden", exact=True)).to_be_visible()


BROKEN_WORDS = """(selector) => {
    document.querySelectorAll(".side details").forEach((group) => { group.removeAttribute("name"); group.open = true; });
    const found = [];
    for (const line of document.querySelectorAll(selector)) {
        const text = line.firstChild, range = document.createRange();
        for (const word of text.textContent.matchAll(/\\S+/g)) {
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            if (range.getClientRects().length > 1) found.push(word[0]);
        }
    }
    return found;
}"""
LANGUAGES = ("sk", "cs", "de", "hu", "ro", "it", "en")


def test_no_word_of_the_sidebar_is_broken_in_any_language(page: Page, english_again: None) -> None:
    for language in LANGUAGES:
        page.goto(f"/lang/{language}")
        expect(page.locator("html")).to_have_attribute("lang", language)

        assert page.evaluate(BROKEN_WORDS, ".side a.nav-line > span") == []
        assert page.locator(".side a.nav-line > span").count() > 40


def test_the_name_of_a_pipeline_stays_whole_on_a_phone_in_any_language(page: Page, english_again: None) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a size
    for language in LANGUAGES:
        page.goto(f"/lang/{language}")
        page.goto("/pipeline/")
        expect(page.locator("h1 .board-choose > span")).to_have_text("New families")

        assert page.evaluate(BROKEN_WORDS, "h1 .board-choose > span") == []
