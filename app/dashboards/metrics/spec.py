"""What a metric is: a question to one table, said in the filters of its list, so that every number leads to its rows.

Pure. Values of filters may be one of the marks below; they are filled when the metric is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.dashboards.models import Board

ME, TODAY, MONTH, RUNNING = "@me", "@today", "@month", "@running"

Filter = tuple[str, str, str]
"""(operator, column, value), as in `_flt_<operator>_<column>=<value>`."""

TIME, AHEAD, STAGE, CAMPAIGN = "~time", "~ahead", "~stage", "~campaign"
"""Axes that are no plain column: steps of the period, months ahead, stages by name, running campaigns."""


@dataclass(frozen=True)
class Amount:
    """Money added up in the reporting currency.

    `day` is the column whose day decides the rate; "" for today's rates. `weight` is a column of percent; with
    `beside` the amount is told as it is, and the weighted one beside it.
    """

    column: str
    currency: str = "currency"
    day: str = ""
    weight: str = ""
    beside: bool = False


@dataclass(frozen=True)
class Days:
    """Days between two moments: the median and what nine of ten stay within."""

    since: str
    until: str


@dataclass(frozen=True)
class Metric:
    """One tile of the catalogue.

    `title` says what it shows, `about` for whom and from which columns. `period` is the column that the chosen period
    is about; without one the metric tells how things stand now. `by` is the axis (a column or one of the above), on
    `along` where it is not `period`; `split` makes a series of each value. `share` are filters: the number is the
    percentage of rows which fulfil them. Of a list, `columns` and `order` are those of its first rows. `good` says
    whether more is better ("up"), worse ("down") or neither. `personal` numbers are of one person, in all countries.
    """

    key: str
    table: str
    title: str
    about: str
    shape: Literal["number", "bar", "stack", "line", "list"]
    boards: tuple[Board, ...] = ()
    width: int = 6
    where: tuple[Filter, ...] = ()
    period: str = ""
    by: str = ""
    along: str = ""
    split: str = ""
    amount: Amount | None = None
    days: Days | None = None
    share: tuple[Filter, ...] = ()
    columns: tuple[str, ...] = ()
    order: str = ""
    good: Literal["up", "down", ""] = "up"
    personal: bool = False

    def reads(self) -> tuple[str, ...]:
        """The columns of the table that it tells of; whoever may not read one of them has no such tile."""
        names = [column for _operator, column, _value in (*self.where, *self.share)]
        names += [self.period, self.along, self.split]
        names += ["" if self.by.startswith("~") else self.by]
        names += ["stage_id" if self.by == STAGE else "", "campaign_id" if self.by == CAMPAIGN else ""]
        if self.amount:
            names += [self.amount.column, self.amount.currency, self.amount.day, self.amount.weight]
        if self.days:
            names += [self.days.since, self.days.until]
        return tuple(dict.fromkeys(name for name in names if name))


MANAGEMENT, WORK = (Board.management,), (Board.work,)
