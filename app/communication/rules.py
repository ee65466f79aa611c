"""What follows from values alone: languages of countries, identities of e-mails, when to try again, what fits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from app.core.mail.message import Address, Mail, UnfitMail

# When to try again after the first, second, ... failure: seven tries in about a day and a half.
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 6 * 60, 24 * 60))
LONGEST_DELAY = timedelta(days=1)  # however long a server wishes
PATIENCE = timedelta(days=3)  # an e-mail that could not even be tried for so long is out of date
DAILY_CAP = 20  # e-mails to one address in 24 hours
DAY = timedelta(days=1)
LONGEST_TEXT = 200_000  # characters

_LANGUAGES = {"SK": "sk", "CZ": "cs", "HU": "hu", "RO": "ro", "IT": "it", "DE": "de", "CH": "de"}
_ID = re.compile(r"<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^\s<>@]+>?", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """An e-mail before it is written into the log.

    `html` is the rich half, if any: of strangers, and cleaned; or a whole letter from our own templates (`letter`).
    `automatic` ones are written by the system, and nobody reads answers to them.
    """

    to: str
    subject: str
    text: str
    language: str = "en"
    html: str = ""
    letter: bool = False
    automatic: bool = False

    def problems(self) -> dict[str, list[str]]:
        """What cannot be sent, by field of the message."""
        found: dict[str, list[str]] = {}
        if not self.to:
            found["recipient_email"] = [_("This field is required.")]
        elif sentence := _refusal(self.to, "subject"):
            found["recipient_email"] = [sentence]
        if not self.subject.strip():
            found["subject"] = [_("This field is required.")]
        elif sentence := _refusal("somebody@example.com", self.subject):
            found["subject"] = [sentence]
        if not self.text.strip():
            found["content"] = [_("This field is required.")]
        elif len(self.text) > LONGEST_TEXT or len(self.html) > LONGEST_TEXT:
            found["content"] = [_("This text is too long for an e-mail.")]
        elif "\x00" in self.text:
            found["content"] = [_("This text holds a character that cannot be stored.")]
        return found


def _refusal(to: str, subject: str) -> str:
    try:
        address = Address(to)
        Mail(address, address, subject, "", "<a@example.com>")
    except UnfitMail as unfit:
        return unfit.sentence
    return ""


def language_of(country: str | None) -> str:
    """The language families of a country are written to."""
    return _LANGUAGES.get(country or "", "en")


def folded(email: str) -> str:
    """An address as it is compared: small letters, the domain in ASCII; anything else in small letters only."""
    try:
        return Address(email.strip()).envelope.lower()
    except UnfitMail:
        return email.strip().lower()


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a message, the same at every try."""
    return f"<{key}@{domain}>"


def key_in(header: str | None) -> str | None:
    """The message whose Message-ID this is; None when it is none of ours."""
    found = _ID.fullmatch((header or "").strip())
    return found[1].lower() if found else None


def next_delay(tries: int, wished: timedelta | None) -> timedelta | None:
    """How long to wait after `tries` failures; None when that was the last one."""
    if tries > len(DELAYS):
        return None
    return min(max(DELAYS[max(tries, 1) - 1], wished or timedelta(0)), LONGEST_DELAY)
