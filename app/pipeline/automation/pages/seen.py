"""What somebody may do with automation rules, and which of them, with their pipelines, he may know of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.errors import Forbidden, NotFound
from app.core.scope import changeable, may_change
from app.core.viewer import Right, Viewer, current_viewer, visible
from app.pipeline.models import AutomationRule, Pipeline, PipelineStage
from app.pipeline.rights import names_told
from app.screens import atlas
from app.screens.query import Screens

MODULE, DEALS = "automation_rules", "deals"
LONGEST_KEY = 100
_SAID = ("pipeline_id", "name", "trigger_type", "trigger_config", "action_type", "action_config")
"""What a rule says about itself: hidden in part, a rule could not be read as a sentence."""


@dataclass(frozen=True)
class May:
    """The rights of one viewer on automation rules; countries come on top of them, rule by rule."""

    viewer: Viewer

    @property
    def adds(self) -> bool:
        return self.viewer.may_add(MODULE) and self._fills(_SAID)

    @property
    def edits(self) -> bool:
        return self.viewer.may_edit(MODULE) and self._fills(_SAID)

    @property
    def switches(self) -> bool:
        return self.viewer.may_edit(MODULE) and self._fills(("is_active",))

    @property
    def orders(self) -> bool:
        return self.viewer.may_edit(MODULE) and self._fills(("position",))

    @property
    def reads_deals(self) -> bool:
        return self.viewer.sees(DEALS)

    def _fills(self, names: Sequence[str]) -> bool:
        screen = atlas.known()[MODULE]
        return all(screen.right(self.viewer, name) is Right.editable for name in names)


def seeing_rules() -> May:
    """Raises Forbidden for whom there are none."""
    viewer = current_viewer()
    if not open_to(atlas.known(), viewer):
        raise Forbidden
    return May(viewer)


def open_to(screens: Screens, viewer: Viewer) -> bool:
    """Whether somebody has automation rules and may read all that one says, names of stages included."""
    reads = all(screens[MODULE].reads(viewer, name) for name in _SAID)
    return viewer.sees(MODULE) and reads and names_told(screens, viewer)


def rule_of(session: Session, viewer: Viewer, key: str) -> AutomationRule:
    """Raises NotFound."""
    asked = visible(AutomationRule, viewer).where(AutomationRule.id == key[:LONGEST_KEY])
    rule = session.scalars(asked).one_or_none()
    if rule is None:
        raise NotFound
    return rule


def own_rule(session: Session, viewer: Viewer, rule: AutomationRule) -> bool:
    """Whether the viewer's countries let him change the rule."""
    return may_change(session, viewer, AutomationRule, rule.id)


def pipelines(session: Session, viewer: Viewer) -> Sequence[Pipeline]:
    """Those the viewer may know of, the one that deals come into by themselves first."""
    asked = visible(Pipeline, viewer).order_by(
        Pipeline.is_active.desc(), Pipeline.is_default.desc(), Pipeline.name, Pipeline.id
    )
    return session.scalars(asked).all()


def open_pipelines(session: Session, viewer: Viewer, known: Sequence[Pipeline]) -> set[str]:
    """Keys of those that the viewer's countries let him give rules to."""
    return set(changeable(session, viewer, Pipeline, [one.id for one in known]))


def stages_of(session: Session, viewer: Viewer, pipeline_id: str) -> Sequence[PipelineStage]:
    """From left to right."""
    asked = visible(PipelineStage, viewer).where(PipelineStage.pipeline_id == pipeline_id)
    return session.scalars(asked.order_by(PipelineStage.order, PipelineStage.name, PipelineStage.id)).all()
