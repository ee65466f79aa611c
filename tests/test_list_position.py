"""Previous and next of a record walk exactly the list it was opened from, whatever its order."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.access.door import viewer_of
from app.access.models import User
from app.core.viewer import acting
from app.screens import listpage, position, query
from app.screens.look import Look
from app.tables import MODELS
from tests.conftest import logged_in
from tests.places import clerk, placed
from tests.smallest import smallest
from tests.statements import statements
from tests.test_field_rights import holder
from tests.test_rights import screens_of

ONE_PER_COUNTRY = {"country_system_settings", "gsm_sender_configs", "system_ms365_connections"}
every_table = pytest.mark.parametrize("table", sorted(MODELS))


def neighbours(look: Look, key: Any, arguments: MultiDict[str, str]) -> tuple[str, str, str]:
    place = position.place_of(look, key, MultiDict({"in": urlencode(list(arguments.items(multi=True)))}))
    assert place is not None
    return place.previous_href, place.next_href, place.text


@every_table
def test_previous_and_next_walk_the_list_in_every_order(app: Flask, session: Session, admin: User, table: str) -> None:
    wanted = 1 if table in ONE_PER_COUNTRY else 4
    for _ in range(wanted):
        smallest(session, table)
    session.flush()
    screen = screens_of(app)[table]
    look = Look(screens_of(app), session, viewer_of(session, admin), screen)
    orders = [f"{sign}{f.name}" for f in screen.shown() if f.kind.sortable for sign in ("", "-")]

    with app.test_request_context(), acting(look.viewer):
        for order in ["", *orders]:
            arguments = MultiDict({"all": "1", "page_size": "100"} | ({"order": order} if order else {}))
            listing = listpage.shown_listing(look, arguments)
            ids = [row["id"] for row in query.page_of(session, look.screens, screen, look.viewer, listing, [])]
            assert len(ids) >= wanted
            walked = [neighbours(look, key, arguments) for key in ids[:6]]
            for number, (previous, following, text) in enumerate(walked):
                before = ids[number - 1] if number else None
                after = ids[number + 1] if number + 1 < len(ids) else None
                assert previous.startswith(f"/{table}/show/{before}?") if before is not None else not previous, order
                assert following.startswith(f"/{table}/show/{after}?") if after is not None else not following, order
                assert text == f"{number + 1} of {len(ids)}", order


@pytest.mark.parametrize("order", ["", "value", "-value", "currency", "-customer_id", "actual_close_date", "-status"])
def test_empty_and_equal_values_are_walked_where_the_list_has_them(
    app: Flask, session: Session, admin: User, order: str
) -> None:
    for value in (None, 10, 10, None, 5):
        smallest(session, "deals", value=value)
    session.flush()
    look = Look(screens_of(app), session, viewer_of(session, admin), screens_of(app)["deals"])
    arguments = MultiDict({"order": order} if order else {})

    with app.test_request_context(), acting(look.viewer):
        listing = listpage.shown_listing(look, arguments)
        rows = query.page_of(session, look.screens, look.screen, look.viewer, listing, [])
        walked = [neighbours(look, row["id"], arguments)[1].partition("?")[0] for row in rows]

    assert walked == [f"/deals/show/{row['id']}" for row in rows[1:]] + [""]


def hrefs(page: str) -> list[str]:
    return [
        html.unescape(found)
        for found in re.findall(r'<td[^>]*>\s*(?:<input[^>]*>)?<a href="(/deals/show/[^"]+)"', page)
    ]


def link(page: str, step: str) -> str:
    found = re.search(rf'<a [^>]*href="([^"]+)"[^>]*data-step="{step}"', page)
    return html.unescape(found[1]) if found else ""


def test_the_list_one_came_from_is_kept_through_record_form_and_saving(client: FlaskClient, session: Session) -> None:
    for value in range(1, 6):
        smallest(session, "deals", title=f"Deal {value}", value=value, status="won" if value % 2 else "open")
    session.commit()
    asked = "/deals/list/?_flt_in_status=won&order=value&page_size=2"

    first, second = hrefs(client.get(asked).text)
    record = client.get(second).text
    third = link(record, "next")
    form = client.get(second.replace("/show/", "/edit/")).text
    back = link(client.get(third).text, "back")

    assert "2 of 3" in record and link(record, "prev") == first
    assert [href.partition("?")[0] for href in hrefs(client.get(back).text)] == [third.partition("?")[0]]
    assert back.endswith(f"page=2#row-{third.partition('?')[0].rpartition('/')[2]}")
    assert link(form, "next") == third.replace("/show/", "/edit/")
    version = re.search(r'name="version" value="([^"]+)"', form)
    assert version is not None
    saved = client.post(
        second.replace("/show/", "/edit/"), data={"version": version[1], "title": "Other", "status": "won"}
    )
    assert saved.status_code in (302, 422)
    if saved.status_code == 302:
        assert saved.location == second


def test_a_record_that_left_the_list_is_walked_from_where_it_would_be(client: FlaskClient, session: Session) -> None:
    rows = [smallest(session, "deals", title=f"D{n}", value=n, source="web form") for n in (1, 2, 3)]
    session.commit()
    second = hrefs(client.get("/deals/list/?_flt_eq_source=web form&order=value").text)[1]
    rows[1].source = "referral"
    session.commit()

    page = client.get(second).text

    assert "No longer in this list" in page
    assert link(page, "prev").startswith(f"/deals/show/{rows[0].id}?")
    assert link(page, "next").startswith(f"/deals/show/{rows[2].id}?")


@pytest.mark.parametrize(
    "asked", ["_flt_eq_nothing=1", "order=nothing", "page=-1", "_flt_ge_value=x", "x" * 5000, "&&&=", "%00", "a" * 10]
)
def test_a_list_that_makes_no_sense_is_no_reason_to_refuse_a_record(
    client: FlaskClient, session: Session, asked: str
) -> None:
    row = smallest(session, "deals")
    session.commit()

    assert client.get(f"/deals/show/{row.id}", query_string={"in": asked}).status_code in (200, 400)
    if "%00" not in asked:
        assert client.get(f"/deals/show/{row.id}", query_string={"in": asked}).status_code == 200


@pytest.mark.parametrize("asked", ["order=value", "order=-value", "_flt_ge_value=5"])
def test_neighbours_tell_nothing_of_a_hidden_field(app: Flask, session: Session, asked: str) -> None:
    rows = [smallest(session, "deals", value=n) for n in (1, 9, 5)]
    user = holder(session, app, "somebody", {("deals", "value"): "hidden"})

    page = logged_in(app, user).get(f"/deals/show/{rows[2].id}", query_string={"in": asked}).text

    assert "data-place" not in page


def test_neighbours_are_of_the_viewers_countries_alone(app: Flask, session: Session) -> None:
    here = [placed(session, "customers", "SK") for _ in range(2)]
    abroad = [placed(session, "customers", "CZ") for _ in range(2)]
    user = clerk(session, app, "clerk", "SK")
    session.commit()

    pages = [logged_in(app, user).get(f"/customers/show/{row.id}?in=order%3Did%26all%3D1").text for row in here]

    assert sorted(re.findall(r"(\d) of 2", " ".join(pages))) == ["1", "2"]
    assert not any(row.id in page for row in abroad for page in pages)


def test_a_place_costs_two_statements_however_long_the_list(
    app: Flask, engine: Engine, session: Session, admin: User
) -> None:
    counts = []
    for _ in range(2):
        rows = [smallest(session, "deals") for _ in range(5)]
        session.flush()
        look = Look(screens_of(app), session, viewer_of(session, admin), screens_of(app)["deals"])
        with app.test_request_context(), acting(look.viewer), statements(engine) as seen:
            assert position.place_of(look, rows[2].id, MultiDict({"in": "order=value"})) is not None
        counts.append(len([one for one in seen if "set_config" not in one]))

    assert counts == [2, 2]
