"""Reading texts that people type: numbers in their locale, dates, times; each refusal a sentence."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ODD_YEAR = re.compile(r"(?:[+-]?[0-9]{5,6}|-[0-9]{4}|0000)-[0-9]{2}-[0-9]{2}")


class Invalid(ValueError):
    """A value that cannot be taken; the text is a sentence for the person who typed it."""


def parse_number(text: str) -> Decimal:
    """A number as people of this locale write it, or with a plain point. Raises Invalid."""
    compact = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    try:
        if re.fullmatch(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", compact):
            return Decimal(compact)
        if not re.fullmatch(r"[+-]?[0-9.,]{1,40}", compact):
            raise Invalid(_("This must be a number."))
        return parse_decimal(compact, locale=get_locale() or "en", strict=True)
    except (NumberFormatError, InvalidOperation) as wrong:
        raise Invalid(_("This must be a number.")) from wrong


def parse_day(text: str) -> date:
    """Raises Invalid."""
    _refuse_odd_year(text)
    try:
        day = date.fromisoformat(text[:10] if re.match(r"\d{4}-\d{2}-\d{2}T", text) else text)
    except ValueError as wrong:
        raise Invalid(_("This must be a date such as 2026-03-31.")) from wrong
    if not 1000 <= day.year <= 9999:
        raise Invalid(_("This year is out of range."))
    return day


def parse_moment(text: str, zone: Any) -> datetime:
    """A date and time; without a zone it is meant in `zone`. Raises Invalid."""
    _refuse_odd_year(text)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = zone.localize(moment) if hasattr(zone, "localize") else moment.replace(tzinfo=zone)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Invalid(_("This must be a date and time such as 2026-03-31 14:30.")) from wrong
    if not 1000 <= moment.year < 9999:
        raise Invalid(_("This year is out of range."))
    return moment


def _refuse_odd_year(text: str) -> None:
    """A year that no calendar of ours has, though the rest may be a date: browsers let people type six digits.

    Raises Invalid.
    """
    if _ODD_YEAR.match(text):
        raise Invalid(_("This year is out of range."))


def check_parts(day: int | None, month: int | None, year: int | None) -> tuple[int | None, int | None, int | None]:
    """The three parts, when they can be a date or the beginning of one. Raises Invalid."""
    if day is not None and month is None:
        raise Invalid(_("A day needs a month."))
    if month is not None and not 1 <= month <= 12:
        raise Invalid(_("The month must be between 1 and 12."))
    if year is not None and not 1900 <= year <= 2200:
        raise Invalid(_("The year must be between 1900 and 2200."))
    if day is not None and month is not None:
        try:
            date(year or 2000, month, day)
        except ValueError as wrong:
            raise Invalid(_("There is no such day in that month.")) from wrong
    return day, month, year


def parse_json(text: str) -> Any:
    """The JSON value behind a text. Raises Invalid with line and column."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError as deep:
        raise Invalid(_("This JSON is nested too deeply.")) from deep
    except json.JSONDecodeError as broken:
        raise Invalid(
            _("Not valid JSON: line %(line)s, column %(column)s.", line=broken.lineno, column=broken.colno)
        ) from broken
    except Invalid:
        raise
    except ValueError as endless:
        raise Invalid(_("This number is too large.")) from endless
    refuse_unstorable(value)
    return value


def _no_constant(name: str) -> Any:
    raise Invalid(_("Not valid JSON: %(name)s is not a value.", name=name))


def refuse_unstorable(value: Any) -> None:
    """PostgreSQL keeps no NUL and no half surrogate, and JSON no infinity. Raises Invalid; walks without recursion."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str) and UNSTORABLE.search(item):
            raise Invalid(_("A text here holds a character that cannot be stored."))
        if isinstance(item, float) and not math.isfinite(item):
            raise Invalid(_("Not valid JSON: %(name)s is not a value.", name=item))
        if isinstance(item, dict):
            stack += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            stack += item
