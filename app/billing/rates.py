"""The rate of a currency on a day, as SQL (schema document, "exchange_rates": units of the currency for 1 EUR)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, literal, select

from app.billing.models.rates import ExchangeRate

BASE = "EUR"
"""What all rates are units for 1 of."""


def rate_on(currency: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[Any]:
    """Units of a currency for 1 EUR on a day, the last that was published; of EUR itself 1; NULL before the first."""
    published = (
        select(ExchangeRate.rate)
        .where(ExchangeRate.currency_code == currency, ExchangeRate.rate_date <= day)
        .order_by(ExchangeRate.rate_date.desc())
        .limit(1)
        .scalar_subquery()
    )
    return case((currency == BASE, literal(Decimal(1))), else_=published)
