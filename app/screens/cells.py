"""From a stored value to what people read: cells in the viewer's language, zone and number format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import (
    DateTimePattern,
    format_skeleton,
    get_date_format,
    get_datetime_format,
    get_time_format,
    parse_pattern,
)
from babel.numbers import format_currency, format_decimal
from flask_babel import format_date, get_timezone
from flask_babel import gettext as _

from app.core.db import Base
from app.core.html import clean_for_page
from app.core.types import Country
from app.screens.fields import Field, choice_label
from app.screens.locale import TEXTS, said
from app.screens.measures import named_text, number_text, to_take
from app.screens.page import Cell, Choice
from app.screens.people import TABLE as PEOPLE
from app.screens.people import hue, initials
from app.screens.tones import tone_in
from app.screens.tree import tree_of

_LONGEST_CELL = 80
_MOMENT = len("2026-03-05 12:34:56")


def choices_of(f: Field) -> tuple[Choice, ...]:
    """The options of a choice column, translated."""
    return _options(f, _language())


@lru_cache(maxsize=4096)
def _options(f: Field, language: str) -> tuple[Choice, ...]:
    if f.kind.name == "boolean":
        return (Choice("1", _("Yes"), "green"), Choice("0", _("No"), "grey"))
    if f.choices is None:
        return ()
    if f.choices is Country:
        return tuple(Choice(value, f"{value} · {country_name(value)}") for value, _label in f.picks())
    return tuple(Choice(value, _choice(f, value), tone_in(f, value)) for value, _label in f.picks())


def _choice(f: Field, value: str) -> str:
    assert f.choices is not None
    label = choice_label(f.choices, value)
    return value if f.choices is Country else said(label)


def country_name(code: str) -> str:
    """The country's name in the viewer's language."""
    return _country_name(code, _language())


@lru_cache(maxsize=2048)
def _country_name(code: str, language: str) -> str:
    return str(Locale.parse(language).territories.get(code, code))


def value_in(row: Mapping[str, Any], f: Field) -> Any:
    """The value of a field in a row of `query`; a triple for a partial date, None when all of it is unknown."""
    if f.kind.name != "partial_date":
        return row[f.column.name]
    parts = tuple(row[column.name] for column in f.columns)
    return parts if any(part is not None for part in parts) else None


def cell_of(row: Mapping[str, Any], f: Field, *, short: bool, links: Mapping[str, str]) -> Cell:
    """One value as a cell. `short` cuts long texts; `links` maps a table the viewer sees to its record address."""
    value, kind = value_in(row, f), f.kind.name
    if kind == "secret":
        isset = f.kind.is_set(value)  # type: ignore[attr-defined]  # Sealed has it
        return Cell(kind, _("Set") if isset else _("Not set"), tone="green" if isset else "grey")
    if value is None or value == "" or value == []:
        return Cell(kind)
    if kind == "relation":
        return _relation(row, f, value, links)
    if kind in ("choice", "country"):
        return _choices(f, [value.value])
    if kind == "multichoice":
        return _choices(f, list(value))
    if kind == "tags":
        return Cell(kind, ", ".join(str(item) for item in value), parts=tuple((str(item), "") for item in value))
    if kind == "boolean":
        return Cell(kind, _("Yes") if value else _("No"), truth=bool(value), tone="green" if value else "grey")
    if kind in ("date", "datetime"):
        return _time(kind, value, f)
    if kind == "partial_date":
        return Cell(kind, partial_text(value))
    if kind == "money":
        return Cell(kind, money_text(value, str(row.get(f.currency) or "") if f.currency else ""))
    if kind in ("integer", "decimal"):
        return Cell(kind, number_text(f, value))
    return _text(kind, value, f, short=short)


def money_text(value: Decimal, currency: str) -> str:
    """An amount with its currency, or with two decimals where none is known."""
    if len(currency) == 3 and currency.isalpha():
        code = currency.upper()
        # Nobody counts in fillér any more: whole forints are shown whole.
        pattern = _pattern_without_decimals() if code == "HUF" and value == value.to_integral_value() else None
        text = format_currency(value, code, format=pattern, currency_digits=pattern is None, locale=_locale())
        return re.sub(r"(?<=[A-Za-z])(?=\d)", "\u00a0", text)  # "CZK 450.00": a code is a word, a symbol is not
    return format_decimal(value, format="#,##0.00", locale=_locale())


def _pattern_without_decimals() -> str:
    return re.sub(r"[.]0+", "", str(Locale.parse(_language()).currency_formats["standard"].pattern))


def partial_text(parts: tuple[int | None, int | None, int | None]) -> str:
    """As much of a date as is known."""
    day, month, year = parts
    known = date(year or 2000, month or 1, min(day or 1, 28) if month == 2 and not year else day or 1)
    if day and month and year:
        return format_date(known, "medium")
    if month and year:
        return format_skeleton("yMMM", known, locale=_locale())
    if day and month:
        return format_skeleton("MMMd", known, locale=_locale())
    return str(year or format_skeleton("MMM", known, locale=_locale()))


def _relation(row: Mapping[str, Any], f: Field, value: Any, links: Mapping[str, str]) -> Cell:
    name = row[f"{f.name}__name"]
    table = f.targets[0]
    if len(f.targets) > 1:
        kind = row.get("instance_type")
        table = f.targets[1] if kind is not None and kind.value == "service" else f.targets[0]
    href = f"{links[table]}{value}" if table in links and name else ""
    if table == PEOPLE and name and name != str(value):  # a key in the place of a name has no letters
        return Cell("relation", name, href=href, initials=initials(name), hue=hue(value))
    return Cell("relation", name or _("(no access)"), href=href)


def _choices(f: Field, values: list[str]) -> Cell:
    """Drawn once for each language: a list has a few choices hundreds of times."""
    return _chosen(f, tuple(values), _language())


@lru_cache(maxsize=8192)
def _chosen(f: Field, values: tuple[str, ...], language: str) -> Cell:
    labels = [_choice(f, value) for value in values]
    parts = tuple((label, tone_in(f, value)) for label, value in zip(labels, values, strict=True))
    title = ", ".join(country_name(value) for value in values) if f.choices is Country else ""
    kind = "country" if f.choices is Country else "choice"  # several are drawn like one
    return Cell(kind, ", ".join(labels), title=title, tone=tone_in(f, values[0]), parts=parts)


def _time(kind: str, value: Any, f: Field) -> Cell:
    if kind == "date":
        day = value.astimezone(UTC).date() if isinstance(value, datetime) else value
        return Cell(kind, format_date(day, "medium"), title=format_date(day, "full"))
    local = value.astimezone(get_timezone() or UTC)
    return Cell(kind, _short(local), title=f"{local.isoformat(' ', 'seconds')[:_MOMENT]} {local.tzname()}")


def _short(local: datetime) -> str:
    """Date and time as Babel's "short" has it; a list shows dozens, so the pattern is put together once."""
    return _short_pattern(_language()).apply(local, _locale())


