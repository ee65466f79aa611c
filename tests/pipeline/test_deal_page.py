"""The page and the panel of one deal: moved, priced and turned into a contract, with the rights of whoever looks."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from app.core.errors import Unprocessable
from app.pipeline.models import DealProduct, DealStatus
from tests.conftest import logged_in
from tests.pipeline.selling import JSON, again, deal_in, family, panel, path_of_stages, priced, product, seller
from tests.smallest import smallest
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")


@pytest.fixture
def stages(session: Session) -> dict[str, Any]:
    return path_of_stages(session)


def move(client: FlaskClient, deal: Any, stage: Any, **more: str) -> Any:
    return client.post(f"/pipeline/deals/{deal.id}/stage", data={"stage_id": stage.id, **more}, headers=JSON)


def seen_by(client: FlaskClient, deal: Any) -> str:
    """What the page knows the place of the deal by."""
    found = re.search(r'data-seen="([0-9a-f]{32})"', panel(client, deal))
    assert found is not None
    return found[1]


# The page -----------------------------------------------------------------------------


def test_the_page_and_the_panel_show_the_same_parts(
    session: Session, jana: FlaskClient, stages: dict[str, Any]
) -> None:
    deal = deal_in(session, stages["offer"], customer_id=family(session).id)
    page, beside = jana.get(f"/deals/show/{deal.id}").text, panel(jana, deal)

    for part in ("bar", "composer", "activities", "products", "links"):
        assert f'data-deal-part="{part}"' in page and f'data-deal-part="{part}"' in beside
    assert re.search(rf'<article[^>]* data-deal-panel data-deal="{deal.id}"', beside)
    assert "<html" not in beside
    assert "tel:+421905123456" in beside


def test_other_records_have_nothing_of_it(session: Session, client: FlaskClient) -> None:
    assert "data-deal-part" not in client.get(f"/customers/show/{family(session).id}").text


@pytest.mark.parametrize("way", ["panel", "stage?stage_id=x", "contract", "price.json"])
def test_a_deal_of_another_country_does_not_exist(
    app: Flask, session: Session, stages: dict[str, Any], way: str
) -> None:
    deal = deal_in(session, stages["new"])
    stranger = logged_in(app, seller(session, "attila", "HU"))

    for key in (deal.id, "none"):
        assert stranger.get(f"/pipeline/deals/{key}/{way}").status_code == 404
        assert move(stranger, deal, stages["offer"]).status_code == 404


def test_who_sees_no_deals_is_refused(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    deal = deal_in(session, stages["new"])
    outsider = logged_in(app, seller(session, "otto", modules={"customers": "vae"}))

    panel(outsider, deal, 403)
    assert move(outsider, deal, stages["offer"]).status_code == 403


def test_what_is_hidden_stays_hidden(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    deal = deal_in(session, stages["offer"], customer_id=family(session).id)
    smallest(session, "deal_products", deal_id=deal.id, product_id=product(session).id, price=Decimal("777.77"))
    session.commit()
    fields = {("deals", name): "hidden" for name in ("stage_id", "customer_id", "value", "deal_products.price")}
    text = panel(logged_in(app, seller(session, "hana", fields=fields)), deal)

    assert "Cord blood" in text
    for secret in ("Offer", "Nová", "777.77", "+421905123456"):
        assert secret not in text


def test_since_when_a_deal_is_in_its_stage_is_not_told_where_it_is_hidden(
    app: Flask, session: Session, stages: dict[str, Any]
) -> None:
    deal = deal_in(session, stages["new"])
    client = logged_in(app, seller(session, "hana", fields={("deals", "stage_entered_at"): "hidden"}))
    text = panel(client, deal)

    assert "deal-step-time" not in text and deal.stage_entered_at.isoformat()[:16] not in text
    assert move(client, deal, stages["offer"], seen=seen_by(client, deal)).status_code == 200


def test_without_the_module_of_activities_there_are_none(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    text = panel(logged_in(app, seller(session, "hana", modules={"deals": "vae"})), deal_in(session, stages["new"]))

    assert "data-composer" not in text and "Activities" not in text


def test_a_page_costs_the_same_however_much_there_is(
    session: Session, engine: Engine, jana: FlaskClient, stages: dict[str, Any]
) -> None:
    deal = deal_in(session, stages["new"], customer_id=family(session).id)

    def cost() -> int:
        panel(jana, deal)
        with statements(engine) as seen:
            panel(jana, deal)
        return len(seen)

    for _number in range(2):
        smallest(session, "deal_products", deal_id=deal.id)
        smallest(session, "deal_activities", deal_id=deal.id)
    session.commit()
    few = cost()
    for _number in range(12):
        smallest(session, "deal_products", deal_id=deal.id)
        smallest(session, "deal_activities", deal_id=deal.id)
        smallest(session, "pipeline_stages", pipeline_id=deal.pipeline_id)
    session.commit()

    assert cost() == few


# Stages -------------------------------------------------------------------------------


def test_the_bar_tells_where_the_deal_is_and_where_it_was(
    session: Session, jana: FlaskClient, stages: dict[str, Any]
) -> None:
    deal = deal_in(session, stages["new"])
    assert move(jana, deal, stages["offer"]).status_code == 200
    text = panel(jana, deal)

    assert re.search(r'aria-current="step"><span class="deal-step-name">Offer</span>', text)
    assert re.search(r'is-passed">\s*<button type="button" data-move="[^"]+"', text)


def test_a_move_says_what_was_done_and_how_it_is_undone(
    session: Session, jana: FlaskClient, stages: dict[str, Any]
) -> None:
    deal = deal_in(session, stages["new"])
    answer = move(jana, deal, stages["won"], seen=seen_by(jana, deal)).json

    assert answer["said"] == "The deal is won."
    assert again(session, deal).status is DealStatus.won
    undone = jana.post(f"/pipeline/deals/{deal.id}/stage", data=answer["undo"], headers=JSON)
    assert undone.status_code == 200
    assert again(session, deal).stage_id == stages["new"].id


def test_who_looked_at_another_place_is_told_and_nothing_moves(
    session: Session, jana: FlaskClient, client: FlaskClient, stages: dict[str, Any]
) -> None:
    deal = deal_in(session, stages["new"])
    seen = seen_by(jana, deal)
    move(client, deal, stages["offer"])
    answer = move(jana, deal, stages["won"], seen=seen)

    assert answer.status_code == 409
    assert "moved this deal to “Offer” meanwhile" in answer.json["message"]
    assert again(session, deal).stage_id == stages["offer"].id


def test_a_lost_stage_asks_why(session: Session, jana: FlaskClient, stages: dict[str, Any]) -> None:
    deal = deal_in(session, stages["offer"])
    form = jana.get(f"/pipeline/deals/{deal.id}/stage?stage_id={stages['lost'].id}").text
    refused = move(jana, deal, stages["lost"], lost_reason="  ")

    assert 'name="lost_reason"' in form
    assert refused.status_code == 422 and refused.json["errors"] == {"lost_reason": ["Say why the deal was lost."]}
    assert move(jana, deal, stages["lost"], lost_reason="Too expensive").status_code == 200
    assert again(session, deal).lost_reason == "Too expensive"


def test_a_stage_that_needs_more_asks_for_it_and_takes_it(
    session: Session, jana: FlaskClient, stages: dict[str, Any]
) -> None:
    stages["offer"].required_fields = ["customer_id", "expected_close_date"]
    deal, eva = deal_in(session, stages["new"]), family(session)
    form = jana.get(f"/pipeline/deals/{deal.id}/stage?stage_id={stages['offer'].id}").text
    refused = move(jana, deal, stages["offer"])

    assert 'name="customer_id"' in form and 'name="expected_close_date"' in form
    assert refused.status_code == 422 and set(refused.json["errors"]) == {"customer_id", "expected_close_date"}
    bad = move(jana, deal, stages["offer"], customer_id="nobody", expected_close_date="2026-13-40")
    assert bad.status_code == 422 and again(session, deal).stage_id == stages["new"].id
    foreign = family(session, country="HU")
    bad = move(jana, deal, stages["offer"], customer_id=foreign.id, expected_close_date="2026-12-24")
    assert bad.status_code == 422 and "customer_id" in bad.json["errors"]
    done = move(jana, deal, stages["offer"], customer_id=eva.id, expected_close_date="2026-12-24")
    assert done.status_code == 200
    assert again(session, deal).customer_id == eva.id


@pytest.mark.parametrize("right", ["readonly", "hidden"])
def test_who_may_not_write_the_stage_moves_nothing(
    app: Flask, session: Session, stages: dict[str, Any], right: str
) -> None:
    deal = deal_in(session, stages["new"])
    looker = logged_in(app, seller(session, "lena", fields={("deals", "stage_id"): right}))

    assert "data-move" not in panel(looker, deal)
    assert move(looker, deal, stages["offer"]).status_code == 403
    assert again(session, deal).stage_id == stages["new"].id


def test_who_may_not_edit_deals_moves_nothing(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    deal = deal_in(session, stages["new"])
    looker = logged_in(app, seller(session, "lena", modules={"deals": "va"}))

    assert "data-move" not in panel(looker, deal)
    assert move(looker, deal, stages["offer"]).status_code == 403


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"stage_id": ""}, 400), ({"stage_id": "none"}, 404), ({"seen": "yesterday"}, 400),
     ({"seen": "2026-01-01T00:00:00+00:00"}, 400), ({"seen": "0" * 32}, 409), ({"stage_id": "x" * 5000}, 404)],
)  # fmt: skip
def test_a_move_that_makes_no_sense_is_refused_with_a_sentence(
    session: Session, jana: FlaskClient, stages: dict[str, Any], sent: dict[str, str], status: int
) -> None:
    deal = deal_in(session, stages["new"])
    answer = (
        move(jana, deal, stages["offer"], **{k: v for k, v in sent.items() if k != "stage_id"})
        if ("stage_id" not in sent)
        else jana.post(f"/pipeline/deals/{deal.id}/stage", data=sent, headers=JSON)
    )

    assert answer.status_code == status and answer.json["message"]
    assert again(session, deal).stage_id == stages["new"].id


def test_a_stage_of_another_pipeline_is_refused(session: Session, jana: FlaskClient, stages: dict[str, Any]) -> None:
    deal, other = deal_in(session, stages["new"]), path_of_stages(session, name="Upgrades")

    answer = move(jana, deal, other["offer"])

    assert answer.status_code == 422 and "Families" in answer.json["errors"]["stage_id"][0]


# Products -----------------------------------------------------------------------------


def add_line(client: FlaskClient, deal: Any, **sent: str) -> Any:
    return client.post(f"/pipeline/deals/{deal.id}/products", data=sent, headers=JSON)


def test_products_make_the_value_of_the_deal(session: Session, jana: FlaskClient, stages: dict[str, Any]) -> None:
    deal, cord = deal_in(session, stages["new"]), product(session)

    assert add_line(jana, deal, product_id=cord.id, quantity="2", price="300", discount="50.50").status_code == 200
    assert again(session, deal).value == Decimal("549.50")
    line = session.scalars(select(DealProduct)).one()
    at = f"/pipeline/deals/{deal.id}/products/{line.id}"
    assert 'value="300.00"' in jana.get(at).text
    assert jana.post(at, data={"quantity": "3", "version": line.row_version}, headers=JSON).status_code == 200
    assert again(session, deal).value == Decimal("849.50")
    assert "€849.50" in panel(jana, deal)
    assert jana.post(f"{at}/remove", headers=JSON).status_code == 200
    assert session.scalar(select(func.count()).select_from(DealProduct)) == 0


def test_a_line_without_a_price_takes_the_one_of_its_country(
    session: Session, jana: FlaskClient, stages: dict[str, Any]
) -> None:
    deal, cord = deal_in(session, stages["new"]), product(session)
    priced(session, cord, "990", from_date=None)
    priced(session, cord, "25000", "CZK")
    priced(session, cord, "1", market={"country_code": "HU"})
    asked = jana.get(f"/pipeline/deals/{deal.id}/price.json?product_id={cord.id}").json

    assert asked == {"price": "990.00", "said": ""}
    assert add_line(jana, deal, product_id=cord.id, quantity="1").status_code == 200
    assert again(session, deal).value == Decimal("990.00")


def test_a_product_that_is_sold_in_another_currency_is_refused(
    session: Session, jana: FlaskClient, stages: dict[str, Any]
) -> None:
    deal, cord = deal_in(session, stages["new"]), product(session)
    priced(session, cord, "25000", "CZK")
    asked = jana.get(f"/pipeline/deals/{deal.id}/price.json?product_id={cord.id}").json
    refused = add_line(jana, deal, product_id=cord.id, quantity="1")

    assert "sold in CZK here, but the deal is in EUR" in asked["said"]
    assert refused.status_code == 422 and refused.json["errors"]["price"] == [asked["said"]]
    late = add_line(jana, deal, product_id=cord.id, price="900", currency="HUF")
    assert late.status_code == 422 and "typed in HUF" in late.json["errors"]["price"][0]
    assert add_line(jana, deal, product_id=cord.id, price="900", currency="EUR").status_code == 200


@pytest.mark.parametrize(
    ("sent", "field"),
    [({"quantity": "0"}, "quantity"), ({"quantity": "two"}, "quantity"), ({"price": "-1"}, "price"),
     ({"price": "1e99"}, "price"), ({"discount": "301"}, "discount"), ({"product_id": "none"}, "product_id"),
     ({"product_id": ""}, "product_id"), ({"quantity": "99999999999"}, "quantity")],
)  # fmt: skip
def test_a_line_that_makes_no_sense_is_refused_at_its_field(
    session: Session, jana: FlaskClient, stages: dict[str, Any], sent: dict[str, str], field: str
) -> None:
    deal, cord = deal_in(session, stages["new"]), product(session)

    answer = add_line(jana, deal, **{"product_id": cord.id, "quantity": "1", "price": "300", **sent})

    assert answer.status_code == 422 and answer.json["errors"][field][0]
    assert session.scalar(select(func.count()).select_from(DealProduct)) == 0


def test_a_line_says_what_is_wrong_with_it(session: Session, jana: FlaskClient, stages: dict[str, Any]) -> None:
    deal, cord = deal_in(session, stages["new"]), product(session)
    add_line(jana, deal, product_id=cord.id, quantity="1", price="5000000000000")

    none = add_line(jana, deal, product_id=cord.id, quantity="0", price="5")
    much = add_line(jana, deal, product_id=cord.id, quantity="1", price="5000000000000")

    assert none.json["errors"] == {"quantity": ["The quantity is at least 1."]}
    assert much.json["errors"] == {"price": ["This number is too large; there is room for 13 digits."]}
    assert again(session, deal).value == Decimal("5000000000000.00")
    assert session.scalar(select(func.count()).select_from(DealProduct)) == 1


def test_prices_do_not_become_another_currency_unseen(session: Session, stages: dict[str, Any]) -> None:
    """Whoever sets the currency without having read it changes it all the same."""
    deal = deal_in(session, stages["new"])
    smallest(session, "deal_products", deal_id=deal.id, price=Decimal(300), quantity=1)
    session.commit()
    session.expire(deal)

    deal.currency = "CZK"
    with pytest.raises(Unprocessable, match="The prices of its products are in the currency of the deal"):
        session.flush()
    session.rollback()


def test_prices_do_not_become_another_currency(session: Session, jana: FlaskClient, stages: dict[str, Any]) -> None:
    deal, cord = deal_in(session, stages["new"]), product(session)
    add_line(jana, deal, product_id=cord.id, quantity="1", price="300")
    row = again(session, deal)

    row.currency = "CZK"
    with pytest.raises(Unprocessable, match="The prices of its products are in the currency of the deal"):
        session.flush()
    session.rollback()
    session.execute(delete(DealProduct))
    row = again(session, deal)
    row.currency = "CZK"
    session.flush()

    assert again(session, deal).currency == "CZK"


def test_a_line_that_is_sent_twice_is_made_once(session: Session, jana: FlaskClient, stages: dict[str, Any]) -> None:
    deal, cord = deal_in(session, stages["new"]), product(session)
    key = re.search(r'name="form_key" value="([0-9a-f]{32})"', panel(jana, deal))
    assert key is not None

    for _time in range(2):
        add_line(jana, deal, product_id=cord.id, price="10", form_key=key[1])

    assert session.scalar(select(func.count()).select_from(DealProduct)) == 1


def test_a_line_of_another_deal_does_not_exist_here(
    session: Session, jana: FlaskClient, stages: dict[str, Any]
) -> None:
    deal, other = deal_in(session, stages["new"]), deal_in(session, stages["new"])
    line = smallest(session, "deal_products", deal_id=other.id)
    session.commit()

    assert jana.post(f"/pipeline/deals/{deal.id}/products/{line.id}/remove", headers=JSON).status_code == 404


def test_who_may_not_write_prices_types_none(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    deal, cord = deal_in(session, stages["new"]), product(session)
    fields = {("deals", "deal_products.price"): "readonly"}
    client = logged_in(app, seller(session, "lena", fields=fields))

    assert add_line(client, deal, product_id=cord.id, price="1").status_code == 403
    assert session.scalar(select(func.count()).select_from(DealProduct)) == 0


# The timeline -------------------------------------------------------------------------


def test_the_timeline_tells_moves_and_products(session: Session, jana: FlaskClient, stages: dict[str, Any]) -> None:
    deal, cord = deal_in(session, stages["new"]), product(session)
    move(jana, deal, stages["offer"])
    add_line(jana, deal, product_id=cord.id, quantity="2", price="10")

    text = jana.get(f"/deals/show/{deal.id}/timeline").text
    assert "Came into “New”" in text and "Moved from “New” to “Offer”" in text
    assert "Product added: Cord blood × 2" in text
    steps = jana.get(f"/deals/show/{deal.id}/timeline?kind=step").text
    assert "Moved from “New” to “Offer”" in steps


def test_the_timeline_tells_no_moves_to_who_may_not_know_stages(
    app: Flask, session: Session, stages: dict[str, Any]
) -> None:
    deal = deal_in(session, stages["new"])
    client = logged_in(app, seller(session, "hana", fields={("deals", "stage_id"): "hidden"}))

    assert "Came into" not in client.get(f"/deals/show/{deal.id}/timeline").text


def test_a_long_timeline_goes_on_where_it_ended(session: Session, jana: FlaskClient, stages: dict[str, Any]) -> None:
    deal = deal_in(session, stages["new"])
    for number in range(30):
        move(jana, deal, stages["offer" if number % 2 == 0 else "new"])

    first = jana.get(f"/deals/show/{deal.id}/timeline?kind=step").text
    older = re.search(r'data-older href="([^"]+)"', first)
    assert older is not None
    second = jana.get(older[1].replace("&amp;", "&")).text
    assert first.count("is-step") + second.count("is-step") == 31
