"""The language of the pages, chosen by anybody and remembered for those who are logged in."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request
from flask import session as cookie
from flask_appbuilder.babel.views import LocaleView
from flask_appbuilder.baseviews import expose
from flask_babel import refresh
from flask_login import current_user

from app.access.entrance import CHOSE, person
from app.core import guard
from app.core.db import transaction
from app.core.errors import NotFound
from app.core.viewer import SYSTEM


class LanguageView(LocaleView):
    """`/lang/<code>`: choose a language and go back to where one was.

    A link changes this browser; a form also what is remembered of a person: the next login, on any machine, and
    letters are in that language.
    """

    @expose("/<string:locale>", methods=["GET", "POST"])
    def index(self, locale: str) -> Any:
        if locale not in current_app.config["LANGUAGES"]:
            raise NotFound
        cookie["locale"] = locale
        refresh()
        if request.method == "POST" and current_user.is_authenticated:
            with transaction(by=SYSTEM):
                person().language = locale
        elif request.method == "POST":
            cookie[CHOSE] = True
        # Addresses may hold personal data: they are not kept in the cookie.
        return redirect(guard.same_site_referrer() or "/")
