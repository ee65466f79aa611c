"""The figures of metrics, and what somebody arranged. All numbers are those of a list under the viewer's rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.models import Role, User, UserRole
from app.core.errors import NotFound
from app.core.viewer import SYSTEM, Viewer, visible
from app.dashboards.asking import Asked, allowed, day_text, filters_of, href, listing, narrowed_to, span_of
from app.dashboards.axes import MOST, Axis, Place, axis_of
from app.dashboards.figures import Cell, Change, Entry, Figure, Line, Note, Series
from app.dashboards.measures import Groups, Measured, measured
from app.dashboards.metrics import CATALOGUE
from app.dashboards.metrics.spec import AHEAD, TIME, Filter, Metric
from app.dashboards.models import Board, Dashboard, DashboardTile
from app.screens import listpage, query
from app.screens.cells import money_text
from app.screens.locale import within
from app.screens.look import Look
from app.screens.measures import share_text
from app.screens.query import Order

ROWS = 6
_LEADING = ("management", "finance")


def boards_of(session: Session, viewer: Viewer) -> list[Board]:
    """The boards this person may see, the first one first: that of management follows from the role. One statement."""
    mine = select(UserRole.role_id).where(UserRole.user_id == viewer.user_id)
    first = select(User.role_id).where(User.id == viewer.user_id).scalar_subquery()
    held = select(Role.department, Role.legacy_role).where(Role.is_active, or_(Role.id.in_(mine), Role.id == first))
    roles = session.execute(held, execution_options={"viewer": SYSTEM}).all()
    leads = any(legacy in ("admin", "manager") or department in _LEADING for department, legacy in roles)
    return [Board.management, Board.work] if leads or viewer.everything else [Board.work]


def dashboard_of(session: Session, viewer: Viewer) -> Dashboard | None:
    """What the person chose last; None for nothing yet."""
    return session.scalars(visible(Dashboard, viewer).where(Dashboard.user_id == viewer.user_id)).one_or_none()


def tiles_of(session: Session, viewer: Viewer, board: Board) -> Sequence[DashboardTile]:
    """The tiles as the person arranged them."""
    mine = visible(DashboardTile, viewer).where(DashboardTile.user_id == viewer.user_id, DashboardTile.board == board)
    return session.scalars(mine.order_by(DashboardTile.position, DashboardTile.id)).all()


def tile(session: Session, viewer: Viewer, key: str) -> DashboardTile:
    """One tile of one's own. Raises NotFound."""
    mine = visible(DashboardTile, viewer).where(DashboardTile.user_id == viewer.user_id, DashboardTile.id == key)
    found = session.scalars(mine).one_or_none()
    if found is None:
        raise NotFound
    return found


def catalogue(screens: query.Screens, viewer: Viewer) -> list[Metric]:
    """The metrics this person may see."""
    return [metric for metric in CATALOGUE.values() if allowed(screens, viewer, metric)]


def figure(look: Look, metric: Metric, asked: Asked) -> Figure:
    """The numbers of a metric: at most five statements, whatever the number of rows. Raises NotFound, NotByCountry."""
    if not allowed(look.screens, look.viewer, metric):
        raise NotFound
    made = {"list": _list, "number": _number}.get(metric.shape, _chart)(look, metric, asked)
    return replace(made, span=span_of(asked, period=bool(metric.period), countries=not metric.personal))


# Numbers --------------------------------------------------------------------


def _number(look: Look, metric: Metric, asked: Asked) -> Figure:
    now, one = _cell_of(look, metric, asked, filters_of(look, metric, asked))
    change = None
    if metric.period:
        earlier = asked.period.before()
        then, _other = _cell_of(look, metric, asked, filters_of(look, metric, asked, period=earlier))
        change = _change(metric, now, then, day_text(earlier.first, earlier.last))
    return Figure(
        _(metric.title), "number", _unit(look, metric, asked), _counted(look, metric), main=now, change=change,
        notes=notes_of(look, metric, filters_of(look, metric, asked), [one]), money=metric.amount is not None,
        table=metric.table,
    )  # fmt: skip


def _cell_of(look: Look, metric: Metric, asked: Asked, filters: list[Filter]) -> tuple[Cell, Measured]:
    share = listing(look, metric.share).filters
    one = measured(look, metric, listing(look, filters), asked, share=share).get((None, None), Measured())
    if metric.share:
        part = Decimal(one.hits) / one.rows if one.rows else None
        text = "" if part is None else share_text(part)
        value = None if part is None else float(part * 100)
        return Cell(value, text, one.hits, href(look, narrowed_to(filters, metric.share))), one
    return _cell(look, metric, asked, one, filters), one


def _cell(
    look: Look, metric: Metric, asked: Asked, one: Measured, filters: Sequence[Filter], value: Any = None
) -> Cell:
    if metric.amount is not None:
        worth = round(one.value or Decimal(0), 2)
        return Cell(float(worth), money_text(worth, asked.currency), one.rows, href(look, filters))
    if metric.days is not None:
        days = one.value if value is None else value
        text = "" if days is None else _("%(days)s days", days=format_decimal(round(float(days), 1)))
        return Cell(None if days is None else round(float(days), 2), text, one.rows, href(look, filters))
    return Cell(float(one.rows), str(format_decimal(one.rows)), one.rows, href(look, filters))


