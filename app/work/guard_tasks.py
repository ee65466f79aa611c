"""What holds for tasks and their comments whichever door they came through: page, form, REST, job.

Who makes a task or writes a comment is the one who acts; a task goes only to
a colleague who can work on it, and he hears of it; whoever is named in a
comment may see its task, and hears of it. The system is not bound by it. The
listeners work from the moment this module is imported (`app.tables` does).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.events import publish
from app.core.live import ping
from app.core.scope import viewer_in
from app.core.types import new_key
from app.core.viewer import SYSTEM_USER, Viewer, visible
from app.work import mentions
from app.work.errors import Missing, NotForThem, TaskClosed
from app.work.events import Mentioned, TaskAssigned
from app.work.models import OPEN, Task, TaskComment
from app.work.services.able import colleague, why_not

TOPIC = "tasks"  # pages hear by this ping that a task of theirs is another one


@event.listens_for(Session, "before_flush")
def _know_who_acts(session: Session, context: object, instances: object) -> None:
    """Who makes a task or writes a comment is who acts; a closed task stays, one that repeats keeps a due time."""
    for row in session.new:
        if isinstance(row, Task | TaskComment):
            row.id = row.id or new_key()
            name = "created_by_user_id" if isinstance(row, Task) else "user_id"
            who = viewer_in(session).user_id
            if getattr(row, name) is None and who:
                setattr(row, name, who)
    for row in session.dirty:
        if not isinstance(row, Task) or not _guarded(session):
            continue
        if _was(row, "status") not in OPEN and row.status not in OPEN:
            for name in ("assigned_user_id", "due_date"):
                if _changed(row, name):
                    raise Missing(name, TaskClosed().sentence)
        if row.repeats and row.due_date is None and _changed(row, "due_date"):
            raise Missing("due_date", _("A task that repeats needs a due time. Stop repeating it first."))


@event.listens_for(Session, "after_flush")
def _look_after_them(session: Session, context: object) -> None:
    """Now the database can be asked whether the colleague sees the task."""
    if session.info.get("unaudited"):
        return
    viewer = viewer_in(session)
    for task in _changing(session, Task, "assigned_user_id"):
        _look_after_owner(session, viewer, task)
    for remark in _changing(session, TaskComment, "content"):
        _look_after_named(session, viewer, remark)
    _tell_pages(session)


def _tell_pages(session: Session) -> None:
    """The open pages of those whose task it is hear that it, or what is said about it, is another one now."""
    for task in (row for row in (*session.new, *session.dirty) if isinstance(row, Task)):
        for person in {task.created_by_user_id, task.assigned_user_id, _was(task, "assigned_user_id")} - {None}:
            ping(session, person, TOPIC)
    for remark in (row for row in session.new if isinstance(row, TaskComment)):
        with session.no_autoflush:
            about = session.get(Task, remark.task_id)
        for person in {about.created_by_user_id, about.assigned_user_id} if about else ():
            ping(session, person, TOPIC)


def _look_after_owner(session: Session, viewer: Viewer, task: Task) -> None:
    person = colleague(session, task.assigned_user_id)
    if person is None:
        return  # a new person of the same flush, or none: the foreign key speaks
    if viewer.user_id != SYSTEM_USER and (reason := why_not(session, person, task)):
        raise NotForThem(reason)
    publish(session, TaskAssigned(task.id, task.assigned_user_id, viewer.user_id))


def _look_after_named(session: Session, viewer: Viewer, remark: TaskComment) -> None:
    """Who is no colleague of the writer and who does not exist look the same."""
    names = mentions.named(remark.content)
    if not names:
        return
    with session.no_autoflush:
        task = session.get(Task, remark.task_id)
        known = visible(User, viewer).where(User.username.in_(names), User.is_active, User.id != SYSTEM_USER)
        people = {person.username: person for person in session.scalars(known)}
    for name in names:
        if name not in people or task is None:
            raise NotForThem(_("There is no colleague “%(name)s” whom you can name here.", name=name), "content")
        person = people[name]
        if viewer.user_id != SYSTEM_USER and why_not(session, person, task):
            raise NotForThem(
                _("%(name)s may not see this task, so nobody is told. Take the name out.", name=person.full_name),
                "content",
            )
        said = Mentioned(TaskComment.__tablename__, remark.id, task.id, person.id, viewer.user_id)
        publish(session, said, once=f"mention:{TaskComment.__tablename__}:{remark.id}:{person.id}")


def _changing(session: Session, kind: type[Any], name: str) -> Iterator[Any]:
    """The rows of this flush that are new, or whose `name` became another."""
    yield from [row for row in session.new if isinstance(row, kind)]
    yield from [row for row in session.dirty if isinstance(row, kind) and _changed(row, name)]


def _changed(row: Any, name: str) -> bool:
    return bool(inspect(row).attrs[name].history.has_changes())


def _was(row: Task, name: str) -> Any:
    before = inspect(row).attrs[name].history.deleted
    return before[0] if before else getattr(row, name)


def _guarded(session: Session) -> bool:
    return not session.info.get("unaudited") and viewer_in(session).user_id != SYSTEM_USER
