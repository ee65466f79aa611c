"""What a country sells and for how much; the arithmetic of lines with VAT."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from app.demo.markets import MARKETS

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def share(amount: Decimal, percent: Decimal | int) -> Decimal:
    """`percent` of an amount, rounded half up to cents."""
    return cents(amount * percent / 100)


@dataclass(frozen=True)
class Price:
    """A list price without VAT: `before` until the day before `raised`, `since` from that day on."""

    before: Decimal
    since: Decimal
    raised: date

    def on(self, day: date) -> Decimal:
        return self.since if day >= self.raised else self.before


@dataclass(frozen=True)
class Offer:
    """A package of one country: a collection and its storage for 20 years."""

    country: str
    kind: str
    product_id: str
    product_name: str
    instance_id: str
    set_id: str
    collection_text: str
    storage_text: str
    collection: Price
    storage: Price

    @property
    def currency(self) -> str:
        return MARKETS[self.country].currency

    def net_on(self, day: date) -> Decimal:
        return self.collection.on(day) + self.storage.on(day)
