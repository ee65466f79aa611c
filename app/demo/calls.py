"""Telephone calls: those of campaigns, of everyday work, and those that nobody answered."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.demo.access import system_user_id
from app.demo.cast import Family
from app.demo.world import World, dice
from app.settings.models import CallLog

EVERYDAY = 260
MISSED = 30
STATUS = {
    "answered": "completed",
    "voicemail": "no_answer",
    "no_answer": "no_answer",
    "busy": "busy",
    "failed": "failed",
}


def load(world: World) -> None:
    rng = dice("calls")
    for campaign in world.campaigns:
        for contact in campaign["contacts"]:
            for started, ended, seconds, outcome in contact["sessions"]:
                _call(
                    world,
                    rng,
                    contact["family"],
                    started,
                    ended=ended,
                    talked=seconds - 8 if outcome == "answered" else 0,
                    user=contact["operator"].id,
                    status=STATUS[outcome],
                    campaign_id=campaign["id"],
                    campaign_contact_id=contact["id"],
                )
    for turn in range(EVERYDAY + MISSED):
        family = rng.choice(world.families)
        started = max(world.growing(rng), world.after(rng, family.since, 0, 40))
        if turn >= EVERYDAY:
            ended = started + timedelta(seconds=rng.randrange(12, 35))
            _call(
                world,
                rng,
                family,
                started,
                ended=ended,
                user=system_user_id(),
                inbound=True,
                status="no_answer",
            )
            continue
        status = rng.choices(("completed", "no_answer", "busy", "failed", "cancelled"), (70, 15, 7, 3, 5))[0]
        talked = rng.randrange(30, 720) if status == "completed" else 0
        who = world.colleague(family.country, turn, "operator", "sales")
        inbound = status == "completed" and rng.random() < 0.4
        ended = started + timedelta(seconds=8 + talked)
        _call(
            world,
            rng,
            family,
            started,
            ended=ended,
            talked=talked,
            user=who.id,
            inbound=inbound,
            status=status,
        )
    world.flush()


def _call(
    world: World,
    rng: Random,
    family: Family,
    started: datetime,
    *,
    ended: datetime,
    user: str,
    status: str,
    talked: int = 0,
    inbound: bool = False,
    **links: Any,
) -> None:
    """It rings for eight seconds before somebody answers. A call cannot end in the future."""
    late = max(ended - world.now, timedelta(0))
    started, ended = started - late, ended - late
    reference = f"{rng.getrandbits(64):016x}"
    world.add(
        CallLog,
        f"{family.key}-{reference}",
        user_id=user,
        customer_id=family.id,
        phone_number=family.person.mobile,
        direction="inbound" if inbound else "outbound",
        status=status,
        started_at=started,
        answered_at=ended - timedelta(seconds=talked) if talked else None,
        ended_at=ended,
        duration_seconds=talked,
        sip_call_id=f"{reference}@sip.indexus.example",
        notes=rng.choice(family.person.words["call_notes"][:4]) if talked and rng.random() < 0.5 else None,
        metadata_=json.dumps({"codec": rng.choice(("opus", "PCMA")), "server": "sip.indexus.example"}),
        created_at=started,
        **links,
    )
