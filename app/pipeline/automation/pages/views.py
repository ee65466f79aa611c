"""`/automation/`: the rules of each pipeline as sentences, switched, copied and deleted; records to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from app.core.db import current_session, transaction
from app.core.errors import Unprocessable, demand
from app.core.scope import changeable
from app.core.viewer import visible
from app.pipeline.automation import config as grammar
from app.pipeline.automation.pages import choosing, health, run_queries, saving, seen, wording
from app.pipeline.automation.pages.run_views import outcome_of
from app.pipeline.automation.pages.seen import May
from app.pipeline.automation.pages.wording import Sentence
from app.pipeline.models import AutomationRule, AutomationRun, Pipeline
from app.screens.cells import moment_text
from app.screens.page import Choice, Link
from app.screens.shell import crumbs

HOME = "/automation/"
MOST_RULES = 500  # of one pipeline on the page


@dataclass(frozen=True)
class Line:
    """One rule in the list. `dead` are reasons why it cannot act, `stopped` why it was switched off by itself,
    `outcome` is what became of its last run, `ended` the code of that. `runs` are those that acted.
    """

    key: str
    name: str
    description: str
    active: bool
    sentence: Sentence
    dead: Sequence[str]
    runs: int
    last: str
    outcome: tuple[str, str] | None
    ended: str
    stopped: str
    own: bool
    version: str


class AutomationView(BaseView):
    """The list of rules and what can be done with one at once."""

    route_base = "/automation"
    default_view = "list"

    @expose("/", methods=["GET"])
    @login_required
    def list(self) -> str:
        may, session = seen.seeing_rules(), current_session()
        known = seen.pipelines(session, may.viewer)
        keys = [one.id for one in known]
        asked = request.args.get("pipeline_id", "")
        chosen = asked if asked in keys else next(iter(keys), "")
        pipeline = next((one for one in known if one.id == chosen), None)
        counts = _counts(session, may)
        crumbs(Link(_("Automation")))
        return render_template(
            "pipeline/automation/list.html",
            title=_("Automation"),
            may=may,
            pipelines=[(Choice(one.id, one.name), counts.get(one.id, 0), one.is_active is not False) for one in known],
            pipeline=pipeline,
            may_add=may.adds and chosen in seen.open_pipelines(session, may.viewer, known),
            lines=_lines(session, may, pipeline) if pipeline is not None else [],
        )

    @expose("/<key>/switch", methods=["POST"])
    @login_required
    def switch(self, key: str) -> Any:
        """On or off."""
        may = seen.seeing_rules()
        demand(may.switches)
        active = request.form.get("active") == "1"
        known = seen.rule_of(current_session(), may.viewer, key)
        name, pipeline_id = known.name, known.pipeline_id
        try:
            with transaction(by=may.viewer) as session:
                saving.switch(session, _changeable(session, may, key), active=active)
        except Unprocessable:
            flash(_("“%(name)s” stays off. %(why)s", name=name, why=_why(key, may)), "danger")
            return redirect(f"{HOME}?pipeline_id={pipeline_id}#rule-{key}")
        flash(_("“%(name)s” is on.", name=name) if active else _("“%(name)s” is off.", name=name), "success")
        return redirect(f"{HOME}?pipeline_id={pipeline_id}#rule-{key}")

    @expose("/<key>/duplicate", methods=["POST"])
    @login_required
    def duplicate(self, key: str) -> Any:
        """A copy, switched off, to go on with."""
        may = seen.seeing_rules()
        demand(may.adds)
        known = seen.rule_of(current_session(), may.viewer, key)
        demand(not wording.hidden_from(may.viewer, grammar.of(known)))
        name, pipeline_id = known.name, known.pipeline_id
        try:
            with transaction(by=may.viewer) as session:
                rule = seen.rule_of(session, may.viewer, key)
                made = saving.duplicate(session, rule, by=may.viewer.user_id).id
        except Unprocessable:
            flash(_("“%(name)s” cannot be copied. %(why)s", name=name, why=_why(key, may)), "danger")
            return redirect(f"{HOME}?pipeline_id={pipeline_id}#rule-{key}")
        flash(_("This is the copy. It is off until you switch it on."), "success")
        return redirect(f"{HOME}{made}")

    @expose("/<key>/delete", methods=["POST"])
    @login_required
    def delete(self, key: str) -> Any:
        """Raises Conflict when the rule says something else than what was read."""
        may = seen.seeing_rules()
        demand(may.edits)
        with transaction(by=may.viewer) as session:
            rule = _changeable(session, may, key, request.form.get("version", ""))
            name, pipeline_id = rule.name, rule.pipeline_id
            session.delete(rule)
        flash(_("“%(name)s” is deleted.", name=name), "success")
        return redirect(f"{HOME}?pipeline_id={pipeline_id}")

    @expose("/<key>/move", methods=["POST"])
    @login_required
    def move(self, key: str) -> Any:
        """Before the rule above it, or after the one below."""
        may = seen.seeing_rules()
        demand(may.orders)
        down = request.form.get("way") == "down"
        with transaction(by=may.viewer) as session:
            rule = _changeable(session, may, key)
            saving.move(session, may.viewer, rule, down=down)
            name, pipeline_id = rule.name, rule.pipeline_id
        flash(_("“%(name)s” has another place in the order.", name=name), "success")
        return redirect(f"{HOME}?pipeline_id={pipeline_id}#rule-{key}")

    # Choosing ----------------------------------------------------------------------

    @expose("/colleagues.json", methods=["GET"])
    @login_required
    def colleagues(self) -> Response:
        """Colleagues who could have a deal of the pipeline."""
        may = seen.seeing_rules()
        found = choosing.colleagues(current_session(), may.viewer, _pipeline(), _searched())
        return jsonify(results=[{"id": key, "text": text} for key, text in found], more=False)

    @expose("/deals.json", methods=["GET"])
    @login_required
    def deals(self) -> Response:
        """Deals of the pipeline to try a rule with, or of any to find its runs."""
        may = seen.seeing_rules()
        demand(may.reads_deals)
        page = max(1, min(request.args.get("page", 1, type=int), 50))
        found, more = choosing.deals(current_session(), may.viewer, _pipeline(), _searched(), page)
        return jsonify(results=[{"id": key, "text": text} for key, text in found], more=more)


def _pipeline() -> str:
    return request.args.get("pipeline_id", "")[: seen.LONGEST_KEY]


def _searched() -> str:
    return request.args.get("q", "").strip()[:100]


def _changeable(session: Session, may: May, key: str, version: str | None = None) -> AutomationRule:
    """The rule, held for this transaction. Raises NotFound, Forbidden, Conflict."""
    rule = seen.rule_of(session, may.viewer, key)
    demand(seen.own_rule(session, may.viewer, rule))
    return saving.held(session, may.viewer, key, version)


def _why(key: str, may: May) -> str:
    """Why a rule was refused, in sentences."""
    session = current_session()
    rule = seen.rule_of(session, may.viewer, key)
    return " ".join(health.sentences(health.problems(session, [rule], viewer=may.viewer)[rule.id]))


def _asked(rule: AutomationRule, read: grammar.Config) -> bool:
    """Of a rule that is off, whether what it names is still there is asked when it is switched on."""
    return rule.is_active is not False or bool(read.problems)


def _last(rule: AutomationRule, run: AutomationRun | None) -> str:
    """When the rule was set off last; of runs before there was a log only the last one that acted is known."""
    known = [at for at in (rule.last_executed_at, run.at if run is not None else None) if at is not None]
    return moment_text(max(known)) if known else ""


def _counts(session: Session, may: May) -> Mapping[str, int]:
    """How many rules each pipeline has."""
    found = session.scalars(visible(AutomationRule, may.viewer).with_only_columns(AutomationRule.pipeline_id)).all()
    return {key: found.count(key) for key in set(found)}


def _lines(session: Session, may: May, pipeline: Pipeline) -> list[Line]:
    """In the order in which they act."""
    asked = visible(AutomationRule, may.viewer).where(AutomationRule.pipeline_id == pipeline.id)
    rules = session.scalars(asked.order_by(*saving.ORDER).limit(MOST_RULES)).all()
    read = {rule.id: grammar.of(rule) for rule in rules}
    dead = health.problems(session, [rule for rule in rules if _asked(rule, read[rule.id])], read)
    names = wording.names_in(session, may.viewer, read.values())
    latest = run_queries.latest(session, may.viewer, list(read))
    own = changeable(session, may.viewer, AutomationRule, list(read))
    return [
        Line(
            key=rule.id,
            name=rule.name,
            description=rule.description or "",
            active=rule.is_active is not False,
            sentence=wording.sentence(may.viewer, read[rule.id], names),
            dead=health.sentences(dead.get(rule.id, ())),
            runs=rule.execution_count or 0,
            last=_last(rule, latest.get(rule.id)),
            outcome=outcome_of(latest[rule.id].outcome) if rule.id in latest else None,
            ended=latest[rule.id].outcome.value if rule.id in latest else "",
            stopped=health.stopped(rule),
            own=rule.id in own,
            version=saving.version_of(rule),
        )
        for rule in rules
    ]
