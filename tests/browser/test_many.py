"""Many rows of a list: chosen by hand and by keyboard, over pages, changed together and changed back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LIST = "/customers/list/?_flt_in_country=HU"


def cities(page: Page) -> list[str]:
    page.wait_for_load_state("domcontentloaded")
    return page.locator('td[data-label="City"]').all_inner_texts()


def choose_field(page: Page, name: str) -> None:
    page.locator(".many-add .ts-control").click()
    page.keyboard.type(name)
    page.locator(".many-add .ts-dropdown .option", has_text=re.compile(f"^{name}$")).click()


def test_rows_are_chosen_by_keyboard_changed_together_and_changed_back(page: Page) -> None:
    page.goto(LIST)
    before = cities(page)
    bar = page.locator("#many")
    expect(bar).to_be_hidden()

    page.locator("[data-table]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(bar.get_by_role("status")).to_have_text("1 chosen")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(bar.get_by_role("status")).to_have_text("3 chosen")
    page.keyboard.press("x")
    expect(bar.get_by_role("status")).to_have_text("2 chosen")
    page.keyboard.press("x")
    bar.get_by_role("button", name="Edit fields").press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Change 3 records")
    choose_field(page, "City")
    page.locator('[name="city"]').fill("Testville")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("[data-will-change]")).to_have_text("3")
    expect(page.locator(".batch-new").first).to_have_text("Testville")
    page.get_by_role("button", name="Change 3 records").click()

    expect(page.locator("#toasts")).to_contain_text("3 changed")
    page.goto(LIST)
    expect(page.locator("#many")).to_be_hidden()
    assert cities(page)[:3] == ["Testville"] * 3
    page.goto("/batches/")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator(".batch")).to_contain_text("3 undone")
    page.goto(LIST)
    assert cities(page) == before


def test_all_that_match_are_chosen_after_the_page_and_looked_at_before_anything_happens(page: Page) -> None:
    page.goto(LIST)
    total = page.locator(".list-head small").inner_text()
    bar = page.locator("#many")

    page.get_by_role("checkbox", name="Choose all on this page").check()
    expect(bar.get_by_role("status")).to_have_text("25 chosen")
    bar.get_by_role("button", name=f"Choose all {total}").click()
    expect(bar.get_by_role("status")).to_have_text(f"All {total} chosen")
    bar.get_by_role("button", name="Assign").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(f"Change {total} records")
    line = page.locator('[data-many-line="assigned_user_id"]')
    line.locator("[data-many-value] .ts-control").click()
    line.locator(".ts-dropdown .option").first.click()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".tile-value").first).to_be_visible()
    numbers = [int(text) for text in page.locator(".tile-value").all_inner_texts()]
    assert sum(numbers) == int(total)
    assert page.locator(".batch-table tbody tr").count() == min(20, numbers[0])
    page.get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(re.compile("/customers/list/"))


def test_what_is_chosen_lasts_over_pages_until_it_is_cleared(page: Page) -> None:
    page.goto(LIST)
    page.locator("tbody input.pick").nth(1).check()
    page.locator("tbody input.pick").nth(3).click(modifiers=["Shift"])
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#many").get_by_role("status")).to_have_text("3 chosen")
    page.locator("tbody input.pick").first.check()
    page.get_by_role("link", name="Previous page").click()

    expect(page.locator("#many").get_by_role("status")).to_have_text("4 chosen")
    expect(page.locator("tbody input.pick:checked")).to_have_count(3)
    page.locator("#many").get_by_role("button", name="Clear").click()
    expect(page.locator("#many")).to_be_hidden()
    page.reload()
    expect(page.locator("tbody input.pick:checked")).to_have_count(0)
