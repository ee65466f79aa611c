"""What is stored: marketing and call-centre campaigns, their contacts and operators."""

from app.campaigns.models.campaigns import (
    Campaign,
    CampaignMetricsSnapshot,
    CampaignOperatorSettings,
    CampaignSchedule,
    CampaignStatus,
    CampaignTemplate,
    CampaignType,
)
from app.campaigns.models.contacts import (
    CampaignContact,
    CampaignContactHistory,
    CampaignContactHistoryAction,
    CampaignContactSession,
    CampaignContactSessionOutcome,
    CampaignContactStatus,
)

__all__ = [
    "Campaign",
    "CampaignContact",
    "CampaignContactHistory",
    "CampaignContactHistoryAction",
    "CampaignContactSession",
    "CampaignContactSessionOutcome",
    "CampaignContactStatus",
    "CampaignMetricsSnapshot",
    "CampaignOperatorSettings",
    "CampaignSchedule",
    "CampaignStatus",
    "CampaignTemplate",
    "CampaignType",
]
