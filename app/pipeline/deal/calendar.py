"""`/pipeline/activities`: what one has to do for deals, by month, week, or as a list of the days that come."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_date, format_time
from flask_babel import gettext as _
from flask_login import login_required

from app.core.errors import BadQuery, Forbidden, NotFound
from app.core.links import absolute
from app.core.types import utc_now
from app.pipeline.deal import agenda, asked, doings
from app.pipeline.deal.calendar_file import TYPE, calendar_file
from app.pipeline.deal.forms import writes
from app.screens import address, query
from app.screens.locale import choose_zone
from app.screens.look import Look
from app.screens.page import Link
from app.screens.shell import crumbs
from app.screens.weeks import day_asked, span_of, step, week_text

MOST = {"month": 4, "week": 40, "agenda": 0}  # activities that a day shows
DAYS_BACK, DAYS_AHEAD = 30, 180  # what a calendar file holds


class ActivityCalendarView(BaseView):
    """One's own activities, or with `who` those of a colleague, as far as one may know of them."""

    route_base = "/pipeline"
    default_view = "calendar"

    @expose("/activities", methods=["GET"])
    @login_required
    def calendar(self) -> str:
        look = _seen()
        view = request.args.get("view", "agenda")
        if view not in MOST:
            raise BadQuery(_("There is no such calendar."))
        who, name = _whose(look)
        now, zone = utc_now(), choose_zone()
        today = now.astimezone(ZoneInfo(zone)).date()
        on = day_asked(request.args.get("on", ""), today)
        moves = writes(look, "due_at")
        crumbs(Link(_("Activities"), "/deal_activities/list/"), Link(_("Calendar")))

        def href(**changed: str) -> str:
            return request.path + address.keeping(request.args, **changed)

        drawn = {
            "title": _("Activities"),
            "view": view,
            "who": who,
            "who_name": name,
            "mine": who == look.viewer.user_id,
            "today": today,
            "now": now,
            "moves": moves,
            "completes": writes(look, "is_completed"),
            "late": agenda.late_count(look, who, now=now),
            "today_href": href(on=today.isoformat()),
            "view_href": lambda name: href(view=name, on=on.isoformat()),
            "week_href": lambda day: href(view="week", on=day.isoformat()),
            "day_text": lambda day: format_date(day, "full"),
            "day_name": lambda value: format_date(value, "EEE"),
            "day_short": lambda day: format_date(day, "d MMM" if day.day == 1 else "d"),
            "clock": lambda value: format_time(value, "short"),
        }
        if view == "agenda":
            found = agenda.agenda_of(look, who, now=now, zone=zone, moves=moves)
            return render_template("pipeline/deal/agenda.html", agenda=found, heading=_("To do"), **drawn)
        first, last = span_of(view, on)
        days = agenda.days_of(look, who, first, last, now=now, zone=zone, most=MOST[view], moves=moves)
        return render_template(
            "pipeline/deal/calendar.html",
            heading=format_date(on, "LLLL yyyy") if view == "month" else week_text(first, last),
            weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
            month=on.month if view == "month" else 0,
            previous_href=href(on=step(view, on, -1).isoformat()),
            next_href=href(on=step(view, on, 1).isoformat()),
            **drawn,
        )

    @expose("/activities.ics", methods=["GET"])
    @login_required
    def file(self) -> Response:
        """One's own open activities of about half a year, for another calendar."""
        look = _seen()
        now, zone = utc_now(), choose_zone()
        today = now.astimezone(ZoneInfo(zone)).date()
        first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
        days = agenda.days_of(
            look, look.viewer.user_id, first, last, now=now, zone=zone, most=agenda.MOST, moves=False
        )  # fmt: skip
        lines = [line for day in days for line in day.lines if not line.doing.done]
        link = absolute("/pipeline/activities/")
        made = calendar_file(lines, host=urlsplit(link).hostname or "indexus", link=link, now=now)
        answer = Response(made, content_type=TYPE)
        answer.headers["Content-Disposition"] = 'attachment; filename="activities.ics"'
        return answer


def _seen() -> Look:
    """Raises Forbidden for who may not know when activities are due, or whose they are."""
    look = asked.look_at(doings.ACTIVITIES)
    if not (doings.seen(look) and look.reads("due_at") and look.reads("user_id")):
        raise Forbidden
    return look


def _whose(look: Look) -> tuple[str, str]:
    """Whose calendar it is: key and name. Raises NotFound for a colleague whom this viewer does not know."""
    key = request.args.get("who", "") or look.viewer.user_id
    name = query.own_name(look.session, look.screens, look.screens["users"], look.viewer, key)
    if not name and key != look.viewer.user_id:
        raise NotFound
    return key, name or look.viewer.name
