"""The timeline of a record: one stream of what one may know, in pages that neither repeat nor leave out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.access.models import User
from app.core import audit
from app.core.viewer import SYSTEM
from app.screens import timeline
from app.tables import MODELS
from tests.conftest import logged_in
from tests.smallest import LOGS, given_to, smallest
from tests.statements import statements
from tests.test_field_rights import CANARY, holder
from tests.test_rights import person, screens_of

every_table = pytest.mark.parametrize("table", sorted(MODELS))
every_table_for_hands = pytest.mark.parametrize("table", sorted(set(MODELS) - LOGS))
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SOURCES = [
    (parent, child)
    for parent, child in [("customers", "customer_notes"), ("customers", "communication_messages"),
                          ("customers", "call_logs"), ("customers", "tasks"), ("customers", "deals"),
                          ("customers", "customer_consents"), ("customers", "invoices"),
                          ("customers", "contract_instances"), ("customers", "customer_potential_cases"),
                          ("deals", "deal_activities"), ("tasks", "task_comments"),
                          ("contract_instances", "contract_audit_log"),
                          ("contract_instances", "contract_signature_requests"),
                          ("campaign_contacts", "campaign_contact_history"),
                          ("campaign_contacts", "campaign_contact_sessions"),
                          ("collaborators", "collaborator_agreements"), ("collaborators", "visit_events"),
                          ("visit_events", "voice_notes"), ("billing_details", "billing_company_audit_log")]
]  # fmt: skip

# Those with a module of their own: who sees the record sees the others with it.
APART = [(parent, child) for parent, child in SOURCES if child not in (
    "customer_notes", "task_comments", "contract_audit_log", "contract_signature_requests", "campaign_contact_history",
    "campaign_contact_sessions", "collaborator_agreements", "voice_notes", "billing_company_audit_log",
)]  # fmt: skip


def hrefs(text: str) -> list[str]:
    """The happenings of a page, in their order, by their address."""
    return re.findall(r'<p><a href="(/[a-z_]+/show/[^"]+)"', text)


def child_of(app: Flask, session: Session, parent: str, table: str, **given: Any) -> tuple[Any, Any]:
    """A record and one happening of another table that points to it."""
    child = next(c for c in screens_of(app)[parent].children if c.table == table)
    row = smallest(session, parent)
    column = screens_of(app)[table].fields[child.column].attribute
    happened = smallest(session, table, **{column: row.id}, **given)
    session.commit()
    return row, happened


@every_table
def test_every_record_has_its_timeline_or_says_that_there_is_none(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    row = smallest(session, table)
    session.commit()

    answer = client.get(f"/{table}/show/{row.id}/timeline")

    assert answer.status_code == 200
    assert "Nothing happened yet" in answer.text or "data-day" in answer.text
    told = screens_of(app)[table].module != "audit"
    assert ('id="tab-timeline"' in client.get(f"/{table}/show/{row.id}").text) == told


@pytest.mark.parametrize(("parent", "table"), SOURCES)
def test_a_happening_stands_in_the_timeline_of_its_record(
    app: Flask, client: FlaskClient, session: Session, parent: str, table: str
) -> None:
    row, happened = child_of(app, session, parent, table)
    kind = screens_of(app)[table].happening.kind  # type: ignore[union-attr]  # each of these tables has one

    page = client.get(f"/{parent}/show/{row.id}/timeline")
    of_kind = client.get(f"/{parent}/show/{row.id}/timeline?kind={kind}")
    of_another = client.get(f"/{parent}/show/{row.id}/timeline?kind=history")

    href = f"/{table}/show/{happened.id}"
    assert hrefs(page.text).count(href) == hrefs(of_kind.text).count(href) == 1
    assert href not in hrefs(of_another.text)


@pytest.mark.usefixtures("without_csrf")
@pytest.mark.parametrize(("parent", "table"), APART)
def test_a_closed_module_is_in_nobodys_timeline(app: Flask, session: Session, parent: str, table: str) -> None:
    screens = screens_of(app)
    row, happened = child_of(app, session, parent, table)
    others = {s.module for s in screens.values()} - {screens[table].module, "audit"}
    browser = logged_in(app, person(session, "somebody", dict.fromkeys(others, ("visible", True, True))))

    page = browser.get(f"/{parent}/show/{row.id}/timeline")

    assert page.status_code == 200
    assert str(happened.id) not in page.text


@pytest.mark.parametrize("parent", ["deals", "contract_instances"])
def test_what_was_said_with_the_customer_stands_in_the_timeline_of_what_is_his(
    app: Flask, client: FlaskClient, session: Session, parent: str
) -> None:
    anna, eva = (smallest(session, "customers", country="SK") for _ in range(2))
    row = smallest(session, parent, customer_id=anna.id)
    hers = [
        f"/{table}/show/{smallest(session, table, customer_id=anna.id, **given).id}"
        for table, given in (("communication_messages", {}), ("customer_email_notifications", {}), ("call_logs", {}))
    ]
    other = smallest(session, "communication_messages", customer_id=eva.id)
    nobodys = smallest(session, "communication_messages", customer_id=None)
    note = smallest(session, "customer_notes", customer_id=anna.id)
    session.commit()

    found = hrefs(client.get(f"/{parent}/show/{row.id}/timeline").text)
    messages = hrefs(client.get(f"/{parent}/show/{row.id}/timeline?kind=message").text)

    assert [found.count(href) for href in hers] == [1, 1, 1]
    assert [messages.count(href) for href in hers] == [1, 1, 0]
    for row_id in (other.id, nobodys.id, note.id):
        assert not [href for href in found if href.endswith(str(row_id))]


@pytest.mark.usefixtures("without_csrf")
@pytest.mark.parametrize(
    "hidden",
    ["", "deals.customer_id", "communication_messages.customer_id", "communication_messages.created_at", "customers",
     "communication_messages"],
)  # fmt: skip
def test_it_is_told_to_who_may_know_of_the_message_and_whose_it_is(app: Flask, session: Session, hidden: str) -> None:
    anna = smallest(session, "customers", country="SK")
    deal = smallest(session, "deals", customer_id=anna.id)
    message = smallest(session, "communication_messages", customer_id=anna.id)
    session.commit()
    module, _dot, column = hidden.partition(".")
    if module and not column:
        others = {screen.module for screen in screens_of(app).values()} - {module, "audit"}
        user = person(session, "somebody", dict.fromkeys(others, ("visible", True, True)))
    else:
        user = holder(session, app, "somebody", {(module, column): "hidden"} if column else {})

    text = logged_in(app, user).get(f"/deals/show/{deal.id}/timeline").text

    assert (f"/communication_messages/show/{message.id}" in text) == (not hidden)


@every_table_for_hands
def test_a_task_about_a_record_stands_in_its_timeline_once(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    row, other = smallest(session, table), smallest(session, "customers")
    given_to(session, row, admin)
    along = {"customer_id": row.id} if table == "customers" else {}
    task = smallest(session, "tasks", entity_type=table, entity_id=str(row.id), **along)
    smallest(session, "tasks", entity_type="elsewhere", entity_id=str(row.id))
    session.commit()

    found = hrefs(client.get(f"/{table}/show/{row.id}/timeline?kind=task").text)

    assert found == [f"/tasks/show/{task.id}"]
    assert hrefs(client.get(f"/customers/show/{other.id}/timeline?kind=task").text) == []


@pytest.mark.parametrize("hidden", ["entity_type", "entity_id", "created_at", "module", "country"])
def test_a_task_about_a_record_is_told_to_who_may_know_of_it(app: Flask, session: Session, hidden: str) -> None:
    row = smallest(session, "hospitals", country_code="SK")
    task = smallest(session, "tasks", title=CANARY, country="SK", entity_type="hospitals", entity_id=row.id)
    free = holder(session, app, "other", {})
    if hidden == "module":
        user = person(session, "somebody", {"hospitals": ("visible", True, True)})
    else:
        user = holder(session, app, "somebody", {} if hidden == "country" else {("tasks", hidden): "hidden"})
    for one in (user, free):
        one.assigned_countries = ["SK"]
    if hidden == "country":
        task.country = "CZ"  # a task of another country about a record of this one
        free.assigned_countries = ["SK", "CZ"]
    session.commit()

    texts = [logged_in(app, one).get(f"/hospitals/show/{row.id}/timeline").text for one in (free, user)]

    assert [CANARY in text for text in texts] == [True, False]
    assert [f"/tasks/show/{task.id}" in text for text in texts] == [True, False]


@pytest.mark.parametrize("hidden", ["customer_id", "created_at"])
def test_where_the_way_or_the_time_is_hidden_there_is_no_source(app: Flask, session: Session, hidden: str) -> None:
    row, call = child_of(app, session, "customers", "call_logs", notes=CANARY)
    open_eyes = holder(session, app, "somebody", {})
    closed = holder(session, app, "clerk", {("call_logs", hidden): "hidden"})

    texts = [logged_in(app, user).get(f"/customers/show/{row.id}/timeline").text for user in (open_eyes, closed)]

    assert [str(call.id) in text for text in texts] == [True, False]
    assert [CANARY in text for text in texts] == [True, False]


def test_a_hidden_text_is_left_out_of_what_is_told(app: Flask, session: Session) -> None:
    row, call = child_of(app, session, "customers", "call_logs", notes=CANARY)
    browser = logged_in(app, holder(session, app, "somebody", {("call_logs", "notes"): "hidden"}))

    text = browser.get(f"/customers/show/{row.id}/timeline").text

    assert str(call.id) in text and CANARY not in text


def test_a_record_of_another_country_has_no_timeline_and_its_happenings_are_in_none(
    app: Flask, session: Session
) -> None:
    user = holder(session, app, "somebody", {})
    user.assigned_countries = ["CZ"]
    theirs = smallest(session, "customers", country="SK")
    campaign = smallest(session, "campaigns", country_codes=["CZ"])
    foreign = smallest(session, "deals", customer_id=theirs.id, campaign_id=campaign.id, country_code="SK")
    ours = smallest(session, "deals", campaign_id=campaign.id, country_code="CZ",
                    customer_id=smallest(session, "customers", country="CZ").id)  # fmt: skip
    session.commit()
    browser = logged_in(app, user)

    assert browser.get(f"/customers/show/{theirs.id}/timeline").status_code == 404
    found = hrefs(browser.get(f"/campaigns/show/{campaign.id}/timeline").text)
    assert f"/deals/show/{ours.id}" in found and f"/deals/show/{foreign.id}" not in found


@pytest.mark.usefixtures("without_csrf")
def test_changes_are_told_to_who_may_look_into_the_trail(app: Flask, session: Session) -> None:
    row = smallest(session, "customers", city="Nitra")
    audit.note(session, "update", entity_type="customers", entity_id=row.id, by=SYSTEM,
               details={"changes": {"city": {"old": "Nitra", "new": CANARY}}})  # fmt: skip
    audit.note(session, "view", entity_type="customers", entity_id=row.id, by=SYSTEM)
    session.commit()
    sees = person(session, "somebody", dict.fromkeys(("customers", "audit"), ("visible", True, True)))
    blind = person(session, "clerk", dict.fromkeys(("customers",), ("visible", True, True)))

    told, untold = (logged_in(app, user).get(f"/customers/show/{row.id}/timeline") for user in (sees, blind))

    assert CANARY in told.text and "Viewed" not in told.text
    assert CANARY not in untold.text and "Nothing happened yet" in untold.text
    refused = logged_in(app, blind).get(f"/customers/show/{row.id}/timeline?kind=history")
    assert refused.status_code == 400


def test_a_change_of_hidden_fields_alone_is_not_told(app: Flask, session: Session) -> None:
    row = smallest(session, "customers")
    for column in ("city", "notes"):
        audit.note(session, "update", entity_type="customers", entity_id=row.id, by=SYSTEM,
                   details={"changes": {column: {"old": "a", "new": f"{CANARY} {column}"}}})  # fmt: skip
    session.commit()
    user = holder(session, app, "somebody", {("customers", "city"): "hidden"})

    text = logged_in(app, user).get(f"/customers/show/{row.id}/timeline?kind=history").text

    assert f"{CANARY} notes" in text and f"{CANARY} city" not in text
    assert text.count('class="is-history"') == 1


def test_older_pages_neither_repeat_nor_leave_out(client: FlaskClient, session: Session) -> None:
    """Many at the very same moment, in several tables: the place of a page is more than a time."""
    row = smallest(session, "customers")
    made = []
    for number in range(25):
        at = START + timedelta(days=number // 10)
        for table in ("customer_notes", "call_logs", "deals"):
            one = smallest(session, table, customer_id=row.id)
            one.created_at = at
            made.append((at, f"/{table}/show/{one.id}"))
    session.commit()

    address, found, pages = f"/customers/show/{row.id}/timeline", [], 0
    while address and pages < 10:
        text = client.get(address).text
        found += [href for href in hrefs(text) if not href.startswith("/customers/")]
        older = re.search(r'data-older href="([^"]+)"', text)
        address, pages = (older[1].replace("&amp;", "&") if older else ""), pages + 1

    assert sorted(found) == sorted(href for _at, href in made)
    times = {href: at for at, href in made}
    assert [times[href] for href in found] == sorted((times[href] for href in found), reverse=True)
    assert pages == -(-75 // timeline.SIZE)


@pytest.mark.parametrize(
    "before",
    ["x", "2026-03-01", "2026-03-01T09:00:00+00:00", "2026-03-01T09:00:00+00:00~users~1",
     "2026-03-01T09:00:00~deals~1", "2026-03-01T09:00:00+00:00~deals~", "2026-03-01T09:00:00+00:00~deals~\x00"],
)  # fmt: skip
def test_a_place_that_is_none_is_refused(client: FlaskClient, session: Session, before: str) -> None:
    row = smallest(session, "customers")
    session.commit()

    assert client.get(f"/customers/show/{row.id}/timeline", query_string={"before": before}).status_code == 400
    assert client.get(f"/customers/show/{row.id}/timeline?kind=secret").status_code == 400


def test_a_page_costs_the_same_however_much_happened(
    app: Flask, client: FlaskClient, session: Session, engine: Engine
) -> None:
    few, many = smallest(session, "customers"), smallest(session, "customers")
    for number in range(40):
        smallest(session, "customer_notes", customer_id=many.id, content=f"note {number}")
        smallest(session, "deals", customer_id=many.id)
    smallest(session, "customer_notes", customer_id=few.id)
    session.commit()
    client.get(f"/customers/show/{few.id}/timeline")

    counts = []
    for row in (few, many):
        with statements(engine) as seen:
            assert client.get(f"/customers/show/{row.id}/timeline").status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_what_points_here_twice_is_told_once(client: FlaskClient, session: Session) -> None:
    user = smallest(session, "users")
    given_to(session, user, user)
    consent = smallest(session, "customer_consents", granted_by_user_id=user.id, revoked_by_user_id=user.id)
    session.commit()

    found = hrefs(client.get(f"/users/show/{user.id}/timeline").text)

    assert found.count(f"/customer_consents/show/{consent.id}") == 1


def test_days_are_those_of_the_viewer(app: Flask, session: Session) -> None:
    row, note = child_of(app, session, "customers", "customer_notes")
    row.country = "SK"
    note.created_at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    user = holder(session, app, "somebody", {})
    user.assigned_countries = ["SK"]
    session.commit()

    text = logged_in(app, user).get(f"/customers/show/{row.id}/timeline").text

    assert 'data-day="2026-03-02"' in text and "00:30" in text


def test_every_kind_in_use_has_a_name(app: Flask) -> None:
    used = {s.happening.kind for s in screens_of(app).values() if s.happening}
    with app.test_request_context():
        assert used <= set(timeline.kinds())
