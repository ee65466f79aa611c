"""What is expected: open deals by the month in which they are likely to close, beside what was won."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func, literal

from app.dashboards.asking import Asked, filters_of, href, listing, within_days
from app.dashboards.axes import step_label
from app.dashboards.figures import Cell, Figure, Line, Series
from app.dashboards.measures import Measured, measured
from app.dashboards.metrics.spec import Amount, Filter, Metric
from app.dashboards.periods import Step, months_ahead
from app.dashboards.queries import notes_of
from app.dashboards.sales.outcomes import WORTH
from app.screens.cells import money_text
from app.screens.locale import within
from app.screens.look import Look

BACK, AHEAD = 3, 7
_OPEN = (("eq", "status", "open"),)
_BOTH = Amount("value", weight="probability", beside=True)


@dataclass(frozen=True)
class Month:
    """A place on the axis of months. `key` is its first day, or before, after, none."""

    key: str
    label: str
    filters: tuple[Filter, ...]


def forecast(look: Look, asked: Asked) -> Figure:
    """Value and weighted value of open deals by month of the expected close, and what was won in that month.

    Three months back and six ahead, whatever the period. Two statements.
    """
    months = _months(asked.today)
    value = Metric("open", "deals", "", "", "bar", where=_OPEN, amount=_BOTH)
    won = Metric("won", "deals", "", "", "bar", where=(("eq", "status", "won"),), amount=WORTH)
    model, asking = look.screen.model, filters_of(look, value, asked)
    first, last = months[0].first, months[-1].last
    won_filters = filters_of(look, won, asked)
    by = by_month(model.expected_close_date, first, last)
    opened = measured(look, value, listing(look, asking), asked, by=by)
    done = measured(
        look, won, listing(look, [*won_filters, *within_days("actual_close_date", first, last)]), asked,
        by=by_month(model.actual_close_date, first, last),
    )  # fmt: skip
    lines = []
    for place in places(months, {key for key, _none in opened}):
        one = opened.get((place.key, None), Measured())
        at = href(look, [*asking, *place.filters])
        cells = [_worth(asked, one, one.value, at), _worth(asked, one, one.weighted, at)]
        month = next((m for m in months if m.key == place.key), None)
        if month is not None:
            gained = done.get((place.key, None), Measured())
            within_month = within_days("actual_close_date", month.first, month.last)
            cells.append(_worth(asked, gained, gained.value, href(look, [*won_filters, *within_month])))
        else:
            cells.append(Cell(None, "", 0, ""))
        lines.append(Line(place.label, tuple(cells), behind=cells[0].count + cells[2].count))
    series = (Series(_("Open"), "blue"), Series(_("Open, weighted"), "brand"), Series(_("Won"), "green"))
    notes = notes_of(look, value, asking, list(opened.values()))
    return Figure(
        "", "bar", asked.currency, within(_(look.screen.many)), series, tuple(lines) if opened or done else (),
        notes=notes, money=True, axis="time", table="deals",
    )  # fmt: skip


def _months(today: date) -> list[Step]:
    first = today.replace(day=1)
    for _number in range(BACK):
        first = (first - timedelta(days=1)).replace(day=1)
    return months_ahead(first, BACK + AHEAD)


def by_month(column: Any, first: date, last: date) -> Any:
    """The key of the month of a day, as `places` has it."""
    return case(
        (column.is_(None), literal("none")),
        (column < first, literal("before")),
        (column > last, literal("after")),
        else_=func.to_char(func.date_trunc("month", column), "YYYY-MM-DD"),
    )


def places(months: list[Step], found: set[Any]) -> list[Month]:
    """The months, and before, after and without a date where there is something."""
    name = "expected_close_date"
    first, last = months[0].first - timedelta(days=1), months[-1].last + timedelta(days=1)
    before = Month("before", _("Earlier"), (("le", name, first.isoformat()),))
    later = [
        Month("after", _("Later"), (("ge", name, last.isoformat()),)),
        Month("none", _("No date"), (("none", name, "1"),)),
    ]
    laid = [Month(s.key, step_label(s, "month"), tuple(within_days(name, s.first, s.last))) for s in months]
    return [*([before] if "before" in found else []), *laid, *(place for place in later if place.key in found)]


def _worth(asked: Asked, one: Measured, amount: Decimal | None, at: str) -> Cell:
    worth = round(amount or Decimal(0), 2)
    return Cell(float(worth), money_text(worth, asked.currency), one.rows, at)
