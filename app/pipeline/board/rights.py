"""What somebody may see and do on a board: the rights on deals and their fields, as the board asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flask_babel import gettext as _

from app.core.errors import Forbidden
from app.core.viewer import Right, Viewer
from app.pipeline.rights import PIPELINES, STAGES, names_told
from app.screens.look import Look
from app.screens.query import Screens

DEALS, ACTIVITIES, CASES = "deals", "deal_activities", "customer_potential_cases"


@dataclass(frozen=True)
class May:
    """The rights of one viewer on the board; `look` is at deals."""

    look: Look

    def reads(self, *names: str) -> bool:
        return all(self.look.reads(name) for name in names)

    def writes(self, name: str) -> bool:
        return self.look.screen.right(self.look.viewer, name) is Right.editable

    @property
    def moves(self) -> bool:
        """Whether cards can be moved at all; single ones may still be closed."""
        return self.look.may_edit() and self.writes("stage_id")

    @property
    def adds(self) -> bool:
        return self.look.may_add() and all(self.writes(name) for name in ("title", "stage_id", "pipeline_id"))

    @property
    def sums(self) -> bool:
        return self.reads("value", "currency")

    @property
    def weighs(self) -> bool:
        return self.sums and self.reads("probability")

    @cached_property
    def activities(self) -> bool:
        """Whether cards tell what is to be done next, and whether something was done."""
        there = self.look.at(ACTIVITIES)
        names = ("deal_id", "type", "subject", "due_at", "is_completed", "completed_at")
        return self.look.viewer.sees(there.screen.module) and all(there.reads(name) for name in names)

    @cached_property
    def births(self) -> bool:
        """Whether cards tell that a birth is near."""
        there = self.look.at(CASES)
        names = ("customer_id", "case_status", "expected_date")
        return (
            self.reads("customer_id")
            and self.look.viewer.sees(there.screen.module)
            and all(there.reads(name) for name in names)
        )

    @property
    def rots(self) -> bool:
        """Whether a deal can be called rotting without telling what is hidden."""
        return self.activities and self.reads("stage_entered_at", "status")


def closed(screens: Screens, viewer: Viewer) -> Forbidden | None:
    """Why there is no board for whoever may not know in which stage a deal is, or what stages and pipelines are called;
    None where there is one."""
    deals = screens[DEALS]
    if not viewer.sees(deals.module):
        return Forbidden()
    if not (deals.reads(viewer, "stage_id") and deals.reads(viewer, "pipeline_id")):
        return Forbidden(_("Your role does not show in which stage a deal is, so there is no board."))
    if not names_told(screens, viewer, STAGES):
        return Forbidden(_("Your role does not show the names of stages, so there is no board."))
    if not names_told(screens, viewer, PIPELINES):
        return Forbidden(_("Your role does not show the names of pipelines, so there is no board."))
    return None


def open_to(screens: Screens, viewer: Viewer) -> bool:
    return closed(screens, viewer) is None


def seeing(look: Look) -> May:
    """Raises Forbidden for whom there is no board."""
    if (refused := closed(look.screens, look.viewer)) is not None:
        raise refused
    return May(look)
