"""Accounts: IBAN and BIC."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from stdnum import iban as known_ibans
from stdnum.exceptions import ValidationError

from app.screens.checks.verdict import Verdict

# ISO 13616: how many characters an IBAN of the country has.
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
    "XK": 20,
}  # fmt: skip
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")


def iban(text: str, country: str) -> Verdict:
    """Kept without blanks, in capital letters."""
    compact = re.sub(r"[\s\u00a0\u202f\-]", "", text).upper()
    if not re.match(r"[A-Z]{2}[0-9]{2}", compact):
        if country == "US":
            return Verdict(text, warning=_("This is no IBAN. Accounts in the USA have none; check the number twice."))
        return Verdict(text, _("An IBAN begins with two letters and two digits, such as SK31."))
    if not re.fullmatch(r"[A-Z0-9]+", compact):
        return Verdict(text, _("An IBAN consists of letters and digits only."))
    length = LENGTHS.get(compact[:2])
    if length is None:
        return Verdict(text, _("There are no IBANs that begin with %(code)s.", code=compact[:2]))
    if len(compact) != length:
        return Verdict(text, _("An IBAN of %(code)s has %(length)s characters; this has %(has)s.",
                               code=compact[:2], length=length, has=len(compact)))  # fmt: skip
    try:
        known_ibans.validate(compact, check_country=False)
    except ValidationError:
        return Verdict(text, _("The check digits of this IBAN are wrong. Compare it with the original."))
    if country and country != compact[:2]:
        return Verdict(compact, warning=_("This account is in %(code)s, not in %(country)s.",
                                          code=compact[:2], country=country))  # fmt: skip
    return Verdict(compact)


def bic(text: str, country: str) -> Verdict:
    """Kept without blanks, in capital letters."""
    compact = re.sub(r"[\s\u00a0\-]", "", text).upper()
    if not _BIC.fullmatch(compact):
        if country == "US" and re.fullmatch(r"[0-9]{9}", compact):
            return Verdict(compact, warning=_("This looks like a routing number, not like a SWIFT/BIC."))
        return Verdict(text, _("A SWIFT/BIC has 8 or 11 letters and digits, such as TATRSKBX."))
    if country and country != compact[4:6]:
        return Verdict(compact, warning=_("This bank is in %(code)s, not in %(country)s.",
                                          code=compact[4:6], country=country))  # fmt: skip
    return Verdict(compact)
