"""VAT on the lines of a contract that comes out of a deal, from the dated rates of the products in their market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select

from app.pipeline.models import DealProduct
from app.products.models import Product
from app.products.queries import vat_rates
from app.screens.look import Look

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Vat:
    """Percent of VAT by product, and why it is not known of others, as sentences. What is not known is never nothing:
    an amount without VAT and one of which nobody knows it are not the same."""

    rates: dict[str, Decimal]
    missing: tuple[str, ...] = ()

    def of(self, product_id: str, net: Decimal) -> tuple[Decimal, Decimal] | None:
        """VAT and sum of a line, in the currency of its amount without VAT; rounded once, half a cent up."""
        rate = self.rates.get(product_id)
        if rate is None:
            return None
        vat = (net * rate / 100).quantize(_CENT, ROUND_HALF_UP)
        return vat, net + vat


def vat_of(look: Look, lines: Sequence[DealProduct], *, country: str, company_id: str, day: date) -> Vat:
    """The rates that count on the day. They go into the contract, where the right on its own fields says who reads
    them, so no right on the table of rates is asked for. Two statements."""
    if not lines:
        return Vat({}, (_("VAT is not filled in, because the deal has no products."),))
    keys = list(dict.fromkeys(line.product_id for line in lines))
    found = vat_rates(look.session, look.viewer, keys, country=country, company_id=company_id, day=day)
    rates = {key: next(iter(known)) for key, known in found.items() if len(known) == 1}
    unclear = [key for key in keys if key not in rates]
    if not unclear:
        return Vat(rates)
    names = {
        row[0]: row[1] for row in look.session.execute(select(Product.id, Product.name).where(Product.id.in_(keys)))
    }
    told = {"country": country, "day": format_date(day, "medium")}
    return Vat(
        rates,
        tuple(
            _(
                "“%(name)s” has several VAT rates in %(country)s on %(day)s, so VAT is not filled in.",
                name=names.get(key, "–"),
                **told,
            )
            if key in found
            else _(
                "“%(name)s” has no VAT rate in %(country)s on %(day)s, so VAT is not filled in.",
                name=names.get(key, "–"),
                **told,
            )
            for key in unclear
        ),
    )
