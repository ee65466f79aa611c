"""Records to choose from in the form of a rule: colleagues who could have a deal of the pipeline, and its deals."""

from __future__ import annotations

from sqlalchemy import ARRAY, Text, cast, func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.access.queries import sees
from app.core.viewer import SYSTEM_USER, Viewer, visible
from app.pipeline.automation.pages.seen import DEALS
from app.pipeline.models import Deal, Pipeline
from app.screens import atlas, query
from app.screens.query import Listing

MOST = 20


def colleagues(session: Session, viewer: Viewer, pipeline_id: str, typed: str) -> list[tuple[str, str]]:
    """Key and name of active colleagues who see deals and work in a country of the pipeline."""
    asked = visible(User, viewer).where(User.is_active, User.id != SYSTEM_USER, sees(DEALS))
    pipeline = session.scalars(visible(Pipeline, viewer).where(Pipeline.id == pipeline_id)).one_or_none()
    if pipeline is not None and pipeline.country_codes:
        codes = cast(list(pipeline.country_codes), ARRAY(Text))
        asked = asked.where(User.assigned_countries.cast(ARRAY(Text)).op("&&")(codes))
    for word in typed.split()[:5]:
        asked = asked.where(func.strpos(func.fold(User.full_name + " " + User.username), func.fold(word)) > 0)
    found = session.scalars(asked.order_by(User.full_name, User.id).limit(MOST))
    return [(one.id, one.full_name) for one in found]


def deals(
    session: Session, viewer: Viewer, pipeline_id: str, typed: str, page: int
) -> tuple[list[tuple[str, str]], bool]:
    """Key and name of deals that the viewer may know of, the newest first; whether there are more. "" are all
    pipelines."""
    screens = atlas.known()
    ids = query.narrowed(screens[DEALS], viewer, Listing(search=typed, size=MOST))
    if pipeline_id:
        ids = ids.where(Deal.pipeline_id == pipeline_id)
    picked = ids.order_by(Deal.created_at.desc(), Deal.id).offset((page - 1) * MOST).limit(MOST + 1).subquery()
    name = query.name_of(screens, DEALS, Deal.id, viewer)
    asked = select(Deal.id, name).join(picked, picked.c.id == Deal.id).order_by(Deal.created_at.desc(), Deal.id)
    rows = session.execute(asked, execution_options={"viewer": viewer}).all()
    return [(key, text or "") for key, text in rows[:MOST]], len(rows) > MOST
