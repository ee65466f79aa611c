"""What is done later: large files are examined by a worker, and by the clock files do not stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.batches import services as batches
from app.batches.errors import NotNow
from app.batches.jobs import as_owner
from app.batches.models import BATCHES, ROWS, Batch, BatchState
from app.batches.services import Planned
from app.core.db import session_factory
from app.core.errors import DomainError, Forbidden
from app.core.events import Happened, Later, on
from app.core.live import ping
from app.core.types import utc_now
from app.imports import examining, queries, services
from app.imports.columns import targets_of
from app.imports.events import FileToExamine
from app.screens import write
from app.screens.look import Look

_SECONDS = 1800  # a hundred thousand rows take a minute of work; a machine may be busy


@on(FileToExamine, seconds=_SECONDS, attempts=3)
def examine(session: Session, happened: Happened[FileToExamine]) -> Later | None:
    """Look at every row of a large file. Safe to run twice: who comes second begins anew, or finds it done."""
    file_id = happened.event.file_id

    def act(look: Look, batch: Batch) -> None:
        if not look.may_import():
            raise Forbidden
        write.demand_changeable(look.screen)
        file = queries.own_file(session, look.viewer, file_id, now=utc_now())
        with force_locale(str(batch.todo.get("language", "en"))):
            chosen = examining.kept_choice(look, file, targets_of(look))
            if file.batch_id != batch.id or chosen is None or not examining.holds(batch, chosen):
                raise NotNow
            examining.go_through(look, file, chosen, batch, _Kept(session, look, batch))

    def refuse(batch: Batch, refused: DomainError) -> None:
        batches.fail(session, batch, refused.sentence, now=utc_now())

    return as_owner(session, happened, (BatchState.examining,), BatchState.examining, act, refuse)


class _Kept:
    """Rows that are through, written down by transactions of their own: a page sees how far it is.

    So nothing holds the batch, and it can be cancelled: the next chunk finds it gone.
    """

    def __init__(self, session: Session, look: Look, batch: Batch) -> None:
        self._bind, self._look, self._key, self._owner = session.get_bind(), look, batch.id, batch.user_id
        with session_factory(bind=self._bind) as own:  # what a worker that died has left
            own.connection().execute(delete(ROWS).where(ROWS.c.batch_id == self._key))
            own.commit()

    def __call__(self, rows: Sequence[Planned], done: int) -> None:
        """Raises NotNow."""
        table = BATCHES
        waited = update(table).where(table.c.id == self._key, table.c.state == BatchState.examining)
        with session_factory(bind=self._bind) as own:
            if not own.connection().execute(waited.values(progress=done)).rowcount:
                raise NotNow
            batches.write_down(own, self._look, self._key, rows)
            ping(own, self._owner, batches.TOPIC)
            own.commit()


def forget_files(session: Session, *, now: datetime) -> None:
    """Remove uploaded files that were imported, or whose day is over. Safe to run twice."""
    services.forget(session, now=now)


LISTENERS = (examine,)
