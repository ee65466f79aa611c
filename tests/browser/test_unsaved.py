"""Leaving a form, with and without changes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

pytestmark = pytest.mark.browser


def change_the_first(page: Page) -> str:
    """Open the first hospital's form and type into it; gives the address."""
    page.goto("/hospitals/list/")
    page.locator("tr[data-row]").first.get_by_role("link", name=re.compile("^Edit")).click()
    page.fill("#f-name", "A name nobody saved")
    expect(page.locator("[data-state]")).to_have_text("Not saved yet")
    return page.url


def test_leaving_asks_and_staying_keeps_what_was_typed(page: Page) -> None:
    address = change_the_first(page)

    page.get_by_role("link", name="Cancel").click()
    dialog = page.get_by_role("dialog", name="Leave without saving?")
    expect(dialog.get_by_role("button", name="Stay")).to_be_focused()
    dialog.get_by_role("button", name="Stay").click()
    expect(dialog).to_be_hidden()
    assert page.url == address
    expect(page.locator("#f-name")).to_have_value("A name nobody saved")

    page.get_by_role("link", name="Cancel").click()
    dialog.get_by_role("button", name="Leave").click()
    expect(page).to_have_url(re.compile("/hospitals/show/"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("A name nobody saved")


def test_the_browser_asks_too_when_a_link_of_the_sidebar_is_clicked(page: Page) -> None:
    address = change_the_first(page)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Home").click(no_wait_after=True)

    expect(page.locator("#f-name")).to_have_value("A name nobody saved")
    assert asked == ["beforeunload"]
    assert page.url == address
    page.remove_listener("dialog", stay)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Home").click()
    expect(page).to_have_url(re.compile("/$"))


def test_nobody_is_asked_who_has_changed_nothing(page: Page) -> None:
    page.goto("/customers/add")
    page.fill("#f-first_name", "Typed")
    page.fill("#f-first_name", "")

    page.keyboard.press("Escape")

    expect(page).to_have_url(re.compile("/customers/list/"))
