"""What can be done with e-mails: write one, try it again, take a report about it, let a refused address go."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.access.models import User
from app.communication import queries, reasons, rules
from app.communication.bounces import Report
from app.communication.errors import NotSendable
from app.communication.events import MessageWritten
from app.communication.models import (
    BadAddress,
    CommunicationMessage,
    CommunicationMessageDirection,
    CommunicationMessageStatus,
    CommunicationMessageType,
    MessageSending,
)
from app.communication.rules import Draft
from app.core import audit
from app.core.errors import NotFound, Unprocessable
from app.core.events import publish
from app.core.html import clean_mail
from app.core.mail.letters import spoken
from app.core.viewer import SYSTEM
from app.customers.models import Customer

_AS_SYSTEM = {"viewer": SYSTEM}
_OPEN = (CommunicationMessageStatus.pending, CommunicationMessageStatus.failed)
_LOG = "communication_messages"
_FORGOTTEN = timedelta(hours=6)  # nothing happens to a waiting e-mail for so long only when its job is lost


def write_email(
    session: Session, draft: Draft, *, customer: Customer | None = None, user: User | None = None,
    reference: str | None = None, now: datetime,
) -> CommunicationMessage:  # fmt: skip
    """Put an e-mail into the log of messages; a worker sends it after the commit.

    `customer` decides the country that sees it and sends it; without one it belongs to `user`: the colleague who
    wrote it, or the one whom an automatic e-mail is for. The same `reference` gives the message that is there already.

    Raises Unprocessable by field of the message.
    """
    if reference is not None:
        # Two clicks at once: the second waits here and then finds the message of the first.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"mail:{reference}", 0))))
        if (known := queries.by_reference(session, reference)) is not None:
            return _theirs(session, known, user)
    if problems := draft.problems():
        raise Unprocessable(problems)
    message = CommunicationMessage(
        id=str(uuid4()),
        customer_id=customer.id if customer else None,
        user_id=user.id if user else None,
        type=CommunicationMessageType.email,
        direction=CommunicationMessageDirection.outbound,
        subject=draft.subject.strip(),
        content=draft.text.replace("\r\n", "\n"),
        recipient_email=draft.to,
        status=CommunicationMessageStatus.pending,
        created_at=now,
    )
    session.add(message)
    session.flush()
    html = draft.html if draft.letter else clean_mail(draft.html)
    session.add(
        MessageSending(
            id=message.id, reference=reference or message.id, language=spoken(draft.language),
            automatic=draft.automatic, html=html or None, is_letter=draft.letter,
        )
    )  # fmt: skip
    session.flush()
    publish(session, MessageWritten(message.id))
    return message


def _theirs(session: Session, known: MessageSending, user: User | None) -> CommunicationMessage:
    """The message of a reference, for the one who wrote it: a guessed reference opens nobody's message."""
    message = session.get(CommunicationMessage, known.id)
    if message is None or message.user_id != (user.id if user else None):
        raise NotFound
    return message


def sendable(message: CommunicationMessage, sending: MessageSending | None, *, now: datetime) -> bool:
    """Whether it can be sent (again): it failed, was noted by hand and never sent, or nobody works on it any more."""
    ours = (message.type, message.direction) == (CommunicationMessageType.email, CommunicationMessageDirection.outbound)
    if not ours or message.status not in _OPEN:
        return False
    if message.status is CommunicationMessageStatus.failed or sending is None:
        return True
    last = max(filter(None, (sending.attempted_at, sending.next_at, message.created_at)))
    return last < now - _FORGOTTEN


def try_again(session: Session, message: CommunicationMessage, *, language: str, now: datetime) -> None:
    """Send an e-mail that failed, or one that was noted by hand and never sent.

    Its tries start anew; it keeps its Message-ID, so that a server which took it after all recognises it.
    Raises NotSendable, Unprocessable.
    """
    sending = session.get(MessageSending, message.id)
    if not sendable(message, sending, now=now):
        raise NotSendable
    if problems := Draft(message.recipient_email or "", message.subject or "", message.content).problems():
        raise Unprocessable(problems)
    if sending is None:
        session.add(MessageSending(id=message.id, reference=message.id, language=spoken(language)))
    else:
        sending.tries, sending.next_at = 0, None
    message.status, message.error_message, message.delivery_status = CommunicationMessageStatus.pending, None, None
    message.sent_at = None
    session.flush()
    publish(session, MessageWritten(message.id))


def note_refusal(session: Session, message: CommunicationMessage, answer: str, *, now: datetime) -> None:
    """The address of this message takes no mail: further mail to it fails at once."""
    address = rules.folded(message.recipient_email or "")
    row = upsert(BadAddress).values(address=address, reason=answer, message_id=message.id, since=now)
    session.execute(row.on_conflict_do_nothing(), execution_options=_AS_SYSTEM)


def clear_address(session: Session, address: str, message_id: str) -> int:
    """Let mail be sent to the address again, whoever found it refused; gives how many refusals were forgotten.

    The block is about the address and not about a country, so whoever may change one message that was refused lifts
    it for all. `message_id` is that message.
    """
    gone = session.execute(
        delete(BadAddress).where(BadAddress.address == address),
        execution_options=_AS_SYSTEM | {"synchronize_session": False},
    )
    count: int = gone.rowcount  # type: ignore[attr-defined]  # a DELETE has it
    if count:
        details = {"event": "address_cleared"}
        audit.note(session, "update", entity_type=_LOG, entity_id=message_id, entity_name=address, details=details)
    return count


def take_report(session: Session, report: Report, *, now: datetime) -> bool:
    """Mark the message that a delivery report is about; whether it is one of ours.

    Anybody can send a report, so it must name the message and the address it went to: only who got it knows both.
    """
    asked = select(CommunicationMessage).where(CommunicationMessage.id == report.message_key).with_for_update()
    message = session.scalars(asked).one_or_none() if report.message_key else None
    if message is None or message.direction is not CommunicationMessageDirection.outbound:
        return False
    if rules.folded(message.recipient_email or "") != rules.folded(report.recipient):
        return False
    message.delivery_status = report.answer
    if report.action == "delivered":
        if message.status is not CommunicationMessageStatus.failed:
            message.status, message.delivered_at = CommunicationMessageStatus.delivered, now
    elif report.action == "failed":
        message.status = CommunicationMessageStatus.failed
        message.error_message = reasons.CAME_BACK % {"answer": report.answer}
        if report.blames_address:
            note_refusal(session, message, report.answer, now=now)
    session.flush()
    return True


def note_attempt(session: Session, key: str, *, now: datetime) -> None:
    """Before the server is asked: a try that a killed worker began is seen by the next one."""
    session.execute(
        update(MessageSending)
        .where(MessageSending.id == key)
        .values(tries=MessageSending.tries + 1, attempted_at=now, answered=False, next_at=None),
        execution_options={"synchronize_session": False},
    )
