"""What makes sense as the stages of a pipeline: kinds, colours, limits, and sets of stages to begin with."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext as _

from app.pipeline.models import PipelineStage

MOST_STAGES = 30
"""Of one pipeline: more columns than that are no board any more."""
MOST_DEALS = 20_000
"""That change their stage or status together, within one request."""

PALETTE = (
    "#64748b", "#3b82f6", "#0891b2", "#0d9488", "#16a34a", "#a16207", "#d97706", "#ea580c", "#dc2626", "#db2777",
    "#8b5cf6", "#6d6af0",
)  # fmt: skip
"""Colours that are seen on the light and on the dark ground (3:1 at least)."""
GREY = "#968c90"  # for what is no colour
_HEX = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")


class Kind(enum.StrEnum):
    """What deals in a stage are."""

    open = "open"
    won = "won"
    lost = "lost"


def kind_of(stage: PipelineStage) -> Kind:
    if stage.is_won_stage:
        return Kind.won
    return Kind.lost if stage.is_lost_stage else Kind.open


def drawn_color(text: str | None) -> str:
    """The colour as it may stand in a style; whatever is no hex code is grey."""
    return text if text and _HEX.fullmatch(text) else GREY


def lacking(kinds: Collection[Kind]) -> list[str]:
    """What a pipeline with stages of these kinds cannot do, as sentences."""
    if not kinds:
        return [_("There are no stages yet, so no deal can be added.")]
    said = {
        Kind.open: _("There is no open stage, so new deals have no place to begin."),
        Kind.won: _("There is no won stage, so no deal can be won."),
        Kind.lost: _("There is no lost stage, so deals that came to nothing stay open."),
    }
    return [sentence for kind, sentence in said.items() if kind not in kinds]


# To begin with ----------------------------------------------------------------


@dataclass(frozen=True)
class Planned:
    """A stage of a template. `chance` is in percent, `days` until a deal in it rots."""

    name: str
    color: str
    chance: int
    days: int | None = None
    kind: Kind = Kind.open
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """A pipeline to begin with, in the language of the viewer."""

    key: str
    name: str
    description: str
    stages: tuple[Planned, ...]


def templates() -> tuple[Template, ...]:
    won = Planned(_("Won"), "#16a34a", 100, None, Kind.won)
    lost = Planned(_("Lost"), "#dc2626", 0, None, Kind.lost)
    return (
        Template(
            "families",
            _("New families"),
            _("From the first contact to the signed contract."),
            (
                Planned(_("New lead"), "#64748b", 10, 7),
                Planned(_("Contacted"), "#3b82f6", 25, 10),
                Planned(_("Offer sent"), "#8b5cf6", 50, 14),
                Planned(_("Contract sent"), "#d97706", 80, 7),
                won,
                lost,
            ),
        ),
        Template(
            "returning",
            _("Returning families"),
            _("Families who stored with us before."),
            (
                Planned(_("Expecting again"), "#64748b", 30, 14),
                Planned(_("Offer with discount"), "#8b5cf6", 60, 14),
                Planned(_("Contract sent"), "#d97706", 85, 7),
                won,
                lost,
            ),
        ),
        Template(
            "upgrade",
            _("Upgrades"),
            _("Clients who may add tissue, screening or more years."),
            (
                Planned(_("Interested"), "#64748b", 20, 20),
                Planned(_("Offer sent"), "#8b5cf6", 50, 20),
                won,
                lost,
            ),
        ),
        Template(
            "hospital",
            _("Hospitals"),
            _("From the first visit of a hospital to the signed cooperation."),
            (
                Planned(_("To be visited"), "#64748b", 10, 30),
                Planned(_("Visited"), "#3b82f6", 25, 30),
                Planned(_("Terms discussed"), "#0891b2", 45, 21),
                Planned(_("Agreement with lawyers"), "#8b5cf6", 70, 21),
                Planned(_("To be signed"), "#d97706", 90, 14),
                won,
                lost,
            ),
        ),
        Template(
            "blank", _("Blank"), _("One open stage, won and lost."), (Planned(_("New"), "#64748b", 10), won, lost)
        ),
    )


def template_called(key: str) -> Template | None:
    return next((one for one in templates() if one.key == key), None)
