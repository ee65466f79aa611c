"""Tables: contract categories, contract templates, default contract templates, template versions."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import GLOBAL, Own
from app.core.types import Choice, Country, Created, JsonText, Key, SerialKey, Updated

if TYPE_CHECKING:
    from app.access.models import User
    from app.contracts.models.instances import ContractInstance


class ContractTemplateStatus(enum.StrEnum):
    draft = "draft"
    published = "published"
    archived = "archived"


class ContractCategoryDefaultTemplateTemplateType(enum.StrEnum):
    pdf_form = "pdf_form"
    docx = "docx"
    __labels__ = {"pdf_form": "PDF form", "docx": "Word document (DOCX)"}


class ContractCategoryDefaultTemplateConversionStatus(enum.StrEnum):
    pending = "pending"
    processing = "processing"
    completed = "completed"
    failed = "failed"


class ContractCategory(Base):
    """A kind of contract, named in the language of each country."""

    __tablename__ = "contract_categories"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A kind of contract, named in the language of each country.",
            "info": {
                "reference": True,
                "country": GLOBAL,
                "one": "Contract category",
                "many": "Contract categories",
                "icon": "category",
            },
        },
    )

    id: Mapped[SerialKey]
    value: Mapped[str] = mapped_column(
        String(50),
        unique=True,
        comment="Unique short code that templates refer to, e.g. general.",
        info={"label": "Code"},
    )
    label: Mapped[str] = mapped_column(
        Text, comment="Used wherever no name in the local language is given.", info={"label": "Name"}
    )
    label_sk: Mapped[str | None] = mapped_column(
        Text, comment="Shown to colleagues and families in Slovakia.", info={"label": "Name (Slovak)"}
    )
    label_cz: Mapped[str | None] = mapped_column(
        Text, comment="Shown to colleagues and families in Czechia.", info={"label": "Name (Czech)"}
    )
    label_hu: Mapped[str | None] = mapped_column(
        Text, comment="Shown to colleagues and families in Hungary.", info={"label": "Name (Hungarian)"}
    )
    label_ro: Mapped[str | None] = mapped_column(
        Text, comment="Shown to colleagues and families in Romania.", info={"label": "Name (Romanian)"}
    )
    label_it: Mapped[str | None] = mapped_column(
        Text, comment="Shown to colleagues and families in Italy.", info={"label": "Name (Italian)"}
    )
    label_de: Mapped[str | None] = mapped_column(
        Text, comment="Shown to colleagues and families in Germany.", info={"label": "Name (German)"}
    )
    label_us: Mapped[str | None] = mapped_column(
        Text, comment="Shown to colleagues and families in the USA.", info={"label": "Name (English)"}
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Which contracts belong in this category.")
    sort_order: Mapped[int] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Place in lists; the smallest number comes first.",
        info={"label": "Position"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the category was entered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the category was last edited, UTC.")

    contract_category_default_templates: Mapped[list[ContractCategoryDefaultTemplate]] = relationship(
        foreign_keys="ContractCategoryDefaultTemplate.category_id",
        back_populates="category",
        passive_deletes="all",
    )
    contract_template_versions: Mapped[list[ContractTemplateVersion]] = relationship(
        foreign_keys="ContractTemplateVersion.category_id", back_populates="category", passive_deletes="all"
    )


class ContractTemplate(Base):
    """The wording of a contract for one country and language, with places for data."""

    __tablename__ = "contract_templates"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "The wording of a contract for one country and language, with places for data.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Contract template",
                "many": "Contract templates",
                "icon": "file-text",
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Name colleagues choose when making a contract.")
    description: Mapped[str | None] = mapped_column(Text, comment="When this template should be used.")
    country_code: Mapped[Country] = mapped_column(
        Choice(Country, 2), comment="Country whose contracts use this wording.", info={"label": "Country"}
    )
    language_code: Mapped[str] = mapped_column(
        String(5), comment="Language of the text, e.g. sk, cs or de.", info={"label": "Language"}
    )
    category: Mapped[str] = mapped_column(
        String(50),
        default="general",
        server_default="general",
        comment="Code of the contract category, e.g. general.",
    )
    status: Mapped[ContractTemplateStatus] = mapped_column(
        Choice(ContractTemplateStatus, 20),
        default=ContractTemplateStatus.draft,
        server_default="draft",
        comment="Only published templates can be used for new contracts.",
    )
    content_html: Mapped[str | None] = mapped_column(
        Text,
        comment="Wording with variables in double braces, e.g. {{customer.fullName}}.",
        info={"label": "Contract text"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the template was entered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the template was last edited, UTC.")

    contract_category_default_templates: Mapped[list[ContractCategoryDefaultTemplate]] = relationship(
        foreign_keys="ContractCategoryDefaultTemplate.template_id",
        back_populates="template",
        passive_deletes="all",
    )
    contract_instances: Mapped[list[ContractInstance]] = relationship(
        foreign_keys="ContractInstance.template_id", back_populates="template", passive_deletes="all"
    )


class ContractCategoryDefaultTemplate(Base):
    """The document used for a contract category in one country, and how its conversion went."""

    __tablename__ = "contract_category_default_templates"
    __table_args__ = (
        Index(None, "category_id"),
        Index(None, "template_id"),
        Index(None, "created_by"),
        Index(None, "created_at", "id"),
        {
            "comment": "The document used for a contract category in one country, and how its conversion went.",
            "info": {
                "country": Own("country_code"),
                "one": "Default contract template",
                "many": "Default contract templates",
                "icon": "file-check",
            },
        },
    )

    id: Mapped[SerialKey]
    category_id: Mapped[int] = mapped_column(
        ForeignKey("contract_categories.id"), comment="Kind of contract this document is the default for."
    )
    country_code: Mapped[Country] = mapped_column(
        Choice(Country, 2), comment="Country in which this default applies.", info={"label": "Country"}
    )
    template_type: Mapped[ContractCategoryDefaultTemplateTemplateType] = mapped_column(
        Choice(ContractCategoryDefaultTemplateTemplateType, 20),
        default=ContractCategoryDefaultTemplateTemplateType.pdf_form,
        server_default="pdf_form",
        comment="Fillable PDF or Word file; decides how data are filled in.",
        info={"label": "Document type"},
    )
    template_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("contract_templates.id"),
        comment="Template that contracts made from this document refer to.",
        info={"label": "Contract template"},
    )
    source_pdf_path: Mapped[str | None] = mapped_column(
        Text, comment="Uploaded PDF whose form fields are filled with data.", info={"label": "PDF form file"}
    )
    source_docx_path: Mapped[str | None] = mapped_column(
        Text, comment="Word document in use, with variables inserted.", info={"label": "Word file"}
    )
    original_docx_path: Mapped[str | None] = mapped_column(
        Text,
        comment="Untouched copy of the upload, kept for going back.",
        info={"label": "Original Word file"},
    )
    preview_pdf_path: Mapped[str | None] = mapped_column(
        Text, comment="PDF made to see how the document looks.", info={"label": "Preview file"}
    )
    extracted_fields: Mapped[str | None] = mapped_column(
        JsonText,
        comment="JSON list of field names discovered in the document.",
        info={"label": "Fields found"},
    )
    placeholder_mappings: Mapped[str | None] = mapped_column(
        JsonText,
        comment="JSON object pairing each document field with a variable.",
        info={"label": "Field mapping"},
    )
    html_content: Mapped[str | None] = mapped_column(
        Text, comment="The document's text after conversion to a web page.", info={"label": "Converted text"}
    )
    conversion_status: Mapped[ContractCategoryDefaultTemplateConversionStatus] = mapped_column(
        Choice(ContractCategoryDefaultTemplateConversionStatus, 20),
        default=ContractCategoryDefaultTemplateConversionStatus.pending,
        server_default="pending",
        comment="Progress of reading the uploaded file; failed ones can be retried.",
    )
    conversion_error: Mapped[str | None] = mapped_column(Text, comment="What went wrong when the file was read.")
    conversion_metadata: Mapped[str | None] = mapped_column(
        JsonText,
        comment="JSON object with technical facts about the conversion.",
        info={"label": "Conversion details"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive defaults are not offered for new contracts.",
    )
    created_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who uploaded the document."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the default was entered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the default was last edited, UTC.")

    category: Mapped[ContractCategory] = relationship(
        foreign_keys=[category_id], back_populates="contract_category_default_templates"
    )
    template: Mapped[ContractTemplate | None] = relationship(
        foreign_keys=[template_id], back_populates="contract_category_default_templates"
    )
    created_by_user: Mapped[User | None] = relationship(
        foreign_keys=[created_by], back_populates="contract_category_default_templates"
    )


class ContractTemplateVersion(Base):
    """One saved state of a country's contract document, kept so older contracts stay provable."""

    __tablename__ = "contract_template_versions"
    __table_args__ = (
        Index(None, "created_by"),
        Index(None, "created_at", "id"),
        UniqueConstraint("category_id", "country_code", "version_number"),
        {
            "comment": "One saved state of a country's contract document, kept so older contracts stay provable.",
            "info": {
                "reference": True,
                "country": Own("country_code"),
                "one": "Template version",
                "many": "Template versions",
                "icon": "versions",
                "default_within": (
                    "category_id",
                    "country_code",
                ),
            },
        },
    )

    id: Mapped[SerialKey]
    category_id: Mapped[int] = mapped_column(
        ForeignKey("contract_categories.id"), comment="Kind of contract the version belongs to."
    )
    country_code: Mapped[Country] = mapped_column(
        Choice(Country, 2), comment="Country whose document was saved.", info={"label": "Country"}
    )
    version_number: Mapped[int] = mapped_column(
        Integer,
        default=1,
        server_default=text("1"),
        comment="Counts up from 1 within the category and country.",
        info={"label": "Version"},
    )
    docx_file_path: Mapped[str] = mapped_column(
        Text, comment="Saved Word document of this version.", info={"label": "Word file"}
    )
    html_content: Mapped[str | None] = mapped_column(
        Text, comment="The wording as it stood in this version.", info={"label": "Contract text"}
    )
    change_description: Mapped[str | None] = mapped_column(
        Text, comment="Short note on the difference from the version before.", info={"label": "What changed"}
    )
    created_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who saved the version."
    )
    created_by_name: Mapped[str | None] = mapped_column(
        Text, comment="Name at the time of saving, kept if the account goes.", info={"label": "Author's name"}
    )
    is_default: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="New contracts use it; one per category and country.",
        info={"label": "Default version"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the version was saved, UTC.")

    category: Mapped[ContractCategory] = relationship(
        foreign_keys=[category_id], back_populates="contract_template_versions"
    )
    created_by_user: Mapped[User | None] = relationship(
        foreign_keys=[created_by], back_populates="contract_template_versions"
    )
    contract_instances: Mapped[list[ContractInstance]] = relationship(
        foreign_keys="ContractInstance.template_version_id",
        back_populates="template_version",
        passive_deletes="all",
    )
