"""Refusals about tasks."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.errors import DomainError, Unprocessable


class TaskClosed(DomainError):
    """The task is completed or cancelled already."""

    status = 409

    def default(self) -> str:
        return _("This task is closed. Reopen it first.")


class TaskCompletedAlready(TaskClosed):
    def default(self) -> str:
        return _("This task is completed already.")


class TaskCancelledAlready(TaskClosed):
    def default(self) -> str:
        return _("This task is cancelled already. Reopen it first.")


class TaskIsOpen(DomainError):
    """Only a closed task is reopened."""

    status = 409

    def default(self) -> str:
        return _("This task is open; there is nothing to reopen.")


class TaskInProgress(DomainError):
    status = 409

    def default(self) -> str:
        return _("Somebody has started this task already.")


class AssignedAlready(DomainError):
    status = 409

    def default(self) -> str:
        return _("The task is with this colleague already.")


class NotForThem(Unprocessable):
    """The colleague cannot have this task, for a reason that a person may read."""

    def __init__(self, sentence: str, field: str = "assigned_user_id") -> None:
        super().__init__({field: [sentence]})
        self.args = (sentence,)


class Missing(Unprocessable):
    """What must be said was not."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__({field: [sentence]})
        self.args = (sentence,)
