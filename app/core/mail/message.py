"""One mail: who, to whom, what. Everything that could break a header is refused before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime
from types import MappingProxyType

import idna
from flask_babel import gettext as _

from app.core.errors import DomainError

LONGEST_SUBJECT = 250
_LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3
_LONGEST_LOCAL = 64
_BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\]+")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_OURS = {"from", "to", "cc", "bcc", "subject", "date", "message-id", "reply-to", "mime-version", "sender", "received"}
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")


class UnfitMail(DomainError):
    """Something in a mail cannot be sent as it stands: an address, the subject, a header."""

    status = 422


@dataclass(frozen=True)
class Address:
    """A mailbox with the name people see beside it. Raises UnfitMail."""

    email: str
    name: str = ""

    def __post_init__(self) -> None:
        if _BREAKING.search(self.name):
            raise UnfitMail(_("The name beside an e-mail address holds a line break or a control character."))
        if _BREAKING.search(self.email):
            raise UnfitMail(_("The e-mail address holds a line break or a control character."))
        local, at, domain = self.email.rpartition("@")
        fits = at and len(local) <= _LONGEST_LOCAL and len(self.email) <= _LONGEST_ADDRESS and _LOCAL.fullmatch(local)
        if not fits or local.startswith(".") or local.endswith(".") or ".." in local or not _plain_domain(domain):
            raise UnfitMail(_("“%(address)s” is not an e-mail address.", address=self.email[:80]))

    @property
    def envelope(self) -> str:
        """The address as a server takes it: the domain in ASCII, whatever its letters."""
        local, _at, domain = self.email.rpartition("@")
        return f"{local}@{_plain_domain(domain)}"

    @property
    def needs_utf8(self) -> bool:
        """Whether only servers with SMTPUTF8 can carry it: letters outside ASCII before the @."""
        return not self.envelope.isascii()

    def header(self) -> HeaderAddress:
        local, _at, domain = self.envelope.rpartition("@")
        return HeaderAddress(self.name, local, domain)


def _plain_domain(domain: str) -> str:
    """The domain in ASCII; "" when it is none. At least two labels: mail goes to the world, not to a host here."""
    try:
        plain = idna.encode(domain, uts46=True).decode().lower()  # Python's own codec sends "faß.de" to "fass.de"
    except idna.IDNAError:
        return ""
    labels = plain.split(".")
    return plain if len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels) else ""


@dataclass(frozen=True)
class Mail:
    """One mail to one person. Raises UnfitMail.

    `message_id` (with angle brackets) and `reference` are the same at every try, so that a repeat is recognised.
    `automatic` mails ask other programs not to answer them. `html` is complete and clean already.
    """

    sender: Address
    to: Address
    subject: str
    text: str
    message_id: str
    html: str = ""
    reply_to: Address | None = None
    reference: str = ""
    automatic: bool = True
    written_at: datetime | None = None  # aware
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if _BREAKING.search(self.subject):
            raise UnfitMail(_("The subject holds a line break or a control character."))
        if not self.subject.strip():
            raise UnfitMail(_("An e-mail needs a subject."))
        if len(self.subject) > LONGEST_SUBJECT:
            raise UnfitMail(_("The subject is longer than %(most)s characters.", most=LONGEST_SUBJECT))
        if "\x00" in self.text or "\x00" in self.html:
            raise UnfitMail(_("The text holds a character that cannot be sent."))
        if not _MESSAGE_ID.fullmatch(self.message_id):
            raise UnfitMail(_("The identity of the e-mail is not usable."))
        for name, value in {**self.headers, "Reference": self.reference}.items():
            if not _HEADER.fullmatch(name) or name.lower() in _OURS or _BREAKING.search(value):
                raise UnfitMail(_("A header of the e-mail holds a line break, a control character or a reserved name."))

    @property
    def needs_utf8(self) -> bool:
        return any(a.needs_utf8 for a in (self.sender, self.to, self.reply_to) if a is not None)

    def encoded(self) -> EmailMessage:
        """The mail as it goes over the wire: plain text, and HTML beside it where there is some."""
        # Seven bits: no server on the way has to be able to do more, and none re-encodes what was signed.
        policy: EmailPolicy = SMTPUTF8 if self.needs_utf8 else SMTP
        message = EmailMessage(policy.clone(cte_type="7bit"))
        message["From"] = self.sender.header()
        message["To"] = self.to.header()
        message["Subject"] = self.subject
        message["Message-ID"] = self.message_id
        if self.written_at is not None:
            message["Date"] = format_datetime(self.written_at)
        if self.reply_to is not None:
            message["Reply-To"] = self.reply_to.header()
        if self.reference:
            message["X-Reference"] = self.reference
        if self.automatic:
            message["Auto-Submitted"] = "auto-generated"
        for name, value in self.headers.items():
            message[name] = value
        message.set_content(self.text)
        if self.html:
            message.add_alternative(self.html, subtype="html")
        return message
