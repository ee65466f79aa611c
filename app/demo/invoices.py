"""Invoices of signed contracts: numbered without gaps in the order of issue, each range for itself."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import update

from app.billing.models import Invoice, InvoiceItem, NumberRange
from app.demo.cast import Family
from app.demo.offer import share
from app.demo.products import YEARLY_EUROS
from app.demo.world import World, dice, row_id

UNPAID_LATELY, UNPAID_LONG = 0.2, 0.03  # of those whose due date passed, the last three months and before
DIGITS = 6


def load(world: World) -> None:
    """A collection is invoiced after signing, storage after the birth, the yearly fee from then on."""
    rng = dice("invoices")
    bills = [bill for family in world.families for bill in _bills(world, rng, family)]
    used: Counter[tuple[str, int]] = Counter()
    for bill in sorted(bills, key=lambda bill: (bill["issued"], bill["key"])):
        family, year = bill["family"], bill["issued"].year
        used[family.country, year] += 1
        bill["number"] = f"{family.country}{year % 100}{used[family.country, year]:0{DIGITS}}"
        _write(world, rng, bill)
    world.flush()
    for (country, year), last in used.items():
        ranged = update(NumberRange).where(NumberRange.id == row_id(NumberRange, f"{country}-{year}-invoice"))
        world.session.execute(ranged.values(last_number_used=last, updated_at=world.now))


def _bills(world: World, rng: Random, family: Family) -> list[dict[str, Any]]:
    contract = family.contract
    signed = contract["times"].get("signed") if contract else None
    if contract is None or signed is None:
        return []
    collection, storage = contract["lines"]
    bills = [(world.after(rng, signed, 0.1, 4), [(collection["text"], collection["net"])])]
    if family.case_realized:
        birth = datetime.combine(family.due, time(9, tzinfo=UTC))
        stored = world.after(rng, max(birth, signed), 5, 16)
        lines = [(storage["text"], storage["net"])]
        if family.offer.kind == "premium":
            yearly = family.person.words["products"]["yearly"]
            lines.append((yearly, world.markets[family.country].price(YEARLY_EUROS)))
        if stored < world.now - timedelta(minutes=2):
            bills.append((stored, lines))
        again = birth + timedelta(days=372)
        if again < world.now and family.story == "client":
            yearly = family.person.words["products"]["yearly"]
            bills.append(
                (
                    world.office_hour(rng, again.date()),
                    [(yearly, world.markets[family.country].price(YEARLY_EUROS))],
                )
            )
    return [
        {"key": f"{family.key}-{turn}", "family": family, "issued": issued, "lines": lines}
        for turn, (issued, lines) in enumerate(bills)
    ]


def _write(world: World, rng: Random, bill: dict[str, Any]) -> None:
    family, issued, lines = bill["family"], bill["issued"], bill["lines"]
    company = world.companies[family.country]
    term = company["default_payment_term"]
    due = datetime.combine(issued.date() + timedelta(days=term), time(tzinfo=UTC))
    rate = world.markets[family.country].vat_on(issued.date())
    subtotal = sum((amount for _, amount in lines), Decimal(0))
    tax = share(subtotal, rate)
    age = world.now - issued
    if due.date() < world.today:
        lately = (world.today - due.date()).days < 90
        status = "overdue" if rng.random() < (UNPAID_LATELY if lately else UNPAID_LONG) else "paid"
    elif age > timedelta(days=3) and rng.random() < 0.5:
        status = "paid"
    else:
        status = "generated" if age < timedelta(days=2) else "sent"
    invoice = world.add(
        Invoice,
        bill["key"],
        invoice_number=bill["number"],
        customer_id=family.id,
        subtotal=subtotal,
        vat_rate=rate,
        vat_amount=tax,
        total_amount=subtotal + tax,
        currency=family.offer.currency,
        status=status,
        payment_term_days=term,
        due_date=due,
        generated_at=issued,
        pdf_path=f"invoices/{family.country}/{issued.year}/{bill['number']}.pdf",
        billing_company_name=company["company_name"],
        billing_address=company["address"],
        billing_city=company["city"],
        billing_tax_id=company["tax_id"],
        billing_bank_name=company["bank_name"],
        billing_bank_iban=company["bank_iban"],
        billing_bank_swift=company["bank_swift"],
    )
    for order, (text, amount) in enumerate(lines):
        world.add(
            InvoiceItem,
            f"{bill['key']}-{order}",
            invoice_id=invoice,
            product_id=family.offer.product_id,
            description=text,
            quantity=1,
            unit_price=amount,
            line_total=amount,
        )
