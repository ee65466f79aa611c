"""The board of a pipeline under filters and saved searches, page by page, and as it is asked for anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, object_session

from app.access.models import User
from tests.pipeline.boarded import board, column, in_stage, move, titles
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")


def test_filters_of_the_list_narrow_cards_and_sums(
    client: FlaskClient, session: Session, admin: User, pipeline: Any, stages: dict[str, Any]
) -> None:
    in_stage(session, stages["New"], "mine and dear", value=Decimal(500), assigned_user_id=admin.id)
    in_stage(session, stages["New"], "mine and cheap", value=Decimal(5), assigned_user_id=admin.id)
    in_stage(session, stages["New"], "nobody's", value=Decimal(800))

    mine = column(board(client, pipeline, f"?_flt_eq_assigned_user_id={admin.id}"), stages["New"])
    dear = column(board(client, pipeline, f"?_flt_eq_assigned_user_id={admin.id}&_flt_ge_value=100"), stages["New"])
    found = column(board(client, pipeline, "?q=nobody"), stages["New"])

    assert titles(mine) == ["mine and cheap", "mine and dear"]
    assert "€505" in mine
    assert titles(dear) == ["mine and dear"]
    assert "€500" in dear
    assert titles(found) == ["nobody&#39;s"]
    assert "€800" in found


def test_the_product_of_a_deal_is_a_filter_of_board_and_list(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    product = smallest(session, "products")
    deal = in_stage(session, stages["New"], "with kit")
    in_stage(session, stages["New"], "no kit")
    smallest(session, "deal_products", deal_id=deal.id, product_id=product.id)
    session.commit()
    query = f"?_flt_product_id={product.id}"

    html = board(client, pipeline, query)

    assert titles(column(html, stages["New"])) == ["with kit"]
    assert 'class="chip"' in html
    listed = client.get(f"/deals/list/{query}").text
    assert ("with kit" in listed, ">no kit<" in listed) == (True, False)


@pytest.mark.parametrize("query", ["?_flt_eq_nothing=1", "?_flt_eq_value=abc", "?_flt_xx_value=1"])
def test_a_filter_that_makes_no_sense_is_refused_in_words(
    client: FlaskClient, pipeline: Any, stages: dict[str, Any], query: str
) -> None:
    assert client.get(f"/pipeline/{pipeline.id}{query}").status_code == 400


def test_the_list_and_the_board_share_their_filters(client: FlaskClient, pipeline: Any, stages: dict[str, Any]) -> None:
    html = board(client, pipeline, "?_flt_ge_value=100&q=nova")

    assert f"/deals/list/?_flt_ge_value=100&amp;q=nova&amp;_flt_eq_pipeline_id={pipeline.id}" in html


def test_a_saved_search_of_deals_is_a_tab_of_the_board(
    client: FlaskClient, pipeline: Any, stages: dict[str, Any]
) -> None:
    home = f"http://localhost/pipeline/{pipeline.id}?_flt_ge_value=100"
    saved = client.post(
        "/lists/deals/searches", data={"name": "Dear ones", "query": "_flt_ge_value=100"}, headers={"Referer": home}
    )

    assert saved.headers["Location"].startswith(f"/pipeline/{pipeline.id}?_flt_ge_value=100&view=")
    html = client.get(saved.headers["Location"]).text
    assert re.search(r'<a class="view-tab" href="/pipeline/[^"]+" aria-current="page"><span>Dear ones</span>', html)


def test_the_board_opens_with_ones_default_search_and_all_is_one_click_away(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    for title, value in (("dear", 500), ("cheap", 5)):
        in_stage(session, stages["New"], title, value=Decimal(value))
    base = f"/pipeline/{pipeline.id}"
    asked = {"name": "Dear ones", "query": "_flt_ge_value=100", "default": "1"}
    client.post("/lists/deals/searches", data=asked)

    opened = client.get(base).headers["Location"]
    html = client.get(opened).text

    assert re.fullmatch(re.escape(base) + r"\?_flt_ge_value=100&view=[\w-]+", opened)
    assert titles(html) == ["dear"]
    assert re.search(r'aria-current="page"><span>Dear ones</span>', html)
    assert f'<a class="view-tab" href="{base}?view=all">All</a>' in html
    assert f'<a class="button is-plain is-small" href="{base}?view=all">Clear all</a>' in html
    assert titles(board(client, pipeline, "?view=all")) == ["cheap", "dear"]
    assert client.get(f"/pipeline/forecast/{pipeline.id}").headers["Location"].startswith("/pipeline/forecast/")


def test_who_stops_looking_at_his_own_deals_sees_those_of_all(
    client: FlaskClient, session: Session, admin: User, pipeline: Any, stages: dict[str, Any]
) -> None:
    mine = f"_flt_eq_assigned_user_id={admin.id}"
    client.post("/lists/deals/searches", data={"name": "Mine", "query": mine, "default": "1"})

    html = board(client, pipeline, f"?{mine}")

    assert f'<a class="button is-on" href="/pipeline/{pipeline.id}?view=all"' in html


def test_a_saved_search_that_is_deleted_on_the_board_leaves_one_there(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    here = {"Referer": f"http://localhost/pipeline/{pipeline.id}?_flt_ge_value=100"}
    saved = client.post("/lists/deals/searches", data={"name": "Dear", "query": "_flt_ge_value=100"}, headers=here)
    key = saved.headers["Location"].rpartition("view=")[2]

    gone = client.post(f"/searches/{key}/delete", headers={**here, "Accept": "application/json"})

    assert gone.get_json()["href"] == f"/pipeline/{pipeline.id}?view=all"


def test_a_column_goes_on_where_it_was_cut(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    for number in range(55):
        smallest(session, "deals", stage_id=stages["New"].id, title=f"deal {number:02}", country_code="SK")
    session.commit()
    html = column(board(client, pipeline), stages["New"])
    after = re.search(r'data-following="([^"]+)"', html)
    assert after

    more = client.get(f"/pipeline/{pipeline.id}/more?stage={stages['New'].id}&after={after[1]}").text

    assert len(titles(html)) == 50
    assert titles(more) == [f"deal {number:02}" for number in (4, 3, 2, 1, 0)]
    assert "data-following" not in more
    whole = client.get(f"/pipeline/{pipeline.id}/columns?shown={stages['New'].id}:55").text
    assert len(titles(whole)) == 55


@pytest.mark.parametrize("after", ["", "x", "1e9", "NaN", "1;2", "9" * 400])
def test_a_place_that_makes_no_sense_is_refused(
    client: FlaskClient, pipeline: Any, stages: dict[str, Any], after: str
) -> None:
    answer = client.get(f"/pipeline/{pipeline.id}/more?stage={stages['New'].id}&after={after}")

    assert answer.status_code == 400
    assert "does not exist" in answer.text


def test_an_open_page_is_told_when_nothing_is_new(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    deal = in_stage(session, stages["New"], "one")
    first = client.get(f"/pipeline/{pipeline.id}/columns")
    again = client.get(f"/pipeline/{pipeline.id}/columns", headers={"If-None-Match": first.headers["ETag"]})

    move(client, deal, stages["Offer"])
    after = client.get(f"/pipeline/{pipeline.id}/columns", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, after.status_code) == (200, 304, 200)


@pytest.mark.parametrize(
    "change",
    [
        lambda deal: setattr(deal, "country_code", "HU"),
        lambda deal: setattr(deal, "probability", 70),
        lambda deal: setattr(deal, "notes", "Twins"),
        lambda deal: smallest(object_session(deal), "deal_activities", deal_id=deal.id, type="call"),
    ],
    ids=["country", "probability", "notes", "activity"],
)
def test_open_boards_hear_of_whatever_cards_sums_and_filters_tell(
    session: Session, pinged: Callable[[], list[str]], stages: dict[str, Any], change: Callable[[Any], object]
) -> None:
    deal = in_stage(session, stages["New"], "told")
    pinged()

    change(deal)
    session.commit()
    told = pinged()
    deal.title = deal.title
    session.commit()

    assert '["*", "board"]' in told
    assert pinged() == []


def test_the_country_chosen_in_the_top_bar_narrows_the_board(
    client: FlaskClient, session: Session, pipeline: Any, stages: dict[str, Any]
) -> None:
    in_stage(session, stages["New"], "ours")
    in_stage(session, stages["New"], "theirs", country_code="HU")
    here = f"http://localhost/pipeline/{pipeline.id}"

    chosen = client.post("/country/", data={"country": "HU"}, headers={"Referer": here})
    opened = client.get(f"/pipeline/{pipeline.id}")

    narrowed = f"/pipeline/{pipeline.id}?_flt_eq_country_code=HU"
    assert (chosen.headers["Location"], opened.headers["Location"]) == (narrowed, narrowed)
    assert titles(column(client.get(narrowed).text, stages["New"])) == ["theirs"]
    assert titles(column(board(client, pipeline, "?everywhere=1"), stages["New"])) == ["theirs", "ours"]
