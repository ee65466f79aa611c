"""What a plain number or text measures or names: percent, length of time, size of a file, a bank account.

Found from the column, shown by locale; stored and exported as it is.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from flask_babel import get_locale

from app.screens.fields import Field

_PERCENT = re.compile(r"(^|_)(percent|percentage|percentage_value|probability|conversion_rate|vat_rate)$")
_SECONDS = re.compile(r"_seconds$")
_BYTES = re.compile(r"(^|_)(file_size|size_bytes)$")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}")
# Numbers that name something, and are never counted with.
_NAMING = re.compile(r"(^|_)(year|port|number|id|version|order)$|year")
_TAKEN = re.compile(
    r"(^|_)(iban|swift|swift_code|ico|dic|vat_number|birth_number|account_number|card_number|invoice_number"
    r"|contract_number|internal_id|national_id|variable_symbol|username|external_id|message_id|entity_id)$"
)
_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")


def number_text(f: Field, value: int | Decimal) -> str:
    """A number as people of this locale read it, in the unit that it is in."""
    name, table = f.name, f.column.table.name
    if _PERCENT.search(name) or (name, table) == ("rate", "inflation_rates"):
        return percent_text(value)
    if _SECONDS.search(name):
        return duration_text(int(value))
    if _BYTES.search(name):
        return size_text(int(value))
    if f.kind.name == "integer":
        return str(value) if _NAMING.search(name) else format_decimal(value, locale=_locale())
    return format_decimal(value, format="#,##0.#######", locale=_locale())


def percent_text(value: int | Decimal) -> str:
    """`value` is in percent: 20 is "20%"."""
    pattern = str(Locale.parse(str(_locale())).percent_formats[None].pattern)
    return format_percent(Decimal(value) / 100, format=re.sub(r"0(?=[^0]*$)", "0.####", pattern), locale=_locale())


def share_text(part: Decimal) -> str:
    """`part` of one, with one decimal: 0.5 is "50.0%" in English and "50,0 %" in Slovak."""
    pattern = str(Locale.parse(str(_locale())).percent_formats[None].pattern)
    return format_percent(part, format=re.sub(r"0(?=[^0]*$)", "0.0", pattern), locale=_locale())


def duration_text(seconds: int) -> str:
    """200 is "3m 20s" in English; the smaller of two neighbouring units is left out when it is nothing."""
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    minutes, second = divmod(rest, 60)
    hour, minute = divmod(minutes, 60)
    parts = [(hour, "hour"), (minute, "minute")] if hour else [(minute, "minute"), (second, "second")]
    told = [(count, unit) for count, unit in parts if count] or [(0, "second")]
    width: Any = "narrow" if str(_locale()).startswith("en") else "short"  # "3m 20s", where others have no such form
    return sign + " ".join(format_unit(count, f"duration-{unit}", width, locale=_locale()) for count, unit in told)


def size_text(size: int) -> str:
    """The size of a file of `size` bytes: 1 536 is "1.5 kB"."""
    number, unit = Decimal(size), 0
    while abs(number) >= 1000 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    shown = number.quantize(Decimal(1)) if unit == 0 or abs(number) >= 100 else number.quantize(Decimal("0.1"))
    return str(format_unit(shown.normalize() if unit else shown, f"digital-{_UNITS[unit]}", "short", locale=_locale()))


def named_text(f: Field, text: str) -> str:
    """A text of one line as people read it: an IBAN in groups of four."""
    if "iban" not in f.name:
        return text
    compact = "".join(text.split()).upper()
    return " ".join(compact[i : i + 4] for i in range(0, len(compact), 4)) if _IBAN.fullmatch(compact) else text


def to_take(f: Field, value: Any) -> str:
    """What is worth a button to copy it: addresses, numbers of accounts and of people, keys; "" for the rest."""
    text = str(value)
    if f.kind.name in ("email", "phone"):
        return text
    if f.kind.name == "string" and _TAKEN.search(f.name):
        return "".join(text.split()) if "iban" in f.name and named_text(f, text) != text else text
    return ""


def _locale() -> Any:
    return get_locale() or "en"
