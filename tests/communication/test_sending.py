"""From the log to a mail server: sent once, tried again, refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.communication import rules, services
from app.communication.events import MessageWritten
from app.communication.jobs import send_message
from app.communication.models import BadAddress, CommunicationMessage, MessageSending
from app.communication.rules import Draft
from app.core.db import session_factory
from app.core.events import Happened, Later
from app.core.mail import port
from app.core.mail.message import Mail
from app.core.mail.outcome import Accepted, Delayed, Outcome
from app.core.outbox import OutboxEvent
from app.core.types import utc_now
from app.core.viewer import system_scope
from app.customers.models import Customer
from app.work.models import ActivityLog
from tests.communication.written import Scripted, sending_of, written
from tests.mailserver import HOUSE, Post, mailer_for, misbehaving, until_data
from tests.outbox import work_off

# Sending -----------------------------------------------------------------------


def test_an_email_leaves_and_the_log_knows_it(session: Session, jana: Customer, eva: User, post: Post) -> None:
    message = written(session, jana, eva)

    work_off(session)

    (mail,) = post.taken
    assert mail["To"] == "jana@example.com" and mail["Subject"] == "Zmluva"
    assert mail["Message-ID"] == f"<{message.id}@indexus.example>" and mail["X-Reference"] == message.id
    assert str(mail["From"]) == f"Eva <{HOUSE.email}>" and str(mail["Reply-To"]) == "Eva <eva@example.com>"
    assert mail["Auto-Submitted"] is None
    assert "Dobrý deň" in mail.get_body(("plain",)).get_content()
    assert '<html lang="sk">' in mail.get_body(("html",)).get_content()
    assert (message.status, message.provider, message.delivery_status) == (
        "sent",
        "smtp",
        "250 2.0.0 OK queued as 4711",
    )
    assert message.external_id == mail["Message-ID"]
    assert message.sent_at is not None and message.error_message is None
    assert (sending_of(session, message).tries, sending_of(session, message).answered) == (1, True)


def test_what_was_sent_is_not_sent_again_however_often_the_job_runs(session: Session, post: Post) -> None:
    message = written(session)
    work_off(session)

    for key in ("again", "and again"):
        assert send_message(session, Happened(MessageWritten(message.id), key, utc_now())) is None

    assert len(post.taken) == 1


def test_a_worker_that_dies_before_the_answer_was_written_down_sends_the_same_mail(
    session: Session, post: Post
) -> None:
    message = written(session)
    with session.begin_nested() as lost:
        send_message(session, Happened(MessageWritten(message.id), "1", utc_now()))
        lost.rollback()  # the effect is gone, the mail is not
    session.expire_all()

    work_off(session)

    assert [mail["Message-ID"] for mail in post.taken] == [f"<{message.id}@indexus.example>"] * 2
    assert post.taken[0]["Date"] == post.taken[1]["Date"] is not None
    assert message.status == "sent"


def test_a_try_is_noted_before_the_server_is_asked(session: Session) -> None:
    message = written(session)
    seen: list[tuple[int, bool]] = []

    class Looking(Scripted):
        def send(self, mail: Mail) -> Outcome:
            with session_factory() as apart:
                row = apart.execute(select(MessageSending.tries, MessageSending.answered)).one()
                seen.append((row.tries, row.answered))
            return super().send(mail)

    Looking(Accepted("250 OK"))
    work_off(session)

    assert seen == [(1, False)]
    assert sending_of(session, message).answered


@pytest.fixture
def real(app: Flask, engine: Engine) -> Iterator[Session]:
    """A session whose commits stay, for what has to be seen by other connections; what it wrote goes at the end."""
    with system_scope("tests"), session_factory() as session:
        session.info["unaudited"] = True
        session.info["begun"] = utc_now()
        yield session
        session.rollback()
        for table in (CommunicationMessage, OutboxEvent):
            session.execute(delete(table), execution_options={"synchronize_session": False})
        session.commit()


def test_a_try_stays_noted_when_its_worker_dies_with_the_mail_in_hand(real: Session) -> None:
    message = written(real)

    class Dying(Scripted):
        def send(self, mail: Mail) -> Outcome:
            super().send(mail)
            raise MemoryError

    dying = Dying(Accepted("250 OK"))
    work_off(real)
    after_death = (message.status, sending_of(real, message).tries, sending_of(real, message).answered)
    mailer = Scripted(Accepted("250 OK"))
    work_off(real, now=utc_now() + timedelta(minutes=1))

    assert after_death == ("pending", 1, False)
    assert dying.mails[0].message_id == mailer.mails[0].message_id
    assert (message.status, sending_of(real, message).tries, sending_of(real, message).answered) == ("sent", 2, True)


def test_two_workers_with_one_email_send_it_once(real: Session) -> None:
    message = written(real)
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Scripted):
        def send(self, mail: Mail) -> Outcome:
            begun.set()
            assert go_on.wait(10)
            return super().send(mail)

    mailer = Slow(Accepted("250 OK"))

    def worker() -> Later | None:
        with system_scope("tests"), session_factory.begin() as own:
            return send_message(own, Happened(MessageWritten(message.id), "1", utc_now()))

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(worker)
        assert begun.wait(10)
        second = pool.submit(worker).result(10)
        go_on.set()
        done = first.result(10)
        third = pool.submit(worker).result(10)

    assert (done, third) == (None, None) and second == Later(timedelta(seconds=20))
    assert len(mailer.mails) == 1


def test_two_clicks_at_once_write_one_email(real: Session) -> None:
    barrier = threading.Barrier(6)

    def click() -> str:
        with system_scope("tests"), session_factory.begin() as own:
            barrier.wait(10)
            draft = Draft("jana@example.com", "Zmluva", "Dobrý deň")
            return services.write_email(own, draft, reference="form:twice", now=utc_now()).id

    with ThreadPoolExecutor(6) as pool:
        keys = [found.result(20) for found in [pool.submit(click) for _click in range(6)]]

    assert len(set(keys)) == 1
    assert real.scalar(select(func.count()).select_from(CommunicationMessage)) == 1


def test_a_temporary_refusal_is_tried_again_and_then_succeeds(session: Session, post: Post) -> None:
    message = written(session)
    post.rcpt["jana@example.com"] = "450 4.2.0 greylisted"
    work_off(session)
    waiting = (message.status, message.error_message, sending_of(session, message).next_at)
    post.rcpt.clear()

    too_early = work_off(session, now=utc_now() + timedelta(minutes=4))
    work_off(session, now=utc_now() + timedelta(minutes=6))

    assert waiting[:2] == ("pending", "450 4.2.0 greylisted") and waiting[2] > utc_now() + timedelta(minutes=4)
    assert too_early == 0
    assert (message.status, message.error_message, sending_of(session, message).tries) == ("sent", None, 2)
    assert len(post.taken) == 1


def test_the_last_try_ends_in_a_visible_failure(session: Session) -> None:
    message = written(session)
    mailer = Scripted(*[Delayed("The mail server does not answer in time.")] * 20)
    later = utc_now()

    for _day in range(12):
        work_off(session, now=later)
        later += timedelta(days=1)

    assert (message.status, message.error_message) == ("failed", "The mail server does not answer in time.")
    assert len(mailer.mails) == len(rules.DELAYS) + 1 == 7
    assert len({mail.message_id for mail in mailer.mails}) == 1


def test_delays_grow_and_honour_what_the_server_wishes() -> None:
    grown = [rules.next_delay(tries, None) for tries in range(1, 8)]

    assert grown[:-1] == sorted(grown[:-1]) and grown[-1] is None
    assert rules.next_delay(1, timedelta(hours=2)) == timedelta(hours=2)
    assert rules.next_delay(1, timedelta(days=30)) == timedelta(days=1)


def test_an_unknown_outcome_is_flagged(session: Session) -> None:
    def talk(guest: Any) -> None:
        for line in until_data(guest):
            if line == b".\r\n":
                return

    message = written(session)
    with misbehaving(talk) as door:
        port.use(mailer_for(door))
        work_off(session)

    assert message.status == "pending" and "is not known" in (message.error_message or "")
    assert sending_of(session, message).answered is False


def test_a_refused_address_fails_at_once_and_from_then_on(session: Session, jana: Customer, post: Post) -> None:
    post.rcpt["jana@example.com"] = "550 5.1.1 no such user"
    first = written(session, jana)
    work_off(session)
    asked = post.asked

    second = written(session, jana, to="Jana@EXAMPLE.com")
    work_off(session)

    assert first.status == "failed"
    assert first.error_message == "The address takes no e-mail: 550 5.1.1 no such user"
    assert (second.status, second.error_message) == (
        "failed", "Earlier e-mail to this address was refused for good: 550 5.1.1 no such user",
    )  # fmt: skip
    assert post.asked == asked == 1
    rows = session.execute(select(BadAddress.address, BadAddress.message_id)).all()
    assert sorted(rows) == sorted([("jana@example.com", first.id), ("jana@example.com", second.id)])


def test_a_cleared_address_may_be_written_to_again(session: Session, jana: Customer, post: Post) -> None:
    post.rcpt["jana@example.com"] = "550 5.1.1 no such user"
    message = written(session, jana)
    work_off(session)
    post.rcpt.clear()

    services.clear_address(session, "jana@example.com", message.id)
    services.try_again(session, message, language="sk", now=utc_now())
    work_off(session)

    assert message.status == "sent" and message.error_message is None
    noted = session.scalars(select(ActivityLog).where(ActivityLog.entity_name == "jana@example.com")).one()
    assert (noted.action, noted.entity_id) == ("update", message.id)


@pytest.mark.parametrize("answer", ["554 5.6.0 looks like spam", "552 5.2.2 mailbox full"])
def test_a_refused_mail_fails_and_says_nothing_against_the_address(session: Session, post: Post, answer: str) -> None:
    message = written(session)
    post.data = answer

    work_off(session)

    assert message.status == "failed" and answer in (message.error_message or "")
    assert session.scalar(select(func.count()).select_from(BadAddress)) == 0


def test_nobody_gets_more_than_the_daily_cap(session: Session, post: Post) -> None:
    now = utc_now()
    for number in range(rules.DAILY_CAP):
        at = now - timedelta(hours=23, minutes=number)
        sent = {"type": "email", "content": "x", "recipient_email": "JANA@example.com", "status": "sent", "sent_at": at}
        session.add(CommunicationMessage(**sent))
    message, other = written(session), written(session, to="eva@example.com")

    work_off(session)
    waiting = (message.status, message.error_message)
    next_at = sending_of(session, message).next_at

    assert waiting == ("pending", "This address has had 20 e-mails within a day; this one waits.")
    assert next_at is not None and timedelta(minutes=30) < next_at - now <= timedelta(hours=1)
    assert other.status == "sent" and [mail["To"] for mail in post.taken] == ["eva@example.com"]


def test_without_a_server_an_email_waits_three_days_and_then_fails(session: Session) -> None:
    message = written(session)

    work_off(session)
    waiting = (message.status, message.error_message, sending_of(session, message).tries)
    message.created_at = utc_now() - timedelta(days=3, minutes=1)
    work_off(session, now=utc_now() + timedelta(minutes=11))

    assert waiting == ("pending", "No mail server is configured (SMTP_URL).", 0)
    assert (message.status, message.error_message) == ("failed", "No mail server is configured (SMTP_URL).")


def test_a_message_that_is_gone_or_was_noted_by_hand_is_not_sent(session: Session, post: Post) -> None:
    gone, noted = written(session), CommunicationMessage(type="email", content="x", recipient_email="a@example.com")
    session.add(noted)
    session.delete(gone)
    session.commit()

    for key in (gone.id, noted.id):
        assert send_message(session, Happened(MessageWritten(key), "1", utc_now())) is None
    work_off(session)

    assert post.asked == 0


def test_an_address_that_was_changed_to_nonsense_fails_with_a_sentence(session: Session, post: Post) -> None:
    message = written(session)
    message.recipient_email = "jana@example.com\r\nBcc: all@example.com"

    work_off(session)

    assert message.status == "failed" and "line break" in (message.error_message or "")
    assert post.asked == 0
