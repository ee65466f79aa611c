"""The country chosen in the top bar: lists start from it, and it is taken away for one page like any filter."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_country_is_chosen_for_all_lists_and_taken_away_for_one(page: Page) -> None:
    page.goto("/customers/list/")
    page.get_by_role("button", name="Country: All my countries").click()
    page.get_by_role("menuitem", name="Czechia").click()

    chip = page.get_by_role("button", name="Country is CZ")
    expect(page).to_have_url(re.compile(r"/customers/list/\?_flt_eq_country=CZ$"))
    expect(chip).to_be_visible()
    expect(page.get_by_role("button", name="Country: Czechia")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Consents").click()
    expect(page).to_have_url(re.compile(r"/customer_consents/list/\?_flt_eq_customer_id__country=CZ$"))
    expect(chip).to_be_visible()
    page.goto("/customers/list/")
    page.get_by_role("link", name="Remove the filter: Country is CZ").click()
    expect(page).to_have_url(re.compile(r"\?everywhere=1$"))
    expect(chip).to_have_count(0)
    page.get_by_role("columnheader", name="Country").get_by_role("link").click()
    expect(page).to_have_url(re.compile("everywhere=1"))
    expect(chip).to_have_count(0)

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/customers/list/")
    expect(chip).to_be_visible()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="All my countries").click()
    expect(page).to_have_url(re.compile(r"/customers/list/$"))
    expect(chip).to_have_count(0)
