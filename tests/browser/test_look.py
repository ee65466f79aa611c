"""Records, charts, directory, language and the look of all tables."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.tables import MODELS
from tests.browser.conftest import Guard
from tests.browser.phone import PHONE, STICKING_OUT
from tests.smallest import LOGS

pytestmark = pytest.mark.browser

LOW = {"width": 1000, "height": 300}  # little to paint, for many pages
# Addresses, and what shows that the page is complete.
NARROW = (
    ("/", "canvas"),
    ("/customers/list/", "tr[data-row]"),
    ("/customers/list/?_flt_eq_client_status=potential&_flt_nin_country=SK,CZ,HU&q=a", ".chip"),
    ("/invoices/list/", "tr[data-row]"),
    ("/users/list/", "tr[data-row]"),
    ("/activity_logs/list/", "tr[data-row]"),
    ("/customers/add", ".ts-wrapper"),
    ("/contract_instances/add", ".ts-wrapper"),
    ("/email_routing_rules/add", "textarea"),
    ("/campaigns/add", ".ts-wrapper"),
    ("/deals/chart/", "canvas"),
    ("/invoices/chart/", "canvas"),
    ("/tables/", "[data-area]"),
    ("/profile/", ".segments"),
    ("/notifications/", ".notice-line"),
    ("/notifications/rules/", ".setting"),
    ("/notifications/rules/new", ".rule-preview"),
    ("/password/", "#f-password"),
    ("/swagger/v1", ".opblock-tag"),
    ("/no/such/page", ".fault"),
)


def test_related_records_are_loaded_when_they_are_asked_for(page: Page) -> None:
    page.goto("/customers/list/?order=created_at")
    page.locator("tr[data-row] td a").first.click()
    tab = page.get_by_role("tab", name=re.compile("Consents"))
    tab.click()

    panel = page.get_by_role("tabpanel").filter(visible=True)
    expect(panel.locator("tr[data-row]").first).to_be_visible()
    panel.get_by_role("link", name=re.compile("Add")).first.click()
    panel.get_by_role("link", name="All fields").click()
    expect(page.locator('[data-field="customer_id"] .item')).to_be_visible()


def test_a_chart_is_drawn_with_its_numbers_and_leads_to_the_same_rows(page: Page) -> None:
    page.goto("/deals/chart/")
    chart = page.locator("[data-chart]").filter(has_text="Deals by status")
    expect(chart.locator("canvas")).to_be_visible()
    line = chart.locator(".numbers tbody tr").filter(has_text="Won")
    count = line.locator("td").last.inner_text()

    line.get_by_role("link").click()

    expect(page.locator(".chip")).to_contain_text("Status is Won")
    expect(page.locator(".list-head small")).to_have_text(count)


def test_the_home_page_draws_its_charts(page: Page) -> None:
    page.goto("/")

    charts = page.locator(".board-tile.is-chart")
    for place in range(charts.count()):
        charts.nth(place).scroll_into_view_if_needed()
        expect(charts.nth(place)).to_have_attribute("aria-busy", "false")
    assert page.locator(".board-tile canvas").count() >= 5
    assert page.locator(".board-tile.is-number a.tile-value").count() >= 5


def test_every_table_is_in_the_directory_and_can_be_searched(page: Page) -> None:
    page.goto("/tables/")
    links = page.locator("main a[href$='/list/']")
    assert links.count() == len(MODELS)

    page.get_by_role("searchbox").first.fill("inflation")
    expect(page.locator("main a[href$='/list/']").filter(visible=True)).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="Tables shown: 1.")).to_have_count(1)


def test_go_to_finds_a_table_from_anywhere(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search").fill("number rang")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/number_ranges/list/"))


def test_the_theme_can_be_dark(page: Page) -> None:
    page.goto("/profile/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark", exact=True).click()

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_reference_of_the_api_lists_the_resources(page: Page) -> None:
    page.goto("/swagger/v1")

    expect(page.get_by_role("link", name="customers", exact=True)).to_be_visible(timeout=20_000)
    assert page.locator("h3.opblock-tag").count() >= len(MODELS)


def test_what_does_not_exist_is_said_in_our_look(page: Page, guard: Guard) -> None:
    guard.forgiven = ("404",)
    page.goto("/customers/show/nobody")

    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_the_content_is_one_key_away(page: Page) -> None:
    page.goto("/customers/list/")
    page.keyboard.press("Tab")

    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("part", range(3))
def test_every_list_form_and_chart_page_opens_without_a_complaint(page: Page, part: int) -> None:
    page.set_viewport_size(LOW)  # type: ignore[arg-type]  # a TypedDict

    for table in sorted(MODELS)[part::3]:
        for name in ("list/", "chart/") if table in LOGS else ("list/", "add", "chart/"):
            answer = page.goto(f"/{table}/{name}", wait_until="domcontentloaded")
            assert answer is not None and answer.status == 200, (table, name)


def test_no_page_is_wider_than_a_phone(page: Page, guard: Guard) -> None:
    guard.forgiven = ("404",)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict

    for address, drawn in NARROW:
        page.goto(address)
        expect(page.locator(drawn).first).to_be_visible()
        assert page.evaluate(STICKING_OUT) == [], address


def test_no_record_is_wider_than_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict

    for table in ("customers", "contract_instances", "invoices", "campaigns", "users"):
        page.goto(f"/{table}/list/")
        for way in ("tr[data-row] td:first-child > a", ".record-acts a.is-primary"):
            page.locator(way).first.click()
            expect(page.locator(".sections, form[data-form]").first).to_be_visible()
            assert page.evaluate(STICKING_OUT) == [], page.url
