"""Adding and changing records."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Guard, empty_out

pytestmark = pytest.mark.browser


def choose(page: Page, field: str, typed: str) -> str:
    """Pick the first record an AJAX picker finds; gives its name."""
    holder = page.locator(f'[data-field="{field}"]')
    holder.locator(".ts-control").click()
    holder.locator("input").last.press_sequentially(typed)
    option = page.locator(".ts-dropdown .option").first
    expect(option).to_contain_text(re.compile(typed, re.I))
    name = option.inner_text().strip()
    option.click()
    return name


def test_a_customer_is_added_with_an_owner_found_by_typing(page: Page) -> None:
    page.goto("/customers/add")
    page.fill("#f-first_name", "Žofia")
    page.fill("#f-last_name", "Prehliadačová")
    page.fill("#f-email", "zofia@example.com")
    page.select_option("#f-country", "SK")
    owner = choose(page, "assigned_user_id", "kat")

    page.keyboard.press("Control+s")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Žofia Prehliadačová")
    expect(page.get_by_role("main").get_by_text(owner).first).to_be_visible()


def test_who_types_faster_than_the_server_answers_gets_what_he_typed(page: Page) -> None:
    page.goto("/customers/add")
    holder = page.locator('[data-field="assigned_user_id"]')
    holder.locator(".ts-control").click()
    expect(page.locator(".ts-dropdown .option").first).to_be_visible()
    page.route("**/pick/assigned_user_id?q=*", lambda route: (page.wait_for_timeout(600), route.continue_()))

    page.keyboard.type("Tomáš")
    page.keyboard.press("Enter")

    expect(holder.locator(".item")).to_contain_text("Tomáš Richter")


def test_the_answer_to_the_beginning_of_a_word_is_not_taken_for_that_to_the_word(page: Page) -> None:
    page.goto("/customers/add")
    holder = page.locator('[data-field="assigned_user_id"]')
    holder.locator(".ts-control").click()
    expect(page.locator(".ts-dropdown .option").first).to_be_visible()
    page.route("**/pick/assigned_user_id?q=T*", lambda route: (page.wait_for_timeout(600), route.continue_()))

    with page.expect_request("**/pick/assigned_user_id?q=T"):
        page.keyboard.type("T")
    page.keyboard.type("omáš")
    page.keyboard.press("Enter")

    expect(holder.locator(".item")).to_contain_text("Tomáš Richter")


def test_what_is_missing_is_said_at_the_field_and_what_was_typed_stays(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    page.goto("/customers/add")
    page.fill("#f-first_name", "Only a first name")
    page.get_by_role("button", name="Create").click()

    expect(page.get_by_text("3 fields need your attention")).to_be_visible()
    expect(page.locator("#f-first_name")).to_have_value("Only a first name")
    page.get_by_role("alert").get_by_role("link", name="Email").click()
    expect(page.locator("#f-email")).to_be_focused()


def test_a_box_can_be_unchecked_and_lists_can_be_filled_and_emptied(page: Page) -> None:
    page.goto("/campaigns/list/")
    page.locator("tr[data-row] td a").first.click()
    page.get_by_role("link", name="Edit").click()
    address = page.url
    countries = page.locator('[data-field="country_codes"]')
    empty_out(countries)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/show/"))
    page.goto(address)
    expect(countries.locator(".item")).to_have_count(0)

    page.goto("/products/add")
    page.fill("#f-name", "Cord tissue test")
    page.uncheck("#f-is_active")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cord tissue test")
    expect(page.locator(".no").first).to_be_visible()


def test_broken_json_is_refused_with_its_line(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    page.goto("/email_routing_rules/list/")
    page.locator("tr[data-row] td a").first.click()
    page.get_by_role("link", name="Edit").click()
    page.fill("#f-conditions", '[\n  {"field": }\n]')
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#e-conditions")).to_contain_text("line 2")
    expect(page.locator("#f-conditions")).to_have_value('[\n  {"field": }\n]')


def test_leaving_with_unsaved_changes_asks_first(page: Page) -> None:
    page.goto("/customers/add")
    page.fill("#f-first_name", "Not saved")
    page.keyboard.press("Escape")

    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#f-first_name")).to_have_value("Not saved")


def test_the_second_of_two_editors_sees_both_versions_and_loses_nothing(
    page: Page, browser: Browser, house: str, login_state: object, guard: Guard
) -> None:
    guard.forgiven = ("409",)
    page.goto("/email_tags/list/")
    page.locator("tr[data-row] td a").first.click()
    page.get_by_role("link", name="Edit").click()
    other = browser.new_context(base_url=house, storage_state=login_state, locale="en-GB")  # type: ignore[arg-type]
    second = guard.watch(other.new_page())
    second.goto(page.url)

    page.fill("#f-description", "The first editor's words")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/show/"))
    second.fill("#f-description", "The second editor's words")
    second.get_by_role("button", name="Save").click()

    conflict = second.locator(".conflict")
    expect(conflict).to_contain_text("The first editor's words")
    expect(conflict).to_contain_text("The second editor's words")
    expect(second.locator("#f-description")).to_have_value("The second editor's words")
    conflict.get_by_role("radio", name="Theirs").check()
    second.fill("#f-description", "What both meant")  # who goes on typing wants this to be kept
    expect(conflict.get_by_role("radio", name="Yours As it stands below")).to_be_checked()
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_text("What both meant").first).to_be_visible()
    other.close()


def test_a_secret_is_set_and_never_shown(page: Page) -> None:
    page.goto("/sip_settings/list/")
    page.locator("tr[data-row] td a").first.click()
    page.get_by_role("link", name="Edit").click()
    page.fill("#f-turn_password", "a very secret word")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/show/"))

    assert "a very secret word" not in page.content()
    page.get_by_role("link", name="Edit").click()
    assert "a very secret word" not in page.content()


def test_deactivating_asks_and_can_be_left(page: Page) -> None:
    page.goto("/laboratories/list/")
    name = page.locator("tr[data-row] td a").first.inner_text().strip()
    page.locator("tr[data-row] td a").first.click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Deactivate").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Deactivate").click()
    dialog.get_by_role("button", name="Deactivate").click()

    expect(page.get_by_text(f"“{name}” is deactivated.")).to_be_visible()
    expect(page.locator("tr[data-row] td a").filter(has_text=name)).to_have_count(0)


def test_a_form_that_is_sent_again_after_going_back_makes_nothing_twice(page: Page) -> None:
    page.goto("/vip_statuses/add")
    page.fill("#f-name", "Twice in a browser")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Twice in a browser")
    made = page.url

    page.go_back()
    page.fill("#f-name", "Twice in a browser")
    page.get_by_role("button", name="Create").click()

    expect(page.locator("#toasts")).to_contain_text("was created already; nothing was made twice")
    assert page.url == made


def test_a_new_form_after_a_saved_one_makes_another_record(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    for name in ("First of two", "Second of two"):
        page.goto("/vip_statuses/add")
        page.fill("#f-name", name)
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    made = page.url

    page.go_back()
    page.fill("#f-name", "Third after going back")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_contain_text("This form was sent before with other values.")
    page.get_by_role("button", name="Create").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Third after going back")
    assert page.url != made


def test_two_clicks_make_one_record(page: Page) -> None:
    page.goto("/vip_statuses/add")
    page.fill("#f-name", "Clicked twice")
    page.get_by_role("button", name="Create").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Clicked twice")

    page.goto("/vip_statuses/list/?q=Clicked")

    expect(page.locator("tbody tr", has_text="Clicked twice")).to_have_count(1)
