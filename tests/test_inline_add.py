"""Adding in a tab of related records: the door of the full form, with the fields that matter."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.house import SCREENS
from app.screens.fields import fields_of
from app.screens.resolve import Child, resolve_all
from app.tables import MODELS
from tests.conftest import logged_in
from tests.places import clerk
from tests.smallest import LOGS, form_of, smallest, values_for
from tests.test_all_tables import _typed
from tests.test_field_rights import CANARY, holder
from tests.test_rights import person, screens_of

pytestmark = pytest.mark.usefixtures("without_csrf")


def first_children() -> list[tuple[str, str, str]]:
    """(table of the record, table of the tab, column) of one tab for each table that can be added in one."""
    found: dict[str, tuple[str, str, str]] = {}
    for screen in resolve_all(MODELS, SCREENS).values():
        for child in screen.children:
            other = child.table
            if other not in LOGS and other not in found and _one_target(other, child):
                found[other] = (screen.table, other, child.column)
    return sorted(found.values())


def _one_target(table: str, child: Child) -> bool:
    return len(fields_of(MODELS[table])[child.column].targets) == 1


TABS = first_children()


def short_of(client: FlaskClient, table: str, column: str, key: Any) -> Any:
    return client.get(f"/{table}/add", query_string={"short": column, column: key})


def names_in(text: str) -> set[str]:
    return set(re.findall(r'data-field="([^"]+)"', text))


def how_many(session: Session, table: str) -> int:
    return session.scalar(select(func.count()).select_from(MODELS[table])) or 0


@pytest.mark.parametrize(("parent", "table", "column"), TABS, ids=[f"{t}.{c}" for _p, t, c in TABS])
def test_the_short_form_asks_for_what_must_be_said_and_adds_once(
    app: Flask, client: FlaskClient, session: Session, parent: str, table: str, column: str
) -> None:
    screen = screens_of(app)[table]
    attribute = screen.fields[column].attribute
    values = values_for(session, table)
    owner = values.get(attribute) or smallest(session, parent).id
    values[attribute] = owner
    session.commit()
    if column in screen.readonly:
        assert short_of(client, table, column, owner).status_code == 400
        return

    page = short_of(client, table, column, owner)
    names = names_in(page.text)
    assert page.status_code == 200
    assert {f.name for f in screen.editable() if f.required and f.name != column} - screen.readonly <= names
    assert f'name="{column}" value="{owner}"' in page.text and "<html" not in page.text
    key = re.search(r'name="form_key" value="([0-9a-f]{32})"', page.text)
    assert key is not None
    sent = _typed(screen, values)
    before = how_many(session, table)

    answers = [client.post(f"/{table}/add", data={**sent, "short": column, "form_key": key[1]}) for _time in (1, 2)]

    assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
    assert how_many(session, table) == before + 1
    assert answers[0].json["id"] == answers[1].json["id"]
    shown = client.get(f"/{parent}/show/{owner}/tab/{table}.{column}")
    assert answers[0].json["href"] in shown.text


def test_what_is_wrong_is_said_in_the_short_form_and_what_was_typed_stays(
    client: FlaskClient, session: Session
) -> None:
    deal = smallest(session, "deals")
    session.commit()

    answer = client.post(
        "/deal_activities/add", data={"short": "deal_id", "deal_id": deal.id, "subject": "", "description": "typed"}
    )

    assert answer.status_code == 422
    assert "data-short-form" in answer.text and "<html" not in answer.text
    assert "This field is required." in answer.text and "typed" in answer.text
    assert how_many(session, "deal_activities") == 0


@pytest.mark.parametrize("column", ["subject", "id", "nothing", "deal_id'"])
def test_a_column_that_leads_nowhere_is_refused(client: FlaskClient, session: Session, column: str) -> None:
    assert client.get("/deal_activities/add", query_string={"short": column}).status_code == 400


def test_a_record_of_another_country_gets_nothing(app: Flask, session: Session) -> None:
    user = holder(session, app, "somebody", {})
    user.assigned_countries = ["CZ"]
    theirs = smallest(session, "customers", country="SK")
    theirs.last_name = CANARY
    session.commit()
    browser = logged_in(app, user)

    page = short_of(browser, "customer_notes", "customer_id", theirs.id)
    sent = browser.post("/customer_notes/add", data={"short": "customer_id", "customer_id": theirs.id, "content": "x"})

    assert CANARY not in page.text
    assert sent.status_code in (403, 422)
    assert how_many(session, "customer_notes") == 0


@pytest.mark.parametrize(("add", "status"), [(True, 200), (False, 403)])
def test_the_tab_offers_it_to_who_may_add(app: Flask, session: Session, add: bool, status: int) -> None:
    deal = smallest(session, "deals")
    session.commit()
    rights = {"deals": ("visible", False, False), "deal_activities": ("visible", add, False)}
    browser = logged_in(app, person(session, "somebody", rights))

    tab = browser.get(f"/deals/show/{deal.id}/tab/deal_activities.deal_id").text

    assert ("data-short=" in tab) == add
    answer = browser.get("/deal_activities/add?short=deal_id", headers={"Accept": "application/json"})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("table", "countries", "child", "column"),
    [("pipelines", "country_codes", "pipeline_stages", "pipeline_id"),
     ("campaigns", "country_codes", "campaign_schedules", "campaign_id"),
     ("billing_details", "country_codes", "billing_company_accounts", "billing_details_id"),
     ("users", "assigned_countries", "user_roles", "user_id")],
)  # fmt: skip
def test_nothing_is_added_beneath_a_record_that_is_closed_for_changes(
    app: Flask, session: Session, table: str, countries: str, child: str, column: str
) -> None:
    """A record of two countries is seen in both, and changed by who has both."""
    user = clerk(session, app, "home", "SK")
    more = {"country_code": "SK"} if table == "billing_details" else {}
    ours, shared = (smallest(session, table, **{countries: known}, **more) for known in (["SK"], ["SK", "CZ"]))
    session.commit()
    browser = logged_in(app, user)

    def offered(address: str) -> bool:
        page = browser.get(address)
        assert page.status_code == 200, address
        return f'href="/{child}/add?{column}=' in page.text

    tab = f"tab/{child}.{column}"
    assert (offered(f"/{table}/show/{ours.id}/{tab}"), offered(f"/{table}/show/{shared.id}/{tab}")) == (True, False)
    assert not offered(f"/{table}/show/{shared.id}")
    row = MODELS[child](**values_for(session, child, **{column: shared.id}))
    session.commit()
    before = how_many(session, child)
    sent = browser.post(f"/{child}/add", data=form_of(row))
    assert sent.status_code in (403, 422)
    assert "This belongs to a country that is not yours, or to all countries." in sent.text
    assert how_many(session, child) == before


@pytest.mark.parametrize(("right", "offered"), [("hidden", False), ("readonly", False), ("editable", True)])
def test_who_may_not_say_where_it_belongs_is_led_to_the_full_form(
    app: Flask, session: Session, right: str, offered: bool
) -> None:
    deal = smallest(session, "deals")
    session.commit()
    browser = logged_in(app, holder(session, app, "somebody", {("deal_activities", "deal_id"): right}))

    tab = browser.get(f"/deals/show/{deal.id}/tab/deal_activities.deal_id")

    assert ("short=deal_id" in tab.text) == offered
    assert tab.status_code == (404 if right == "hidden" else 200)


def test_a_hidden_field_is_not_in_the_short_form(app: Flask, session: Session) -> None:
    deal = smallest(session, "deals")
    session.commit()
    hidden = {("deal_activities", "description"): "hidden", ("deal_activities", "due_at"): "readonly"}
    browser = logged_in(app, holder(session, app, "somebody", hidden))

    names = names_in(short_of(browser, "deal_activities", "deal_id", deal.id).text)

    assert "subject" in names
    assert not names & {"description", "due_at"}


def test_a_row_of_a_tab_is_changed_and_removed_from_there(client: FlaskClient, session: Session) -> None:
    customer = smallest(session, "customers")
    note = smallest(session, "customer_notes", customer_id=customer.id)
    session.commit()
    back = f"/customers/show/{customer.id}#tab-customer_notes.customer_id"

    tab = client.get(f"/customers/show/{customer.id}/tab/customer_notes.customer_id").text
    gone = client.post(f"/customer_notes/delete/{note.id}", data={"version": note.row_version, "back": back})

    assert f'href="/customer_notes/edit/{note.id}"' in tab
    assert f'data-delete="/customer_notes/delete/{note.id}"' in tab and f'data-back="{back}"' in tab
    assert (gone.status_code, gone.location) == (302, back)
    assert how_many(session, "customer_notes") == 0


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/show/x", "/\\evil.example/show/1", "/customers/list/",
             "/customers/show/1\r\nX: y", "javascript:alert(1)", "/customers/show/1?x=1", ""],
)  # fmt: skip
def test_nobody_is_led_away_after_removing(client: FlaskClient, session: Session, back: str) -> None:
    note = smallest(session, "customer_notes")
    session.commit()

    gone = client.post(f"/customer_notes/delete/{note.id}", data={"version": note.row_version, "back": back})

    assert (gone.status_code, gone.location) == (302, "/customer_notes/list/")
