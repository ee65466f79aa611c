"""`/automation/new` and `/automation/<id>`: the form of a rule, and what it says while it is being filled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from app.core.db import current_session, transaction
from app.core.errors import Conflict, DomainError, Forbidden, Unprocessable, demand
from app.core.idempotency import Answer, once
from app.core.types import utc_now
from app.pipeline.automation import config as grammar
from app.pipeline.automation.pages import form as forms
from app.pipeline.automation.pages import health, saving, seen, wording
from app.pipeline.automation.pages import offer as offers
from app.pipeline.automation.pages.form import Typed
from app.pipeline.automation.pages.offer import Offer
from app.pipeline.automation.pages.seen import May
from app.pipeline.automation.pages.starters import starter, starters
from app.pipeline.models import AutomationRule, Pipeline
from app.screens.once import by_form, new_key, sent_key
from app.screens.page import Choice, Link
from app.screens.shell import crumbs

HOME = "/automation/"
MOST_ROWS = 200  # numbers of conditions that were added and removed while a form stood open
_BLANKS = re.compile(r"\s+")
_NAMED = re.compile(r"(\{[A-Za-z0-9_.]+\})")


@dataclass
class Drawn:
    """What `rule.html` draws as `form`, beside what was typed. `conflict` is what somebody else has saved meanwhile."""

    action: str
    version: str
    form_key: str
    pipelines: Sequence[Choice]
    sentence: str
    suggested: str
    dirty: bool = False
    conflict: str = ""


class RuleFormView(BaseView):
    """One rule: seen, added and changed."""

    route_base = "/automation"
    default_view = "new"

    @expose("/new", methods=["GET", "POST"])
    @login_required
    def new(self) -> Any:
        may = seen.seeing_rules()
        demand(may.adds)
        return self._form(may, None)

    @expose("/<key>", methods=["GET", "POST"])
    @login_required
    def edit(self, key: str) -> Any:
        may = seen.seeing_rules()
        rule = seen.rule_of(current_session(), may.viewer, key)
        if request.method == "POST" and _why_not(may, rule):
            raise Forbidden(_why_not(may, rule))
        return self._form(may, rule)

    def _form(self, may: May, rule: AutomationRule | None) -> Any:
        session, viewer = current_session(), may.viewer
        known = seen.pipelines(session, viewer)
        posted = request.method == "POST"
        offered = offers.offer(session, viewer, _pipeline_id(session, may, known, rule))
        if not posted:
            return self._page(may, rule, known, offered, _start(session, may, rule, offered)), 200
        typed = forms.read(session, viewer, request.form, offered)
        if request.form.get("redraw") == "1":
            typed.errors.clear()
            return self._page(may, rule, known, offered, typed, dirty=True), 200
        _demand_pipeline(session, may, known, typed)
        if typed.errors:
            return self._page(may, rule, known, offered, typed, dirty=True), 422
        return self._save(may, rule, known, offered, typed)

    def _save(
        self, may: May, rule: AutomationRule | None, known: Sequence[Pipeline], offered: Offer, typed: Typed
    ) -> Any:
        session, viewer = current_session(), may.viewer
        says = saving.Rule(
            typed.pipeline_id, typed.name or _suggested(session, may, typed), typed.description, typed.active,
            typed.trigger, typed.trigger_config, typed.act, typed.action_config,
        )  # fmt: skip
        key = rule.id if rule is not None else ""
        conflict = ""
        try:
            with transaction(by=viewer) as session:
                if rule is not None:
                    held = saving.held(session, viewer, key, request.form.get("version", ""))
                    saving.change(session, held, says)
                else:
                    key = _added(session, may, says)
        except Conflict as lost:
            session.rollback()
            rule = seen.rule_of(session, viewer, key) if key else None
            if rule is None:
                raise
            session.refresh(rule)
            conflict = _said(session, may, rule) + ("" if rule.is_active is not False else " " + _("It is off."))
            status = lost.status
        except DomainError as refused:
            session.rollback()
            _take_refusal(typed, refused)
            status = refused.status
        else:
            flash(_("“%(name)s” is saved.", name=says.name), "success")
            return redirect(f"{HOME}?pipeline_id={says.pipeline_id}#rule-{key}")
        page = self._page(may, rule, known, offered, typed, dirty=True, conflict=conflict)
        return page, status

    def _page(
        self, may: May, rule: AutomationRule | None, known: Sequence[Pipeline], offered: Offer, typed: Typed, *,
        dirty: bool = False, conflict: str = "",
    ) -> str:  # fmt: skip
        session, viewer = current_session(), may.viewer
        title = rule.name if rule is not None else _("New rule")
        back = f"{HOME}?pipeline_id={typed.pipeline_id}"
        why_not = _why_not(may, rule) if rule is not None else ""
        allowed = seen.open_pipelines(session, viewer, known)
        words = wording.sentence(viewer, typed.config, wording.names_in(session, viewer, [typed.config]))
        crumbs(Link(_("Automation"), HOME), Link(title))
        drawn = Drawn(
            action=f"{HOME}{rule.id}" if rule is not None else f"{HOME}new",
            version=saving.version_of(rule) if rule is not None else "",
            form_key="" if rule is not None else sent_key() or new_key(),
            pipelines=[
                Choice(one.id, one.name) for one in known
                if one.id in allowed or (rule is not None and one.id == rule.pipeline_id)
            ],
            sentence=words.whole,
            suggested=_short(words),
            dirty=dirty,
            conflict=conflict,
        )  # fmt: skip
        return render_template(
            "pipeline/automation/rule.html",
            rule=rule,
            title=title,
            typed=typed,
            form=drawn,
            summary=forms.summary(typed),
            general=forms.general(typed),
            may=may,
            may_save=not why_not,
            why_not=why_not,
            back_href=back,
            starters=starters() if rule is None else (),
            started=request.values.get("from", "")[:20] if rule is None else "",
            dead=bool(rule is not None and typed.errors and not dirty),
            stopped=health.stopped(rule) if rule is not None else "",
            mail=mail_of(typed),
            days=BACK_DAYS,
        )

    # While it is being filled ---------------------------------------------------

    @expose("/sentence", methods=["POST"])
    @login_required
    def sentence(self) -> Response:
        """The rule in the making in words, and its e-mail as it would read."""
        may, session = seen.seeing_rules(), current_session()
        typed = posted_rule(session, may)
        words = wording.sentence(may.viewer, typed.config, wording.names_in(session, may.viewer, [typed.config]))
        mail = render_template("pipeline/automation/_mail.html", mail=mail_of(typed))
        return jsonify(sentence=words.whole, name=_short(words), mail=mail)

    @expose("/condition", methods=["GET"])
    @login_required
    def condition(self) -> str:
        """One condition, as it is drawn for this field and operator."""
        may, session = seen.seeing_rules(), current_session()
        index = max(0, min(request.args.get("index", 0, type=int), MOST_ROWS))
        pipeline_id = request.args.get("pipeline_id", "")[: seen.LONGEST_KEY]
        offered = offers.offer(session, may.viewer, pipeline_id)
        row = forms.row_of(index, request.args.get("field", "")[:60], request.args.get("op", "")[:20], offered)
        return render_template("pipeline/automation/_condition_row.html", row=row)


BACK_DAYS = 90


def posted_rule(session: Session, may: May) -> Typed:
    """The rule as it stands in a form that asks about itself."""
    pipeline_id = request.form.get("pipeline_id", "")[: seen.LONGEST_KEY]
    return forms.read(session, may.viewer, request.form, offers.offer(session, may.viewer, pipeline_id))


def mail_of(typed: Typed) -> dict[str, list[tuple[str, bool]]]:
    """Subject and text as parts: words, and what placeholders stand for (True)."""
    labels = {pick.value: pick.label for pick in offers.placeholders()}
    found = {
        one.key: one.text for part in typed.actions if part.value == "send_email" for one in part.controls
    }  # fmt: skip

    def parts(text: str) -> list[tuple[str, bool]]:
        return [(labels.get(part, part), part in labels) for part in _NAMED.split(text) if part]

    return {"subject": parts(found.get("subject", "")), "body": parts(found.get("body", ""))}


def _pipeline_id(session: Session, may: May, known: Sequence[Pipeline], rule: AutomationRule | None) -> str:
    """The chosen one; at first that of the rule, or the first to which the viewer may give rules."""
    keys = [one.id for one in known]
    asked = str(request.values.get("pipeline_id", ""))
    if asked in keys:
        return asked
    if rule is not None and request.method == "GET":
        return rule.pipeline_id
    allowed = seen.open_pipelines(session, may.viewer, known)
    return next((key for key in keys if key in allowed), "") if request.method == "GET" else ""


def _demand_pipeline(session: Session, may: May, known: Sequence[Pipeline], typed: Typed) -> None:
    if not typed.pipeline_id:
        typed.errors["pipeline_id"] = [_("Choose a pipeline.")]
    elif typed.pipeline_id not in seen.open_pipelines(session, may.viewer, known):
        typed.errors["pipeline_id"] = [_("This pipeline belongs to countries that are not yours.")]


def _start(session: Session, may: May, rule: AutomationRule | None, offered: Offer) -> Typed:
    """What the form begins with: the rule, a starter, or nothing much."""
    if rule is not None:
        return forms.stored(session, may.viewer, rule, offered, health.problems(session, [rule])[rule.id])
    stages = seen.stages_of(session, may.viewer, offered.pipeline_id)
    wanted = starter(request.args.get("from", ""), stages)
    if wanted is None:
        return forms.given(session, may.viewer, offered)
    return forms.given(
        session, may.viewer, offered, name=wanted.name, trigger=wanted.trigger, trigger_config=wanted.trigger_config,
        act=wanted.act, action_config=wanted.action_config,
    )  # fmt: skip


def _added(session: Session, may: May, says: saving.Rule) -> str:
    """The key of the rule of the form that was sent; sent again, the same one."""

    def act() -> Answer:
        return Answer(302, body={"id": saving.add(session, says, by=may.viewer.user_id).id})

    return str(once(session, by_form(may.viewer), act, now=utc_now()).body["id"])


def _take_refusal(typed: Typed, refused: DomainError) -> None:
    if not isinstance(refused, Unprocessable):
        typed.refused("", refused.sentence)
        return
    for name, sentences in refused.fields.items():
        for sentence in sentences:
            place = {"trigger_config": "trigger", "trigger_type": "trigger", "action_config": "action",
                     "action_type": "action"}.get(name, name)  # fmt: skip
            typed.refused(place, sentence)
    for sentence in refused.general:
        typed.refused("", sentence)


def _why_not(may: May, rule: AutomationRule) -> str:
    """Why this viewer cannot change the rule, as a sentence; "" when he can."""
    session = current_session()
    if not may.edits:
        return _("You may read rules, but not change them.")
    if not seen.own_rule(session, may.viewer, rule):
        return _("The pipeline of this rule belongs to countries that are not yours, or to all countries.")
    if wording.hidden_from(may.viewer, grammar.of(rule)):
        return _("The rule is about fields that are hidden from you.")
    return ""


def _said(session: Session, may: May, rule: AutomationRule) -> str:
    found = grammar.of(rule)
    return wording.sentence(may.viewer, found, wording.names_in(session, may.viewer, [found])).whole


def _short(words: wording.Sentence) -> str:
    """A name from the two halves of the sentence."""
    text = _BLANKS.sub(" ", f"{words.when}: {words.then}")
    return text if len(text) <= saving.LONGEST_NAME else text[: saving.LONGEST_NAME - 1].rstrip() + "…"


def _suggested(session: Session, may: May, typed: Typed) -> str:
    names = wording.names_in(session, may.viewer, [typed.config])
    return _short(wording.sentence(may.viewer, typed.config, names))
