"""The service catalogue, the phone system and the switches of each country."""

from __future__ import annotations

import json
from datetime import timedelta

from app.communication.models import GsmSenderConfig
from app.demo.products import PRODUCTS, YEARLY_EUROS
from app.demo.words import words
from app.demo.world import World, row_id
from app.settings.models import CountrySystemSettings, ServiceConfiguration, ServiceInstance, SipSettings

SERVICES = {
    # kind: (EUR, processing days, storage years)
    "blood": (PRODUCTS["blood"][3], 3, None),
    "storage": (PRODUCTS["blood"][4], 5, 20),
    "yearly": (YEARLY_EUROS, None, 1),
}
SENDERS = {"SK": "gText", "CZ": "gText", "HU": "gOwn", "RO": "gSystem", "US": "gShort"}
PHONE_SYSTEMS = (
    # server, in use, days since the last change
    ("sip.indexus.example", True, 12),
    ("sip-old.indexus.example", False, 400),
    ("sip-test.indexus.example", False, 650),
)


def load(world: World) -> None:
    for market in world.markets.values():
        country, said = market.country, words(market.language, market.country)["products"]
        for kind, (euros, days, years) in SERVICES.items():
            key = f"{country}-{kind}"
            world.add(
                ServiceConfiguration,
                key,
                service_code=f"{country}-{kind.upper()}",
                service_name=said[kind],
                description=said["set"].format(name="Cord Blood"),
                country_code=country,
                invoiceable=True,
                collectable=kind == "blood",
                storable=kind != "blood",
                base_price=market.price(euros),
                currency=market.currency,
                vat_rate=market.vat_on(world.today),
                processing_days=days,
                storage_years=years,
                additional_options=json.dumps({"certificate": kind == "storage", "courier": kind == "blood"}),
            )
            world.add(
                ServiceInstance,
                key,
                service_id=row_id(ServiceConfiguration, key),
                name=f"{said[kind]} {world.now.year}",
                from_date=world.today.replace(month=1, day=1),
                invoice_identifier=f"{country}-{kind[:1].upper()}{world.now.year % 100}",
                certificate_template="storage_certificate" if kind == "storage" else None,
                description=said["list_price"],
                billing_details_id=world.companies[country]["id"],
                allow_proforma_invoices=kind == "storage",
                invoicing_period_years=years or 1,
                constant_symbol="0308" if country in ("SK", "CZ") else None,
                accounting_id_offset=1000,
                ledger_account_proforma="324100",
                ledger_account_invoice="602100",
            )
        kind = SENDERS.get(country, "gSystem")
        value = {"gText": "INDEXUS", "gOwn": market.mobile[0].replace("#", "0").replace(" ", "")}.get(kind)
        world.add(GsmSenderConfig, country, country_code=country, sender_id_type=kind, sender_id_value=value)
        world.add(
            CountrySystemSettings,
            country,
            country_code=country,
            system_email_enabled=country != "US",
            system_email_address=f"care.{country.lower()}@indexus.example",
            system_email_display_name=f"INDEXUS {country}",
            system_email_user_id=row_id(CountrySystemSettings, f"{country}-mailbox"),
            system_sms_enabled=country not in ("US", "IT"),
            system_sms_sender_type=kind,
            system_sms_sender_value=value,
        )
    for server, used, days in PHONE_SYSTEMS:
        world.add(
            SipSettings,
            server,
            server=server,
            realm="indexus.example",
            stun_server=f"stun:{server}:3478",
            turn_server=f"turn:{server}:3478",
            turn_username="indexus",
            turn_password=f"turn-{server.split('.')[0]}",
            is_enabled=used,
            updated_at=world.now - timedelta(days=days),
            updated_by=world.colleagues[0].id,
        )
    world.flush()
