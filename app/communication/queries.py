"""What can be asked about messages and addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.access.models import User
from app.communication import rules
from app.communication.models import (
    BadAddress,
    CommunicationMessage,
    CommunicationMessageDirection,
    CommunicationMessageType,
    MessageSending,
)
from app.core.mail.message import Address, UnfitMail
from app.core.viewer import SYSTEM, Viewer, visible
from app.customers.models import Customer
from app.settings.models import CountrySystemSettings

_AS_SYSTEM = {"viewer": SYSTEM}
SHOWN = 200


@dataclass(frozen=True)
class Sender:
    """Who an e-mail comes from: the address, where answers go, and who wrote it."""

    address: Address
    reply_to: Address | None
    author: str
    switched_off: bool = False  # no automatic e-mails leave for this country


def sender_of(session: Session, customer: Customer | None, user: User | None, *, automatic: bool,
              house: Address) -> Sender:  # fmt: skip
    """The country of the customer says from which address; a person's own name stands beside it and gets the answers.

    `house` is who mail comes from where nobody else is said.
    """
    asked = select(CountrySystemSettings).where(CountrySystemSettings.country_code == customer.country) if customer else None
    said = session.scalars(asked, execution_options=_AS_SYSTEM).one_or_none() if asked is not None else None
    address = _usable(said.system_email_address, said.system_email_display_name) if said else None
    address = address or house
    off = automatic and said is not None and not said.system_email_enabled
    if automatic or user is None:
        return Sender(address, None, address.name, off)
    reply_to = _usable(user.email, user.full_name)
    return Sender(Address(address.email, reply_to.name if reply_to else address.name), reply_to, user.full_name, off)


def _usable(email: str | None, name: str | None) -> Address | None:
    """An address from a record, if mail can carry it."""
    try:
        return Address(email, " ".join((name or "").split())) if email else None
    except UnfitMail:
        return None


def refused(session: Session, email: str) -> BadAddress | None:
    """Why nothing is sent to this address, whatever countries the one who asks works in; None when it may be."""
    asked = select(BadAddress).where(BadAddress.address == rules.folded(email)).order_by(BadAddress.since).limit(1)
    return session.scalars(asked, execution_options=_AS_SYSTEM).one_or_none()


def sent_times(session: Session, email: str, *, since: datetime) -> Sequence[datetime]:
    """When e-mails left for this address after `since`, oldest first; at most the daily cap of them, the newest."""
    message = CommunicationMessage
    asked = select(message.sent_at).where(
        func.fold(message.recipient_email).collate("C") == func.fold(email).collate("C"),
        message.type == CommunicationMessageType.email,
        message.direction == CommunicationMessageDirection.outbound,
        message.sent_at > since,
    )
    newest = asked.order_by(message.sent_at.desc()).limit(rules.DAILY_CAP)
    return sorted(session.scalars(newest, execution_options=_AS_SYSTEM))


def by_reference(session: Session, reference: str) -> MessageSending | None:
    asked = select(MessageSending).where(MessageSending.reference == reference)
    return session.scalars(asked, execution_options=_AS_SYSTEM).one_or_none()


@dataclass(frozen=True)
class Blocked:
    """One address of the list: the newest refusal among those that the viewer may know of."""

    address: str
    reason: str
    since: datetime
    message_id: str
    subject: str | None
    customer_id: str | None


def blocked(session: Session, viewer: Viewer, *, search: str = "") -> list[Blocked]:
    """Addresses that took no mail, newest first: those of messages that the viewer may see."""
    asked = visible(BadAddress, viewer).options(joinedload(BadAddress.message, innerjoin=True))
    if search:
        asked = asked.where(func.strpos(BadAddress.address, search.strip().lower()) > 0)
    found: dict[str, Blocked] = {}
    for row in session.scalars(asked.order_by(BadAddress.since.desc(), BadAddress.id).limit(SHOWN)):
        line = Blocked(row.address, row.reason, row.since, row.message_id, row.message.subject, row.message.customer_id)
        found.setdefault(row.address, line)
    return list(found.values())
