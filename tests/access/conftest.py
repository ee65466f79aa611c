"""Somebody who comes in and goes out."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.access.models import Role, RoleModulePermission, User
from tests.conftest import make_user


@pytest.fixture
def petra(session: Session) -> User:
    """Somebody who may log in, and sees customers."""
    role = Role(name="Clerk", is_active=True)
    role.role_module_permissions = [RoleModulePermission(module_key="customers", can_add=False, can_edit=False)]
    user = make_user(session, "Petra", role=role)
    session.commit()
    return user
