"""The values of a record, changed where they are read: by keyboard and mouse, and everything that says the same."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Guard
from tests.browser.late import press_until_focused
from tests.browser.test_fields import new_customer
from tests.conftest import PASSWORD


def value(page: Page, name: str) -> Locator:
    return page.locator(f'dd[data-quick="{name}"]')


def fact(page: Page, label: str) -> Locator:
    return page.locator(".facts > div").filter(has_text=label).locator("dd")


def test_a_value_is_changed_by_keyboard_and_everything_that_says_the_same_follows(page: Page) -> None:
    new_customer(page, "Hodnotova", city="Nitra", phone="+421905123456")
    first, town = value(page, "first_name"), value(page, "city")
    page.get_by_role("tab", name="Details").focus()
    press_until_focused(page, "Tab", page.locator("[data-quick-start]"))
    expect(first.get_by_role("button", name="Edit: First name")).to_be_focused()

    page.keyboard.press("Enter")
    expect(first.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Božena")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Božena Hodnotova")
    expect(page.locator('.crumbs [aria-current="page"]')).to_have_text("Božena Hodnotova")
    expect(page).to_have_title("Božena Hodnotova · INDEXUS CRM")
    expect(first.get_by_role("button", name="Edit: First name")).to_be_focused()

    press_until_focused(page, "ArrowDown", town.locator("[data-quick-start]"))
    page.keyboard.press("F2")
    expect(town.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Brno")
    page.keyboard.press("Escape")
    expect(town).to_have_text("Nitra")
    page.keyboard.press("F2")
    expect(town.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Trnava")
    page.keyboard.press("Enter")
    expect(fact(page, "City")).to_have_text("Trnava")
    expect(town).to_have_text("Trnava")

    page.keyboard.press("Control+z")
    expect(fact(page, "City")).to_have_text("Nitra")
    expect(town).to_have_text("Nitra")
    page.reload()
    expect(town).to_have_text("Nitra")
    expect(first).to_have_text("Božena")


def test_a_value_is_changed_by_mouse_with_its_copy_button_and_the_badge_of_the_head(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    new_customer(page, "Mysia", phone="+421905123456")
    number, status = value(page, "phone"), value(page, "client_status")
    pencil = number.locator("[data-quick-start]")
    expect(pencil).to_have_css("opacity", "0")

    number.hover()
    expect(pencil).to_have_css("opacity", "1")
    pencil.click()
    number.get_by_role("textbox").fill("mother")
    page.keyboard.press("Enter")
    expect(number).to_contain_text("A phone number has three digits or more")
    number.get_by_role("textbox").fill("0905 999 888")
    page.keyboard.press("Enter")
    expect(number.locator("[data-copy]")).to_have_attribute("data-copy", "+421905999888")
    expect(fact(page, "Phone")).to_contain_text("999")

    before = page.locator(".record-title .pill").all_inner_texts()
    status.dblclick()
    status.locator("select").select_option("acquired")
    page.keyboard.press("Enter")
    expect(page.locator(".record-title")).to_contain_text("Acquired")
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(page.locator(".record-title")).not_to_contain_text("Acquired")
    assert page.locator(".record-title .pill").all_inner_texts() == before


def test_what_was_just_changed_is_the_latest_beside_the_record_and_in_its_tabs(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    new_customer(page, "Najnovsia", city="Nitra")
    latest, town = page.locator("[data-rail]"), value(page, "city")
    expect(latest.locator("li")).to_have_count(1)
    page.get_by_role("tab", name="Timeline").click()
    expect(page.locator("#panel-timeline li")).to_have_count(1)
    page.get_by_role("tab", name="Details").click()

    town.dblclick()
    town.get_by_role("textbox").fill("Trnava")
    page.keyboard.press("Enter")
    expect(latest.locator("li")).to_have_count(2)
    expect(latest.locator("li").first).to_contain_text("Trnava")
    page.get_by_role("tab", name="Timeline").click()
    expect(page.locator("#panel-timeline li").first).to_contain_text("Trnava")
    page.get_by_role("tab", name="History").click()
    expect(page.locator("#panel-history")).to_contain_text("Trnava")

    page.locator('[id="tab-customer_notes.customer_id"]').click()
    notes = page.locator('[id="panel-customer_notes.customer_id"]')
    notes.get_by_role("link", name="Add").first.click()
    notes.locator('textarea[name="content"]').fill("Wants to be called in the evening.")
    page.keyboard.press("Control+s")
    expect(notes.locator("tbody tr")).to_have_count(1)
    page.get_by_role("tab", name="Details").click()
    expect(latest.locator("li").first).to_contain_text("called in the evening")


def test_an_emptied_value_stays_in_sight_and_an_empty_one_is_filled(page: Page) -> None:
    new_customer(page, "Prazdna", city="Nitra")
    town, street = value(page, "city"), value(page, "address")
    expect(street).to_be_hidden()

    town.dblclick()
    town.get_by_role("textbox").fill("")
    page.keyboard.press("Enter")
    expect(town.get_by_label("Empty")).to_be_visible()

    page.get_by_role("button", name="empty fields").click()
    street.dblclick()
    street.get_by_role("textbox").fill("Hlavná 1")
    page.keyboard.press("Enter")
    expect(street).to_have_text("Hlavná 1")
    page.get_by_role("button", name="Hide empty fields").click()
    expect(street).to_be_visible()
    expect(town).to_be_visible()


def test_who_may_only_read_sees_no_pencil(stranger: Page) -> None:
    stranger.goto("/login/")
    stranger.fill("#username", "operator.cz")
    stranger.fill("#password", PASSWORD)
    stranger.click("button[type=submit]")
    stranger.wait_for_url("**/")

    for table, pencils in (("deals", False), ("customers", True)):
        stranger.goto(f"/{table}/list/")
        stranger.locator("tr[data-row] td:first-child a").first.click()
        stranger.locator(".value:not(.is-empty) dd").first.dblclick()
        assert bool(stranger.locator("[data-quick-start]").count()) is pencils, table
        expect(stranger.locator(".quick")).to_have_count(1 if pencils else 0)
