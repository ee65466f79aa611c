"""`/notifications/rules/`: what one wants to be told of, and whether unread notifications come by e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_datetime, get_timezone
from flask_babel import gettext as _
from flask_login import login_required

from app.access.entrance import person
from app.access.models import NotificationDigest
from app.core.db import current_session, transaction
from app.core.errors import Forbidden, NotFound
from app.core.types import utc_now
from app.core.viewer import Viewer, visible
from app.screens.locale import chosen_language
from app.screens.page import Link
from app.screens.shell import crumbs
from app.work.models import NotificationPriority, NotificationRule, NotificationType
from app.work.notifying import delivery, form, preview, queries, reading, rules, services, wording
from app.work.notifying.form import Typed
from app.work.notifying.views import own

RULES = "notification_rules"


@dataclass(frozen=True)
class RuleLine:
    """One rule in the list."""

    key: str
    name: str
    active: bool
    trigger: str
    chips: list[str]
    kind: str
    priority: str
    tone: str
    dead: list[str]
    month: int
    last: str


class NotificationRulesView(BaseView):
    """The own rules: list, form, what each would have told, and the daily letter."""

    route_base = "/notifications/rules"
    default_view = "list"

    @expose("/", methods=["GET"])
    @login_required
    def list(self) -> str:
        viewer, session = own(RULES), current_session()
        found = queries.rules_of(session, viewer)
        read = [(rule, rules.read(rule.trigger_type, rule.trigger_config)) for rule in found]
        names = wording.stage_names(session, viewer, [asked.conditions for _rule, asked in read])
        fired = queries.fired(session, viewer, since=_month())
        user = person()
        crumbs(Link(_("Notifications"), "/notifications/"), Link(_("Rules")))
        return render_template(
            "work/notifications/rules.html",
            lines=[_line(rule, asked, names, fired.get(rule.id)) for rule, asked in read],
            may_add=viewer.may_add(RULES),
            may_edit=viewer.may_edit(RULES),
            daily=user.notification_digest is NotificationDigest.daily,
            email=user.email,
        )

    @expose("/digest", methods=["POST"])
    @login_required
    def digest(self) -> Any:
        viewer, daily = own(), request.form.get("daily") == "1"
        with transaction(by=viewer) as session:
            services.choose_digest(session, person(), daily=daily, language=chosen_language())
        flash(
            _("Every morning you get what is unread by email.") if daily else _("You get no more letters."), "success"
        )
        return redirect("/notifications/rules/")

    @expose("/new", methods=["GET", "POST"])
    @login_required
    def new(self) -> Any:
        viewer = own(RULES)
        if not viewer.may_add(RULES):
            raise Forbidden
        return self._form(viewer, None)

    @expose("/<key>", methods=["GET", "POST"])
    @login_required
    def edit(self, key: str) -> Any:
        viewer = own(RULES)
        rule = _own_rule(viewer, key)
        if request.method == "POST" and not viewer.may_edit(RULES):
            raise Forbidden
        return self._form(viewer, rule)

    @expose("/<key>/switch", methods=["POST"])
    @login_required
    def switch(self, key: str) -> Any:
        """On or off."""
        viewer = _editing()
        rule = _own_rule(viewer, key)
        active = request.form.get("active") == "1"
        with transaction(by=viewer) as session:
            services.switch_rule(session, rule, active=active)
        said = _("“%(name)s” is on.", name=rule.name) if active else _("“%(name)s” is off.", name=rule.name)
        flash(said, "success")
        return redirect("/notifications/rules/")

    @expose("/<key>/delete", methods=["POST"])
    @login_required
    def delete(self, key: str) -> Any:
        viewer = _editing()
        rule = _own_rule(viewer, key)
        name = rule.name
        with transaction(by=viewer) as session:
            session.delete(rule)
        flash(_("“%(name)s” is deleted.", name=name), "success")
        return redirect("/notifications/rules/")

    @expose("/preview", methods=["POST"])
    @login_required
    def preview(self) -> str:
        """What the rule as it is typed would have told."""
        viewer, session = own(RULES), current_session()
        typed = form.read(request.form, wording.stages(session, viewer))
        return render_template("work/notifications/_preview.html", **_previewed(viewer, typed))

    def _form(self, viewer: Viewer, rule: NotificationRule | None) -> Any:
        session = current_session()
        stages = wording.stages(session, viewer)
        status = 200
        if request.method == "POST":
            typed = form.read(request.form, stages)
            if not typed.errors and typed.asked.trigger is not None:
                return self._save(viewer, rule, typed)
            status = 422
        else:
            typed = form.stored(rule)
        dead = [problem.sentence for problem in typed.asked.problems]
        dead += wording.dead_stages(
            typed.asked.conditions, wording.stage_names(session, viewer, [typed.asked.conditions])
        )
        title = rule.name if rule is not None else _("New rule")
        crumbs(Link(_("Notifications"), "/notifications/"), Link(_("Rules"), "/notifications/rules/"), Link(title))
        page = render_template(
            "work/notifications/rule.html",
            rule=rule,
            title=title,
            typed=typed,
            dead=dead if request.method == "GET" else [],
            offer=form.offer(viewer, stages),
            may_save=viewer.may_edit(RULES) if rule is not None else True,
            **_previewed(viewer, typed),
        )
        return page, status

    def _save(self, viewer: Viewer, rule: NotificationRule | None, typed: Typed) -> Any:
        assert typed.asked.trigger is not None
        with transaction(by=viewer) as session:
            services.write_rule(
                session, rule, name=typed.name, trigger=typed.asked.trigger, conditions=typed.asked.conditions,
                kind=typed.kind, priority=typed.priority, active=typed.active,
            )  # fmt: skip
        flash(_("“%(name)s” is saved.", name=typed.name), "success")
        return redirect("/notifications/rules/")


def _editing() -> Viewer:
    viewer = own(RULES)
    if not viewer.may_edit(RULES):
        raise Forbidden
    return viewer


def _own_rule(viewer: Viewer, key: str) -> NotificationRule:
    """Raises NotFound."""
    asked = visible(NotificationRule, viewer).where(NotificationRule.id == key[:100])
    rule = current_session().scalars(asked).one_or_none()
    if rule is None:
        raise NotFound
    return rule


def _previewed(viewer: Viewer, typed: Typed) -> dict[str, Any]:
    if not typed.asked.alive:
        return {"preview": None, "days": preview.DAYS, "most": preview.MOST}
    found = preview.preview(current_session(), viewer, typed.asked, now=utc_now())
    moments = [(one, format_datetime(one.at, "short")) for one in found.examples]
    return {"preview": found, "examples": moments, "days": preview.DAYS, "most": preview.MOST}


def _month() -> datetime:
    """When this month began in the viewer's zone."""
    now = utc_now().astimezone(get_timezone() or UTC)
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _line(rule: NotificationRule, asked: Any, names: Any, fired: Any) -> RuleLine:
    trigger = asked.trigger
    known = set(NotificationPriority)
    priority = NotificationPriority(rule.notification_priority) if rule.notification_priority in known else None
    kind = NotificationType(rule.notification_type) if rule.notification_type in set(NotificationType) else None
    other = kind is not None and trigger is not None and kind is not delivery.TYPES[trigger]
    return RuleLine(
        key=rule.id,
        name=rule.name,
        active=rule.is_active,
        trigger=wording.triggers()[trigger] if trigger is not None else rule.trigger_type,
        chips=wording.chips(asked, names),
        kind=reading.type_label(kind) if kind is not None and other else "",
        priority=reading.priority_label(priority) if priority is not None else rule.notification_priority,
        tone=reading.TONES.get(priority, "") if priority is not None else "",
        dead=[problem.sentence for problem in asked.problems] + wording.dead_stages(asked.conditions, names),
        month=fired.count if fired is not None else 0,
        last=format_datetime(fired.last, "short") if fired is not None else "",
    )
