"""Tables: scoring rules."""

from __future__ import annotations

import enum

from sqlalchemy import Boolean, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.paths import Own
from app.core.types import Choice, Country, Created, Key, Updated


class LeadScoringCriterionCategory(enum.StrEnum):
    demographic = "demographic"
    engagement = "engagement"
    behavior = "behavior"
    profile = "profile"


class LeadScoringCriterionCondition(enum.StrEnum):
    equals = "equals"
    not_empty = "not_empty"
    greater_than = "greater_than"
    less_than = "less_than"
    contains = "contains"


class LeadScoringCriterion(Base):
    """A rule that adds points to, or takes points from, a customer's lead score."""

    __tablename__ = "lead_scoring_criteria"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A rule that adds points to, or takes points from, a customer's lead score.",
            "info": {
                "country": Own("country_code"),
                "one": "Scoring rule",
                "many": "Scoring rules",
                "icon": "target-arrow",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Short title shown in the breakdown of a score.")
    description: Mapped[str | None] = mapped_column(Text, comment="Why the rule exists and whom it should catch.")
    category: Mapped[LeadScoringCriterionCategory] = mapped_column(
        Choice(LeadScoringCriterionCategory), comment="Group the rule is listed under in the score breakdown."
    )
    field: Mapped[str] = mapped_column(
        Text, comment="Customer detail the rule looks at, e.g. email.", info={"label": "Customer field"}
    )
    condition: Mapped[LeadScoringCriterionCondition] = mapped_column(
        Choice(LeadScoringCriterionCondition), comment="How the detail is compared with the value."
    )
    value: Mapped[str | None] = mapped_column(Text, comment='What to compare with; leave empty for "not empty".')
    points: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Added when the rule matches; a negative number subtracts.",
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Changing this recalculates the scores of affected customers.",
    )
    country_code: Mapped[Country | None] = mapped_column(
        Choice(Country),
        comment="Only customers of this country; empty applies everywhere.",
        info={"label": "Country"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="When the record was last saved (UTC).")
