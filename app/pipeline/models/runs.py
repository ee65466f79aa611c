"""Tables: what automation rules did, one row for each rule and event."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Through
from app.core.types import Choice, Key, Timestamp

if TYPE_CHECKING:
    from app.pipeline.models.deals import Deal
    from app.pipeline.models.pipelines import AutomationRule


class AutomationRunOutcome(enum.StrEnum):
    """What became of a rule that an event set off."""

    done = "done"
    skipped = "skipped"
    failed = "failed"
    stopped = "stopped"
    __labels__ = {"skipped": "Not met"}


class AutomationRun(Base):
    """One rule's answer to one event. An extension: the document counts how often a rule ran, not what it did.

    The row, the effect and the counts of the rule commit together. Runs that follow from each other are one chain:
    `chain` is the key of the event that began it, `depth` counts from 1.
    """

    __tablename__ = "automation_runs"
    __table_args__ = (
        UniqueConstraint("rule_id", "event_key"),
        Index(None, "rule_id", "at", "id"),
        Index(None, "deal_id", "at"),
        Index(None, "chain"),
        Index(None, "caused_by"),
        Index(None, "at"),
        {
            "comment": "One rule's answer to one event.",
            "info": {
                "country": Through("rule_id", also=("deal_id",)),
                "extension": "a rule acts once for each event, and people see what it did or why it did not",
            },
        },
    )

    id: Mapped[Key]
    rule_id: Mapped[str] = mapped_column(
        String, ForeignKey("automation_rules.id", ondelete="CASCADE"), comment="Rule that was set off."
    )
    event_key: Mapped[str] = mapped_column(Text, comment="What set it off; the same rule answers it once.")
    deal_id: Mapped[str] = mapped_column(
        String, ForeignKey("deals.id", ondelete="CASCADE"), comment="Deal it was about; removed together with it."
    )
    outcome: Mapped[AutomationRunOutcome] = mapped_column(
        Choice(AutomationRunOutcome, 20), comment="Whether it acted, and if not, of which kind the reason is."
    )
    reason: Mapped[str | None] = mapped_column(
        Text, comment="Why it did not act, in English; names no person. Read it through `runs.told`."
    )
    made_table: Mapped[str | None] = mapped_column(Text, comment="Table of the record that it made or changed.")
    made_key: Mapped[str | None] = mapped_column(Text, comment="Key of that record.")
    at: Mapped[datetime] = mapped_column(Timestamp, comment="When it began, UTC.")
    took_ms: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0"), comment="How long it took, in milliseconds."
    )
    depth: Mapped[int] = mapped_column(
        Integer, default=1, server_default=text("1"), comment="How many runs of the chain lead here, this one counted."
    )
    chain: Mapped[str] = mapped_column(Text, comment="Event with which the chain of runs began.")
    caused_by: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("automation_runs.id", ondelete="SET NULL"),
        comment="Run whose effect set this rule off; empty: people did.",
    )

    rule: Mapped[AutomationRule] = relationship(foreign_keys=[rule_id], viewonly=True)
    deal: Mapped[Deal] = relationship(foreign_keys=[deal_id], viewonly=True)
