"""What several do in the same moment happens once, and nothing of it is lost: a contract is started, a reminder goes
out, products are added up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.billing.models import BillingDetails
from app.contracts.models import ContractInstance, ContractTemplate
from app.core import db
from app.core.outbox import OutboxEvent
from app.core.viewer import SYSTEM, system_scope
from app.customers.models import Customer
from app.pipeline.errors import NotLikeThis
from app.pipeline.models import Deal, DealActivity, Pipeline
from app.pipeline.services import contracting, reminding
from app.products.models import Product
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


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """Others count users and products."""
    kinds = (Product, User)
    with own_session() as own:
        before = {kind: set(own.scalars(select(kind.id))) for kind in kinds}
    yield
    with own_session() as own:
        for kind in kinds:
            own.execute(delete(kind).where(kind.id.not_in(before[kind])))
        own.commit()


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


@contextmanager
def deal_of_all() -> Iterator[str]:
    """The key of a deal in euros that everybody can see, with what it needs."""
    with own_session() as own:
        pipeline = smallest(own, "pipelines", name="At once")
        stage = smallest(own, "pipeline_stages", pipeline_id=pipeline.id)
        deal = smallest(own, "deals", stage_id=stage.id, currency="EUR")
        own.commit()
        key, pipeline_id = deal.id, pipeline.id
    yield key
    with own_session() as own:
        own.execute(delete(Deal).where(Deal.id == key))
        own.execute(delete(Pipeline).where(Pipeline.id == pipeline_id))
        own.commit()


def test_products_added_at_once_are_all_in_the_sum(app: Flask, engine: Engine) -> None:
    with deal_of_all() as key, own_session() as faster, own_session() as slower, ThreadPoolExecutor(1) as pool:
        smallest(faster, "deal_products", deal_id=key, price=Decimal(100), quantity=1)
        added = pool.submit(
            copy_context().run, smallest, slower, "deal_products", deal_id=key, price=Decimal(20), quantity=1
        )
        wait([added], timeout=0.3)
        assert not added.done()
        faster.commit()
        added.result(30)
        slower.commit()

        assert faster.get_one(Deal, key).value == 120


def test_a_price_is_not_added_in_what_was_the_currency(app: Flask, engine: Engine) -> None:
    """The price was typed beside a deal in euros, which somebody makes one in crowns before it is kept."""
    with deal_of_all() as key, own_session() as faster, own_session() as slower, ThreadPoolExecutor(1) as pool:
        faster.get_one(Deal, key).currency = "CZK"
        seen = slower.get_one(Deal, key)
        faster.flush()
        added = pool.submit(
            copy_context().run, smallest, slower, "deal_products", deal_id=key, price=Decimal(100), quantity=1
        )
        wait([added], timeout=0.3)
        assert not added.done()
        faster.commit()

        with pytest.raises(NotLikeThis, match="The currency of the deal became CZK meanwhile"):
            added.result(30)
        assert seen is not None
        slower.rollback()


def test_a_currency_waits_for_the_product_that_is_being_added(app: Flask, engine: Engine) -> None:
    with deal_of_all() as key, own_session() as faster, own_session() as slower, ThreadPoolExecutor(1) as pool:
        faster.get_one(Deal, key).value = Decimal(100)
        faster.commit()
        slower.get_one(Deal, key).currency = "CZK"
        smallest(faster, "deal_products", deal_id=key, price=Decimal(100), quantity=1)
        changed = pool.submit(copy_context().run, slower.flush)
        wait([changed], timeout=0.3)
        assert not changed.done()
        faster.commit()

        with pytest.raises(NotLikeThis, match="The prices of its products are in the currency of the deal"):
            changed.result(30)
        slower.rollback()
