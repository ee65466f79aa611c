"""Passwords: who may set which, and what will not do."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.models import RoleModulePermission, User, UserAuthMethod
from tests.access.doors import hash_of, log_in
from tests.conftest import PASSWORD, make_user, token_of
from tests.smallest import form_of

NEW = "another long sentence"


def set_password(nobody: FlaskClient, path: str, **sent: str) -> TestResponse:
    return nobody.post(path, data={"current": PASSWORD, "password": NEW, "confirm": NEW, **sent})


def test_a_person_changes_the_own_password(nobody: FlaskClient, petra: User) -> None:
    log_in(nobody, "petra")

    page = nobody.get("/password/")
    answer = set_password(nobody, "/password/")
    nobody.post("/logout/")

    assert 'name="current"' in page.text
    assert answer.status_code == 302
    assert log_in(nobody, "petra").status_code == 401
    assert log_in(nobody, "petra", NEW).status_code == 302


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"current": "not mine"}, "This is not your current password."),
        ({"current": ""}, "This is not your current password."),
        ({"password": "short", "confirm": "short"}, "At least 12 characters."),
        ({"password": "", "confirm": ""}, "At least 12 characters."),
        ({"password": "x" * 201, "confirm": "x" * 201}, "At most 200 characters."),
        ({"confirm": "something else"}, "Both entries must be the same."),
        ({"password": "Petra@Example.com", "confirm": "Petra@Example.com"}, "must not be the user name"),
    ],
)
def test_a_new_password_that_will_not_do_is_refused_at_its_field(
    nobody: FlaskClient, session: Session, petra: User, sent: dict[str, str], sentence: str
) -> None:
    log_in(nobody, "petra")
    before = hash_of(session, petra)

    answer = set_password(nobody, "/password/", **sent)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(value not in answer.text for value in {**sent}.values() if len(value) > 11 and "@" not in value)
    assert hash_of(session, petra) == before


def test_an_empty_post_of_a_password_changes_nothing(nobody: FlaskClient, session: Session, petra: User) -> None:
    log_in(nobody, "petra")
    before = hash_of(session, petra)

    answer = nobody.post("/password/", data={})

    assert answer.status_code == 422
    assert hash_of(session, petra) == before


def test_who_may_edit_users_sets_the_password_of_others_without_the_old_one(
    nobody: FlaskClient, client: FlaskClient, petra: User
) -> None:
    page = client.get(f"/password/{petra.id}")
    answer = client.post(f"/password/{petra.id}", data={"password": NEW, "confirm": NEW})

    assert "Petra" in page.text
    assert 'name="current"' not in page.text
    assert answer.status_code == 302
    assert log_in(nobody, "petra", NEW).status_code == 302


def test_setting_the_own_password_by_key_still_asks_for_the_old_one(
    client: FlaskClient, session: Session, admin: User
) -> None:
    before = hash_of(session, admin)

    answer = client.post(f"/password/{admin.id}", data={"password": NEW, "confirm": NEW})

    assert answer.status_code == 422
    assert hash_of(session, admin) == before


@pytest.mark.parametrize(("can_edit", "status"), [(False, 403), (True, 302)])
def test_the_right_to_edit_users_decides_over_passwords_of_others(
    nobody: FlaskClient, session: Session, petra: User, can_edit: bool, status: int
) -> None:
    given = RoleModulePermission(module_key="users", can_add=True, can_edit=can_edit)
    given.role = petra.primary_role
    session.add(given)
    colleague = make_user(session, "colleague")
    session.commit()
    before = hash_of(session, colleague)
    log_in(nobody, "petra")

    page = nobody.get(f"/password/{colleague.id}")
    answer = nobody.post(f"/password/{colleague.id}", data={"password": NEW, "confirm": NEW})

    assert page.status_code == (200 if can_edit else 403)
    assert answer.status_code == status
    assert (hash_of(session, colleague) != before) == can_edit


def test_who_is_no_administrator_does_not_become_one_by_setting_the_password_of_one(
    nobody: FlaskClient, session: Session, petra: User, admin: User
) -> None:
    given = RoleModulePermission(module_key="users", can_add=True, can_edit=True)
    given.role = petra.primary_role
    session.add(given)
    session.commit()
    before = hash_of(session, admin)
    log_in(nobody, "petra")

    answer = nobody.post(f"/password/{admin.id}", data={"password": NEW, "confirm": NEW})

    assert answer.status_code == 403
    assert hash_of(session, admin) == before


def test_a_password_of_nobody_or_of_a_microsoft_login_cannot_be_set(
    client: FlaskClient, session: Session, petra: User
) -> None:
    session.execute(update(User).where(User.id == petra.id).values(auth_method=UserAuthMethod.ms365))
    session.commit()

    unknown = client.get("/password/no-such-user")
    elsewhere = client.post(f"/password/{petra.id}", data={"password": NEW, "confirm": NEW})

    assert unknown.status_code == 404
    assert elsewhere.status_code == 409
    assert "Microsoft 365" in elsewhere.text


def test_no_form_and_no_rest_body_writes_a_password_hash(
    app: Flask, client: FlaskClient, session: Session, admin: User, petra: User
) -> None:
    before, version = hash_of(session, petra), petra.row_version

    page = client.get(f"/users/edit/{petra.id}")
    posted = client.post(f"/users/edit/{petra.id}", data={**form_of(petra), "password_hash": "!", "version": version})
    put = client.put(
        f"/api/v1/users/{petra.id}",
        json={"password_hash": "!"},
        headers={**token_of(app, admin), "If-Match": "*"},
    )

    assert "password_hash" not in page.text
    assert posted.status_code == 302
    assert put.status_code == 422
    assert hash_of(session, petra) == before
