"""Refusals at the door."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.errors import DomainError, Forbidden


class WrongLogin(DomainError):
    status = 401

    def default(self) -> str:
        return _("Wrong user name or password.")


class CodeNeeded(DomainError):
    """The password was right; a program sends the code along with it."""

    status = 401

    def default(self) -> str:
        return _("A code is needed: send the one of the authenticator app, or a recovery code, as `otp`.")


class WrongCode(DomainError):
    status = 401

    def default(self) -> str:
        return _("This code is wrong or has been used already.")


class PasswordDue(Forbidden):
    """Somebody else chose this password: it is replaced in a browser before anything else."""

    def default(self) -> str:
        return _("Choose your own password first: log in with a browser and replace the one that was given to you.")


class PasswordElsewhere(DomainError):
    status = 409

    def default(self) -> str:
        return _("This person signs in with Microsoft 365; there is no password here to change.")
