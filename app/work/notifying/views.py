"""`/notifications/`: what one was told; the bell asks here, too. Always one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, jsonify, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_date, format_datetime, format_time, get_timezone
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from app.core.db import current_session, transaction
from app.core.errors import BadQuery, Forbidden, NotFound
from app.core.faults import wants_json
from app.core.guard import same_site_referrer
from app.core.types import utc_now
from app.core.viewer import Viewer, current_viewer, visible
from app.screens.page import Link
from app.screens.shell import crumbs
from app.work.models import Notification, NotificationPriority, NotificationType
from app.work.notifying import queries, reading, services
from app.work.notifying.bell import bell_of
from app.work.notifying.delivery import MODULE
from app.work.notifying.queries import Place, Wanted
from app.work.notifying.reading import Line

IN_THE_BELL = 8
STATES = ("all", "unread", "dismissed")
_PREFETCHING = ("prefetch", "prerender")


def own(module: str = MODULE) -> Viewer:
    """The viewer, when the module is his. Raises Forbidden, also for whoever looks through other eyes."""
    viewer = current_viewer()
    if viewer.behind or not viewer.sees(module):
        raise Forbidden
    return viewer


class NotificationsView(BaseView):
    """The list with its filters, the newest for the bell, and what can be done with one."""

    route_base = "/notifications"
    default_view = "list"

    @expose("/", methods=["GET"])
    @login_required
    def list(self) -> str:
        viewer, session = own(), current_session()
        wanted, after = _wanted()
        rows, older = queries.page(session, viewer, wanted, after)
        lines = reading.lines(session, viewer, rows)
        crumbs(Link(_("Notifications")))
        return render_template(
            "work/notifications/list.html",
            days=_by_day(lines),
            wanted=wanted,
            states=[("all", _("All")), ("unread", _("Unread")), ("dismissed", _("Dismissed"))],
            kinds=[(kind.value, reading.type_label(kind)) for kind in NotificationType],
            priorities=[(one.value, reading.priority_label(one)) for one in reversed(NotificationPriority)],
            href=lambda **changed: _href(wanted, **changed),
            older_href=_href(wanted, before=f"{older.at.isoformat()}~{older.key}") if older else "",
            newest_href=_href(wanted) if after else "",
        )

    @expose("/latest.json", methods=["GET"])
    @login_required
    def latest(self) -> Response:
        """The number on the bell; with `list=1` the newest as well."""
        viewer, session = own(), current_session()
        told: dict[str, Any] = _count(session, viewer)
        if request.args.get("list") == "1":
            lines = reading.lines(session, viewer, queries.newest(session, viewer, IN_THE_BELL))
            told["items"] = [_item(line) for line in lines]
        return jsonify(told)

    @expose("/<key>/open", methods=["GET", "POST"])
    @login_required
    def open(self, key: str) -> Any:
        """Read it, and go where it leads; twice changes nothing, and a browser that only looks ahead reads nothing."""
        viewer = own()
        if request.headers.get("Sec-Purpose", "").partition(";")[0] in _PREFETCHING or request.method == "HEAD":
            return Response(status=204)
        row = _own_row(viewer, key)
        href = reading.target(current_session(), viewer, row)
        if not row.is_read:
            with transaction(by=viewer) as session:
                services.mark_read(session, viewer, key)
        return redirect(href or "/notifications/")

    @expose("/read", methods=["POST"])
    @login_required
    def read_all(self) -> Any:
        return _act(lambda session, viewer: services.mark_all_read(session, viewer), _("All notifications are read."))

    @expose("/<key>/read", methods=["POST"])
    @login_required
    def read(self, key: str) -> Any:
        return _act(lambda session, viewer: services.mark_read(session, viewer, key), "")

    @expose("/<key>/dismiss", methods=["POST"])
    @login_required
    def dismiss(self, key: str) -> Any:
        said = _("Dismissed. You find it under Dismissed.")
        return _act(lambda session, viewer: services.dismiss(session, viewer, key), said)

    @expose("/<key>/restore", methods=["POST"])
    @login_required
    def restore(self, key: str) -> Any:
        return _act(lambda session, viewer: services.restore(session, viewer, key), _("It is back."))


def _act(act: Callable[[Session, Viewer], object], said: str) -> Any:
    """Do it; a script gets the new number, a person goes back to where he was. Raises NotFound."""
    viewer = own()
    with transaction(by=viewer) as session:
        act(session, viewer)
    if wants_json():
        return jsonify(_count(current_session(), viewer))
    if said:
        flash(said, "success")
    return redirect(same_site_referrer() or "/notifications/")


def _count(session: Session, viewer: Viewer) -> dict[str, Any]:
    bell = bell_of(queries.unread(session, viewer))
    return {"unread": bell.unread, "count": bell.count, "said": bell.said}


def _own_row(viewer: Viewer, key: str) -> Notification:
    """Raises NotFound."""
    asked = visible(Notification, viewer).where(Notification.id == key[:100])
    row = current_session().scalars(asked).one_or_none()
    if row is None:
        raise NotFound
    return row


# What an address asks for ---------------------------------------------------------------


def _wanted() -> tuple[Wanted, Place | None]:
    """Raises BadQuery."""
    given = request.args
    state, kind, priority = given.get("state", "all"), given.get("type", ""), given.get("priority", "")
    if state not in STATES or (kind and kind not in set(NotificationType)):
        raise BadQuery(_("There is no such filter."))
    if priority and priority not in set(NotificationPriority):
        raise BadQuery(_("There is no such filter."))
    wanted = Wanted(
        state, NotificationType(kind) if kind else None, NotificationPriority(priority) if priority else None
    )
    return wanted, _place(given.get("before", ""))


def _place(given: str) -> Place | None:
    if not given:
        return None
    at, _tilde, key = given.partition("~")
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+"))
    except ValueError:
        raise BadQuery(_("There is no such page.")) from None
    if not 1970 < moment.year < 3000 or len(key) > 100:
        raise BadQuery(_("There is no such page."))
    return Place(moment if moment.tzinfo else moment.replace(tzinfo=UTC), key)


def _href(wanted: Wanted, **changed: str) -> str:
    given = {"state": wanted.state, "type": wanted.kind or "", "priority": wanted.priority or "", **changed}
    kept = {name: str(value) for name, value in given.items() if value and (name, value) != ("state", "all")}
    return "/notifications/" + (f"?{urlencode(kept)}" if kept else "")


# Drawing ----------------------------------------------------------------------------------


def _by_day(lines: Sequence[Line]) -> list[tuple[str, list[tuple[Line, str]]]]:
    """Lines under the day they are of, in the viewer's zone, each with its time."""
    groups = groupby(lines, key=lambda line: _day(line.at))
    return [(_day_label(day), [(line, format_time(line.at, "short")) for line in group]) for day, group in groups]


def _day(at: datetime) -> date:
    return at.astimezone(get_timezone() or UTC).date()


def _day_label(day: date) -> str:
    today = _day(utc_now())
    near = {today: _("Today"), today - timedelta(days=1): _("Yesterday")}
    return near.get(day) or str(format_date(day, "full", rebase=False))


def _item(line: Line) -> dict[str, Any]:
    today = _day(line.at) == _day(utc_now())
    when = format_time(line.at, "short") if today else format_date(line.at, "medium")
    return {
        "id": line.key, "icon": line.icon, "title": line.title, "about": line.about, "more": line.more, "when": when,
        "moment": format_datetime(line.at, "medium"), "tone": line.tone, "urgency": line.urgency if line.tone else "",
        "read": line.read,
        "gone": line.gone, "href": f"/notifications/{line.key}/open",
    }  # fmt: skip
