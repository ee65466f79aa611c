"""The filter builder of a list: column, condition, value."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


def begin(page: Page, column: str, condition: str) -> Locator:
    """Open the builder and choose what its last line is about; gives the place of the value."""
    if page.locator("#filter-menu").is_hidden():
        page.get_by_role("button", name="Filter", exact=True).click()
    line = page.locator(".filter-line").last
    line.get_by_label("Column").select_option(label=column)
    line.get_by_label("Condition").select_option(label=condition)
    return line.locator(".filter-values")


def pick(value: Locator, typed: str) -> str:
    """Choose the first option of a searching select; gives its text."""
    value.locator(".ts-control").click()
    # A moment after the click the picker takes the keys: no person is that fast.
    expect(value.locator(".ts-wrapper")).to_have_class(re.compile(r"(?<!\S)focus(?!\S)"))
    expect(value.locator(".ts-wrapper")).not_to_have_class(re.compile("input-hidden"))
    value.page.keyboard.type(typed)
    option = value.locator(".option").first
    expect(option).to_contain_text(re.compile(typed, re.IGNORECASE))
    text = option.inner_text().strip()
    option.click()
    value.page.locator("#filter-title").click()  # the options close, the builder stays
    return text


def apply(page: Page, chips: int) -> None:
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chip")).to_have_count(chips)


def column(page: Page, label: str) -> list[str]:
    """What the rows of the list have in one column."""
    page.wait_for_load_state("domcontentloaded")  # chips come before the rows
    return [text.strip() for text in page.locator(f'tr[data-row] td[data-label="{label}"]').all_inner_texts()]


def total(page: Page) -> int:
    return int(page.locator(".list-head small").inner_text().replace(",", ""))


def test_a_filter_by_choices_takes_several_of_them_and_all_others_are_out(page: Page) -> None:
    page.goto("/deals/list/")
    before = total(page)

    value = begin(page, "Status", "is any of")
    pick(value, "won")
    pick(value, "lost")
    apply(page, chips=1)

    expect(page.locator(".chip")).to_contain_text("Status is any of Won, Lost")
    decided = total(page)
    assert set(column(page, "Status")) == {"Won", "Lost"}
    page.goto("/deals/list/?_flt_nin_status=won,lost")
    assert set(column(page, "Status")) == {"Open"}
    assert decided + total(page) == before


def test_a_filter_by_date_keeps_that_day_and_what_comes_after(page: Page) -> None:
    day = (datetime.now(UTC) - timedelta(days=90)).date()
    page.goto("/deals/list/")
    before = total(page)

    begin(page, "Expected close", "is on or after").locator("input").fill(day.isoformat())
    apply(page, chips=1)

    shown = [datetime.strptime(text, "%d %b %Y").date() for text in column(page, "Expected close") if text]  # noqa: DTZ007
    assert shown and min(shown) >= day
    assert total(page) < before


def test_a_filter_by_a_record_finds_it_while_typing_and_joins_another_condition(page: Page) -> None:
    page.goto("/customers/list/")
    owner = next(name for name in column(page, "Owner") if name)

    picked = pick(begin(page, "Owner", "is any of"), owner)
    page.get_by_role("button", name="Another condition").click()
    begin(page, "Client status", "is").locator("select").select_option(label="Potential")
    apply(page, chips=2)

    assert picked == owner
    expect(page.locator(".chip").first).to_contain_text(f"Owner is any of {owner}")
    expect(page.locator(".chip").last).to_contain_text("Client status is Potential")
    assert set(column(page, "Owner")) == {owner}
    assert set(column(page, "Client status")) == {"Potential"}

    one_less = page.locator(".chip").filter(has_text="Owner").get_by_role("link")
    one_less.click()
    expect(page.locator(".chip")).to_have_count(1)
    assert len(set(column(page, "Owner"))) > 1
    assert set(column(page, "Client status")) == {"Potential"}


def test_a_search_a_filter_and_an_order_live_together(page: Page) -> None:
    page.goto("/deals/list/?_flt_eq_status=won")
    filtered = total(page)

    page.locator("form[data-find] input[type=search]").fill("premium")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=premium"))
    page.get_by_role("columnheader", name="Expected close").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Expected close")).to_have_attribute("aria-sort", "ascending")

    assert 0 < total(page) < filtered
    assert set(column(page, "Status")) == {"Won"}
    assert all("premium" in title.lower() for title in column(page, "Title"))
    expect(page.locator(".chip")).to_contain_text("Status is Won")
