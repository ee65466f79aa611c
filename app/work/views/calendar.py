"""`/work/tasks/calendar`: tasks by the day they are due, a month or a week at a time."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import current_app, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import login_required

from app.core.db import current_session
from app.core.errors import BadQuery, demand
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.screens import address
from app.screens.locale import choose_zone
from app.screens.page import Link
from app.screens.shell import crumbs
from app.screens.weeks import day_asked, span_of, step, week_text
from app.work.queries import tasks as queries
from app.work.rights import seeing_tasks
from app.work.views import asked
from app.work.views.drawing import shared

MOST = {"month": 4, "week": 40}  # tasks that a day shows


class TaskCalendarView(BaseView):
    """One's own tasks, or with `who=all` those of everybody, on the days they are due."""

    route_base = "/work/tasks"
    default_view = "calendar"

    @expose("/calendar")
    @login_required
    def calendar(self) -> str:
        may = seeing_tasks(current_viewer())
        demand(may.reads("due_date"))
        view, who = request.args.get("view", "month"), request.args.get("who", "mine")
        if view not in MOST or who not in ("mine", "all"):
            raise BadQuery(_("There is no such calendar."))
        mine = {"owner": may.viewer.user_id} if who == "mine" and may.reads("assigned_user_id") else {}
        wanted = asked.wanted(may, **mine)
        now, zone = utc_now(), choose_zone()
        today = now.astimezone(ZoneInfo(zone)).date()
        on = day_asked(request.args.get("on", ""), today)
        first, last = span_of(view, on)
        session, known = current_session(), current_app.extensions["screens"]
        days = queries.calendar_of(
            session, known, may, wanted, first, last, now=now, zone=zone, most=MOST[view]
        )  # fmt: skip
        crumbs(Link(_("Tasks"), asked.HOME), Link(_("Calendar")))

        def href(**changed: str) -> str:
            return request.path + address.keeping(request.args, **changed)

        return render_template(
            "work/tasks/calendar.html",
            title=_("Calendar"),
            tab="calendar",
            view=view,
            who=who,
            wanted=wanted,
            heading=format_date(on, "LLLL yyyy") if view == "month" else week_text(first, last),
            weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
            month=on.month if view == "month" else 0,
            today=today,
            previous_href=href(on=step(view, on, -1).isoformat()),
            next_href=href(on=step(view, on, 1).isoformat()),
            today_href=href(on=today.isoformat()),
            view_href=lambda name: href(view=name, on=on.isoformat()),
            week_href=lambda day: href(view="week", on=day.isoformat()),
            who_href=lambda name: href(who=name),
            day_text=lambda day: format_date(day, "full"),
            day_short=lambda day: format_date(day, "d MMM" if day.day == 1 else "d"),
            counts=queries.counts_of(session, may, now=now),
            **shared(may, now),
        )
