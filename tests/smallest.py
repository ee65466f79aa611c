"""The smallest valid row of any table, with the parents it needs: for whatever holds for all tables."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.types import Country
from app.house import SCREENS
from app.pipeline.models import AutomationRuleActionType
from app.screens.fields import Field, fields_of
from app.screens.locale import HOME
from app.screens.resolve import Resolved
from app.tables import MODELS

_numbers = itertools.count(1)
_ADMIN = select(User.id).where(User.username == "admin")  # who looks at the pages in most tests

PEOPLE_OF_TESTS = ("admin", "clerk", "somebody")
OWN = {"notifications", "notification_rules"}
"""Tables of which everybody knows no rows but his own, administrators included."""
NARROWER = {
    ("notification_rules", "trigger_type"): "new_email",
    ("notification_rules", "trigger_config"): '{"customer": "me"}',
    ("notification_rules", "notification_type"): "new_email",
    ("notification_rules", "notification_priority"): "high",
    ("automation_rules", "trigger_config"): '{"conditions": [{"field": "value", "op": "ge", "value": 100}]}',
    ("automation_rules", "action_config"): '{"text": "Another rule was here"}',
}
"""Texts that hold no more than their table understands, each with one that it does."""
RULED: dict[str, Callable[[int], str]] = {
    "iban": lambda number: "SK3112000000198742637541",
    "bic": lambda number: "TATRSKBX",
    "phone": lambda number: f"+42190512{number % 10_000:04}",
    "local_phone": lambda number: f"90512{number % 10_000:04}",
    "phone_prefix": lambda number: "+421",
    "url": lambda number: f"https://example.com/{number}",
}
"""What the rules of fields take without a change, by the name of the rule; other rules take any text with a warning."""
TOGETHER = {("deals", "pipeline_id"), ("deals", "stage_id"), ("deals", "status"), ("deals", "actual_close_date")}
"""Columns that change with others only: a deal stands in a stage of its own pipeline and follows it."""
LOGS = {screen.table for screen in SCREENS if screen.append_only}
"""Tables whose rows are written by what happens and stay as they are."""


def smallest(session: Session, table: str, **given: Any) -> Any:
    """A flushed row of `table` in which only what must be filled is filled."""
    if table in OWN and "user_id" not in given and (admin := session.scalar(_ADMIN)):
        given["user_id"] = admin
    row = MODELS[table](**values_for(session, table, **given))
    session.add(row)
    session.flush()
    return row


def given_to(session: Session, row: Any, user: User) -> None:
    """Where everybody knows his own rows alone, this row becomes the person's."""
    if inspect(row).mapper.local_table.name in OWN:
        row.user_id = user.id
        session.commit()
        session.refresh(row)


def values_for(session: Session, table: str, **given: Any) -> dict[str, Any]:
    """Attribute values of the smallest row; parents are made as needed."""
    values = dict(given)
    if table == "deals":
        values |= _standing(session, given)
    for f in fields_of(MODELS[table]).values():
        if f.required and f.attribute not in values:
            values[f.attribute] = parent(session, f) if f.targets else plain_value(f)
    values |= {k: v for k, v in _sensible(table, next(_numbers)).items() if k not in given}
    if table == "chat_messages":
        values |= {name: key for name, key in _talking(session).items() if name not in given}
    return values


