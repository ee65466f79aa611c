"""Tables: users."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import People
from app.core.types import NO_PASSWORD, Choice, ChoiceList, Country, Created, Key, Secret
from app.core.vault import Veiled

if TYPE_CHECKING:
    from app.access.models.roles import Role, UserRole
    from app.billing.models.company_links import BillingCompanyAuditLog
    from app.campaigns.models.campaigns import Campaign, CampaignOperatorSettings, CampaignTemplate
    from app.campaigns.models.contacts import CampaignContact, CampaignContactHistory, CampaignContactSession
    from app.collaborators.models.collaborators import Collaborator
    from app.communication.models.mailboxes import EmailSignature, UserMs365Connection, UserMs365SharedMailbox
    from app.communication.models.messages import CommunicationMessage, CustomerEmailNotification
    from app.communication.models.routing import EmailRoutingRule
    from app.contracts.models.instances import ContractInstance
    from app.contracts.models.signing import ContractAuditLog
    from app.contracts.models.templates import ContractCategoryDefaultTemplate, ContractTemplateVersion
    from app.customers.models.consents import CustomerConsent
    from app.customers.models.customers import Customer, CustomerNote
    from app.hospitals.models import Hospital
    from app.pipeline.models.deals import Deal, DealActivity
    from app.pipeline.models.pipelines import AutomationRule
    from app.settings.models.telephony import CallLog, SipSettings
    from app.system.models import Ms365PkceStore
    from app.work.models.activity import ActivityLog, ChatMessage, SavedSearch
    from app.work.models.notifications import Notification, NotificationRule
    from app.work.models.tasks import Task, TaskComment


class LegacyRole(enum.StrEnum):
    admin = "admin"
    manager = "manager"
    user = "user"


class UserAuthMethod(enum.StrEnum):
    local = "local"
    ms365 = "ms365"
    __labels__ = {"local": "Password", "ms365": "Microsoft 365"}


class NotificationDigest(enum.StrEnum):
    off = "off"
    daily = "daily"


class User(Base):
    """A member of staff who signs in to this system."""

    __tablename__ = "users"
    __table_args__ = (
        Index(None, "role_id"),
        Index(None, "created_at", "id"),
        Index("uq_users_lower_username", text("lower(username)"), unique=True),
        Index("uq_users_lower_email", text("lower(email)"), unique=True),
        {
            "comment": "A member of staff who signs in to this system.",
            "info": {
                "reference": True,
                "country": People(),
                "one": "User",
                "many": "Users",
                "icon": "user-circle",
                "later": ("full_name",),
                "find": (
                    ("full_name",),
                    ("username",),
                    ("email",),
                ),
            },
        },
    )

    id: Mapped[Key]
    username: Mapped[str] = mapped_column(Text, unique=True, comment="Name typed at sign-in; no two users share one.")
    email: Mapped[str] = mapped_column(
        Text, unique=True, comment="Work address for notifications and Microsoft sign-in; must be unique."
    )
    full_name: Mapped[str] = mapped_column(Text, comment="Name colleagues see on records and in lists.")
    password_hash: Mapped[Veiled] = mapped_column(
        Secret("users.password_hash", store="hashed"),
        default=NO_PASSWORD,
        comment="Kept only in scrambled form (bcrypt); can be replaced, never read.",
        info={"label": "Password", "internal": True},
    )
    role: Mapped[LegacyRole] = mapped_column(
        Choice(LegacyRole),
        default=LegacyRole.user,
        server_default="user",
        comment="Follows from the primary role; cannot be edited here.",
        info={"label": "Legacy role"},
    )
    role_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("roles.id", use_alter=True),
        comment="Main role of this user; further roles can be added separately.",
        info={"label": "Primary role"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Unticking blocks sign-in and ends open sessions at once.",
    )
    assigned_countries: Mapped[list[str]] = mapped_column(
        ChoiceList(Country),
        default=list,
        server_default=text("'{}'"),
        comment="The user sees records of these countries only.",
        info={"label": "Countries"},
    )
    avatar_url: Mapped[str | None] = mapped_column(
        Text, comment="Web address of the photo shown next to the name.", info={"label": "Profile picture"}
    )
    sip_enabled: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Allows calling from the browser with the extension below.",
        info={"label": "Can make calls"},
    )
    sip_extension: Mapped[str | None] = mapped_column(
        Text,
        default="",
        server_default="",
        comment="Internal number on the phone exchange, e.g. 204.",
        info={"label": "Extension"},
    )
    sip_password: Mapped[Veiled | None] = mapped_column(
        Secret("users.sip_password"),
        server_default="",
        comment="Secret of the phone extension; never displayed after saving.",
        info={"label": "Extension password"},
    )
    sip_display_name: Mapped[str | None] = mapped_column(
        Text,
        default="",
        server_default="",
        comment="Name the called colleague or exchange sees.",
        info={"label": "Caller name"},
    )
    jira_account_id: Mapped[str | None] = mapped_column(Text, comment="Account identifier in Jira; for reference only.")
    jira_display_name: Mapped[str | None] = mapped_column(
        Text, comment="How this person appears in Jira.", info={"label": "Jira name"}
    )
    auth_method: Mapped[UserAuthMethod] = mapped_column(
        Choice(UserAuthMethod),
        default=UserAuthMethod.local,
        server_default="local",
        comment="With Microsoft 365, signing in by password is refused.",
        info={"label": "Sign-in method"},
    )
    nexus_enabled: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Lets the user work with the NEXUS AI assistant.",
        info={"label": "NEXUS assistant allowed"},
    )
    show_notification_bell: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Puts the bell with unread alerts in the top bar.",
        info={"label": "Notification bell shown"},
    )
    show_email_queue: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Puts the icon of waiting emails in the top bar.",
        info={"label": "Email queue shown"},
    )
    show_sip_phone: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Puts the dialling icon in the top bar.",
        info={"label": "Phone shown"},
    )
    phone_prefix: Mapped[str | None] = mapped_column(
        Text, comment="International dialling code with plus sign, e.g. +421."
    )
    phone: Mapped[str | None] = mapped_column(Text, comment="Number without the international prefix.")
    created_at: Mapped[Created] = mapped_column(comment="When the account was set up (UTC).")
    must_change_password: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Somebody else chose the password; nothing opens before it is replaced.",
        info={"extension": "an initial password is known to two people", "internal": True},
    )
    notification_digest: Mapped[NotificationDigest] = mapped_column(
        Choice(NotificationDigest),
        default=NotificationDigest.off,
        server_default="off",
        comment="Whether unread notifications come by email once a day.",
        info={"extension": "a letter about unread notifications is everybody's own choice", "internal": True},
    )
    language: Mapped[str | None] = mapped_column(
        Text,
        comment="Language of letters to this colleague; else that of the country.",
        info={"extension": "a letter is written when nobody is there to choose a language", "internal": True},
    )

    primary_role: Mapped[Role | None] = relationship(foreign_keys=[role_id], back_populates="users")
    roles: Mapped[list[Role]] = relationship(
        foreign_keys="Role.created_by", back_populates="created_by_user", passive_deletes="all"
    )
    user_roles_by_user: Mapped[list[UserRole]] = relationship(
        foreign_keys="UserRole.user_id", back_populates="user", passive_deletes="all"
    )
    user_roles_by_assigned_by_user: Mapped[list[UserRole]] = relationship(
        foreign_keys="UserRole.assigned_by", back_populates="assigned_by_user", passive_deletes="all"
    )
    customers: Mapped[list[Customer]] = relationship(
        foreign_keys="Customer.assigned_user_id", back_populates="assigned_user", passive_deletes="all"
    )
    customer_notes: Mapped[list[CustomerNote]] = relationship(
        foreign_keys="CustomerNote.user_id", back_populates="user", passive_deletes="all"
    )
    customer_consents_by_granted_by_user: Mapped[list[CustomerConsent]] = relationship(
        foreign_keys="CustomerConsent.granted_by_user_id",
        back_populates="granted_by_user",
        passive_deletes="all",
    )
    customer_consents_by_revoked_by_user: Mapped[list[CustomerConsent]] = relationship(
        foreign_keys="CustomerConsent.revoked_by_user_id",
        back_populates="revoked_by_user",
        passive_deletes="all",
    )
    collaborators: Mapped[list[Collaborator]] = relationship(
        foreign_keys="Collaborator.representative_id", back_populates="representative", passive_deletes="all"
    )
    hospitals_by_representative: Mapped[list[Hospital]] = relationship(
        foreign_keys="Hospital.representative_id", back_populates="representative", passive_deletes="all"
    )
    hospitals_by_responsible_person: Mapped[list[Hospital]] = relationship(
        foreign_keys="Hospital.responsible_person_id",
        back_populates="responsible_person",
        passive_deletes="all",
    )
    billing_company_audit_log: Mapped[list[BillingCompanyAuditLog]] = relationship(
        foreign_keys="BillingCompanyAuditLog.user_id", back_populates="user", passive_deletes="all"
    )
    campaigns: Mapped[list[Campaign]] = relationship(
        foreign_keys="Campaign.created_by", back_populates="created_by_user", passive_deletes="all"
    )
    campaign_contacts: Mapped[list[CampaignContact]] = relationship(
        foreign_keys="CampaignContact.assigned_to", back_populates="assigned_to_user", passive_deletes="all"
    )
    campaign_contact_history: Mapped[list[CampaignContactHistory]] = relationship(
        foreign_keys="CampaignContactHistory.user_id", back_populates="user", passive_deletes="all"
    )
    campaign_contact_sessions: Mapped[list[CampaignContactSession]] = relationship(
        foreign_keys="CampaignContactSession.user_id", back_populates="user", passive_deletes="all"
    )
    campaign_templates: Mapped[list[CampaignTemplate]] = relationship(
        foreign_keys="CampaignTemplate.created_by", back_populates="created_by_user", passive_deletes="all"
    )
    campaign_operator_settings: Mapped[list[CampaignOperatorSettings]] = relationship(
        foreign_keys="CampaignOperatorSettings.user_id", back_populates="user", passive_deletes="all"
    )
    deals: Mapped[list[Deal]] = relationship(
        foreign_keys="Deal.assigned_user_id", back_populates="assigned_user", passive_deletes="all"
    )
    deal_activities: Mapped[list[DealActivity]] = relationship(
        foreign_keys="DealActivity.user_id", back_populates="user", passive_deletes="all"
    )
    automation_rules: Mapped[list[AutomationRule]] = relationship(
        foreign_keys="AutomationRule.created_by", back_populates="created_by_user", passive_deletes="all"
    )
    contract_category_default_templates: Mapped[list[ContractCategoryDefaultTemplate]] = relationship(
        foreign_keys="ContractCategoryDefaultTemplate.created_by",
        back_populates="created_by_user",
        passive_deletes="all",
    )
    contract_template_versions: Mapped[list[ContractTemplateVersion]] = relationship(
        foreign_keys="ContractTemplateVersion.created_by",
        back_populates="created_by_user",
        passive_deletes="all",
    )
    contract_instances_by_created_by_user: Mapped[list[ContractInstance]] = relationship(
        foreign_keys="ContractInstance.created_by", back_populates="created_by_user", passive_deletes="all"
    )
    contract_instances_by_sent_by_user: Mapped[list[ContractInstance]] = relationship(
        foreign_keys="ContractInstance.sent_by", back_populates="sent_by_user", passive_deletes="all"
    )
    contract_instances_by_cancelled_by_user: Mapped[list[ContractInstance]] = relationship(
        foreign_keys="ContractInstance.cancelled_by",
        back_populates="cancelled_by_user",
        passive_deletes="all",
    )
    contract_audit_log: Mapped[list[ContractAuditLog]] = relationship(
        foreign_keys="ContractAuditLog.actor_id", back_populates="actor", passive_deletes="all"
    )
    communication_messages: Mapped[list[CommunicationMessage]] = relationship(
        foreign_keys="CommunicationMessage.user_id", back_populates="user", passive_deletes="all"
    )
    user_ms365_connections: Mapped[list[UserMs365Connection]] = relationship(
        foreign_keys="UserMs365Connection.user_id", back_populates="user", passive_deletes="all"
    )
    user_ms365_shared_mailboxes: Mapped[list[UserMs365SharedMailbox]] = relationship(
        foreign_keys="UserMs365SharedMailbox.user_id", back_populates="user", passive_deletes="all"
    )
    email_signatures: Mapped[list[EmailSignature]] = relationship(
        foreign_keys="EmailSignature.user_id", back_populates="user", passive_deletes="all"
    )
    email_routing_rules: Mapped[list[EmailRoutingRule]] = relationship(
        foreign_keys="EmailRoutingRule.created_by", back_populates="created_by_user", passive_deletes="all"
    )
    customer_email_notifications: Mapped[list[CustomerEmailNotification]] = relationship(
        foreign_keys="CustomerEmailNotification.read_by", back_populates="read_by_user", passive_deletes="all"
    )
    notifications: Mapped[list[Notification]] = relationship(
        foreign_keys="Notification.user_id", back_populates="user", passive_deletes="all"
    )
    notification_rules: Mapped[list[NotificationRule]] = relationship(
        foreign_keys="NotificationRule.user_id", back_populates="user", passive_deletes="all"
    )
    tasks_by_assigned_user: Mapped[list[Task]] = relationship(
        foreign_keys="Task.assigned_user_id", back_populates="assigned_user", passive_deletes="all"
    )
    tasks_by_created_by_user: Mapped[list[Task]] = relationship(
        foreign_keys="Task.created_by_user_id", back_populates="created_by_user", passive_deletes="all"
    )
    tasks_by_resolved_by_user: Mapped[list[Task]] = relationship(
        foreign_keys="Task.resolved_by_user_id", back_populates="resolved_by_user", passive_deletes="all"
    )
    task_comments: Mapped[list[TaskComment]] = relationship(
        foreign_keys="TaskComment.user_id", back_populates="user", passive_deletes="all"
    )
    activity_logs: Mapped[list[ActivityLog]] = relationship(
        foreign_keys="ActivityLog.user_id", back_populates="user", passive_deletes="all"
    )
    saved_searches: Mapped[list[SavedSearch]] = relationship(
        foreign_keys="SavedSearch.user_id", back_populates="user", passive_deletes="all"
    )
    chat_messages_by_sender: Mapped[list[ChatMessage]] = relationship(
        foreign_keys="ChatMessage.sender_id", back_populates="sender", passive_deletes="all"
    )
    chat_messages_by_receiver: Mapped[list[ChatMessage]] = relationship(
        foreign_keys="ChatMessage.receiver_id", back_populates="receiver", passive_deletes="all"
    )
    sip_settings: Mapped[list[SipSettings]] = relationship(
        foreign_keys="SipSettings.updated_by", back_populates="updated_by_user", passive_deletes="all"
    )
    call_logs: Mapped[list[CallLog]] = relationship(
        foreign_keys="CallLog.user_id", back_populates="user", passive_deletes="all"
    )
    ms365_pkce_store: Mapped[list[Ms365PkceStore]] = relationship(
        foreign_keys="Ms365PkceStore.user_id", back_populates="user", passive_deletes="all"
    )

    is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        """The key in the session cookie and in tokens: the UUID."""
        return self.id

    def get_full_name(self) -> str:
        return self.full_name
