"""`/work/tasks/<id>`: one task, what can be done with it, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, jsonify, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from app.core.db import current_session, transaction
from app.core.errors import NotFound, Unprocessable, demand
from app.core.idempotency import Answer, once
from app.core.types import utc_now
from app.core.viewer import current_viewer, visible
from app.screens import address, query, trail
from app.screens.cells import moment_text
from app.screens.locale import choose_zone
from app.screens.look import Look
from app.screens.once import by_form
from app.screens.page import Link
from app.screens.shell import crumbs
from app.work import mentions
from app.work.errors import Missing
from app.work.models import ReminderKind, Task, TaskReminder
from app.work.queries import tasks as queries
from app.work.queries.tasks import Remark
from app.work.repeats import known as known_rule
from app.work.rights import May, seeing_tasks
from app.work.services import tasks as services
from app.work.services.able import TASKS
from app.work.services.repeating import zone_of_task
from app.work.views import asked
from app.work.views.drawing import said_of, shared, told
from app.work.views.found import fetched, held


class TaskWorkView(BaseView):
    """One task and its verbs; each is refused with a sentence when the state of the task does not allow it."""

    route_base = "/work/tasks"
    default_view = "show"

    @expose("/<task_id>", methods=["GET"])
    @login_required
    def show(self, task_id: str) -> str:
        may = seeing_tasks(current_viewer())
        drawn = self._page(may, task_id)
        screens = current_app.extensions["screens"]
        look = Look(screens, current_session(), may.viewer, screens[TASKS])
        trail.note_view(look, task_id, query.own_name(look.session, screens, look.screen, may.viewer, task_id))
        return drawn

    @expose("/<task_id>/state.json", methods=["GET"])
    @login_required
    def state(self, task_id: str) -> Response:
        """`version` is another one when the task, or what is said about it, has changed; `said` tells what.

        `version` in the address is the one that is shown.
        """
        may, session = seeing_tasks(current_viewer()), current_session()
        task = fetched(session, may, task_id)
        remarks = _remarks(session, may, task)
        now, shown = _version(task, remarks), request.args.get("version", "")
        if now == shown:
            return jsonify(version=now, said="")
        last, known = shown.partition(":")[2], {"", *(remark.id for remark in remarks)}
        if remarks and remarks[-1].id != last and last in known:
            name = remarks[-1].author
            said = _("%(name)s has commented on this task.", name=name) if name else _("There is a new comment.")
        else:
            name = queries.last_changed_by(session, may.viewer, task)
            said = _("This task was changed by %(name)s.", name=name) if name else _("This task has changed.")
        return jsonify(version=now, said=said)

    def _page(self, may: May, task_id: str, typed: str = "", refused: str = "") -> str:
        session, viewer = current_session(), may.viewer
        task = fetched(session, may, task_id)
        remarks = _remarks(session, may, task)
        named = {name for remark in remarks for name in mentions.named(remark.content)}
        names = queries.people_called(session, viewer, named)
        title = task.title if may.reads("title") else _("Task")
        rule = known_rule(task.repeats) if may.reads("due_date") else None
        crumbs(Link(_("Tasks"), asked.HOME), Link(title))
        return render_template(
            "work/tasks/task.html",
            title=title,
            task=task,
            version=_version(task, remarks),
            people=_people(session, may, task),
            about=_about(session, may, task),
            rule=rule,
            repeats=said_of(rule) if rule else "",
            remarks=[(remark, list(told(remark.content, names))) for remark in remarks],
            reminders=queries.reminders_of(session, viewer, task),
            typed=typed,
            refused=refused,
            record_href=address.show_href(TASKS, task.id),
            edit_href=address.page_href(TASKS, "edit", task.id) if viewer.may_edit(TASKS) else "",
            **shared(may, utc_now()),
        )

    # Verbs -------------------------------------------------------------------------

    @expose("/<task_id>/start", methods=["POST"])
    @login_required
    def start(self, task_id: str) -> Any:
        may = seeing_tasks(current_viewer())
        demand(may.starts)
        with transaction(by=may.viewer) as session:
            services.start(session, held(session, may, task_id))
        return asked.done(_("Started."))

    @expose("/<task_id>/complete", methods=["POST"])
    @login_required
    def complete(self, task_id: str) -> Any:
        may = seeing_tasks(current_viewer())
        demand(may.completes)
        with transaction(by=may.viewer) as session:
            task, words = held(session, may, task_id), request.form.get("resolution", "")
            services.complete(session, task, words, by=may.viewer.user_id, now=utc_now())
        return asked.done(_("Completed."))

    @expose("/<task_id>/cancel", methods=["POST"])
    @login_required
    def cancel(self, task_id: str) -> Any:
        may = seeing_tasks(current_viewer())
        demand(may.completes)
        with transaction(by=may.viewer) as session:
            task, reason, stop = held(session, may, task_id), request.form.get("reason", ""), "stop" in request.form
            services.cancel(session, task, reason, by=may.viewer.user_id, stop=stop)
        return asked.done(_("Cancelled."))

    @expose("/<task_id>/reopen", methods=["POST"])
    @login_required
    def reopen(self, task_id: str) -> Any:
        may = seeing_tasks(current_viewer())
        demand(may.completes)
        with transaction(by=may.viewer) as session:
            services.reopen(session, held(session, may, task_id))
        return asked.done(_("Open again."))

    @expose("/<task_id>/assign", methods=["POST"])
    @login_required
    def assign(self, task_id: str) -> Any:
        """Who hands a task on may thereby lose it from sight: then one goes on with one's own."""
        may = seeing_tasks(current_viewer())
        demand(may.assigns)
        with transaction(by=may.viewer) as session:
            task, to = held(session, may, task_id), request.form.get("assigned_user_id", "")[:100]
            if not to:
                raise Missing("assigned_user_id", _("Choose a colleague."))
            name = services.assign(session, task, to).full_name
            left = session.scalars(visible(Task, may.viewer).where(Task.id == task.id)).one_or_none() is None
        return asked.done(_("The task is with %(name)s now.", name=name), asked.HOME if left else "")

    @expose("/<task_id>/due", methods=["POST"])
    @login_required
    def due(self, task_id: str) -> Any:
        """Another due time: a moment, a day that keeps the time of the clock, or none."""
        may = seeing_tasks(current_viewer())
        demand(may.moves)
        with transaction(by=may.viewer) as session:
            task = held(session, may, task_id)
            day = asked.day_of(request.form.get("day", ""), "day")
            wanted: datetime | None
            if day is not None:
                clock = task.due_date.astimezone(ZoneInfo(choose_zone())).time() if task.due_date else asked.MORNING
                wanted = asked.at(day, clock)
            else:
                wanted = asked.moment(request.form.get("due_date", ""), "due_date")
            services.move(session, task, wanted)
        said = _("Due %(when)s.", when=moment_text(wanted)) if wanted else _("Without a due time.")
        return asked.done(said, **({"due": asked.local(wanted)} if day is not None else {}))

    @expose("/<task_id>/repeat", methods=["POST"])
    @login_required
    def repeat(self, task_id: str) -> Any:
        may = seeing_tasks(current_viewer())
        demand(may.moves)
        with transaction(by=may.viewer) as session:
            task = held(session, may, task_id)
            zone = zone_of_task(session, task)
            rule = asked.repetition(request.form, task.due_date, zone)
            services.repeat(session, task, rule, zone)
        return asked.done(said_of(rule) if rule else _("The task does not repeat any more."))

    @expose("/<task_id>/remind", methods=["POST"])
    @login_required
    def remind(self, task_id: str) -> Any:
        """For oneself: who may see a task may be reminded of it."""
        may = seeing_tasks(current_viewer())
        with transaction(by=may.viewer) as session:
            task = held(session, may, task_id)
            when = asked.moment(request.form.get("remind_at", ""), "remind_at")
            if when is None:
                raise Missing("remind_at", _("Choose a time that is still to come."))
            services.remind(session, task, when, user_id=may.viewer.user_id, now=utc_now())
        return asked.done(_("You will be reminded %(when)s.", when=moment_text(when)))

    @expose("/<task_id>/reminders/<reminder_id>/forget", methods=["POST"])
    @login_required
    def forget(self, task_id: str, reminder_id: str) -> Any:
        may = seeing_tasks(current_viewer())
        with transaction(by=may.viewer) as session:
            mine = visible(TaskReminder, may.viewer).where(
                TaskReminder.id == reminder_id[:100], TaskReminder.task_id == task_id[:100],
                TaskReminder.user_id == may.viewer.user_id, TaskReminder.kind == ReminderKind.own,
            )  # fmt: skip
            reminder = session.scalars(mine).one_or_none()
            if reminder is None:
                raise NotFound
            services.forget(session, reminder)
        return asked.done(_("The reminder is removed."))

    @expose("/<task_id>/comment", methods=["POST"])
    @login_required
    def comment(self, task_id: str) -> Any:
        may = seeing_tasks(current_viewer())
        demand(may.comments)
        words = request.form.get("content", "")
        try:
            with transaction(by=may.viewer) as session:
                task = fetched(session, may, task_id)

                def act() -> Answer:
                    return Answer(302, body={"id": services.comment(session, task, words, by=may.viewer.user_id).id})

                once(session, by_form(may.viewer), act, now=utc_now())
        except Unprocessable as refused:
            sentence = " ".join(sum(refused.fields.values(), refused.general))
            return self._page(may, task_id, words, sentence), refused.status
        return asked.done(_("The comment is added."), f"{asked.HOME}{task_id}#comments")


