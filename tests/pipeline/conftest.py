"""A pipeline whose rules can be set off."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.pipeline.automated import Sales


@pytest.fixture
def sales(session: Session) -> Sales:
    return Sales(session)
