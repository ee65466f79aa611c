"""Whose account somebody may look after."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.guard_rights import demand_no_stronger
from app.access.models import User, UserAuthMethod
from app.core.errors import Forbidden, NotFound, Unprocessable
from app.core.scope import may_change
from app.core.viewer import Viewer, visible

USERS = "users"


def colleague(session: Session, viewer: Viewer, key: str) -> User:
    """A person whose account the viewer may look after. Raises Forbidden, NotFound.

    Whoever sets a password has the rights behind it, so nobody does it for somebody who may do more.
    """
    if not viewer.may_edit(USERS):
        raise Forbidden
    user = session.scalars(visible(User, viewer).where(User.id == key)).one_or_none()
    if user is None:
        raise NotFound
    if user.id != viewer.user_id:
        if not may_change(session, viewer, User, user.id):
            raise Forbidden
        demand_no_stronger(session, viewer, user)
    return user


def sets_password(session: Session, viewer: Viewer, key: str) -> bool:
    """Whether this person has a password that the viewer may set."""
    try:
        return colleague(session, viewer, key).auth_method is UserAuthMethod.local
    except (Forbidden, NotFound, Unprocessable):
        return False
