"""An e-mail is written, looked at before, and followed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Guard
from tests.browser.late import held_back

CUSTOMER = re.compile(r"/mail/customer\.json")

pytestmark = pytest.mark.browser


def test_an_email_is_seen_before_it_is_sent_and_waits_afterwards(page: Page) -> None:
    page.goto("/customers/list/")
    page.locator("a[href^='/customers/show/']").first.click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Write e-mail").click()

    page.get_by_label("Subject").fill("Your contract")
    page.locator("#f-content").fill("Good morning,\n\nhere it is: https://example.com/contract")
    letter = page.frame_locator("iframe.mail-frame")

    expect(letter.get_by_text("Good morning,")).to_be_visible()
    expect(letter.get_by_role("link", name="https://example.com/contract")).to_be_visible()
    expect(page.locator("#f-recipient_email")).to_have_value(re.compile(".+@.+"))

    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("heading", name="Your contract")).to_be_visible()
    expect(page.get_by_text("Waiting to be sent")).to_be_visible()
    expect(page.frame_locator("iframe.mail-frame").get_by_text("Good morning,")).to_be_visible()


def test_choosing_a_customer_fills_in_address_and_language(page: Page) -> None:
    page.goto("/mail/write")
    field = page.locator("[data-field=customer_id]")
    field.locator(".ts-control").click()
    field.locator("[data-selectable]").first.click()

    expect(page.locator("#f-recipient_email")).to_have_value(re.compile(".+@.+"))
    address = page.locator("#f-recipient_email").input_value()
    field.locator(".ts-control input").press("ArrowDown")
    field.locator("[data-selectable]").nth(3).click()

    expect(page.locator("#f-recipient_email")).not_to_have_value(address)


def test_the_address_of_whom_was_chosen_before_does_not_come_after(page: Page) -> None:
    page.goto("/mail/write")
    field = page.locator("[data-field=customer_id]")
    held = held_back(page, CUSTOMER)
    with page.expect_request(CUSTOMER):
        field.locator(".ts-control").click()
        field.locator("[data-selectable]").first.click()
    with page.expect_request(CUSTOMER):
        field.locator(".ts-control input").press("ArrowDown")
        field.locator("[data-selectable]").nth(3).click()
    before, after = held
    with page.expect_response(CUSTOMER):
        after.continue_()
    expect(page.locator("#f-recipient_email")).to_have_value(re.compile(".+@.+"))
    address = page.locator("#f-recipient_email").input_value()

    with page.expect_response(CUSTOMER) as late:
        before.continue_()
    assert late.value.json()["recipient_email"] != address
    page.evaluate("() => new Promise((heard) => setTimeout(heard, 100))")

    expect(page.locator("#f-recipient_email")).to_have_value(address)


def test_what_is_missing_is_said_and_the_text_is_kept(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    page.goto("/mail/write")
    page.locator("#f-content").fill("A long text")

    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("alert")).to_contain_text("2 fields need your attention")
    expect(page.locator("#f-content")).to_have_value("A long text")
