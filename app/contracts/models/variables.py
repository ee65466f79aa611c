"""Tables: variable blocks, variables, variable keywords."""

from __future__ import annotations

import enum

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import GLOBAL
from app.core.types import Choice, Created, Key, Updated


class VariableDataType(enum.StrEnum):
    text = "text"
    date = "date"
    number = "number"
    boolean = "boolean"
    email = "email"
    phone = "phone"
    address = "address"
    iban = "iban"
    __labels__ = {"boolean": "Yes or no", "email": "E-mail", "iban": "IBAN"}


class VariableBlock(Base):
    """A group of variables that contract texts can use, such as those about the customer."""

    __tablename__ = "variable_blocks"
    __table_args__ = (
        Index(None, "created_at", "id"),
        {
            "comment": "A group of variables that contract texts can use, such as those about the customer.",
            "info": {
                "reference": True,
                "country": GLOBAL,
                "one": "Variable block",
                "many": "Variable blocks",
                "icon": "braces",
            },
        },
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(
        String(50), unique=True, comment="Unique short code, the first part of its variables, e.g. customer."
    )
    display_name: Mapped[str] = mapped_column(
        Text, comment="Heading of the group for Slovak colleagues.", info={"label": "Name (Slovak)"}
    )
    display_name_en: Mapped[str | None] = mapped_column(
        Text, comment="Heading of the group in all other languages.", info={"label": "Name (English)"}
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Which data the group's variables bring in.")
    icon: Mapped[str | None] = mapped_column(String(50), comment="Name of a Lucide icon shown beside the group.")
    priority: Mapped[int | None] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Orders the groups when choosing a variable.",
        info={"label": "Position"},
    )
    is_active: Mapped[bool | None] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Variables of inactive groups are not offered in templates.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When the block was entered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the block was last edited, UTC.")

    variables: Mapped[list[Variable]] = relationship(
        foreign_keys="Variable.block_id", back_populates="block", passive_deletes="all"
    )
    variable_keywords: Mapped[list[VariableKeyword]] = relationship(
        foreign_keys="VariableKeyword.block_id", back_populates="block", passive_deletes="all"
    )


class Variable(Base):
    """A place in a contract text that is filled with data."""

    __tablename__ = "variables"
    __table_args__ = (
        Index(None, "created_at", "id"),
        UniqueConstraint("block_id", "key"),
        {
            "comment": "A place in a contract text that is filled with data.",
            "info": {"country": GLOBAL, "one": "Variable", "many": "Variables", "icon": "variable"},
        },
    )

    id: Mapped[Key]
    block_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("variable_blocks.id"),
        comment="Group the variable is listed under.",
        info={"label": "Variable block"},
    )
    key: Mapped[str] = mapped_column(
        String(100), comment="Written in templates between double braces, e.g. customer.fullName."
    )
    label: Mapped[str] = mapped_column(
        Text, comment="Name of the variable for Slovak colleagues.", info={"label": "Name (Slovak)"}
    )
    label_en: Mapped[str | None] = mapped_column(
        Text, comment="Name of the variable in all other languages.", info={"label": "Name (English)"}
    )
    description: Mapped[str | None] = mapped_column(Text, comment="What the variable brings into the text.")
    data_type: Mapped[VariableDataType] = mapped_column(
        Choice(VariableDataType, 20),
        default=VariableDataType.text,
        server_default="text",
        comment="Decides how the value is checked and printed.",
    )
    source_form: Mapped[str | None] = mapped_column(String(100), comment="Form in which the value is entered.")
    example: Mapped[str | None] = mapped_column(Text, comment="Sample value used in previews.")
    is_computed: Mapped[bool | None] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="The value comes from the formula instead of a form.",
        info={"label": "Calculated"},
    )
    compute_expression: Mapped[str | None] = mapped_column(
        Text, comment="How the value is worked out from other variables.", info={"label": "Formula"}
    )
    is_required: Mapped[bool | None] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="A contract cannot be made while this value is missing.",
    )
    is_deprecated: Mapped[bool | None] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Templates using it cannot be published.",
        info={"label": "No longer used"},
    )
    default_value: Mapped[str | None] = mapped_column(Text, comment="Printed when no value has been entered.")
    priority: Mapped[int | None] = mapped_column(
        Integer,
        default=0,
        server_default=text("0"),
        comment="Orders the variables within their group.",
        info={"label": "Position"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the variable was entered, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the variable was last edited, UTC.")

    block: Mapped[VariableBlock] = relationship(foreign_keys=[block_id], back_populates="variables")


class VariableKeyword(Base):
    """A word in a document that hints which block of variables belongs there."""

    __tablename__ = "variable_keywords"
    __table_args__ = (
        Index(None, "block_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A word in a document that hints which block of variables belongs there.",
            "info": {"country": GLOBAL, "one": "Variable keyword", "many": "Variable keywords", "icon": "tag"},
        },
    )

    id: Mapped[Key]
    block_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("variable_blocks.id"),
        comment="Group suggested when the word is found.",
        info={"label": "Variable block"},
    )
    keyword: Mapped[str] = mapped_column(String(100), comment="Word or phrase looked for in the document.")
    locale: Mapped[str] = mapped_column(
        String(5),
        default="sk",
        server_default="sk",
        comment="Language of the word, e.g. sk or hu.",
        info={"label": "Language"},
    )
    weight: Mapped[int | None] = mapped_column(
        Integer,
        default=1,
        server_default=text("1"),
        comment="The greater the number, the stronger the suggestion.",
    )
    is_exact: Mapped[bool | None] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Only the whole, identical word counts.",
        info={"label": "Exact match"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the keyword was entered, UTC.")

    block: Mapped[VariableBlock] = relationship(foreign_keys=[block_id], back_populates="variable_keywords")
