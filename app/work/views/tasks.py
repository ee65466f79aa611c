"""`/work/tasks/`: one's own tasks, those of the team, what is overdue; adding one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, jsonify, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from app.core.db import current_session, transaction
from app.core.errors import DomainError, Unprocessable, demand
from app.core.idempotency import Answer, once
from app.core.scope import ForeignCountry
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.screens import address, query
from app.screens.locale import choose_zone, zone_of
from app.screens.once import by_form
from app.screens.page import Link
from app.screens.shell import crumbs
from app.work.models import Task, TaskPriority
from app.work.queries import colleagues, origin
from app.work.queries import tasks as queries
from app.work.queries.origin import Origin
from app.work.queries.tasks import Line, Wanted
from app.work.rights import May, seeing_tasks
from app.work.services import tasks as services
from app.work.services.able import TASKS, colleague
from app.work.services.tasks import Draft
from app.work.views import asked
from app.work.views.drawing import shared
from app.work.views.found import fetched

_FORM = {"title": "", "description": "", "assigned_user_id": "", "due_date": "", "priority": TaskPriority.medium.value,
         "customer_id": "", "every": "", "until": ""}  # fmt: skip


class TasksView(BaseView):
    """Lists of tasks and the two ways to add one."""

    route_base = "/work/tasks"
    default_view = "mine"

    @expose("/")
    @login_required
    def mine(self) -> str:
        """What I have to do, by when."""
        may = seeing_tasks(current_viewer())
        demand(may.reads("assigned_user_id"))
        return self._list(may, "mine", asked.wanted(may, owner=may.viewer.user_id))

    @expose("/team")
    @login_required
    def team(self) -> str:
        """All tasks that I may see, of everybody or of one colleague."""
        may = seeing_tasks(current_viewer())
        return self._list(may, "team", asked.wanted(may))

    @expose("/overdue")
    @login_required
    def overdue(self) -> str:
        """Open tasks whose time is over."""
        may = seeing_tasks(current_viewer())
        demand(may.reads("due_date", "status"))
        return self._list(may, "overdue", asked.wanted(may, due="overdue", status="open"))

    def _list(self, may: May, tab: str, wanted: Wanted) -> str:
        session, now, zone = current_session(), utc_now(), choose_zone()
        known = current_app.extensions["screens"]
        page = queries.page_of(session, known, may, wanted, now=now, zone=zone, after=asked.after())
        loads = queries.loads_of(session, known, may, now=now) if _by_person(may, tab) else []
        grouped = _groups(page.lines, now, zone) if wanted.by_due and may.reads("due_date") else [("", page.lines)]
        titles = {"mine": _("My tasks"), "team": _("Team tasks"), "overdue": _("Overdue tasks")}
        crumbs(Link(_("Tasks"), asked.HOME), Link(titles[tab]))
        following = address.keeping(request.args, after=page.following) if page.following else ""
        return render_template(
            "work/tasks/list.html",
            title=titles[tab],
            tab=tab,
            wanted=wanted,
            groups=grouped,
            loads=loads,
            following=following,
            first_href=address.keeping(request.args, after=None) if request.args.get("after") else "",
            filtered=any(name in request.args for name in ("status", "priority", "customer", "due", "owner")),
            without=lambda name: request.path + address.without(request.args, name),
            customer=_customer_name(session, may, wanted.customer),
            owner=next((load.name for load in loads if load.user_id == wanted.owner), "") or _("Colleague"),
            counts=queries.counts_of(session, may, now=now),
            **shared(may, now),
        )

    # Adding ------------------------------------------------------------------------

    @expose("/add", methods=["POST"])
    @login_required
    def add(self) -> Any:
        """The line above a list: title, and what else was said in it."""
        may = seeing_tasks(current_viewer())
        demand(may.creates)
        with transaction(by=may.viewer) as session:
            task = _added(session, may, None)
            title = task.title
        return asked.done(_("“%(title)s” is added.", title=title))

    @expose("/new", methods=["GET", "POST"])
    @login_required
    def new(self) -> Any:
        """A whole form; about a record it knows customer and country, and leads back to it."""
        may = seeing_tasks(current_viewer())
        demand(may.creates)
        about = _about(may)
        if request.method == "GET":
            return self._form(may, about, _started(about))
        try:
            with transaction(by=may.viewer) as session:
                task = _added(session, may, about)
                key, title = task.id, task.title
        except (Unprocessable, ForeignCountry) as refused:
            return self._form(may, _about(may), asked.form_of(_FORM), refused), refused.status
        back = address.show_href(about.table, about.key) if about else f"{asked.HOME}{key}"
        return asked.done(_("“%(title)s” is added.", title=title), back)

    def _form(self, may: May, about: Origin | None, values: dict[str, str], refused: DomainError | None = None) -> str:
        fields = refused.fields if isinstance(refused, Unprocessable) else {}
        said = refused.general if isinstance(refused, Unprocessable) else [refused.sentence] if refused else []
        session = current_session()
        owner = colleague(session, values["assigned_user_id"] or may.viewer.user_id)
        crumbs(Link(_("Tasks"), asked.HOME), Link(_("New task")))
        return render_template(
            "work/tasks/new.html",
            title=_("New task"),
            about=about,
            back_href=address.show_href(about.table, about.key) if about else asked.HOME,
            values=values,
            days=set(request.form.getlist("days")),
            errors={name: messages for name, messages in fields.items() if name in (*_FORM, "days")},
            general=[*said, *(m for name, ms in fields.items() if name not in (*_FORM, "days") for m in ms)],
            owner=owner,
            customer=_customer_name(session, may, (about.customer_id if about else None) or values["customer_id"]),
            **shared(may, utc_now()),
        )

    # Choosing ----------------------------------------------------------------------

    @expose("/colleagues.json", methods=["GET"])
    @login_required
    def colleagues(self) -> Response:
        """Colleagues who could have a task, or be named at `task`, by any part of their names."""
        may, session = seeing_tasks(current_viewer()), current_session()
        typed = request.args.get("q", "").strip()[:100]
        if key := request.args.get("task", ""):
            found = colleagues.for_task(session, may.viewer, fetched(session, may, key), typed)
        else:
            found = colleagues.for_country(session, may.viewer, request.args.get("country", "")[:2], typed)
        people = [{"id": person.id, "text": person.full_name, "username": person.username} for person in found]
        return jsonify(results=people, more=False)


def _by_person(may: May, tab: str) -> bool:
    return tab in ("team", "overdue") and may.reads("assigned_user_id", "status")


def _customer_name(session: Session, may: May, key: str | None) -> str:
    if not key or not may.reads("customer_id"):
        return ""
    known = current_app.extensions["screens"]
    return query.names_of(session, known, may.viewer, [(known[TASKS].fields["customer_id"], key)])[0]


def _groups(lines: Sequence[Line], now: datetime, zone: str) -> list[tuple[str, Sequence[Line]]]:
    """Lines that are in the order of their due time, under what one says of such a time."""
    today = now.astimezone(ZoneInfo(zone)).date()

    def when(line: Line) -> str:
        if line.due is None:
            return _("No due time")
        day = line.due.astimezone(ZoneInfo(zone)).date()
        if line.due < now:
            return _("Overdue")
        if day == today:
            return _("Today")
        if day == today + timedelta(days=1):
            return _("Tomorrow")
        return _("Next 7 days") if day < today + timedelta(days=7) else _("Later")

    return [(title, tuple(of)) for title, of in groupby(lines, when)]


def _added(session: Session, may: May, about: Origin | None) -> Task:
    """The task of the form that was sent; sent again, the same one. Raises what the service raises."""
    made: list[Task] = []

    def act() -> Answer:
        task = services.create(session, _draft(may, about), by=may.viewer.user_id)
        _repeat(session, may, task)
        made.append(task)
        return Answer(302, body={"id": task.id})

    answer = once(session, by_form(may.viewer), act, now=utc_now())
    return made[0] if made else fetched(session, may, str(answer.body["id"]))


def _about(may: May) -> Origin | None:
    """The record that a new task is about, from the address. Raises NotFound."""
    table, key = request.values.get("table", ""), request.values.get("record", "")
    if not table:
        return None
    return origin.origin_of(current_session(), current_app.extensions["screens"], may.viewer, table, key)


def _started(about: Origin | None) -> dict[str, str]:
    """What a new task starts with: what the record suggests, and what the address says."""
    start = dict(_FORM)
    if about is not None:
        start["title"] = _("Follow up: %(name)s", name=about.name)
        start["customer_id"] = about.customer_id or ""
    for name in ("title", "due_date", "priority", "customer_id"):
        if name in request.args:
            start[name] = request.args[name][:200]
    return start


def _draft(may: May, about: Origin | None) -> Draft:
    """What was typed, as far as this viewer may say it. Raises Missing."""
    typed = asked.form_of(_FORM)
    given = {name: value for name, value in typed.items() if value.strip() and may.fills(name)}
    try:
        priority = TaskPriority(given.get("priority", TaskPriority.medium.value))
    except ValueError as unknown:
        raise Unprocessable({"priority": [_("“%(value)s” is not one of the choices.",
                                            value=given["priority"][:60])]}) from unknown  # fmt: skip
    return Draft(
        title=given.get("title", ""),
        assigned_user_id=given.get("assigned_user_id", may.viewer.user_id)[:100],
        description=given.get("description"),
        due_date=asked.moment(given.get("due_date", ""), "due_date"),
        priority=priority,
        customer_id=(about.customer_id if about else None) or given.get("customer_id"),
        country=about.country if about else None,
        about=(about.table, about.key) if about else None,
    )


def _repeat(session: Session, may: May, task: Task) -> None:
    """Let a new task repeat, if that was asked for."""
    if not request.form.get("every") or not may.fills("due_date"):
        return
    person = colleague(session, task.assigned_user_id)
    zone = zone_of(person.assigned_countries if person else ())
    services.repeat(session, task, asked.repetition(request.form, task.due_date, zone), zone)
