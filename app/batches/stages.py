"""A stage with very many deals is removed by a worker: a batch of whoever asked, with progress and told at the end."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.access.models import User
from app.batches import services
from app.batches.jobs import Progress, as_owner
from app.batches.models import BATCHES, Batch, BatchKind, BatchState, RowAction
from app.core.db import session_factory
from app.core.errors import DomainError
from app.core.events import Happened, Later, on
from app.core.types import utc_now
from app.core.viewer import SYSTEM
from app.pipeline.events import StageRemovalAsked
from app.pipeline.models import PipelineStage
from app.pipeline.services import following, removing
from app.screens.look import Look

_SECONDS = 1800  # three hundred thousand deals take some minutes of work
_RUNNING = (BatchState.running,)


@on(StageRemovalAsked, seconds=_SECONDS, attempts=3)
def remove_stage(session: Session, happened: Happened[StageRemovalAsked]) -> Later | None:
    """Move the deals of a stage and remove it, all or nothing. Safe to run twice: its end commits with its effect."""
    asked = happened.event

    def act(look: Look, batch: Batch) -> None:
        moved = removing.carry_out(look, asked.stage_id, batch.id, Progress(session, batch))
        services.finished(session, batch, {RowAction.changed: moved}, now=utc_now())

    def refuse(batch: Batch, refused: DomainError) -> None:
        services.fail(session, batch, refused.sentence, now=utc_now())
        removing.keep(session, asked.stage_id, batch_id=batch.id)

    if not write_down(session, asked):
        removing.keep(session, asked.stage_id, batch_id=asked.batch_id)
        return None
    return as_owner(session, happened, _RUNNING, BatchState.running, act, refuse)


def write_down(session: Session, asked: StageRemovalAsked) -> bool:
    """The batch, in a transaction of its own, so that its owner sees how far it is; written down once.

    Gives whether whoever asked is still there.
    """
    with session_factory(bind=session.get_bind()) as own:
        if own.scalar(select(User.id).where(User.id == asked.user_id), execution_options={"viewer": SYSTEM}) is None:
            return False
        stage = select(PipelineStage.name).where(PipelineStage.id == asked.stage_id)
        row = {
            "id": asked.batch_id, "kind": BatchKind.bulk, "table_name": "deals", "user_id": asked.user_id,
            "state": BatchState.running, "created_at": utc_now(),
            "todo": {"stage": own.scalar(stage, execution_options={"viewer": SYSTEM})},
            "total": following.held_by(own, asked.stage_id),
        }  # fmt: skip
        new = postgresql.insert(BATCHES).values(row).on_conflict_do_nothing(index_elements=["id"])
        own.connection().execute(new)
        own.commit()
    return True


LISTENERS = (remove_stage,)
