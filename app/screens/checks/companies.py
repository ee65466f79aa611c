"""Numbers of companies: in the register, for taxes, for VAT."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from stdnum.ch import uid
from stdnum.cz import dic as czech_tax
from stdnum.de import stnr
from stdnum.de import vat as german_vat
from stdnum.eu import vat as union_vat
from stdnum.exceptions import ValidationError
from stdnum.hu import anum
from stdnum.it import iva
from stdnum.ro import cui
from stdnum.sk import dph
from stdnum.us import ein

from app.screens.checks.forms import ITALIAN_CODE, Form, read_as
from app.screens.checks.verdict import Verdict, squeezed, taken_by, weighted

_UNION = frozenset(
    ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
     "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI")
)  # fmt: skip


def _anything(number: str) -> bool:
    return True


def _ico(number: str) -> bool:
    return int(number[7]) == (11 - weighted(number[:7], (8, 7, 6, 5, 4, 3, 2)) % 11) % 10


def _slovak_tax(number: str) -> bool:
    """Numbers of companies are multiples of 11; people's are their birth numbers, which are multiples, too."""
    return int(number) % 11 == 0


def _hungarian_tax(number: str) -> str:
    return number if len(number) == 8 else f"{number[:8]}-{number[8]}-{number[9:]}"


def _swiss(number: str) -> str:
    return f"CHE-{number[3:6]}.{number[6:9]}.{number[9:]}"


_UID: Form = (r"CHE[0-9]{9}", taken_by(uid), _swiss)
_UID_VAT: Form = (
    r"CHE[0-9]{9}(MWST|TVA|IVA|TPV)",
    lambda n: taken_by(uid)(n[:12]),
    lambda n: f"{_swiss(n[:12])} {n[12:]}",
)
_EIN: Form = (r"[0-9]{9}", taken_by(ein), lambda n: f"{n[:2]}-{n[2:]}")
_ICO: Form = (r"[0-9]{8}", _ico, str)
_CUI: Form = (r"(RO)?[0-9]{2,10}", taken_by(cui), str)
_IVA: Form = (r"[0-9]{11}", taken_by(iva), str)

# Register numbers. J40 and REA numbers have no check digit; a German one is the court's business.
REGISTERS: dict[str, tuple[Form, ...]] = {
    "SK": (_ICO,),
    "CZ": (_ICO,),
    "HU": ((r"[0-9]{10}", _anything, lambda n: f"{n[:2]}-{n[2:4]}-{n[4:]}"),),
    "RO": (_CUI,),
    "IT": (_IVA, ITALIAN_CODE, (r"[A-Z]{2}[0-9]{5,7}", _anything, lambda n: f"{n[:2]}-{n[2:]}")),
    "CH": (_UID,),
    "US": (_EIN,),
}
TAXES: dict[str, tuple[Form, ...]] = {
    "SK": ((r"[0-9]{10}", _slovak_tax, str),),
    "CZ": ((r"CZ[0-9]{8,10}", taken_by(czech_tax), str), (r"[0-9]{8,10}", taken_by(czech_tax), "CZ{}".format)),
    "HU": ((r"[0-9]{8}|[0-9]{11}", lambda n: taken_by(anum)(n[:8]), _hungarian_tax),),
    "RO": (_CUI,),
    "IT": (_IVA, ITALIAN_CODE),
    "DE": ((r"[0-9]{10,13}", taken_by(stnr), str),),
    "CH": (_UID, _UID_VAT),
    "US": (_EIN,),
}
_WITHOUT_CODE = ("SK", "HU", "IT")
# How a VAT number without its prefix is known again as one of the country.
_BARE = {"SK": dph, "CZ": czech_tax, "HU": anum, "RO": cui, "IT": iva, "DE": german_vat}
_ROMANIAN_REGISTER = re.compile(r"[JFC]\d{1,2}/\d{1,7}/\d{4}|[JFC]\d{13,14}")


