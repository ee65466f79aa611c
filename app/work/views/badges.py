"""The numbers in the top bar of every page: unread messages and notifications, in one statement."""

from __future__ import annotations

from typing import Any

from flask import Flask, g

from app.core.db import current_session
from app.core.viewer import current_viewer
from app.work.notifying.bell import Bell, bell_of, has_bell
from app.work.queries import badges
from app.work.queries.chat import MANY
from app.work.views import chat


def install(app: Flask) -> None:
    """Give every page `chat_unread()` and `bell()`; None for who has no chat or no bell."""

    def waiting() -> badges.Waiting:
        viewer = current_viewer()
        kept: tuple[str, badges.Waiting] | None = g.get("waiting")
        if kept is None or kept[0] != viewer.user_id:
            kept = g.waiting = viewer.user_id, badges.waiting(current_session(), viewer)
        return kept[1]

    def chat_unread() -> int | None:
        viewer = current_viewer()
        if g.get("without_frame") or viewer.behind or not chat.reads(viewer):
            return None
        return waiting().messages

    def bell() -> Bell | None:
        if g.get("without_frame") or not has_bell(current_viewer()):
            return None
        return bell_of(waiting().notifications)

    @app.context_processor
    def numbers() -> dict[str, Any]:
        return {"chat_unread": chat_unread, "chat_many": MANY, "bell": bell}
