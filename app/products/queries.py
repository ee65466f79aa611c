"""What is asked of what is sold: which rows hold on a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_
from sqlalchemy.orm import Session

from app.core.viewer import Viewer, visible
from app.products.models import InstanceVatRate, InstanceVatRateInstanceType, MarketProductInstance


def valid_on(kind: Any, day: date) -> tuple[Any, Any]:
    """Rows that are valid on the day; both of their days are days of the calendar."""
    return (
        or_(kind.from_date.is_(None), func.date(kind.from_date) <= day),
        or_(kind.to_date.is_(None), func.date(kind.to_date) >= day),
    )


def vat_rates(
    session: Session, viewer: Viewer, products: Collection[str], *, country: str, company_id: str, day: date
) -> Mapping[str, frozenset[Decimal]]:
    """Percent of VAT on each product in a country on a day, for invoices of a company. One statement.

    Rates of the company count before those of all companies. A product with none is not there; one with several has
    periods that overlap, and nobody may choose for whoever wrote them down.
    """
    found: dict[str, dict[bool, set[Decimal]]] = {}
    asked = (
        visible(InstanceVatRate, viewer)
        .join(MarketProductInstance, MarketProductInstance.id == InstanceVatRate.instance_id)
        .with_only_columns(
            MarketProductInstance.product_id, InstanceVatRate.billing_details_id, InstanceVatRate.vat_rate
        )
        .where(
            InstanceVatRate.instance_type == InstanceVatRateInstanceType.market_instance,
            InstanceVatRate.is_active,
            InstanceVatRate.vat_rate.is_not(None),
            or_(InstanceVatRate.billing_details_id.is_(None), InstanceVatRate.billing_details_id == company_id),
            MarketProductInstance.product_id.in_(products),
            MarketProductInstance.is_active,
            MarketProductInstance.country_code == country,
            *valid_on(InstanceVatRate, day),
            *valid_on(MarketProductInstance, day),
        )
    )
    for product_id, company, rate in session.execute(asked):
        found.setdefault(product_id, {}).setdefault(company is not None, set()).add(rate)
    return {key: frozenset(rates.get(True) or rates[False]) for key, rates in found.items()}
