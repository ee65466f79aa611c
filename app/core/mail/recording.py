"""A mailer that keeps what it is given: for tests, and for a house without a mail server.

Each mail is a file `<Message-ID>.eml` that any mail program opens. A repeat replaces its file, as a good server drops
a mail it has already.
"""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask_babel import gettext as _

from app.core.mail.message import Address, Mail
from app.core.mail.outcome import Accepted, Outcome


class RecordingMailer:
    provider = "recorded"

    def __init__(self, sender: Address, domain: str, folder: Path) -> None:
        self.sender, self.domain, self.folder = sender, domain, folder

    @property
    def warning(self) -> str:
        return _("No mail server is configured: e-mails are kept as files in %(folder)s and nothing leaves.",
                 folder=str(self.folder))  # fmt: skip

    def send(self, mail: Mail) -> Outcome:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{mail.message_id.strip('<>').replace('/', '_')}.eml"
        fresh = path.with_suffix(".part")
        fresh.write_bytes(mail.encoded().as_bytes())
        fresh.replace(path)
        return Accepted(_("Kept as a file, not sent: no mail server is configured."))

    def kept(self) -> list[EmailMessage]:
        """Everything recorded so far, oldest first."""
        files = sorted(self.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]  # type: ignore[misc]
