"""Names of pipelines and stages, which some role hides, are told by no page of sales."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.pipeline.models import AutomationRule, Deal
from app.pipeline.services.moving import move_deal
from tests.conftest import logged_in
from tests.pipeline.automated import Sales
from tests.pipeline.selling import SALES, seller

pytestmark = pytest.mark.usefixtures("without_csrf")

PIPELINE, STAGE = "Zvonohra", "Bubenica"
MODULES = {**SALES, "pipelines": "vae", "automation_rules": "vae", "dashboard": "v", "users": "v", "audit": "v"}
NAMES = {PIPELINE: ("pipelines", "name"), STAGE: ("pipelines", "pipeline_stages.name")}


@pytest.fixture
def sold(sales: Sales) -> Sales:
    """A pipeline and its stages with names that nobody else has, a deal that was moved, and a rule about a stage."""
    sales.pipeline.name, sales.pipeline.is_default = PIPELINE, True
    for number, stage in enumerate(sales.stages.values()):
        stage.name = f"{STAGE} {number}"
    sales.session.commit()
    move_deal(sales.session, sales.deal, sales.stages["offer"])
    sales.session.commit()
    sales.rule("stage_changed", {"stage_id": "offer"})
    return sales


def pages(sales: Sales, deal: Deal, rule: AutomationRule) -> Iterator[str]:
    line, stage = sales.pipeline.id, sales.stages["offer"].id
    yield from ("/", "/deals/list/", f"/deals/show/{deal.id}", f"/deals/show/{deal.id}/timeline", "/deals/chart/")
    yield from (f"/pipeline/{line}", f"/pipeline/forecast/{line}", "/pipeline/insights", "/pipeline/pipelines/")
    yield from (f"/pipeline/pipelines/{line}", f"/pipeline/deals/{deal.id}/panel", "/pipeline/activities")
    yield from ("/automation/", "/automation/new", f"/automation/{rule.id}", "/automation/runs")
    yield from (f"/pipeline_stages/show/{stage}", f"/pipelines/show/{line}", "/deals/add", f"/deals/edit/{deal.id}")


def answers(client: FlaskClient, sales: Sales) -> Iterator[tuple[str, Any]]:
    rule = sales.session.query(AutomationRule).one()
    for address in pages(sales, sales.deal, rule):
        yield address, client.get(address, follow_redirects=True)


@pytest.mark.parametrize("name", [PIPELINE, STAGE])
def test_a_hidden_name_is_told_by_no_page(app: Flask, session: Session, sold: Sales, name: str) -> None:
    somebody = logged_in(app, seller(session, "somebody", modules=MODULES, fields={NAMES[name]: "hidden"}))
    everybody = logged_in(app, seller(session, "everybody", modules=MODULES))

    told = {address for address, page in answers(somebody, sold) if name in page.text}
    known = {address for address, page in answers(everybody, sold) if name in page.text}

    assert told == set()
    assert len(known) > 8  # where it is not hidden it stands on these pages


@pytest.mark.parametrize(
    ("without", "hidden"),
    [
        ("", ()), ("deals", ()), ("pipelines", ()), ("automation_rules", ()),
        ("", NAMES[PIPELINE]), ("", NAMES[STAGE]), ("", ("deals", "stage_id")), ("", ("automation_rules", "name")),
    ],
)  # fmt: skip
def test_the_sidebar_names_a_page_of_sales_where_it_opens(
    app: Flask, session: Session, sold: Sales, without: str, hidden: tuple[str, str]
) -> None:
    modules = {key: may for key, may in MODULES.items() if key != without}
    fields = {hidden: "hidden"} if hidden else {}
    client = logged_in(app, seller(session, "somebody", modules=modules, fields=fields))
    sidebar = client.get("/tables/").text

    for address in ("/pipeline/", "/automation/", "/pipeline/insights"):
        opens = client.get(address, follow_redirects=True).status_code == 200
        assert (f'href="{address}"' in sidebar) == opens, address
