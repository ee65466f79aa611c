"""E-mails from the log of messages to a mail server: sent once, tried again, refused, come back."""

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
from app.communication import bounces, rules, services
from app.communication.errors import NotSendable
from app.communication.events import MessageWritten
from app.communication.jobs import send_message
from app.communication.models import BadAddress, CommunicationMessage, MessageSending
from app.communication.rules import Draft
from app.core.db import session_factory
from app.core.errors import NotFound, Unprocessable
from app.core.events import Happened, Later
from app.core.mail import letters, port
from app.core.mail.message import Address, Mail
from app.core.mail.outcome import Accepted, Delayed, Outcome
from app.core.mail.port import WaitingMailer
from app.core.outbox import OutboxEvent
from app.core.types import utc_now
from app.core.viewer import system_scope
from app.customers.models import Customer
from app.settings.models import CountrySystemSettings
from app.work.models import ActivityLog
from tests.conftest import make_user
from tests.mailserver import HOUSE, Post, mailer_for, misbehaving, post_office
from tests.outbox import published, work_off
from tests.places import placed
from tests.test_mail import until_data


@pytest.fixture(autouse=True)
def nobody_else_sends() -> Iterator[None]:
    """What a test does not connect waits."""
    before = port.use(WaitingMailer(HOUSE, "indexus.example"))
    yield
    port.use(before)


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as post:
        port.use(mailer_for(post.port))
        yield post


@pytest.fixture
def jana(session: Session) -> Customer:
    found: Customer = placed(session, "customers", "SK", first_name="Jana", last_name="Malá", email="jana@example.com")
    session.commit()
    return found


@pytest.fixture
def eva(session: Session) -> User:
    user = make_user(session, "eva", assigned_countries=["SK"])
    session.commit()
    return user


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


# Writing ----------------------------------------------------------------------


def test_an_email_waits_in_the_log_and_is_told_of(session: Session, jana: Customer, eva: User) -> None:
    message = written(session, jana, eva, text="Dobrý deň\r\nEva")

    session.expire_all()
    assert (message.status, message.type, message.direction) == ("pending", "email", "outbound")
    assert (message.content, message.recipient_email) == ("Dobrý deň\nEva", "jana@example.com")
    assert (message.customer_id, message.user_id) == (jana.id, eva.id)
    assert published(session, MessageWritten) == [MessageWritten(message.id)]
    assert sending_of(session, message).language == "sk"


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("recipient_email", {"to": ""}), ("recipient_email", {"to": "jana"}),
        ("recipient_email", {"to": "jana@example.com\r\nBcc: all@example.com"}),
        ("subject", {"subject": " "}), ("subject", {"subject": "a\nb"}), ("subject", {"subject": "x" * 251}),
        ("content", {"text": " \n"}), ("content", {"text": "x" * 200_001}), ("content", {"text": "a\x00b"}),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_not_written(session: Session, field: str, more: dict[str, str]) -> None:
    with pytest.raises(Unprocessable) as refused:
        written(session, **more)
    session.rollback()

    assert list(refused.value.fields) == [field]
    assert session.scalar(select(func.count()).select_from(CommunicationMessage)) == 0
    assert published(session, MessageWritten) == []


def test_the_same_reference_makes_one_message(session: Session, jana: Customer, eva: User) -> None:
    first = written(session, jana, eva, reference="form:1")
    second = written(session, jana, eva, reference="form:1", subject="Another")

    assert first.id == second.id
    assert len(published(session, MessageWritten)) == 1


def test_a_reference_of_somebody_else_opens_nothing(session: Session, jana: Customer, eva: User) -> None:
    other = make_user(session, "other")
    written(session, jana, eva, reference="form:1")

    with pytest.raises(NotFound):
        written(session, jana, other, reference="form:1")


def test_html_of_strangers_is_cleaned_before_it_is_kept(session: Session, post: Post) -> None:
    message = written(session, html="<p onclick=x>Hello<script>alert(1)</script></p>")

    work_off(session)

    assert sending_of(session, message).html == "<p>Hello</p>"
    assert "<p>Hello</p>" in post.taken[0].get_body(("html",)).get_content()


