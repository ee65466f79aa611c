"""Cards of a board: the first deals of each stage in one statement, however many there are.

In each stage the walk goes down the index of its places (`ix_deals_board`) and stops when it has enough. What the
viewer may not read is not fetched.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Numeric,
    Select,
    String,
    and_,
    bindparam,
    func,
    null,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import aliased

from app.core.statements import prepared
from app.core.viewer import Viewer, visible
from app.customers.models.cases import CustomerPotentialCase as Case
from app.customers.models.cases import CustomerPotentialCaseCaseStatus as CaseStatus
from app.pipeline.board.rights import May
from app.pipeline.models import Deal, DealActivity, DealActivityType, DealStatus, PipelineStage
from app.pipeline.rules.rotting import moves_on
from app.screens import query
from app.screens.query import Listing, name_of, whose

PAGE = 50
MOST = 500
"""Cards of one column that a page can hold."""
NEAR, SOON = 60, 30
"""Days before the expected birth from which a card says so, and from which it says so loudly."""
_LATE_BIRTH = 14  # days after which a birth that was expected is none to hurry for
_OPEN_CASES = (CaseStatus.in_progress, CaseStatus.postponed)


@dataclass(frozen=True)
class Card:
    """One deal on the board; what may not be known is None or ""."""

    id: str
    stage_id: str
    position: Decimal
    seen: datetime | None
    title: str
    customer: str
    value: Decimal | None
    currency: str
    owner_id: str
    owner: str
    country: str
    open: bool
    next_type: DealActivityType | None
    next_subject: str
    next_due: datetime | None
    done_at: datetime | None
    birth: date | None
    birth_day_known: bool

    def days(self, now: datetime) -> int | None:
        """Whole days in its stage."""
        return None if self.seen is None else max(0, (now - self.seen).days)

    def rots(self, after: int | None, now: datetime) -> bool:
        """Whether nothing has happened for more than `after` days: neither a move nor an activity that was done."""
        if after is None or not self.open or self.seen is None:
            return False
        last = max(self.seen, self.done_at) if self.done_at is not None else self.seen
        return now - last > timedelta(days=after)


def cards_of(
    may: May, pipeline_id: str, listing: Listing, *, now: datetime, today: date, most: int = PAGE,
    stage_id: str = "", after: Decimal | None = None,
) -> dict[str, list[Card]]:  # fmt: skip
    """Cards by stage from the top, up to `most` and one more of each when there are more. One statement.

    `stage_id` asks for one column only, `after` for what is below that place.
    """
    look = may.look
    birth_from = today - timedelta(days=_LATE_BIRTH)

    def made() -> Select[Any]:
        return _statement(may, listing, one=bool(stage_id), below=after is not None)

    plain = not listing.filters and not listing.search
    key = (cards_of, bool(stage_id), after is not None, whose(look.viewer))
    asked = prepared(look.screen, key, made) if plain else made()
    given = {
        "pipeline": pipeline_id, "stage": stage_id, "after": after, "most": most + 1,
        "year": birth_from.year, "month": birth_from.month, "day": birth_from.day,
    }  # fmt: skip
    found: dict[str, list[Card]] = {}
    for row in look.session.execute(asked, given):
        card = _card(row._mapping)
        found.setdefault(card.stage_id, []).append(card)
    return found


def card_of(may: May, deal_id: str, *, today: date) -> Card | None:
    """One card as the board shows it now."""
    birth_from = today - timedelta(days=_LATE_BIRTH)
    asked = _columns(may, visible(Deal, may.look.viewer)).where(Deal.id == deal_id)
    given = {"year": birth_from.year, "month": birth_from.month, "day": birth_from.day}
    row = may.look.session.execute(asked, given).one_or_none()
    return None if row is None else _card(row._mapping)


def _statement(may: May, listing: Listing, *, one: bool, below: bool) -> Select[Any]:
    look, stage = may.look, aliased(PipelineStage)
    cut = (
        query.narrowed(look.screen, look.viewer, listing)
        .with_only_columns(Deal.id)
        .where(Deal.stage_id == stage.id)
        .correlate(stage)
    )
    if below:
        cut = cut.where(Deal.board_position < bindparam("after", type_=Numeric()))
    first = cut.order_by(Deal.board_position.desc()).limit(bindparam("most", type_=Integer())).lateral("first")
    of = select(first.c.id).select_from(stage).join(first, true())
    of = of.where(stage.pipeline_id == bindparam("pipeline", type_=String()))
    if one:
        of = of.where(stage.id == bindparam("stage", type_=String()))
    ids = of.subquery("ids")
    asked = _columns(may, visible(Deal, look.viewer).join(ids, ids.c.id == Deal.id))
    return asked.order_by(Deal.board_position.desc())


def _columns(may: May, rows: Select[Any]) -> Select[Any]:
    """What a card shows, of these deals, as far as the viewer may read it."""
    look = may.look

    def readable(name: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return (column if may.reads(name) else null()).label(name)

    def named(name: str, table: str, column: Any) -> ColumnElement[Any]:
        known = name_of(look.screens, table, column, look.viewer) if may.reads(name) else null()
        return known.label(f"{name}__name")

    columns: list[ColumnElement[Any]] = [
        Deal.id.label("id"),
        Deal.stage_id.label("stage_id"),
        Deal.board_position.label("position"),
        Deal.stage_entered_at.label("seen"),
        readable("title", Deal.title),
        readable("value", Deal.value) if may.sums else null().label("value"),
        readable("currency", Deal.currency),
        readable("assigned_user_id", Deal.assigned_user_id),
        named("assigned_user_id", "users", Deal.assigned_user_id),
        named("customer_id", "customers", Deal.customer_id),
        readable("country_code", Deal.country_code),
        readable("status", Deal.status),
    ]
    if may.activities:
        coming = _next(look.viewer)
        done = (
            select(func.max(DealActivity.completed_at))
            .where(DealActivity.deal_id == Deal.id, moves_on())
            .correlate(Deal)
            .scalar_subquery()
        )
        rows = rows.outerjoin(coming, true())
        columns += [coming.c.type.label("next_type"), coming.c.subject.label("next_subject")]
        columns += [coming.c.due_at.label("next_due"), done.label("done_at")]
    if may.births:
        case = _birth(look.viewer)
        rows = rows.outerjoin(case, true())
        columns += [case.c.year, case.c.month, case.c.day]
    return rows.with_only_columns(*columns, maintain_column_froms=True)


def _next(viewer: Viewer) -> Any:
    """The activity of a deal that is due next. A note is nothing to be done."""
    return (
        visible(DealActivity, viewer)
        .with_only_columns(DealActivity.type, DealActivity.subject, DealActivity.due_at)
        .where(
            DealActivity.deal_id == Deal.id,
            ~DealActivity.is_completed,
            DealActivity.type != DealActivityType.note,
        )
        .correlate(Deal)
        .order_by(DealActivity.due_at, DealActivity.id)
        .limit(1)
        .lateral("coming")
    )


def _birth(viewer: Viewer) -> Any:
    """The next expected birth among the open cases of a deal's customer, as far as the month is known."""
    day = func.coalesce(Case.expected_date_day, 1)
    wanted = (Case.expected_date_year, Case.expected_date_month, day)
    start = tuple_(*(bindparam(name, type_=Integer()) for name in ("year", "month", "day")))
    year, month = wanted[0].label("year"), wanted[1].label("month")
    return (
        visible(Case, viewer)
        .with_only_columns(year, month, Case.expected_date_day.label("day"))
        .where(
            Case.customer_id == Deal.customer_id,
            or_(Case.case_status.is_(None), Case.case_status.in_(_OPEN_CASES)),
            and_(wanted[0].is_not(None), wanted[1].is_not(None)),
            tuple_(*wanted) >= start,
        )
        .correlate(Deal)
        .order_by(*wanted)
        .limit(1)
        .lateral("birth")
    )


