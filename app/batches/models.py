"""What is stored of a batch: who asked for it, what it does, and what its rows were before."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.paths import Private
from app.core.types import Choice, Created, Key, Timestamp

_WHY = "many changes are looked at before, done together and taken back together"


class BatchKind(enum.StrEnum):
    bulk = "bulk"  # rows of a list
    imported = "import"  # rows of a file


class BatchState(enum.StrEnum):
    examining = "examining"  # its rows are being found; nothing has happened
    prepared = "prepared"  # can be looked at; nothing has happened
    waiting = "waiting"  # asked for
    running = "running"
    done = "done"
    failed = "failed"  # nothing was changed
    cancelled = "cancelled"  # nothing was changed
    undoing = "undoing"
    undone = "undone"


class RowAction(enum.StrEnum):
    """What is to be done with a row, and after the batch what was done."""

    created = "created"
    changed = "changed"
    deactivated = "deactivated"
    deleted = "deleted"
    same = "same"  # nothing to do
    refused = "refused"  # left out when the batch was prepared; `note` says why
    wrong = "wrong"  # cannot be taken; before anything is done it is corrected, or left out


class Batch(Base):
    """Many changes of one table. An extension: the document knows single records.

    `todo` is the change that all rows share, as `app.batches.changes` writes it; rows of a file have their own values.
    """

    __tablename__ = "batches"
    __table_args__ = (
        Index(None, "user_id", "created_at"),
        Index("ix_batches_open", "created_at", postgresql_where=text("state IN ('prepared', 'waiting', 'running')")),
        Index("ix_batches_undo", "undo_until", postgresql_where=text("undo_until IS NOT NULL")),
        {
            "comment": "Many changes of one table that are done together.",
            "info": {"country": Private(("user_id",)), "extension": _WHY},
        },
    )

    id: Mapped[Key]
    kind: Mapped[BatchKind] = mapped_column(Choice(BatchKind), comment="From a list or from a file.")
    table_name: Mapped[str] = mapped_column(Text, comment="Table whose records change.")
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), comment="Who asked for it; with whose rights it is done."
    )
    state: Mapped[BatchState] = mapped_column(
        Choice(BatchState), default=BatchState.prepared, server_default="prepared", comment="How far it is."
    )
    todo: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'"), comment="What is to be done with every row, a JSON object."
    )
    counts: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'"), comment="How many rows were created, changed and so on."
    )
    total: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"), comment="Rows of the batch.")
    progress: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0"), comment="Rows that are through, while it runs."
    )
    error: Mapped[str | None] = mapped_column(Text, comment="Why nothing was changed, as a sentence for its owner.")
    created_at: Mapped[Created] = mapped_column(comment="When it was prepared (UTC).")
    started_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When its work began (UTC).")
    finished_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When its work ended (UTC).")
    undone_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it was taken back (UTC).")
    undo_until: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="Until then it can be taken back; afterwards its rows are removed (UTC)."
    )


class BatchRow(Base):
    """One row of a batch. An extension, as the batch itself.

    Holds what the record was before: personal data, for the owner of the batch alone, and for a day.
    """

    __tablename__ = "batch_rows"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        Index(None, "batch_id", "number", unique=True),
        Index(None, "user_id"),
        {
            "comment": "One record of a batch, with what it was before.",
            "info": {"country": Private(("user_id",)), "extension": _WHY},
        },
    )

    id: Mapped[Key]
    batch_id: Mapped[str] = mapped_column(
        String, ForeignKey("batches.id", ondelete="CASCADE"), comment="Batch it belongs to."
    )
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), comment="Who asked for the batch."
    )
    number: Mapped[int] = mapped_column(Integer, comment="Place in the batch, from 1; of a file its line.")
    record_id: Mapped[str | None] = mapped_column(Text, comment="Key of the record; empty until it is created.")
    action: Mapped[RowAction] = mapped_column(Choice(RowAction), comment="What is to be done, then what was done.")
    own: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Values of this row alone, a JSON object."
    )
    before: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Values of the changed columns before, a JSON object."
    )
    version_before: Mapped[str | None] = mapped_column(Text, comment="Row version that was looked at.")
    version_after: Mapped[str | None] = mapped_column(Text, comment="Row version that the batch left.")
    note: Mapped[str | None] = mapped_column(Text, comment="Why the row was left out, as a sentence for the owner.")


BATCHES, ROWS = (Base.metadata.tables[model.__tablename__] for model in (Batch, BatchRow))
"""The tables themselves, for what is written without loading rows."""
