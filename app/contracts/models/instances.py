"""Tables: contracts, contract products."""

from __future__ import annotations

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Through
from app.core.records import Watched
from app.core.types import Choice, Created, JsonText, Key, Timestamp, Updated

if TYPE_CHECKING:
    from app.access.models import User
    from app.billing.models.companies import BillingDetails
    from app.contracts.models.signing import ContractAuditLog, ContractParticipant, ContractSignatureRequest
    from app.contracts.models.templates import ContractTemplate, ContractTemplateVersion
    from app.customers.models.cases import CustomerPotentialCase
    from app.customers.models.customers import Customer
    from app.pipeline.models.deals import Deal
    from app.products.models.catalogue import Product
    from app.products.models.sets import ProductSet


class ContractInstanceInitiatedFrom(enum.StrEnum):
    potential_case = "potential_case"
    quick_contact = "quick_contact"
    direct = "direct"


class ContractInstanceStatus(enum.StrEnum):
    draft = "draft"
    sent = "sent"
    pending_signature = "pending_signature"
    signed = "signed"
    completed = "completed"
    cancelled = "cancelled"
    expired = "expired"


class ContractInstanceSignatureMode(enum.StrEnum):
    simple = "simple"
    advanced = "advanced"
    qualified = "qualified"


class ContractInstance(Base):
    """A contract made for one family, from draft to signature or cancellation."""

    __tablename__ = "contract_instances"
    __table_args__ = (
        Index("idx_contract_instances_customer", "customer_id"),
        Index("idx_contract_instances_status", "status"),
        Index(None, "template_id"),
        Index(None, "template_version_id"),
        Index(None, "billing_details_id"),
        Index(None, "potential_case_id"),
        Index(None, "created_by"),
        Index(None, "sent_by"),
        Index(None, "cancelled_by"),
        Index(
            "ix_contract_instances_signed",
            "signed_at",
            postgresql_include=["sent_at"],
            postgresql_where=text("signed_at IS NOT NULL"),
        ),
        Index(None, "created_at", "id"),
        Index(
            "ix_contract_instances_waiting",
            "sent_at",
            "id",
            postgresql_include=["customer_id"],
            postgresql_where=text("status IN ('sent', 'pending_signature')"),
        ),
        UniqueConstraint("contract_number"),
        CheckConstraint("valid_to >= valid_from", name="dates_in_order"),
        {
            "comment": "A contract made for one family, from draft to signature or cancellation.",
            "info": {
                "watched": Watched(("status",)),
                "country": Through("customer_id"),
                "one": "Contract",
                "many": "Contracts",
                "icon": "contract",
                "ending": ("contract_number",),
                "find": (("contract_number",),),
            },
        },
    )

    id: Mapped[Key]
    contract_number: Mapped[str] = mapped_column(
        String(50), comment="Unique number without gaps within a year, e.g. ZML-2025-00001."
    )
    template_id: Mapped[str] = mapped_column(
        String, ForeignKey("contract_templates.id"), comment="Wording the contract was made from."
    )
    template_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("contract_template_versions.id"),
        comment="Exact version of the wording, fixed when the contract is made.",
    )
    customer_id: Mapped[str] = mapped_column(
        String, ForeignKey("customers.id"), comment="Family that concludes the contract."
    )
    billing_details_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("billing_details.id"),
        comment="Our company that is party to the contract and invoices it.",
        info={"label": "Billing company"},
    )
    initiated_from: Mapped[ContractInstanceInitiatedFrom | None] = mapped_column(
        Choice(ContractInstanceInitiatedFrom, 20),
        comment="Where in the system the contract was begun.",
        info={"label": "Started from"},
    )
    potential_case_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("customer_potential_cases.id"), comment="Case the contract was begun from, if any."
    )
    quick_contact_id: Mapped[str | None] = mapped_column(
        String,
        comment="Mark of the quick contact it came from; text only.",
        info={"label": "Quick contact reference"},
    )
    status: Mapped[ContractInstanceStatus] = mapped_column(
        Choice(ContractInstanceStatus, 20),
        default=ContractInstanceStatus.draft,
        server_default="draft",
        comment="Stage of the contract's life; signed contracts can no longer be edited.",
    )
    valid_from: Mapped[date | None] = mapped_column(Date, comment="First day on which the contract applies.")
    valid_to: Mapped[date | None] = mapped_column(
        Date, comment="Last day on which the contract applies; empty if unlimited."
    )
    total_net_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Sum of all lines in the contract's currency, without VAT.",
        info={"label": "Total without VAT"},
    )
    total_vat_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2), comment="VAT on all lines, in the contract's currency.", info={"label": "Total VAT"}
    )
    total_gross_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="What the family pays, in the contract's currency, VAT included.",
        info={"label": "Total with VAT"},
    )
    currency: Mapped[str] = mapped_column(
        String(3), default="EUR", server_default="EUR", comment="Three-letter code for all amounts, e.g. EUR."
    )
    rendered_html: Mapped[str | None] = mapped_column(
        Text,
        comment="Wording with data filled in; does not change with later edits.",
        info={"label": "Final text"},
    )
    pdf_path: Mapped[str | None] = mapped_column(
        Text, comment="Document sent to the family for signing.", info={"label": "PDF file"}
    )
    signature_mode: Mapped[ContractInstanceSignatureMode] = mapped_column(
        Choice(ContractInstanceSignatureMode, 20),
        default=ContractInstanceSignatureMode.simple,
        server_default="simple",
        comment="Legal strength; advanced and qualified need a trust provider.",
        info={"label": "Signature level"},
    )
    customer_snapshot: Mapped[str | None] = mapped_column(
        JsonText,
        comment="JSON object with the family's data as the contract was made.",
        info={"label": "Customer data copy"},
    )
    billing_snapshot: Mapped[str | None] = mapped_column(
        JsonText,
        comment="JSON object with our company's data as the contract was made.",
        info={"label": "Billing data copy"},
    )
    selected_product_id: Mapped[str | None] = mapped_column(
        String(50), comment="Code of the product the family chose.", info={"label": "Product code"}
    )
    internal_notes: Mapped[str | None] = mapped_column(
        Text, comment="For colleagues only; never printed in the contract."
    )
    created_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who prepared the contract."
    )
    sent_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it went out for signing, UTC.")
    sent_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who sent it for signing."
    )
    signed_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the family's signature was given, UTC.")
    completed_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When all required signatures were in, UTC."
    )
    cancelled_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the contract was called off, UTC.")
    cancelled_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who called the contract off."
    )
    cancellation_reason: Mapped[str | None] = mapped_column(Text, comment="Why the contract was called off.")
    created_at: Mapped[Created] = mapped_column(comment="When the contract was entered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the contract was last edited, UTC.")

    template: Mapped[ContractTemplate] = relationship(foreign_keys=[template_id], back_populates="contract_instances")
    template_version: Mapped[ContractTemplateVersion | None] = relationship(
        foreign_keys=[template_version_id], back_populates="contract_instances"
    )
    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id], back_populates="contract_instances")
    billing_details: Mapped[BillingDetails] = relationship(
        foreign_keys=[billing_details_id], back_populates="contract_instances"
    )
    potential_case: Mapped[CustomerPotentialCase | None] = relationship(
        foreign_keys=[potential_case_id], back_populates="contract_instances"
    )
    created_by_user: Mapped[User | None] = relationship(
        foreign_keys=[created_by], back_populates="contract_instances_by_created_by_user"
    )
    sent_by_user: Mapped[User | None] = relationship(
        foreign_keys=[sent_by], back_populates="contract_instances_by_sent_by_user"
    )
    cancelled_by_user: Mapped[User | None] = relationship(
        foreign_keys=[cancelled_by], back_populates="contract_instances_by_cancelled_by_user"
    )
    deals: Mapped[list[Deal]] = relationship(
        foreign_keys="Deal.contract_instance_id", back_populates="contract_instance", passive_deletes="all"
    )
    contract_instance_products: Mapped[list[ContractInstanceProduct]] = relationship(
        foreign_keys="ContractInstanceProduct.contract_id", back_populates="contract", passive_deletes="all"
    )
    contract_participants: Mapped[list[ContractParticipant]] = relationship(
        foreign_keys="ContractParticipant.contract_id", back_populates="contract", passive_deletes="all"
    )
    contract_signature_requests: Mapped[list[ContractSignatureRequest]] = relationship(
        foreign_keys="ContractSignatureRequest.contract_id", back_populates="contract", passive_deletes="all"
    )
    contract_audit_log: Mapped[list[ContractAuditLog]] = relationship(
        foreign_keys="ContractAuditLog.contract_id", back_populates="contract", passive_deletes="all"
    )


