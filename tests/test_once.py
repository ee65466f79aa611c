"""What is sent twice under one key happens once: forms, REST, ten at the same moment, and requests that were cut off."""

from __future__ import annotations

import os
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.models import Role, RoleFieldPermission, RoleFieldPermissionPermission, RoleModulePermission, User
from app.core import db, idempotency, migrate
from app.core.idempotency import Answer, Asked, IdempotencyKey
from app.core.servers import Servers
from app.core.types import utc_now
from app.core.viewer import system_scope
from app.customers.models import Customer
from app.settings.models import VipStatus
from config import engine_options, sqlalchemy_url
from tests.conftest import logged_in, make_user, token_of

KEY = "0123456789abcdef0123456789abcdef"
ADD, REST = "/customers/add", "/api/v1/customers/"
CUSTOMER = {"first_name": "Žofia", "last_name": "Dvojklik", "email": "zofia@example.com", "country": "SK"}
UNFINISHED = {**CUSTOMER, "email": ""}


def keys(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(IdempotencyKey)) or 0


def customers(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Customer)) or 0


def key_in(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def bearer(app: Flask, admin: User) -> dict[str, str]:
    return token_of(app, admin)


def keyed(bearer: dict[str, str], key: str = KEY, **more: str) -> dict[str, str]:
    return {**bearer, "Idempotency-Key": key, **more}


# Forms -----------------------------------------------------------------------


def test_every_drawn_form_has_a_key_of_its_own(client: FlaskClient) -> None:
    drawn = {key_in(client.get(ADD).text) for _time in range(3)}

    assert len(drawn) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in drawn)


def test_a_form_that_is_sent_again_ends_on_the_record_it_made(client: FlaskClient, session: Session) -> None:
    sent = {**CUSTOMER, "form_key": key_in(client.get(ADD).text)}

    first, again = client.post(ADD, data=sent), client.post(ADD, data=sent)

    assert (first.status_code, again.status_code) == (302, 302)
    assert first.location == again.location
    assert customers(session) == 1
    shown = client.get(again.location).text
    assert "Žofia Dvojklik</a> was created already; nothing was made twice" in shown


def test_forms_without_a_key_are_taken_as_they_come(client: FlaskClient, session: Session) -> None:
    answers = [client.post(ADD, data=CUSTOMER) for _time in range(2)]

    assert len({answer.location for answer in answers}) == 2
    assert (customers(session), keys(session)) == (2, 0)


def test_a_refused_form_keeps_its_key_and_is_sent_again_corrected(client: FlaskClient, session: Session) -> None:
    refused = client.post(ADD, data={**UNFINISHED, "form_key": KEY})

    assert (refused.status_code, key_in(refused.text), keys(session)) == (422, KEY, 0)
    assert client.post(ADD, data={**CUSTOMER, "form_key": KEY}).status_code == 302
    assert (customers(session), keys(session)) == (1, 1)


def test_what_the_database_refuses_keeps_nothing_either(client: FlaskClient, session: Session) -> None:
    rate = {"currency_code": "CZK", "currency_name": "Koruna", "rate": "24.5", "rate_date": "2026-03-01"}
    client.post("/exchange_rates/add", data=rate)

    refused = client.post("/exchange_rates/add", data={**rate, "form_key": KEY})

    assert (refused.status_code, key_in(refused.text), keys(session)) == (422, KEY, 0)
    corrected = client.post("/exchange_rates/add", data={**rate, "currency_code": "HUF", "form_key": KEY})
    assert corrected.status_code == 302


def test_a_used_form_with_other_values_says_so_and_offers_to_make_another_record(
    client: FlaskClient, session: Session
) -> None:
    first = client.post(ADD, data={**CUSTOMER, "form_key": KEY})
    other = {**CUSTOMER, "first_name": "Another"}

    refused = client.post(ADD, data={**other, "form_key": KEY})

    assert refused.status_code == 422
    assert f'to make another one: <a href="{first.location}">Žofia Dvojklik</a>' in refused.text
    assert 'value="Another"' in refused.text
    assert customers(session) == 1
    fresh = key_in(refused.text)
    assert fresh != KEY
    assert client.post(ADD, data={**other, "form_key": fresh}).status_code == 302
    assert customers(session) == 2


