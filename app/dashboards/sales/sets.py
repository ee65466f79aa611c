"""Sets of deals and activities that no plain filter can say, so that lists, files and changes know them as numbers do.

Each is asked for as `_flt_<name>_id=<value>`; whoever may not read what a set is about has no such set.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.core.db import current_session
from app.core.errors import BadQuery
from app.core.viewer import Viewer, visible, who_acts
from app.pipeline.models import Deal, DealActivity, DealStay, PipelineStage
from app.screens import atlas, query
from app.screens.filters import Named, day_begins
from app.screens.readers import Invalid, parse_day

REACHED, LEFT, ORIGIN, REASON, OTHER_REASONS = "reached", "left", "origin", "reason", "otherreasons"
OF_PIPELINE, OF_CAMPAIGN, OF_ORIGIN = "pipeline", "campaign", "dealorigin"
_KEPT = 90  # letters of a text that are compared: a set has a key of at most 100
_APART = "~"


def same_text(column: Any) -> ColumnElement[str]:
    """A text as it counts when texts are told apart: without case, and without blanks around or beside others."""
    tidy = func.regexp_replace(func.btrim(func.coalesce(column, "")), r"\s+", " ", "g")
    return func.rtrim(func.left(func.lower(tidy), _KEPT))


def left_key(stage_id: str, first: date, last: date) -> str:
    """What `left` is asked for with: a stage, and the days on which deals left it."""
    return _APART.join((stage_id, first.isoformat(), last.isoformat()))


def sets() -> dict[str, Named]:
    """By the name that stands in an address."""
    return {
        REACHED: Named(_l("Reached stage"), reached, "deals", "/deals/pick/stage_id", _tells_stages, _stage_name),
        LEFT: Named(_l("Left stage"), left, told=_left_name),
        ORIGIN: Named(_l("Source"), _of_text("source", is_same=True), told=_text),
        REASON: Named(_l("Reason lost"), _of_text("lost_reason", is_same=True), told=_text),
        OTHER_REASONS: Named(_l("Reason lost is not"), _of_text("lost_reason", is_same=False), told=_text),
        OF_PIPELINE: _of_deal(_l("Pipeline of the deal"), "pipeline_id", _name_in("pipelines")),
        OF_CAMPAIGN: _of_deal(_l("Campaign of the deal"), "campaign_id", _name_in("campaigns")),
        OF_ORIGIN: _of_deal(_l("Source of the deal"), "source", _text),
    }


def reached(stage_id: str) -> Select[Any]:
    """Deals that ever stood in the stage or in one after it: a won stage is after all others, a lost one after none."""
    _demand("stage_id")
    there, this = aliased(PipelineStage), aliased(PipelineStage)
    later = and_(~_yes(this.is_won_stage), tuple_(there.order, there.id) >= tuple_(this.order, this.id))
    stages = (
        select(there.id)
        .join(this, and_(this.pipeline_id == there.pipeline_id, this.id == stage_id))
        .where(~_yes(there.is_lost_stage), or_(_yes(there.is_won_stage), later))
    )
    return select(DealStay.deal_id).where(DealStay.stage_id.in_(stages))


def _tells_stages(viewer: Viewer) -> bool:
    return atlas.known()["deals"].reads(viewer, "stage_id")


def _yes(column: Any) -> ColumnElement[bool]:
    return func.coalesce(column, False)


def left(value: str) -> Select[Any]:
    """Deals that left a stage on days of the viewer's calendar. Raises BadQuery."""
    _demand("stage_id")
    stage_id, first, last = _left_parts(value)
    begins, ends = (day_begins(_moment(), day) for day in (first, date.fromordinal(last.toordinal() + 1)))
    return select(DealStay.deal_id).where(
        DealStay.stage_id == stage_id, DealStay.left_at >= begins, DealStay.left_at < ends
    )


def _moment() -> Any:
    return atlas.known()["deals"].fields["stage_entered_at"]


def _left_parts(value: str) -> tuple[str, date, date]:
    stage_id, _mark, days = value.partition(_APART)
    first, _mark, last = days.partition(_APART)
    try:
        found = parse_day(first), parse_day(last)
    except Invalid as wrong:
        raise BadQuery(str(wrong)) from wrong
    if not all(1900 <= day.year <= 2200 for day in found):
        raise BadQuery(_("This year is out of range."))
    return stage_id, *found


def _of_text(column: str, *, is_same: bool) -> Callable[[str], Select[Any]]:
    def keys(value: str) -> Select[Any]:
        _demand(column)
        told, wanted = same_text(getattr(Deal, column)), same_text(literal(value, Text()))
        return select(cast(Deal.id, Text)).where(told == wanted if is_same else told != wanted)

    return keys


def _of_deal(label: Any, column: str, told: Callable[[str], str]) -> Named:
    """Activities of the deals of which the column holds the value."""

    def keys(value: str) -> Select[Any]:
        _demand(column)
        of_deal = getattr(Deal, column)
        hit = same_text(of_deal) == same_text(literal(value, Text())) if column == "source" else of_deal == value
        return select(cast(Deal.id, Text)).where(hit)

    return Named(label, keys, told=told, leads=DealActivity.deal_id)


def _demand(column: str) -> None:
    """Raises BadQuery for whom the column is hidden: a set of it would tell it."""
    if not atlas.known()["deals"].reads(who_acts(), column):
        raise BadQuery(_("There is no column “%(name)s” to filter by.", name=column))


# How they are told ------------------------------------------------------------


def _stage_name(stage_id: str) -> str:
    viewer, screen = who_acts(), atlas.known()["pipeline_stages"]
    if "name" not in screen.names(viewer):
        return ""
    mine = visible(PipelineStage, viewer).with_only_columns(PipelineStage.name).where(PipelineStage.id == stage_id)
    return current_session().scalar(mine) or ""


def _left_name(value: str) -> str:
    stage_id, first, last = _left_parts(value)
    return f"{_stage_name(stage_id)}, {format_date(first, 'medium')} – {format_date(last, 'medium')}"


def _name_in(table: str) -> Callable[[str], str]:
    def told(key: str) -> str:
        return query.names_in(current_session(), atlas.known(), who_acts(), [((table,), key)])[0]

    return told


def _text(value: str) -> str:
    return f"“{value}”" if value.strip() else _("(empty)")
