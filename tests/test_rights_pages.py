"""The pages on which rights are given, compared, explained and tried on."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserRole
from app.access.modules import modules
from tests.conftest import logged_in, make_user
from tests.smallest import smallest
from tests.test_rights import AS_JSON, person

pytestmark = pytest.mark.usefixtures("no_token")


@pytest.fixture
def no_token(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(app.config, "WTF_CSRF_CHECK_DEFAULT", False)


@pytest.fixture
def clerk(session: Session) -> Role:
    """A role that sees customers, and cannot see one of their fields."""
    role = Role(name="Clerk")
    role.role_module_permissions = [RoleModulePermission(module_key="customers", can_add=False, can_edit=True)]
    role.role_field_permissions = [
        RoleFieldPermission(module_key="customers", field_key="national_id", permission="hidden")
    ]
    session.add(role)
    session.commit()
    return role


def test_every_page_opens_for_an_administrator(client: FlaskClient, session: Session, clerk: Role) -> None:
    petra = make_user(session, "petra", role=clerk)
    customer = smallest(session, "customers")
    session.commit()

    for address in (
        "/rights/",
        f"/rights/{clerk.id}",
        f"/rights/{clerk.id}/state.json",
        f"/rights/compare?a={clerk.id}&b={clerk.id}&all=1",
        "/rights/compare",
        f"/rights/user/{petra.id}",
        "/rights/why",
        f"/rights/why?user={petra.id}&table=customers&record={customer.id}&field=national_id",
        "/rights/people?q=pet",
        "/rights/why/fields.json?table=customers",
    ):
        answer = client.get(address)

        assert answer.status_code == 200, (address, answer.text[:500])
