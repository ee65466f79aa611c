"""The second factor: set up, asked for at both doors, each code once, and the ways out."""

from __future__ import annotations

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access import second_factor
from app.access.models import SessionKind, User, UserAuthMethod, UserSecondFactor, UserSession
from app.core.types import utc_now
from app.core.viewer import system_scope
from tests.conftest import PASSWORD, logged_in, make_user, token_of

LOGIN = "/api/v1/security/login"
PAGE = "/profile/second-factor/"
NOON = datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)


@pytest.fixture
def petra(session: Session) -> User:
    user = make_user(session, "petra")
    session.commit()
    return user


@pytest.fixture
def recovery(session: Session, petra: User) -> list[str]:
    """Petra has an authenticator app, set up long ago; her recovery codes."""
    past = utc_now() - timedelta(days=1)
    second_factor.begin(session, petra, now=past)
    codes = second_factor.confirm(session, petra, code_of(session, petra, past), now=past)
    session.commit()
    assert len(codes) == 10
    return codes


def secret_of(session: Session, user: User) -> str:
    stored = select(UserSecondFactor.secret).where(UserSecondFactor.user_id == user.id)
    return session.scalars(stored, execution_options={"populate_existing": True}).one().reveal()


def code_of(session: Session, user: User, at: datetime | None = None, *, steps: int = 0) -> str:
    """What the app shows at a moment, `steps` of half a minute later."""
    return pyotp.TOTP(secret_of(session, user)).at(at or utc_now(), counter_offset=steps)


def wrong_code(session: Session, user: User) -> str:
    near = {code_of(session, user, steps=step) for step in range(-3, 4)}
    return next(code for n in range(10) if (code := f"{n:06d}") not in near)


def first_page(nobody: FlaskClient, **more: str) -> TestResponse:
    return nobody.post("/login/", data={"username": "petra", "password": PASSWORD, **more})


def second_page(nobody: FlaskClient, code: str, **more: str) -> TestResponse:
    return nobody.post("/login/code", data={"code": code, **more})


def is_in(nobody: FlaskClient) -> bool:
    return nobody.get("/profile/").status_code == 200


def by_api(app: Flask, **more: object) -> TestResponse:
    return app.test_client().post(LOGIN, json={"username": "petra", "password": PASSWORD, **more})


# Setting up -----------------------------------------------------------------


def test_a_person_sets_it_up_and_is_asked_for_a_code_from_then_on(
    app: Flask, nobody: FlaskClient, session: Session, petra: User
) -> None:
    mine = logged_in(app, petra)
    begun = mine.post(f"{PAGE}begin")
    page = mine.get(PAGE).text
    secret = secret_of(session, petra)
    before = first_page(nobody).headers["Location"]
    nobody.post("/logout/")

    shown = mine.post(f"{PAGE}confirm", data={"code": code_of(session, petra)})

    codes = re.findall(r"<code>([a-z2-9-]{19})</code>", shown.text)
    assert begun.headers["Location"] == PAGE
    assert secret in page.replace(" ", "") and "data:image/svg+xml;base64," in page
    assert before == "/"  # not confirmed yet
    assert len(set(codes)) == 10
    assert codes[0] not in mine.get(PAGE).text and secret not in mine.get(PAGE).text.replace(" ", "")
    assert first_page(nobody).headers["Location"] == "/login/code"
    assert not is_in(nobody)


def test_a_person_of_one_country_and_without_any_module_does_it_alone(
    app: Flask, nobody: FlaskClient, session: Session
) -> None:
    user = make_user(session, "petra", assigned_countries=["SK"])
    session.commit()
    mine = logged_in(app, user)

    done = [mine.post(f"{PAGE}begin"), mine.post(f"{PAGE}confirm", data={"code": code_of(session, user)})]
    more = [mine.post(f"{PAGE}{verb}", data={"current": PASSWORD}) for verb in ("codes", "off")]
    ended = [mine.post("/profile/sessions/end"), mine.get("/profile/")]

    assert [answer.status_code for answer in (*done, *more, *ended)] == [302, 200, 200, 302, 302, 200]


