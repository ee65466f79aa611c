"""`/pipeline/insights`: what sales managers look at. The page comes at once, its numbers tile by tile."""

from __future__ import annotations

from datetime import datetime

from flask import Response, current_app, jsonify, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from app.core import audit
from app.core.db import current_session
from app.core.errors import Forbidden
from app.core.viewer import EXPORT, current_viewer
from app.dashboards.board import Tile, asked_of
from app.dashboards.figures import as_csv, as_json
from app.dashboards.patience import patience
from app.dashboards.periods import PERIODS
from app.dashboards.sales import asked as asking
from app.dashboards.sales import insights
from app.screens import switch
from app.screens.cells import country_name
from app.screens.look import Look
from app.screens.page import Link
from app.screens.shell import crumbs

HOME = "/pipeline/insights"
_OF_SWITCH = "_flt_eq_country_code"  # as the choice of a country in the top bar says it to pages of deals


class InsightsView(BaseView):
    """`/pipeline/insights?pipeline=&period=&countries=&owner=&campaign=&source=`"""

    route_base = HOME
    default_view = "index"

    @expose("", methods=["GET"])
    @expose("/", methods=["GET"])
    @login_required
    def index(self) -> str:
        look = _look()
        known = asking.pipelines_of(look)
        asked = _asked(look, known)
        query, may_export = asked.written(), look.viewer.sees(EXPORT)
        crumbs(Link(_("Sales insights"), HOME))
        return render_template(
            "pipeline/insights/page.html",
            page_title=_("Sales insights"),
            asked=asked,
            countries=[(code, country_name(code)) for code in look.viewer.countries or ()],
            pipelines=known,
            periods=PERIODS.items(),
            sources=asking.sources_of(look, asked.source),
            reads=look.reads,
            tiles=_tiles(look, asked, query),
            unstaged=not asked.pipeline and any(one.staged for one in insights.offered(look)),
            may_export=may_export,
        )

    @expose("/tile/<key>", methods=["GET"])
    @login_required
    def tile(self, key: str) -> Response:
        """The numbers of one tile as JSON. Who may not see it is told that there is none."""
        look = _look()
        with patience(look):
            return jsonify(as_json(insights.figure(look, key, _asked(look, asking.pipelines_of(look)))))

    @expose("/tile/<key>.csv", methods=["GET"])
    @login_required
    def tile_csv(self, key: str) -> Response:
        look = _look()
        if not look.viewer.sees(EXPORT):
            raise Forbidden
        with patience(look):
            figure = insights.figure(look, key, _asked(look, asking.pipelines_of(look)))
        answer = Response(as_csv(figure), mimetype="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{key}.csv"'
        details = {"tile": figure.title, "filter": request.query_string.decode("ascii", "replace"), "format": "csv"}
        audit.note_apart("export", entity_type=figure.table, details=details, by=look.viewer)
        return answer


def _look() -> Look:
    """Raises Forbidden for whom deals, pipelines or the names of their stages are closed."""
    viewer, screens = current_viewer(), current_app.extensions["screens"]
    if not asking.open_to(screens, viewer):
        raise Forbidden
    return Look(screens, current_session(), viewer, screens["deals"])


def _asked(look: Look, known: object) -> asking.SalesAsked:
    """What the address asks for; a country that is chosen for all pages is the one to begin with."""
    zone = get_timezone()
    given = MultiDict(request.args)
    everywhere = switch.chosen(look.viewer)
    if not request.args and everywhere:
        given["countries"] = everywhere
    elif "countries" not in given and _OF_SWITCH in given:
        given["countries"] = given[_OF_SWITCH]
    at = asked_of(
        MultiDict(), look.viewer, today=datetime.now(zone).date(), zone=str(zone or "UTC"),
        currency=current_app.config["REPORTING_CURRENCY"],
    )  # fmt: skip
    return asking.asked_of(look, given, known, asking.period_and_countries(given, look, at))  # type: ignore[arg-type]


def _tiles(look: Look, asked: asking.SalesAsked, query: str) -> list[Tile]:
    def made(key: str, title: object, about: object, shape: str, width: int) -> Tile:
        at = f"{HOME}/tile/{key}"
        return Tile(key, str(title), str(about), shape, width, f"{at}?{query}", f"{at}.csv?{query}")

    numbers = [made(m.key, _(m.title), _(m.about), m.shape, m.width) for m in insights.numbers(look)]
    shown = [one for one in insights.offered(look) if asked.pipeline or not one.staged]
    return numbers + [made(one.key, one.title, one.about, one.shape, one.width) for one in shown]
