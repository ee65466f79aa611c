"""What is stored between upload and import, and how a person mapped the same columns the last time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.paths import Private
from app.core.types import Created, Key, Timestamp, Updated

_WHY = "records can be taken from a file that is looked at before"


class ImportFile(Base):
    """A file on its way into a table. An extension: the document knows single records.

    It holds whatever its owner put into it: for him alone, until it is imported, for a day at most.
    """

    __tablename__ = "import_files"
    __table_args__ = (
        Index(None, "user_id", "created_at"),
        Index(None, "expires_at"),
        Index(None, "batch_id"),
        {
            "comment": "A file on its way into a table.",
            "info": {"country": Private(("user_id",)), "extension": _WHY},
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), comment="Whose file it is; nobody else knows of it."
    )
    table_name: Mapped[str] = mapped_column(Text, comment="Table that its rows are for.")
    file_name: Mapped[str] = mapped_column(Text, comment="Name it was uploaded under, without a path.")
    format: Mapped[str] = mapped_column(Text, comment="csv, xlsx or ods, as its content says.")
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, comment="The file itself, to be read again.")
    rows: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, comment="Its rows as JSON lines, compressed.")
    headings: Mapped[list[str]] = mapped_column(JSONB, comment="Headings in the order of the columns, a JSON array.")
    count: Mapped[int] = mapped_column(Integer, comment="Rows below the headings.")
    encoding: Mapped[str] = mapped_column(Text, default="", server_default="", comment="Of a CSV, how it was read.")
    delimiter: Mapped[str] = mapped_column(Text, default="", server_default="", comment="Of a CSV, what parts cells.")
    sheets: Mapped[list[str]] = mapped_column(
        JSONB, default=list, server_default=text("'[]'"), comment="Sheets of a workbook, a JSON array."
    )
    sheet: Mapped[str] = mapped_column(Text, default="", server_default="", comment="The sheet that was read.")
    early: Mapped[bool] = mapped_column(
        default=False, server_default=text("false"), comment="Whether its days are counted from 1904."
    )
    chosen: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="Fields of the columns, key and what to do with known records, a JSON object."
    )
    batch_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("batches.id", ondelete="SET NULL"),
        comment="The batch that imports it, once it was asked for.",
    )
    created_at: Mapped[Created] = mapped_column(comment="When it was uploaded (UTC).")
    expires_at: Mapped[datetime] = mapped_column(Timestamp, comment="After this it is removed (UTC).")


class ImportMapping(Base):
    """How somebody mapped columns with these headings. An extension, as the file itself."""

    __tablename__ = "import_mappings"
    __table_args__ = (
        Index(None, "user_id", "table_name", "headings_hash", unique=True),
        {
            "comment": "How somebody mapped columns with these headings the last time.",
            "info": {"country": Private(("user_id",)), "extension": _WHY},
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), comment="Who mapped them; nobody else knows of it."
    )
    table_name: Mapped[str] = mapped_column(Text, comment="Table that they were mapped to.")
    headings_hash: Mapped[str] = mapped_column(Text, comment="Hash of the set of headings.")
    chosen: Mapped[dict[str, Any]] = mapped_column(
        JSONB, comment="Field by heading, key and what to do with known records, a JSON object."
    )
    updated_at: Mapped[Updated] = mapped_column(comment="When it was chosen last (UTC).")
