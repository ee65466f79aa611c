"""Who one is here, and where one is logged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_login import login_required

from app.access import second_factor, sessions
from app.access.entrance import own_session, person
from app.access.models import EndReason, SessionKind, UserAuthMethod, UserSession
from app.core.db import current_session, transaction
from app.core.errors import NotFound
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.screens.page import Link
from app.screens.shell import crumbs


@dataclass(frozen=True)
class SessionLine:
    """One session as its person reads it."""

    id: str
    device: str
    address: str
    seen: str
    began: str
    icon: str
    own: bool


class ProfileView(BaseView):
    """`/profile`: who one is here, and what one may do."""

    route_base = "/profile"
    default_view = "userinfo"

    @expose("/", methods=["GET"])
    @login_required
    def userinfo(self) -> str:
        crumbs(Link(_("Profile")))
        session, user = current_session(), person()
        mine = sessions.live(session, user.id, now=utc_now())
        return render_template(
            "access/profile.html",
            person=user,
            viewer=current_viewer(),
            sessions=sorted(map(_line, mine), key=lambda line: not line.own),
            second_factor=second_factor.status(session, user) if user.auth_method is UserAuthMethod.local else None,
        )

    @expose("/sessions/<key>/end", methods=["POST"])
    @login_required
    def end_session(self, key: str) -> Any:
        with transaction(by=current_viewer()) as session:
            if not sessions.end(session, key, EndReason.elsewhere, now=utc_now(), user_id=person().id):
                raise NotFound
        flash(_("The session is ended."), "success")
        return redirect("/profile/")

    @expose("/sessions/end", methods=["POST"])
    @login_required
    def end_others(self) -> Any:
        with transaction(by=current_viewer()) as session:
            sessions.end_all(session, person().id, EndReason.elsewhere, now=utc_now(), but=own_session())
        flash(_("You are logged in here only."), "success")
        return redirect("/profile/")


def _line(found: UserSession) -> SessionLine:
    browser, system = sessions.device(found.user_agent)
    if browser and system:
        device = _("%(browser)s on %(system)s", browser=browser, system=system)
    else:
        device = browser or system or _("Unknown device")
    mobile = system in ("Android", "iPhone", "iPad")
    return SessionLine(
        id=found.id,
        device=device,
        address=found.ip,
        seen=format_datetime(found.last_seen_at, "short"),
        began=format_datetime(found.created_at, "short"),
        icon="api" if found.kind is SessionKind.api else "device-mobile" if mobile else "device-desktop",
        own=found.id == own_session(),
    )
