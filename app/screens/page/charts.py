"""The charts of a table."""

from __future__ import annotations

from dataclasses import dataclass

from app.screens.page.lists import Chip


@dataclass(frozen=True)
class Chart:
    """One chart of a table; the numbers come from `data_href` as JSON, from `csv_href` (if not "") as a file.

    The JSON is {"title", "unit", "rows": [{"label", "value", "count", "text", "href", "tone"}], "notes"}; `shape` is
    bar, line or donut.
    """

    key: str
    title: str
    shape: str
    data_href: str
    unit: str = ""
    csv_href: str = ""


@dataclass(frozen=True)
class ChartPage:
    """`/<table>/chart/`"""

    table: str
    title: str
    many: str
    list_href: str
    charts: tuple[Chart, ...]
    chips: tuple[Chip, ...] = ()
    clear_href: str = ""
    pin_href: str = ""
