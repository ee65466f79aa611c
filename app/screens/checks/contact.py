"""Ways to reach somebody: phone numbers, e-mail addresses, postal codes, web addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

import idna
import phonenumbers
from flask_babel import gettext as _
from phonenumbers import NumberParseException, PhoneNumberFormat

from app.screens.checks.verdict import Verdict

_MAILBOX = re.compile(r"[^\s@<>(),;:\"\[\]\\]+")
_MISTYPED = {
    "gamil.com": "gmail.com", "gmial.com": "gmail.com", "gmail.con": "gmail.com", "gmail.sk": "gmail.com",
    "gmail.cz": "gmail.com", "gmali.com": "gmail.com", "hotmail.con": "hotmail.com", "azet.com": "azet.sk",
    "senzam.cz": "seznam.cz", "sezman.cz": "seznam.cz", "centrum.ck": "centrum.sk", "outlok.com": "outlook.com",
}  # fmt: skip
# What a postal code of the country consists of, and how it is written.
_POSTAL: dict[str, tuple[str, Callable[[str], str], str]] = {
    "SK": (r"[089][0-9]{4}", lambda c: f"{c[:3]} {c[3:]}", "811 01"),
    "CZ": (r"[1-7][0-9]{4}", lambda c: f"{c[:3]} {c[3:]}", "110 00"),
    "HU": (r"[1-9][0-9]{3}", str, "1051"),
    "RO": (r"[0-9]{6}", str, "010011"),
    "IT": (r"[0-9]{5}", str, "20121"),
    "DE": (r"[0-9]{5}", str, "10115"),
    "CH": (r"[1-9][0-9]{3}", str, "8001"),
    "US": (r"[0-9]{5}([0-9]{4})?", lambda c: c if len(c) == 5 else f"{c[:5]}-{c[5:]}", "10001"),
}


def phone(text: str, country: str) -> Verdict:
    """Kept in E.164 (+421905123456) where it is clear which number is meant."""
    if sum(letter.isdecimal() for letter in text) < 3:
        return Verdict(text, _("A phone number has three digits or more, such as +421 905 123 456."))
    plain = re.sub(r"[\s\u00a0\u202f]+", " ", text).strip()
    plain = re.sub(r"^00\s*", "+", plain) if country != "US" else plain
    try:
        number = phonenumbers.parse(plain, country or None)
    except NumberParseException:
        if not plain.startswith("+"):
            return Verdict(text, warning=_("Begin with + and the code of the country, such as +421, so that it is"
                                           " clear which number is meant."))  # fmt: skip
        return Verdict(text, warning=_("This does not look like a phone number."))
    if not phonenumbers.is_valid_number(number):
        return Verdict(text, warning=_("There seems to be no such phone number."))
    if number.extension:
        return Verdict(text, warning=_("The extension is kept as it is written; text messages will not arrive."))
    kept = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return Verdict(kept)


def local_phone(text: str, country: str) -> Verdict:
    """A number whose international prefix stands in a field of its own."""
    if sum(letter.isdecimal() for letter in text) < 3:
        return Verdict(text, _("A phone number has three digits or more, such as +421 905 123 456."))
    if text.startswith(("+", "00")):
        return Verdict(text, warning=_("The international prefix has a field of its own."))
    return Verdict(text)


def phone_prefix(text: str, country: str) -> Verdict:
    compact = re.sub(r"[\s\u00a0()]", "", text)
    compact = re.sub(r"^00", "+", compact)
    if not re.fullmatch(r"\+?[0-9]{1,4}", compact):
        return Verdict(text, _("An international prefix is + and up to four digits, such as +421."))
    code = int(compact.lstrip("+"))
    if phonenumbers.region_code_for_country_code(code) == "ZZ":
        return Verdict(f"+{code}", warning=_("No country has this international prefix."))
    return Verdict(f"+{code}")


def email(text: str, country: str) -> Verdict:
    """Kept with its domain in small letters; the part before @ is the receiver's business."""
    local, _at, domain = text.rpartition("@")
    if not _at or not _MAILBOX.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        return Verdict(text, _("An e-mail address looks like name@example.com."))
    domain = domain.lower().rstrip(".")
    if not _is_domain(domain):
        return Verdict(text, _("What stands after @ is no domain, such as example.com."))
    kept = f"{local}@{domain}"
    if domain in _MISTYPED:
        return Verdict(kept, warning=_("Did you mean @%(domain)s?", domain=_MISTYPED[domain]))
    return Verdict(kept)


@lru_cache(maxsize=4096)
def _is_domain(domain: str) -> bool:
    """Many addresses of a file are at a few domains, and looking at one is dear."""
    try:
        return "." in idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return False


def postal_code(text: str, country: str) -> Verdict:
    """Kept as the country writes it."""
    if country not in _POSTAL:
        return Verdict(text)
    pattern, written, example = _POSTAL[country]
    compact = re.sub(rf"^{country}[\s\-]*|[\s\u00a0\-]", "", text.upper())
    if not re.fullmatch(pattern, compact):
        return Verdict(text, warning=_("A postal code of %(country)s looks like %(example)s.",
                                       country=country, example=example))  # fmt: skip
    return Verdict(written(compact))


def url(text: str, country: str) -> Verdict:
    """Kept with its scheme; an address within the own house begins with /."""
    if text.startswith("/") and not text.startswith("//") and not re.search(r"\s", text):
        return Verdict(text)
    kept = text if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", text) and "://" in text else f"https://{text}"
    try:
        parts = urlsplit(kept)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme.lower() not in ("http", "https") or "." not in host or re.search(r"\s", kept):
        return Verdict(text, _("A web address looks like https://example.com."))
    return Verdict(kept)


def color(text: str, country: str) -> Verdict:
    """#RGB or #RRGGBB, with or without opacity, or the English name of a colour."""
    if re.fullmatch(r"[0-9A-Fa-f]{6}", text):
        return Verdict(f"#{text}")
    if re.fullmatch(r"#([0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})|[a-z]+", text):
        return Verdict(text)
    return Verdict(text, _("A colour looks like #6B2346."))
