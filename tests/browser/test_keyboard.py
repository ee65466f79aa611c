"""Working without the mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_arrows_walk_through_the_rows_and_enter_opens_one(page: Page) -> None:
    page.goto("/hospitals/list/")
    second = page.locator("tr[data-row] td:first-child > a").nth(1)
    name = second.inner_text().strip()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/hospitals/show/"))
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_record_is_found_opened_changed_and_left_for_the_next_by_keys_alone(page: Page) -> None:
    page.goto("/hospitals/list/")
    names = page.locator("tr[data-row] td:first-child > a")
    first, second = names.nth(0).inner_text().strip(), names.nth(1).inner_text().strip()

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    page.keyboard.press("e")
    page.wait_for_url(re.compile("/hospitals/edit/"))
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    page.get_by_label("City").focus()
    page.keyboard.type("Keyville")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()
    page.keyboard.press("j")

    expect(page.get_by_role("heading", level=1)).to_have_text(second)
    page.keyboard.press("k")
    expect(page.get_by_role("main")).to_contain_text("Keyville")
    page.keyboard.press("u")
    expect(names.nth(0)).to_be_focused()


def test_control_s_saves_what_was_changed(page: Page) -> None:
    page.goto("/hospitals/list/")
    page.locator("tr[data-row]").first.get_by_role("link", name=re.compile("^Edit")).click()
    page.wait_for_url(re.compile("/edit/"))
    page.locator("#f-notes, #f-city").first.fill("Written by keyboard")

    page.keyboard.press("Control+s")

    expect(page).to_have_url(re.compile("/hospitals/show/"))
    expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Written by keyboard").first).to_be_visible()


def test_where_the_focus_is_can_be_seen(page: Page) -> None:
    outline = """() => {
        const style = getComputedStyle(document.activeElement);
        const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
        return document.activeElement === document.body || ring || style.boxShadow !== "none"
            ? "" : document.activeElement.outerHTML.slice(0, 200);
    }"""
    for address in ("/customers/list/", "/customers/add"):
        page.goto(address)
        for _step in range(35):
            page.keyboard.press("Tab")
            assert page.evaluate(outline) == "", address


def test_a_menu_is_opened_walked_and_left_by_keys_alone(page: Page) -> None:
    page.goto("/customers/list/")
    button = page.get_by_role("button", name="View")
    button.focus()

    page.keyboard.press("Enter")
    menu = page.get_by_role("menu", name="View")
    expect(menu.get_by_role("menuitemradio", name="Normal")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("menuitemradio", name="Comfortable")).to_be_focused()
    page.keyboard.press("Escape")

    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


def test_a_menu_leaves_the_focus_to_whoever_is_in_it_already(page: Page) -> None:
    page.goto("/customers/list/")

    page.evaluate(
        """() => {
            const menu = document.querySelector("#menu-user");
            menu.showPopover(); // it tells of this a moment later
            [...menu.querySelectorAll(".menu-item")].at(-1).focus();
            return new Promise((go) => menu.addEventListener("toggle", () => setTimeout(go)));
        }"""
    )

    expect(page.locator("#menu-user .menu-item").last).to_be_focused()


def test_the_tabs_of_a_record_are_walked_with_arrows_and_have_an_address(page: Page) -> None:
    page.goto("/customers/list/")
    page.locator("tr[data-row] td:first-child > a").first.click()
    page.wait_for_url(re.compile("/customers/show/"))  # until the scripts have begun
    page.get_by_role("tab", name="Details").focus()

    page.keyboard.press("ArrowRight")

    second = page.get_by_role("tab").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel").filter(visible=True)).to_have_count(1)
    page.reload()
    expect(second).to_have_attribute("aria-selected", "true")
