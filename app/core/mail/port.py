"""Who carries mail here: one small port, chosen once per process from the operator's settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

import redis
from flask_babel import gettext as _

from app.core.breaker import Breaker
from app.core.mail.message import Address, Mail, UnfitMail
from app.core.mail.outcome import Delayed, Outcome
from app.core.mail.reasons import N_
from app.core.mail.recording import RecordingMailer
from app.core.mail.smtp import Server, SmtpMailer, UnusableServer
from config import APP_NAME, Settings, SettingsError

_NOBODY = "no-reply@indexus.invalid"
_LOOK_AGAIN = timedelta(minutes=10)


class Mailer(Protocol):
    """Hands over one mail. Never raises for what a server or the network does: that is its outcome.

    `provider` names the service in the log of messages, `sender` is who mail comes from where nobody else is said,
    `domain` stands in Message-IDs. `warning` is a sentence for people when nothing leaves the house.
    """

    provider: str
    sender: Address
    domain: str

    @property
    def warning(self) -> str: ...

    def send(self, mail: Mail) -> Outcome: ...


class WaitingMailer:
    """Production without SMTP_URL: mail waits, and says for what."""

    provider = ""

    def __init__(self, sender: Address, domain: str) -> None:
        self.sender, self.domain = sender, domain

    @property
    def warning(self) -> str:
        return _("No mail server is configured: e-mails wait and nothing leaves. Ask the operator to set SMTP_URL.")

    def send(self, mail: Mail) -> Outcome:
        return Delayed(N_("No mail server is configured (SMTP_URL)."), _LOOK_AGAIN, tried=False)


def made(settings: Settings) -> Mailer:
    """The mailer that these settings ask for. Raises SettingsError for an SMTP_URL that makes no sense."""
    try:
        server = Server.from_url(settings.smtp_url) if settings.smtp_url else None
        if server is not None:
            server.context()  # its file is looked at now, not when the first mail leaves
        public = (urlsplit(settings.public_url).hostname if settings.public_url else None) or ""
        sender = Address(server.sender if server and server.sender else _default_sender(public), APP_NAME)
    except (UnusableServer, UnfitMail) as unfit:
        raise SettingsError([f"SMTP_URL {unfit}"]) from unfit
    domain = sender.envelope.rpartition("@")[2]
    if server is not None:
        breaker = None
        if settings.redis_url:
            patience = {"socket_connect_timeout": 2, "socket_timeout": 2}
            breaker = Breaker(redis.Redis.from_url(settings.redis_url, **patience), server.name)
        return SmtpMailer(server, sender, domain, breaker)
    if settings.is_production:
        return WaitingMailer(sender, domain)
    return RecordingMailer(sender, domain, settings.data_dir / "mail")


def _default_sender(public: str) -> str:
    try:
        return Address(f"no-reply@{public}").email
    except UnfitMail:
        return _NOBODY  # no name of our own: a reserved one, which nobody can answer


_current: Mailer = WaitingMailer(Address(_NOBODY, APP_NAME), "indexus.invalid")


def configure(settings: Settings) -> None:
    """Choose the mailer of this process; called once by `create_app` and by workers. Raises SettingsError."""
    use(made(settings))


def use(mailer: Mailer) -> Mailer:
    """Let this mailer carry everything from now on; gives the one before."""
    global _current
    before, _current = _current, mailer
    return before


def current() -> Mailer:
    return _current
