"""What a rule would have acted on: looked up in what deals did, within the viewer's walls and rights of fields.

A fixed number of statements, whatever the size of the tables. Conditions are
compared with what deals hold today; what that leaves unknown is said
(`BackTest.unknown`) and not guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    Interval,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from app.core.db import Base
from app.core.types import Timestamp, utc_now
from app.core.viewer import Viewer, visible
from app.pipeline.automation import conditions, config, facts, references, rights, wording
from app.pipeline.automation.config import CUSTOMER_FIELDS, Draft, Problem, Trigger
from app.pipeline.models import (
    AutomationRule,
    AutomationRuleTriggerType,
    Deal,
    DealActivity,
    DealStay,
    PipelineStage,
)
from app.pipeline.rules.rotting import moves_on

DAYS, SHOWN = 90, 20
MOST = 10_000  # occasions that are looked at, the newest
_TYPES = AutomationRuleTriggerType
_CHANGES = '{"changes": {'


@dataclass(frozen=True)
class Hit:
    """One time the rule would have acted, UTC. `title` is "" where the viewer may not read it."""

    at: datetime
    deal_id: str
    title: str


@dataclass(frozen=True)
class BackTest:
    """`count` times on `deals` deals, and at least so often where there are `more` occasions than the MOST that were
    looked at. `hits` are the newest.

    `blind`: the rule is about a field that is hidden from the viewer, and nothing was counted.
    """

    days: int
    count: int = 0
    deals: int = 0
    more: bool = False
    hits: tuple[Hit, ...] = ()
    blind: bool = False
    unknown: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def back_test(
    session: Session, viewer: Viewer, rule: AutomationRule | Draft, *, days: int = DAYS, limit: int = SHOWN,
    now: datetime | None = None,
) -> BackTest:  # fmt: skip
    """On what the rule would have acted in the last `days` days, the deals of the viewer's countries counted."""
    now = now or utc_now()
    draft = rule if isinstance(rule, Draft) else config.draft_of(rule)
    trigger = draft.config.trigger
    problems = draft.config.problems or tuple(references.problems(session, draft, viewer))
    if problems or trigger is None:
        return BackTest(days, problems=problems)
    if not rights.reads_trigger(viewer, trigger):
        return BackTest(days, blind=True)
    since = now - timedelta(days=days)
    found = _occasions(viewer, draft.pipeline_id, trigger, since, now).subquery("found")
    newest = select(found.c.deal_id, found.c.at).order_by(found.c.at.desc(), found.c.deal_id).limit(MOST + 1)
    rows = session.execute(newest, execution_options={"viewer": viewer}).all()
    asked, keys = trigger.conditions, {row.deal_id for row in rows[:MOST]}
    known = facts.of_deals(session, keys, asked, now=now, viewer=viewer)
    met = [row for row in rows[:MOST] if conditions.unmet(asked, known.get(row.deal_id, {})) is None]
    names = wording.names_of(session, viewer, (("deals", row.deal_id) for row in met[:limit]))
    hits = tuple(Hit(row.at, row.deal_id, names.get(("deals", row.deal_id), "")) for row in met[:limit])
    deals = len({row.deal_id for row in met})
    return BackTest(days, len(met), deals, len(rows) > MOST, hits, unknown=_unknown(trigger))


def _occasions(viewer: Viewer, pipeline_id: str, trigger: Trigger, since: datetime, now: datetime) -> Select[Any]:
    """(deal_id, at) of everything that would have set the trigger off, its conditions left aside."""
    asked = _OCCASIONS[trigger.type](trigger, since, now)
    seen = visible(Deal, viewer).with_only_columns(Deal.id).where(Deal.pipeline_id == pipeline_id).subquery("seen")
    found = asked.subquery("occasions")
    return select(found.c.deal_id, type_coerce(found.c.at, Timestamp).label("at")).join(
        seen, seen.c.id == found.c.deal_id
    )


def _created(trigger: Trigger, since: datetime, now: datetime) -> Select[Any]:
    return select(Deal.id.label("deal_id"), Deal.created_at.label("at")).where(
        Deal.created_at >= since, Deal.created_at <= now
    )


def _moved(trigger: Trigger, since: datetime, now: datetime) -> Select[Any]:
    """A stay that followed another one: the earlier one ended when it began."""
    stay, before = aliased(DealStay, name="stay"), aliased(DealStay, name="before")
    follows = and_(before.deal_id == stay.deal_id, before.left_at == stay.entered_at)
    asked = (
        select(stay.deal_id.label("deal_id"), stay.entered_at.label("at"))
        .join(before, follows)
        .where(stay.entered_at >= since, stay.entered_at <= now)
    )
    if trigger.stage_id:
        asked = asked.where(stay.stage_id == trigger.stage_id)
    return asked.where(before.stage_id == trigger.from_stage_id) if trigger.from_stage_id else asked


