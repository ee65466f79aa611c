"""How long a page waits for the numbers of one tile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import gettext as _
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import OperationalError

from app.core.errors import DomainError
from app.screens.look import Look

PATIENCE = 5_000  # ms for each statement of a tile


class TooSlow(DomainError):
    """The numbers of one tile take too long; the other tiles do not wait for them."""

    status = 503

    def default(self) -> str:
        return _("These numbers take too long right now. Choose a shorter period, or try again.")


@contextmanager
def patience(look: Look) -> Iterator[None]:
    """No statement of a tile runs longer than the page has patience for. Raises TooSlow."""
    look.session.connection().exec_driver_sql(f"SET LOCAL statement_timeout = {PATIENCE:d}")
    try:
        yield
    except OperationalError as stopped:
        if not isinstance(stopped.orig, QueryCanceled):
            raise
        look.session.rollback()
        raise TooSlow from stopped
