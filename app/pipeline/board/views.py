"""`/pipeline/`: the board of a pipeline, what moves on it, what is added to it, and what is new on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Response, abort, current_app, jsonify, make_response, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from app.core.db import current_session, transaction
from app.core.idempotency import Answer, once
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.pipeline.board import adding, asked, moves
from app.pipeline.board.cards import MOST, PAGE, card_of, cards_of
from app.pipeline.board.columns import Clock, Column, closed_of, columns_of, drawn, following, wanted_of
from app.pipeline.board.rights import DEALS, May, seeing
from app.pipeline.errors import WrongPlace
from app.pipeline.models import Pipeline, PipelineStage
from app.screens import address, elsewhere, switch
from app.screens.filters import today
from app.screens.look import Look
from app.screens.once import by_form
from app.screens.page import Link
from app.screens.query import Listing
from app.screens.shell import crumbs

_YEAR = 365 * 24 * 3600  # seconds
_SHOWN = "shown"  # "<stage>:<cards>" of columns that were unfolded
_PLACE = re.compile(r"-?\d{1,30}(\.\d{1,2000})?")
_MINE = "_flt_eq_assigned_user_id"


class BoardView(BaseView):
    """The board of one pipeline."""

    route_base = "/pipeline"
    default_view = "home"

    @expose("/")
    @login_required
    def home(self) -> Any:
        """The board that was looked at last, else the default one; how to begin where there is none."""
        may = _may()
        pipelines = asked.pipelines_of(may.look.session, may.look.viewer)
        wished = (request.args.get(asked.PIPELINE, ""), request.cookies.get(_cookie(), ""))
        found = asked.chosen(pipelines, *wished)
        if found is None:
            crumbs(Link(_("Pipeline")))
            there = may.look.at("pipelines")
            return render_template("pipeline/board/none.html", title=_("Pipeline"), may_add=there.may_add())
        rest = address.without(request.args, asked.PIPELINE)
        return redirect(f"/pipeline/{found.id}{rest if rest != '?' else ''}")

    @expose("/<pipeline_id>")
    @login_required
    def board(self, pipeline_id: str) -> Any:
        may = _may()
        look, session = may.look, may.look.session
        pipelines = asked.pipelines_of(session, look.viewer)
        pipeline = asked.pipeline_in(pipelines, pipeline_id)
        base = f"/pipeline/{pipeline.id}"
        if opened := elsewhere.opening(look, request.args, base):
            return redirect(opened)
        arguments = switch.said(look, request.args)
        listing = asked.listing_of(look, arguments)
        stages, columns, left_out, clock = self._columns(may, pipeline, listing)
        bar = elsewhere.bar_of(look, listing, arguments, base)
        crumbs(Link(_("Pipeline"), "/pipeline/"), Link(pipeline.name))
        page = render_template(
            "pipeline/board/board.html",
            title=pipeline.name,
            pipeline=pipeline,
            pipelines=pipelines,
            may=may,
            stages=stages,
            columns=columns,
            left_out=left_out,
            clock=clock,
            currency=current_app.config["REPORTING_CURRENCY"],
            page=bar,
            others=[(one, f"/pipeline/{one.id}{_passed_on(arguments)}") for one in pipelines],
            list_href="/deals/list/" + address.keeping(arguments, **{asked.PIPELINE: pipeline.id}),
            forecast_href=f"/pipeline/forecast/{pipeline.id}{_passed_on(arguments)}",
            mine_href=_mine(may, arguments, base, bar.clear_href) if may.reads("assigned_user_id") else "",
            mine=arguments.getlist(_MINE) == [look.viewer.user_id],
            filtered=bool(listing.filters or listing.search),
            query=address.keeping(arguments),
            wanted=wanted_of,
        )
        answer: Response = make_response(page)
        answer.set_cookie(
            _cookie(), pipeline.id, max_age=_YEAR, httponly=True, secure=current_app.config["SESSION_COOKIE_SECURE"],
            samesite=current_app.config["SESSION_COOKIE_SAMESITE"],
        )  # fmt: skip
        return answer

    def _columns(
        self, may: May, pipeline: Pipeline, listing: Listing
    ) -> tuple[Sequence[PipelineStage], list[Column], str, Clock]:
        look = may.look
        stages, clock = asked.stages_of(look.session, look.viewer, pipeline.id), _clock()
        currency = current_app.config["REPORTING_CURRENCY"]
        columns, left_out = columns_of(may, stages, pipeline.id, listing, clock, currency, _shown())
        return stages, columns, left_out, clock

    @expose("/<pipeline_id>/columns", methods=["GET"])
    @login_required
    def columns(self, pipeline_id: str) -> Any:
        """The columns as they are now, for a page that is open; nothing (304) when they are as it has them."""
        may = _may()
        pipeline = _pipeline(may, pipeline_id)
        listing = asked.listing_of(may.look, request.args)
        _stages, columns, left_out, clock = self._columns(may, pipeline, listing)
        answer: Response = make_response(
            render_template(
                "pipeline/board/_columns.html", may=may, columns=columns, left_out=left_out, clock=clock,
                wanted=wanted_of, pipeline=pipeline, filtered=bool(listing.filters or listing.search),
                currency=current_app.config["REPORTING_CURRENCY"],
            )
        )  # fmt: skip
        answer.add_etag()
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer.make_conditional(request)

    @expose("/<pipeline_id>/more", methods=["GET"])
    @login_required
    def more(self, pipeline_id: str) -> Any:
        """The next cards of one column, below a place."""
        may = _may()
        look = may.look
        pipeline = _pipeline(may, pipeline_id)
        stage = moves.stage_of(look.session, look.viewer, request.args.get("stage", "")[:100])
        if stage.pipeline_id != pipeline.id:
            abort(404)
        clock, after = _clock(), _place(request.args.get("after", ""))
        listing = asked.listing_of(look, request.args)
        found = cards_of(may, pipeline.id, listing, now=clock.now, today=clock.today, stage_id=stage.id, after=after)
        cards = found.get(stage.id, [])
        closed = closed_of(may, cards)
        return render_template(
            "pipeline/board/_cards.html",
            may=may,
            cards=[drawn(may, card, stage, clock, closed) for card in cards[:PAGE]],
            following=following(cards, PAGE),
        )

    # Moving ----------------------------------------------------------------------

    @expose("/<pipeline_id>/move", methods=["POST"])
    @login_required
    def move(self, pipeline_id: str) -> Any:
        """Put a card into a stage and place. What is refused stays where it is, and the answer says why."""
        may = _may()
        pipeline = _pipeline(may, pipeline_id)
        wish, listing = moves.read(request.get_json(silent=True)), asked.listing_of(may.look, request.args)
        with transaction(by=may.look.viewer) as session:
            done = moves.act(session, may, pipeline.id, wish)
            deal_id, stage, before, undo = done.deal.id, done.stage, done.before, done.undo
            title = (done.deal.title if may.reads("title") else "") or _("Deal")
        moved = before != stage.id
        said = _("“%(title)s” is in “%(stage)s”.", title=title, stage=stage.name) if moved else _("The order is kept.")
        return jsonify(moved=moved, stage=before, undo=undo, **_card(may, deal_id, stage, listing, said))

    @expose("/<pipeline_id>/ask", methods=["GET"])
    @login_required
    def ask(self, pipeline_id: str) -> Any:
        """What has to be said before a deal comes into a stage, as fields of a dialog; 204 for nothing."""
        may = _may()
        pipeline = _pipeline(may, pipeline_id)
        deal = moves.deal_in(may, pipeline.id, request.args.get("deal", "")[:100])
        stage = moves.stage_of(may.look.session, may.look.viewer, request.args.get("stage", "")[:100])
        question = moves.question(may, deal, stage)
        if question is None:
            return "", 204
        title = (deal.title if may.reads("title") else "") or _("Deal")
        return render_template("pipeline/board/_question.html", question=question, stage=stage, title=title)

    # Adding ----------------------------------------------------------------------

    @expose("/<pipeline_id>/add", methods=["POST"])
    @login_required
    def add(self, pipeline_id: str) -> Any:
        """A new deal on top of a column."""
        may, now = _may(), utc_now()
        pipeline = _pipeline(may, pipeline_id)
        stage = moves.stage_of(may.look.session, may.look.viewer, request.form.get("stage", "")[:100])
        listing, key, title = asked.listing_of(may.look, request.args), "", ""

        with transaction(by=may.look.viewer) as session:

            def act() -> Answer:
                deal = adding.add(session, may, pipeline.id, stage, request.form, now=now)
                return Answer(201, body={"id": deal.id})

            key = once(session, by_form(may.look.viewer), act, now=now).body["id"]
            title = request.form.get("title", "").strip()
        return jsonify(_card(may, key, stage, listing, _("“%(title)s” is added.", title=title))), 201


def _may() -> May:
    screens = current_app.extensions["screens"]
    return seeing(Look(screens, current_session(), current_viewer(), screens[DEALS]))


def _pipeline(may: May, key: str) -> Pipeline:
    """Raises NotFound."""
    return asked.pipeline_in(asked.pipelines_of(may.look.session, may.look.viewer), key)


def _clock() -> Clock:
    return Clock(utc_now(), today())


def _card(may: May, deal_id: str, stage: PipelineStage, listing: Listing, said: str) -> dict[str, Any]:
    """A card as it is drawn now, and what is said of it. It may have left the walls of whoever moved it, or the
    filters of the board: then there is none."""
    clock = _clock()
    card = card_of(may, deal_id, today=clock.today)
    if card is None:
        return {"id": deal_id, "card": "", "seen": "", "said": said}
    one = drawn(may, card, stage, clock, closed_of(may, [card]))
    if not asked.shows(may.look, listing, deal_id):
        hidden = _("The filters of this board do not show it.")
        return {"id": deal_id, "card": "", "seen": one.token, "said": f"{said} {hidden}"}
    html = render_template("pipeline/board/_card.html", may=may, one=one)
    return {"id": deal_id, "card": html, "seen": one.token, "said": said}


def _shown() -> dict[str, int]:
    """How many cards of unfolded columns the page has; what makes no sense is passed over."""
    found = {}
    for one in request.args.getlist(_SHOWN)[:50]:
        stage, _mark, number = one.rpartition(":")
        if number.isdecimal() and len(number) < 6:
            found[stage] = min(int(number), MOST)
    return found


def _place(given: str) -> Decimal:
    """A place in a column. Raises WrongPlace."""
    if not _PLACE.fullmatch(given):
        raise WrongPlace
    return Decimal(given)


def _passed_on(arguments: MultiDict[str, str]) -> str:
    """The filters of a board for another one, or another way to look at it."""
    found = address.without(arguments, asked.PIPELINE)
    return found if found != "?" else ""


def _mine(may: May, arguments: MultiDict[str, str], base: str, bare: str) -> str:
    """The board with the viewer's own deals alone, or with everybody's again: `bare` where that is all it says."""
    if arguments.getlist(_MINE) == [may.look.viewer.user_id]:
        rest = address.without(arguments, _MINE)
        return base + rest if rest != "?" else bare
    return base + address.keeping(arguments, **{_MINE: may.look.viewer.user_id})


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}_pipeline"
