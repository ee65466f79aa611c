"""Customers: who they are, how their story goes, and what the scoring rules make of them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from app.customers.models import Customer, CustomerConsent, CustomerNote, LeadScoringCriterion
from app.demo.accounts import account
from app.demo.cast import Family
from app.demo.identity import identity_card
from app.demo.markets import Market
from app.demo.world import World, dice, row_id

STORIES_BEFORE_BIRTH = {"lead": 50, "offered": 26, "client": 16, "lost": 8}
STORIES_AFTER_BIRTH = {"client": 50, "lost": 43, "ended": 7}
CLIENT_STATUS = {"client": "acquired", "ended": "terminated"}
CONSENTS = {
    # type: (legal basis, how many are asked for it, how many of these agree)
    "data_processing": ("consent", 1.0, 1.0),
    "marketing_email": ("consent", 0.8, 0.75),
    "marketing_sms": ("consent", 0.6, 0.7),
    "newsletter": ("consent", 0.5, 0.7),
    "third_party_sharing": ("legitimate_interests", 0.45, 1.0),
    "profiling": ("consent", 0.2, 0.6),
    "automated_decisions": ("consent", 0.08, 0.5),
}
CRITERIA = (
    # name, description, category, field, condition, value, points, country
    ("Mobile number known", "Can be reached at once.", "profile", "mobile", "not_empty", None, 15, None),
    ("Personal number known", "Ready for a contract.", "profile", "national_id", "not_empty", None, 20, None),
    ("Account known", "Payment can be agreed.", "profile", "bank_account", "not_empty", None, 20, None),
    ("Reads the newsletter", "Stays in touch.", "engagement", "newsletter", "equals", "true", 15, None),
    ("Wants blood and tissue", "Larger package.", "behavior", "service_type", "equals", "both", 15, None),
    (
        "Works with us",
        "Cooperation agreed.",
        "engagement",
        "cooperation_type_id",
        "not_empty",
        None,
        10,
        None,
    ),
    ("Record closed", "Not worth a call.", "behavior", "status", "equals", "inactive", -40, None),
    (
        "Lives in Bratislava",
        "Courier on the same day.",
        "demographic",
        "city",
        "contains",
        "Bratislava",
        5,
        "SK",
    ),
    ("Lives in Prague", "Courier on the same day.", "demographic", "city", "contains", "Praha", 5, "CZ"),
)
HOT, WARM = 60, 35


def load(world: World) -> None:
    """Fill `world.families`, oldest first."""
    rng = dice("families")
    for name, description, category, field, condition, value, points, country in CRITERIA:
        world.add(
            LeadScoringCriterion,
            name,
            name=name,
            description=description,
            category=category,
            field=field,
            condition=condition,
            value=value,
            points=points,
            country_code=country,
        )
    for market in world.markets.values():
        for number in range(1, market.families + 1):
            world.families.append(_family(world, rng, market, number))
    world.families.sort(key=lambda family: (family.since, family.key))
    for family in world.families:
        _consents(world, rng, family)
        _customer(world, rng, family)
    for family in world.families:
        _notes(world, rng, family)
    world.flush()


def _family(world: World, rng: Random, market: Market, number: int) -> Family:
    key = f"{market.country}-{number:03}"
    person = world.people.person(rng, market.country)
    since = world.growing(rng)
    due = since.date() + timedelta(days=rng.randrange(55, 215))
    chances = STORIES_AFTER_BIRTH if due < world.today else STORIES_BEFORE_BIRTH
    story = rng.choices(list(chances), list(chances.values()))[0]
    if story in ("client", "offered") and (world.now - since).days < 6:
        story = "lead"
    nearby = [place for place in world.hospitals[market.country] if place.city == person.city]
    family = Family(
        id=row_id(Customer, key),
        key=key,
        person=person,
        story=story,
        since=since,
        due=due,
        owner=world.colleague(market.country, number, "sales"),
        place=rng.choice(nearby or world.hospitals[market.country]),
        offer=rng.choices(world.offers[market.country], (45, 35, 20))[0],
    )
    family.case_realized = story in ("client", "ended") and due < world.today
    return family


def _customer(world: World, rng: Random, family: Family) -> None:
    who, market = family.person, world.markets[family.country]
    signed = family.story in ("client", "ended")
    bank = account(family.country, rng)
    pays = signed and rng.random() < 0.75
    elsewhere = rng.random() < 0.08
    other = world.people.person(rng, family.country, ages=(50, 65)) if elsewhere else None
    status = "active"
    if family.story == "ended" or (family.story == "lost" and rng.random() < 0.7):
        status = "inactive"
    elif (family.story == "lead" and rng.random() < 0.25) or family.story == "lost":
        status = "pending"
    values: dict[str, Any] = {
        "internal_id": f"{rng.randrange(100000, 999999)}" if rng.random() < 0.2 else None,
        "title_before": who.title,
        "first_name": who.first,
        "last_name": who.last,
        "maiden_name": who.maiden,
        "title_after": "PhD." if who.title == "Mgr." and rng.random() < 0.3 else None,
        "phone": who.mobile if rng.random() < 0.8 else who.phone,
        "mobile": who.mobile if rng.random() < 0.92 else None,
        "mobile_2": world.people.number(rng, market, mobile=True) if rng.random() < 0.1 else None,
        "other_contact": who.phone if rng.random() < 0.04 else None,
        "email": who.email,
        "email_2": f"work.{who.email}" if rng.random() < 0.1 else None,
        "national_id": who.national_id if rng.random() < (0.95 if signed else 0.3) else None,
        "id_card_number": identity_card(family.country, rng) if signed and rng.random() < 0.8 else None,
        "date_of_birth": datetime.combine(who.born, time(tzinfo=UTC)) if signed or rng.random() < 0.5 else None,
        "newsletter": family.consents.get("newsletter", False),
        "country": family.country,
        "city": who.city.name,
        "address": who.street,
        "postal_code": who.city.postcode,
        "region": who.city.region,
        "use_correspondence_address": elsewhere,
        "bank_account": bank.iban if pays else None,
        "bank_code": bank.bank.code if pays and bank.iban else None,
        "bank_name": bank.bank.name if pays and bank.iban else None,
        "bank_swift": bank.bank.swift if pays and bank.iban else None,
        "health_insurance_id": rng.choice(world.insurers[family.country]) if rng.random() < 0.6 else None,
        "complaint_type_id": _sometimes(world, rng, "complaint_types", family, 0.05),
        "cooperation_type_id": _sometimes(world, rng, "cooperation_types", family, 0.06),
        "vip_status_id": _sometimes(world, rng, "vip_statuses", family, 0.05),
        "client_status": CLIENT_STATUS.get(family.story, "potential"),
        "status": status,
        "service_type": "cord_blood" if family.offer.kind == "blood" else "both",
        "notes": _remark(rng, family) if rng.random() < 0.2 else None,
        "assigned_user_id": family.owner.id if rng.random() < 0.93 else None,
    }
    if rng.random() < 0.03 and values["service_type"] == "both":
        values["service_type"] = "cord_tissue"
    if other:
        values |= {
            "corr_name": other.full,
            "corr_address": other.street,
            "corr_city": other.city.name,
            "corr_postal_code": other.city.postcode,
            "corr_region": other.city.region,
            "corr_country": family.country,
        }
    score = lead_score(values)
    world.add(
        Customer,
        family.key,
        **values,
        lead_score=score,
        lead_score_updated_at=world.after(rng, family.since, 0, 20),
        lead_status="qualified"
        if family.story in ("client", "offered", "ended")
        else ("hot" if score >= HOT else "warm" if score >= WARM else "cold"),
        created_at=family.since,
    )


def lead_score(customer: dict[str, Any]) -> int:
    """The sum of the points of all rules that match, from 0 to 100."""
    total = 0
    for _, _, _, field, condition, value, points, country in CRITERIA:
        found = customer.get(field)
        written = str(found).lower() if isinstance(found, bool) else str(found or "")
        matches = {
            "not_empty": bool(written),
            "equals": written == value,
            "contains": bool(value) and str(value) in written,
        }[condition]
        if matches and country in (None, customer["country"]):
            total += points
    return max(0, min(100, total))


def _sometimes(world: World, rng: Random, table: str, family: Family, chance: float) -> str | None:
    return rng.choice(world.lookups[f"{table}-{family.country}"]) if rng.random() < chance else None


def _remark(rng: Random, family: Family) -> str:
    return str(rng.choice(family.person.words["notes"])).format(hospital=family.place.name)


def _consents(world: World, rng: Random, family: Family) -> None:
    """One row per purpose that was asked about; a withdrawn one no longer counts as granted."""
    clerk = world.colleague(family.country, int(family.key[-3:]), "clerk", "operator")
    for kind, (basis, asked, agree) in CONSENTS.items():
        if rng.random() > asked:
            continue
        granted = rng.random() < agree
        contract = kind == "data_processing" and family.story in ("client", "ended")
        revocable = basis == "consent" and not contract
        given = world.after(rng, family.since, 0, 3)
        revoked = granted and revocable and kind != "data_processing" and rng.random() < 0.1
        source = rng.choice(("web_form", "phone", "email", "in_person")) if not contract else "signed_document"
        withdrawn = world.after(rng, given, 5, 200) if revoked else None
        family.consents[kind] = granted and not revoked
        world.add(
            CustomerConsent,
            f"{family.key}-{kind}",
            customer_id=family.id,
            consent_type=kind,
            legal_basis="contract" if contract else basis,
            purpose=family.person.words["consents"][kind],
            granted=granted and not revoked,
            granted_at=given if granted else None,
            granted_by_user_id=clerk.id if granted and source != "web_form" else None,
            revoked_at=withdrawn,
            revoked_by_user_id=clerk.id if revoked else None,
            revoke_reason=rng.choice(family.person.words["revoke_reasons"]) if revoked else None,
            expires_at=given + timedelta(days=3 * 365) if granted and kind.startswith("marketing") else None,
            source=source,
            document_reference=f"ZML/{family.key}" if contract else None,
            created_at=given,
            updated_at=withdrawn or given,
        )


def _notes(world: World, rng: Random, family: Family) -> None:
    written = family.since
    for turn in range(rng.choice((0, 1, 1, 2, 2, 3))):
        written = world.after(rng, written, 1, 35)
        author = family.owner if rng.random() < 0.6 else world.colleague(family.country, turn + rng.randrange(5))
        world.add(
            CustomerNote,
            f"{family.key}-{turn}",
            customer_id=family.id,
            user_id=author.id,
            content=_remark(rng, family),
            created_at=written,
        )
