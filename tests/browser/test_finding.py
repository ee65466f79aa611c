"""The search of every page, without the mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser


def opened(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()


def first_customer(page: Page) -> tuple[str, str]:
    """The name and the address of a customer who is found by his family name."""
    page.goto("/customers/list/?order=last_name")
    link = page.locator("tr[data-row] td:first-child > a").first
    return link.inner_text().strip(), str(link.get_attribute("href"))


def test_a_record_is_found_chosen_and_opened_by_keys_alone(page: Page) -> None:
    name, href = first_customer(page)
    opened(page)
    page.keyboard.type(" ".join(reversed(name.lower().split())))

    box = page.get_by_role("listbox", name="Search")
    expect(box.get_by_role("group", name="Customers").get_by_role("option").first).to_be_visible()
    wanted = box.get_by_role("option").filter(has_text=name).first
    for _step in range(6):
        if wanted.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowDown")
    expect(wanted).to_have_attribute("aria-selected", "true")
    chosen = wanted.get_attribute("id")
    expect(page.get_by_role("combobox", name="Search")).to_have_attribute("aria-activedescendant", str(chosen))
    expect(page.get_by_role("status").filter(has_text=re.compile("record"))).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/customers/show/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name.split()[-1])
    assert href.startswith("/customers/show/")


def test_control_enter_opens_a_record_beside_and_escape_closes_the_box(page: Page) -> None:
    name, _href = first_customer(page)
    opened(page)
    page.keyboard.type(name)
    expect(page.get_by_role("option").filter(has_text=name).first).to_have_attribute("aria-selected", "true")

    with page.context.expect_page() as beside:
        page.keyboard.press("Control+Enter")
    beside.value.wait_for_url(re.compile("/customers/show/"))
    beside.value.close()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog", name="Search")).to_be_hidden()
    expect(page).to_have_url(re.compile("/customers/list/"))


def test_what_was_opened_last_is_offered_first(page: Page) -> None:
    name, href = first_customer(page)
    page.goto(href)
    opened(page)

    last = page.get_by_role("group", name="Opened last").get_by_role("option")
    expect(last.first).to_contain_text(name.split()[-1])
    assert page.evaluate("Object.values(localStorage).join(' ')").find(name.split()[-1]) == -1


def test_nothing_found_says_what_was_looked_for_and_leads_to_all_results(page: Page) -> None:
    page.goto("/")
    opened(page)
    page.keyboard.type("qqqq xyzzy")

    expect(page.get_by_text("No record was found for “qqqq xyzzy”")).to_be_visible()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/find/all\?q=qqqq\+xyzzy$"))
    expect(page.get_by_text("Nothing was found.")).to_be_visible()


def test_whom_a_call_does_not_find_is_added_by_keyboard_with_the_number(page: Page) -> None:
    page.goto("/")
    opened(page)
    page.keyboard.type("0909 876 543")
    expect(page.get_by_text("No record was found for “0909 876 543”")).to_be_visible()
    expect(page.get_by_role("option", name="Add: Customer")).to_be_visible()

    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Add: Customer")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/customers/add\?phone=0909"))
    expect(page.locator("#f-phone")).to_have_value(re.compile("876"))


def test_of_two_questions_only_the_last_is_answered(page: Page) -> None:
    page.goto("/")
    asked: list[str] = []

    def late(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    page.route(re.compile(r"/find/\?q="), late)
    opened(page)
    page.keyboard.type("qqqqxyzzy", delay=10)
    expect(page.get_by_text("No record was found for “qqqqxyzzy”")).to_be_visible()

    assert len(asked) < 9
    assert asked[-1].endswith("qqqqxyzzy")
    page.unroute(re.compile(r"/find/\?q="))


def test_a_page_whose_name_begins_so_comes_before_the_records(page: Page) -> None:
    page.goto("/")
    opened(page)
    page.keyboard.type("hosp")

    first = page.get_by_role("listbox", name="Search").get_by_role("option").first
    expect(first).to_contain_text("Hospitals")
    expect(first).to_have_attribute("aria-selected", "true")
