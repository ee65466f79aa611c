"""Processes that are started again when they end on their own."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.core.servers import logs
from app.core.servers.errors import ServerError

DELAYS = (1.0, 2.0, 5.0, 15.0)  # seconds before a new start; the last one repeats
QUICK = 30.0  # seconds; whoever lived longer starts the count anew
QUICK_DEATHS = 5


@dataclass
class Child:
    """One process under watch. `start` starts it and gives it back."""

    name: str  # "web", also the name of its log
    title: str  # "The web server", to begin a sentence
    log: Path
    start: Callable[[], subprocess.Popen[bytes]]
    essential: bool = False  # five quick deaths in a row end the whole run
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0  # quick ones in a row
    started_at: float = field(default=0.0, repr=False)
    due: float | None = field(default=None, repr=False)

    def begin(self) -> None:
        """Start now. Raises what `start` raises."""
        self.due = None
        self.process = self.start()
        self.started_at = time.monotonic()

    def tend(self, say: Callable[[str], None]) -> None:
        """Notice an end, announce and do the next start. Never waits.

        Raises ServerError when an essential child ended five times in a row.
        """
        now = time.monotonic()
        if self.due is not None:
            if now >= self.due:
                self.begin()
            return
        if self.process is None or self.process.poll() is None:
            return
        self.deaths = self.deaths + 1 if now - self.started_at < QUICK else 1
        if self.essential and self.deaths >= QUICK_DEATHS:
            raise ServerError(f"{self.title} ended {self.deaths} times in a row. {logs.ending(self.log, 15)}")
        delay = DELAYS[min(self.deaths, len(DELAYS)) - 1]
        self.due = now + delay
        say(f"{self.title} ended ({self._how()}). It starts again in {delay:.0f} s; see {self.log}.")

    def _how(self) -> str:
        code = self.process.returncode if self.process else 0
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
