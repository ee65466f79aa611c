"""Charts: drawn, told as numbers, and a way into the list."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

WHERE = """(draw, index) => {
    const chart = echarts.getInstanceByDom(draw);
    const value = chart.getOption().series[0].data[index].value;
    const [x, y] = chart.convertToPixel({ seriesIndex: 0 }, [value / 2, index]);
    return { x, y };
}"""


def test_a_click_on_a_bar_opens_the_rows_it_counts(page: Page) -> None:
    page.goto("/deals/chart/")
    card = page.get_by_role("region", name="Deals by country")
    expect(card.locator("canvas")).to_be_visible()
    line = card.locator(".numbers tbody tr").nth(1)
    label, count = line.locator("th").inner_text().strip(), line.locator("td").inner_text().strip()
    draw = card.locator(".chart-draw")

    draw.click(position=draw.evaluate(WHERE, 1))

    expect(page).to_have_url(re.compile("/deals/list/"))
    expect(page.locator(".chip")).to_contain_text(f"Country is {label}")
    expect(page.locator(".list-head small")).to_have_text(count)


def test_slices_of_one_colour_are_told_apart(page: Page) -> None:
    page.goto("/invoices/chart/")
    card = page.get_by_role("region", name="Invoices by status")
    expect(card.locator("canvas")).to_be_visible()

    dots = card.locator(".dot").evaluate_all("dots => dots.map((dot) => dot.style.backgroundColor + dot.style.opacity)")

    assert len(dots) > 3
    assert len(set(dots)) == len(dots)


def test_charts_of_a_filtered_list_count_only_those_rows(page: Page) -> None:
    page.goto("/deals/list/?_flt_eq_status=won")
    count = page.locator(".list-head small").inner_text()

    page.get_by_role("link", name="Charts").click()

    expect(page.locator(".chip")).to_contain_text("Status is Won")
    numbers = page.get_by_role("region", name="Deals by status").locator(".numbers tbody td")
    expect(numbers).to_have_text([count])
    page.get_by_role("main").get_by_role("link", name="List").click()
    expect(page.locator(".list-head small")).to_have_text(count)


def test_a_chart_takes_the_colours_of_another_theme(page: Page) -> None:
    page.goto("/deals/chart/")
    draw = page.get_by_role("region", name="Deals by status").locator(".chart-draw")
    expect(draw.locator("canvas")).to_be_visible()
    colour = "draw => echarts.getInstanceByDom(draw).getOption().textStyle.color"
    light = draw.evaluate(colour)

    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitemradio", name="Dark").click()

    assert draw.evaluate(colour) != light


def test_a_chart_whose_numbers_do_not_come_offers_another_try(page: Page) -> None:
    page.route("**/deals/chart/0.json*", lambda route: route.fulfill(status=200, body="not json"), times=1)
    page.goto("/deals/chart/")
    card = page.get_by_role("region", name="Deals per month")
    expect(card.get_by_text("This could not be loaded.")).to_be_visible()
    more = card.get_by_role("button", name="More: Deals per month")
    more.click()
    picture = page.get_by_role("menuitem", name="Save as a picture")
    expect(picture).to_be_hidden()  # there is none to save
    page.keyboard.press("Escape")

    card.get_by_role("button", name="Try again").click()

    expect(card.locator("canvas")).to_be_visible()
    more.click()
    expect(picture).to_be_visible()


def test_a_chart_is_saved_as_a_picture_and_as_a_file(page: Page) -> None:
    page.goto("/deals/chart/?_flt_eq_country_code=SK")
    card = page.get_by_role("region", name="Deals by status")
    expect(card.locator("canvas")).to_be_visible()
    card.get_by_role("button", name="More: Deals by status").press("Enter")

    with page.expect_download() as picture:
        page.get_by_role("menuitem", name="Save as a picture").press("Enter")
    card.get_by_role("button", name="More: Deals by status").press("Enter")
    with page.expect_download() as numbers:
        page.get_by_role("menuitem", name="Numbers as CSV").press("Enter")

    assert re.fullmatch(r"deals-chart-\d\.png", picture.value.suggested_filename)
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    lines = numbers.value.path().read_text("utf-8-sig").splitlines()
    shown = card.locator(".numbers tbody tr").all()
    assert [line.split(",")[0] for line in lines[1:]] == [row.locator("th").inner_text().strip() for row in shown]
    assert [line.split(",")[1] for line in lines[1:]] == [row.locator("td").inner_text().strip() for row in shown]
