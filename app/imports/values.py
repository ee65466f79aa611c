"""From a cell to a value, through the kinds that forms read with: what a form refuses, a file cannot bring in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale
from flask import current_app
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.core.formulas import unguarded
from app.core.types import Country
from app.imports.cells import Cell, text_of
from app.imports.columns import bare
from app.imports.numbers import number_text
from app.screens.fields import Field, choice_label
from app.screens.readers import Invalid, check_parts, parse_day

_SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)
_YES = {
    "1",
    "true",
    "yes",
    "y",
    "on",
    "ano",
    "a",
    "ja",
    "j",
    "igen",
    "i",
    "da",
    "si",
    "s",
    "x",
    "✓",
    "✔",
    "t",
    "wahr",
    "pravda",
}
_NO = {"0", "false", "no", "n", "off", "nie", "ne", "nein", "nem", "nu", "f", "falsch", "nepravda"}
_YEAR_FIRST = re.compile(r"(\d{4})\s*[./]\s*(\d{1,2})\s*[./]\s*(\d{1,2})\.?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{2}|\d{4})\.?")
_TIME = re.compile(r"[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*$")
_MONTH = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{4})")
_MONTH_LAST = re.compile(r"(\d{4})\s*[./-]\s*(\d{1,2})")
_DUMPED = re.compile(r"(\d{4})?-(\d{1,2})?-(\d{1,2})?")
_LAST_DAY = 2_958_465  # 9999-12-31 as a workbook counts


@dataclass(frozen=True)
class Origin:
    """What must be known of a file to read its cells: whether its days are counted from 1904.

    `padded`: its rows may end before the headings do, as those of a sheet; a row of text that does is not whole.
    """

    early: bool = False
    padded: bool = False


Reader = Callable[[Cell], Any]


def reader_of(f: Field, origin: Origin) -> Reader:
    """How cells for this field are read; decided once, not per row. What it returns raises Invalid.

    Of a foreign key the text is given, to be looked up with those of other rows.
    """
    kind = f.kind.name
    if kind in ("choice", "country"):
        words = choice_words(f)
        return lambda cell: f.kind.read(words.get(bare(text_of(cell)), text_of(cell).strip()), f)
    if kind == "multichoice":
        words = choice_words(f)
        return lambda cell: f.kind.parse([words.get(bare(item), item.strip()) for item in _items(text_of(cell))], f)
    if kind == "tags":
        return lambda cell: f.kind.parse(_items(unguarded(text_of(cell))), f)
    if kind == "boolean":
        yes, no = {*_YES, bare(_("Yes"))}, {*_NO, bare(_("No"))}
        return lambda cell: _truth(text_of(cell), yes, no, f)
    if kind == "date":
        return lambda cell: f.kind.read(_day(cell, origin).isoformat(), f)
    if kind == "datetime":
        return lambda cell: f.kind.read(_moment(cell, origin), f)
    if kind == "partial_date":
        return lambda cell: _partial(cell, origin)
    if kind == "integer":
        return lambda cell: f.kind.read(text_of(cell).strip(), f)
    if kind in ("decimal", "money"):
        return lambda cell: f.kind.read(number_text(cell, f) if isinstance(cell, str) else text_of(cell), f)
    if kind == "relation":
        return lambda cell: unguarded(text_of(cell)).strip()
    if kind in ("string", "email", "phone", "url", "color"):
        return lambda cell: f.kind.parse([_whole(cell)], f)
    return lambda cell: f.kind.parse([unguarded(text_of(cell))], f)


def _whole(cell: Cell) -> str:
    """A text as it was typed. Raises Invalid for a number that a spreadsheet has shortened for good."""
    text = unguarded(text_of(cell))
    if _SHORTENED.fullmatch(text.strip()):
        raise Invalid(
            _("A spreadsheet has shortened this number to %(text)s; its digits are lost. Format the column as text.",
              text=text.strip())
        )  # fmt: skip
    return text


def _items(text: str) -> list[str]:
    return re.split(r"[,;\n]", text)


def _truth(text: str, yes: set[str], no: set[str], f: Field) -> bool:
    word = bare(text) or text.strip()
    return True if word in yes else False if word in no else f.kind.read(text.strip(), f)


# Choices ----------------------------------------------------------------------


def choice_words(f: Field) -> dict[str, str]:
    """Stored value by every word for it: the value itself, then its label in each of our languages."""
    assert f.choices is not None
    found = {bare(member.value): member.value for member in f.choices}
    codes = [str(get_locale() or "en"), "en", *current_app.config.get("LANGUAGES", ())]
    for code in dict.fromkeys(codes):
        for words, value in _labels(f, code).items():
            found.setdefault(words, value)
    return found


def _labels(f: Field, code: str) -> Mapping[str, str]:
    assert f.choices is not None
    if f.choices is Country:
        names = Locale.parse(code.replace("-", "_")).territories
        return {bare(names[member.value]): member.value for member in f.choices if member.value in names}
    with force_locale(code):
        return {bare(_(choice_label(f.choices, member.value))): member.value for member in f.choices}


# Time -------------------------------------------------------------------------


def _day(cell: Cell, origin: Origin) -> date:
    kind, value = cell if isinstance(cell, list) else ("", str(cell))
    if kind == "d":
        return parse_day(value)
    if kind == "t":
        return _midnight(datetime.fromisoformat(value))
    if kind == "n":
        return _midnight(_counted(value, origin))
    text = value.strip() if not kind else ""
    if found := _TIME.search(text):
        if any(int(part or 0) for part in found.groups()):
            raise Invalid(_("Only a date belongs here, without a time."))
        text = text[: found.start()].strip()
    return _written(text)


def _midnight(moment: datetime) -> date:
    if moment.time() != moment.time().min:
        raise Invalid(_("Only a date belongs here, without a time."))
    return parse_day(moment.date().isoformat())


def _counted(value: str, origin: Origin) -> datetime:
    """The moment behind a number of days, as workbooks count; there never was a 29 February 1900, whatever they say."""
    days = float(value)
    if days.is_integer() and 1900 <= days <= 2200:  # a year, rather than a day of 1905
        raise Invalid(_("This is a year alone; write the whole date."))
    if not 1 <= days <= _LAST_DAY or (not origin.early and 60 <= days < 61):
        raise Invalid(_("This must be a date such as 2026-03-31."))
    first = datetime(1904, 1, 1) if origin.early else datetime(1899, 12, 30 if days > 60 else 31)
    moment = first + timedelta(days=days)
    return moment.replace(microsecond=0) + timedelta(seconds=moment.microsecond >= 500_000)


def _written(text: str) -> date:
    """A day as people write it: 2026-03-31, 31.3.2026, 2026. 03. 31., and with strokes by the language of the page."""
    if found := _YEAR_FIRST.fullmatch(text):
        return _real(found[1], found[2], found[3])
    if found := _YEAR_LAST.fullmatch(text):
        if len(found[4]) == 2:
            raise Invalid(_("Write the year with four digits."))
        american = found[2] == "/" and str(get_locale()) == "en_US"
        day, month = (found[3], found[1]) if american else (found[1], found[3])
        if int(month) > 12 >= int(day):  # the other way round: then other days of the file are, and nobody sees it
            raise Invalid(
                _("Dates are read like %(example)s here. Write this one as year, month and day, such as 2026-03-31.",
                  example="3/31/2026" if american else "31/3/2026")
            )  # fmt: skip
        return _real(found[4], month, day)
    return parse_day(text)


def _real(year: str, month: str, day: str) -> date:
    try:
        date(int(year) or 1, int(month), int(day))
    except ValueError as wrong:
        raise Invalid(_("There is no such day in that month.")) from wrong
    return parse_day(f"{int(year):04}-{int(month):02}-{int(day):02}")


def _moment(cell: Cell, origin: Origin) -> str:
    """ISO 8601, as the kind reads it; without a zone the viewer's is meant."""
    kind, value = cell if isinstance(cell, list) else ("", str(cell))
    if kind in ("d", "t"):
        return str(value)
    if kind == "n":
        return _counted(value, origin).isoformat()
    text = value.strip() if not kind else ""
    if re.match(r"\d{4}-\d{2}-\d{2}", text):
        return text
    found = _TIME.search(text)
    if found is None:
        return _written(text).isoformat()
    day = _written(text[: found.start()].strip())
    return f"{day.isoformat()}T{int(found[1]):02}:{found[2]}:{found[3] or '00'}"


def _partial(cell: Cell, origin: Origin) -> tuple[int | None, int | None, int | None]:
    """(day, month, year), as far as they are known. Raises Invalid."""
    text = text_of(cell).strip()
    number = isinstance(cell, list) and cell[0] == "n"
    if re.fullmatch(r"\d{4}", text) and (not number or 1900 <= int(text) <= 2200):
        return check_parts(None, None, int(text))
    if not isinstance(cell, list):
        if found := _DUMPED.fullmatch(text):
            return check_parts(_number(found[3]), _number(found[2]), _number(found[1]))
        if found := _MONTH.fullmatch(text):
            return check_parts(None, int(found[1]), int(found[2]))
        if found := _MONTH_LAST.fullmatch(text):
            return check_parts(None, int(found[2]), int(found[1]))
    day = _day(cell, origin)
    return check_parts(day.day, day.month, day.year)


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def part_of(cell: Cell) -> int | None:
    """Day, month or year alone. Raises Invalid."""
    text = text_of(cell).strip()
    if not re.fullmatch(r"\d{1,4}", text):
        raise Invalid(_("Day, month and year must be numbers."))
    return int(text)
