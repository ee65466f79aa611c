"""`/pipeline/forecast/<pipeline_id>`: the deals of the board by the month in which they are likely to close."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, jsonify, make_response, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from app.core.db import current_session, transaction
from app.core.errors import BadQuery, NotFound
from app.core.viewer import current_viewer
from app.dashboards.asking import Asked
from app.dashboards.board import asked_of
from app.dashboards.patience import patience
from app.dashboards.sales import forecast
from app.dashboards.sales.asked import pipelines_of
from app.dashboards.sales.forecast import Month, Wanted
from app.pipeline.models import Pipeline
from app.screens import address, elsewhere, switch
from app.screens.look import Look
from app.screens.page import Link
from app.screens.query import Listing
from app.screens.shell import crumbs

BASE = "/pipeline/forecast"
PIPELINE = "_flt_eq_pipeline_id"
_SHOWN = "shown"  # "<month>:<cards>" of columns that were unfolded


class ForecastView(BaseView):
    """The forecast of one pipeline; its address has the filters of the list of deals."""

    route_base = BASE
    default_view = "page"

    @expose("/<pipeline_id>", methods=["GET"])
    @login_required
    def page(self, pipeline_id: str) -> Any:
        look = _look()
        pipelines = pipelines_of(look)
        pipeline = _pipeline(pipelines, pipeline_id)
        base = f"{BASE}/{pipeline.id}"
        if opened := elsewhere.opening(look, request.args, base):
            return redirect(opened)
        arguments = switch.said(look, request.args)
        wanted, asked = _wanted(look, pipeline, arguments), _asked(look)
        crumbs(Link(_("Deals"), address.list_href("deals")), Link(pipeline.name), Link(_("Forecast"), base))
        return render_template(
            "pipeline/insights/forecast.html",
            title=_("Forecast: %(name)s", name=pipeline.name),
            pipeline=pipeline,
            others=[(one, f"{BASE}/{one.id}{_passed_on(arguments)}") for one in pipelines],
            board_href=f"/pipeline/{pipeline.id}{_passed_on(arguments)}",
            list_href=address.list_href("deals") + address.keeping(arguments, **{PIPELINE: pipeline.id}),
            here_href=base + _passed_on(arguments),
            page=elsewhere.bar_of(look, wanted.listing, arguments, base),
            query=address.keeping(arguments),
            **_drawn(look, wanted, asked, arguments),
        )  # fmt: skip

    @expose("/<pipeline_id>/columns", methods=["GET"])
    @login_required
    def columns(self, pipeline_id: str) -> Any:
        """The columns as they are now, for a page that is open; nothing (304) when they are as it has them."""
        look = _look()
        pipeline = _pipeline(pipelines_of(look), pipeline_id)
        wanted = _wanted(look, pipeline, request.args)
        drawn = _drawn(look, wanted, _asked(look), request.args)
        answer = make_response(render_template("pipeline/insights/_columns.html", pipeline=pipeline, **drawn))
        answer.add_etag()
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer.make_conditional(request)

    @expose("/<pipeline_id>/more", methods=["GET"])
    @login_required
    def more(self, pipeline_id: str) -> Any:
        """The next cards of one column, behind a place in it."""
        look = _look()
        pipeline = _pipeline(pipelines_of(look), pipeline_id)
        wanted, key = _wanted(look, pipeline, request.args), request.args.get("month", "")
        cards, after = forecast.more_of(look, wanted, _asked(look).today, key, request.args.get("after", ""))
        return render_template(
            "pipeline/insights/_cards.html", cards=cards, after=after, month=key, moves=forecast.may_move(look)
        )

    @expose("/<pipeline_id>/move", methods=["POST"])
    @login_required
    def move(self, pipeline_id: str) -> Any:
        """Let a deal be expected in another month, as JSON: {"deal", "month", "version"}."""
        look = _look()
        pipeline = _pipeline(pipelines_of(look), pipeline_id)
        body: Any = request.get_json(silent=True)
        if not isinstance(body, dict) or not all(
            isinstance(body.get(name), str) and body[name] for name in ("deal", "month", "version")
        ):
            raise BadQuery(_("This move cannot be read. Reload the page."))
        wanted, today = Wanted(pipeline.id, Listing()), _asked(look).today
        with transaction(by=look.viewer) as session:
            column = forecast.put(session, look, wanted, body["deal"][:100], body["month"][:20], body["version"], today)
        return jsonify(said=_("The deal is expected in: %(month)s.", month=column.label), month=column.key)


def _look() -> Look:
    """Raises Forbidden for whom there is no forecast."""
    screens = current_app.extensions["screens"]
    look = Look(screens, current_session(), current_viewer(), screens["deals"])
    forecast.demand(look)
    return look


def _pipeline(known: Any, key: str) -> Pipeline:
    """Raises NotFound."""
    found: Pipeline | None = next((one for one in known if one.id == key), None)
    if found is None:
        raise NotFound(_("This pipeline does not exist, or it is not for your countries."))
    return found


def _asked(look: Look) -> Asked:
    """Today, zone and currency; the period of dashboards says nothing here."""
    zone = get_timezone()
    return asked_of(
        MultiDict(), look.viewer, today=datetime.now(zone).date(), zone=str(zone or "UTC"),
        currency=current_app.config["REPORTING_CURRENCY"],
    )  # fmt: skip


def _wanted(look: Look, pipeline: Pipeline, arguments: MultiDict[str, str]) -> Wanted:
    """The deals that an address asks for; the pipeline is that of the page. Raises BadQuery."""
    asked = MultiDict([(k, v) for k, v in arguments.items(multi=True) if k.startswith("_flt_") or k == "q"])
    found = address.listing_of(look.screen, look.viewer, asked)
    shown = {}
    for one in arguments.getlist(_SHOWN)[:20]:
        key, _mark, number = one.partition(":")
        if number.isdecimal() and len(number) < 6:
            shown[key] = int(number)
    filters = tuple(f for f in found.filters if f.field.name != "pipeline_id")
    return Wanted(pipeline.id, Listing(filters, found.search), shown)


def _drawn(look: Look, wanted: Wanted, asked: Asked, arguments: MultiDict[str, str]) -> dict[str, Any]:
    with patience(look):
        months = forecast.months_of(look, wanted, asked)
    moves = forecast.may_move(look)
    told = [month.left_out for month in months if month.left_out]
    return {
        "months": [(month, _rows_href(month, wanted, arguments)) for month in months],
        "moves": moves,
        "left_out": list(dict.fromkeys(told)),
        "currency": asked.currency,
        "worth": forecast.tells_worth(look),
    }


def _rows_href(month: Month, wanted: Wanted, arguments: MultiDict[str, str]) -> str:
    """The list of exactly the deals of a column."""
    kept = [(k, v) for k, v in arguments.items(multi=True) if k not in (PIPELINE, "page", _SHOWN)]
    own = [("eq", "pipeline_id", wanted.pipeline_id), ("eq", "status", "open"), *month.column.filters()]
    pairs = MultiDict([*kept, *((f"_flt_{operator}_{column}", value) for operator, column, value in own)])
    return address.list_href("deals") + address.keeping(pairs)


def _passed_on(arguments: MultiDict[str, str]) -> str:
    """The filters of this page for another pipeline, or another way to look at it."""
    kept = MultiDict([(k, v) for k, v in arguments.items(multi=True) if k not in (PIPELINE, _SHOWN)])
    found = address.keeping(kept)
    return found if found != "?" else ""
