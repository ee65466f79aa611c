"""What holds for automation rules whichever door they came through: a rule that cannot be read or act is not saved.

A rule acts as the system: it is saved only by who may change by hand what it changes.

What is dead by now may stay as it is, so that such a rule can be switched off, but not on. The listener works from
the moment this module is imported (`app.tables` does).
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core.errors import Unprocessable
from app.core.records import changed
from app.core.scope import viewer_in
from app.core.viewer import SYSTEM_USER
from app.pipeline.automation import config, former, references, rights
from app.pipeline.automation.config import Draft, Problem
from app.pipeline.models import AutomationRule

_READ = ("pipeline_id", "trigger_type", "trigger_config", "action_type", "action_config")


@event.listens_for(Session, "before_flush")
def _make_sense(session: Session, context: object, instances: object) -> None:
    for row in [*session.new, *session.dirty]:
        if isinstance(row, AutomationRule):
            new = row in session.new
            if new and row.created_by is None and viewer_in(session).user_id not in ("", SYSTEM_USER):
                row.created_by = viewer_in(session).user_id
            on = row.is_active is not False
            if not new and on and changed(row, "is_active"):
                row.failures_in_row, row.disabled_at, row.disabled_reason = 0, None, None
            if new or any(changed(row, name) for name in _READ) or (on and changed(row, "is_active")):
                _say_it_our_way(row)
                demand(session, row)


def _say_it_our_way(rule: AutomationRule) -> None:
    """What was written in the words of another system is kept in ours: one way to say it in the database."""
    when = former.trigger(rule.trigger_type, rule.trigger_config)
    then = former.action(rule.action_type, rule.action_config)
    if when != rule.trigger_config:
        rule.trigger_config = when
    if then != rule.action_config:
        rule.action_config = then


def demand(session: Session, rule: AutomationRule) -> None:
    """Raises Unprocessable, by column, for what cannot be read, what is not there, and for a change of the deal that
    whoever writes the rule may not make."""
    read = config.of(rule)
    pipeline_id = rule.pipeline_id or (rule.pipeline.id if rule.pipeline is not None else None)
    problems = list(read.problems)
    if pipeline_id and not problems:
        problems = references.problems(session, Draft(rule.name or "", pipeline_id, read, rule.id or ""))
    if not problems and not rights.writes(viewer_in(session), read.action):
        problems = [Problem(config.ACTION, "", _("The rule would change a field of the deal that you may not change."))]
    if problems:
        told: dict[str, list[str]] = {}
        for problem in problems:
            sentences = told.setdefault(problem.column, [])
            sentences.append(f"{problem.key}: {problem.sentence}" if problem.key else problem.sentence)
        raise Unprocessable(told)
