"""Pipelines for the tests about sales."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.pipeline.models import Pipeline
from tests.conftest import logged_in
from tests.pipeline.automated import Sales
from tests.pipeline.selling import seller
from tests.smallest import smallest


@pytest.fixture
def sales(session: Session) -> Sales:
    """A pipeline whose rules can be set off."""
    return Sales(session)


@pytest.fixture
def families(session: Session) -> Pipeline:
    """The default pipeline: new, offer, won and lost."""
    pipeline: Pipeline = smallest(session, "pipelines", name="Families", is_default=True)
    for order, (name, more) in enumerate(
        {
            "new": {"probability": 10},
            "offer": {"probability": 50, "rotting_days": 14},
            "won": {"probability": 100, "is_won_stage": True},
            "lost": {"is_lost_stage": True},
        }.items()
    ):
        smallest(session, "pipeline_stages", pipeline_id=pipeline.id, name=name, order=order, color="#3b82f6", **more)
    session.commit()
    return pipeline


@pytest.fixture
def pipeline(session: Session) -> Any:
    return smallest(session, "pipelines", name="Families", is_default=True)


@pytest.fixture
def stages(session: Session, pipeline: Any) -> dict[str, Any]:
    """New, offer, won and lost of one pipeline."""
    kinds: dict[str, dict[str, Any]] = {
        "New": {"probability": 10, "rotting_days": 7},
        "Offer": {"probability": 50},
        "Won": {"probability": 100, "is_won_stage": True},
        "Lost": {"is_lost_stage": True},
    }
    made = {
        name: smallest(session, "pipeline_stages", pipeline_id=pipeline.id, name=name, order=order, **more)
        for order, (name, more) in enumerate(kinds.items())
    }
    session.commit()
    return made


@pytest.fixture
def jana(app: Flask, session: Session) -> FlaskClient:
    """The browser of somebody who sells in Slovakia."""
    return logged_in(app, seller(session, "jana"))
