"""Rules to begin with: each fills the form, nothing is saved before somebody says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.pipeline.models import PipelineStage

_LIKELY = 50  # percent: from here on an offer is out in most pipelines


@dataclass(frozen=True)
class Starter:
    key: str
    name: str
    icon: str
    trigger: str
    trigger_config: dict[str, Any]
    act: str
    action_config: dict[str, Any]


def starters(stages: Sequence[PipelineStage] = ()) -> tuple[Starter, ...]:
    """In the language of whoever is about to choose one."""
    return (
        Starter(
            "lead", _("Call every new lead"), "phone", "deal_created", {}, "create_activity",
            {"type": "call", "subject": _("First call: %(name)s", name="{customer_name}"), "due_in_days": 1},
        ),
        Starter(
            "offer", _("Follow up an offer after 3 days"), "mail-forward", "stage_changed",
            {"stage_id": _offer_stage(stages)}, "create_activity",
            {"type": "call", "subject": _("Follow up the offer: %(name)s", name="{customer_name}"), "due_in_days": 3},
        ),
        Starter(
            "rotting", _("Remind on rotting deals"), "clock", "deal_rotting", {}, "create_activity",
            {"type": "task", "subject": _("Nothing happens with “%(title)s”", title="{deal_title}"),
             "priority": "high"},
        ),
        Starter(
            "thanks", _("Thank-you e-mail after winning"), "mail", "deal_won", {}, "send_email",
            {"to": "customer", "purpose": "service", "subject": _("Thank you for your trust"),
             "body": _("Dear %(name)s,\n\nthank you for choosing us. We will be in touch shortly with what happens "
                       "next.\n\n%(owner)s", name="{customer_name}", owner="{owner_name}")},
        ),
        Starter(
            "large", _("Reassign large deals"), "users", "deal_created",
            {"conditions": [{"field": "value", "op": "ge", "value": 3000}]}, "assign_owner", {},
        ),
    )  # fmt: skip


def starter(key: str, stages: Sequence[PipelineStage]) -> Starter | None:
    return next((one for one in starters(stages) if one.key == key), None)


def _offer_stage(stages: Sequence[PipelineStage]) -> str:
    """The first open stage that an offer is likely to stand in; "" where there is none."""
    return next(
        (one.id for one in stages
         if not one.is_won_stage and not one.is_lost_stage and (one.probability or 0) >= _LIKELY),
        "",
    )  # fmt: skip
