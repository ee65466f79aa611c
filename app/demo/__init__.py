"""Demo data: eight countries with two years of history, for an empty database.

The same `now` gives the same rows, ids included; only what must be random
(salts of password hashes, nonces of sealed secrets) differs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.viewer import SYSTEM_USER
from app.customers.models import Customer
from app.demo import (
    access,
    automation,
    calls,
    campaigns,
    cases,
    companies,
    contracts,
    deals,
    drafts,
    families,
    invoices,
    lookups,
    mailboxes,
    messages,
    office,
    pipelines,
    places,
    products,
    rates,
    services,
    tasks,
    visits,
)
from app.demo.world import World

STEPS = (
    ("Users and roles", access),
    ("Lookups", lookups),
    ("Billing companies", companies),
    ("Rates", rates),
    ("Products and prices", products),
    ("Services and settings", services),
    ("Hospitals and collaborators", places),
    ("Customers", families),
    ("Potential cases", cases),
    ("Contract templates", drafts),
    ("Contracts", contracts),
    ("Campaigns", campaigns),
    ("Calls", calls),
    ("Pipelines", pipelines),
    ("Deals", deals),
    ("What rules did", automation),
    ("Invoices", invoices),
    ("Mailboxes and rules", mailboxes),
    ("Messages", messages),
    ("Visits", visits),
    ("Tasks", tasks),
    ("Notifications, chat and history", office),
)


def is_empty(session: Session) -> bool:
    """True when there is neither a person nor a customer: only then may demo data be loaded."""
    people = select(User.id).where(User.id != SYSTEM_USER)
    return not session.scalar(select(exists(people) | exists(select(Customer.id))))


def load(session: Session, *, password: str, now: datetime, report: Callable[[str, int, int], None]) -> dict[str, int]:
    """Fill an empty database and return the number of rows of each table; nothing is committed.

    `password` is that of the four demo logins. `report` gets the name of the
    step that begins, how many are done and how many there are.
    """
    world = World(session, now, password)
    for done, (name, step) in enumerate(STEPS):
        report(name, done, len(STEPS))
        step.load(world)
    report(STEPS[-1][0], len(STEPS), len(STEPS))
    session.flush()
    return dict(world.counts)
