"""Tables: how somebody wants a list."""

from __future__ import annotations

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.paths import Owner
from app.core.types import Key


class ListPreference(Base):
    """The columns, the order and the size of a page that somebody chose for a list.

    An extension: the document knows saved searches, but not how somebody wants a list without one. Columns are kept by
    name; one that is gone or hidden by now is passed over when the list is drawn.
    """

    __tablename__ = "list_preferences"
    __table_args__ = (
        UniqueConstraint("user_id", "module", name="uq_list_preferences_user_id_module"),
        CheckConstraint("page_size BETWEEN 1 AND 100", name="page_size"),
        {
            "comment": "The columns, the order and the size of a page that somebody chose for a list.",
            "info": {
                "audit": False,
                "country": Owner(("user_id",)),
                "extension": "how somebody wants a list is kept for all of his browsers",
            },
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), comment="Whose wish it is."
    )
    module: Mapped[str] = mapped_column(Text, comment="The list, by the name of its table.")
    columns: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        default=list,
        server_default=text("'{}'"),
        comment="Chosen columns in their order; none for all usual ones.",
    )
    sort: Mapped[str] = mapped_column(
        Text, default="", server_default=text("''"), comment="Column of the order, with a minus for the highest first."
    )
    page_size: Mapped[int | None] = mapped_column(Integer, comment="Rows on a page.")
