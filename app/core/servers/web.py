"""Settings of gunicorn: `gunicorn -c python:app.core.servers.web "app:create_app()"`.

The supervisor adds the socket it already listens on; elsewhere HOST and PORT
of the environment say where to listen.
"""

import os
from typing import Any

from app.core.db import session_factory
from config import WEB_THREADS

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT') or 8080}"
worker_class = "gthread"
threads = WEB_THREADS
workers = int(os.environ.get("WEB_WORKERS") or 2)
preload_app = True  # the screens are built once, not once per process
graceful_timeout = 5  # seconds; an open event stream would hold a restart until then
timeout = 60
keepalive = 5
control_socket_disable = True
errorlog = "-"
proc_name = "indexus-web"


def post_fork(server: Any, worker: Any) -> None:
    """Forget connections opened before the fork: two processes must not share one.

    They are only forgotten, not closed, because the parent still owns them.
    """
    engine = session_factory.kw.get("bind")
    engines = {id(engine): engine} if engine is not None else {}
    extension = getattr(server.app.wsgi(), "extensions", {}).get("sqlalchemy")
    if extension is not None and hasattr(extension, "engines"):
        with server.app.wsgi().app_context():
            engines |= {id(found): found for found in extension.engines.values()}
    for found in engines.values():
        found.dispose(close=False)
