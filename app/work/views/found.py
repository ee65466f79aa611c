"""The task that an address is about."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.errors import Forbidden, NotFound
from app.core.viewer import visible
from app.work.models import Task
from app.work.rights import May


def fetched(session: Session, may: May, key: str) -> Task:
    """Raises NotFound."""
    task = session.scalars(visible(Task, may.viewer).where(Task.id == key[:100])).one_or_none()
    if task is None:
        raise NotFound
    return task


def held(session: Session, may: May, key: str) -> Task:
    """The task as it is now, held until the end of the transaction: two who act at once act one after the other.

    Raises NotFound; Forbidden where the row may be seen but not changed.
    """
    asking = visible(Task, may.viewer).where(Task.id == key[:100]).with_for_update(of=Task)
    task = session.scalars(asking.execution_options(populate_existing=True)).one_or_none()
    if task is None:
        fetched(session, may, key)
        raise Forbidden
    return task
