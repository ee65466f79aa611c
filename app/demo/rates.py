"""Exchange rates of the last weeks and inflation of recent years."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from app.billing.models import ExchangeRate, InflationRate
from app.demo.world import World, dice

CURRENCIES = {
    # code: (name, about how many for 1 EUR, decimals)
    "CZK": ("Czech koruna", 24.9, 3),
    "HUF": ("Hungarian forint", 397.0, 2),
    "RON": ("Romanian leu", 5.04, 4),
    "CHF": ("Swiss franc", 0.94, 4),
    "USD": ("US dollar", 1.13, 4),
}
DAYS = 60  # every working day; before that, each Friday
FRIDAYS = 1100
INFLATION_FIRST = 2021
INFLATION = {
    # yearly averages from 2021 on, percent, rounded
    "SK": ("2.8", "12.1", "11.0", "3.2", "4.2"),
    "CZ": ("3.8", "15.1", "10.7", "2.4", "2.5"),
    "HU": ("5.1", "14.5", "17.6", "3.7", "4.4"),
    "RO": ("5.1", "13.8", "10.4", "5.6", "7.3"),
    "IT": ("1.9", "8.7", "5.9", "1.1", "1.7"),
    "DE": ("3.1", "6.9", "5.9", "2.2", "2.2"),
    "US": ("4.7", "8.0", "4.1", "2.9", "2.7"),
    "CH": ("0.6", "2.8", "2.1", "1.1", "0.2"),
}
OFFICES = {
    "SK": "Štatistický úrad SR",
    "CZ": "Český statistický úřad",
    "HU": "Központi Statisztikai Hivatal",
    "RO": "Institutul Național de Statistică",
    "IT": "Istat",
    "DE": "Statistisches Bundesamt",
    "US": "Bureau of Labor Statistics",
    "CH": "Bundesamt für Statistik",
}


def load(world: World) -> None:
    """Rates wander a little from one weekday to the next, as they do."""
    rng = dice("rates")
    for code, (name, level, decimals) in CURRENCIES.items():
        for back in range(FRIDAYS, -1, -1):
            day = world.today - timedelta(days=back)
            published = datetime.combine(day, time(15, 5, tzinfo=UTC))
            if day.weekday() > 4 or published > world.now or (back > DAYS and day.weekday() != 4):
                continue
            level *= 1 + rng.gauss(0, 0.0022)
            world.add(
                ExchangeRate,
                f"{code}-{day}",
                currency_code=code,
                currency_name=name,
                rate=round(Decimal(level), decimals),
                rate_date=day,
                updated_at=published,
            )
    for country, rates in INFLATION.items():
        for year, rate in enumerate(rates, INFLATION_FIRST):
            if year >= world.now.year:
                continue
            world.add(
                InflationRate,
                f"{country}-{year}",
                year=year,
                country=country,
                rate=Decimal(rate),
                source=OFFICES[country],
            )
    world.flush()
