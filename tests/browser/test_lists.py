"""Finding records."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def rows(page: Page) -> int:
    page.wait_for_load_state("domcontentloaded")
    return page.locator("tr[data-row]").count()


def test_the_quick_search_does_not_mind_accents_and_case(page: Page) -> None:
    page.goto("/customers/list/?order=last_name")
    name = page.locator("tr[data-row] td a").first.inner_text().strip()

    page.keyboard.press("/")
    page.keyboard.type(name.upper())
    page.keyboard.press("Enter")

    expect(page.locator("tr[data-row] td a").first).to_have_text(name)
    assert "q=" in page.url


def test_a_filter_is_built_shown_as_a_sentence_and_removed(page: Page) -> None:
    page.goto("/deals/list/")
    before = page.locator(".list-head small").inner_text()

    page.get_by_role("button", name="Filter").click()
    line = page.locator("[data-filter-lines] > *").first
    line.locator("select").nth(0).select_option("title")
    line.locator("select").nth(1).select_option("ct")
    line.locator("input").last.fill("premium")
    page.get_by_role("button", name="Apply").click()

    expect(page.locator(".chip")).to_contain_text("Title contains premium")
    assert rows(page) and all(
        "premium" in text.lower() for text in page.locator("tr[data-row] td:first-child").all_inner_texts()
    )
    page.get_by_role("link", name="Remove the filter").click()
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.locator(".list-head small")).to_have_text(before)


def test_a_list_sorts_pages_and_opens_a_record_with_a_click(page: Page) -> None:
    page.goto("/customers/list/")

    page.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(page).to_have_url(re.compile("order=last_name"))
    first = page.locator("tr[data-row] td a").first.inner_text()
    page.get_by_role("link", name="Next page").click()
    expect(page).to_have_url(re.compile("page=2"))
    assert page.locator("tr[data-row] td a").first.inner_text() != first

    name = page.locator("tr[data-row] td a").first.inner_text()
    page.locator("tr[data-row]").first.locator("td").nth(2).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_the_row_height_is_remembered(page: Page) -> None:
    page.goto("/customers/list/")
    page.get_by_role("button", name="View").click()
    page.get_by_role("menuitemradio", name="Compact").click()
    compact = page.locator("tr[data-row]").first.bounding_box()

    page.reload()

    again = page.locator("tr[data-row]").first.bounding_box()
    assert compact is not None and again is not None
    assert compact["height"] == again["height"] < 34


def test_an_empty_result_says_so(page: Page) -> None:
    page.goto("/customers/list/?q=qqqqzzzz")

    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Search all records").click()
    expect(page).to_have_url(re.compile(r"/find/all\?q=qqqqzzzz$"))
    expect(page.get_by_role("link", name="Add: Customer")).to_be_visible()
