"""What a board asks for when a card is dropped, and what the dialog before it asks the person for."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.core.errors import BadQuery, Forbidden, NotFound, Unprocessable
from app.core.scope import ForeignCountry, may_change
from app.core.viewer import Right, Viewer, visible
from app.pipeline.board.rights import May
from app.pipeline.models import Deal, DealStatus, PipelineStage
from app.pipeline.rules import movement
from app.pipeline.services.moving import lock, move_deal
from app.screens import formpage, query, write
from app.screens.forms import ScreenForm

REASON = "lost_reason"
_AS_IT_WAS = (REASON, "actual_close_date", "probability")
"""What a move changes besides the stage, and an undo puts back."""
_LONGEST_KEY = 100
_TOKEN = re.compile(r"[0-9a-f]{32}")
_EARLIER = datetime.min.replace(tzinfo=UTC)
_LATEST = 500  # lost deals whose reasons are looked through for suggestions
_SUGGESTED = 8


@dataclass(frozen=True)
class Asked:
    """A move as it was sent: keys, the token of what was seen, and the texts of fields."""

    deal: str
    stage: str
    seen: str
    above: str = ""
    below: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """A move that was made; `undo` is what takes it back, but for the place."""

    deal: Deal
    stage: PipelineStage
    before: str
    undo: Mapping[str, str]


def read(body: Any) -> Asked:
    """Raises BadQuery with a sentence for anything that is no move."""
    if not isinstance(body, dict):
        raise BadQuery(_("This is no move of a deal. Reload the board."))
    deal, stage, above, below = (_key(body, name) for name in ("deal", "stage", "above", "below"))
    if not deal or not stage:
        raise BadQuery(_("This is no move of a deal. Reload the board."))
    values = body.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise BadQuery(_("This is no move of a deal. Reload the board."))
    return Asked(deal, stage, _token(body.get("seen")), above, below, values)


def _key(body: Mapping[str, Any], name: str) -> str:
    given = body.get(name) or ""
    if not isinstance(given, str) or len(given) > _LONGEST_KEY or "\x00" in given:
        raise BadQuery(_("This is no move of a deal. Reload the board."))
    return given


def _token(given: Any) -> str:
    if not isinstance(given, str) or not _TOKEN.fullmatch(given):
        raise BadQuery(_("The board is out of date. Reload it."))
    return given


def token_of(deal_id: str, entered: datetime | None) -> str:
    """What a page knows a stay in a stage by; since when it lasts is not for everybody to read."""
    said = f"{deal_id} {entered.isoformat() if entered else ''}"
    return hmac.new(str(current_app.secret_key).encode(), said.encode(), hashlib.sha256).hexdigest()[:32]


def act(session: Session, may: May, pipeline_id: str, asked: Asked) -> Done:
    """Move the deal. Raises Forbidden, ForeignCountry, NotFound, MovedMeanwhile, NeedsReason, NeedsFields,
    StageOfOtherPipeline, WrongPlace, Unprocessable."""
    if not may.moves:
        raise Forbidden
    look = may.look
    deal = deal_in(may, pipeline_id, asked.deal)
    if not may_change(session, look.viewer, Deal, deal.id):
        raise ForeignCountry
    stage = stage_of(session, look.viewer, asked.stage)
    lock(session, deal)
    seen = deal.stage_entered_at if token_of(deal.id, deal.stage_entered_at) == asked.seen else _EARLIER
    before = session.get(PipelineStage, deal.stage_id)
    undo = _as_it_was(may, deal)
    values = write.may_hold(session, look.screens, look.screen, look.viewer, deal, _typed(may, deal, asked, stage))
    with write.refusing(look.screens, look.screen):
        move_deal(session, deal, stage, seen=seen, above=asked.above, below=asked.below, values=values)
    return Done(deal, stage, before.id if before else "", undo)


def deal_in(may: May, pipeline_id: str, key: str) -> Deal:
    """A deal of this board. Raises NotFound."""
    deal: Deal = query.fetch(may.look.session, may.look.screen, may.look.viewer, key)
    if deal.pipeline_id != pipeline_id:
        raise NotFound(_("This deal is not in this pipeline any more."))
    return deal


def stage_of(session: Session, viewer: Viewer, key: str) -> PipelineStage:
    """Raises NotFound."""
    found = session.scalars(visible(PipelineStage, viewer).where(PipelineStage.id == key)).one_or_none()
    if found is None:
        raise NotFound(_("This stage does not exist any more. Reload the board."))
    return found


def _typed(may: May, deal: Deal, asked: Asked, stage: PipelineStage) -> dict[str, Any]:
    """The values of the fields that a move may bring along, by attribute. Raises Forbidden, Unprocessable."""
    if not asked.values:
        return {}
    if not set(asked.values) <= {*_AS_IT_WAS, *(stage.required_fields or ())}:
        raise Forbidden(_("This cannot be changed together with the stage."))
    if any(not may.writes(name) for name in asked.values):
        raise Forbidden
    form = formpage.form_of(may.look)
    form.fill(formpage.stored_values(deal, form), MultiDict(asked.values))
    form.validate()
    wrong = {name: [str(e) for e in bound.errors] for name, bound in form._fields.items() if bound.errors}
    if found := {name: errors for name, errors in wrong.items() if name in asked.values}:
        raise Unprocessable(found)
    return form.values()


def _as_it_was(may: May, deal: Deal) -> dict[str, str]:
    """Texts of what the move overwrites, as far as the viewer could put them back."""
    fields = may.look.screen.fields
    names = ["probability"] if deal.status in (None, DealStatus.open) else list(_AS_IT_WAS)
    found = {name: fields[name].kind.text(getattr(deal, name)) for name in names if may.writes(name)}
    return {name: text for name, text in found.items() if text}


# The dialog ------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """What is to be said before a deal comes into a stage; `closed` are fields that somebody else has to fill."""

    form: ScreenForm
    names: Sequence[str]
    closed: Sequence[str]
    reasons: Sequence[str]


def question(may: May, deal: Deal, stage: PipelineStage) -> Question | None:
    """None for nothing. Raises Forbidden."""
    if not may.moves:
        raise Forbidden
    look = may.look
    missing = movement.missing_in(deal, stage)
    if stage.is_lost_stage and not (deal.status is DealStatus.lost and (deal.lost_reason or "").strip()):
        missing = [REASON, *missing]
    if not missing:
        return None
    form = formpage.form_of(look)
    form.fill(formpage.stored_values(deal, form))
    may_fill = [n for n in missing if look.screen.right(look.viewer, n) is Right.editable and n in form._fields]
    for name in may_fill:
        form._fields[name].flags.required = True
    formpage.name_pickers(look, form, deal)
    closed = [str(_(look.screen.fields[name].label)) for name in missing if name not in may_fill]
    reasons = reasons_of(look.session, look.viewer, deal, stage) if REASON in may_fill else []
    return Question(form, may_fill, closed, reasons)


def reasons_of(session: Session, viewer: Viewer, deal: Deal, stage: PipelineStage) -> list[str]:
    """The reasons that are given most among the latest lost deals of the same country, in its language. One
    statement."""
    lately = (
        visible(Deal, viewer)
        .with_only_columns(Deal.lost_reason)
        .where(Deal.stage_id == stage.id, Deal.country_code.is_not_distinct_from(deal.country_code))
        .order_by(Deal.board_position.desc())
        .limit(_LATEST)
        .subquery()
    )
    reason = func.trim(lately.c.lost_reason)
    often = select(reason).where(func.length(reason).between(1, 80)).group_by(reason)
    asked = often.order_by(func.count().desc(), reason).limit(_SUGGESTED).execution_options(viewer=viewer)
    return list(session.scalars(asked))
