"""Boxes to tick among the other fields of a form: level with those beside them, and without a gap where none are."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PLACES = """fields => [...fields.children].filter(field => field.getClientRects().length).map(field => {
  const box = field.getBoundingClientRect();
  const control = field.querySelector(".tick, .ts-control, .input, .fixed-value").getBoundingClientRect();
  const ticked = field.matches(".check-field");
  return {name: field.dataset.field, ticked, top: box.top, bottom: box.bottom, words: ticked
    ? field.querySelector(".check-line > span").getBoundingClientRect().left : 0,
    help: ticked && field.querySelector(".help") ? field.querySelector(".help").getBoundingClientRect().left : 0,
    middle: control.top + Math.min(control.height, 34) / 2};
})"""  # of a tall control the first line counts
GAP = 18  # pixels between two rows
FORMS = ("hospitals", "collaborators", "users", "products", "pipeline_stages", "customers")


def rows_of(page: Page, section: int) -> list[list[Any]]:
    """The fields of a section by the rows that they stand in, as one sees them."""
    rows: list[list[Any]] = []
    for field in page.locator(".fields").nth(section).evaluate(PLACES):
        if rows and field["top"] < max(other["bottom"] for other in rows[-1]):
            rows[-1].append(field)
        else:
            rows.append([field])
    return rows


@pytest.mark.parametrize("width", [1440, 900, 390])
def test_a_box_stands_level_with_its_row_and_leaves_no_gap_in_a_row_of_its_own(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    beside, alone = 0, 0
    for table in FORMS:
        page.goto(f"/{table}/add")
        expect(page.locator("select[data-picker]:not(.tomselected)")).to_have_count(0)
        for section in range(page.locator(".fields").count()):
            rows = rows_of(page, section)
            for row in rows:
                middles = [field["middle"] for field in row]
                assert max(middles) - min(middles) < 1, (table, row)
                assert all(abs(box["words"] - box["help"]) < 1 for box in row if box["help"]), (table, row)
                beside += len({field["ticked"] for field in row}) == 2
            for above, row in pairwise(rows):
                gap = min(field["top"] for field in row) - max(field["bottom"] for field in above)
                assert abs(gap - GAP) < 1, (table, row)
                alone += all(field["ticked"] for field in row)

    assert alone > 2
    assert beside > 2 or width == 390
