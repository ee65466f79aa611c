"""What somebody may do with pipelines, as their pages ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.errors import Forbidden
from app.core.scope import may_change
from app.core.types import Country
from app.core.viewer import Right, Viewer
from app.pipeline.models import Pipeline
from app.pipeline.services.arranging import PIPELINES
from app.pipeline.services.removing import DEALS, RULES, STAGES
from app.screens.query import Screens

FLAGS = ("is_won_stage", "is_lost_stage")


@dataclass(frozen=True)
class May:
    """The rights of one viewer. `changes` is whether his countries let him change the pipeline at hand; `new` is for
    one that is only to be."""

    viewer: Viewer
    screens: Screens
    changes: bool = True
    new: bool = False

    @property
    def adds(self) -> bool:
        return self.viewer.may_add(PIPELINES)

    @property
    def edits(self) -> bool:
        return self.adds if self.new else self.viewer.may_edit(PIPELINES) and self.changes

    @property
    def reads_deals(self) -> bool:
        return self.viewer.sees(DEALS)

    @property
    def reads_rules(self) -> bool:
        return self.viewer.sees(RULES)

    def reads(self, *names: str) -> bool:
        return all(self.screens[PIPELINES].reads(self.viewer, name) for name in names)

    def writes(self, *names: str) -> bool:
        rights = (self.screens[PIPELINES].right(self.viewer, name) for name in names)
        return self.edits and all(right is Right.editable for right in rights)

    def reads_stage(self, *names: str) -> bool:
        return all(self.screens[STAGES].reads(self.viewer, name) for name in names)

    def writes_stage(self, *names: str) -> bool:
        return self.edits and self._stage(*names)

    @property
    def adds_stages(self) -> bool:
        return self.adds and self.edits and self._stage("name", "pipeline_id")

    @property
    def reorders(self) -> bool:
        return self.writes_stage("order")

    def _stage(self, *names: str) -> bool:
        return all(self.screens[STAGES].right(self.viewer, name) is Right.editable for name in names)

    @property
    def countries(self) -> list[str]:
        """What a pipeline may be for."""
        known = [country.value for country in Country]
        return known if self.viewer.everywhere else [code for code in known if code in (self.viewer.countries or ())]


def seeing(viewer: Viewer, screens: Screens) -> May:
    """Raises Forbidden for who sees no pipelines at all."""
    if not viewer.sees(PIPELINES):
        raise Forbidden
    return May(viewer, screens)


def at(session: Session, may: May, pipeline: Pipeline) -> May:
    """The same viewer at this pipeline."""
    return May(may.viewer, may.screens, may_change(session, may.viewer, Pipeline, pipeline.id))
