"""What somebody may know of a rule's conditions and texts: rights of the fields that they are about."""

from __future__ import annotations

from app.core.viewer import Right, Viewer
from app.pipeline.automation import config
from app.pipeline.automation.conditions import FIELDS
from app.pipeline.automation.config import Action, AssignOwner, MoveStage, Trigger, UpdateDeal
from app.screens import atlas

_OF_TEXT = {
    "customer_name": ("customers", "last_name"),
    "customer_first_name": ("customers", "first_name"),
    "deal_title": ("deals", "title"),
    "deal_value": ("deals", "value"),
    "owner_name": ("deals", "assigned_user_id"),
    "pipeline_name": ("deals", "pipeline_id"),
    "stage_name": ("deals", "stage_id"),
}


def reads(viewer: Viewer, table: str, column: str) -> bool:
    screen = atlas.known().get(table)
    return screen is not None and viewer.sees(screen.module) and screen.reads(viewer, column)


def reads_field(viewer: Viewer, name: str) -> bool:
    """Whether a condition about this field may be looked into."""
    return reads(viewer, FIELDS[name].table, FIELDS[name].column)


def reads_placeholder(viewer: Viewer, name: str) -> bool:
    return reads(viewer, *_OF_TEXT[name])


def reads_trigger(viewer: Viewer, trigger: Trigger) -> bool:
    """Whether what sets the rule off, and all its conditions, are the viewer's to know."""
    own = [("deals", "stage_id")]
    if trigger.activity_type:
        own.append(("deal_activities", "type"))
    own += [("customers", name) for name in trigger.fields]
    return all(reads(viewer, *one) for one in own) and all(reads_field(viewer, one.field) for one in trigger.conditions)


def written_by(action: Action | None) -> tuple[str, ...]:
    """Columns of the deal that an action puts its own values into."""
    if isinstance(action, UpdateDeal):
        columns = {"expected_close_in_days": "expected_close_date", "add_to_notes": "notes"}
        return tuple(columns.get(name, name) for name in config.dump(action)["values"])
    if isinstance(action, AssignOwner):
        return ("assigned_user_id",)
    return ("stage_id",) if isinstance(action, MoveStage) else ()


def writes(viewer: Viewer, action: Action | None) -> bool:
    """Whether the viewer may change by hand what the action changes: a rule is no way around the rights of a field."""
    return all(viewer.field("deals", column) is Right.editable for column in written_by(action))
