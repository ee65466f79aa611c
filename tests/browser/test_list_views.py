"""A list as somebody wants it: columns, saved searches, filters that are changed by a click, and the way through it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def heads(page: Page) -> list[str]:
    page.wait_for_load_state("domcontentloaded")
    return [text.strip() for text in page.locator("[data-table] thead th:not(.row-acts)").all_inner_texts()]


def choose(page: Page) -> None:
    page.get_by_role("button", name="Columns", exact=True).click()
    expect(page.get_by_role("dialog", name="Columns")).to_be_visible()


def test_columns_are_chosen_and_moved_by_keys_and_stay_until_they_are_reset(page: Page) -> None:
    page.goto("/campaigns/list/")
    usual = heads(page)

    choose(page)
    dialog = page.get_by_role("dialog", name="Columns")
    dialog.get_by_label(usual[-1], exact=True).uncheck()
    down = dialog.get_by_role("button", name=f"Move down: {usual[0]}")
    down.focus()
    page.keyboard.press("Enter")
    expect(down).to_be_focused()
    expect(dialog.get_by_role("status")).to_have_text(f"{usual[0]} is now at place 2.")
    dialog.get_by_role("searchbox").fill(usual[1])
    expect(dialog.get_by_role("status")).to_have_text(re.compile(r"^Columns shown: [12]\.$"))
    dialog.get_by_role("searchbox").fill("")
    dialog.get_by_role("button", name="Apply").click()

    expect(page.locator("[data-table] thead th").first).to_have_text(usual[1])
    page.goto("/campaigns/list/")
    assert heads(page) == [usual[1], usual[0], *usual[2:-1]]

    choose(page)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("[data-table] thead th").first).to_have_text(usual[0])
    assert heads(page) == usual


def test_columns_are_dragged(page: Page) -> None:
    page.goto("/campaigns/list/")
    usual = heads(page)

    choose(page)
    lines = page.locator(".column-list li")
    lines.nth(0).drag_to(lines.nth(2), target_position={"x": 60, "y": 28})
    page.get_by_role("button", name="Apply").click()

    expect(page.locator("[data-table] thead th").first).to_have_text(usual[1])
    assert heads(page)[2] == usual[0]
    choose(page)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("[data-table] thead th").first).to_have_text(usual[0])


def test_a_view_is_saved_changed_deleted_and_brought_back(page: Page) -> None:
    page.goto("/invoices/list/?_flt_in_status=paid")

    page.get_by_role("button", name="Save this search").click()
    page.get_by_label("Name", exact=True).fill("Paid ones")
    page.get_by_role("dialog", name="Save this search").get_by_role("button", name="Save").click()
    tab = page.get_by_role("link", name="Paid ones")
    expect(tab.first).to_have_attribute("aria-current", "page")

    page.locator("[data-chip]").click()
    value = page.locator(".filter-values")
    expect(value.locator(".item")).to_have_text(re.compile("Paid"))
    page.keyboard.press("Escape")
    page.goto(page.url.replace("status=paid", "status=sent"))
    page.get_by_role("button", name="Update “Paid ones”").click()
    expect(page.locator(".chip")).to_contain_text("Status is any of Sent")

    page.get_by_role("button", name="More about this search").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.get_by_role("navigation", name="Saved searches").get_by_text("Paid ones")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".chip")).to_contain_text("Status is any of Sent")
    expect(page.get_by_role("navigation", name="Saved searches").get_by_text("Paid ones")).to_be_visible()

    page.get_by_role("button", name="More about this search").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def test_a_click_on_a_filter_changes_it(page: Page) -> None:
    page.goto("/deals/list/?_flt_bt_value=1000..2000&_flt_rel_created_at=this_year")

    page.get_by_role("button", name="Value is between 1,000 and 2,000").click()
    ends = page.locator(".filter-values input")
    expect(ends.nth(0)).to_have_value("1000")
    expect(ends.nth(1)).to_have_value("2000")
    ends.nth(1).fill("")
    page.get_by_role("button", name="Apply").click()

    expect(page.locator(".chip")).to_have_count(2)
    expect(page.get_by_role("button", name="Value is at least 1,000")).to_be_visible()
    page.get_by_role("button", name="Created: this year").click()
    page.locator(".filter-values select").select_option(label="the last 30 days")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name="Created: the last 30 days")).to_be_visible()


def test_keys_walk_through_the_records_and_back_to_the_row(page: Page) -> None:
    page.goto("/deals/list/?order=title&page_size=25&page=2")
    link = page.locator("tr[data-row] td:first-child > a").nth(20)
    following = page.locator("tr[data-row]").nth(21)
    name, row = following.locator("td:first-child > a").inner_text().strip(), following.get_attribute("id")

    link.click()
    expect(page.locator(".place-text")).to_have_text(re.compile(r"^46 of "))
    page.keyboard.press("j")
    expect(page.locator(".place-text")).to_have_text(re.compile(r"^47 of "))
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.keyboard.press("u")

    expect(page).to_have_url(re.compile(rf"page=2#{row}$"))
    expect(page.locator(f"#{row} td:first-child > a")).to_be_focused()
    expect(page.locator(f"#{row}")).to_be_in_viewport()


def test_a_question_mark_shows_the_keys(page: Page) -> None:
    page.goto("/deals/list/")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")

    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    expect(page.locator("tr[data-row] td:first-child > a").first).to_be_focused()