def _standing(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """A stage of the deal's own pipeline, of the kind that its status says."""
    status = str(given.get("status") or "open")
    found: dict[str, Any] = {"lost_reason": "too expensive"} if status == "lost" and "lost_reason" not in given else {}
    if "stage_id" in given and "pipeline_id" not in given:
        stages = MODELS["pipeline_stages"]
        found["pipeline_id"] = session.scalar(select(stages.pipeline_id).where(stages.id == given["stage_id"]))
    elif "stage_id" not in given:
        pipeline = {"pipeline_id": given["pipeline_id"]} if "pipeline_id" in given else {}
        kind = {"is_won_stage": status == "won", "is_lost_stage": status == "lost"}
        stage = smallest(session, "pipeline_stages", probability=given.get("probability", 0), **kind, **pipeline)
        found |= {"stage_id": stage.id, "pipeline_id": stage.pipeline_id}
    return found


def _talking(session: Session) -> dict[str, str]:
    """Who writes to whom. Only the two see it, so it is the person of the test, where he is there already."""
    users = MODELS["users"]
    known = select(users.id).where(users.username.in_(PEOPLE_OF_TESTS)).order_by(users.username).limit(1)
    sender = session.scalar(known) or smallest(session, "users").id
    return {"sender_id": sender, "receiver_id": smallest(session, "users").id}


def parent(session: Session, f: Field) -> Any:
    if (f.column.table.name, f.name) == ("tasks", "assigned_user_id"):
        return _who_takes_tasks(session).id
    return smallest(session, f.targets[0]).id


def _who_takes_tasks(session: Session) -> Any:
    """A task goes only to somebody who sees it."""
    role = smallest(session, "roles")
    smallest(session, "role_module_permissions", role_id=role.id, module_key="tasks")
    return smallest(session, "users", role_id=role.id, assigned_countries=[country.value for country in Country])


def plain_value(f: Field) -> Any:
    """A value that fits the field; texts differ from row to row, so that uniques hold."""
    number = next(_numbers)
    kind = f.kind.name
    if kind in ("choice", "country"):
        assert f.choices is not None
        return next(iter(f.choices))
    simple: dict[str, Any] = {
        "integer": number,
        "decimal": Decimal("1.5"),
        "money": Decimal("10.50"),
        "boolean": False,
        "date": datetime(2026, 3, 1, tzinfo=UTC) if f.timestamp else date(2026, 3, 1),
        "datetime": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        "email": f"person{number}@example.com",
        "json": '{"a": 1}' if f.json_text else {"a": 1},
        "tags": [],
        "multichoice": [],
        "color": "#6B2346",
    }
    if kind in simple:
        return simple[kind]
    if f.rule in RULED:
        return RULED[f.rule](number)
    if f.length is None:
        return f"{f.name} {number}"
    return ("x" + str(number)[-max(f.length - 1, 1) :])[: f.length]  # the last digits tell rows apart


def _sensible(table: str, number: int) -> dict[str, Any]:
    """What a CHECK or a unique asks of some tables."""
    return {
        "number_ranges": {"year": 2026, "prefix": str(number)},
        "inflation_rates": {"year": 1900 + number % 300},
        "exchange_rates": {"currency_code": f"X{number}"},
        "users": {"password_hash": "!"},
        "automation_rules": {
            "action_type": AutomationRuleActionType.add_note,
            "action_config": {"text": "A rule was here"},
        },
        "notification_rules": {"trigger_type": "new_customer", "notification_type": "new_customer"},
    }.get(table, {})


def form_of(row: Any) -> dict[str, str | list[str]]:
    """What a browser would send for this row: the text of every field that is set."""
    sent: dict[str, str | list[str]] = {}
    for f in fields_of(inspect(row).mapper.class_).values():
        if f.readonly or f.internal or f.secret:
            continue
        if f.kind.name == "partial_date":
            for part, attribute in zip(("day", "month", "year"), f.attributes, strict=True):
                sent[f"{f.name}-{part}"] = str(getattr(row, attribute) or "")
            continue
        value = getattr(row, f.attribute)
        if f.kind.name in ("tags", "multichoice"):
            sent[f.name] = [str(item) for item in value or ()]
            sent[f"{f.name}-shown"] = "1"
        elif f.kind.name == "boolean":
            sent[f"{f.name}-shown"] = "1"
            if value:
                sent[f.name] = "1"
        elif value is not None:
            sent[f.name] = typed(f, value)
    return sent


def typed(f: Field, value: Any) -> str:
    """The value as a person of head office types it: times in the zone of head office."""
    if isinstance(value, datetime) and f.kind.name == "datetime":
        return str(value.astimezone(ZoneInfo(HOME)).replace(tzinfo=None).isoformat())
    return f.kind.text(value)


def json_of(screen: Resolved, values: dict[str, Any]) -> dict[str, Any]:
    """What a program would send for these attribute values."""
    by_attribute = {f.attribute: f for f in screen.fields.values()}
    body = {}
    for name, value in values.items():
        f = by_attribute[name]
        if not f.internal:
            body[f.name] = str(value) if f.secret else json.loads(value) if f.json_text else f.kind.dump(value)
    return body
