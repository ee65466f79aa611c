"""How the generated screens of this domain differ from the default."""

from typing import Any

from sqlalchemy.orm import Session

from app.core.viewer import Viewer
from app.pipeline.automation.pages.seen import open_to
from app.pipeline.models import AutomationRule, Deal, DealActivity, DealProduct, Pipeline, PipelineStage
from app.screens import atlas
from app.screens.spec import Happening, Leading, Screen


def _reads_rules(_session: Session, viewer: Viewer, _key: Any) -> bool:
    """The form of a rule says all of it, or does not open."""
    return open_to(atlas.known(), viewer)


SCREENS = (
    Screen(
        Pipeline,
        name=("name",),
        columns=("name", "country_codes", "is_default", "is_active", "updated_at"),
        links=(Leading("Edit stages", "/pipeline/pipelines/{id}", "columns-3"),),
        list_links=(Leading("With stages", "/pipeline/pipelines/", "columns-3"),),
    ),
    Screen(
        PipelineStage,
        inside="pipelines",
        name=("name",),
        columns=(
            "name",
            "pipeline_id",
            "order",
            "probability",
            "rotting_days",
            "is_won_stage",
            "is_lost_stage",
        ),
    ),
    Screen(
        Deal,
        happening=Happening("step", ("title", "notes"), "assigned_user_id"),
        talks="customer_id",
        name=("title",),
        columns=(
            "title",
            "customer_id",
            "stage_id",
            "value",
            "currency",
            "status",
            "assigned_user_id",
            "expected_close_date",
        ),
        sections=(
            ("Identity", ("title", "customer_id", "country_code")),
            ("Pipeline", ("pipeline_id", "stage_id", "status", "lost_reason", "stage_entered_at")),
            ("Value", ("value", "currency", "probability")),
            ("Closing", ("expected_close_date", "actual_close_date", "contract_instance_id")),
            ("Origin", ("assigned_user_id", "campaign_id", "source")),
            ("Notes", ("notes",)),
        ),
        readonly=("status", "stage_entered_at"),  # both follow the stage
    ),
    Screen(
        DealActivity,
        when={"completed_at": ("is_completed", True)},
        happening=Happening("activity", ("subject", "description"), "user_id"),
        name=("subject",),
        columns=("subject", "type", "deal_id", "user_id", "priority", "due_at", "is_completed"),
        sections=(
            ("Activity", ("deal_id", "user_id", "type", "subject", "description", "priority")),
            ("Schedule", ("due_at", "duration", "reminder_at", "reminder_sent")),
            ("Result", ("is_completed", "completed_at", "outcome")),
        ),
    ),
    Screen(
        DealProduct,
        inside="deals",
        name=("product_id", "deal_id"),
        columns=("product_id", "deal_id", "quantity", "price", "discount", "created_at"),
    ),
    Screen(
        AutomationRule,
        name=("name",),
        columns=(
            "name",
            "pipeline_id",
            "trigger_type",
            "action_type",
            "is_active",
            "execution_count",
            "last_executed_at",
        ),
        readonly=("execution_count", "last_executed_at", "failures_in_row", "disabled_at", "disabled_reason"),
        sections=(
            ("Rule", ("pipeline_id", "name", "description", "is_active", "position")),
            ("When", ("trigger_type", "trigger_config")),
            ("Then", ("action_type", "action_config")),
            ("Runs", ("execution_count", "last_executed_at", "failures_in_row", "disabled_at", "disabled_reason")),
            ("Origin", ("created_by",)),
        ),
        links=(Leading("Open as a form", "/automation/{id}", "adjustments", asks=_reads_rules),),
    ),
)
