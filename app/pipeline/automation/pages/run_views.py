"""`/automation/runs`: what rules did and why they did not, of one rule or of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from app.core.db import current_session
from app.core.errors import BadQuery
from app.core.viewer import visible
from app.pipeline.automation import outcomes, rights
from app.pipeline.automation.conditions import FIELDS
from app.pipeline.automation.jobs import KEPT
from app.pipeline.automation.pages import run_queries as queries
from app.pipeline.automation.pages import seen
from app.pipeline.automation.pages.run_queries import Place, Wanted
from app.pipeline.automation.pages.seen import DEALS, May
from app.pipeline.models import AutomationRule, AutomationRun, AutomationRunOutcome
from app.screens import atlas, query
from app.screens.address import show_href
from app.screens.locale import said
from app.screens.page import Choice, Link
from app.screens.shell import crumbs

HOME, RUNS = "/automation/", "/automation/runs"
MOST_RULES = 200  # in the filter
TONES = {
    AutomationRunOutcome.done: "green", AutomationRunOutcome.skipped: "grey",
    AutomationRunOutcome.failed: "red", AutomationRunOutcome.stopped: "amber",
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A record as the reader may know it; `href` is "" when there is none to go to."""

    name: str
    href: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Line:
    """One run in the log. `cause` is the rule that set this one off, `chain_href` the runs that belong together."""

    at: datetime
    when: str
    rule: Named
    deal: Named
    outcome: tuple[str, str]
    reason: str
    made: Named | None
    depth: int
    cause: str
    chain_href: str


class RunsView(BaseView):
    """The log of runs with its filters."""

    route_base = "/automation"
    default_view = "runs"

    @expose("/runs", methods=["GET"])
    @login_required
    def runs(self) -> str:
        may, session = seen.seeing_rules(), current_session()
        wanted, after = _wanted(), _after()
        rule = seen.rule_of(session, may.viewer, wanted.rule_id) if wanted.rule_id else None
        rows, older = queries.page(session, may.viewer, wanted, after)
        crumbs(Link(_("Automation"), HOME), *([Link(rule.name, f"{HOME}{rule.id}")] if rule else []), Link(_("Runs")))
        return render_template(
            "pipeline/automation/runs.html",
            title=_("Runs of “%(name)s”", name=rule.name) if rule else _("Runs of all rules"),
            rule=rule,
            may=may,
            wanted=wanted,
            deal=_deal(session, may, wanted.deal_id),
            kept=KEPT.days,
            lines=lines(session, may, rows),
            rules=_rules(session, may, rule),
            outcomes=[Choice(one.value, outcome_of(one)[0]) for one in AutomationRunOutcome],
            filtered=bool(wanted.outcome or wanted.chain or wanted.deal_id),
            all_href=_href(Wanted(rule_id=wanted.rule_id)),
            older_href=_href(wanted, after=f"{older.at.isoformat()}~{older.key}") if older else "",
            newest_href=_href(wanted) if after else "",
        )


def outcome_of(outcome: AutomationRunOutcome) -> tuple[str, str]:
    """Its label and its colour."""
    return outcomes.label(outcome), TONES[outcome]


def lines(session: Session, may: May, rows: Sequence[AutomationRun]) -> list[Line]:
    """Runs as their reader may know them; names of all records in one statement."""
    screens = atlas.known()
    wanted = {(seen.MODULE, run.rule_id) for run in rows} | {(DEALS, run.deal_id) for run in rows}
    wanted |= {made for run in rows if (made := _made_by(run)) is not None}
    pairs = sorted(wanted)
    told = query.names_in(session, screens, may.viewer, [((table,), key) for table, key in pairs])
    names = dict(zip(pairs, told, strict=True))
    causes = queries.causes(session, may.viewer, rows)
    whole = all(rights.reads_field(may.viewer, name) for name in FIELDS)
    return [
        Line(
            at=run.at,
            when=format_datetime(run.at, "short"),
            rule=Named(names[seen.MODULE, run.rule_id] or _("Rule"), f"{HOME}{run.rule_id}"),
            deal=_named(may, DEALS, run.deal_id, names.get((DEALS, run.deal_id), "")),
            outcome=outcome_of(run.outcome),
            reason=_reason(run, whole),
            made=_made(may, run, names),
            depth=run.depth,
            cause=causes.get(run.caused_by or "", ""),
            chain_href=_href(Wanted(chain=run.chain)) if run.depth > 1 else "",
        )
        for run in rows
    ]


