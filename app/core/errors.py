"""Refusals: sentences a user may read, with their HTTP status."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _


class DomainError(Exception):
    """Something is refused. `status` is the HTTP status, the text is for people."""

    status = 400

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.default())

    def default(self) -> str:
        return _("This is not possible.")

    @property
    def sentence(self) -> str:
        return str(self.args[0])


class NotFound(DomainError):
    """No such record, or none that this person may know of: both look the same."""

    status = 404

    def default(self) -> str:
        return _("This record does not exist, or you have no access to it.")


class Forbidden(DomainError):
    status = 403

    def default(self) -> str:
        return _("You have no permission for this.")


def demand(allowed: bool) -> None:
    """Raises Forbidden."""
    if not allowed:
        raise Forbidden


class Unprocessable(DomainError):
    """Values that cannot be taken, by field. `fields` maps a field name to its messages."""

    status = 422

    def __init__(self, fields: Mapping[str, list[str]], general: list[str] | None = None) -> None:
        self.fields = {name: list(messages) for name, messages in fields.items()}
        self.general = list(general or [])
        super().__init__(_("Some values cannot be saved."))


class Conflict(DomainError):
    """Somebody else changed the record since it was read."""

    status = 409

    def default(self) -> str:
        return _("Somebody else has changed this record since you opened it.")


class InUse(DomainError):
    """Other records still need this one."""

    status = 409


class BadQuery(DomainError):
    """An address or a filter that makes no sense."""

    status = 400


class TooManyTries(DomainError):
    """Somebody tries too often; whether what they tried exists is not told. `seconds` until the next try."""

    status = 429

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__()

    def default(self) -> str:
        return _("Wait a little and try again.")
