"""What is refused here, as sentences."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.errors import DomainError


class NotSendable(DomainError):
    """Only an e-mail of ours that has not left can be sent (again)."""

    status = 409

    def default(self) -> str:
        return _("This message has left already, or is no e-mail of ours.")
