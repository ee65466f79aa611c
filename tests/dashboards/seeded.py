"""Random rows of the tables that dashboards tell of, and people with exactly the rights a test is about."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User
from app.billing.models.rates import ExchangeRate
from app.core.types import Country
from app.core.viewer import EXPORT
from tests.conftest import logged_in, make_user
from tests.places import screens_of
from tests.smallest import smallest

MONEY = ("EUR", "CZK", "HUF", "EUR", "EUR", None)
_TOTAL = re.compile(r"<h1>[^<]*(?:<small>([\d,+]+)</small>)?\s*</h1>")


def with_rights(
    app: Flask, session: Session, name: str, *, without: Iterable[str] = (), hidden: Iterable[tuple[str, str]] = (),
    countries: Iterable[str] = tuple(Country), department: str | None = None,
) -> User:  # fmt: skip
    """Somebody who sees every module but `without`, and every field but the `hidden` ones (module, field)."""
    modules = {screen.module for screen in screens_of(app).values()} | {EXPORT, "dashboard"}
    role = Role(name=f"Role of {name}", department=department)
    role.role_module_permissions = [
        RoleModulePermission(module_key=module, access="visible", can_add=True, can_edit=True)
        for module in sorted(modules - set(without))
    ]
    role.role_field_permissions = [
        RoleFieldPermission(module_key=module, field_key=field, permission="hidden") for module, field in hidden
    ]
    user = make_user(session, name, role=role, assigned_countries=list(countries))
    session.commit()
    return user


def rows_of(client: FlaskClient, href: str) -> int:
    """How many rows the list at an address says it has."""
    answer = client.get(href)
    assert answer.status_code == 200, (href, answer.status_code)
    found = _TOTAL.search(html.unescape(answer.text))
    assert found is not None, href
    return int((found[1] or "0").replace(",", ""))


def rate(session: Session, code: str, day: date, units: str) -> None:
    known = select(ExchangeRate.id).where(ExchangeRate.currency_code == code, ExchangeRate.rate_date == day)
    if session.scalar(known) is None:
        session.add(ExchangeRate(currency_code=code, currency_name=code, rate=Decimal(units), rate_date=day))
        session.flush()


def fill(session: Session, me: User, *, today: date, rows: int = 60, seed: int = 7) -> None:
    """Rows of every table in the catalogue: any country, state, currency and time of the last and the next months."""
    dice = random.Random(seed)

    def moment(most: int = 500) -> datetime:
        back = timedelta(days=dice.randint(0, most), seconds=dice.randint(0, 86399))
        return datetime.combine(today, datetime.min.time(), tzinfo=UTC) + timedelta(hours=20) - back

    for code, units in (("CZK", "25"), ("HUF", "400")):
        rate(session, code, today - timedelta(days=300), units)
    other = session.get_one(User, smallest(session, "tasks").assigned_user_id)
    pipelines = [smallest(session, "pipelines", name=f"P{i}") for i in range(2)]
    stages = [
        smallest(session, "pipeline_stages", pipeline_id=p.id, name=name, order=order)
        for p in pipelines
        for order, name in enumerate(("New", "Offer", "Contract"))
    ]
    ends = {
        p.id: {
            "won": smallest(session, "pipeline_stages", pipeline_id=p.id, name="Won", order=8, is_won_stage=True),
            "lost": smallest(session, "pipeline_stages", pipeline_id=p.id, name="Lost", order=9, is_lost_stage=True),
        }
        for p in pipelines
    }
    campaigns = [
        smallest(session, "campaigns", name=f"C{i}", status=s) for i, s in enumerate(("active", "active", "draft"))
    ]
    doctors = [smallest(session, "collaborators", country_code="SK", last_name=f"Doctor{i}") for i in range(3)]
    for number in range(rows):
        customer = smallest(
            session, "customers", country=dice.choice(list(Country)), created_at=moment(),
            client_status=dice.choice(("potential", "acquired", "terminated")),
        )  # fmt: skip
        stage = dice.choice(stages)
        status = dice.choice(("open", "open", "won", "lost"))
        smallest(
            session, "deals", customer_id=customer.id, country_code=dice.choice((customer.country, None)),
            stage_id=(ends[stage.pipeline_id][status] if status != "open" else stage).id,
            pipeline_id=stage.pipeline_id, value=Decimal(dice.randint(0, 90_000)) / 10,
            currency=dice.choice(MONEY), probability=dice.choice((None, 10, 50, 80)), created_at=moment(),
            status=status, actual_close_date=None if status == "open" else moment(200).date(),
            expected_close_date=dice.choice((None, today + timedelta(days=dice.randint(-90, 500)))),
        )  # fmt: skip
        smallest(
            session, "invoices", customer_id=customer.id, invoice_number=f"I{seed}-{number}", generated_at=moment(),
            total_amount=Decimal(dice.randint(100, 90_000)) / 10, currency=dice.choice(("EUR", "CZK", "USD")),
            status=dice.choice(("generated", "sent", "paid", "overdue")),
        )  # fmt: skip
        sent = dice.choice((None, moment()))
        signed = None if sent is None or dice.random() < 0.3 else sent + timedelta(hours=dice.randint(1, 200))
        smallest(
            session, "contract_instances", customer_id=customer.id, contract_number=f"N{seed}-{number}",
            created_at=moment(), sent_at=sent, signed_at=signed,
            status=dice.choice(("draft", "sent", "pending_signature", "signed", "completed", "cancelled")),
        )  # fmt: skip
        smallest(
            session, "campaign_contacts", customer_id=customer.id, campaign_id=dice.choice(campaigns).id,
            status=dice.choice(("pending", "contacted", "completed", "callback_scheduled")),
            assigned_to=dice.choice((None, me.id)), callback_date=dice.choice((None, moment(20))),
        )  # fmt: skip
        smallest(
            session, "customer_potential_cases", customer_id=customer.id,
            case_status=dice.choice(("in_progress", "postponed", "realized")),
            expected_date_year=today.year, expected_date_month=dice.choice((None, today.month, 1)),
        )  # fmt: skip
        smallest(
            session, "visit_events", collaborator_id=dice.choice(doctors).id, start_time=(at := moment()),
            end_time=at + timedelta(hours=1), country_code=customer.country,
            status=dice.choice(("scheduled", "completed", "cancelled")),
        )  # fmt: skip
        mine = customer.country in me.assigned_countries and dice.random() < 0.7
        smallest(
            session, "tasks", assigned_user_id=me.id if mine else other.id, due_date=dice.choice((None, moment(10))),
            status=dice.choice(("pending", "in_progress", "completed")), customer_id=customer.id,
        )  # fmt: skip
        smallest(
            session, "customer_email_notifications", customer_id=customer.id, is_read=dice.random() < 0.5,
            direction=dice.choice(("inbound", "outbound")),
        )  # fmt: skip
        smallest(
            session, "communication_messages", customer_id=customer.id, created_at=moment(),
            direction=dice.choice(("inbound", "outbound")), status=dice.choice(("pending", "sent", "failed")),
        )  # fmt: skip
    session.commit()


def cells_of(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Every number of a tile that leads to rows."""
    main = [figure["main"]] if figure["main"] else []
    return main + [cell for line in figure["lines"] for cell in line["cells"]]


def asked(client: FlaskClient, key: str, query: str = "period=year") -> dict[str, Any]:
    answer = client.get(f"/home/tile/{key}?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 200, (key, answer.text)
    found: dict[str, Any] = answer.json
    return found


def browser_of(app: Flask, user: User) -> FlaskClient:
    return logged_in(app, user)
