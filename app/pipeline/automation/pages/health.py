"""Why a rule does not act, for whoever reads it: what is wrong with what it says, and that it was switched off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.viewer import SYSTEM, Viewer
from app.pipeline.automation import config as grammar
from app.pipeline.automation import outcomes, references
from app.pipeline.automation.config import Config, Draft, Problem
from app.pipeline.models import AutomationRule
from app.screens.cells import moment_text


def problems(
    session: Session,
    rules: Collection[AutomationRule],
    read: Mapping[str, Config] | None = None,
    *,
    viewer: Viewer = SYSTEM,
) -> Mapping[str, Sequence[Problem]]:
    """What is wrong, by rule; as many statements for many rules as for one.

    Looked at with the eyes of the system, as the rules act: what is only hidden from the reader is not gone. For who
    wants to change a rule it is as good as gone.
    """
    known = read or {rule.id: grammar.of(rule) for rule in rules}
    drafts = [Draft(rule.name, rule.pipeline_id, known[rule.id], rule.id) for rule in rules]
    gone = references.of_all(session, drafts, viewer)
    return {one.id: (*one.config.problems, *gone[one.id]) for one in drafts}


def sentences(found: Iterable[Problem]) -> list[str]:
    return list(dict.fromkeys(problem.sentence for problem in found))


def stopped(rule: AutomationRule) -> str:
    """When and why the rule was switched off by itself; "" when it was not."""
    if rule.is_active is not False or rule.disabled_at is None:
        return ""
    when = _("Switched off %(time)s, after it had failed again and again.", time=moment_text(rule.disabled_at))
    return f"{when} {outcomes.told(rule.disabled_reason)}".strip()
