"""The figures of the sales insights, in the order of the page, and who may see each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import NotFound, Unprocessable
from app.dashboards import queries
from app.dashboards.asking import allowed, span_of
from app.dashboards.figures import Figure
from app.dashboards.metrics import CATALOGUE
from app.dashboards.metrics.spec import Metric
from app.dashboards.sales import ahead, outcomes, people, ways
from app.dashboards.sales.asked import SalesAsked
from app.screens.look import Look


@dataclass(frozen=True)
class Insight:
    """One figure. `reads` are the columns of deals that it tells of.

    `dated` says whether the period matters to it, `staged` that it is about the stages of one pipeline.
    """

    key: str
    title: Any
    about: Any
    made: Callable[[Look, SalesAsked], Figure]
    reads: tuple[str, ...]
    width: int = 6
    shape: str = "bar"
    dated: bool = True
    staged: bool = False


class ChoosePipeline(Unprocessable):
    """Stages are those of one pipeline."""

    def __init__(self) -> None:
        super().__init__({})
        self.args = (_("Choose one pipeline to see this by its stages."),)


def _staged(made: Callable[..., Figure]) -> Callable[[Look, SalesAsked], Figure]:
    def figure(look: Look, asked: SalesAsked) -> Figure:
        if not asked.pipeline:
            raise ChoosePipeline
        return made(look, asked.asked, asked.pipeline)

    return figure


def _plain(made: Callable[..., Figure], *more: str) -> Callable[[Look, SalesAsked], Figure]:
    return lambda look, asked: made(look, asked.asked, *more)


def _won_by(key: str, title: Any, column: str) -> Insight:
    about = _l(
        "Of the deals closed in the period, by “Closed on”, the share that was won: by number, and by “Value” at the"
        " rates of that day."
    )
    made = _plain(outcomes.win_rate, column)
    return Insight(key, title, about, made, ("status", "actual_close_date", column))


INSIGHTS = (
    Insight(
        "funnel",
        _l("Funnel"),
        _l(
            "Deals entered in the period, by “Created”, and how many of them ever reached each stage: they stood in it,"
            " or in one after it."
        ),
        _staged(ways.funnel),
        ("stage_id", "created_at"),
        staged=True,
    ),
    Insight(
        "stage_conversion",
        _l("Conversion between stages"),
        _l(
            "Of the deals entered in the period that reached a stage, the share that went on to the next one, and the"
            " share that was won in the end."
        ),
        _staged(ways.conversion),
        ("stage_id", "created_at"),
        staged=True,
    ),
    Insight(
        "time_in_stage",
        _l("Time in stage"),
        _l("Days that deals stood in a stage which they left in the period: half of them no longer than the median."),
        _staged(ways.time_in_stage),
        ("stage_id", "stage_entered_at"),
        staged=True,
    ),
    Insight(
        "waiting_in_stage",
        _l("Standing in a stage now"),
        _l("Days since the open deals came into the stage they stand in today, whatever the period."),
        _staged(ways.waiting_in_stage),
        ("stage_id", "stage_entered_at"),
        dated=False,
        staged=True,
    ),
    Insight(
        "deal_forecast",
        _l("Forecast by month"),
        _l(
            "“Value” of open deals by the month of “Expected close”, as it is and times “Win probability”, at today's"
            " rates; and the deals won in that month, at the rates of their day. Whatever the period."
        ),
        _plain(ahead.forecast),
        ("status", "value", "currency", "probability", "expected_close_date", "actual_close_date"),
        width=12,
        dated=False,
    ),
    _won_by("won_by_source", _l("Win rate by source"), "source"),
    _won_by("won_by_owner", _l("Win rate by owner"), "assigned_user_id"),
    _won_by("won_by_campaign", _l("Win rate by campaign"), "campaign_id"),
    _won_by("won_by_country", _l("Win rate by country"), "country_code"),
    Insight(
        "lost_reasons",
        _l("Reasons for lost deals"),
        _l("“Reason lost” of the deals lost in the period, the most frequent first; case and blanks do not matter."),
        _plain(outcomes.lost_reasons),
        ("status", "actual_close_date", "lost_reason"),
    ),
    Insight(
        "leaderboard",
        _l("Activities and won deals by colleague"),
        _l(
            "Activities done in the period, by “Responsible” and type. Beside them in the table: deals won in the"
            " period, by “Owner”."
        ),
        _plain(people.leaderboard),
        ("status", "actual_close_date", "assigned_user_id"),
        shape="stack",
    ),
)
NUMBERS = ("new_deals", "win_rate", "won_deals", "open_deals")
"""Metrics of the catalogue that the page begins with."""


def numbers(look: Look) -> list[Metric]:
    return [CATALOGUE[key] for key in NUMBERS if allowed(look.screens, look.viewer, CATALOGUE[key])]


def offered(look: Look) -> list[Insight]:
    """The figures this person may see; `staged` ones are of one pipeline."""
    return [insight for insight in INSIGHTS if _allowed(look, insight)]


def _allowed(look: Look, insight: Insight) -> bool:
    if not all(look.reads(name) for name in insight.reads):
        return False
    if "stage_id" in insight.reads and "name" not in look.screens["pipeline_stages"].names(look.viewer):
        return False
    activities = look.screens["deal_activities"]
    return insight.key != "leaderboard" or (
        look.viewer.sees(activities.module) and all(activities.reads(look.viewer, name) for name in people.READS)
    )


def figure(look: Look, key: str, asked: SalesAsked) -> Figure:
    """The numbers of one tile of the page. Raises NotFound for what this person may not see, ChoosePipeline."""
    metric = next((metric for metric in numbers(look) if metric.key == key), None)
    if metric is not None:
        return queries.figure(look, metric, asked.asked)
    insight = next((insight for insight in offered(look) if insight.key == key), None)
    if insight is None:
        raise NotFound
    made = insight.made(look, asked)
    span = span_of(asked.asked, period=insight.dated, countries=True)
    return replace(made, title=str(insight.title), span=" · ".join([span, *asked.told]))
