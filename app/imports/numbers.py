"""Numbers as files have them: written by people and programs of any country, whatever language the page is in."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import format_decimal, get_group_symbol
from flask_babel import get_locale
from flask_babel import gettext as _

from app.screens.fields import Field
from app.screens.readers import Invalid

_BLANKS = re.compile(r"[\s\u00a0\u202f'’]")
_BOTH = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+),(\d+)|([+-]?\d{1,3}(?:,\d{3})+)\.(\d+)")
_GROUPS = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,})")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")
_ONE = re.compile(r"[+-]?\d+[.,]\d+")


def number_text(text: str, f: Field) -> str:
    """The number as a form reads it in any language, where there is one way to understand it; else as it stands.

    A form asks who types. A file comes from somewhere else: "100,50" is no thousands anywhere. Of "1.500" nobody can
    say whether it is 1500 or 1.5, and an amount that is wrong by a thousand is found too late. Raises Invalid for
    that, unless the language of the page has the comma between thousands, or thousands have no room in the field, or
    its places after the mark are many.
    """
    compact = _BLANKS.sub("", text)
    if found := _BOTH.fullmatch(compact):
        whole, rest = found.group(1, 2) if found[1] else found.group(3, 4)
        return f"{_bare(whole)}.{rest}"
    if _GROUPS.fullmatch(compact):
        return _bare(compact)
    if found := _EITHER.fullmatch(compact):
        if found[1] == "," and get_group_symbol(get_locale() or "en") == ",":
            return text
        digits, scale = f.digits or (12, 2)
        thousands = Decimal(_bare(compact))
        if scale < 3 and thousands.adjusted() < digits - scale:
            raise Invalid(
                _("“%(text)s” can be %(large)s or %(small)s. Write it without a mark between the thousands.",
                  text=text, large=_written(thousands), small=_written(thousands / 1000))
            )  # fmt: skip
    return compact.replace(",", ".") if _ONE.fullmatch(compact) else text


def _bare(digits: str) -> str:
    return digits.replace(".", "").replace(",", "")


def _written(number: Decimal) -> str:
    """As people of this language write it, with nothing between the thousands."""
    return format_decimal(number, "0.###", locale=get_locale() or "en")
