"""Deals in every stage, their products and the activities that moved them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.demo import stays
from app.demo.cast import Family
from app.demo.offer import share
from app.demo.world import World, dice, row_id
from app.pipeline.models import Deal, DealActivity, DealProduct
from app.products.models import Product

SOURCES = ("web form", "hospital", "referral", "phone", "campaign", "event")
KINDS = ("call", "call", "email", "email", "meeting", "task", "note")
MINUTES = {"call": 10, "email": 10, "meeting": 45, "task": 20, "note": 5}
WITHOUT_DEAL = 0.12  # some leads have not been taken up yet
UPGRADE_EUROS = 400


def load(world: World) -> None:
    """Every family that was taken up has a deal whose stage fits its story."""
    rng = dice("deals")
    origins = {
        contact["family"].key: (campaign["id"], campaign["created"])
        for campaign in world.campaigns
        for contact in campaign["contacts"]
    }
    for family in world.families:
        if family.story == "lead" and rng.random() < WITHOUT_DEAL:
            continue
        _deal(world, rng, family, "families", _stage(rng, family), family.since, origins)
        grown = family.case_realized and (world.today - family.due).days > 120
        if family.story == "client" and grown and rng.random() < 0.3:
            _second(world, rng, family)
    world.flush()


def _stage(rng: Random, family: Family) -> str:
    match family.story:
        case "client" | "ended":
            return "won"
        case "lost":
            return "lost"
        case "offered":
            return "offer" if family.contract and family.contract["status"] == "draft" else "contract"
    return rng.choices(("new", "contacted", "offer"), (40, 35, 25))[0]


def _second(world: World, rng: Random, family: Family) -> None:
    returning = family.country in ("SK", "CZ", "HU")
    stages = ("new", "offer", "contract", "lost") if returning else ("new", "offer", "won", "lost")
    _deal(
        world,
        rng,
        family,
        "returning" if returning else "upgrade",
        rng.choice(stages),
        world.ago(rng, 4, 60),
        {},
    )


def _deal(
    world: World,
    rng: Random,
    family: Family,
    pipeline: str,
    wanted: str,
    since: datetime,
    origins: dict[str, tuple[str, datetime]],
) -> None:
    key = f"{pipeline}-{family.key}"
    stage = next(stage for stage in world.stages[pipeline] if stage["key"] == wanted)
    said = family.person.words
    created = world.after(rng, since, 0, 2)
    contract = family.contract if pipeline == "families" else None
    if contract:
        created = min(created, contract["created_at"])  # the contract came out of the deal
    signed = contract["times"].get("signed") if contract else None
    closed = None
    if stage["kind"] != "open":
        closed = signed or world.after(rng, created, 6, 50)
    moved = closed or world.after(rng, created, 0, min(30, max(1, (world.now - created).days)))
    campaign = origins.get(family.key)
    products = _products(world, rng, family, pipeline, contract, created)
    value = sum((price - (off or 0) for _, price, off in products), Decimal(0))
    world.add(
        Deal,
        key,
        title=said["deal_title"].format(product=family.offer.product_name, name=family.person.full),
        pipeline_id=stage["pipeline"],
        stage_id=stage["id"],
        customer_id=family.id,
        campaign_id=campaign[0] if campaign and campaign[1] <= created else None,
        contract_instance_id=contract["id"] if contract else None,
        assigned_user_id=family.owner.id,
        value=value,
        currency=family.offer.currency,
        probability=stage["probability"],
        expected_close_date=closed.date() if closed else world.ahead(rng, 3, 45).date(),
        actual_close_date=closed.date() if closed else None,
        status=stage["kind"],
        lost_reason=rng.choice(said["lost_reasons"]) if stage["kind"] == "lost" else None,
        source="campaign" if campaign and campaign[1] <= created else rng.choice(SOURCES[:4]),
        country_code=family.country,
        notes=rng.choice(said["deal_notes"]) if rng.random() < 0.2 else None,
        created_at=created,
        updated_at=moved,
    )
    for order, (product, price, off) in enumerate(products):
        world.add(
            DealProduct,
            f"{key}-{order}",
            deal_id=row_id(Deal, key),
            product_id=product,
            price=price,
            discount=off,
            created_at=created,
        )
    stays.pass_through(world, key, world.stages[pipeline], stage, created, moved, family.owner.id)
    if pipeline == "families":
        family.deal = {"id": row_id(Deal, key), "stage": stage}
    _activities(world, rng, family, key, created, moved, stage["kind"] == "open")


def _products(
    world: World,
    rng: Random,
    family: Family,
    pipeline: str,
    contract: dict[str, Any] | None,
    created: datetime,
) -> list[tuple[str, Decimal, Decimal | None]]:
    """Product, unit price and discount; what a contract says counts."""
    offer, market = family.offer, world.markets[family.country]
    if pipeline == "upgrade":
        return [(row_id(Product, "tissue"), market.price(UPGRADE_EUROS), None)]
    if contract:
        off = sum((line["off"] for line in contract["lines"]), Decimal(0))
        return [(offer.product_id, contract["net"] + off, off or None)]
    price = offer.net_on(created.date())
    rows: list[tuple[str, Decimal, Decimal | None]] = [
        (offer.product_id, price, share(price, 5) if rng.random() < 0.2 else None)
    ]
    if family.country in ("SK", "CZ", "HU", "CH") and rng.random() < 0.15:
        rows.append((row_id(Product, "screening"), market.price(290), None))
    return rows


def _activities(
    world: World, rng: Random, family: Family, key: str, created: datetime, moved: datetime, is_open: bool
) -> None:
    """What was done until the last move; an open deal also has something due or overdue."""
    plan: list[tuple[datetime, bool]] = []
    span = max((moved - created).total_seconds() / 86400, 0.2)
    for _ in range(rng.choice((1, 2, 2, 3))):
        plan.append((world.after(rng, created, 0, span), True))
    if is_open and rng.random() < 0.85:
        recent = (world.now - created).days >= 3
        overdue = recent and rng.random() < 0.35
        today = not overdue and rng.random() < 0.2
        due = (
            world.ago(rng, 1, min(9, (world.now - created).days - 1))
            if overdue
            else world.ahead(rng, 0, 0 if today else 15)
        )
        plan.append((due, False))
    for turn, (due, done) in enumerate(plan):
        kind = rng.choice(KINDS if done else KINDS[:6])
        entered = (
            min(created + timedelta(minutes=5 + turn), world.now) if done else max(created, due - timedelta(days=8))
        )
        entered = min(entered, due, world.now - timedelta(minutes=1))
        remind = due - timedelta(hours=2) if kind in ("call", "meeting") and not done else None
        world.add(
            DealActivity,
            f"{key}-{turn}",
            deal_id=row_id(Deal, key),
            user_id=family.owner.id,
            type=kind,
            subject=rng.choice(family.person.words["activities"][kind]),
            description=rng.choice(family.person.words["deal_notes"]) if rng.random() < 0.25 else None,
            due_at=due,
            completed_at=due if done else None,
            outcome=rng.choice(family.person.words["outcomes"]) if done and kind in ("call", "meeting") else None,
            duration=MINUTES[kind],
            is_completed=done,
            reminder_at=remind,
            reminder_sent=bool(remind and remind < world.now),
            priority=rng.choice(("normal", "normal", "normal", "high", "low", "urgent")),
            created_at=max(created, entered),
        )
