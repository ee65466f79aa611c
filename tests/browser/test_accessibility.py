"""What a machine can find of what keeps people out: names, labels, contrast, roles; by axe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Guard

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
GRAVE = ("serious", "critical")
# Addresses, and what shows that the page is complete.
PAGES = (
    ("/", "canvas"),
    ("/customers/list/", "tr[data-row]"),
    ("/customers/list/?_flt_eq_client_status=potential&_flt_nin_country=HU&q=a", ".chip"),
    ("/deals/list/", "tr[data-row]"),
    ("/activity_logs/list/", "tr[data-row]"),
    ("/customers/add", ".ts-wrapper"),
    ("/contract_instances/add", ".ts-wrapper"),
    ("/campaigns/add", ".ts-wrapper"),
    ("/invoices/chart/", "canvas"),
    ("/tables/", "[data-area]"),
    ("/profile/", ".segments"),
    ("/password/", "#f-password"),
    ("/rights/", "a[href*='/rights/']"),
    ("/jobs/", "main"),
    ("/work/tasks/", "main"),
    ("/notifications/", "main"),
    ("/notifications/rules/", ".setting"),
    ("/notifications/rules/new", ".rule-preview"),
    ("/chat/", "main"),
    ("/mail/addresses", "main"),
    ("/no/such/page", ".fault"),
)


def grave(page: Page) -> list[str]:
    """The serious and critical findings, each with its first places."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {one['id']} ({one['impact']}, {len(one['nodes'])} times): {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in GRAVE
    ]


@pytest.fixture(params=("light", "dark"))
def scheme(request: pytest.FixtureRequest, page: Page) -> str:
    page.emulate_media(color_scheme=request.param, reduced_motion="reduce")
    return str(request.param)


@pytest.mark.parametrize("size", (DESK, PHONE), ids=("desk", "phone"))
def test_no_page_has_a_serious_finding(page: Page, guard: Guard, scheme: str, size: Any) -> None:
    guard.forgiven = ("404",)
    page.set_viewport_size(size)

    found = []
    for address, complete in PAGES:
        page.goto(address)
        page.locator(complete).first.wait_for(state="attached")
        found += grave(page)

    assert found == []


@pytest.mark.parametrize("table", ("customers", "deals", "invoices", "contract_instances"))
def test_no_record_nor_its_form_has_a_serious_finding(page: Page, scheme: str, table: str) -> None:
    page.goto(f"/{table}/list/")
    page.locator("tr[data-row] td a").first.click()
    expect(page).to_have_url(re.compile(f"/{table}/show/"))
    found = grave(page)
    if page.get_by_role("tab").count() > 1:
        page.get_by_role("tab").nth(1).click()
        found += grave(page)
    page.goto(page.url.replace("/show/", "/edit/"))
    page.locator("#record-form").wait_for()
    found += grave(page)

    assert found == []


def test_the_login_has_no_serious_finding(stranger: Page) -> None:
    stranger.goto("/login/")

    assert grave(stranger) == []
