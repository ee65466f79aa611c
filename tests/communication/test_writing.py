"""E-mails in the log of messages: written, by whom, and once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.communication import services
from app.communication.errors import NotSendable
from app.communication.events import MessageWritten
from app.communication.models import CommunicationMessage
from app.core.errors import NotFound, Unprocessable
from app.core.mail import letters
from app.core.mail.message import Address
from app.core.types import utc_now
from app.customers.models import Customer
from app.settings.models import CountrySystemSettings
from tests.communication.written import sending_of, written
from tests.conftest import make_user
from tests.mailserver import HOUSE, Post
from tests.outbox import published, work_off

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
