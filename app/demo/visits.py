"""Visits of collaborators, their voice notes and their phones."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.demo.cast import Partner
from app.demo.places import near
from app.demo.world import World, dice
from app.mobile.models import MobilePushToken, VisitEvent, VoiceNote

PAST = {"completed": 78, "cancelled": 10, "not_realized": 12}
PHONES = (
    ("ios", "iPhone 15"),
    ("ios", "iPhone 13"),
    ("android", "Pixel 8"),
    ("android", "Galaxy S24"),
    ("expo", "Expo Go"),
)
APP_VERSION = "INDEXUS Connect 2.4"
SUBJECTS, PERSONS, PLACES = 12, 7, 6  # how many codes each list has
RECENT_HOURS = 2


def load(world: World) -> None:
    """Only those who use the app report visits."""
    rng = dice("visits")
    users = [partner for partner in world.partners if partner.app]
    for order, partner in enumerate(users):
        phone = PHONES[order % len(PHONES)]
        _device(world, rng, partner, phone, order)
        for turn in range(rng.randrange(3, 10)):
            moment = max(world.growing(rng), world.after(rng, partner.since, 1, 30))
            _visit(
                world,
                rng,
                partner,
                f"{order}-{turn}",
                moment,
                rng.choices(list(PAST), list(PAST.values()))[0],
                phone,
            )
        for turn in range(rng.randrange(0, 3)):
            _visit(world, rng, partner, f"{order}-next-{turn}", world.ahead(rng, 1, 21), "scheduled", phone)
    for order, partner in enumerate(users[:3]):
        started = world.now - timedelta(minutes=12 + 9 * order)
        _visit(world, rng, partner, f"{order}-now", started, "in_progress", PHONES[order])
    world.flush()


def _device(world: World, rng: Random, partner: Partner, phone: tuple[str, str], order: int) -> None:
    token = f"demo-push-{rng.getrandbits(96):024x}"
    used = world.ago(rng, 0, 25)
    world.add(
        MobilePushToken,
        f"{order}",
        collaborator_id=partner.id,
        token=token,
        token_fingerprint=hashlib.sha256(token.encode()).hexdigest(),
        platform=phone[0],
        device_id=f"{rng.getrandbits(64):016X}",
        device_name=phone[1],
        is_active=rng.random() > 0.1,
        last_used_at=max(used, partner.since),
        created_at=partner.since,
        updated_at=max(used, partner.since),
    )


def _visit(
    world: World,
    rng: Random,
    partner: Partner,
    key: str,
    moment: datetime,
    status: str,
    phone: tuple[str, str],
) -> None:
    place, code = partner.place, str(rng.randrange(1, SUBJECTS + 1))
    length = timedelta(minutes=rng.choice((30, 45, 60)))
    if status in PAST:
        # What is over ended before now.
        moment = min(moment, world.now - timedelta(hours=RECENT_HOURS))
    start = moment.replace(minute=moment.minute // 15 * 15, second=0)
    where = near(rng, place.city)
    began = ended = None
    if status == "completed":
        began = start + timedelta(minutes=rng.randrange(0, 9))
        ended = began + length - timedelta(minutes=rng.randrange(0, 12))
    elif status == "in_progress":
        began = moment
    said = partner.person.words
    remark = rng.choice(said["visit_remarks"]) if status == "completed" and rng.random() < 0.8 else None
    planned = start - timedelta(days=rng.randrange(1, 12))
    created = max(min(planned, world.now - timedelta(minutes=3)), partner.since)
    touched = ended or began or created
    spoken = status == "completed" and rng.random() < 0.22
    visit = world.add(
        VisitEvent,
        key,
        collaborator_id=partner.id,
        country_code=partner.country,
        subject=code,
        start_time=start,
        end_time=start + length,
        **where,
        location_address=f"{place.street}, {place.city.name}",
        hospital_id=place.id,
        remark=remark,
        remark_voice_url=f"/voice/{key}.m4a" if spoken else None,
        remark_detail=str(rng.randrange(1, PERSONS + 1)),
        visit_type=code,
        place=str(rng.randrange(1, PLACES + 1)),
        status=status,
        actual_start=began,
        actual_end=ended,
        **_positions(rng, where, began, ended),
        is_cancelled=status == "cancelled",
        is_not_realized=status == "not_realized",
        synced_from_mobile=status != "scheduled" or rng.random() < 0.4,
        mobile_device_info=f"{phone[1]}, {APP_VERSION}" if status != "scheduled" else None,
        created_at=min(created, touched),
        updated_at=touched,
    )
    if spoken and ended:
        _spoken(world, rng, partner, visit, key, ended)


def _positions(
    rng: Random, where: dict[str, Decimal], began: datetime | None, ended: datetime | None
) -> dict[str, Any]:
    """Where the phone was: some tens of metres from the planned place."""
    found: dict[str, Any] = {}
    for name, happened in (("start", began), ("end", ended)):
        if happened:
            for axis in ("latitude", "longitude"):
                shift = Decimal(rng.uniform(-0.0004, 0.0004)).quantize(Decimal("0.0000001"))
                found[f"{name}_{axis}"] = where[axis] + shift
    return found


def _spoken(world: World, rng: Random, partner: Partner, visit: str, key: str, ended: datetime) -> None:
    seconds = rng.randrange(8, 55)
    written = rng.random() < 0.8
    world.add(
        VoiceNote,
        key,
        visit_event_id=visit,
        collaborator_id=partner.id,
        file_path=f"voice/{ended.year}/{key}.m4a",
        file_name=f"note-{ended:%Y%m%d-%H%M}.m4a",
        duration_seconds=seconds,
        file_size=seconds * 8200,
        transcription=rng.choice(partner.person.words["voice"]) if written else None,
        is_transcribed=written,
        transcription_language=partner.person.language if written else None,
        created_at=min(ended + timedelta(minutes=3), world.now),
    )
