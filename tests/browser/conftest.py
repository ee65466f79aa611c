"""One running house for all browser tests, and a guard that no page may break."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect
from sqlalchemy import create_engine

from app.core import migrate
from app.core.servers import Servers
from config import ROOT, Settings, sqlalchemy_url
from tests.browser import hands
from tests.conftest import PASSWORD
from tests.running import web

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
PATIENCE = 15_000  # ms; a shared machine may be slow
expect.set_options(timeout=PATIENCE)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def patient_hands() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        hands.teach(patch)
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("No Chromium was found, and REQUIRE_BROWSER=1 asks for one.")
        pytest.skip("no Chromium was found")
    return {"executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def house(servers: Servers, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application with a database of its own, full of demo data."""
    folder = tmp_path_factory.mktemp("house")
    keeper = create_engine(sqlalchemy_url(servers.database_url), isolation_level="AUTOCOMMIT")
    with keeper.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE house")
    keeper.dispose()
    address = servers.database_url.rpartition("/")[0] + "/house"
    migrate.upgrade(address)
    own = replace(settings, database_url=address, data_dir=folder)
    subprocess.run([sys.executable, "-m", "app.seed"], check=True, cwd=ROOT, env=own.environ(), capture_output=True)
    with web(own, Path(folder) / "web.log") as running:
        yield running


@pytest.fixture(scope="session")
def login_state(house: str, browser: Browser) -> Any:
    """Cookies of the administrator, so that not every test logs in by hand."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{house}/login/")
    page.fill("#username", "admin")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{house}/")
    state = context.storage_state()
    context.close()
    return state


class Guard:
    """Notes what no page may do: errors in the console, refused scripts, requests that leave the host.

    A test that provokes a refusal names its status code in `forgiven`; the
    browser complains of each in the console.
    """

    def __init__(self, house: str) -> None:
        self.house = house
        self.noted: list[str] = []
        self.forgiven: tuple[str, ...] = ()

    def watch(self, page: Page) -> Page:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.noted.append(f"script error: {error}"))
        page.on("request", lambda sent: self._request(sent.url))
        return page

    def _console(self, message: ConsoleMessage) -> None:
        refusals = [f"the server responded with a status of {code} " for code in self.forgiven]
        if message.type in ("error", "warning") and not any(words in message.text for words in refusals):
            self.noted.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _request(self, url: str) -> None:
        if not url.startswith((f"{self.house}/", "data:", "blob:")):
            self.noted.append(f"leaves the host: {url}")


@pytest.fixture
def guard(house: str) -> Iterator[Guard]:
    guard = Guard(house)
    yield guard
    assert guard.noted == []


@pytest.fixture(scope="session")
def desk(browser: Browser, house: str) -> Iterator[BrowserContext]:
    """One browser for all pages of the administrator: style sheets and scripts are loaded once."""
    context = browser.new_context(
        base_url=house, locale="en-GB", viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def context(desk: BrowserContext, house: str, login_state: Any, guard: Guard) -> Iterator[BrowserContext]:
    """The desk as the administrator finds it after the login; what a test prefers is forgotten after it.

    It needs the guard so that the guard looks last, when the pages are closed and have said everything.
    """
    desk.clear_cookies()
    desk.add_cookies(login_state["cookies"])
    yield desk
    for page in desk.pages:
        if page.url.startswith(house):
            page.evaluate("localStorage.clear()")
        page.close()


@pytest.fixture
def page(context: BrowserContext, guard: Guard) -> Page:
    """A page of the logged-in administrator."""
    return guard.watch(context.new_page())


def empty_out(field: Locator) -> None:
    """Take every choice out of a list by its cross."""
    expect(field.locator(".ts-control")).to_be_visible()  # before the script has run there is nothing to remove
    while field.locator(".item").count():
        field.locator(".item .remove").first.click()


@pytest.fixture
def stranger(browser: Browser, house: str, guard: Guard) -> Iterator[Page]:
    """A page of somebody who is not logged in."""
    context = browser.new_context(base_url=house, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield guard.watch(context.new_page())
    context.close()
