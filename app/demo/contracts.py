"""Contracts in every status, with products, participants, signing and the audit log."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.contracts.models import (
    ContractAuditLog,
    ContractInstance,
    ContractInstanceProduct,
    ContractParticipant,
    ContractSignatureRequest,
    ContractTemplate,
)
from app.demo.cast import Family
from app.demo.drafts import template_key, version_id, wording
from app.demo.offer import share
from app.demo.products import PARTS
from app.demo.world import World, dice, row_id
from app.demo.writing import amount_text, day_text

BROWSERS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
)
# An image of one white point: the smallest valid PNG stands for a drawn signature.
SIGNATURE = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8"
    "/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg=="
)
REACHED = {
    # status: events in the audit log, in order
    "draft": ("created",),
    "sent": ("created", "sent"),
    "pending_signature": ("created", "sent", "viewed", "otp_sent", "otp_verified"),
    "signed": ("created", "sent", "viewed", "otp_sent", "otp_verified", "signed"),
    "completed": ("created", "sent", "viewed", "otp_sent", "otp_verified", "signed", "completed"),
    "expired": ("created", "sent", "viewed"),
    "cancelled": ("created", "updated", "sent", "viewed", "cancelled"),
}
BY_CUSTOMER = ("viewed", "otp_verified", "signed")
REQUESTED = {
    "sent": "sent",
    "pending_signature": "otp_verified",
    "signed": "signed",
    "completed": "signed",
    "expired": "expired",
    "cancelled": "cancelled",
}
LINK_DAYS = 7
SIGNED_ONLY = 5


def load(world: World) -> None:
    """Make a contract where the story has one, and number them by the day they were entered."""
    rng = dice("contracts")
    waiting = []
    # Our own signature is still missing from the latest ones.
    latest = [family.key for family in world.families if family.story == "client"][-SIGNED_ONLY:]
    for family in world.families:
        status = "signed" if family.key in latest else _status(world, rng, family)
        if status:
            waiting.append(_contract(world, rng, family, status))
    numbers: dict[int, int] = {}
    for contract, family in sorted(waiting, key=lambda pair: (pair[0]["created_at"], pair[1].key)):
        year = contract["created_at"].year
        numbers[year] = numbers.get(year, 0) + 1
        contract["contract_number"] = f"ZML-{year}-{numbers[year]:05}"
        _write(world, rng, contract, family)
    world.flush()


def _status(world: World, rng: Random, family: Family) -> str | None:
    # A link must have had its time to expire.
    old = (world.now - family.since).days > 4 * LINK_DAYS
    match family.story:
        case "client":
            return "completed"
        case "ended":
            return "completed"
        case "offered":
            return rng.choice(("draft", "sent", "pending_signature"))
        case "lost":
            return rng.choices(("expired", "cancelled", None), (15, 15, 70))[0] if old else None
    return None


def _contract(world: World, rng: Random, family: Family, status: str) -> tuple[dict[str, Any], Family]:
    """The times follow the audit log: each event a little after the one before."""
    signed = status in ("signed", "completed")
    latest = min(world.now, family.since + timedelta(days=34)) if signed else world.now
    if status in ("sent", "pending_signature"):
        # The link still works, so it went out in the last days.
        created = max(family.since + timedelta(hours=2), world.ago(rng, 1, LINK_DAYS - 2))
    else:
        created = world.after(rng, family.since, 1, 9)
    times: dict[str, datetime] = {}
    moment = created
    for event in REACHED[status]:
        times[event] = moment
        step = timedelta(days=rng.uniform(0.2, 1.2)) if event in ("created", "sent") and signed else timedelta(0)
        moment = min(moment + step + timedelta(minutes=rng.randrange(4, 50)), max(latest, moment))
        moment = min(moment, world.now - timedelta(seconds=5))
    contract = {"status": status, "created_at": created, "times": times}
    family.contract = contract
    return contract, family


def _write(world: World, rng: Random, contract: dict[str, Any], family: Family) -> None:
    status, times, number = contract["status"], contract["times"], contract["contract_number"]
    company, offer, said = world.companies[family.country], family.offer, family.person.words
    who, day = family.person, contract["created_at"].date()
    rate = world.markets[family.country].vat_on(day)
    lines: list[dict[str, Any]] = []
    percent = Decimal(10) if rng.random() < 0.25 else Decimal(0)
    for text, price, discount in (
        (offer.collection_text, offer.collection.on(day), percent),
        (offer.storage_text, offer.storage.on(day), Decimal(0)),
    ):
        off = share(price, discount)
        lines.append({"text": text, "price": price, "percent": discount, "off": off, "net": price - off})
        lines[-1]["vat"] = share(price - off, rate)
    net, vat = (sum((line[part] for line in lines), Decimal(0)) for part in ("net", "vat"))
    contract |= {"lines": lines, "rate": rate, "net": net, "vat": vat, "gross": net + vat, "key": family.key}
    clerk = world.colleague(family.country, int(number[-5:]), "clerk", "sales")
    address = f"{who.street}, {who.city.postcode} {who.city.name}"
    facts = {
        "customer.fullName": who.full,
        "customer.address": address,
        "billing.companyName": company["company_name"],
        "billing.address": f"{company['address']}, {company['city']}",
        "contract.number": number,
        "contract.totalGross": amount_text(net + vat, family.language, family.country),
        "contract.currency": offer.currency,
        "case.dueDate": day_text(family.due, family.language),
    }
    html = wording(family.language, family.country)
    for name, value in facts.items():
        html = html.replace(f"{{{{{name}}}}}", value)
    contract["html"] = html
    signed = times.get("signed")
    cancelled = times.get("cancelled")
    begun = rng.choices(("potential_case", "direct", "quick_contact"), (75, 19, 6))[0]
    contract["id"] = world.add(
        ContractInstance,
        family.key,
        contract_number=number,
        template_id=row_id(ContractTemplate, template_key(family.country, family.language)),
        template_version_id=version_id(world, family.country),
        customer_id=family.id,
        billing_details_id=company["id"],
        initiated_from=begun,
        potential_case_id=family.case_id if begun == "potential_case" else None,
        quick_contact_id=f"QC-{number[-5:]}" if begun == "quick_contact" else None,
        status=status,
        valid_from=signed.date() if signed else None,
        valid_to=_anniversary(signed, 20) if signed else None,
        total_net_amount=net,
        total_vat_amount=vat,
        total_gross_amount=net + vat,
        currency=offer.currency,
        rendered_html=html if status != "draft" else None,
        pdf_path=f"contracts/{family.country}/{number}.pdf" if status != "draft" else None,
        customer_snapshot=json.dumps(
            {"fullName": who.full, "address": address, "email": who.email}, ensure_ascii=False
        ),
        billing_snapshot=json.dumps(
            {
                "companyName": company["company_name"],
                "taxId": company["tax_id"],
                "iban": company["bank_iban"],
            },
            ensure_ascii=False,
        ),
        selected_product_id=offer.kind,
        internal_notes=rng.choice(said["deal_notes"]) if rng.random() < 0.15 else None,
        created_by=clerk.id,
        sent_at=times.get("sent"),
        sent_by=clerk.id if "sent" in times else None,
        signed_at=signed,
        completed_at=times.get("completed"),
        cancelled_at=cancelled,
        cancelled_by=clerk.id if cancelled else None,
        cancellation_reason=rng.choice(said["cancel_reasons"]) if cancelled else None,
        created_at=contract["created_at"],
        updated_at=list(times.values())[-1],
    )
    for order, line in enumerate(lines, 1):
        _line(world, family, contract, line, order)
    _signing(world, rng, contract, family, clerk.name)
    _audit(world, rng, contract, family, clerk)


def _anniversary(day: datetime, years: int) -> Any:
    return (day.date() + timedelta(days=round(365.25 * years))).replace(day=min(day.day, 28))


def _line(world: World, family: Family, contract: dict[str, Any], line: dict[str, Any], order: int) -> None:
    gross = line["net"] + line["vat"]
    plan = [{"number": n, "amount": str(share(gross, percent))} for n, percent in enumerate(PARTS, 1)]
    # The last instalment takes what rounding left over.
    plan[-1]["amount"] = str(gross - sum(share(gross, percent) for percent in PARTS[:-1]))
    world.add(
        ContractInstanceProduct,
        f"{family.key}-{order}",
        contract_id=contract["id"],
        product_set_id=family.offer.set_id,
        product_id=family.offer.product_id,
        product_snapshot=json.dumps({"name": line["text"], "kind": family.offer.kind}, ensure_ascii=False),
        price_snapshot=json.dumps({"price": str(line["price"]), "currency": family.offer.currency}),
        installment_snapshot=json.dumps(plan) if order == 1 else None,
        unit_price=line["price"],
        discount_percent=line["percent"],
        discount_amount=line["off"],
        vat_rate=contract["rate"],
        line_net_amount=line["net"],
        line_vat_amount=line["vat"],
        line_gross_amount=gross,
        sort_order=order,
        created_at=contract["created_at"],
    )


def _signing(world: World, rng: Random, contract: dict[str, Any], family: Family, clerk: str) -> None:
    who, times, status = family.person, contract["times"], contract["status"]
    company, signed = world.companies[family.country], times.get("signed")
    mother = world.add(
        ContractParticipant,
        f"{family.key}-customer",
        contract_id=contract["id"],
        participant_type="customer",
        full_name=who.full,
        email=who.email,
        phone=who.mobile,
        address=f"{who.street}, {who.city.postcode} {who.city.name}",
        personal_id=who.national_id,
        role="signer",
        signature_required=True,
        signed_at=signed,
        created_at=contract["created_at"],
    )
    world.add(
        ContractParticipant,
        f"{family.key}-company",
        contract_id=contract["id"],
        participant_type="billing_company",
        full_name=clerk,
        email=company["email"],
        address=f"{company['address']}, {company['city']}",
        company_id=company["ico"],
        tax_id=company["dic"],
        vat_number=company["vat_number"],
        role="authorized_representative",
        created_at=contract["created_at"],
    )
    if "sent" not in times:
        return
    code = times.get("otp_sent")
    contract["ip"] = f"203.0.113.{rng.randrange(1, 255)}"
    contract["agent"] = rng.choice(BROWSERS)
    world.add(
        ContractSignatureRequest,
        family.key,
        contract_id=contract["id"],
        participant_id=mother,
        signer_name=who.full,
        signer_email=who.email,
        signer_phone=who.mobile,
        verification_method=rng.choice(("email_otp", "email_otp", "sms_otp")),
        otp_expires_at=code + timedelta(minutes=10) if code else None,
        otp_verified_at=times.get("otp_verified"),
        otp_attempts=rng.choice((1, 1, 1, 2)) if code else 0,
        signature_type=rng.choice(("drawn", "typed")) if signed else "drawn",
        signature_data=SIGNATURE if signed else None,
        signature_hash=hashlib.sha256(contract["html"].encode()).hexdigest() if signed else None,
        request_sent_at=times["sent"],
        signed_at=signed,
        signer_ip_address=contract["ip"] if signed else None,
        signer_user_agent=contract["agent"] if signed else None,
        status=REQUESTED[status],
        expires_at=times["sent"] + timedelta(days=LINK_DAYS),
        created_at=times["sent"],
    )


def _audit(world: World, rng: Random, contract: dict[str, Any], family: Family, clerk: Any) -> None:
    previous = None
    statuses = {"created": "draft", "signed": "signed", "otp_verified": "pending_signature"}
    for event, moment in contract["times"].items():
        customer = event in BY_CUSTOMER
        machine = event in ("otp_sent", "completed")
        reached = statuses.get(event, event if event in ("sent", "completed", "cancelled") else previous)
        details = {"number": contract["contract_number"]}
        world.add(
            ContractAuditLog,
            f"{family.key}-{event}",
            contract_id=contract["id"],
            action=event,
            actor_id=None if customer or machine else clerk.id,
            actor_type="customer" if customer else "system" if machine else "user",
            actor_name=family.person.full if customer else "System" if machine else clerk.name,
            actor_email=family.person.email if customer else None if machine else clerk.email,
            ip_address=contract.get("ip") if customer else None if machine else f"192.0.2.{rng.randrange(1, 60)}",
            user_agent=contract.get("agent") if customer else None,
            details=json.dumps(details),
            previous_value=previous if reached != previous else None,
            new_value=reached if reached != previous else None,
            created_at=moment,
        )
        previous = reached
