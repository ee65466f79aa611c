"""Mail over SMTP, with time limits on everything a server can do to us.

SMTP_URL: `smtp://user:password@host:587/?from=crm@example.com`, `smtps://` for TLS from the first byte.
`starttls=required|offered|never` (default: required with a password, else when offered), `ca=/path/file.pem` for a
server whose certificate a public authority did not sign. Certificates are always looked at.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, cast
from urllib.parse import parse_qs, unquote, urlsplit

from app.core.breaker import Breaker
from app.core.mail import reasons
from app.core.mail.message import Address, Mail
from app.core.mail.outcome import Accepted, Delayed, Outcome, Refused, RefusedAddress
from app.core.mail.reasons import N_

CONNECT_SECONDS = 3.0
READ_SECONDS = 7.0
WHOLE_SECONDS = 20.0  # a server that drips a letter every five seconds keeps each single limit
_LONGEST_ANSWER = 300
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS_CODES = {550, 551, 553}
_POLICY_WORDS = ("relay", "spam", "block", "denied", "reputation", "policy", "spf", "dkim", "dmarc", "authenticat")
_STARTTLS = ("required", "offered", "never")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class UnusableServer(ValueError):
    """SMTP_URL cannot be used; the text goes on after its name."""


@dataclass(frozen=True)
class Server:
    """One mail server, as the operator names it."""

    host: str
    port: int
    tls: bool  # from the first byte
    starttls: Literal["required", "offered", "never"]
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""  # of the envelope, where bounces go; and of the mail, where nobody else is said
    ca: str = ""
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    whole_seconds: float = WHOLE_SECONDS

    @property
    def name(self) -> str:
        return f"smtp:{self.host}:{self.port}"

    @classmethod
    def from_url(cls, url: str) -> Server:
        """Raises UnusableServer."""
        parts, query = urlsplit(url), parse_qs(urlsplit(url).query, keep_blank_values=True)
        given = {name: values[-1] for name, values in query.items()}
        if unknown := sorted(set(given) - {"from", "starttls", "ca"}):
            raise UnusableServer(f"has an unknown part `{unknown[0]}`; it takes from, starttls and ca.")
        tls, host = parts.scheme == "smtps", parts.hostname or ""
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        starttls = given.get("starttls") or ("required" if password and host not in _LOOPBACK else "offered")
        if starttls not in _STARTTLS:
            raise UnusableServer(f"has starttls={starttls[:20]}; it is one of: {', '.join(_STARTTLS)}.")
        if password and starttls == "never" and not tls and host not in _LOOPBACK:
            raise UnusableServer("would send its password in the clear; leave out starttls=never.")
        return cls(
            host=host,
            port=parts.port or (465 if tls else 587 if user else 25),
            tls=tls,
            starttls=cast("Literal['required', 'offered', 'never']", starttls),
            user=user,
            password=password,
            sender=given.get("from") or (user if "@" in user else ""),
            ca=given.get("ca", ""),
        )

    def context(self) -> ssl.SSLContext:
        """Raises UnusableServer when the file of the authority cannot be read."""
        try:
            return ssl.create_default_context(cafile=self.ca or None)
        except OSError as unread:  # SSLError is one
            raise UnusableServer(f"names ca={self.ca}, which holds no certificate that can be read.") from unread


class _Unwilling(Exception):
    """The server cannot do what this mail or these settings need. Carries the outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class _Conversation(smtplib.SMTP):
    """One connection whose whole talk ends after `whole_seconds`, whatever the server does."""

    def __init__(self, server: Server, own_name: str) -> None:
        self._server = server
        self._stop = threading.Timer(server.whole_seconds, self._cut)
        self._stop.daemon = True
        self._raw: socket.socket | None = None
        self.written = False  # the last byte of the mail has left, its answer has not come
        super().__init__(local_hostname=own_name, timeout=server.read_seconds)  # else it asks the network for ours

    def open(self) -> None:
        self._stop.start()
        code, said = self.connect(self._server.host, self._server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found = socket.create_connection((host, port), self._server.connect_seconds)
        found.settimeout(timeout)
        self._raw = found
        return self._wrapped(found) if self._server.tls else found

    def _wrapped(self, plain: socket.socket) -> ssl.SSLSocket:
        """TLS over the socket. The handshake comes after the socket is known, so that it can be cut, too."""
        secure = self._server.context().wrap_socket(
            plain, server_hostname=self._server.host, do_handshake_on_connect=False
        )
        self._raw = secure
        secure.do_handshake()
        return secure

    def _cut(self) -> None:
        if self._raw is not None:
            with contextlib.suppress(OSError):  # it is closed already
                # Not SSLSocket.shutdown: that one forgets its TLS under the thread which still reads.
                socket.socket.shutdown(self._raw, socket.SHUT_RDWR)

    def encrypt(self) -> None:
        """STARTTLS; what the server said of itself before is not believed."""
        code, said = self.docmd("STARTTLS")
        if code != 220:
            raise smtplib.SMTPResponseException(code, said)
        self.sock, self.file = self._wrapped(cast(socket.socket, self.sock)), None
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False
        self.ehlo()

    def hand_over(self, content: bytes) -> tuple[int, bytes]:
        """DATA with everything after it; gives the server's last word."""
        code, said = self.docmd("DATA")
        if code != 354:
            return code, said
        lines = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\r|\n", b"\r\n", content))
        self.send(lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        self.written = True
        answer = self.getreply()
        self.written = False
        return answer

    def leave(self) -> None:
        """A mail that was accepted stays so, however the goodbye goes."""
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.docmd("QUIT")

    def end(self) -> None:
        self._stop.cancel()
        self.close()


class SmtpMailer:
    """Sends over one server. Its breaker is shared by all workers."""

    provider = "smtp"
    warning = ""

    def __init__(self, server: Server, sender: Address, domain: str, breaker: Breaker | None = None) -> None:
        self.server, self.sender, self.domain, self._breaker = server, sender, domain, breaker

    def send(self, mail: Mail) -> Outcome:
        wait = self._breaker.wait() if self._breaker else None
        if wait is not None:
            reason = N_("The mail server has failed several times in a row and is left alone for a moment.")
            return Delayed(reason, wait, tried=False)
        outcome, healthy = self._tried(mail)
        if self._breaker is not None:
            (self._breaker.succeeded if healthy else self._breaker.failed)()
        return outcome

    def _tried(self, mail: Mail) -> tuple[Outcome, bool]:
        """The outcome, and whether the server is well."""
        content = mail.encoded().as_bytes()
        talk = _Conversation(self.server, self.domain)
        try:
            talk.open()
            self._prepare(talk)
            outcome = self._deliver(talk, mail, content)
            talk.leave()
            return outcome, not (isinstance(outcome, Delayed) and outcome.reason.startswith("421"))  # it is closing
        except _Unwilling as unwilling:
            talk.leave()
            return unwilling.outcome, not isinstance(unwilling.outcome, Delayed)
        except smtplib.SMTPAuthenticationError as refused:
            said = _answer(refused.smtp_code, refused.smtp_error)
            return Delayed(reasons.REFUSES_LOGIN % {"answer": said}), False
        except (smtplib.SMTPException, OSError) as broken:
            return Delayed(self._broken(broken, talk.written), unsure=talk.written), False
        finally:
            talk.end()

    def _prepare(self, talk: _Conversation) -> None:
        talk.ehlo_or_helo_if_needed()
        if not self.server.tls and self.server.starttls != "never":
            if talk.has_extn("starttls"):
                talk.encrypt()
            elif self.server.starttls == "required":
                raise _Unwilling(Delayed(N_("The mail server does not offer encryption, which is required.")))
        if self.server.user:
            talk.login(self.server.user, self.server.password)

    def _deliver(self, talk: _Conversation, mail: Mail, content: bytes) -> Outcome:
        options = []
        if mail.needs_utf8:
            if not talk.has_extn("smtputf8"):
                return Refused(N_("The mail server cannot send to addresses with letters outside ASCII before the @."))
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        code, said = talk.mail(self.sender.envelope, options)
        if code != 250:
            return _judged(code, said)
        code, said = talk.rcpt(mail.to.envelope)
        if code not in (250, 251, 252):
            return _judged(code, said, about_address=True)
        code, said = talk.hand_over(content)
        return Accepted(_answer(code, said)) if code == 250 else _judged(code, said)

    def _broken(self, broken: Exception, written: bool) -> str:
        if written:
            return N_("The connection broke after the e-mail was handed over; whether it was taken is not known.")
        if isinstance(broken, TimeoutError) or isinstance(broken.__context__, TimeoutError):
            return N_("The mail server does not answer in time.")
        if isinstance(broken, ssl.SSLCertVerificationError):
            return reasons.BAD_CERTIFICATE % {"reason": broken.verify_message}
        if isinstance(broken, smtplib.SMTPResponseException):
            return _answer(broken.smtp_code, broken.smtp_error)
        if isinstance(broken, smtplib.SMTPServerDisconnected):
            return N_("The mail server has ended the connection.")
        return reasons.OUT_OF_REACH % {"reason": _spoken(broken)}


def _spoken(broken: Exception) -> str:
    return str(getattr(broken, "strerror", None) or type(broken).__name__)


def _judged(code: int, said: Any, *, about_address: bool = False) -> Outcome:
    """What a refusal means. A 5xx at the recipient is about the address unless it speaks of us."""
    answer = _answer(code, said)
    if not 500 <= code < 600:
        return Delayed(answer, timedelta(minutes=5) if about_address else None)
    if about_address and blames_address(code, answer):
        return RefusedAddress(reasons.REFUSES_ADDRESS % {"answer": answer}, answer)
    return Refused(reasons.REFUSES_MAIL % {"answer": answer}, answer)


def blames_address(code: int, answer: str) -> bool:
    """Whether a refusal says that the mailbox is not there: 5.1.x, 5.2.1, or a bare 550 without words of policy.

    A full mailbox (5.2.2) or a refused sender (5.7.x) says nothing against the address.
    """
    enhanced = _ENHANCED.search(answer)
    if enhanced is not None:
        kind, subject, detail = (int(part) for part in enhanced.groups())
        # 5.1.7 and 5.1.8 are about the sender's address.
        return kind == 5 and ((subject == 1 and detail not in (7, 8)) or (subject, detail) == (2, 1))
    return code in _ADDRESS_CODES and not any(word in answer.lower() for word in _POLICY_WORDS)


def _answer(code: int, said: Any) -> str:
    """A server's answer as one line of printable text."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return f"{code} {plain}"[:_LONGEST_ANSWER].strip()
