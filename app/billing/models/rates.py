"""Tables: exchange rates, inflation rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, Integer, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.paths import GLOBAL, Own
from app.core.types import Choice, Country, Key, Updated


class ExchangeRate(Base):
    """A day's European Central Bank rate of one currency against the euro."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        UniqueConstraint("currency_code", "rate_date"),
        CheckConstraint("rate > 0", name="rate_positive"),
        {
            "comment": "A day's European Central Bank rate of one currency against the euro.",
            "info": {"country": GLOBAL, "one": "Exchange rate", "many": "Exchange rates", "icon": "currency-euro"},
        },
    )

    id: Mapped[Key]
    currency_code: Mapped[str] = mapped_column(
        Text, comment="Three-letter code, e.g. USD, CZK, HUF.", info={"label": "Currency"}
    )
    currency_name: Mapped[str] = mapped_column(Text, comment="Full name of the currency.")
    rate: Mapped[Decimal] = mapped_column(
        Numeric(12, 6), comment="Units of the currency for 1 EUR.", info={"label": "Exchange rate"}
    )
    rate_date: Mapped[date] = mapped_column(Date, comment="Day published; used until the next published rate.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the rate was last loaded (UTC).")


class InflationRate(Base):
    """A country's yearly inflation, used to adjust yearly storage fees."""

    __tablename__ = "inflation_rates"
    __table_args__ = (
        UniqueConstraint("year", "country"),
        {
            "comment": "A country's yearly inflation, used to adjust yearly storage fees.",
            "info": {
                "country": Own("country"),
                "one": "Inflation rate",
                "many": "Inflation rates",
                "icon": "trending-up",
            },
        },
    )

    id: Mapped[Key]
    year: Mapped[int] = mapped_column(Integer, comment="Calendar year the inflation was measured for.")
    country: Mapped[Country] = mapped_column(
        Choice(Country, 2),
        default=Country.SK,
        server_default="SK",
        comment="Two-letter country code; one rate per country and year.",
    )
    rate: Mapped[Decimal] = mapped_column(
        Numeric(6, 2), comment="Percent per year, e.g. 2.80; may be negative.", info={"label": "Inflation rate"}
    )
    source: Mapped[str | None] = mapped_column(Text, comment="Where the figure comes from, e.g. the statistics office.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the rate was last changed (UTC).")
