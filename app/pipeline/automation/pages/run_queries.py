"""What can be asked of the log of runs, within what its reader may know of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.core.viewer import Viewer, visible
from app.pipeline.models import AutomationRule, AutomationRun, AutomationRunOutcome

PAGE = 50


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this run, the newest first."""

    at: datetime
    key: str


@dataclass(frozen=True)
class Wanted:
    """Which runs. `chain` is the event that a chain of runs began with."""

    rule_id: str = ""
    outcome: AutomationRunOutcome | None = None
    chain: str = ""
    deal_id: str = ""


def page(
    session: Session, viewer: Viewer, wanted: Wanted, after: Place | None, size: int = PAGE
) -> tuple[Sequence[AutomationRun], Place | None]:
    """One page, and where the next one begins; along an index whatever the page."""
    run = AutomationRun
    asked = visible(run, viewer)
    if wanted.rule_id:
        asked = asked.where(run.rule_id == wanted.rule_id)
    if wanted.outcome is not None:
        asked = asked.where(run.outcome == wanted.outcome)
    if wanted.chain:
        asked = asked.where(run.chain == wanted.chain)
    if wanted.deal_id:
        asked = asked.where(run.deal_id == wanted.deal_id)
    if after is not None:
        earlier = and_(run.at == after.at, run.id < after.key)
        asked = asked.where(run.at <= after.at, or_(run.at < after.at, earlier))
    rows = session.scalars(asked.order_by(run.at.desc(), run.id.desc()).limit(size + 1)).all()
    last = rows[size - 1] if len(rows) > size else None
    return rows[:size], None if last is None else Place(last.at, last.id)


def latest(session: Session, viewer: Viewer, rules: Sequence[str]) -> Mapping[str, AutomationRun]:
    """The last run of each rule; one look into the index for each."""
    run = AutomationRun
    newest = (
        select(run.id)
        .where(run.rule_id == AutomationRule.id)
        .order_by(run.at.desc(), run.id.desc())
        .limit(1)
        .correlate(AutomationRule)
        .scalar_subquery()
    )
    keys = select(newest).where(AutomationRule.id.in_(rules)).execution_options(viewer=viewer)
    return {found.rule_id: found for found in session.scalars(visible(run, viewer).where(run.id.in_(keys)))}


def causes(session: Session, viewer: Viewer, runs: Sequence[AutomationRun]) -> Mapping[str, str]:
    """By run that others followed from: the name of its rule, where the viewer may know it."""
    wanted = {run.caused_by for run in runs if run.caused_by}
    if not wanted:
        return {}
    asked = (
        select(AutomationRun.id, AutomationRule.name)
        .join(AutomationRule, AutomationRule.id == AutomationRun.rule_id)
        .where(AutomationRun.id.in_(wanted))
    )
    return {row.id: row.name for row in session.execute(asked, execution_options={"viewer": viewer})}
