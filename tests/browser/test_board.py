"""The board in the browser: cards dragged by mouse, finger and keys, what is refused, and what colleagues do meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Connection, create_engine, text

from app.core.servers import Servers
from config import sqlalchemy_url
from tests.browser.conftest import PATIENCE, Guard
from tests.browser.phone import PHONE
from tests.browser.test_accessibility import measured
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

STAGES = (
    ("New", "NULL", False, False), ("Offer", "NULL", False, False), ("Contract", "'{expected_close_date}'", False, False),
    ("Won", "NULL", True, False), ("Lost", "NULL", False, True),
)  # fmt: skip
DEALS = ("Anna", "Berta", "Cecilia", "Dora")
"""In the first stage, the first one on top."""


@dataclass
class Board:
    """A pipeline of its own in the database of the running house."""

    line: Connection
    pipeline: str
    stages: dict[str, str]
    deals: dict[str, str]

    def stage_of(self, name: str) -> str:
        asked = "SELECT s.name FROM deals d JOIN pipeline_stages s ON s.id = d.stage_id WHERE d.id = :key"
        return str(self.line.scalar(text(asked), {"key": self.deals[name]}))

    def column(self, stage: str) -> list[str]:
        asked = "SELECT title FROM deals WHERE stage_id = :key ORDER BY board_position DESC"
        return list(self.line.scalars(text(asked), {"key": self.stages[stage]}))

    def value(self, name: str, what: str) -> Any:
        return self.line.scalar(text(f'SELECT "{what}" FROM deals WHERE id = :key'), {"key": self.deals[name]})

    def put(self, name: str, stage: str) -> None:
        """As a colleague does, though no page is told."""
        asked = "UPDATE deals SET stage_id = :stage WHERE id = :key"
        self.line.execute(text(asked), {"stage": self.stages[stage], "key": self.deals[name]})


@pytest.fixture
def board(house: str, servers: Servers) -> Iterator[Board]:
    address = servers.database_url.rpartition("/")[0] + "/house"
    engine = create_engine(sqlalchemy_url(address), isolation_level="AUTOCOMMIT")
    with engine.connect() as line:
        pipeline = line.scalar(text("INSERT INTO pipelines (name, is_active) VALUES ('Trial', true) RETURNING id"))
        stages = {}
        for order, (name, fields, won, lost) in enumerate(STAGES):
            asked = (
                'INSERT INTO pipeline_stages (pipeline_id, name, "order", probability, is_won_stage, is_lost_stage,'
                f" required_fields) VALUES (:p, :n, :o, 20, :w, :l, {fields}) RETURNING id"
            )
            stages[name] = line.scalar(text(asked), {"p": pipeline, "n": name, "o": order, "w": won, "l": lost})
        deals = {}
        for title in reversed(DEALS):
            asked = (
                "INSERT INTO deals (title, pipeline_id, stage_id, value, currency, country_code)"
                " VALUES (:t, :p, :s, 1000, 'EUR', 'SK') RETURNING id"
            )
            deals[title] = line.scalar(text(asked), {"t": title, "p": pipeline, "s": stages["New"]})
        yield Board(line, str(pipeline), stages, deals)
        line.execute(text("DELETE FROM deals WHERE pipeline_id = :p"), {"p": pipeline})
        line.execute(text("DELETE FROM pipelines WHERE id = :p"), {"p": pipeline})
    engine.dispose()


def opened(page: Page, board: Board, query: str = "") -> Page:
    page.goto(f"/pipeline/{board.pipeline}{query}")
    expect(page.locator("[data-board]")).to_be_visible()
    return page


def card(page: Page, title: str) -> Locator:
    return page.locator(f'[data-deal][data-title="{title}"]')


def lane(page: Page, board: Board, stage: str) -> Locator:
    return page.locator(f'[data-lane="{board.stages[stage]}"]')


def titles(page: Page, board: Board, stage: str) -> list[str]:
    return lane(page, board, stage).locator("[data-open]").all_inner_texts()


def settled(page: Page) -> None:
    """What was dropped is sent and answered."""
    expect(page.locator(".is-sending")).to_have_count(0)


def drag(page: Page, what: Locator, to: Locator, *, below: bool = True) -> None:
    """With the mouse, a little at a time, as a hand does."""
    begin, end = what.bounding_box(), to.bounding_box()
    assert begin and end
    page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] - 12)
    page.mouse.down()
    page.mouse.move(begin["x"] + begin["width"] / 2 + 12, begin["y"] + begin["height"], steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + (end["height"] * 0.7 if below else 8), steps=12)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + (end["height"] * 0.75 if below else 6), steps=3)
    page.mouse.up()


def test_a_card_is_dragged_into_another_column_and_the_move_is_taken_back(page: Page, board: Board) -> None:
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


def test_the_order_of_a_column_is_kept(page: Page, board: Board) -> None:
    opened(page, board)

    drag(page, card(page, "Anna"), card(page, "Cecilia"))

    expect(lane(page, board, "New").locator("[data-open]")).to_have_text(["Berta", "Cecilia", "Anna", "Dora"])
    settled(page)
    assert board.column("New") == ["Berta", "Cecilia", "Anna", "Dora"]
    page.reload()
    assert titles(page, board, "New") == ["Berta", "Cecilia", "Anna", "Dora"]


def test_a_card_is_moved_by_keys_alone_and_put_back_by_escape(page: Page, board: Board) -> None:
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


def test_a_refused_card_snaps_back_and_says_why(page: Page, guard: Guard, board: Board) -> None:
    guard.forgiven = ("409",)
    opened(page, board)
    board.put("Cecilia", "Contract")

    drag(page, card(page, "Cecilia"), lane(page, board, "Offer"))

    expect(page.locator("#toasts")).to_contain_text("This deal was moved to “Contract” meanwhile.")
    expect(lane(page, board, "Contract").locator("[data-open]")).to_have_text(["Cecilia"])
    assert board.stage_of("Cecilia") == "Contract"


def test_a_lost_deal_needs_a_reason_and_cancel_leaves_all_as_it_was(page: Page, guard: Guard, board: Board) -> None:
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


def test_a_stage_asks_for_what_it_needs(page: Page, board: Board) -> None:
    opened(page, board)

    drag(page, card(page, "Anna"), lane(page, board, "Contract"))
    dialog = page.get_by_role("dialog", name="Move to “Contract”")
    dialog.get_by_label("Expected close").fill("2027-03-01")
    page.keyboard.press("Control+Enter")

    expect(lane(page, board, "Contract").locator("[data-open]")).to_have_text(["Anna"])
    settled(page)
    assert str(board.value("Anna", "expected_close_date")) == "2027-03-01"


def test_a_menu_moves_a_card_on_a_phone(page: Page, board: Board) -> None:
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


@pytest.fixture
def colleague(browser: Browser, house: str, guard: Guard) -> Iterator[Page]:
    """A page of somebody else who sells."""
    context = browser.new_context(
        base_url=house, locale="en-GB", viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    page = guard.watch(context.new_page())
    page.goto("/login/")
    page.fill("#username", "manager")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house}/")
    yield page
    context.close()


def test_what_one_moves_the_other_sees_and_who_is_late_is_told(
    page: Page, colleague: Page, guard: Guard, board: Board
) -> None:
    guard.forgiven = ("409",)
    opened(page, board)
    opened(colleague, board)
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


def test_a_deal_is_added_on_top_of_a_column(page: Page, guard: Guard, board: Board) -> None:
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


def test_a_card_opens_beside_the_board_and_its_address_can_be_passed_on(page: Page, board: Board) -> None:
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


def test_what_is_changed_in_the_panel_shows_on_the_board(page: Page, board: Board) -> None:
    opened(page, board)
    card(page, "Anna").locator("[data-open]").click()
    panel = page.locator("[data-deal-panel]")
    expect(panel).to_contain_text("Anna")

    panel.get_by_role("button", name="Won").click()

    expect(lane(page, board, "Won").locator("[data-open]")).to_have_text(["Anna"])
    expect(panel).to_be_visible()
    assert board.stage_of("Anna") == "Won"


def test_filters_are_those_of_the_list(page: Page, board: Board) -> None:
    opened(page, board)
    page.get_by_role("searchbox", name="Search: Search by title").fill("Ber")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=Ber"))
    assert titles(page, board, "New") == ["Berta"]

    page.get_by_role("link", name="List", exact=True).click()

    page.wait_for_url(re.compile(f"/deals/list/\\?q=Ber&_flt_eq_pipeline_id={board.pipeline}"))
    expect(page.locator("tr[data-row]")).to_have_count(1)


@pytest.mark.parametrize("size", ({"width": 1440, "height": 900}, PHONE), ids=("desk", "phone"))
def test_the_board_has_no_serious_finding(page: Page, board: Board, size: Any) -> None:
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
