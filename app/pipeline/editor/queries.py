"""What the pages about pipelines ask: pipelines, their stages, and what hangs on each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.communication.models import EmailMetadata
from app.core.db import Base
from app.core.errors import NotFound
from app.core.viewer import AUDIT, SYSTEM, Viewer, visible
from app.pipeline.guard_pipelines import names_in, naming
from app.pipeline.models import AutomationRule, Deal, DealStatus, Pipeline, PipelineStage
from app.screens import trail

RULES, DEALS, EMAILS = "automation_rules", "deals", "email_metadata"


def pipelines(session: Session, viewer: Viewer) -> list[Pipeline]:
    """The default first, then the active ones by name."""
    asked = visible(Pipeline, viewer).order_by(
        func.coalesce(Pipeline.is_default, False).desc(),
        func.coalesce(Pipeline.is_active, True).desc(),
        func.lower(Pipeline.name),
        Pipeline.id,
    )
    return list(session.scalars(asked))


def pipeline_of(session: Session, viewer: Viewer, key: str) -> Pipeline:
    """Raises NotFound."""
    found = session.scalars(visible(Pipeline, viewer).where(Pipeline.id == key[:100])).one_or_none()
    if found is None:
        raise NotFound
    return found


def stages_of(session: Session, viewer: Viewer, keys: Sequence[str]) -> dict[str, list[PipelineStage]]:
    """Stages from left to right, by pipeline."""
    found: dict[str, list[PipelineStage]] = defaultdict(list)
    asked = visible(PipelineStage, viewer).where(PipelineStage.pipeline_id.in_(keys))
    for stage in session.scalars(asked.order_by(PipelineStage.order, PipelineStage.created_at, PipelineStage.id)):
        found[stage.pipeline_id].append(stage)
    return found


@dataclass
class Held:
    """What hangs on a stage, as far as the viewer may know of it."""

    open: int = 0
    all: int = 0
    rules: list[AutomationRule] = field(default_factory=list)
    emails: int = 0


def open_deals(session: Session, viewer: Viewer, keys: Sequence[str]) -> dict[str, int]:
    """Open deals by stage of these pipelines; nothing for who sees no deals."""
    if not viewer.sees(DEALS):
        return {}
    asked = visible(Deal, viewer).with_only_columns(Deal.stage_id, func.count()).group_by(Deal.stage_id)
    inside = select(PipelineStage.id).where(PipelineStage.pipeline_id.in_(keys))
    rows = session.execute(asked.where(Deal.status == DealStatus.open, Deal.stage_id.in_(inside)))
    return {row[0]: row[1] for row in rows}


def held_by(session: Session, viewer: Viewer, stages: Sequence[PipelineStage]) -> dict[str, Held]:
    """What hangs on each of these stages. Four statements."""
    keys = [stage.id for stage in stages]
    found = {key: Held() for key in keys}
    if viewer.sees(DEALS):
        status = Deal.status == DealStatus.open
        asked = visible(Deal, viewer).with_only_columns(Deal.stage_id, func.count(), func.count().filter(status))
        for key, total, still_open in session.execute(asked.where(Deal.stage_id.in_(keys)).group_by(Deal.stage_id)):
            found[key].all, found[key].open = total, still_open
    if viewer.sees(EMAILS):
        about = EmailMetadata.ai_pipeline_stage_id
        mails = visible(EmailMetadata, viewer).with_only_columns(about, func.count())
        for about_stage, total in session.execute(mails.where(about.in_(keys)).group_by(about)):
            found[str(about_stage)].emails = total
    if viewer.sees(RULES):
        for rule in naming(session, keys, viewer):
            if rule.is_active is not False:
                for key in names_in(rule, keys):
                    found[key].rules.append(rule)
    return found


def rules_of(session: Session, viewer: Viewer, pipeline_id: str) -> int:
    """How many automation rules go with the pipeline."""
    if not viewer.sees(RULES):
        return 0
    asked = visible(AutomationRule, viewer).with_only_columns(func.count())
    return session.execute(asked.where(AutomationRule.pipeline_id == pipeline_id)).scalar_one()


def last_editor(session: Session, viewer: Viewer, pipeline_id: str, stage_ids: Sequence[str]) -> str:
    """The name of who changed the pipeline or one of its stages last, for who may look into the trail; else ""."""
    if not viewer.sees(AUDIT):
        return ""
    logs, users = Base.metadata.tables[trail.LOG], Base.metadata.tables["users"]
    asked = (
        select(users.c.full_name)
        .join(logs, users.c.id == logs.c.user_id)
        .where(logs.c.entity_type.in_((Pipeline.__tablename__, PipelineStage.__tablename__)))
        .where(logs.c.entity_id.in_([pipeline_id, *stage_ids]))
        .order_by(logs.c.created_at.desc(), logs.c.id.desc())
        .limit(1)
    )
    return session.scalar(asked, execution_options={"viewer": SYSTEM}) or ""