def test_of_two_people_with_the_same_key_each_makes_a_record(
    app: Flask, client: FlaskClient, session: Session, admin: User
) -> None:
    other = logged_in(app, make_user(session, "other", role=admin.primary_role))
    sent = {**CUSTOMER, "form_key": KEY}

    answers = [client.post(ADD, data=sent), other.post(ADD, data=sent)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].location != answers[1].location
    assert customers(session) == 2


def test_the_same_key_on_another_page_is_another_one(client: FlaskClient, session: Session) -> None:
    client.post(ADD, data={**CUSTOMER, "form_key": KEY})

    answer = client.post("/vip_statuses/add", data={"name": "Gold", "form_key": KEY})

    assert answer.status_code == 302
    assert "/vip_statuses/show/" in answer.location


@pytest.mark.parametrize("key", ["x", KEY.upper(), KEY + "0", f"{KEY} ", "0123456789abcdef-123456789abcdef", "ž" * 32])
def test_a_key_that_no_page_of_ours_has_drawn_is_refused(client: FlaskClient, session: Session, key: str) -> None:
    answer = client.post(ADD, data={**CUSTOMER, "form_key": key})

    assert answer.status_code == 400
    assert "Open the form again" in answer.text
    assert customers(session) == 0


# REST ------------------------------------------------------------------------


