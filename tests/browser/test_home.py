"""The home page in a browser: tiles load, lead to their rows, are arranged by keyboard, and take pinned charts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.phone import PHONE

pytestmark = pytest.mark.browser
# Texts that do not fit where they stand.
CUT = """texts => texts
    .filter((text) => [text, text.parentElement].some((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
    .map((text) => text.textContent)"""


@pytest.fixture
def home(page: Page) -> Iterator[Page]:
    """The home page as the role has it; what a test arranges is undone."""
    _reset(page)
    yield page
    _reset(page)


def _reset(page: Page) -> None:
    page.goto("/?board=management")
    button = page.locator("[data-reset] button")
    if button.is_enabled():
        page.get_by_role("button", name="Arrange").click()
        button.click()
        page.get_by_role("dialog").get_by_role("button", name="Reset").click()
        page.wait_for_url(re.compile("board=management"))
        expect(button).to_be_disabled()


def tile(page: Page, key: str) -> Locator:
    found = page.locator(f'[data-tile="{key}"]')
    found.scroll_into_view_if_needed()
    expect(found).to_have_attribute("aria-busy", "false")
    return found


def keys(page: Page) -> list[str]:
    return page.locator("[data-tile]").evaluate_all("tiles => tiles.map((tile) => tile.dataset.tile)")


def test_on_a_phone_each_row_of_a_list_tells_what_it_is_and_when(home: Page) -> None:
    home.set_viewport_size(PHONE)
    home.goto("/?board=work")

    rows = tile(home, "waiting_for_signature").locator(".tile-rows tbody tr")

    expect(rows).not_to_have_count(0)
    assert rows.locator("td > *").evaluate_all(CUT) == []


def test_a_number_leads_to_as_many_rows(home: Page) -> None:
    value = tile(home, "new_customers").locator(".tile-value")
    count = value.inner_text()

    value.click()

    expect(home).to_have_url(re.compile("/customers/list/"))
    expect(home.locator("h1 small")).to_have_text(count)


def test_a_chart_has_a_table_whose_numbers_lead_to_as_many_rows(home: Page) -> None:
    card = tile(home, "contracts_by_state")
    expect(card.locator("canvas")).to_be_visible()

    card.get_by_role("button", name="Numbers as a table").click()
    link = card.locator(".numbers td a").first
    count = link.inner_text()
    link.click()

    expect(home).to_have_url(re.compile("/contract_instances/list/"))
    expect(home.locator("h1 small")).to_have_text(count)


def test_a_click_on_a_bar_leads_to_its_rows(home: Page) -> None:
    card = tile(home, "contracts_by_state")
    draw = card.locator(".tile-draw")
    expect(draw.locator("canvas")).to_be_visible()
    where = """draw => {
        const chart = echarts.getInstanceByDom(draw);
        const value = chart.getOption().series[0].data[0].value;
        const [x, y] = chart.convertToPixel({ seriesIndex: 0 }, [value / 2, 0]);
        return { x, y, value };
    }"""
    found = draw.evaluate(where)

    draw.click(position={"x": found["x"], "y": found["y"]})

    expect(home).to_have_url(re.compile("/contract_instances/list/"))
    expect(home.locator("h1 small")).to_have_text(str(found["value"]))


def test_tiles_are_arranged_with_the_keyboard_alone(home: Page) -> None:
    before = keys(home)
    home.get_by_role("button", name="Arrange").press("Enter")
    grip = home.get_by_role("button", name=re.compile("^Move: Conversion"))
    grip.focus()

    with home.expect_response("**/home/arrange"):
        home.keyboard.press("ArrowLeft")

    expect(grip).to_be_focused()
    expect(home.locator("[data-board-says]")).to_have_text(re.compile("is now tile 1 of"))
    with home.expect_response("**/home/arrange"):
        home.get_by_label("Width: New customers", exact=True).select_option("6")
    with home.expect_response("**/home/arrange"):
        home.get_by_role("button", name="Remove: Open pipeline").press("Enter")
    home.goto("/?board=management")
    after = keys(home)
    assert after[:2] == [before[1], before[0]]
    assert set(before) - set(after) == {"open_deals"}
    expect(home.locator('[data-tile="new_customers"]')).to_have_attribute("data-width", "6")


def test_a_tile_is_added_from_the_catalogue(home: Page) -> None:
    home.get_by_role("button", name="Arrange").click()
    home.get_by_role("button", name="Add a tile").click()

    home.get_by_role("dialog").get_by_role("button", name=re.compile("^Visits Visits that begin")).click()

    expect(home.locator('[data-tile="visits"]')).to_have_count(1)
    expect(home.get_by_role("button", name="Arrange")).to_have_attribute("aria-pressed", "true")


def test_a_chart_of_a_table_is_pinned_with_its_filters(home: Page) -> None:
    home.goto("/deals/chart/?_flt_eq_status=won")
    home.get_by_role("button", name="Pin to home: Deals by country").click()

    expect(home).to_have_url(re.compile("board=management"))
    card = home.locator('[data-tile^="pin-"]')
    card.scroll_into_view_if_needed()
    expect(card.locator("canvas")).to_be_visible()
    expect(card.locator(".tile-notes")).to_contain_text("Status is Won")
    card.get_by_role("button", name="Numbers as a table").click()
    link = card.locator(".numbers td a").first
    count = link.inner_text()
    link.click()
    expect(home).to_have_url(re.compile("_flt_ge_created_at="))  # the period of the page
    expect(home.locator("h1 small")).to_have_text(count)


def test_the_period_is_kept_in_the_address_and_for_the_person(home: Page) -> None:
    home.get_by_label("Period").select_option("90")

    expect(home).to_have_url(re.compile("period=90"))
    home.goto("/")
    expect(home.get_by_label("Period")).to_have_value("90")
    expect(home).to_have_url(re.compile("period=90"))  # and in the address again
    home.get_by_label("Period").select_option("year")
    expect(home).to_have_url(re.compile("period=year"))


def test_a_picture_of_a_chart_can_be_saved(home: Page) -> None:
    card = tile(home, "forecast")
    expect(card.locator("canvas")).to_be_visible()
    card.get_by_role("button", name="More").click()

    with home.expect_download() as saved:
        card.get_by_role("menuitem", name="Save as a picture").click()

    assert saved.value.suggested_filename == "forecast.png"


def test_a_tile_whose_chart_did_not_come_offers_no_picture(home: Page) -> None:
    card = tile(home, "forecast")
    expect(card.locator("canvas")).to_be_visible()
    asked = str(card.get_attribute("data-href")).partition("?")[0]
    home.route(f"**{asked}*", lambda route: route.fulfill(status=200, body="not json"))

    card.get_by_role("button", name="More").click()
    home.get_by_role("menuitem", name="Load again").click()

    expect(card.get_by_text("This could not be loaded.")).to_be_visible()
    card.get_by_role("button", name="More").click()
    expect(home.get_by_role("menuitem", name="Load again")).to_be_visible()
    expect(home.get_by_role("menuitem", name="Save as a picture")).to_be_hidden()
