"""The country chosen in the top bar: where lists start from, and nothing more."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.access.door import viewer_of
from app.access.models import RoleFieldPermission, User
from app.batches import bulk
from app.batches.changes import Do
from app.core.types import Country
from app.core.viewer import acting
from app.dashboards.metrics import CATALOGUE
from app.screens.beyond import Beyond, country_field
from app.screens.look import Look
from app.tables import MODELS
from app.work.models import SavedSearch
from app.work.rules import searches as rules
from app.work.rules.searches import Asked, Condition
from tests.conftest import logged_in, token_of
from tests.dashboards.seeded import asked, fill, rows_of
from tests.places import ABROAD, HOME, clerk, placed, screens_of
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")
HOST = "http://localhost"


def choose(client: FlaskClient, code: str, at: str = "/profile/") -> str:
    """Where one comes out after choosing on a page."""
    answer = client.post("/country/", data={"country": code}, headers={"Referer": HOST + at})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def opened(client: FlaskClient, href: str) -> tuple[str, str]:
    """The address that a page opens with, and the page."""
    answer = client.get(href)
    if answer.status_code == 302:
        href = answer.location
        answer = client.get(href)
    assert answer.status_code == 200, answer.text
    return href, answer.text


def link(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    return html.unescape(found[1]) if found else ""


def keys_of(client: FlaskClient, href: str) -> set[str]:
    """The ids in the file of a list."""
    answer = client.get(href)
    assert answer.status_code == 200, answer.text
    return {row[0] for row in list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]}


def query(href: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(urlsplit(href).query, keep_blank_values=True))


@pytest.mark.parametrize("table", sorted(MODELS))
def test_list_charts_files_and_changes_of_many_start_from_the_same_country(
    app: Flask, client: FlaskClient, session: Session, admin: User, table: str
) -> None:
    look = Look(screens_of(app), session, viewer_of(session, admin), screens_of(app)[table])
    f = country_field(look.screen, look.viewer)
    if f is None:
        choose(client, HOME)
        assert client.get(f"/{table}/list/").status_code == 200  # nothing to narrow by
        return
    # Most rows are placed by this very field; an address may lie in another country than its person.
    own = None if isinstance(f, Beyond) else f.attribute
    here, abroad = (
        str(placed(session, table, country, **({own: Country(country)} if own else {})).id)
        for country in (HOME, ABROAD)
    )
    session.commit()
    assert opened(client, f"/{table}/list/")[0] == f"/{table}/list/"
    choose(client, HOME)

    href, page = opened(client, f"/{table}/list/")
    chart_href = link(page, r'href="(/[^"]*/chart/[^"]*)"')
    chart = client.get(chart_href).text
    with app.test_request_context(), acting(look.viewer):
        chosen = {planned.key for planned in bulk.matching(look, Do.edit, query(href))}

    assert list(query(href).items()) == [(f"_flt_eq_{f.name}", HOME)]
    assert f"{html.escape(str(f.label))} is {HOME}" in page
    assert f"/{table}/show/{here}?" in page and f"/{table}/show/{abroad}?" not in page
    exported = keys_of(client, link(page, r'href="([^"]*/export\.csv[^"]*)"'))
    assert here in exported and abroad not in exported
    assert chosen == exported
    assert query(link(page, r'name="query" value="(\?[^"]*)"') or href) == query(href)
    assert query(chart_href) == query(href) == query(link(chart, rf'href="(/{table}/list/\?[^"]*)"'))
    assert opened(client, f"/{table}/chart/")[0].endswith(chart_href.partition("?")[2])
    everything = "&all=1" if look.screen.active else ""
    total = keys_of(client, f"/{table}/export.csv?{href.partition('?')[2]}{everything}")
    for number, one in enumerate(look.screen.charts):
        if one.by:
            rows = client.get(f"/{table}/chart/{number}.json?{chart_href.partition('?')[2]}").json["rows"]
            assert sum(row["count"] for row in rows) == len(total)
            for row in rows:
                assert here in keys_of(client, row["href"].replace("/list/", "/export.csv")) or len(rows) > 1
                assert opened(client, row["href"])[0] == row["href"]

    removed, page = opened(client, link(page, r'<span class="chip">.*?<a href="([^"]*)"'))
    assert query(removed) == MultiDict({"everywhere": "1"})
    assert {here, abroad} <= keys_of(client, link(page, r'href="([^"]*/export\.csv[^"]*)"'))
    for again in (link(page, r'href="(/[^"]*/chart/[^"]*)"'), link(page, r'href="([^"]*page_size=50[^"]*)"')):
        assert not again or opened(client, again)[0] == again
    chart = client.get(f"/{table}/chart/?everywhere=1").text
    assert query(link(chart, rf'href="(/{table}/list/\?[^"]*)"')) == MultiDict({"everywhere": "1"})


def test_what_says_something_of_its_own_shows_just_that(client: FlaskClient, session: Session, admin: User) -> None:
    for country in (HOME, ABROAD):
        smallest(session, "customers", country=country, last_name=f"Novak {country}")
    search = SavedSearch(
        user_id=admin.id, name="All of them", module="customers", filters=rules.written(Asked(search="novak"))
    )
    session.add(search)
    session.commit()
    choose(client, HOME)

    for said in (f"_flt_eq_country={ABROAD}", "q=novak", "order=last_name", f"view={search.id}", "everywhere=1"):
        assert client.get(f"/customers/list/?{said}").status_code == 200, said
    assert len(keys_of(client, f"/customers/export.csv?q=novak&view={search.id}")) == 2
    assert opened(client, "/customers/list/?view=all")[0] == f"/customers/list/?view=all&_flt_eq_country={HOME}"
    search.is_default = True
    session.commit()
    href, page = opened(client, "/customers/list/")
    assert query(href) == MultiDict({"q": "novak", "view": str(search.id), "_flt_eq_country": HOME})
    assert f"Novak {HOME}" in page and f"Novak {ABROAD}" not in page
    assert f"/searches/{search.id}/update" not in page  # it is not another search for that
    whole = client.get(link(page, r'<span class="chip">.*?<a href="([^"]*)"')).text
    assert f"Novak {HOME}" in whole and f"Novak {ABROAD}" in whole


def test_a_search_saved_with_a_country_keeps_it_and_is_not_taken_for_changed(
    client: FlaskClient, session: Session, admin: User
) -> None:
    conditions = (Condition("country", "eq", (ABROAD,)),)
    search = SavedSearch(user_id=admin.id, name="Abroad", module="customers", filters=rules.written(Asked(conditions)))
    session.add(search)
    session.commit()
    choose(client, HOME)

    page = client.get(f"/customers/list/?_flt_eq_country={ABROAD}&view={search.id}&everywhere=1").text

    assert f"Country is {ABROAD}" in page and f"Country is {HOME}" not in page
    assert f"/searches/{search.id}/update" not in page


def test_tiles_lead_to_as_many_rows_as_they_count(client: FlaskClient, session: Session, admin: User) -> None:
    fill(session, admin, today=date.today(), rows=25)
    session.commit()
    choose(client, HOME)

    counted = 0
    for key in sorted(CATALOGUE):
        main = asked(client, key)["main"]
        if main:
            assert rows_of(client, main["href"]) == main["count"], key
            counted += main["count"]

    assert counted


def test_the_home_page_starts_from_it_and_an_address_says_otherwise(client: FlaskClient) -> None:
    client.post("/home/choose", data={"board": "management", "period": "year", "in": ABROAD})
    assert f"in={ABROAD}" in client.get("/").text

    assert choose(client, HOME, f"/?board=management&period=year&in={ABROAD}") == "/"

    page = client.get("/").text
    assert f"period=year&amp;in={HOME}" in page and f"in={ABROAD}" not in page
    assert f"in={ABROAD}" in client.get(f"/?period=year&in={ABROAD}").text
    assert f"in={HOME}" not in client.get("/?period=year").text


@pytest.mark.parametrize("code", ["DE", "XX", "sk", "SK,CZ", "\x00"])
def test_nobody_chooses_a_country_that_is_not_his(app: Flask, session: Session, code: str) -> None:
    client = logged_in(app, clerk(session, app, "jana", HOME, ABROAD))

    answer = client.post("/country/", data={"country": code})

    assert (
        answer.status_code == 400
        and "Set-Cookie" not in str(answer.headers.get("Set-Cookie", "")).partition("_country")[1]
    )
    assert client.get("/customers/list/").status_code == 200


def test_a_lost_country_is_forgotten(app: Flask, session: Session) -> None:
    jana = clerk(session, app, "jana", HOME, ABROAD)
    client = logged_in(app, jana)
    choose(client, ABROAD)
    assert client.get("/customers/list/").status_code == 302

    jana.assigned_countries = [HOME, "HU"]
    session.commit()
    answer = client.get("/customers/list/")
    jana.assigned_countries = [HOME, ABROAD]
    session.commit()

    assert answer.status_code == 200 and "Country is" not in answer.text
    assert client.get("/customers/list/").status_code == 200


def test_a_choice_is_made_up_by_nobody(app: Flask, session: Session) -> None:
    client = logged_in(app, clerk(session, app, "jana", HOME, ABROAD))
    name = f"{app.config['SESSION_COOKIE_NAME']}_country"
    for value in ("", "SK", '["x","SK"]', "e30.e30", "\u20ac"):
        client.set_cookie(name, value)

        assert client.get("/customers/list/").status_code == 200


def test_a_choice_outlives_the_login_and_is_good_for_its_person_alone(app: Flask, session: Session) -> None:
    jana, petra = (clerk(session, app, name, HOME, ABROAD) for name in ("jana", "petra"))
    client = logged_in(app, jana)
    choose(client, ABROAD)

    def enter(who: User) -> int:
        client.post("/logout/")
        with client.session_transaction() as cookie, logged_in(app, who).session_transaction() as fresh:
            cookie.update(fresh)
        return client.get("/customers/list/").status_code

    assert (enter(petra), enter(jana)) == (200, 302)


def test_the_menu_is_for_people_with_several_countries(app: Flask, session: Session) -> None:
    several, single = clerk(session, app, "several", HOME, ABROAD), clerk(session, app, "single", HOME)

    page = logged_in(app, several).get("/profile/").text
    menu = link(page, r'(?s)(<form class="menu" id="menu-country".*?</form>)')

    assert re.findall(r'name="country" value="(\w*)"', menu) == ["", HOME, ABROAD]
    assert 'name="csrf_token"' in menu and "All my countries" in menu and "Slovakia" in menu
    client = logged_in(app, single)
    choose(client, HOME)
    assert 'action="/country/"' not in client.get("/profile/").text
    assert client.get("/customers/list/").status_code == 200
    assert 'action="/country/"' not in app.test_client().get("/login/").text


def test_the_list_one_chooses_on_follows_the_choice(client: FlaskClient) -> None:
    base = "/customers/list/"
    assert choose(client, HOME, f"{base}?order=last_name&page=3") == f"{base}?order=last_name&_flt_eq_country={HOME}"
    assert choose(client, ABROAD, f"{base}?_flt_eq_country={HOME}&q=x") == f"{base}?q=x&_flt_eq_country={ABROAD}"
    assert choose(client, HOME, f"{base}?everywhere=1") == f"{base}?_flt_eq_country={HOME}"
    assert choose(client, ABROAD, f"{base}?_flt_in_country=SK,HU") == f"{base}?_flt_in_country=SK%2CHU"
    assert choose(client, "", f"/customers/chart/?_flt_eq_country={ABROAD}") == "/customers/chart/"
    assert choose(client, HOME, "/profile/?a=1") == "/profile/?a=1"
    assert choose(client, HOME, "/regions/list/?q=x") == "/regions/list/?q=x"
    assert client.post("/country/", headers={"Referer": "http://elsewhere.example/x"}).location == "/"


def test_taking_away_the_last_filter_or_all_of_them_shows_all_countries(client: FlaskClient) -> None:
    choose(client, HOME)

    page = client.get("/customers/list/?_flt_eq_last_name=x").text

    for pattern in (r'<span class="chip">.*?<a href="([^"]*)"', r'href="([^"]*)">Clear all<'):
        href = link(page, pattern)
        assert query(href).get("everywhere") == "1" and opened(client, href)[0] == href


def test_neighbours_are_those_of_the_country(client: FlaskClient, session: Session) -> None:
    for country in (HOME, ABROAD, HOME):
        smallest(session, "deals", country_code=country)
    session.commit()
    choose(client, HOME)

    page = opened(client, "/deals/list/")[1]
    record = client.get(link(page, r'href="(/deals/show/[^"]+)"')).text

    assert "1 of 2" in record


def test_a_new_record_starts_in_it_where_nothing_else_is_said(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    customer = placed(session, "customers", ABROAD)
    session.commit()

    def country(href: str) -> str:
        select = link(client.get(href).text, r'(?s)<select[^>]*name="country(?:_code)?"(.*?)</select>')
        return link(select, r'<option value="(\w*)"[^>]* selected')

    assert country("/clinics/add") == HOME  # as the table has it
    choose(client, ABROAD)

    assert country("/customers/add") == country("/clinics/add") == country("/deals/add") == ABROAD
    assert country("/customers/add?country=HU") == "HU"
    assert country(f"/deals/add?customer_id={customer.id}") != ABROAD
    choose(client, "")
    assert country("/customers/add") == ""


def test_who_may_not_know_the_country_has_whole_lists(app: Flask, session: Session) -> None:
    jana = clerk(session, app, "jana", HOME, ABROAD)
    module = screens_of(app)["customers"].module
    session.add(
        RoleFieldPermission(role=jana.primary_role, module_key=module, field_key="country", permission="hidden")
    )
    session.commit()
    client = logged_in(app, jana)
    choose(client, HOME)

    assert client.get("/customers/list/").status_code == client.get("/invoices/list/").status_code == 200
    assert client.get("/customers/add").status_code == 200


def test_rest_is_not_narrowed(app: Flask, session: Session) -> None:
    jana = clerk(session, app, "jana", HOME, ABROAD)
    for country in (HOME, ABROAD):
        placed(session, "hospitals", country)
    session.commit()
    client = logged_in(app, jana)
    choose(client, HOME)

    assert client.get("/api/v1/hospitals/", headers=token_of(app, jana)).json["count"] == 2
