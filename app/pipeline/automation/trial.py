"""What a rule would do with one deal, tried out and taken back: nothing stays, nobody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.core.events import caused_by
from app.core.types import utc_now
from app.core.viewer import Viewer
from app.pipeline.automation import acting, config, facts, occasions, references, rights, texts, wording
from app.pipeline.automation.acting import Doing
from app.pipeline.automation.conditions import FIELDS, Condition, Facts
from app.pipeline.automation.config import Action, Draft, Problem
from app.pipeline.automation.outcomes import NotNow, said
from app.pipeline.automation.running import as_rule
from app.pipeline.automation.wording import Names
from app.pipeline.models import AutomationRule, Deal, DealStatus


@dataclass(frozen=True)
class Checked:
    """One condition: in words, whether it holds, and what the deal has. `holds` is None where the field is hidden from
    the viewer."""

    text: str
    holds: bool | None
    found: str


@dataclass(frozen=True)
class Trial:
    """`acts` is None where the viewer may not know. `steps` are what the rule does, as sentences; `obstacle` is why it
    would not ("" for nothing); `problems` are what is wrong with the rule itself."""

    acts: bool | None
    conditions: tuple[Checked, ...] = ()
    steps: tuple[str, ...] = ()
    obstacle: str = ""
    problems: tuple[Problem, ...] = ()


def dry_run(
    session: Session, viewer: Viewer, rule: AutomationRule | Draft, deal: Deal, *, now: datetime | None = None
) -> Trial:
    """What would happen if the trigger came now for this deal, which the viewer must see.

    The action is really done, in a savepoint that is undone: what services and guards would refuse is found out.
    """
    now = now or utc_now()
    draft = rule if isinstance(rule, Draft) else config.draft_of(rule)
    read = draft.config
    problems = read.problems or tuple(references.problems(session, draft, viewer))
    if problems or read.trigger is None or read.action is None:
        return Trial(False, problems=problems)
    if deal.pipeline_id != draft.pipeline_id:
        return Trial(False, obstacle=_("The deal is in another pipeline than the rule."))
    if read.trigger.type in occasions.OF_OPEN_DEALS and deal.status is not DealStatus.open:
        return Trial(False, obstacle=_("The trigger is about open deals only."))
    known = facts.of_deals(session, [deal.id], read.trigger.conditions, now=now, viewer=viewer).get(deal.id, {})
    names = _names(session, viewer, draft, known)
    checked = tuple(_checked(viewer, one, known, deal, names) for one in read.trigger.conditions)
    steps = tuple(wording.action(read.action, names, lambda text: _filled(session, viewer, deal, text)))
    if any(one.holds is None for one in checked):
        hidden = _("A condition is about a field that is hidden from you.")
        return Trial(None, checked, steps, hidden)
    if not all(one.holds for one in checked):
        return Trial(False, checked, steps, _("Not every condition is met."))
    obstacle = _tried(session, draft, read.action, deal, now)
    return Trial(not obstacle, checked, steps, obstacle)


def _tried(session: Session, rule: Draft, action: Action, deal: Deal, now: datetime) -> str:
    """Why the action would not be done; "" when it would."""
    session.flush()
    told = len(session.info.get("to_wake", ()))
    savepoint = session.begin_nested()
    try:
        with as_rule(session, rule.name), caused_by("dry run"):
            acting.act(Doing(session, deal, f"automation:dry-run:{deal.id}", rule.id, now), action)
        return ""
    except NotNow as nothing:
        return nothing.sentence
    except DomainError as refused:
        return said(refused)
    finally:
        savepoint.rollback()
        del session.info.setdefault("to_wake", [])[told:]
        session.refresh(deal)


def _names(session: Session, viewer: Viewer, rule: Draft, known: Facts) -> Names:
    """Names of what the rule names and of what the deal has. One statement."""
    wanted = [(one.table, one.key) for one in references.named(rule)]
    for one in rule.config.trigger.conditions if rule.config.trigger else ():
        field = FIELDS[one.field]
        if field.target and (value := known.get(one.field)):
            wanted += [(field.target, key) for key in (sorted(value) if isinstance(value, set) else [value])]
    return wording.names_of(session, viewer, wanted)


def _checked(viewer: Viewer, one: Condition, known: Facts, deal: Deal, names: Names) -> Checked:
    text = wording.condition(one, names)
    if not rights.reads_field(viewer, one.field):
        return Checked(text, None, _("(no access)"))
    field, value = FIELDS[one.field], known.get(one.field)
    values = sorted(value) if isinstance(value, set) else [value]
    found = ", ".join(wording.value(field, each, names, currency=deal.currency or "") for each in values)
    return Checked(text, one.holds(known), found or "–")


def _filled(session: Session, viewer: Viewer, deal: Deal, text: str) -> str:
    """The text with those placeholders filled that the viewer may read."""
    names = {name for name in texts.used_in(text) if rights.reads_placeholder(viewer, name)}
    return texts.filled(text, acting.values_of(session, deal, names))
