"""Two colleagues who can talk."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.access.models import User
from tests.chat.talks import person


@pytest.fixture
def petra(session: Session) -> User:
    return person(session, "petra")


@pytest.fixture
def hana(session: Session) -> User:
    return person(session, "hana")