def _card(row: Mapping[str, Any]) -> Card:
    country = row["country_code"]
    return Card(
        id=row["id"],
        stage_id=row["stage_id"],
        position=row["position"],
        seen=row["seen"],
        title=row["title"] or "",
        customer=row["customer_id__name"] or "",
        value=row["value"],
        currency=row["currency"] or "",
        owner_id=row["assigned_user_id"] or "",
        owner=row["assigned_user_id__name"] or "",
        country="" if country is None else str(country.value),
        open=row["status"] in (None, DealStatus.open),
        next_type=row.get("next_type"),
        next_subject=row.get("next_subject") or "",
        next_due=row.get("next_due"),
        done_at=row.get("done_at"),
        birth=_day(row.get("year"), row.get("month"), row.get("day")),
        birth_day_known=row.get("day") is not None,
    )


def _day(year: int | None, month: int | None, day: int | None) -> date | None:
    """An incomplete day counts as the first of its month, one that its month does not have as its last."""
    if year is None or month is None:
        return None
    return date(year, month, min(day or 1, calendar.monthrange(year, month)[1]))


def days_until(card: Card, today: date) -> int | None:
    """Days until the birth, where it is near enough to be told."""
    if card.birth is None or not card.open:
        return None
    days = (card.birth - today).days
    return days if days <= NEAR else None
