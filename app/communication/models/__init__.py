"""What is stored: e-mail and SMS, mailboxes, routing rules."""

from app.communication.models.mailboxes import (
    EmailSignature,
    GsmSenderConfig,
    GsmSenderConfigSenderIdType,
    UserMs365Connection,
    UserMs365SharedMailbox,
)
from app.communication.models.messages import (
    CommunicationMessage,
    CommunicationMessageAiAlertLevel,
    CommunicationMessageAiSentiment,
    CommunicationMessageDirection,
    CommunicationMessageStatus,
    CommunicationMessageType,
    CustomerEmailNotification,
    CustomerEmailNotificationDirection,
    EmailMetadata,
    EmailMetadataImportance,
    EmailMetadataPriority,
)
from app.communication.models.routing import EmailRoutingRule, EmailRoutingRuleMatchMode, EmailTag
from app.communication.models.sending import BadAddress, MessageSending

__all__ = [
    "BadAddress",
    "CommunicationMessage",
    "CommunicationMessageAiAlertLevel",
    "CommunicationMessageAiSentiment",
    "CommunicationMessageDirection",
    "CommunicationMessageStatus",
    "CommunicationMessageType",
    "CustomerEmailNotification",
    "CustomerEmailNotificationDirection",
    "EmailMetadata",
    "EmailMetadataImportance",
    "EmailMetadataPriority",
    "EmailRoutingRule",
    "EmailRoutingRuleMatchMode",
    "EmailSignature",
    "EmailTag",
    "GsmSenderConfig",
    "GsmSenderConfigSenderIdType",
    "MessageSending",
    "UserMs365Connection",
    "UserMs365SharedMailbox",
]
