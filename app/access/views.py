"""Pages of a person's own account: log in and out, profile, password. Plus the REST login."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, jsonify, redirect, render_template, request, session
from flask_appbuilder import BaseView
from flask_appbuilder.api import expose as expose_api
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_jwt_extended import create_access_token, create_refresh_token, get_jwt_identity, jwt_required
from flask_login import login_required, login_user, logout_user

from app.access import passwords
from app.access.models import User, UserAuthMethod
from app.core.db import current_session, transaction
from app.core.errors import BadQuery, DomainError, Forbidden, NotFound
from app.core.vault import Veiled
from app.core.viewer import current_viewer
from app.screens.page import Link
from app.screens.shell import crumbs

USERS = "users"


class LoginView(AuthDBView):
    """`/login/` and `/logout/`."""

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        if g.user is not None and g.user.is_authenticated:
            return redirect(_home_or(request.args.get("next", "")))
        if request.method == "GET":
            return self._page()
        name, password = request.form.get("username", ""), request.form.get("password", "")
        user = self.appbuilder.sm.auth_user_db(name, password)
        if user is None:
            return self._page(error=_("Wrong user name or password."), username=name), 401
        language = session.get("locale")
        session.clear()  # nothing of the visit before goes into the new session
        if language:
            session["locale"] = language
        login_user(user)
        session.permanent = True
        return redirect(_home_or(request.form.get("next") or request.args.get("next", "")))

    def _page(self, error: str | None = None, username: str = "") -> str:
        wanted = request.form.get("next") or request.args.get("next", "")
        return render_template("access/login.html", error=error, username=username, next=wanted)

    @expose("/logout/", methods=["GET", "POST"])
    @no_cache
    def logout(self) -> Any:
        """Leaving is a change, so only POST does it; a GET leads back to where one was."""
        if request.method == "GET":
            return redirect("/")
        logout_user()
        session.clear()
        return redirect("/login/")


def _home_or(wanted: str) -> str:
    """Where one wanted to go, when that is on this site."""
    return str(get_safe_redirect(wanted)) if wanted.isprintable() and wanted else "/"


class SignInApi(SecurityApi):
    """`/api/v1/security/login` and `/refresh`; the description of it is written by `screens.openapi`.

    FAB's own methods answer 500 to whatever they did not expect, a lost database included.
    """

    def add_apispec_components(self, api_spec: Any) -> None:
        """Nothing for FAB's own document."""

    @expose_api("/login", methods=["POST"])
    def login(self) -> Response:
        name, password, refresh = _credentials()
        user = self.appbuilder.sm.auth_user_db(name, password)
        if user is None:
            raise WrongLogin
        tokens = {"access_token": create_access_token(user.id, fresh=True)}
        if refresh:
            tokens["refresh_token"] = create_refresh_token(user.id)
        return jsonify(tokens)

    @expose_api("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    def refresh(self) -> Response:
        return jsonify(access_token=create_access_token(get_jwt_identity(), fresh=False))


class WrongLogin(DomainError):
    status = 401

    def default(self) -> str:
        return _("Wrong user name or password.")


def _credentials() -> tuple[str, str, bool]:
    """Name, password and whether a refresh token is wanted. Raises BadQuery, BadRequest."""
    if not request.is_json:
        raise BadQuery(_("The body must be JSON, with Content-Type application/json."))
    try:
        body = request.get_json()
    except RecursionError as deep:
        raise BadQuery(_("The body is nested too deeply.")) from deep
    if not isinstance(body, dict):
        raise BadQuery(_("The body must be a JSON object."))
    name, password, refresh = body.get("username"), body.get("password"), body.get("refresh", False)
    fit = isinstance(name, str) and isinstance(password, str) and isinstance(refresh, bool)
    if not fit or not name or not password or body.get("provider", "db") != "db":
        raise BadQuery(_("Send `username` and `password` as texts, and `provider` as “db”."))
    return name, password, refresh


class ProfileView(BaseView):
    """`/profile`: who one is here, and what one may do."""

    route_base = "/profile"
    default_view = "userinfo"

    @expose("/", methods=["GET"])
    @login_required
    def userinfo(self) -> str:
        crumbs(Link(_("Profile")))
        user = current_session().get(User, current_viewer().user_id)
        return render_template("access/profile.html", person=user, viewer=current_viewer())


class PasswordView(BaseView):
    """`/password/`: one's own password; `/password/<id>`: somebody else's, for those who may edit users."""

    route_base = "/password"
    default_view = "own"

    @expose("/", methods=["GET", "POST"])
    @login_required
    def own(self) -> Any:
        user = current_session().get(User, current_viewer().user_id)
        assert user is not None
        return self._set(user, need_current=True)

    @expose("/<key>", methods=["GET", "POST"])
    @login_required
    def other(self, key: str) -> Any:
        viewer = current_viewer()
        if not viewer.may_edit(USERS):
            raise Forbidden
        user = current_session().get(User, key)
        if user is None:
            raise NotFound
        return self._set(user, need_current=user.id == viewer.user_id)

    def _set(self, user: User, *, need_current: bool) -> Any:
        if user.auth_method is not UserAuthMethod.local:
            raise PasswordElsewhere
        crumbs(Link(_("Change password")))
        errors: dict[str, list[str]] = {}
        if request.method == "POST":
            errors = _problems(request.form, user, need_current=need_current)
            if not errors:
                with transaction(by=current_viewer()):
                    user.password_hash = Veiled(passwords.hashed(request.form["password"]))
                flash(_("The password is changed."), "success")
                return redirect("/" if need_current else f"/users/show/{user.id}")
        title = _("Change password") if need_current else _("Set the password of %(name)s", name=user.full_name)
        page = render_template(
            "access/password.html",
            page_title=title,
            action=request.path,
            need_current=need_current,
            errors=errors,
        )
        return page, 422 if errors else 200


class PasswordElsewhere(DomainError):
    status = 409

    def default(self) -> str:
        return _("This person signs in with Microsoft 365; there is no password here to change.")


def _problems(form: Any, user: User, *, need_current: bool) -> dict[str, list[str]]:
    """What is wrong with a new password, by field."""
    new, again, current = form.get("password", ""), form.get("confirm", ""), form.get("current", "")
    errors: dict[str, list[str]] = {}
    if need_current and not passwords.matches(current, user.password_hash.reveal()):
        errors["current"] = [_("This is not your current password.")]
    if len(new) < passwords.SHORTEST:
        errors["password"] = [_("At least %(least)s characters.", least=passwords.SHORTEST)]
    elif len(new) > 200:
        errors["password"] = [_("At most %(most)s characters.", most=200)]
    elif new.lower() in (user.username.lower(), user.email.lower()):
        errors["password"] = [_("The password must not be the user name or the e-mail.")]
    if new != again:
        errors["confirm"] = [_("Both entries must be the same.")]
    return errors
