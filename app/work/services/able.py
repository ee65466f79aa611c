"""Who can work on a task: an active colleague who sees tasks, and this one."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import User
from app.core.viewer import SYSTEM, SYSTEM_USER, Viewer, visible
from app.work.models import Task

TASKS = "tasks"


def why_not(session: Session, user: User, task: Task) -> str:
    """Why this colleague cannot have the task, as a sentence; "" when he can. The task must be in the database."""
    name = user.full_name
    if user.id == SYSTEM_USER:
        return _("The system itself takes no tasks. Choose a colleague.")
    if not user.is_active:
        return _("%(name)s is deactivated. Choose another colleague.", name=name)
    with session.no_autoflush:
        eyes = viewer_of(session, user)
        if not eyes.sees(TASKS):
            return _("%(name)s has no access to tasks. Choose another colleague.", name=name)
        if not sees(session, eyes, task):
            return _("%(name)s does not work in the country of this task. Choose another colleague.", name=name)
    return ""


def sees(session: Session, eyes: Viewer, task: Task) -> bool:
    """Whether somebody with these eyes may know of the task."""
    asked = visible(Task, eyes).with_only_columns(Task.id).where(Task.id == task.id)
    return session.scalar(asked) is not None


def colleague(session: Session, key: str | None) -> User | None:
    """The person with this key, whoever asks."""
    return session.get(User, key, execution_options={"viewer": SYSTEM}) if key else None
