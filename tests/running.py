"""The application as its users meet it: gunicorn in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.servers import ports
from config import ROOT, Settings


@contextmanager
def web(settings: Settings, log: Path) -> Iterator[str]:
    """Start the web server, wait until it answers, give its address, stop it."""
    port = ports.any_free()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:app.core.servers.web"]
    command += ["--workers", "1", "--bind", f"127.0.0.1:{port}", "app:create_app()"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=settings.environ(), stdout=output, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(server, address, log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    patience = time.monotonic() + 90  # a machine that runs other tests beside takes its time
    while time.monotonic() < patience:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the web server does not answer: {log.read_text()[-2000:]}")
