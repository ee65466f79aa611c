"""Tables: what a person chose for the home page, and the tiles on it. Both belong to the person alone."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.paths import Private
from app.core.types import Choice, Created, JsonText, Key, Updated

if TYPE_CHECKING:
    from app.access.models import User  # noqa: F401  # the key names it


class Board(enum.StrEnum):
    management = "management"
    work = "work"


WIDTHS = (3, 4, 6, 12)
"""Columns of twelve that a tile may take."""


class Dashboard(Base):
    """What a person chose for the home page: the board, the period and the countries, and which boards were arranged.

    An extension: the document knows dashboards as pages, not what somebody made of them.
    """

    __tablename__ = "dashboards"
    __table_args__ = (
        UniqueConstraint("user_id"),
        {
            "comment": "What a person chose for the home page.",
            "info": {"country": Private(("user_id",)), "extension": "a choice on the home page is everybody's own"},
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), comment="Whose home page it is."
    )
    board: Mapped[Board] = mapped_column(Choice(Board), comment="The board that was looked at last.")
    asked: Mapped[str] = mapped_column(
        Text, default="", server_default="", comment="Period and countries as they stand in the address."
    )
    arranged: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        default=list,
        server_default=text("'{}'"),
        comment="Boards whose tiles the person has arranged; the others show what fits the role.",
    )
    updated_at: Mapped[Updated] = mapped_column(comment="When the choice was made (UTC).")


class DashboardTile(Base):
    """One tile of a board that somebody arranged: a metric of the catalogue, or a pinned chart of a table.

    An extension: the document knows dashboards as pages, not what somebody made of them.
    """

    __tablename__ = "dashboard_tiles"
    __table_args__ = (
        Index(None, "user_id", "board", "position"),
        CheckConstraint("width IN (3, 4, 6, 12)", name="width_of_the_grid"),
        {
            "comment": "One tile of a board that somebody arranged.",
            "info": {"country": Private(("user_id",)), "extension": "everybody arranges the own home page"},
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), comment="Whose tile it is."
    )
    board: Mapped[Board] = mapped_column(Choice(Board), comment="Board on which the tile stands.")
    position: Mapped[int] = mapped_column(Integer, comment="Place on the board; the smallest number comes first.")
    width: Mapped[int] = mapped_column(Integer, comment="Columns of twelve: 3, 4, 6 or 12.")
    metric: Mapped[str] = mapped_column(Text, comment="Key of the metric, or chart for a pinned one.")
    pinned: Mapped[str | None] = mapped_column(
        JsonText, comment="Of a pinned chart its table, its columns and its filters; a JSON object."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the tile was added (UTC).")
