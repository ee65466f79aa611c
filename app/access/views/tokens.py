"""The REST login."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.api import SecurityApi
from flask_babel import gettext as _
from flask_jwt_extended import get_jwt, jwt_required

from app.access import second_factor
from app.access.entrance import CLAIM
from app.access.errors import CodeNeeded, WrongCode, WrongLogin
from app.core.db import current_session
from app.core.errors import BadQuery


class SignInApi(SecurityApi):
    """`/api/v1/security/login`, `/refresh` and `/logout`; the description of it is written by `screens.openapi`.

    FAB's own methods answer 500 to whatever they did not expect, a lost database included.
    """

    def add_apispec_components(self, api_spec: Any) -> None:
        """Nothing for FAB's own document."""

    @expose("/login", methods=["POST"])
    def login(self) -> Response:
        name, password, code, refresh = _credentials()
        door = self.appbuilder.sm
        user = door.auth_user_db(name, password)
        if user is None:
            raise WrongLogin
        if second_factor.is_on(current_session(), user):
            if not code:
                raise CodeNeeded
            if not door.check_code(user, code):
                raise WrongCode
        return jsonify(door.hand_out_tokens(user, refresh=refresh))

    @expose("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    def refresh(self) -> Response:
        return jsonify(access_token=self.appbuilder.sm.refreshed_token(get_jwt()))

    @expose("/logout", methods=["POST"])
    @jwt_required(verify_type=False)
    def logout(self) -> tuple[str, int]:
        """Ends the session of this token: its access and refresh tokens are worth nothing from now on."""
        self.appbuilder.sm.leave(g.user, get_jwt()[CLAIM])
        return "", 204


def _credentials() -> tuple[str, str, str, bool]:
    """Name, password, code ("" without one) and whether a refresh token is wanted. Raises BadQuery, BadRequest."""
    if not request.is_json:
        raise BadQuery(_("The body must be JSON, with Content-Type application/json."))
    try:
        body = request.get_json()
    except RecursionError as deep:
        raise BadQuery(_("The body is nested too deeply.")) from deep
    if not isinstance(body, dict):
        raise BadQuery(_("The body must be a JSON object."))
    name, password, refresh = body.get("username"), body.get("password"), body.get("refresh", False)
    code = body.get("otp") or ""
    fit = isinstance(name, str) and isinstance(password, str) and isinstance(code, str) and isinstance(refresh, bool)
    if not fit or not name or not password or body.get("provider", "db") != "db":
        raise BadQuery(_("Send `username` and `password` as texts, and `provider` as “db”."))
    return name, password, code, refresh
