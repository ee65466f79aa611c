"""`/pipeline/pipelines/`: pipelines with their stages, begun from a template, and edited as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import current_app, flash, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required
from sqlalchemy.orm import Session

from app.core.db import current_session, transaction
from app.core.errors import BadQuery, Conflict, DomainError, Forbidden, Unprocessable
from app.core.idempotency import Answer, once
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.pipeline.editor import drawing, form, queries
from app.pipeline.editor.form import Typed
from app.pipeline.editor.rights import May, at, seeing
from app.pipeline.models import Pipeline
from app.pipeline.rules.stages import Planned, template_called
from app.pipeline.services import arranging, removing
from app.screens.once import by_form
from app.screens.page import Link
from app.screens.shell import crumbs

HOME = "/pipeline/pipelines/"
COPY = "copy:"


class PipelinesView(BaseView):
    """Pipelines: a list, a way to begin one, and an editor that saves everything together."""

    route_base = "/pipeline/pipelines"
    default_view = "list"

    @expose("/", methods=["GET"])
    @login_required
    def list(self) -> str:
        may, session = _may(), current_session()
        crumbs(Link(_("Pipelines")))
        return render_template("pipeline/editor/list.html", **drawing.overview(session, may))

    @expose("/new", methods=["GET", "POST"])
    @login_required
    def new(self) -> Any:
        may = replace(_may(), new=True)
        if not may.adds:
            raise Forbidden
        source = request.values.get("source", "families")
        if request.method == "GET":
            return self._begin(may, Typed(), source)
        typed = form.read(request.form, may, Typed())
        values, errors = form.values_of(typed, may)
        if errors:
            return self._begin(may, typed.refused(errors), source), 422
        try:
            with transaction(by=may.viewer) as session:
                key = _made(session, may, values, _stages_from(session, may, source))
        except Unprocessable as refused:
            return self._begin(may, typed.refused(refused.fields), source, refused.general), 422
        flash(_("“%(name)s” is added.", name=typed.name), "success")
        return redirect(f"{HOME}{key}")

    @expose("/<key>", methods=["GET", "POST"])
    @login_required
    def edit(self, key: str) -> Any:
        session, may = current_session(), _may()
        pipeline = queries.pipeline_of(session, may.viewer, key)
        may = at(session, may, pipeline)
        now = _stored(session, may, pipeline)
        if request.method == "GET":
            return self._editor(may, pipeline, now, now)
        if not may.edits:
            raise Forbidden(drawing.why_closed(may, pipeline))
        typed = form.read(request.form, may, now)
        draft, errors = form.draft(typed, may)
        if errors:
            return self._editor(may, pipeline, typed.refused(errors), now), 422
        try:
            with transaction(by=may.viewer) as writing:
                done = arranging.save(writing, may.screens, may.viewer, pipeline.id, draft, version=typed.version)
        except Conflict:
            return self._beaten(may, key, typed)
        except Unprocessable as refused:
            return self._again(may, key, typed.refused(refused.fields), refused.general), refused.status
        except DomainError as refused:
            if refused.status == 404:
                raise
            return self._again(may, key, typed, [refused.sentence]), refused.status
        flash(_told(typed.name or now.name, done), "success")
        return redirect(f"{HOME}{pipeline.id}")

    @expose("/<key>/delete", methods=["POST"])
    @login_required
    def delete(self, key: str) -> Any:
        may, version = _may(), request.form.get("version", "")
        pipeline = queries.pipeline_of(current_session(), may.viewer, key)
        if not at(current_session(), may, pipeline).edits:
            raise Forbidden(drawing.why_closed(at(current_session(), may, pipeline), pipeline))
        with transaction(by=may.viewer) as session:
            name = drawing.called(may, pipeline)
            arranging.delete(session, may.screens, may.viewer, pipeline.id, version=version)
        flash(_("“%(name)s” is deleted.", name=name), "success")
        return redirect(HOME)

    @expose("/<key>/keep", methods=["POST"])
    @login_required
    def keep(self, key: str) -> Any:
        """A stage that a worker is about to remove stays after all."""
        may, session = _may(), current_session()
        pipeline = queries.pipeline_of(session, may.viewer, key)
        may = at(session, may, pipeline)
        if not may.edits:
            raise Forbidden(drawing.why_closed(may, pipeline))
        known = {stage.id: stage for stage in queries.stages_of(session, may.viewer, [pipeline.id])[pipeline.id]}
        stage = known.get(request.form.get("stage", ""))
        if stage is not None and stage.going:
            name = stage.name if may.reads_stage("name") else _("Stage")
            with transaction(by=may.viewer) as writing:
                removing.keep(writing, stage.id)
            flash(_("“%(name)s” stays.", name=name), "success")
        return redirect(f"{HOME}{key}")

    # Pages -------------------------------------------------------------------------

    def _begin(self, may: May, typed: Typed, source: str, general: Sequence[str] = ()) -> str:
        crumbs(Link(_("Pipelines"), HOME), Link(_("New pipeline")))
        shown = drawing.beginning(current_session(), may, typed, source)
        return render_template("pipeline/editor/new.html", general=general, **shown)

    def _editor(
        self, may: May, pipeline: Pipeline, typed: Typed, now: Typed, general: Sequence[str] = (), **more: Any
    ) -> str:
        crumbs(Link(_("Pipelines"), HOME), Link(drawing.called(may, pipeline)))
        shown = drawing.editor(current_session(), may, pipeline, typed, now)
        return render_template("pipeline/editor/pipeline.html", general=general, **shown, **more)

    def _again(self, may: May, key: str, typed: Typed, general: Sequence[str]) -> str:
        """The form as it was typed, after a refusal."""
        session = current_session()
        pipeline = queries.pipeline_of(session, may.viewer, key)
        return self._editor(may, pipeline, typed, _stored(session, may, pipeline), general)

    def _beaten(self, may: May, key: str, typed: Typed) -> tuple[str, int]:
        """Somebody was faster: what was typed stays, beside what is stored now."""
        session = current_session()
        pipeline = queries.pipeline_of(session, may.viewer, key)
        now = _stored(session, may, pipeline)
        both, said = form.merged(typed, now)
        by = queries.last_editor(session, may.viewer, pipeline.id, [stage.key for stage in now.stages])
        return self._editor(may, pipeline, both, now, beaten=said, by=by), 409


def _may() -> May:
    return seeing(current_viewer(), current_app.extensions["screens"])


def _stored(session: Session, may: May, pipeline: Pipeline) -> Typed:
    stages = queries.stages_of(session, may.viewer, [pipeline.id])[pipeline.id]
    return form.stored(may, pipeline, stages, arranging.version_of(pipeline, stages))


def _made(session: Session, may: May, values: dict[str, Any], stages: tuple[Planned, ...]) -> str:
    """The key of the pipeline of the form that was sent; sent again, the same one."""

    def act() -> Answer:
        pipeline = arranging.create(session, may.screens, may.viewer, values, stages)
        return Answer(302, body={"id": pipeline.id})

    return str(once(session, by_form(may.viewer), act, now=utc_now()).body["id"])


def _stages_from(session: Session, may: May, source: str) -> tuple[Planned, ...]:
    """The stages of a template, or those of another pipeline. Raises BadQuery, NotFound."""
    if source.startswith(COPY):
        pipeline = queries.pipeline_of(session, may.viewer, source.removeprefix(COPY))
        return arranging.copied(queries.stages_of(session, may.viewer, [pipeline.id])[pipeline.id])
    template = template_called(source)
    if template is None:
        raise BadQuery(_("There is no such template."))
    return template.stages


def _told(name: str, done: removing.Done) -> str:
    said = [_("“%(name)s” is saved.", name=name)]
    if done.moved:
        said.append(ngettext("%(num)s deal was moved.", "%(num)s deals were moved.", done.moved))
    said += [_("“%(name)s” goes once its deals have moved; you are told then.", name=later) for later in done.later]
    if done.switched_off:
        said.append(_("Switched off: %(names)s.", names=", ".join(done.switched_off)))
    return " ".join(said)