class ContractInstanceProduct(Base):
    """A priced line of a contract: what the family buys and on which terms."""

    __tablename__ = "contract_instance_products"
    __table_args__ = (
        Index(None, "contract_id"),
        Index(None, "product_set_id"),
        Index(None, "product_id"),
        Index(None, "created_at", "id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="discount_percent"),
        {
            "comment": "A priced line of a contract: what the family buys and on which terms.",
            "info": {
                "country": Through("contract_id"),
                "one": "Contract product",
                "many": "Contract products",
                "icon": "package",
            },
        },
    )

    id: Mapped[Key]
    contract_id: Mapped[str] = mapped_column(
        String, ForeignKey("contract_instances.id"), comment="Contract the line is part of."
    )
    product_set_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("product_sets.id"), comment="Bundle that was agreed, if sold as a set."
    )
    product_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("products.id"), comment="Product that was agreed."
    )
    product_snapshot: Mapped[str | None] = mapped_column(
        JsonText,
        comment="JSON object with the product as it was when agreed.",
        info={"label": "Product data copy"},
    )
    price_snapshot: Mapped[str | None] = mapped_column(
        JsonText, comment="JSON object with the prices used for this line.", info={"label": "Price data copy"}
    )
    installment_snapshot: Mapped[str | None] = mapped_column(
        JsonText,
        comment="JSON value with the agreed instalments; later changes do not affect it.",
        info={"label": "Instalment copy"},
    )
    quantity: Mapped[int] = mapped_column(
        Integer, default=1, server_default=text("1"), comment="Number of pieces agreed on this line."
    )
    unit_price: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2), comment="Price of one piece in the contract's currency, without VAT."
    )
    discount_percent: Mapped[Decimal | None] = mapped_column(
        Numeric(5, 2), comment="Reduction in percent of the line, 0 to 100.", info={"label": "Discount (%)"}
    )
    discount_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2), comment="Reduction of the line in the contract's currency."
    )
    vat_rate: Mapped[Decimal | None] = mapped_column(
        Numeric(5, 2), comment="Percent of VAT charged on this line.", info={"label": "VAT rate (%)"}
    )
    line_net_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2),
        comment="Line total after discount, in the contract's currency, without VAT.",
        info={"label": "Without VAT"},
    )
    line_vat_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2), comment="VAT on this line, in the contract's currency.", info={"label": "VAT"}
    )
    line_gross_amount: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 2), comment="Line total the family pays, VAT included.", info={"label": "With VAT"}
    )
    sort_order: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Place in the contract; the smallest number comes first.",
        info={"label": "Position"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the line was entered, UTC.")

    contract: Mapped[ContractInstance] = relationship(
        foreign_keys=[contract_id], back_populates="contract_instance_products"
    )
    product_set: Mapped[ProductSet | None] = relationship(
        foreign_keys=[product_set_id], back_populates="contract_instance_products"
    )
    product: Mapped[Product | None] = relationship(
        foreign_keys=[product_id], back_populates="contract_instance_products"
    )
