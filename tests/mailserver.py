"""A real mail server on this machine that does what a test tells it, and servers that misbehave."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from app.core.breaker import Breaker
from app.core.mail.message import Address, Mail
from app.core.mail.smtp import Server, SmtpMailer

HOUSE = Address("crm@indexus.example", "INDEXUS CRM")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Post:
    """What the server has taken, and what it answers: `rcpt` by address, `data` for every mail."""

    taken: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    rcpt: dict[str, str] = field(default_factory=dict)
    mail: str = ""
    data: str = ""
    asked: int = 0  # recipients that were named
    port: int = 0

    async def handle_MAIL(
        self, server: Protocol, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.mail:
            return self.mail
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_RCPT(
        self, server: Protocol, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        self.asked += 1
        if answer := self.rcpt.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Protocol, session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data
        content = cast(bytes, envelope.original_content)
        self.raw.append(content)
        self.taken.append(cast(EmailMessage, message_from_bytes(content, policy=policy.default)))
        self.envelopes.append(envelope)
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 2.0.0 OK queued as 4711"


def check(server: Protocol, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    good = isinstance(given, LoginPassword) and (given.login, given.password) == (b"crm", b"p@ss/word")
    return AuthResult(success=good, handled=False)


@contextmanager
def post_office(*, tls: ssl.SSLContext | None = None, wrapped: bool = False, auth: bool = False,
                utf8: bool = False) -> Iterator[Post]:  # fmt: skip
    """An SMTP server; with `tls` it offers STARTTLS, or speaks TLS from the first byte (`wrapped`)."""
    post = Post(port=free_port())
    controller = Controller(
        post, hostname="127.0.0.1", port=post.port, enable_SMTPUTF8=utf8,
        ssl_context=tls if wrapped else None, tls_context=None if wrapped else tls,
        authenticator=check if auth else None, auth_required=auth, auth_require_tls=False,
    )  # fmt: skip
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def mailer_for(port: int, *, breaker: Breaker | None = None, url: str = "", **limits: float) -> SmtpMailer:
    server = Server.from_url(url or f"smtp://127.0.0.1:{port}/?from={HOUSE.email}")
    return SmtpMailer(replace(server, port=port, **cast(Any, limits)), HOUSE, "indexus.example", breaker)


def a_mail(to: str = "jana@example.com", **more: Any) -> Mail:
    given = {"sender": HOUSE, "subject": "Dobrý deň", "text": "Text", "message_id": "<1@indexus.example>", **more}
    return Mail(to=Address(to), **given)


@contextmanager
def misbehaving(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does `talk` with whoever comes; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                guest, _address = listener.accept()
            except OSError:
                return
            with guest, contextlib.suppress(OSError):
                talk(guest)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


def greet(guest: socket.socket) -> Any:
    lines = guest.makefile("rb")
    guest.sendall(b"220 here\r\n")
    return lines


def until_data(guest: socket.socket) -> Any:
    lines = greet(guest)
    for line in lines:
        if line.upper().startswith(b"DATA"):
            guest.sendall(b"354 go on\r\n")
            return lines
        guest.sendall(b"250 OK\r\n")
