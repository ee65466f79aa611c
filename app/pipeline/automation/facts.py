"""What deals hold of what conditions ask for: two statements for any number of deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ARRAY, ColumnElement, String, any_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from app.core.viewer import Viewer
from app.customers.models import Customer
from app.pipeline.automation.conditions import Condition, Facts
from app.pipeline.models import Deal, DealProduct
from app.pipeline.rules import movement

_OF_DEAL = ("value", "currency", "probability", "status", "stage_id", "assigned_user_id", "campaign_id", "source",
            "country_code")  # fmt: skip
_OF_CUSTOMER = ("client_status", "lead_status", "lead_score", "country")


def of_deals(
    session: Session,
    keys: Collection[str],
    asked: Collection[Condition],
    *,
    now: datetime,
    viewer: Viewer | None = None,
) -> dict[str, Facts]:
    """By key of deal, as far as the viewer (None: whoever acts in this session) may know of them; what nobody asks for
    may be missing."""
    if not keys or not asked:
        return {key: {} for key in keys}
    deal, customer = [getattr(Deal, name) for name in _OF_DEAL], [getattr(Customer, name) for name in _OF_CUSTOMER]
    rows = session.execute(
        select(Deal.id, Deal.expected_close_date, *deal, *customer)
        .outerjoin(Customer, Customer.id == Deal.customer_id)
        .where(_among(Deal.id, keys)),
        execution_options=_for(viewer),
    )
    products = _products(session, keys, viewer) if any(one.field == "product" for one in asked) else {}
    found: dict[str, Facts] = {}
    for key, closes, *values in rows:
        facts: dict[str, Any] = dict(zip(_OF_DEAL, map(_plain, values[: len(deal)]), strict=True))
        of_customer = zip(_OF_CUSTOMER, map(_plain, values[len(deal) :]), strict=True)
        facts |= {f"customer.{name}": value for name, value in of_customer}
        country = facts["country_code"] or facts["customer.country"]
        today = movement.day_in(country, now)
        facts["expected_close_date"] = Decimal((closes - today).days) if closes is not None else None
        facts["product"] = products.get(key, set())
        found[key] = facts
    return found


def _among(column: Any, keys: Collection[str]) -> ColumnElement[bool]:
    """One parameter however many keys there are: a list of ten thousand takes longer to write than to answer."""
    return cast(ColumnElement[bool], column == any_(sql_cast(list(keys), ARRAY(String))))


def _products(session: Session, keys: Collection[str], viewer: Viewer | None) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    asked = select(DealProduct.deal_id, DealProduct.product_id).where(_among(DealProduct.deal_id, keys))
    for deal_id, product_id in session.execute(asked, execution_options=_for(viewer)):
        found[deal_id].add(product_id)
    return found


def _for(viewer: Viewer | None) -> dict[str, Any]:
    return {} if viewer is None else {"viewer": viewer}


def _plain(value: Any) -> Any:
    """Numbers as Decimal, choices by their code."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return str(value)
