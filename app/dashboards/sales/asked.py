"""What the sales insights are about, as an address has it: period, countries, pipeline, owner, campaign and source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from app.core.errors import NotFound
from app.core.viewer import Viewer, visible
from app.dashboards import board
from app.dashboards.asking import Asked
from app.dashboards.metrics.spec import Filter
from app.dashboards.sales.sets import ORIGIN
from app.pipeline.models import Pipeline
from app.pipeline.rights import names_told
from app.screens import query
from app.screens.look import Look
from app.screens.query import Screens

ALL = "all"
_RECENT = 2_000  # deals among which the sources to choose from are looked for


@dataclass(frozen=True)
class SalesAsked:
    """What somebody chose. `pipeline` is empty for all of them; `told` says the rest in words.

    `names` are those of the chosen owner and campaign, by column.
    """

    asked: Asked
    pipeline: str
    owner: str
    campaign: str
    source: str
    names: dict[str, str]
    told: tuple[str, ...]

    def written(self) -> str:
        """The same as an address has it."""
        asked = self.asked
        pairs = [("pipeline", self.pipeline or ALL), ("period", asked.period.name)]
        if asked.period.name == "custom":
            pairs += [("from", asked.period.first.isoformat()), ("to", asked.period.last.isoformat())]
        if asked.countries:
            pairs.append(("countries", ",".join(asked.countries)))
        more = (("owner", self.owner), ("campaign", self.campaign), ("source", self.source))
        return urlencode([*pairs, *((name, value) for name, value in more if value)])


def open_to(screens: Screens, viewer: Viewer) -> bool:
    """Whether there are insights for somebody: deals, pipelines, and the names of these and of their stages."""
    seen = all(viewer.sees(screens[table].module) for table in ("deals", "pipelines"))
    return seen and names_told(screens, viewer)


def pipelines_of(look: Look) -> Sequence[Pipeline]:
    """The pipelines this person may know, the default one first. One statement."""
    asked = visible(Pipeline, look.viewer)
    order = (func.coalesce(Pipeline.is_default, False).desc(), Pipeline.is_active.desc(), Pipeline.name, Pipeline.id)
    return look.session.scalars(asked.order_by(*order)).all()


def asked_of(look: Look, given: MultiDict[str, str], known: Sequence[Pipeline], at: Asked) -> SalesAsked:
    """What an address asks for beside the period and the countries. One statement for names.

    Raises NotFound for a pipeline that does not exist or is not the viewer's, and for columns that are hidden.
    """
    wanted = given.get("pipeline", "")
    if wanted not in ("", ALL) and all(one.id != wanted for one in known):
        raise NotFound
    pipeline = "" if wanted == ALL else wanted or (known[0].id if known else "")
    owner, campaign, source = (given.get(name, "").strip()[:100] for name in ("owner", "campaign", "source"))
    chosen = {"pipeline_id": pipeline, "assigned_user_id": owner, "campaign_id": campaign, "source": source}
    if any(value and not look.reads(name) for name, value in chosen.items() if name != "pipeline_id"):
        raise NotFound
    filters: list[Filter] = [
        (ORIGIN, "id", value) if name == "source" else ("eq", name, value) for name, value in chosen.items() if value
    ]
    keys = [(name, value) for name, value in chosen.items() if value and name != "source"]
    found = query.names_of(
        look.session, look.screens, look.viewer, [(look.screen.fields[name], value) for name, value in keys]
    )
    names = {name: text for (name, _value), text in zip(keys, found, strict=True)}
    told = tuple(filter(None, (*names.values(), source)))
    return SalesAsked(
        Asked(at.period, at.countries, at.today, at.zone, at.currency, tuple(filters)),
        pipeline, owner, campaign, source, names, told,
    )  # fmt: skip


def sources_of(look: Look, chosen: str) -> list[str]:
    """Sources of the newest deals, to choose from. One statement."""
    if not look.reads("source"):
        return []
    model = look.screen.model
    newest = (
        visible(model, look.viewer)
        .with_only_columns(model.source.label("source"))
        .order_by(model.created_at.desc(), model.id.desc())
        .limit(_RECENT)
        .subquery()
    )
    text = func.btrim(newest.c.source)
    asked = select(func.min(text)).where(text != "").group_by(func.lower(text)).order_by(func.lower(text)).limit(50)
    found = [str(one) for one in look.session.scalars(asked, execution_options={"viewer": look.viewer})]
    return found if not chosen or chosen.lower() in map(str.lower, found) else [chosen, *found]


def period_and_countries(given: MultiDict[str, str], look: Look, at: Asked) -> Asked:
    """The part of an address that all dashboards share; countries are `countries` here. Raises BadQuery."""
    told = MultiDict([(name, given[name]) for name in ("period", "from", "to") if name in given])
    told.setlist("in", given.getlist("countries"))
    return board.asked_of(told, look.viewer, today=at.today, zone=at.zone, currency=at.currency)
