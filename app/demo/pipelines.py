"""Sales pipelines with their stages and automation rules."""

from __future__ import annotations

from random import Random

from app.demo.world import World, dice, row_id
from app.pipeline.models import AutomationRule, Pipeline, PipelineStage

PIPELINES = {
    # key: (name, description, countries, stages)
    # stage: (key, name, colour, probability, rotting days, kind)
    "families": (
        "New families",
        "From the first contact to the signed contract.",
        None,
        (
            ("new", "New lead", "#64748b", 10, 7, "open"),
            ("contacted", "Contacted", "#3b82f6", 25, 10, "open"),
            ("offer", "Offer sent", "#8b5cf6", 50, 14, "open"),
            ("contract", "Contract sent", "#f59e0b", 80, 7, "open"),
            ("won", "Won", "#16a34a", 100, None, "won"),
            ("lost", "Lost", "#dc2626", 0, None, "lost"),
        ),
    ),
    "returning": (
        "Returning families",
        "Families who stored with us before.",
        ["SK", "CZ", "HU"],
        (
            ("new", "Expecting again", "#64748b", 30, 14, "open"),
            ("offer", "Offer with discount", "#8b5cf6", 60, 14, "open"),
            ("contract", "Contract sent", "#f59e0b", 85, 7, "open"),
            ("won", "Won", "#16a34a", 100, None, "won"),
            ("lost", "Lost", "#dc2626", 0, None, "lost"),
        ),
    ),
    "upgrade": (
        "Upgrades",
        "Clients with cord blood who may add tissue or screening.",
        ["IT", "DE", "US", "CH"],
        (
            ("new", "Interested", "#64748b", 20, 20, "open"),
            ("offer", "Offer sent", "#8b5cf6", 50, 20, "open"),
            ("won", "Added", "#16a34a", 100, None, "won"),
            ("lost", "Declined", "#dc2626", 0, None, "lost"),
        ),
    ),
}
RULES: tuple[tuple[str, str, str, str, dict[str, object], str, dict[str, object], int], ...] = (
    # pipeline, name, description, trigger, trigger config, action, action config, runs
    (
        "families",
        "Call every new lead",
        "Nobody should wait for the first call.",
        "deal_created",
        {},
        "create_activity",
        {"type": "call", "subject": "First call", "due_in_days": 1},
        212,
    ),
    (
        "families",
        "Follow up the offer",
        "A call three days after the offer.",
        "stage_changed",
        {"stage_id": "families-offer"},
        "create_activity",
        {"type": "call", "subject": "Call after the offer", "due_in_days": 3},
        148,
    ),
    (
        "families",
        "Write to new clients",
        "What happens next, by e-mail.",
        "deal_won",
        {},
        "send_email",
        {
            "to": "customer",
            "purpose": "service",
            "subject": "Your collection kit is on its way",
            "body": "Dear {customer_name},\n\nwelcome among our families. We are sending the collection kit to your"
            " address; please keep it at hand from the 36th week on.\n\n{owner_name}",
        },
        96,
    ),
    (
        "families",
        "Note forgotten deals",
        "Deals without movement get a note for the owner.",
        "deal_rotting",
        {"days": 14},
        "add_note",
        {"text": "No movement for two weeks."},
        61,
    ),
    (
        "families",
        "Large deals to the manager",
        "Not used at present.",
        "deal_created",
        {"conditions": [{"field": "value", "op": "ge", "value": 3000}]},
        "assign_owner",
        {"user_id": "manager"},
        0,
    ),
    (
        "returning",
        "Offer the family discount",
        "Returning families get their discount at once.",
        "deal_created",
        {},
        "create_activity",
        {"type": "email", "subject": "Send the offer with discount", "due_in_days": 2},
        17,
    ),
    (
        "upgrade",
        "Task after a call",
        "Whoever talked to the client prepares the offer.",
        "activity_completed",
        {"activity_type": "call"},
        "create_activity",
        {"type": "task", "subject": "Prepare the offer", "due_in_days": 2},
        9,
    ),
)
NEVER_USED = 0


def load(world: World) -> None:
    """Fill `world.stages`: the stages of each pipeline from left to right."""
    rng = dice("pipelines")
    for key, (name, description, countries, stages) in PIPELINES.items():
        pipeline = world.add(
            Pipeline,
            key,
            name=name,
            description=description,
            country_codes=countries,
            is_default=key == "families",
        )
        world.stages[key] = []
        for order, (stage, title, color, probability, rotting, kind) in enumerate(stages):
            found = world.add(
                PipelineStage,
                f"{key}-{stage}",
                pipeline_id=pipeline,
                name=title,
                color=color,
                order=order,
                probability=probability,
                rotting_days=rotting,
                is_won_stage=kind == "won",
                is_lost_stage=kind == "lost",
            )
            world.stages[key].append(
                {
                    "id": found,
                    "pipeline": pipeline,
                    "key": stage,
                    "name": title,
                    "probability": probability,
                    "kind": kind,
                }
            )
    for row in RULES:
        _rule(world, rng, *row)
    world.flush()


def _rule(
    world: World,
    rng: Random,
    pipeline: str,
    name: str,
    description: str,
    trigger: str,
    when: dict[str, object],
    action: str,
    what: dict[str, object],
    runs: int,
) -> None:
    """Stages and users are written down by id, as the screens do."""
    if "stage_id" in when:
        when = {**when, "stage_id": row_id(PipelineStage, str(when["stage_id"]))}
    if "user_id" in what:
        what = {**what, "user_id": world.colleagues[1].id}
    world.add(
        AutomationRule,
        name,
        pipeline_id=row_id(Pipeline, pipeline),
        name=name,
        description=description,
        is_active=runs > NEVER_USED,
        trigger_type=trigger,
        trigger_config=when,
        action_type=action,
        action_config=what,
        execution_count=runs,
        last_executed_at=world.ago(rng, 0, 9) if runs > NEVER_USED else None,
        created_by=world.colleagues[1].id,
    )
