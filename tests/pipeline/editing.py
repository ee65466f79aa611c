"""The editor of pipelines as a browser uses it, and deals to stand in its stages."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.pipeline.models import Pipeline, PipelineStage
from tests.smallest import smallest

HOME = "/pipeline/pipelines/"


def stages(session: Session, pipeline: Any) -> dict[str, PipelineStage]:
    session.expire_all()
    asked = select(PipelineStage).where(PipelineStage.pipeline_id == pipeline.id).order_by(PipelineStage.order)
    return {stage.name: stage for stage in session.scalars(asked)}


def sheet(client: FlaskClient, pipeline: Any) -> dict[str, Any]:
    """The form as a browser would send it without a change."""
    page = client.get(f"{HOME}{pipeline.id}").text
    found: dict[str, Any] = {}
    main = re.sub(r"<template.*?</template>", "", page[page.index("stages-form") :], flags=re.S)
    for tag in re.findall(r"<input[^>]*>", main[: main.index("</form>")]):
        name, value = (re.search(rf'\s{what}="([^"]*)"', tag) for what in ("name", "value"))
        ticked = "checkbox" not in tag or " checked" in tag
        if name and ticked and " disabled" not in tag:
            found.setdefault(unescape(name[1]), []).append(unescape(value[1]) if value else "")
    for name_of, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', main, flags=re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name_of] = [chosen[1] if chosen else ""]
    for area, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', main, flags=re.S):
        found[area] = [unescape(body.strip())]
    return found


def save(client: FlaskClient, pipeline: Any, **changes: Any) -> Any:
    """Post the form as it is but for `changes`; `__` stands for the colon of a field of a stage."""
    form = sheet(client, pipeline)
    form.update(changes.pop("fields", {}))
    form.update(changes)
    return client.post(f"{HOME}{pipeline.id}", data=form)


def deals_in(session: Session, stage: PipelineStage, count: int, **given: Any) -> list[Any]:
    found = [smallest(session, "deals", stage_id=stage.id, title=f"Deal {n}", **given) for n in range(count)]
    session.commit()
    return found


def defaults(session: Session) -> list[str]:
    asked = select(Pipeline.name).where(Pipeline.is_default.is_(True), Pipeline.is_active.is_(True))
    return list(session.scalars(asked))