def test_the_picture_leads_the_app_to_this_account(session: Session, petra: User, app: Flask) -> None:
    second_factor.begin(session, petra, now=NOON)
    status = second_factor.status(session, petra)
    assert status.secret is not None

    drawn = base64.b64decode(second_factor.picture(status.secret, petra, "INDEXUS CRM").partition(",")[2])
    address = pyotp.parse_uri(
        pyotp.TOTP(status.secret.reveal()).provisioning_uri(name=petra.email, issuer_name="INDEXUS CRM")
    )

    assert drawn.startswith(b"<svg") and b"<script" not in drawn
    assert (address.name, address.issuer) == ("petra@example.com", "INDEXUS CRM")
    assert second_factor.spoken_key(status.secret).replace(" ", "") == status.secret.reveal()
    assert len(base64.b32decode(status.secret.reveal())) == 20


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000", "-12345", "1" * 5000])
def test_a_wrong_code_does_not_switch_it_on(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, code: str
) -> None:
    mine = logged_in(app, petra)
    mine.post(f"{PAGE}begin")
    if code == "000000":
        code = wrong_code(session, petra)

    answer = mine.post(f"{PAGE}confirm", data={"code": code})

    assert answer.status_code == 422 and "This code is wrong" in answer.text
    assert first_page(nobody).headers["Location"] == "/"


def test_beginning_anew_makes_another_secret_only_until_it_is_on(
    app: Flask, nobody: FlaskClient, session: Session, petra: User
) -> None:
    mine = logged_in(app, petra)
    secrets = []
    for _time in range(2):
        mine.post(f"{PAGE}begin")
        secrets.append(secret_of(session, petra))
    mine.post(f"{PAGE}confirm", data={"code": code_of(session, petra)})
    mine.post(f"{PAGE}begin")

    assert secrets[0] != secrets[1]
    assert secret_of(session, petra) == secrets[1]
    assert mine.post(f"{PAGE}confirm", data={"code": code_of(session, petra, steps=1)}).status_code == 422


def test_switching_it_on_ends_the_sessions_that_were_opened_without(
    app: Flask, nobody: FlaskClient, session: Session, petra: User
) -> None:
    mine, other, token = logged_in(app, petra), logged_in(app, petra), token_of(app, petra)
    mine.post(f"{PAGE}begin")

    mine.post(f"{PAGE}confirm", data={"code": code_of(session, petra)})

    assert (is_in(mine), is_in(other)) == (True, False)
    assert app.test_client().get("/api/v1/customers/", headers=token).status_code == 401


def test_the_secret_rests_sealed_and_the_recovery_codes_hashed(
    session: Session, petra: User, recovery: list[str]
) -> None:
    sealed = session.scalar(text("SELECT secret FROM user_second_factors"))
    kept = " ".join(session.scalars(text("SELECT code_hash FROM user_recovery_codes")))

    assert str(sealed).startswith("v1:") and secret_of(session, petra) not in str(sealed)
    assert not any(code in kept or code.replace("-", "") in kept for code in recovery)


def test_who_signs_in_with_microsoft_has_none_here(
    app: Flask, nobody: FlaskClient, session: Session, petra: User
) -> None:
    session.execute(update(User).where(User.id == petra.id).values(auth_method=UserAuthMethod.ms365))
    session.commit()
    mine = logged_in(app, petra)

    assert mine.get(PAGE).status_code == mine.post(f"{PAGE}begin").status_code == 409


# Logging in -----------------------------------------------------------------


