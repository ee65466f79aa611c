"""Axes of a chart: what rows are grouped by, and the places on it in their order, each with the filters of its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import ARRAY, ColumnElement, case, cast, func

from app.core.viewer import visible
from app.dashboards.asking import Asked, within_days
from app.dashboards.metrics.spec import AHEAD, CAMPAIGN, STAGE, TIME, Filter, Metric
from app.dashboards.periods import Step, months_ahead, steps_of
from app.screens import query
from app.screens.cells import choices_of
from app.screens.fields import Field
from app.screens.filters import day_begins
from app.screens.look import Look

MOST = 12
COUNTRY_TONES = {
    "SK": "brand", "CZ": "blue", "HU": "green", "RO": "amber", "IT": "teal", "DE": "violet", "US": "red", "CH": "grey",
}  # fmt: skip
"""One colour for each country, whatever the chart."""
MONTHS_AHEAD = 12
_CAMPAIGNS = 8


@dataclass(frozen=True)
class Place:
    """One place on an axis: rows whose key is one of `keys`."""

    keys: tuple[Any, ...]
    label: str
    filters: tuple[Filter, ...]
    tone: str = ""


@dataclass(frozen=True)
class Axis:
    """`places` orders and names the keys that were found, given with their weight; `more` narrows what is asked."""

    expression: ColumnElement[Any]
    places: Callable[[dict[Any, float]], list[Place]]
    more: tuple[Filter, ...] = ()
    cut: bool = False


def axis_of(look: Look, metric: Metric, by: str, asked: Asked) -> Axis:
    """The axis of a metric. At most one statement."""
    match by:
        case _ if by == TIME:
            return _time(look, look.screen.fields[metric.along or metric.period], asked)
        case _ if by == AHEAD:
            return _ahead(look, look.screen.fields[metric.along], asked.today)
        case _ if by == STAGE:
            return _stages(look)
        case _ if by == CAMPAIGN:
            return _campaigns(look)
    f = look.screen.fields[by]
    column = getattr(look.screen.model, f.attribute)
    return _relation(look, f, column) if f.targets else _choice(f, column)


def calendar_day(model: Any, f: Field, zone: str) -> ColumnElement[Any]:
    """A date column as the calendar of the viewer has it, and as filters of lists compare it."""
    column: ColumnElement[Any] = getattr(model, f.attribute)
    if f.kind.name != "datetime":
        return column
    return func.timezone(zone, func.timezone("UTC", column))


def step_label(step: Step, size: str) -> str:
    locale = get_locale() or "en"
    if size == "month":
        return str(format_skeleton("yMMM", step.first, locale=locale))
    return str(format_skeleton("MMMd", step.first, locale=locale))


def _time(look: Look, f: Field, asked: Asked) -> Axis:
    """Steps of the period, told apart by when each begins: to look up a calendar for every row takes longer."""
    size, column = asked.period.step, getattr(look.screen.model, f.attribute)
    steps = steps_of(asked.period)
    starts = cast([day_begins(f, s.first) for s in steps], ARRAY(column.type))

    def places(found: dict[Any, float]) -> list[Place]:
        return [
            Place((number,), step_label(s, size), tuple(within_days(f.name, s.first, s.last)))
            for number, s in enumerate(steps, 1)
        ]

    return Axis(func.width_bucket(column, starts), places)


def _ahead(look: Look, f: Field, today: date) -> Axis:
    column = getattr(look.screen.model, f.attribute)
    steps = months_ahead(today, MONTHS_AHEAD)
    first, last = steps[0].first, steps[-1].last
    expression = case(
        (column.is_(None), "none"),
        (column < first, "before"),
        (column > last, "after"),
        else_=func.to_char(func.date_trunc("month", column), "YYYY-MM-DD"),
    )
    months = [Place((s.key,), step_label(s, "month"), tuple(within_days(f.name, s.first, s.last))) for s in steps]
    before = Place(("before",), _("Earlier"), (("le", f.name, _day_before(first)),), "amber")
    after = Place(("after",), _("Later"), (("ge", f.name, _day_after(last)),))
    none = Place(("none",), _("No date"), (("none", f.name, "1"),), "grey")

    def places(found: dict[Any, float]) -> list[Place]:
        odd = [place for place in (before, after, none) if place.keys[0] in found]
        return [*(p for p in odd if p is before), *months, *(p for p in odd if p is not before)]

    return Axis(expression, places)


def _day_before(day: date) -> str:
    return date.fromordinal(day.toordinal() - 1).isoformat()


def _day_after(day: date) -> str:
    return date.fromordinal(day.toordinal() + 1).isoformat()


def _stages(look: Look) -> Axis:
    """Stages by name, in the order of the pipelines: those of one name are one place. One statement."""
    model = look.screens["pipeline_stages"].model
    rows = look.session.execute(
        visible(model, look.viewer).with_only_columns(model.id, model.name, model.order).order_by(model.order, model.id)
    ).all()
    named: dict[str, list[str]] = {}
    for key, name, _order in rows:
        named.setdefault(name, []).append(key)
    known = {key for key, _name, _order in rows}

    def places(found: dict[Any, float]) -> list[Place]:
        laid = [
            Place(tuple(keys), name, (("in", "stage_id", ",".join(k for k in keys if k in found)),))
            for name, keys in named.items()
            if any(key in found for key in keys)
        ]
        return [*laid, *(Place((k,), _("No access"), (("eq", "stage_id", str(k)),)) for k in found if k not in known)]

    return Axis(look.screen.model.stage_id, places)


def _campaigns(look: Look) -> Axis:
    """The newest running campaigns. One statement."""
    other = look.at("campaigns")
    model = other.screen.model
    name = query.name_of(look.screens, "campaigns", model.id, look.viewer)
    rows = look.session.execute(
        visible(model, look.viewer)
        .with_only_columns(model.id, name.label("name"))
        .where(model.status == "active")
        .order_by(model.created_at.desc(), model.id)
        .limit(_CAMPAIGNS)
    ).all()
    laid = [Place((key,), label or _("No access"), (("eq", "campaign_id", key),)) for key, label in rows]
    more = (("in", "campaign_id", ",".join(key for key, _label in rows)),)
    return Axis(look.screen.model.campaign_id, lambda found: laid, more)


def _relation(look: Look, f: Field, column: Any) -> Axis:
    """The records that a key leads to, those with most first. One statement for their names."""

    def places(found: dict[Any, float]) -> list[Place]:
        keys = sorted((key for key in found if key is not None), key=lambda key: (-found[key], str(key)))[:MOST]
        names = query.names_of(look.session, look.screens, look.viewer, [(f, key) for key in keys])
        laid = [
            Place((key,), name or _("No access"), (("eq", f.name, str(key)),))
            for key, name in zip(keys, names, strict=True)
        ]
        return laid + ([_empty(f)] if None in found else [])

    return Axis(column, places, cut=True)


def _choice(f: Field, column: Any) -> Axis:
    """The values of a choice in their own order, those that occur."""

    def places(found: dict[Any, float]) -> list[Place]:
        known = {f.kind.text(key): key for key in found if key is not None}
        laid = [
            Place((known[c.value],), c.label, (("eq", f.name, c.value),), COUNTRY_TONES.get(c.value, c.tone))
            for c in choices_of(f)
            if c.value in known
        ]
        return laid + ([_empty(f)] if None in found else [])

    return Axis(column, places)


def _empty(f: Field) -> Place:
    return Place((None,), _("(empty)"), (("none", f.name, "1"),), "grey")
