"""The products of a deal, and what a product costs in its country and currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_

from app.core.errors import Unprocessable
from app.core.viewer import visible
from app.pipeline.deal.forms import fills, writes
from app.pipeline.models import Deal, DealProduct
from app.pipeline.rules.movement import day_of
from app.products.models import InstancePrice, InstancePriceInstanceType, MarketProductInstance
from app.products.queries import valid_on
from app.screens import query
from app.screens.cells import money_text
from app.screens.look import Look

LINES = "deal_products"
FIELDS = ("product_id", "quantity", "price", "discount")
MOST = 200


@dataclass(frozen=True)
class LineOfDeal:
    """One product as it is read; amounts are texts in the deal's currency, "" where they are not told."""

    id: str
    name: str
    quantity: str
    price: str
    discount: str
    total: str


@dataclass(frozen=True)
class Lines:
    """`total` is the sum of all lines. `adds` and `writes` say what this viewer may do with them."""

    rows: tuple[LineOfDeal, ...]
    total: str
    adds: bool
    writes: bool
    shown: frozenset[str]


def lines_of(deals: Look, deal: Deal, *, may_change: bool) -> Lines | None:
    """None for who may not know the products of deals. One statement."""
    look = deals.at(LINES)
    if not look.viewer.sees(look.screen.module) or not look.reads("deal_id"):
        return None
    shown = frozenset(name for name in FIELDS if look.reads(name))
    name = query.name_of(look.screens, "products", DealProduct.product_id, look.viewer)
    asked = visible(DealProduct, look.viewer).add_columns(name).where(DealProduct.deal_id == deal.id)
    found = look.session.execute(asked.order_by(DealProduct.created_at, DealProduct.id).limit(MOST)).all()
    currency = str(deal.currency or "") if deals.reads("currency") else ""
    rows = tuple(_line(row, called, shown, currency) for row, called in found)
    total = sum((sum_of(row.quantity, row.price, row.discount) for row, _name in found), Decimal())
    told = shown >= {"quantity", "price", "discount"}
    return Lines(
        rows=rows,
        total=money_text(max(total, Decimal()), currency) if told and rows else "",
        adds=may_change and fills(look, "deal_id", "product_id"),
        writes=may_change and writes(look),
        shown=shown,
    )


def sum_of(quantity: int, price: Decimal | None, discount: Decimal | None) -> Decimal:
    """What a line adds to the deal's value."""
    return (price or Decimal()) * quantity - (discount or Decimal())


def _line(row: DealProduct, name: str, shown: frozenset[str], currency: str) -> LineOfDeal:
    told = shown >= {"quantity", "price", "discount"}

    def money(value: Decimal | None, known: bool) -> str:
        return money_text(value, currency) if known and value is not None else ""

    return LineOfDeal(
        id=row.id,
        name=(name or "") if "product_id" in shown else "",
        quantity=str(row.quantity) if "quantity" in shown else "",
        price=money(row.price, "price" in shown),
        discount=money(row.discount, "discount" in shown),
        total=money(sum_of(row.quantity, row.price, row.discount), told),
    )


@dataclass(frozen=True)
class Price:
    """The price of a product: an amount in the deal's currency, or the `others` in which alone it is sold there."""

    amount: Decimal | None
    others: tuple[str, ...] = ()


def price_of(deals: Look, deal: Deal, product_id: str, *, now: datetime) -> Price:
    """What the product costs today where the deal is, as far as the viewer may know prices. One statement.

    Of several prices the one that began last counts, and one of the country before one of all.
    """
    look = deals.at("instance_prices")
    if not look.viewer.sees(look.screen.module) or not look.reads("price") or not deals.reads("currency"):
        return Price(None)
    day = day_of(deal, now)
    found = look.session.execute(
        visible(InstancePrice, look.viewer)
        .join(MarketProductInstance, MarketProductInstance.id == InstancePrice.instance_id)
        .with_only_columns(InstancePrice.currency, InstancePrice.price)
        .where(
            InstancePrice.instance_type == InstancePriceInstanceType.market,
            InstancePrice.is_active,
            MarketProductInstance.product_id == product_id,
            MarketProductInstance.is_active,
            MarketProductInstance.country_code == deal.country_code,
            or_(InstancePrice.country_code.is_(None), InstancePrice.country_code == deal.country_code),
            *valid_on(InstancePrice, day),
            *valid_on(MarketProductInstance, day),
        )
        .order_by(
            InstancePrice.country_code.is_(None),
            InstancePrice.from_date.desc().nulls_last(),
            InstancePrice.id,
        )
        .limit(50)
    ).all()
    mine = next((amount for currency, amount in found if currency == deal.currency), None)
    return Price(mine, () if mine is not None else tuple(dict.fromkeys(currency for currency, _amount in found)))


def completed(deals: Look, deal: Deal, values: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The values of a new line with its price, where none was given.

    Raises Unprocessable for a product that is sold in another currency only.
    """
    found = dict(values)
    if found.get("price") is None and found.get("product_id"):
        price = price_of(deals, deal, found["product_id"], now=now)
        if price.others:
            raise Unprocessable({"price": [in_other_currency(deal, price)]})
        if price.amount is not None:
            found["price"] = price.amount
    return found


def in_other_currency(deal: Deal, price: Price) -> str:
    """Why a product has no price for this deal."""
    return _(
        "This product is sold in %(others)s here, but the deal is in %(currency)s. Type a price in %(currency)s, or"
        " change the currency of the deal.",
        others=", ".join(price.others),
        currency=deal.currency or "–",
    )


def demand_fitting(deal: Deal, seen_currency: str, values: Mapping[str, Any]) -> None:
    """Raises Unprocessable for a line in another currency than the deal, or one that is less than nothing."""
    if seen_currency and seen_currency != (deal.currency or ""):
        sentence = _(
            "This line was typed in %(seen)s, but the deal is in %(currency)s now. Reload the page and type it again.",
            seen=seen_currency[:10],
            currency=deal.currency or "–",
        )
        raise Unprocessable({"price": [sentence]})
    quantity = 1 if values.get("quantity") is None else values["quantity"]
    if quantity < 1:
        raise Unprocessable({"quantity": [_("The quantity is at least 1.")]})
    for name in ("price", "discount"):
        if (values.get(name) or 0) < 0:
            raise Unprocessable({name: [_("An amount is not less than nothing.")]})
    if sum_of(quantity, values.get("price"), values.get("discount")) < 0:
        raise Unprocessable({"discount": [_("The discount is larger than what the line costs.")]})
