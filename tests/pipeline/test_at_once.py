"""What several do in the same moment happens once: a contract is started, a reminder goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from app.billing.models import BillingDetails
from app.contracts.models import ContractInstance, ContractTemplate
from app.core import db
from app.core.outbox import OutboxEvent
from app.core.viewer import SYSTEM, system_scope
from app.customers.models import Customer
from app.pipeline.models import Deal, DealActivity, Pipeline
from app.pipeline.services import contracting, reminding
from app.screens.look import Look
from tests.pipeline.selling import at
from tests.smallest import smallest

AT_ONCE = 6
NOW = at("2026-03-02T09:00")


@contextmanager
def own_session() -> Iterator[Session]:
    """A session that commits for everybody to see."""
    with db.session_factory() as session, system_scope("tests"):
        session.info["unaudited"] = True
        yield session


def all_at_once(act: Callable[[Session], Any]) -> list[Any]:
    barrier = Barrier(AT_ONCE)

    def one(_turn: int) -> Any:
        with own_session() as mine:
            barrier.wait(30)
            found = act(mine)
            mine.commit()
            return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_who_start_a_contract_at_once_start_one(app: Flask, engine: Engine) -> None:
    with own_session() as own:
        eva = smallest(own, "customers", country="SK")
        template = smallest(own, "contract_templates", country_code="SK", status="published")
        company = smallest(own, "billing_details", country_code="SK", country_codes=["SK"])
        pipeline = smallest(own, "pipelines", name="At once")
        stage = smallest(own, "pipeline_stages", pipeline_id=pipeline.id)
        deal = smallest(own, "deals", stage_id=stage.id, customer_id=eva.id, country_code="SK")
        own.commit()
        key, keys = deal.id, (eva.id, template.id, company.id, pipeline.id)

    def start(mine: Session) -> tuple[str, bool]:
        screens = app.extensions["screens"]
        deals = Look(screens, mine, SYSTEM, screens["deals"])
        row = mine.get_one(Deal, key)
        contract, made = contracting.start(deals, row, template_id=keys[1], company_id=keys[2], now=NOW)
        assert contract is not None
        return contract.id, made

    try:
        found = all_at_once(start)
        assert [made for _contract, made in found].count(True) == 1
        assert len({contract for contract, _made in found}) == 1
        with own_session() as own:
            count = select(func.count()).select_from(ContractInstance).where(ContractInstance.customer_id == keys[0])
            assert own.scalar(count) == 1
    finally:
        with own_session() as own:
            kinds = (Deal, ContractInstance, Customer, ContractTemplate, BillingDetails, Pipeline)
            which = (key, None, *keys)
            for kind, one in zip(kinds, which, strict=True):
                rule = ContractInstance.customer_id == keys[0] if one is None else kind.id == one  # type: ignore[attr-defined]
                own.execute(delete(kind).where(rule))
            own.commit()


def test_a_reminder_goes_out_once_however_many_clocks_there_are(app: Flask, engine: Engine) -> None:
    with own_session() as own:
        pipeline = smallest(own, "pipelines", name="At once")
        stage = smallest(own, "pipeline_stages", pipeline_id=pipeline.id)
        deal = smallest(own, "deals", stage_id=stage.id)
        jana = smallest(own, "users", is_active=True)
        keys = [
            smallest(own, "deal_activities", deal_id=deal.id, user_id=jana.id, reminder_at=NOW).id for _number in "abc"
        ]
        own.commit()
        deal_id, pipeline_id = deal.id, pipeline.id

    try:
        told = all_at_once(lambda mine: reminding.tell_reminders(mine, now=NOW))
        with own_session() as own:
            events = own.scalars(select(OutboxEvent).where(OutboxEvent.name == "ActivityReminder")).all()
            mine = [event.payload["activity_id"] for event in events if event.payload["activity_id"] in keys]
            assert sorted(mine) == sorted(keys) and sum(told) == 3
            sent = own.scalars(select(DealActivity.reminder_sent).where(DealActivity.id.in_(keys))).all()
            assert all(sent)
    finally:
        with own_session() as own:
            own.execute(delete(Deal).where(Deal.id == deal_id))
            own.execute(delete(Pipeline).where(Pipeline.id == pipeline_id))
            own.execute(delete(OutboxEvent).where(OutboxEvent.name == "ActivityReminder"))
            own.commit()
