"""Activities of deals: planned, changed, done, opened again, put off and removed."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from app.core.db import transaction
from app.core.errors import Unprocessable, demand
from app.core.idempotency import Answer, once
from app.core.types import utc_now
from app.pipeline.deal import asked, page
from app.pipeline.deal.doings import ACTIVITIES
from app.pipeline.deal.forms import fills, part_of_form, values_of, writes
from app.pipeline.deal.moments import MORNING, at, day_of, local
from app.pipeline.models import DealActivity
from app.pipeline.services import activities as services
from app.screens import address, query
from app.screens.cells import moment_text
from app.screens.locale import choose_zone
from app.screens.once import by_form

CHANGED = (*page.COMPOSED, "outcome")
NEXT = "next_"  # before the names of what comes next


class ActivityWorkView(BaseView):
    """What is done with activities; each is refused with a sentence when its state does not allow it."""

    route_base = "/pipeline"
    default_view = "show"

    @expose("/deals/<deal_id>/activities", methods=["POST"])
    @login_required
    def add(self, deal_id: str) -> Any:
        """`done` says that it has been done already."""
        look = asked.look_at(ACTIVITIES)
        with transaction(by=look.viewer) as session:

            def act() -> Answer:
                deal = asked.deal_to_change(look.at(page.DEALS), deal_id)
                demand(fills(look, "deal_id", "type", "subject"))
                values = values_of(part_of_form(look, page.COMPOSED, {}, request.form))
                made = services.add(look, deal, values, done="done" in request.form)
                return Answer(302, body={"id": made.id, "done": bool(made.is_completed)})

            answer = once(session, by_form(look.viewer), act, now=utc_now())
        if answer.repeated:
            return asked.done(_("This was done already; nothing was made twice."), deal_id)
        return asked.done(_("Noted.") if answer.body["done"] else _("Planned."), deal_id)

    @expose("/activities/<activity_id>", methods=["GET"])
    @login_required
    def show(self, activity_id: str) -> Any:
        """An activity has its place on the page of its deal, for who sees deals."""
        look = asked.look_at(ACTIVITIES)
        activity = query.fetch(look.session, look.screen, look.viewer, activity_id)
        if not look.viewer.sees(page.DEALS) or not look.reads("deal_id"):
            return redirect(address.show_href(ACTIVITIES, activity.id))
        return redirect(f"{address.show_href(page.DEALS, activity.deal_id)}#activity-{activity.id}")

    @expose("/activities/<activity_id>/edit", methods=["GET"])
    @login_required
    def edit(self, activity_id: str) -> str:
        look = asked.look_at(ACTIVITIES)
        activity = asked.activity_to_change(look, activity_id)
        demand(look.may_edit())
        names = CHANGED if activity.is_completed else page.COMPOSED
        form = part_of_form(look, names, {name: getattr(activity, name) for name in names})
        return render_template("pipeline/deal/_activity.html", activity=activity, form=form,
                               version=activity.row_version, due=local(activity.due_at))  # fmt: skip

    @expose("/activities/<activity_id>/edit", methods=["POST"])
    @login_required
    def change(self, activity_id: str) -> Any:
        look = asked.look_at(ACTIVITIES)
        with transaction(by=look.viewer):
            activity = asked.activity_to_change(look, activity_id)
            before = {name: getattr(activity, name) for name in CHANGED}
            values = values_of(part_of_form(look, CHANGED, before, request.form))
            services.change(look, activity, values, request.form.get("version") or None)
            deal_id = activity.deal_id
        return asked.done(_("The activity is saved."), deal_id)

    @expose("/activities/<activity_id>/complete", methods=["GET"])
    @login_required
    def before_complete(self, activity_id: str) -> str:
        """A form for what came of it, and for what comes next."""
        look = asked.look_at(ACTIVITIES)
        activity = asked.activity_to_change(look, activity_id)
        demand(writes(look, "is_completed"))
        form = part_of_form(look, ("outcome",), {"outcome": activity.outcome})
        following = None
        if fills(look, "deal_id", "type", "subject"):
            kind = activity.type.value if activity.type.value != "note" else "call"
            following = part_of_form(look, ("type", "subject", "due_at"), {})
            following.fill({}, MultiDict({"type": kind}))
            for bound in following._fields.values():
                bound.flags.required = False
                bound.name = NEXT + bound.name
        return render_template("pipeline/deal/_complete.html", activity=activity, form=form, following=following)

    @expose("/activities/<activity_id>/complete", methods=["POST"])
    @login_required
    def complete(self, activity_id: str) -> Any:
        """Done, with `outcome`; with `next` also the one that follows, from the fields named `next_...`."""
        look = asked.look_at(ACTIVITIES)
        with transaction(by=look.viewer) as session:

            def act() -> Answer:
                activity = asked.activity_to_change(look, activity_id)
                demand(writes(look, "is_completed"))
                given = values_of(part_of_form(look, ("outcome",), {}, request.form))
                services.complete(look, activity, given.get("outcome"))
                if "next" in request.form:
                    _follow(look, activity)
                return Answer(302, body={"deal": activity.deal_id})

            answer = once(session, by_form(look.viewer), act, now=utc_now())
        said = _("Done, and the next one is planned.") if "next" in request.form else _("Done.")
        return asked.done(said, answer.body["deal"])

    @expose("/activities/<activity_id>/reopen", methods=["POST"])
    @login_required
    def reopen(self, activity_id: str) -> Any:
        look = asked.look_at(ACTIVITIES)
        with transaction(by=look.viewer):
            activity = asked.activity_to_change(look, activity_id)
            services.reopen(look, activity)
            deal_id = activity.deal_id
        return asked.done(_("Open again."), deal_id)

    @expose("/activities/<activity_id>/remove", methods=["POST"])
    @login_required
    def remove(self, activity_id: str) -> Any:
        look = asked.look_at(ACTIVITIES)
        with transaction(by=look.viewer):
            activity = asked.activity_to_change(look, activity_id)
            deal_id = activity.deal_id
            services.remove(look, activity)
        return asked.done(_("The activity is removed."), deal_id)

    @expose("/activities/<activity_id>/due", methods=["POST"])
    @login_required
    def put_off(self, activity_id: str) -> Any:
        """Another `day`; the time of the clock stays."""
        look = asked.look_at(ACTIVITIES)
        with transaction(by=look.viewer):
            activity = asked.activity_to_change(look, activity_id)
            demand(writes(look, "due_at"))
            day = day_of(asked.text_sent("day"))
            clock = activity.due_at.astimezone(ZoneInfo(choose_zone())).time() if activity.due_at else MORNING
            wanted = at(day, clock)
            services.put_off(look, activity, wanted)
            deal_id = activity.deal_id
        return asked.done(_("Due %(when)s.", when=moment_text(wanted)), deal_id, due=local(wanted))


def _follow(look: Any, activity: DealActivity) -> None:
    """What comes next is the matter of who had the last one. Raises Unprocessable at the fields as they were named."""
    sent = MultiDict((name.removeprefix(NEXT), value) for name, value in request.form.items(multi=True)
                     if name.startswith(NEXT))  # fmt: skip
    try:
        values = values_of(part_of_form(look, ("type", "subject", "due_at"), {}, sent))
        if activity.user_id is not None and fills(look, "user_id"):
            values["user_id"] = activity.user_id
        services.add(look, activity.deal, values)
    except Unprocessable as refused:
        fields = {NEXT + name: messages for name, messages in refused.fields.items()}
        raise Unprocessable(fields, refused.general) from refused
