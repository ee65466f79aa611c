"""`/live/`: the event stream that tells the pages of a person to ask again."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_login import login_required

from app.core import streams
from app.core.db import current_session
from app.core.viewer import current_viewer

_COME_BACK = "60"  # seconds
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class LiveView(BaseView):
    """`/live/`: names of topics and nothing else; 503 when a page must ask by the clock.

    The database is asked who is logged in, and let go before the stream begins to wait.
    """

    route_base = "/live"
    default_view = "stream"

    @expose("/", methods=["GET"])
    @login_required
    def stream(self) -> Any:
        viewer = current_viewer()
        if viewer.behind or request.method == "HEAD":
            return Response(status=204, headers=_HEADERS)  # through other eyes one does not hear
        current_session.remove()  # what comes now may wait
        try:
            told = streams.hub.open(viewer.user_id)
        except streams.Away:
            return Response(status=503, headers=_HEADERS | {"Retry-After": _COME_BACK})
        return Response(told, mimetype="text/event-stream", headers=_HEADERS)
