"""Which pipeline a board is of, and which deals an address asks for, in the syntax of the list of deals."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import bindparam
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.core.errors import NotFound
from app.core.statements import prepared
from app.core.viewer import Viewer, visible
from app.pipeline.models import Deal, Pipeline, PipelineStage
from app.screens import address
from app.screens.look import Look
from app.screens.query import Listing, narrowed, whose

PIPELINE = "_flt_eq_pipeline_id"


def pipelines_of(session: Session, viewer: Viewer) -> Sequence[Pipeline]:
    """The pipelines of this viewer's countries: active ones before others, the default one first. One statement."""
    order = (Pipeline.is_active.is_(False), Pipeline.is_default.is_not(True), Pipeline.created_at, Pipeline.id)
    asked = prepared(Pipeline, (pipelines_of, whose(viewer)), lambda: visible(Pipeline, viewer).order_by(*order))
    return session.scalars(asked, execution_options={"viewer": viewer}).all()


def chosen(pipelines: Sequence[Pipeline], *wishes: str) -> Pipeline | None:
    """The first pipeline that is wished for and there; else the first there is."""
    there = {pipeline.id: pipeline for pipeline in pipelines}
    return next((there[key] for key in wishes if key in there), pipelines[0] if pipelines else None)


def pipeline_in(pipelines: Sequence[Pipeline], key: str) -> Pipeline:
    """Raises NotFound."""
    found = next((pipeline for pipeline in pipelines if pipeline.id == key), None)
    if found is None:
        raise NotFound(_("This pipeline does not exist, or it is not for your countries."))
    return found


def stages_of(session: Session, viewer: Viewer, pipeline_id: str) -> Sequence[PipelineStage]:
    """The stages from the left. One statement."""

    def made() -> object:
        mine = visible(PipelineStage, viewer).where(PipelineStage.pipeline_id == bindparam("pipeline"))
        return mine.order_by(PipelineStage.order, PipelineStage.created_at, PipelineStage.id)

    asked = prepared(PipelineStage, (stages_of, whose(viewer)), made)
    given = {"pipeline": pipeline_id}
    return session.scalars(asked, given, execution_options={"viewer": viewer}).all()  # type: ignore[call-overload,no-any-return]  # a select


def listing_of(look: Look, arguments: MultiDict[str, str]) -> Listing:
    """The deals that an address asks for; order and page are those of the board. Raises BadQuery."""
    asked = MultiDict([(k, v) for k, v in arguments.items(multi=True) if k.startswith("_flt_") or k == "q"])
    found = address.listing_of(look.screen, look.viewer, asked)
    return Listing(tuple(f for f in found.filters if f.field.name != "pipeline_id"), found.search)


def shows(look: Look, listing: Listing, deal_id: str) -> bool:
    """Whether a deal is among those that an address asks for. At most one statement."""
    if not listing.filters and not listing.search:
        return True
    found = narrowed(look.screen, look.viewer, listing).where(Deal.id == deal_id)
    return look.session.scalar(found, execution_options={"viewer": look.viewer}) is not None
