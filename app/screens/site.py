"""Doors over all screens: the directory of all tables, the choice of a country, the reference of the REST API."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, jsonify, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_jwt_extended import verify_jwt_in_request
from flask_login import login_required

from app.core import guard
from app.core.db import current_session
from app.core.viewer import current_viewer
from app.screens import atlas, openapi, switch
from app.screens.look import Look
from app.screens.page import Link
from app.screens.shell import Shell, crumbs


class DirectoryView(BaseView):
    """`/tables/`: every table this viewer may open; `?format=json` for the "go to" box."""

    route_base = "/tables"

    @expose("/")
    @login_required
    def list(self) -> Any:
        shell: Shell = current_app.extensions["shell"]
        if request.args.get("format") == "json":
            return jsonify(shell.places(current_viewer()))
        crumbs(Link(_("All tables")))
        return render_template("screens/directory.html", areas=shell.directory(current_viewer()))


class CountryView(BaseView):
    """`/country/`: choose one of the own countries, or all, and go back to where one was."""

    route_base = "/country"

    @expose("/", methods=["POST"])
    @login_required
    def choose(self) -> Any:
        viewer, code = current_viewer(), request.form.get("country", "")
        href = guard.same_site_referrer() or "/"
        path = href.partition("?")[0]
        screen = atlas.known().get(switch.table_of(path))
        look = Look(atlas.known(), current_session(), viewer, screen) if screen else None
        # The home page starts anew from the choice: it remembers the rest of what its address said.
        href = "/" if path == "/" else switch.moved(look, href, switch.chosen(viewer), code)
        answer: Response = redirect(href)  # type: ignore[assignment]  # Flask's own responses
        switch.choose(viewer, code, answer)
        return answer


class ReferenceView(BaseView):
    """`/swagger/v1`: the API to read and to try; `/api/v1/_openapi`: the same for programs."""

    route_base = ""
    default_view = "reference"

    @expose("/swagger/v1")
    @login_required
    def reference(self) -> str:
        crumbs(Link(_("API reference")))
        return render_template("api.html", openapi_href="/api/v1/_openapi")

    @expose("/api/v1/_openapi")
    def document(self) -> Any:
        """For the page above with its cookie, for programs with their token; it changes nothing."""
        verify_jwt_in_request(optional=True)
        viewer = current_viewer()
        if not viewer.user_id:
            abort(401)
        title = f"{current_app.config['APP_NAME']} API"
        return jsonify(openapi.describe_all(current_app.extensions["screens"], viewer, title))
