"""What is stored: sales pipelines, deals, activities, automation."""

from app.pipeline.models.deals import (
    Deal,
    DealActivity,
    DealActivityPriority,
    DealActivityType,
    DealProduct,
    DealStatus,
)
from app.pipeline.models.pipelines import (
    AutomationRule,
    AutomationRuleActionType,
    AutomationRuleTriggerType,
    Pipeline,
    PipelineStage,
)

__all__ = [
    "AutomationRule",
    "AutomationRuleActionType",
    "AutomationRuleTriggerType",
    "Deal",
    "DealActivity",
    "DealActivityPriority",
    "DealActivityType",
    "DealProduct",
    "DealStatus",
    "Pipeline",
    "PipelineStage",
]
