"""What a rule as it stands in its form would do with one deal, and what it would have acted on; nothing is written."""

from __future__ import annotations

from flask import render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_datetime, format_decimal
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from app.core.db import current_session
from app.core.errors import NotFound, demand
from app.core.types import utc_now
from app.core.viewer import visible
from app.pipeline.automation import lookback, trial
from app.pipeline.automation.config import Problem
from app.pipeline.automation.pages import form as forms
from app.pipeline.automation.pages import seen
from app.pipeline.automation.pages.form import Typed
from app.pipeline.automation.pages.rule_views import BACK_DAYS, posted_rule
from app.pipeline.automation.pages.seen import DEALS, May
from app.pipeline.models import Deal
from app.screens.address import show_href

SHOWN = 100
"""Deals that are listed; all are counted."""


class TrialsView(BaseView):
    """The two answers beside the form of a rule."""

    route_base = "/automation"
    default_view = "dry_run"

    @expose("/dry-run", methods=["POST"])
    @login_required
    def dry_run(self) -> str:
        """What the rule would do with the chosen deal."""
        may, session = _trying(), current_session()
        typed = posted_rule(session, may)
        deal = _deal(session, may, request.form.get("deal_id", ""))
        wrong = _wrong(typed)
        try:
            found = None if wrong else trial.dry_run(session, may.viewer, typed.draft(), deal, now=utc_now())
        finally:
            session.rollback()
        return render_template(
            "pipeline/automation/_dry.html",
            wrong=wrong or _sentences(found.problems if found else ()),
            found=found,
            held=bool(found and found.conditions),
        )

    @expose("/back-test", methods=["POST"])
    @login_required
    def back_test(self) -> str:
        """On which deals the rule would have acted."""
        may, session = _trying(), current_session()
        typed = posted_rule(session, may)
        wrong = _wrong(typed)
        now = utc_now()
        found = None
        if not wrong:
            found = lookback.back_test(session, may.viewer, typed.draft(), days=BACK_DAYS, limit=SHOWN, now=now)
            wrong = _sentences(found.problems)
        hits = found.hits if found else ()
        return render_template(
            "pipeline/automation/_back.html",
            wrong=wrong,
            found=found,
            lines=[
                (hit.title or _("(no access)"), show_href(DEALS, hit.deal_id) if hit.title else "", hit.at,
                 format_datetime(hit.at, "short"))
                for hit in hits
            ],
            most=format_decimal(lookback.MOST),
        )  # fmt: skip


def _trying() -> May:
    """Raises Forbidden for who sees no deals."""
    may = seen.seeing_rules()
    demand(may.reads_deals)
    return may


def _deal(session: Session, may: May, key: str) -> Deal:
    """Raises NotFound."""
    found = session.scalars(visible(Deal, may.viewer).where(Deal.id == key[: seen.LONGEST_KEY])).one_or_none()
    if found is None:
        raise NotFound
    return found


def _wrong(typed: Typed) -> list[str]:
    """What keeps the rule from being tried."""
    told = [f"{label}: {sentence}" for _name, label, sentence in forms.summary(typed)] + forms.general(typed)
    return told or ([] if typed.pipeline_id else [_("Choose a pipeline.")])


def _sentences(problems: tuple[Problem, ...]) -> list[str]:
    return list(dict.fromkeys(problem.sentence for problem in problems))
