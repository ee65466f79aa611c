"""E-mails that are written, and a mailer that answers as it is told."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.access.models import User
from app.communication import services
from app.communication.models import CommunicationMessage, MessageSending
from app.communication.rules import Draft
from app.core.mail import port
from app.core.mail.message import Mail
from app.core.mail.outcome import Outcome
from app.core.types import utc_now
from app.customers.models import Customer
from tests.mailserver import HOUSE


def written(
    session: Session, customer: Customer | None = None, user: User | None = None, **more: Any
) -> CommunicationMessage:
    reference = more.pop("reference", None)
    draft = Draft(**{"to": "jana@example.com", "subject": "Zmluva", "text": "Dobrý deň", "language": "sk", **more})
    message = services.write_email(session, draft, customer=customer, user=user, reference=reference, now=utc_now())
    session.commit()
    return message


def sending_of(session: Session, message: CommunicationMessage) -> MessageSending:
    found = session.get(MessageSending, message.id, populate_existing=True)
    assert found is not None
    return found


class Scripted:
    """A mailer that gives these outcomes one after the other."""

    provider, warning, sender, domain = "scripted", "", HOUSE, "indexus.example"

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.mails = list(outcomes), list[Mail]()
        port.use(self)

    def send(self, mail: Mail) -> Outcome:
        self.mails.append(mail)
        return self.outcomes.pop(0)
