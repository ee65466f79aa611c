"""Sales insights and the forecast in a browser: what is chosen, where numbers lead, and deals that change their month."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Guard
from tests.browser.late import arrive, held_back, until_asked
from tests.browser.phone import PHONE, STICKING_OUT
from tests.browser.test_accessibility import DESK, grave

pytestmark = pytest.mark.browser
CARDS = "[data-deal]"


def tile(page: Page, key: str) -> Locator:
    found = page.locator(f'[data-tile="{key}"]')
    found.scroll_into_view_if_needed()
    expect(found).to_have_attribute("aria-busy", "false")
    return found


def test_what_is_chosen_stands_in_the_address_and_in_all_numbers(page: Page) -> None:
    page.goto("/pipeline/insights")
    before = tile(page, "new_deals").locator(".tile-value").inner_text()

    page.get_by_label("Period").select_option("30")
    expect(page).to_have_url(re.compile(r"period=30"))
    page.locator("select[name=source]").select_option(index=1)

    expect(page).to_have_url(re.compile(r"period=30.*source="))
    assert "owner=" not in page.url and "from=" not in page.url
    value = tile(page, "new_deals").locator(".tile-value")
    assert int(value.inner_text()) < int(before)
    count = value.inner_text()
    value.click()
    expect(page).to_have_url(re.compile("/deals/list/"))
    expect(page.locator("h1 small")).to_have_text(count)


def test_a_step_of_the_funnel_leads_to_the_deals_that_reached_it(page: Page) -> None:
    page.goto("/pipeline/insights")
    card = tile(page, "funnel")
    draw = card.locator(".tile-draw")
    expect(draw.locator("canvas")).to_be_visible()
    where = """draw => {
        const chart = echarts.getInstanceByDom(draw);
        const value = chart.getOption().series[0].data[2].value;
        const [x, y] = chart.convertToPixel({ seriesIndex: 0 }, [value / 2, 2]);
        return { x, y, value };
    }"""
    found = draw.evaluate(where)

    draw.click(position={"x": found["x"], "y": found["y"]})

    expect(page).to_have_url(re.compile("_flt_reached_id="))
    expect(page.locator("h1 small")).to_have_text(str(found["value"]))
    expect(page.locator(".chip", has_text="Reached stage: Contacted")).to_be_visible()


def test_the_table_of_a_figure_has_more_and_each_number_leads_to_its_rows(page: Page) -> None:
    page.goto("/pipeline/insights?pipeline=all")
    card = tile(page, "won_by_owner")

    card.get_by_role("button", name="Numbers as a table").click()
    heads = card.locator(".numbers thead th").all_inner_texts()
    link = card.locator(".numbers tbody tr").first.locator("td a").nth(3)
    count = link.inner_text()
    link.click()

    assert heads[1:] == ["By number", "By value", "Won", "Lost", "Won value", "Lost value", "closed deals"]
    expect(page.locator("h1 small")).to_have_text(count)


def test_a_figure_is_saved_as_a_picture_and_as_numbers(page: Page) -> None:
    page.goto("/pipeline/insights")
    card = tile(page, "lost_reasons")
    for name, ending in (("Save as a picture", ".png"), ("Numbers as CSV", ".csv")):
        card.get_by_role("button", name=re.compile("^More")).click()
        with page.expect_download() as saved:
            card.get_by_role("menuitem", name=name).click()
        assert saved.value.suggested_filename == f"lost_reasons{ending}"


def test_stages_are_shown_for_one_pipeline_only(page: Page) -> None:
    page.goto("/pipeline/insights?pipeline=all")

    expect(page.locator("[data-tile=won_by_owner]")).to_be_attached()
    expect(page.locator("[data-tile=funnel]")).to_have_count(0)
    expect(page.get_by_text("Choose one pipeline to see")).to_be_visible()


@pytest.fixture
def forecast(page: Page) -> Page:
    page.goto("/pipeline/insights")
    page.get_by_role("link", name="Forecast").click()
    expect(page.locator("[data-forecast]")).to_be_visible()
    return page


def _day(page: Page, key: str) -> str:
    """What the form of the deal has."""
    found = re.search(r'<input[^>]*name="expected_close_date"[^>]*>', page.request.get(f"/deals/edit/{key}").text())
    assert found
    value = re.search(r'value="([^"]*)"', found[0])
    return value[1] if value else ""


def _column(page: Page, place: int) -> Locator:
    return page.locator("[data-month][data-takes]").nth(place)


def _card(page: Page) -> tuple[str, Locator, Locator, Locator]:
    """A card of the fullest of the first months, with its column and the next one."""
    counts = [_column(page, place).locator(CARDS).count() for place in range(4)]
    fullest = counts.index(max(counts))
    here, there = _column(page, fullest), _column(page, fullest + 1)
    card = here.locator(CARDS).last
    key = card.get_attribute("data-deal")
    assert key
    return key, page.locator(f'[data-deal="{key}"]'), here, there


def test_a_card_is_dragged_to_another_month(forecast: Page) -> None:
    key, card, here, there = _card(forecast)
    month = there.get_attribute("data-month") or ""
    count = int(here.locator(".forecast-count").inner_text())
    card.scroll_into_view_if_needed()
    begin, end = card.bounding_box(), there.locator("[data-cards]").bounding_box()
    assert begin and end

    with forecast.expect_response("**/move") as moved:
        forecast.mouse.move(begin["x"] + 60, begin["y"] + begin["height"] - 8)
        forecast.mouse.down()
        forecast.mouse.move(end["x"] + 60, end["y"] + 20, steps=12)
        forecast.mouse.move(end["x"] + 64, end["y"] + 24, steps=4)
        forecast.mouse.up()

    assert moved.value.ok
    expect(there.locator(f'[data-deal="{key}"]')).to_be_visible()
    expect(here.locator(".forecast-count")).to_have_text(str(count - 1))
    assert _day(forecast, key).startswith(month)
    forecast.reload()
    expect(there.locator(f'[data-deal="{key}"]')).to_be_attached()


def test_the_keys_and_the_menu_move_a_card_as_well(forecast: Page) -> None:
    key, card, _here, there = _card(forecast)
    month = there.get_attribute("data-month") or ""
    card.locator(".forecast-title").focus()

    with forecast.expect_response("**/columns*"):
        forecast.keyboard.press("Alt+ArrowRight")
    expect(there.locator(f'[data-deal="{key}"] .forecast-title')).to_be_focused()
    assert _day(forecast, key).startswith(month)
    card.get_by_role("button", name=re.compile("^Move to")).click()
    with forecast.expect_response("**/move"):
        forecast.get_by_role("menuitem", name="No date").click()

    expect(forecast.locator('[data-month="none"]').locator(f'[data-deal="{key}"]')).to_be_attached()
    expect(forecast.locator("[data-live]")).to_contain_text("No date")
    assert _day(forecast, key) == ""


@pytest.mark.parametrize("by", ["mouse", "menu"])
def test_what_is_new_waits_for_the_hand_that_is_on_a_card(forecast: Page, by: str) -> None:
    key, card, _here, there = _card(forecast)
    card.scroll_into_view_if_needed()
    columns = re.compile("/columns[?]")
    held = held_back(forecast, columns)
    forecast.evaluate("document.dispatchEvent(new CustomEvent('live:board'))")
    until_asked(forecast, held, columns)

    if by == "mouse":
        begin, end = card.bounding_box(), there.locator("[data-cards]").bounding_box()
        assert begin and end
        forecast.mouse.move(begin["x"] + 60, begin["y"] + begin["height"] - 8)
        forecast.mouse.down()
    else:
        card.get_by_role("button", name=re.compile("^Move to")).click()
    arrive(forecast, held, columns)
    with forecast.expect_response("**/move") as moved:
        if by == "mouse":
            forecast.mouse.move(end["x"] + 60, end["y"] + 20, steps=12)
            forecast.mouse.move(end["x"] + 64, end["y"] + 24, steps=4)
            forecast.mouse.up()
        else:
            forecast.get_by_role("menuitem", name="No date").click()

    assert moved.value.ok
    month = there.get_attribute("data-month") if by == "mouse" else "none"
    expect(forecast.locator(f'[data-month="{month}"]').locator(f'[data-deal="{key}"]')).to_be_attached()


def test_a_refused_move_goes_back(forecast: Page, guard: Guard) -> None:
    guard.forgiven = ("409",)
    key, card, here, _there = _card(forecast)
    card.evaluate("card => (card.dataset.version = '0')")
    card.locator(".forecast-title").focus()

    with forecast.expect_response("**/columns*"):
        forecast.keyboard.press("Alt+ArrowRight")

    expect(forecast.locator("#toasts [data-tone=red]")).to_be_visible()
    expect(here.locator(f'[data-deal="{key}"]')).to_be_attached()


def test_what_somebody_else_does_is_seen_at_once(forecast: Page) -> None:
    key, _card_of, _here, there = _card(forecast)
    other = forecast.context.new_page()
    other.goto(forecast.url)
    other.locator(f'[data-deal="{key}"] .forecast-title').focus()

    with other.expect_response("**/move"):
        other.keyboard.press("Alt+ArrowRight")
    forecast.evaluate("document.dispatchEvent(new CustomEvent('live:board'))")

    expect(there.locator(f'[data-deal="{key}"]')).to_be_attached()
    other.close()


def test_the_views_keep_the_filters(forecast: Page) -> None:
    forecast.goto(f"{forecast.url.partition('?')[0]}?_flt_in_country_code=SK,CZ")
    expect(forecast.locator(".chip", has_text="Country is any of SK")).to_be_visible()
    count = forecast.locator(".forecast-count").first

    views = forecast.get_by_role("navigation", name="View")
    for name in ("Board", "List", "Forecast"):
        assert "country_code=SK" in (views.get_by_role("link", name=name).get_attribute("href") or "")
    told = count.inner_text()
    count.click()
    expect(forecast).to_have_url(re.compile("/deals/list/"))
    expect(forecast.locator("h1")).to_have_text(re.compile(rf"{told}$") if told != "0" else re.compile("Deals"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_neither_page_has_a_serious_finding(page: Page, size: dict[str, int], scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of its words
    page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height

    page.goto("/pipeline/insights")
    for key in ("funnel", "leaderboard"):
        expect(tile(page, key).locator("canvas")).to_be_visible()
    found = grave(page)
    assert page.evaluate(STICKING_OUT) == []
    page.goto(page.get_by_role("link", name="Forecast").get_attribute("href") or "")
    expect(page.locator(CARDS).first).to_be_attached()
    found += grave(page)

    assert found == []
    assert date.today().isoformat()[:7] in page.locator("[data-month][data-takes]").first.get_attribute("data-month")  # type: ignore[operator]