def test_with_the_code_one_is_in_and_where_one_wanted_to_go(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    waiting = first_page(nobody, next="/tables/")
    page = nobody.get(waiting.headers["Location"])
    answer = second_page(nobody, code_of(session, petra), next="/tables/")

    assert waiting.headers["Location"] == "/login/code?next=/tables/".replace("/tables/", "%2Ftables%2F")
    assert 'autocomplete="one-time-code"' in page.text and 'value="/tables/"' in page.text
    assert answer.headers["Location"] == "/tables/"
    assert is_in(nobody)


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_second_page_leads_to_our_own_site_only(
    nobody: FlaskClient, session: Session, petra: User, recovery: list[str], wanted: str
) -> None:
    first_page(nobody, next=wanted)

    answer = second_page(nobody, code_of(session, petra), next=wanted)

    assert answer.headers["Location"] in ("/", "/%5Cevil.example")


def test_the_password_alone_opens_no_page_and_no_resource(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    first_page(nobody)

    pages = [nobody.get(page).headers["Location"] for page in ("/", "/profile/", "/password/", PAGE, "/tables/")]
    posted = nobody.post(f"{PAGE}off", data={"current": PASSWORD})

    assert all(page.startswith("/login/") for page in [*pages, posted.headers["Location"]])
    assert second_factor.is_on(session, petra)


def test_a_waiting_login_cannot_be_used_as_a_session(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    first_page(nobody)
    with nobody.session_transaction() as cookie:
        cookie["_user_id"], cookie["sid"] = petra.id, cookie["waiting"]

    assert not is_in(nobody)


def test_a_code_opens_once(app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]) -> None:
    code = code_of(session, petra)
    first_page(nobody)
    second_page(nobody, code)
    onlooker = app.test_client()
    first_page(onlooker)

    answer = second_page(onlooker, code)

    assert is_in(nobody)
    assert answer.status_code == 401 and "used already" in answer.text
    assert not is_in(onlooker)


@pytest.mark.parametrize(("step", "opens"), [(-3, False), (-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(
    session: Session, petra: User, recovery: list[str], step: int, opens: bool
) -> None:
    now = utc_now()
    code = code_of(session, petra, now, steps=step)

    assert second_factor.verify(session, petra, code, now=now) is opens


def test_after_a_code_no_older_one_opens(session: Session, petra: User, recovery: list[str]) -> None:
    now = utc_now()
    codes = [code_of(session, petra, now, steps=step) for step in (-1, 0, 1)]

    opened = [second_factor.verify(session, petra, code, now=now) for code in (codes[1], codes[0], codes[1], codes[2])]

    assert opened == [True, False, False, True]


def test_a_recovery_code_opens_once_however_it_is_written(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    def enter(code: str) -> bool:
        other = app.test_client()
        first_page(other)
        second_page(other, code)
        return is_in(other)

    opened = [enter(recovery[0]), enter(recovery[0]), enter(recovery[1].upper().replace("-", " ")), enter(recovery[1])]

    assert opened == [True, False, True, False]
    assert second_factor.status(session, petra).codes_left == 8


def test_the_recovery_code_of_somebody_else_opens_nothing(session: Session, petra: User, recovery: list[str]) -> None:
    other = make_user(session, "other")
    second_factor.begin(session, other, now=NOON)

    assert not second_factor.verify(session, other, recovery[0], now=utc_now())


def test_a_login_takes_five_codes_and_is_over_then(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    first_page(nobody)
    wrong = wrong_code(session, petra)

    answers = [second_page(nobody, wrong) for _try in range(5)]
    right = second_page(nobody, code_of(session, petra))

    assert [answer.status_code for answer in answers] == [401] * 5
    assert "Log in again" in answers[4].text and 'name="password"' in answers[4].text
    assert right.headers["Location"] == "/login/"
    assert not is_in(nobody)


def test_beginning_again_gives_no_more_codes_a_minute(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    wrong, codes = wrong_code(session, petra), []
    for _login in range(3):
        first_page(nobody)
        codes += [second_page(nobody, wrong).status_code for _try in range(3)]
    right = by_api(app, otp=code_of(session, petra))

    assert codes == [401] * 5 + [429] * 4
    assert right.status_code == 429 and int(right.headers["Retry-After"]) > 0


def test_twenty_codes_an_hour_are_enough(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    wrong, codes = wrong_code(session, petra), []
    for _minute in range(5):
        codes += [by_api(app, otp=wrong).status_code for _try in range(5)]
        session.execute(
            text("UPDATE login_tries SET tries = ARRAY(SELECT at - interval '61 s' FROM unnest(tries) AS at)")
        )
        session.commit()

    assert codes == [401] * 20 + [429] * 5


def test_a_waiting_login_is_over_after_five_minutes(
    nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    first_page(nobody)
    waiting = select(UserSession).where(UserSession.kind == SessionKind.pending)
    found = session.scalars(waiting).one()
    session.execute(text("UPDATE user_sessions SET expires_at = expires_at - interval '5 minutes'"))
    session.commit()

    answer = second_page(nobody, code_of(session, petra))

    assert found.expires_at - found.created_at == timedelta(minutes=5)
    assert answer.status_code == 401 and "took too long" in answer.text
    assert not is_in(nobody)


CHANGES: dict[str, str] = {
    "deactivated": "UPDATE users SET is_active = false",
    "new password": "UPDATE users SET password_hash = '!'",
    "microsoft": "UPDATE users SET auth_method = 'ms365'",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_waiting_login_ends_with_its_account(
    nobody: FlaskClient, session: Session, petra: User, recovery: list[str], change: str
) -> None:
    first_page(nobody)
    session.execute(text(CHANGES[change]))
    session.commit()

    second_page(nobody, code_of(session, petra))

    assert not is_in(nobody)


def test_the_second_page_without_a_first_one_leads_to_it(nobody: FlaskClient, petra: User) -> None:
    looked, posted = nobody.get("/login/code"), second_page(nobody, "123456")

    assert looked.headers["Location"] == posted.headers["Location"] == "/login/"


# By API ---------------------------------------------------------------------


def test_a_program_sends_the_code_along(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    without = by_api(app)
    wrong = by_api(app, otp=wrong_code(session, petra))
    right = by_api(app, otp=code_of(session, petra))
    by_recovery = by_api(app, otp=recovery[3])

    assert (without.status_code, wrong.status_code) == (401, 401)
    assert "A code is needed" in without.json["message"] and "`otp`" in without.json["message"]
    assert "wrong" in wrong.json["message"]
    assert right.json.keys() == by_recovery.json.keys() == {"access_token"}


def test_that_a_code_is_needed_is_told_to_nobody_without_the_password(
    app: Flask, nobody: FlaskClient, petra: User, recovery: list[str]
) -> None:
    answer = by_api(app, password="wrong", otp="123456")
    form = nobody.post("/login/", data={"username": "petra", "password": "wrong"})

    assert answer.json["message"] == "Wrong user name or password."
    assert form.status_code == 401 and "code" not in form.text.lower().replace("locale-code", "").split("<form")[1]


@pytest.mark.parametrize("otp", [123456, ["123456"], {"a": 1}, True])
def test_a_code_that_is_no_text_is_refused(
    app: Flask, nobody: FlaskClient, petra: User, recovery: list[str], otp: object
) -> None:
    assert by_api(app, otp=otp).status_code == 400


@pytest.mark.parametrize("otp", ["", "x", "\x00", "\ud800", "1" * 100_000, "......", "' OR 1", "１２３４５６"])
def test_odd_codes_are_wrong_ones(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str], otp: str
) -> None:
    assert by_api(app, otp=otp).status_code in (400, 401)


# Ways out -------------------------------------------------------------------


def test_new_recovery_codes_replace_the_old_ones_and_want_the_password(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    mine = logged_in(app, petra)
    refused = mine.post(f"{PAGE}codes", data={"current": "not mine"})

    shown = mine.post(f"{PAGE}codes", data={"current": PASSWORD})

    codes = re.findall(r"<code>([a-z2-9-]{19})</code>", shown.text)
    assert refused.status_code == 422 and "not your current password" in refused.text
    assert len(codes) == 10 and not set(codes) & set(recovery)
    assert not second_factor.verify(session, petra, recovery[0], now=utc_now())
    assert second_factor.verify(session, petra, codes[0], now=utc_now())


def test_switching_it_off_wants_the_password(
    app: Flask, nobody: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    mine = logged_in(app, petra)

    refused = mine.post(f"{PAGE}off", data={"current": "not mine"})
    still_on = first_page(nobody).headers["Location"]
    mine.post(f"{PAGE}off", data={"current": PASSWORD})

    assert (refused.status_code, still_on) == (422, "/login/code")
    assert first_page(app.test_client()).headers["Location"] == "/"
    assert session.scalar(text("SELECT count(*) FROM user_recovery_codes")) == 0


def test_an_administrator_resets_it_for_a_colleague_who_logs_in_anew(
    app: Flask, client: FlaskClient, session: Session, petra: User, recovery: list[str]
) -> None:
    theirs = logged_in(app, petra)

    answer = client.post(f"/users/{petra.id}/second-factor/reset")

    assert answer.headers["Location"] == f"/users/show/{petra.id}"
    assert not is_in(theirs)
    assert first_page(app.test_client()).headers["Location"] == "/"


def test_nobody_resets_the_own_one_that_way(client: FlaskClient, session: Session, admin: User) -> None:
    second_factor.begin(session, admin, now=NOON)
    second_factor.confirm(session, admin, code_of(session, admin, NOON), now=NOON)
    session.commit()

    answer = client.post(f"/users/{admin.id}/second-factor/reset")

    assert answer.headers["Location"] == PAGE
    assert second_factor.is_on(session, admin)


# At the same moment ---------------------------------------------------------


@pytest.mark.parametrize("which", ["app", "recovery"])
def test_of_eight_who_use_one_code_at_the_same_moment_one_comes_in(app: Flask, engine: Engine, which: str) -> None:
    """Each on a connection of its own, so that nothing but the database decides."""
    now = utc_now()
    with Session(engine, expire_on_commit=False) as session, session.begin(), system_scope("tests"):
        session.info["unaudited"] = True
        user = make_user(session, f"eight {which}")
        second_factor.begin(session, user, now=now - timedelta(days=1))
        start = now - timedelta(days=1)
        recovery = second_factor.confirm(session, user, code_of(session, user, start), now=start)
        code = code_of(session, user, now) if which == "app" else recovery[0]

    def use(_place: int) -> bool:
        with Session(engine) as own, own.begin(), system_scope("tests"):
            return second_factor.verify(own, user, code, now=now)

    try:
        with ThreadPoolExecutor(8) as pool:
            opened = list(pool.map(use, range(8)))
    finally:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM users WHERE id = :id"), {"id": user.id})

    assert opened.count(True) == 1
