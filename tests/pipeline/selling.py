"""People, pipelines and deals for the tests about the page of a deal."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User
from app.pipeline.models import Deal
from tests.conftest import make_user
from tests.smallest import smallest

JSON = {"Accept": "application/json"}
SALES = {"deals": "vae", "deal_activities": "vae", "customers": "v", "contract_instances": "vae", "products": "v",
         "instance_prices": "v", "market_product_instances": "v", "notifications": "v"}  # fmt: skip


def seller(
    session: Session, name: str, *countries: str, modules: dict[str, str] | None = None,
    fields: dict[tuple[str, str], str] | None = None, **more: Any,
) -> User:  # fmt: skip
    """A colleague of sales; `modules` by what is allowed in them, `fields` by (module, field) with their right."""
    role = Role(name=f"Role of {name}")
    role.role_module_permissions = [
        RoleModulePermission(module_key=key, can_add="a" in may, can_edit="e" in may)
        for key, may in (SALES if modules is None else modules).items()
    ]
    role.role_field_permissions = [
        RoleFieldPermission(module_key=module, field_key=field, permission=right)
        for (module, field), right in (fields or {}).items()
    ]
    session.add(role)
    session.flush()
    user = make_user(session, name, role=role, assigned_countries=list(countries or ("SK",)), **more)
    session.commit()
    return user


def path_of_stages(session: Session, **pipeline: Any) -> dict[str, Any]:
    """New, offer, won and lost of one pipeline."""
    line = smallest(session, "pipelines", **{"name": "Families", **pipeline})
    kinds: dict[str, dict[str, Any]] = {
        "new": {"probability": 10}, "offer": {"probability": 50},
        "won": {"probability": 100, "is_won_stage": True}, "lost": {"is_lost_stage": True},
    }  # fmt: skip
    return {
        name: smallest(session, "pipeline_stages", pipeline_id=line.id, name=name.title(), order=order, **more)
        for order, (name, more) in enumerate(kinds.items())
    }


def deal_in(session: Session, stage: Any, **given: Any) -> Any:
    values = {"title": "Eva's deal", "country_code": "SK", "currency": "EUR", **given}
    deal = smallest(session, "deals", stage_id=stage.id, **values)
    session.commit()
    return deal


def family(session: Session, **given: Any) -> Any:
    values = {"first_name": "Eva", "last_name": "Nová", "country": "SK", "phone": "+421905123456", **given}
    row = smallest(session, "customers", **values)
    session.commit()
    return row


def product(session: Session, name: str = "Cord blood") -> Any:
    row = smallest(session, "products", name=name, countries=["SK"])
    session.commit()
    return row


def priced(session: Session, row: Any, price: str, currency: str = "EUR", **more: Any) -> Any:
    """The product has this price in Slovakia."""
    values = {"country_code": "SK", "is_active": True, **more.pop("market", {})}
    market = smallest(session, "market_product_instances", product_id=row.id, **values)
    found = smallest(
        session, "instance_prices", instance_id=market.id, instance_type="market", price=Decimal(price),
        currency=currency, is_active=True, **more,
    )  # fmt: skip
    session.commit()
    return found


def taxed(session: Session, row: Any, rate: str, **more: Any) -> Any:
    """The product has this rate of VAT, in percent, in Slovakia."""
    values = {"country_code": "SK", "is_active": True, **more.pop("market", {})}
    market = smallest(session, "market_product_instances", product_id=row.id, **values)
    found = smallest(
        session, "instance_vat_rates", instance_id=market.id, instance_type="market_instance", vat_rate=Decimal(rate),
        is_active=True, **more,
    )  # fmt: skip
    session.commit()
    return found


def activity_of(session: Session, deal: Any, **given: Any) -> Any:
    values = {"type": "call", "subject": "Call Eva", **given}
    row = smallest(session, "deal_activities", deal_id=deal.id, **values)
    session.commit()
    return row


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def again(session: Session, deal: Any) -> Any:
    """The deal as it is stored now."""
    session.expire_all()
    return session.get(Deal, deal.id)


def panel(client: FlaskClient, deal: Any, status: int = 200) -> str:
    """The deal as its drawer beside the board shows it."""
    answer = client.get(f"/pipeline/deals/{deal.id}/panel")
    assert answer.status_code == status
    return answer.text
