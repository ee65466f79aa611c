"""What the columns of a board come to: deals, their value and weighted value in the reporting currency, rotting ones.

Two statements, whatever the number of deals; four for whom a country is closed. Currencies are added only after each
was turned into the reporting currency at today's rates; what has no rate is left out and told.

For whom a country is closed, deals that say their country are added up apart from the few for which customer or owner
tell it: the former stand in the index whole, while for both together each row of the table would have to be fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

from sqlalchemy import Date as DateType
from sqlalchemy import Select, String, bindparam, cast, func, literal, null, select
from sqlalchemy.orm import aliased

from app.billing.rates import rate_on
from app.core.statements import prepared
from app.core.types import Timestamp
from app.core.viewer import Viewer, visible
from app.pipeline.board.rights import DEALS, May
from app.pipeline.models import Deal, DealActivity, DealStatus, PipelineStage
from app.pipeline.rules.rotting import moves_on
from app.screens import query
from app.screens.query import Listing, whose

ROTTING_CAP = 1_000


class Part(Enum):
    """Which deals a statement is about, of those that the viewer may know of."""

    all = "all"
    settled = "settled"  # they say their country
    other = "other"


def _parts(viewer: Viewer) -> tuple[Part, ...]:
    return (Part.all,) if viewer.everywhere else (Part.settled, Part.other)


def _asked(may: May, listing: Listing, what: Callable[[May, Listing, Part], Select[Any]]) -> Iterator[Select[Any]]:
    """The statement `what` for each part of the deals."""
    look = may.look
    for part in _parts(look.viewer):
        made = partial(_of, may, listing, what, part)
        plain = not listing.filters and not listing.search
        yield prepared(look.screen, (what, part, whose(look.viewer)), made) if plain else made()


def _of(may: May, listing: Listing, what: Callable[[May, Listing, Part], Select[Any]], part: Part) -> Select[Any]:
    settled = frozenset([DEALS]) if part is Part.settled else frozenset()
    return what(may, listing, part).execution_options(viewer=may.look.viewer, settled=settled)


def _rows(may: May, listing: Listing, part: Part) -> Select[Any]:
    rows = query.narrowed(may.look.screen, may.look.viewer, listing)
    return rows.where(Deal.country_code.is_(None)) if part is Part.other else rows


@dataclass
class Sum:
    """Of one stage: deals, their value and value times probability; what has no rate, by currency (None: no currency
    given). Amounts are None where the viewer may not know them."""

    deals: int = 0
    value: Decimal | None = None
    weighted: Decimal | None = None
    left_out: dict[str | None, int] = field(default_factory=dict)


def sums_of(may: May, pipeline_id: str, listing: Listing, *, today: date, currency: str) -> dict[str, Sum]:
    """The sums of each stage that has deals. One statement, or two."""
    given = {"pipeline": pipeline_id, "today": today, "reporting": currency}
    found: dict[str, Sum] = {}
    for asked in _asked(may, listing, _sums):
        for row in may.look.session.execute(asked, given):
            one = found.setdefault(row.stage_id, Sum())
            one.deals += row.deals
            if may.sums:
                _add(one, row, currency, weighs=may.weighs)
    return found


def _add(one: Sum, row: Any, currency: str, *, weighs: bool) -> None:
    one.value = one.value or Decimal(0)
    if weighs:
        one.weighted = one.weighted or Decimal(0)
    if not row.value:
        return
    if row.currency == currency:
        factor = Decimal(1)
    elif row.there and row.here:
        factor = row.here / row.there
    else:
        one.left_out[row.currency] = one.left_out.get(row.currency, 0) + row.valued
        return
    one.value += row.value * factor
    if one.weighted is not None:
        one.weighted += (row.weighted or 0) * factor


def _sums(may: May, listing: Listing, part: Part) -> Select[Any]:
    stages = select(PipelineStage.id).where(PipelineStage.pipeline_id == bindparam("pipeline", type_=String()))
    rows = _rows(may, listing, part).where(Deal.stage_id.in_(stages))
    if not may.sums:
        return rows.with_only_columns(Deal.stage_id.label("stage_id"), func.count().label("deals")).group_by(
            Deal.stage_id
        )
    currency = func.nullif(Deal.currency, "").label("currency")
    weighted = func.sum(Deal.value * func.coalesce(Deal.probability, 0)) / literal(100) if may.weighs else null()
    some = (
        rows.with_only_columns(
            Deal.stage_id.label("stage_id"),
            currency,
            func.count().label("deals"),
            func.count().filter(Deal.value != 0).label("valued"),
            func.sum(Deal.value).label("value"),
            weighted.label("weighted"),
        )
        .group_by(Deal.stage_id, currency)
        .subquery()
    )
    day = cast(bindparam("today"), DateType)
    reporting = cast(bindparam("reporting"), String)
    return select(*some.c, rate_on(some.c.currency, day).label("there"), rate_on(reporting, day).label("here"))


def rotting_of(may: May, pipeline_id: str, listing: Listing, *, now: datetime) -> dict[str, int]:
    """How many deals rot in each stage; ROTTING_CAP + 1 stands for "more than that". One statement, or two."""
    if not may.rots:
        return {}
    found: dict[str, int] = {}
    for asked in _asked(may, listing, _rotting):
        for row in may.look.session.execute(asked, {"pipeline": pipeline_id, "now": now}):
            found[row.id] = min(found.get(row.id, 0) + row.rotting, ROTTING_CAP + 1)
    return found


def _rotting(may: May, listing: Listing, part: Part) -> Select[Any]:
    look, stage = may.look, aliased(PipelineStage)
    since = bindparam("now", type_=Timestamp()) - func.make_interval(0, 0, 0, stage.rotting_days)
    done = (
        visible(DealActivity, look.viewer)
        .with_only_columns(DealActivity.id)
        .where(
            DealActivity.deal_id == Deal.id,
            moves_on(),
            DealActivity.completed_at >= since,
        )
        .correlate(Deal, stage)
    )
    some = (
        _rows(may, listing, part)
        .where(
            Deal.stage_id == stage.id,
            Deal.status == DealStatus.open,
            Deal.stage_entered_at < since,
            ~done.exists(),
        )
        .correlate(stage)
        .limit(ROTTING_CAP + 1)
        .subquery()
    )
    counted = select(func.count()).select_from(some).correlate(stage).scalar_subquery()
    return select(stage.id, counted.label("rotting")).where(
        stage.pipeline_id == bindparam("pipeline", type_=String()), stage.rotting_days.is_not(None)
    )
