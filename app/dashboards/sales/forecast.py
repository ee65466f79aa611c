"""The forecast of one pipeline: its open deals by the month in which they are likely to close.

A page costs the same statements whatever the number of deals: one for the sums of all months, one for the cards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import format_date, format_decimal
from flask_babel import gettext as _
from sqlalchemy import String, case, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from app.core.errors import Forbidden, NotFound, Unprocessable
from app.core.viewer import Right
from app.dashboards.asking import Asked
from app.dashboards.measures import Measured, measured
from app.dashboards.metrics.spec import Amount, Metric
from app.dashboards.sales.months import DAY, Column, column_at, columns_of, day_in
from app.pipeline.models import Deal, DealStatus
from app.pipeline.rights import PIPELINES, names_told
from app.screens import query, write
from app.screens.cells import money_text
from app.screens.filters import Active
from app.screens.look import Look
from app.screens.people import hue, initials
from app.screens.query import Listing

PAGE = 30
MOST = 300
"""Cards of one month that a page can hold."""
_SHOWN = ("title", "customer_id", "stage_id", "value", "probability", "assigned_user_id", DAY)


@dataclass(frozen=True)
class Card:
    """One deal; what may not be known is "". Amounts are in the deal's own currency."""

    id: str
    version: str
    title: str
    customer: str
    stage: str
    owner: str
    initials: str
    hue: int
    day: date | None
    day_text: str
    value: str
    weighted: str


@dataclass(frozen=True)
class Month:
    """A column with its first cards. Sums are in the reporting currency, "" where they may not be known."""

    column: Column
    count: int
    count_text: str
    value: str
    weighted: str
    cards: Sequence[Card] = ()
    after: str = ""
    left_out: str = ""


@dataclass(frozen=True)
class Wanted:
    """What is asked of the page: the filters of its address, and how many cards of single months it has."""

    pipeline_id: str
    listing: Listing
    shown: Mapping[str, int] = field(default_factory=dict)


def demand(look: Look) -> None:
    """Raises Forbidden for whom the forecast would tell what is hidden."""
    if not look.viewer.sees(look.screen.module) or not names_told(look.screens, look.viewer, PIPELINES):
        raise Forbidden
    if not all(look.reads(name) for name in ("pipeline_id", "status", DAY)):
        raise Forbidden(_("Your role does not show when deals are expected to close, so there is no forecast."))


def may_move(look: Look) -> bool:
    return look.may_edit() and look.screen.right(look.viewer, DAY) is Right.editable


def tells_worth(look: Look) -> bool:
    return look.reads("value") and look.reads("currency")


def listing_of(look: Look, wanted: Wanted) -> Listing:
    """The open deals of the pipeline that the address asks for."""
    fields = look.screen.fields
    own = (
        Active(fields["pipeline_id"], "eq", (wanted.pipeline_id,)), Active(fields["status"], "eq", ("open",)),
    )  # fmt: skip
    return replace(wanted.listing, filters=(*wanted.listing.filters, *own))


def months_of(look: Look, wanted: Wanted, asked: Asked) -> list[Month]:
    """All columns with their sums and first cards. Two statements."""
    columns = columns_of(asked.today)
    listing = listing_of(look, wanted)
    by = _key(columns)
    worth, weighs = tells_worth(look), tells_worth(look) and look.reads("probability")
    sums = measured(look, _metric(worth, weighs), listing, asked, by=by)
    cards = _cards(look, listing, columns, wanted.shown)
    found = []
    for column in columns:
        one = sums.get((column.key, None), Measured())
        most = _most(wanted.shown, column)
        mine = cards.get(column.key, [])
        found.append(
            Month(
                column, one.rows, str(format_decimal(one.rows)),
                _sum(one.value, asked, worth), _sum(one.weighted, asked, weighs),
                mine[:most], _after(mine[most - 1]) if len(mine) > most else "", _left_out(one),
            )
        )  # fmt: skip
    return found


def more_of(look: Look, wanted: Wanted, today: date, key: str, after: str) -> tuple[list[Card], str]:
    """The next cards of one column, and what the ones behind them are asked for with. One statement.

    Raises NotFound for what is no column or no place in it.
    """
    columns = columns_of(today)
    column = next((column for column in columns if column.key == key), None)
    if column is None:
        raise NotFound
    listing = listing_of(look, wanted)
    cards = _cards(look, listing, [column], {}, behind=_place(after)).get(column.key, [])
    return cards[:PAGE], _after(cards[PAGE - 1]) if len(cards) > PAGE else ""


