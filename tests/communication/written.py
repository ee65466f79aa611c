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


def bounce(key: str, to: str = "jana@example.com", *, status: str = "5.1.1", action: str = "failed",
           code: str = "550 5.1.1 <jana@example.com>: no such user", part: str = "message/rfc822-headers",
           original: str = "") -> bytes:  # fmt: skip
    """What Postfix and its kin send back."""
    return f"""From: MAILER-DAEMON@mx.example.com
To: crm@indexus.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I am sorry to have to inform you.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Thu, 26 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; {to}
{original}Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code}

--B
Content-Type: {part}

From: crm@indexus.example
To: {to}
Message-ID: <{key}@indexus.example>
Subject: Zmluva

--B--
""".encode()