@lru_cache(maxsize=64)
def _short_pattern(language: str) -> DateTimePattern:
    both = str(get_datetime_format("short", language)).replace("'", "")
    time, day = get_time_format("short", language).pattern, get_date_format("short", language).pattern
    return parse_pattern(both.replace("{0}", time).replace("{1}", day))


def local_day(value: datetime) -> date:
    """The day of a moment in the viewer's zone."""
    return value.astimezone(get_timezone() or UTC).date()


def moment_text(value: datetime) -> str:
    """Date and time in the viewer's zone and format."""
    return _short(value.astimezone(get_timezone() or UTC))


def _text(kind: str, value: Any, f: Field, *, short: bool) -> Cell:
    if kind == "json":
        return _json(value, f, short=short)
    text = str(value)
    if f.column.info.get("names_table"):
        table = Base.metadata.tables.get(text)
        label = "" if table is None else str(table.info.get("one", ""))
        return Cell(kind, said(label) if label else text)
    href = {"email": f"mailto:{text}", "phone": f"tel:{''.join(text.split())}"}.get(kind, "")
    taken = to_take(f, text)
    text = named_text(f, text)
    if kind == "url" and text.startswith(("https://", "http://")):
        href = text
    if short and len(text) > _LONGEST_CELL:
        return Cell(kind, " ".join(text.split())[: _LONGEST_CELL - 1] + "…", title=text[:500], href=href)
    if kind == "html" and not short:
        return Cell(kind, text, html=clean_for_page(text))
    return Cell(kind, text, href=href, copy=taken)


def _json(value: Any, f: Field, *, short: bool) -> Cell:
    """A JSON value; what is kept as text need not be JSON at all."""
    if f.json_text:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            text = str(value)
            return Cell("json", " ".join(text.split())[:_LONGEST_CELL] if short else text)
    text = json.dumps(value, ensure_ascii=False, indent=2)
    if short:
        return Cell("json", " ".join(text.split())[:_LONGEST_CELL])
    return Cell("json", text, copy=text, tree=tree_of(value))


def _locale() -> Any:
    return TEXTS.spoken().locale or "en"


def _language() -> str:
    """The language with its country, as a key."""
    spoken = TEXTS.spoken()
    return "en" if spoken.locale is None else spoken.code
