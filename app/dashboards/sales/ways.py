"""The way of a deal through its pipeline: which stages it reached, and how long it stood in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import ARRAY, Float, Row, and_, case, cast, func, literal, or_, select, type_coerce

from app.core.types import Timestamp, utc_now
from app.core.viewer import visible
from app.dashboards.asking import Asked, href, in_countries, listing, within_days
from app.dashboards.figures import Cell, Figure, Line, Series
from app.dashboards.metrics.spec import Filter
from app.dashboards.sales.sets import LEFT, REACHED, left_key
from app.pipeline.models import DealStay, PipelineStage
from app.screens import query
from app.screens.filters import day_begins
from app.screens.locale import within
from app.screens.look import Look
from app.screens.measures import share_text

_SECONDS = 86_400
_PARTS = [0.5, 0.9]  # the median, and what nine of ten stay within; asked for together, days are sorted once


@dataclass(frozen=True)
class Step:
    """One step of a way: `ids` are its stages (all won ones are the last step together)."""

    ids: tuple[str, ...]
    name: str
    is_won: bool = False


def steps_of(look: Look, pipeline_id: str) -> list[Step]:
    """The open stages from left to right, then what is won. One statement."""
    model = PipelineStage
    asked = visible(model, look.viewer).where(model.pipeline_id == pipeline_id).order_by(model.order, model.id)
    stages = look.session.scalars(asked).all()
    found = [Step((s.id,), s.name) for s in stages if not (s.is_won_stage or s.is_lost_stage)]
    won = tuple(s.id for s in stages if s.is_won_stage)
    return [*found, *([Step(won, _("Won"), is_won=True)] if won else [])]


@dataclass(frozen=True)
class Reached:
    """How many of the deals entered in the period reached each step, and the filters of these deals."""

    steps: Sequence[Step]
    entered: int
    counts: Sequence[int]
    filters: tuple[Filter, ...]

    def of(self, place: int) -> tuple[Filter, ...]:
        return (*self.filters, (REACHED, "id", self.steps[place].ids[0]))


def reached(look: Look, asked: Asked, pipeline_id: str) -> Reached:
    """Two statements, whatever the number of deals. A deal in a later step has reached all before it."""
    steps = steps_of(look, pipeline_id)
    filters = (
        *asked.deals,
        *in_countries(look, asked),
        *within_days("created_at", asked.period.first, asked.period.last),
    )
    deals = query.narrowed(look.screen, look.viewer, listing(look, filters)).subquery()
    rank = {stage: place for place, step in enumerate(steps, 1) for stage in step.ids}
    furthest = func.max(case(rank, value=DealStay.stage_id, else_=0)) if rank else func.max(0)
    each = (
        select(func.coalesce(furthest, 0).label("furthest"))
        .select_from(deals)
        .outerjoin(DealStay, DealStay.deal_id == deals.c.id)
        .group_by(deals.c.id)
        .subquery()
    )
    question = select(each.c.furthest, func.count()).group_by(each.c.furthest)
    found = {row[0]: row[1] for row in look.session.execute(question, execution_options={"viewer": look.viewer})}
    counts = [sum(n for far, n in found.items() if far >= place) for place in range(1, len(steps) + 1)]
    return Reached(steps, sum(found.values()), counts, filters)


def funnel(look: Look, asked: Asked, pipeline_id: str) -> Figure:
    """How far the deals entered in the period came."""
    way = reached(look, asked, pipeline_id)
    many = within(_(look.screen.many))
    lines = [Line(_("Entered"), (_count(look, way.entered, way.filters),), "grey")]
    for place, step in enumerate(way.steps):
        lines.append(Line(step.name, (_count(look, way.counts[place], way.of(place)),), "green" if step.is_won else ""))
    return Figure("", "bar", many, lines=tuple(lines) if way.entered else (), table="deals")


def conversion(look: Look, asked: Asked, pipeline_id: str) -> Figure:
    """Of the deals that came as far as a stage: how many went on to the next, and how many were won in the end."""
    way = reached(look, asked, pipeline_id)
    won = next((place for place, step in enumerate(way.steps) if step.is_won), None)
    lines = []
    names = [_("Entered"), *(step.name for step in way.steps)]
    counts = [way.entered, *way.counts]
    for place, step in enumerate(way.steps):
        cells = [_share(look, way.counts[place], counts[place], way.of(place))]
        if won is not None:
            cells.append(_share(look, way.counts[won], counts[place], way.of(won)))
        label = _("%(stage)s to %(next)s", stage=names[place], next=step.name)
        lines.append(Line(label, tuple(cells), behind=counts[place]))
    series = (
        Series(_("To the next stage"), "blue"),
        *((Series(_("Won in the end"), "green"),) if won is not None else ()),
    )
    return Figure(
        "", "bar", _("percent"), _("deals in the stage"), series, tuple(lines) if way.entered else (),
        table="deals", most=100,
    )  # fmt: skip


def _count(look: Look, count: int, filters: Sequence[Filter]) -> Cell:
    return Cell(float(count), str(format_decimal(count)), count, href(look, filters))


def _share(look: Look, count: int, whole: int, filters: Sequence[Filter]) -> Cell:
    if not whole:
        return Cell(None, "", count, href(look, filters))
    part = Decimal(count) / whole
    return Cell(float(part * 100), share_text(part), count, href(look, filters))


# Time ------------------------------------------------------------------------


def time_in_stage(look: Look, asked: Asked, pipeline_id: str) -> Figure:
    """Days of the stays that ended in the period. Two statements."""
    moment = look.screen.fields["stage_entered_at"]
    period = asked.period
    begins, ends = (day_begins(moment, day) for day in (period.first, _after(period.last)))
    over = and_(DealStay.left_at >= begins, DealStay.left_at < ends)

    def rows(step: Step) -> tuple[Filter, ...]:
        return ((LEFT, "id", left_key(step.ids[0], period.first, period.last)),)

    return _times(look, asked, pipeline_id, over, DealStay.left_at, rows)


def waiting_in_stage(look: Look, asked: Asked, pipeline_id: str) -> Figure:
    """Days since the deals that stand in a stage now came into it. Two statements."""

    def rows(step: Step) -> tuple[Filter, ...]:
        return (("eq", "stage_id", step.ids[0]),)

    return _times(look, asked, pipeline_id, DealStay.left_at.is_(None), literal(utc_now(), Timestamp()), rows)


def _after(day: Any) -> Any:
    return type(day).fromordinal(day.toordinal() + 1)


def _times(look: Look, asked: Asked, pipeline_id: str, which: Any, until: Any, rows: Any) -> Figure:
    steps = [step for step in steps_of(look, pipeline_id) if not step.is_won]
    filters = (*asked.deals, *in_countries(look, asked))
    deals = query.narrowed(look.screen, look.viewer, listing(look, filters)).subquery()
    days = func.extract("epoch", until - DealStay.entered_at) / _SECONDS
    parts = func.percentile_cont(cast(_PARTS, ARRAY(Float))).within_group(days)
    question = (
        select(
            DealStay.stage_id,
            func.count(func.distinct(DealStay.deal_id)).label("deals"),
            type_coerce(parts, ARRAY(Float)).label("parts"),
        )
        .join(deals, deals.c.id == DealStay.deal_id)
        .where(which, or_(*(DealStay.stage_id == step.ids[0] for step in steps)))
        .group_by(DealStay.stage_id)
    )
    found = look.session.execute(question, execution_options={"viewer": look.viewer}).all() if steps else []
    known: dict[str, Row[Any]] = {row.stage_id: row for row in found}
    lines = []
    for step in steps:
        row = known.get(step.ids[0])
        at = href(look, (*filters, *rows(step)))
        count = row.deals if row is not None else 0
        values = row.parts if row is not None else (None, None)
        lines.append(Line(step.name, tuple(_days(value, count, at) for value in values), behind=count))
    series = (Series(_("Median"), "blue"), Series(_("Nine of ten"), "amber"))
    return Figure(
        "", "bar", _("days"), within(_(look.screen.many)), series, tuple(lines) if known else (),
        table="deals",
    )  # fmt: skip


def _days(value: Any, count: int, at: str) -> Cell:
    if value is None:
        return Cell(None, "", count, at)
    text = _("%(days)s days", days=format_decimal(round(float(value), 1)))
    return Cell(round(float(value), 2), text, count, at)
