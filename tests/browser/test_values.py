"""Kinds of values: typed, saved, shown and emptied again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Guard, empty_out

pytestmark = pytest.mark.browser


def open_first(page: Page, table: str) -> None:
    """The form of the first record of a table."""
    page.goto(f"/{table}/list/")
    page.locator("tr[data-row]").first.get_by_role("link", name=re.compile(r"^Edit(: |$)")).click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/show/"))


def again(page: Page) -> None:
    """From the record back to its form."""
    page.get_by_role("link", name="Edit", exact=True).click()
    page.wait_for_url(re.compile("/edit/"))


def shown(page: Page, label: str) -> Locator:
    """The value beside a label on the page of a record; empty fields are unfolded."""
    fold = page.locator("[data-fold]")
    if fold.count() and fold.get_attribute("aria-expanded") == "false":
        fold.click()
    here = page.get_by_text(label, exact=True)
    return page.locator(".value").filter(has=page.locator("dt").and_(here)).locator("dd")


def test_of_a_date_only_the_known_part_is_kept(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    open_first(page, "collaborators")
    field = page.locator('[data-field="birth"]')

    field.get_by_label("Day").fill("31")
    field.get_by_label("Month").fill("2")
    field.get_by_label("Year").fill("1980")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#e-birth")).to_contain_text("There is no such day in that month.")
    expect(field.get_by_label("Day")).to_have_value("31")

    field.get_by_label("Day").fill("")
    save(page)

    expect(shown(page, "Date of birth")).to_have_text("Feb 1980")
    again(page)
    expect(field.get_by_label("Day")).to_have_value("")
    expect(field.get_by_label("Month")).to_have_value("2")


def test_tags_are_typed_freely_and_can_all_be_taken_away(page: Page) -> None:
    open_first(page, "email_routing_rules")
    field = page.locator('[data-field="mailbox_filter"]')

    empty_out(field)
    field.locator(".ts-control").click()
    for tag in ("first@example.com", "second@example.com"):
        page.keyboard.type(tag)
        page.keyboard.press("Enter")
    save(page)
    expect(shown(page, "Mailboxes").locator(".pill")).to_have_text(["first@example.com", "second@example.com"])

    again(page)
    empty_out(field)
    save(page)
    expect(shown(page, "Mailboxes")).to_have_text("–")


def test_several_of_a_list_are_chosen_and_can_all_be_taken_away(page: Page) -> None:
    open_first(page, "campaign_templates")
    field = page.locator('[data-field="country_codes"]')

    empty_out(field)
    field.locator(".ts-control").click()
    for number, country in enumerate(("Slovakia", "Czechia"), 1):
        page.keyboard.type(country)
        page.keyboard.press("Enter")
        expect(field.locator(".item")).to_have_count(number)
    page.keyboard.press("Escape")
    save(page)
    expect(shown(page, "Countries").locator(".land")).to_have_text(["SK", "CZ"])

    again(page)
    empty_out(field)
    save(page)
    expect(shown(page, "Countries")).to_have_text("–")


def test_a_box_that_was_checked_can_be_saved_unchecked_and_checked_again(page: Page) -> None:
    open_first(page, "email_routing_rules")
    page.check("#f-stop_processing")
    save(page)
    expect(shown(page, "Stop after match")).to_have_text("Yes")

    again(page)
    page.uncheck("#f-stop_processing")
    save(page)
    expect(shown(page, "Stop after match")).to_have_text("No")


def test_a_secret_is_only_ever_said_to_be_set(page: Page) -> None:
    open_first(page, "users")
    page.fill("#f-sip_password", "never to be seen again")
    save(page)
    expect(shown(page, "Extension password")).to_have_text("Set")
    assert "never to be seen again" not in page.content()

    again(page)
    assert "never to be seen again" not in page.content()
    save(page)
    expect(shown(page, "Extension password")).to_have_text("Set")

    again(page)
    page.locator('[data-field="sip_password"]').get_by_label("Remove the stored value").check()
    save(page)
    expect(shown(page, "Extension password")).to_have_text("Not set")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ('[\n  {"field": "subject"},\n  {"field": }\n]', "line 3, column 13"),
        ("[NaN]", "NaN is not a value"),
        ('{"open": [1, 2', "line 1"),
    ],
)
def test_broken_json_is_refused_where_it_breaks_and_stays_as_it_was_typed(
    page: Page, guard: Guard, typed: str, problem: str
) -> None:
    guard.forgiven = ("422",)
    open_first(page, "email_routing_rules")
    field = page.locator("textarea[data-code]").first
    field.fill(typed)

    page.get_by_role("button", name="Save").click()

    expect(page.locator(".wrong").first).to_contain_text(problem)
    expect(field).to_have_value(typed)
    expect(field).to_have_attribute("aria-invalid", "true")


def test_the_summary_of_errors_leads_to_a_picker_as_well(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    page.goto("/tasks/add")
    page.fill("#f-title", "Call the family back")
    page.get_by_role("button", name="Create").click()

    summary = page.get_by_role("alert").filter(has_text="your attention")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Owner").click()

    expect(page.locator('[data-field="assigned_user_id"] .ts-control input')).to_be_focused()
    expect(page.locator("#f-title")).to_have_value("Call the family back")
