"""A contract is started from a deal: once, with what the deal says, its VAT, and the rights of whoever starts it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.billing.models import BillingDetails
from app.contracts.models import ContractInstance, ContractInstanceProduct, ContractInstanceStatus
from app.pipeline.models import Deal, DealProduct
from tests.conftest import logged_in
from tests.pipeline.selling import JSON, again, at, deal_in, family, panel, path_of_stages, product, seller, taxed
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")


@pytest.fixture
def stages(session: Session) -> dict[str, Any]:
    return path_of_stages(session)


@pytest.fixture
def ready(session: Session, stages: dict[str, Any]) -> Any:
    """A deal with everything that a contract needs, and one wording and one company to make it from."""
    smallest(session, "contract_templates", name="Standard", country_code="SK", status="published")
    smallest(session, "contract_templates", country_code="SK", status="draft")
    smallest(session, "contract_templates", country_code="HU", status="published")
    smallest(session, "billing_details", country_code="SK", country_codes=["SK"], is_active=True, company_name="Bank")
    deal = deal_in(session, stages["offer"], customer_id=family(session).id)
    cord = product(session)
    smallest(session, "deal_products", deal_id=deal.id, product_id=cord.id, quantity=2, price=Decimal("300"),
             discount=Decimal("100"))  # fmt: skip
    session.commit()
    return deal


def start(client: FlaskClient, deal: Any, **sent: str) -> Any:
    return client.post(f"/pipeline/deals/{deal.id}/contract", data=sent, headers=JSON)


def test_a_contract_is_started_once_with_what_the_deal_says(session: Session, jana: FlaskClient, ready: Any) -> None:
    first, second = start(jana, ready), start(jana, ready)

    contract = session.scalars(select(ContractInstance)).one()
    assert first.status_code == second.status_code == 200
    assert first.json["open"] == second.json["open"] == f"/contract_instances/show/{contract.id}"
    assert "already" in second.json["said"]
    assert again(session, ready).contract_instance_id == contract.id
    assert (contract.status, contract.customer_id) == (ContractInstanceStatus.draft, ready.customer_id)
    assert (contract.currency, contract.total_net_amount) == ("EUR", Decimal("500.00"))
    assert re.fullmatch(r"ZML-\d{4}-00001", contract.contract_number)
    line = session.scalars(select(ContractInstanceProduct)).one()
    assert (line.quantity, line.unit_price, line.line_net_amount) == (2, Decimal("300.00"), Decimal("500.00"))
    assert contract.contract_number in panel(jana, ready)


def test_a_contract_has_the_vat_of_its_products_on_the_day(session: Session, jana: FlaskClient, ready: Any) -> None:
    company = session.scalars(select(BillingDetails.id)).one()
    line = session.scalars(select(DealProduct)).one()
    line.price = Decimal("300.33")
    taxed(session, line.product, "20", to_date=at("2020-12-31T00:00"))
    taxed(session, line.product, "19", market={"country_code": "HU"})
    taxed(session, line.product, "10")
    taxed(session, line.product, "23", billing_details_id=company)

    start(jana, ready)

    contract, drafted = (session.scalars(select(kind)).one() for kind in (ContractInstance, ContractInstanceProduct))
    assert drafted.vat_rate == Decimal("23.00")
    assert (drafted.line_net_amount, drafted.line_vat_amount, drafted.line_gross_amount) == (
        Decimal("500.66"), Decimal("115.15"), Decimal("615.81")
    )  # fmt: skip
    assert (contract.total_vat_amount, contract.total_gross_amount) == (Decimal("115.15"), Decimal("615.81"))
    assert contract.internal_notes is None


@pytest.mark.parametrize(
    ("rates", "said"),
    [((), "“Cord blood” has no VAT rate in SK on "), (("20", "23"), "“Cord blood” has several VAT rates in SK on "),
     (None, "VAT is not filled in, because the deal has no products.")],
)  # fmt: skip
def test_a_draft_says_why_its_vat_is_not_known(
    session: Session, jana: FlaskClient, ready: Any, rates: tuple[str, ...] | None, said: str
) -> None:
    line = session.scalars(select(DealProduct)).one()
    for rate in rates or ():
        taxed(session, line.product, rate)
    if rates is None:
        session.delete(line)
        session.commit()

    shown = jana.get(start(jana, ready).json["open"]).text

    contract = session.scalars(select(ContractInstance)).one()
    assert (contract.total_vat_amount, contract.total_gross_amount) == (None, None)
    assert said in (contract.internal_notes or "") and said in shown


def test_numbers_of_contracts_go_on_over_all_countries(session: Session, jana: FlaskClient, ready: Any) -> None:
    year = re.search(r"\d{4}", start(jana, ready).json["said"])
    assert year is not None
    company = session.scalars(select(ContractInstance.billing_details_id)).one()
    abroad = family(session, country="HU")
    smallest(
        session,
        "contract_instances",
        contract_number=f"ZML-{year[0]}-00041",
        customer_id=abroad.id,
        billing_details_id=company,
    )
    other = deal_in(session, session.get_one(Deal, ready.id).stage, customer_id=ready.customer_id)

    assert f"ZML-{year[0]}-00042" in start(jana, other).json["said"]


def test_what_can_be_chosen_is_asked(session: Session, jana: FlaskClient, ready: Any) -> None:
    other = smallest(session, "contract_templates", name="Gold", country_code="SK", status="published")
    session.commit()
    refused = start(jana, ready)

    assert refused.status_code == 422 and "template_id" in refused.json["errors"]
    form = jana.get(f"/pipeline/deals/{ready.id}/contract").text
    assert "Standard" in form and "Gold" in form
    assert start(jana, ready, template_id="none").status_code == 422
    assert start(jana, ready, template_id=other.id).status_code == 200
    assert session.scalars(select(ContractInstance)).one().template_id == other.id


def test_after_a_cancelled_contract_comes_another(session: Session, jana: FlaskClient, ready: Any) -> None:
    start(jana, ready)
    session.scalars(select(ContractInstance)).one().status = ContractInstanceStatus.cancelled
    session.commit()

    assert "is started" in start(jana, ready).json["said"]
    assert session.scalar(select(func.count()).select_from(ContractInstance)) == 2


def test_a_deal_without_a_family_has_no_contract_yet(
    session: Session, jana: FlaskClient, stages: dict[str, Any]
) -> None:
    answer = start(jana, deal_in(session, stages["new"]))

    assert answer.status_code == 422
    assert answer.json["message"] == "A contract needs a family. Choose the customer of the deal first."


@pytest.mark.parametrize(
    "modules", [{"deals": "vae", "customers": "v"}, {"deals": "vae", "customers": "v", "contract_instances": "ve"}]
)
def test_who_makes_no_contracts_starts_none(app: Flask, session: Session, ready: Any, modules: dict[str, str]) -> None:
    client = logged_in(app, seller(session, "lena", modules=modules))

    assert "Start a contract" not in panel(client, ready)
    assert start(client, ready).status_code == 403
    assert session.scalar(select(func.count()).select_from(ContractInstance)) == 0
