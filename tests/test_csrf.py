"""No change is taken from another site: every route that changes something wants the token of the own session."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.access.models import User
from app.core.db import Base
from tests.conftest import logged_in
from tests.smallest import form_of, smallest

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


def changing(app: Flask) -> list[tuple[str, Rule]]:
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith("/api/")
        for method in sorted(CHANGING & (rule.methods or set()))
    ]


def filled(rule: Rule, row: Any) -> str:
    """The address with something that is there for each of its parts."""
    values = {"locale": "en", "filename": "mark.svg"}
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda part: values.get(part[1], str(row.id)), rule.rule)


def fingerprint(session: Session) -> dict[str, tuple[int, str]]:
    """Of every table, how many rows and the newest version of one: whatever changes a row changes this.

    Of sessions, how many have ended: whatever is asked notes once a minute that they were seen.
    """
    found = {}
    for name in Base.metadata.tables:
        newest = "count(ended_at)" if name == "user_sessions" else "coalesce(max(xmin::text::bigint), 0)"
        row = session.execute(text(f'SELECT count(*), {newest} FROM "{name}"')).one()
        found[name] = (row[0], str(row[1]))
    return found


def token(browser: FlaskClient, page: str = "/profile/") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found is not None
    return found[1]


def test_no_route_takes_a_change_without_the_token_of_its_own_session(
    app: Flask, session: Session, admin: User
) -> None:
    row = smallest(session, "customers")
    session.commit()
    browser, other = logged_in(app, admin), logged_in(app, admin)
    own, foreign = token(browser), token(other)
    wrong = {"none": "", "made up": "x", "altered": f"{own[:-3]}xyz", "of another session": foreign}
    sent = {**form_of(row), "version": row.row_version}
    before = fingerprint(session)
    routes = changing(app)

    taken = []
    for method, rule in routes:
        for what, value in wrong.items():
            data = {**sent, "csrf_token": value} if value else sent
            header = {"X-CSRFToken": value} if value else {}
            answer = browser.open(filled(rule, row), method=method, data=data, headers=header)
            if answer.status_code != 400:
                taken.append((method, rule.rule, what, answer.status_code))

    assert len(routes) > 290
    assert taken == []
    assert fingerprint(session) == before


def test_the_token_of_before_the_login_is_worth_nothing_after_it(app: Flask, session: Session, admin: User) -> None:
    browser = app.test_client()
    before = token(browser, "/login/")
    signed_in = browser.post(
        "/login/", data={"username": "admin", "password": "correct horse battery", "csrf_token": before}
    )

    refused = browser.post("/profile/sessions/end", data={"csrf_token": before})
    taken = browser.post("/profile/sessions/end", data={"csrf_token": token(browser)})

    assert signed_in.status_code == 302
    assert (refused.status_code, taken.status_code) == (400, 302)


def test_the_login_itself_wants_a_token(app: Flask, session: Session, admin: User) -> None:
    """Else somebody could log a victim in under the own account, and read later what was entered."""
    browser = app.test_client()

    answer = browser.post("/login/", data={"username": "admin", "password": "correct horse battery"})

    assert answer.status_code == 400
    assert browser.get("/profile/").status_code == 302


def test_what_only_looks_changes_nothing(app: Flask, session: Session, admin: User) -> None:
    row = smallest(session, "customers")
    session.commit()
    browser = logged_in(app, admin)
    browser.get("/")
    before = fingerprint(session)

    failed = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            # A file that nobody reads to its end would go on with its cursor whenever it is collected.
            with browser.get(filled(rule, row)) as answer:
                # While the stream of pings does not begin at once, pages ask by the clock: that is its 503.
                if answer.status_code >= 500 and (rule.rule, answer.status_code) != ("/live/", 503):
                    failed.append((rule.rule, answer.status_code))

    after = fingerprint(session)
    assert failed == []
    assert {name for name in after if after[name] != before[name]} - {"activity_logs"} == set()
