"""Lines of a record's menu and buttons above a list: nobody is led to a page that refuses him."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserAuthMethod
from app.core.viewer import SYSTEM_USER
from tests.conftest import logged_in, make_user
from tests.places import screens_of
from tests.smallest import smallest

_EVERYBODYS = ("Profile and settings", "My batches", "Change password")


def editor(app: Flask, session: Session, *tables: str, name: str = "editor") -> User:
    """Somebody who may edit these tables and do nothing else."""
    modules = {screens_of(app)[table].module for table in tables}
    given = [RoleModulePermission(module_key=module, can_edit=True) for module in sorted(modules)]
    return make_user(session, name, role=Role(name=f"Role of {name}", role_module_permissions=given))


def menu(browser: FlaskClient, address: str) -> dict[str, str]:
    """Where the lines of a record's menu lead, by their words."""
    page = browser.get(address)
    assert page.status_code == 200, page.status_code
    found = re.findall(r'<a class="menu-item" role="menuitem" href="([^"]+)">.*?<span>([^<]+)</span>', page.text)
    return {words: href for href, words in found if words not in _EVERYBODYS}


@pytest.mark.parametrize(
    ("table", "words"),
    [("users", {"Set password"}), ("roles", {"Permissions"}), ("pipelines", {"Edit stages"}),
     ("automation_rules", {"Open as a form"}), ("notification_rules", {"Open as a form"}), ("tasks", {"Work on it"}),
     ("communication_messages", {"Sending"}), ("customers", set())],
)  # fmt: skip
def test_every_line_of_a_menu_opens_for_who_may_edit_this_table_alone(
    app: Flask, session: Session, table: str, words: set[str]
) -> None:
    user = editor(app, session, table)
    row = smallest(session, table)
    if table == "notification_rules":
        row.user_id = user.id
    session.commit()
    browser = logged_in(app, user)

    lines = menu(browser, f"/{table}/show/{row.id}")

    assert set(lines) == words
    assert {browser.get(href).status_code for href in lines.values()} <= {200}


@pytest.mark.parametrize(
    "table",
    ["users", "roles", "pipelines", "automation_rules", "notification_rules", "tasks", "communication_messages"],
)
def test_every_line_opens_whichever_field_is_hidden(app: Flask, session: Session, table: str) -> None:
    row, refused = smallest(session, table), []
    for name in screens_of(app)[table].fields:
        user = editor(app, session, table, name=f"without {name}")
        user.role.role_field_permissions = [
            RoleFieldPermission(module_key=screens_of(app)[table].module, field_key=name, permission="hidden")
        ]
        if table == "notification_rules":
            row.user_id = user.id
        session.commit()
        browser = logged_in(app, user)
        lines = menu(browser, f"/{table}/show/{row.id}")
        refused += [(name, words) for words, href in lines.items() if browser.get(href).status_code != 200]

    assert refused == []


def test_the_password_of_a_stronger_colleague_is_not_offered(app: Flask, session: Session, admin: User) -> None:
    user = editor(app, session, "users")
    equal = make_user(session, "equal")
    away = make_user(session, "away", auth_method=UserAuthMethod.ms365)
    session.commit()
    browser = logged_in(app, user)

    offered = {one: "Set password" in menu(browser, f"/users/show/{one}") for one in (equal.id, admin.id, away.id, SYSTEM_USER)}  # fmt: skip
    opens = {one: browser.get(f"/password/{one}").status_code == 200 for one in (equal.id, admin.id, away.id)}

    assert offered == {equal.id: True, admin.id: False, away.id: False, SYSTEM_USER: False}
    assert opens == {equal.id: True, admin.id: False, away.id: False}
    assert "Set password" in menu(logged_in(app, admin), f"/users/show/{equal.id}")


def test_roles_are_led_to_from_a_person_by_who_sees_roles(app: Flask, session: Session) -> None:
    people, both = editor(app, session, "users"), editor(app, session, "users", "roles", name="both")
    session.commit()

    def offered(user: User) -> Any:
        return "Access and roles" in menu(logged_in(app, user), f"/users/show/{people.id}")

    assert (offered(people), offered(both)) == (False, True)
