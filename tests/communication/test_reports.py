"""Reports of mail servers about what could not be delivered."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.communication import bounces, services
from app.communication.models import BadAddress, CommunicationMessage
from app.core.types import utc_now
from app.customers.models import Customer
from tests.communication.written import bounce, written
from tests.mailserver import Post
from tests.outbox import work_off

# Reports ----------------------------------------------------------------------------


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
