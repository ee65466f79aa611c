"""SQL of what a metric measures: rows, money in the reporting currency, shares and days, grouped by up to two keys.

One statement, whatever the number of rows; PostgreSQL adds up. Currencies are added only after each was turned into
the reporting currency (`Asked.currency`): through EUR, at the last rates of both published on or before the day (schema
document, "exchange_rates": units of the currency for 1 EUR). What has no rate is left out and told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, func, literal, not_, null, select
from sqlalchemy import Date as DateType
from sqlalchemy.orm import Session

from app.billing.rates import BASE, rate_on
from app.core.viewer import Viewer
from app.dashboards.asking import Asked
from app.dashboards.axes import calendar_day
from app.dashboards.metrics.spec import Amount, Metric
from app.screens import query
from app.screens.filters import Active, condition
from app.screens.look import Look
from app.screens.query import Listing


@dataclass
class Measured:
    """Of one group: rows, their value, and what could not be converted, by currency (None: no currency given).

    `weighted` stands beside the value where `Amount.beside` asks for it. Where texts count as one, `written` are the
    texts as they stand in the rows, without blanks around them, by rows.
    """

    rows: int = 0
    value: Decimal | None = None
    weighted: Decimal | None = None
    ninety: Decimal | None = None
    hits: int = 0
    left_out: dict[str | None, int] = field(default_factory=dict)
    by_currency: dict[str | None, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)

    def add(self, other: Measured) -> None:
        """Several groups as one; medians cannot be added and are never asked to."""
        self.rows += other.rows
        self.hits += other.hits
        if other.value is not None:
            self.value = (self.value or Decimal(0)) + other.value
        if other.weighted is not None:
            self.weighted = (self.weighted or Decimal(0)) + other.weighted
        if other.ninety is not None:
            self.ninety = other.ninety
        for currency, rows in other.left_out.items():
            self.left_out[currency] = self.left_out.get(currency, 0) + rows
        for currency, rows in other.by_currency.items():
            self.by_currency[currency] = self.by_currency.get(currency, 0) + rows
        for text, rows in other.written.items():
            self.written[text] = self.written.get(text, 0) + rows

    def mostly(self) -> str:
        """How the text of the group is mostly written; "" where no text was asked for."""
        return min(self.written, key=lambda text: (-self.written[text], text), default="")


Groups = dict[tuple[Any, Any], Measured]
Same = Callable[[Any], ColumnElement[str]]


def measured(
    look: Look, metric: Metric, listing: Listing, asked: Asked, *, by: ColumnElement[Any] | None = None,
    split: ColumnElement[Any] | None = None, share: Sequence[Active] = (), same: Same | None = None,
) -> Groups:  # fmt: skip
    """The groups that have rows, by their two keys (None where there is no axis). One statement. Raises BadQuery.

    `same` makes one key of texts on the first axis that count as one. It is asked for each text that occurs, not for
    each row.
    """
    keys = [(null() if by is None else by).label("g"), (null() if split is None else split).label("s")]
    grouped = [label for label, given in zip(("g", "s"), (by, split), strict=True) if given is not None]
    rows = query.narrowed(look.screen, look.viewer, listing).select_from(look.screen.model)
    if metric.amount is not None:
        return _money(look.session, look.viewer, _sums(look, metric.amount, rows, keys, grouped, asked), asked, same)
    more: list[ColumnElement[Any]] = [func.count().label("rows")]
    if metric.days is not None:
        more += _spans(look, metric)
    if share:
        more.append(func.count().filter(and_(*(condition(look.screen, f) for f in share))).label("hits"))
    question = rows.with_only_columns(*keys, *more).group_by(*grouped)
    if same is not None:
        some = question.subquery()
        question = select(*some.c, same(some.c.g).label("k")).execution_options(viewer=look.viewer)
    found: Groups = {}
    for row in look.session.execute(question.execution_options(by_row=True)):
        known = row._mapping
        one = Measured(row.rows, known.get("half"), ninety=known.get("ninety"), hits=known.get("hits", 0))
        _put(found, row, one, same)
    return {key: one for key, one in found.items() if one.rows}


def _put(found: Groups, row: Any, one: Measured, same: Same | None) -> None:
    if same is not None and row.g is not None:
        one.written[row.g.strip(" ")] = one.rows
    found.setdefault((row.g if same is None else row.k, row.s), Measured()).add(one)


def _spans(look: Look, metric: Metric) -> list[ColumnElement[Any]]:
    assert metric.days is not None
    model, fields = look.screen.model, look.screen.fields
    since, until = (getattr(model, fields[name].attribute) for name in (metric.days.since, metric.days.until))
    days = func.extract("epoch", until - since) / 86400
    return [
        func.percentile_cont(part).within_group(days).label(name) for part, name in ((0.5, "half"), (0.9, "ninety"))
    ]


def _sums(
    look: Look, amount: Amount, rows: Select[Any], keys: list[Any], grouped: list[str], asked: Asked
) -> Select[Any]:
    """Rows and amounts by group, currency and day of the rate: few lines, whatever the number of rows."""
    model, fields = look.screen.model, look.screen.fields
    value = weighted = getattr(model, fields[amount.column].attribute)
    if amount.weight:
        weighted = value * func.coalesce(getattr(model, fields[amount.weight].attribute), 0) / literal(100)
    currency = func.nullif(getattr(model, fields[amount.currency].attribute), "").label("currency")
    day = cast(literal(asked.today), DateType)
    if amount.day:
        day = cast(calendar_day(model, fields[amount.day], asked.zone), DateType)
        grouped = [*grouped, "day"]
    columns = [*keys, currency, day.label("day"), func.count().label("rows")]
    columns.append(func.sum(value if amount.beside else weighted).label("value"))
    columns += [func.sum(weighted).label("weighted")] if amount.beside else []
    return rows.with_only_columns(*columns).group_by(*grouped, "currency")


def _money(session: Session, viewer: Viewer, sums: Select[Any], asked: Asked, same: Same | None) -> Groups:
    some = sums.subquery()
    there, here = rate_on(some.c.currency, some.c.day), rate_on(literal(asked.currency), some.c.day)
    if asked.currency == BASE:
        here = literal(Decimal(1))
    # OFFSET 0: the rate of a line is looked up once, not wherever it is named.
    each = select(*some.c, there.label("there"), here.label("here")).offset(0).subquery()
    own = func.coalesce(each.c.currency == asked.currency, False)
    worth = [
        func.sum(case((own, each.c[name]), else_=each.c[name] / each.c.there * each.c.here)).label(name)
        for name in ("value", "weighted")
        if name in each.c
    ]
    lost = each.c.there.is_(None) | each.c.here.is_(None)
    question = (
        select(
            each.c.g, each.c.s, each.c.currency, func.sum(each.c.rows).label("rows"), *worth,
            func.coalesce(func.sum(each.c.rows).filter(not_(own), lost), 0).label("lost"),
            *(() if same is None else (same(each.c.g).label("k"),)),
        )
        .group_by(each.c.g, each.c.s, each.c.currency)
        .execution_options(viewer=viewer, by_row=True)
    )  # fmt: skip
    found: Groups = {}
    for row in session.execute(question):
        left_out = {row.currency: int(row.lost)} if row.lost else {}
        weighted = row._mapping.get("weighted")
        one = Measured(int(row.rows), row.value, weighted, left_out=left_out, by_currency={row.currency: int(row.rows)})
        _put(found, row, one, same)
    return {key: one for key, one in found.items() if one.rows}
