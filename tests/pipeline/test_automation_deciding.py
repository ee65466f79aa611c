"""The rule, its dry run and its look back decide the same: each field with each way to compare it, on a real deal."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.types import utc_now
from app.core.viewer import Viewer
from app.pipeline.automation import lookback
from app.pipeline.automation.conditions import FIELDS, OPS, WITHOUT_VALUE, Kind, Op
from tests.pipeline.automated import Sales
from tests.pipeline.test_automation_trial import looked, manager, tried
from tests.smallest import smallest

__all__ = ["manager"]
QUIET = {"values": {"add_to_notes": "x"}}  # an action that sets nothing off


def asked(sales: Sales, products: tuple[str, str]) -> list[dict[str, Any]]:
    """Each field by each operator, with what the deal has and with something else."""
    has: dict[str, tuple[Any, Any]] = {
        "value": (1500, "1500.01"), "currency": ("eur", "CZK"), "probability": (50, 51), "expected_close_date": (10, 9),
        "status": ("open", "won"), "stage_id": (sales.stages["offer"].id, sales.stages["new"].id),
        "assigned_user_id": (sales.owner.id, "nobody"), "campaign_id": ("none", "none"),
        "source": ("WEB form", "hospital"), "country_code": ("SK", "CZ"), "product": products,
        "customer.client_status": ("potential", "acquired"), "customer.lead_status": ("hot", "cold"),
        "customer.lead_score": (70, 71), "customer.country": ("SK", "HU"),
    }  # fmt: skip
    found = []
    for name, field in FIELDS.items():
        for op in OPS[field.kind]:
            if op in WITHOUT_VALUE:
                found.append({"field": name, "op": op.value})
            for value in has[name] if op not in WITHOUT_VALUE else ():
                found.append({"field": name, "op": op.value, "value": [value] if op is Op.is_in else value})
    return found


def test_a_rule_its_dry_run_and_its_look_back_decide_the_same(sales: Sales, manager: Viewer) -> None:
    session = sales.session
    products = tuple(smallest(session, "products").id for _number in range(2))
    sales.change(sales.deal, currency="EUR", source="Web form")
    smallest(session, "deal_products", deal_id=sales.deal.id, product_id=products[0], price=Decimal(1500), quantity=1)
    sales.change(sales.customer, client_status="potential", lead_status="hot", lead_score=70)
    sales.deal.expected_close_date = utc_now().date() + timedelta(days=10)
    session.commit()
    campaign = smallest(session, "campaigns").id
    conditions = asked(sales, products)
    for one in conditions:
        if one["field"] == "campaign_id" and "value" in one:
            one["value"] = [campaign] if one["op"] == "in" else campaign
        if one["field"] == "assigned_user_id" and "nobody" in (one.get("value"), *one.get("value", [])):
            one["value"] = [manager.user_id] if one["op"] == "in" else manager.user_id
    rules = [sales.rule("stage_changed", {"conditions": [one]}, "update_deal", QUIET) for one in conditions]

    sales.move("offer")

    told = []
    for one, rule in zip(conditions, rules, strict=True):
        [outcome] = sales.outcomes(rule)
        dry = tried(sales, manager, rule)
        back = looked(sales, manager, rule, now=utc_now() + timedelta(seconds=1), days=1)
        assert (outcome == "done", bool(back.count)) == (dry.acts, dry.acts), one
        told.append((FIELDS[one["field"]].kind, one["op"], outcome))
    assert {(kind, op) for kind, op, _outcome in told} == {(kind, op.value) for kind in Kind for op in OPS[kind]}
    for kind in Kind:
        assert {outcome for one, _op, outcome in told if one is kind} == {"done", "skipped"}, kind


def test_a_look_back_that_ends_early_says_at_least_and_never_no(
    sales: Sales, manager: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.new_deal(value=Decimal(9000), created_at=utc_now() - timedelta(days=3))
    for _number in range(3):
        sales.new_deal(value=Decimal(1))
    large = {"conditions": [{"field": "value", "op": "ge", "value": 9000}]}
    rule = sales.rule("deal_created", large, "update_deal", QUIET)
    monkeypatch.setattr(lookback, "MOST", 3)

    early = looked(sales, manager, rule, now=utc_now() + timedelta(seconds=1))
    monkeypatch.setattr(lookback, "MOST", 10)
    whole = looked(sales, manager, rule, now=utc_now() + timedelta(seconds=1))

    assert (early.count, early.more, whole.count, whole.more) == (0, True, 1, False)


@pytest.mark.parametrize("trigger", ["customer_updated", "deal_rotting"])
def test_a_trigger_of_open_deals_never_comes_for_a_closed_one(sales: Sales, manager: Viewer, trigger: str) -> None:
    rule = sales.rule(trigger, {"days": 1} if trigger == "deal_rotting" else None, "update_deal", QUIET)
    assert tried(sales, manager, rule).acts

    sales.move("won")
    sales.change(sales.customer, client_status="acquired")

    found = tried(sales, manager, rule)
    assert (found.acts, found.obstacle, sales.outcomes(rule)) == (False, "The trigger is about open deals only.", [])