def test_a_rest_request_that_is_sent_again_gets_the_same_answer(
    client: FlaskClient, session: Session, bearer: dict[str, str]
) -> None:
    first, again = (client.post(REST, json=CUSTOMER, headers=keyed(bearer)) for _time in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    for name in ("Location", "ETag"):
        assert first.headers[name] == again.headers[name]
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert customers(session) == 1


def test_the_order_of_names_is_no_other_content(client: FlaskClient, session: Session, bearer: dict[str, str]) -> None:
    client.post(REST, json=CUSTOMER, headers=keyed(bearer))

    again = client.post(REST, json=dict(reversed(CUSTOMER.items())), headers=keyed(bearer))

    assert (again.status_code, customers(session)) == (201, 1)


def test_a_change_that_is_sent_again_is_made_once(
    client: FlaskClient, session: Session, bearer: dict[str, str]
) -> None:
    made = client.post(REST, json=CUSTOMER, headers=bearer)
    address, etag = f"{REST}{made.json['id']}", made.headers["ETag"]
    headers = keyed(bearer, **{"If-Match": etag})

    first, again = (client.put(address, json={"first_name": "Zuzana"}, headers=headers) for _time in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.headers["ETag"] == again.headers["ETag"] != etag
    assert client.put(address, json={"first_name": "X"}, headers={**bearer, "If-Match": etag}).status_code == 409


def test_a_deletion_that_is_sent_again_is_made_once(
    client: FlaskClient, session: Session, bearer: dict[str, str]
) -> None:
    status = VipStatus(name="Gold", is_active=False)
    session.add(status)
    session.commit()
    address = f"/api/v1/vip_statuses/{status.id}"

    answers = [client.delete(address, headers=keyed(bearer)) for _time in range(2)]

    assert [(answer.status_code, answer.json["done"]) for answer in answers] == [(200, "deleted")] * 2
    assert client.delete(address, headers=bearer).status_code == 404


def test_what_is_refused_over_rest_keeps_nothing_and_is_sent_again_corrected(
    client: FlaskClient, session: Session, bearer: dict[str, str]
) -> None:
    made = client.post(REST, json=CUSTOMER, headers=bearer)
    address = f"{REST}{made.json['id']}"
    stale = keyed(bearer, "change", **{"If-Match": '"1"'})

    unfit = client.post(REST, json=UNFINISHED, headers=keyed(bearer))
    lost = client.put(address, json={"first_name": "Zuzana"}, headers=stale)

    assert (unfit.status_code, lost.status_code, keys(session)) == (422, 409, 0)
    assert client.post(REST, json=CUSTOMER, headers=keyed(bearer)).status_code == 201
    taken = client.put(address, json={"first_name": "Zuzana"}, headers={**stale, "If-Match": made.headers["ETag"]})
    assert taken.status_code == 200


def test_who_may_not_add_keeps_nothing_and_may_after_he_was_allowed(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    role = Role(name="Clerk")
    right = RoleModulePermission(module_key="customers", can_add=False, can_edit=False)
    role.role_module_permissions = [right]
    headers = keyed(token_of(app, make_user(session, "clerk", role=role)))

    refused = client.post(REST, json=CUSTOMER, headers=headers)
    right.can_add = True
    session.commit()
    allowed = client.post(REST, json=CUSTOMER, headers=headers)

    assert (refused.status_code, allowed.status_code) == (403, 201)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_key_with_another_request_is_refused(
    client: FlaskClient, session: Session, bearer: dict[str, str], method: str
) -> None:
    ids = [client.post(REST, json={**CUSTOMER, "email": f"{n}@example.com"}, headers=bearer).json["id"] for n in "ab"]
    before = customers(session)
    headers = keyed(bearer, **{"If-Match": "*"})
    addresses = [REST, REST] if method == "POST" else [f"{REST}{key}" for key in ids]

    taken = client.open(addresses[0], method=method, json=CUSTOMER, headers=headers)
    refused = client.open(addresses[1], method=method, json={**CUSTOMER, "first_name": "Other"}, headers=headers)

    assert taken.status_code in (200, 201)
    assert refused.status_code == 422
    assert "A new request needs a new key" in refused.json["message"]
    assert customers(session) - before == {"POST": 1, "PUT": 0, "DELETE": -1}[method]
    assert session.scalar(select(func.count()).where(Customer.first_name == "Other")) == 0


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ž", "a\tb", "\x7f"])
def test_a_header_that_is_no_key_is_refused(
    client: FlaskClient, session: Session, bearer: dict[str, str], key: str
) -> None:
    answers = [
        client.post(REST, json=CUSTOMER, headers=keyed(bearer, key)),
        client.put(f"{REST}{uuid.uuid4()}", json=CUSTOMER, headers=keyed(bearer, key, **{"If-Match": "*"})),
        client.delete(f"{REST}{uuid.uuid4()}", headers=keyed(bearer, key)),
    ]

    assert [answer.status_code for answer in answers] == [400, 404, 400]
    assert "1 to 255 visible ASCII characters" in answers[0].json["message"]
    assert customers(session) == 0


@pytest.mark.parametrize("key", ["!", "~" * 255, '"quoted"', "8e03978e-40d5-43dd-bc93-6894a57f9324"])
def test_every_visible_key_is_taken(client: FlaskClient, session: Session, bearer: dict[str, str], key: str) -> None:
    answers = [client.post(REST, json=CUSTOMER, headers=keyed(bearer, key)) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert customers(session) == 1


def test_an_answer_that_is_given_again_shows_no_more_than_may_be_read_now(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    role = Role(name="Clerk")
    role.role_module_permissions = [RoleModulePermission(module_key="customers", can_add=True, can_edit=False)]
    clerk = make_user(session, "clerk", role=role, assigned_countries=["SK", "CZ"])
    headers = keyed(token_of(app, clerk))
    asked: Callable[[], TestResponse] = lambda: client.post(REST, json=CUSTOMER, headers=headers)  # noqa: E731
    first = asked()

    role.role_field_permissions = [
        RoleFieldPermission(module_key="customers", field_key="phone", permission=RoleFieldPermissionPermission.hidden)
    ]
    session.commit()
    narrowed = asked()
    clerk.assigned_countries = ["CZ"]
    session.commit()
    gone = asked()

    assert "phone" in first.json["result"]
    assert (narrowed.status_code, "phone" in narrowed.json["result"]) == (201, False)
    assert gone.status_code == 404
    assert "Žofia" not in gone.text
    assert customers(session) == 1


def test_nothing_of_what_was_sent_is_kept_in_clear(
    client: FlaskClient, session: Session, bearer: dict[str, str]
) -> None:
    client.post(REST, json=CUSTOMER, headers=keyed(bearer))
    client.post(ADD, data={**CUSTOMER, "form_key": KEY})

    kept = session.scalars(text("SELECT k::text FROM idempotency_keys k")).all()

    assert len(kept) == 2
    for value in ("Dvojklik", "zofia", "Žofia"):
        assert not [row for row in kept if value in row]


def test_the_reference_tells_of_the_header(client: FlaskClient, bearer: dict[str, str]) -> None:
    paths = client.get("/api/v1/_openapi", headers=bearer).json["paths"]

    for path, method in ((REST, "post"), (f"{REST}{{id}}", "put"), (f"{REST}{{id}}", "delete")):
        operation = paths[path][method]
        assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
        assert {"409", "422"} <= operation["responses"].keys()
    assert "Idempotency-Key" not in str(paths[REST]["get"])


# Time ------------------------------------------------------------------------


def asked(key: str = KEY, said: str = "this", kept: timedelta = timedelta(hours=1)) -> Asked:
    return Asked("somebody", key, "page", said, kept)


def test_a_key_is_unknown_again_when_its_time_is_over(session: Session) -> None:
    now, done = utc_now(), []

    def act() -> Answer:
        done.append(1)
        return Answer(200, "/there", {"n": len(done)})

    answers = [
        idempotency.once(session, asked(said=said), act, now=now + timedelta(minutes=minutes))
        for minutes, said in ((0, "this"), (59, "this"), (60, "that"), (119, "that"), (120, "that"))
    ]

    assert [(answer.body["n"], answer.repeated) for answer in answers] == [
        (1, False), (1, True), (2, False), (2, True), (3, False),
    ]  # fmt: skip
    assert {answer.location for answer in answers} == {"/there"}


def test_keys_are_forgotten_when_their_time_is_over(session: Session) -> None:
    now = utc_now()
    for hours in (1, 2, 3):
        idempotency.once(session, asked(str(hours), kept=timedelta(hours=hours)), lambda: Answer(200), now=now)

    gone = [idempotency.forget_old_keys(session, now=now + timedelta(hours=2)) for _time in range(2)]

    assert gone == [2, 0]
    assert session.scalars(select(IdempotencyKey.key)).all() == ["3"]


def test_forms_are_remembered_a_day_and_programs_a_week(
    client: FlaskClient, session: Session, bearer: dict[str, str]
) -> None:
    client.post(ADD, data={**CUSTOMER, "form_key": KEY})
    client.post(REST, json=CUSTOMER, headers=keyed(bearer))

    kept = session.execute(select(IdempotencyKey.route, IdempotencyKey.expires_at - IdempotencyKey.created_at)).all()

    assert dict(kept) == {"CustomerView.add": timedelta(days=1), "CustomerApi.post": timedelta(days=7)}


# At the same moment, on connections of their own ---------------------------------------------------------------------

SLOW = """
CREATE FUNCTION think() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.4); RETURN NEW; END $$;
CREATE TRIGGER think BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION think();
"""
STUCK = "CREATE OR REPLACE FUNCTION think() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); END $$"


@pytest.fixture(scope="module")
def keeper(servers: Servers) -> Iterator[Engine]:
    """The owner of a database for this file alone, where nothing needs to be undone; saving a customer takes 0.4 s."""
    name = f"once_{os.getpid()}"
    address = servers.database_url.rpartition("/")[0] + f"/{name}"
    first = create_engine(sqlalchemy_url(servers.database_url), isolation_level="AUTOCOMMIT")
    with first.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    migrate.upgrade(address)
    owner = create_engine(sqlalchemy_url(address), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.exec_driver_sql(SLOW)
    yield owner
    owner.dispose()
    with first.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    first.dispose()


@pytest.fixture
def boss(app: Flask, engine: Engine, keeper: Engine, without_csrf: None) -> Iterator[User]:
    """An administrator of that database, on which the application now works with as many connections as it needs."""
    options = {**engine_options(), "max_overflow": 20}
    options["connect_args"] = {
        **options["connect_args"],
        "options": options["connect_args"]["options"].replace("lock_timeout=5000", "lock_timeout=2000"),
    }
    own = db.connect(keeper.url.render_as_string(hide_password=False), **options)
    with db.session_factory() as session, session.begin(), system_scope("tests"):
        user = make_user(session, f"boss{uuid.uuid4().hex[:8]}", role=Role(name=uuid.uuid4().hex, legacy_role="admin"))
    yield user
    own.dispose()
    db.current_session.remove()
    db.session_factory.configure(bind=engine)


def at_once(times: int, send: Callable[[], TestResponse]) -> list[TestResponse]:
    together = threading.Barrier(times)

    def wait_and_send() -> TestResponse:
        together.wait(20)
        return send()

    with ThreadPoolExecutor(times) as pool:
        return [future.result(60) for future in [pool.submit(wait_and_send) for _time in range(times)]]


def there(keeper: Engine, question: str, **values: Any) -> Any:
    with keeper.connect() as connection:
        return connection.scalar(text(question), values)


def named(name: str) -> dict[str, str]:
    return {**CUSTOMER, "last_name": name}


def test_ten_clicks_at_the_same_moment_make_one_record(app: Flask, keeper: Engine, boss: User) -> None:
    browsers = iter([logged_in(app, boss) for _time in range(10)])

    answers = at_once(10, lambda: next(browsers).post(ADD, data={**named("Tenclicks"), "form_key": KEY}))

    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    assert there(keeper, "SELECT count(*) FROM customers WHERE last_name = 'Tenclicks'") == 1
    assert (
        there(keeper, "SELECT count(*) FROM activity_logs WHERE entity_name LIKE '%Tenclicks' AND action = 'create'")
        == 1
    )


def test_ten_rest_requests_at_the_same_moment_make_one_record_and_get_equal_answers(
    app: Flask, keeper: Engine, boss: User
) -> None:
    headers = keyed(token_of(app, boss))

    answers = at_once(10, lambda: app.test_client().post(REST, json=named("Tentimes"), headers=headers))

    assert {answer.status_code for answer in answers} == {201}
    assert len({(answer.text, answer.headers["Location"], answer.headers["ETag"]) for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 9
    assert there(keeper, "SELECT count(*) FROM customers WHERE last_name = 'Tentimes'") == 1


def test_ten_different_contents_under_one_key_make_one_record(app: Flask, keeper: Engine, boss: User) -> None:
    headers = keyed(token_of(app, boss))
    numbers = iter(range(10))

    answers = at_once(10, lambda: app.test_client().post(REST, json=named(f"Race{next(numbers)}"), headers=headers))

    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 9
    assert there(keeper, "SELECT count(*) FROM customers WHERE last_name LIKE 'Race%'") == 1


def test_of_ten_that_are_refused_none_leaves_a_key(app: Flask, keeper: Engine, boss: User) -> None:
    headers = keyed(token_of(app, boss), "refused")
    stranger = {**named("Refused"), "assigned_user_id": str(uuid.uuid4())}  # seen only inside the transaction

    answers = at_once(10, lambda: app.test_client().post(REST, json=stranger, headers=headers))
    corrected = app.test_client().post(REST, json=named("Refused"), headers=headers)

    assert {answer.status_code for answer in answers} == {422}
    assert (corrected.status_code, "Idempotent-Replayed" in corrected.headers) == (201, False)


def test_who_waits_too_long_for_the_first_is_told_so(app: Flask, keeper: Engine, boss: User) -> None:
    headers, browser = keyed(token_of(app, boss), "slow"), logged_in(app, boss)
    row = (
        "INSERT INTO idempotency_keys (user_id, key, route, request_hash, expires_at)"
        " VALUES (:boss, :key, :route, 'x', now() + interval '1 day')"
    )

    with keeper.connect().execution_options(isolation_level="READ COMMITTED") as first, first.begin() as working:
        first.execute(text(row), {"boss": boss.id, "key": "slow", "route": "CustomerApi.post"})
        first.execute(text(row), {"boss": boss.id, "key": KEY, "route": "CustomerView.add"})
        program = app.test_client().post(REST, json=named("Patience"), headers=headers)
        person = browser.post(ADD, data={**named("Patience"), "form_key": KEY})
        working.rollback()

    assert (program.status_code, person.status_code) == (409, 409)
    assert "This is being done already" in program.json["message"]
    assert "This is being done already" in person.text
    assert key_in(person.text) == KEY
    assert browser.post(ADD, data={**named("Patience"), "form_key": KEY}).status_code == 302


def test_a_request_that_is_cut_off_leaves_nothing_and_can_be_sent_again(app: Flask, keeper: Engine, boss: User) -> None:
    headers = keyed(token_of(app, boss), "cut")
    kept = "SELECT count(*) FROM idempotency_keys WHERE key = 'cut'"
    with keeper.connect() as connection:
        connection.exec_driver_sql(STUCK)

    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(lambda: app.test_client().post(REST, json=named("Cutoff"), headers=headers))
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        while not sent.done() and there(keeper, cut) is None:
            pass
        answer = sent.result(30)
    left = there(keeper, "SELECT count(*) FROM customers WHERE last_name = 'Cutoff'"), there(keeper, kept)
    with keeper.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER think ON customers")
    again = app.test_client().post(REST, json=named("Cutoff"), headers=headers)
    with keeper.connect() as connection:
        connection.exec_driver_sql("DROP FUNCTION think()")
        connection.exec_driver_sql(SLOW)

    assert (answer.status_code, left) == (503, (0, 0))
    assert (again.status_code, "Idempotent-Replayed" in again.headers) == (201, False)
    assert there(keeper, kept) == 1
