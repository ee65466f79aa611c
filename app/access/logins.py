"""Whose login somebody looks after: the one answer for the pages that change it and for the buttons that lead there."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.access.guard_rights import demand_no_stronger
from app.access.models import User, UserAuthMethod
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.scope import may_change
from app.core.viewer import SYSTEM_USER, Viewer, visible

USERS = "users"
ROLES = "roles"


def colleague(session: Session, viewer: Viewer, key: str) -> User:
    """A person whose account the viewer may look after. Raises Forbidden, NotFound, RefusedRight.

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


def sets_password(session: Session, viewer: Viewer, key: Any) -> bool:
    """Whether the page of this person's password opens; not where Microsoft keeps it, nor for the house itself."""
    if key == SYSTEM_USER:
        return False
    try:
        return colleague(session, viewer, key).auth_method is UserAuthMethod.local
    except DomainError:
        return False


def sees_access(session: Session, viewer: Viewer, key: Any) -> bool:
    """Whether the page of somebody's roles opens for the viewer, who has to see roles as well as people."""
    return viewer.sees(USERS) and viewer.sees(ROLES)
