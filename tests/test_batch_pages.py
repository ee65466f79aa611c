"""Many rows from a list: what is offered, the preview, running it, and who may do what at these doors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.access.models import User
from app.batches import services
from app.batches.models import Batch, BatchRow, BatchState, RowAction
from app.core.types import utc_now
from app.tables import MODELS
from tests.batches import content, some
from tests.conftest import logged_in, make_user
from tests.outbox import work_off
from tests.smallest import LOGS, smallest


def clerk_of(session: Session, *modules: str, **values: Any) -> User:
    """Somebody who may edit these modules, and has a role of his own."""
    role = smallest(session, "roles", name="Clerks")
    for module in modules:
        smallest(
            session, "role_module_permissions", role_id=role.id, module_key=module, access="visible", can_edit=True
        )
    user = make_user(session, "clerk", role=role, **values)
    session.commit()
    return user


def select_rows(browser: FlaskClient, table: str, rows: list[Any], do: str = "edit", **more: Any) -> Any:
    return browser.post(
        "/batches/select", data={"table": table, "do": do, "ids": ",".join(str(row.id) for row in rows), **more}
    )


def key_in(answer: Any) -> str:
    assert answer.status_code == 302, answer.text[:500]
    return answer.location.split("/")[2].split("?")[0]


def edited(browser: FlaskClient, key: str, **fields: Any) -> Any:
    """The form of many rows is sent: each field set to its value."""
    sent = {name.replace("__", "-"): value for name, value in fields.items()}
    return browser.post(
        f"/batches/{key}/edit", data={**{f"how-{name}": "set" for name in fields if "__" not in name}, **sent}
    )


def test_rows_are_chosen_looked_at_changed_and_changed_back(client: FlaskClient, session: Session) -> None:
    rows = some(session, "hospitals")
    key = key_in(select_rows(client, "hospitals", rows))

    form = client.get(f"/batches/{key}/edit")
    shown = edited(client, key, city="Nitra")
    preview = client.get(shown.location)
    ran = client.post(f"/batches/{key}/run")

    assert (form.status_code, shown.location, ran.location) == (200, f"/batches/{key}", "/hospitals/list/")
    assert "Nitra" in preview.text
    assert re.search(r"data-will-change>3<", preview.text)
    assert [content(session, row)["city"] for row in rows] == ["Nitra"] * 3
    assert f"/batches/{key}/undo" in client.get("/hospitals/list/").text
    assert f"/batches/{key}" in client.get("/batches/").text
    assert client.post(f"/batches/{key}/undo").status_code == 302
    assert [content(session, row)["city"] for row in rows] == [None] * 3


def test_a_preview_says_once_what_stays_and_stands_in_the_module_it_is_about(
    client: FlaskClient, session: Session
) -> None:
    row = some(session, "hospitals", 1, city="Nitra", name="Old name")[0]
    key = key_in(select_rows(client, "hospitals", [row]))
    edited(client, key, city="Nitra", name="New name")

    preview = client.get(f"/batches/{key}").text

    cells = re.findall(r'<td><span class="batch-old">(.*?)</td>', preview)
    town, name = sorted(cells, key=lambda cell: "Old name" in cell)
    assert (len(cells), town.count("Nitra"), "New name" in name) == (2, 1, True)
    assert re.search(r'href="/hospitals/list/"[^>]*aria-current="page"', preview)
    assert re.search(r'href="/hospitals/list/"[^>]*aria-current="page"', client.get("/imports/hospitals/").text)


@pytest.mark.parametrize(("sent", "kept"), [("1", True), ("0", False)])
def test_yes_and_no_are_chosen_and_not_left_to_a_box(
    client: FlaskClient, session: Session, sent: str, kept: bool
) -> None:
    rows = some(session, "customers", 2, newsletter=not kept)
    key = key_in(select_rows(client, "customers", rows))

    none = edited(client, key, newsletter="")
    assert edited(client, key, newsletter=sent).status_code == 302
    client.post(f"/batches/{key}/run")

    session.expire_all()
    assert none.status_code == 422 and "Newsletter subscription: Give a value." in none.text
    assert [row.newsletter for row in rows] == [kept] * 2


def test_nothing_is_changed_by_looking(client: FlaskClient, session: Session) -> None:
    rows = some(session, "hospitals")
    key = key_in(select_rows(client, "hospitals", rows))
    edited(client, key, city="Nitra")

    for page in (f"/batches/{key}", f"/batches/{key}/edit", f"/batches/{key}/state", "/batches/"):
        assert client.get(page).status_code == 200, page

    session.commit()
    assert session.get(Batch, key).state is BatchState.prepared
    assert [content(session, row)["city"] for row in rows] == [None] * 3


def test_a_batch_that_is_sent_twice_is_done_once(client: FlaskClient, session: Session) -> None:
    rows = some(session, "hospitals")
    key = key_in(select_rows(client, "hospitals", rows))
    edited(client, key, city="Nitra")

    answers = [client.post(f"/batches/{key}/run"), client.post(f"/batches/{key}/run")]

    of = "SELECT count(*) FROM activity_logs WHERE action = 'update' AND entity_id = ANY(:keys)"
    assert [answer.location for answer in answers] == ["/hospitals/list/", f"/batches/{key}"]
    assert session.execute(text(of), {"keys": [row.id for row in rows]}).scalar_one() == 3


def test_a_record_that_changed_after_the_preview_stops_it_and_is_named(client: FlaskClient, session: Session) -> None:
    rows = some(session, "hospitals")
    key = key_in(select_rows(client, "hospitals", rows))
    edited(client, key, city="Nitra")
    session.refresh(rows[1])
    rows[1].name = "Renamed meanwhile"
    session.commit()

    answer = client.post(f"/batches/{key}/run")

    assert answer.status_code == 409
    assert "Renamed meanwhile" in answer.text
    assert [content(session, row)["city"] for row in rows] == [None] * 3


def test_all_that_match_are_those_of_the_list_when_they_were_chosen(client: FlaskClient, session: Session) -> None:
    rows = some(session, "hospitals", 4, city="Here")
    other = some(session, "hospitals", 1, city="There")[0]
    query = "?_flt_eq_city=Here"
    if client.get(f"/hospitals/list/{query}").status_code != 200:
        query = "?_flt_sw_city=Here"
    listed = client.get(f"/hospitals/list/{query}")
    assert listed.status_code == 200
    chosen = client.post(
        "/batches/select", data={"table": "hospitals", "do": "edit", "all": "1", "query": query, "expected": "3"}
    )
    key = key_in(chosen)
    late = some(session, "hospitals", 1, city="Here")[0]

    warned = client.get(f"/batches/{key}/edit").text
    edited(client, key, city="Nitra")
    client.post(f"/batches/{key}/run")

    assert "4 records instead of 3" in warned
    assert [content(session, row)["city"] for row in [*rows, other, late]] == ["Nitra"] * 4 + ["There", "Here"]


def test_more_than_a_hundred_rows_are_a_job_that_can_be_cancelled_run_and_taken_back(
    client: FlaskClient, session: Session
) -> None:
    rows = some(session, "hospitals", services.AT_ONCE + 1)
    keys = [key_in(select_rows(client, "hospitals", rows)) for _ in range(2)]
    for key in keys:
        edited(client, key, city="Nitra")
        assert client.post(f"/batches/{key}/run").location == f"/batches/{key}"
    assert client.post(f"/batches/{keys[0]}/cancel").status_code == 302
    assert "<progress" in client.get(f"/batches/{keys[1]}").text

    work_off(session)

    state = client.get(f"/batches/{keys[1]}/state").json
    assert (state["state"], state["percent"], state["busy"]) == ("done", 100, False)
    assert {content(session, row)["city"] for row in rows} == {"Nitra"}
    client.post(f"/batches/{keys[1]}/undo")
    work_off(session)
    assert {content(session, row)["city"] for row in rows} == {None}
    session.expire_all()
    assert [session.get(Batch, key).state for key in keys] == [BatchState.cancelled, BatchState.undone]


def test_too_many_rows_are_refused_with_a_sentence(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = some(session, "hospitals", 3)
    monkeypatch.setattr("app.batches.bulk.LIMIT", 2)

    answers = [
        select_rows(client, "hospitals", rows),
        client.post("/batches/select", data={"table": "hospitals", "do": "edit", "all": "1", "query": "?"}),
    ]

    assert [answer.location for answer in answers] == ["/hospitals/list/"] * 2
    assert "At most 2 records at once" in client.get("/hospitals/list/").text
    assert session.scalar(select(func.count()).select_from(Batch)) == 0


def test_active_records_are_deactivated_and_activated_again(client: FlaskClient, session: Session) -> None:
    rows = some(session, "hospitals", is_active=True)
    key = key_in(select_rows(client, "hospitals", rows, "deactivate"))
    assert client.get(f"/batches/{key}").status_code == 200

    client.post(f"/batches/{key}/run")

    assert [content(session, row)["is_active"] for row in rows] == [False] * 3
    again = key_in(select_rows(client, "hospitals", rows, "activate"))
    client.post(f"/batches/{again}/run")
    assert [content(session, row)["is_active"] for row in rows] == [True] * 3


def test_what_others_need_is_left_out_of_deleting_with_the_reason(client: FlaskClient, session: Session) -> None:
    rows = some(session, "campaigns")
    smallest(session, "campaign_schedules", campaign_id=rows[0].id)
    session.commit()
    model, keys = MODELS["campaigns"], [row.id for row in rows]
    key = key_in(select_rows(client, "campaigns", rows, "delete"))

    preview = client.get(f"/batches/{key}")
    file = client.get(f"/batches/{key}/left-out.csv").get_data(as_text=True)
    client.post(f"/batches/{key}/run")

    assert re.search(r"data-will-change>2<", preview.text)
    assert "cannot be brought back" in preview.text
    assert "still used" in preview.text
    assert "still used" in file
    session.expire_all()
    assert list(session.scalars(select(model.id).where(model.id.in_(keys)))) == [keys[0]]
    assert client.post(f"/batches/{key}/undo", follow_redirects=True).status_code == 200
    assert session.scalar(select(func.count()).where(model.id.in_(keys))) == 1


def test_words_are_added_to_and_removed_from_a_list(client: FlaskClient, session: Session) -> None:
    found = next(
        (name, f)
        for name in sorted(set(MODELS) - LOGS)
        for f in client.application.extensions["screens"][name].editable()
        if f.kind.name == "tags" and "Integer" not in repr(getattr(f.column.type, "item_type", ""))
    )
    table, f = found
    rows = some(session, table, **{f.attribute: ["one", "two"]})
    key = key_in(select_rows(client, table, rows))

    client.post(f"/batches/{key}/edit", data={f"how-{f.name}": "add", f.name: ["two", "three"]})
    client.post(f"/batches/{key}/run")
    assert [content(session, row)[f.attribute] for row in rows] == [["one", "two", "three"]] * 3
    again = key_in(select_rows(client, table, rows))
    client.post(f"/batches/{again}/edit", data={f"how-{f.name}": "remove", f.name: ["one"]})
    client.post(f"/batches/{again}/run")

    assert [content(session, row)[f.attribute] for row in rows] == [["two", "three"]] * 3


def test_an_empty_form_and_a_wrong_value_are_said_and_change_nothing(client: FlaskClient, session: Session) -> None:
    rows = some(session, "hospitals")
    key = key_in(select_rows(client, "hospitals", rows))

    nothing = client.post(f"/batches/{key}/edit", data={"city": "Nitra"})
    empty = edited(client, key, city="")
    wrong = edited(client, key, email="nobody")

    assert [answer.status_code for answer in (nothing, empty, wrong)] == [422] * 3
    assert "Choose at least one field" in nothing.text
    assert "Give a value" in empty.text
    assert "An e-mail address looks like" in wrong.text


# Rights ------------------------------------------------------------------------


@pytest.mark.parametrize("table", sorted(LOGS))
def test_entries_of_a_log_are_not_changed_in_numbers(client: FlaskClient, session: Session, table: str) -> None:
    rows = some(session, table, 1)

    answers = [select_rows(client, table, rows, do) for do in ("edit", "delete", "deactivate", "activate")]

    assert {answer.status_code for answer in answers} == {403}
    assert 'id="many"' not in client.get(f"/{table}/list/").text
    assert session.scalar(select(func.count()).select_from(Batch)) == 0


@pytest.mark.parametrize(
    ("table", "status"), [("hospitals", 403), ("deals", 404), ("no_such_table", 404), ("batches", 404)]
)
def test_without_the_right_nothing_can_be_chosen(
    app: Flask, session: Session, without_csrf: None, table: str, status: int
) -> None:
    clerk = clerk_of(session)
    smallest(
        session,
        "role_module_permissions",
        role_id=clerk.role_id,
        module_key="hospitals",
        access="visible",
        can_edit=False,
    )
    rows = some(session, table if table in MODELS else "hospitals", 1)
    browser = logged_in(app, clerk)

    answer = select_rows(browser, table, rows)

    assert answer.status_code == status
    assert 'id="many"' not in browser.get("/hospitals/list/").text
    assert session.scalar(select(func.count()).select_from(Batch)) == 0


@pytest.mark.parametrize("permission", ["hidden", "readonly"])
def test_a_field_without_the_right_is_not_offered_and_a_forged_one_is_refused_and_noted(
    app: Flask, session: Session, without_csrf: None, permission: str
) -> None:
    clerk = clerk_of(session, "hospitals")
    smallest(
        session,
        "role_field_permissions",
        role_id=clerk.role_id,
        module_key="hospitals",
        field_key="city",
        permission=permission,
    )
    rows = some(session, "hospitals", city="Secretville")
    browser = logged_in(app, clerk)
    key = key_in(select_rows(browser, "hospitals", rows, field="city"))

    form = browser.get(f"/batches/{key}/edit?field=city")
    forged = edited(browser, key, city="Nitra")
    both = edited(browser, key, name="Same", city="Nitra")

    assert 'name="how-city"' not in form.text
    assert 'name="city"' not in form.text
    assert [forged.status_code, both.status_code] == [403, 403]
    denied = "SELECT count(*) FROM activity_logs WHERE action = 'denied' AND user_id = :who AND details LIKE '%city%'"
    assert session.execute(text(denied), {"who": clerk.id}).scalar_one() == 2
    assert [content(session, row)["city"] for row in rows] == ["Secretville"] * 3


def test_secrets_and_keys_are_never_offered_or_taken(client: FlaskClient, session: Session) -> None:
    rows = some(session, "users")
    key = key_in(select_rows(client, "users", rows))
    form = client.get(f"/batches/{key}/edit").text

    answers = [edited(client, key, **{name: "x"}) for name in ("password_hash", "id", "created_at")]

    assert {answer.status_code for answer in answers} == {403}
    assert not re.search(r'name="(how-)?(password_hash|id|created_at)"', form)


def test_rows_of_other_countries_that_are_forged_in_are_not_there(
    app: Flask, session: Session, without_csrf: None
) -> None:
    clerk = clerk_of(session, "hospitals", assigned_countries=["SK"])
    own = some(session, "hospitals", 1, country_code="SK")
    foreign = some(session, "hospitals", 2, country_code="HU")
    browser = logged_in(app, clerk)

    key = key_in(select_rows(browser, "hospitals", [*own, *foreign]))
    edited(browser, key, city="Nitra")
    preview = browser.get(f"/batches/{key}").text
    browser.post(f"/batches/{key}/run")
    none = select_rows(browser, "hospitals", foreign)

    assert all(row.name not in preview for row in foreign)
    session.commit()
    assert [content(session, row)["city"] for row in [*own, *foreign]] == ["Nitra", None, None]
    assert none.location == "/hospitals/list/"


def test_rows_that_may_be_seen_but_not_changed_are_left_out_with_the_reason(
    app: Flask, session: Session, without_csrf: None
) -> None:
    """What belongs to all countries is changed by who has them all."""
    table = "campaigns"
    clerk = clerk_of(session, table, assigned_countries=["SK"])
    ours = some(session, table, 1, country_codes=["SK"])
    everybodys = some(session, table, 1, country_codes=[])
    browser = logged_in(app, clerk)
    key = key_in(select_rows(browser, table, [*ours, *everybodys]))

    edited(browser, key, description="Other")
    preview = browser.get(f"/batches/{key}").text
    browser.post(f"/batches/{key}/run")

    session.commit()
    assert "country that is not yours" in preview
    assert re.search(r"data-will-change>1<", preview)
    assert content(session, ours[0])["description"] == "Other"
    assert content(session, everybodys[0])["description"] is None


@pytest.mark.parametrize("page", ["", "/edit", "/state", "/left-out.csv"])
def test_a_batch_is_there_for_its_owner_alone(app: Flask, client: FlaskClient, session: Session, page: str) -> None:
    rows = some(session, "hospitals")
    key = key_in(select_rows(client, "hospitals", rows))
    edited(client, key, city="Nitra")
    other = make_user(session, "other", role=session.scalars(select(MODELS["roles"])).first())
    session.commit()
    browser = logged_in(app, other)

    looked = browser.get(f"/batches/{key}{page}")
    acted = [browser.post(f"/batches/{key}/{verb}") for verb in ("run", "cancel", "undo", "edit")]

    assert looked.status_code == 404
    assert {answer.status_code for answer in acted} == {404}
    assert key not in browser.get("/batches/").text
    assert client.get(f"/batches/{key}/state").json["state"] == "prepared"


@pytest.mark.parametrize("lost", ["module", "edit", "field"])
def test_rights_lost_after_the_preview_are_missed_when_it_runs(
    app: Flask, session: Session, without_csrf: None, lost: str
) -> None:
    clerk = clerk_of(session, "hospitals")
    rows = some(session, "hospitals")
    browser = logged_in(app, clerk)
    key = key_in(select_rows(browser, "hospitals", rows))
    edited(browser, key, city="Nitra")
    right = session.scalars(select(MODELS["role_module_permissions"])).one()
    if lost == "module":
        right.access = "hidden"
    elif lost == "edit":
        right.can_edit = False
    else:
        smallest(
            session,
            "role_field_permissions",
            role_id=clerk.role_id,
            module_key="hospitals",
            field_key="city",
            permission="readonly",
        )
    session.commit()

    answer = browser.post(f"/batches/{key}/run")

    assert answer.status_code in (403, 404, 409)
    assert [content(session, row)["city"] for row in rows] == [None] * 3


def test_a_row_of_the_batch_that_became_foreign_stops_the_undo(
    app: Flask, session: Session, without_csrf: None
) -> None:
    clerk = clerk_of(session, "hospitals", assigned_countries=["SK", "HU"])
    rows = some(session, "hospitals", 2, country_code="SK")
    browser = logged_in(app, clerk)
    key = key_in(select_rows(browser, "hospitals", rows))
    edited(browser, key, city="Nitra")
    browser.post(f"/batches/{key}/run")
    session.refresh(rows[0])
    rows[0].city = "Later"
    clerk.assigned_countries = ["HU"]
    session.commit()

    refused = browser.post(f"/batches/{key}/undo")

    assert refused.status_code == 409
    assert rows[0].name not in refused.text
    assert [content(session, row)["city"] for row in rows] == ["Later", "Nitra"]


def test_undo_shows_what_stands_in_the_way_and_takes_the_others_back(client: FlaskClient, session: Session) -> None:
    rows = some(session, "hospitals")
    key = key_in(select_rows(client, "hospitals", rows))
    edited(client, key, city="Nitra")
    client.post(f"/batches/{key}/run")
    session.refresh(rows[0])
    rows[0].city = "Later"
    session.commit()

    refused = client.post(f"/batches/{key}/undo")
    client.post(f"/batches/{key}/undo", data={"others": "1"})

    assert refused.status_code == 409
    assert rows[0].name in refused.text
    assert "Undo the others" in refused.text
    assert [content(session, row)["city"] for row in rows] == ["Later", None, None]


def test_what_rows_were_before_is_for_the_owner_alone(app: Flask, session: Session, client: FlaskClient) -> None:
    rows = some(session, "hospitals")
    key = key_in(select_rows(client, "hospitals", rows))
    edited(client, key, city="Nitra")
    client.post(f"/batches/{key}/run")

    kept = session.scalars(select(BatchRow).where(BatchRow.batch_id == key)).all()

    assert [(row.action, row.before) for row in kept] == [(RowAction.changed, {"city": None})] * 3
    assert session.get(Batch, key).undo_until > utc_now()
