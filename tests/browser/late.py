"""Answers that come late, and keys that are pressed until something has the focus. Nothing waits for ever."""

from __future__ import annotations

from re import Pattern

from playwright.sync_api import Locator, Page, Route

from tests.browser.conftest import PATIENCE

_STEP = 20  # ms
_DRAWN = 100  # ms
_MOST_KEYS = 200


def held_back(page: Page, address: str | Pattern[str]) -> list[Route]:
    """Requests for an address wait; what is in the list goes on when the test says so."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    return held


def until_asked(page: Page, held: list[Route], address: str | Pattern[str]) -> None:
    for _time in range(PATIENCE // _STEP):
        if held:
            break
        page.wait_for_timeout(_STEP)  # until the browser has told of the request
    assert held, f"{address} was not asked for"


def go_on(page: Page, held: list[Route], address: str | Pattern[str]) -> None:
    """The first one goes as soon as it was asked for, and none waits any more."""
    until_asked(page, held, address)
    held.pop(0).continue_()
    page.unroute(address)


def arrive(page: Page, held: list[Route], address: str | Pattern[str]) -> None:
    """The first one goes on, and the page has had the time to do something with the answer."""
    with page.expect_response(address):
        go_on(page, held, address)
    page.wait_for_timeout(_DRAWN)


def press_until_focused(page: Page, key: str, wanted: Locator) -> None:
    """`wanted` may be several, one of which is to have the focus."""
    for _time in range(_MOST_KEYS):
        if wanted.and_(page.locator(":focus")).count():
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} never came to {wanted}")
