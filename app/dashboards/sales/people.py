"""Who does what: activities done and deals won, colleague by colleague."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from app.dashboards.asking import Asked, filters_of, href, listing
from app.dashboards.axes import MOST, axis_of
from app.dashboards.figures import Cell, Figure, Line, Note, Series
from app.dashboards.measures import Measured, measured
from app.dashboards.metrics.spec import Filter, Metric
from app.dashboards.queries import notes_of
from app.dashboards.sales.outcomes import closed, tells_worth
from app.dashboards.sales.sets import OF_CAMPAIGN, OF_ORIGIN, OF_PIPELINE, ORIGIN
from app.screens import query
from app.screens.cells import money_text
from app.screens.locale import within
from app.screens.look import Look

_DONE = Metric(
    "done", "deal_activities", "", "", "stack", where=(("eq", "is_completed", "1"),), period="completed_at"
)  # fmt: skip
_OF_DEALS = {"pipeline_id": OF_PIPELINE, "campaign_id": OF_CAMPAIGN}
READS = ("user_id", "type", "is_completed", "completed_at")
"""What one has to be able to read of activities."""


def leaderboard(look: Look, asked: Asked) -> Figure:
    """Activities done in the period by type, and deals won in it, for each colleague. Five statements."""
    there = look.at("deal_activities")
    done = [*filters_of(there, _DONE, asked), *_of_deals(asked)]
    types = axis_of(there, _DONE, "type", asked)
    model = there.screen.model
    activities = measured(there, _DONE, listing(there, done), asked, by=model.user_id, split=model.type)
    won_metric = closed(look, ("eq", "status", "won"))
    won_filters = filters_of(look, won_metric, asked)
    won = measured(look, won_metric, listing(look, won_filters), asked, by=look.screen.model.assigned_user_id)
    totals: dict[Any, tuple[int, int]] = {}
    for (key, _type), one in activities.items():
        totals[key] = (totals.get(key, (0, 0))[0] + one.rows, 0)
    for (key, _none), one in won.items():
        totals[key] = (totals.get(key, (0, 0))[0], one.rows)
    people = sorted(totals, key=lambda key: (key is None, -totals[key][0], -totals[key][1], str(key)))
    shown = people[:MOST] + ([None] if None in people[MOST:] else [])
    names = _names(look, [key for key in shown if key is not None])
    kinds = types.places(_weights(activities))
    lines = []
    for key in shown:
        cells = []
        for kind in kinds:
            one = activities.get((key, kind.keys[0]), Measured())
            at = href(there, [*done, *kind.filters, _whose("user_id", key)])
            cells.append(Cell(float(one.rows), str(format_decimal(one.rows)), one.rows, at))
        deals = won.get((key, None), Measured())
        lines.append(
            Line(
                _("(empty)") if key is None else names[key] or _("No access"), tuple(cells),
                more=_won(look, asked, deals, href(look, [*won_filters, _whose("assigned_user_id", key)])),
            )
        )  # fmt: skip
    notes = list(notes_of(look, won_metric, won_filters, list(won.values())))
    if len(people) > len(shown):
        notes.append(Note(_("The %(most)s largest of %(all)s.", most=len(shown), all=len(people))))
    return Figure(
        "", "stack", within(_(there.screen.many)), within(_(there.screen.many)),
        tuple(Series(kind.label, kind.tone) for kind in kinds), tuple(lines), notes=tuple(notes),
        table="deal_activities",
        more=(_("Won deals"), *((_("Won value"),) if tells_worth(look) else ())),
    )  # fmt: skip


def _of_deals(asked: Asked) -> list[Filter]:
    """What deals are narrowed to, said of their activities; the owner is here who did them."""
    found: list[Filter] = []
    for operator, column, value in asked.deals:
        if column in _OF_DEALS:
            found.append((_OF_DEALS[column], "id", value))
        elif operator == ORIGIN:
            found.append((OF_ORIGIN, "id", value))
        else:
            found.append((operator, "user_id" if column == "assigned_user_id" else column, value))
    return found


def _whose(column: str, key: str | None) -> Filter:
    return ("none", column, "1") if key is None else ("eq", column, key)


def _weights(activities: Any) -> dict[Any, float]:
    found: dict[Any, float] = {}
    for (_key, kind), one in activities.items():
        found[kind] = found.get(kind, 0) + one.rows
    return found


def _names(look: Look, keys: list[str]) -> dict[str, str]:
    f = look.screen.fields["assigned_user_id"]
    found = query.names_of(look.session, look.screens, look.viewer, [(f, key) for key in keys])
    return dict(zip(keys, found, strict=True))


def _won(look: Look, asked: Asked, one: Measured, at: str) -> tuple[Cell, ...]:
    count = Cell(float(one.rows), str(format_decimal(one.rows)), one.rows, at)
    if not tells_worth(look):
        return (count,)
    worth = round(one.value or Decimal(0), 2)
    return count, Cell(float(worth), money_text(worth, asked.currency), one.rows, at)