def test_html_that_came_into_the_table_otherwise_is_cleaned_before_it_leaves(session: Session, post: Post) -> None:
    message = written(session, html="<p>Hello</p>")
    sending_of(session, message).html = "<p>Hello<img src='https://spy.example/x'><script>alert(1)</script></p>"

    work_off(session)

    html = post.taken[0].get_body(("html",)).get_content()
    assert "spy.example" not in html and "<script" not in html and "Hello" in html


def test_a_letter_of_our_own_leaves_as_it_was_written(session: Session, eva: User, post: Post) -> None:
    given = {"title": "A task is due", "lines": ["Call Jana."], "href": "https://crm.example.com/", "verb": "Open"}
    letter = letters.write("notice", "sk", sender_name="INDEXUS SK", **given)
    written(session, None, eva, to=eva.email, subject=letter.subject, text=letter.text, html=letter.html, letter=True,
            automatic=True)  # fmt: skip

    work_off(session)

    (mail,) = post.taken
    assert mail["Subject"] == "A task is due" and mail["To"] == "eva@example.com" and mail["Reply-To"] is None
    assert mail.get_body(("html",)).get_content().split() == letter.html.split()
    assert mail.get_body(("plain",)).get_content().split() == letter.text.split()


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


# Who it comes from -----------------------------------------------------------------


def test_the_country_of_the_customer_says_from_whom(session: Session, jana: Customer, eva: User, post: Post) -> None:
    said = {"system_email_address": "info@indexus.sk", "system_email_display_name": "INDEXUS SK"}
    session.add(CountrySystemSettings(country_code="SK", system_email_enabled=True, **said))
    by_hand, automatic = written(session, jana, eva), written(session, jana, automatic=True)

    work_off(session)

    mails = {mail["X-Reference"]: mail for mail in post.taken}
    assert str(mails[by_hand.id]["From"]) == "Eva <info@indexus.sk>"
    assert str(mails[automatic.id]["From"]) == "INDEXUS SK <info@indexus.sk>"
    assert mails[automatic.id]["Reply-To"] is None and mails[automatic.id]["Auto-Submitted"] == "auto-generated"
    assert {envelope.mail_from for envelope in post.envelopes} == {HOUSE.email}


def test_a_country_that_switched_automatic_emails_off_sends_those_of_people_only(
    session: Session, jana: Customer, eva: User, post: Post
) -> None:
    session.add(CountrySystemSettings(country_code="SK", system_email_enabled=False))
    by_hand, automatic = written(session, jana, eva), written(session, jana, automatic=True)

    work_off(session)

    assert (by_hand.status, automatic.status) == ("sent", "failed")
    assert automatic.error_message == "Automatic e-mails are switched off for this country."


def test_an_address_of_a_country_that_is_no_address_falls_back_to_ours(
    session: Session, jana: Customer, post: Post
) -> None:
    session.add(
        CountrySystemSettings(country_code="SK", system_email_enabled=True, system_email_address="info at indexus")
    )
    written(session, jana, automatic=True)

    work_off(session)

    assert str(post.taken[0]["From"]) == str(Address(HOUSE.email, HOUSE.name).header())


# Once more ------------------------------------------------------------------------


def test_a_failed_email_is_sent_again_with_the_same_identity(session: Session, post: Post) -> None:
    message = written(session)
    post.data = "554 5.6.0 no"
    work_off(session)
    post.data = ""

    services.try_again(session, message, language="sk", now=utc_now())
    work_off(session)

    assert message.status == "sent"
    assert post.taken[0]["Message-ID"] == f"<{message.id}@indexus.example>"
    assert sending_of(session, message).tries == 1


@pytest.mark.parametrize(
    "values",
    [{"status": "sent"}, {"status": "delivered"}, {"status": "failed", "type": "sms"},
     {"status": "failed", "direction": "inbound"}],
)  # fmt: skip
def test_what_has_left_or_is_not_ours_is_not_sent_again(session: Session, values: dict[str, str]) -> None:
    row = {"type": "email", "subject": "a", "content": "x", "recipient_email": "a@example.com", **values}
    message = CommunicationMessage(**row)
    session.add(message)
    session.commit()

    with pytest.raises(NotSendable):
        services.try_again(session, message, language="en", now=utc_now())


