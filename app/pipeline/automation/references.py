"""Whether the stages, people and other records that a rule names are there, for whoever acts in this session.

A rule that names a record of a country that is not the writer's names one
that does not exist. One statement for each kind of record that is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import User
from app.campaigns.models import Campaign
from app.core.viewer import SYSTEM_USER, Viewer
from app.pipeline.automation.conditions import FIELDS
from app.pipeline.automation.config import (
    ACTION,
    TRIGGER,
    Action,
    AssignOwner,
    CreateActivity,
    CreateDeal,
    Draft,
    MoveStage,
    Problem,
    Trigger,
    UpdateDeal,
)
from app.pipeline.models import Pipeline, PipelineStage
from app.products.models import Product

_MODELS: dict[str, type[Any]] = {
    "users": User, "pipeline_stages": PipelineStage, "pipelines": Pipeline, "campaigns": Campaign, "products": Product,
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """One record that a rule names, and where. `acts` of a person: he is to do or have something."""

    table: str
    key: str
    column: str
    at: str
    acts: bool = False


@dataclass
class _Found:
    """What is there, by table and key."""

    rows: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))

    def get(self, one: Named) -> Any:
        return self.rows[one.table].get(one.key)


def problems(session: Session, rule: Draft, viewer: Viewer | None = None) -> list[Problem]:
    """What is dead, none of the pipeline's, or hidden from the viewer (None: from whoever acts in this session); empty
    when the rule can act."""
    return of_all(session, [rule], viewer)[rule.id]


def of_all(session: Session, rules: Sequence[Draft], viewer: Viewer | None = None) -> dict[str, list[Problem]]:
    """The same for several rules at once, by their keys; as many statements for many as for one."""
    if not rules:
        return {}
    wanted = [one for rule in rules for one in _names_of(rule)]
    found = _look_up(session, wanted, viewer)
    return {rule.id: _told(rule, found) for rule in rules}


def _names_of(rule: Draft) -> list[Named]:
    return [*named(rule), Named("pipelines", rule.pipeline_id, "pipeline_id", "")]


def _told(rule: Draft, found: _Found) -> list[Problem]:
    action = rule.config.action
    told = [
        Problem(one.column, one.at, sentence)
        for one in named(rule)
        if (sentence := _why_not(one, found.get(one), rule))
    ]
    return told or (list(_placed(action, found)) if action else [])


def _look_up(session: Session, names: list[Named], viewer: Viewer | None) -> _Found:
    options = {} if viewer is None else {"viewer": viewer}
    keys: dict[str, set[str]] = defaultdict(set)
    for one in names:
        keys[one.table].add(one.key)
    found = _Found()
    with session.no_autoflush:
        for table, wanted in sorted(keys.items()):
            model = _MODELS[table]
            columns = {
                "users": (User.id, User.is_active), "pipelines": (Pipeline.id, Pipeline.is_active),
                "pipeline_stages": (PipelineStage.id, PipelineStage.pipeline_id, PipelineStage.is_lost_stage),
            }.get(table, (model.id,))  # fmt: skip
            asked = select(*columns).where(model.id.in_(sorted(wanted)))
            for row in session.execute(asked, execution_options=options):
                found.rows[table][row.id] = row
    return found


def _why_not(one: Named, row: Any, rule: Draft) -> str:
    if row is None or (one.table == "users" and one.key == SYSTEM_USER and one.acts):
        return {
            "users": lambda: _("This colleague does not exist, or is not yours to choose."),
            "pipeline_stages": lambda: _("This stage does not exist any more."),
            "pipelines": lambda: _("This pipeline does not exist, or is not yours to choose."),
            "campaigns": lambda: _("This campaign does not exist, or is not yours to choose."),
            "products": lambda: _("This product does not exist, or is not yours to choose."),
        }[one.table]()
    if one.table == "users" and one.acts and not row.is_active:
        return _("This colleague is deactivated.")
    if one.table == "pipelines" and not row.is_active:
        return _("This pipeline takes no new deals.")
    if one.table == "pipeline_stages" and not _fits(one, row, rule):
        return _("Choose a stage of the same pipeline.")
    return ""


def _fits(one: Named, row: Any, rule: Draft) -> bool:
    action = rule.config.action
    home = action.pipeline_id if isinstance(action, CreateDeal) and one.column == ACTION else rule.pipeline_id
    return bool(row.pipeline_id == home)


def _placed(action: Action, found: _Found) -> Iterator[Problem]:
    """A lost stage needs a reason, which only a move can give."""
    if isinstance(action, MoveStage) and found.rows["pipeline_stages"][action.stage_id].is_lost_stage:
        if not action.lost_reason:
            yield Problem(ACTION, "lost_reason", _("Say why the deal was lost."))
    elif isinstance(action, CreateDeal) and action.stage_id:
        stage = found.rows["pipeline_stages"][action.stage_id]
        if stage.is_lost_stage:
            yield Problem(ACTION, "stage_id", _("A new deal cannot be lost already."))


def named(rule: Draft) -> list[Named]:
    """Every record that the rule names, for who wants to show their names."""
    trigger, action = rule.config.trigger, rule.config.action
    return [*(_of_trigger(trigger) if trigger else ()), *(_of_action(action) if action else ())]


def _of_trigger(trigger: Trigger) -> Iterator[Named]:
    for name in ("stage_id", "from_stage_id"):
        if key := getattr(trigger, name):
            yield Named("pipeline_stages", key, TRIGGER, name)
    for place, one in enumerate(trigger.conditions):
        target = FIELDS[one.field].target
        values = one.value if isinstance(one.value, tuple) else (one.value,)
        for key in values if target else ():
            if isinstance(key, str):
                yield Named(target, key, TRIGGER, f"conditions.{place}.value")


def _of_action(action: Action) -> Iterator[Named]:
    if isinstance(action, CreateActivity | AssignOwner) and action.user_id:
        yield Named("users", action.user_id, ACTION, "user_id", acts=True)
    if isinstance(action, AssignOwner):
        yield from (Named("users", key, ACTION, "user_ids") for key in action.user_ids)
    if isinstance(action, UpdateDeal) and action.campaign_id:
        yield Named("campaigns", action.campaign_id, ACTION, "values.campaign_id")
    if isinstance(action, CreateDeal):
        yield Named("pipelines", action.pipeline_id, ACTION, "pipeline_id")
    if isinstance(action, MoveStage | CreateDeal) and action.stage_id:
        yield Named("pipeline_stages", action.stage_id, ACTION, "stage_id")
