"""Products, their versions in each country, prices, discounts, VAT and billing sets."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.demo.markets import Market
from app.demo.offer import Offer, Price, share
from app.demo.words import words
from app.demo.world import World, row_id
from app.products.models import (
    InstanceDiscount,
    InstancePaymentOption,
    InstancePrice,
    InstanceVatRate,
    MarketProductInstance,
    MarketProductService,
    PaymentInstallment,
    Product,
    ProductSet,
    ProductSetCollection,
    ProductSetStorage,
)

EVERYWHERE = ("SK", "CZ", "HU", "RO", "IT", "DE", "US", "CH")
PRODUCTS = {
    # kind: (name, description, countries, collection in EUR, storage in EUR)
    "blood": ("Cord Blood", "Collection, processing and storage of cord blood.", EVERYWHERE, 390, 990),
    "tissue": ("Cord Blood & Tissue", "Cord blood and a piece of cord tissue.", EVERYWHERE, 490, 1390),
    "premium": ("Premium", "Cord blood, cord tissue and placenta, tested twice.", EVERYWHERE, 690, 1890),
    "screening": (
        "Newborn Screening",
        "Genetic screening from a drop of blood.",
        ("SK", "CZ", "HU", "CH"),
        290,
        0,
    ),
}
YEARLY_EUROS = 69
RAISE = Decimal("1.04")
PARTS = (40, 20, 20, 20)  # percent of the four instalments
EARLY_PERCENT = 10
RETURNING_EUROS = 50


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(tzinfo=UTC))


def load(world: World) -> None:
    """Fill `world.offers`."""
    for kind, (name, description, countries, _, _) in PRODUCTS.items():
        world.add(Product, kind, name=name, description=description, countries=list(countries))
    world.add(
        Product,
        "mini",
        name="Cord Blood Mini",
        description="Smaller volume, no longer offered.",
        countries=["SK"],
        is_active=False,
    )
    for kind, (_, _, countries, _, _) in PRODUCTS.items():
        for country in countries:
            _instance(world, world.markets[country], kind)
    world.flush()  # a price must find what it prices
    for kind, (_, _, countries, collection, storage) in PRODUCTS.items():
        for country in countries:
            _offer(world, world.markets[country], kind, collection, storage)
    world.flush()


def _instance(world: World, market: Market, kind: str) -> None:
    """The product as the country sells it, with storage once for all years or year by year."""
    key = f"{market.country}-{kind}"
    said = words(market.language, market.country)["products"]
    world.add(
        MarketProductInstance,
        key,
        product_id=row_id(Product, kind),
        country_code=market.country,
        billing_details_id=world.companies[market.country]["id"],
        name=said[kind],
        from_date=midnight(date(world.opened.year, 1, 1)),
        description=PRODUCTS[kind][1],
    )
    if PRODUCTS[kind][4]:
        _service(world, market, f"{key}-storage", key, said, years=20)
        _service(world, market, f"{key}-yearly", key, said, years=1)


def _offer(world: World, market: Market, kind: str, collection: int, storage: int) -> None:
    key = f"{market.country}-{kind}"
    said = words(market.language, market.country)["products"]
    main = _priced(world, market, key, "market", said, collection)
    if not storage:
        return
    stored = _priced(world, market, f"{key}-storage", "service", said, storage)
    _priced(world, market, f"{key}-yearly", "service", said, YEARLY_EUROS)
    offer = Offer(
        country=market.country,
        kind=kind,
        product_id=row_id(Product, kind),
        product_name=PRODUCTS[kind][0],
        instance_id=row_id(MarketProductInstance, key),
        set_id=row_id(ProductSet, key),
        collection_text=said[kind],
        storage_text=said["storage"],
        collection=main,
        storage=stored,
    )
    world.offers[market.country].append(offer)
    _set(world, market, key, offer, said)


def _service(world: World, market: Market, key: str, instance: str, said: dict[str, str], *, years: int) -> None:
    once = years > 1
    world.add(
        MarketProductService,
        key,
        instance_id=row_id(MarketProductInstance, instance),
        name=said["storage" if once else "yearly"],
        from_date=midnight(date(world.opened.year, 1, 1)),
        invoice_identifier=f"{market.country}-{'S20' if once else 'S01'}",
        invoiceable=True,
        collectable=False,
        storable=True,
        certificate_template="storage_certificate" if once else None,
        description=f"{years} years" if once else "Paid every year after the included period.",
        allow_proforma_invoices=once,
        invoicing_period_years=years,
        first_invoice_aliquote=not once,
        constant_symbol="0308" if market.country in ("SK", "CZ") else None,
        start_invoicing="REALIZED",
        accounting_id_offset=1000 if once else 2000,
        ledger_account_proforma="324100",
        ledger_account_invoice="602100" if once else "602200",
    )


def _priced(world: World, market: Market, key: str, of: str, said: dict[str, str], euros: int) -> Price:
    """Prices, VAT, payment options and discounts of a market product or a market service."""
    model = MarketProductInstance if of == "market" else MarketProductService
    target = {"instance_id": row_id(model, key), "instance_type": of}
    raised = date(world.now.year, 1, 1)
    price = Price(market.price(euros), market.price(int(euros * RAISE)), raised)
    opened = date(world.opened.year, 1, 1)
    periods = (
        ("before", price.before, opened, raised - timedelta(days=1)),
        ("since", price.since, raised, None),
    )
    for name, amount, start, end in periods:
        world.add(
            InstancePrice,
            f"{key}-{name}",
            **target,
            country_code=market.country,
            name=f"{said['list_price']} {start.year}",
            accounting_code=f"{market.country}{start.year % 100}",
            analytical_account="602100",
            price=amount,
            currency=market.currency,
            from_date=midnight(start),
            to_date=midnight(end) if end else None,
            created_at=max(world.opened, midnight(start)),
        )
    _taxed(world, market, key, of, target["instance_id"])
    split = of == "market"
    for name in ("once", "split") if split else ("once",):
        option = world.add(
            InstancePaymentOption,
            f"{key}-{name}",
            **target,
            type="bank transfer",
            name=said[name],
            invoice_item_text=said[name],
            analytical_account="311100",
            accounting_code=name.upper(),
            payment_type_fee=market.price(20) if name == "split" else Decimal(0),
            from_date=midnight(opened),
            is_multi_payment=name == "split",
            frequency="quarterly" if name == "split" else None,
            installment_count=len(PARTS) if name == "split" else None,
            calculation_mode="percentage" if name == "split" else None,
            base_price_id=row_id(InstancePrice, f"{key}-since"),
        )
        for number, percent in enumerate(PARTS if name == "split" else (), 1):
            world.add(
                PaymentInstallment,
                f"{key}-{number}",
                payment_option_id=option,
                installment_number=number,
                label=words(market.language, market.country)["instalment"].format(n=number),
                calculation_type="percentage",
                percentage=percent,
                due_offset_months=3 * (number - 1),
            )
    for name in ("early", "returning") if split else ():
        world.add(
            InstanceDiscount,
            f"{key}-{name}",
            **target,
            type="discount",
            name=said[name],
            invoice_item_text=said[name],
            analytical_account="602900",
            accounting_code=name.upper(),
            is_percentage=name == "early",
            percentage_value=Decimal(EARLY_PERCENT) if name == "early" else None,
            is_fixed=name == "returning",
            fixed_value=market.price(RETURNING_EUROS) if name == "returning" else None,
            from_date=midnight(opened),
        )
    return price


def _taxed(world: World, market: Market, key: str, of: str, target: str) -> None:
    starts = [since for since, _ in market.vat]
    for (since, rate), following in zip(market.vat, [*starts[1:], None], strict=True):
        if following and following <= world.opened.date():
            continue
        world.add(
            InstanceVatRate,
            f"{key}-{since}",
            instance_id=target,
            instance_type="market_instance" if of == "market" else "service",
            billing_details_id=world.companies[market.country]["id"],
            category="standard" if rate else "exempt",
            accounting_code=f"V{int(rate)}",
            vat_rate=rate,
            from_date=midnight(since),
            to_date=midnight(following - timedelta(days=1)) if following else None,
            description="Standard rate" if rate else "No sales tax on the service",
            create_as_new_vat=since > world.opened.date(),
            created_at=max(world.opened, midnight(since) - timedelta(days=20)),
        )


def _set(world: World, market: Market, key: str, offer: Offer, said: dict[str, str]) -> None:
    """One billing set as it is sold today; the middle package comes with the early discount."""
    rate = market.vat_on(world.today)
    since = [since for since, _ in market.vat][-1]
    early = offer.kind == "tissue"
    lines: list[dict[str, Any]] = []
    for price, discounted in ((offer.collection, early), (offer.storage, False)):
        listed = price.on(world.today)
        off = share(listed, EARLY_PERCENT) if discounted else Decimal(0)
        tax = share(listed - off, rate)
        lines.append(
            {
                "line_net_amount": listed - off,
                "line_discount_amount": off,
                "line_vat_amount": tax,
                "line_gross_amount": listed - off + tax,
            }
        )
    totals = {
        f"total_{part}_amount": sum(line[f"line_{part}_amount"] for line in lines)
        for part in ("net", "discount", "vat", "gross")
    }
    made = {"product_set_id": offer.set_id, "quantity": 1}
    world.add(
        ProductSet,
        key,
        product_id=offer.product_id,
        country_code=market.country,
        name=said["set"].format(name=offer.product_name),
        from_date=midnight(date(world.now.year, 1, 1)),
        currency=market.currency,
        email_alert_enabled=offer.kind == "premium",
        **totals,
    )
    world.add(
        ProductSetCollection,
        key,
        **made,
        instance_id=offer.instance_id,
        price_id=row_id(InstancePrice, f"{key}-since"),
        payment_option_id=row_id(InstancePaymentOption, f"{key}-{'split' if early else 'once'}"),
        discount_id=row_id(InstanceDiscount, f"{key}-early") if early else None,
        vat_rate_id=row_id(InstanceVatRate, f"{key}-{since}"),
        sort_order=1,
        **lines[0],
    )
    world.add(
        ProductSetStorage,
        key,
        **made,
        service_id=row_id(MarketProductService, f"{key}-storage"),
        price_id=row_id(InstancePrice, f"{key}-storage-since"),
        payment_option_id=row_id(InstancePaymentOption, f"{key}-storage-once"),
        vat_rate_id=row_id(InstanceVatRate, f"{key}-storage-{since}"),
        sort_order=2,
        **lines[1],
    )
