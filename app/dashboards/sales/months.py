"""The columns of a forecast: what is past due, this month and the next ones, later, and without a date. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from app.dashboards.axes import step_label
from app.dashboards.metrics.spec import Filter
from app.dashboards.periods import months_ahead

LATE, LATER, NONE = "late", "later", "none"
MONTHS = 6
DAY = "expected_close_date"


@dataclass(frozen=True)
class Column:
    """Days from `first` to `last`, both within it and either left open; `key` is late, 2026-01, later or none."""

    key: str
    label: str
    first: date | None = None
    last: date | None = None
    takes: bool = True

    def filters(self) -> list[Filter]:
        """The same in the filters of the list of deals."""
        if self.key == NONE:
            return [("none", DAY, "1")]
        ends = (("ge", self.first), ("le", self.last))
        return [(operator, DAY, end.isoformat()) for operator, end in ends if end is not None]


def columns_of(today: date) -> list[Column]:
    """From the left. A deal is put into a month, or loses its date; late and later are no place to put one."""
    months = months_ahead(today, MONTHS)
    laid = [Column(step.key[:7], step_label(step, "month"), max(step.first, today), step.last) for step in months]
    late = Column(LATE, _("Past due"), None, today - timedelta(days=1), takes=False)
    later = Column(LATER, _("Later"), months[-1].last + timedelta(days=1), None, takes=False)
    return [late, *laid, later, Column(NONE, _("No date"))]


def column_at(day: date | None, columns: list[Column]) -> Column:
    """The column a deal stands in."""
    if day is None:
        return columns[-1]
    return next(c for c in columns[:-1] if (c.first is None or day >= c.first) and (c.last is None or day <= c.last))


def day_in(column: Column, before: date | None) -> date | None:
    """The day that a deal is given in a column: the same day of the month, else the last one; None for no date."""
    if column.key == NONE or column.last is None:
        return None
    last = column.last
    if before is None:
        return last
    day = last.replace(day=min(before.day, calendar.monthrange(last.year, last.month)[1]))
    return day if column.first is None or day >= column.first else last
