"""What an administrator does to the account of a colleague, beside its fields."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from app.access import second_factor, sessions
from app.access.entrance import own_session, person
from app.access.logins import colleague
from app.access.models import EndReason
from app.core.db import current_session, transaction
from app.core.types import utc_now
from app.core.viewer import current_viewer


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
