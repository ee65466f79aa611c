"""People to write to, and a post office; nothing else sends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.mail import port
from app.core.mail.port import WaitingMailer
from app.customers.models import Customer
from tests.conftest import make_user
from tests.mailserver import HOUSE, Post, mailer_for, post_office
from tests.places import placed


@pytest.fixture(autouse=True)
def nobody_else_sends() -> Iterator[None]:
    """What a test does not connect waits."""
    before = port.use(WaitingMailer(HOUSE, "indexus.example"))
    yield
    port.use(before)


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as post:
        port.use(mailer_for(post.port))
        yield post


@pytest.fixture
def jana(session: Session) -> Customer:
    found: Customer = placed(session, "customers", "SK", first_name="Jana", last_name="Malá", email="jana@example.com")
    session.commit()
    return found


@pytest.fixture
def eva(session: Session) -> User:
    user = make_user(session, "eva", assigned_countries=["SK"])
    session.commit()
    return user
