"""Deals that went their ways through two pipelines, with the stays, reasons, sources and activities of real ones."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.types import Country
from app.pipeline.models import DealStay
from tests.conftest import make_user
from tests.dashboards.seeded import rate
from tests.smallest import smallest

SOURCES = ("web form", "Web form ", " WEB  FORM", "hospital", "Referral", None, "", "  ")
REASONS = (
    "Too expensive", "too  expensive", " TOO EXPENSIVE ", "Chose another bank", "No answer",
    *(f"Reason {number}" for number in range(14)),
)  # fmt: skip


def stages_of(session: Session, name: str) -> dict[str, Any]:
    """New, offer, contract, won and lost of a new pipeline."""
    pipeline = smallest(session, "pipelines", name=name, is_default=name == "Families")
    return {
        key: smallest(session, "pipeline_stages", pipeline_id=pipeline.id, name=key.title(), order=order, **more)
        for order, (key, more) in enumerate(
            {
                "new": {"probability": 10},
                "offer": {"probability": 50},
                "lost": {"is_lost_stage": True},
                "contract": {"probability": 80},
                "won": {"probability": 100, "is_won_stage": True},
            }.items()
        )
    }


def sell(session: Session, *, today: date, deals: int = 60, seed: int = 5) -> dict[str, Any]:
    """Two pipelines with their deals; gives the stages of the first."""
    dice = random.Random(seed)
    for code, units in (("CZK", "25"), ("HUF", "400")):
        rate(session, code, today - timedelta(days=400), units)
    first = stages_of(session, "Families")
    pipelines = [first, stages_of(session, "Upgrades")]
    colleagues = [make_user(session, f"seller{seed}{number}") for number in range(3)]
    campaigns = [smallest(session, "campaigns", name=f"C{number}", status="active") for number in range(2)]
    for _number in range(deals):
        stages = dice.choice((first, first, pipelines[1]))
        _deal(session, dice, stages, colleagues, campaigns, today)
    session.commit()
    return first


def _deal(
    session: Session, dice: random.Random, stages: dict[str, Any], people: Any, campaigns: Any, today: date
) -> None:
    noon = datetime.combine(today, datetime.min.time(), tzinfo=UTC) + timedelta(hours=12)
    created = noon - timedelta(days=dice.randint(1, 500), seconds=dice.randint(0, 30_000))
    way = dice.choice(
        (
            ("new",), ("new", "offer"), ("new", "contract"), ("new", "offer", "new"), ("offer", "contract"),
            ("new", "offer", "contract", "won"), ("new", "won"), ("new", "lost"), ("offer", "lost"),
            ("new", "offer", "contract", "won", "contract"), ("lost", "offer", "won"), ("new", "offer", "lost"),
        )
    )  # fmt: skip
    moments = sorted(
        created + timedelta(seconds=dice.randint(60, int((noon - created).total_seconds()))) for _ in way[1:]
    )
    at = [created, *moments]
    last = stages[way[-1]]
    customer = smallest(session, "customers", country=dice.choice(list(Country)))
    deal = smallest(
        session, "deals", customer_id=customer.id, country_code=dice.choice((customer.country, None)),
        stage_id=last.id, pipeline_id=last.pipeline_id, value=Decimal(dice.randint(0, 90_000)) / 10,
        currency=dice.choice(("EUR", "EUR", "CZK", "HUF", "USD", None)), created_at=created,
        source=dice.choice(SOURCES), lost_reason=dice.choice(REASONS) if way[-1] == "lost" else None,
        assigned_user_id=dice.choice((None, *(one.id for one in people))),
        campaign_id=dice.choice((None, *(one.id for one in campaigns))),
        actual_close_date=at[-1].date() if way[-1] in ("won", "lost") else None,
        expected_close_date=dice.choice((None, today + timedelta(days=dice.randint(-200, 400)))),
    )  # fmt: skip
    session.execute(text("DELETE FROM deal_stage_history WHERE deal_id = :deal"), {"deal": deal.id})
    for place, key in enumerate(way):
        session.add(
            DealStay(
                deal_id=deal.id, stage_id=stages[key].id, stage_name=stages[key].name, entered_at=at[place],
                left_at=at[place + 1] if place + 1 < len(at) else None,
            )
        )  # fmt: skip
    session.execute(
        text("UPDATE deals SET stage_entered_at = :at WHERE id = :deal"),
        {"at": at[-1].replace(tzinfo=None), "deal": deal.id},
    )
    for _turn in range(dice.randint(0, 4)):
        done = dice.random() < 0.7
        when = noon - timedelta(days=dice.randint(0, 200))
        smallest(
            session, "deal_activities", deal_id=deal.id, user_id=dice.choice((None, *(one.id for one in people))),
            type=dice.choice(("call", "email", "meeting", "task", "note")), is_completed=done,
            completed_at=when if done else None,
        )  # fmt: skip
