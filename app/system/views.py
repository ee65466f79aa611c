"""`/jobs/`: the work behind the scenes, for those who run the system."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from app.core.db import current_session, transaction
from app.core.errors import Forbidden, Unprocessable
from app.core.guard import same_site_referrer
from app.core.types import utc_now
from app.core.viewer import OPERATIONS, Viewer, current_viewer
from app.screens.page import Link
from app.screens.shell import crumbs
from app.system import board, services


class JobsView(BaseView):
    """What waits, runs and failed: for people who see the module `system`; acted upon by those who may edit it."""

    route_base = "/jobs"
    default_view = "list"

    @expose("/")
    @login_required
    def list(self) -> str:
        viewer = _seeing()
        crumbs(Link(_("Background jobs")))
        return render_template("system/jobs.html", board=_board(viewer), may_act=viewer.may_edit(OPERATIONS))

    @expose("/board")
    @login_required
    def board(self) -> str:
        """What changes on the page, for its script."""
        viewer = _seeing()
        return render_template("system/_board.html", board=_board(viewer), may_act=viewer.may_edit(OPERATIONS))

    @expose("/retry", methods=["POST"])
    @login_required
    def retry(self) -> Any:
        viewer = _acting()
        with transaction(by=viewer) as session:
            tried = services.retry(session, _keys())
        _say_tried(tried)
        return _back()

    @expose("/retry-all", methods=["POST"])
    @login_required
    def retry_all(self) -> Any:
        """Everything of one listener that was given up."""
        viewer = _acting()
        with transaction(by=viewer) as session:
            tried = services.retry_all(session, request.form.get("listener", ""))
        _say_tried(tried)
        return _back()

    @expose("/discard", methods=["POST"])
    @login_required
    def discard(self) -> Any:
        viewer = _acting()
        try:
            with transaction(by=viewer) as session:
                gone = services.discard(session, _keys(), request.form.get("reason", ""))
        except Unprocessable as refused:
            flash(" ".join(refused.fields["reason"]), "danger")
            return _back()
        said = ngettext("%(num)s job is discarded.", "%(num)s jobs are discarded.", gone)
        flash(said if gone else _("They were done or tried again meanwhile."), "success" if gone else "info")
        return _back()

    @expose("/run", methods=["POST"])
    @login_required
    def run(self) -> Any:
        viewer = _acting()
        name = request.form.get("job", "")
        with transaction(by=viewer) as session:
            started = services.run_now(session, name, now=utc_now())
        job = board.named(name)[0]
        if started:
            flash(_("“%(job)s” starts now.", job=job), "success")
        else:
            flash(_("“%(job)s” was started less than a minute ago.", job=job), "info")
        return _back()


def _seeing() -> Viewer:
    """The viewer, when he sees the pages of the system. Raises Forbidden."""
    viewer = current_viewer()
    if not viewer.sees(OPERATIONS):
        raise Forbidden
    return viewer


def _acting() -> Viewer:
    """The viewer, when he may act on what he sees there. Raises Forbidden."""
    viewer = current_viewer()
    if not viewer.may_edit(OPERATIONS):
        raise Forbidden
    return viewer


def _board(viewer: Viewer) -> board.Board:
    return board.board(
        current_session(), current_app.extensions["screens"], viewer, redis_url=current_app.config["REDIS_URL"],
        now=utc_now(), **board.query_of(request.args),
    )  # fmt: skip


def _keys() -> list[str]:
    """The one whose button was pressed, else all that were chosen."""
    return request.form.getlist("only") or request.form.getlist("id")


def _say_tried(tried: int) -> None:
    said = ngettext("%(num)s job is tried again.", "%(num)s jobs are tried again.", tried)
    flash(said if tried else _("They were done or tried again meanwhile."), "success" if tried else "info")


def _back() -> Any:
    """To the page as it was, without the pages of its lists: what was on them has moved."""
    came_from = same_site_referrer()
    return redirect(came_from if came_from.startswith("/jobs/") else "/jobs/")
