"""What looks the same is drawn in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

STYLES = Path(__file__).parent.parent / "app" / "static" / "css"


@pytest.mark.parametrize("part", [".switch", ".tick", ".pill", ".segments"])
def test_a_part_that_many_pages_have_is_drawn_by_the_style_of_all_pages(part: str) -> None:
    drawn = {style.name for style in STYLES.glob("*.css") if f"\n{part} {{" in style.read_text()}

    assert drawn == {"base.css"}
