"""People, tasks and doors for the tests about tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User
from app.core.db import transaction
from app.core.types import Country
from app.customers.models import Customer
from app.work.models import Task
from tests.conftest import make_user
from tests.smallest import smallest

JSON = {"Accept": "application/json"}
EVERYTHING = {"tasks": "vae", "customers": "vae", "users": "v", "deals": "vae"}


def make_role(
    session: Session, name: str, modules: dict[str, str] | None = None, fields: dict[str, str] | None = None
) -> Role:
    """`modules` by what is allowed in them: "v", "va", "ve" or "vae"; `fields` of tasks by their right."""
    role = Role(name=name)
    role.role_module_permissions = [
        RoleModulePermission(module_key=key, can_add="a" in may, can_edit="e" in may)
        for key, may in (EVERYTHING if modules is None else modules).items()
    ]
    role.role_field_permissions = [
        RoleFieldPermission(module_key="tasks", field_key=key, permission=right)
        for key, right in (fields or {}).items()
    ]
    session.add(role)
    session.flush()
    return role


def person(session: Session, name: str, *countries: str, role: Role | None = None, **more: Any) -> User:
    """A colleague who works with tasks in these countries, unless a role says otherwise."""
    found = make_user(
        session, name, role=role or make_role(session, f"Role of {name}"), assigned_countries=list(countries), **more
    )
    session.commit()
    return found


def task_of(session: Session, owner: User, country: str | None = "SK", **more: Any) -> Task:
    """An open task that lies there already."""
    values = {"title": "Call Eva", "created_by_user_id": owner.id, **more}
    task = Task(assigned_user_id=owner.id, country=Country(country) if country else None, **values)
    session.add(task)
    session.commit()
    return task


def customer_in(session: Session, country: str, **more: Any) -> Customer:
    found: Customer = smallest(session, "customers", country=Country(country), **more)
    session.commit()
    return found


@contextmanager
def acting_as(app: Flask, user: User) -> Iterator[Session]:
    """The transaction of this person, as a view has it."""
    with app.test_request_context():
        from app.core.db import current_session

        own = current_session()
        viewer = viewer_of(own, own.merge(user, load=False))
        with transaction(by=viewer) as session:
            yield session
