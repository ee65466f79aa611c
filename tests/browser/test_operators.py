"""The page of background jobs refreshes itself and leaves alone what somebody is doing on it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, create_engine, text

from app.core.servers import Servers
from config import sqlalchemy_url

pytestmark = pytest.mark.browser


@pytest.fixture
def store(servers: Servers, house: str) -> Iterator[Engine]:
    """The database of the running house; what failed there is forgotten before and after."""
    engine = create_engine(sqlalchemy_url(servers.database_url.rpartition("/")[0] + "/house"))

    def forget() -> None:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM outbox_events WHERE name = 'BellRung'"))

    forget()
    yield engine
    forget()
    engine.dispose()


@pytest.fixture
def fail(store: Engine) -> Callable[..., str]:
    """Let a job of this name fail for good; gives its id."""

    def fail(name: str, **values: Any) -> str:
        keys = {"event": str(uuid.uuid4()), "id": str(uuid.uuid4()), "listener": f"app.tests.jobs.{name}"}
        with store.begin() as connection:
            connection.execute(
                text("INSERT INTO outbox_events (id, name, payload) VALUES (:event, 'BellRung', '{}')"), keys
            )
            connection.execute(
                text(
                    "INSERT INTO outbox_deliveries (id, event_id, listener, next_at, attempts, failed_at, error)"
                    " VALUES (:id, :event, :listener, now(), 8, now(), 'The door is locked.')"
                ),
                keys,
            )
        return keys["id"]

    return fail


def test_the_page_shows_what_failed_meanwhile_and_keeps_what_is_chosen_and_focused(
    page: Page, fail: Callable[..., str]
) -> None:
    first = fail("carry_in")
    page.goto("/jobs/")
    box = page.locator(f'input[name="id"][value="{first}"]')
    box.check()
    box.focus()

    fail("ring_twice")

    expect(page.locator("#failed tbody tr", has_text="ring_twice")).to_be_visible()
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    expect(page.locator("#failed")).to_contain_text("1 chosen")
    page.get_by_label("Choose all on this page").check()
    expect(page.locator("#failed")).to_contain_text("2 chosen")


def test_a_paused_page_stays_as_it_is_until_somebody_goes_on(page: Page, fail: Callable[..., str]) -> None:
    page.goto("/jobs/")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    fail("carry_in")
    page.wait_for_timeout(6_000)
    expect(page.locator("#failed")).not_to_contain_text("carry_in")

    page.get_by_role("button", name="Go on").click()

    expect(page.locator("#failed")).to_contain_text("carry_in")


def test_discarding_asks_for_a_reason_and_is_done_by_keyboard(page: Page, fail: Callable[..., str]) -> None:
    fail("carry_in")
    page.goto("/jobs/")
    button = page.get_by_role("button", name="Discard: carry_in")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # without a reason nothing is sent
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("The work was done by hand")
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("1 job is discarded.")
    expect(page.locator("#failed")).not_to_contain_text("carry_in")


def test_what_is_chosen_is_tried_again(page: Page, store: Engine, fail: Callable[..., str]) -> None:
    with store.begin() as connection:  # what other tests set off and nobody works on would fill the page
        connection.execute(
            text("UPDATE outbox_deliveries SET done_at = now() WHERE done_at IS NULL AND failed_at IS NULL")
        )
    for name in ("carry_in", "ring_twice", "stay_here"):
        fail(name)
    page.goto("/jobs/")
    for name in ("carry_in", "ring_twice"):
        page.get_by_label(f"Choose: {name}").check()

    page.locator("#failed .panel-head").get_by_role("button", name="Try again").click()

    expect(page.locator("#toasts")).to_contain_text("2 jobs are tried again.")
    expect(page.locator("#waiting")).to_contain_text("carry_in")
    expect(page.locator("#failed")).to_contain_text("stay_here")
    expect(page.locator("#failed")).not_to_contain_text("ring_twice")


def test_the_page_fits_a_desk_and_a_phone(page: Page, fail: Callable[..., str]) -> None:
    fail("a_function_with_a_name_that_is_longer_than_a_phone_is_wide_for_it")

    page.goto("/jobs/")
    only_the_content_scrolls = page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.set_viewport_size({"width": 390, "height": 844})

    expect(page.locator("#failed tbody tr").first).to_be_visible()
    assert only_the_content_scrolls
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("[...document.querySelectorAll('.jobs-table')].every((t) => t.scrollWidth <= t.clientWidth)")
