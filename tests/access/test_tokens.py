"""The login of programs: tokens, and what they open."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token, create_refresh_token
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access.models import SessionKind, User
from tests.access.doors import LOGIN, WRONG, ask_token, bearer, is_in
from tests.conftest import PASSWORD, begun, logged_in, token_of

REFRESH = "/api/v1/security/refresh"


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
