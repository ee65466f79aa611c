"""Browsers of other people than the administrator, logged in by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import PATIENCE
from tests.conftest import PASSWORD


@contextmanager
def browser_of(browser: Browser, house: str, name: str, **how: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=house, locale="en-GB", reduced_motion="reduce", **how)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/login/")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house}/")
    page.close()
    yield context
    context.close()
