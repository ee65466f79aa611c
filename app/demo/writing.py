"""How a language writes dates and amounts, for the contracts that were rendered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

DATES = {
    "sk": "{0.day}. {0.month}. {0.year}",
    "cs": "{0.day}. {0.month}. {0.year}",
    "hu": "{0.year}. {0.month:02}. {0.day:02}.",
    "it": "{0.day:02}/{0.month:02}/{0.year}",
    "en": "{0.month}/{0.day}/{0.year}",
}
CENTRAL_DATE = "{0.day:02}.{0.month:02}.{0.year}"
# What stands between thousands and before the cents; a no-break space where a space is used.
MARKS = {"sk": ("\u00a0", ","), "cs": ("\u00a0", ","), "hu": ("\u00a0", ","), "en": (",", ".")}
SWISS, DOTTED = ("\u2019", "."), (".", ",")


def day_text(day: date, language: str) -> str:
    return DATES.get(language, CENTRAL_DATE).format(day)


def amount_text(amount: Decimal, language: str, country: str) -> str:
    thousands, point = SWISS if country == "CH" else MARKS.get(language, DOTTED)
    whole, _, cents = f"{amount:,.2f}".partition(".")
    return f"{whole.replace(',', thousands)}{point}{cents}"
