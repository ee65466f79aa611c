"""What holds for every answer: no forged change, no foreign script, no cached page."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import User
from tests.conftest import logged_in
from tests.smallest import form_of, smallest

PAGES = ["/", "/customers/list/", "/customers/add", "/customers/chart/", "/tables/", "/swagger/v1", "/profile/",
         "/password/", "/nothing"]  # fmt: skip


def test_only_the_token_of_the_own_session_is_taken(app: Flask, session: Session, admin: User) -> None:
    row = smallest(session, "customers")
    session.commit()
    browser, other = logged_in(app, admin), logged_in(app, admin)
    address = f"/customers/edit/{row.id}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(address).text)
    assert token is not None
    values = {**form_of(row), "first_name": "Changed", "version": row.row_version}

    refused = [
        browser.post(address, data={**values, "csrf_token": wrong}) for wrong in ("", "x", token[1][:-3] + "xyz")
    ]
    stolen = other.post(address, data={**values, "csrf_token": token[1]})
    taken = browser.post(address, data={**values, "csrf_token": token[1]})

    assert {answer.status_code for answer in (*refused, stolen)} == {400}
    assert taken.status_code == 302


def test_every_file_that_a_page_names_is_there(app: Flask, client: FlaskClient, session: Session) -> None:
    row = smallest(session, "customers")
    session.commit()
    records = [f"/customers/{page}/{row.id}" for page in ("show", "edit")]
    pages = [client.get(page).text for page in (*PAGES, *records)] + [app.test_client().get("/login/").text]

    files = {name for page in pages for name in re.findall(r'(?:src|href)="(/static/[^"#]+)', page)}

    assert len(files) > 15
    assert [name for name in files if client.get(name).status_code != 200] == []


@pytest.mark.parametrize("page", PAGES)
def test_scripts_come_from_this_house_only(client: FlaskClient, page: str) -> None:
    answer = client.get(page)
    policy = answer.headers["Content-Security-Policy"]
    scripts = re.search(r"script-src ([^;]*);", policy)

    assert scripts is not None and "unsafe" not in scripts[1] and "'nonce-" in scripts[1]
    assert "frame-ancestors 'none'" in policy and "object-src 'none'" in policy
    assert not re.search(r"<script(?![^>]*(src=|nonce=|application/json))", answer.text)
    assert not re.search(r"\son[a-z]+=", re.sub(r"(title|value|placeholder)=\"[^\"]*\"", "", answer.text))
    assert not re.search(r"(src|href|action)=\"(https?:)?//", answer.text)


def test_every_answer_has_its_own_nonce(client: FlaskClient) -> None:
    first, second = (client.get("/").headers["Content-Security-Policy"] for _time in (1, 2))

    assert first != second


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_neither_kept_nor_guessed_at(client: FlaskClient, page: str) -> None:
    headers = client.get(page).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert re.fullmatch("[0-9a-f]{12}", headers["X-Request-Id"])


def test_files_of_the_face_may_be_kept_for_a_year(app: Flask, client: FlaskClient) -> None:
    address = re.search(r'href="(/static/css/[^"]+)"', client.get("/").text)
    assert address is not None

    answer = client.get(address[1])

    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]


def test_health_probes_need_no_login_and_tell_nothing(app: Flask, session: Session) -> None:
    browser = app.test_client()

    assert browser.get("/healthz").json == {"status": "ok"}
    assert browser.get("/readyz").json == {"status": "ok", "database": "ok", "redis": "ok"}
