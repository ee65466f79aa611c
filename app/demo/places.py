"""Hospitals, clinics and the doctors and nurses who work with us."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import update

from app.billing.models import BillingCompanyCollaborator
from app.collaborators.models import (
    Collaborator,
    CollaboratorAddresse,
    CollaboratorAgreement,
    CollaboratorOtherData,
)
from app.demo.accounts import account
from app.demo.cast import Partner, Place
from app.demo.identity import company_numbers, folded
from app.demo.markets import City, Market
from app.demo.people import Person
from app.demo.words import words
from app.demo.world import World, dice, row_id
from app.hospitals.models import Clinic, Hospital

KINDS = ("doctor", "doctor", "nurse", "head_nurse", "assistant_doctor", "nurse", "other")
REWARDS = ("collection", "referral", "lecture", "training")
FORMS = {
    "sk": "dohoda o vykonaní práce",
    "cs": "dohoda o provedení práce",
    "hu": "megbízási szerződés",
    "ro": "contract de colaborare",
    "it": "contratto di collaborazione",
    "de": "Honorarvertrag",
    "fr": "contrat de mandat",
    "en": "consulting agreement",
}


def near(rng: Random, city: City) -> dict[str, Decimal]:
    """A point within a few kilometres of the town's middle."""
    return {
        "latitude": Decimal(city.latitude + rng.uniform(-0.03, 0.03)).quantize(Decimal("0.0000001")),
        "longitude": Decimal(city.longitude + rng.uniform(-0.04, 0.04)).quantize(Decimal("0.0000001")),
    }


def parts(prefix: str, day: date | None) -> dict[str, int]:
    """A date as the three columns of a partial date; nothing for no date."""
    if day is None:
        return {}
    return {f"{prefix}_day": day.day, f"{prefix}_month": day.month, f"{prefix}_year": day.year}


def doctor_title(market: Market, who: Person) -> str:
    """How the country addresses a doctor; Italian has a form for women."""
    return "Dott.ssa" if market.country == "IT" and who.female else market.doctor


def load(world: World) -> None:
    """Fill `world.hospitals` and `world.partners`."""
    rng = dice("places")
    for market in world.markets.values():
        for turn, city in enumerate(market.cities):
            names = market.hospitals if turn < 2 else (market.hospitals[turn % len(market.hospitals)],)
            for name in names:
                _hospital(world, rng, market, city, name.format(city=city.name))
            _clinic(world, rng, market, city, market.clinics[turn % len(market.clinics)])
    world.flush()
    for place in [place for places in world.hospitals.values() for place in places]:
        for _ in range(rng.choice((1, 2, 2, 3))):
            _partner(world, rng, place)
    world.flush()
    _found_on_the_road(world)


def _hospital(world: World, rng: Random, market: Market, city: City, name: str) -> None:
    key = f"{market.country}-{len(world.hospitals[market.country]) + 1}"
    staff = world.colleague(market.country, rng.randrange(9), "sales")
    street = world.people.street(market.country, city.language)
    contact = world.people.person(rng, market.country, ages=(30, 60), city=city)
    place = Place(row_id(Hospital, key), name, market.country, city, street)
    world.hospitals[market.country].append(place)
    world.add(
        Hospital,
        key,
        legacy_id=f"H{rng.randrange(1000, 9999)}" if rng.random() < 0.6 else None,
        name=name,
        full_name=name,
        street_number=street,
        representative_id=staff.id,
        city=city.name,
        laboratory_id=world.laboratories[market.country],
        postal_code=city.postcode,
        auto_recruiting=rng.random() < 0.3,
        region=city.region,
        responsible_person_id=staff.id if rng.random() < 0.7 else world.colleagues[1].id,
        country_code=market.country,
        contact_person=contact.full,
        svet_zdravia=market.country == "SK" and rng.random() < 0.3,
        phone=world.people.number(rng, market, mobile=False),
        email=f"{folded(name).replace(' ', '.').replace('..', '.').replace('.-.', '.')}@hospital.example",
        **near(rng, city),
        created_at=world.ago(rng, 500, 729),
    )


def _clinic(world: World, rng: Random, market: Market, city: City, pattern: str) -> None:
    doctor = world.people.person(rng, market.country, ages=(32, 64), city=city)
    name = pattern.format(city=city.name, doctor=f"{doctor_title(market, doctor)} {doctor.full}")
    site = folded(name).replace(" ", "-").replace(".", "")
    world.add(
        Clinic,
        f"{market.country}-{city.name}",
        name=name,
        doctor_name=f"{doctor_title(market, doctor)} {doctor.full}",
        address=doctor.street,
        city=city.name,
        postal_code=city.postcode,
        country_code=market.country,
        phone=world.people.number(rng, market, mobile=False),
        email=f"{folded(doctor.last).replace(' ', '')}@clinic.example",
        website=f"https://{site}.example" if rng.random() < 0.6 else None,
        **near(rng, city),
        is_active=rng.random() > 0.05,
        notes=rng.choice(words(city.language, market.country)["clinic_notes"]) if rng.random() < 0.5 else None,
        created_at=world.ago(rng, 200, 729),
    )


