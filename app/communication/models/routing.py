"""Tables: email rules, email tags."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import GLOBAL
from app.core.types import Choice, Created, Key, Updated

if TYPE_CHECKING:
    from app.access.models import User


class EmailRoutingRuleMatchMode(enum.StrEnum):
    all = "all"
    any = "any"
    __labels__ = {"all": "All conditions", "any": "Any condition"}


class EmailRoutingRule(Base):
    """A rule that sorts, tags or assigns incoming email and can call on AI."""

    __tablename__ = "email_routing_rules"
    __table_args__ = (
        Index(None, "created_by"),
        Index(None, "created_at", "id"),
        {
            "comment": "A rule that sorts, tags or assigns incoming email and can call on AI.",
            "info": {"country": GLOBAL, "one": "Email rule", "many": "Email rules", "icon": "route"},
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Short name that tells colleagues what the rule does.")
    description: Mapped[str | None] = mapped_column(Text, comment="Why the rule exists and whom to ask about it.")
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Only active rules are applied to incoming email.",
    )
    priority: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Whole number that sets when the rule runs among the others.",
        info={"label": "Order"},
    )
    stop_processing: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="When this rule matches, later rules are skipped.",
        info={"label": "Stop after match"},
    )
    conditions: Mapped[Any] = mapped_column(
        JSONB(none_as_null=True),
        default=list,
        server_default=text("'[]'"),
        comment="What an email must look like; a JSON list of conditions.",
    )
    match_mode: Mapped[EmailRoutingRuleMatchMode] = mapped_column(
        Choice(EmailRoutingRuleMatchMode),
        default=EmailRoutingRuleMatchMode.all,
        server_default="all",
        comment="Whether every condition must hold or one is enough.",
        info={"label": "Match"},
    )
    actions: Mapped[Any] = mapped_column(
        JSONB(none_as_null=True),
        default=list,
        server_default=text("'[]'"),
        comment="What happens to a matching email; a JSON list of actions.",
    )
    mailbox_filter: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text),
        default=list,
        server_default=text("'{}'"),
        comment="Mailbox addresses the rule applies to; empty means all.",
        info={"label": "Mailboxes"},
    )
    auto_assign_customer: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Matching emails are linked to the customer with that address.",
        info={"label": "Assign to customer"},
    )
    enable_ai_analysis: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Matching emails are also read by AI.",
        info={"label": "AI reading"},
    )
    ai_pipeline_actions: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True), comment="Pipeline moves triggered by AI findings, written as JSON."
    )
    created_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who set up the rule."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the rule was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the rule, UTC.")

    created_by_user: Mapped[User | None] = relationship(foreign_keys=[created_by], back_populates="email_routing_rules")


class EmailTag(Base):
    """A coloured tag that colleagues and rules put on emails."""

    __tablename__ = "email_tags"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A coloured tag that colleagues and rules put on emails.",
            "info": {"reference": True, "country": GLOBAL, "one": "Email tag", "many": "Email tags", "icon": "tag"},
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, unique=True, comment="Tag text; each name can exist only once.")
    color: Mapped[str] = mapped_column(
        Text,
        default="#6B7280",
        server_default="#6B7280",
        comment="Colour of the tag as a hex code, for example #6B7280.",
        info={"label": "Colour"},
    )
    description: Mapped[str | None] = mapped_column(Text, comment="When colleagues should use this tag.")
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive tags stay on old emails but are not offered.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the tag was added, UTC.")