def _remarks(session: Session, may: May, task: Task) -> list[Remark]:
    screens = current_app.extensions["screens"]
    return queries.comments_of(session, screens, may.viewer, task) if may.reads_comments else []


def _version(task: Task, remarks: Sequence[Remark]) -> str:
    return f"{task.row_version}:{remarks[-1].id if remarks else ''}"


def _people(session: Session, may: May, task: Task) -> dict[str, tuple[str, str]]:
    """(key, name) of owner, maker, resolver and customer, as far as they may be known. One statement."""
    screens = current_app.extensions["screens"]
    known = screens[TASKS].fields
    columns = ("assigned_user_id", "created_by_user_id", "resolved_by_user_id", "customer_id")
    wanted = [(name, getattr(task, name)) for name in columns if getattr(task, name) and may.reads(name)]
    names = query.names_of(session, screens, may.viewer, [(known[name], key) for name, key in wanted])
    return {name: (key, found) for (name, key), found in zip(wanted, names, strict=True) if found}


def _about(session: Session, may: May, task: Task) -> Link | None:
    """The record the task is about, for who may know of it."""
    screens = current_app.extensions["screens"]
    screen = screens.get(task.entity_type)
    if screen is None or task.entity_id is None or not may.reads("entity_type", "entity_id"):
        return None
    if not may.viewer.sees(screen.module):
        return None
    name = query.own_name(session, screens, screen, may.viewer, task.entity_id)
    if not name:
        return None
    return Link(f"{_(screen.one)}: {name}", address.show_href(screen.table, task.entity_id), screen.icon)
