"""Settings of gunicorn: `gunicorn -c python:app.core.servers.web "app:create_app()"`.

The supervisor adds the socket it already listens on; elsewhere HOST and PORT
of the environment say where to listen.
"""

import os
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from app.core import streams
from app.core.db import session_factory
from app.core.servers.gate import Gate
from config import STREAM_PLACES, WEB_THREADS


class Worker(ThreadWorker):
    """A web process whose event streams take no place from ordinary requests, and keep no stop waiting."""

    wsgi: Any

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = Gate(self.wsgi, ordinary=WEB_THREADS, streams=STREAM_PLACES)

    def handle_exit(self, sig: int, frame: Any) -> None:
        streams.hub.close()
        super().handle_exit(sig, frame)


bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT') or 8080}"
worker_class = Worker
threads = WEB_THREADS + STREAM_PLACES
workers = int(os.environ.get("WEB_WORKERS") or 2)
preload_app = True  # the screens are built once, not once per process
graceful_timeout = 5  # seconds
timeout = 60
keepalive = 5
limit_request_line = 8_190  # the most it can; `guard` refuses long addresses in our look
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


def worker_exit(server: Any, worker: Any) -> None:
    """However it ends, such as because its parent was killed: the process waits for all its threads."""
    streams.hub.close()
