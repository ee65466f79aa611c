"""Coming in and going out with a browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import g, redirect, render_template, request, session
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_login import logout_user

from app.access import second_factor, sessions
from app.access.entrance import WAITING, own_session
from app.access.errors import WrongCode
from app.access.models import EndReason
from app.core.db import current_session, transaction
from app.core.errors import TooManyTries
from app.core.types import utc_now
from app.core.viewer import SYSTEM


class LoginView(AuthDBView):
    """`/login/`, `/login/code` and `/logout/`."""

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        if g.user is not None and g.user.is_authenticated:
            return redirect(_home_or(request.args.get("next", "")))
        if request.method == "GET":
            return self._page()
        name, password = request.form.get("username", ""), request.form.get("password", "")
        door = self.appbuilder.sm
        try:
            user = door.auth_user_db(name, password)
            if user is not None and second_factor.is_on(current_session(), user):
                door.await_code(user)
                return redirect(_code_page())
        except TooManyTries as often:
            return self._page(error=_too_many(often), username=name), 429, {"Retry-After": str(often.seconds)}
        if user is None:
            return self._page(error=_("Wrong user name or password."), username=name), 401
        door.enter(user)
        return redirect(_home_or(_wanted()))

    def _page(self, error: str | None = None, username: str = "") -> str:
        return render_template("access/login.html", error=error, username=username, next=_wanted())

    @expose("/login/code", methods=["GET", "POST"])
    @no_cache
    def code(self) -> Any:
        """The second page of a login, which waits on the server: five minutes, five tries."""
        if g.user is not None and g.user.is_authenticated:
            return redirect(_home_or(_wanted()))
        waiting, now = str(session.get(WAITING, "")), utc_now()
        if not waiting:
            return redirect("/login/")
        if not sessions.tries_left(current_session(), waiting, now=now):
            return self._over()
        if request.method == "GET":
            return self._code_page()
        with transaction(by=SYSTEM) as kept:
            user = sessions.may_try_code(kept, waiting, now=now)
        if user is None:
            return self._over()
        try:
            right = self.appbuilder.sm.check_code(user, request.form.get("code", ""))
        except TooManyTries as often:
            return self._code_page(error=_too_many(often)), 429, {"Retry-After": str(often.seconds)}
        if right:
            wanted = _home_or(_wanted())
            self.appbuilder.sm.enter(user)
            return redirect(wanted)
        if sessions.tries_left(current_session(), waiting, now=now):
            return self._code_page(error=WrongCode().sentence), 401
        with transaction(by=SYSTEM) as kept:
            sessions.end(kept, waiting, EndReason.refused, now=now)
        return self._over()

    def _code_page(self, error: str | None = None) -> str:
        return render_template("access/code.html", error=error, next=_wanted())

    def _over(self) -> Any:
        session.pop(WAITING, None)
        return self._page(error=_("This login took too long or had too many wrong codes. Log in again.")), 401

    @expose("/logout/", methods=["GET", "POST"])
    @no_cache
    def logout(self) -> Any:
        """Leaving is a change, so only POST does it; a GET leads back to where one was."""
        if request.method == "GET":
            return redirect("/")
        if g.user is not None and g.user.is_authenticated:
            self.appbuilder.sm.leave(g.user, own_session())
        logout_user()
        session.clear()
        return redirect("/login/")


def _too_many(often: TooManyTries) -> str:
    return f"{_('Too many tries')}. {often.sentence}"


def _wanted() -> str:
    return request.form.get("next") or request.args.get("next", "")


def _code_page() -> str:
    return f"/login/code?{urlencode({'next': _wanted()})}" if _wanted() else "/login/code"


def _home_or(wanted: str) -> str:
    """Where one wanted to go, when that is on this site."""
    return str(get_safe_redirect(wanted)) if wanted.isprintable() and wanted else "/"
