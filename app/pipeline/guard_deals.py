"""What holds for deals whichever door they came through: board, form, REST, import, automation.

A deal stands in a stage of its own pipeline, and its status, probability and
close date follow the stage; a lost deal has a reason; its value is the sum of
its products once it has any. The listeners work from the moment this module is
imported (`app.tables` does). Where it stood before, the database writes down
itself (migration 0020).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, event, func, inspect, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from app.core import audit
from app.core.live import ping_all
from app.core.records import changed
from app.core.scope import ForeignCountry, viewer_in
from app.core.types import utc_now
from app.pipeline.errors import NotLikeThis, StageOfOtherPipeline
from app.pipeline.models import Deal, DealActivity, DealProduct, DealStatus, Pipeline, PipelineStage
from app.pipeline.rules import movement

BOARD = "board"  # pages hear by this ping that a card or a sum is another one, or stands elsewhere
_DIGITS = 13  # of a value, before the point
_FOLLOWING = ("probability", "actual_close_date", "lost_reason")


@event.listens_for(Session, "before_flush")
def _follow_stages(session: Session, context: object, instances: object) -> None:
    with session.no_autoflush:
        for row in [*session.new, *session.dirty]:
            if isinstance(row, Deal):
                _look_at(session, row, new=row in session.new)
            elif isinstance(row, PipelineStage) and row in session.dirty:
                _keep_pipeline(session, row)


def _look_at(session: Session, deal: Deal, *, new: bool) -> None:
    given = {name for name in (*_FOLLOWING, "status", "value") if changed(deal, name)}
    stage = _one(session, PipelineStage, deal.stage_id, deal, "stage")
    if stage is None:
        return _speak_of(session, deal.stage_id)
    moved = new or changed(deal, "stage_id") or changed(deal, "stage")
    if new and not deal.pipeline_id and deal.pipeline is None:
        deal.pipeline_id = stage.pipeline_id
    pipeline = _one(session, Pipeline, deal.pipeline_id, deal, "pipeline")
    if pipeline is None:
        return _speak_of(session, deal.pipeline_id)
    comes = new or changed(deal, "pipeline_id") or changed(deal, "pipeline")
    if (moved or comes) and stage.pipeline_id != pipeline.id and stage.pipeline is not pipeline:
        raise StageOfOtherPipeline(pipeline.name)
    if comes or changed(deal, "country_code"):
        movement.fit(deal, pipeline, comes=comes)
    if moved:
        movement.enter(deal, stage, now=utc_now(), given=given)
    else:
        _stay(deal, stage, given)
    if "value" in given and not new:
        _keep_sum(session, deal)
    if not new and changed(deal, "currency") and _was(deal, "currency") != [None]:
        _keep_currency(session, deal)


def _speak_of(session: Session, key: str | None) -> None:
    """What is empty or does not exist is told by the database; who has not all countries must not learn which it is.

    Raises ForeignCountry.
    """
    if key and not viewer_in(session).everywhere:
        raise ForeignCountry


def _stay(deal: Deal, stage: PipelineStage, given: set[str]) -> None:
    """Without a move the stage still says what the status is."""
    deal.status = movement.status_in(stage)
    if deal.status is DealStatus.open and "actual_close_date" in given and deal.actual_close_date is not None:
        sentence = _("An open deal has no closing date. Move it to a won or lost stage first.")
        raise NotLikeThis("actual_close_date", sentence)
    if deal.status is not DealStatus.open and "actual_close_date" in given and deal.actual_close_date is None:
        raise NotLikeThis(
            "actual_close_date", _("A closed deal has a closing date. To reopen it, move it to an open stage.")
        )
    if "lost_reason" in given:
        movement.demand(deal, stage)


def _keep_sum(session: Session, deal: Deal) -> None:
    """Raises NotLikeThis for a value beside the sum of the products."""
    total = sum_of(session, deal.id)
    if total is not None and Decimal(deal.value or 0) != total:
        raise NotLikeThis("value", _("The value is the sum of the deal's products. Change the products instead."))


def _keep_currency(session: Session, deal: Deal) -> None:
    """Raises NotLikeThis where prices in euros would become as many crowns."""
    session.connection().execute(_HELD, {"key": deal.id})
    if sum_of(session, deal.id):
        sentence = _("The prices of its products are in the currency of the deal. Remove the products first.")
        raise NotLikeThis("currency", sentence)


def _keep_pipeline(session: Session, stage: PipelineStage) -> None:
    if not changed(stage, "pipeline_id"):
        return
    if session.scalar(select(Deal.id).where(Deal.stage_id == stage.id).limit(1)) is not None:
        sentence = _("The stage holds deals. Move them to another stage before it changes its pipeline.")
        raise NotLikeThis("pipeline_id", sentence)


@event.listens_for(Session, "after_flush")
def _add_up(session: Session, context: object) -> None:
    """Deals whose products changed are worth their sum; open boards hear what changed on their cards."""
    deals = {row.deal_id for row in _all(session, DealProduct)}
    deals |= {before for row in session.dirty if isinstance(row, DealProduct) for before in _was(row, "deal_id")}
    for key in sorted(deals - {None}):
        _worth(session, key)
    if deals or any(_concerns_board(row, session) for kind in (Deal, DealActivity) for row in _all(session, kind)):
        ping_all(session, BOARD)


def sum_of(session: Session, deal_id: str) -> Decimal | None:
    """What the products of a deal come to in its currency, discounts taken off and never below nothing; None without
    products."""
    found: Decimal | None = session.connection().scalar(_SUM, {"key": deal_id})
    return found


_LINE = func.coalesce(DealProduct.price, 0) * DealProduct.quantity - func.coalesce(DealProduct.discount, 0)
# Whoever adds a product, or changes the currency, waits for who does the same: sums are made one after the other.
_HELD = select(Deal.value, Deal.currency).where(Deal.id == bindparam("key")).with_for_update(key_share=True)
_SUM = select(func.greatest(func.sum(_LINE), 0)).where(DealProduct.deal_id == bindparam("key")).having(func.count() > 0)


def _worth(session: Session, key: str) -> None:
    """A deal without products keeps what it was worth.

    Raises NotLikeThis for more than a value can be, and for a price in what is no longer the currency of the deal.
    """
    connection, table = session.connection(), Deal.__table__
    held = connection.execute(_HELD, {"key": key}).one_or_none()
    total = sum_of(session, key)
    if held is None or total is None:
        return
    row = session.identity_map.get(identity_key(Deal, key))
    if row is not None and not changed(row, "currency") and vars(row).get("currency", held.currency) != held.currency:
        now = held.currency or "–"
        sentence = _("The currency of the deal became %(currency)s meanwhile. Look at the price again.", currency=now)
        raise NotLikeThis("price", sentence)
    if total >= 10**_DIGITS:
        raise NotLikeThis("price", _("This number is too large; there is room for %(count)s digits.", count=_DIGITS))
    if held.value == total:
        return
    worth = update(table).where(table.c.id == key).values(value=total)
    if not session.info.get("unaudited"):
        worth = worth.values(updated_at=utc_now())
        changes = {"value": {"old": str(held.value), "new": str(total)}}
        audit.note(session, "update", entity_type="deals", entity_id=key, details={"changes": changes, "along": True})
    version = connection.scalar(worth.returning(Deal.row_version))
    if row is not None and version is not None:
        set_committed_value(row, "value", total)
        set_committed_value(row, "row_version", version)


def _concerns_board(row: Any, session: Session) -> bool:
    """Whether a card, a sum or what a filter finds may be another one: boards are filtered by any column."""
    return row not in session.dirty or session.is_modified(row)


def _all(session: Session, kind: type[Any]) -> Iterable[Any]:
    return [row for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, kind)]


def _one(session: Session, kind: type[Any], key: str | None, deal: Deal, name: str) -> Any:
    """The row a key leads to, or the one that was put there, whose key the deal takes with the flush."""
    put = inspect(deal).attrs[name].history.added
    if put and put[0] is not None:
        return put[0]
    return session.get(kind, key) if key else None


def _was(row: Any, name: str) -> list[Any]:
    return list(inspect(row).attrs[name].history.deleted or ())
