"""Colleagues who could have a task or be named at it. The last word has `services.able`, for one person at a time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ARRAY, ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.access.queries import sees
from app.core.types import Country
from app.core.viewer import SYSTEM_USER, Viewer, visible
from app.customers.models import Customer
from app.work.models import Task
from app.work.services.able import TASKS

MOST = 20


def for_task(session: Session, viewer: Viewer, task: Task, typed: str = "", most: int = MOST) -> list[User]:
    """Active colleagues who may see this task, by any part of their names."""
    countries: list[str] = []
    if task.country is not None:
        countries = [task.country.value]
    elif task.customer_id is not None:
        found = session.scalar(select(Customer.country).where(Customer.id == task.customer_id))
        countries = [found.value] if found is not None else []
    if countries:
        return _found(session, viewer, _in(countries), typed, most)
    people = [task.assigned_user_id, task.created_by_user_id]
    theirs = list(session.scalars(select(User.assigned_countries).where(User.id.in_(people))))
    rules = [User.id.in_(people), _in([country.value for country in Country])]
    if all(theirs):  # who has no country is nobody's colleague
        rules.append(_in({code for codes in theirs for code in codes}))
    return _found(session, viewer, or_(*rules), typed, most)


def for_country(session: Session, viewer: Viewer, country: str, typed: str = "", most: int = MOST) -> list[User]:
    """Active colleagues who could have a task of this country; of any, for a task of none."""
    return _found(session, viewer, _in([country]) if country else None, typed, most)


def _in(countries: Iterable[str]) -> ColumnElement[bool]:
    return User.assigned_countries.cast(ARRAY(Text)).op("@>")(cast(list(countries), ARRAY(Text)))


def _found(session: Session, viewer: Viewer, rule: ColumnElement[bool] | None, typed: str, most: int) -> list[User]:
    asked = visible(User, viewer).where(User.is_active, User.id != SYSTEM_USER, sees(TASKS))
    if rule is not None:
        asked = asked.where(rule)
    for word in typed.split()[:5]:
        asked = asked.where(func.strpos(func.fold(User.full_name + " " + User.username), func.fold(word)) > 0)
    return list(session.scalars(asked.order_by(User.full_name, User.id).limit(most)))
