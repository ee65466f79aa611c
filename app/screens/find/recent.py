"""What somebody opened last: from the audit trail, read through today's rights. Nothing is kept in the browser."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.viewer import Viewer, visible
from app.screens.find.describing import Told, tell
from app.screens.query import Screens, key_of

LAST = 8
_LOOKED_AT = 200  # entries
LOG = "activity_logs"


def recent(session: Session, screens: Screens, viewer: Viewer) -> list[Told]:
    """The records that this person opened last, the newest first, as far as he may still know of them.

    Nobody is shown what another person looked at, an administrator who looks through that person's eyes neither.
    """
    if not viewer.user_id or viewer.behind:
        return []
    entry = screens[LOG].model
    views = (
        visible(entry, viewer)
        .with_only_columns(entry.entity_type, entry.entity_id, entry.created_at)
        .where(entry.user_id == viewer.user_id, entry.action == "view", entry.entity_id.is_not(None))
        .order_by(entry.created_at.desc(), entry.id.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    newest = func.max(views.c.created_at)
    asked = (
        select(views.c.entity_type, views.c.entity_id)
        .where(views.c.entity_type.in_([table for table, screen in screens.items() if viewer.sees(screen.module)]))
        .group_by(views.c.entity_type, views.c.entity_id)
        .order_by(newest.desc(), views.c.entity_id)
        .limit(3 * LAST)  # some are gone, or not his any more
    )
    keys = [(table, key) for table, key in session.execute(asked, execution_options={"viewer": viewer})]
    told = tell(session, screens, viewer, _by_table(screens, keys), {})
    return [told[pair] for pair in keys if pair in told][:LAST]


def _by_table(screens: Screens, keys: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Keys by table, without those that cannot be one: old entries are as they were written."""
    found: dict[str, list[str]] = {}
    for table, key in keys:
        try:
            key_of(screens[table], key)
        except NotFound:
            continue
        found.setdefault(table, []).append(key)
    return found
