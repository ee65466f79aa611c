"""Tables: pipelines, stages, automation rules."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Owns, Through
from app.core.types import Choice, ChoiceList, Country, Key, Timestamp

if TYPE_CHECKING:
    from app.access.models import User
    from app.communication.models.messages import EmailMetadata
    from app.pipeline.models.deals import Deal


class AutomationRuleTriggerType(enum.StrEnum):
    deal_created = "deal_created"
    stage_changed = "stage_changed"
    deal_won = "deal_won"
    deal_lost = "deal_lost"
    deal_rotting = "deal_rotting"
    activity_completed = "activity_completed"
    customer_updated = "customer_updated"


class AutomationRuleActionType(enum.StrEnum):
    create_activity = "create_activity"
    send_email = "send_email"
    assign_owner = "assign_owner"
    update_deal = "update_deal"
    move_stage = "move_stage"
    add_note = "add_note"
    create_deal = "create_deal"
    __labels__ = {"send_email": "Send e-mail"}


class DealField(enum.StrEnum):
    """What a stage can ask for before a deal comes in."""

    customer_id = "customer_id"
    assigned_user_id = "assigned_user_id"
    value = "value"
    expected_close_date = "expected_close_date"
    source = "source"
    campaign_id = "campaign_id"
    contract_instance_id = "contract_instance_id"
    country_code = "country_code"
    notes = "notes"
    __labels__ = {
        "customer_id": "Customer",
        "assigned_user_id": "Owner",
        "expected_close_date": "Expected close",
        "campaign_id": "Campaign",
        "contract_instance_id": "Contract",
        "country_code": "Country",
    }


class Pipeline(Base):
    """A sales path with its own stages that deals move through."""

    __tablename__ = "pipelines"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A sales path with its own stages that deals move through.",
            "info": {
                "reference": True,
                "country": Owns("country_codes"),
                "one": "Pipeline",
                "many": "Pipelines",
                "icon": "git-branch",
                "default_within": (),
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(255), comment="Name shown above the board of deals.")
    description: Mapped[str | None] = mapped_column(Text, comment="Which kind of deals belong in this pipeline.")
    country_codes: Mapped[list[str] | None] = mapped_column(
        ChoiceList(Country),
        comment="Countries that use the pipeline; leave empty for all.",
        info={"label": "Countries"},
    )
    is_default: Mapped[bool | None] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="New deals land here unless another pipeline is chosen.",
        info={"label": "Default pipeline"},
    )
    is_active: Mapped[bool | None] = mapped_column(
        Boolean, default=True, server_default=text("true"), comment="Inactive pipelines accept no new deals."
    )
    created_at: Mapped[datetime | None] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the pipeline was entered, UTC."
    )
    updated_at: Mapped[datetime | None] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the pipeline was last edited, UTC."
    )

    pipeline_stages: Mapped[list[PipelineStage]] = relationship(
        foreign_keys="PipelineStage.pipeline_id", back_populates="pipeline", passive_deletes="all"
    )
    deals: Mapped[list[Deal]] = relationship(
        foreign_keys="Deal.pipeline_id", back_populates="pipeline", passive_deletes="all"
    )
    automation_rules: Mapped[list[AutomationRule]] = relationship(
        foreign_keys="AutomationRule.pipeline_id", back_populates="pipeline", passive_deletes="all"
    )


class PipelineStage(Base):
    """One step of a pipeline, shown as a column on the board."""

    __tablename__ = "pipeline_stages"
    __table_args__ = (
        Index(None, "pipeline_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability_percent"),
        CheckConstraint("NOT (is_won_stage AND is_lost_stage)", name="won_or_lost"),
        CheckConstraint("rotting_days > 0", name="rotting_days_positive"),
        {
            "comment": "One step of a pipeline, shown as a column on the board.",
            "info": {
                "reference": True,
                "country": Through("pipeline_id"),
                "one": "Stage",
                "many": "Stages",
                "icon": "columns-3",
            },
        },
    )

    id: Mapped[Key]
    pipeline_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("pipelines.id", ondelete="CASCADE"),
        comment="Pipeline the stage is part of; removed together with it.",
    )
    name: Mapped[str] = mapped_column(String(255), comment="Heading of the column on the board.")
    color: Mapped[str | None] = mapped_column(
        String(50),
        default="#3b82f6",
        server_default="#3b82f6",
        comment="Colour of the column as a hex code, e.g. #3b82f6.",
        info={"label": "Colour"},
    )
    order: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Place on the board from the left; the smallest number is first.",
        info={"label": "Position"},
    )
    probability: Mapped[int | None] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Chance of winning, 0 to 100, given to deals in this stage.",
        info={"label": "Win probability (%)"},
    )
    rotting_days: Mapped[int | None] = mapped_column(
        Integer,
        comment="Days without movement before a deal is marked; empty means never.",
        info={"label": "Rotting after (days)"},
    )
    is_won_stage: Mapped[bool | None] = mapped_column(
        Boolean, default=False, server_default=text("false"), comment="Deals moved here count as won."
    )
    is_lost_stage: Mapped[bool | None] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Deals moved here count as lost and need a reason.",
    )
    created_at: Mapped[datetime | None] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the stage was entered, UTC."
    )
    required_fields: Mapped[list[str] | None] = mapped_column(
        ChoiceList(DealField),
        comment="What must be filled in before a deal comes into the stage.",
        info={"label": "Required of deals", "extension": "what a stage needs is asked for at the drop, not after it"},
    )
    going: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="JSON object that says how a worker removes the stage; meanwhile it takes no deals.",
        info={"internal": True, "extension": "very many deals do not leave a stage within one request"},
    )

    pipeline: Mapped[Pipeline] = relationship(foreign_keys=[pipeline_id], back_populates="pipeline_stages")
    deals: Mapped[list[Deal]] = relationship(
        foreign_keys="Deal.stage_id", back_populates="stage", passive_deletes="all"
    )
    email_metadata: Mapped[list[EmailMetadata]] = relationship(
        foreign_keys="EmailMetadata.ai_pipeline_stage_id",
        back_populates="ai_pipeline_stage",
        passive_deletes="all",
    )


class AutomationRule(Base):
    """A rule that does a step by itself when something happens in a pipeline."""

    __tablename__ = "automation_rules"
    __table_args__ = (
        Index(None, "pipeline_id"),
        Index(None, "created_by"),
        Index(None, "created_at", "id"),
        Index("ix_automation_rules_active", "trigger_type", "pipeline_id", postgresql_where=text("is_active")),
        {
            "comment": "A rule that does a step by itself when something happens in a pipeline.",
            "info": {
                "country": Through("pipeline_id"),
                "one": "Automation rule",
                "many": "Automation rules",
                "icon": "bolt",
            },
        },
    )

    id: Mapped[Key]
    pipeline_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("pipelines.id", ondelete="CASCADE"),
        comment="Pipeline whose deals the rule watches.",
    )
    name: Mapped[str] = mapped_column(String(255), comment="Says what the rule does, for the list of rules.")
    description: Mapped[str | None] = mapped_column(Text, comment="Why the rule exists and whom it helps.")
    is_active: Mapped[bool | None] = mapped_column(
        Boolean, default=True, server_default=text("true"), comment="Inactive rules never run."
    )
    trigger_type: Mapped[AutomationRuleTriggerType] = mapped_column(
        Choice(AutomationRuleTriggerType, 50),
        comment="Event that starts the rule.",
        info={"label": "Trigger"},
    )
    trigger_config: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="JSON object with conditions the event must also meet.",
        info={"label": "Trigger conditions"},
    )
    action_type: Mapped[AutomationRuleActionType] = mapped_column(
        Choice(AutomationRuleActionType, 50),
        comment="What is done when the rule applies.",
        info={"label": "Action"},
    )
    action_config: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="JSON object with what the action needs, e.g. stage or owner.",
        info={"label": "Action details"},
    )
    execution_count: Mapped[int | None] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="How many times the rule has run so far.",
        info={"label": "Runs"},
    )
    last_executed_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Time of the latest run, UTC.", info={"label": "Last run"}
    )
    created_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who set up the rule."
    )
    created_at: Mapped[datetime | None] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the rule was entered, UTC."
    )
    updated_at: Mapped[datetime | None] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the rule was last edited, UTC."
    )
    position: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Rules that the same event starts run in this order.",
        info={"extension": "two rules of one event have an order that people can choose"},
    )
    failures_in_row: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="How many times the rule has failed since it last worked.",
        info={"label": "Failures in a row", "extension": "a rule that fails again and again is switched off"},
    )
    disabled_at: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="When the rule was switched off because it kept failing, UTC.",
        info={"label": "Switched off", "extension": "a rule that fails again and again is switched off"},
    )
    disabled_reason: Mapped[str | None] = mapped_column(
        Text,
        comment="Why it failed when it was switched off.",
        info={"label": "Reason switched off", "extension": "a rule that fails again and again is switched off"},
    )

    pipeline: Mapped[Pipeline] = relationship(foreign_keys=[pipeline_id], back_populates="automation_rules")
    created_by_user: Mapped[User | None] = relationship(foreign_keys=[created_by], back_populates="automation_rules")
