"""The board in the browser: cards moved by mouse, finger, keys and a menu, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import text

from app.core.servers import Servers
from tests.browser.boarded import DEALS, STAGES, Board, card, drag, lane, opened, settled, titles, trial
from tests.browser.conftest import Guard
from tests.browser.late import arrive, go_on, held_back, until_asked
from tests.browser.phone import PHONE

pytestmark = pytest.mark.browser
COLUMNS = re.compile("/columns[?]")


@pytest.fixture
def board(house: str, servers: Servers) -> Iterator[Board]:
    with trial(servers) as found:
        yield found


def test_a_card_is_dragged_into_another_column_and_the_move_is_taken_back(board: Board, page: Page) -> None:
    opened(page, board)

    drag(page, card(page, "Berta"), lane(page, board, "Offer"))

    expect(page.locator("#toasts")).to_contain_text("“Berta” is in “Offer”.")
    expect(lane(page, board, "Offer").locator("[data-open]")).to_have_text(["Berta"])
    assert board.stage_of("Berta") == "Offer"
    expect(page.locator(f'[data-stage="{board.stages["Offer"]}"] .lane-sums')).to_contain_text("€1,000")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("The move is taken back.")
    expect(lane(page, board, "New").locator("[data-open]")).to_have_text(list(DEALS))
    assert board.column("New") == list(DEALS)


def test_a_card_that_leaves_the_filters_is_gone_at_once_and_comes_back_with_undo(board: Board, page: Page) -> None:
    opened(page, board, "?_flt_eq_status=open")
    card(page, "Berta").locator("[data-open]").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)

    said = "“Berta” is in “Won”. The filters of this board do not show it."
    expect(page.locator("#toasts")).to_contain_text(said)
    expect(page.locator("[data-live]")).to_have_text(said)
    expect(card(page, "Berta")).to_have_count(0)
    expect(card(page, "Cecilia").locator("[data-open]")).to_be_focused()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(lane(page, board, "New").locator("[data-open]")).to_have_text(list(DEALS))
    assert board.stage_of("Berta") == "New"


def test_the_order_of_a_column_is_kept(board: Board, page: Page) -> None:
    opened(page, board)

    drag(page, card(page, "Anna"), card(page, "Cecilia"))

    expect(lane(page, board, "New").locator("[data-open]")).to_have_text(["Berta", "Cecilia", "Anna", "Dora"])
    settled(page)
    assert board.column("New") == ["Berta", "Cecilia", "Anna", "Dora"]
    page.reload()
    assert titles(page, board, "New") == ["Berta", "Cecilia", "Anna", "Dora"]


def test_a_card_is_moved_by_keys_alone_and_put_back_by_escape(board: Board, page: Page) -> None:
    opened(page, board)
    said = page.locator("[data-live]")
    card(page, "Anna").locator("[data-open]").focus()
    page.keyboard.press("ArrowDown")
    expect(card(page, "Berta").locator("[data-open]")).to_be_focused()

    page.keyboard.press("Space")
    expect(said).to_have_text("Berta is picked up. Column New, place 2 of 4.")
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text("Column Offer, place 1 of 1.")
    page.keyboard.press("Escape")
    expect(said).to_have_text("Berta is back in its place.")
    assert titles(page, board, "New") == list(DEALS)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")

    expect(page.locator("#toasts")).to_contain_text("“Berta” is in “Offer”.")
    expect(card(page, "Berta").locator("[data-open]")).to_be_focused()
    assert board.stage_of("Berta") == "Offer"


def test_a_card_stays_below_those_that_are_loaded_of_a_long_column(board: Board, page: Page) -> None:
    many = (
        "INSERT INTO deals (title, pipeline_id, stage_id, country_code)"
        " SELECT 'Deal ' || n, :pipeline, :stage, 'SK' FROM generate_series(1, 55) n"
    )
    board.line.execute(text(many), {"pipeline": board.pipeline, "stage": board.stages["Offer"]})
    opened(page, board)
    said = page.locator("[data-live]")
    card(page, "Anna").locator("[data-open]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text("Column Offer, place 1 of 56.")
    for _card in range(50):
        page.keyboard.press("ArrowDown")
    expect(said).to_have_text("Column Offer, place 51 of 56.")

    page.keyboard.press("Space")

    expect(page.locator("#toasts")).to_contain_text("“Anna” is in “Offer”.")
    lane(page, board, "Offer").get_by_role("button", name="Load more").click()
    expect(lane(page, board, "Offer").locator("[data-open]")).to_have_text(board.column("Offer"))
    assert board.column("Offer").index("Anna") == 50


def test_a_refused_card_snaps_back_and_says_why(board: Board, page: Page, guard: Guard) -> None:
    guard.forgiven = ("409",)
    opened(page, board)
    held = held_back(page, COLUMNS)
    board.put("Cecilia", "Contract")

    drag(page, card(page, "Cecilia"), lane(page, board, "Offer"))
    go_on(page, held, COLUMNS)

    expect(page.locator("#toasts")).to_contain_text("This deal was moved to “Contract” meanwhile.")
    expect(lane(page, board, "Contract").locator("[data-open]")).to_have_text(["Cecilia"])
    assert board.stage_of("Cecilia") == "Contract"


def told_of_another_berta(page: Page, board: Board) -> list[Route]:
    """The answer to what is new, with another value of Berta, is on its way."""
    board.line.execute(text("UPDATE deals SET value = 2000 WHERE id = :key"), {"key": board.deals["Berta"]})
    held = held_back(page, COLUMNS)
    page.evaluate("document.dispatchEvent(new CustomEvent('live:board'))")
    until_asked(page, held, COLUMNS)
    return held


def test_what_is_new_waits_for_the_hand_that_is_on_a_card(board: Board, page: Page) -> None:
    opened(page, board)
    held = told_of_another_berta(page, board)
    begin, end = card(page, "Berta").bounding_box(), lane(page, board, "Offer").bounding_box()
    assert begin and end

    page.mouse.move(begin["x"] + 60, begin["y"] + begin["height"] - 12)
    page.mouse.down()
    arrive(page, held, COLUMNS)
    page.mouse.move(begin["x"] + 80, begin["y"] + begin["height"], steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=12)
    page.mouse.up()

    expect(page.locator("#toasts")).to_contain_text("“Berta” is in “Offer”.")
    expect(card(page, "Berta")).to_contain_text("€2,000")
    assert board.stage_of("Berta") == "Offer"


def told_beside_an_open_menu(page: Page, board: Board) -> None:
    opened(page, board)
    held = told_of_another_berta(page, board)
    page.get_by_role("button", name="Move to… Berta").click()
    arrive(page, held, COLUMNS)


def test_what_is_new_waits_for_the_menu_of_a_card(board: Board, page: Page) -> None:
    told_beside_an_open_menu(page, board)

    page.get_by_role("menuitem", name="Offer").click()

    expect(page.locator("#toasts")).to_contain_text("“Berta” is in “Offer”.")
    assert board.stage_of("Berta") == "Offer"


def test_what_came_while_a_menu_was_open_is_drawn_when_it_closes(board: Board, page: Page) -> None:
    told_beside_an_open_menu(page, board)

    page.keyboard.press("Escape")

    expect(card(page, "Berta")).to_contain_text("€2,000")


def test_who_is_not_logged_in_any_more_is_told_and_shown_the_way(board: Board, page: Page, guard: Guard) -> None:
    guard.forgiven = ("400", "401")
    opened(page, board)
    page.context.clear_cookies()

    drag(page, card(page, "Cecilia"), lane(page, board, "Offer"))

    expect(lane(page, board, "New").locator("[data-open]")).to_have_text(list(DEALS))
    page.locator("#toasts").get_by_role("button", name="Reload").click()
    page.wait_for_url(re.compile("/login/"))
    assert board.stage_of("Cecilia") == "New"


def test_a_card_that_is_dropped_without_a_connection_goes_back(board: Board, page: Page, guard: Guard) -> None:
    opened(page, board)
    page.context.set_offline(True)

    drag(page, card(page, "Cecilia"), lane(page, board, "Offer"))

    expect(page.locator("#toasts")).to_contain_text("The connection is lost. The deal is back in its place.")
    expect(lane(page, board, "New").locator("[data-open]")).to_have_text(list(DEALS))
    page.context.set_offline(False)
    guard.noted[:] = [one for one in guard.noted if "ERR_INTERNET_DISCONNECTED" not in one]


def test_a_lost_deal_needs_a_reason_and_cancel_leaves_all_as_it_was(board: Board, page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    opened(page, board)

    drag(page, card(page, "Dora"), lane(page, board, "Lost"))
    dialog = page.get_by_role("dialog", name="Move to “Lost”")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(lane(page, board, "New").locator("[data-open]")).to_have_text(list(DEALS))
    assert board.stage_of("Dora") == "New"

    drag(page, card(page, "Dora"), lane(page, board, "Lost"))
    dialog.get_by_role("button", name="Move").click()
    expect(dialog).to_contain_text("Say why the deal was lost.")
    dialog.get_by_label("Reason lost").fill("Chose another bank")
    dialog.get_by_role("button", name="Move").click()

    expect(lane(page, board, "Lost").locator("[data-open]")).to_have_text(["Dora"])
    settled(page)
    assert (board.stage_of("Dora"), board.value("Dora", "lost_reason")) == ("Lost", "Chose another bank")
    drag(page, card(page, "Anna"), lane(page, board, "Lost"))
    dialog.get_by_role("button", name="Chose another bank").click()
    expect(dialog.get_by_label("Reason lost")).to_have_value("Chose another bank")


def test_a_stage_asks_for_what_it_needs(board: Board, page: Page) -> None:
    opened(page, board)

    drag(page, card(page, "Anna"), lane(page, board, "Contract"))
    dialog = page.get_by_role("dialog", name="Move to “Contract”")
    dialog.get_by_label("Expected close").fill("2027-03-01")
    page.keyboard.press("Control+Enter")

    expect(lane(page, board, "Contract").locator("[data-open]")).to_have_text(["Anna"])
    settled(page)
    assert str(board.value("Anna", "expected_close_date")) == "2027-03-01"


def test_a_menu_moves_a_card_on_a_phone(board: Board, page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a size
    opened(page, board)

    page.get_by_role("button", name="Move to… Berta").click()
    page.get_by_role("menuitem", name="Offer").click()

    expect(page.locator("#toasts")).to_contain_text("“Berta” is in “Offer”.")
    assert board.stage_of("Berta") == "Offer"
    page.locator("[data-lane-tab]", has_text="Contract").click()
    expect(page.locator("[data-lane-tab]", has_text="Contract")).to_have_attribute("aria-current", "true")


def test_a_card_is_dragged_by_a_finger_that_waits_a_moment(
    browser: Browser, house: str, guard: Guard, login_state: Any, board: Board
) -> None:
    context = browser.new_context(
        base_url=house, locale="en-GB", viewport={"width": 900, "height": 900}, has_touch=True, reduced_motion="reduce",
        storage_state=login_state,
    )  # fmt: skip
    page = opened(guard.watch(context.new_page()), board)
    finger = context.new_cdp_session(page)
    begin, end = card(page, "Cecilia").bounding_box(), lane(page, board, "Offer").bounding_box()
    assert begin and end

    def touch(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = begin["x"] + 60, begin["y"] + begin["height"] - 12
    touch("touchStart", x, y)
    page.wait_for_timeout(400)
    for step in range(1, 13):
        touch("touchMove", x + (end["x"] + 80 - x) * step / 12, y + (end["y"] + 60 - y) * step / 12)
        page.wait_for_timeout(20)
    touch("touchEnd")

    expect(page.locator("#toasts")).to_contain_text("“Cecilia” is in “Offer”.")
    assert board.stage_of("Cecilia") == "Offer"
    context.close()


def test_on_a_phone_a_card_at_the_edge_brings_the_next_column(
    browser: Browser, house: str, guard: Guard, login_state: Any, board: Board
) -> None:
    context = browser.new_context(
        base_url=house, locale="en-GB", viewport=PHONE, has_touch=True, is_mobile=True, storage_state=login_state
    )  # type: ignore[arg-type]  # a size
    page = opened(guard.watch(context.new_page()), board)
    finger = context.new_cdp_session(page)
    begin = card(page, "Cecilia").bounding_box()
    assert begin
    y = begin["y"] + begin["height"] / 2

    def touch(kind: str, x: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(30)

    touch("touchStart", 100)
    expect(card(page, "Cecilia").and_(page.locator(".sortable-chosen"))).to_have_count(1)
    names = [name for name, *_rest in STAGES]
    for step in range(400):
        here = names.index(page.locator("[data-lane-tab][aria-current]").inner_text().split()[0])
        touch("touchMove", (384 if here < 1 else 6 if here > 1 else 195) + step % 2)
        if here == 1 and lane(page, board, "Offer").locator(".is-ghost").count():
            break
    touch("touchEnd")

    expect(page.locator("#toasts")).to_contain_text("“Cecilia” is in “Offer”.")
    assert board.stage_of("Cecilia") == "Offer"
    context.close()
