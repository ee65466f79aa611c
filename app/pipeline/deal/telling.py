"""What the timeline of a deal tells beside its activities: which way it went, and what was offered in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask_babel import format_time
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.viewer import visible
from app.pipeline.deal.bar import in_words, tells_stages
from app.pipeline.deal.lines import LINES
from app.pipeline.models import DealProduct, DealStay
from app.screens import query
from app.screens.cells import local_day, moment_text
from app.screens.look import Look
from app.screens.page import Told
from app.screens.query import Before, older_than
from app.screens.timeline import Teller

_SOON = timedelta(minutes=1)


def _tells_stays(look: Look) -> bool:
    return tells_stages(look) and look.reads("stage_entered_at")


def _stays(look: Look, key: Any, before: Before | None, most: int) -> Iterator[tuple[datetime, Any, Told]]:
    """Each move: where from, where to, and after how long. One statement."""
    by = query.name_of(look.screens, "users", DealStay.by_user_id, look.viewer)
    order = (DealStay.entered_at, DealStay.id)
    stay = (
        visible(DealStay, look.viewer)
        .with_only_columns(
            DealStay.id,
            DealStay.stage_name,
            DealStay.entered_at,
            by.label("by"),
            func.lag(DealStay.stage_name).over(order_by=order).label("was"),
            func.lag(DealStay.entered_at, type_=DealStay.entered_at.type).over(order_by=order).label("since"),
        )
        .where(DealStay.deal_id == key)
        .subquery()
    )
    asked = select(stay).where(older_than(before, stay.c.entered_at, stay.c.id))
    asked = asked.order_by(stay.c.entered_at.desc(), stay.c.id.desc()).limit(most)
    for row in look.session.execute(asked.execution_options(viewer=look.viewer)):
        yield row.entered_at, row.id, _told("flag", _moved(row), row.entered_at, who=row.by or "")


def _moved(row: Any) -> str:
    if row.was is None:
        return _("Came into “%(stage)s”", stage=row.stage_name)
    span = row.entered_at - row.since
    if span < _SOON:
        return _("Moved from “%(before)s” to “%(stage)s”", before=row.was, stage=row.stage_name)
    return _(
        "Moved from “%(before)s” to “%(stage)s”, after %(span)s",
        before=row.was, stage=row.stage_name, span=in_words(span),
    )  # fmt: skip


def _tells_lines(look: Look) -> bool:
    there = look.at(LINES)
    return look.viewer.sees(there.screen.module) and all(
        there.reads(n) for n in ("deal_id", "product_id", "created_at")
    )


def _lines(look: Look, key: Any, before: Before | None, most: int) -> Iterator[tuple[datetime, Any, Told]]:
    """Each product that was put into the deal and is still there. One statement."""
    there = look.at(LINES)
    name = query.name_of(look.screens, "products", DealProduct.product_id, look.viewer)
    asked = (
        visible(DealProduct, look.viewer)
        .with_only_columns(DealProduct.id, DealProduct.created_at, DealProduct.quantity, DealProduct.notes, name)
        .where(DealProduct.deal_id == key, older_than(before, DealProduct.created_at, DealProduct.id))
        .order_by(DealProduct.created_at.desc(), DealProduct.id.desc())
        .limit(most)
    )
    for own, at, quantity, notes, product in look.session.execute(asked):
        what = _("Product added: %(name)s", name=product or _("(no access)"))
        if quantity > 1 and there.reads("quantity"):
            what = f"{what} × {quantity}"
        yield at, own, _told("package", what, at, text=(notes or "")[:400] if there.reads("notes") else "")


def _told(icon: str, what: str, at: datetime, **more: str) -> Told:
    return Told(
        kind="step", icon=icon, what=what, when=format_time(at, "short"), moment=moment_text(at), day=local_day(at),
        **more,
    )  # fmt: skip


TELLERS = (
    Teller("stays", "step", _tells_stays, _stays),
    Teller("products", "step", _tells_lines, _lines),
)
