"""The board in the browser as people share it: what colleagues do meanwhile, new deals, the panel and filters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.core.servers import Servers
from tests.browser.boarded import Board, card, drag, lane, opened, titles, trial
from tests.browser.conftest import Guard
from tests.browser.late import go_on, held_back
from tests.browser.people import browser_of
from tests.browser.phone import PHONE
from tests.browser.test_accessibility import measured

pytestmark = pytest.mark.browser
ADD = re.compile(r"/add(\?|$)")


@pytest.fixture
def board(house: str, servers: Servers) -> Iterator[Board]:
    with trial(servers) as found:
        yield found


@pytest.fixture
def colleague(browser: Browser, house: str, guard: Guard) -> Iterator[Page]:
    """A page of somebody else who sells."""
    with browser_of(browser, house, "manager", viewport={"width": 1440, "height": 900}) as context:
        yield guard.watch(context.new_page())


def test_what_one_moves_the_other_sees_and_who_is_late_is_told(
    board: Board, page: Page, colleague: Page, guard: Guard
) -> None:
    guard.forgiven = ("409",)
    opened(page, board)
    opened(colleague, board, "?view=all")  # has a default search
    card(colleague, "Dora").locator("[data-open]").focus()

    drag(page, card(page, "Anna"), lane(page, board, "Offer"))

    expect(lane(colleague, board, "Offer").locator("[data-open]")).to_have_text(["Anna"])
    expect(card(colleague, "Dora").locator("[data-open]")).to_be_focused()
    # The other one holds a card while it is moved under the hand.
    card(colleague, "Berta").locator("[data-open]").focus()
    colleague.keyboard.press("Space")
    drag(page, card(page, "Berta"), lane(page, board, "Offer"))
    expect(page.locator("#toasts")).to_contain_text("“Berta” is in “Offer”.")
    colleague.keyboard.press("ArrowDown")
    colleague.keyboard.press("ArrowRight")
    colleague.keyboard.press("Space")
    expect(colleague.locator("#toasts")).to_contain_text("moved this deal to “Offer” meanwhile.")
    expect(lane(colleague, board, "Offer").locator("[data-open]")).to_have_count(2)
    assert board.stage_of("Berta") == "Offer"


def test_many_changes_are_asked_for_together(board: Board, page: Page) -> None:
    opened(page, board)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/columns?" in request.url else None)
    board.put("Anna", "Offer")

    lasted = page.evaluate(
        """async () => {
            const begun = Date.now();
            for (let told = 0; told < 60; told += 1) {
                document.dispatchEvent(new CustomEvent("live:board"));
                await new Promise((go) => setTimeout(go, 50));
            }
            return (Date.now() - begun) / 1000;
        }"""
    )

    assert 1 <= len(asked) <= lasted + 1
    expect(lane(page, board, "Offer").locator("[data-open]")).to_have_text(["Anna"])


def test_a_deal_is_added_on_top_of_a_column(board: Board, page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    opened(page, board)

    page.get_by_role("button", name="Add a deal: Offer").click()
    page.get_by_label("Title", exact=True).fill("Emma")
    page.get_by_label("Value", exact=True).fill("much")
    page.keyboard.press("Enter")
    expect(lane(page, board, "Offer").get_by_role("alert")).not_to_be_empty()
    page.get_by_label("Value", exact=True).fill("1200")
    page.keyboard.press("Enter")

    expect(lane(page, board, "Offer").locator("[data-open]")).to_have_text(["Emma"])
    expect(page.get_by_label("Title", exact=True)).to_be_focused()
    assert board.column("Offer") == ["Emma"]
    page.keyboard.press("Escape")
    expect(page.get_by_label("Title", exact=True)).to_have_count(0)


def test_the_next_deal_can_be_typed_while_the_first_is_being_saved(board: Board, page: Page) -> None:
    opened(page, board)
    held = held_back(page, ADD)
    page.get_by_role("button", name="Add a deal: Offer").click()
    title = page.get_by_label("Title", exact=True)
    title.fill("Emma")
    page.keyboard.press("Enter")
    title.fill("Flora")
    go_on(page, held, ADD)

    expect(lane(page, board, "Offer").locator("[data-open]")).to_have_text(["Emma"])
    expect(title).to_have_value("Flora")
    page.keyboard.press("Enter")
    expect(lane(page, board, "Offer").locator("[data-open]")).to_have_text(["Flora", "Emma"])


def test_a_card_opens_beside_the_board_and_its_address_can_be_passed_on(board: Board, page: Page) -> None:
    opened(page, board)
    drawer = page.locator("#deal-drawer")

    card(page, "Anna").locator("[data-open]").click()
    expect(drawer).to_be_visible()
    expect(page).to_have_url(re.compile(f"#deal={board.deals['Anna']}$"))
    page.go_back()
    expect(drawer).to_be_hidden()
    page.goto(f"/pipeline/{board.pipeline}#deal={board.deals['Berta']}")
    page.reload()
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text("Berta")
    page.keyboard.press("Escape")

    expect(drawer).to_be_hidden()
    expect(page).to_have_url(re.compile(f"/pipeline/{board.pipeline}$"))


def test_what_is_changed_in_the_panel_shows_on_the_board(board: Board, page: Page) -> None:
    opened(page, board)
    card(page, "Anna").locator("[data-open]").click()
    panel = page.locator("[data-deal-panel]")
    expect(panel).to_contain_text("Anna")

    panel.get_by_role("button", name="Won").click()

    expect(lane(page, board, "Won").locator("[data-open]")).to_have_text(["Anna"])
    expect(panel).to_be_visible()
    assert board.stage_of("Anna") == "Won"


def test_filters_are_those_of_the_list(board: Board, page: Page) -> None:
    opened(page, board)
    page.get_by_role("searchbox", name="Search: Search by title").fill("Ber")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=Ber"))
    assert titles(page, board, "New") == ["Berta"]

    page.get_by_role("link", name="List", exact=True).click()

    page.wait_for_url(re.compile(f"/deals/list/\\?q=Ber&_flt_eq_pipeline_id={board.pipeline}"))
    expect(page.locator("tr[data-row]")).to_have_count(1)


@pytest.mark.parametrize("size", ({"width": 1440, "height": 900}, PHONE), ids=("desk", "phone"))
def test_the_board_has_no_serious_finding(board: Board, page: Page, size: Any) -> None:
    page.set_viewport_size(size)
    opened(page, board)
    found = measured(page, "board", size)
    card(page, "Anna").locator("[data-open]").focus()
    page.keyboard.press("Space")
    found += measured(page, "a card in the hand", size)
    page.keyboard.press("Escape")
    page.locator("[data-quick-add]").first.click()
    found += measured(page, "a new deal", size)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Move to… Anna").click()
    found += measured(page, "the menu", size)
    page.get_by_role("menuitem", name="Lost").click()
    page.get_by_role("dialog", name="Move to “Lost”").wait_for()
    found += measured(page, "the reason", size)
    page.keyboard.press("Escape")
    card(page, "Anna").locator("[data-open]").click()
    page.locator("#deal-drawer").wait_for()
    found += measured(page, "the drawer", size)

    assert not found, "\n".join(found)
