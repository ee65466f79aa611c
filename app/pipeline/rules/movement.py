"""What follows from the stage of a deal: status, probability, dates, and what must be known first."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.pipeline.errors import NeedsFields, NeedsReason, NotLikeThis
from app.pipeline.models import Deal, DealStatus, Pipeline, PipelineStage
from app.screens.locale import HOME, ZONES


def status_in(stage: PipelineStage) -> DealStatus:
    """Won, lost or open: the stage says so."""
    if stage.is_won_stage:
        return DealStatus.won
    return DealStatus.lost if stage.is_lost_stage else DealStatus.open


def chance_in(stage: PipelineStage) -> int:
    """Percent. A closed stage that says nothing is certain."""
    if stage.is_won_stage:
        return stage.probability or 100
    return 0 if stage.is_lost_stage else stage.probability or 0


def day_of(deal: Deal, now: datetime) -> date:
    """The day it is where the deal is, in the time zone of its country."""
    return day_in(str(deal.country_code or ""), now)


def day_in(country: str | None, now: datetime) -> date:
    """The day it is in a country; in the one of head office for none."""
    zone = ZoneInfo(ZONES.get(country or "", HOME))
    return now.replace(tzinfo=now.tzinfo or UTC).astimezone(zone).date()


def enter(deal: Deal, stage: PipelineStage, *, now: datetime, given: Container[str] = ()) -> None:
    """Let the deal follow the stage it comes into. What was `given` with the move stays as it is.

    Raises NeedsReason for a lost deal without one, NeedsFields for what the stage asks for, NotLikeThis for a stage
    that is being removed.
    """
    if stage.going:
        raise NotLikeThis("stage_id", closing(stage))
    status = status_in(stage)
    deal.status = status
    if status is not DealStatus.open or "probability" not in given:
        deal.probability = chance_in(stage)
    if status is DealStatus.open:
        deal.actual_close_date = None
    elif "actual_close_date" not in given or deal.actual_close_date is None:
        deal.actual_close_date = day_of(deal, now)
    if status is not DealStatus.lost and "lost_reason" not in given:
        deal.lost_reason = None
    demand(deal, stage)


def closing(stage: PipelineStage) -> str:
    """Why nothing comes into a stage that a worker is removing."""
    return _("“%(name)s” is being removed and takes no deals.", name=stage.name)


def demand(deal: Deal, stage: PipelineStage) -> None:
    """Raises NeedsReason and NeedsFields for what is empty and must not be in this stage."""
    if status_in(stage) is DealStatus.lost and not (deal.lost_reason or "").strip():
        raise NeedsReason
    missing = missing_in(deal, stage)
    if missing:
        raise NeedsFields(missing, stage.name)


def missing_in(deal: Deal, stage: PipelineStage) -> list[str]:
    """Columns that the stage asks for and that are empty; a value of nothing is empty too."""
    return [name for name in stage.required_fields or () if getattr(deal, name) in (None, "", 0)]


def fit(deal: Deal, pipeline: Pipeline, *, comes: bool) -> None:
    """Whether the deal may be in the pipeline. Raises NotLikeThis for a pipeline of other countries, and for one that
    is not active any more when the deal `comes` into it."""
    if comes and pipeline.is_active is False:
        raise NotLikeThis("pipeline_id", _("The pipeline “%(name)s” takes no new deals.", name=pipeline.name))
    if pipeline.country_codes and deal.country_code and str(deal.country_code) not in pipeline.country_codes:
        codes = ", ".join(pipeline.country_codes)
        sentence = _("The pipeline “%(name)s” is for %(codes)s.", name=pipeline.name, codes=codes)
        raise NotLikeThis("pipeline_id", sentence)
