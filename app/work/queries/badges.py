"""What waits for somebody, as every page says it beside the menu: unread messages and unread notifications."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.core.statements import standing
from app.core.viewer import Viewer
from app.work.models import Notification
from app.work.notifying.queries import MOST_COUNTED, still_open
from app.work.queries import chat


class Waiting(NamedTuple):
    """How many are unread; `chat.MANY` and MOST_COUNTED stand for that many or more."""

    messages: int
    notifications: int


_ME = bindparam("me")
_MESSAGES = chat.waiting(_ME).subquery()
_NOTIFICATIONS = (
    select(Notification.id).where(Notification.user_id == _ME, *still_open()).limit(MOST_COUNTED).subquery()
)
_WAITING = standing(
    select(
        select(func.count()).select_from(_MESSAGES).scalar_subquery(),
        select(func.count()).select_from(_NOTIFICATIONS).scalar_subquery(),
    )
)


def waiting(session: Session, viewer: Viewer) -> Waiting:
    """For the viewer himself; nothing waits for who looks through somebody else's eyes. One statement."""
    if viewer.behind:
        return Waiting(0, 0)
    return Waiting(*session.execute(_WAITING, {"me": viewer.user_id}, execution_options={"viewer": viewer}).one())
