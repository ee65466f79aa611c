"""What somebody keeps for a list: saved searches, columns, order; each within what its reader may know."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.access.models import Role, RoleModulePermission, User
from app.tables import MODELS
from app.work.models import ListPreference, SavedSearch
from app.work.rules import searches as rules
from app.work.rules.searches import Asked, Condition
from tests.conftest import logged_in, make_user
from tests.places import clerk
from tests.smallest import smallest
from tests.statements import statements
from tests.test_field_rights import holder
from tests.test_rights import screens_of

pytestmark = pytest.mark.usefixtures("without_csrf")
every_table = pytest.mark.parametrize("table", sorted(MODELS))
OPEN = Asked((Condition("status", "in", ("open",)),))
AS_JSON = {"Accept": "application/json"}


def saved(session: Session, user: User, asked: Asked = OPEN, table: str = "deals", **given: Any) -> SavedSearch:
    row = SavedSearch(**{"user_id": user.id, "name": "Mine", "module": table, "filters": rules.written(asked), **given})
    session.add(row)
    session.commit()
    return row


def tabs(page: str) -> dict[str, str]:
    """Names and addresses of the tabs above a list."""
    found = re.findall(r'<a class="view-tab" href="([^"]*)"[^>]*>(?:<span>)?([^<]+)<', page)
    return {html.unescape(name): html.unescape(href) for href, name in found}


def offered(page: str) -> list[str]:
    """Names of the searches that colleagues share."""
    menu = re.search(r'id="shared-menu".*?</div>\s*(.*?)</div>', page, re.S)
    return re.findall(r"<span>([^<]+)<small>", menu[1]) if menu else []


def heads(page: str) -> list[str]:
    head = re.search(r"<thead>(.*?)</thead>", page, re.S)
    assert head is not None
    texts = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<th[^>]*>(.*?)</th>", head[1], re.S)]
    return texts[:-1]  # the last one is of the buttons


def test_what_is_written_down_is_read_again() -> None:
    asked = Asked(
        (Condition("status", "in", ("open", "won")), Condition("created_at", "rel", ("this_week",))),
        "Jana", "-value", ("title", "value"), 50, True,
    )  # fmt: skip

    assert rules.read(rules.written(asked)) == asked


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "7", '"x"', "{", '{"filters": 1}', '{"filters": [1, null, {}, {"column": []}]}',
     '{"filters": [], "columns": {"a": 1}, "page_size": 1e9, "order": ["x"], "search": {}}', '{"a": {"b": 1}}',
     '{"status": ["open"], "value_from": 2000}', "[" * 5000],
)  # fmt: skip
def test_whatever_stands_in_the_column_the_list_opens(
    app: Flask, client: FlaskClient, session: Session, admin: User, text: str
) -> None:
    assert isinstance(rules.read(text), Asked)
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return  # the column takes no such text
    saved(session, admin, filters=text, is_default=True)

    assert client.get("/deals/list/", follow_redirects=True).status_code == 200


def test_a_search_by_the_country_of_a_parent_is_found_again(client: FlaskClient, session: Session) -> None:
    rows = {
        country: smallest(session, "invoices", customer_id=smallest(session, "customers", country=country).id).id
        for country in ("SK", "HU")
    }
    session.commit()

    answer = client.post(
        "/lists/invoices/searches", data={"query": "_flt_in_customer_id__country=SK", "name": "Ours", "default": "1"}
    )
    page = client.get("/invoices/list/", follow_redirects=True).text

    assert "_flt_in_customer_id__country=SK" in answer.location
    assert rows["SK"] in page and rows["HU"] not in page
    assert "left out" not in page


def test_of_more_conditions_than_a_list_takes_the_last_are_left_out(
    client: FlaskClient, session: Session, admin: User
) -> None:
    columns = ["title", "notes", "source", "currency", "lost_reason"]
    many = tuple(
        Condition(c, o, ("",)) for c in columns for o in ("ct", "nct", "sw", "ew", "eq", "neq", "none", "some")
    )
    saved(session, admin, Asked(many), is_default=True)

    page = client.get("/deals/list/", follow_redirects=True)

    assert page.status_code == 200
    assert "conditions are left out" in page.text


def test_a_view_is_saved_opened_and_is_a_tab(client: FlaskClient, session: Session) -> None:
    rows = {status: smallest(session, "deals", status=status, value=5) for status in ("open", "won")}
    session.commit()
    query = "_flt_in_status=open&_flt_bt_value=1..9&order=-value&columns=title,value&page_size=50&q="

    answer = client.post("/lists/deals/searches", data={"query": query, "name": "  Open   ones ", "default": "1"})
    page = client.get(answer.location).text

    kept = session.scalars(select(SavedSearch)).one()
    assert (kept.name, kept.module, kept.is_default, kept.shared) == ("Open ones", "deals", True, False)
    assert rules.read(kept.filters) == Asked(
        (Condition("status", "in", ("open",)), Condition("value", "bt", ("1..9",))),
        "",
        "-value",
        ("title", "value"),
        50,
    )
    assert list(tabs(page)) == ["All", "Open ones"]
    assert heads(page) == ["Title", "Value"]
    assert f"/deals/show/{rows['open'].id}" in page and f"/deals/show/{rows['won'].id}" not in page


def test_a_list_opens_with_the_default_and_a_way_to_all(client: FlaskClient, session: Session, admin: User) -> None:
    smallest(session, "deals")
    search = saved(session, admin, is_default=True)

    opened = client.get("/deals/list/")
    whole = client.get(tabs(client.get(opened.location).text)["All"])

    assert (opened.status_code, opened.location) == (302, f"/deals/list/?_flt_in_status=open&view={search.id}")
    assert whole.status_code == 200 and 'class="chip"' not in whole.text
    assert client.get("/deals/list/?_flt_in_status=won").status_code == 200


def test_a_new_default_takes_over(client: FlaskClient, session: Session, admin: User) -> None:
    first, second = saved(session, admin, is_default=True), saved(session, admin, name="Other")

    client.post(f"/searches/{second.id}/mark", data={"default": "1"})

    session.expire_all()
    assert (first.is_default, second.is_default) == (False, True)
    assert client.get("/deals/list/").location.endswith(f"view={second.id}")


def test_a_search_is_renamed_updated_deleted_and_brought_back_once(
    client: FlaskClient, session: Session, admin: User
) -> None:
    search = saved(session, admin, is_default=True, shared=True)
    key = search.id

    client.post(f"/searches/{key}/rename", data={"name": "Renamed"})
    client.post(f"/searches/{key}/update", data={"query": "?_flt_eq_status=won&page=3"})
    session.expire_all()
    assert (search.name, rules.read(search.filters).conditions) == ("Renamed", (Condition("status", "eq", ("won",)),))

    gone = client.post(f"/searches/{key}/delete", headers=AS_JSON).json
    assert session.scalars(select(SavedSearch)).all() == []
    for _ in range(2):
        assert client.post("/searches/restore", data={"undo": gone["undo"]}).status_code == 302
    session.expire_all()
    back = session.scalars(select(SavedSearch)).one()
    assert (back.id, back.name, back.is_default, back.shared) == (key, "Renamed", True, True)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_search_needs_a_name_that_fits(client: FlaskClient, session: Session, name: str) -> None:
    answer = client.post("/lists/deals/searches", data={"query": "", "name": name}, headers=AS_JSON)

    assert answer.status_code == 422 and answer.json["message"]
    assert session.scalars(select(SavedSearch)).all() == []


@pytest.mark.parametrize("query", ["_flt_eq_nothing=1", "_flt_ge_value=x", "order=nothing", "_flt_rel_created_at=x"])
def test_what_no_list_can_show_is_not_saved(client: FlaskClient, session: Session, query: str) -> None:
    answer = client.post("/lists/deals/searches", data={"query": query, "name": "x"}, headers=AS_JSON)

    assert answer.status_code == 400
    assert session.scalars(select(SavedSearch)).all() == []


def test_a_search_opens_without_conditions_whose_column_or_value_is_gone(
    client: FlaskClient, session: Session, admin: User
) -> None:
    smallest(session, "deals")
    gone = (Condition("old_name", "eq", ("1",)), Condition("status", "in", ("nonsense",)),
            Condition("value", "like", ("1",)))  # fmt: skip
    search = saved(session, admin, Asked((*OPEN.conditions, *gone), order="old", columns=("old", "title")))

    page = client.get(f"/deals/list/?view={search.id}").text
    opened = client.get(tabs(page)["Mine"])

    assert tabs(page)["Mine"] == f"/deals/list/?_flt_in_status=open&columns=title&view={search.id}"
    assert "3 conditions are left out: Old name, Status, Value." in opened.text
    assert heads(opened.text) == ["Title"]


def test_a_hidden_field_is_left_out_and_not_named(app: Flask, session: Session) -> None:
    user = holder(session, app, "somebody", {("deals", "value"): "hidden"})
    row = smallest(session, "deals", value=7654)
    asked = Asked((*OPEN.conditions, Condition("value", "ge", ("7654",))), order="-value", columns=("value", "title"))
    search = saved(session, user, asked, is_default=True)

    page = logged_in(app, user).get("/deals/list/", follow_redirects=True)

    assert "1 condition is left out." in page.text
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert ">Value<" not in main and "7654" not in main and "value" not in page.request.query_string.decode()
    assert f"/deals/show/{row.id}" in page.text and search.id in page.text


def test_shared_searches_are_found_and_copied_without_what_the_reader_may_not_know(
    app: Flask, session: Session, admin: User
) -> None:
    smallest(session, "deals")
    asked = Asked((*OPEN.conditions, Condition("value", "ge", ("7654",))))
    search = saved(session, admin, asked, name="Of the boss", shared=True, is_default=True)
    saved(session, admin, name="Nobody's business")
    user = holder(session, app, "somebody", {("deals", "value"): "hidden"})
    grant(session, user, "saved_searches")
    browser = logged_in(app, user)

    page = browser.get("/deals/list/")
    opened = browser.get(f"/deals/list/?_flt_in_status=open&view={search.id}").text
    copied = browser.post(f"/lists/deals/searches/{search.id}/copy")

    assert offered(page.text) == ["Of the boss"] and "business" not in page.text
    assert "7654" not in page.text + opened and "1 condition is left out." in opened
    assert copied.status_code == 302
    mine = session.scalars(select(SavedSearch).where(SavedSearch.user_id == user.id)).one()
    assert (rules.read(mine.filters), mine.is_default, mine.shared) == (OPEN, False, False)


def grant(session: Session, user: User, module: str) -> None:
    role = Role(name=f"{module} of {user.username}")
    role.role_module_permissions = [
        RoleModulePermission(module_key=module, access="visible", can_add=True, can_edit=True)
    ]
    from app.access.models import UserRole

    session.add(UserRole(user=user, role=role))
    session.commit()


def test_searches_of_others_cannot_be_changed_or_copied_unless_shared(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    other = clerk(session, app, "other", "SK")
    private, shared = saved(session, other), saved(session, other, name="Shared", shared=True)

    for search in (private, shared):
        for act, data in (
            ("rename", {"name": "x"}),
            ("mark", {"shared": "1"}),
            ("update", {"query": ""}),
            ("delete", {}),
        ):
            assert client.post(f"/searches/{search.id}/{act}", data=data, headers=AS_JSON).status_code == 404, act
    assert client.post(f"/lists/deals/searches/{private.id}/copy", headers=AS_JSON).status_code == 404
    assert client.post(f"/lists/customers/searches/{shared.id}/copy", headers=AS_JSON).status_code == 404
    session.expire_all()
    assert [private.name, private.shared, shared.name] == ["Mine", False, "Shared"]
    assert "Mine" not in tabs(client.get(f"/deals/list/?view={private.id}").text)


def test_a_deleted_search_comes_back_for_its_owner_alone(app: Flask, client: FlaskClient, session: Session) -> None:
    other = clerk(session, app, "other", "SK")
    search = saved(session, other)
    undo = logged_in(app, other).post(f"/searches/{search.id}/delete", headers=AS_JSON).json["undo"]

    assert client.post("/searches/restore", data={"undo": undo}, headers=AS_JSON).status_code == 404
    assert client.post("/searches/restore", data={"undo": undo[:-2] + "xx"}, headers=AS_JSON).status_code == 400
    assert client.post("/searches/restore", data={}, headers=AS_JSON).status_code == 400
    assert session.scalars(select(SavedSearch)).all() == []


def test_who_shares_no_country_with_a_colleague_does_not_find_what_he_shares(app: Flask, session: Session) -> None:
    here, abroad = clerk(session, app, "here", "SK"), clerk(session, app, "abroad", "CZ")
    both = clerk(session, app, "both", "SK", "CZ")
    saved(session, abroad, name="From abroad", shared=True)

    names = {user.username: offered(logged_in(app, user).get("/deals/list/").text) for user in (here, both)}

    assert names == {"here": [], "both": ["From abroad"]}


def test_without_the_module_of_saved_searches_there_are_none(app: Flask, session: Session) -> None:
    role = Role(name="Deals alone")
    role.role_module_permissions = [RoleModulePermission(module_key="deals", access="visible")]
    user = make_user(session, "clerk", role=role)
    search = saved(session, user, is_default=True)
    browser = logged_in(app, user)

    page = browser.get("/deals/list/")

    assert page.status_code == 200 and "view-tab" not in page.text
    for address in (f"/searches/{search.id}/delete", "/lists/deals/searches"):
        assert browser.post(address, data={"name": "x"}, headers=AS_JSON).status_code in (403, 404)
    for act in ("columns", "remember", "searches"):
        assert browser.post(f"/lists/customers/{act}", data={"columns": "id"}, headers=AS_JSON).status_code == 404, act


def test_rest_knows_no_default(app: Flask, client: FlaskClient, session: Session, admin: User) -> None:
    from tests.conftest import token_of

    row = smallest(session, "deals", status="won")
    saved(session, admin, is_default=True)

    answer = client.get("/api/v1/deals/", headers=token_of(app, admin))

    assert answer.status_code == 200 and row.id in answer.json["ids"]


def test_columns_are_chosen_kept_and_reset(client: FlaskClient, session: Session, admin: User) -> None:
    smallest(session, "deals")
    session.commit()
    usual = heads(client.get("/deals/list/").text)

    kept = client.post("/lists/deals/columns", data={"columns": ["value", "title"], "query": "q=x&columns=status"})
    chosen = heads(client.get("/deals/list/").text)
    asked = heads(client.get("/deals/list/?columns=status,title,nothing").text)
    client.post("/lists/deals/columns", data={"reset": "1"})

    assert (kept.status_code, kept.location) == (302, "/deals/list/?q=x")
    assert chosen == ["Value", "Title"]
    assert asked == ["Status", "Title"]
    assert heads(client.get("/deals/list/").text) == usual
    assert session.scalars(select(ListPreference)).all() == []


def test_order_and_size_are_kept_and_the_address_wins(client: FlaskClient, session: Session) -> None:
    rows = [smallest(session, "deals", value=value).id for value in (2, 3, 1)]
    session.commit()

    def shown(query: str = "") -> list[str]:
        found = re.findall(r'<a href="/deals/show/([^"?]+)\?', client.get(f"/deals/list/{query}").text)
        return [key for key in dict.fromkeys(found) if key in rows]

    assert client.post("/lists/deals/remember", data={"order": "-value"}).json == {"kept": True}
    assert client.post("/lists/deals/remember", data={"page_size": "50"}).json == {"kept": True}

    assert shown() == [rows[1], rows[0], rows[2]]
    assert shown("?order=value") == [rows[2], rows[0], rows[1]]
    assert "50 per page" in client.get("/deals/list/").text
    for wrong in ({"order": "nothing"}, {"page_size": "x"}, {"page_size": "0"}, {"page_size": "1000"}):
        assert client.post("/lists/deals/remember", data=wrong, headers=AS_JSON).status_code == 400


def test_a_kept_order_is_that_of_the_neighbours_and_of_the_file(client: FlaskClient, session: Session) -> None:
    for value in (2, 3, 1):
        smallest(session, "deals", value=value, title=f"Deal {value}")
    session.commit()
    client.post("/lists/deals/remember", data={"order": "-value"})
    client.post("/lists/deals/columns", data={"columns": ["value", "title"]})

    page = client.get("/deals/list/").text
    first = html.unescape(re.findall(r'<a href="(/deals/show/[^"]+)"', page)[0])
    file = html.unescape(re.search(r'href="(/deals/export.csv[^"]*)"', page)[1])  # type: ignore[index]
    rows = list(csv.reader(io.StringIO(client.get(file).text.removeprefix("\ufeff"))))

    assert "1 of 3" in client.get(first).text
    assert [row[1:] for row in rows] == [["Value", "Title"], ["3.00", "Deal 3"], ["2.00", "Deal 2"], ["1.00", "Deal 1"]]


def test_kept_columns_and_order_that_are_hidden_by_now_are_passed_over(app: Flask, session: Session) -> None:
    user = holder(session, app, "somebody", {("deals", "value"): "hidden"})
    for value in (2, 3, 1):
        smallest(session, "deals", value=value)
    session.add(ListPreference(user_id=user.id, module="deals", columns=["value", "gone", "title"], sort="-value"))
    session.commit()
    browser = logged_in(app, user)

    page = browser.get("/deals/list/").text
    asked = browser.get("/deals/list/?columns=value,title").text
    file = browser.get("/deals/export.csv?columns=value,title").text

    assert heads(page) == heads(asked) == ["Title"]
    assert "value" not in re.search(r'href="(/deals/export.csv[^"]*)"', page)[1]  # type: ignore[index]
    assert "Value" not in file.splitlines()[0]
    assert 'name="columns" value="value"' not in page
    browser.post("/lists/deals/columns", data={"columns": ["value", "title"]})
    session.expire_all()
    assert session.scalars(select(ListPreference)).one().columns == ["title"]


def test_wishes_are_each_persons_own(app: Flask, client: FlaskClient, session: Session) -> None:
    smallest(session, "deals")
    session.commit()
    other = clerk(session, app, "other", "SK", "CZ", "HU", "RO", "IT", "DE", "US", "CH")

    client.post("/lists/deals/columns", data={"columns": ["value"]})
    theirs = heads(logged_in(app, other).get("/deals/list/").text)

    assert len(theirs) > 1


@every_table
def test_every_list_shows_any_of_its_columns_in_any_order(
    app: Flask, client: FlaskClient, session: Session, table: str
) -> None:
    smallest(session, table)
    session.commit()
    screen = screens_of(app)[table]
    names = [f.name for f in screen.shown() if not f.secret][::-1][:40]

    page = client.get(f"/{table}/list/", query_string={"columns": ",".join(names), "all": "1"})
    file = client.get(f"/{table}/export.csv", query_string={"columns": ",".join(names), "all": "1"})

    assert page.status_code == 200
    assert len(heads(page.text)) == len(names)
    assert len(next(csv.reader(io.StringIO(file.text)))) == len(names) + 1


def test_tabs_cost_the_same_however_many_searches_there_are(
    client: FlaskClient, session: Session, engine: Engine, admin: User
) -> None:
    smallest(session, "deals")
    saved(session, admin)
    client.get("/deals/list/?q=")
    counts = []
    for _ in range(2):
        with statements(engine) as seen:
            client.get("/deals/list/?view=all")
        counts.append(len(seen))
        for _number in range(5):
            saved(session, admin)

    assert counts[0] == counts[1]
