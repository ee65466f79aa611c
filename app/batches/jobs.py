"""Batches that a worker does: with the rights, and in the language, of whoever asked, looked up when it runs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import User
from app.batches import running, services
from app.batches.errors import CannotUndo
from app.batches.events import BatchAsked, BatchUndoAsked
from app.batches.models import BATCHES, Batch, BatchState
from app.core import outbox, records
from app.core.db import session_factory
from app.core.errors import DomainError, Forbidden
from app.core.events import Happened, Later, on
from app.core.live import ping
from app.core.types import utc_now
from app.core.viewer import SYSTEM, Viewer, acting
from app.screens import atlas
from app.screens.locale import language_of, speaking, zone_of
from app.screens.look import Look
from app.work.models import Notification, NotificationType
from app.work.notifying.delivery import MODULE

_AT_ONCE, _PACE = 50, timedelta(milliseconds=25)  # what follows from rows must not hold up what others do
_SECONDS = 1800  # a hundred thousand rows take two minutes of work; a machine may be ten times as busy


@on(BatchAsked, seconds=_SECONDS, attempts=3)
def carry_out(session: Session, happened: Happened[BatchAsked]) -> Later | None:
    """Do a batch. Safe to run twice: its end commits with its effect, and who comes second finds it done."""
    states = (BatchState.waiting, BatchState.running)

    def act(look: Look, batch: Batch) -> None:
        services.carry_out(look, batch, Progress(session, batch), now=utc_now())

    def refuse(batch: Batch, refused: DomainError) -> None:
        services.fail(session, batch, refused.sentence, now=utc_now())

    return as_owner(session, happened, states, BatchState.running, act, refuse)


@on(BatchUndoAsked, seconds=_SECONDS, attempts=3)
def carry_back(session: Session, happened: Happened[BatchUndoAsked]) -> Later | None:
    """Take a batch back. Safe to run twice, as doing it."""

    def act(look: Look, batch: Batch) -> None:
        others = happened.event.others
        services.carry_back(look, batch, Progress(session, batch), others=others, now=utc_now())

    def refuse(batch: Batch, refused: DomainError) -> None:
        said = refused.sentence
        if isinstance(refused, CannotUndo):
            said = " ".join([said, *(f"“{one.name}”: {one.why}" for one in refused.blocked[:5])])
        services.not_taken_back(session, batch, said)

    return as_owner(session, happened, (BatchState.undoing,), BatchState.undoing, act, refuse)


def forget_old(session: Session, *, now: datetime) -> None:
    """Remove what rows of batches were before, once nobody can take them back. Safe to run twice."""
    services.forget(session, now=now)


def as_owner(
    session: Session, happened: Happened[Any], states: tuple[BatchState, ...], during: BatchState,
    act: Callable[[Look, Batch], None], refuse: Callable[[Batch, DomainError], None],
) -> Later | None:  # fmt: skip
    """`act` with the rights its owner has now; what is refused is undone wholly and said to him by `refuse`."""
    batch_id: str = happened.event.batch_id
    if not running.lock(session, batch_id):
        return None  # another worker has it in hand
    if not _mark(session, batch_id, states, during):
        return None
    batch = session.get(Batch, batch_id, populate_existing=True)
    user = None if batch is None else session.get(User, batch.user_id)
    if batch is None or user is None:
        return None
    with speaking(language_of(user.language, user.assigned_countries), zone_of(user.assigned_countries)):
        try:
            with session.begin_nested(), _eyes_of(session, user) as viewer:
                act(Look(atlas.known(), session, viewer, atlas.known()[batch.table_name]), batch)
        except DomainError as refused:
            refuse(batch, refused)
        else:
            session.info["by"] = viewer  # what is told of the changes is this person's doing as well
            records.publish_changes(session)
            outbox.spread(session, at_once=_AT_ONCE, pace=_PACE, now=utc_now())
        if services.is_there(session, batch_id):
            _tell(session, batch, viewer_of(session, user), happened)
    return None


def _tell(session: Session, batch: Batch, viewer: Viewer, happened: Happened[Any]) -> None:
    """A notification that it is over, in the language of its owner. Once, however often the job comes."""
    session.refresh(batch)
    titles = {
        BatchState.prepared: _("Your file has been examined"),
        BatchState.done: _("Your changes of many records are done"),
        BatchState.failed: _("Your changes of many records were not made"),
        BatchState.undone: _("Your changes of many records are undone"),
    }
    if happened.event.__class__ is BatchUndoAsked and batch.state is BatchState.done:
        titles[BatchState.done] = _("Your changes of many records were not undone")
    if batch.state not in titles or not viewer.sees(MODULE):
        return
    row = {
        "id": str(uuid.uuid5(uuid.UUID(happened.key), "batch")), "user_id": batch.user_id,
        "type": NotificationType.system, "title": titles[batch.state], "created_at": utc_now(),
        "details": json.dumps({"batch": batch.id}),
        "message": _("%(count)s records. See “My batches”.", count=format_decimal(batch.total)),
    }  # fmt: skip
    new = postgresql.insert(Notification).values(row).on_conflict_do_nothing(index_elements=["id"])
    session.connection().execute(new)
    ping(session, batch.user_id, MODULE)


@contextmanager
def _eyes_of(session: Session, user: User) -> Iterator[Viewer]:
    """Within the block the session reads and writes with the rights of this person. Raises Forbidden."""
    if not user.is_active:
        raise Forbidden
    viewer, before = viewer_of(session, user), session.info.get("by")
    session.info["by"] = viewer
    try:
        with acting(viewer):
            yield viewer
            session.flush()
    finally:
        session.info["by"] = before or SYSTEM


def _mark(session: Session, batch_id: str, states: tuple[BatchState, ...], during: BatchState) -> bool:
    """Say in a transaction of its own that the work begins; whether there is any."""
    with session_factory(bind=session.get_bind()) as own:
        marked = update(BATCHES).where(BATCHES.c.id == batch_id, BATCHES.c.state.in_(states))
        found = own.connection().execute(
            marked.values(state=during, started_at=utc_now(), progress=0).returning(BATCHES.c.user_id)
        ).scalar_one_or_none()  # fmt: skip
        if found is not None:
            ping(own, found, services.TOPIC)
        own.commit()
    return found is not None


class Progress:
    """How many rows are through, for the page of the batch: told outside of the transaction that does them."""

    def __init__(self, session: Session, batch: Batch) -> None:
        self._bind, self._key, self._owner = session.get_bind(), batch.id, batch.user_id

    def __call__(self, done: int) -> None:
        with session_factory(bind=self._bind) as own:
            own.connection().execute(update(BATCHES).where(BATCHES.c.id == self._key).values(progress=done))
            ping(own, self._owner, services.TOPIC)
            own.commit()


LISTENERS = (carry_out, carry_back)
