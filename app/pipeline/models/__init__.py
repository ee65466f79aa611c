"""What is stored: sales pipelines, deals, activities, automation."""

from app.pipeline.models.deals import (
    BOARD_POSITIONS,
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
    DealField,
    Pipeline,
    PipelineStage,
)
from app.pipeline.models.runs import AutomationRun, AutomationRunOutcome
from app.pipeline.models.stays import DealStay

__all__ = [
    "BOARD_POSITIONS",
    "AutomationRule",
    "AutomationRuleActionType",
    "AutomationRuleTriggerType",
    "AutomationRun",
    "AutomationRunOutcome",
    "Deal",
    "DealActivity",
    "DealActivityPriority",
    "DealActivityType",
    "DealField",
    "DealProduct",
    "DealStatus",
    "DealStay",
    "Pipeline",
    "PipelineStage",
]
