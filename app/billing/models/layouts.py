"""Tables: invoice templates, invoice layouts."""

from __future__ import annotations

import enum

from sqlalchemy import Boolean, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.paths import Own
from app.core.types import Choice, Country, Created, JsonText, Key, Updated


class InvoiceTemplateTemplateType(enum.StrEnum):
    standard = "standard"
    proforma = "proforma"
    credit_note = "credit_note"
    __labels__ = {"standard": "Invoice", "proforma": "Proforma invoice"}


class InvoiceLayoutOrientation(enum.StrEnum):
    portrait = "portrait"
    landscape = "landscape"


class InvoiceTemplate(Base):
    """The texts and look of invoices for one country, language and kind of document."""

    __tablename__ = "invoice_templates"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "The texts and look of invoices for one country, language and kind of document.",
            "info": {
                "country": Own("country_code"),
                "one": "Invoice template",
                "many": "Invoice templates",
                "icon": "template",
                "default_within": (
                    "country_code",
                    "language_code",
                    "template_type",
                ),
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Internal name of the template.")
    description: Mapped[str | None] = mapped_column(Text, comment="When and for what this template is used.")
    country_code: Mapped[Country] = mapped_column(
        Choice(Country),
        comment="Two-letter code of the country whose invoices use it.",
        info={"label": "Country"},
    )
    language_code: Mapped[str] = mapped_column(
        Text,
        default="en",
        server_default="en",
        comment="Language code of the printed texts, e.g. sk, de.",
        info={"label": "Language"},
    )
    is_default: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Chosen automatically; one per country, language and document type.",
        info={"label": "Default template"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive templates cannot be chosen for new documents.",
    )
    template_type: Mapped[InvoiceTemplateTemplateType] = mapped_column(
        Choice(InvoiceTemplateTemplateType),
        default=InvoiceTemplateTemplateType.standard,
        server_default="standard",
        comment="Kind of document printed with this template.",
        info={"label": "Document type"},
    )
    header_html: Mapped[str | None] = mapped_column(
        Text, comment="Formatted text (HTML) printed at the top of the page.", info={"label": "Header"}
    )
    footer_html: Mapped[str | None] = mapped_column(
        Text, comment="Formatted text (HTML) printed at the bottom of the page.", info={"label": "Footer"}
    )
    logo_path: Mapped[str | None] = mapped_column(
        Text, comment="Picture printed in the header.", info={"label": "Logo"}
    )
    primary_color: Mapped[str | None] = mapped_column(
        Text,
        default="#6B2346",
        server_default="#6B2346",
        comment="Colour as a hex code, e.g. #6B2346.",
        info={"label": "Brand colour"},
    )
    show_vat: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Prints the VAT rates and amounts.",
        info={"label": "VAT shown"},
    )
    show_payment_qr: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Prints a code the customer can scan to pay.",
        info={"label": "Payment QR code shown"},
    )
    payment_instructions: Mapped[str | None] = mapped_column(Text, comment="Text telling the customer how to pay.")
    legal_text: Mapped[str | None] = mapped_column(Text, comment="Statutory wording printed below the items.")
    created_at: Mapped[Created] = mapped_column(comment="When the template was added (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the template (UTC).")


class InvoiceLayout(Base):
    """The page setup and arrangement of printed invoices for one country."""

    __tablename__ = "invoice_layouts"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "The page setup and arrangement of printed invoices for one country.",
            "info": {
                "country": Own("country_code"),
                "one": "Invoice layout",
                "many": "Invoice layouts",
                "icon": "layout",
                "default_within": ("country_code",),
            },
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, comment="Internal name of the layout.")
    country_code: Mapped[Country] = mapped_column(
        Choice(Country),
        comment="Two-letter code of the country whose invoices use it.",
        info={"label": "Country"},
    )
    is_default: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Chosen automatically; only one per country.",
        info={"label": "Default layout"},
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Inactive layouts cannot be chosen for new invoices.",
    )
    layout_config: Mapped[str] = mapped_column(
        JsonText, comment="JSON object describing the blocks on the page.", info={"label": "Arrangement"}
    )
    paper_size: Mapped[str] = mapped_column(
        Text, default="A4", server_default="A4", comment="Name of the paper format, e.g. A4."
    )
    orientation: Mapped[InvoiceLayoutOrientation] = mapped_column(
        Choice(InvoiceLayoutOrientation),
        default=InvoiceLayoutOrientation.portrait,
        server_default="portrait",
        comment="Upright or sideways page.",
    )
    margin_top: Mapped[int | None] = mapped_column(
        Integer,
        default=20,
        server_default=text("20"),
        comment="Empty space at the top, in millimetres.",
        info={"label": "Top margin"},
    )
    margin_bottom: Mapped[int | None] = mapped_column(
        Integer,
        default=20,
        server_default=text("20"),
        comment="Empty space at the bottom, in millimetres.",
        info={"label": "Bottom margin"},
    )
    margin_left: Mapped[int | None] = mapped_column(
        Integer,
        default=15,
        server_default=text("15"),
        comment="Empty space on the left, in millimetres.",
        info={"label": "Left margin"},
    )
    margin_right: Mapped[int | None] = mapped_column(
        Integer,
        default=15,
        server_default=text("15"),
        comment="Empty space on the right, in millimetres.",
        info={"label": "Right margin"},
    )
    font_size: Mapped[int | None] = mapped_column(
        Integer, default=10, server_default=text("10"), comment="Size of normal text, in points."
    )
    font_family: Mapped[str | None] = mapped_column(
        Text,
        default="Arial",
        server_default="Arial",
        comment="Typeface of the printed text, e.g. Arial.",
        info={"label": "Font"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the layout was added (UTC).")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the layout (UTC).")
