"""The bell: what somebody else does is told while one looks, and can be opened, put away and called back."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Browser, Page, Playwright, expect
from rq import Worker

from app.core.servers import Servers
from config import ROOT, Settings
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
RULE = "Families of Slovakia"


@pytest.fixture
def worker(house: str, servers: Servers, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """A worker beside the house, which starts without one."""
    connection = redis.Redis.from_url(servers.redis_url)
    connection.flushall()  # what other tests published waits there, and comes first
    address = servers.database_url.rpartition("/")[0] + "/house"
    own = replace(settings, database_url=address)
    with (tmp_path / "worker.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "app.background", "worker"], cwd=ROOT, env=own.environ(), stdout=log, stderr=log
        )
        patience = time.monotonic() + 60
        while not Worker.count(connection) and time.monotonic() < patience:
            time.sleep(0.1)
        yield
        running.terminate()
        running.wait(15)


@pytest.fixture
def asked(page: Page) -> Iterator[None]:
    """The administrator asks to be told of new customers of Slovakia."""
    page.goto("/notifications/rules/new")
    page.get_by_label("Name", exact=True).fill(RULE)
    page.get_by_label("Tell me when").select_option("new_customer")
    page.get_by_role("checkbox", name="SK").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name=RULE)).to_be_visible()
    yield
    page.goto("/notifications/rules/")
    page.get_by_role("link", name=RULE).click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name=RULE)).to_have_count(0)


def add_customer(playwright: Playwright, house: str, name: str) -> None:
    """In a session of its own, the manager enters a customer."""
    program = playwright.request.new_context(base_url=house)
    login = {"username": "manager", "password": PASSWORD, "provider": "db"}
    token = program.post("/api/v1/security/login", data=login).json()["access_token"]
    body = {"first_name": name, "last_name": "Zvonková", "email": f"{name.lower()}@example.com", "country": "SK"}
    answer = program.post("/api/v1/customers/", data=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 201, answer.text()
    program.dispose()


def number(page: Page) -> int:
    return int(page.locator("[data-bell-count]").text_content() or 0)


def test_what_another_session_does_is_told_without_a_new_page(
    page: Page, worker: None, asked: None, playwright: Playwright, house: str
) -> None:
    page.goto("/")
    before = number(page)

    add_customer(playwright, house, "Perla")

    expect(page.locator("[data-bell-count]")).to_have_text(str(before + 1))
    expect(page.locator("[data-bell-said]")).to_have_text(re.compile(r"\d+ unread notification"))
    page.locator("[data-bell]").press("Enter")
    line = page.locator(".bell-line").filter(has_text="Perla Zvonková")
    expect(line).to_contain_text("New customer")
    line.get_by_role("button", name="Dismiss").click()
    expect(line).to_have_count(0)
    expect(page.locator("[data-bell-count]")).to_have_text(str(before or ""))
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-bell-count]")).to_have_text(str(before + 1))
    expect(page.locator("#bell")).to_be_visible()
    expect(line.get_by_role("link")).to_be_focused()
    line.get_by_role("link").click()

    expect(page.get_by_role("heading", name="Perla Zvonková")).to_be_visible()
    assert number(page) == before


def test_the_arrows_walk_through_the_newest_and_escape_goes_back(page: Page, house: str) -> None:
    page.goto("/")
    bell = page.locator("[data-bell]")
    bell.press("Enter")
    links = page.locator("#bell .bell-link")
    expect(links.first).to_be_visible()

    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(links.first).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator("#bell")).to_be_hidden()
    expect(bell).to_be_focused()


def test_on_the_page_a_line_is_dismissed_and_called_back(page: Page) -> None:
    page.goto("/notifications/")
    line = page.locator(".notice-line").first
    title = line.locator(".notice-link").inner_text()
    line.get_by_role("button", name=re.compile("^Dismiss")).click()
    expect(line).to_be_hidden()

    page.get_by_role("button", name="Undo").click()

    expect(line).to_be_visible()
    expect(line.locator(".notice-link")).to_have_text(title)
    expect(line.locator(".notice-link")).to_be_focused()


def test_the_form_shows_what_belongs_to_the_trigger_and_counts_anew(page: Page) -> None:
    page.goto("/notifications/rules/new")
    expect(page.get_by_label("Which status")).to_be_hidden()

    page.get_by_label("Tell me when").select_option("status_change")
    page.get_by_label("Which status").select_option("customers.client_status")
    expect(page.locator("[data-preview-body]")).to_contain_text("in the last 30 days")
    every = page.locator(".preview-count strong").inner_text()
    page.locator('[data-codes="customers.client_status"]').get_by_role("group", name="Value before").get_by_label(
        "Terminated"
    ).check()

    expect(page.locator(".preview-count strong")).not_to_have_text(every)
    expect(page.get_by_label("How serious")).to_be_hidden()
    expect(page.get_by_label("Only of my customers")).to_be_hidden()


def test_without_scripts_the_page_still_works(browser: Browser, house: str, login_state: object) -> None:
    context = browser.new_context(base_url=house, java_script_enabled=False, storage_state=login_state, locale="en-GB")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/notifications/?state=unread")
    page.get_by_label("What it is about").select_option("system")
    page.get_by_role("button", name="Apply").click()
    assert "type=system" in page.url
    page.get_by_role("button", name="Mark all read").first.click()

    expect(page.locator(".empty")).to_contain_text("All read")
    context.close()
