"""The doors of the house as these tests knock at them."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.models import User
from tests.conftest import PASSWORD

LOGIN = "/api/v1/security/login"
WRONG = "Wrong user name or password."


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


def ask_token(nobody: FlaskClient, **body: Any) -> TestResponse:
    return nobody.post(LOGIN, json={"username": "petra", "password": PASSWORD, "provider": "db", **body})
