"""Looking at the system through somebody else's eyes: read-only, for administrators, until they stop or log out.

The person looked through is named in the signed cookie of the administrator
and looked at anew with every request: who may not be watched any more is not.
Requests with a token are a login of their own and have nothing to do with it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from flask import session as cookie
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.guard_rights import administers
from app.access.models import User
from app.core.errors import Forbidden
from app.core.viewer import SYSTEM, SYSTEM_USER, Viewer, current_viewer

KEY = "view_as"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_ALWAYS = {"PeopleView.stop_viewing", "LoginView.logout", "LanguageView.index"}
# What is somebody's own stays so: sessions, second factor, password, talks, what one was told.
_PERSONAL = (
    "ProfileView.", "PasswordView.", "SecondFactorView.", "ChatView.", "NotificationsView.", "NotificationRulesView.",
)  # fmt: skip


class ReadOnly(Forbidden):
    """A change while looking through somebody else's eyes."""

    def default(self) -> str:
        return _("You see INDEXUS as somebody else and can change nothing. Stop first.")


def chosen() -> str:
    """Whose eyes this browser asks for; "" for none."""
    found = cookie.get(KEY) if "Authorization" not in request.headers else None
    return found if isinstance(found, str) else ""


def watched(session: Session, own: Viewer, key: str) -> User | None:
    """The person with this id, as long as `own` may look through his eyes."""
    user = session.scalar(select(User).where(User.id == key), execution_options={"viewer": SYSTEM}) if key else None
    return user if user is not None and may_watch(session, own, user) else None


def may_watch(session: Session, own: Viewer, user: User) -> bool:
    """Only an administrator, only active people, no other administrator, and nobody with more countries."""
    if not own.everything or user.id in (own.user_id, SYSTEM_USER) or not user.is_active:
        return False
    within = own.everywhere or set(user.assigned_countries) <= set(own.countries or ())
    return within and not administers(session, user)


def start(user: User) -> None:
    cookie[KEY] = user.id


def stop() -> str:
    """The id of whoever was looked through; "" for nobody."""
    return str(cookie.pop(KEY, ""))


def install(app: Flask) -> None:
    """Refuse changes and personal pages meanwhile, and tell every page to say so.

    Comes after Flask-AppBuilder, whose own look at a request finds out who is logged in.
    """

    @app.before_request
    def only_look() -> None:
        if not chosen() or request.endpoint in _ALWAYS or request.endpoint == "static":
            return
        current_viewer()
        if "looking_as" not in g:
            return
        if request.method not in _SAFE:
            raise ReadOnly
        if (request.endpoint or "").startswith(_PERSONAL):
            raise Forbidden(_("This page belongs to the person alone. Stop looking through other eyes first."))

    @app.context_processor
    def viewing() -> dict[str, Any]:
        return {"viewing_as": None if getattr(g, "without_frame", False) else g.get("looking_as")}
