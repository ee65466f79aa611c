"""How the generated screens of this domain differ from the default."""

from app.campaigns.models import (
    Campaign,
    CampaignContact,
    CampaignContactHistory,
    CampaignContactSession,
    CampaignMetricsSnapshot,
    CampaignOperatorSettings,
    CampaignSchedule,
    CampaignTemplate,
)
from app.screens.spec import Screen

SCREENS = (
    Screen(
        Campaign,
        name=("name",),
        columns=(
            "name",
            "type",
            "status",
            "country_codes",
            "start_date",
            "end_date",
            "target_contact_count",
            "created_by",
        ),
        sections=(
            ("Identity", ("name", "description", "type", "status")),
            ("Audience", ("country_codes", "criteria", "target_contact_count", "conversion_goal")),
            ("Calling", ("script", "settings")),
            ("Period", ("start_date", "end_date")),
            ("Origin", ("created_by",)),
        ),
    ),
    Screen(
        CampaignContact,
        name=("customer_id", "campaign_id"),
        columns=(
            "customer_id",
            "campaign_id",
            "status",
            "assigned_to",
            "priority_score",
            "attempt_count",
            "last_attempt_at",
            "callback_date",
        ),
        sections=(
            ("Contact", ("campaign_id", "customer_id")),
            ("Progress", ("status", "assigned_to", "priority_score", "notes")),
            ("Attempts", ("attempt_count", "last_attempt_at", "callback_date")),
            ("Milestones", ("contacted_at", "completed_at")),
        ),
    ),
    Screen(
        CampaignContactHistory,
        inside="campaign_contacts",
        name=("created_at", "action"),
        columns=("created_at", "campaign_contact_id", "user_id", "action", "previous_status", "new_status"),
    ),
    Screen(
        CampaignContactSession,
        inside="campaign_contacts",
        name=("started_at", "outcome"),
        columns=(
            "started_at",
            "campaign_contact_id",
            "user_id",
            "outcome",
            "duration_seconds",
            "callback_scheduled",
            "callback_date",
        ),
    ),
    Screen(
        CampaignTemplate,
        name=("name",),
        columns=("name", "type", "country_codes", "is_default", "created_by", "updated_at"),
        sections=(
            ("Identity", ("name", "description", "type", "is_default")),
            ("Audience", ("country_codes", "criteria")),
            ("Calling", ("settings", "script")),
            ("Origin", ("created_by",)),
        ),
    ),
    Screen(
        CampaignSchedule,
        inside="campaigns",
        name=("campaign_id",),
        columns=(
            "campaign_id",
            "working_days",
            "working_hours_start",
            "working_hours_end",
            "max_attempts_per_contact",
            "min_hours_between_attempts",
        ),
    ),
    Screen(
        CampaignOperatorSettings,
        inside="campaigns",
        name=("user_id", "campaign_id"),
        columns=(
            "user_id",
            "campaign_id",
            "is_active",
            "workload_weight",
            "max_contacts_per_day",
            "assigned_countries",
        ),
    ),
    Screen(
        CampaignMetricsSnapshot,
        inside="campaigns",
        name=("campaign_id", "snapshot_date"),
        columns=(
            "campaign_id",
            "snapshot_date",
            "snapshot_hour",
            "total_contacts",
            "contacted_contacts",
            "completed_contacts",
            "total_calls",
            "conversion_rate",
        ),
        sections=(
            ("Period", ("campaign_id", "snapshot_date", "snapshot_hour")),
            (
                "Contacts",
                (
                    "total_contacts",
                    "pending_contacts",
                    "contacted_contacts",
                    "completed_contacts",
                    "failed_contacts",
                ),
            ),
            ("Calls", ("total_calls", "successful_calls", "avg_call_duration_seconds")),
            ("Result", ("conversion_rate",)),
        ),
    ),
)
