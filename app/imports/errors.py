"""Why a file, or what was chosen for it, cannot be taken."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.errors import DomainError


class Unreadable(DomainError):
    """A file that cannot be read; the sentence says what to do about it."""

    status = 422


class NothingToImport(DomainError):
    """A choice that leaves nothing to do, or one that cannot be."""

    status = 422


class FileGone(DomainError):
    """The file was imported, removed, or its day is over."""

    status = 410

    def default(self) -> str:
        return _(
            "This file is not here any more: files are kept for a day, or until they are imported. Upload it again."
        )
