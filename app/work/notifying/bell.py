"""The bell in the top bar: who has one, and what stands on it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.core.viewer import Viewer
from app.work.notifying import queries
from app.work.notifying.delivery import MODULE


@dataclass(frozen=True)
class Bell:
    """`count` is what stands on it ("99+"), `said` the same as a sentence."""

    unread: int
    count: str
    said: str


def bell_of(unread: int) -> Bell:
    most = queries.MOST_COUNTED - 1
    count = f"{most}+" if unread > most else str(unread)
    if not unread:
        return Bell(0, "", _("No unread notifications"))
    said = ngettext("%(num)s unread notification", "%(num)s unread notifications", min(unread, most))
    return Bell(unread, count, said if unread <= most else _("More than %(most)s unread notifications", most=most))


def has_bell(viewer: Viewer) -> bool:
    """Whoever sees notifications and wants it; nobody who looks through somebody else's eyes."""
    if not viewer.user_id or viewer.behind or not viewer.sees(MODULE):
        return False
    return bool(getattr(current_user, "show_notification_bell", False))
