"""A record in the browser: its timeline, a note that is added in its tab, values that are copied, long texts."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Guard


def open_a_customer(page: Page, guard: Guard) -> str:
    """The page of the customer who was there first, and so has had the most to do with us."""
    page.goto("/customer_notes/list/")
    page.locator('td a[href^="/customers/show/"]').first.click()
    expect(page.get_by_role("tab", name="Details")).to_be_visible()
    return page.url


def test_the_timeline_is_one_stream_with_filters_and_older_pages(page: Page, guard: Guard) -> None:
    open_a_customer(page, guard)

    page.get_by_role("tab", name="Timeline").click()
    panel = page.locator("#panel-timeline")
    expect(panel.locator("[data-day]").first).to_be_visible()
    days = panel.locator("[data-day]").evaluate_all("found => found.map((day) => day.dataset.day)")
    assert days == sorted(days, reverse=True)

    panel.get_by_role("link", name="Notes").click()
    expect(panel.get_by_role("link", name="Notes")).to_have_attribute("aria-current", "true")
    assert set(panel.locator("li").evaluate_all("found => found.map((one) => one.className)")) == {"is-note"}

    panel.get_by_role("link", name="All", exact=True).click()
    while (older := panel.get_by_role("link", name="Load older")).count():
        before = panel.locator("li").count()
        older.click()
        expect(panel.locator("li").nth(before)).to_be_visible()
    days = panel.locator("[data-day]").evaluate_all("found => found.map((day) => day.dataset.day)")
    assert days == sorted(set(days), reverse=True)


def test_a_note_is_added_in_its_tab_by_keyboard(page: Page, guard: Guard) -> None:
    address = open_a_customer(page, guard)
    page.goto(f"{address.partition('#')[0]}#tab-customer_notes.customer_id")
    panel = page.locator('[id="panel-customer_notes.customer_id"]')
    rows = panel.locator("tbody tr")
    expect(rows.first).to_be_visible()
    before = rows.count()

    panel.get_by_role("link", name="Add").press("Enter")
    text = panel.locator('textarea[name="content"]')
    expect(text).to_be_visible()
    guard.forgiven = ("422",)
    panel.get_by_role("button", name="Create").press("Enter")
    expect(panel.get_by_text("This field is required.")).to_be_visible()
    expect(text).to_be_focused()
    expect(panel.locator(".item")).not_to_have_count(0)  # the author is who writes, unless he says otherwise

    text.fill("Called back, all is well.")
    page.keyboard.press("Control+s")

    expect(rows).to_have_count(before + 1)
    expect(panel.get_by_text("Called back, all is well.")).to_be_visible()
    expect(page.locator('[id="tab-customer_notes.customer_id"] .count')).to_have_text(str(before + 1))
    expect(panel.locator("form")).to_have_count(0)
    assert page.url.endswith("#tab-customer_notes.customer_id")


def test_escape_closes_the_short_form_and_the_way_out_is_the_full_one(page: Page, guard: Guard) -> None:
    address = open_a_customer(page, guard)
    page.goto(f"{address.partition('#')[0]}#tab-customer_notes.customer_id")
    panel = page.locator('[id="panel-customer_notes.customer_id"]')
    add = panel.get_by_role("link", name="Add")

    add.click()
    panel.locator('textarea[name="content"]').press("Escape")
    expect(panel.locator("form")).to_have_count(0)
    expect(add).to_be_focused()

    add.click()
    panel.get_by_role("link", name="All fields").click()
    expect(page).to_have_url(re.compile(r"/customer_notes/add\?customer_id="))


def test_what_was_typed_into_the_short_form_is_not_lost_without_a_question(page: Page, guard: Guard) -> None:
    address = open_a_customer(page, guard)
    page.goto(f"{address.partition('#')[0]}#tab-customer_notes.customer_id")
    panel = page.locator('[id="panel-customer_notes.customer_id"]')
    panel.get_by_role("link", name="Add").click()
    text = panel.locator('textarea[name="content"]')
    text.fill("Half a sentence")

    text.press("Escape")
    dialog = page.get_by_role("dialog", name="Leave without saving?")
    expect(dialog.get_by_role("button", name="Stay")).to_be_focused()
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    expect(text).to_have_value("Half a sentence")
    asked: list[str] = []
    page.once("dialog", lambda one: (asked.append(one.type), one.dismiss()))
    page.get_by_role("link", name="Home").click(no_wait_after=True)
    expect(text).to_have_value("Half a sentence")
    assert asked == ["beforeunload"]

    text.press("Escape")
    dialog.get_by_role("button", name="Leave").click()
    expect(panel.locator("form")).to_have_count(0)


def test_a_note_is_removed_in_its_tab_and_one_stays_there(page: Page, guard: Guard) -> None:
    address = open_a_customer(page, guard)
    page.goto(f"{address.partition('#')[0]}#tab-customer_notes.customer_id")
    panel = page.locator('[id="panel-customer_notes.customer_id"]')
    expect(panel.locator("tbody tr").first).to_be_visible()
    before = panel.locator("tbody tr").count()

    panel.locator("tbody tr").first.hover()
    panel.get_by_role("button", name="Delete").first.click()
    page.locator('#confirm [value="yes"]').click()

    page.wait_for_load_state()
    expect(page.get_by_role("tab", selected=True)).to_contain_text("Customer notes")
    expect(panel.locator("tbody tr")).to_have_count(before - 1)


def test_a_value_is_copied_by_its_button(page: Page, guard: Guard) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_a_customer(page, guard)
    button = page.get_by_role("button", name=re.compile("^Copy: E-?mail", re.IGNORECASE)).first
    wanted = button.get_attribute("data-copy")

    button.focus()
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == wanted
    assert wanted and "@" in wanted


def test_the_export_menu_offers_both_files(page: Page, guard: Guard) -> None:
    page.goto("/customers/list/")
    page.get_by_role("button", name="Export").click()

    with page.expect_download() as taken:
        page.get_by_role("menuitem", name="Excel").click()

    assert taken.value.suggested_filename == "customers.xlsx"


def test_paper_is_white_whatever_the_screen_is(page: Page, guard: Guard) -> None:
    colours = "() => ['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name])"
    page.emulate_media(color_scheme="light")
    open_a_customer(page, guard)
    light = page.evaluate(colours)

    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    dark = page.evaluate(colours)
    page.emulate_media(color_scheme="dark", media="print")
    paper = page.evaluate(colours)
    page.emulate_media(color_scheme="light", media="screen")

    assert dark != light
    assert paper == light
