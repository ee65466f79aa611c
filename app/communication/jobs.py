"""What runs later in this domain: e-mails leave."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.communication import queries, reasons, rules, services
from app.communication.events import MessageWritten
from app.communication.models import CommunicationMessage, CommunicationMessageStatus, MessageSending
from app.communication.queries import Sender
from app.core.db import session_factory
from app.core.events import Happened, Later, on
from app.core.html import clean_mail, html_of
from app.core.mail import letters, port
from app.core.mail.letters import Letter
from app.core.mail.message import Address, Mail, UnfitMail
from app.core.mail.outcome import Accepted, Delayed, RefusedAddress
from app.core.mail.reasons import N_
from app.core.types import utc_now
from app.customers.models import Customer

_BUSY = timedelta(seconds=20)


@on(MessageWritten, seconds=45)  # a conversation with the server takes at most 23
def send_message(session: Session, happened: Happened[MessageWritten]) -> Later | None:
    """Send an e-mail and write down what became of it. Safe to run twice.

    After a recorded success it is never sent again. A worker that dies between the server's yes and our commit leaves
    a try without an answer: the next one sends the same Message-ID, by which servers and mail programs know a repeat.
    """
    now, key = utc_now(), happened.event.message_id
    asked = select(CommunicationMessage).where(CommunicationMessage.id == key)
    message = session.scalars(asked.with_for_update(skip_locked=True, key_share=True)).one_or_none()
    if message is None:
        return Later(_BUSY) if session.scalar(select(asked.exists())) else None
    sending = session.get(MessageSending, key)
    if sending is None or message.status is not CommunicationMessageStatus.pending:
        return None
    if (when := _first_time(session, message, sending, now=now)) is not None:
        sending.next_at = when.when if isinstance(when.when, datetime) else now + when.when
        return when
    if message.status is not CommunicationMessageStatus.pending:
        return None
    return _sent(session, message, sending, now=now)


def _first_time(
    session: Session, message: CommunicationMessage, sending: MessageSending, *, now: datetime
) -> Later | None:
    """What is found out without asking a server: that it cannot go at all, or not yet."""
    email = message.recipient_email or ""
    if sending.tries > len(rules.DELAYS):
        _fail(message, message.error_message or N_("The mail server was tried too often without an answer."))
    elif (bad := queries.refused(session, email)) is not None:
        services.note_refusal(session, message, bad.reason, now=now)
        _fail(message, reasons.REFUSED_EARLIER % {"answer": bad.reason})
    else:
        # Two e-mails to one address are counted one after the other.
        address = f"mail-to:{rules.folded(email)}"
        if not session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(address, 0)))):
            return Later(_BUSY)
        times = queries.sent_times(session, email, since=now - rules.DAY)
        if len(times) >= rules.DAILY_CAP:
            message.error_message = reasons.TOO_MANY % {"most": rules.DAILY_CAP}
            return Later(times[0] + rules.DAY)
    return None


def _sent(session: Session, message: CommunicationMessage, sending: MessageSending, *, now: datetime) -> Later | None:
    mailer = port.current()
    customer = session.get(Customer, message.customer_id) if message.customer_id else None
    user = session.get(User, message.user_id) if message.user_id else None
    sender = queries.sender_of(session, customer, user, automatic=sending.automatic, house=mailer.sender)
    if sender.switched_off:
        _fail(message, N_("Automatic e-mails are switched off for this country."))
        return None
    try:
        mail = _mail(message, sending, sender, mailer.domain)
    except UnfitMail as unfit:
        _fail(message, unfit.sentence)
        return None
    with session_factory() as apart, apart.begin():
        services.note_attempt(apart, message.id, now=now)
    outcome = mailer.send(mail)
    session.refresh(sending)
    sending.answered = not (isinstance(outcome, Delayed) and outcome.unsure)
    message.provider = mailer.provider or message.provider
    if isinstance(outcome, Accepted):
        message.status, message.sent_at, message.error_message = CommunicationMessageStatus.sent, utc_now(), None
        message.external_id, message.delivery_status = mail.message_id, outcome.answer
    elif isinstance(outcome, Delayed):
        return _postponed(message, sending, outcome, now=now)
    else:
        if isinstance(outcome, RefusedAddress):
            services.note_refusal(session, message, outcome.answer, now=now)
        message.external_id, message.delivery_status = mail.message_id, outcome.answer or None
        _fail(message, outcome.reason)
    return None


def _postponed(
    message: CommunicationMessage, sending: MessageSending, outcome: Delayed, *, now: datetime
) -> Later | None:
    """When to try again; None when that was the last time, and the message has failed."""
    if outcome.tried:
        wait = rules.next_delay(sending.tries, outcome.after)
    else:
        sending.tries = max(sending.tries - 1, 0)
        too_old = message.created_at < now - rules.PATIENCE
        wait = None if too_old else outcome.after or rules.DELAYS[0]
    message.error_message = outcome.reason
    if wait is None:
        _fail(message, outcome.reason)
        return None
    sending.next_at = now + wait
    return Later(sending.next_at)


def _fail(message: CommunicationMessage, reason: str) -> None:
    message.status, message.error_message = CommunicationMessageStatus.failed, reason


def _mail(message: CommunicationMessage, sending: MessageSending, sender: Sender, domain: str) -> Mail:
    """The mail of a message, the same at every try. Raises UnfitMail."""
    letter = letter_of(message, sending, sender)
    return Mail(
        sender=sender.address,
        to=Address(message.recipient_email or ""),
        subject=message.subject or "",
        text=letter.text,
        html=letter.html,
        message_id=rules.message_id(message.id, domain),
        reply_to=sender.reply_to,
        reference=message.id,
        automatic=sending.automatic,
        written_at=message.created_at,
    )


def letter_of(message: CommunicationMessage, sending: MessageSending, sender: Sender) -> Letter:
    """The text as it is read, with its frame."""
    subject, text = message.subject or "", message.content
    if sending.is_letter and sending.html:
        return Letter(subject, text, sending.html)
    body = Markup(clean_mail(sending.html)) if sending.html else html_of(text)
    return framed(subject, text, body, sender, sending.language, automatic=sending.automatic)


def framed(subject: str, text: str, body: Markup, sender: Sender, language: str, *, automatic: bool) -> Letter:
    """`body` in the frame of the house; also for looking at an e-mail before it is written."""
    return letters.write(
        "letter", language, wanted_subject=subject, text=text.strip(), body=body, sender_name=sender.house,
        author=sender.author, automatic=automatic,
    )  # fmt: skip
