"""The home page: tiles that load their numbers one by one, and the doors by which somebody arranges them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, current_app, flash, jsonify, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from app.core import audit
from app.core.db import current_session, transaction
from app.core.errors import BadQuery, Forbidden, NotFound, Unprocessable
from app.core.types import utc_now
from app.core.viewer import EXPORT, Viewer, current_viewer
from app.dashboards import board as boards
from app.dashboards import pins, queries, services
from app.dashboards.asking import Asked, allowed
from app.dashboards.figures import Figure, as_csv, as_json
from app.dashboards.metrics import CATALOGUE
from app.dashboards.models import WIDTHS, Board
from app.dashboards.patience import patience
from app.dashboards.periods import PERIODS
from app.screens import switch
from app.screens.cells import country_name
from app.screens.look import Look


class HomeView(BaseView):
    """`/` and `/home/...`"""

    route_base = ""
    default_view = "index"

    @expose("/")
    @login_required
    def index(self) -> str:
        viewer = current_viewer()
        title = _("Good day, %(name)s", name=viewer.name)
        if not viewer.sees(boards.MODULE):
            return render_template("home.html", page_title=title, tiles=(), may_arrange=False)
        look = _look(viewer)
        chosen = queries.dashboard_of(look.session, viewer)
        mine = queries.boards_of(look.session, viewer)
        board = boards.board_named(request.args.get("board", ""), mine, chosen.board if chosen else None)
        asked = _remembered(viewer, chosen.asked if chosen else "")
        arranged = chosen is not None and board in chosen.arranged
        rows = queries.tiles_of(look.session, viewer, board) if arranged else None
        query, usual = boards.written(asked), boards.written(_asked(viewer, MultiDict()))
        return render_template(
            "home.html",
            page_title=title,
            board=board,
            boards=[(one.value, boards.NAMES[one], one is board) for one in mine],
            tiles=boards.tiles(look, rows, board, asked),
            catalogue=[
                boards.of_metric(metric, metric.width, query) for metric in queries.catalogue(look.screens, viewer)
            ],
            asked=asked,
            remembered="" if request.args.get("period") or query == usual else f"/?board={board.value}&{query}",
            periods=PERIODS.items(),
            countries=[(code, country_name(code)) for code in viewer.countries or ()],
            widths=WIDTHS,
            may_arrange=not viewer.behind,
            may_export=viewer.sees(EXPORT),
            arranged=arranged,
        )

    @expose("/home/tile/<key>", methods=["GET"])
    @login_required
    def tile(self, key: str) -> Response:
        """The numbers of one tile as JSON. Who may not see it is told that there is none."""
        look = _open()
        return jsonify(as_json(_figure(look, key)))

    @expose("/home/tile/<key>.csv", methods=["GET"])
    @login_required
    def tile_csv(self, key: str) -> Response:
        look = _open()
        if not look.viewer.sees(EXPORT):
            raise Forbidden
        figure = _figure(look, key)
        answer = Response(as_csv(figure), mimetype="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{key}.csv"'
        details = {"tile": figure.title, "filter": request.query_string.decode("ascii", "replace"), "format": "csv"}
        audit.note_apart("export", entity_type=figure.table, details=details, by=look.viewer)
        return answer

    @expose("/home/choose", methods=["POST"])
    @login_required
    def choose(self) -> Any:
        """Which board, period and countries the page is about; remembered, and from then on in the address."""
        viewer = _open().viewer
        board = boards.board_named(request.form.get("board", ""), _mine(viewer), None)
        asked = _asked(viewer, request.form)
        with transaction(by=viewer) as session:
            services.choose(session, viewer, board=board, asked=boards.written(asked), now=utc_now())
        return redirect(f"/?board={board.value}&{boards.written(asked)}")

    @expose("/home/arrange", methods=["POST"])
    @login_required
    def arrange(self) -> Response:
        """The order and widths of all tiles of a board, as JSON: {"board", "tiles": [{"key", "width"}], "removed"}."""
        look = _open()
        board, wanted, removed = _wanted(look.viewer)
        seen = {metric.key for metric in queries.catalogue(look.screens, look.viewer)}
        with transaction(by=look.viewer) as session:
            services.arrange(session, look.viewer, board, wanted, removed, seen, now=utc_now())
        return jsonify(saved=True)

    @expose("/home/reset", methods=["POST"])
    @login_required
    def reset(self) -> Any:
        viewer = _open().viewer
        board = boards.board_named(request.form.get("board", ""), _mine(viewer), None)
        with transaction(by=viewer) as session:
            services.reset(session, viewer, board, now=utc_now())
        flash(_("The board is as your role has it again."), "success")
        return redirect(f"/?board={board.value}")

    @expose("/home/pin", methods=["POST"])
    @login_required
    def pin(self) -> Any:
        """Put a chart of a table onto the home page, with the filters it is shown with."""
        look = _open()
        screen = look.screens.get(request.form.get("table", ""))
        number = request.form.get("chart", "")
        if screen is None or not look.viewer.sees(screen.module) or not number.isdecimal() or len(number) > 4:
            raise NotFound
        arguments = MultiDict(_pairs(request.form.get("query", "")))
        pinned = pins.to_pin(look.at(screen.table), int(number), arguments)
        board = _mine(look.viewer)[0]
        seen = {metric.key for metric in queries.catalogue(look.screens, look.viewer)}
        with transaction(by=look.viewer) as session:
            services.pin(session, look.viewer, board, pinned, seen, now=utc_now())
        flash(_("The chart is on your home page now."), "success")
        return redirect(f"/?board={board.value}")


def _look(viewer: Viewer) -> Look:
    screens = current_app.extensions["screens"]
    return Look(screens, current_session(), viewer, next(iter(screens.values())))


def _open() -> Look:
    """Raises NotFound for whom the home page has no tiles."""
    viewer = current_viewer()
    if not viewer.sees(boards.MODULE):
        raise NotFound
    return _look(viewer)


def _mine(viewer: Viewer) -> list[Board]:
    return queries.boards_of(current_session(), viewer)


def _asked(viewer: Viewer, given: MultiDict[str, str]) -> Asked:
    zone = get_timezone()
    today, currency = datetime.now(zone).date(), current_app.config["REPORTING_CURRENCY"]
    return boards.asked_of(given, viewer, today=today, zone=str(zone or "UTC"), currency=currency)


def _remembered(viewer: Viewer, kept: str) -> Asked:
    """What the address asks for, else what was chosen last; a choice that makes no sense any more is forgotten.

    A country that is chosen for all pages comes before the ones that were chosen here.
    """
    if any(name in request.args for name in ("period", "from", "to", "in")):
        return _asked(viewer, request.args)
    everywhere = switch.chosen(viewer)
    only = {"in": everywhere} if everywhere else {}
    try:
        return _asked(viewer, MultiDict({**dict(_pairs(kept)), **only}))
    except BadQuery:
        return _asked(viewer, MultiDict(only))


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query[: pins.LONGEST], keep_blank_values=True)


def _figure(look: Look, key: str) -> Figure:
    """Raises NotFound, BadQuery, TooSlow."""
    with patience(look):
        if key.startswith(pins.PIN):
            row = queries.tile(look.session, look.viewer, key.removeprefix(pins.PIN))
            pinned = pins.read(row)
            if pinned is None or not pins.shown(look.screens, look.viewer, row):
                raise NotFound
            return pins.figure(look.at(pinned.table), pinned, _asked(look.viewer, request.args))
        metric = CATALOGUE.get(key)
        if metric is None or not allowed(look.screens, look.viewer, metric):
            raise NotFound
        return queries.figure(look.at(metric.table), metric, _asked(look.viewer, request.args))


def _wanted(viewer: Viewer) -> tuple[Board, list[services.Wanted], list[str]]:
    """Raises Unprocessable for what is no arrangement, BadQuery for a board of others."""
    body: Any = request.get_json(silent=True)
    try:
        board = str(body["board"])
        wanted = [services.Wanted(str(tile["key"])[:100], int(tile["width"])) for tile in body["tiles"]]
        removed = [str(key)[:100] for key in body.get("removed", ())]
    except (TypeError, KeyError, ValueError, AttributeError) as wrong:
        raise Unprocessable({}, [_("This is no arrangement of tiles.")]) from wrong
    return boards.board_named(board, _mine(viewer), None), wanted, removed