def test_what_waits_is_not_sent_a_second_time_beside(session: Session) -> None:
    message = written(session)

    with pytest.raises(NotSendable):
        services.try_again(session, message, language="en", now=utc_now())
    services.try_again(session, message, language="en", now=utc_now() + timedelta(hours=7))  # its job must be lost

    assert len(published(session, MessageWritten)) == 2


# Reports ----------------------------------------------------------------------------


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


def take(session: Session, content: bytes) -> list[bool]:
    done = [services.take_report(session, report, now=utc_now()) for report in bounces.reports_in(content)]
    session.commit()
    return done


@pytest.fixture
def sent(session: Session, jana: Customer, post: Post) -> CommunicationMessage:
    message = written(session, jana)
    work_off(session)
    return message


@pytest.mark.parametrize("part", ["message/rfc822-headers", "message/rfc822", "text/rfc822-headers"])
def test_a_report_marks_the_message_and_its_address(session: Session, sent: CommunicationMessage, part: str) -> None:
    done = take(session, bounce(sent.id, part=part))

    assert done == [True]
    assert sent.status == "failed"
    assert sent.error_message == "The e-mail came back: 550 5.1.1 <jana@example.com>: no such user"
    assert session.scalars(select(BadAddress.address)).all() == ["jana@example.com"]


def test_a_report_with_windows_line_ends_is_read_as_well(session: Session, sent: CommunicationMessage) -> None:
    assert take(session, bounce(sent.id).replace(b"\n", b"\r\n")) == [True]


@pytest.mark.parametrize(
    ("more", "status", "bad"),
    [
        ({"status": "5.2.2", "code": "552 5.2.2 mailbox full"}, "failed", 0),
        ({"status": "4.4.7", "code": "delivery time expired"}, "failed", 0),
        ({"status": "5.7.1", "code": "550 5.7.1 blocked for spam"}, "failed", 0),
        ({"status": "4.4.1", "action": "delayed", "code": "no answer"}, "sent", 0),
        ({"status": "2.0.0", "action": "delivered", "code": "250 2.0.0 OK"}, "delivered", 0),
        ({"status": "2.0.0", "action": "relayed", "code": "250 OK"}, "sent", 0),
        ({"status": "5.0.0", "code": "550 unknown user"}, "failed", 0),
    ],
)
def test_only_a_mailbox_that_is_not_there_makes_a_bad_address(
    session: Session, sent: CommunicationMessage, more: dict[str, str], status: str, bad: int
) -> None:
    take(session, bounce(sent.id, **more))

    assert sent.status == status
    assert session.scalar(select(func.count()).select_from(BadAddress)) == bad
    assert more["code"].split()[-1] in (sent.delivery_status or "")


def test_a_report_about_somebody_else_changes_nothing(session: Session, sent: CommunicationMessage) -> None:
    for forged in (bounce(sent.id, "boss@example.com"), bounce("00000000-0000-4000-8000-000000000000")):
        assert take(session, forged) == [False]

    assert sent.status == "sent"
    assert session.scalar(select(func.count()).select_from(BadAddress)) == 0


def test_the_address_that_was_written_to_counts_where_it_was_forwarded(
    session: Session, sent: CommunicationMessage
) -> None:
    forwarded = bounce(sent.id, "jana.private@example.org", original="Original-Recipient: rfc822; jana@example.com\n")

    assert take(session, forwarded) == [True]


def test_a_report_is_taken_twice_with_one_effect(session: Session, sent: CommunicationMessage) -> None:
    take(session, bounce(sent.id))
    take(session, bounce(sent.id))

    assert session.scalar(select(func.count()).select_from(BadAddress)) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe", b"Subject: Out of office\n\nI am away.", b"Content-Type: multipart/report; boundary=B\n\n--B",
     b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.c\n\n", b"A" * 3_000_000],
)  # fmt: skip
def test_what_is_no_report_is_passed_over(content: bytes) -> None:
    assert bounces.reports_in(content) == []
