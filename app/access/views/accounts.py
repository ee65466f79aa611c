"""What an administrator does to the account of a colleague, beside its fields."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required
from sqlalchemy.orm import Session

from app.access import second_factor, sessions
from app.access.entrance import own_session, person
from app.access.guard_rights import demand_no_stronger
from app.access.models import EndReason, User
from app.core.db import current_session, transaction
from app.core.errors import Forbidden, NotFound
from app.core.scope import may_change
from app.core.types import utc_now
from app.core.viewer import Viewer, current_viewer, visible

USERS = "users"


class AccountView(BaseView):
    """`POST /users/<id>/sessions/end` and `POST /users/<id>/second-factor/reset`, for those who may edit users."""

    route_base = "/users"

    @expose("/<key>/sessions/end", methods=["POST"])
    @login_required
    def end_sessions(self, key: str) -> Any:
        viewer = current_viewer()
        user = colleague(current_session(), viewer, key)
        with transaction(by=viewer) as session:
            ended = sessions.end_all(session, user.id, EndReason.administrator, now=utc_now(), but=own_session())
        flash(ngettext("%(num)s session is ended.", "%(num)s sessions are ended.", ended), "success")
        return redirect(f"/users/show/{user.id}")

    @expose("/<key>/second-factor/reset", methods=["POST"])
    @login_required
    def reset_second_factor(self, key: str) -> Any:
        """For a colleague who lost both phone and recovery codes. Nobody resets the own one without the password."""
        viewer = current_viewer()
        user = colleague(current_session(), viewer, key)
        if user.id == person().id:
            return redirect("/profile/second-factor/")
        with transaction(by=viewer) as session:
            was_on = second_factor.switch_off(session, user)
            sessions.end_all(session, user.id, EndReason.administrator, now=utc_now())
        flash(_("The second factor is switched off.") if was_on else _("There was no second factor."), "success")
        return redirect(f"/users/show/{user.id}")


def colleague(session: Session, viewer: Viewer, key: str) -> User:
    """A person whose account the viewer may look after. Raises Forbidden, NotFound.

    Whoever sets a password has the rights behind it, so nobody does it for somebody who may do more.
    """
    if not viewer.may_edit(USERS):
        raise Forbidden
    user = session.scalars(visible(User, viewer).where(User.id == key)).one_or_none()
    if user is None:
        raise NotFound
    if user.id != viewer.user_id:
        if not may_change(session, viewer, User, user.id):
            raise Forbidden
        demand_no_stronger(session, viewer, user)
    return user
