"""Sessions end: at logout, with the account, the password and the roles, whichever door the change comes through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access import jobs, sessions
from app.access.models import (
    EndReason,
    Role,
    RoleModulePermission,
    SessionKind,
    User,
    UserAuthMethod,
    UserRole,
    UserSession,
)
from app.core.db import transaction
from app.core.types import utc_now
from app.core.viewer import SYSTEM
from tests.conftest import PASSWORD, logged_in, make_user, token_of
from tests.smallest import form_of

LOGIN, REFRESH, LOGOUT = (f"/api/v1/security/{verb}" for verb in ("login", "refresh", "logout"))
NEW = "another long sentence"


@pytest.fixture
def petra(session: Session) -> User:
    role = Role(name="Clerk")
    role.role_module_permissions = [RoleModulePermission(module_key="customers", can_add=False, can_edit=False)]
    user = make_user(session, "petra", role=role)
    session.commit()
    return user


class Visitor:
    """Somebody with a browser and with tokens, who keeps both whatever the server says."""

    def __init__(self, app: Flask, nobody: FlaskClient) -> None:
        self.browser = nobody
        nobody.post("/login/", data={"username": "petra", "password": PASSWORD})
        cookie = nobody.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        self.cookie = (cookie.key, cookie.value)
        given = app.test_client().post(LOGIN, json={"username": "petra", "password": PASSWORD, "refresh": True}).json
        self.access, self.refresh = (
            {"Authorization": f"Bearer {given[kind]}"} for kind in ("access_token", "refresh_token")
        )
        self._app = app

    def page(self) -> int:
        """What the cookie of the login opens, whatever the server has set since."""
        fresh = self._app.test_client()
        fresh.set_cookie(*self.cookie)
        return fresh.get("/profile/").status_code

    def opened(self) -> tuple[int, int, int]:
        """Page with the old cookie, resource with the old access token, new token with the old refresh token."""
        program = self._app.test_client()
        listed = program.get("/api/v1/customers/", headers=self.access).status_code
        return self.page(), listed, program.post(REFRESH, headers=self.refresh).status_code


IN, OUT = (200, 200, 200), (302, 401, 401)


@pytest.fixture
def visitor(app: Flask, nobody: FlaskClient, petra: User) -> Visitor:
    found = Visitor(app, nobody)
    assert found.opened() == IN
    return found


def reasons(session: Session, user: User) -> set[str]:
    found = select(UserSession.end_reason).where(UserSession.user_id == user.id)
    return {str(reason) for reason in session.scalars(found)}


def age(session: Session, user: User, **shift: timedelta) -> None:
    """Put back the times of all sessions of a person."""
    for column, by in shift.items():
        session.execute(
            text(f"UPDATE user_sessions SET {column} = {column} - :by WHERE user_id = :user"),
            {"by": by, "user": user.id},
        )
    session.commit()


# Logging out ----------------------------------------------------------------


def test_the_cookie_of_before_the_logout_opens_nothing(visitor: Visitor, session: Session, petra: User) -> None:
    visitor.browser.post("/logout/")

    assert visitor.page() == 302
    assert "logout" in reasons(session, petra)


def test_a_token_that_logged_out_opens_nothing_and_refreshes_nothing(app: Flask, visitor: Visitor) -> None:
    answer = app.test_client().post(LOGOUT, headers=visitor.access)

    assert answer.status_code == 204
    assert visitor.opened() == (200, 401, 401)
    assert app.test_client().post(LOGOUT, headers=visitor.access).status_code == 401


def test_a_refreshed_token_ends_with_the_session_of_its_login(app: Flask, visitor: Visitor) -> None:
    fresh = app.test_client().post(REFRESH, headers=visitor.refresh).json["access_token"]
    header = {"Authorization": f"Bearer {fresh}"}
    before = app.test_client().get("/api/v1/customers/", headers=header).status_code

    app.test_client().post(LOGOUT, headers=visitor.refresh)

    assert (before, app.test_client().get("/api/v1/customers/", headers=header).status_code) == (200, 401)


def test_a_login_begins_a_session_with_a_new_id(app: Flask, nobody: FlaskClient, petra: User) -> None:
    ids = []
    for _login in range(2):
        nobody.post("/login/", data={"username": "petra", "password": PASSWORD})
        with nobody.session_transaction() as cookie:
            ids.append(cookie["sid"])
        nobody.post("/logout/")

    assert ids[0] != ids[1]


def test_a_session_id_that_somebody_planted_is_not_taken_over(
    app: Flask, nobody: FlaskClient, petra: User, admin: User
) -> None:
    with nobody.session_transaction() as cookie:
        cookie["sid"], cookie["csrf_token"] = "planted", "planted"

    nobody.post("/login/", data={"username": "petra", "password": PASSWORD})

    with nobody.session_transaction() as cookie:
        assert cookie["sid"] != "planted"
        assert cookie.get("csrf_token") != "planted"


@pytest.mark.parametrize("other", ["", "x", None, 7, "' OR 1=1"])
def test_a_session_id_that_is_none_opens_nothing(app: Flask, session: Session, petra: User, other: Any) -> None:
    nobody = logged_in(app, petra)
    with nobody.session_transaction() as cookie:
        cookie["sid"] = other

    assert nobody.get("/profile/").status_code == 302


def test_the_session_of_one_person_does_not_open_for_another(
    app: Flask, session: Session, petra: User, admin: User
) -> None:
    nobody = logged_in(app, petra)
    with nobody.session_transaction() as cookie:
        cookie["_user_id"] = admin.id

    assert nobody.get("/profile/").status_code == 302


def test_a_browser_session_is_no_session_of_a_token_and_the_other_way_round(
    app: Flask, session: Session, petra: User
) -> None:
    nobody = logged_in(app, petra)
    with nobody.session_transaction() as cookie:
        web = cookie["sid"]
        cookie["sid"] = sessions_of(session, petra, SessionKind.api, token_of(app, petra))

    header = token_of(app, petra)
    session.execute(update(UserSession).where(UserSession.user_id == petra.id).values(kind=SessionKind.web))
    session.commit()

    assert nobody.get("/profile/").status_code == 200  # it is one of a browser now
    assert web
    assert app.test_client().get("/api/v1/customers/", headers=header).status_code == 401


def sessions_of(session: Session, user: User, kind: SessionKind, _header: Any) -> str:
    found = select(UserSession.id).where(UserSession.user_id == user.id, UserSession.kind == kind)
    return str(session.scalars(found).first())


# Time -----------------------------------------------------------------------


@pytest.mark.parametrize(("idle", "opens"), [(29, True), (31, False)])
def test_half_an_hour_without_a_request_is_the_end(
    visitor: Visitor, session: Session, petra: User, idle: int, opens: bool
) -> None:
    age(session, petra, last_seen_at=timedelta(minutes=idle))

    assert visitor.opened() == (IN if opens else OUT)


@pytest.mark.parametrize(("hours", "opens"), [(11.9, True), (12.1, False)])
def test_after_twelve_hours_it_is_over_however_busy_one_was(
    visitor: Visitor, session: Session, petra: User, hours: float, opens: bool
) -> None:
    age(session, petra, expires_at=timedelta(hours=hours))

    assert visitor.opened() == (IN if opens else OUT)


def test_the_cookie_cannot_be_made_to_live_longer(visitor: Visitor, session: Session, petra: User) -> None:
    age(session, petra, expires_at=timedelta(hours=11), last_seen_at=timedelta(minutes=10))
    visitor.page()
    age(session, petra, expires_at=timedelta(hours=2))

    assert visitor.page() == 302


def test_a_request_is_noted_once_a_minute_and_leaves_the_account_as_it_is(
    visitor: Visitor, session: Session, petra: User
) -> None:
    def seen() -> Any:
        web = select(UserSession.last_seen_at).where(
            UserSession.user_id == petra.id, UserSession.kind == SessionKind.web
        )
        return session.scalars(web).one()

    version = session.scalar(select(User.row_version).where(User.id == petra.id))
    first = seen()
    visitor.page()
    unchanged = seen()
    age(session, petra, last_seen_at=timedelta(minutes=2))
    visitor.page()
    noted = seen()

    assert unchanged == first
    assert noted >= first
    assert session.scalar(select(User.row_version).where(User.id == petra.id)) == version


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("POST", "/lang/sk", 302), ("GET", "/lang/sk", 302), ("GET", "/password/", 200), ("POST", "/password/", 422),
     ("GET", "/login/", 302), ("POST", "/logout/", 302), ("GET", "/", 200), ("GET", "/healthz", 200)],
)  # fmt: skip
def test_every_page_opens_for_who_comes_back_after_some_minutes(
    client: FlaskClient, session: Session, admin: User, method: str, address: str, status: int
) -> None:
    """Some pages ask only in their middle who is there; that he was seen is noted then, without asking again."""
    age(session, admin, last_seen_at=timedelta(minutes=10))

    assert client.open(address, method=method).status_code == status


# The account ----------------------------------------------------------------


def by_form(admin: FlaskClient, session: Session, user: User, **values: Any) -> TestResponse:
    session.refresh(user)
    return admin.post(f"/users/edit/{user.id}", data={**form_of(user), "version": user.row_version, **values})


def deactivated_by_form(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    sent = {name: value for name, value in form_of(user).items() if name != "is_active"}
    session.refresh(user)
    answer = client.post(f"/users/edit/{user.id}", data={**sent, "version": user.row_version})
    assert answer.status_code == 302


def deactivated_by_rest(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    header = {**token_of(app, admin), "If-Match": "*"}
    assert client.put(f"/api/v1/users/{user.id}", json={"is_active": False}, headers=header).status_code == 200


def deactivated_in_the_code(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    with transaction(by=SYSTEM) as inside:
        inside.get_one(User, user.id).is_active = False


def deactivated_by_statement(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    session.execute(text("UPDATE users SET is_active = false WHERE id = :id"), {"id": user.id})
    session.commit()


def password_by_administrator(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    assert client.post(f"/password/{user.id}", data={"password": NEW, "confirm": NEW}).status_code == 302


def password_by_statement(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    session.execute(text("UPDATE users SET password_hash = '!' WHERE id = :id"), {"id": user.id})
    session.commit()


def method_in_the_code(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    with transaction(by=SYSTEM) as inside:
        inside.get_one(User, user.id).auth_method = UserAuthMethod.ms365


def another(session: Session) -> Role:
    role = Role(name="Somebody else")
    role.role_module_permissions = [RoleModulePermission(module_key="customers")]
    session.add(role)
    session.commit()
    return role


def role_by_form(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    assert by_form(client, session, user, role_id=another(session).id).status_code == 302


def role_by_rest(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    header = {**token_of(app, admin), "If-Match": "*"}
    changed = client.put(f"/api/v1/users/{user.id}", json={"role_id": another(session).id}, headers=header)
    assert changed.status_code == 200


def role_added_by_rest(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    body = {"user_id": user.id, "role_id": another(session).id}
    assert client.post("/api/v1/user_roles/", json=body, headers=token_of(app, admin)).status_code == 201


def role_added_in_the_code(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    role = another(session)
    with transaction(by=SYSTEM) as inside:
        inside.add(UserRole(user_id=user.id, role_id=role.id))


def role_deactivated(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    with transaction(by=SYSTEM) as inside:
        inside.get_one(Role, user.role_id).is_active = False


def role_made_stronger(app: Flask, client: FlaskClient, session: Session, admin: User, user: User) -> None:
    session.execute(text("UPDATE roles SET legacy_role = 'admin' WHERE id = :id"), {"id": user.role_id})
    session.commit()


CHANGES = {
    "deactivated": (deactivated_by_form, deactivated_by_rest, deactivated_in_the_code, deactivated_by_statement),
    "password": (password_by_administrator, password_by_statement),
    "method": (method_in_the_code,),
    "role": (
        role_by_form, role_by_rest, role_added_by_rest, role_added_in_the_code, role_deactivated, role_made_stronger,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "change"),
    [(reason, change) for reason, changes in CHANGES.items() for change in changes],
    ids=lambda what: what if isinstance(what, str) else what.__name__,
)
def test_old_cookie_and_old_tokens_are_refused_at_the_next_request(
    app: Flask,
    client: FlaskClient,
    session: Session,
    admin: User,
    petra: User,
    visitor: Visitor,
    reason: str,
    change: Callable[..., None],
) -> None:
    change(app, client, session, admin, petra)

    assert visitor.opened() == OUT
    assert reasons(session, petra) == {reason}
    assert client.get("/profile/").status_code == 200  # whoever changed it stays


def test_a_role_that_is_taken_away_ends_the_sessions_too(
    session: Session, petra: User, visitor: Visitor, app: Flask
) -> None:
    session.add(UserRole(user_id=petra.id, role_id=another(session).id))
    session.commit()
    header = token_of(app, petra)
    before = app.test_client().get("/api/v1/customers/", headers=header).status_code

    session.execute(text("DELETE FROM user_roles WHERE user_id = :id"), {"id": petra.id})
    session.commit()

    assert before == 200
    assert app.test_client().get("/api/v1/customers/", headers=header).status_code == 401


def test_who_is_active_again_logs_in_anew(session: Session, petra: User, visitor: Visitor) -> None:
    for active in (False, True):
        session.execute(text("UPDATE users SET is_active = :active WHERE id = :id"), {"active": active, "id": petra.id})
        session.commit()

    assert visitor.opened() == OUT
    assert visitor.browser.post("/login/", data={"username": "petra", "password": PASSWORD}).status_code == 302


def test_what_changes_nobodys_rights_to_log_in_ends_nothing(session: Session, petra: User, visitor: Visitor) -> None:
    values = "full_name = 'P', assigned_countries = '{SK}', is_active = is_active, role_id = role_id"
    session.execute(text(f"UPDATE users SET {values} WHERE id = :id"), {"id": petra.id})
    session.execute(text("UPDATE roles SET description = 'x' WHERE id = :id"), {"id": petra.role_id})
    session.commit()

    assert visitor.opened() == IN


def test_the_own_new_password_ends_all_sessions_and_this_browser_gets_a_new_one(
    session: Session, petra: User, visitor: Visitor
) -> None:
    with visitor.browser.session_transaction() as cookie:
        before = cookie["sid"]

    answer = visitor.browser.post("/password/", data={"current": PASSWORD, "password": NEW, "confirm": NEW})

    with visitor.browser.session_transaction() as cookie:
        assert cookie["sid"] != before
    assert answer.status_code == 302
    assert visitor.browser.get("/profile/").status_code == 200
    assert visitor.opened() == OUT


def test_changes_of_others_end_nobody_elses_session(session: Session, petra: User, visitor: Visitor) -> None:
    other = make_user(session, "other", role=another(session))
    session.commit()

    session.execute(text("UPDATE users SET is_active = false WHERE id = :id"), {"id": other.id})
    session.commit()

    assert visitor.opened() == IN


# Ending by hand -------------------------------------------------------------


def test_the_profile_lists_the_own_live_sessions_and_nobody_elses(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, admin: User
) -> None:
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
    app.test_client().post("/login/", data={"username": "petra", "password": PASSWORD}, headers=agent)
    app.test_client().post(LOGIN, json={"username": "petra", "password": PASSWORD}, headers={"User-Agent": "curl/8"})
    with db_session() as inside:
        sessions.begin(inside, admin, SessionKind.web, sessions.Origin("203.0.113.9"), now=utc_now())

    page = logged_in(app, petra).get("/profile/").text

    assert "Firefox on Linux" in page and "curl" in page
    assert page.count("This session") == 1
    assert page.count('/end"') == 3  # two others, and all others
    assert "203.0.113.9" not in page


def db_session() -> Any:
    return transaction(by=SYSTEM)


def test_a_person_ends_one_of_the_own_sessions(app: Flask, session: Session, visitor: Visitor, petra: User) -> None:
    mine = logged_in(app, petra)
    with visitor.browser.session_transaction() as cookie:
        key = cookie["sid"]

    answer = mine.post(f"/profile/sessions/{key}/end")

    assert answer.status_code == 302
    assert visitor.opened() == (302, 200, 200)
    assert mine.get("/profile/").status_code == 200
    assert mine.post(f"/profile/sessions/{key}/end").status_code == 404


def test_a_person_ends_all_other_sessions(app: Flask, session: Session, visitor: Visitor, petra: User) -> None:
    mine = logged_in(app, petra)

    mine.post("/profile/sessions/end")

    assert visitor.opened() == OUT
    assert mine.get("/profile/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else_from_the_profile(
    client: FlaskClient, session: Session, visitor: Visitor
) -> None:
    with visitor.browser.session_transaction() as cookie:
        key = cookie["sid"]

    answer = client.post(f"/profile/sessions/{key}/end")

    assert answer.status_code == 404
    assert visitor.opened() == IN


def test_an_administrator_ends_the_sessions_of_a_user(
    client: FlaskClient, session: Session, visitor: Visitor, petra: User
) -> None:
    answer = client.post(f"/users/{petra.id}/sessions/end")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/users/show/{petra.id}")
    assert visitor.opened() == OUT
    assert reasons(session, petra) == {"administrator"}
    assert client.get("/profile/").status_code == 200


@pytest.mark.parametrize("verb", ["sessions/end", "second-factor/reset"])
def test_only_who_may_edit_users_of_those_countries_does_it(
    app: Flask, client: FlaskClient, session: Session, petra: User, admin: User, verb: str
) -> None:
    role = Role(name="Accounts of Slovakia")
    role.role_module_permissions = [RoleModulePermission(module_key="users", can_add=True, can_edit=True)]
    keeper = make_user(session, "keeper", role=role, assigned_countries=["SK"])
    near = make_user(session, "near", assigned_countries=["SK"])
    far = make_user(session, "far", assigned_countries=["CZ"])
    wide = make_user(session, "wide", assigned_countries=["SK", "CZ"])
    session.commit()
    keeping = logged_in(app, keeper)

    answers = {user.username: keeping.post(f"/users/{user.id}/{verb}").status_code for user in (near, far, wide, admin)}
    clerk = logged_in(app, petra).post(f"/users/{near.id}/{verb}").status_code
    nobody = app.test_client().post(f"/users/{near.id}/{verb}")
    unknown = client.post(f"/users/no-such-user/{verb}").status_code

    assert answers == {"near": 302, "far": 404, "wide": 403, "admin": 403}
    assert (clerk, unknown) == (403, 404)
    assert nobody.status_code == 302 and nobody.headers["Location"].startswith("/login/")


# Keeping --------------------------------------------------------------------


def test_sessions_of_long_ago_are_forgotten_twice_without_harm(app: Flask, session: Session, petra: User) -> None:
    logged_in(app, petra)
    age(session, petra, expires_at=timedelta(days=91), last_seen_at=timedelta(days=91))
    kept = token_of(app, petra)

    for _time in (1, 2):
        jobs.forget_old_sessions(session, now=utc_now())
    session.commit()

    assert len(session.scalars(select(UserSession).where(UserSession.user_id == petra.id)).all()) == 1
    assert app.test_client().get("/api/v1/customers/", headers=kept).status_code == 200


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Version/17.5 Safari/604.1", ("Safari", "iPhone")),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("python-requests/2.32", ("python-requests", "")),
        ("", ("", "")),
        ("Mozilla/5.0", ("", "")),
        ("<script>alert(1)</script>", ("", "")),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_name_it(agent: str, expected: tuple[str, str]) -> None:
    assert sessions.device(agent) == expected


def test_a_reason_is_kept_with_the_end(session: Session, petra: User, app: Flask) -> None:
    logged_in(app, petra)
    with db_session() as inside:
        ended = sessions.end_all(inside, petra.id, EndReason.administrator, now=utc_now())
        again = sessions.end_all(inside, petra.id, EndReason.administrator, now=utc_now())

    assert (ended, again) == (1, 0)
