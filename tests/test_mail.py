"""The mail port against real servers: what becomes of a mail, and what never leaves."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import trustme

from app.core.breaker import Breaker
from app.core.mail import port
from app.core.mail.message import Address, Mail, UnfitMail
from app.core.mail.outcome import Accepted, Delayed, Refused, RefusedAddress
from app.core.mail.recording import RecordingMailer
from app.core.mail.smtp import Server
from app.core.servers import Servers
from config import Settings, SettingsError
from tests.mailserver import HOUSE, Post, a_mail, free_port, greet, mailer_for, misbehaving, post_office, until_data


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as post:
        yield post


# What a server says ------------------------------------------------------------


def test_an_accepted_mail_arrives_as_it_was_written(post: Post) -> None:
    mail = a_mail(
        "jan.novak@straße.example", subject="Žiadosť – ďalší krok " + "ž" * 90,
        text="Prvý riadok\n.bodka na začiatku\n..dve\nFrom here\n" + "dlhý " * 400, html="<p>Žltý kôň</p>",
        reply_to=Address("eva@example.com", "Nováková, Eva \"E\" <x@y.z>"), reference="ref-1",
    )  # fmt: skip

    outcome = mailer_for(post.port).send(mail)

    assert outcome == Accepted("250 2.0.0 OK queued as 4711")
    (arrived,) = post.taken
    assert arrived["Subject"] == mail.subject
    assert arrived["Message-ID"] == "<1@indexus.example>" and arrived["X-Reference"] == "ref-1"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Reply-To"].addresses[0].display_name == 'Nováková, Eva "E" <x@y.z>'
    assert arrived["Reply-To"].addresses[0].addr_spec == "eva@example.com"
    assert arrived.get_body(("plain",)).get_content().split("\r\n")[:5] == mail.text.split("\n")[:5]
    assert arrived.get_body(("html",)).get_content().strip() == mail.html
    assert post.envelopes[0].mail_from == HOUSE.email
    assert post.envelopes[0].rcpt_tos == ["jan.novak@xn--strae-oqa.example"]
    assert post.raw[0].isascii() and max(map(len, post.raw[0].split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("450 4.2.0 greylisted, come again", Delayed("450 4.2.0 greylisted, come again", timedelta(minutes=5))),
        (
            "550 5.1.1 no such user",
            RefusedAddress("The address takes no e-mail: 550 5.1.1 no such user", "550 5.1.1 no such user"),
        ),
        ("550 unknown", RefusedAddress("The address takes no e-mail: 550 unknown", "550 unknown")),
        ("550 5.2.1 disabled", RefusedAddress("The address takes no e-mail: 550 5.2.1 disabled", "550 5.2.1 disabled")),
        (
            "552 5.2.2 mailbox full",
            Refused("The mail server refuses this e-mail: 552 5.2.2 mailbox full", "552 5.2.2 mailbox full"),
        ),
        (
            "550 5.7.1 you may not send",
            Refused("The mail server refuses this e-mail: 550 5.7.1 you may not send", "550 5.7.1 you may not send"),
        ),
        (
            "550 relay not permitted",
            Refused("The mail server refuses this e-mail: 550 relay not permitted", "550 relay not permitted"),
        ),
        (
            "550 5.1.8 bad sender",
            Refused("The mail server refuses this e-mail: 550 5.1.8 bad sender", "550 5.1.8 bad sender"),
        ),
    ],
)
def test_a_refusal_of_the_recipient_blames_the_address_only_where_it_means_it(
    post: Post, answer: str, expected: object
) -> None:
    post.rcpt["jana@example.com"] = answer

    outcome = mailer_for(post.port).send(a_mail())

    assert outcome == expected
    assert post.taken == []


@pytest.mark.parametrize(
    ("where", "answer", "kind"),
    [
        ("data", "451 4.3.0 try later", Delayed),
        ("data", "554 5.6.0 looks like spam", Refused),
        ("mail", "452 4.3.1 out of room", Delayed),
        ("mail", "550 5.7.1 sender refused", Refused),
        ("mail", "421 4.3.2 closing", Delayed),
    ],
)
def test_a_refusal_of_the_mail_says_nothing_against_the_address(
    post: Post, where: str, answer: str, kind: type
) -> None:
    setattr(post, where, answer)

    outcome = mailer_for(post.port).send(a_mail())

    assert type(outcome) is kind
    assert answer in outcome.reason
    assert not getattr(outcome, "unsure", False)


# Servers that misbehave ----------------------------------------------------------


def test_a_connection_that_drops_in_the_middle_of_the_mail_is_tried_again() -> None:
    def talk(guest: socket.socket) -> None:
        until_data(guest).readline()
        guest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    with misbehaving(talk) as door:
        outcome = mailer_for(door).send(a_mail(text="x" * 5_000_000))

    assert isinstance(outcome, Delayed) and not outcome.unsure, outcome


def test_a_connection_that_drops_after_the_mail_leaves_the_outcome_open() -> None:
    def talk(guest: socket.socket) -> None:
        for line in until_data(guest):
            if line == b".\r\n":
                return

    with misbehaving(talk) as door:
        outcome = mailer_for(door).send(a_mail())

    assert isinstance(outcome, Delayed) and outcome.unsure
    assert "whether it was taken is not known" in outcome.reason


def silent(guest: socket.socket) -> None:
    guest.recv(1)


def silent_after_hello(guest: socket.socket) -> None:
    greet(guest).readline()
    guest.recv(1)


def dripping(guest: socket.socket) -> None:
    """One letter at a time: no single read is too slow, the whole is."""
    guest.sendall(b"220-")
    for _letter in range(200):
        guest.sendall(b"x")
        time.sleep(0.1)


@pytest.mark.parametrize("talk", [silent, silent_after_hello, dripping])
def test_a_server_that_does_not_answer_is_left_in_time(talk: Any) -> None:
    began = time.monotonic()

    with misbehaving(talk) as door:
        outcome = mailer_for(door, connect_seconds=1, read_seconds=0.5, whole_seconds=1.5).send(a_mail())

    assert isinstance(outcome, Delayed) and not outcome.unsure
    assert time.monotonic() - began < 4


def test_a_server_that_is_not_there_is_said_so() -> None:
    outcome = mailer_for(free_port()).send(a_mail())

    assert isinstance(outcome, Delayed)
    assert outcome.reason == "The mail server cannot be reached: Connection refused"


def test_the_limits_of_the_house_are_those_that_were_promised() -> None:
    server = Server.from_url("smtp://mail.example.com")

    assert (server.connect_seconds, server.read_seconds, server.whole_seconds) == (3, 7, 20)


# Encryption and login ----------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


@pytest.mark.parametrize("way", ["starttls", "smtps"])
def test_mail_is_encrypted_where_the_server_can(tls: ssl.SSLContext, ca: str, way: str) -> None:
    with post_office(tls=tls, wrapped=way == "smtps") as post:
        scheme = "smtps" if way == "smtps" else "smtp"
        outcome = mailer_for(post.port, url=f"{scheme}://localhost:{post.port}/?ca={ca}").send(a_mail())

    assert isinstance(outcome, Accepted), outcome
    assert post.encrypted == [True]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_of_nobody_is_not_trusted(tls: ssl.SSLContext, scheme: str) -> None:
    with post_office(tls=tls, wrapped=scheme == "smtps") as post:
        outcome = mailer_for(post.port, url=f"{scheme}://localhost:{post.port}").send(a_mail())

    assert isinstance(outcome, Delayed) and "certificate of the mail server is not valid" in outcome.reason
    assert post.taken == []


def test_required_encryption_that_is_not_offered_sends_nothing(post: Post) -> None:
    url = f"smtp://127.0.0.1:{post.port}/?starttls=required"

    outcome = mailer_for(post.port, url=url).send(a_mail())

    assert outcome == Delayed("The mail server does not offer encryption, which is required.")
    assert post.asked == 0


def test_the_login_of_the_address_is_used(tls: ssl.SSLContext, ca: str) -> None:
    with post_office(tls=tls, auth=True) as post:
        good = mailer_for(post.port, url=f"smtp://crm:p%40ss%2Fword@localhost/?ca={ca}").send(a_mail())
        wrong = mailer_for(post.port, url=f"smtp://crm:guess@localhost/?ca={ca}").send(a_mail())

    assert isinstance(good, Accepted), good
    assert isinstance(wrong, Delayed) and wrong.reason.startswith("The mail server refuses our login: 535")
    assert len(post.taken) == 1


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("smtp://h/?starttls=maybe", "starttls=maybe"),
        ("smtp://h/?verify=no", "unknown part `verify`"),
        ("smtp://h/?ca=/nowhere.pem", "names ca=/nowhere.pem"),
        ("smtp://h/?from=nobody", "is not an e-mail address"),
        ("smtp://u:secret-word@mail.example.com/?starttls=never", "in the clear"),
    ],
)
def test_an_address_that_makes_no_sense_stops_the_start_and_tells_no_password(
    settings: Settings, url: str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as stopped:
        port.made(replace(settings, smtp_url=url))

    assert sentence in stopped.value.sentences[0] and stopped.value.sentences[0].startswith("SMTP_URL ")
    assert "secret-word" not in str(stopped.value) + repr(Server.from_url("smtp://u:secret-word@h"))


def test_the_defaults_of_an_address_keep_a_password_encrypted() -> None:
    known = Server.from_url("smtp://crm%40example.com:x@mail.example.com")

    assert (known.port, known.starttls, known.sender) == (587, "required", "crm@example.com")
    assert Server.from_url("smtp://mail.example.com").starttls == "offered"
    assert Server.from_url("smtps://mail.example.com").port == 465


# What never leaves -----------------------------------------------------------------


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: all@example.com", "\nX: y", "\r", "\x00", "\x0b", "\x85", "\u2028", "\x1b[31m"]
)
@pytest.mark.parametrize("place", ["subject", "to", "name", "reply_to", "reference", "header", "message_id"])
def test_nothing_that_breaks_a_header_becomes_a_mail(evil: str, place: str) -> None:
    makers = {
        "subject": lambda: a_mail(subject=f"Hello{evil}"),
        "to": lambda: a_mail(f"jana{evil}@example.com"),
        "name": lambda: a_mail(sender=Address("a@example.com", f"Jana{evil}")),
        "reply_to": lambda: a_mail(reply_to=Address(f"a@example.com{evil}")),
        "reference": lambda: a_mail(reference=f"1{evil}"),
        "header": lambda: a_mail(headers={"X-Kind": f"1{evil}"}),
        "message_id": lambda: a_mail(message_id=f"<1{evil}@example.com>"),
    }

    with pytest.raises(UnfitMail) as refused:
        makers[place]()

    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize("name", ["Bcc", "bcc", "Subject", "X Y", "X:Y", "", "Sender"])
def test_a_header_of_ours_is_not_given_a_second_time(name: str) -> None:
    with pytest.raises(UnfitMail):
        a_mail(headers={name: "a"})


@pytest.mark.parametrize(
    "email",
    ["", "jana", "@example.com", "jana@", "jana@localhost", "a b@example.com", "a@b@example.com", "<a@example.com>",
     "a@example.com,b@example.com", ".a@example.com", "a..b@example.com", "a@-x.com", "a@x..com", "a" * 65 + "@example.com",
     "a@" + "x" * 250 + ".com", "a@exa mple.com", "a@[127.0.0.1]", "jana@example.com>", '"a"@example.com'],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_sentence(email: str) -> None:
    with pytest.raises(UnfitMail) as refused:
        Address(email)

    assert "is not an e-mail address." in refused.value.sentence


@pytest.mark.parametrize("subject", ["", "   ", "x" * 251])
def test_a_subject_must_be_there_and_fit(subject: str) -> None:
    with pytest.raises(UnfitMail):
        a_mail(subject=subject)


@pytest.mark.parametrize(
    "name",
    ["Jana", 'Eva "E" Nováková', "a@b.c, other@example.com", "=?utf-8?q?x?=", "(comment)", "Ľudovít; Štúr:", "\\", "x" * 300,
     "MUDr. Alžbeta Mária Kováčová-Šťastná, PhD., mim. prof."],
)  # fmt: skip
def test_a_display_name_stays_a_name(post: Post, name: str) -> None:
    outcome = mailer_for(post.port).send(a_mail(sender=Address("a@example.com", name)))

    assert isinstance(outcome, Accepted)
    (address,) = post.taken[0]["From"].addresses
    assert address.addr_spec == "a@example.com"
    if not name.startswith("=?"):
        assert address.display_name == name


# Letters outside ASCII ---------------------------------------------------------------


def test_an_address_with_letters_outside_ascii_needs_a_server_that_can(post: Post) -> None:
    outcome = mailer_for(post.port).send(a_mail("jána@example.com"))

    assert outcome == Refused("The mail server cannot send to addresses with letters outside ASCII before the @.")
    assert post.asked == 0


def test_an_address_with_letters_outside_ascii_reaches_a_server_that_can() -> None:
    with post_office(utf8=True) as post:
        outcome = mailer_for(post.port).send(a_mail("jána@žltý.example"))

    assert isinstance(outcome, Accepted), outcome
    assert post.envelopes[0].rcpt_tos == ["jána@xn--lt-mka1s.example"] or post.envelopes[0].rcpt_tos[0].startswith(
        "jána@xn--"
    )
    assert "SMTPUTF8" in post.envelopes[0].mail_options


# The breaker ---------------------------------------------------------------------------


@pytest.fixture
def breaker(servers: Servers) -> Iterator[Breaker]:
    connection = redis.Redis.from_url(servers.redis_url)
    made = Breaker(
        connection, f"test:{time.monotonic_ns()}", rest=timedelta(milliseconds=300), trial=timedelta(seconds=5)
    )
    yield made
    made.succeeded()
    connection.close()


def test_after_five_failures_the_server_is_left_alone_until_one_may_try(breaker: Breaker) -> None:
    mailer = mailer_for(free_port(), breaker=breaker)

    for _try in range(5):
        assert isinstance(mailer.send(a_mail()), Delayed)
    left_alone = mailer.send(a_mail())
    time.sleep(0.35)
    first, second = breaker.wait(), breaker.wait()

    assert isinstance(left_alone, Delayed) and not left_alone.tried
    assert left_alone.after is not None and left_alone.after <= timedelta(milliseconds=300)
    assert first is None and second == timedelta(seconds=5)  # one tries, the others wait for his luck


def test_a_server_that_is_back_closes_the_breaker(breaker: Breaker, post: Post) -> None:
    for _try in range(5):
        breaker.failed()
    time.sleep(0.35)

    outcome = mailer_for(post.port, breaker=breaker).send(a_mail())

    assert isinstance(outcome, Accepted)
    assert breaker.wait() is None and breaker.wait() is None


def test_a_trial_that_fails_opens_the_breaker_again(breaker: Breaker) -> None:
    for _try in range(5):
        breaker.failed()
    time.sleep(0.35)

    outcome = mailer_for(free_port(), breaker=breaker).send(a_mail())
    again = breaker.wait()

    assert isinstance(outcome, Delayed) and outcome.tried
    assert again is not None and again > timedelta(0)


def test_refused_addresses_are_no_failures_of_the_server(breaker: Breaker, post: Post) -> None:
    post.rcpt["jana@example.com"] = "550 5.1.1 no such user"
    mailer = mailer_for(post.port, breaker=breaker)

    for _try in range(7):
        assert isinstance(mailer.send(a_mail()), RefusedAddress)

    assert breaker.wait() is None


def test_without_redis_everybody_may_try() -> None:
    gone = Breaker(redis.Redis(port=free_port(), socket_connect_timeout=0.2), "gone")

    gone.failed()
    gone.succeeded()

    assert gone.wait() is None


# Without a server ------------------------------------------------------------------------


def test_without_a_server_mail_is_kept_as_files_and_says_so(settings: Settings, tmp_path: Path) -> None:
    mailer = port.made(replace(settings, smtp_url=None, data_dir=tmp_path))

    mailer.send(a_mail())
    mailer.send(a_mail())
    mailer.send(a_mail(message_id="<2@indexus.example>", subject="Another"))

    assert isinstance(mailer, RecordingMailer)
    assert [kept["Subject"] for kept in mailer.kept()] == ["Dobrý deň", "Another"]
    assert str(tmp_path / "mail") in mailer.warning


def test_production_without_a_server_lets_mail_wait_and_says_for_what(settings: Settings) -> None:
    mailer = port.made(replace(settings, smtp_url=None, mode="production"))
    outcome = mailer.send(a_mail())

    assert isinstance(outcome, Delayed) and not outcome.tried and outcome.after
    assert "SMTP_URL" in outcome.reason and "SMTP_URL" in mailer.warning


def test_mail_comes_from_the_address_of_the_settings(settings: Settings) -> None:
    given = port.made(replace(settings, smtp_url="smtp://h.example/?from=crm@indexus.sk"))
    public = port.made(replace(settings, smtp_url="smtp://h.example", public_url="https://crm.example.com/"))

    assert (given.sender.email, given.domain) == ("crm@indexus.sk", "indexus.sk")
    assert (public.sender.email, public.domain) == ("no-reply@crm.example.com", "crm.example.com")


def test_a_mail_holds_no_nul() -> None:
    with pytest.raises(UnfitMail):
        Mail(HOUSE, HOUSE, "Hello", "a\x00b", "<1@example.com>")
