"""Pregnancies of the customers and the products they chose."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from app.customers.models import CustomerPotentialCase
from app.demo.cast import Family
from app.demo.places import parts
from app.demo.world import World, dice
from app.products.models import CustomerProduct

LOST = {"no_interest": 50, "cancelled": 20, "postponed": 20, "duplicate": 10}
CHANNELS = ("CCP", "CCP+D", "CCAI", "CCAI+D", "CCAE", "CCAE+D", "I")


def load(world: World) -> None:
    """Give every family its case; some clients expect another child."""
    rng = dice("cases")
    for family in world.families:
        _case(world, rng, family)
        if family.story in ("client", "ended", "offered"):
            override = family.offer.collection.on(world.today) if rng.random() < 0.05 else None
            world.add(
                CustomerProduct,
                family.key,
                customer_id=family.id,
                product_id=family.offer.product_id,
                instance_id=family.offer.instance_id,
                billset_id=family.offer.set_id,
                price_override=override,
                notes=rng.choice(family.person.words["deal_notes"]) if rng.random() < 0.15 else None,
                created_at=world.after(rng, family.since, 1, 12),
            )
        grown = family.case_realized and (world.today - family.due).days > 300
        if grown and family.story == "client" and rng.random() < 0.2:
            _next_child(world, rng, family)
    world.flush()


def _due(rng: Random, family: Family) -> dict[str, int]:
    """The expected date; early on many know only the month, few only the year."""
    day = parts("expected_date", family.due)
    chance = rng.random()
    if family.story in ("lead", "lost"):
        if chance < 0.06:
            return {"expected_date_year": day["expected_date_year"]}
        if chance < 0.25:
            day.pop("expected_date_day")
        elif chance < 0.30:
            return {}
    return day


def _case(world: World, rng: Random, family: Family) -> None:
    who, said = family.person, family.person.words
    status = "realized" if family.case_realized else "in_progress"
    if family.story == "lost":
        status = rng.choices(list(LOST), list(LOST.values()))[0]
    doctors = [one for one in world.partners if one.place.id == family.place.id and "doctor" in one.kind]
    twins = rng.random() < 0.03
    entered = world.after(rng, family.since, 0, 1)
    contacted = world.after(rng, family.since, 0, 10)
    family.case_id = world.add(
        CustomerPotentialCase,
        family.key,
        customer_id=family.id,
        case_status=status,
        **_due(rng, family),
        hospital_id=family.place.id if rng.random() < 0.85 or family.case_realized else None,
        obstetrician_id=rng.choice(doctors).id if doctors and rng.random() < 0.6 else None,
        is_multiple_pregnancy=twins,
        child_count=2 if twins else 1,
        **(_father(world, rng, family) if rng.random() < 0.7 else {}),
        product_id=family.offer.product_id if rng.random() < 0.9 else None,
        product_type=rng.choice(said["product_types"]) if rng.random() < 0.5 else None,
        payment_type=rng.choice(said["payment_types"]) if rng.random() < 0.6 else None,
        gift_voucher=f"GIFT-{rng.randrange(1000, 9999)}" if rng.random() < 0.06 else None,
        **parts("contact_date", contacted.date()),
        existing_contracts=rng.choice(said["existing"]) if rng.random() < 0.08 else None,
        recruiting=rng.choice(said["recruiting"]) if rng.random() < 0.5 else None,
        sales_channel=rng.choice(CHANNELS),
        info_source=rng.choice(said["info_sources"]) if rng.random() < 0.8 else None,
        marketing_action=rng.choice(said["marketing_actions"]) if rng.random() < 0.25 else None,
        marketing_code=f"{who.country}{family.since:%y%m}" if rng.random() < 0.15 else None,
        newsletter_opt_in=family.consents.get("newsletter", False),
        notes=rng.choice(said["case_notes"]) if rng.random() < 0.2 else None,
        created_at=entered,
        updated_at=world.after(rng, entered, 3, 120),
    )


def _father(world: World, rng: Random, family: Family) -> dict[str, Any]:
    wife = family.person
    shared = world.people.husband_name(family.country, wife.last) if rng.random() < 0.75 else None
    who = world.people.person(rng, family.country, female=False, ages=(24, 46), city=wife.city, last=shared)
    together = rng.random() < 0.85
    return {
        "father_first_name": who.first,
        "father_last_name": who.last,
        "father_mobile": who.mobile if rng.random() < 0.8 else None,
        "father_phone": who.phone if rng.random() < 0.15 else None,
        "father_email": who.email if rng.random() < 0.5 else None,
        "father_title_before": "Ing." if family.country in ("SK", "CZ") and rng.random() < 0.15 else None,
        "father_street": wife.street if together else who.street,
        "father_city": wife.city.name,
        "father_postal_code": wife.city.postcode,
        "father_region": wife.city.region,
        "father_country": family.country,
    }


def _next_child(world: World, rng: Random, family: Family) -> None:
    said = family.person.words
    heard = world.ago(rng, 3, 40)
    world.add(
        CustomerPotentialCase,
        f"{family.key}-next",
        customer_id=family.id,
        case_status="in_progress",
        **parts("expected_date", world.today + timedelta(days=rng.randrange(30, 180))),
        hospital_id=family.place.id,
        product_id=family.offer.product_id,
        existing_contracts=rng.choice(said["existing"]),
        **parts("contact_date", heard.date()),
        sales_channel="I",
        info_source=rng.choice(said["info_sources"]),
        newsletter_opt_in=family.consents.get("newsletter", False),
        created_at=heard,
    )
