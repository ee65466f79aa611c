"""The page that replaces a password."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required

from app.access import passwords, services
from app.access.entrance import person
from app.access.errors import PasswordElsewhere
from app.access.logins import colleague
from app.access.models import User, UserAuthMethod
from app.core.db import current_session, transaction
from app.core.viewer import current_viewer
from app.screens.page import Link
from app.screens.shell import crumbs


class PasswordView(BaseView):
    """`/password/`: one's own password; `/password/<id>`: somebody else's, for those who may edit users."""

    route_base = "/password"
    default_view = "own"

    @expose("/", methods=["GET", "POST"])
    @login_required
    def own(self) -> Any:
        return self._set(person(), own=True)

    @expose("/<key>", methods=["GET", "POST"])
    @login_required
    def other(self, key: str) -> Any:
        user = colleague(current_session(), current_viewer(), key)
        return self._set(user, own=user.id == person().id)

    def _set(self, user: User, *, own: bool) -> Any:
        if user.auth_method is not UserAuthMethod.local:
            raise PasswordElsewhere
        crumbs(Link(_("Change password")))
        errors: dict[str, list[str]] = {}
        if request.method == "POST":
            errors = self._problems(user, own=own)
            if not errors:
                with transaction(by=current_viewer()) as session:
                    services.set_password(session, user, request.form["password"], initial=not own)
                if own:
                    self.appbuilder.sm.begin_session(user)  # all sessions ended with the old password, this one as well
                    flash(_("The password is changed. You are logged out everywhere else."), "success")
                else:
                    flash(_("The password is set. It has to be replaced at the next login."), "success")
                return redirect("/" if own else f"/users/show/{user.id}")
        title = _("Change password") if own else _("Set the password of %(name)s", name=user.full_name)
        page = render_template(
            "access/password.html",
            page_title=title,
            action=request.path,
            need_current=own,
            due=own and user.must_change_password,
            errors=errors,
        )
        return page, 422 if errors else 200

    def _problems(self, user: User, *, own: bool) -> dict[str, list[str]]:
        """What is wrong with a new password, by field. Raises TooManyTries."""
        form = request.form
        new, again, current = form.get("password", ""), form.get("confirm", ""), form.get("current", "")
        errors: dict[str, list[str]] = {}
        if own and not self.appbuilder.sm.confirm_password(user, current):
            errors["current"] = [_("This is not your current password.")]
        wrong = passwords.problem(new, user.username, user.email, user.full_name)
        if not wrong and own and new == current:
            wrong = _("This is the password you have now. Choose another one.")
        if wrong:
            errors["password"] = [wrong]
        if new != again:
            errors["confirm"] = [_("Both entries must be the same.")]
        return errors
