"""What somebody does with the own home page: choose what it is about, arrange its tiles, pin a chart to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Unprocessable
from app.core.viewer import Viewer
from app.dashboards.metrics import CATALOGUE, usual
from app.dashboards.models import WIDTHS, Board, Dashboard, DashboardTile
from app.dashboards.pins import CHART, PIN, Pinned
from app.dashboards.queries import dashboard_of, tiles_of

MOST_TILES = 40


@dataclass(frozen=True)
class Wanted:
    """One tile in the order that somebody wants: `key` is a metric's, or `pin-` and the id of a pinned one."""

    key: str
    width: int


def key_of(tile: DashboardTile) -> str:
    return f"{PIN}{tile.id}" if tile.metric == CHART else tile.metric


def choose(session: Session, viewer: Viewer, *, board: Board, asked: str, now: datetime) -> Dashboard:
    """Remember the board, and the period and countries as an address has them."""
    found = dashboard_of(session, viewer)
    if found is None:
        found = Dashboard(user_id=viewer.user_id, board=board, arranged=[])
        session.add(found)
    found.board, found.asked, found.updated_at = board, asked, now
    session.flush()
    return found


def arrange(
    session: Session, viewer: Viewer, board: Board, wanted: Sequence[Wanted], removed: Collection[str],
    seen: Collection[str], *, now: datetime,
) -> None:  # fmt: skip
    """Put the tiles of a board into this order and these widths; new metrics are added, `removed` ones taken away.

    `seen` are the metrics the person may add. What is named nowhere stays, at the end: another page may have added
    it meanwhile. Raises Unprocessable, and Conflict for a pinned tile that is gone.
    """
    if len(wanted) > MOST_TILES:
        raise Unprocessable({}, [_("A board has %(most)s tiles at most.", most=MOST_TILES)])
    known = _kept(session, viewer, board, now)
    order: list[DashboardTile] = []
    for one in {w.key: w for w in wanted}.values():
        if one.width not in WIDTHS:
            raise Unprocessable({}, [_("A tile is a quarter, a third, a half or the whole of the page wide.")])
        tile = known.get(one.key)
        if tile is None:
            if one.key.startswith(PIN):
                raise Conflict(_("This tile is gone. Reload the page."))
            if one.key not in seen:
                raise Unprocessable({}, [_("There is no such tile, or you may not see it.")])
            tile = _new(session, viewer, board, one.key)
        tile.width = one.width
        order.append(tile)
    chosen = {id(tile) for tile in order}
    for key, tile in known.items():
        if id(tile) in chosen:
            continue
        if key in removed:
            session.delete(tile)
        else:
            order.append(tile)
    for position, tile in enumerate(order):
        tile.position = position
    session.flush()


def pin(session: Session, viewer: Viewer, board: Board, pinned: Pinned, seen: Collection[str], *, now: datetime) -> str:
    """Add a chart at the end of a board; the key of its tile. The same chart is pinned once."""
    arranged = board in _arranged(dashboard_of(session, viewer))
    known = _kept(session, viewer, board, now)
    if not arranged:
        fitting = [metric for metric in usual(board) if metric.key in seen]
        for position, metric in enumerate(fitting):
            tile = _new(session, viewer, board, metric.key)
            tile.position, tile.width = position, metric.width
            known[metric.key] = tile
    written = pinned.written()
    for key, tile in known.items():
        if tile.pinned == written:
            return key
    if len(known) >= MOST_TILES:
        raise Unprocessable({}, [_("A board has %(most)s tiles at most.", most=MOST_TILES)])
    tile = _new(session, viewer, board, CHART)
    tile.pinned = written
    tile.position = max((other.position for other in known.values()), default=-1) + 1
    session.flush()
    return key_of(tile)


def reset(session: Session, viewer: Viewer, board: Board, *, now: datetime) -> None:
    """Back to what fits the role; pinned charts of this board are gone."""
    found = dashboard_of(session, viewer)
    if found is not None:
        found.arranged = [name for name in found.arranged if name != board]
        found.updated_at = now
    for tile in tiles_of(session, viewer, board):
        session.delete(tile)
    session.flush()


def _kept(session: Session, viewer: Viewer, board: Board, now: datetime) -> dict[str, DashboardTile]:
    """The tiles there are by key; from now on the board counts as arranged."""
    found = dashboard_of(session, viewer)
    if found is None:
        found = Dashboard(user_id=viewer.user_id, board=board, arranged=[])
        session.add(found)
    if board not in found.arranged:
        found.arranged = [*found.arranged, board.value]
    found.updated_at = now
    session.flush()
    return {key_of(tile): tile for tile in tiles_of(session, viewer, board)}


def _new(session: Session, viewer: Viewer, board: Board, metric: str) -> DashboardTile:
    width = CATALOGUE[metric].width if metric in CATALOGUE else 6
    tile = DashboardTile(user_id=viewer.user_id, board=board, metric=metric, width=width, position=0)
    session.add(tile)
    return tile


def _arranged(found: Dashboard | None) -> Sequence[str]:
    return found.arranged if found is not None else ()