def _change(metric: Metric, now: Cell, then: Cell, days: str) -> Change | None:
    if now.value is None or then.value is None:
        return None
    difference = now.value - then.value
    if metric.share:
        difference = round(difference, 1)
        text = _("%(points)s points", points=_signed(format_decimal(abs(difference)), difference))
    elif metric.days:
        difference = round(difference, 1)
        text = _("%(days)s days", days=_signed(format_decimal(abs(difference)), difference))
    elif then.value == 0:
        text = _("none before")
    else:
        part = round(abs(difference) / then.value, 2)
        text = _signed(str(format_percent(part)), difference)
        difference = difference if part else 0
    if not difference:
        text = _("as before")
    better = difference > 0 if metric.good == "up" else difference < 0
    tone = "grey" if not difference or not metric.good else "green" if better else "red"
    return Change(text, _("%(days)s: %(value)s", days=days, value=then.text), then.href, tone)


def _signed(text: Any, difference: float) -> str:
    return f"{'+' if difference > 0 else '−' if difference < 0 else ''}{text}"


# Charts ---------------------------------------------------------------------


def _chart(look: Look, metric: Metric, asked: Asked) -> Figure:
    axis = axis_of(look, metric, metric.by, asked)
    split = axis_of(look, metric, metric.split, asked) if metric.split else None
    filters = [*filters_of(look, metric, asked), *axis.more]
    groups = measured(
        look, metric, listing(look, filters), asked, by=axis.expression, split=split.expression if split else None
    )
    places = axis.places(_weights(groups, 0))
    series = split.places(_weights(groups, 1)) if split else []
    lines = tuple(_line(look, metric, asked, groups, filters, place, series) for place in places)
    if not groups:
        lines = ()
    notes = [*notes_of(look, metric, filters, list(groups.values())), *_cut(axis, groups, places)]
    return Figure(
        _(metric.title), metric.shape, _unit(look, metric, asked), _counted(look, metric), _series(metric, series),
        lines, notes=tuple(notes), money=metric.amount is not None, axis="time" if metric.by in (TIME, AHEAD) else "",
        table=metric.table,
    )  # fmt: skip


def _weights(groups: Groups, which: int) -> dict[Any, float]:
    found: dict[Any, float] = {}
    for key, one in groups.items():
        found[key[which]] = found.get(key[which], 0) + one.rows
    return found


def _line(
    look: Look, metric: Metric, asked: Asked, groups: Groups, filters: list[Filter], place: Place, series: list[Place]
) -> Line:
    parts: list[Place | None] = [*series] or [None]
    cells = []
    for part in parts:
        one = Measured()
        for key in place.keys:
            for other in part.keys if part else (None,):
                one.add(groups.get((key, other), Measured()))
        rows = narrowed_to(filters, [*place.filters, *(part.filters if part else ())])
        cells.append(_cell(look, metric, asked, one, rows))
        if metric.days is not None:
            cells.append(_cell(look, metric, asked, one, rows, one.ninety))
    return Line(place.label, tuple(cells), place.tone, cells[0].count if metric.days is not None else None)


def _series(metric: Metric, series: list[Place]) -> tuple[Series, ...]:
    if metric.days is not None:
        return (Series(_("Median"), "blue"), Series(_("Nine of ten"), "amber"))
    return tuple(Series(place.label, place.tone) for place in series)


def _cut(axis: Axis, groups: Groups, places: list[Place]) -> list[Note]:
    there = {key for key, _other in groups if key is not None}
    if not axis.cut or len(there) <= MOST:
        return []
    return [Note(_("The %(most)s largest of %(all)s.", most=len(places), all=len(there)))]


def notes_of(look: Look, metric: Metric, filters: list[Filter], found: list[Measured]) -> tuple[Note, ...]:
    """What is left out of a sum, in one sentence, with its rows where a list can name them."""
    every = Measured()
    for one in found:
        every.add(one)
    if not every.left_out or metric.amount is None:
        return ()
    rows = sum(every.left_out.values())
    currencies = sorted(currency for currency in every.left_out if currency)
    names = ", ".join([*currencies, *([_("no currency")] if None in every.left_out else [])])
    sentence = _(
        "Left out of the sum: %(rows)s %(many)s without an exchange rate for their day (%(names)s).",
        rows=format_decimal(rows), many=_counted(look, metric), names=names,
    )  # fmt: skip
    whole = all(rows == every.by_currency.get(currency) for currency, rows in every.left_out.items())
    if not whole or len(every.left_out) > 1:
        return (Note(sentence),)
    more: Filter = ("none", metric.amount.currency, "1")
    if currencies:
        more = ("eq", metric.amount.currency, currencies[0])
    return (Note(sentence, href(look, narrowed_to(filters, [more]))),)


def _unit(look: Look, metric: Metric, asked: Asked) -> str:
    if metric.amount is not None:
        return asked.currency
    if metric.days is not None:
        return _("days")
    return _("percent") if metric.share else within(_(look.screen.many))


def _counted(look: Look, metric: Metric) -> str:
    """What the rows behind a number are called, where the number itself is not their count."""
    return within(_(look.screen.many)) if metric.amount or metric.days or metric.share else ""


# Lists ----------------------------------------------------------------------


def _list(look: Look, metric: Metric, asked: Asked) -> Figure:
    filters = filters_of(look, metric, asked)
    asking = listing(look, filters)
    asking = replace(asking, order=Order(metric.order) if metric.order and look.reads(metric.order) else None)
    total = measured(look, metric, asking, asked).get((None, None), Measured())
    columns, rows = listpage.short_list(look, asking, metric.columns, ROWS) if total.rows else ((), ())
    entries = tuple(Entry(row.href, tuple((c.text, c.tone) for c in row.cells)) for row in rows)
    return Figure(
        _(metric.title), "list", within(_(look.screen.many)), main=_cell(look, metric, asked, total, filters),
        heads=tuple(column.label for column in columns), entries=entries,
        table=metric.table,
    )  # fmt: skip
