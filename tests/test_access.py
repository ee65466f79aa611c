"""Coming in and going out: login, tokens, passwords, limits, and secrets that never leave."""

from __future__ import annotations

import base64
import json
import logging
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import bcrypt
import prison
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token, create_refresh_token
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.models import Role, RoleModulePermission, SessionKind, User, UserAuthMethod
from app.core.types import Secret
from app.tables import MODELS
from tests.conftest import PASSWORD, begun, logged_in, make_user, token_of
from tests.smallest import form_of, smallest

LOGIN, REFRESH = "/api/v1/security/login", "/api/v1/security/refresh"
WRONG = "Wrong user name or password."
NEW = "another long sentence"
SECRETS = [
    (table, column.name, column.type)
    for table, model in sorted(MODELS.items())
    for column in model.__table__.columns
    if isinstance(column.type, Secret)
]
SECRET_TABLES = sorted({table for table, _column, _type in SECRETS})


@pytest.fixture
def petra(session: Session) -> User:
    """Somebody who may log in, and sees customers."""
    role = Role(name="Clerk", is_active=True)
    role.role_module_permissions = [RoleModulePermission(module_key="customers", can_add=False, can_edit=False)]
    user = make_user(session, "Petra", role=role)
    session.commit()
    return user


def log_in(nobody: FlaskClient, name: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return nobody.post("/login/", data={"username": name, "password": password, **more})


def is_in(nobody: FlaskClient) -> bool:
    return nobody.get("/profile/").status_code == 200


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def hash_of(session: Session, user: User) -> str:
    return str(session.scalar(text("SELECT password_hash FROM users WHERE id = :id"), {"id": user.id}))


def set_hash(session: Session, user: User, stored: str) -> None:
    session.execute(text("UPDATE users SET password_hash = :h WHERE id = :id"), {"h": stored, "id": user.id})
    session.commit()


def bare(html: str) -> str:
    """A page without what differs from answer to answer."""
    return re.sub(r'(nonce|value)="[^"]*"', "", html)


# The form -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["Petra", "petra", "PETRA", "petra@example.com", "Petra@EXAMPLE.com", "  petra "])
def test_a_person_logs_in_by_user_name_or_email_in_any_case(nobody: FlaskClient, petra: User, name: str) -> None:
    answer = log_in(nobody, name)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_in(nobody)


def test_a_wrong_password_is_refused_with_a_sentence_and_the_name_stays(nobody: FlaskClient, petra: User) -> None:
    answer = log_in(nobody, "petra", "not the password")

    assert answer.status_code == 401
    assert WRONG in answer.text
    assert 'value="petra"' in answer.text
    assert "not the password" not in answer.text
    assert not is_in(nobody)


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(nobody: FlaskClient, petra: User) -> None:
    known = log_in(nobody, "petra", "not the password")
    unknown = log_in(nobody, "nobody at all", "not the password")

    assert unknown.status_code == known.status_code
    assert bare(unknown.text) == bare(known.text)


@pytest.mark.parametrize("name", ["", " ", "\x00", "petra\x00", "x" * 5000, "' OR 1=1 --", "%", "petr_", "😀"])
def test_odd_names_are_refused_like_wrong_ones(nobody: FlaskClient, petra: User, name: str) -> None:
    answer = log_in(nobody, name)

    assert answer.status_code in (400, 401)
    assert not is_in(nobody)


@pytest.mark.parametrize(
    "values", [{"is_active": False}, {"auth_method": UserAuthMethod.ms365}], ids=["inactive", "microsoft"]
)
def test_accounts_that_may_not_log_in_here_are_refused_like_a_wrong_password(
    nobody: FlaskClient, session: Session, petra: User, values: dict[str, Any]
) -> None:
    session.execute(update(User).where(User.id == petra.id).values(**values))
    session.commit()

    answer = log_in(nobody, "petra")

    assert answer.status_code == 401
    assert WRONG in answer.text
    assert not is_in(nobody)


@pytest.mark.parametrize(
    "stored",
    ["", "!", "$2b$10$...", "$2b$10$", "$2b$99$" + "a" * 53, "$2", "$2b$10$ž" + "a" * 52, "scrypt:", "scrypt:$a$b",
     "scrypt:32768:8$salt$aa", "scrypt:x:y:z$salt$aa", "scrypt:3:8:1$salt$aa", "plain", PASSWORD, "pbkdf2:sha256$a$b",
     "v1:key:body"],
)  # fmt: skip
def test_a_broken_hash_is_nobodys_password(nobody: FlaskClient, session: Session, petra: User, stored: str) -> None:
    set_hash(session, petra, stored)

    answer = log_in(nobody, "petra", stored or PASSWORD)

    assert answer.status_code == 401
    assert not is_in(nobody)


@pytest.mark.parametrize("password", [PASSWORD, "krátke heslo s diakritikou", "a long one " * 10])
def test_a_hash_of_the_legacy_system_opens_once_more_and_is_replaced(
    nobody: FlaskClient, session: Session, petra: User, password: str
) -> None:
    set_hash(session, petra, bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode())

    wrong = log_in(nobody, "petra", password[:-1].upper())
    first = log_in(nobody, "petra", password)
    stored = hash_of(session, petra)
    again = log_in(nobody, "petra", password)

    assert (wrong.status_code, first.status_code, again.status_code) == (401, 302, 302)
    assert stored.startswith("scrypt:")


def test_a_current_hash_stays_as_it_is(nobody: FlaskClient, session: Session, petra: User) -> None:
    before = hash_of(session, petra)

    log_in(nobody, "petra")

    assert before.startswith("scrypt:")
    assert hash_of(session, petra) == before


def test_what_is_typed_at_the_login_is_not_logged(
    nobody: FlaskClient, petra: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    log_in(nobody, "petra", "Mistyped-Secret-1")
    log_in(nobody, "Mistyped-Secret-2", "x")
    log_in(nobody, "petra")

    assert "login failed" in caplog.text
    assert "Mistyped-Secret" not in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize("wanted", ["/customers/list/?q=a&page=1", "/tables/", "http://localhost/tasks/list/"])
def test_after_the_login_one_is_where_one_wanted_to_go(nobody: FlaskClient, petra: User, wanted: str) -> None:
    page = nobody.get("/login/", query_string={"next": wanted})
    answer = log_in(nobody, "petra", next=wanted)

    assert wanted.replace("&", "&amp;") in page.text
    assert answer.headers["Location"] == wanted


FOREIGN = [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "\r\nX-Evil: 1",
    "/\r\nSet-Cookie: a=b", "///evil.example", "////evil.example", "\\\\evil.example", "\t//evil.example",
    " //evil.example", "javascript:alert(1)", "https:evil.example", "http:///evil.example", "http://[",
    "http://localhost@evil.example/", "http://localhost.evil.example", "data:text/html,x", "ftp://localhost/",
]  # fmt: skip


@pytest.mark.parametrize("wanted", FOREIGN)
def test_who_is_in_already_is_led_to_our_own_site_only(app: Flask, petra: User, wanted: str) -> None:
    answer = logged_in(app, petra).get("/login/", query_string={"next": wanted})

    assert_leads_home(answer)


@pytest.mark.parametrize("wanted", FOREIGN[:6])
@pytest.mark.parametrize("by", ["form", "address"])
def test_the_login_leads_to_our_own_site_only(nobody: FlaskClient, petra: User, wanted: str, by: str) -> None:
    sent = {"username": "petra", "password": PASSWORD}

    if by == "form":
        answer = nobody.post("/login/", data={**sent, "next": wanted})
    else:
        answer = nobody.post("/login/", query_string={"next": wanted}, data=sent)

    assert_leads_home(answer)


def assert_leads_home(answer: TestResponse) -> None:
    assert answer.status_code == 302
    # A browser takes a backslash for a slash, and drops tabs and line ends.
    seen = re.sub(r"[\t\r\n]", "", answer.headers["Location"].replace("\\", "/")).strip()
    target = urlsplit(urljoin("http://localhost/login/", seen))
    assert (target.scheme, target.netloc) == ("http", "localhost")
    assert "X-Evil" not in answer.headers


def test_the_session_before_the_login_is_left_behind_except_the_language(
    app: Flask, nobody: FlaskClient, petra: User
) -> None:
    with nobody.session_transaction() as cookie:
        cookie["planted"], cookie["locale"] = "by somebody else", "sk"

    log_in(nobody, "petra")

    with nobody.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["locale"] == "sk"
        assert cookie["_user_id"] == petra.id
        assert cookie.permanent


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites(nobody: FlaskClient, petra: User) -> None:
    answer = log_in(nobody, "petra")

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_only_post_logs_out(app: Flask, nobody: FlaskClient, petra: User) -> None:
    log_in(nobody, "petra")

    nobody.get("/logout/")
    still_in = is_in(nobody)
    answer = nobody.post("/logout/")

    assert still_in
    assert answer.headers["Location"] == "/login/"
    assert not is_in(nobody)


def test_a_deactivated_person_is_out_at_the_next_request(nobody: FlaskClient, session: Session, petra: User) -> None:
    log_in(nobody, "petra")
    before = nobody.get("/customers/list/").status_code
    session.execute(update(User).where(User.id == petra.id).values(is_active=False))
    session.commit()

    after = nobody.get("/customers/list/")

    assert before == 200
    assert after.status_code == 302
    assert urlsplit(after.headers["Location"]).path == "/login/"


@pytest.mark.parametrize("made_up", ["nobody", "1", "", "' OR 1=1", "x" * 3000])
def test_a_session_of_a_user_that_is_not_there_is_no_session(app: Flask, nobody: FlaskClient, made_up: str) -> None:
    with nobody.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = made_up, True

    assert not is_in(nobody)


# Tokens -------------------------------------------------------------------


def ask_token(nobody: FlaskClient, **body: Any) -> TestResponse:
    return nobody.post(LOGIN, json={"username": "petra", "password": PASSWORD, "provider": "db", **body})


@pytest.mark.parametrize("name", ["petra", "PETRA@example.com"])
def test_the_api_login_gives_tokens_that_work(nobody: FlaskClient, petra: User, name: str) -> None:
    given = ask_token(nobody, username=name, refresh=True).json
    refreshed = nobody.post(REFRESH, headers=bearer(given["refresh_token"])).json

    for token in (given["access_token"], refreshed["access_token"]):
        answer = nobody.get("/api/v1/customers/", headers=bearer(token))
        assert answer.status_code == 200
    claims = json.loads(base64.urlsafe_b64decode(given["access_token"].split(".")[1] + "=="))
    assert claims["sub"] == petra.id


def test_the_api_login_gives_no_refresh_token_unasked_and_needs_no_provider(nobody: FlaskClient, petra: User) -> None:
    answer = nobody.post(LOGIN, json={"username": "petra", "password": PASSWORD})

    assert answer.status_code == 200
    assert answer.json.keys() == {"access_token"}


def test_the_api_login_sets_no_cookie(nobody: FlaskClient, petra: User) -> None:
    ask_token(nobody)

    assert not is_in(nobody)


@pytest.mark.parametrize("body", [{"password": "wrong"}, {"username": "nobody"}])
def test_a_refused_api_login_says_nothing_about_what_was_wrong(
    nobody: FlaskClient, petra: User, body: dict[str, str]
) -> None:
    answer = ask_token(nobody, **body)

    assert answer.status_code == 401
    assert answer.is_json
    assert answer.json["message"] == WRONG


@pytest.mark.parametrize(
    "body",
    ["", "{", "null", "[]", "1", '"x"', "{}", '{"username": "petra"}', '{"username": null, "password": null}',
     '{"username": 1, "password": 2, "provider": "db"}', '{"username": ["petra"], "password": {}, "provider": "db"}',
     '{"username": "", "password": "", "provider": "db"}', '{"username": "petra", "password": "x", "provider": "ldap"}',
     '{"username": "petra", "password": "x", "provider": 7}', '{"username": "pe\\u0000tra", "password": "x"}',
     '{"username": "petra", "password": "\\u0000"}', '{"username": "\\ud800", "password": "x"}',
     '{"username": "petra", "password": "\\udfff"}', '{"username": "petra", "password": "x", "more": 1}',
     '{"username": "petra", "password": "x", "refresh": []}', "[" * 100_000, "\ufeff{}"],
    ids=lambda body: body[:40],
)  # fmt: skip
def test_an_api_login_that_makes_no_sense_is_refused_as_json(nobody: FlaskClient, petra: User, body: str) -> None:
    answer = nobody.post(LOGIN, data=body.encode(), content_type="application/json")

    assert answer.status_code in (400, 401, 422)
    assert answer.is_json
    assert "message" in answer.json


def test_an_api_login_that_is_no_json_is_refused(nobody: FlaskClient, petra: User) -> None:
    answer = nobody.post(LOGIN, data={"username": "petra", "password": PASSWORD, "provider": "db"})

    assert answer.status_code == 400
    assert answer.is_json


def odd_tokens(app: Flask, user: User) -> dict[str, dict[str, str]]:
    """Headers that are no valid access token, by what is wrong with them."""
    good = token_of(app, user)["Authorization"].removeprefix("Bearer ")
    head, claims, sign = good.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    with app.app_context():
        claims = {"sid": begun(user, SessionKind.api)}
        refresh = create_refresh_token(user.id, additional_claims=claims)
        stranger = create_access_token("no-such-user", additional_claims=claims)
        number = create_access_token("1", additional_claims=claims)
        without = create_access_token(user.id)
    return {
        "missing": {},
        "empty": {"Authorization": ""},
        "without a token": {"Authorization": "Bearer"},
        "other scheme": {"Authorization": "Basic cGV0cmE6eA=="},
        "no token at all": bearer("rubbish"),
        "dots": bearer("a.b.c"),
        "not ascii": bearer("žžž"),
        "altered": bearer(f"{head}.{claims}.{sign[:-4]}AAAA"),
        "unsigned": bearer(f"{unsigned}.{claims}."),
        "expired": token_of(app, user, expires_delta=timedelta(seconds=-5)),
        "refresh token": bearer(refresh),
        "unknown user": bearer(stranger),
        "without a session": bearer(without),
        "number": bearer(number),
        "two": {"Authorization": f"Bearer {good} {good}"},
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_bad_expired_and_missing_tokens_are_refused_as_json(
    app: Flask, nobody: FlaskClient, petra: User, method: str
) -> None:
    for what, headers in odd_tokens(app, petra).items():
        answer = nobody.open("/api/v1/customers/", method=method, headers=headers)

        assert answer.status_code == 401, what
        assert "Sign in" in answer.json["message"], what


def test_an_access_token_does_not_refresh(app: Flask, nobody: FlaskClient, petra: User) -> None:
    answer = nobody.post(REFRESH, headers=token_of(app, petra))

    assert answer.status_code == 401
    assert "message" in answer.json


def test_tokens_of_a_deactivated_person_are_refused(nobody: FlaskClient, session: Session, petra: User) -> None:
    given = ask_token(nobody, refresh=True).json
    session.execute(update(User).where(User.id == petra.id).values(is_active=False))
    session.commit()

    read = nobody.get("/api/v1/customers/", headers=bearer(given["access_token"]))
    refreshed = nobody.post(REFRESH, headers=bearer(given["refresh_token"]))

    assert (read.status_code, refreshed.status_code) == (401, 401)
    assert read.is_json
    assert refreshed.is_json


def test_rest_does_not_take_the_cookie_of_a_browser(app: Flask, admin: User) -> None:
    nobody = logged_in(app, admin)

    read = nobody.get("/api/v1/customers/")
    written = nobody.post("/api/v1/customers/", json={"first_name": "A", "last_name": "B"})

    assert (read.status_code, written.status_code) == (401, 401)


def test_beside_a_cookie_the_token_alone_decides(app: Flask, admin: User, petra: User) -> None:
    nobody = logged_in(app, admin)

    allowed = nobody.get("/api/v1/customers/", headers=token_of(app, petra))
    refused = nobody.get("/api/v1/users/", headers=token_of(app, petra))

    assert (allowed.status_code, refused.status_code) == (200, 403)


def test_a_token_opens_no_page(app: Flask, nobody: FlaskClient, petra: User) -> None:
    answer = nobody.get("/customers/list/", headers=token_of(app, petra))

    assert answer.status_code == 302


# Limits -------------------------------------------------------------------


@pytest.mark.parametrize("door", ["form", "api"])
def test_five_tries_in_a_minute_are_enough(nobody: FlaskClient, petra: User, door: str) -> None:
    def attempt(password: str = "wrong") -> TestResponse:
        return log_in(nobody, "petra", password) if door == "form" else ask_token(nobody, password=password)

    tries = [attempt().status_code for _ in range(5)]
    limited = attempt(PASSWORD)

    assert set(tries) == {401}
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) > 0
    assert "Wait a little" in limited.text
    assert limited.is_json == (door == "api")
    assert not is_in(nobody)


def test_looking_at_the_login_page_is_not_a_try(nobody: FlaskClient, petra: User) -> None:
    pages = [nobody.get("/login/").status_code for _ in range(12)]

    assert set(pages) == {200}
    assert log_in(nobody, "petra").status_code == 302


# Passwords ----------------------------------------------------------------


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


# Secrets ------------------------------------------------------------------


def canary(table: str, column: str) -> str:
    return f"canary-{table}-{column}".replace("_", "-")[:60]


def row_with_canaries(session: Session, table: str) -> Any:
    """A row whose secrets hold canaries in clear text, as somebody's SQL or an import would leave them."""
    row = smallest(session, table)
    for column, kind in [(column, kind) for name, column, kind in SECRETS if name == table]:
        value = canary(table, column)[: kind.length]
        session.execute(text(f'UPDATE {table} SET "{column}" = :v WHERE id = :id'), {"v": value, "id": row.id})
    session.commit()
    session.expire_all()
    return row


def assert_silent(answer: TestResponse, what: object) -> None:
    assert answer.status_code < 500, what
    body = answer.get_data(as_text=True)
    assert "canary-" not in body, what
    assert "v1:" not in body, what
    assert "scrypt:" not in body, what
    assert "canary-" not in str(answer.headers), what


def test_the_schema_documents_at_least_these_secrets() -> None:
    assert {"users", "collaborators", "user_ms365_connections", "sip_settings", "system_ms365_connections",
            "ms365_pkce_store", "mobile_push_tokens"} <= set(SECRET_TABLES)  # fmt: skip


@pytest.mark.parametrize("table", SECRET_TABLES)
def test_a_secret_is_in_no_page_no_file_and_no_answer(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    row = row_with_canaries(session, table)
    key, token = row.id, token_of(app, admin)
    screen = app.extensions["screens"][table]
    by_key = prison.dumps({"filters": [{"col": "id", "opr": "eq", "value": str(key)}]})

    for page in (
        "list/?all=1",
        "export.csv?all=1",
        f"show/{key}",
        f"edit/{key}",
        "add",
        "chart/",
        "list/?q=canary",
    ):
        assert_silent(client.get(f"/{table}/{page}"), page)
    for number in range(len(screen.charts)):
        assert_silent(client.get(f"/{table}/chart/{number}.json"), number)
    for child in screen.children:
        assert_silent(client.get(f"/{table}/show/{key}/tab/{child.key}"), child)
    listed = client.get(f"/api/v1/{table}/", query_string={"q": by_key}, headers=token)
    read = client.get(f"/api/v1/{table}/{key}", headers=token)
    for answer in (listed, read, client.get(f"/api/v1/{table}/_info", headers=token)):
        assert_silent(answer, answer.request.path)
    assert listed.json["ids"] == [key]
    secrets = {column for name, column, _kind in SECRETS if name == table}
    assert secrets.isdisjoint(read.json["result"])


@pytest.mark.parametrize("table", SECRET_TABLES)
def test_a_secret_is_in_no_record_that_points_to_its_own(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    key = row_with_canaries(session, table).id

    for child in app.extensions["screens"][table].children:
        other = app.extensions["screens"][child.table].fields[child.column]
        if len(other.targets) == 1:
            smallest(session, child.table, **{other.attribute: key})
            session.commit()
            assert_silent(client.get(f"/{child.table}/list/?all=1"), child.table)
            assert_silent(client.get(f"/{child.table}/pick/{child.column}?q=canary"), child.table)


@pytest.mark.parametrize(("table", "column"), [(table, column) for table, column, _kind in SECRETS])
def test_a_secret_can_be_neither_searched_filtered_sorted_nor_asked_for(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str, column: str
) -> None:
    row = row_with_canaries(session, table)
    token = token_of(app, admin)
    page = {"headers": {"Accept": "application/json"}}

    found = client.get(f"/{table}/list/", query_string={"q": canary(table, column), "all": "1"})
    for operator in ("ct", "sw", "eq", "some", "none", "0", "4"):
        answer = client.get(f"/{table}/list/", query_string={f"_flt_{operator}_{column}": "canary"}, **page)
        assert answer.status_code == 400, operator
    for where in ("list/", "export.csv", "chart/"):
        assert client.get(f"/{table}/{where}?order={column}", **page).status_code == 400, where
        assert client.get(f"/{table}/{where}?order=-{column}", **page).status_code == 400, where
    for asked in (
        {"filters": [{"col": column, "opr": "sw", "value": "canary"}]},
        {"order_column": column},
        {"columns": [column]},
        {"select_columns": ["id", column]},
    ):
        answer = client.get(f"/api/v1/{table}/", query_string={"q": prison.dumps(asked)}, headers=token)
        assert answer.status_code == 400, asked

    assert f"/{table}/show/{row.id}" not in found.text


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, column, kind in SECRETS if kind.store == "sealed"],
)
def test_a_secret_that_is_typed_rests_sealed_and_is_not_repeated(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str, column: str
) -> None:
    row = smallest(session, table)
    session.commit()
    required = next((f.name for f in app.extensions["screens"][table].editable() if f.required and not f.secret), None)
    typed, version = canary(table, column)[:30], row.row_version

    if required is not None:
        assert_silent(client.post(f"/{table}/edit/{row.id}", data={column: typed, required: ""}), "refused form")
    saved = client.post(f"/{table}/edit/{row.id}", data={column: typed, "version": version}, follow_redirects=True)
    rests = session.scalar(text(f'SELECT "{column}" FROM {table} WHERE id = :id'), {"id": row.id})
    put = client.put(
        f"/api/v1/{table}/{row.id}",
        json={column: f"{typed}2"},
        headers={**token_of(app, admin), "If-Match": "*"},
    )
    session.expire_all()

    assert saved.status_code == 200
    assert_silent(saved, "saved form")
    assert str(rests).startswith("v1:")
    assert_silent(put, "rest")
    assert put.status_code == 200
    assert getattr(row, column).reveal() == f"{typed}2"


def test_an_empty_secret_field_keeps_what_is_stored(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "users", sip_password="kept-as-it-was")
    session.commit()

    client.post(f"/users/edit/{row.id}", data={**form_of(row), "sip_password": "", "version": row.row_version})

    session.expire_all()
    assert session.scalars(select(User.sip_password).where(User.id == row.id)).one().reveal() == "kept-as-it-was"
