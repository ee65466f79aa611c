"""What a machine can find of what keeps people out: names, labels, contrast, roles; by axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Guard
from tests.browser.phone import PHONE, SMALL, STICKING_OUT
from tests.browser.scenes import SCENES, Look
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
GRAVE = ("serious", "critical")
# Addresses, and what shows that the page is complete.
PAGES = (
    ("/", "canvas"),
    ("/customers/list/", "tr[data-row]"),
    ("/customers/list/?_flt_eq_client_status=potential&_flt_nin_country=HU&q=a", ".chip"),
    ("/deals/list/", "tr[data-row]"),
    ("/pipeline/", "[data-deal]"),
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
    ("/automation/", ".rule-line"),
    ("/automation/new?from=thanks", ".mail-text"),
    ("/automation/new?from=large", ".condition"),
    ("/automation/runs", "main"),
    ("/chat/", "main"),
    ("/mail/addresses", "main"),
    ("/no/such/page", ".fault"),
)


# Only what is found is told in full: what is in order is most of the page.
FOUND = {"resultTypes": ["violations"]}
# What the dark of one page can have against it that its light has not.
COLOURS = {**FOUND, "runOnly": ["color-contrast", "link-in-text-block"]}


def grave(page: Page, at: str = "", options: dict[str, Any] = FOUND) -> list[str]:
    """The serious and critical findings, each with its first places."""
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{at or page.url}: {one['id']} ({one['impact']}, {len(one['nodes'])} times): {one['nodes'][0]['html'][:160]}"
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


def measured(page: Page, name: str, size: Any) -> list[str]:
    """What is wrong with the page as it stands, in the light, in the dark, and under a finger."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = grave(page, name)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += grave(page, f"{name}, dark", COLOURS)
    if size is PHONE:
        found += [f"{name}: too small for a finger: {one}" for one in page.evaluate(SMALL)]
        found += [f"{name}: sticks out: {one}" for one in page.evaluate(STICKING_OUT)]
    return found


@pytest.mark.parametrize("size", (DESK, PHONE), ids=("desk", "phone"))
def test_the_login_and_a_closed_door_have_no_serious_finding(stranger: Page, guard: Guard, size: Any) -> None:
    guard.forgiven = ("401", "403")
    stranger.set_viewport_size(size)
    stranger.goto("/login/")
    found = measured(stranger, "login", size)
    stranger.fill("#username", "operator.cz")
    stranger.fill("#password", "wrong")
    stranger.keyboard.press("Enter")
    stranger.get_by_role("alert").wait_for()
    found += measured(stranger, "a wrong password", size)
    stranger.fill("#password", PASSWORD)
    stranger.keyboard.press("Enter")
    stranger.get_by_role("button", name="Account").wait_for()
    stranger.goto("/users/list/")
    stranger.locator(".fault").wait_for()
    found += measured(stranger, "a closed door", size)

    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", (DESK, PHONE), ids=("desk", "phone"))
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_nothing_that_is_opened_has_a_serious_finding(
    page: Page, guard: Guard, tmp_path: Path, scene: Callable[[Page, Look, Path], None], size: Any
) -> None:
    guard.forgiven = ("403", "404", "409", "422")
    page.set_viewport_size(size)
    seen: list[str] = []
    found: list[str] = []

    def look(name: str) -> None:
        seen.append(name)
        found.extend(measured(page, name, size))

    scene(page, look, tmp_path)

    assert seen
    assert not found, "\n".join(found)
