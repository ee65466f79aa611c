"""Campaigns with their rules, operators, contacts, attempts and daily results."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.campaigns.models import (
    Campaign,
    CampaignContact,
    CampaignContactHistory,
    CampaignContactSession,
    CampaignMetricsSnapshot,
    CampaignOperatorSettings,
    CampaignSchedule,
    CampaignTemplate,
)
from app.demo.cast import Colleague, Family
from app.demo.words import words
from app.demo.world import World, dice

MAX_ATTEMPTS = 3
MAX_CONTACTS = 60
CAMPAIGNS = (
    # key, name, type, status, countries, first and last day from today, goal in percent
    ("sk-spring", "Jarná kampaň – nerozhodnuté rodiny", "sales", "completed", ("SK",), -240, -180, 20),
    ("cz-spring", "Jarní kampaň – nerozhodnuté rodiny", "sales", "completed", ("CZ",), -230, -170, 20),
    ("sk-due", "Blížiaci sa pôrod SK", "follow_up", "active", ("SK",), -25, 35, 30),
    ("cz-due", "Blížící se porod CZ", "follow_up", "active", ("CZ",), -22, 38, 30),
    ("hu-ro", "Visszahívások / Reapelări", "retention", "active", ("HU", "RO"), -18, 30, 25),
    ("west", "Tissue upgrade IT–DE–CH", "upsell", "paused", ("IT", "DE", "CH"), -60, 20, 15),
    ("us", "Childbirth class follow-up", "marketing", "draft", ("US",), 10, 50, 15),
    ("sk-mothers", "Deň matiek", "marketing", "cancelled", ("SK", "CZ"), -200, -190, 10),
)
TEMPLATES = (
    # name, description, type, countries, default
    ("Undecided families", "Families with an offer who have not answered.", "sales", ("SK", "CZ"), True),
    ("Birth is near", "Due within eight weeks and no contract yet.", "follow_up", ("SK", "CZ", "HU"), True),
    ("Come back", "Families who stopped answering.", "retention", ("HU", "RO"), True),
    ("More than blood", "Clients with cord blood only.", "upsell", ("IT", "DE", "CH"), True),
)
RESULTS = {
    "completed": 30,
    "contacted": 15,
    "not_interested": 20,
    "no_answer": 15,
    "failed": 8,
    "callback_scheduled": 12,
}
FAILED_CALLS = ("no_answer", "busy", "voicemail")
REACHED = ("completed", "contacted", "not_interested", "callback_scheduled")


def load(world: World) -> None:
    """Fill `world.campaigns`; each knows its contacts for the calls and deals that follow."""
    rng = dice("campaigns")
    manager = world.colleagues[1]
    for name, description, kind, countries, default in TEMPLATES:
        world.add(
            CampaignTemplate,
            name,
            name=name,
            description=description,
            type=kind,
            country_codes=list(countries),
            criteria=json.dumps(_criteria(countries)),
            settings=json.dumps({"channel": "phone", "recordCalls": False}),
            script=words(world.markets[countries[0]].language, countries[0])["script"],
            is_default=default,
            created_by=manager.id,
            created_at=world.ago(rng, 300, 700),
        )
    for row in CAMPAIGNS:
        _campaign(world, rng, manager, *row)
    world.flush()


def _criteria(countries: tuple[str, ...]) -> dict[str, Any]:
    return {"country": list(countries), "client_status": ["potential"], "status": ["active", "pending"]}


def _campaign(
    world: World,
    rng: Random,
    manager: Colleague,
    key: str,
    name: str,
    kind: str,
    status: str,
    countries: tuple[str, ...],
    first: int,
    last: int,
    goal: int,
) -> None:
    start = datetime.combine(world.today + timedelta(days=first), time(7, tzinfo=UTC))
    end = datetime.combine(world.today + timedelta(days=last), time(16, tzinfo=UTC))
    created = min(start, world.now) - timedelta(days=9)
    audience = _audience(world, kind, countries, min(start, world.now))
    campaign = world.add(
        Campaign,
        key,
        name=name,
        description=next(
            text for _, text, of, *_ in (*TEMPLATES, ("", "Families met at an event.", kind)) if of == kind
        ),
        type=kind,
        status=status,
        country_codes=list(countries),
        criteria=json.dumps(_criteria(countries)),
        settings=json.dumps({"channel": "phone", "recordCalls": False}),
        script=words(world.markets[countries[0]].language, countries[0])["script"],
        start_date=start,
        end_date=end,
        target_contact_count=max(len(audience), 10),
        conversion_goal=Decimal(goal),
        created_by=manager.id,
        created_at=created,
    )
    world.add(
        CampaignSchedule,
        key,
        campaign_id=campaign,
        working_hours_end="19:00" if kind == "follow_up" else "17:00",
        max_attempts_per_contact=MAX_ATTEMPTS,
        created_at=created,
    )
    operators = [one for one in world.colleagues if one.team == "operator" and set(one.countries) & set(countries)] or [
        world.colleague(countries[0], 0, "sales")
    ]
    for turn, one in enumerate(operators):
        world.add(
            CampaignOperatorSettings,
            f"{key}-{one.username}",
            campaign_id=campaign,
            user_id=one.id,
            workload_weight=(100, 50, 200)[turn % 3],
            max_contacts_per_day=(50, 30)[turn % 2],
            assigned_countries=[country for country in countries if country in one.countries],
            created_at=created,
        )
    entry: dict[str, Any] = {"id": campaign, "key": key, "created": created, "contacts": []}
    world.campaigns.append(entry)
    until = min(end, world.now)
    for family in audience:
        able = [one for one in operators if family.country in one.countries]
        operator = rng.choice(able or operators)
        _contact(world, rng, entry, family, operator, status, start, until)
    if status in ("active", "completed", "paused"):
        _results(world, entry, start, until)


def _audience(world: World, kind: str, countries: tuple[str, ...], start: datetime) -> list[Family]:
    """Those who were known at the start and fit the purpose, the latest first."""
    fits = [
        family
        for family in world.families
        if family.country in countries
        and family.since < start
        and (kind == "upsell") == _is_client(family, start)
        and (kind in ("retention", "upsell") or family.due > start.date())
        and (kind != "retention" or family.story == "lost")
    ]
    return fits[-MAX_CONTACTS:]


def _is_client(family: Family, day: datetime) -> bool:
    signed = family.contract["times"].get("signed") if family.contract else None
    return signed is not None and signed < day


def _contact(
    world: World,
    rng: Random,
    entry: dict[str, Any],
    family: Family,
    operator: Colleague,
    status: str,
    start: datetime,
    until: datetime,
) -> None:
    key = f"{entry['key']}-{family.key}"
    called = status in ("active", "completed", "paused") and rng.random() < (0.95 if status == "completed" else 0.6)
    result = rng.choices(list(RESULTS), list(RESULTS.values()))[0] if called else "pending"
    if result == "callback_scheduled" and status != "active":
        result = "contacted"
    if result == "completed" and family.story == "lost":
        result = "not_interested"
    if result in ("not_interested", "failed") and family.story == "client":
        result = "completed"
    contact: dict[str, Any] = {"id": "", "family": family, "operator": operator, "sessions": [], "result": result}
    attempts = 0
    if result != "pending":
        attempts = MAX_ATTEMPTS if result == "failed" else rng.choice((1, 1, 2, 2, 3))
    moments = _attempts(world, rng, start, until, attempts)
    attempts = len(moments)
    result = result if attempts else "pending"
    callback = world.ahead(rng, 0, 6) if result == "callback_scheduled" else None
    reached = moments[-1] if result in REACHED else None
    remark = rng.choice(family.person.words["call_notes"][:4])
    contact["id"] = world.add(
        CampaignContact,
        key,
        campaign_id=entry["id"],
        customer_id=family.id,
        status=result,
        assigned_to=operator.id if attempts or rng.random() < 0.7 else None,
        notes=remark if reached else None,
        attempt_count=attempts,
        last_attempt_at=moments[-1] if moments else None,
        priority_score=rng.choice((30, 50, 50, 50, 70, 90)),
        callback_date=callback,
        contacted_at=reached,
        completed_at=moments[-1] if result in ("completed", "failed", "not_interested") else None,
        created_at=entry["created"],
        updated_at=moments[-1] if moments else entry["created"],
    )
    entry["contacts"].append(contact)
    before = "pending"
    for turn, moment in enumerate(moments):
        last = turn == len(moments) - 1
        answered = last and reached is not None
        seconds = rng.randrange(45, 540) if answered else rng.randrange(15, 40)
        outcome = "answered" if answered else "failed" if last and result == "failed" else rng.choice(FAILED_CALLS)
        after = result if last else "no_answer"
        ended = moment + timedelta(seconds=seconds)
        contact["sessions"].append((moment, ended, seconds, outcome))
        world.add(
            CampaignContactSession,
            f"{key}-{turn}",
            campaign_contact_id=contact["id"],
            user_id=operator.id,
            started_at=moment,
            ended_at=ended,
            duration_seconds=seconds,
            outcome=outcome,
            notes=remark if answered else None,
            callback_scheduled=last and callback is not None,
            callback_date=callback if last else None,
        )
        if after != before:
            world.add(
                CampaignContactHistory,
                f"{key}-{turn}",
                campaign_contact_id=contact["id"],
                user_id=operator.id,
                action="callback_set" if last and callback else "status_change",
                previous_status=before,
                new_status=after,
                notes=remark if answered and rng.random() < 0.5 else None,
                created_at=ended,
            )
            before = after


def _attempts(world: World, rng: Random, start: datetime, until: datetime, wanted: int) -> list[datetime]:
    """Moments of the campaign, at least a day apart; fewer than wanted when time ran out."""
    found: list[datetime] = []
    span = max((until - start).days - 2 * wanted, 1)
    moment = start + timedelta(days=rng.randrange(span))
    while len(found) < wanted:
        day = moment.date() + timedelta(days=(7 - moment.weekday()) if moment.weekday() > 4 else 0)
        called = datetime.combine(day, time(8, tzinfo=UTC)) + timedelta(minutes=rng.randrange(7 * 60))
        if called > world.now - timedelta(minutes=15):
            break
        found.append(called)
        moment = called + timedelta(days=rng.choice((1, 2, 3)), hours=8)
    return found


def _results(world: World, entry: dict[str, Any], start: datetime, until: datetime) -> None:
    """One row a day for the last two weeks, counted from the attempts made until then."""
    contacts = entry["contacts"]
    for back in range(13, -1, -1):
        day = datetime.combine(until.date() - timedelta(days=back), time(tzinfo=UTC))
        closing = day + timedelta(hours=23, minutes=59)
        if day < start - timedelta(days=1) or closing > world.now:
            continue
        seen: Counter[str] = Counter()
        calls: list[int] = []
        answered = 0
        for contact in contacts:
            made = [session for session in contact["sessions"] if session[0] <= closing]
            calls += [seconds for _, _, seconds, _ in made]
            talked = any(outcome == "answered" for *_, outcome in made)
            answered += talked
            finished = len(made) == len(contact["sessions"]) and bool(made)
            seen["pending"] += not made
            seen["completed"] += finished and contact["result"] == "completed"
            seen["failed"] += finished and contact["result"] in ("failed", "not_interested")
        rate = Decimal(100 * seen["completed"]) / answered if answered else Decimal(0)
        world.add(
            CampaignMetricsSnapshot,
            f"{entry['key']}-{day:%Y%m%d}",
            campaign_id=entry["id"],
            snapshot_date=day,
            total_contacts=len(contacts),
            pending_contacts=seen["pending"],
            contacted_contacts=answered,
            completed_contacts=seen["completed"],
            failed_contacts=seen["failed"],
            total_calls=len(calls),
            successful_calls=answered,
            avg_call_duration_seconds=sum(calls) // len(calls) if calls else 0,
            conversion_rate=rate.quantize(Decimal("0.01")),
            created_at=closing,
        )
