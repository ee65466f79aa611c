"""Refusals about batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.errors import DomainError, Unprocessable
from app.screens.resolve import Resolved


class RowRefused(DomainError):
    """One row cannot be done, so none was. `number` is its place in the batch."""

    status = 409

    def __init__(self, number: int, key: Any, name: str, why: str) -> None:
        self.number, self.key, self.name, self.why = number, key, name, why
        super().__init__(_("Nothing was changed, because of “%(name)s”: %(why)s", name=name, why=why))


class NotNow(DomainError):
    """The batch is done, running, cancelled or too old for this."""

    status = 409

    def default(self) -> str:
        return _("This is not possible any more; look how far it is.")


@dataclass(frozen=True)
class Blocked:
    """A row that cannot be taken back, and why."""

    number: int
    key: Any
    name: str
    why: str


class CannotUndo(DomainError):
    """Some rows were changed later, or are needed by others: nothing was taken back."""

    status = 409

    def __init__(self, blocked: Sequence[Blocked]) -> None:
        self.blocked = tuple(blocked)
        super().__init__()

    def default(self) -> str:
        return _("Nothing was undone: some records were changed later, or others need them now.")


def told(screen: Resolved, refused: DomainError) -> str:
    """A refusal in one line, with the names of the fields it is about."""
    if not isinstance(refused, Unprocessable):
        return refused.sentence
    lines = list(refused.general)
    for name, messages in refused.fields.items():
        f = screen.fields.get(name)
        lines += [f"{_(f.label)}: {message}" if f else message for message in messages]
    return " ".join(lines) or refused.sentence