def _reason(run: AutomationRun, whole: bool) -> str:
    """Why nothing was done may name a field and what a deal is not: only who reads the `whole` deal is told."""
    return outcomes.told(run.reason) if whole or run.outcome is not AutomationRunOutcome.skipped else ""


def _named(may: May, table: str, key: str, name: str) -> Named:
    """Without a name there is nothing that one may go to."""
    screen = atlas.known()[table]
    kind = said(screen.one)
    if not name or not may.viewer.sees(screen.module):
        return Named(_("(no access)"), kind=kind)
    return Named(name, show_href(table, key), kind)


def _deal(session: Session, may: May, key: str) -> Named | None:
    """The deal that is asked for; whether there is one is not told to who may not read it."""
    if not key:
        return None
    [name] = query.names_in(session, atlas.known(), may.viewer, [((DEALS,), key)])
    return _named(may, DEALS, key, name or "")


def _made_by(run: AutomationRun) -> tuple[str, str] | None:
    """Table and key of what a run made or changed; None for nothing, and for a table that there is not any more."""
    known = run.made_table is not None and run.made_key is not None and run.made_table in atlas.known()
    return (str(run.made_table), str(run.made_key)) if known else None


def _made(may: May, run: AutomationRun, names: dict[tuple[str, str], str]) -> Named | None:
    """A deal that was changed stands in its own column already."""
    made = _made_by(run)
    if made is None or made == (DEALS, run.deal_id):
        return None
    return _named(may, *made, names.get(made, ""))


def _rules(session: Session, may: May, chosen: AutomationRule | None) -> list[Choice]:
    asked = visible(AutomationRule, may.viewer).order_by(AutomationRule.name, AutomationRule.id).limit(MOST_RULES)
    found = [Choice(rule.id, rule.name) for rule in session.scalars(asked)]
    if chosen is not None and chosen.id not in {one.value for one in found}:
        found.append(Choice(chosen.id, chosen.name))
    return found


def _wanted() -> Wanted:
    """The filters of the address. Raises BadQuery."""
    given = {name: request.args.get(name, "").strip()[:200] for name in ("rule", "outcome", "chain", "deal")}
    outcome = given["outcome"]
    if outcome and outcome not in set(AutomationRunOutcome):
        raise BadQuery(_("“%(value)s” is no choice of this filter.", value=outcome[:40]))
    if any("\x00" in value for value in given.values()):
        raise BadQuery(_("There is no such page. Begin at the first one."))
    return Wanted(given["rule"], AutomationRunOutcome(outcome) if outcome else None, given["chain"], given["deal"])


def _after() -> Place | None:
    """Where the page begins. Raises BadQuery."""
    given = request.args.get("after", "")
    if not given:
        return None
    moment, mark, key = given.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not mark or not 0 < len(key) <= seen.LONGEST_KEY or "\x00" in key:
        raise BadQuery(_("There is no such page. Begin at the first one."))
    return Place(at, key)


def _href(wanted: Wanted, **more: str) -> str:
    pairs = {
        "rule": wanted.rule_id, "outcome": wanted.outcome.value if wanted.outcome else "", "chain": wanted.chain,
        "deal": wanted.deal_id, **more,
    }  # fmt: skip
    asked = urlencode({name: value for name, value in pairs.items() if value})
    return f"{RUNS}?{asked}" if asked else RUNS
