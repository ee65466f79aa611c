"""Numbers that states give to people, by country."""

from __future__ import annotations

import re
from datetime import date

from flask_babel import gettext as _
from stdnum.ch import ssn as ahv
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.ro import cnp
from stdnum.us import itin, ssn

from app.screens.checks.forms import ITALIAN_CODE, Form, read_as
from app.screens.checks.verdict import Verdict, squeezed, taken_by, weighted


def national_id(text: str, country: str) -> Verdict:
    """Kept as its country writes it.

    A number that has the form of the country but cannot be one is mistyped. One of another form may be a foreigner's.
    """
    compact = squeezed(text)
    if not re.search(r"[0-9]", compact):
        return Verdict(text, _("A national ID contains digits."))
    if country not in FORMS:
        return Verdict(text)
    kept, fits = read_as(FORMS[country], compact)
    if kept is not None:
        return Verdict(kept)
    for other in (code for code in FORMS if code != country and FORMS[code] is not FORMS[country]):
        # nine digits fit too many countries to tell of one
        if len(compact) > 9 and read_as(FORMS[other], compact)[0] is not None:
            return Verdict(text, warning=_("This looks like a national ID of %(code)s, not of %(country)s.",
                                           code=other, country=country))  # fmt: skip
    if fits:
        return Verdict(text, _("This cannot be a national ID of %(country)s: a digit is wrong.", country=country))
    return Verdict(text, warning=_("This does not look like a national ID of %(country)s. Keep it if it is a foreign"
                                   " one.", country=country))  # fmt: skip


def _birth_number(number: str) -> str:
    return f"{number[:6]}/{number[6:]}"


def _taj(number: str) -> bool:
    return weighted(number[:8], (3, 7) * 4) % 10 == int(number[8])


def _hungarian_tax(number: str) -> bool:
    return weighted(number[:9], tuple(range(1, 10))) % 11 == int(number[9])


_CENTURIES = {"1": 1900, "2": 1900, "3": 2000, "4": 2000, "5": 1900, "6": 1900, "7": 1800, "8": 1800}
"""In which a Hungarian was born, by the first digit of the personal number."""


def hungarian_day(number: str) -> date:
    """When the person of a Hungarian personal number was born. Raises ValueError."""
    return date(_CENTURIES[number[0]] + int(number[1:3]), int(number[3:5]), int(number[5:7]))


def _hungarian_person(number: str) -> bool:
    """Since 1997 the weights run the other way."""
    try:
        born = hungarian_day(number)
    except ValueError:
        return False
    weights = tuple(range(1, 11)) if born < date(1997, 1, 1) else tuple(range(10, 0, -1))
    return weighted(number[:10], weights) % 11 == int(number[10])


def _german_card(number: str) -> bool:
    """Serial number of an identity card: nine signs and a check digit over them (7, 3, 1)."""
    values = [int(sign, 36) for sign in number[:9]]
    return sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10 == int(number[9])


def _us(number: str) -> bool:
    return taken_by(ssn)(number) or taken_by(itin)(number)


_CZECHOSLOVAK: tuple[Form, ...] = ((r"[0-9]{2}[0-35-8][0-9][0-3][0-9]{4,5}", taken_by(rc), _birth_number),)
FORMS: dict[str, tuple[Form, ...]] = {
    "SK": _CZECHOSLOVAK,
    "CZ": _CZECHOSLOVAK,
    "HU": (
        (r"[0-9]{9}", _taj, lambda n: f"{n[:3]} {n[3:6]} {n[6:]}"),
        (r"8[0-9]{9}", _hungarian_tax, str),
        (r"[1-8][0-9]{10}", _hungarian_person, lambda n: f"{n[0]}-{n[1:7]}-{n[7:]}"),
    ),
    "RO": ((r"[1-9][0-9]{12}", taken_by(cnp), str),),
    "IT": (ITALIAN_CODE,),
    "DE": (
        (r"[1-9][0-9]{10}", taken_by(idnr), str),
        (r"[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8}[0-9]", _german_card, str),
    ),
    "CH": ((r"756[0-9]{10}", taken_by(ahv), lambda n: f"{n[:3]}.{n[3:7]}.{n[7:11]}.{n[11:]}"),),
    "US": ((r"[0-9]{9}", _us, lambda n: f"{n[:3]}-{n[3:5]}-{n[5:]}"),),
}
