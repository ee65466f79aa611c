"""Fields that check themselves, hang on each other, are changed in a list, and find their missing parent."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Guard
from tests.browser.late import held_back, press_until_focused

pytestmark = pytest.mark.browser


def cell(page: Page, column: str, row: int = 0) -> Locator:
    return page.locator("tr[data-row]").nth(row).locator(f'td[data-quick="{column}"]')


def new_customer(page: Page, last_name: str, **more: str) -> str:
    """A customer made by hand; gives the address of the record."""
    page.goto("/customers/add")
    for name, value in {"first_name": "Jana", "last_name": last_name, "email": "jana@example.com", **more}.items():
        page.fill(f"#f-{name}", value)
    page.select_option("#f-country", "SK")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile("/show/"))
    return page.url


def test_a_field_says_what_is_wrong_when_it_is_left_and_how_it_is_kept(page: Page) -> None:
    page.goto("/customers/add")
    page.select_option("#f-country", "SK")
    page.fill("#f-phone", "0905 123 456")
    page.fill("#f-bank_account", "SK31 1200 0000 1987 4263 7542")
    page.fill("#f-national_id", "AB-77")
    page.keyboard.press("Tab")

    expect(page.locator("#f-phone")).to_have_value("+421905123456")
    expect(page.locator("#e-bank_account")).to_contain_text("The check digits of this IBAN are wrong.")
    expect(page.locator("#f-bank_account")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#e-national_id")).to_contain_text("does not look like a national ID of SK")
    page.fill("#f-bank_account", "SK31 1200 0000 1987 4263 7541")
    page.keyboard.press("Tab")
    expect(page.locator("#e-bank_account")).to_be_empty()
    expect(page.locator("#f-bank_account")).not_to_have_attribute("aria-invalid", "true")


def test_another_country_has_other_rules(page: Page) -> None:
    page.goto("/customers/add")
    page.select_option("#f-country", "SK")
    page.fill("#f-postal_code", "1051")
    page.keyboard.press("Tab")
    expect(page.locator("#e-postal_code")).to_contain_text("A postal code of SK looks like 811 01.")

    page.select_option("#f-country", "HU")

    expect(page.locator("#e-postal_code")).to_be_empty()


def test_a_date_and_time_are_typed_in_one_go(page: Page) -> None:
    """The year has four digits, and the keyboard goes on to the hour by itself."""
    page.goto("/tasks/add")
    page.focus("#f-due_date")
    page.keyboard.type("030320260230AM")  # the same in every order of day and month, and on both clocks

    expect(page.locator("#f-due_date")).to_have_value("2026-03-03T02:30")


def test_what_hangs_on_a_box_is_folded_and_keeps_what_it_holds(page: Page) -> None:
    new_customer(page, "Folded")
    page.get_by_role("link", name="Edit").click()
    town = page.locator('[data-field="corr_city"]')
    expect(town).to_be_hidden()
    page.check("#f-use_correspondence_address")
    page.fill("#f-corr_city", "Trnava")

    page.uncheck("#f-use_correspondence_address")

    expect(town).to_be_hidden()
    expect(page.locator(".folded-note").first).to_contain_text("Filled fields that are folded away: 1.")
    page.locator(".folded-note").get_by_role("button", name="Show").click()
    expect(page.locator("#f-corr_city")).to_be_focused()
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile("/show/"))
    expect(page.get_by_role("main")).to_contain_text("Trnava")


def test_a_missing_parent_is_made_beside_the_form_and_chosen(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    page.goto("/customers/add")
    page.fill("#f-first_name", "Kept while I am away")
    page.select_option("#f-country", "SK")
    holder = page.locator('[data-field="health_insurance_id"]')
    holder.locator(".ts-control").click()
    page.keyboard.type("Quite new insurance")
    holder.locator(".create").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name", exact=False).first).to_have_value("Quite new insurance")
    expect(dialog.get_by_label("Code", exact=False).first).to_be_focused()  # must be filled, and is empty
    dialog.get_by_label("Name", exact=False).first.fill("")
    dialog.get_by_role("button", name="Create and choose").click()
    expect(dialog.get_by_role("alert")).to_contain_text("need your attention")

    dialog.get_by_label("Name", exact=False).first.fill("Quite new insurance")
    dialog.get_by_label("Code", exact=False).first.fill("77")
    page.keyboard.press("Control+s")

    expect(dialog).to_have_count(0)
    expect(holder.locator(".item")).to_contain_text("Quite new insurance")
    expect(page.locator("#f-first_name")).to_have_value("Kept while I am away")
    assert page.url.endswith("/customers/add")


def test_a_missing_parent_is_asked_for_from_a_cell_which_stays_open(page: Page) -> None:
    new_customer(page, "Poistena")
    page.goto("/customers/list/?q=Poistena")
    owner = cell(page, "assigned_user_id")
    owner.hover()
    owner.locator("[data-quick-start]").click()
    owner.get_by_role("combobox").press_sequentially("Nora Nobody")
    owner.locator(".create").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Full name", exact=False).first).to_have_value("Nora Nobody")
    expect(dialog.get_by_role("button", name="Create and choose")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()

    expect(dialog).to_have_count(0)
    expect(owner.locator(".quick")).to_have_count(1)
    owner.get_by_role("button", name="Cancel").click()
    expect(owner.locator(".quick")).to_have_count(0)


def test_a_cell_is_changed_by_keyboard_and_changed_back(page: Page) -> None:
    new_customer(page, "Klavesnica", city="Nitra")
    page.goto("/customers/list/?q=Klavesnica")
    town = cell(page, "city")
    page.locator("tr[data-row] td:first-child > a").first.focus()

    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    expect(town.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Brno")
    page.keyboard.press("Escape")
    expect(town).to_have_text("Nitra")
    expect(town.locator("[data-quick-start]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(town.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Trnava")
    page.keyboard.press("Enter")

    expect(town).to_have_text("Trnava")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(town).to_have_text("Nitra")
    page.reload()
    expect(cell(page, "city")).to_have_text("Nitra")


def test_a_cell_is_changed_by_a_double_click_with_the_rules_of_the_form(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    new_customer(page, "Mysova", city="Nitra")
    page.goto("/customers/list/?q=Mysova")
    number = cell(page, "phone")

    number.dblclick()
    number.get_by_role("textbox").fill("mother")
    page.keyboard.press("Enter")
    expect(number).to_contain_text("A phone number has three digits or more")
    number.get_by_role("textbox").fill("0905 123 456")
    page.keyboard.press("Enter")

    expect(number.locator("a")).to_have_text(re.compile(r"\+421 ?905 ?123 ?456"))
    cell(page, "city").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mysova")


def test_of_two_cells_asked_for_at_once_the_last_one_opens(page: Page) -> None:
    new_customer(page, "Dvojita", city="Nitra")
    page.goto("/customers/list/?q=Dvojita")
    held = held_back(page, re.compile("/customers/field/"))
    for column in ("city", "phone"):
        cell(page, column).hover()
        with page.expect_request(re.compile("/customers/field/")):
            cell(page, column).locator("[data-quick-start]").click()
    before, after = held
    after.continue_()
    expect(cell(page, "phone").locator(".quick")).to_have_count(1)
    with page.expect_response(re.compile("/customers/field/")):
        before.continue_()
    page.evaluate("() => new Promise((heard) => setTimeout(heard, 100))")

    expect(page.locator(".quick")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".quick")).to_have_count(0)


def test_a_conflict_in_a_cell_shows_theirs_and_lets_one_choose(
    page: Page, browser: Browser, house: str, login_state: object, guard: Guard
) -> None:
    guard.forgiven = ("409",)
    new_customer(page, "Dvojity", city="Nitra")
    page.goto("/customers/list/?q=Dvojity")
    other = browser.new_context(base_url=house, storage_state=login_state, locale="en-GB")  # type: ignore[arg-type]
    second = guard.watch(other.new_page())
    second.goto(page.url)
    mine, theirs = cell(page, "city"), cell(second, "city")
    mine.dblclick()
    expect(mine.get_by_role("textbox")).to_be_focused()
    theirs.dblclick()
    theirs.get_by_role("textbox").fill("Praha")
    second.keyboard.press("Enter")
    expect(theirs).to_have_text("Praha")

    mine.get_by_role("textbox").fill("Brno")
    page.keyboard.press("Enter")

    expect(mine).to_contain_text("it now says “Praha”")
    expect(mine.get_by_role("button", name="Take theirs")).to_be_focused()
    mine.get_by_role("button", name="Keep mine").click()
    expect(mine).to_have_text("Brno")
    other.close()


def test_of_two_editors_the_second_chooses_per_field_by_keyboard(
    page: Page, browser: Browser, house: str, login_state: object, guard: Guard
) -> None:
    guard.forgiven = ("409",)
    new_customer(page, "Zlucena", title_before="Ing.")
    page.get_by_role("link", name="Edit").click()
    other = browser.new_context(base_url=house, storage_state=login_state, locale="en-GB")  # type: ignore[arg-type]
    second = guard.watch(other.new_page())
    second.goto(page.url)
    second.fill("#f-title_before", "Mgr.")
    second.fill("#f-notes", "Theirs")
    second.keyboard.press("Control+s")
    second.wait_for_url(re.compile("/show/"))
    page.fill("#f-notes", "Mine")
    page.fill("#f-title_after", "PhD.")
    page.keyboard.press("Control+s")

    question = page.locator("[data-conflict]")
    expect(question).to_have_count(1)
    expect(question).to_contain_text("Mine")
    expect(question).to_contain_text("Theirs")
    expect(page.locator(".conflict-merged")).to_contain_text("Ing.")
    expect(page.locator(".conflict-merged")).to_contain_text("Mgr.")
    question.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+s")

    page.wait_for_url(re.compile("/show/"))
    shown = page.get_by_role("main")
    for text in ("Theirs", "Mgr.", "PhD."):
        expect(shown).to_contain_text(text)
    other.close()


def test_a_relation_is_changed_in_a_cell_by_keyboard_and_taken_back(page: Page) -> None:
    new_customer(page, "Vztahova")
    page.goto("/customers/list/?q=Vztahova")
    owner = cell(page, "assigned_user_id")
    page.locator("tr[data-row] td:first-child > a").first.focus()
    start = owner.locator("[data-quick-start]")
    press_until_focused(page, "ArrowRight", start)
    said = []
    for name in ("Peter", "Zuzana"):
        page.keyboard.press("F2")
        expect(owner.get_by_role("combobox")).to_be_focused()
        page.keyboard.type(name)
        page.keyboard.press("Enter")  # before the server has answered
        expect(owner.locator(".item")).to_contain_text(name)
        page.keyboard.press("Enter")
        expect(owner.locator(".quick")).to_have_count(0)
        expect(start).to_be_focused()
        said.append(owner.inner_text())

    assert "Peter" in said[0] and "Zuzana" in said[1]
    page.keyboard.press("Control+z")
    expect(owner).to_contain_text("Peter")
    expect(start).to_be_focused()
    page.keyboard.press("F2")
    expect(owner.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(owner.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")  # the list of options, then the cell
    expect(owner.locator(".quick")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(owner.locator(".quick")).to_have_count(0)
    page.reload()
    expect(cell(page, "assigned_user_id")).to_contain_text("Peter")
