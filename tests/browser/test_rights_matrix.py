"""The permission matrix in the browser: what is changed in one is obeyed by the next request of another."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Guard
from tests.browser.late import go_on, held_back
from tests.browser.people import browser_of

pytestmark = pytest.mark.browser
SAVE = re.compile("/rights/.*/save")


@pytest.fixture
def clerk(browser: Browser, house: str, guard: Guard) -> Iterator[Page]:
    """A page of somebody who works with customers of Slovakia, logged in by hand."""
    with browser_of(browser, house, "clerk.sk") as context:
        yield guard.watch(context.new_page())


def open_matrix(page: Page, role: str) -> None:
    page.goto("/rights/")
    page.get_by_role("link", name=role, exact=True).click()
    expect(page.get_by_role("heading", name=role)).to_be_visible()


def field(page: Page, module: str, name: str) -> Locator:
    """The three states of one field, its module unfolded."""
    fold = page.locator(f'[data-fold="{module}"]')
    if fold.get_attribute("aria-expanded") != "true":
        fold.click()
    return page.locator(f'[data-row="{module}"] [data-field="{name}"]')


def save(page: Page) -> None:
    page.locator("[data-save]").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(page.locator("[data-bar]")).to_be_hidden()


def test_a_flipped_field_is_obeyed_by_the_next_request_of_another_browser(page: Page, clerk: Page) -> None:
    clerk.goto("/customers/list/")
    clerk.locator("tbody a[href^='/customers/show/']").first.click()
    expect(clerk.get_by_text("National ID", exact=True)).to_have_count(1)
    open_matrix(page, "Back-office clerk")

    field(page, "customers", "national_id").get_by_text("Hidden").click()
    expect(page.locator("[data-count]")).to_have_text("1 change")
    expect(page.locator("[data-summary]")).to_contain_text("lose")
    page.locator("[data-show-effects]").click()
    expect(page.locator("[data-effects]")).to_contain_text("Customers · National ID: Hidden")
    expect(page.locator("[data-effects]")).to_contain_text("Lose it:")
    save(page)

    clerk.reload()
    expect(clerk.get_by_role("heading", level=1)).to_be_visible()
    expect(clerk.get_by_text("National ID", exact=True)).to_have_count(0)

    field(page, "customers", "national_id").get_by_text("Edit").click()
    save(page)
    clerk.reload()
    expect(clerk.get_by_text("National ID", exact=True)).to_have_count(1)


def test_a_hidden_module_leaves_the_menu_of_another_browser(page: Page, clerk: Page) -> None:
    open_matrix(page, "Back-office clerk")
    hospitals = page.get_by_role("switch", name="Hospitals: Visible")
    before = [page.locator(f'[data-module="hospitals"][data-what="{what}"]').is_checked() for what in ("add", "edit")]

    hospitals.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name="Hospitals: Add")).not_to_be_checked()
    page.keyboard.press("Control+s")
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(page.locator("[data-bar]")).to_be_hidden()

    clerk.goto("/")
    expect(clerk.get_by_role("navigation", name="Main").locator('[href="/hospitals/list/"]')).to_have_count(0)
    assert clerk.request.get("/hospitals/list/").status == 403

    page.reload()
    hospitals = page.get_by_role("switch", name="Hospitals: Visible")
    expect(hospitals).not_to_be_checked()
    hospitals.focus()
    page.keyboard.press("Space")
    for what, was in zip(("Add", "Edit"), before, strict=True):
        if was:
            page.get_by_role("switch", name=f"Hospitals: {what}").focus()
            page.keyboard.press("Space")
    save(page)
    assert clerk.request.get("/hospitals/list/").status == 200


def test_undo_takes_everything_back_and_nothing_is_sent(page: Page) -> None:
    open_matrix(page, "Sales representative")
    deals = page.get_by_role("switch", name="Deals: Edit")
    was = deals.is_checked()

    deals.focus()
    page.keyboard.press("Space")
    field(page, "deals", "value").get_by_text("Read-only").click()
    expect(page.locator("[data-count]")).to_have_text("2 changes")
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("[data-bar]")).to_be_hidden()
    assert deals.is_checked() == was
    expect(page.locator('[data-field="value"] [value="editable"]')).to_be_checked()


def test_what_somebody_else_saved_meanwhile_is_kept_and_shown(page: Page, guard: Guard) -> None:
    guard.forgiven = ("409",)
    open_matrix(page, "Sales representative")
    other = guard.watch(page.context.new_page())
    open_matrix(other, "Sales representative")

    other.get_by_role("switch", name="Products: Edit").focus()
    other.keyboard.press("Space")
    save(other)
    page.get_by_role("switch", name="Invoices: Edit").focus()
    page.keyboard.press("Space")
    page.locator("[data-save]").click()

    expect(page.locator("#toasts")).to_contain_text("Somebody else has changed this role")
    expect(page.get_by_role("switch", name="Products: Edit")).to_be_checked()
    expect(page.get_by_role("switch", name="Invoices: Edit")).to_be_checked()
    expect(page.locator("[data-count]")).to_have_text("1 change")
    for name in ("Invoices: Edit", "Products: Edit"):
        page.get_by_role("switch", name=name).focus()
        page.keyboard.press("Space")
    save(page)


def test_what_is_changed_while_it_is_being_saved_stays_to_be_saved(page: Page) -> None:
    open_matrix(page, "Back-office clerk")
    before, after = field(page, "customers", "city"), field(page, "customers", "phone")
    held = held_back(page, SAVE)
    before.get_by_text("Read-only").click()
    with page.expect_request(SAVE):
        page.locator("[data-save]").click()
    before.get_by_text("Edit", exact=True).click()
    after.get_by_text("Hidden").click()
    go_on(page, held, SAVE)

    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(page.locator("[data-count]")).to_have_text("2 changes")
    expect(before.get_by_role("radio", name="Edit", exact=True)).to_be_checked()
    expect(after.get_by_role("radio", name="Hidden")).to_be_checked()
    after.get_by_text("Edit", exact=True).click()
    save(page)


def test_a_refusal_snaps_back_with_its_reason(page: Page, guard: Guard) -> None:
    """The page was open when the role became one of administrators."""
    guard.forgiven = ("403",)
    page.goto("/rights/")
    token = page.request.get("/roles/add").text()
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', token)
    assert csrf is not None
    made = page.request.post(
        "/roles/add", form={"name": "Passing", "is_active": "1", "is_active-shown": "1", "csrf_token": csrf[1]},
        headers={"Referer": page.url},
    )  # fmt: skip
    key = re.search(r"/roles/show/([0-9a-f-]+)", made.url)
    assert key is not None
    open_matrix(page, "Passing")
    deals = page.get_by_role("switch", name="Deals: Visible")
    deals.focus()
    page.keyboard.press("Space")
    expect(deals).to_be_checked()
    edited = page.request.get(f"/roles/edit/{key[1]}").text()
    version = re.search(r'name="version" value="([^"]+)"', edited)
    assert version is not None
    page.request.post(
        f"/roles/edit/{key[1]}",
        form={"name": "Passing", "legacy_role": "admin", "is_active": "1", "is_active-shown": "1",
              "is_system-shown": "1", "version": version[1], "csrf_token": csrf[1]},
        headers={"Referer": page.url},
    )  # fmt: skip

    page.locator("[data-save]").click()

    expect(page.locator("#toasts")).to_contain_text("Not saved: This role gives everything")
    expect(deals).not_to_be_checked()
    expect(page.locator("[data-bar]")).to_be_hidden()


def test_search_finds_modules_and_fields_and_escape_shows_all_again(page: Page) -> None:
    open_matrix(page, "Call-centre operator")

    page.keyboard.press("/")
    page.keyboard.type("bank acc")
    row = page.locator('[data-row="customers"]')
    expect(row.locator('[data-field="bank_account"]')).to_be_visible()
    expect(row.locator('[data-field="email"]')).to_be_hidden()
    expect(page.locator('[data-row="tasks"]')).to_be_hidden()

    page.keyboard.press("Escape")
    expect(page.locator('[data-row="tasks"]')).to_be_visible()
    expect(row.locator('[data-field="bank_account"]')).to_be_hidden()

    page.get_by_role("button", name="With limits").click()
    expect(row).to_be_visible()
    expect(page.locator('[data-row="tasks"]')).to_be_hidden()


def test_another_role_is_copied_and_nothing_is_saved_before_save(page: Page) -> None:
    open_matrix(page, "Call-centre operator")
    expect(page.get_by_role("switch", name="Hospitals: Visible")).not_to_be_checked()

    page.get_by_role("button", name="Copy from role").click()
    page.get_by_role("menuitem", name="Sales representative").click()

    expect(page.locator("#toasts")).to_contain_text("Copied from Sales representative")
    expect(page.get_by_role("switch", name="Hospitals: Visible")).to_be_checked()
    expect(page.locator("[data-count]")).to_have_text(re.compile(r"\d\d+ changes"))
    page.get_by_role("button", name="Undo").click()
    page.reload()
    expect(page.get_by_role("switch", name="Hospitals: Visible")).not_to_be_checked()


def test_a_field_is_reached_and_set_with_the_keyboard_alone(page: Page) -> None:
    open_matrix(page, "Call-centre operator")

    page.locator('[data-fold="tasks"]').focus()
    page.keyboard.press("Enter")
    group = page.get_by_role("radiogroup", name="Title", exact=True)
    group.get_by_role("radio", name="Edit").focus()
    page.keyboard.press("ArrowRight")

    expect(group.get_by_role("radio", name="Read-only")).to_be_checked()
    expect(page.locator("[data-count]")).to_have_text("1 change")
    page.get_by_role("button", name="Undo").click()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_about_rights_is_wider_than_the_screen(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/rights/")
    role = page.get_by_role("link", name="Call-centre operator").get_attribute("href")
    person = page.request.get("/rights/people?q=clerk.sk").json()["results"][0]["id"]

    for address in (
        "/rights/",
        role,
        "/rights/compare",
        f"/rights/user/{person}",
        f"/rights/why?user={person}&table=customers",
    ):
        page.goto(str(address))

        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, (address, over)


def test_an_administrator_looks_through_other_eyes_and_stops(page: Page) -> None:
    page.goto("/rights/why")
    page.get_by_role("combobox", name="Person").click()
    page.keyboard.type("operator.cz")
    page.locator(".ts-dropdown .option").filter(has_text="operator.cz").click()
    page.get_by_label("Table").select_option("users")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("status").filter(has_text="cannot see “Users”")).to_be_visible()

    page.get_by_role("button", name="View as").click()
    bar = page.locator(".viewing-as")
    expect(bar).to_contain_text("read-only")
    expect(page.get_by_role("navigation", name="Main").get_by_text("Settings", exact=True)).to_have_count(0)
    bar.get_by_role("button", name="Stop").click()

    expect(bar).to_have_count(0)
    expect(page.get_by_role("navigation", name="Main").get_by_text("Settings", exact=True)).to_be_visible()
