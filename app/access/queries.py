"""What can be asked about people who log in."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.viewer import SYSTEM

DEMO_DOMAIN = "@indexus.example"


def demo_logins(session: Session) -> list[str]:
    """User names of active demo logins: their addresses are of a domain that can never receive mail."""
    demo = select(User.username).where(User.is_active, User.email.endswith(DEMO_DOMAIN)).order_by(User.username)
    return list(session.scalars(demo.limit(5), execution_options={"viewer": SYSTEM}))
