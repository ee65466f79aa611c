"""Which values of a record's page may be changed where they are read; the doors behind are those of the lists."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import Role, RoleModulePermission
from app.core.types import Country
from tests.conftest import logged_in, make_user
from tests.places import clerk
from tests.smallest import given_to, smallest
from tests.test_all_tables import every_table, keep, screen_of
from tests.test_quickedit import in_place


def offered(page: str) -> set[str]:
    """Fields whose value is marked for its pencil."""
    return set(re.findall(r'<dd data-quick="([^"]+)"', page))


@every_table
def test_what_fits_and_may_be_changed_is_offered_and_nothing_else(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row, screen = keep(session, table), screen_of(app, table)

    page = client.get(f"/{table}/show/{row.id}").text

    expected = set() if screen.append_only else {f.name for f in in_place(screen)}
    assert offered(page) == expected
    assert not offered(page) & screen.sealed
    assert ("values.js" in page) is bool(expected)
    assert page.count("data-quick-start") == bool(expected)  # the script draws the rest


@every_table
def test_to_who_only_looks_nothing_is_offered(app: Flask, session: Session, table: str) -> None:
    screen = screen_of(app, table)
    looks = Role(name="looker")
    looks.role_module_permissions = [
        RoleModulePermission(module_key=screen.module, access="visible", can_add=False, can_edit=False)
    ]
    user = make_user(session, "somebody", role=looks)
    row = keep(session, table)
    given_to(session, row, user)

    page = logged_in(app, user).get(f"/{table}/show/{row.id}")

    assert page.status_code == 200
    assert "data-quick" not in page.text


@pytest.mark.parametrize("countries", [("SK",), ("SK", "DE")], ids=["of a part of its countries", "of all of them"])
def test_a_record_that_reaches_into_another_country_is_only_read(
    app: Flask, session: Session, countries: tuple[str, ...]
) -> None:
    row = smallest(session, "campaigns", country_codes=[Country.SK, Country.DE])
    session.commit()
    browser = logged_in(app, clerk(session, app, "home", *countries))

    page = browser.get(f"/campaigns/show/{row.id}")

    assert page.status_code == 200
    assert bool(offered(page.text)) is (len(countries) == 2)


@pytest.mark.parametrize("countries", [("SK",), ("SK", "DE")], ids=["of a part of its countries", "of all of them"])
def test_what_may_only_be_read_has_no_button_that_the_server_would_refuse(
    app: Flask, session: Session, countries: tuple[str, ...]
) -> None:
    row = smallest(session, "campaigns", country_codes=[Country.SK, Country.DE])
    session.commit()
    browser = logged_in(app, clerk(session, app, "home", *countries))

    pages = {page: browser.get(f"/campaigns/{page}").text for page in (f"show/{row.id}", "list/")}
    forms = {browser.get(f"/campaigns/edit/{row.id}").status_code}

    for page in pages.values():
        assert f"/campaigns/show/{row.id}" in page or row.id in page
        assert (f"/campaigns/edit/{row.id}" in page) is (len(countries) == 2)
        assert (f"/campaigns/delete/{row.id}" in page) is (len(countries) == 2)
    assert forms == ({200} if len(countries) == 2 else {403})
