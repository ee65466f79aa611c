"""What older systems and hands wrote into rules: the same settings in other words, read as ours.

Only spelling is translated, never meaning: `stageId` and `to_stage_id` are `stage_id`, "gte" is "ge", values of a deal
may stand beside each other without `values`. What only looks alike stays as it was written and is told as a problem:
"greater than" is not "at least". A setting under our own name goes before the same one in other words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from app.pipeline.automation import texts
from app.pipeline.automation.conditions import FIELDS, Op

LONGEST = 100_000  # characters of JSON that was stored as a text
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_USER = ("assigned_user_id", "assigned_user", "assigned_to", "assignee_id", "assignee", "assign_to", "owner_id", "user")
_STAGE = ("to_stage_id", "to_stage", "target_stage_id", "target_stage", "new_stage_id", "stage")
_TEXT = ("note", "note_text", "content", "body", "message", "description")

Words = Mapping[str, Collection[str]]
"""Our name of each setting, and what else it is called."""

TRIGGERS: Mapping[str, Words] = {
    "deal_created": {},
    "stage_changed": {
        "stage_id": _STAGE,
        "from_stage_id": ("from_stage", "old_stage_id", "old_stage", "previous_stage_id"),
    },
    "deal_won": {},
    "deal_lost": {},
    "deal_rotting": {
        "stage_id": ("stage",),
        "days": ("rotting_days", "days_in_stage", "days_without_activity", "inactive_days", "threshold_days"),
    },
    "activity_completed": {"activity_type": ("type",)},
    "customer_updated": {"fields": ("field", "columns", "watched_fields")},
}
ACTIONS: Mapping[str, Words] = {
    "create_activity": {
        "type": ("activity_type", "kind"),
        "subject": ("activity_subject", "title", "name"),
        "description": ("activity_description", "notes"),
        "due_in_days": ("due_days", "due_in", "days", "days_offset", "days_from_now"),
        "priority": (),
        "user_id": _USER,
        "remind_hours_before": ("reminder_hours", "remind_hours"),
    },
    "send_email": {
        "to": ("recipient", "recipient_type", "send_to"),
        "subject": ("email_subject", "title"),
        "body": ("email_body", "text", "content", "message"),
        "purpose": (),
    },
    "assign_owner": {"user_id": (*_USER, "owner"), "way": (), "user_ids": ("users",)},
    "update_deal": {
        "probability": (),
        "value": ("amount",),
        "source": (),
        "campaign_id": ("campaign",),
        "expected_close_in_days": ("close_in_days",),
        "add_to_notes": (),
    },
    "move_stage": {"stage_id": _STAGE, "lost_reason": ("reason",)},
    "add_note": {"text": _TEXT},
    "create_deal": {
        "pipeline_id": ("target_pipeline_id", "target_pipeline", "pipeline"),
        "title": ("deal_title", "name"),
        "stage_id": ("target_stage_id", "target_stage", "stage"),
        "keep": ("copy", "copy_fields", "keep_fields"),
    },
}
_CONDITION: Words = {"field": ("column",), "op": ("operator", "comparison"), "value": ()}
_OPS: Mapping[str, Op] = {
    "=": Op.eq, "==": Op.eq, "equals": Op.eq, "is": Op.eq,
    "!=": Op.ne, "<>": Op.ne, "neq": Op.ne, "not_equals": Op.ne, "is_not": Op.ne,
    ">=": Op.ge, "gte": Op.ge, "at_least": Op.ge, "greater_or_equal": Op.ge,
    "<=": Op.le, "lte": Op.le, "at_most": Op.le, "less_or_equal": Op.le,
    "one_of": Op.is_in, "is_one_of": Op.is_in,
    "is_empty": Op.empty, "is_null": Op.empty,
    "is_not_empty": Op.filled, "not_empty": Op.filled, "is_not_null": Op.filled,
}  # fmt: skip
_FIELDS: Mapping[str, str] = {
    "stage": "stage_id", "owner": "assigned_user_id", "owner_id": "assigned_user_id",
    "campaign": "campaign_id", "country": "country_code", "amount": "value", "product_id": "product",
}  # fmt: skip
_PEOPLE = {"client": "customer", "deal_owner": "owner", "assigned_user": "owner"}
_OWNERS = ("owner", "deal_owner", "assigned_user")


def trigger(kind: str, given: Any) -> Any:
    """`trigger_config` of this kind in our words."""
    given = _loaded(given)
    if not isinstance(given, dict):
        return given
    found = _renamed(given, {"conditions": ("condition", "filters"), **TRIGGERS.get(kind, {})})
    asked = found.get("conditions")
    if isinstance(asked, dict) and asked:
        found["conditions"] = asked = [asked]
    if isinstance(asked, list):
        found["conditions"] = [_condition(one) for one in asked]
    return found


def action(kind: str, given: Any) -> Any:
    """`action_config` of this kind in our words."""
    given = _loaded(given)
    if not isinstance(given, dict):
        return given
    names = ACTIONS.get(kind, {})
    if kind == "update_deal":
        return _update(given, names)
    found = _renamed(given, names)
    if kind == "send_email" and isinstance(found.get("to"), str):
        found["to"] = _PEOPLE.get(_snake(found["to"]), found["to"])
    if kind == "create_activity" and found.get("user_id") in _OWNERS:
        found["user_id"] = ""
    return {name: _braces(value) for name, value in found.items()}


def _update(given: dict[str, Any], names: Words) -> dict[str, Any]:
    """The values stand below `values`, beside each other, or as the name of one field and its value."""
    whole = _renamed(given, {"values": ("updates", "changes", "set")})
    if set(whole) == {"field", "value"} and isinstance(whole["field"], str):
        whole = {"values": {whole["field"]: whole["value"]}}
    elif "values" not in whole and (flat := _renamed(given, names)).keys() & set(names):
        whole = {name: value for name, value in flat.items() if name not in names}
        whole["values"] = {name: value for name, value in flat.items() if name in names}
    if isinstance(whole.get("values"), dict):
        whole["values"] = {name: _braces(value) for name, value in _renamed(whole["values"], names).items()}
    return whole


def _condition(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    found = _renamed(given, _CONDITION)
    name, op = found.get("field"), found.get("op")
    if isinstance(name, str) and name not in FIELDS:
        plain = ".".join(_snake(part) for part in name.removeprefix("deal.").split("."))
        plain = _FIELDS.get(plain, plain)
        found["field"] = plain if plain in FIELDS else name
    if isinstance(op, str) and op not in set(Op):
        plain = _snake(op.strip()).replace(" ", "_")
        found["op"] = str(_OPS.get(plain, plain if plain in set(Op) else op))
    return found


def _renamed(given: Mapping[str, Any], names: Words) -> dict[str, Any]:
    """What has another name gets ours, unless ours is there already."""
    ours = {other: name for name, others in names.items() for other in others} | {name: name for name in names}
    found: dict[str, Any] = {}
    for key, value in given.items():
        name = ours.get(_snake(key), key)
        found[key if name != key and (name in given or name in found) else name] = value
    return found


def _snake(name: Any) -> str:
    return _HUMP.sub("_", str(name)).lower()


def _loaded(given: Any) -> Any:
    """JSON that was stored as a text holding JSON."""
    if not isinstance(given, str) or not given.lstrip().startswith("{") or len(given) > LONGEST:
        return given
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return given


def _braces(value: Any) -> Any:
    """`{{customer.name}}` is our `{customer_name}`; what stands for nothing stays, and is refused as such."""

    def ours(found: re.Match[str]) -> str:
        name = _snake(found[1]).replace(".", "_")
        return f"{{{name}}}" if name in texts.PLACEHOLDERS else found[0]

    return texts.DOUBLE.sub(ours, value) if isinstance(value, str) else value
