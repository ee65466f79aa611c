"""One run per data directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.servers.errors import AlreadyRunning


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for this process; the kernel lets go when it ends, even by kill -9.

    Creates the directory. Raises AlreadyRunning, naming the holder's pid.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with open(os.open(data_dir / ".lock", os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = file.read().strip() or "unknown"
            raise AlreadyRunning(f"{data_dir} is in use by another run (process {pid}).") from None
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
