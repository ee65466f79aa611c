"""Two colleagues who are told."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.access.models import User
from tests.notifications.notified import colleague


@pytest.fixture
def jana(session: Session) -> User:
    return colleague(session, "jana")


@pytest.fixture
def peter(session: Session, jana: User) -> User:
    return colleague(session, "peter", jana)
