"""How a metric becomes filters of a list: with the period, the countries and the day of whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from app.core.errors import Unprocessable
from app.core.viewer import Viewer
from app.dashboards.metrics.spec import CAMPAIGN, ME, MONTH, STAGE, TODAY, Filter, Metric
from app.dashboards.periods import Period, month_around
from app.screens import address
from app.screens.beyond import country_field, more_fields
from app.screens.filters import Active, active
from app.screens.look import Look
from app.screens.query import Listing, Screens


@dataclass(frozen=True)
class Asked:
    """What somebody chose on the page. `countries` is empty for all of his; `today` is the day in his zone.

    `currency` is the one that amounts are told in (REPORTING_CURRENCY). `deals` are filters of deals that hold beside,
    such as a pipeline.
    """

    period: Period
    countries: tuple[str, ...]
    today: date
    zone: str
    currency: str
    deals: tuple[Filter, ...] = ()


class NotByCountry(Unprocessable):
    """Countries were chosen, but this person may not tell these rows apart by country."""

    def __init__(self) -> None:
        super().__init__({})
        self.args = (_("These numbers cannot be narrowed to single countries with your rights. Choose all countries."),)


def allowed(screens: Screens, viewer: Viewer, metric: Metric) -> bool:
    """Whether this person may see the tile: its module, and every column it tells of."""
    screen = screens.get(metric.table)
    if screen is None or not viewer.sees(screen.module):
        return False
    if metric.by == STAGE and "name" not in screens["pipeline_stages"].names(viewer):
        return False
    if metric.by == CAMPAIGN:
        campaigns = screens["campaigns"]
        if not viewer.sees(campaigns.module) or not campaigns.reads(viewer, "status"):
            return False
    return all(screen.reads(viewer, name) for name in metric.reads())


def filters_of(look: Look, metric: Metric, asked: Asked, *, period: Period | None = None) -> list[Filter]:
    """What the metric asks of its table. Raises NotByCountry."""
    first, last = month_around(asked.today)
    marks = {
        ME: look.viewer.user_id,
        TODAY: asked.today.isoformat(),
        MONTH: f"{first.isoformat()}..{last.isoformat()}",
    }
    found = [(operator, column, marks.get(value, value)) for operator, column, value in metric.where]
    found += asked.deals if metric.table == "deals" else ()
    if metric.period:
        found += within_days(metric.period, (period or asked.period).first, (period or asked.period).last)
    return found if metric.personal else [*found, *in_countries(look, asked)]


def in_countries(look: Look, asked: Asked) -> list[Filter]:
    """The rows of the chosen countries. Raises NotByCountry."""
    if not asked.countries:
        return []
    field = country_field(look.screen, look.viewer)
    if field is None:
        raise NotByCountry
    return [("in", field.name, ",".join(asked.countries))]


def within_days(column: str, first: date, last: date) -> list[Filter]:
    return [("ge", column, first.isoformat()), ("le", column, last.isoformat())]


def span_of(asked: Asked, *, period: bool, countries: bool) -> str:
    """What the numbers are about, for those who see them alone: days, or the day they stand at, and countries."""
    days = day_text(asked.period.first, asked.period.last) if period else format_date(asked.today, "medium")
    return " · ".join([days, *([", ".join(asked.countries)] if countries and asked.countries else [])])


def day_text(first: date, last: date) -> str:
    """A span of days as people write it."""
    return f"{format_date(first, 'medium')} – {format_date(last, 'medium')}"


def narrowed_to(filters: Sequence[Filter], more: Iterable[Filter]) -> list[Filter]:
    """The filters with narrower ones: of two that say the same of a column, the later holds."""
    later = {(operator, column): value for operator, column, value in more}
    kept = [f for f in filters if (f[0], f[1]) not in later]
    return kept + [(operator, column, value) for (operator, column), value in later.items()]


def listing(look: Look, filters: Iterable[Filter]) -> Listing:
    """The list that these filters are, checked as those of an address are. Raises BadQuery."""
    fields = [look.screen.fields["id"], *address.visible_fields(look.screen, look.viewer)]
    fields += more_fields(look.screen, look.viewer)
    found: list[Active] = [active(fields, column, operator, [value]) for operator, column, value in filters]
    return Listing(tuple(found))


def href(look: Look, filters: Iterable[Filter]) -> str:
    """The list with exactly the rows that are counted: inactive ones are, so they are shown as well."""
    found = address.filtered_href(look.screen.table, filters)
    return f"{found}&all=1" if look.screen.active else found
