"""A stage goes, and its deals go into another one: a few within the request, very many by a worker.

All or nothing. As long as a worker has it in hand the stage takes no deals
(`PipelineStage.going`), and whoever changes his mind keeps it: then what was
moved so far is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.communication.models import EmailMetadata
from app.core.errors import DomainError
from app.core.events import publish
from app.core.types import new_key, utc_now
from app.core.viewer import SYSTEM, Viewer
from app.pipeline.errors import NotPossibleYet
from app.pipeline.events import StageRemovalAsked
from app.pipeline.guard_pipelines import naming
from app.pipeline.models import AutomationRule, DealField, DealStatus, PipelineStage
from app.pipeline.rules import movement
from app.pipeline.rules.stages import MOST_DEALS
from app.pipeline.services import following
from app.screens import write
from app.screens.fields import choice_label
from app.screens.look import Look
from app.screens.query import Screens

STAGES, DEALS, RULES = "pipeline_stages", "deals", "automation_rules"
_EYES = {"viewer": SYSTEM}


class StageKept(DomainError):
    """Somebody has decided to keep the stage meanwhile."""

    status = 409

    def default(self) -> str:
        return _("The stage was kept after all, so no deal was moved.")


@dataclass(frozen=True)
class Removal:
    """A stage that goes. Its deals go to the stage `target` (a key of a draft); `reason` is for those that are lost
    thereby; `switch_off` agrees that automation rules which name it are switched off."""

    key: str
    target: str = ""
    reason: str = ""
    switch_off: bool = False


@dataclass
class Done:
    """What came of it; `later` are the stages that a worker removes."""

    moved: int = 0
    switched_off: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)


def remove(
    session: Session, screens: Screens, viewer: Viewer, stage: PipelineStage, removal: Removal,
    rows: Mapping[str, PipelineStage], done: Done,
) -> None:  # fmt: skip
    """Let a stage go, its deals first. Raises TooManyDeals, DealsElsewhere, Forbidden, InUse."""
    if following.held_by(session, stage.id):
        done.moved += following.move_all(session, stage, rows[removal.target], reason=removal.reason.strip())
    for rule in _active(session, stage):
        write.put(session, screens, screens[RULES], viewer, rule, {"is_active": False}, None)
        rule.disabled_at = utc_now()
        rule.disabled_reason = _("The stage “%(name)s”, which the rule names, was removed.", name=stage.name)
        done.switched_off.append(rule.name)
    session.flush()  # rules are off before the stage that they name is gone
    keep_names(session, [stage])
    write.erase(session, screens[STAGES], viewer, stage, None)
    session.flush()


def hindrances(
    session: Session, viewer: Viewer, stage: PipelineStage, removal: Removal, rows: Mapping[str, PipelineStage]
) -> dict[str, list[str]]:
    """What keeps the stage, by field of its removal."""
    found: dict[str, list[str]] = {}
    count = following.held_by(session, stage.id)
    target = rows.get(removal.target)
    if count and not viewer.may_edit(DEALS):
        found["target"] = [_("Deals stand in this stage, and you may not move deals.")]
    elif count and (not removal.target or target is None):
        found["target"] = [_("Choose where its deals go.")]
    elif count and target is not None and target.going:
        found["target"] = [movement.closing(target)]
    elif count and target is not None:
        labels = {one.value: _(choice_label(DealField, one.value)) for one in DealField}
        lacking = following.lacking_for(session, viewer, stage.id, target.required_fields or ())
        if lacking:
            found["target"] = list(following.sentences(lacking, target.name, labels))
        if movement.status_in(target) is DealStatus.lost and not removal.reason.strip():
            unsaid = following.without_reason(session, stage.id)
            if unsaid:
                found["reason"] = [reason_asked(unsaid)]
    rules = _active(session, stage)
    if rules and not removal.switch_off:
        found["rules"] = [_("Agree that these rules are switched off, or keep the stage.")]
    elif rules and not viewer.may_edit(RULES):
        found["rules"] = [_("You may not switch off automation rules. Ask somebody who may.")]
    return found


def reason_asked(count: int) -> str:
    """What is said where a reason is missing."""
    said: str = ngettext("Say why this deal is lost.", "Say why these %(num)s deals are lost.", count)
    return said


def _active(session: Session, stage: PipelineStage) -> list[AutomationRule]:
    return [rule for rule in naming(session, [stage.id]) if rule.is_active is not False]


def keep_names(session: Session, stages: Sequence[PipelineStage]) -> None:
    """What was found out about e-mails keeps the name of a stage that goes; the database empties the key itself."""
    for stage in stages:
        named = update(EmailMetadata).where(
            EmailMetadata.ai_pipeline_stage_id == stage.id, EmailMetadata.ai_pipeline_stage_name.is_(None)
        )
        session.execute(
            named.values(ai_pipeline_stage_name=stage.name), execution_options={**_EYES, "synchronize_session": False}
        )


# By a worker -----------------------------------------------------------------------


def takes_long(session: Session, stage: PipelineStage) -> bool:
    """Whether more deals stand in the stage than move within a request."""
    return following.held_by(session, stage.id) > MOST_DEALS


def put_off(session: Session, viewer: Viewer, stage: PipelineStage, removal: Removal, target: PipelineStage) -> None:
    """Have the stage removed by a worker, with the rights of the viewer; it takes no deals from now on."""
    batch = new_key()
    stage.going = {
        "batch": batch, "by": viewer.user_id, "to": target.id,
        "reason": removal.reason, "switch_off": removal.switch_off,
    }  # fmt: skip
    session.flush()
    publish(session, StageRemovalAsked(batch, stage.id, viewer.user_id or ""))


def carry_out(look: Look, stage_id: str, batch_id: str, progress: Callable[[int], None]) -> int:
    """Remove a stage that was put off; gives how many deals were moved, and tells it as it goes.

    The stage is held only at the end, so that nobody else waits: few deals can have come meanwhile, past the doors.
    Raises StageKept, NotPossibleYet, DealsElsewhere, Forbidden, InUse; the caller's transaction is to be undone then.
    """
    session, done = look.session, Done()
    stage, removal, rows = _going(look, stage_id, batch_id)
    _demand_free(look, stage, removal, rows)
    for moved in following.move_in_turn(session, stage, rows[removal.target], reason=removal.reason.strip()):
        done.moved += moved
        progress(done.moved)
        _going(look, stage_id, batch_id)
    session.execute(select(PipelineStage.id).where(PipelineStage.id == stage_id).with_for_update())
    stage, removal, rows = _going(look, stage_id, batch_id)
    _demand_free(look, stage, removal, rows)
    remove(session, look.screens, look.viewer, stage, removal, rows, done)
    return done.moved


def keep(session: Session, stage_id: str, *, batch_id: str | None = None) -> None:
    """The stage takes deals again and stays; with `batch_id`, where that batch was to remove it."""
    kept = update(PipelineStage).where(PipelineStage.id == stage_id).values(going=None)
    if batch_id is not None:
        kept = kept.where(PipelineStage.going["batch"].astext == batch_id)
    session.execute(kept, execution_options={**_EYES, "synchronize_session": False})
    session.expire_all()


def _going(look: Look, stage_id: str, batch_id: str) -> tuple[PipelineStage, Removal, dict[str, PipelineStage]]:
    """The stage as it is now, how it is to be removed, and where its deals go. Raises StageKept."""
    stage = look.session.get(PipelineStage, stage_id, populate_existing=True)
    if stage is None or not stage.going or stage.going["batch"] != batch_id:
        raise StageKept
    told = stage.going
    target = look.session.get(PipelineStage, told["to"])
    found = {target.id: target} if target is not None and target.pipeline_id == stage.pipeline_id else {}
    return stage, Removal(stage.id, told["to"], told["reason"], told["switch_off"]), found


def _demand_free(look: Look, stage: PipelineStage, removal: Removal, rows: Mapping[str, PipelineStage]) -> None:
    """Raises NotPossibleYet for what keeps the stage."""
    said = hindrances(look.session, look.viewer, stage, removal, rows)
    if said:
        raise NotPossibleYet(" ".join(sentence for sentences in said.values() for sentence in sentences))
