"""Who comes in and who does not."""

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Guard
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


def test_a_stranger_is_led_to_the_login_and_back_to_where_he_wanted(stranger: Page, guard: Guard) -> None:
    guard.forgiven = ("401",)
    stranger.goto("/hospitals/list/")
    expect(stranger.get_by_role("heading", name="Log in")).to_be_visible()

    stranger.fill("#username", "admin")
    stranger.fill("#password", "wrong")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("alert")).to_contain_text("Wrong user name or password")
    expect(stranger.locator("#username")).to_have_value("admin")

    stranger.fill("#password", PASSWORD)
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("heading", name="Hospitals")).to_be_visible()

    stranger.get_by_role("button", name="Account").click()
    stranger.get_by_role("menuitem", name="Log out").click()
    expect(stranger.get_by_role("heading", name="Log in")).to_be_visible()
    stranger.goto("/hospitals/list/")
    expect(stranger.get_by_role("heading", name="Log in")).to_be_visible()


def test_an_operator_sees_the_call_centre_and_not_the_settings(stranger: Page) -> None:
    stranger.goto("/login/")
    stranger.fill("#username", "operator.cz")
    stranger.fill("#password", PASSWORD)
    stranger.keyboard.press("Enter")
    stranger.wait_for_url("**/")

    sidebar = stranger.get_by_role("navigation", name="Main")
    expect(sidebar.get_by_text("Sales")).to_be_visible()
    expect(sidebar.get_by_text("Users")).to_have_count(0)
    answer = stranger.request.get("/users/list/")
    assert answer.status == 403


def log_in(page: Page, name: str) -> None:
    page.goto("/login/")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")


def test_who_has_an_authenticator_app_is_asked_for_its_code(stranger: Page, guard: Guard) -> None:
    guard.forgiven = ("401",)
    log_in(stranger, "clerk.sk")
    stranger.get_by_role("button", name="Account").click()
    stranger.get_by_role("menuitem", name="Profile and settings").click()
    stranger.get_by_role("link", name="Set up").click()
    stranger.get_by_role("button", name="Set up").click()
    expect(stranger.get_by_role("img", name="QR code")).to_be_visible()
    app = pyotp.TOTP(stranger.locator(".spoken").inner_text().replace(" ", ""))

    stranger.get_by_label("Code").fill(app.now())
    stranger.get_by_role("button", name="Switch on").click()
    codes = stranger.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    stranger.get_by_role("button", name="Account").click()
    stranger.get_by_role("menuitem", name="Log out").click()

    expect(stranger.get_by_role("heading", name="Log in")).to_be_visible()
    log_in(stranger, "clerk.sk")
    expect(stranger.get_by_role("heading", name="One more step")).to_be_visible()
    stranger.get_by_label("Code").fill("000000")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("alert")).to_contain_text("This code is wrong")
    stranger.get_by_label("Code").fill(recovery)
    stranger.keyboard.press("Enter")
    stranger.wait_for_url(lambda address: address.endswith("/") and "login" not in address)

    stranger.goto("/profile/second-factor/")
    stranger.locator("#off-password").fill(PASSWORD)
    stranger.get_by_role("button", name="Switch off").click()
    expect(stranger.get_by_role("button", name="Set up")).to_be_visible()
