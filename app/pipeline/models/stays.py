"""Tables: the stays of deals in stages, one after another."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Through
from app.core.types import Key, Timestamp

if TYPE_CHECKING:
    from app.access.models import User
    from app.pipeline.models.deals import Deal
    from app.pipeline.models.pipelines import PipelineStage


class DealStay(Base):
    """One stay of a deal in a stage. An extension: the document knows where a deal stands, not where it stood.

    The database writes the rows itself when a deal is added or its stage changes, whichever door the change came
    through; nobody else does. A deal has exactly one stay that is not over.
    """

    __tablename__ = "deal_stage_history"
    __table_args__ = (
        Index(None, "deal_id", "entered_at"),
        Index(None, "stage_id", "entered_at"),
        Index(None, "by_user_id"),
        Index("one_running_stay", "deal_id", unique=True, postgresql_where=text("left_at IS NULL")),
        CheckConstraint("left_at >= entered_at", name="ends_after_it_began"),
        {
            "comment": "One stay of a deal in a stage.",
            "info": {
                "country": Through("deal_id"),
                "extension": "time in stage, conversion and what moved when are read from it",
            },
        },
    )

    id: Mapped[Key]
    deal_id: Mapped[str] = mapped_column(
        String, ForeignKey("deals.id", ondelete="CASCADE"), comment="Deal that stood there; removed together with it."
    )
    stage_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("pipeline_stages.id", ondelete="SET NULL"), comment="Stage it stood in, while that exists."
    )
    stage_name: Mapped[str] = mapped_column(
        String(255), comment="Name of the stage when the deal came, also when the stage is gone."
    )
    entered_at: Mapped[datetime] = mapped_column(Timestamp, comment="When the deal came into the stage, UTC.")
    left_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it left the stage, UTC; empty: not yet.")
    by_user_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id", ondelete="SET NULL"), comment="Who put it there."
    )

    deal: Mapped[Deal] = relationship(foreign_keys=[deal_id], viewonly=True)
    stage: Mapped[PipelineStage | None] = relationship(foreign_keys=[stage_id], viewonly=True)
    by_user: Mapped[User | None] = relationship(foreign_keys=[by_user_id], viewonly=True)