def _partner(world: World, rng: Random, place: Place) -> None:
    kind = rng.choice(KINDS)
    doctor = kind in ("doctor", "assistant_doctor")
    market = world.markets[place.country]
    who = world.people.person(
        rng, place.country, female=not doctor or rng.random() < 0.5, ages=(28, 66), city=place.city
    )
    key = f"{place.country}-{len(world.partners) + 1:03}"
    since = world.ago(rng, 60, 715)
    app = rng.random() < 0.4
    partner = Partner(row_id(Collaborator, key), who, kind, place, since, app)
    world.partners.append(partner)
    private, owns_company = account(place.country, rng), doctor and rng.random() < 0.35
    active = rng.random() > 0.06
    seen = world.ago(rng, 0, 25)
    register, tax, vat = company_numbers(place.country, rng) if owns_company else (None, None, None)
    business = account(place.country, rng) if owns_company else None
    world.add(
        Collaborator,
        key,
        legacy_id=f"{rng.randrange(10000, 99999)}" if rng.random() < 0.5 else None,
        country_code=place.country,
        title_before=doctor_title(market, who) if doctor else who.title,
        first_name=who.first,
        last_name=who.last,
        maiden_name=who.maiden,
        title_after="PhD." if doctor and place.country in ("SK", "CZ") and rng.random() < 0.25 else None,
        birth_number=who.national_id,
        **parts("birth", who.born),
        birth_place=who.city.name,
        health_insurance_id=rng.choice(world.insurers[place.country]),
        marital_status=rng.choice(("married", "married", "single", "divorced", "widowed")),
        collaborator_type=kind,
        phone=who.phone if rng.random() < 0.6 else None,
        mobile=who.mobile,
        mobile_2=world.people.number(rng, market, mobile=True) if rng.random() < 0.1 else None,
        email=who.email,
        bank_account_iban=private.iban,
        swift_code=private.bank.swift if private.iban else None,
        client_contact=rng.random() < 0.4,
        representative_id=world.colleague(place.country, len(world.partners), "sales").id,
        is_active=active,
        svet_zdravia=place.country == "SK" and rng.random() < 0.2,
        company_name=f"{who.last} Medical" if owns_company else None,
        ico=register,
        dic=tax,
        ic_dph=vat or None,
        company_iban=business.iban if business else None,
        company_swift=business.bank.swift if business and business.iban else None,
        month_rewards=rng.random() < 0.4,
        note=rng.choice(who.words["collaborator_notes"]) if rng.random() < 0.4 else None,
        hospital_id=place.id,
        mobile_app_enabled=app and active,
        mobile_username=f"{folded(who.last)}.{key.lower()}".replace(" ", "") if app else None,
        can_edit_hospitals=app and rng.random() < 0.4,
        last_mobile_login=seen if app else None,
        mobile_last_active_at=min(seen + timedelta(minutes=14), world.now) if app else None,
        created_at=since,
        updated_at=seen if app else since,
    )
    _addresses(world, rng, partner, key)
    _agreement(world, rng, partner, key)
    _pensions(world, rng, partner, key)
    world.add(
        BillingCompanyCollaborator,
        key,
        billing_details_id=world.companies[place.country]["id"],
        collaborator_id=partner.id,
        created_at=since,
    )


def _addresses(world: World, rng: Random, partner: Partner, key: str) -> None:
    who, place = partner.person, partner.place
    rows = [("permanent", who.full, who.street), ("work", place.name, place.street)]
    for kind, name, street in rows[: 2 if rng.random() < 0.6 else 1]:
        world.add(
            CollaboratorAddresse,
            f"{key}-{kind}",
            collaborator_id=partner.id,
            address_type=kind,
            name=name,
            street_number=street,
            postal_code=who.city.postcode,
            region=who.city.region,
            country_code=partner.country,
            created_at=partner.since,
        )


def _agreement(world: World, rng: Random, partner: Partner, key: str) -> None:
    if rng.random() < 0.15:
        return
    start = partner.since.date() + timedelta(days=rng.randrange(5, 30))
    # Some have run out, some run out soon, most run on.
    end = rng.choice((start + timedelta(days=365), start + timedelta(days=730), world.today + timedelta(days=20), None))
    if end and end <= start:
        end = start + timedelta(days=365)
    came_back = start + timedelta(days=rng.randrange(4, 21)) if rng.random() < 0.85 else None
    number = f"DOH-{start.year}-{len(world.partners):04}"
    who: Person = partner.person
    dates: dict[str, Any] = parts("valid_from", start) | parts("valid_to", end)
    dates |= parts("agreement_sent", start - timedelta(days=3))
    dates |= parts("agreement_returned", came_back if came_back and came_back < world.today else None)
    form = FORMS[who.language]
    world.add(
        CollaboratorAgreement,
        key,
        collaborator_id=partner.id,
        file_name=f"{number}.pdf",
        file_path=f"agreements/{start.year}/{number}.pdf",
        file_size=rng.randrange(80_000, 900_000),
        file_content_type="application/pdf",
        extracted_text=f"{form} {number}: {world.companies[partner.country]['company_name']}, {who.full}",
        billing_company_id=world.companies[partner.country]["id"],
        contract_number=number,
        **dates,
        is_valid=rng.random() > 0.04,
        agreement_form=form,
        reward_types=rng.sample(REWARDS, rng.randrange(1, 4)),
        created_at=min(partner.since + timedelta(days=2), world.now),
    )


def _pensions(world: World, rng: Random, partner: Partner, key: str) -> None:
    age = (world.today - partner.person.born).days // 365
    if age < 50 and rng.random() > 0.08:
        return
    kind = "old_age_pension" if age >= 62 else rng.choice(("ztp", "disability_pension", "widow_pension"))
    world.add(
        CollaboratorOtherData,
        key,
        collaborator_id=partner.id,
        **parts(kind, world.today - timedelta(days=rng.randrange(100, 2000))),
        created_at=partner.since,
    )


def _found_on_the_road(world: World) -> None:
    """A few hospitals were entered in the mobile app by somebody who works there."""
    for country in ("SK", "CZ", "HU"):
        partner = next(one for one in world.partners if one.country == country and one.app)
        world.session.execute(
            update(Hospital)
            .where(Hospital.id == partner.place.id)
            .values(created_by_collaborator_id=partner.id, updated_at=world.now - timedelta(days=10))
        )
