"""What the home page shows: the boards of a person, what was chosen, and the tiles in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.core.errors import BadQuery
from app.core.viewer import Viewer
from app.dashboards import pins
from app.dashboards.asking import Asked, allowed
from app.dashboards.metrics import CATALOGUE, usual
from app.dashboards.metrics.spec import Metric
from app.dashboards.models import Board, DashboardTile
from app.dashboards.periods import period_of
from app.dashboards.services import key_of
from app.screens.look import Look

MODULE = "dashboard"
NAMES = {Board.management: _l("Management"), Board.work: _l("My work")}
DOOR = "/home/tile/"


@dataclass(frozen=True)
class Tile:
    """A tile before its numbers are there; `size` is number, chart or list."""

    key: str
    title: str
    about: str
    shape: str
    width: int
    href: str
    csv_href: str

    @property
    def size(self) -> str:
        return self.shape if self.shape in ("number", "list") else "chart"


def asked_of(arguments: MultiDict[str, str], viewer: Viewer, *, today: date, zone: str, currency: str) -> Asked:
    """What an address asks for. Countries that are not the viewer's are refused. Raises BadQuery."""
    period = period_of(arguments.get("period", ""), arguments.get("from", ""), arguments.get("to", ""), today=today)
    named = [code for raw in arguments.getlist("in") for code in raw.split(",") if code]
    mine = viewer.countries or ()
    if any(code not in mine for code in named):
        raise BadQuery(_("One of these countries does not exist, or is not yours."))
    chosen = tuple(code for code in mine if code in named)
    return Asked(period, () if set(chosen) == set(mine) else chosen, today, zone, currency)


def written(asked: Asked) -> str:
    """The same as an address has it."""
    pairs = [("period", asked.period.name)]
    if asked.period.name == "custom":
        pairs += [("from", asked.period.first.isoformat()), ("to", asked.period.last.isoformat())]
    if asked.countries:
        pairs.append(("in", ",".join(asked.countries)))
    return urlencode(pairs)


def board_named(name: str, boards: Sequence[Board], remembered: Board | None) -> Board:
    """The board of an address, if it is one of the person's, else the last one, else the first. Raises BadQuery."""
    if name:
        found = next((board for board in boards if board == name), None)
        if found is None:
            raise BadQuery(_("There is no such board, or it is not for your role."))
        return found
    return remembered if remembered is not None and remembered in boards else boards[0]


def tiles(look: Look, rows: Sequence[DashboardTile] | None, board: Board, asked: Asked) -> list[Tile]:
    """The tiles this person may see: as arranged, or (None) as they fit the role."""
    query = written(asked)
    if rows is None:
        fitting = [metric for metric in usual(board) if allowed(look.screens, look.viewer, metric)]
        return [of_metric(metric, metric.width, query) for metric in fitting]
    found = []
    for row in rows:
        metric = CATALOGUE.get(row.metric)
        if metric is not None and allowed(look.screens, look.viewer, metric):
            found.append(of_metric(metric, row.width, query))
        elif row.metric == pins.CHART and pins.shown(look.screens, look.viewer, row):
            found.append(_of_pin(look, row, query))
    return found


def of_metric(metric: Metric, width: int, query: str) -> Tile:
    return Tile(
        metric.key, _(metric.title), _(metric.about), metric.shape, width,
        f"{DOOR}{metric.key}?{query}", f"{DOOR}{metric.key}.csv?{query}",
    )  # fmt: skip


def _of_pin(look: Look, row: DashboardTile, query: str) -> Tile:
    pinned = pins.read(row)
    assert pinned is not None  # `shown` has read it
    there, key = look.at(pinned.table), key_of(row)
    about = _("A chart that you pinned: its own filters, in the period and countries of the page.")
    return Tile(
        key, pins.title(look.screens, there, pinned), about, pins.shape(there, pinned), row.width,
        f"{DOOR}{key}?{query}", f"{DOOR}{key}.csv?{query}",
    )  # fmt: skip