def company_id(text: str, country: str) -> Verdict:
    """The number in the register of companies."""
    if country == "RO" and _ROMANIAN_REGISTER.fullmatch(text.upper().replace(" ", "")):
        return Verdict(text.upper().replace(" ", ""))
    if country == "DE":
        return _german_register(text)
    return _by_form(text, country, REGISTERS, _("This cannot be a company ID of %(country)s: a digit is wrong.",
                                                country=country),
                    _("This does not look like a company ID of %(country)s. Keep it if the company is a foreign one.",
                      country=country))  # fmt: skip


def tax_id(text: str, country: str) -> Verdict:
    """The number of a taxpayer; where a country uses one number for all, that one.

    Who copies it from the VAT number may bring along the code of the country, which is no part of it.
    """
    compact = squeezed(text)
    if country in _WITHOUT_CODE and compact.startswith(country):
        kept = tax_id(compact[2:], country)
        return kept if not kept.warning and not kept.error else Verdict(text, kept.error, kept.warning)
    kept = _by_form(text, country, TAXES, _("This cannot be a tax number of %(country)s: a digit is wrong.",
                                            country=country),
                    _("This does not look like a tax number of %(country)s. Keep it if it is a foreign one.",
                      country=country))  # fmt: skip
    if country == "DE" and (kept.error or kept.warning):
        kept = Verdict(text, warning=kept.error or kept.warning)  # each Land has a way of its own
    elif country == "DE":
        kept = Verdict(text)
    return kept


def vat_number(text: str, country: str) -> Verdict:
    """Kept with the prefix of its country, without blanks."""
    compact = squeezed(text)
    if compact.startswith("CHE"):
        return _swiss_vat(text, compact)
    prefix = compact[:2]
    if prefix in _UNION:
        if not _union_takes(compact):
            return Verdict(
                text, _("This cannot be a VAT number of %(code)s: a digit is wrong or missing.", code=prefix)
            )
        if country and country != prefix:
            return Verdict(compact, warning=_("This VAT number is of %(code)s, not of %(country)s.",
                                              code=prefix, country=country))  # fmt: skip
        return Verdict(compact)
    if country in _BARE and taken_by(_BARE[country])(compact) and _union_takes(country + compact):
        return Verdict(country + compact)
    if country in _BARE and not re.match(r"[A-Z]{2}", compact):
        return Verdict(text, _("A VAT number begins with the code of its country, such as %(code)s.", code=country))
    if country == "US":
        return Verdict(text, warning=_("Companies in the USA have no VAT number."))
    return Verdict(text, warning=_("This does not look like a VAT number."))


def _union_takes(number: str) -> bool:
    try:
        union_vat.validate(number)
    except ValidationError:
        return False
    return True


def _swiss_vat(text: str, compact: str) -> Verdict:
    found = re.fullmatch(r"(CHE[0-9]{9})(MWST|TVA|IVA|TPV)?", compact)
    if found is None or not taken_by(uid)(found[1]):
        return Verdict(text, _("This cannot be a VAT number of %(code)s: a digit is wrong or missing.", code="CH"))
    return Verdict(f"{_swiss(found[1])} {found[2] or 'MWST'}")


def _german_register(text: str) -> Verdict:
    found = re.search(r"\b(HRA|HRB|GNR|PR|VR|GSR)\s*([0-9]{1,6})\b", text, re.IGNORECASE)
    if found is None:
        return Verdict(text, warning=_("A German register number looks like HRB 12345."))
    return Verdict(text)


def _by_form(text: str, country: str, forms: dict[str, tuple[Form, ...]], error: str, warning: str) -> Verdict:
    """The first form that fits decides; what fits none may be foreign."""
    kept, fits = read_as(forms.get(country, ()), squeezed(text))
    if kept is not None:
        return Verdict(kept)
    if fits and country == "US":
        return Verdict(text, warning=_("No office of the IRS gives out numbers that begin like this."))
    if fits:
        return Verdict(text, error)
    return Verdict(text, warning=warning) if country in forms else Verdict(text)
