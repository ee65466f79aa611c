"""A person in a list or a record: a circle with the letters of the name, in a colour that stays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission
from app.customers.models import Customer
from app.screens import people
from app.screens.cells import cell_of
from app.screens.fields import fields_of
from tests.conftest import logged_in, make_user
from tests.places import screens_of
from tests.smallest import smallest

STATIC = Path(__file__).parents[1] / "app" / "static" / "css"
FACE = r'<i class="avatar" aria-hidden="true" data-hue="(\d)" data-initials="([^"]*)"></i>'


def owned(session: Session, **person: Any) -> tuple[Any, Any]:
    """A customer with somebody who looks after it."""
    user = make_user(session, "gallova", **person)
    user.full_name = "MUDr. Jana Nagyová Gállová"
    row = smallest(session, "customers", assigned_user_id=user.id)
    session.commit()
    return row, user


def reading(app: Flask, *tables: str) -> Role:
    """A role that may look at these tables."""
    modules = {screens_of(app)[table].module for table in tables}
    permissions = [RoleModulePermission(module_key=module, access="visible") for module in sorted(modules)]
    return Role(name="Reads a little", role_module_permissions=permissions)


@pytest.mark.parametrize("active", [True, False], ids=["active", "deactivated"])
def test_lists_and_records_show_the_letters_before_the_name_of_a_person(
    client: FlaskClient, session: Session, active: bool
) -> None:
    row, user = owned(session, is_active=active)

    for address in ("/customers/list/?all=1&columns=first_name,assigned_user_id", f"/customers/show/{row.id}"):
        found = re.search(
            rf'<a href="/users/show/{user.id}">{FACE}MUDr. Jana Nagyová Gállová</a>', client.get(address).text
        )
        assert found is not None, address
        assert found.groups() == (str(people.hue(user.id)), "JG")


def test_who_may_not_open_people_sees_their_letters_without_a_way_to_them(app: Flask, session: Session) -> None:
    row, _user = owned(session)
    browser = logged_in(app, make_user(session, "reader", role=reading(app, "customers")))

    page = browser.get(f"/customers/show/{row.id}").text

    assert "/users/show/" not in page
    assert re.search(rf"<span>{FACE}MUDr. Jana Nagyová Gállová</span>", page)


def test_a_person_whose_name_is_hidden_has_no_letters(app: Flask, session: Session) -> None:
    row, user = owned(session)
    role = reading(app, "customers", "users")
    users = screens_of(app)["users"].module
    role.role_field_permissions = [RoleFieldPermission(module_key=users, field_key="full_name", permission="hidden")]
    browser = logged_in(app, make_user(session, "reader", role=role))

    page = browser.get(f"/customers/show/{row.id}").text

    assert f"/users/show/{user.id}" in page
    assert "Gállová" not in page
    assert 'class="avatar"' not in page


def test_a_person_one_has_no_access_to_has_no_letters(app: Flask) -> None:
    owner = fields_of(Customer)["assigned_user_id"]

    with app.test_request_context():
        cell = cell_of({"assigned_user_id": "someone", "assigned_user_id__name": None}, owner, short=True, links={})

    assert (cell.text, cell.initials) == ("(no access)", "")


def test_a_circle_stands_before_people_alone(client: FlaskClient, session: Session) -> None:
    insurance = smallest(session, "health_insurance_companies", name="Jana Gállová")
    row = smallest(session, "customers", health_insurance_id=insurance.id)
    session.commit()

    page = client.get(f"/customers/show/{row.id}").text

    assert "Jana Gállová" in page
    assert 'class="avatar"' not in page


def test_the_colour_is_that_of_the_person_not_of_the_name_or_the_start() -> None:
    assert [people.hue(key) for key in ("a", "b", "c", 1, "1")] == [3, 5, 3, 5, 5]
    assert {people.hue(key) for key in range(200)} == set(range(people.HUES))


@pytest.mark.parametrize("hue", range(people.HUES))
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_letters_can_be_read_on_every_colour_in_both_themes(hue: int, theme: int) -> None:
    rule = re.search(
        rf'\.avatar\[data-hue="{hue}"\] {{\s*background: var\(--([\w-]+)\);\s*color: var\(--([\w-]+)\);',
        (STATIC / "base.css").read_text(),
    )
    assert rule is not None
    tokens = (STATIC / "tokens.css").read_text()
    ground, letters = (re.findall(rf"--{name}: #([0-9a-f]{{6}});", tokens)[theme] for name in rule.groups())

    lighter, darker = sorted((_light(ground), _light(letters)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def _light(colour: str) -> float:
    """Relative luminance, WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
