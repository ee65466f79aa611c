"""What became of deals: the share that was won, by what they have in common, and why the others were lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from app.dashboards.asking import Asked, filters_of, href, listing
from app.dashboards.axes import MOST, Place, axis_of
from app.dashboards.figures import Cell, Figure, Line, Note, Series
from app.dashboards.measures import Groups, Measured, measured
from app.dashboards.metrics.spec import Amount, Filter, Metric
from app.dashboards.queries import notes_of
from app.dashboards.sales.sets import ORIGIN, OTHER_REASONS, REASON, same_text
from app.pipeline.models import DealStatus
from app.screens.cells import money_text
from app.screens.locale import within
from app.screens.look import Look
from app.screens.measures import share_text

REASONS = 10
_WON: Filter = ("eq", "status", "won")
_LOST: Filter = ("eq", "status", "lost")
_CLOSED: Filter = ("in", "status", "won,lost")
WORTH = Amount("value", day="actual_close_date")


def tells_worth(look: Look) -> bool:
    """Whether this person may know what deals are worth."""
    return look.reads("value") and look.reads("currency")


def closed(look: Look, *where: Filter) -> Metric:
    """Deals closed in the period, with what they were worth where that may be known."""
    return Metric(
        "closed", "deals", "", "", "bar", where=where, period="actual_close_date",
        amount=WORTH if tells_worth(look) else None,
    )  # fmt: skip


def win_rate(look: Look, asked: Asked, by: str) -> Figure:
    """Won deals among those closed in the period, by number and by value. At most three statements."""
    metric = closed(look, _CLOSED)
    filters = filters_of(look, metric, asked)
    model, asking = look.screen.model, listing(look, filters)
    if by == "source":
        groups = measured(look, metric, asking, asked, by=model.source, split=model.status, same=same_text)
        every, cut = _whatever_became(groups), True
        places = _sources(every)
    else:
        axis = axis_of(look, metric, by, asked)
        groups = measured(look, metric, asking, asked, by=axis.expression, split=model.status)
        every, cut = _whatever_became(groups), axis.cut
        places = axis.places({key: one.rows for key, one in every.items()})
    without = filters_of(look, closed(look), asked)
    lines = [_rate(look, asked, groups, without, place, metric) for place in places]
    lines.sort(key=lambda line: -line.rows())
    money = metric.amount is not None
    series = [Series(_("By number"), "blue"), *([Series(_("By value"), "teal")] if money else [])]
    more = [_("Won"), _("Lost"), *([_("Won value"), _("Lost value")] if money else [])]
    notes = [*notes_of(look, metric, filters, list(groups.values()))]
    there = {key for key in every if key is not None}
    if cut and len(there) > MOST:
        notes.append(Note(_("The %(most)s largest of %(all)s.", most=MOST, all=len(there))))
    return Figure(
        "", "bar", _("percent"), _("closed deals"), tuple(series), tuple(lines), notes=tuple(notes),
        table="deals", more=tuple(more), most=100,
    )  # fmt: skip


def _rate(look: Look, asked: Asked, groups: Groups, filters: list[Filter], place: Place, metric: Metric) -> Line:
    sides = {}
    for status in (DealStatus.won, DealStatus.lost):
        sides[status] = Measured()
        for key in place.keys:
            sides[status].add(groups.get((key, status), Measured()))
    won, lost = sides[DealStatus.won], sides[DealStatus.lost]
    at = {s: href(look, [*filters, ("eq", "status", s.value), *place.filters]) for s in sides}
    cells = [_share(won.rows, lost.rows, won.rows, at[DealStatus.won])]
    more = [Cell(float(one.rows), str(format_decimal(one.rows)), one.rows, at[s]) for s, one in sides.items()]
    if metric.amount is not None:
        cells.append(_share(won.value or 0, lost.value or 0, won.rows, at[DealStatus.won]))
        more += [_worth(asked, one, at[s]) for s, one in sides.items()]
    return Line(place.label, tuple(cells), behind=won.rows + lost.rows, more=tuple(more))


def _share(won: Decimal | int, lost: Decimal | int, count: int, at: str) -> Cell:
    whole = Decimal(won) + Decimal(lost)
    if not whole:
        return Cell(None, "", count, at)
    part = Decimal(won) / whole
    return Cell(round(float(part * 100), 2), share_text(part), count, at)


def _worth(asked: Asked, one: Measured, at: str) -> Cell:
    worth = round(one.value or Decimal(0), 2)
    return Cell(float(worth), money_text(worth, asked.currency), one.rows, at)


def _sources(found: dict[Any, Measured]) -> list[Place]:
    """Sources as texts, those with most deals first, each as it is mostly written."""
    keys = sorted((key for key in found if key), key=lambda key: (-found[key].rows, key))[:MOST]
    laid = [Place((key,), found[key].mostly(), ((ORIGIN, "id", key),)) for key in keys]
    return laid + ([Place(("",), _("(empty)"), ((ORIGIN, "id", ""),), "grey")] if "" in found else [])


def _whatever_became(groups: Groups) -> dict[Any, Measured]:
    found: dict[Any, Measured] = {}
    for (key, _status), one in groups.items():
        found.setdefault(key, Measured()).add(one)
    return found


def lost_reasons(look: Look, asked: Asked) -> Figure:
    """Why the deals of the period were lost, the most frequent reasons first, and what was lost with them.

    One statement.
    """
    metric = closed(look, _LOST)
    filters = filters_of(look, metric, asked)
    groups = measured(look, metric, listing(look, filters), asked, by=look.screen.model.lost_reason, same=same_text)
    found = {key: one for (key, _none), one in groups.items()}
    keys = sorted((key for key in found if key), key=lambda key: (-found[key].rows, key))
    top, rest = keys[:REASONS], keys[REASONS:]
    lines = [_reason(look, asked, found[key], found[key].mostly(), [*filters, (REASON, "id", key)]) for key in top]
    if rest:
        others = Measured()
        for key in rest:
            others.add(found[key])
        besides = [(OTHER_REASONS, "id", key) for key in (*top, "")]
        lines.append(_reason(look, asked, others, _("Other reasons"), [*filters, *besides], "grey"))
    if "" in found:
        lines.append(_reason(look, asked, found[""], _("(empty)"), [*filters, (REASON, "id", "")], "grey"))
    many = within(_(look.screen.many))
    return Figure(
        "", "bar", many, lines=tuple(lines), table="deals",
        notes=notes_of(look, metric, filters, list(groups.values())),
        more=(_("Lost value"),) if metric.amount is not None else (),
    )  # fmt: skip


def _reason(look: Look, asked: Asked, one: Measured, label: str, filters: list[Filter], tone: str = "") -> Line:
    at = href(look, filters)
    count = Cell(float(one.rows), str(format_decimal(one.rows)), one.rows, at)
    return Line(label, (count,), tone, more=(_worth(asked, one, at),) if tells_worth(look) else ())