def put(session: Session, look: Look, wanted: Wanted, deal_id: str, key: str, version: str, today: date) -> Column:
    """Let a deal be expected in another month; it is changed as its form changes it, when nobody was faster.

    Raises NotFound, Conflict, Forbidden, Unprocessable.
    """
    column = next((column for column in columns_of(today) if column.key == key), None)
    if column is None or not column.takes:
        raise Unprocessable({DAY: [_("Choose one of the months, or “No date”.")]})
    deal = query.fetch(session, look.screen, look.viewer, deal_id)
    if deal.pipeline_id != wanted.pipeline_id:
        raise NotFound
    if deal.status is not DealStatus.open:
        raise Unprocessable({DAY: [_("The deal is closed already. Only open deals have a forecast.")]})
    now = column_at(deal.expected_close_date, columns_of(today))
    if now.key != column.key:
        values = {DAY: day_in(column, deal.expected_close_date)}
        write.change(session, look.screens, look.screen, look.viewer, deal, values, version)
    return column


# The database -------------------------------------------------------------------


def _metric(worth: bool, weighs: bool) -> Metric:
    amount = Amount("value", weight="probability" if weighs else "", beside=weighs)
    return Metric("month", "deals", "", "", "bar", amount=amount if worth else None)


def _key(columns: Sequence[Column]) -> Any:
    """SQL of the column a deal stands in."""
    day = Deal.expected_close_date
    whens: list[tuple[Any, Any]] = [(day.is_(None), literal(columns[-1].key))]
    whens += [(day <= column.last, literal(column.key)) for column in columns if column.last is not None]
    return case(*whens, else_=literal(columns[-2].key))


def _cards(
    look: Look, listing: Listing, columns: Sequence[Column], shown: Mapping[str, int],
    behind: tuple[date | None, str] | None = None,
) -> dict[str, list[Card]]:  # fmt: skip
    """The first cards of each column by their day, one more than is shown where there are more. One statement.

    Each column is walked along `ix_deals_forecast` and left when it has enough.
    """
    parts = []
    for column in columns:
        ids = query.narrowed(look.screen, look.viewer, listing)
        day = Deal.expected_close_date
        ids = ids.where(day.is_(None)) if column.first is column.last is None else ids.where(*_days(column))
        if behind is not None:
            since, key = behind
            if since is None:
                ids = ids.where(Deal.id > key)
            else:
                ids = ids.where(tuple_(day, Deal.id) > tuple_(literal(since), literal(key, String())))
        few = ids.order_by(day, Deal.id).limit(_most(shown, column) + 1).subquery()
        parts.append(select(few.c.id, literal(column.key, String()).label("key")))
    first = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
    fields = [look.screen.fields[name] for name in _SHOWN if look.reads(name)]
    rows = query.among(look.session, look.screens, look.screen, look.viewer, first, fields, first.c.key)
    found: dict[str, list[Card]] = {}
    for row in rows:
        found.setdefault(row["key"], []).append(_card(row))
    for cards in found.values():
        cards.sort(key=lambda card: (card.day or date.min, card.id))
    return found


def _days(column: Column) -> list[Any]:
    day = Deal.expected_close_date
    ends = [day >= column.first] if column.first is not None else []
    return [*ends, *([day <= column.last] if column.last is not None else [])]


def _most(shown: Mapping[str, int], column: Column) -> int:
    return max(PAGE, min(shown.get(column.key, PAGE), MOST))


def _after(card: Card) -> str:
    return f"{card.day.isoformat() if card.day else ''}~{card.id}"


def _place(after: str) -> tuple[date | None, str]:
    """Raises NotFound."""
    day, _mark, key = after[:150].partition("~")
    try:
        return (date.fromisoformat(day) if day else None), key
    except ValueError as wrong:
        raise NotFound from wrong


# As people read it ---------------------------------------------------------------


def _card(row: Mapping[str, Any]) -> Card:
    value, currency, chance = row.get("value"), row.get("currency") or "", row.get("probability")
    owner, day = row.get("assigned_user_id__name") or "", row.get(DAY)
    weighted = None if value is None else round(value * (chance or 0) / 100, 2)
    if "currency" not in row:
        value = weighted = None
    return Card(
        id=row["id"],
        version=row["row_version"],
        title=row.get("title") or _("Deal"),
        customer=row.get("customer_id__name") or "",
        stage=row.get("stage_id__name") or "",
        owner=owner,
        initials=initials(owner) if owner else "",
        hue=hue(row["assigned_user_id"]) if owner else 0,
        day=day,
        day_text=format_date(day, "medium") if day else "",
        value="" if value is None else money_text(value, currency),
        weighted="" if weighted is None or "probability" not in row else money_text(weighted, currency),
    )


def _sum(amount: Decimal | None, asked: Asked, known: bool) -> str:
    return money_text(round(amount or Decimal(0), 2), asked.currency) if known else ""


def _left_out(one: Measured) -> str:
    if not one.left_out:
        return ""
    names = ", ".join(sorted(currency or _("no currency") for currency in one.left_out))
    return _("Left out of the sums, without an exchange rate: %(names)s.", names=names)
