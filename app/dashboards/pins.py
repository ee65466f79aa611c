"""Charts of tables that somebody pinned: kept by what they show, not by their number, with the filters of that day.

On the home page they follow its period and countries as metrics do, where their table has a date and a country.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.errors import BadQuery, NotFound
from app.core.viewer import Viewer
from app.dashboards.asking import Asked, span_of, within_days
from app.dashboards.figures import Cell, Figure, Line, Note
from app.dashboards.models import DashboardTile
from app.screens import address, charts
from app.screens.beyond import country_field
from app.screens.chips import chips_of
from app.screens.filters import Active
from app.screens.locale import within
from app.screens.look import Look
from app.screens.query import Screens
from app.screens.spec import Chart

PIN = "pin-"
CHART = "chart"
LONGEST = 4_000


@dataclass(frozen=True)
class Pinned:
    """A chart of a table, and the filters of the list as they stand in an address."""

    table: str
    chart: Chart
    query: str = ""

    def written(self) -> str:
        chart = self.chart
        return json.dumps(
            {"table": self.table, "what": chart.what, "by": chart.by, "of": chart.of, "query": self.query}
        )

    @property
    def arguments(self) -> MultiDict[str, str]:
        return MultiDict(parse_qsl(self.query, keep_blank_values=True))


def read(tile: DashboardTile) -> Pinned | None:
    """What was pinned; None for what cannot be read any more."""
    try:
        kept = json.loads(tile.pinned or "")
        chart = Chart.total(kept["of"], kept["by"]) if kept["what"] == "sum" else Chart.count(kept["by"])
        return Pinned(str(kept["table"]), chart, str(kept.get("query", "")))
    except (ValueError, KeyError, TypeError):
        return None


def to_pin(look: Look, number: int, arguments: MultiDict[str, str]) -> Pinned:
    """The chart as it is shown now. Raises NotFound, BadQuery."""
    chart = dict(charts.allowed(look)).get(number)
    if chart is None:
        raise NotFound
    address.listing_of(look.screen, look.viewer, arguments)
    pairs = [(k, v) for k, v in arguments.items(multi=True) if k.startswith("_flt_") or k in ("q", "all")]
    query = urlencode(pairs)
    if len(query) > LONGEST:
        raise BadQuery(_("Too many filters."))
    return Pinned(look.screen.table, chart, query)


def shown(screens: Screens, viewer: Viewer, tile: DashboardTile) -> bool:
    """Whether the person may still see records of the table."""
    pinned = read(tile)
    return pinned is not None and pinned.table in screens and viewer.sees(screens[pinned.table].module)


def title(screens: Screens, look: Look, pinned: Pinned) -> str:
    """What the chart shows; the table alone when a column is not to be known any more."""
    named = [name for name in (pinned.chart.by, pinned.chart.of) if name]
    if all(name in look.screen.fields and look.reads(name) for name in named):
        return charts.title_of(look, pinned.chart)
    return str(_(look.screen.many))


def shape(look: Look, pinned: Pinned) -> str:
    known = not pinned.chart.by or pinned.chart.by in look.screen.fields
    return charts.shape_of(look, pinned.chart) if known else "bar"


def figure(look: Look, pinned: Pinned, asked: Asked) -> Figure:
    """The numbers of a pinned chart. Raises BadQuery with a sentence when a column is gone or closed."""
    number = next((i for i, chart in charts.allowed(look) if chart == pinned.chart), None)
    if number is None:
        raise BadQuery(_("A column of this chart does not exist any more, or you may not see it. Remove the tile."))
    own = address.listing_of(look.screen, look.viewer, pinned.arguments).filters
    chips = chips_of(look, own, pinned.arguments, "")
    dated, placed = dated_by(look, pinned, own), placed_by(look, own)
    arguments = pinned.arguments
    if dated:
        arguments.update({f"_flt_{o}_{c}": v for o, c, v in within_days(dated, asked.period.first, asked.period.last)})
    if placed and asked.countries:
        arguments[f"_flt_in_{placed}"] = ",".join(asked.countries)
    data = charts.chart_data(look, number, arguments)
    lines = tuple(
        Line(row["label"], (Cell(row["value"], row["text"], row["count"], row["href"]),), row["tone"])
        for row in data["rows"]
    )
    notes = [_("Only where %(filters)s.", filters="; ".join(chip.sentence for chip in chips))] if chips else []
    notes += data["notes"]
    notes += [] if dated else [_("The period of the page does not apply to these rows.")]
    notes += [_("The countries of the page do not apply to these rows.")] if asked.countries and not placed else []
    counted = within(_(look.screen.many)) if pinned.chart.what == "sum" else ""
    return Figure(
        data["title"], charts.shape_of(look, pinned.chart), data["unit"], counted, lines=lines,
        notes=tuple(map(Note, notes)), money=pinned.chart.what == "sum",
        axis="time" if pinned.chart.by is None else "", table=pinned.table,
        span=span_of(asked, period=bool(dated), countries=bool(placed)),
    )  # fmt: skip


def dated_by(look: Look, pinned: Pinned, own: Sequence[Active]) -> str:
    """The column that the period is about; "" where it says nothing.

    That is so without a readable date, for what is or is not in use, such as hospitals (how many there are does not
    depend on when they were entered; a chart by month tells just that), and where the chart has days of its own.
    """
    screen = look.screen
    date = screen.date
    stock = (screen.active and pinned.chart.by is not None) or date == "updated_at"
    if not date or not look.reads(date) or stock or any(f.field.name == date for f in own):
        return ""
    return date


def placed_by(look: Look, own: Sequence[Active]) -> str:
    """The field by which countries are told apart; "" without one, and where the chart has countries of its own."""
    field = country_field(look.screen, look.viewer)
    return "" if field is None or any(f.field.name == field.name for f in own) else field.name
