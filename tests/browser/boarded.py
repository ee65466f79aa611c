"""A board in the browser: a pipeline of its own, and the hands that work on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Connection, create_engine, text

from app.core.servers import Servers
from config import sqlalchemy_url

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


@contextmanager
def trial(servers: Servers) -> Iterator[Board]:
    """A board in the database of the running house, as long as a test lasts.

    Tests ask for it before their pages: it goes when these are closed, and nobody asks for a board that is gone.
    """
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
