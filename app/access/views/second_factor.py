"""`/profile/second-factor`: the own authenticator app and recovery codes."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import login_required

from app.access import second_factor, sessions
from app.access.entrance import count, key_of, own_session, person
from app.access.errors import PasswordElsewhere, WrongCode
from app.access.models import EndReason, User, UserAuthMethod
from app.core.db import current_session, transaction
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.screens.page import Link
from app.screens.shell import crumbs


class SecondFactorView(BaseView):
    """Set up, confirm, new recovery codes, switch off: each a POST; the page itself changes nothing."""

    route_base = "/profile/second-factor"
    default_view = "page"

    @expose("/", methods=["GET"])
    @login_required
    def page(self) -> Any:
        return self._page(_person())

    @expose("/begin", methods=["POST"])
    @login_required
    def begin(self) -> Any:
        user = _person()
        with transaction(by=current_viewer()) as session:
            second_factor.begin(session, user, now=utc_now())
        return redirect("/profile/second-factor/")

    @expose("/confirm", methods=["POST"])
    @login_required
    def confirm(self) -> Any:
        user, now = _person(), utc_now()
        count([key_of("enrol", user.id)], now)
        with transaction(by=current_viewer()) as session:
            codes = second_factor.confirm(session, user, request.form.get("code", ""), now=now)
            if codes:  # where no code was asked for, nobody stays
                sessions.end_all(session, user.id, EndReason.elsewhere, now=now, but=own_session())
        if codes:
            return self._page(user, codes=codes)
        return self._page(user, errors={"code": WrongCode().sentence}), 422

    @expose("/codes", methods=["POST"])
    @login_required
    def codes(self) -> Any:
        user = _person()
        if not self._knows_password(user):
            return self._page(user, errors={"codes": _("This is not your current password.")}), 422
        with transaction(by=current_viewer()) as session:
            if not second_factor.is_on(session, user):
                return redirect("/profile/second-factor/")
            codes = second_factor.renew_codes(session, user, now=utc_now())
        return self._page(user, codes=codes)

    @expose("/off", methods=["POST"])
    @login_required
    def off(self) -> Any:
        user = _person()
        if second_factor.is_on(current_session(), user):
            if not self._knows_password(user):
                return self._page(user, errors={"off": _("This is not your current password.")}), 422
            flash(_("The second factor is switched off."), "success")
        with transaction(by=current_viewer()) as session:
            second_factor.switch_off(session, user)
        return redirect("/profile/second-factor/")

    def _knows_password(self, user: User) -> bool:
        return bool(self.appbuilder.sm.confirm_password(user, request.form.get("current", "")))

    def _page(self, user: User, *, codes: list[str] | None = None, errors: dict[str, str] | None = None) -> str:
        crumbs(Link(_("Profile"), "/profile/"), Link(_("Second factor")))
        status = second_factor.status(current_session(), user)
        waiting = status.secret
        return render_template(
            "access/second_factor.html",
            status=status,
            since=format_date(status.since) if status.since else "",
            picture=second_factor.picture(waiting, user, current_app.config["APP_NAME"]) if waiting else "",
            key=second_factor.spoken_key(waiting) if waiting else "",
            codes=codes or [],
            errors=errors or {},
        )


def _person() -> User:
    """The one who is logged in. Raises PasswordElsewhere: Microsoft asks for its own second factor."""
    user = person()
    if user.auth_method is not UserAuthMethod.local:
        raise PasswordElsewhere
    return user
