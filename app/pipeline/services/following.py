"""Many deals at once: all of a stage go into another one, or follow their stage that is won, lost or open now.

Statements, not rows: ten thousand deals are a matter of seconds. What a deal
that is moved alone goes through holds here as well: status, probability, dates
and reasons follow the stage, what a stage needs is asked for first, the audit
trail and whoever listens to changed deals are told, boards are drawn anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Row, Table, Update, case, func, literal, or_, select, update
from sqlalchemy.orm import Session

from app.core import audit
from app.core.db import Base
from app.core.errors import DomainError
from app.core.events import publish_all
from app.core.live import ping_all
from app.core.records import RecordChanged
from app.core.scope import changeable, tell_again, viewer_in
from app.core.types import Country, utc_now
from app.core.viewer import SYSTEM, Right, Viewer, visible
from app.pipeline.models import BOARD_POSITIONS, Deal, DealStatus, PipelineStage
from app.pipeline.rules import movement
from app.pipeline.rules.stages import MOST_DEALS
from app.screens.locale import HOME, ZONES

BOARD = "board"
_DEALS = cast(Table, Deal.__table__)
_FOLLOWING = ("status", "probability", "actual_close_date", "lost_reason")
_AT_A_TIME = 1_000  # events that are written down together
_IN_TURN = 5_000  # deals of very many that are moved together


class TooManyDeals(DomainError):
    """More deals than can change together within one request."""

    status = 409

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            ngettext(
                "%(num)s deal stands in this stage. At most %(most)s can change together: move some of them first.",
                "%(num)s deals stand in this stage. At most %(most)s can change together: move some of them first.",
                count,
                most=most,
            )
        )


class DealsElsewhere(DomainError):
    """Deals that the viewer may not change stand in the way."""

    status = 403

    def default(self) -> str:
        return _("Deals that are not yours stand in this stage. Somebody who works in all their countries can do this.")


def held_by(session: Session, stage_id: str, *, status: DealStatus | None = None) -> int:
    """How many deals stand in the stage, of whichever country."""
    asked = select(func.count()).select_from(Deal).where(Deal.stage_id == stage_id)
    if status is not None:
        asked = asked.where(Deal.status == status)
    return session.execute(asked, execution_options={"viewer": SYSTEM}).scalar_one()


def without_reason(session: Session, stage_id: str) -> int:
    """How many deals in the stage could not be lost, because nobody has said why."""
    empty = func.coalesce(func.btrim(Deal.lost_reason), "") == ""
    asked = select(func.count()).select_from(Deal).where(Deal.stage_id == stage_id, empty)
    return session.execute(asked, execution_options={"viewer": SYSTEM}).scalar_one()


@dataclass(frozen=True)
class Lacking:
    """A field that a stage needs, how many deals do not have it, and the titles of some that the viewer may know."""

    column: str
    count: int
    titles: tuple[str, ...]


def lacking_for(session: Session, viewer: Viewer, stage_id: str, needed: Sequence[str]) -> list[Lacking]:
    """What keeps deals of one stage from a stage that needs these columns."""
    found = []
    for name in needed:
        empty = (Deal.stage_id == stage_id) & _empty(name)
        everywhere = session.execute(
            select(func.count()).select_from(Deal).where(empty), execution_options={"viewer": SYSTEM}
        ).scalar_one()
        if everywhere:
            told = viewer.field("deals", "title") is not Right.hidden
            known = visible(Deal, viewer).with_only_columns(Deal.title).where(empty).order_by(Deal.title).limit(3)
            found.append(Lacking(name, everywhere, tuple(session.scalars(known)) if told else ()))
    return found


def _empty(name: str) -> ColumnElement[bool]:
    """As `movement.missing_in` says it of one deal."""
    column: Any = getattr(Deal, name)
    blank = {"value": 0, "source": "", "notes": ""}
    return or_(column.is_(None), column == blank[name]) if name in blank else column.is_(None)


def move_all(session: Session, stage: PipelineStage, target: PipelineStage, *, reason: str = "") -> int:
    """Put all deals of `stage` on top of `target`, in the order they stand in. Gives how many.

    `reason` is why they are lost, for those that have none. What `target` needs was asked for before
    (`lacking_for`, `without_reason`). Both stages are of one pipeline.

    Raises TooManyDeals, DealsElsewhere.
    """
    _demand_few(session, stage.id)
    done = _move(session, stage, target, reason)
    if held_by(session, stage.id):
        raise DealsElsewhere
    return done


def move_in_turn(session: Session, stage: PipelineStage, target: PipelineStage, *, reason: str = "") -> Iterator[int]:
    """As `move_all`, however many they are: some at a time, and each time how many. Those that the viewer may not
    change stay, and nothing is raised for them."""
    while moved := _move(session, stage, target, reason, most=_IN_TURN):
        audit.note_beside(session)  # of hundreds of thousands not all are kept in memory
        yield moved


def _move(
    session: Session, stage: PipelineStage, target: PipelineStage, reason: str, *, most: int | None = None
) -> int:
    """Put the lowest deals of the stage, or all, on top of `target`."""
    deals = _DEALS
    was = (
        select(deals.c.id, *(deals.c[name] for name in _FOLLOWING), deals.c.stage_id)
        .where(deals.c.stage_id == stage.id)
        .order_by(deals.c.board_position)
        .limit(most)
        .with_for_update()
        .subquery("was")
    )
    # The numbers rise in the order of the rows below them, so the cards keep theirs.
    placed = select(was, BOARD_POSITIONS.next_value().label("place")).cte("placed")
    return _run(session, _following(target, placed, reason).values(stage_id=target.id, board_position=placed.c.place))


def follow(session: Session, stage: PipelineStage) -> int:
    """Let the deals of a stage that is won, lost or open now be the same. Gives how many were not.

    Raises TooManyDeals, DealsElsewhere.
    """
    _demand_few(session, stage.id)
    deals, status = _DEALS, movement.status_in(stage)
    was = select(deals.c.id, *(deals.c[name] for name in _FOLLOWING), deals.c.stage_id).where(
        deals.c.stage_id == stage.id, deals.c.status.is_distinct_from(status)
    )
    done = _run(session, _following(stage, was.with_for_update().cte("was"), ""))
    if held_by(session, stage.id) != held_by(session, stage.id, status=status):
        raise DealsElsewhere
    return done


def give_reason(session: Session, stage: PipelineStage, reason: str) -> None:
    """Say of all deals in the stage that have no reason why they are going to be lost."""
    _demand_few(session, stage.id)
    deals = _DEALS
    was = select(deals.c.id, *(deals.c[name] for name in _FOLLOWING), deals.c.stage_id).where(
        deals.c.stage_id == stage.id, _no_reason(deals)
    )
    found = was.with_for_update().cte("was")
    _run(session, _with_old(update(deals).where(deals.c.id == found.c.id).values(lost_reason=reason), found))


def give_chance(session: Session, stage: PipelineStage) -> int:
    """Give the open deals of a stage its probability (percent). Gives how many had another one."""
    _demand_few(session, stage.id)
    deals, chance = _DEALS, movement.chance_in(stage)
    was = select(deals.c.id, *(deals.c[name] for name in _FOLLOWING), deals.c.stage_id).where(
        deals.c.stage_id == stage.id,
        deals.c.status == DealStatus.open,
        deals.c.probability.is_distinct_from(chance),
    )
    found = was.with_for_update().cte("was")
    return _run(session, _with_old(update(deals).where(deals.c.id == found.c.id).values(probability=chance), found))


def _demand_few(session: Session, stage_id: str) -> None:
    """Raises TooManyDeals."""
    count = held_by(session, stage_id)
    if count > MOST_DEALS:
        raise TooManyDeals(count, MOST_DEALS)


def _following(stage: PipelineStage, was: Any, reason: str) -> Update:
    """The rows of `was` with what follows from `stage`, as `movement.enter` says it of one deal. Closed deals keep the
    day on which they were closed."""
    deals, status = _DEALS, movement.status_in(stage)
    values: dict[str, Any] = {"status": status, "probability": movement.chance_in(stage)}
    if status is DealStatus.open:
        values |= {"actual_close_date": None, "lost_reason": None}
    else:
        values["actual_close_date"] = func.coalesce(deals.c.actual_close_date, _today(deals))
        kept = case((_no_reason(deals), literal(reason)), else_=deals.c.lost_reason)
        values["lost_reason"] = kept if status is DealStatus.lost else None
    return _with_old(update(deals).where(deals.c.id == was.c.id).values(**values), was)


def _with_old(change: Update, was: Any) -> Update:
    """Gives each row as it is and as it was, which is what the audit trail tells."""
    deals = _DEALS
    names = (*_FOLLOWING, "stage_id")
    return change.returning(
        deals.c.id, *(deals.c[name] for name in names), *(was.c[name].label(f"old_{name}") for name in names)
    )


def _no_reason(deals: Any) -> ColumnElement[bool]:
    return func.coalesce(func.btrim(deals.c.lost_reason), "") == ""


def _today(deals: Any) -> ColumnElement[Any]:
    """The day it is where the deal is; see `movement.day_of`."""
    zones = {country.value: ZONES.get(country.value, HOME) for country in Country}
    zone = case(zones, value=deals.c.country_code, else_=HOME)
    return func.timezone(zone, func.now()).cast(deals.c.actual_close_date.type)


def _run(session: Session, change: Update) -> int:
    """Do it, and tell the audit trail, whoever listens, and the boards. Raises DealsElsewhere."""
    tell_again(session)
    told = session.info.get("unaudited")
    if not told:
        change = change.values(updated_at=utc_now())
    rows = session.connection().execute(change).all()
    viewer, keys = viewer_in(session), [row.id for row in rows]
    if not viewer.everywhere and len(changeable(session, viewer, Deal, keys)) != len(keys):
        raise DealsElsewhere  # the wall of the database is no finer than the column of the country
    for row in list(session.identity_map.values()):
        if isinstance(row, Deal) and row not in session.dirty:
            session.expire(row)
    if rows:
        ping_all(session, BOARD)
    if not told:
        session.info.setdefault("beside", []).extend(("deals", row.id, _changes(row)) for row in rows)
        _publish(session, rows)
    return len(rows)


def _changes(row: Row[Any]) -> dict[str, Any]:
    found = {}
    for name in (*_FOLLOWING, "stage_id"):
        old, new = getattr(row, f"old_{name}"), getattr(row, name)
        if old != new:
            found[name] = {"old": _plain(old), "new": _plain(new)}
    return found


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)


def _publish(session: Session, rows: Sequence[Row[Any]]) -> None:
    """As `core.records` tells of a deal that was changed alone."""
    by = viewer_in(session)
    watched = Base.metadata.tables["deals"].info["watched"].columns
    told = (event for row in rows if (event := _event(row, watched, by.behind or by.user_id)) is not None)
    while some := list(islice(told, _AT_A_TIME)):
        publish_all(session, some)


def _event(row: Row[Any], watched: Sequence[str], by: str) -> RecordChanged | None:
    changes = {name: change for name, change in sorted(_changes(row).items()) if name in watched}
    if not changes:
        return None
    before, after = (tuple(change[side] for change in changes.values()) for side in ("old", "new"))
    return RecordChanged("deals", row.id, tuple(changes), before, after, by)


def sentences(found: Sequence[Lacking], stage: str, labels: dict[str, str]) -> Iterator[str]:
    """Which deals cannot come into the stage, and why."""
    for one in found:
        said = ngettext(
            "“%(stage)s” needs “%(field)s”, which %(num)s deal does not have.",
            "“%(stage)s” needs “%(field)s”, which %(num)s deals do not have.",
            one.count,
            stage=stage,
            field=labels.get(one.column, one.column),
        )
        if one.titles:
            said += " " + _("For example: %(titles)s.", titles=", ".join(one.titles))
        yield said
