"""Writing rules: added, changed, switched, copied. What a rule says is its version, not how often it ran meanwhile."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import Conflict, NotFound
from app.core.types import utc_now
from app.core.viewer import Viewer
from app.pipeline.automation.pages.seen import LONGEST_KEY, MODULE
from app.pipeline.models import AutomationRule, AutomationRuleActionType, AutomationRuleTriggerType
from app.screens import atlas, write

_SAYS = ("pipeline_id", "name", "description", "is_active", "trigger_type", "trigger_config", "action_type",
         "action_config")  # fmt: skip
LONGEST_NAME = 255
ORDER = (AutomationRule.position, AutomationRule.created_at, AutomationRule.id)
"""In which the rules of a pipeline answer the same event."""


@dataclass(frozen=True)
class Rule:
    """What a rule says."""

    pipeline_id: str
    name: str
    description: str
    active: bool
    trigger: str
    trigger_config: dict[str, Any]
    act: str
    action_config: dict[str, Any]


def version_of(rule: AutomationRule) -> str:
    """The same as long as the rule says the same: runs change the row, but nothing that an editor would overwrite."""
    says = {name: getattr(rule, name) for name in _SAYS}
    return hashlib.sha256(json.dumps(says, sort_keys=True, default=str).encode()).hexdigest()[:32]


def held(session: Session, viewer: Viewer, key: str, version: str | None = None) -> AutomationRule:
    """The rule, for this transaction alone. Raises NotFound, Conflict when it says something else by now."""
    asked = select(AutomationRule).where(AutomationRule.id == key[:LONGEST_KEY]).with_for_update()
    rule = session.scalars(asked, execution_options={"viewer": viewer, "populate_existing": True}).one_or_none()
    if rule is None:
        raise NotFound
    if version is not None and version != version_of(rule):
        raise Conflict
    return rule


def add(session: Session, rule: Rule, *, by: str) -> AutomationRule:
    """Raises Unprocessable, ForeignCountry for a pipeline of other countries."""
    found = AutomationRule(created_by=by, position=_last(session, rule.pipeline_id) + 1)
    session.add(_put(found, rule))
    _flush(session)
    return found


def change(session: Session, found: AutomationRule, rule: Rule) -> AutomationRule:
    """Raises as `add` does. The rule must be `held`."""
    _put(found, rule)
    found.updated_at = utc_now()
    _flush(session)
    return found


def switch(session: Session, found: AutomationRule, *, active: bool) -> None:
    """On or off; already so changes nothing."""
    if (found.is_active is not False) == active:
        return
    found.is_active = active
    found.updated_at = utc_now()
    _flush(session)


def duplicate(session: Session, found: AutomationRule, *, by: str) -> AutomationRule:
    """The same once more, switched off so that nothing happens twice, with no runs yet."""
    copy = _("%(name)s (copy)", name=found.name)
    name = copy if len(copy) <= LONGEST_NAME else found.name
    made = AutomationRule(
        pipeline_id=found.pipeline_id, name=name, description=found.description, is_active=False,
        trigger_type=found.trigger_type, trigger_config=found.trigger_config, action_type=found.action_type,
        action_config=found.action_config, created_by=by, position=_last(session, found.pipeline_id) + 1,
    )  # fmt: skip
    session.add(made)
    _flush(session)
    return made


def move(session: Session, viewer: Viewer, found: AutomationRule, *, down: bool) -> None:
    """One place up or down among the rules of its pipeline; at the end of them it stays where it is."""
    asked = select(AutomationRule).where(AutomationRule.pipeline_id == found.pipeline_id).order_by(*ORDER)
    rules = list(session.scalars(asked.with_for_update(), execution_options={"viewer": viewer}))
    place = next((place for place, one in enumerate(rules) if one.id == found.id), None)
    other = None if place is None else place + (1 if down else -1)
    if place is None or other is None or not 0 <= other < len(rules):
        return
    rules[place], rules[other] = rules[other], rules[place]
    for number, one in enumerate(rules, start=1):
        if one.position != number:
            one.position = number
    _flush(session)


def _last(session: Session, pipeline_id: str) -> int:
    asked = select(func.coalesce(func.max(AutomationRule.position), 0)).where(AutomationRule.pipeline_id == pipeline_id)
    return session.scalar(asked) or 0


def _put(found: AutomationRule, rule: Rule) -> AutomationRule:
    found.pipeline_id, found.name, found.description = rule.pipeline_id, rule.name, rule.description or None
    found.is_active = rule.active
    found.trigger_type, found.trigger_config = AutomationRuleTriggerType(rule.trigger), rule.trigger_config
    found.action_type, found.action_config = AutomationRuleActionType(rule.act), rule.action_config
    return found


def _flush(session: Session) -> None:
    screens = atlas.known()
    write.flush(session, screens, screens[MODULE])