def _closed(name: str) -> Callable[[Trigger, datetime, datetime], Select[Any]]:
    """Into a won (lost) stage, from one that is not or from nowhere."""

    def asked(trigger: Trigger, since: datetime, now: datetime) -> Select[Any]:
        stay, before = aliased(DealStay, name="stay"), aliased(DealStay, name="before")
        stage, former = aliased(PipelineStage, name="stage"), aliased(PipelineStage, name="former")
        follows = and_(before.deal_id == stay.deal_id, before.left_at == stay.entered_at)
        return (
            select(stay.deal_id.label("deal_id"), stay.entered_at.label("at"))
            .join(stage, stage.id == stay.stage_id)
            .outerjoin(before, follows)
            .outerjoin(former, former.id == before.stage_id)
            .where(
                stay.entered_at >= since,
                stay.entered_at <= now,
                getattr(stage, name),
                getattr(former, name).is_not(True),
            )
        )

    return asked


def _completed(trigger: Trigger, since: datetime, now: datetime) -> Select[Any]:
    asked = select(DealActivity.deal_id.label("deal_id"), DealActivity.completed_at.label("at")).where(
        DealActivity.is_completed, DealActivity.completed_at >= since, DealActivity.completed_at <= now
    )
    return asked.where(DealActivity.type == trigger.activity_type) if trigger.activity_type else asked


def _rotted(trigger: Trigger, since: datetime, now: datetime) -> Select[Any]:
    """The first gap of a stay, between its beginning, its completed activities and its end, that was long enough."""
    stay, stage, done = DealStay, PipelineStage, DealActivity
    days = literal(trigger.days) if trigger.days is not None else stage.rotting_days
    span = cast(func.make_interval(0, 0, 0, days), Interval).label("span")
    ends = func.coalesce(stay.left_at, literal(now, Timestamp)).label("ends")
    open_stage = and_(stage.is_won_stage.is_not(True), stage.is_lost_stage.is_not(True), days.is_not(None))
    long_enough = or_(stay.left_at.is_(None), stay.left_at >= since)
    base = select(stay.id.label("stay_id"), stay.deal_id.label("deal_id"), stay.entered_at.label("point"), ends, span)
    base = base.join(stage, stage.id == stay.stage_id).where(open_stage, long_enough)
    if trigger.stage_id:
        base = base.where(stay.stage_id == trigger.stage_id)
    worked = base.with_only_columns(
        stay.id.label("stay_id"), stay.deal_id.label("deal_id"), done.completed_at.label("point"), ends, span
    ).join(
        done,
        and_(done.deal_id == stay.deal_id, moves_on(), done.completed_at > stay.entered_at,
             done.completed_at < func.coalesce(stay.left_at, literal(now, Timestamp))),
    )  # fmt: skip
    points = union_all(base, worked).subquery("points")
    following = func.lead(points.c.point).over(partition_by=points.c.stay_id, order_by=points.c.point)
    gaps = select(
        points.c.stay_id, points.c.deal_id, (points.c.point + points.c.span).label("rots"),
        func.coalesce(following, points.c.ends).label("next"),
    ).subquery("gaps")  # fmt: skip
    first = (
        select(gaps.c.deal_id, func.min(gaps.c.rots).label("at"))
        .where(gaps.c.rots < gaps.c.next)
        .group_by(gaps.c.stay_id, gaps.c.deal_id)
        .subquery("first")
    )
    return select(first.c.deal_id, first.c.at).where(first.c.at >= literal(since, Timestamp))


def _customer(trigger: Trigger, since: datetime, now: datetime) -> Select[Any]:
    """Changes of the audit trail, for each deal of the customer that stood in an open stage then."""
    logs = Base.metadata.tables["activity_logs"]
    told = type_coerce(logs.c.details, Text)
    readable = told.startswith(_CHANGES, autoescape=True)
    changed = [
        case((readable, cast(told, JSONB)["changes"][name]), else_=null()).is_not(None)
        for name in trigger.fields or CUSTOMER_FIELDS
    ]
    return (
        select(Deal.id.label("deal_id"), logs.c.created_at.label("at"))
        .select_from(logs)
        .join(Deal, Deal.customer_id == logs.c.entity_id)
        .join(DealStay, DealStay.deal_id == Deal.id)
        .join(PipelineStage, PipelineStage.id == DealStay.stage_id)
        .where(
            logs.c.entity_type == "customers",
            literal_column("activity_logs.action = 'update'"),
            logs.c.created_at >= since,
            logs.c.created_at <= now,
            or_(*changed),
            DealStay.entered_at <= logs.c.created_at,
            or_(DealStay.left_at.is_(None), DealStay.left_at > logs.c.created_at),
            PipelineStage.is_won_stage.is_not(True),
            PipelineStage.is_lost_stage.is_not(True),
        )
    )


_OCCASIONS: dict[AutomationRuleTriggerType, Callable[[Trigger, datetime, datetime], Select[Any]]] = {
    _TYPES.deal_created: _created,
    _TYPES.stage_changed: _moved,
    _TYPES.deal_won: _closed("is_won_stage"),
    _TYPES.deal_lost: _closed("is_lost_stage"),
    _TYPES.deal_rotting: _rotted,
    _TYPES.activity_completed: _completed,
    _TYPES.customer_updated: _customer,
}


def _unknown(trigger: Trigger) -> tuple[str, ...]:
    """What the number does not know."""
    said = [_("Deals are taken in the pipeline in which they are today.")]
    if trigger.conditions:
        said.append(_("Conditions are compared with what deals hold today."))
    said.append(_("What other rules would have done is not counted."))
    return tuple(said)
