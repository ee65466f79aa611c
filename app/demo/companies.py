"""Billing companies with accounts, couriers, number ranges, layouts and templates."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.billing.models import (
    BillingCompanyAccount,
    BillingCompanyAuditLog,
    BillingCompanyCourier,
    BillingCompanyLaboratory,
    BillingDetails,
    InvoiceLayout,
    InvoiceTemplate,
    NumberRange,
)
from app.demo.accounts import Account, account
from app.demo.identity import company_numbers
from app.demo.markets import Market
from app.demo.words import words
from app.demo.world import World, dice, row_id

SECOND_LANGUAGES = {"CH": ("fr",)}
# Foreign families sometimes pay in euros: these companies keep a second account for it.
EURO_ACCOUNTS = ("CZ", "HU", "RO", "CH")
COURIERS = {
    "SK": ("Rýchly kuriér", "Zdravotná preprava Tatry"),
    "CZ": ("Kurýr 24", "Zdravotní přeprava Morava"),
    "HU": ("Duna Futár",),
    "RO": ("Curier Carpați",),
    "IT": ("Corriere Adria",),
    "DE": ("Kurier Nord",),
    "US": ("Lakeside Medical Courier",),
    "CH": ("Alpenkurier",),
}
LAYOUT = {"blocks": ["header", "seller", "buyer", "items", "totals", "payment", "footer"], "columns": 12}


def load(world: World) -> None:
    """Fill `world.companies`, one per country."""
    rng = dice("companies")
    for place, market in enumerate(world.markets.values()):
        bank = account(market.country, rng)
        company = _company(world, rng, market, place, bank)
        world.companies[market.country] = company
        world.add(BillingDetails, market.country, **company)
        _bank_accounts(world, rng, market, company, bank)
        for name in COURIERS[market.country]:
            world.add(
                BillingCompanyCourier,
                name,
                billing_details_id=company["id"],
                name=name,
                phone=world.people.number(rng, market, mobile=False),
                email=f"dispatch.{market.country.lower()}@courier.example",
                description="Pick-ups from maternity wards around the clock.",
            )
        world.add(
            BillingCompanyLaboratory,
            market.country,
            billing_details_id=company["id"],
            laboratory_id=world.laboratories[market.country],
        )
        _ranges(world, market, company)
        _prints(world, market)
    retired = _company(world, rng, world.markets["SK"], 20, account("SK", rng)) | {
        "company_name": "INDEXUS Servis s. r. o.",
        "full_name": "INDEXUS Servis, spoločnosť s ručením obmedzeným",
        "code": "SK2",
        "invoice_barcode_letter": "Z",
        "is_default": False,
        "is_active": False,
    }
    retired.pop("id", None)
    world.add(BillingDetails, "SK2", **retired)
    _history(world)
    world.flush()


def _company(world: World, rng: Random, market: Market, place: int, bank: Account) -> dict[str, Any]:
    home = market.cities[0]
    country = market.country
    register, tax, vat = company_numbers(country, rng)
    street = world.people.street(country, home.language)
    seat = {"street": street, "city": home.name, "postal_code": home.postcode, "area": home.region}
    terms = [14, 30] if country in ("DE", "CH", "US") else [7, 14, 30]
    values: dict[str, Any] = {
        f"{kind}_{part}": value for kind in ("postal", "residency") for part, value in seat.items()
    }
    for kind in ("postal", "residency"):
        values |= {f"{kind}_name": market.company, f"{kind}_country": country}
    return values | {
        "id": row_id(BillingDetails, country),
        "country_code": country,
        "country_codes": [country],
        "code": country,
        "entity_code": f"{100 + place}",
        "invoice_barcode_letter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place],
        "company_name": market.company,
        "full_name": market.company,
        "address": street,
        "city": home.name,
        "postal_code": home.postcode,
        "tax_id": vat or tax,
        "bank_name": bank.bank.name,
        "bank_iban": bank.iban or bank.number,
        "bank_swift": bank.bank.swift,
        "vat_rate": market.vat_on(world.today),
        "currency": market.currency,
        "payment_terms": terms,
        "default_payment_term": 14,
        "phone": world.people.number(rng, market, mobile=False),
        "email": f"office.{country.lower()}@indexus.example",
        "ico": register,
        "dic": tax,
        "vat_number": vat or None,
        "web_from_email": f"web.{country.lower()}@indexus.example",
        "cover_letter_to_email": f"letters.{country.lower()}@indexus.example",
        "default_language": market.language,
        "sent_collection_kit_to_client": country != "US",
        "allow_manual_payment_insert": True,
        "uid_is_mandatory": country in ("DE", "CH"),
        "allow_empty_child_name_in_collection": country != "HU",
        "is_default": True,
    }


def _bank_accounts(world: World, rng: Random, market: Market, company: dict[str, Any], main: Account) -> None:
    rows = [(market.currency, main, True)]
    if market.country in EURO_ACCOUNTS:
        rows.append(("EUR", account(market.country, rng), True))
    if market.country in ("SK", "DE"):
        rows.append((market.currency, account(market.country, rng), False))
    for turn, (currency, held, default) in enumerate(rows):
        world.add(
            BillingCompanyAccount,
            f"{market.country}-{turn}",
            billing_details_id=company["id"],
            currency=currency,
            name=f"{market.country} {currency} {'main' if default else 'reserve'}",
            bank_name=held.bank.name,
            account_number=held.number,
            account_bank_code=held.bank.code,
            iban=held.iban,
            swift=held.bank.swift,
            valid_from_day=1,
            valid_from_month=1,
            valid_from_year=world.opened.year - 1,
            is_default=default,
            description="Payments of families" if default else "Reserve, not printed unless chosen",
        )


def _ranges(world: World, market: Market, company: dict[str, Any]) -> None:
    """`last_number_used` is raised when the invoices are made."""
    for year in range(world.opened.year, world.now.year + 1):
        for kind, letter in (("invoice", ""), ("proforma", "P")):
            prefix = f"{market.country}{letter}{year % 100}"
            world.add(
                NumberRange,
                f"{market.country}-{year}-{kind}",
                name=f"{words(market.language)['invoice']['standard' if kind == 'invoice' else 'proforma']} {year}",
                country_code=market.country,
                billing_details_id=company["id"],
                year=year,
                type=kind,
                prefix=prefix,
                digits_to_generate=6,
                accounting_code=f"{'311' if kind == 'invoice' else '324'}{year % 100}",
                is_active=year == world.now.year,
                created_at=min(world.now, max(world.opened, datetime(year, 1, 2, 8, tzinfo=UTC))),
            )


def _prints(world: World, market: Market) -> None:
    for compact in (False, True):
        world.add(
            InvoiceLayout,
            f"{market.country}-{compact}",
            name=f"{market.country} {'compact' if compact else 'standard'}",
            country_code=market.country,
            is_default=not compact,
            layout_config=json.dumps(LAYOUT | {"compact": compact}),
            paper_size="Letter" if market.country == "US" else "A4",
            font_size=8 if compact else 10,
        )
    for language in (market.language, *SECOND_LANGUAGES.get(market.country, ())):
        said = words(language, market.country)
        for kind in ("standard", "proforma", "credit_note"):
            title = said["invoice"][kind]
            world.add(
                InvoiceTemplate,
                f"{market.country}-{language}-{kind}",
                name=f"{title} ({language})",
                description=f"{market.country}, {language}",
                country_code=market.country,
                language_code=language,
                is_default=True,
                template_type=kind,
                header_html=f"<h1>{title}</h1><p>{market.company}</p>",
                footer_html=f"<p>{said['invoice']['footer']}</p>",
                show_vat=market.country != "US",
                show_payment_qr=market.country not in ("US", "HU") and kind == "standard",
                payment_instructions=said["invoice"]["pay"] if kind != "credit_note" else None,
                legal_text=said["invoice"]["legal"],
            )


def _history(world: World) -> None:
    """What was changed on the companies; the new value is the one they have now."""
    rng = dice("company history")
    admin = world.colleagues[0]
    for company in world.companies.values():
        created = world.opened + timedelta(hours=2)
        world.add(
            BillingCompanyAuditLog,
            f"{company['code']}-create",
            billing_details_id=company["id"],
            user_id=admin.id,
            field_name="company_name",
            new_value=company["company_name"],
            change_type="create",
            created_at=created,
        )
        changes = [("default_payment_term", "30", "14"), ("phone", None, company["phone"])]
        market = world.markets[company["country_code"]]
        previous = [rate for since, rate in market.vat if world.opened.date() < since <= world.today]
        if previous:
            changes.append(("vat_rate", str(market.vat_on(world.opened.date())), str(Decimal(company["vat_rate"]))))
        for field, old, new in changes:
            world.add(
                BillingCompanyAuditLog,
                f"{company['code']}-{field}",
                billing_details_id=company["id"],
                user_id=rng.choice(world.colleagues[:2]).id,
                field_name=field,
                old_value=old,
                new_value=new,
                created_at=world.ago(rng, 20, 600),
            )
