"""A board as its tests ask for it, and what they read on it."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission
from app.pipeline.board.moves import token_of
from app.pipeline.models import Deal
from tests.conftest import logged_in, make_user
from tests.smallest import smallest


def in_stage(session: Session, stage: Any, title: str, **given: Any) -> Any:
    deal = smallest(session, "deals", **{"stage_id": stage.id, "title": title, "country_code": "SK", **given})
    session.commit()
    session.refresh(deal)
    return deal


def board(client: FlaskClient, pipeline: Any, query: str = "") -> str:
    answer = client.get(f"/pipeline/{pipeline.id}{query}")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def column(html: str, stage: Any) -> str:
    """What the page says of one stage."""
    found = re.search(rf'<section class="lane[^>]*data-stage="{stage.id}".*?</section>', html, re.S)
    assert found
    return found[0]


def titles(html: str) -> list[str]:
    return re.findall(r"data-open[^>]*>([^<]+)</a>", html)


def move(client: FlaskClient, deal: Any, stage: Any, **more: Any) -> Any:
    body = {"deal": deal.id, "stage": stage.id, "seen": token(client, deal), **more}
    return client.post(f"/pipeline/{deal.pipeline_id}/move", json=body, headers={"Accept": "application/json"})


def token(client: FlaskClient, deal: Any) -> str:
    """What a page that was drawn now knows the deal's stay in its stage by."""
    with client.application.app_context():
        return token_of(deal.id, deal.stage_entered_at)


def stage_now(session: Session, deal: Any) -> str:
    session.expire_all()
    found = session.get(Deal, deal.id)
    assert found is not None
    return found.stage_id


def seller(
    session: Session, app: Flask, *, edits: bool = True, countries: tuple[str, ...] = ("SK",), module: str = "",
    **fields: str,
) -> Any:  # fmt: skip
    """A browser of somebody who works with deals; `module` is one more, `fields` are rights on single columns."""
    role = Role(name=f"Sales {len(fields)} {edits} {countries}")
    user = make_user(session, "clerk", role=role, assigned_countries=list(countries))
    for key in filter(None, ("deals", "customers", module)):
        session.add(RoleModulePermission(role=role, module_key=key, access="visible", can_add=edits, can_edit=edits))
    for column, permission in fields.items():
        session.add(RoleFieldPermission(role=role, module_key="deals", field_key=column, permission=permission))
    session.commit()
    return logged_in(app, user)
