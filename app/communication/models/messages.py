"""Tables: messages, email processing, customer emails."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Boolean, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Mailbox, Owner, Through
from app.core.records import Watched
from app.core.types import Choice, Created, Key, Timestamp, Updated

if TYPE_CHECKING:
    from app.access.models import User
    from app.customers.models.customers import Customer
    from app.pipeline.models.pipelines import PipelineStage


class CommunicationMessageType(enum.StrEnum):
    email = "email"
    sms = "sms"
    __labels__ = {"sms": "SMS"}


class CommunicationMessageDirection(enum.StrEnum):
    outbound = "outbound"
    inbound = "inbound"


class CommunicationMessageStatus(enum.StrEnum):
    pending = "pending"
    sent = "sent"
    delivered = "delivered"
    failed = "failed"


class CommunicationMessageAiSentiment(enum.StrEnum):
    positive = "positive"
    neutral = "neutral"
    negative = "negative"
    angry = "angry"


CommunicationMessageAiAlertLevel = enum.StrEnum(
    "CommunicationMessageAiAlertLevel", {"none": "none", "warning": "warning", "critical": "critical"}
)


class EmailMetadataPriority(enum.StrEnum):
    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


class EmailMetadataImportance(enum.StrEnum):
    low = "low"
    normal = "normal"
    high = "high"


class CustomerEmailNotificationDirection(enum.StrEnum):
    inbound = "inbound"
    outbound = "outbound"


class CommunicationMessage(Base):
    """An email or text message exchanged with a customer, with its delivery and AI reading."""

    __tablename__ = "communication_messages"
    __table_args__ = (
        Index("idx_communication_customer", "customer_id"),
        Index("idx_communication_type", "type"),
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "An email or text message exchanged with a customer, with its delivery and AI reading.",
            "info": {
                "watched": Watched(("ai_alert_level",), added=True, only={"direction": "inbound"}),
                "country": Through("customer_id", otherwise=Owner(("user_id",))),
                "one": "Message",
                "many": "Messages",
                "icon": "messages",
                "later": ("subject",),
                "find": (
                    ("subject",),
                    ("recipient_email",),
                    ("recipient_phone",),
                    ("sender_phone",),
                ),
            },
        },
    )

    id: Mapped[Key]
    customer_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("customers.id"), comment="Customer the message was sent to or came from."
    )
    user_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who sent or handled it; empty when automatic.",
        info={"label": "Colleague"},
    )
    type: Mapped[CommunicationMessageType] = mapped_column(
        Choice(CommunicationMessageType),
        comment="Whether this is an email or a text message.",
        info={"label": "Channel"},
    )
    direction: Mapped[CommunicationMessageDirection] = mapped_column(
        Choice(CommunicationMessageDirection),
        default=CommunicationMessageDirection.outbound,
        server_default="outbound",
        comment="Outbound leaves us; inbound arrives from the customer.",
    )
    subject: Mapped[str | None] = mapped_column(Text, comment="Subject line; text messages have none.")
    content: Mapped[str] = mapped_column(Text, comment="Full wording of the message.", info={"label": "Text"})
    recipient_email: Mapped[str | None] = mapped_column(Text, comment="Address the email goes to.")
    recipient_phone: Mapped[str | None] = mapped_column(
        Text, comment="Number the text message goes to, with country prefix."
    )
    sender_phone: Mapped[str | None] = mapped_column(Text, comment="Number the text message came from.")
    status: Mapped[CommunicationMessageStatus] = mapped_column(
        Choice(CommunicationMessageStatus),
        default=CommunicationMessageStatus.pending,
        server_default="pending",
        comment="How far sending has got; failed messages need attention.",
    )
    external_id: Mapped[str | None] = mapped_column(
        Text,
        comment="Number given to the message by the sending service.",
        info={"label": "Provider reference"},
    )
    provider: Mapped[str | None] = mapped_column(
        Text,
        comment="Service that carries the message, for example bulkgate or sendgrid.",
        info={"label": "Sending service"},
    )
    delivery_status: Mapped[str | None] = mapped_column(
        Text, comment="Latest delivery report exactly as the sending service worded it."
    )
    error_message: Mapped[str | None] = mapped_column(
        Text, comment="Why sending or delivery failed.", info={"label": "Error"}
    )
    sent_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the message left us, UTC.")
    delivered_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When delivery was confirmed, UTC.")
    created_at: Mapped[Created] = mapped_column(comment="When the message was put together, UTC.")
    ai_analyzed: Mapped[bool | None] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="AI has already read this message.",
        info={"label": "Read by AI"},
    )
    ai_sentiment: Mapped[CommunicationMessageAiSentiment | None] = mapped_column(
        Choice(CommunicationMessageAiSentiment),
        comment="Overall mood of the message as judged by AI.",
        info={"label": "Mood"},
    )
    ai_alert_level: Mapped[CommunicationMessageAiAlertLevel | None] = mapped_column(
        Choice(CommunicationMessageAiAlertLevel),
        comment="How urgently a colleague should look at this message.",
        info={"label": "Alert level"},
    )
    ai_has_angry_tone: Mapped[bool | None] = mapped_column(
        Boolean, comment="AI noticed an angry tone.", info={"label": "Angry tone"}
    )
    ai_has_rude_expressions: Mapped[bool | None] = mapped_column(
        Boolean, comment="AI noticed rude or insulting words.", info={"label": "Rude expressions"}
    )
    ai_wants_to_cancel: Mapped[bool | None] = mapped_column(
        Boolean,
        comment="AI believes the customer wants to end the contract.",
        info={"label": "Wants to cancel"},
    )
    ai_wants_consent: Mapped[bool | None] = mapped_column(
        Boolean,
        comment="AI noticed an intent about consent; confirm with the customer.",
        info={"label": "Consent intent"},
    )
    ai_does_not_accept_contract: Mapped[bool | None] = mapped_column(
        Boolean,
        comment="AI believes the customer does not accept the contract.",
        info={"label": "Rejects the contract"},
    )
    ai_analysis_note: Mapped[str | None] = mapped_column(
        Text, comment="Short explanation of the AI result; advice only.", info={"label": "AI note"}
    )
    ai_analyzed_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When AI read the message, UTC.", info={"label": "AI reading time"}
    )

    customer: Mapped[Customer | None] = relationship(
        foreign_keys=[customer_id], back_populates="communication_messages"
    )
    user: Mapped[User | None] = relationship(foreign_keys=[user_id], back_populates="communication_messages")


class EmailMetadata(Base):
    """What our rules and AI found out about one email in one mailbox."""

    __tablename__ = "email_metadata"
    __table_args__ = (
        Index("idx_email_metadata_message", "message_id"),
        Index("idx_email_metadata_customer", "customer_id"),
        Index(None, "ai_pipeline_stage_id"),
        Index(None, "created_at", "id"),
        UniqueConstraint("mailbox_email", "message_id"),
        {
            "comment": "What our rules and AI found out about one email in one mailbox.",
            "info": {
                "country": Through("customer_id", otherwise=Mailbox("mailbox_email")),
                "one": "Email processing",
                "many": "Email processing",
                "icon": "mail-cog",
                "find": (
                    ("message_id",),
                    ("mailbox_email",),
                ),
            },
        },
    )

    id: Mapped[Key]
    message_id: Mapped[str] = mapped_column(
        Text, comment="Microsoft's lasting reference to this email.", info={"label": "Message reference"}
    )
    mailbox_email: Mapped[str] = mapped_column(
        Text, comment="Address of the mailbox that holds the email.", info={"label": "Mailbox"}
    )
    priority: Mapped[EmailMetadataPriority | None] = mapped_column(
        Choice(EmailMetadataPriority),
        default=EmailMetadataPriority.normal,
        server_default="normal",
        comment="How urgently we should handle the email.",
    )
    importance: Mapped[EmailMetadataImportance | None] = mapped_column(
        Choice(EmailMetadataImportance),
        default=EmailMetadataImportance.normal,
        server_default="normal",
        comment="Importance chosen by the sender or set by a rule.",
    )
    tags: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'"), comment="Names of the tags put on this email."
    )
    matched_rules: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text),
        default=list,
        server_default=text("'{}'"),
        comment="References of the email rules that applied to this email.",
    )
    customer_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("customers.id"), comment="Customer the email belongs to, if recognised."
    )
    is_processed: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="All rules have been applied to this email.",
    )
    processed_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the rules were applied, UTC.", info={"label": "Processing time"}
    )
    ai_analyzed: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="AI has already read this email.",
        info={"label": "Read by AI"},
    )
    ai_sentiment: Mapped[str | None] = mapped_column(
        Text, comment="Overall mood of the email as judged by AI.", info={"label": "Mood"}
    )
    ai_has_inappropriate_content: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="AI found content that is not acceptable.",
        info={"label": "Inappropriate content"},
    )
    ai_alert_level: Mapped[str | None] = mapped_column(
        Text, comment="How urgently a colleague should look at this email.", info={"label": "Alert level"}
    )
    ai_analysis_note: Mapped[str | None] = mapped_column(
        Text, comment="Short explanation of the AI result; advice only.", info={"label": "AI note"}
    )
    ai_analyzed_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When AI read the email, UTC.", info={"label": "AI reading time"}
    )
    ai_has_angry_tone: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="AI noticed an angry tone.",
        info={"label": "Angry tone"},
    )
    ai_has_rude_expressions: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="AI noticed rude or insulting words.",
        info={"label": "Rude expressions"},
    )
    ai_wants_to_cancel: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="AI believes the sender wants to end the contract.",
        info={"label": "Wants to cancel"},
    )
    ai_wants_consent: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="AI noticed an intent about consent; confirm with the customer.",
        info={"label": "Consent intent"},
    )
    ai_does_not_accept_contract: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="AI believes the sender does not accept the contract.",
        info={"label": "Rejects the contract"},
    )
    ai_pipeline_action_taken: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="A rule acted in the sales pipeline because of this email.",
        info={"label": "Pipeline action taken"},
    )
    ai_pipeline_stage_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("pipeline_stages.id", ondelete="SET NULL"),
        comment="Stage the rule moved the customer's deal to.",
        info={"label": "Pipeline stage"},
    )
    ai_pipeline_stage_name: Mapped[str | None] = mapped_column(
        String, comment="Name of the stage at the time of the action.", info={"label": "Stage name then"}
    )
    ai_pipeline_action_reason: Mapped[str | None] = mapped_column(
        Text, comment="Why the pipeline action was taken.", info={"label": "Action reason"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the email was first seen, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to these findings, UTC.")

    customer: Mapped[Customer | None] = relationship(foreign_keys=[customer_id], back_populates="email_metadata")
    ai_pipeline_stage: Mapped[PipelineStage | None] = relationship(
        foreign_keys=[ai_pipeline_stage_id], back_populates="email_metadata"
    )


class CustomerEmailNotification(Base):
    """An email shown on the customer's page, with who has read it."""

    __tablename__ = "customer_email_notifications"
    __table_args__ = (
        Index(None, "customer_id"),
        Index(None, "read_by"),
        Index("ix_customer_email_notifications_unread", "customer_id", postgresql_where=text("NOT is_read")),
        Index(None, "created_at", "id"),
        {
            "comment": "An email shown on the customer's page, with who has read it.",
            "info": {
                "watched": Watched(added=True, only={"direction": "inbound"}),
                "country": Through("customer_id"),
                "one": "Customer email",
                "many": "Customer emails",
                "icon": "mail",
                "later": ("subject",),
                "find": (
                    ("subject",),
                    ("sender_email",),
                ),
            },
        },
    )

    id: Mapped[Key]
    customer_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("customers.id", ondelete="CASCADE"),
        comment="Customer on whose page the email appears.",
    )
    message_id: Mapped[str] = mapped_column(
        Text, comment="Microsoft's lasting reference to this email.", info={"label": "Message reference"}
    )
    mailbox_email: Mapped[str] = mapped_column(
        Text, comment="Our mailbox that received or sent the email.", info={"label": "Mailbox"}
    )
    subject: Mapped[str] = mapped_column(Text, comment="Subject line of the email.")
    sender_email: Mapped[str] = mapped_column(Text, comment="Address the email was sent from.")
    sender_name: Mapped[str | None] = mapped_column(
        Text, comment="Sender's name as shown in the email.", info={"label": "Sender"}
    )
    recipient_email: Mapped[str | None] = mapped_column(
        Text, comment="Address the email went to; used for outbound emails."
    )
    direction: Mapped[CustomerEmailNotificationDirection] = mapped_column(
        Choice(CustomerEmailNotificationDirection),
        default=CustomerEmailNotificationDirection.inbound,
        server_default="inbound",
        comment="Inbound comes from the customer; outbound is our email.",
    )
    body_preview: Mapped[str | None] = mapped_column(
        Text, comment="First lines of the email text.", info={"label": "Preview"}
    )
    received_at: Mapped[datetime] = mapped_column(Timestamp, comment="When the mailbox received the email, UTC.")
    priority: Mapped[str | None] = mapped_column(
        Text, default="normal", server_default="normal", comment="How urgently the email should be handled."
    )
    is_read: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="A colleague has already opened the email.",
    )
    read_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When it was first opened, UTC.", info={"label": "Reading time"}
    )
    read_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who opened the email."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the email was added to the customer, UTC.")

    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id], back_populates="customer_email_notifications")
    read_by_user: Mapped[User | None] = relationship(
        foreign_keys=[read_by], back_populates="customer_email_notifications"
    )
