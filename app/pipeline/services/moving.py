"""Moving deals over the board: one locked deal, one place in one column."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Context, Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.pipeline.errors import MovedMeanwhile, StageOfOtherPipeline, WrongPlace
from app.pipeline.models import BOARD_POSITIONS, Deal, DealStay, Pipeline, PipelineStage


def move_deal(
    session: Session,
    deal: Deal,
    stage: PipelineStage,
    *,
    seen: datetime | None = None,
    above: str | None = None,
    below: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> Deal:
    """Put the deal into `stage`, between the cards `above` and `below` (keys of deals), else on top of the column.

    `seen` is the `stage_entered_at` that whoever moves it looked at: a deal that was moved since stays where it is.
    `values` are what the stage asks for, by column, and the reason of a lost deal. Status, probability and dates
    follow the stage (`rules.movement`), whichever door is used.

    Raises MovedMeanwhile, StageOfOtherPipeline, NeedsReason, NeedsFields, WrongPlace, NotFound for a deal that is gone.
    """
    lock(session, deal)
    if seen is not None and deal.stage_entered_at != seen:
        raise MovedMeanwhile(_who_was_faster(session, deal))
    if stage.pipeline_id != deal.pipeline_id:
        pipeline = session.get(Pipeline, deal.pipeline_id)
        raise StageOfOtherPipeline(pipeline.name if pipeline else "")
    session.execute(_ONE_AT_A_TIME, {"stage": stage.id})
    position = place_in(session, stage.id, above=above, below=below, but=deal.id)
    with session.no_autoflush:
        deal.stage_id = stage.id
        deal.board_position = position
        for name, value in (values or {}).items():
            setattr(deal, name, value)
    session.flush()
    session.refresh(deal, ["stage_entered_at", "board_position"])
    return deal


def lock(session: Session, deal: Deal) -> None:
    """Nobody else moves the deal until the end of the transaction; it is read anew. Raises NotFound."""
    known = session.execute(
        select(Deal).where(Deal.id == deal.id).with_for_update(of=Deal), execution_options={"populate_existing": True}
    ).scalar_one_or_none()
    if known is None:
        raise NotFound


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('deals of ' || :stage, 0))")
_NEXT = select(BOARD_POSITIONS.next_value())


def place_in(
    session: Session, stage_id: str, *, above: str | None, below: str | None, but: str | None = None
) -> Decimal:
    """A free place in the column: between two cards, under one, over one, else on top.

    A neighbour that has left the column meanwhile does not count. Raises WrongPlace for neighbours in the wrong order.
    """
    upper, lower = (_position(session, stage_id, key) for key in (above, below))
    if upper is not None and lower is not None and upper <= lower:
        raise WrongPlace
    if upper is None and lower is None:
        return Decimal(session.connection().execute(_NEXT).scalar_one())
    others = select(Deal.board_position).where(Deal.stage_id == stage_id, Deal.id != (but or ""))
    if upper is not None:
        beside = session.scalar(others.where(Deal.board_position < upper).order_by(Deal.board_position.desc()).limit(1))
        return _between(upper, beside) if beside is not None else upper - 1
    assert lower is not None
    beside = session.scalar(others.where(Deal.board_position > lower).order_by(Deal.board_position).limit(1))
    return _between(lower, beside) if beside is not None else Decimal(session.connection().execute(_NEXT).scalar_one())


_EXACT = Context(prec=10_000)  # digits: cards can be put between the same two again and again


def _between(one: Decimal, other: Decimal) -> Decimal:
    return _EXACT.divide(_EXACT.add(one, other), Decimal(2))


def _position(session: Session, stage_id: str, key: str | None) -> Decimal | None:
    if not key:
        return None
    return session.scalar(select(Deal.board_position).where(Deal.id == key, Deal.stage_id == stage_id))


def _who_was_faster(session: Session, deal: Deal) -> str:
    stay = session.scalars(
        select(DealStay).where(DealStay.deal_id == deal.id, DealStay.left_at.is_(None)).limit(1)
    ).first()
    stage = session.get(PipelineStage, deal.stage_id)
    name = stage.name if stage else ""
    if stay is not None and stay.by_user is not None:
        return _("%(name)s moved this deal to “%(stage)s” meanwhile.", name=stay.by_user.full_name, stage=name)
    return _("This deal was moved to “%(stage)s” meanwhile.", stage=name)
